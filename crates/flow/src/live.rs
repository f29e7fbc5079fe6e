//! Which variables a later condition may ask for: the others need not be remembered.

use std::collections::{BTreeSet, HashMap};

use gopeer_sema::{Def, ObjectKind};
use gopeer_syntax::ast::{AssignOp, Expr, ExprId, Node, Stmt, StmtId};

use crate::{BlockId, Body, Ending, Input, OpKind, Point};

/// For each block, the variables that a condition may ask for, or for a copy of them, before they are assigned to again.
pub struct Live {
    /// The bit of each variable that is asked for, by the identifier that declares it; the last bit is shared by many.
    bits: HashMap<ExprId, u32>,
    entry: Vec<u64>,
    /// The points after the operations that assign to a local.
    assignments: HashMap<ExprId, Vec<Point>>,
    /// The blocks from which edges lead to a block.
    before: Vec<Vec<BlockId>>,
}

const LAST: u32 = 63;

impl Live {
    /// Of the conditions of a body.
    pub fn of(body: &Body, input: Input<'_>) -> Live {
        let mut bits = HashMap::new();
        let mut mask = |idents: BTreeSet<ExprId>| {
            let bit = |ident| {
                let next = (bits.len() as u32).min(LAST);
                *bits.entry(ident).or_insert(next)
            };
            idents.into_iter().map(bit).fold(0_u64, |all, bit| all | 1 << bit)
        };
        let deferred = mask(asked_by_deferred(body, input));
        let asked_in = |(block, _): (BlockId, _)| match body.ending(block) {
            ending @ Ending::Return(_) => mask(idents(ending, input)) | deferred,
            ending => mask(idents(ending, input)),
        };
        let mut asked: Vec<u64> = body.blocks().map(asked_in).collect();
        // Who asks for the copy asks for what was copied.
        for (block, _) in body.blocks() {
            for op in body.ops(block).iter().filter(|op| op.kind == OpKind::Write) {
                if declared(op.at, input).is_some_and(|target| bits.contains_key(&target))
                    && let Some(source) = copied(op.at, input)
                {
                    let next = (bits.len() as u32).min(LAST);
                    asked[block.index()] |= 1 << *bits.entry(source).or_insert(next);
                }
            }
        }
        let written = |block: BlockId| {
            let writes = body.ops(block).iter().filter(|op| matches!(op.kind, OpKind::Write | OpKind::Zero));
            let bit = |ident| bits.get(&declared(ident, input)?).copied().filter(|&bit| bit < LAST);
            writes.filter_map(|op| bit(op.at)).fold(0, |all, bit| all | 1 << bit)
        };
        let written: Vec<u64> = body.blocks().map(|(block, _)| written(block)).collect();
        let mut before: Vec<Vec<BlockId>> = vec![Vec::new(); asked.len()];
        for (block, _) in body.blocks() {
            body.edges(block).iter().for_each(|edge| before[edge.to.index()].push(block));
        }
        // What is asked at the end of a block, unless the block itself assigns it, is asked for at its beginning.
        let mut entry = vec![0; asked.len()];
        let mut open: Vec<usize> = (0..asked.len()).collect();
        while let Some(block) = open.pop() {
            let after =
                body.edges(BlockId(block as u32)).iter().fold(asked[block], |all, edge| all | entry[edge.to.index()]);
            let now = after & !written[block];
            if now & !entry[block] != 0 {
                entry[block] |= now;
                open.extend(before[block].iter().map(|block| block.index()));
            }
        }
        Live { bits, entry, assignments: assignments(body, input), before }
    }

    /// The blocks from which edges lead to a block, one for each edge.
    pub(crate) fn edges_into(&self, block: BlockId) -> &[BlockId] {
        self.before.get(block.index()).map_or(&[], |before| before)
    }

    /// The points after the operations that assign to a local, given by the identifier that declares it.
    pub(crate) fn assignments(&self, declared: ExprId) -> &[Point] {
        self.assignments.get(&declared).map_or(&[], |points| points)
    }

    /// Whether a variable, given by the identifier that declares it, may be asked for after the beginning of a block.
    pub fn asks(&self, block: BlockId, declared: ExprId) -> bool {
        let entry = self.entry.get(block.index()).copied().unwrap_or_default();
        self.bits.get(&declared).is_some_and(|bit| entry & (1 << bit) != 0)
    }
}

