//! What is known at a point of a path.

use std::collections::HashSet;
use std::rc::Rc;

use gopeer_syntax::ast::ExprId;
use rustc_hash::FxHashSet;

use crate::value::{Root, Symbol, Val, Values};

/// What variables and fields hold, and which of these values are known to be equal or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// In order of the variables.
    vars: Vec<(Root, Val)>,
    /// What fields hold that were assigned to, by the symbol of the field.
    fields: Vec<(Val, Val)>,
    /// Pairs that are known to be equal, or not to be.
    facts: Vec<(Val, Val, bool)>,
    /// What is followed, and stays known for as long as it is.
    pub subject: Option<Val>,
    /// What came with it and tells about it, as the error of the same call: what is known of that stays known, too.
    pub beside: Option<Val>,
    /// Whether what a condition says of a field, or of a variable of a package, is taken to hold across calls: fewer paths are
    /// possible then, and on those that are left no condition contradicts an earlier one.
    pub steady: bool,
    /// A number of whoever follows the path: what is counted on it.
    pub count: u32,
    /// The variables that closures assign to: what they hold is known from an assignment to the next call only.
    shared: Rc<HashSet<Root>>,
}

impl State {
    /// Nothing is known.
    pub(crate) fn new(shared: Rc<HashSet<Root>>) -> State {
        State { shared, ..State::default() }
    }

    /// Whether closures assign to a variable, so that any call may change it.
    pub fn is_shared(&self, root: Root) -> bool {
        self.shared.contains(&root)
    }

    /// Closures may have run: what they assign to is unknown.
    pub(crate) fn forget_shared(&mut self) {
        let shared = &self.shared;
        if !shared.is_empty() {
            self.vars.retain(|(root, _)| !shared.contains(root));
        }
    }

    /// A closure may assign to a variable from now on.
    pub(crate) fn share(&mut self, root: Root) {
        Rc::make_mut(&mut self.shared).insert(root);
        self.vars.retain(|(known, _)| *known != root);
    }

    /// What a variable holds, if it was assigned to.
    pub fn get(&self, root: Root) -> Option<Val> {
        self.vars.binary_search_by_key(&root, |(root, _)| *root).ok().map(|at| self.vars[at].1)
    }

    /// Assigns to a variable.
    pub fn set(&mut self, root: Root, val: Val) {
        match self.vars.binary_search_by_key(&root, |(root, _)| *root) {
            Ok(at) => self.vars[at].1 = val,
            Err(at) => self.vars.insert(at, (root, val)),
        }
    }

    /// What was assigned to a field, given by its symbol.
    pub(crate) fn stored(&self, field: Val) -> Option<Val> {
        self.fields.iter().find(|(known, _)| *known == field).map(|(_, val)| *val)
    }

    /// Assigns to a field, given by its symbol.
    pub(crate) fn store(&mut self, field: Val, val: Val) {
        self.fields.retain(|(known, _)| *known != field);
        self.fields.push((field, val));
        self.fields.sort_unstable();
    }

    /// Whether two values are known to be equal.
    pub fn knows(&self, left: Val, right: Val) -> bool {
        left == right || self.facts.contains(&(left, right, true))
    }

    /// Whether two values are known to be different.
    pub fn excludes(&self, left: Val, right: Val) -> bool {
        self.facts.contains(&(left, right, false))
    }

    /// Whether a value may have this length, by comparisons with constants. It may not where something else is known of its length:
    /// what that says is not worked out.
    pub fn admits_len(&self, of: Val, len: i64, values: &Values<'_>) -> bool {
        let is_len = |val: Val| matches!(*values.symbol(val), Symbol::Len(subject) if subject == of);
        let length = |val: Val| if is_len(val) { Some(len) } else { values.int(val) };
        self.facts.iter().all(|&(left, right, equal)| match values.symbol(left) {
            _ if left == of && right == Val::NIL => !equal || len == 0,
            Symbol::Len(subject) if *subject == of => values.int(right).is_some_and(|known| (known == len) == equal),
            Symbol::Apply(name, args) if args.iter().any(|&arg| is_len(arg)) => match (&**name, &**args) {
                ("<", &[low, high]) => {
                    let less = length(low).zip(length(high)).map(|(low, high)| low < high);
                    less.is_some_and(|less| less == ((right == Val::TRUE) == equal))
                }
                _ => false,
            },
            _ => true,
        })
    }

