//! What names mean: imports, scopes, resolution (Go spec, "Declarations and scope").
//!
//! [`FileScope`] knows a file's imports, [`PackageScope`] the package-level names of all its files, and
//! [`Names`] says for each identifier of one tree what it refers to. What cannot be known is `Def::Unknown`.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod imports;
mod names;
mod package;
mod resolve;
mod universe;

pub use imports::{FileScope, Import};
pub use names::{Def, Names, Qualified};
pub use package::{ObjectKind, PackageScope};
