//! What waits while a lock is held that others need.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use gopeer_syntax::ast::ExprId;

use super::facts::{Facts, LockFacts, Site, owner};
use super::guards::is_before_others;
use super::locking::led_to_by;
use super::waits::{Serves, Wait, WaitKind};
use super::{Base, Locking, Mode, Place, Taken};
use crate::summary::{Answer, What};
use crate::{Cx, FuncName};

/// That a function waits while it holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Across {
    /// What waits: the call, the receive, the channel of the send.
    pub at: ExprId,
    /// The lock.
    pub lock: Place,
    /// What is waited for.
    pub wait: Wait,
    /// The functions that lead to the one that waits, from the one that is called; empty if it waits at once.
    pub by: Rc<[Rc<str>]>,
    /// Functions that take the same lock and do not wait long themselves.
    pub others: Rc<[FuncName]>,
    /// Who would end the wait, and needs the lock before.
    pub partner: Option<Partner>,
    /// Whether it waits only once there is no room in a channel.
    pub full: bool,
}

/// Who would end a wait, and needs the lock before that is held meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partner {
    /// The function, or the one whose closure it is.
    pub function: FuncName,
    /// The call that takes the lock: of `Lock`, or of a function that does.
    pub needs: ExprId,
    /// What would end the wait.
    pub ends: ExprId,
}

/// What a function waits for that is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waits {
    /// What is waited for.
    pub wait: Wait,
    /// The functions that lead to the one that waits; empty if it waits at once.
    pub by: Rc<[Rc<str>]>,
    /// The locks of callers that may have been unlocked before.
    pub released: Vec<Place>,
}

/// What functions wait for: the first thing of each, with what they call counted.
pub(super) fn waits(facts: &[Facts]) -> HashMap<FuncName, Waits> {
    const LONGEST: usize = 4;
    let channels = Channels::of(facts);
    let mut all: HashMap<FuncName, Waits> = HashMap::new();
    for (name, facts) in facts {
        // Whether one of many is slow is for those to know who have them.
        let waits = |wait: &Wait| wait.kind != WaitKind::Each && channels.can_wait(wait);
        let own = facts.waits.iter().find(|(wait, site)| site.counts() && waits(wait));
        if let Some((wait, site)) = own {
            let waits = Waits { wait: wait.clone(), by: [].into(), released: site.released.clone() };
            all.insert(name.clone(), waits);
        }
    }
    for _ in 0..LONGEST {
        let mut found = Vec::new();
        for (name, facts) in facts.iter().filter(|(name, _)| !all.contains_key(name)) {
            let calls = facts.calls.iter().filter(|call| call.waits && call.site.counts());
            let waiting = calls.filter_map(|call| Some((call, all.get(&call.callee)?))).next();
            if let Some((call, waits)) = waiting {
                let released = waits.released.iter().filter_map(|place| call.in_caller(place));
                let released = released.chain(call.site.released.iter().cloned()).collect();
                let by = led_to_by(&call.name, &waits.by);
                found.push((name.clone(), Waits { by, released, wait: waits.wait.clone() }));
            }
        }
        if found.is_empty() {
            break;
        }
        all.extend(found);
    }
    all
}

/// Which channels have room, by what is made in the package.
struct Channels<'f>(HashMap<&'f str, (bool, bool)>);

impl Channels<'_> {
    fn of(facts: &[Facts]) -> Channels<'_> {
        let mut known: HashMap<&str, (bool, bool)> = HashMap::new();
        for (place, room) in facts.iter().flat_map(|(_, facts)| &facts.channels) {
            if let Some(class) = place.class.as_deref() {
                let (with, without) = known.entry(class).or_default();
                *(if *room { with } else { without }) = true;
            }
        }
        Channels(known)
    }

    /// Whether a function that sends into room closes the channel as well: it sends once, for which there is room.
    fn is_sent_once(&self, wait: &Wait, facts: &LockFacts) -> bool {
        let Some(class) = wait.on.as_ref().and_then(|on| on.class.as_deref()) else { return false };
        let closes =
            |(serves, on, _): &(Serves, Place, Site)| *serves == Serves::Closes && on.class.as_deref() == Some(class);
        self.0.get(class) == Some(&(true, false)) && facts.serves.iter().any(closes)
    }

    /// Whether something that waits waits for another goroutine: a send into room does not, and neither does a receive of what is in there,
    /// as with a semaphore.
    fn can_wait(&self, wait: &Wait) -> bool {
        let room = |place: &Place| self.0.get(place.class.as_deref()?).copied();
        match (wait.kind, wait.on.as_ref().and_then(room)) {
            (WaitKind::Send | WaitKind::Offer, Some((with, without))) => without && !with,
            (WaitKind::Send | WaitKind::Offer, None) => false,
            (WaitKind::Receive, Some((with, _))) => !with,
            // It ends by itself.
            (WaitKind::Select, _) => wait.on.is_none(),
            // Goroutines that the function starts for its own work.
            (WaitKind::Group, _) => !matches!(wait.on, Some(Place { base: Base::Local(_), .. })),
            _ => true,
        }
    }
}