    /// The subject, what it is a field of, and so on: who has one of these has the subject.
    pub fn holding(&self, values: &Values<'_>) -> Vec<Val> {
        self.subject.map(|val| containers(val, values)).unwrap_or_default()
    }

    /// The variables that hold a value.
    pub fn holders(&self, val: Val) -> impl Iterator<Item = Root> + '_ {
        self.vars.iter().filter(move |(_, held)| *held == val).map(|(root, _)| *root)
    }

    /// Whether no variable and no field holds the value any more, nor what it is a field of.
    pub(crate) fn has_lost(&self, val: Val, values: &Values<'_>) -> bool {
        let containers = containers(val, values);
        let held = |held: &Val| containers.contains(held);
        let initial = containers.iter().any(|val| matches!(values.symbol(*val), Symbol::Initial(_)));
        !initial && !self.vars.iter().any(|(_, val)| held(val)) && !self.fields.iter().any(|(_, val)| held(val))
    }

    /// Whether a condition is known to hold, or not to.
    pub(crate) fn decides(&self, cond: Val, values: &Values<'_>) -> Option<bool> {
        match *values.symbol(cond) {
            _ if cond == Val::TRUE || cond == Val::FALSE => Some(cond == Val::TRUE),
            Symbol::Test { left, right, equal } => self.are_equal(left, right, values).map(|same| same == equal),
            _ => self.are_equal(cond, Val::TRUE, values),
        }
    }

    /// Whether two values are known to be equal or to be different.
    fn are_equal(&self, left: Val, right: Val, values: &Values<'_>) -> Option<bool> {
        if self.knows(left, right) {
            return Some(true);
        }
        let other = |&&(known, other, same): &&(Val, Val, bool)| {
            known == left && (other == right && !same || other != right && same && values.is_constant(other))
        };
        let differ = right == Val::NIL && values.is_never_nil(left)
            || values.is_constant(right) && self.facts.iter().any(|fact| other(&fact));
        differ.then_some(false)
    }

    /// Adds that a condition holds, or that it does not; false where that cannot be.
    #[must_use]
    pub fn assume(&mut self, cond: Val, holds: bool, values: &Values<'_>) -> bool {
        match *values.symbol(cond) {
            Symbol::Test { left, right, equal } => self.add(left, right, equal == holds, values),
            // What answers whether an error is of some kind has been given one.
            Symbol::Apply(ref name, ref args) if holds && name.starts_with('?') => {
                self.add(args[0], Val::NIL, false, values) && self.add(cond, Val::TRUE, true, values)
            }
            _ => self.add(cond, Val::TRUE, holds, values),
        }
    }

    fn add(&mut self, left: Val, right: Val, equal: bool, values: &Values<'_>) -> bool {
        // That a condition is not true, and that a comparison is not, are written in one way.
        let (right, equal) = if right == Val::TRUE && !equal { (Val::FALSE, true) } else { (right, equal) };
        if let (Symbol::Test { .. }, Val::TRUE | Val::FALSE) = (values.symbol(left), right) {
            return self.assume(left, right == Val::TRUE, values);
        }
        if left == right || values.is_constant(left) && values.is_constant(right) {
            return (left == right) == equal;
        }
        // `err == io.EOF`: what is equal to an error of a package is an error.
        if equal
            && let Some(error) = [(left, right), (right, left)].into_iter().find(|&(_, of)| values.is_sentinel(of))
            && !self.add(error.0, Val::NIL, false, values)
        {
            return false;
        }
        if right == Val::NIL && values.is_never_nil(left) {
            return !equal;
        }
        for &(known, other, same) in &self.facts {
            if known == left && other == right || known == right && other == left {
                return same == equal;
            }
            // It cannot be equal to two constants.
            if known == left && same && values.is_constant(other) && values.is_constant(right) {
                return !equal;
            }
        }
        // What differs from it differs from the constant.
        if equal && values.is_constant(right) {
            let others = self.facts.iter().filter_map(|&(one, other, same)| match (same, one == left, other == left) {
                (false, true, _) => Some(other),
                (false, _, true) => Some(one),
                _ => None,
            });
            let others: Vec<Val> = others.filter(|&other| !values.is_constant(other)).collect();
            if !others.into_iter().all(|other| self.add(other, right, false, values)) {
                return false;
            }
        }
        if let Symbol::Len(of) = *values.symbol(left)
            && right == Val::ZERO
            && !equal
            && !self.add(of, Val::NIL, false, values)
        {
            return false;
        }
        if !self.facts.contains(&(left, right, equal)) {
            if !self.is_in_order((left, right, equal), values) {
                return false;
            }
            self.facts.push((left, right, equal));
            self.facts.sort_unstable();
        }
        true
    }

    /// Whether a fact agrees with what is known of the order of the same two values, or of the same value and other constants:
    /// `n == 0` rules out `n > 0`.
    fn is_in_order(&self, fact: (Val, Val, bool), values: &Values<'_>) -> bool {
        let Some(new) = Order::of(fact, values) else { return true };
        let known = self.facts.iter().filter_map(|&fact| Order::of(fact, values));
        known.fold(new.possible, |possible, known| possible & new.allowed_by(known, values)) != 0
    }

    /// An expression is evaluated once more: what it gave before gets another symbol. There is one for all that is older: what is known
    /// of that stays known only if there is one such value, or it is what is followed.
    pub(crate) fn renew(&mut self, at: ExprId, values: &mut Values<'_>) {
        if !self.symbols().any(|val| values.is_of(val, at)) {
            return;
        }
        let follows = self.subject.is_some_and(|val| values.is_of(val, at));
        let beside = self.beside.filter(|&val| follows || !values.is_of(val, at));
        let is_only = !self.symbols().any(|val| values.is_older(val, at));
        if follows || is_only {
            let aged = |&(left, right, equal): &_| (values.aged(left, at), values.aged(right, at), equal);
            self.facts = self.facts.iter().map(aged).collect();
            self.facts.sort_unstable();
            self.facts.dedup();
        } else {
            self.facts.retain(|&(left, right, _)| !values.is_of(left, at) && !values.is_of(right, at));
        }
        self.subject = self.subject.map(|val| values.aged(val, at));
        self.beside = beside.map(|val| values.aged(val, at));
        // Where an older one is followed, the newer of the old ones are not told apart from it.
        let subject = self.holding(values);
        let clashes = |val: Val| !follows && subject.contains(&val);
        for (root, val) in &mut self.vars {
            let aged = values.aged(*val, at);
            *val = if aged != *val && clashes(aged) { values.intern(Symbol::Left(at, *root)) } else { aged };
        }
        let aged: Vec<(Val, Val)> =
            self.fields.iter().map(|&(field, val)| (values.aged(field, at), values.aged(val, at))).collect();
        let kept = aged.into_iter().zip(&self.fields);
        let kept = kept.filter(|(new, old)| new == *old || !clashes(new.0) && !clashes(new.1));
        self.fields = kept.map(|(new, _)| new).collect();
        self.fields.sort_unstable();
    }

    /// Memory that a call may have changed: what is stored in fields of `touched` values, or in any.
    pub(crate) fn forget_fields(&mut self, touched: Option<&[Val]>, values: &Values<'_>) {
        let subject = self.subject;
        let changes = |val: Val| match touched {
            None => is_field(val, values),
            Some(touched) => containers(val, values).iter().skip(1).any(|of| touched.contains(of)),
        };
        let stays = |val: Val| Some(val) == subject || !changes(val);
        if self.steady {
            // What was assigned is not: it was the subject of no condition.
            let gone: Vec<Val> = self.fields.iter().map(|(field, _)| *field).filter(|&field| !stays(field)).collect();
            self.facts.retain(|&(left, right, _)| !gone.iter().any(|&field| left == field || right == field));
        } else {
            self.facts.retain(|&(left, right, _)| stays(left) && stays(right));
        }
        self.fields.retain(|&(field, val)| Some(val) == subject || stays(field));
    }

    /// Drops what no later condition can ask for: variables but those for which `asked` holds, and the facts about what only
    /// they held.
    pub(crate) fn keep(&mut self, asked: impl Fn(Root) -> bool, values: &Values<'_>) {
        let mut subject = self.holding(values);
        subject.extend(self.beside);
        self.vars.retain(|&(root, val)| asked(root) || subject.contains(&val));
        if self.facts.is_empty() {
            return;
        }
        let mut reached: Vec<Val> = self.vars.iter().map(|(_, val)| *val).collect();
        reached.extend(self.fields.iter().flat_map(|(field, val)| [*field, *val]));
        reached.extend(&subject);
        let mut known = FxHashSet::default();
        while let Some(val) = reached.pop() {
            if known.insert(val) {
                reached.extend(values.parts(val));
            }
        }
        let lives = |val: Val| {
            let mut parts = vec![val];
            while let Some(part) = parts.pop() {
                let here = known.contains(&part)
                    || matches!(values.symbol(part), Symbol::Initial(root) if asked(*root))
                    || matches!(values.symbol(part), Symbol::Left(_, root) if asked(*root));
                if here {
                    return true;
                }
                parts.extend(values.parts(part));
            }
            false
        };
        self.facts.retain(|&(left, _, _)| lives(left));
    }

    /// A measure of what it costs to keep.
    pub(crate) fn size(&self) -> usize {
        self.vars.len() + self.fields.len() + self.facts.len()
    }

    fn symbols(&self) -> impl Iterator<Item = Val> + '_ {
        let vars = self.vars.iter().map(|(_, val)| *val);
        let fields = self.fields.iter().flat_map(|(field, val)| [*field, *val]);
        let facts = self.facts.iter().flat_map(|(left, right, _)| [*left, *right]);
        vars.chain(fields).chain(facts).chain(self.subject).chain(self.beside)
    }
}

