//! Data races: variables that one goroutine writes while another one reads or writes them, with nothing that orders the two.
//!
//! A function is looked at together with the function literals that it starts as goroutines. Each mention of a variable
//! belongs to the function or to one of these goroutines. Two of them are ordered if the goroutine gives a signal after its access
//! (`wg.Done()`, a send, `close`), and the function waits for it before its own, on every path from the start of the goroutine
//! on; or the other way round. They are also ordered by a lock that both may hold. What might be a signal, because it is not
//! known, is taken for one: a function that is given the channel, a name that speaks of waiting.

mod access;
mod atomics;
mod beside;
mod looked;
mod package;
mod scene;
mod sharing;
mod side;
mod signal;
mod stale;
mod words;

use std::rc::Rc;

use gopeer_syntax::Span;
use gopeer_syntax::ast::StmtId;

pub use access::Does;
pub(crate) use atomics::AtomicUse;
pub use atomics::Mixed;
pub use looked::Looked;
pub(crate) use looked::is_receiver;
pub(crate) use package::PackageSharing;
pub(crate) use sharing::SharingFacts;
pub use sharing::{FieldRace, Users};
pub use stale::{Guard, Harmful, Stale};

use crate::{Cx, Step};

/// Two accesses of one variable that nothing orders.
#[derive(Clone, Debug)]
pub struct Race {
    /// The variables, or the fields that are reached by one, in backquotes: `err`, `s.count`.
    pub name: String,
    /// The statement that writes.
    pub stmt: Option<StmtId>,
    /// The write that races: that of the goroutine, unless it only reads.
    pub at: Span,
    /// What is done there.
    pub does: Does,
    /// What the other side does.
    pub other: Does,
    /// Who does both.
    pub between: Between,
    /// The function that starts the goroutines, in words.
    home: String,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Who accesses a variable without order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// The goroutines that one statement starts, one after the other.
    Turns,
    /// Two goroutines.
    Goroutines,
    /// A goroutine, which writes, and the function that started it.
    Spawner,
    /// Requests, which one function literal answers, or two.
    Requests,
    /// Parallel subtests.
    Subtests,
    /// The function that started a goroutine, which writes, and the goroutine, which reads.
    Reader,
}

impl Race {
    /// Whether one side uses a function of `sync/atomic`, and the other does not.
    pub fn is_mixed(&self) -> bool {
        self.does.is_atomic() || self.other.is_atomic()
    }

    /// Whether what races is the inside of a map, or the elements that are appended to a slice.
    pub fn is_of_collection(&self) -> bool {
        self.does.is_of_collection() || self.other.is_of_collection()
    }

    /// What it is, in a sentence.
    pub fn message(&self) -> String {
        let Race { name, home, .. } = self;
        let (write, writes) = (self.does.change_of(name, true), self.does.change_of(name, false));
        match self.between {
            Between::Turns if !self.other.is_write() => {
                format!("a goroutine started in a loop {writes} while another one of them uses it")
            }
            Between::Turns => format!("goroutines started in a loop {write} at the same time"),
            Between::Goroutines => format!("this goroutine {writes} while another one uses it"),
            Between::Requests => format!("requests that are answered at the same time {write}"),
            Between::Subtests => format!("parallel subtests {write} at the same time"),
            Between::Spawner => format!("the goroutine {writes} while {home} uses it"),
            Between::Reader => format!("{home} {writes} while the goroutine uses it"),
        }
    }
}

impl Cx<'_> {
    /// The races of the piece: at most one a variable.
    pub fn races(&self) -> Rc<[Race]> {
        let found = || {
            let roots = self.tree.roots().iter();
            roots.flat_map(|&decl| self.spawning(decl)).flat_map(|home| scene::races(self, home)).collect()
        };
        Rc::clone(self.asked.races.get_or_init(found))
    }
}
