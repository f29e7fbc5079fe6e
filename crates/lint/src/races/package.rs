//! Fields and variables of a package that functions of it use at the same time: a goroutine that runs in the background, handlers
//! that answer requests, and what others call meanwhile.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use gopeer_syntax::ast::ExprId;

use super::access::Does;
use super::atomics::AtomicUse;
use super::beside::{Late, Meanwhile, Slot, done_to};
use super::sharing::{FieldRace, Lead, SharingFacts, Touch, Users};
use crate::{FuncName, words};

/// What the functions of a package share.
#[derive(Debug, Default)]
pub struct PackageSharing {
    of: HashMap<FuncName, Rc<[FieldRace]>>,
    digest: u64,
}

impl PartialEq for PackageSharing {
    fn eq(&self, other: &PackageSharing) -> bool {
        self.digest == other.digest
    }
}

impl Eq for PackageSharing {}

type Facts = (FuncName, Rc<SharingFacts>);

impl PackageSharing {
    /// Of what each function does by itself. What is used with `sync/atomic` is left out.
    pub(crate) fn of(facts: &[Facts], atomics: &[AtomicUse]) -> PackageSharing {
        let users = Roles::of(facts);
        let mut classes: BTreeMap<&Rc<str>, Vec<(&Facts, &Touch)>> = BTreeMap::new();
        for one in facts {
            for touch in one.1.touches.iter().filter(|touch| touch.shared) {
                classes.entry(&touch.class).or_default().push((one, touch));
            }
        }
        let mut of: HashMap<FuncName, Vec<FieldRace>> = HashMap::new();
        let is_atomic = |class: &Rc<str>| atomics.iter().any(|used| used.class == *class);
        let mut known: BTreeSet<&Rc<str>> = BTreeSet::new();
        for (name, class, race) in races_beside(facts) {
            if !is_atomic(class) && known.insert(class) {
                of.entry(name.clone()).or_default().push(race);
            }
        }
        for (name, race) in users.closed_twice(facts).into_iter().chain(left_behind(facts)) {
            of.entry(name).or_default().push(race);
        }
        for (class, touches) in classes.into_iter().filter(|(class, _)| !known.contains(*class)) {
            if let Some((name, race)) = users.lazy(&touches) {
                of.entry(name).or_default().push(race);
                continue;
            }
            if is_atomic(class) {
                continue;
            }
            // Whoever holds a lock for it says that it needs one: that is for those who look at locks. Only of what many do no
            // more evidence is needed.
            let guarded = touches.iter().any(|(_, touch)| touch.guarded);
            let race = if guarded { users.race_of_many(&touches) } else { users.race(&touches) };
            if let Some((name, race)) = race {
                of.entry(name).or_default().push(race);
            }
        }
        let of: HashMap<FuncName, Rc<[FieldRace]>> = of.into_iter().map(|(name, found)| (name, found.into())).collect();
        let mut hasher = DefaultHasher::new();
        for (name, _) in facts {
            (name, of.get(name)).hash(&mut hasher);
        }
        PackageSharing { of, digest: hasher.finish() }
    }

    /// What a function writes while others use it.
    pub(crate) fn races(&self, of: &FuncName) -> Rc<[FieldRace]> {
        self.of.get(of).cloned().unwrap_or_else(|| Rc::new([]))
    }
}

