//! Which lock guards a field: the one that is held wherever else the field is looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use gopeer_syntax::ast::{ExprId, Node};

use super::across::is_beside_use;
use super::alone::Root;
use super::facts::{Access, CallSite, Facts, LockFacts, PART};
use super::waits::WaitKind;
use super::{Base, Mode, Place, Spot};
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
    /// Looks with the lock, one a function; those that change the field first.
    pub holders: Rc<[Spot]>,
}

/// That a function returns a field which a lock guards, so that callers have it without the lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HandedOut {
    /// The selector that is returned.
    pub at: ExprId,
    /// The field of the same struct that is the lock.
    pub lock: Rc<str>,
    /// Changes of what the field holds under the lock, one a function.
    pub changers: Rc<[Spot]>,
}

/// What is found about the fields of a package, by function.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) unguarded: HashMap<FuncName, Vec<Unguarded>>,
    pub(super) handed_out: HashMap<FuncName, Vec<HandedOut>>,
}

/// By function, the fields that it looks at without their locks, and those that it returns.
pub(super) fn found(facts: &[Facts], entries: &Entries<'_>, alone: &HashMap<&FuncName, Root<'_>>) -> Found {
    let some = held_by_some(facts);
    let before = before_others(facts);
    let once = set_once(facts);
    let methods: HashSet<&FuncName> = facts.iter().map(|(name, _)| name).collect();
    let mut fields: BTreeMap<&Rc<str>, Vec<Looked>> = BTreeMap::new();
    for (name, facts) in facts {
        let entry = entries.0.get(name);
        let silent = facts.expects_lock
            || is_alone(name)
            || is_for_sorting(name, &methods)
            || matches!(entry, Some(Entry::Unknown) | None);
        let some = some.get(name).map(Vec::as_slice).unwrap_or_default();
        let joined = first_joins(facts);
        let ended = first_ends(facts);
        for access in facts.accesses.iter().filter(|access| !access.fresh) {
            let entry = entry.filter(|_| !access.site.detached);
            // What holds it may have a lock for it, which a caller holds.
            let inside = matches!(access.owner.base, Base::Local(_)) && !some.is_empty();
            let is_over = ended.iter().any(|(owner, at)| {
                let owner = (&owner.base, &owner.path) == (&access.owner.base, &access.owner.path);
                owner && *at < access.site.at
            });
            // The goroutine that looks at it was started after that.
            let goroutine = match access.site.unit.filter(|_| access.site.detached) {
                Some(literal) => Some((name, literal)),
                None => alone.get(name).copied(),
            };
            let is_set = once.get(&access.field).is_some_and(|&set| {
                set.zip(goroutine).is_some_and(|((by, at), (starter, start))| starter == by && at < start)
            });
            let before = before.contains(name) && access.site.unit.is_none();
            // Of a caller that is only assumed to hold nothing, no more is said than what is certain otherwise.
            let assumed = matches!(entry, Some(Entry::Held(known)) if known.assumed);
            let other = !access.writes && !access.site.held.is_empty();
            let unsure = assumed && (matches!(access.owner.base, Base::Local(_)) || is_beside_use(name));
            let apart = assumed && other;
            let silent =
                silent || before || unsure || inside || is_over || is_set || !can_be_judged(facts, access, &joined);
            let returns = facts.exported && !facts.warns;
            let look = Looked { name, access, entry, some, silent, apart, returns, before };
            fields.entry(&access.field).or_default().push(look);
        }
    }
    // Who looks at a struct as a whole looks at all its parts.
    let wholes = |field: &str| field.split_once(PART).and_then(|(whole, _)| fields.get(&Rc::from(whole)).cloned());
    let parts: Vec<(&Rc<str>, Vec<Looked>)> =
        fields.keys().filter_map(|field| Some((*field, wholes(field)?))).collect();
    for (field, wholes) in parts {
        fields.entry(field).or_default().extend(wholes);
    }
    let mut found = Found::default();
    for looked in fields.values() {
        if let Some(guard) = Guard::of(looked) {
            guard.add_unguarded(&mut found.unguarded);
            guard.add_handed_out(&mut found.handed_out);
            continue;
        }
        add_changed_by_readers(looked, &mut found.unguarded);
        if let Some(guard) = Guard::always_held(looked) {
            guard.add_handed_out(&mut found.handed_out);
        }
    }
    found
}