/// By function, what it waits for while it holds a lock that others need.
pub(super) fn across(facts: &[Facts], of: &HashMap<FuncName, Rc<Locking>>) -> HashMap<FuncName, Vec<Across>> {
    let channels = Channels::of(facts);
    let waits = waits(facts);
    let partners = Partners::of(facts, of);
    let mut found: Vec<(&FuncName, Across)> = Vec::new();
    let mut waiting: BTreeMap<&str, BTreeSet<&FuncName>> = BTreeMap::new();
    for (name, facts) in facts {
        for Waiting { site, wait, by } in waits_of(facts, &waits) {
            for (lock, mode) in &site.held {
                let Some(class) = lock.class.as_deref() else { continue };
                let waits = channels.can_wait(&wait);
                // What is in a channel with room can be received at once.
                let may_block = waits || !matches!(wait.kind, WaitKind::Receive | WaitKind::Offer);
                let partner = may_block.then(|| partners.blocked((name, site), &wait, (lock, *mode))).flatten();
                // The end of a context ends it, unless those who would end it wait as well.
                let waits = waits && wait.kind != WaitKind::Offer;
                if waits {
                    waiting.entry(class).or_default().insert(name);
                }
                let full = !waits && wait.kind == WaitKind::Send || wait.kind == WaitKind::Each;
                if full && channels.is_sent_once(&wait, facts) {
                    continue;
                }
                let excludes = *mode == Mode::Write || wait.kind == WaitKind::Each;
                if waits && excludes || partner.is_some() {
                    let (wait, by, lock) = (wait.clone(), Rc::clone(&by), lock.clone());
                    found.push((name, Across { at: site.at, lock, wait, by, others: [].into(), partner, full }));
                }
            }
        }
    }
    let quick = quick(facts, &waiting);
    let mut all: HashMap<FuncName, Vec<Across>> = HashMap::new();
    for (name, mut across) in found {
        let class = across.lock.class.as_deref().unwrap_or_default();
        let (quick, others) = quick.get(class).map(|quick| quick.of(name, &across.lock)).unwrap_or_default();
        let waiting = waiting.get(class).map_or(0, BTreeSet::len);
        // If most who take it wait under it, it is there for that.
        let serialises = match across.wait.kind {
            // It is there for those who come and go.
            WaitKind::Each => false,
            WaitKind::Answer | WaitKind::Given | WaitKind::Sleep => quick < waiting,
            _ => quick <= waiting,
        };
        let deliberate = serialises || !is_general(across.lock.name()) || is_beside_use(name);
        // That a function far away waits for something in this process says little about its callers.
        let far = match across.wait.kind {
            WaitKind::Select => !across.by.is_empty(),
            WaitKind::Answer => false,
            _ => across.by.len() > 1,
        };
        if across.partner.is_none() && (quick == 0 || deliberate || far) {
            continue;
        }
        across.others = others.into_iter().cloned().collect();
        let own = all.entry(name.clone()).or_default();
        // One finding for each operation: those of one operation follow each other.
        if own.last().is_none_or(|known| known.at != across.at) {
            own.push(across);
        }
    }
    all
}

/// The functions that take a lock of a kind and do not wait while they hold it, each with its place among all functions.
#[derive(Default)]
struct Quick<'f> {
    /// Those whose lock can be the one that any other function holds.
    any: Vec<(usize, &'f FuncName)>,
    /// By the type of their receiver, those whose lock belongs to a struct that is a field of it, embedded perhaps: then values of other
    /// types have locks of the same kind.
    inside: HashMap<&'f str, Vec<(usize, &'f FuncName)>>,
}

