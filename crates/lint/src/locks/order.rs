//! Locks that are taken in one order here and in the other order there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node};

use super::facts::{Facts, LockFacts, Site, owner};
use super::guards::Entries;
use super::{Base, Locking, Mode, Place, Taken};
use crate::summary::{Answer, What};
use crate::{Cx, FuncName};

/// That a lock is taken while another one is held, and elsewhere the other way round.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inverted {
    /// The call that takes the second lock: of `Lock`, or of a function that does.
    pub at: ExprId,
    /// What the lock that is held is an instance of: `Store.mu`.
    pub held: Rc<str>,
    /// What the lock that is taken is an instance of.
    pub taken: Rc<str>,
    /// The functions that lead to the one that takes it; empty if it is taken at once.
    pub by: Rc<[Rc<str>]>,
    /// The function that takes them the other way round.
    pub other: FuncName,
    /// The functions that lead from there to the one that takes the second.
    pub other_by: Rc<[Rc<str>]>,
    /// Where the other one takes its first lock, if that shows, and its second.
    pub other_at: (Option<ExprId>, ExprId),
}

impl Cx<'_> {
    /// The call that took a lock which is of the same kind as the one that this call takes, of another value, where nothing says which of
    /// the two is to be taken first. With the call itself.
    pub(super) fn alike_before(&self, call: ExprId) -> Option<(ExprId, ExprId)> {
        let Taken { lock: Some(second), mode, .. } = self.taken_at(call)? else { return None };
        let held = self.held_at(call);
        let first = held.held.iter().find(|first| first.lock.class == second.class && second.class.is_some())?;
        let apart = first.lock.base != second.base && first.lock.path == second.path && !held.unknown;
        let exclusive = (first.mode, mode) != (Mode::Read, Mode::Read);
        let chosen = self.is_chosen(&first.lock) && self.is_chosen(&second);
        // Whoever comes here with the two exchanged waits for a lock that is taken before both, and is of neither.
        let since = |held: &super::Held| self.span(held.since).start;
        let gate = held.held.iter().any(|other| {
            let of_neither = other.lock.base != first.lock.base && other.lock.base != second.base;
            of_neither && other.mode == Mode::Write && since(other) < since(first)
        });
        (apart && exclusive && chosen && !gate && !self.compares_order(call)).then_some((first.since, call))
    }

    /// Whether it is for callers to say which value a place belongs to: it is a parameter or receiver, or found by one.
    fn is_chosen(&self, place: &Place) -> bool {
        if !place.indexes.is_empty() || place.path.matches('.').count() > 1 {
            return false;
        }
        match place.base {
            Base::Receiver | Base::Param(_) => true,
            Base::Local(declared) => self.origin(declared).is_some_and(|(value, _)| {
                let finds = matches!(self.expr(value), Expr::Call { .. }) && self.ask(value, What::Ends).is_some();
                finds && !self.is_fresh(declared)
            }),
            Base::Package(_) => false,
        }
    }

    /// Whether a function compares what it works on before a call.
    fn compares_order(&self, call: ExprId) -> bool {
        let Some(func) = self.enclosing_func(call) else { return true };
        let orders = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => match cx.expr(id) {
                Expr::Binary { op, .. } => {
                    matches!(op, BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual)
                }
                Expr::Call { .. } => matches!(cx.callee_word(id), "Compare" | "Less" | "Pointer"),
                _ => false,
            },
            _ => false,
        };
        let before = |node: &Node| self.span(*node).start < self.span(call).start;
        self.within(func.body, false, orders).iter().any(before)
    }
}

/// A lock that is taken while another one is held.
struct Pair<'f> {
    name: &'f FuncName,
    facts: &'f LockFacts,
    site: &'f Site,
    first: (Rc<str>, Mode),
    /// Where the first lock is.
    held: &'f Place,
    second: Taken,
    /// Other locks that are held then.
    gates: BTreeSet<Rc<str>>,
}

/// By function, the locks that it takes in the order that is the other one elsewhere. Of two functions, the later one has it.
pub(super) fn inverted(
    facts: &[Facts],
    of: &HashMap<FuncName, Rc<Locking>>,
    entries: &Entries<'_>,
) -> HashMap<FuncName, Vec<Inverted>> {
    // So many places of one order are compared with the other.
    const MOST: usize = 16;
    let mut pairs: BTreeMap<(Rc<str>, Rc<str>), Vec<Pair>> = BTreeMap::new();
    for (name, facts) in facts {
        for pair in pairs_of(name, facts, of, entries) {
            let Some(second) = pair.second.class.clone() else { continue };
            pairs.entry((Rc::clone(&pair.first.0), second)).or_default().push(pair);
        }
    }
    let mut found: HashMap<FuncName, Vec<Inverted>> = HashMap::new();
    for (name, facts) in facts {
        let inverted = |&(first, second): &(ExprId, ExprId)| {
            let (taken, _) = facts.takes.iter().find(|(_, site)| site.at == second)?;
            let class = taken.class.clone()?;
            Some(Inverted {
                at: second,
                held: Rc::clone(&class),
                taken: class,
                by: [].into(),
                other: name.clone(),
                other_by: [].into(),
                other_at: (Some(first), second),
            })
        };
        let alike: Vec<Inverted> = facts.alike.iter().filter_map(inverted).collect();
        if !alike.is_empty() {
            found.insert(name.clone(), alike);
        }
    }
    let order: HashMap<&FuncName, usize> = facts.iter().enumerate().map(|(at, (name, _))| (name, at)).collect();
    let place = |pair: &Pair| (order.get(pair.name).copied(), pair.site.at);
    for ((first, second), forth) in pairs.iter().filter(|((first, second), _)| first < second) {
        let Some(back) = pairs.get(&(Rc::clone(second), Rc::clone(first))) else { continue };
        let mut both = forth.iter().take(MOST).flat_map(|one| back.iter().take(MOST).map(move |other| (one, other)));
        let Some((one, other)) = both.find(|(one, other)| one.conflicts(other)) else { continue };
        let (early, late) = if place(one) < place(other) { (one, other) } else { (other, one) };
        let inverted = Inverted {
            at: late.site.at,
            held: Rc::clone(&late.first.0),
            taken: late.second.class.clone().unwrap_or_default(),
            by: Rc::clone(&late.second.by),
            other: early.name.clone(),
            other_by: Rc::clone(&early.second.by),
            other_at: (early.since(), early.site.at),
        };
        found.entry(late.name.clone()).or_default().push(inverted);
    }
    found
}