/// What functions have done at the same time to one value, that is written by one of the two.
fn races_beside(facts: &[Facts]) -> Vec<(&FuncName, &Rc<str>, FieldRace)> {
    let by_name: HashMap<&FuncName, &SharingFacts> = facts.iter().map(|(name, facts)| (name, &**facts)).collect();
    let race = |at: ExprId, does: Does, starter: &FuncName, other: &Touch| {
        let (other, other_does) = (short(starter), other.does);
        FieldRace { at, does, other, other_does, between: Users::Beside }
    };
    let mut found = Vec::new();
    for (starter, facts) in facts {
        let Meanwhile { beside, turns, late, .. } = &facts.meanwhile;
        let left = turns.iter().flat_map(|passed| {
            let leaves = by_name.get(&passed.callee).into_iter().flat_map(|facts| &facts.meanwhile.leaves);
            leaves.filter(|(slot, _)| *slot == passed.slot).map(|(_, left)| (left, left))
        });
        for (one, other) in beside.iter().map(|(one, other)| (one, other)).chain(left) {
            let (ones, others) = (done_to(&by_name, one, true), done_to(&by_name, other, true));
            for (write, with) in [(&ones, &others), (&others, &ones)] {
                let mut met: HashMap<&Rc<str>, &Touch> = HashMap::new();
                // Who reads after a wait may have waited for the write.
                for (_, touch) in with.iter().filter(|(_, touch)| touch.does.is_write() || !touch.waited) {
                    met.entry(&touch.class).or_insert(touch);
                }
                for (name, touch) in write.iter().filter(|(_, touch)| touch.does.is_write()) {
                    let Some(met) = met.get(&touch.class) else { continue };
                    found.push((*name, &touch.class, race(touch.at, touch.does, starter, met)));
                }
            }
        }
        for Late { passed, class, at, does } in late {
            let done = done_to(&by_name, passed, false);
            if let Some((_, touch)) = done.iter().find(|(_, touch)| touch.class == *class) {
                found.push((starter, class, race(*at, *does, starter, touch)));
            }
        }
    }
    found
}

/// Which functions run in the background, which answer requests, and which others may call meanwhile.
struct Roles<'f> {
    background: BTreeSet<&'f FuncName>,
    /// With the function that others call.
    called: BTreeMap<&'f FuncName, &'f FuncName>,
    requests: BTreeMap<&'f FuncName, &'f FuncName>,
    /// Those that partitions call, with that.
    claims: BTreeMap<&'f FuncName, &'f FuncName>,
    /// Those that could be registered to answer requests. What they are methods of may be made for each request; a map seldom is.
    shaped: BTreeSet<&'f FuncName>,
}

