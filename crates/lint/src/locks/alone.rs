//! Functions that one goroutine alone runs.

use std::collections::{HashMap, HashSet};

use gopeer_syntax::ast::ExprId;

use super::Base;
use super::facts::{CallSite, Facts};
use crate::FuncName;

/// A goroutine: the function that starts it, and the call or the function literal.
pub(super) type Root<'f> = (&'f FuncName, ExprId);

/// The functions that only one goroutine calls of those that a value starts, with that: the loop that handles its events, and what it calls.
pub(super) fn alone(facts: &[Facts]) -> HashMap<&FuncName, Root<'_>> {
    const LONGEST: usize = 8;
    let mut calls: HashMap<&FuncName, Vec<(&FuncName, &CallSite)>> = HashMap::new();
    for (name, facts) in facts {
        for call in facts.calls.iter().filter(|call| call.callee != *name) {
            calls.entry(&call.callee).or_default().push((name, call));
        }
    }
    let values: HashSet<&FuncName> = facts.iter().flat_map(|(_, facts)| &facts.values).map(|(name, _)| name).collect();
    let mut known: HashMap<&FuncName, Root> = HashMap::new();
    for _ in 0..LONGEST {
        let before = known.len();
        for (name, facts) in facts {
            if facts.exported || values.contains(name) || known.contains_key(name) {
                continue;
            }
            let mut roots = calls.get(name).into_iter().flatten().map(|&(caller, call)| root(caller, call, &known));
            if let Some(Some(first)) = roots.next()
                && roots.all(|other| other == Some(first))
            {
                known.insert(name, first);
            }
        }
        if known.len() == before {
            break;
        }
    }
    known
}

/// The only goroutine that makes a call; none if there may be others.
fn root<'f>(caller: &'f FuncName, call: &CallSite, known: &HashMap<&FuncName, Root<'f>>) -> Option<Root<'f>> {
    match (call.waits, call.site.unit) {
        // Each iteration of a loop may start one for a value of its own.
        (false, _) => (!call.site.late || call.fresh.contains(&Base::Receiver)).then_some((caller, call.site.at)),
        (true, Some(literal)) => (call.site.detached && !call.site.many).then_some((caller, literal)),
        (true, None) => known.get(caller).copied(),
    }
}