/// The fields that are set once, where they are found to be nil, by whom and where. None for those that are assigned to elsewhere as well.
fn set_once(facts: &[Facts]) -> HashMap<&Rc<str>, Option<(&FuncName, ExprId)>> {
    let mut once = HashMap::new();
    for (name, facts) in facts {
        for access in facts.accesses.iter().filter(|access| access.writes && !access.inside && !access.fresh) {
            // What begins its use does so once.
            let set = (access.lazy || is_before_others(name)).then_some((name, access.site.at));
            once.entry(&access.field).and_modify(|known| *known = None).or_insert(set);
        }
    }
    once
}

/// Whether a function runs before others can have the value, by its name.
pub(super) fn is_before_others(name: &str) -> bool {
    const WORDS: &[&str] =
        &["configure", "init", "initial", "initialize", "make", "new", "open", "provision", "setup", "start"];
    let name = name.rsplit('.').next().unwrap_or_default();
    crate::words(name).first().is_some_and(|first| WORDS.contains(&first.as_str()))
}

/// The functions that run before others can have the value: by their names, or since only such functions call them.
fn before_others(facts: &[Facts]) -> HashSet<&FuncName> {
    const LONGEST: usize = 6;
    // None stands for what is called later: in a goroutine, or by whoever gets the closure.
    let mut callers: HashMap<&FuncName, HashSet<Option<&FuncName>>> = HashMap::new();
    for (name, facts) in facts {
        facts.calls.iter().for_each(|call| {
            let now = call.waits && call.site.unit.is_none();
            callers.entry(&call.callee).or_default().insert(now.then_some(name));
        });
    }
    // What is reset by its own package is about to be given to a pool, or comes from there.
    let is_reset = |name: &str| name.rsplit('.').next().is_some_and(|name| name.starts_with("reset"));
    let named = facts.iter().map(|(name, _)| name).filter(|name| is_before_others(name) || is_reset(name));
    let mut before: HashSet<&FuncName> = named.collect();
    for _ in 0..LONGEST {
        let only = |name: &FuncName| {
            let is_before = |caller: &FuncName| caller == name || before.contains(caller);
            callers.get(name).is_some_and(|all| all.iter().all(|caller| caller.is_some_and(is_before)))
        };
        let more: Vec<&FuncName> = facts
            .iter()
            .filter(|(name, facts)| !facts.exported && !before.contains(name) && only(name))
            .map(|(name, _)| name)
            .collect();
        if more.is_empty() {
            break;
        }
        before.extend(more);
    }
    before
}

/// Whether a method is one that package sort calls, for whoever holds the lock meanwhile.
fn is_for_sorting(name: &FuncName, methods: &HashSet<&FuncName>) -> bool {
    let Some((of, method)) = name.rsplit_once('.') else { return false };
    let has = |other: &str| methods.contains(&FuncName::from(format!("{of}.{other}")));
    matches!(method, "Len" | "Less" | "Swap" | "Push" | "Pop") && has("Less") && has("Swap")
}

/// Whether a method is one that printers and loggers call, for whoever holds the lock meanwhile.
fn is_for_output(name: &FuncName) -> bool {
    let method = name.rsplit('.').next().unwrap_or_default();
    matches!(method, "Error" | "Format" | "GoString" | "LogValue" | "String") || method.starts_with("Marshal")
}

/// Whether it shows who else has what the field belongs to, and runs at the same time.
fn can_be_judged(facts: &LockFacts, access: &Access, joined: &HashMap<Option<ExprId>, ExprId>) -> bool {
    let ours = match access.owner.base {
        Base::Param(_) => !facts.exported && !facts.method && access.shared,
        Base::Package(_) => true,
        // What holds it may have a lock for it, too.
        Base::Local(_) => access.shared && access.site.held.is_empty(),
        Base::Receiver => access.shared,
    };
    // What another struct has, or an element of its own.
    let direct = access.owner.path.is_empty()
        // A lock around all elements may be for each of them, too.
        || access.owner.path.contains('[') && access.site.held.is_empty()
        || matches!(access.owner.base, Base::Package(_));
    // After a wait for goroutines to end, nobody else may be left.
    ours && direct && joined.get(&access.site.unit).is_none_or(|&first| access.site.at < first)
}

