//! What the functions of a package do with locks, put together.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use super::across::{self, Across};
use super::alone::{Root, alone};
use super::facts::{Bound, CallSite, Facts, LockFacts, Site};
use super::guards::{self, HandedOut, Unguarded};
use super::itself::{self, WaitsForItself};
use super::locking::led_to_by;
use super::order::{self, Inverted};
use super::{Base, Locking, Mode, Place, Taken};
use crate::FuncName;

/// What the functions of a package do with locks.
#[derive(Debug, Default)]
pub struct PackageLocks {
    of: HashMap<FuncName, Rc<Locking>>,
    unguarded: HashMap<FuncName, Rc<[Unguarded]>>,
    handed_out: HashMap<FuncName, Rc<[HandedOut]>>,
    inverted: HashMap<FuncName, Rc<[Inverted]>>,
    across: HashMap<FuncName, Rc<[Across]>>,
    itself: HashMap<FuncName, Rc<[WaitsForItself]>>,
    /// Of all that is in it: it may be large, and is compared for each function that rests on it.
    digest: u64,
}

impl PartialEq for PackageLocks {
    fn eq(&self, other: &PackageLocks) -> bool {
        self.digest == other.digest
    }
}

impl Eq for PackageLocks {}

impl PackageLocks {
    /// Of what each function does by itself.
    pub(crate) fn of(facts: &[Facts]) -> PackageLocks {
        let facts = &with_callbacks(facts)[..];
        let itself = shared(itself::waits_for_itself(facts));
        if itself.is_empty() && facts.iter().all(|(_, facts)| facts.takes.is_empty()) {
            return PackageLocks::default();
        }
        let alone = alone(facts);
        let of = taken(facts, &alone);
        let entries = guards::entries(facts);
        let guards::Found { unguarded, handed_out } = guards::found(facts, &entries, &alone);
        let (unguarded, handed_out) = (shared(unguarded), shared(handed_out));
        let inverted = shared(order::inverted(facts, &of, &entries));
        let across = shared(across::across(facts, &of));
        let mut hasher = DefaultHasher::new();
        for (name, _) in facts {
            let fields = (unguarded.get(name), handed_out.get(name));
            (name, of.get(name), fields, inverted.get(name), across.get(name), itself.get(name)).hash(&mut hasher);
        }
        PackageLocks { of, unguarded, handed_out, inverted, across, itself, digest: hasher.finish() }
    }

    /// What a function does with locks.
    pub(crate) fn locking(&self, of: &FuncName) -> Rc<Locking> {
        self.of.get(of).cloned().unwrap_or_default()
    }

    /// The fields that a function looks at without the lock that others hold.
    pub(crate) fn unguarded(&self, of: &FuncName) -> Rc<[Unguarded]> {
        self.unguarded.get(of).cloned().unwrap_or_else(|| Rc::new([]))
    }

    /// The fields that a function returns although a lock guards them.
    pub(crate) fn handed_out(&self, of: &FuncName) -> Rc<[HandedOut]> {
        self.handed_out.get(of).cloned().unwrap_or_else(|| Rc::new([]))
    }

    /// What a function waits for while it holds a lock.
    pub(crate) fn across(&self, of: &FuncName) -> Rc<[Across]> {
        self.across.get(of).cloned().unwrap_or_else(|| Rc::new([]))
    }

    /// What a function waits for that a goroutine gets to for which it is waited.
    pub(crate) fn waits_for_itself(&self, of: &FuncName) -> Rc<[WaitsForItself]> {
        self.itself.get(of).cloned().unwrap_or_else(|| Rc::new([]))
    }

    /// The locks that a function takes in an order that is the other one elsewhere.
    pub(crate) fn inverted(&self, of: &FuncName) -> Rc<[Inverted]> {
        self.inverted.get(of).cloned().unwrap_or_else(|| Rc::new([]))
    }
}

/// The facts, with calls of functions that fields hold as calls of what the fields get.
fn with_callbacks(facts: &[Facts]) -> Vec<Facts> {
    // Of what may be one of many, nothing is said.
    const MOST: usize = 4;
    let mut given: HashMap<(&FuncName, usize), Vec<&FuncName>> = HashMap::new();
    for (callee, at, value) in facts.iter().flat_map(|(_, facts)| &facts.gives) {
        given.entry((callee, *at)).or_default().push(value);
    }
    let mut bound: HashMap<&Rc<str>, Vec<FuncName>> = HashMap::new();
    for (name, own) in facts {
        for (field, to) in &own.binds {
            let all = bound.entry(field).or_default();
            match to {
                Bound::To(function) => all.push(function.clone()),
                Bound::Param(index) => {
                    all.extend(given.get(&(name, *index)).into_iter().flatten().map(|&value| value.clone()));
                }
            }
        }
    }
    let with = |(name, own): &Facts| {
        let calls = own.field_calls.iter().filter_map(|(field, site)| Some((field, site, bound.get(field)?)));
        let calls: Vec<CallSite> = calls
            .filter(|(.., all)| all.len() <= MOST)
            .flat_map(|(field, site, all)| all.iter().map(move |callee| callback(field, site, callee)))
            .collect();
        match calls.is_empty() {
            true => (name.clone(), Rc::clone(own)),
            false => {
                let mut own = LockFacts::clone(own);
                own.calls.extend(calls);
                (name.clone(), Rc::new(own))
            }
        }
    };
    facts.iter().map(with).collect()
}

