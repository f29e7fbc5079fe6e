//! Elements that are taken from a list which may be too short.

use gopeer_flow::{Next, Op, OpKind, Root, State, Use, Val, Values, Watch};
use gopeer_sema::Def;
use gopeer_syntax::Span;
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId};

use crate::Cx;

/// An element that is taken where it may not be there.
pub struct Missing {
    /// The index or slice expression.
    pub at: ExprId,
    /// The path to it.
    pub steps: Vec<(Span, String)>,
    /// Whether the list is certainly nil there.
    pub is_certain: bool,
}

/// What is known of the list that a call gives.
#[derive(Clone, Copy)]
pub enum Length {
    /// It has so many elements at least.
    AtLeast(i64),
    /// It is nil, or has all the elements that are asked for.
    AllOrNil,
}

impl Cx<'_> {
    /// Where an element is taken from the list that a call gives to a variable, on a path on which the element may not be there.
    pub fn missing_element(&self, call: ExprId, variable: ExprId, length: Length) -> Option<Missing> {
        let Def::Local(declared) = self.def(variable) else { return None };
        let func = self.enclosing_func(call)?;
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_write(variable)?);
        let list = start.values.made(call, 0);
        start.hold(Root(declared), list)?;
        start.state.subject = Some(list);
        let mut watch = Taken { cx: self, declared, list, length, at: None, is_certain: false };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let at = watch.at?;
        let name = self.source(variable);
        let mut steps = vec![(self.span(variable), format!("`{name}` gets its parts here"))];
        steps.extend(self.branches_of(&followed, &found.path));
        steps.push((self.span(at), "an element is taken here".to_owned()));
        Some(Missing { at, steps, is_certain: watch.is_certain })
    }

    /// The constant index at which an expression takes a list apart, or the last index that a constant bound needs.
    pub fn element_needed(&self, around: ExprId, list: ExprId) -> Option<i64> {
        match self.expr(around) {
            Expr::Index { base, args } if base == list => self.int_value(self.only(args)?),
            Expr::Slice { base, lo: Some(lo), .. } if base == list => self.int_value(lo).map(|lo| lo - 1),
            _ => None,
        }
    }

    /// Whether a comparison is part of `a || b` that is kept as a value.
    fn is_combined(&self, len: ExprId) -> bool {
        let is_logical =
            |id| matches!(self.expr(id), Expr::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, .. });
        let mut logical = false;
        for node in self.tree.ancestors(len) {
            match node {
                Node::Expr(id) => logical |= is_logical(id),
                Node::Stmt(stmt) => return logical && matches!(self.stmt(stmt), Stmt::Assign { .. }),
                _ => return false,
            }
        }
        false
    }
}

struct Taken<'c, 'a> {
    cx: &'c Cx<'a>,
    declared: ExprId,
    list: Val,
    length: Length,
    at: Option<ExprId>,
    is_certain: bool,
}

impl Taken<'_, '_> {
    fn read(&mut self, values: &Values<'_>, state: &State, ident: ExprId) -> Next {
        if let Some(Node::Expr(around)) = self.cx.tree.parent(ident)
            && let Some(index) = self.cx.element_needed(around, ident)
        {
            if !self.may_miss(values, state, index) {
                return Next::Go;
            }
            self.at = Some(around);
            self.is_certain = state.knows(self.list, Val::NIL);
            return Next::Found;
        }
        match values.input.use_of(ident) {
            Use::Argument { call, .. } => {
                let Expr::Call { fun, .. } = self.cx.expr(call) else { return Next::Stop };
                // What an operator makes of the length, other than in a condition, is not worked out.
                if self.cx.is_builtin(fun, "len") && !self.cx.is_combined(call) { Next::Go } else { Next::Stop }
            }
            Use::Seen => Next::Go,
            _ => Next::Stop,
        }
    }

    /// Whether the list may be too short for an index.
    fn may_miss(&self, values: &Values<'_>, state: &State, index: i64) -> bool {
        let may_have = |length: i64| state.admits_len(self.list, length, values);
        match self.length {
            Length::AtLeast(least) => (least..index + 1).any(may_have),
            Length::AllOrNil => index >= 0 && may_have(0) && !state.excludes(self.list, Val::NIL),
        }
    }
}

impl Watch for Taken<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let it = || self.cx.def(op.at) == Def::Local(self.declared);
        match op.kind {
            OpKind::Read if it() => self.read(values, state, op.at),
            OpKind::Write | OpKind::Addr if it() => Next::Stop,
            OpKind::Make if self.cx.shared().mentions(op.at, Root(self.declared)) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}
