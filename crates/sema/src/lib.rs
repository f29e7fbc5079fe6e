//! What names mean: imports, scopes, resolution, types and constants (Go spec, "Declarations and scope", "Types").
//!
//! [`FileScope`] knows a file's imports, [`PackageScope`] the package-level names of all its files, [`Names`] says for
//! each identifier of one tree what it refers to, and [`Facts`] what each expression's type and value is. What cannot be
//! known is `Unknown`.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod check;
mod checked;
mod errors;
mod facts;
mod file_scope;
mod importer;
mod known;
mod members;
mod names;
mod package;
mod resolve;
mod sibling;
pub mod types;
mod universe;
pub mod value;

pub use check::{Builtin, Mode, Piece, Source, SourceFile, receiver_base};
pub use checked::Checked;
pub use errors::{ErrorCode, TypeError};
/// The package that a fragment's qualifier stands for, where only one is meant.
pub use gopeer_api::implied_path;

pub use facts::{Facts, Local, LocalKind, Selection, SelectionKind};
pub use file_scope::{FileScope, Import, has_host};
pub use importer::{Imported, Importer, Outline, OutlineFile, OutlinePiece, ParsePiece};
pub use known::{CallFacts, Known};
pub use members::Member;
pub use names::{Def, Names};
pub use package::{ObjectKind, PackageScope};
pub use universe::{Predeclared, predeclared};