/// Where a function and its closures first wait for others to end, or for a value of theirs.
fn first_joins(facts: &LockFacts) -> HashMap<Option<ExprId>, ExprId> {
    let mut first = HashMap::new();
    for (wait, site) in &facts.waits {
        if matches!(wait.kind, WaitKind::Receive | WaitKind::Group) {
            let at = first.entry(site.unit).or_insert(site.at);
            *at = site.at.min(*at);
        }
    }
    first
}

/// What a function ends the use of by a method of its, and where: who ends it knows that nobody else uses it any more, `c.End()`.
fn first_ends(facts: &LockFacts) -> Vec<(&Place, ExprId)> {
    const WORDS: &[&str] = &["close", "end", "finish", "freeze", "seal", "shutdown", "stop"];
    const MOST: usize = 8;
    let ends = |call: &&CallSite| {
        let first = crate::words(&call.name).into_iter().next();
        call.waits && !call.site.deferred && first.is_some_and(|first| WORDS.contains(&first.as_str()))
    };
    let ending = facts.calls.iter().filter(ends);
    let ending = ending.filter_map(|call| {
        let (_, place) = call.given.iter().find(|(base, _)| *base == Base::Receiver)?;
        Some((place, call.site.at))
    });
    ending.take(MOST).collect()
}

/// Whether the name of a method says that its caller is the only one who has the value: it makes another one of it (`WithPrefix`), fills
/// it (`UnmarshalJSON`), or is there for tests, as are the methods of stand-ins.
fn is_alone(name: &str) -> bool {
    const FIRST: &[&str] = &["decode", "unmarshal", "with", "without"];
    const TYPES: &[&str] = &["fake", "mock", "stub"];
    let (owner, method) = name.rsplit_once('.').unwrap_or(("", name));
    let first = |name: &str| crate::words(name).into_iter().next().unwrap_or_default();
    FIRST.contains(&first(method).as_str()) || TYPES.contains(&first(owner).as_str()) || method.contains("ForTest")
}

/// A look at a field.
#[derive(Clone)]
struct Looked<'f> {
    name: &'f FuncName,
    access: &'f Access,
    /// What callers of the function hold.
    entry: Option<&'f Entry>,
    /// What some callers of the function hold.
    some: &'f [Place],
    /// Whether nothing can be said: it is not known what callers hold, or who else has the value.
    silent: bool,
    /// Whether another lock is held that may be for it, where the caller does not show.
    apart: bool,
    /// Whether the function runs before others can have the value.
    before: bool,
    /// Whether the function hands what it returns to anybody, and its comment does not say how to treat it.
    returns: bool,
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

    fn may_be_held(&self, lock: &str) -> bool {
        !self.access.site.detached && self.some.iter().any(|place| place.is_field_of(&self.access.owner, lock))
    }

    fn is_released(&self, lock: &str) -> bool {
        self.access.site.released.iter().any(|place| place.is_field_of(&self.access.owner, lock))
    }

    /// Whether all who can call the function have made what the field belongs to, so that nobody else has it.
    fn is_fresh(&self) -> bool {
        matches!(self.entry, Some(Entry::Held(held)) if held.fresh.contains(&self.access.owner.base))
    }
}

/// Changes of a field under a lock that is held for reading: two may be at it at once, whatever others do with the field.
fn add_changed_by_readers(looked: &[Looked], found: &mut HashMap<FuncName, Vec<Unguarded>>) {
    for look in looked.iter().filter(|look| look.access.writes && !look.silent && !look.is_fresh()) {
        let site = &look.access.site;
        let alone = !site.unknown && site.held.iter().all(|(_, mode)| *mode == Mode::Read);
        let mut locks = look.access.locks.iter().filter(|lock| alone && look.mode(lock) == Some(Mode::Read));
        let Some(lock) = locks.next() else { continue };
        let guarded = looked.iter().filter(|look| look.mode(lock).is_some()).count();
        found.entry(look.name.clone()).or_default().push(Unguarded {
            at: site.at,
            writes: true,
            reading: true,
            lock: Rc::clone(lock),
            share: (guarded, looked.len()),
            holders: Rc::new([]),
        });
    }
}