fn callback(field: &str, site: &Site, callee: &FuncName) -> CallSite {
    CallSite {
        callee: callee.clone(),
        name: field.rsplit('.').next().unwrap_or_default().into(),
        // Whether it is called hangs on what happens, and not on who calls.
        site: Site { conditional: false, ..site.clone() },
        given: Vec::new(),
        fresh: Vec::new(),
        waits: true,
        opaque: true,
    }
}

fn shared<T>(found: HashMap<FuncName, Vec<T>>) -> HashMap<FuncName, Rc<[T]>> {
    found.into_iter().map(|(name, found)| (name, found.into())).collect()
}

/// What the functions take, with what they call counted.
fn taken(facts: &[Facts], alone: &HashMap<&FuncName, Root<'_>>) -> HashMap<FuncName, Rc<Locking>> {
    // So long are chains of calls at most; functions may call each other.
    const LONGEST: usize = 8;
    let own = |name: &FuncName, facts: &LockFacts| {
        // What its caller has locked, and it locks again.
        let lent = |taken: &Taken, site: &Site| taken.lock.as_ref().is_some_and(|lock| site.has_to_do_with(lock));
        let takes = facts.takes.iter().filter(|(taken, site)| site.counts() && !lent(taken, site));
        let mut own = Vec::new();
        takes.for_each(|(taken, site)| {
            add(
                &mut own,
                Taken { at: Some((name.clone(), site.at)), released: site.released.clone().into(), ..taken.clone() },
            )
        });
        own
    };
    let mut all: HashMap<&FuncName, Vec<Taken>> = facts.iter().map(|(name, facts)| (name, own(name, facts))).collect();
    for _ in 0..LONGEST {
        let mut changed = false;
        for (name, facts) in facts {
            let mut takes = all.get(name).cloned().unwrap_or_default();
            let before = takes.len();
            for call in facts.calls.iter().filter(|call| call.waits && call.site.counts() && call.callee != *name) {
                let of_callee = all.get(&call.callee).into_iter().flatten();
                of_callee.filter_map(|taken| in_caller(taken, call)).for_each(|taken| add(&mut takes, taken));
            }
            changed |= takes.len() != before;
            all.insert(name, takes);
        }
        if !changed {
            break;
        }
    }
    let shared = |mut taken: Taken| {
        taken.lock = taken.lock.take().filter(Place::is_shared);
        // A local lock is known to its own function only.
        let is_local = |class: &Rc<str>| class.contains('@');
        (taken.lock.is_some() || !taken.class.as_ref().is_none_or(is_local)).then_some(taken)
    };
    let locking = |name: &FuncName, facts: &LockFacts| {
        let takes = all.get(name).cloned().unwrap_or_default().into_iter().filter_map(shared).collect();
        (name.clone(), Rc::new(Locking { takes, invokes: invoked(facts), alone: alone.contains_key(name) }))
    };
    facts.iter().map(|(name, facts)| locking(name, facts)).collect()
}

/// The parameters that a function calls before it returns, with the locks that it holds then and its caller can name.
fn invoked(facts: &LockFacts) -> Vec<(usize, Vec<(Place, Mode)>)> {
    let held = |site: &Site| site.held.iter().filter(|(lock, _)| lock.is_shared()).cloned().collect();
    let now = facts.invokes.iter().filter(|(_, site)| site.counts());
    now.map(|(index, site)| (*index, held(site))).collect()
}

fn add(takes: &mut Vec<Taken>, taken: Taken) {
    const MOST: usize = 24;
    if takes.len() < MOST && !takes.iter().any(|known| known.is_like(&taken)) {
        takes.push(taken);
    }
}

/// What a function that is called takes, as its caller names it; none if the caller unlocked it before, or holds it anyway.
fn in_caller(taken: &Taken, call: &CallSite) -> Option<Taken> {
    let lock = taken.lock.as_ref().and_then(|lock| call.in_caller(lock));
    if lock.as_ref().is_some_and(|lock| call.site.has_to_do_with(lock)) {
        return None;
    }
    Some(call.passed_on(taken, lock))
}

impl Site {
    /// Whether a lock is held there, or has been unlocked before.
    fn has_to_do_with(&self, lock: &Place) -> bool {
        self.released.contains(lock) || self.held.iter().any(|(held, _)| held == lock)
    }
}

impl CallSite {
    /// What a function that is called takes, for its caller.
    pub(super) fn passed_on(&self, taken: &Taken, lock: Option<Place>) -> Taken {
        let by = led_to_by(&self.name, &taken.by);
        let released = taken.released.iter().filter_map(|place| self.in_caller(place));
        let released = self.site.released.iter().cloned().chain(released).collect();
        let fresh = taken.fresh || taken.lock.as_ref().is_some_and(|lock| self.fresh.contains(&lock.base));
        let unsure = taken.unsure || self.opaque;
        Taken { lock, by, released, fresh, unsure, ..taken.clone() }
    }

    /// What a place of the function that is called is in its caller.
    pub(super) fn in_caller(&self, place: &Place) -> Option<Place> {
        if let Base::Package(_) = place.base {
            return Some(place.clone());
        }
        let (_, there) = self.given.iter().find(|(base, _)| *base == place.base)?;
        Some(there.then(&place.path, place.class.clone()))
    }
}
