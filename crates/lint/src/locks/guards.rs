//! Which lock guards a field: the one that is held wherever else the field is looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use gopeer_syntax::ast::{ExprId, Node};

use super::facts::{Access, CallSite, LockFacts};
use super::{Base, Mode, Place};
use crate::summary::{Answer, What};
use crate::{Cx, FuncName};

/// A field that is looked at without the lock that others hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unguarded {
    /// The selector.
    pub at: ExprId,
    /// Whether it is changed.
    pub writes: bool,
    /// Whether the lock is held for reading, and the field is changed.
    pub reading: bool,
    /// The field of the same struct that is the lock.
    pub lock: Rc<str>,
    /// How often it is looked at with the lock, of how many times.
    pub share: (usize, usize),
    /// Functions that hold the lock, those that change the field first.
    pub holders: Rc<[Rc<str>]>,
}

type Facts = (FuncName, Rc<LockFacts>);

/// By function, the fields that it looks at without their locks.
pub(super) fn unguarded(facts: &[Facts], entries: &Entries<'_>) -> HashMap<FuncName, Rc<[Unguarded]>> {
    let mut fields: BTreeMap<&Rc<str>, Vec<Looked>> = BTreeMap::new();
    for (name, facts) in facts {
        let entry = entries.0.get(name);
        let silent = facts.expects_lock || matches!(entry, Some(Entry::Unknown) | None);
        let accesses = facts.accesses.iter().filter(|access| !access.fresh);
        for access in accesses {
            if access.owner.indexes.is_empty() || !access.site.held.is_empty() {
                let entry = entry.filter(|_| !access.site.detached);
                fields.entry(&access.field).or_default().push(Looked { name, access, entry, silent });
            }
        }
    }
    let mut found: HashMap<FuncName, Vec<Unguarded>> = HashMap::new();
    for looked in fields.values() {
        for (name, unguarded) in judge(looked) {
            found.entry(name.clone()).or_default().push(unguarded);
        }
    }
    found.into_iter().map(|(name, found)| (name, found.into())).collect()
}

/// A look at a field.
struct Looked<'f> {
    name: &'f FuncName,
    access: &'f Access,
    /// What callers of the function hold.
    entry: Option<&'f Entry>,
    /// Whether it is not known, or said by the function, what callers hold.
    silent: bool,
}

impl Looked<'_> {
    /// How a lock of the same struct is held.
    fn mode(&self, lock: &str) -> Option<Mode> {
        let owner = &self.access.owner;
        let is_it = |place: &&(Place, Mode)| place.0.is_field_of(owner, lock);
        let inherited = match self.entry {
            Some(Entry::Held(held)) if !self.is_released(lock) => held.locks.iter().find(is_it),
            _ => None,
        };
        self.access.site.held.iter().find(is_it).or(inherited).map(|(_, mode)| *mode)
    }

    fn is_released(&self, lock: &str) -> bool {
        self.access.site.released.iter().any(|place| place.is_field_of(&self.access.owner, lock))
    }

    /// Whether all who can call the function have made what the field belongs to, so that nobody else has it.
    fn is_fresh(&self) -> bool {
        matches!(self.entry, Some(Entry::Held(held)) if held.fresh.contains(&self.access.owner.base))
    }
}