impl<'f> Quick<'f> {
    /// How many can take the lock that another function holds, and the first three.
    fn of(&self, other: &FuncName, lock: &Place) -> (usize, Vec<&'f FuncName>) {
        const NAMED: usize = 3;
        let owners: BTreeSet<&str> = owner(other).into_iter().chain(lock.path.split('.')).collect();
        let (mut count, mut first) = (0, Vec::new());
        for list in std::iter::once(&self.any).chain(owners.iter().filter_map(|owner| self.inside.get(owner))) {
            count += list.len();
            first.extend(list.iter().take(NAMED));
        }
        first.sort();
        (count, first.into_iter().take(NAMED).map(|&(_, name)| name).collect())
    }
}

/// The functions that take a lock and do not wait while they hold it, by the kind of the lock.
fn quick<'f>(facts: &'f [Facts], waiting: &BTreeMap<&str, BTreeSet<&FuncName>>) -> HashMap<&'f str, Quick<'f>> {
    let mut quick: HashMap<&str, Quick> = HashMap::new();
    for (at, (name, facts)) in facts.iter().enumerate() {
        let mut known = HashSet::new();
        for (taken, _) in &facts.takes {
            let Some(class) = taken.class.as_deref() else { continue };
            if !known.insert(class) || waiting.get(class).is_some_and(|all| all.contains(name)) {
                continue;
            }
            let is_inside = |lock: &Place| lock.base == Base::Receiver && lock.path.matches('.').count() > 1;
            let quick = quick.entry(class).or_default();
            match owner(name).filter(|_| taken.lock.as_ref().is_some_and(is_inside)) {
                Some(owner) => quick.inside.entry(owner).or_default().push((at, name)),
                None => quick.any.push((at, name)),
            }
        }
    }
    quick
}

/// Whether a function runs before others use the value, or when they have done with it, by its name.
pub(super) fn is_beside_use(name: &str) -> bool {
    const WORDS: &[&str] =
        &["cleanup", "close", "destroy", "restore", "shutdown", "stop", "stopping", "teardown", "terminate"];
    let last = name.rsplit('.').next().unwrap_or_default();
    let first = crate::words(last).into_iter().next().unwrap_or_default();
    is_before_others(name) || WORDS.contains(&first.as_str())
}

/// Whether the name of a lock says no more than that it is one.
fn is_general(name: &str) -> bool {
    const NAMES: &[&str] =
        &["l", "lk", "lock", "m", "mtx", "mu", "mut", "mutex", "mux", "rw", "rwlock", "rwmu", "rwmutex"];
    NAMES.contains(&name.to_lowercase().as_str())
}

/// An operation that waits, or a call of a function that does.
struct Waiting<'f> {
    site: &'f Site,
    wait: Wait,
    by: Rc<[Rc<str>]>,
}

/// The operations of a function that wait, and the calls of functions that do.
fn waits_of<'f>(facts: &'f LockFacts, waits: &HashMap<FuncName, Waits>) -> Vec<Waiting<'f>> {
    let own = facts.waits.iter().filter(|(_, site)| !site.conditional);
    let mut all: Vec<_> = own.map(|(wait, site)| Waiting { site, wait: wait.clone(), by: [].into() }).collect();
    for call in facts.calls.iter().filter(|call| call.waits && !call.site.conditional) {
        let Some(waits) = waits.get(&call.callee) else { continue };
        let released =
            |(lock, _): &(Place, Mode)| waits.released.iter().any(|place| call.in_caller(place).as_ref() == Some(lock));
        if !call.site.held.iter().any(released) {
            let by = led_to_by(&call.name, &waits.by);
            all.push(Waiting { site: &call.site, wait: waits.wait.clone(), by });
        }
    }
    all
}

impl Site {
    /// Whether what is done there is done whenever the function is called, as far as its caller can tell.
    pub(super) fn counts(&self) -> bool {
        !self.detached && !self.unknown && !self.conditional
    }
}

/// What is waited on: by its class, or a local by its function.
#[derive(PartialEq, Eq, Hash)]
enum Key<'k> {
    Class(&'k str),
    Local(&'k FuncName, &'k Place),
}

impl<'k> Key<'k> {
    fn of(func: &'k FuncName, on: &'k Place) -> Key<'k> {
        on.class.as_deref().map_or(Key::Local(func, on), Key::Class)
    }
}

