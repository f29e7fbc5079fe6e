//! Goroutines that wait for their own end.

use std::collections::{HashMap, HashSet};

use gopeer_syntax::ast::ExprId;

use super::facts::{CallSite, Facts, LockFacts};
use super::waits::{Serves, WaitKind};
use crate::summary::{Answer, What};
use crate::{Cx, FuncName};

/// That a goroutine leads to a function which waits for the end of that very goroutine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WaitsForItself {
    /// What waits: the call of `Wait`, or the receive.
    pub at: ExprId,
    /// The function that the goroutine runs.
    pub worker: FuncName,
    /// Where it would say that it has ended.
    pub ends: ExprId,
    /// Whether it is a group that is waited for, and not a channel.
    pub group: bool,
}

/// By function, the waits that a goroutine gets to which says only in the end what is waited for.
pub(super) fn waits_for_itself(facts: &[Facts]) -> HashMap<FuncName, Vec<WaitsForItself>> {
    let by_name: HashMap<&FuncName, &LockFacts> = facts.iter().map(|(name, facts)| (name, &**facts)).collect();
    let started: HashSet<&FuncName> =
        facts.iter().flat_map(|(_, facts)| &facts.calls).filter(|call| !call.waits).map(|call| &call.callee).collect();
    let mut found: HashMap<FuncName, Vec<WaitsForItself>> = HashMap::new();
    for (worker, facts) in facts {
        let ends = facts.serves.iter().filter(|(serves, on, site)| {
            let last = matches!(serves, Serves::Done | Serves::Closes) && on.class.is_some() && site.deferred;
            // A function that is started, or a closure.
            last && (site.detached || site.unit.is_none() && started.contains(worker))
        });
        for (serves, on, ended) in ends {
            for name in led_to(&by_name, facts, ended.unit) {
                let Some(facts) = by_name.get(name) else { continue };
                let waits = facts.waits.iter().find(|(wait, site)| {
                    let kind = matches!(wait.kind, WaitKind::Group | WaitKind::Receive) && serves.ends(wait.kind);
                    let class = wait.on.as_ref().and_then(|place| place.class.as_ref());
                    kind && class == on.class.as_ref() && site.counts() && site.unit.is_none() && !site.deferred
                });
                if let Some((wait, site)) = waits {
                    let (at, ends, group) = (site.at, ended.at, wait.kind == WaitKind::Group);
                    let one = WaitsForItself { at, worker: worker.clone(), ends, group };
                    found.entry(name.clone()).or_default().push(one);
                }
            }
        }
    }
    found
}

/// What a function calls, or a closure of it, directly or not, and waits for.
fn led_to<'f>(
    by_name: &HashMap<&'f FuncName, &'f LockFacts>,
    from: &'f LockFacts,
    unit: Option<ExprId>,
) -> Vec<&'f FuncName> {
    const MOST: usize = 64;
    let direct =
        |call: &&CallSite| call.waits && !call.site.conditional && call.site.unit == unit && !call.site.deferred;
    let mut all: Vec<&FuncName> = from.calls.iter().filter(direct).map(|call| &call.callee).collect();
    let mut at = 0;
    while let Some(name) = all.get(at) {
        let facts = by_name.get(name);
        at += 1;
        let own =
            |call: &&CallSite| call.waits && call.site.counts() && call.site.unit.is_none() && !call.site.deferred;
        for call in facts.into_iter().flat_map(|facts| &facts.calls).filter(own) {
            if all.len() < MOST && !all.contains(&&call.callee) {
                all.push(&call.callee);
            }
        }
    }
    all
}

impl Cx<'_> {
    /// What the function of this piece waits for that a goroutine gets to before it ends, for which it is waited.
    pub fn waits_for_itself(&self) -> Vec<WaitsForItself> {
        match self.ask_of_piece(What::WaitsForItself) {
            Some(Answer::WaitsForItself(found)) => found.to_vec(),
            _ => Vec::new(),
        }
    }
}
