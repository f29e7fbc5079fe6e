//! Locks: which are held where, and what functions of the package do with them.
//!
//! A lock is told by its [`Place`], `s.mu`. [`Cx::held_at`] says which locks are certainly held when an operation of a body is
//! reached ([`Cx::body_locks`] has all operations). What a call of a function of the package locks, unlocks and leaves locked is
//! its [`Locking`], in terms of its receiver, its parameters and variables of the package.

mod across;
mod again;
mod facts;
mod guards;
mod held;
mod locking;
mod order;
mod package;
mod place;
mod twice;
mod waits;

pub use across::{Across, Partner};
pub use again::Again;
pub(crate) use facts::LockFacts;
pub use guards::{HandedOut, Unguarded};
pub(crate) use held::Caller;
pub use held::{BodyLocks, Held, HeldLocks, LockCall, Mode};
pub use locking::{LockEnds, Locking, Spot, Taken};
pub use order::Inverted;
pub(crate) use package::PackageLocks;
pub use place::{Base, Place};
pub use twice::UnlockedTwice;
pub use waits::{Wait, WaitKind};