impl<'f> Roles<'f> {
    fn of(facts: &'f [Facts]) -> Roles<'f> {
        let by_name: HashMap<&FuncName, &SharingFacts> = facts.iter().map(|(name, facts)| (name, &**facts)).collect();
        let values: BTreeSet<&FuncName> = facts.iter().flat_map(|(_, facts)| &facts.values).collect();
        let started = facts.iter().filter(|(_, facts)| !facts.waits).flat_map(|(_, facts)| &facts.starts);
        let detached = facts.iter().filter(|(_, facts)| !facts.waits).flat_map(|(_, facts)| &facts.calls);
        let detached = detached.filter(|(_, detached)| *detached).map(|(name, _)| name);
        let background = spread(&by_name, started.chain(detached).map(|name| (name, name)), false);
        let is_method = |name: &&FuncName| name.contains('.');
        let exported = facts.iter().filter(|(_, facts)| facts.exported && !facts.prepares && !facts.spawns);
        // By the custom of `bufio.Scanner`, who asks for the error has waited for the end.
        let exported = exported
            .map(|(name, _)| name)
            .filter(is_method)
            .filter(|name| !name.ends_with(".Err"))
            .filter(|name| !background.contains_key(*name));
        let called: BTreeSet<&FuncName> =
            facts.iter().flat_map(|(_, facts)| &facts.calls).map(|(name, _)| name).collect();
        let requests = facts.iter().filter(|(name, facts)| {
            facts.answers && (values.contains(name) || facts.exported && (facts.rpc || name.ends_with(".ServeHTTP")))
        });
        let shaped = facts.iter().filter(|(name, facts)| facts.exported && facts.handles && !called.contains(name));
        let claims = facts.iter().filter(|(_, facts)| facts.claims).map(|(name, _)| (name, name));
        let asked = facts.iter().flat_map(|(_, facts)| &facts.asked);
        let requests: Vec<&FuncName> = requests.map(|(name, _)| name).chain(asked).collect();
        Roles {
            called: spread(&by_name, exported.chain(requests.iter().copied()).map(|name| (name, name)), false),
            requests: spread(&by_name, requests.into_iter().map(|name| (name, name)), false),
            claims: spread(&by_name, claims, true),
            shaped: shaped.map(|(name, _)| name).filter(is_method).collect(),
            background: background.into_keys().collect(),
        }
    }

    /// Channels of fields that are closed by what a goroutine runs and by what others call, or by two goroutines.
    fn closed_twice(&self, facts: &'f [Facts]) -> Vec<(FuncName, FieldRace)> {
        if facts.iter().all(|(_, facts)| facts.closes.is_empty()) {
            return Vec::new();
        }
        let mut callers: Callers = HashMap::new();
        for (name, facts) in facts {
            for Lead { slot, passed, detached, .. } in &facts.leads {
                callers.entry((&passed.callee, passed.slot)).or_default().push(((name, *slot), facts, *detached));
            }
        }
        let started: BTreeSet<&FuncName> = facts.iter().flat_map(|(_, facts)| &facts.starts).collect();
        let mut found: BTreeMap<&Rc<str>, (FuncName, FieldRace)> = BTreeMap::new();
        let mut roots: BTreeMap<&Rc<str>, (BTreeSet<&FuncName>, BTreeSet<&FuncName>)> = BTreeMap::new();
        for (name, facts) in facts {
            for (slot, class, at) in &facts.closes {
                let (goroutines, entries) = roots.entry(class).or_default();
                for (above, facts) in leading_to(&callers, ((name, *slot), facts)) {
                    let beside = callers.get(&above).is_some_and(|all| all.iter().any(|(_, _, detached)| *detached));
                    if started.contains(above.0) || beside {
                        goroutines.insert(above.0);
                    } else if facts.exported && !facts.prepares {
                        entries.insert(above.0);
                    }
                }
                let race = FieldRace {
                    at: *at,
                    does: Does::Writes,
                    other: "".into(),
                    other_does: Does::Writes,
                    between: Users::Closers,
                };
                found.entry(class).or_insert((name.clone(), race));
            }
        }
        let several = |(class, (name, race)): (&Rc<str>, (FuncName, FieldRace))| {
            let (goroutines, entries) = roots.get(class)?;
            let mut all = goroutines.iter().chain(entries);
            let (first, second) = (all.next().filter(|_| !goroutines.is_empty())?, all.next()?);
            Some((name, FieldRace { other: format!("`{}` and `{}`", short(first), short(second)).into(), ..race }))
        };
        found.into_iter().filter_map(several).collect()
    }

    /// What is set where it was found to be nil, without a lock, in what answers requests.
    fn lazy(&self, touches: &[(&Facts, &Touch)]) -> Option<(FuncName, FieldRace)> {
        let is_shared = |(one, touch): &&(&Facts, &Touch)| {
            let free = !touch.guarded && !touch.detached && !touch.waited;
            touch.lazy && free && self.requests.contains_key(&one.0)
        };
        let (one, touch) = touches.iter().find(is_shared)?;
        let race = FieldRace {
            at: touch.at,
            does: touch.does,
            other: short(&one.0),
            other_does: touch.does,
            between: Users::Setters,
        };
        Some((one.0.clone(), race))
    }

    /// The race of one field or variable, with the function that writes.
    fn race(&self, touches: &[(&Facts, &Touch)]) -> Option<(FuncName, FieldRace)> {
        const STOPS: &[&str] =
            &["cancel", "close", "disable", "enable", "pause", "quit", "resume", "shutdown", "stop", "terminate"];
        // A variable of the package that a background goroutine writes, functions may use before it is started.
        let is_background = |(one, touch): &&(&Facts, &Touch)| {
            if !touch.class.contains('.') {
                return false;
            }
            if touch.detached { !one.1.waits } else { self.background.contains(&one.0) }
        };
        let caller = |(one, touch): &(&Facts, &Touch), of: &BTreeMap<&FuncName, &FuncName>| {
            let free = !touch.detached && !touch.waited && !one.1.prepares;
            of.get(&one.0).filter(|_| free).map(|name| short(name))
        };
        for write in touches.iter().filter(is_background).filter(|(_, touch)| touch.does.is_write()) {
            for read in touches {
                if let Some(name) = caller(read, &self.called) {
                    return Some(between(write, name, read.1.does, Users::Background));
                }
            }
        }
        let reads = |(_, touch): &&(&Facts, &Touch)| touch.in_loop && touch.flag && touch.does == Does::Reads;
        if let Some(read) = touches.iter().filter(is_background).find(reads) {
            let stops = |name: &str| words(name).first().is_some_and(|word| STOPS.contains(&word.as_str()));
            for write in touches.iter().filter(|(_, touch)| touch.does.is_write()) {
                if caller(write, &self.called).is_some_and(|name| stops(&name)) {
                    return Some(between(write, short(&read.0.0), read.1.does, Users::Stop));
                }
            }
        }
        self.race_of_many(touches)
    }

    /// The race of one field or variable that requests write, or partitions, whose goroutines run at the same time.
    fn race_of_many(&self, touches: &[(&Facts, &Touch)]) -> Option<(FuncName, FieldRace)> {
        touches.iter().filter(|(_, touch)| touch.does.is_write() && !touch.guarded).find_map(|write| {
            let (one, touch) = write;
            // A message is nothing that partitions wait for each other with.
            if let Some(name) = self.claims.get(&one.0) {
                return Some(between(write, short(name), touch.does, Users::Claims));
            }
            let shaped = || self.shaped.get(&one.0).filter(|_| touch.does.is_of_map());
            let name = self.requests.get(&one.0).or_else(shaped).filter(|_| !touch.waited && !one.1.prepares)?;
            Some(between(write, short(name), touch.does, Users::Requests))
        })
    }
}

/// The race of a write with what another function does.
fn between((one, touch): &(&Facts, &Touch), other: Rc<str>, other_does: Does, between: Users) -> (FuncName, FieldRace) {
    (one.0.clone(), FieldRace { at: touch.at, does: touch.does, other, other_does, between })
}

/// The name of a function without the type that it is a method of.
fn short(name: &FuncName) -> Rc<str> {
    name.rsplit('.').next().unwrap_or_default().into()
}

/// What is collected in a field that a loop in the background passes on now and then, where a method ends the loop and nobody passes on the
/// rest.
fn left_behind(facts: &[Facts]) -> Vec<(FuncName, FieldRace)> {
    const PASSES: &[&str] = &[
        "commit", "deliver", "drain", "emit", "export", "flush", "persist", "publish", "push", "save", "send", "ship",
        "store", "upload", "write",
    ];
    if facts.iter().all(|(_, facts)| facts.stops.is_none()) {
        return Vec::new();
    }
    let by_name: HashMap<&FuncName, &SharingFacts> = facts.iter().map(|(name, facts)| (name, &**facts)).collect();
    let passes = |name: &FuncName| words(&short(name)).first().is_some_and(|word| PASSES.contains(&word.as_str()));
    let appends = |touch: &&Touch| touch.slot == Some(None) && touch.does == Does::Appends;
    let collected: HashSet<&Rc<str>> =
        facts.iter().flat_map(|(_, facts)| facts.touches.iter().filter(appends).map(|touch| &touch.class)).collect();
    // By type: looking at all functions for each that ends something would cost the square of their number.
    let started = by_type(facts.iter().flat_map(|(_, facts)| &facts.starts));
    let takers = by_type(facts.iter().map(|(name, _)| name).filter(|name| passes(name)));
    let mut found = Vec::new();
    for (closer, closing) in facts.iter().filter(|(_, facts)| facts.exported) {
        let (Some(at), Some((of, _))) = (closing.stops, closer.rsplit_once('.')) else { continue };
        let (Some(started), Some(takers)) = (started.get(of), takers.get(of)) else { continue };
        let reached = called_from(&by_name, closer);
        for &taker in takers {
            let touches = || by_name[taker].touches.iter().filter(|touch| touch.slot == Some(None));
            let reads = |class: &Rc<str>| touches().any(|touch| touch.class == *class && touch.does == Does::Reads);
            let mut drained = touches().filter(|touch| touch.does == Does::Writes).map(|touch| &touch.class);
            let Some(class) = drained.find(|class| reads(class) && collected.contains(class)) else { continue };
            let leads_to = |lead: &&Lead| {
                lead.passed.callee == *taker || called_from(&by_name, &lead.passed.callee).contains(&taker)
            };
            let leads = |name: &&FuncName| -> Vec<&Lead> { by_name[*name].leads.iter().filter(leads_to).collect() };
            let is_loop = |name: &&FuncName| {
                let leads = by_name.get(*name).map(|_| leads(name)).unwrap_or_default();
                !leads.is_empty() && leads.iter().all(|lead| lead.again)
            };
            let looks = |name: &&FuncName| {
                by_name.get(*name).is_some_and(|facts| facts.touches.iter().any(|touch| touch.class == *class))
            };
            if !reached.iter().any(looks) && started.iter().any(is_loop) {
                let field = class.rsplit('.').next().unwrap_or_default();
                let other = format!("`{}` for what is left in `{field}`", short(taker)).into();
                let (does, other_does) = (Does::Writes, Does::Reads);
                found.push((closer.clone(), FieldRace { at, does, other, other_does, between: Users::Left }));
                break;
            }
        }
    }
    found
}

/// The methods among these, by the names of their types.
fn by_type<'f>(names: impl Iterator<Item = &'f FuncName>) -> HashMap<&'f str, Vec<&'f FuncName>> {
    let mut all: HashMap<&str, Vec<&FuncName>> = HashMap::new();
    for name in names {
        if let Some((of, _)) = name.rsplit_once('.') {
            all.entry(of).or_default().push(name);
        }
    }
    all
}