/// Whether the name of a lock is that of a field, and says that it is its lock: `totalMu`.
fn is_named_for(lock: &str, field: &str) -> bool {
    let field = field.rsplit('.').next().unwrap_or_default();
    let rest = lock.strip_prefix(field).unwrap_or_default();
    ["Lock", "Mtx", "Mu", "Mutex"].contains(&rest)
}

/// The lock that guards a field.
struct Guard<'l, 'f> {
    lock: &'l Rc<str>,
    /// The looks with the lock.
    with: Vec<&'l Looked<'f>>,
    /// The looks without it that can be judged.
    without: Vec<&'l Looked<'f>>,
}

impl<'l, 'f> Guard<'l, 'f> {
    /// The lock that is held at most looks at a field.
    fn of(looked: &'l [Looked<'f>]) -> Option<Guard<'l, 'f>> {
        const MOST: usize = 8;
        let locks: BTreeSet<&Rc<str>> = looked.iter().flat_map(|look| look.access.locks.iter()).collect();
        let guarded = |lock: &str| looked.iter().filter(|look| look.mode(lock).is_some()).count();
        let field = looked.first().map(|look| &*look.access.field).unwrap_or_default();
        // `total` has `totalMu`, whatever else is held beside it.
        let rank = |lock: &&Rc<str>| {
            let guarded = guarded(lock);
            (guarded > 0 && is_named_for(lock, field), guarded)
        };
        let lock = locks.into_iter().take(MOST).rev().max_by_key(rank)?;
        let with: Vec<&Looked> = looked.iter().filter(|look| look.mode(lock).is_some()).collect();
        let is_without = |look: &&Looked| {
            look.mode(lock).is_none() && !look.silent && !look.apart && !look.access.site.unknown && !look.is_fresh()
        };
        let without: Vec<&Looked> = looked.iter().filter(is_without).collect();
        let functions: BTreeSet<&FuncName> = with.iter().map(|look| look.name).collect();
        // What is set once in the beginning never changes for those who come later.
        let is_changed =
            with.iter().any(|look| look.access.writes && !look.before && look.mode(lock) == Some(Mode::Write));
        // A function that forgets the lock does so once, however often it looks.
        let forgetful: BTreeSet<&FuncName> = without.iter().map(|look| look.name).collect();
        let mostly = |others: usize| with.len() * 4 >= (with.len() + others) * 3;
        let usual = mostly(without.len()) || with.len() >= 5 && mostly(forgetful.len());
        // Two functions that both change it with the lock say as much as three that look at it.
        let all_change = with.iter().all(|look| look.access.writes && look.mode(lock) == Some(Mode::Write));
        let pair = with.len() == 2 && all_change && forgetful.len() <= 1;
        // So do two functions of three, where the third counts, or puts something into a map.
        let adds = |look: &&Looked| look.access.writes && (look.access.inside || look.access.counts);
        let others_call =
            |look: &&Looked| look.name.rsplit('.').next().is_some_and(|name| name.starts_with(char::is_uppercase));
        let adds = forgetful.len() == 1 && with.iter().all(others_call) && without.iter().any(adds);
        let pair = pair || adds;
        let guards = (with.len() >= 3 && usual || pair) && functions.len() >= 2 && is_changed;
        guards.then_some(Guard { lock, with, without })
    }

    /// The lock that is held at all looks at a field, in two functions at least: no more is needed to say that it is for the field.
    fn always_held(looked: &'l [Looked<'f>]) -> Option<Guard<'l, 'f>> {
        const MOST: usize = 8;
        let first = looked.first()?;
        let known = |look: &&Looked| !look.before && !look.is_fresh();
        let held = |lock: &Rc<str>| looked.iter().filter(known).all(|look| look.mode(lock).is_some());
        let lock = first.access.locks.iter().take(MOST).find(|lock| held(lock))?;
        let with: Vec<&Looked> = looked.iter().filter(|look| look.mode(lock).is_some()).collect();
        let functions: BTreeSet<&FuncName> = with.iter().map(|look| look.name).collect();
        (functions.len() > 1).then_some(Guard { lock, with, without: Vec::new() })
    }

    fn add_unguarded(&self, found: &mut HashMap<FuncName, Vec<Unguarded>>) {
        let lock = self.lock;
        // Whoever is the only one to write may read what it wrote itself.
        let changers: BTreeSet<&FuncName> =
            self.with.iter().filter(|look| look.access.writes).map(|look| look.name).collect();
        let alone = changers.len() == 1 || self.changed_in_place().next().is_none();
        let by_changer =
            |look: &Looked| alone && !look.access.writes && !look.access.nil_test && changers.contains(look.name);
        // Beside two functions that put something else into it, a read gets the old or the new.
        let replaced = self.with.len() == 2
            && self.changed_in_place().next().is_none()
            && !self.with.iter().any(|look| look.access.counts);
        // The length of a slice stays as it is where only its elements are changed.
        let kept = self.with.iter().all(|look| look.access.inside || !look.access.writes);
        let harmless = |look: &Looked| !look.access.writes && (replaced || kept && look.access.sized);
        // Where some callers hold the lock and others do not, it is those others that forget it.
        let without =
            self.without.iter().filter(|look| !by_changer(look) && !harmless(look) && !look.may_be_held(lock));
        let apart = |look: &Looked| {
            let mut others = look.access.locks.iter().filter(|other| *other != lock);
            others.any(|other| look.mode(other) == Some(Mode::Write))
        };
        let reading = self
            .with
            .iter()
            .filter(|look| look.access.writes && look.mode(lock) == Some(Mode::Read) && !look.silent && !apart(look));
        let holders = spots(self.with.iter().map(|look| (!look.access.writes, *look)));
        let share = (self.with.len(), self.with.len() + self.without.len());
        for (look, reading) in without.map(|look| (look, false)).chain(reading.map(|look| (look, true))) {
            let found = found.entry(look.name.clone()).or_default();
            // A look at a struct is one at several fields.
            if found.iter().any(|known| known.at == look.access.site.at) {
                continue;
            }
            found.push(Unguarded {
                at: look.access.site.at,
                writes: look.access.writes,
                reading,
                lock: Rc::clone(lock),
                share,
                holders: Rc::clone(&holders),
            });
        }
    }

    /// The changes of what the field holds, with the lock. What was put there before in the same function is filled before others can have it.
    fn changed_in_place(&self) -> impl Iterator<Item = &'l Looked<'f>> + '_ {
        let mut replaced: HashMap<&FuncName, ExprId> = HashMap::new();
        for look in self.with.iter().filter(|look| look.access.writes && !look.access.inside) {
            let first = replaced.entry(look.name).or_insert(look.access.site.at);
            *first = look.access.site.at.min(*first);
        }
        let is_new = move |look: &Looked| replaced.get(look.name).is_some_and(|&first| first < look.access.site.at);
        let inside = self.with.iter().filter(|look| look.access.inside);
        inside.filter(move |look| !is_new(look)).copied()
    }

    fn add_handed_out(&self, found: &mut HashMap<FuncName, Vec<HandedOut>>) {
        let changers = spots(self.changed_in_place().map(|look| (false, look)));
        if changers.is_empty() {
            return;
        }
        for look in self.with.iter().filter(|look| look.access.returned && look.returns && !look.silent) {
            found.entry(look.name.clone()).or_default().push(HandedOut {
                at: look.access.site.at,
                lock: Rc::clone(self.lock),
                changers: Rc::clone(&changers),
            });
        }
    }
}

