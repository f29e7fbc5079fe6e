//! Control flow: what runs after what in a function body, and which paths there are.
//!
//! A [`Body`] is the flat program of one function, closure or fragment: operations in evaluation order, in blocks that are
//! joined by edges which say when they are taken. An operation is named by the expression it belongs to, so types, constants
//! and spans come from the tables that are there. [`Dominators`] say what always runs before (or after) what, and
//! [`Body::way_out`] finds the shortest path that leaves a body without meeting an operation.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod body;
mod dominators;
mod known;
mod live;
mod lower;
mod origins;
mod path;
mod print;
mod shared;
mod state;
mod unread;
mod uses;
mod value;
mod walk;

pub use body::{Block, BlockId, Body, Edge, Ending, Op, OpKind, When};
pub use dominators::Dominators;
pub use live::Live;
pub use lower::{End, Input};
pub use origins::{Before, Origin};
pub use path::{Path, Point};
pub use shared::{Shared, is_deferred};
pub use state::State;
pub use uses::Use;
pub use value::{Root, Symbol, Val, Values};
pub use walk::{Calls, Found, Ground, Next, Watch};