/// A function, and those that it has called on its receiver or what it is given.
fn called_from<'f>(by_name: &HashMap<&'f FuncName, &'f SharingFacts>, from: &'f FuncName) -> Vec<&'f FuncName> {
    const MOST: usize = 32;
    let (mut all, mut at) = (vec![from], 0);
    while let Some(&name) = all.get(at) {
        at += 1;
        for lead in by_name.get(name).into_iter().flat_map(|facts| &facts.leads) {
            if all.len() < MOST && !all.contains(&&lead.passed.callee) {
                all.push(&lead.passed.callee);
            }
        }
    }
    all
}

/// A function, and what of it has a value.
type Having<'f> = (&'f FuncName, Slot);

/// Who gives functions a value, and whether a goroutine does that.
type Callers<'f> = HashMap<Having<'f>, Vec<(Having<'f>, &'f SharingFacts, bool)>>;

/// A function, and those that give it the same value, directly or not, in the same goroutine.
fn leading_to<'f>(callers: &Callers<'f>, of: (Having<'f>, &'f SharingFacts)) -> Vec<(Having<'f>, &'f SharingFacts)> {
    const MOST: usize = 32;
    let (mut all, mut at) = (vec![of], 0);
    while let Some(&(having, _)) = all.get(at) {
        at += 1;
        for &(caller, facts, _) in callers.get(&having).into_iter().flatten().filter(|(_, _, detached)| !detached) {
            if all.len() < MOST && all.iter().all(|(known, _)| *known != caller) {
                all.push((caller, facts));
            }
        }
    }
    all
}

/// The functions that are called by these, each with the one that it begins with; if asked for, those too that their goroutines call.
fn spread<'f>(
    facts: &HashMap<&'f FuncName, &'f SharingFacts>,
    from: impl Iterator<Item = (&'f FuncName, &'f FuncName)>,
    beside: bool,
) -> BTreeMap<&'f FuncName, &'f FuncName> {
    const FAR: usize = 4;
    let mut all: BTreeMap<&FuncName, &FuncName> = from.collect();
    let mut newest: Vec<(&FuncName, &FuncName)> = all.iter().map(|(name, first)| (*name, *first)).collect();
    for _ in 0..FAR {
        let mut next = Vec::new();
        for (name, first) in newest {
            let calls = facts.get(name).into_iter().flat_map(|facts| &facts.calls);
            // What starts the goroutines comes before them, whoever calls it.
            let starts = |name: &FuncName| facts.get(name).is_some_and(|facts| facts.spawns && facts.prepares);
            for (callee, _) in calls.filter(|(name, detached)| (beside || !detached) && !starts(name)) {
                if !all.contains_key(callee) {
                    all.insert(callee, first);
                    next.push((callee, first));
                }
            }
        }
        newest = next;
    }
    all
}
