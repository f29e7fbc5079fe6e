//! What a rule is, what it may see, what it says, and how rules are run over trees.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod around;
mod asked;
mod channels;
mod comments;
pub mod concern;
mod config;
mod cx;
mod dispatch;
pub mod doc;
mod effects;
mod ends;
mod file;
mod finding;
mod flow;
mod lengths;
mod lifetime;
mod literal;
mod locks;
mod nil;
mod objects;
mod paired;
pub mod prelude;
mod purpose;
mod races;
mod resource;
mod room;
mod rule;
mod shadowing;
mod spawn;
mod summary;
pub mod suppress;
mod taint;
mod types;
mod values;
mod words;

pub use around::Func;
pub use asked::{Lookup, Wanted};
pub use channels::{
    Abandoned, Act, Amount, Blocked, Capacity, Channel, ChannelUse, ClosedEarly, ClosedTwice, FieldAct, FieldUse, Jam,
    Lane, LostBatch, MadeChannel, Misused, Operation, Pool, Spin, Started, Stuck, WaitBeforeDrain, Why, Wrong,
};
pub use concern::Concern;
pub use config::{Assigned, Config, Setting};
pub use cx::Cx;
pub use dispatch::{Dispatch, Errors, PieceResult};
pub use effects::{Done, EachTurn, Early, Effects, Inside, Message, Reply, Retry, Skipped, TRANSACTIONS, Unsettled};
pub use file::{
    Build, CompanionCx, CompanionKind, FileCx, FileInfo, PackageView, PieceView, ProjectNames, is_of_module,
};
pub use finding::{Edit, Finding, Fix, Report, Step, StepPlace};
pub use flow::{Followed, Start, ask, printed};
pub use gopeer_flow::{
    End, Ending, Found, Next, Op, OpKind, Path, Point, Root, State, Symbol, Use, Val, Values, Watch, When,
};
pub use lengths::{Length, Missing};
pub use lifetime::Endless;
pub use locks::{
    Across, Again, Base, BodyLocks, HandedOut, Held, HeldLocks, Inverted, LockCall, LockEnds, Locking, Mode, Partner,
    Place, Spot, Taken, Unguarded, UnlockedTwice, Wait, WaitKind, WaitsForItself,
};
pub use nil::{Harm, Nil, NilUse, Origin, Reassigned};
pub use objects::{Call, Object};
pub use paired::{Pair, Unpaired};
pub use purpose::{Caller, Purpose};
pub use races::{Between, Does, FieldRace, Guard, Harmful, Mixed, Race, Stale, Users};
pub use resource::{Leak, Release, Resource};
pub use room::Room;
pub use rule::{Confidence, FixKind, Hook, Rule, Scope, Severity};
pub use shadowing::Shadowing;
pub use spawn::Spawn;
pub use summary::{Answer, Answers, FuncName, Functions, Question, func_name};
pub use taint::{Kinds, Taint, TaintFlow, TaintFrom, TaintPart};
pub use values::LocalType;
pub use words::words;