/// The looks at one field that are without the lock which guards it.
fn judge<'f>(looked: &[Looked<'f>]) -> Vec<(&'f FuncName, Unguarded)> {
    let locks: BTreeSet<&Rc<str>> = looked.iter().flat_map(|look| look.access.locks.iter()).collect();
    let guarded = |lock: &str| looked.iter().filter(|look| look.mode(lock).is_some()).count();
    let Some(lock) = locks.into_iter().rev().max_by_key(|lock| guarded(lock)) else { return Vec::new() };
    let with: Vec<&Looked> = looked.iter().filter(|look| look.mode(lock).is_some()).collect();
    let without: Vec<&Looked> = looked
        .iter()
        .filter(|look| look.mode(lock).is_none() && !look.silent && !look.access.site.unknown && !look.is_fresh())
        .collect();
    let functions: BTreeSet<&FuncName> = with.iter().map(|look| look.name).collect();
    let is_changed = with.iter().any(|look| look.access.writes && look.mode(lock) == Some(Mode::Write));
    let all = with.len() + without.len();
    if with.len() < 3 || functions.len() < 2 || !is_changed || with.len() * 4 < all * 3 {
        return Vec::new();
    }
    let mut holders: Vec<(bool, &FuncName)> = with.iter().map(|look| (!look.access.writes, look.name)).collect();
    holders.sort();
    let mut names: Vec<Rc<str>> = Vec::new();
    for (_, name) in holders {
        let name: Rc<str> = name.rsplit('.').next().unwrap_or_default().into();
        if !names.contains(&name) && names.len() < 3 {
            names.push(name);
        }
    }
    let holders: Rc<[Rc<str>]> = names.into();
    let found = |look: &Looked<'f>, reading: bool| {
        let unguarded = Unguarded {
            at: look.access.site.at,
            writes: look.access.writes,
            reading,
            lock: Rc::clone(lock),
            share: (with.len(), all),
            holders: Rc::clone(&holders),
        };
        (look.name, unguarded)
    };
    let reading = with.iter().filter(|look| look.access.writes && look.mode(lock) == Some(Mode::Read) && !look.silent);
    without.iter().map(|look| found(look, false)).chain(reading.map(|look| found(look, true))).collect()
}

impl Place {
    fn is_field_of(&self, owner: &Place, field: &str) -> bool {
        let name = self.path.strip_prefix(&*owner.path).and_then(|rest| rest.strip_prefix('.'));
        self.base == owner.base && self.indexes == owner.indexes && name == Some(field)
    }
}

/// What is known when a function is called.
#[derive(Clone, Debug, PartialEq)]
enum Entry {
    /// All its callers hold these locks, in terms of its receiver and parameters.
    Held(Known),
    /// It is not known who calls it.
    Unknown,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    locks: Vec<(Place, Mode)>,
    /// What its callers have made, so that nobody else has it.
    fresh: Vec<Base>,
}

/// What the callers of each function hold; none for a function that nobody calls.
pub(super) struct Entries<'f>(HashMap<&'f FuncName, Entry>);

impl Entries<'_> {
    /// What the locks are instances of that all callers of a function hold.
    pub(super) fn classes(&self, of: &FuncName) -> BTreeSet<Rc<str>> {
        match self.0.get(of) {
            Some(Entry::Held(known)) => known.locks.iter().filter_map(|(lock, _)| lock.class.clone()).collect(),
            _ => BTreeSet::new(),
        }
    }
}

/// What the callers of each function hold.
pub(super) fn entries(facts: &[Facts]) -> Entries<'_> {
    const TURNS: usize = 8;
    let mut calls: HashMap<&FuncName, Vec<(&FuncName, &CallSite)>> = HashMap::new();
    let mut values: HashMap<&FuncName, bool> = HashMap::new();
    for (name, facts) in facts {
        for call in &facts.calls {
            calls.entry(&call.callee).or_default().push((name, call));
        }
        for (value, to_library) in &facts.values {
            *values.entry(value).or_insert(true) &= to_library;
        }
    }
    let mut entries: HashMap<&FuncName, Entry> = HashMap::new();
    let mut settled = false;
    for turn in 0..TURNS {
        let mut next = HashMap::new();
        for (name, facts) in facts {
            let calls = calls.get(name).map(Vec::as_slice).unwrap_or_default();
            let entry = match values.get(name) {
                Some(false) => Some(Entry::Unknown),
                Some(true) => Some(Entry::Held(Known::default())),
                None if calls.is_empty() && facts.exported => Some(Entry::Held(Known::default())),
                None if calls.is_empty() => Some(Entry::Unknown),
                // Who calls itself holds what others hold that call it; in the first turn nothing is known of anybody.
                None => calls.iter().filter_map(|(caller, call)| passed(entries.get(caller), call, turn)).reduce(meet),
            };
            next.extend(entry.map(|entry| (name, entry)));
        }
        settled = next == entries;
        entries = next;
        if settled {
            break;
        }
    }
    if !settled {
        entries.values_mut().for_each(|entry| *entry = Entry::Unknown);
    }
    Entries(entries)
}

