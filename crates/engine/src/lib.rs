//! Sessions of files in, reviews by persona out.
//!
//! [`Session`] holds files and answers [`protocol::Ask`]s. Underneath: `document` keeps each file's pieces and
//! their cached trees and findings, `run` brings them up to date, `persona` ranks and words, `report` writes formats.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

pub mod change;
pub mod config;
#[cfg(feature = "embedded")]
mod deprecation;
mod document;
mod fold;
#[cfg(feature = "docs")]
pub mod guide;
mod import_edits;
mod inspect;
pub mod intake;
mod known;
#[cfg(feature = "embedded")]
mod library;
mod module;
pub mod persona;
mod place;
pub mod protocol;
pub mod questions;
pub mod remarks;
pub mod report;
mod review;
#[cfg(feature = "docs")]
mod rule_info;
mod run;
mod session;
mod signature;
mod team;

pub use document::is_reviewed;
pub use gopeer_api::manifest;
pub use gopeer_lint::Build;
pub use gopeer_rules::{build, go_minor, module_path};
pub use gopeer_syntax::{Progress, outline};
#[cfg(feature = "embedded")]
pub use library::{Outlines, PackageFiles, Sources};
pub use module::ModuleFolder;
pub use persona::Persona;
pub use review::{merge, retain};
#[cfg(feature = "docs")]
pub use rule_info::{add_fixed, rule_infos};
pub use session::{MAX_FILE_BYTES, MAX_SESSION_BYTES, Refusal, Session};

/// Version of engine and rules.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