fn pairs_of<'f>(
    name: &'f FuncName,
    facts: &'f LockFacts,
    of: &HashMap<FuncName, Rc<Locking>>,
    entries: &Entries<'_>,
) -> Vec<Pair<'f>> {
    // Nobody else runs yet, or has what is made.
    const ALONE: &[&str] = &["init", "main", "make", "new", "open", "setup"];
    let first_word = name.rsplit('.').next().and_then(|name| crate::words(name).into_iter().next()).unwrap_or_default();
    if ALONE.contains(&first_word.as_str()) {
        return Vec::new();
    }
    let direct = facts.takes.iter().map(|(taken, site)| (taken.clone(), site));
    let by_callees = facts.calls.iter().filter(|call| call.waits).flat_map(|call| {
        let takes = of.get(&call.callee).map(|locking| locking.takes.clone()).unwrap_or_default();
        takes.into_iter().map(move |taken| {
            let lock = taken.lock.as_ref().and_then(|lock| call.in_caller(lock));
            (call.passed_on(&taken, lock), &call.site)
        })
    });
    let mut pairs = Vec::new();
    for (second, site) in direct.chain(by_callees) {
        if site.conditional || second.fresh || second.lock.as_ref().is_some_and(|lock| site.released.contains(lock)) {
            continue;
        }
        // Whoever is called may have unlocked it before.
        let held = site.held.iter().filter(|(lock, _)| !second.released.contains(lock));
        let classes = held.filter_map(|(lock, mode)| Some((lock.class.clone()?, *mode, lock)));
        let classes: Vec<(Rc<str>, Mode, &Place)> = classes.collect();
        let inherited = if site.detached { BTreeSet::new() } else { entries.classes(name) };
        for (first, mode, held) in &classes {
            // Two of a kind have an order of their own.
            if Some(first) == second.class.as_ref()
                || classes.iter().any(|(class, ..)| Some(class) == second.class.as_ref())
            {
                continue;
            }
            let others = classes.iter().map(|(class, ..)| class).filter(|class| *class != first);
            let gates = others.cloned().chain(inherited.iter().filter(|class| *class != first).cloned()).collect();
            let first = (Rc::clone(first), *mode);
            pairs.push(Pair { name, facts, site, first, held, second: second.clone(), gates });
        }
    }
    pairs
}

impl Pair<'_> {
    /// Where the first lock is taken, if that is done in the same function.
    fn since(&self) -> Option<ExprId> {
        let mut before =
            self.facts.takes.iter().filter(|(_, site)| site.at < self.site.at && site.unit == self.site.unit);
        let is_first = |(taken, _): &&(Taken, Site)| taken.class.as_ref() == Some(&self.first.0);
        before.rfind(is_first).map(|(_, site)| site.at)
    }

    /// Whether two goroutines that do this and that can wait for each other.
    fn conflicts(&self, other: &Pair<'_>) -> bool {
        // Each call of a function has local locks of its own.
        let local = self.first.0.contains('@') || other.first.0.contains('@');
        if local && (self.name != other.name || self.site.unit == other.site.unit) {
            return false;
        }
        let excludes = |held: Mode, taken: Mode| (held, taken) != (Mode::Read, Mode::Read);
        let other_lock = |held: &Place, taken: &Taken| {
            taken.lock.as_ref().is_some_and(|taken| owner(self.name) == owner(other.name) && are_apart(held, taken))
        };
        if other_lock(self.held, &other.second) || other_lock(other.held, &self.second) {
            return false;
        }
        self.gates.is_disjoint(&other.gates)
            && excludes(other.first.1, self.second.mode)
            && excludes(self.first.1, other.second.mode)
    }
}

/// Whether two locks of one kind belong to different fields of the receiver: `c.in.mu` is not `c.out.mu`.
fn are_apart(one: &Place, other: &Place) -> bool {
    let length = |place: &Place| place.path.matches('.').count();
    let both = one.base == Base::Receiver && other.base == Base::Receiver && one.indexes == other.indexes;
    both && length(one) == length(other) && one.path != other.path
}

impl<'a> Cx<'a> {
    /// The locks that the function of this piece takes in an order that is the other one elsewhere in the package.
    pub fn inverted_locks(&self) -> Rc<[Inverted]> {
        match self.ask_of_piece(What::Inverted) {
            Some(Answer::Inverted(found)) => found,
            _ => Rc::new([]),
        }
    }
}
