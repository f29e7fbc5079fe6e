//! What a function has done several times at once to one value: by goroutines that it starts, or by one and by itself.

use std::collections::HashMap;
use std::rc::Rc;

use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::ast::{BinaryOp, DeclId, Expr, ExprId, Node, Stmt, UnaryOp};

use super::access::Does;
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

/// What a function has done while goroutines run that it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Meanwhile {
    pub(super) beside: Vec<Beside>,
    /// The goroutines that each call of it leaves behind, with what of it they get.
    pub(super) leaves: Vec<(Slot, Passed)>,
    /// Whom it gives the same value in each iteration of a loop.
    pub(super) turns: Vec<Passed>,
    pub(super) late: Vec<Late>,
}

/// A field that a function writes after it has started a goroutine that has the value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Late {
    pub(super) passed: Passed,
    pub(super) class: Rc<str>,
    pub(super) at: ExprId,
    pub(super) does: Does,
}

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

    /// What a function has done while goroutines run that it starts.
    pub(super) fn meanwhile(&self, func: DeclId) -> Meanwhile {
        const MOST: usize = 16;
        let calls = self.own_calls(func);
        let mut found = Meanwhile { turns: self.passed_in_turns(&calls), ..Meanwhile::default() };
        let spawns = self.spawns_in(func).filter(|spawn| self.is_directly_in(spawn.at, func));
        let spawns: Vec<(Spawn, Vec<(ExprId, Passed)>)> = spawns
            .take(MOST)
            .map(|spawn| (spawn, self.passed_by(&spawn)))
            .filter(|(_, passed)| !passed.is_empty())
            .collect();
        if spawns.is_empty() {
            return found;
        }
        let own = calls.into_iter().map(|call| (call, self.passed_unlocked(call)));
        let own: Vec<(ExprId, Vec<(ExprId, Passed)>)> = own.filter(|(_, passed)| !passed.is_empty()).take(64).collect();
        let waits = self.within(func, false, |cx, node| cx.waits_at(node));
        for (spawn, inside) in &spawns {
            let end = self.span(spawn.at).end;
            let waited =
                waits.iter().map(|&wait| self.span(wait).start).filter(|&start| start >= end).min().unwrap_or(u32::MAX);
            let meanwhile = |node: Node| (end..waited).contains(&self.span(node).start);
            // Each iteration may wait for what it has started.
            let turn = self.enclosing_loop(spawn.at).map(|around| self.span(around));
            let in_turn = turn.is_some_and(|turn| waits.iter().any(|&wait| turn.contains(self.span(wait))));
            let free = !in_turn && !self.is_limited_to_one(spawn);
            let stays = free && waits.is_empty() && self.is_on_every_way(spawn, func);
            let at_once = self
                .as_func(Node::Expr(spawn.runs))
                .is_none_or(|body| self.within(body.body, false, |cx, node| cx.waits_at(node)).is_empty());
            for (variable, passed) in inside {
                if free && self.turns(spawn.at, *variable) > Amount::ONE {
                    found.beside.push((passed.clone(), passed.clone()));
                }
                if stays {
                    found.leaves.extend(self.slot_of(*variable).map(|slot| (slot, passed.clone())));
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
                        found.beside.extend(same.map(|(_, other)| (passed.clone(), other.clone())));
                    }
                }
                let late = self.names.uses(*variable).filter(|&ident| meanwhile(Node::Expr(ident))).take(MOST);
                let late = late.filter(|&ident| at_once && self.is_directly_in(Node::Expr(ident), func));
                for (class, at, does) in late.filter_map(|ident| self.written_freely(*variable, ident)) {
                    if self.comes_to(Node::Decl(func), spawn.call, at) {
                        found.late.push(Late { passed: passed.clone(), class, at, does });
                    }
                }
            }
        }
        found.beside.truncate(64);
        found
    }

    /// The calls of a function itself.
    fn own_calls(&self, func: DeclId) -> Vec<ExprId> {
        let calls = self.calls_within(func, false);
        let own = calls.iter().filter_map(|&node| match node {
            Node::Expr(call) if self.spawn_by(call).is_none() && !self.is_deferred(call) => Some(call),
            _ => None,
        });
        own.collect()
    }

    /// Whom a function, by its own calls, gives the same value in each iteration of a loop, not under a lock.
    fn passed_in_turns(&self, calls: &[ExprId]) -> Vec<Passed> {
        const MOST: usize = 16;
        let in_loop = calls.iter().copied().filter(|&call| self.enclosing_loop(call).is_some()).take(64);
        let again = |call: ExprId| {
            let passed = self.passed_unlocked(call).into_iter();
            passed.filter(move |(variable, _)| self.turns(call, *variable) > Amount::ONE).map(|(_, passed)| passed)
        };
        in_loop.flat_map(again).take(MOST).collect()
    }

    /// Whether each call of a function starts a goroutine, whatever it finds.
    fn is_on_every_way(&self, spawn: &Spawn<'a>, func: DeclId) -> bool {
        let returns: crate::Wanted = |cx, node| match node {
            Node::Stmt(id) => matches!(cx.stmt(id), Stmt::Return(_)),
            _ => false,
        };
        let start = self.span(spawn.at).start;
        !self.is_conditional(spawn.at)
            && self.within(func, false, returns).iter().all(|&node| self.span(node).start > start)
    }

    /// The field that is written where a variable is mentioned, without a lock.
    fn written_freely(&self, variable: ExprId, ident: ExprId) -> Option<(Rc<str>, ExprId, Does)> {
        let access = self.access(ident).filter(|access| access.does.is_write() && !access.does.is_atomic())?;
        let Node::Expr(at) = access.at else { return None };
        let class = self.class_of_part(variable, &access)?;
        let held = self.held_at(at);
        (held.held.is_empty() && !held.unknown).then_some((class, at, access.does))
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
    pub(super) fn is_asked_before(&self, call: ExprId, declared: ExprId) -> bool {
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

/// What is done to the value that a function gets, by it and by those whom it gives that; with `waits`, also after it has waited
/// for something.
pub(super) fn done_to<'f>(
    by_name: &HashMap<&'f FuncName, &'f SharingFacts>,
    passed: &'f Passed,
    waits: bool,
) -> Vec<(&'f FuncName, &'f Touch)> {
    const MOST: usize = 24;
    let (mut all, mut at): (Vec<&Passed>, usize) = (vec![passed], 0);
    let mut touches = Vec::new();
    while let Some(&passed) = all.get(at) {
        at += 1;
        let Some((name, facts)) = by_name.get_key_value(&passed.callee) else { continue };
        let own = |touch: &&Touch| touch.slot == Some(passed.slot) && !touch.guarded && (waits || !touch.waited);
        touches.extend(facts.touches.iter().filter(own).map(|touch| (*name, touch)));
        for (slot, next, waited) in &facts.passes {
            if *slot == passed.slot && (waits || !waited) && all.len() < MOST && !all.contains(&next) {
                all.push(next);
            }
        }
    }
    touches
}
