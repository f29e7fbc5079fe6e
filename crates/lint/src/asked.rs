//! Questions that are worked out once a piece, so that a rule may ask them at each node.
//!
//! What a rule does at a node costs at most what stands at that node, or a function of a thousand statements costs a
//! thousand times a thousand. What it wants to know of the whole function it asks here. A question is a function without
//! captures, so the answer rests on the node alone.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use gopeer_flow::Shared;
use gopeer_syntax::ast::{Expr, ExprId, Node};
use rustc_hash::FxHashMap;

use crate::Cx;
use crate::effects::Effects;
use crate::flow::Followed;
use crate::locks::{BodyLocks, Caller};
use crate::races::Race;
use crate::summary::{Answer, Question};
use crate::taint::{Events, Sink, Taints};

/// Whether a node is one of those that are looked for.
pub type Wanted = fn(&Cx, Node) -> bool;
/// What is looked up for a node: another node, or nothing.
pub type Lookup = fn(&Cx, Node) -> Option<Node>;

/// A question, by its address, and the node it is asked of.
type Key = (usize, Node);
type Answers<K, V> = RefCell<FxHashMap<K, V>>;

/// The answers for one piece.
#[derive(Default)]
pub(crate) struct Asked {
    /// By whether function literals are entered, too.
    within: Answers<(Key, bool), Rc<[Node]>>,
    around: Answers<Key, Option<Node>>,
    once: Answers<Key, Option<Node>>,
    /// The bodies of functions, as far as somebody follows their flow.
    pub(crate) bodies: RefCell<FxHashMap<Node, Option<Rc<Followed>>>>,
    /// What was asked about other functions of the package.
    pub(crate) questions: RefCell<FxHashMap<Question, Answer>>,
    /// What closures do with the variables around them.
    pub(crate) shared: OnceCell<Shared>,
    /// The locks that are held in the bodies of functions.
    pub(crate) locks: RefCell<FxHashMap<Node, Option<Rc<BodyLocks>>>>,
    /// How many of these are being looked at, each for the one before.
    pub(crate) locks_open: Cell<u32>,
    /// What goroutines do with variables at the same time.
    pub(crate) races: OnceCell<Rc<[Race]>>,
    /// The operations of functions that hang on a parameter.
    pub(crate) optional: RefCell<FxHashMap<Node, Rc<HashSet<ExprId>>>>,
    /// What calls do outside of the process.
    pub(crate) effects: RefCell<FxHashMap<ExprId, Effects>>,
    /// What is left to spend on traces of input from outside, once there was one.
    pub(crate) fuel: Cell<Option<u32>>,
    /// What gives variables their values, by body and variable.
    pub(crate) given: RefCell<FxHashMap<(Node, ExprId), Rc<Events>>>,
    /// Who calls function literals.
    pub(crate) callers: RefCell<FxHashMap<ExprId, Caller>>,
    /// The values that can do harm if they come from outside.
    pub(crate) sinks: OnceCell<Rc<[Sink]>>,
    /// What input from outside reaches.
    pub(crate) taints: OnceCell<Rc<Taints>>,
    /// Where the lines of the piece begin.
    lines: OnceCell<Vec<u32>>,
}

impl Asked {
    /// The functions that could not be followed to the end.
    pub(crate) fn unfollowed(&self) -> Vec<Node> {
        let bodies = self.bodies.borrow();
        let is_spent = |followed: &Option<Rc<Followed>>| followed.as_ref().is_some_and(|followed| followed.is_spent());
        bodies.iter().filter(|(_, followed)| is_spent(followed)).map(|(node, _)| *node).collect()
    }

    /// Gives bodies and traces their full allowance again.
    pub(crate) fn refuel(&self) {
        self.fuel.set(None);
        self.bodies.borrow().values().flatten().for_each(|followed| followed.refuel());
    }

    fn lines(&self, text: &str) -> &[u32] {
        let after = || std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at as u32 + 1)).collect();
        self.lines.get_or_init(after)
    }
}

/// Lines. A search for the break would read a long line again for each node on it.
impl Cx<'_> {
    /// Where the line of an offset begins.
    pub(crate) fn line_start(&self, offset: usize) -> usize {
        let lines = self.asked.lines(self.tree.text());
        let line = lines.partition_point(|&start| start as usize <= offset).saturating_sub(1);
        lines.get(line).map_or(0, |&start| start as usize)
    }

    /// Where the line of an offset ends, before its line break; none in the last line, which has none.
    pub(crate) fn line_end(&self, offset: usize) -> Option<usize> {
        let lines = self.asked.lines(self.tree.text());
        let next = lines.get(lines.partition_point(|&start| start as usize <= offset))?;
        Some(*next as usize - 1)
    }
}

impl Cx<'_> {
    /// The nodes of a subtree that are `wanted`, in source order; `enter_literals` false keeps out of function literals.
    pub fn within(&self, root: impl Into<Node>, enter_literals: bool, wanted: Wanted) -> Rc<[Node]> {
        let root = root.into();
        let key = ((wanted as usize, root), enter_literals);
        if let Some(known) = self.asked.within.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut found = Vec::new();
        self.any(root, enter_literals, |node| {
            if wanted(self, node) {
                found.push(node);
            }
            false
        });
        let found: Rc<[Node]> = found.into();
        self.asked.within.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    /// The calls of a subtree, in source order; `enter_literals` false keeps out of function literals.
    pub fn calls_within(&self, root: impl Into<Node>, enter_literals: bool) -> Rc<[Node]> {
        let is_call: Wanted = |cx, node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Call { .. }));
        self.within(root, enter_literals, is_call)
    }

    /// The nearest ancestor of a node that is `wanted`. Ancestors may be many: each `else if` stands inside the one before.
    pub fn around(&self, node: impl Into<Node>, wanted: Wanted) -> Option<Node> {
        let mut passed = Vec::new();
        let mut found = None;
        for ancestor in self.tree.ancestors(node) {
            if wanted(self, ancestor) {
                found = Some(ancestor);
                break;
            }
            if !keeps_answers(ancestor) {
                continue;
            }
            let key = (wanted as usize, ancestor);
            if let Some(&known) = self.asked.around.borrow().get(&key) {
                found = known;
                break;
            }
            passed.push(key);
        }
        let mut around = self.asked.around.borrow_mut();
        passed.into_iter().for_each(|key| {
            around.insert(key, found);
        });
        found
    }

    /// What `lookup` gives for a node.
    pub fn once(&self, node: impl Into<Node>, lookup: Lookup) -> Option<Node> {
        let node = node.into();
        let key = (lookup as usize, node);
        if let Some(&known) = self.asked.once.borrow().get(&key) {
            return known;
        }
        let found = lookup(self, node);
        self.asked.once.borrow_mut().insert(key, found);
        found
    }
}

/// To keep an answer at each node on the way would cost more than most ways are long, so one in sixteen does.
fn keeps_answers(node: Node) -> bool {
    let index = match node {
        Node::Expr(id) => id.index(),
        Node::Stmt(id) => id.index(),
        Node::Decl(id) => id.index(),
        Node::Field(id) => id.index(),
    };
    index % 16 == 0
}
