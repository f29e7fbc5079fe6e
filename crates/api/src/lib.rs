//! What is known of Go packages without their source: import paths, names, types, constants and facts.
//!
//! An [`Index`] holds [`Module`]s, each read from one file that the Go program in `gen` wrote. Everything else is a view
//! into a module. Types of other packages are by import path and name; whoever needs more looks them up in the index, and
//! what is not there is not known.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod decode;
#[cfg(feature = "embedded")]
pub mod embedded;
mod facts;
mod format;
pub mod manifest;
mod module;
mod package;
mod packages;
pub mod text;
mod types;
pub mod write;

pub use facts::Facts;
pub use module::{Damaged, Index, Module, TypeRef};
pub use package::{Const, Func, Method, Names, Object, ObjectKind, Package, TypeDecl, TypeParam, TypeParams};
pub use packages::{implied_path, package_name};
pub use types::{Basic, ChanDir, Field, Hidden, Interface, Named, Signature, Struct, Type, Union};