/// How two values compare: which of `LESS`, `SAME` and `MORE` are possible.
#[derive(Clone, Copy)]
struct Order {
    left: Val,
    right: Val,
    possible: u8,
}

impl Order {
    const LESS: u8 = 1;
    const SAME: u8 = 2;
    const MORE: u8 = 4;
    const ANY: u8 = Order::LESS | Order::SAME | Order::MORE;

    /// What a fact says of the order of two values; the constant, if one is, on the right.
    fn of((left, right, equal): (Val, Val, bool), values: &Values<'_>) -> Option<Order> {
        let order = match values.symbol(left) {
            Symbol::Apply(name, args) if &**name == "<" => match **args {
                [low, high] if (right == Val::TRUE) == equal => Order { left: low, right: high, possible: Order::LESS },
                [low, high] => Order { left: low, right: high, possible: Order::SAME | Order::MORE },
                _ => return None,
            },
            _ if equal => Order { left, right, possible: Order::SAME },
            _ => Order { left, right, possible: Order::LESS | Order::MORE },
        };
        Some(if values.is_constant(order.left) { order.turned() } else { order })
    }

    fn turned(self) -> Order {
        let Order { left, right, possible } = self;
        let (less, more) = (possible & Order::LESS != 0, possible & Order::MORE != 0);
        let turned = (u8::from(less) * Order::MORE) | (u8::from(more) * Order::LESS) | (possible & Order::SAME);
        Order { left: right, right: left, possible: turned }
    }

    /// How these two values may compare by what is known of others.
    fn allowed_by(self, known: Order, values: &Values<'_>) -> u8 {
        if (known.left, known.right) == (self.left, self.right) {
            return known.possible;
        }
        if (known.left, known.right) == (self.right, self.left) {
            return known.turned().possible;
        }
        match values.int(known.right).zip(values.int(self.right)) {
            Some((other, here)) if known.left == self.left => {
                // What is less than 3 is less than 5; what is not may be anything.
                let (beyond, side) = if other < here { (Order::MORE, Order::LESS) } else { (Order::LESS, Order::MORE) };
                if known.possible & beyond == 0 { side } else { Order::ANY }
            }
            _ => Order::ANY,
        }
    }
}

fn is_field(val: Val, values: &Values<'_>) -> bool {
    match values.symbol(val) {
        Symbol::Field(..) => true,
        _ => values.parts(val).into_iter().any(|part| is_field(part, values)),
    }
}

/// A value, what it is a field of, and so on.
fn containers(val: Val, values: &Values<'_>) -> Vec<Val> {
    let mut all = vec![val];
    while let Some(Symbol::Field(of, _)) = all.last().map(|&val| values.symbol(val)) {
        all.push(*of);
    }
    all
}
