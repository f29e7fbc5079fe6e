//! Locks: which are held where, and what functions of the package do with them.
//!
//! A lock is identified by its [`Place`], `s.mu`. [`Cx::held_at`](crate::Cx::held_at) says which locks are certainly held when an operation of
//! a body is reached. What is left of locks when a function returns is found from its body alone, as far as it unlocks what it locks
//! (`LockEnds`).
//!
//! All else is known of the package as a whole. What each function does by itself, and with which locks held (`LockFacts`), is put
//! together once (`PackageLocks`), so that functions may call each other: what each takes with its callees, what all its callers hold,
//! which lock guards a field, in which orders locks are taken, and who waits for whom. Each function rests on its own part of that.

mod across;
mod again;
mod alone;
mod facts;
mod guards;
mod handed;
mod held;
mod itself;
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
pub use handed::LockedResult;
pub(crate) use held::Caller;
pub use held::{BodyLocks, Held, HeldLocks, LockCall, Mode};
pub use itself::WaitsForItself;
pub use locking::{LockEnds, Locking, Spot, Taken};
pub use order::Inverted;
pub(crate) use package::PackageLocks;
pub use place::{Base, Place};
pub use twice::UnlockedTwice;
pub use waits::{Wait, WaitKind};