/// Where some functions look at a field, those of lower rank first.
fn spots<'l, 'f: 'l>(ranked: impl Iterator<Item = (bool, &'l Looked<'f>)>) -> Rc<[Spot]> {
    const MOST: usize = 3;
    let mut first: BTreeMap<&FuncName, (bool, ExprId)> = BTreeMap::new();
    for (rank, look) in ranked {
        let known = first.entry(look.name).or_insert((rank, look.access.site.at));
        *known = (rank, look.access.site.at).min(*known);
    }
    let mut spots: Vec<(bool, Spot)> = first.into_iter().map(|(name, (rank, at))| (rank, (name.clone(), at))).collect();
    spots.sort();
    spots.into_iter().take(MOST).map(|(_, spot)| spot).collect()
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
    /// Whether a caller is not known, and taken for one that holds nothing.
    assumed: bool,
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
            let others = Entry::Held(Known::default());
            // Others can call it as well, and hold no lock of the package: whoever is not known is taken for one of them.
            let open = (facts.exported || facts.handles) && !is_for_output(name);
            let known = |entry| match entry {
                Entry::Unknown if open => Entry::Held(Known { assumed: true, ..Known::default() }),
                entry => entry,
            };
            let entry = match values.get(name) {
                Some(to_library) => Some(if *to_library || facts.handles { others } else { Entry::Unknown }),
                None if calls.is_empty() && (facts.exported || facts.handles) => Some(others),
                None if calls.is_empty() => Some(Entry::Unknown),
                // Who calls itself holds what others hold that call it; in the first iteration nothing is known of anybody.
                None => {
                    let passed = calls.iter().filter_map(|(caller, call)| passed(entries.get(caller), call, turn));
                    passed.map(known).reduce(meet)
                }
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

/// What some callers of each function hold, directly or because their callers do.
fn held_by_some(facts: &[Facts]) -> HashMap<&FuncName, Vec<Place>> {
    const LONGEST: usize = 6;
    const MOST: usize = 16;
    let mut some: HashMap<&FuncName, Vec<Place>> = HashMap::new();
    for _ in 0..LONGEST {
        let mut changed = false;
        for (name, facts) in facts {
            let inherited = some.get(name).cloned().unwrap_or_default();
            for call in facts.calls.iter().filter(|call| call.waits) {
                let own = call.site.held.iter().map(|(lock, _)| lock);
                let inherited = inherited.iter().filter(|_| !call.site.detached);
                for place in own.chain(inherited).flat_map(|lock| call.in_callee(lock)) {
                    let known = some.entry(&call.callee).or_default();
                    if known.len() < MOST && !known.contains(&place) {
                        known.push(place);
                        changed = true;
                    }
                }
            }
        }
        if !changed {
            break;
        }
    }
    some
}

/// What a call gives the function that it calls.
fn passed(caller: Option<&Entry>, call: &CallSite, turn: usize) -> Option<Entry> {
    let alone = !call.waits;
    if call.opaque || call.site.unknown && call.site.held.is_empty() && !alone {
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
    Some(Entry::Held(Known { locks, fresh, assumed: inherited.assumed }))
}

impl CallSite {
    /// What a place of the caller is in the function that is called.
    fn in_callee(&self, place: &Place) -> Vec<Place> {
        // A variable of the package is the same there, and may be the receiver as well.
        let same = matches!(place.base, Base::Package(_)).then(|| place.clone());
        let there = |(base, given): &(Base, Place)| {
            let rest = place.below(given).filter(|_| place.indexes == given.indexes)?;
            Some(Place { base: base.clone(), path: rest.into(), indexes: [].into(), class: place.class.clone() })
        };
        same.into_iter().chain(self.given.iter().filter_map(there)).collect()
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
    Entry::Held(Known { locks, fresh, assumed: left.assumed || right.assumed })
}

impl<'a> Cx<'a> {
    /// The fields that the function of this piece looks at without the lock that other functions of the package hold.
    pub fn unguarded(&self) -> Rc<[Unguarded]> {
        if !self.has_accesses() {
            return Rc::new([]);
        }
        match self.ask_of_piece(What::Unguarded) {
            Some(Answer::Unguarded(found)) => found,
            _ => Rc::new([]),
        }
    }

    /// The fields that the function of this piece returns although a lock guards what they hold.
    pub fn handed_out(&self) -> Rc<[HandedOut]> {
        if !self.has_accesses() {
            return Rc::new([]);
        }
        match self.ask_of_piece(What::HandedOut) {
            Some(Answer::HandedOut(found)) => found,
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