/// What a call gives the function that it calls.
fn passed(caller: Option<&Entry>, call: &CallSite, turn: usize) -> Option<Entry> {
    let alone = !call.waits;
    if call.site.unknown && call.site.held.is_empty() && !alone {
        return Some(Entry::Unknown);
    }
    let inherited = match caller {
        _ if alone || call.site.detached => Known::default(),
        Some(Entry::Held(known)) => known.clone(),
        Some(Entry::Unknown) if call.site.held.is_empty() => return Some(Entry::Unknown),
        Some(Entry::Unknown) => Known::default(),
        None if turn == 0 && call.site.held.is_empty() => return None,
        None => Known::default(),
    };
    let own = if alone { &[][..] } else { &call.site.held[..] };
    let inherited_locks = inherited.locks.iter().filter(|(lock, _)| !call.site.released.contains(lock));
    let locks = own.iter().chain(inherited_locks);
    let locks = locks.flat_map(|(lock, mode)| call.in_callee(lock).into_iter().map(|lock| (lock, *mode))).collect();
    let is_fresh = |place: &Place| inherited.fresh.contains(&place.base);
    let given = call.given.iter().filter(|(_, place)| is_fresh(place)).map(|(base, _)| base);
    let fresh = call.fresh.iter().chain(given).cloned().collect();
    Some(Entry::Held(Known { locks, fresh }))
}

impl CallSite {
    /// What a place of the caller is in the function that is called.
    fn in_callee(&self, place: &Place) -> Vec<Place> {
        if let Base::Package(_) = place.base {
            return vec![place.clone()];
        }
        let there = |(base, given): &(Base, Place)| {
            let rest = place.below(given).filter(|_| place.indexes == given.indexes)?;
            Some(Place { base: base.clone(), path: rest.into(), indexes: [].into(), class: place.class.clone() })
        };
        self.given.iter().filter_map(there).collect()
    }
}

/// What is so by either way. What was made by a caller is guarded by anything.
fn meet(left: Entry, right: Entry) -> Entry {
    let (Entry::Held(left), Entry::Held(right)) = (left, right) else { return Entry::Unknown };
    let kept = |own: &Known, other: &Known| -> Vec<(Place, Mode)> {
        let kept = |(lock, mode): &(Place, Mode)| match other.locks.iter().find(|(there, _)| there == lock) {
            Some((_, there)) => Some((lock.clone(), *mode.min(there))),
            None => other.fresh.contains(&lock.base).then(|| (lock.clone(), *mode)),
        };
        own.locks.iter().filter_map(kept).collect()
    };
    let mut locks = kept(&left, &right);
    for lock in kept(&right, &left) {
        if !locks.contains(&lock) {
            locks.push(lock);
        }
    }
    let fresh = left.fresh.iter().filter(|base| right.fresh.contains(base)).cloned().collect();
    Entry::Held(Known { locks, fresh })
}

impl<'a> Cx<'a> {
    /// The fields that the function of this piece looks at without the lock that other functions of the package hold.
    pub fn unguarded(&self) -> Rc<[Unguarded]> {
        let declared = self.tree.roots().iter().find_map(|&decl| crate::summary::func_name(self.tree, decl));
        let Some(of) = declared.filter(|_| self.has_accesses()) else { return Rc::new([]) };
        match self.ask_function(of, What::Unguarded) {
            Some(Answer::Unguarded(found)) => found,
            _ => Rc::new([]),
        }
    }

    /// Whether the piece may look at a field of a struct with a lock: most do not, and need not ask.
    fn has_accesses(&self) -> bool {
        let mut known = HashMap::new();
        self.tree.roots().iter().any(|&root| {
            self.any(root, true, |node| matches!(node, Node::Expr(id) if self.locks_beside(id, &mut known).is_some()))
        })
    }
}