/// The variable whose value an assignment gives to another.
fn copied(target: ExprId, input: Input<'_>) -> Option<ExprId> {
    let Some(Node::Stmt(stmt)) = input.tree.parent(target) else { return None };
    let Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } = input.tree.stmt(stmt) else { return None };
    let at = input.tree.place(input.tree.exprs(lhs), target).filter(|_| lhs.len() == rhs.len())?;
    let source = *input.tree.exprs(rhs).get(at)?;
    (input.tree.expr(source) == Expr::Ident).then(|| declared(source, input)).flatten()
}

fn assignments(body: &Body, input: Input<'_>) -> HashMap<ExprId, Vec<Point>> {
    let mut assignments: HashMap<ExprId, Vec<Point>> = HashMap::new();
    for (block, _) in body.blocks() {
        for (op, after) in body.ops(block).iter().zip(1..) {
            if matches!(op.kind, OpKind::Write | OpKind::Zero)
                && let Some(declared) = declared(op.at, input)
            {
                assignments.entry(declared).or_default().push(Point { block, op: after });
            }
        }
    }
    assignments
}

/// The variable of an identifier: that of a package by its first mention is not told apart here, so it is never forgotten.
fn declared(ident: ExprId, input: Input<'_>) -> Option<ExprId> {
    match input.names.def(ident) {
        Def::Local(declared) => Some(declared),
        _ => None,
    }
}

/// The variables that conditions of deferred closures ask for.
fn asked_by_deferred(body: &Body, input: Input<'_>) -> BTreeSet<ExprId> {
    let closure = |op: &crate::Op| {
        let Expr::Call { fun, .. } = input.tree.expr(op.at) else { return None };
        match input.tree.expr(fun) {
            Expr::FuncLit { body, .. } => Some(body),
            _ => None,
        }
    };
    let defers = |block| body.ops(block).iter().filter(|op| op.kind == OpKind::Defer).filter_map(closure);
    let mut found = BTreeSet::new();
    for body in body.blocks().flat_map(|(block, _)| defers(block)) {
        input.tree.walk(Node::Stmt(body), &mut |node| {
            if let Node::Stmt(stmt) = node
                && let Stmt::If { cond, .. } = input.tree.stmt(stmt)
            {
                found.extend(idents(Ending::If(cond), input));
            }
            true
        });
    }
    found
}

/// The variables that a branch asks for, or a return: in order, because of many the last ones share a bit.
fn idents(ending: Ending, input: Input<'_>) -> BTreeSet<ExprId> {
    let mut found = BTreeSet::new();
    let mut add = |root: Node| {
        input.tree.walk(root, &mut |node| {
            if let Node::Expr(id) = node {
                if input.tree.expr(id) == Expr::Ident {
                    found.extend(declared(id, input));
                }
                return !matches!(input.tree.expr(id), Expr::FuncLit { .. });
            }
            true
        });
    };
    match ending {
        Ending::If(cond) => add(cond.into()),
        Ending::Case(case) => {
            add(case.into());
            tag_of_case(case, input).into_iter().for_each(|tag| add(tag.into()));
        }
        Ending::Switch(stmt) => match input.tree.stmt(stmt) {
            Stmt::Switch { tag, .. } => tag.into_iter().for_each(|tag| add(tag.into())),
            Stmt::TypeSwitch { guard, .. } => add(guard.into()),
            _ => {}
        },
        Ending::Range(stmt) => {
            if let Stmt::Range { subject, .. } = input.tree.stmt(stmt) {
                add(subject.into());
            }
        }
        // Whether an error is returned, or nil, decides whether the function has failed.
        Ending::Return(Some(stmt)) => {
            if let Stmt::Return(results) = input.tree.stmt(stmt)
                && let Some(&last) = input.tree.exprs(results).last()
                && input.tree.expr(last) == Expr::Ident
            {
                add(last.into());
            }
        }
        _ => {}
    }
    found
}

/// The tag that a case is compared with.
pub(crate) fn tag_of_case(case: ExprId, input: Input<'_>) -> Option<ExprId> {
    let is_switch = |node: &Node| matches!(node, Node::Stmt(id) if matches!(input.tree.stmt(*id), Stmt::Switch { .. }));
    let Node::Stmt(switch) = input.tree.ancestors(case).find(is_switch)? else { return None };
    tag(switch, input)
}

fn tag(switch: StmtId, input: Input<'_>) -> Option<ExprId> {
    match input.tree.stmt(switch) {
        Stmt::Switch { tag, .. } => tag,
        _ => None,
    }
}

/// The variables of a package that are known by their names only.
pub(crate) fn is_of_package(ident: ExprId, input: Input<'_>) -> bool {
    input.names.def(ident) == Def::Package(ObjectKind::Var)
}
