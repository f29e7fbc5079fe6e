//! What a function has done several times at once to one value: by goroutines that it starts, or by one and by itself.

use std::collections::HashMap;

use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::ast::{BinaryOp, DeclId, Expr, ExprId, Node, Stmt, UnaryOp};

use super::sharing::{SharingFacts, Touch};
use crate::channels::Amount;
use crate::locks::Base;
use crate::{Cx, FuncName, Spawn};

/// How a function gets a value: as the parameter of this index, or as its receiver.
pub(super) type Slot = Option<usize>;

/// A function of the package that gets a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Passed {
    pub(super) callee: FuncName,
    pub(super) slot: Slot,
}

/// Two calls on one value that may run at the same time.
pub(super) type Beside = (Passed, Passed);

impl<'a> Cx<'a> {
    /// The parameter, or the receiver, of the declared function that a local is.
    pub(super) fn slot_of(&self, declared: ExprId) -> Option<Slot> {
        let place = self.place(declared).filter(|place| place.path.is_empty())?;
        match place.base {
            Base::Receiver => Some(None),
            Base::Param(index) => Some(Some(index)),
            _ => None,
        }
    }

    /// The variables that a call of a function of the package gives it so that both have the same: by a pointer or as a map.
    pub(super) fn passed_at(&self, call: ExprId) -> Vec<(ExprId, Passed)> {
        let Some(found) = self.call(call) else { return Vec::new() };
        let Some(callee) = self.own_function(found.callee) else { return Vec::new() };
        let variable = |expr: ExprId| {
            let expr = self.unparen(expr);
            let (of, shares) = match self.expr(expr) {
                Expr::Unary { op: UnaryOp::Addr, operand } => (self.unparen(operand), true),
                _ => (expr, matches!(self.under(expr), Type::Pointer(_) | Type::Map { .. })),
            };
            match self.def(of) {
                Def::Local(declared) if shares && self.expr(of) == Expr::Ident => Some(declared),
                _ => None,
            }
        };
        let of = |slot: Slot, expr: ExprId| Some((variable(expr)?, Passed { callee: callee.clone(), slot }));
        let receiver = found.receiver.and_then(|receiver| of(None, receiver));
        let args = found.args.iter().enumerate().filter_map(|(at, &arg)| of(Some(at), arg));
        receiver.into_iter().chain(args).collect()
    }

    /// Calls of a function on one value that may run at the same time.
    pub(super) fn beside(&self, func: DeclId) -> Vec<Beside> {
        const MOST: usize = 16;
        let spawns = self.spawns_in(func).filter(|spawn| self.is_directly_in(spawn.at, func));
        let spawns: Vec<(Spawn, Vec<(ExprId, Passed)>)> = spawns
            .take(MOST)
            .map(|spawn| (spawn, self.passed_by(&spawn)))
            .filter(|(_, passed)| !passed.is_empty())
            .collect();
        if spawns.is_empty() {
            return Vec::new();
        }
        let calls = self.calls_within(func, false);
        let own = calls.iter().filter_map(|&node| match node {
            Node::Expr(call) if self.spawn_by(call).is_none() && !self.is_deferred(call) => {
                Some((call, self.passed_unlocked(call)))
            }
            _ => None,
        });
        let own: Vec<(ExprId, Vec<(ExprId, Passed)>)> = own.filter(|(_, passed)| !passed.is_empty()).take(64).collect();
        let waits = self.within(func, false, |cx, node| cx.waits_at(node));
        let mut found = Vec::new();
        for (spawn, inside) in &spawns {
            let end = self.span(spawn.at).end;
            let waited =
                waits.iter().map(|&wait| self.span(wait).start).filter(|&start| start >= end).min().unwrap_or(u32::MAX);
            let meanwhile = |node: Node| (end..waited).contains(&self.span(node).start);
            // Each turn may wait for what it has started.
            let turn = self.enclosing_loop(spawn.at).map(|around| self.span(around));
            let in_turn = turn.is_some_and(|turn| waits.iter().any(|&wait| turn.contains(self.span(wait))));
            for (variable, passed) in inside {
                let again = self.turns(spawn.at, *variable) > Amount::ONE && !in_turn && !self.is_limited_to_one(spawn);
                if again {
                    found.push((passed.clone(), passed.clone()));
                }
                let others = spawns.iter().filter(|(other, _)| other.at != spawn.at);
                let others = others.map(|(other, passed)| (other.at, other.call, passed));
                let own = own.iter().map(|(call, passed)| (Node::Expr(*call), *call, passed));
                let other = others.chain(own).filter(|(at, ..)| meanwhile(*at));
                let same = other.filter(|(.., passed)| passed.iter().any(|(other, _)| other == variable));
                for (_, call, others) in same.take(MOST) {
                    // One branch may have the goroutine, and another one the call.
                    if self.comes_to(Node::Decl(func), spawn.call, call) {
                        let same = others.iter().filter(|(other, _)| other == variable);
                        found.extend(same.map(|(_, other)| (passed.clone(), other.clone())));
                    }
                }
            }
        }
        found.truncate(64);
        found
    }

