//! Where what a variable holds at a point may come from: on every path that leads there, the last thing that tells.

use std::collections::HashSet;

use gopeer_sema::Def;
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, UnaryOp};

use crate::{BlockId, Body, Calls, Edge, Ending, Input, OpKind, Point, Root, When};

/// The last thing on a path that tells what a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The path begins where the body does.
    Entry,
    /// It begins to exist with its zero value: the identifier that declares it.
    Zero(ExprId),
    /// It is assigned to: the identifier that is written.
    Written(ExprId),
    /// A branch is taken on which it is nil: the condition.
    Nil(ExprId),
    /// A branch is taken on which it is not nil: the condition.
    NotNil(ExprId),
    /// Its address is taken, or something could not be parsed.
    Unknown,
}

/// The edges into each block, by the block.
pub struct Before(Vec<Vec<(BlockId, Edge)>>);

impl Before {
    /// Of a body. The edges that only a panic takes are left out.
    pub fn of(body: &Body) -> Before {
        let mut before = vec![Vec::new(); body.blocks().len()];
        for (block, _) in body.blocks() {
            for &edge in body.edges(block).iter().filter(|edge| edge.when != When::Unwind) {
                before[edge.to.index()].push((block, edge));
            }
        }
        Before(before)
    }

    /// The edges into a block, with the blocks they come from.
    pub fn into(&self, block: BlockId) -> impl Iterator<Item = (BlockId, Edge)> + '_ {
        self.0.get(block.index()).into_iter().flatten().copied()
    }
}

impl Body {
    /// Where what a variable holds at a point may come from, in the order of the source. Assignments by closures and through
    /// pointers are not seen. `fuel` is what may be spent, in operations and edges looked at; none is left if it did not suffice, and
    /// then there is no answer.
    pub fn origins(
        &self,
        before: &Before,
        at: Point,
        variable: Root,
        (input, calls): (Input<'_>, &dyn Calls),
        fuel: &mut u32,
    ) -> Option<Vec<Origin>> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut open = vec![(at.block, at.op as usize)];
        while let Some((block, end)) = open.pop() {
            let ops = self.ops(block).get(..end).unwrap_or_default();
            *fuel = fuel.saturating_sub((ops.len() + before.into(block).count() + 1) as u32);
            if *fuel == 0 {
                return None;
            }
            let is_it = |ident| input.names.def(ident) == Def::Local(variable.0);
            let told = ops.iter().rev().find_map(|op| match op.kind {
                OpKind::Write if is_it(op.at) => Some(Origin::Written(op.at)),
                OpKind::Zero if is_it(op.at) => Some(Origin::Zero(op.at)),
                OpKind::Addr if is_it(op.at) => Some(Origin::Unknown),
                OpKind::Havoc => Some(Origin::Unknown),
                _ => None,
            });
            if let Some(told) = told {
                found.push(told);
                continue;
            }
            if block == BlockId::ENTRY {
                found.push(Origin::Entry);
            }
            for (from, edge) in before.into(block) {
                match input.told(self.ending(from), edge.when, variable, calls) {
                    Some(told) => found.push(told),
                    None if seen.insert(from) => open.push((from, self.ops(from).len())),
                    None => {}
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }
}

impl Input<'_> {
    /// What a branch tells of a variable.
    fn told(&self, ending: Ending, when: When, variable: Root, calls: &dyn Calls) -> Option<Origin> {
        let (Ending::If(cond), When::True | When::False) = (ending, when) else { return None };
        let holds = when == When::True;
        if let Some((ident, equal)) = self.nil_test(cond)
            && self.names.def(ident) == Def::Local(variable.0)
        {
            return Some(if equal == holds { Origin::Nil(cond) } else { Origin::NotNil(cond) });
        }
        let error = holds.then(|| calls.means_error(cond)).flatten()?;
        (self.names.def(error) == Def::Local(variable.0)).then_some(Origin::NotNil(cond))
    }

    /// The variable that a condition compares with nil, and whether it holds where the variable is nil.
    pub fn nil_test(&self, cond: ExprId) -> Option<(ExprId, bool)> {
        let (mut cond, mut turned) = (cond, false);
        loop {
            match self.tree.expr(cond) {
                Expr::Paren(inner) => cond = inner,
                Expr::Unary { op: UnaryOp::Not, operand } => (cond, turned) = (operand, !turned),
                _ => break,
            }
        }
        let Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } = self.tree.expr(cond) else {
            return None;
        };
        let is_nil = |expr| self.names.def(expr) == Def::Universe && self.tree.source(expr) == "nil";
        let tested = match (is_nil(lhs), is_nil(rhs)) {
            (false, true) => lhs,
            (true, false) => rhs,
            _ => return None,
        };
        (self.tree.expr(tested) == Expr::Ident).then_some((tested, (op == BinaryOp::Equal) != turned))
    }
}
