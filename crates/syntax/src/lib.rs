//! Go text to a typed syntax tree: the cut into pieces, the parse, the lowering.
//!
//! The only crate that names tree-sitter. [`cut`] divides a file into top-level pieces, [`Parser::parse`] turns one
//! piece into a [`Tree`]. Nothing here knows of files, names or types.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

pub mod ast;
mod comments;
mod constraint;
mod errors;
mod heads;
mod highlight;
mod line_index;
mod lower;
mod mend;
mod outline;
mod parse;
mod progress;
mod rescue;
mod scan;
mod span;
mod split;

pub use ast::Tree;
pub use comments::Comment;
pub use constraint::{GO_MINOR, go_line, is_built, is_script};
pub use errors::{SyntaxError, UNSEEN};
pub use heads::{Head, HeadKind, heads};
pub use highlight::{Token, TokenClass, tokens};
pub use line_index::{LineIndex, Position};
pub use outline::outline;
pub use parse::{MAX_PIECE, Parser};
pub use progress::Progress;
pub use scan::brackets;
pub use span::Span;
pub use split::{Piece, cut};