    fn is_directly_in(&self, node: Node, func: DeclId) -> bool {
        self.enclosing_func(node).is_some_and(|around| around.node == Node::Decl(func))
    }

    /// What a goroutine that a function starts gives to functions of the package, of the variables of the function around it.
    fn passed_by(&self, spawn: &Spawn<'a>) -> Vec<(ExprId, Passed)> {
        const MOST: usize = 32;
        let Some(body) = self.as_func(Node::Expr(spawn.runs)) else { return self.passed_at(spawn.call) };
        let calls = self.calls_within(body.body, false);
        let calls = calls.iter().filter_map(|&node| match node {
            Node::Expr(call) if self.spawn_by(call).is_none() => Some(call),
            _ => None,
        });
        let inside = self.span(body.node);
        let outer = |(declared, _): &(ExprId, Passed)| !inside.contains(self.span(*declared));
        calls.take(MOST).flat_map(|call| self.passed_unlocked(call)).filter(outer).collect()
    }

    /// What a call gives that is not made under a lock.
    pub(super) fn passed_unlocked(&self, call: ExprId) -> Vec<(ExprId, Passed)> {
        let passed = self.passed_at(call);
        let held = if passed.is_empty() { Default::default() } else { self.held_at(call) };
        match held.held.is_empty() && !held.unknown {
            true => passed.into_iter().filter(|(declared, _)| !self.is_asked_before(call, *declared)).collect(),
            false => Vec::new(),
        }
    }

    /// Whether a condition on a variable decides whether a call is made: what it asks for may keep the call apart from others.
    fn is_asked_before(&self, call: ExprId, declared: ExprId) -> bool {
        let span = self.span(call);
        let decides = |cond: ExprId| !self.span(cond).contains(span) && self.mentions(cond, declared);
        let asks = |node: Node| match node {
            Node::Expr(id) => {
                matches!(self.expr(id), Expr::Binary { op: BinaryOp::LogicalAnd, lhs, .. } if decides(lhs))
            }
            Node::Stmt(id) => matches!(self.stmt(id), Stmt::If { cond, .. } if decides(cond)),
            _ => false,
        };
        self.tree.ancestors(call).take_while(|&node| self.as_func(node).is_none()).any(asks)
    }
}

/// What is done to the value that a function gets, by it and by those whom it gives that.
pub(super) fn done_to<'f>(
    by_name: &HashMap<&'f FuncName, &'f SharingFacts>,
    passed: &'f Passed,
) -> Vec<(&'f FuncName, &'f Touch)> {
    const MOST: usize = 24;
    let (mut all, mut at): (Vec<&Passed>, usize) = (vec![passed], 0);
    let mut touches = Vec::new();
    while let Some(&passed) = all.get(at) {
        at += 1;
        let Some((name, facts)) = by_name.get_key_value(&passed.callee) else { continue };
        let own = |touch: &&Touch| touch.slot == Some(passed.slot) && !touch.guarded;
        touches.extend(facts.touches.iter().filter(own).map(|touch| (*name, touch)));
        for (slot, next) in &facts.passes {
            if *slot == passed.slot && all.len() < MOST && !all.contains(&next) {
                all.push(next);
            }
        }
    }
    touches
}