/// Something that ends a wait.
struct Serving<'f> {
    name: &'f FuncName,
    facts: &'f LockFacts,
    serves: Serves,
    site: &'f Site,
}

/// Who ends which waits, and which locks they take before.
struct Partners<'f> {
    of: &'f HashMap<FuncName, Rc<Locking>>,
    serving: HashMap<Key<'f>, Vec<Serving<'f>>>,
    /// How many more operations may be looked at.
    fuel: Cell<usize>,
}

impl<'f> Partners<'f> {
    fn of(facts: &'f [Facts], of: &'f HashMap<FuncName, Rc<Locking>>) -> Partners<'f> {
        let mut serving: HashMap<Key, Vec<Serving>> = HashMap::new();
        let mut size = 64;
        for (name, facts) in facts {
            size += facts.takes.len() + facts.calls.len() + facts.waits.len() + facts.serves.len();
            for (serves, place, site) in &facts.serves {
                let one = Serving { name, facts, serves: *serves, site };
                serving.entry(Key::of(name, place)).or_default().push(one);
            }
        }
        Partners { of, serving, fuel: Cell::new(64 * size) }
    }

    /// Pays for looking at operations; none once no more may be looked at.
    fn spend(&self, operations: usize) -> Option<()> {
        self.fuel.set(self.fuel.get().checked_sub(operations)?);
        Some(())
    }

    /// Who would end a wait and needs the lock first that is held meanwhile, if all who would do.
    fn blocked(&self, (own, site): (&FuncName, &Site), wait: &Wait, (lock, mode): (&Place, Mode)) -> Option<Partner> {
        const MOST: usize = 8;
        let serving = self.serving.get(&Key::of(own, wait.on.as_ref()?))?;
        self.spend(serving.len())?;
        let other = |one: &&Serving| (one.name, one.site.unit) != (own, site.unit);
        let ending = serving.iter().filter(|one| one.serves.ends(wait.kind)).filter(other);
        let ending: Vec<&Serving> = ending.take(MOST + 1).collect();
        // Who counts itself only once it has had the lock is not waited for before.
        let counts = |one: &Serving, needs: &ExprId| {
            serving.iter().any(|add| {
                let same = add.name == one.name && add.site.unit == one.site.unit;
                same && add.serves == Serves::Adds && add.site.at > *needs
            })
        };
        let needs = |one: &&Serving| {
            self.spend(serving.len())?;
            self.needs(one.facts, one.site, lock, mode).filter(|needs| !counts(one, needs))
        };
        let needs: Option<Vec<ExprId>> = ending.iter().map(needs).collect();
        let (first, needs) = (ending.first()?, *needs?.first()?);
        let partner = Partner { function: first.name.clone(), needs, ends: first.site.at };
        Some(partner).filter(|_| ending.len() <= MOST)
    }

    /// Where a lock is taken before something is done; none if it is not needed for that.
    fn needs(&self, facts: &LockFacts, serving: &Site, lock: &Place, mode: Mode) -> Option<ExprId> {
        self.spend(facts.takes.len() + facts.calls.len())?;
        let before = |site: &Site| {
            site.unit == serving.unit
                && !site.conditional
                && (site.at < serving.at || serving.late && !site.last)
                && site.held.is_empty()
        };
        let excludes = |taken: &Taken| {
            let same = match (&taken.class, &lock.class) {
                (Some(taken), Some(class)) => taken == class,
                _ => taken.lock.as_ref() == Some(lock),
            };
            same && !taken.unsure && (mode, taken.mode) != (Mode::Read, Mode::Read)
        };
        let direct = facts.takes.iter().find(|(taken, site)| before(site) && excludes(taken)).map(|(_, site)| site.at);
        direct.or_else(|| {
            let calls = facts.calls.iter().filter(|call| call.waits && !call.opaque && before(&call.site));
            let takes = |callee| self.of.get(callee).is_some_and(|locking| locking.takes.iter().any(excludes));
            calls.into_iter().find(|call| takes(&call.callee)).map(|call| call.site.at)
        })
    }
}

impl<'a> Cx<'a> {
    /// What the function of this piece waits for while it holds a lock that others need.
    pub fn held_across(&self) -> Rc<[Across]> {
        match self.ask_of_piece(What::Across) {
            Some(Answer::Across(found)) => found,
            _ => Rc::new([]),
        }
    }
}
