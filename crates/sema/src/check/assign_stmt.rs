//! Assignments, short variable declarations and return statements (Go spec, "Assignment statements", "Short variable
//! declarations", "Return statements").

use gopeer_syntax::Span;
use gopeer_syntax::ast::{AssignOp, BinaryOp, Expr, ExprId, ExprList, Node, Stmt, StmtId};

use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::facts::{Local, LocalKind};
use crate::names::Def;
use crate::types::{Basic, Truth, TypeId};
use crate::value::Value;

/// What a value is assigned to.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// A variable that the statement declares.
    New(ExprId),
    /// Something that is there, with its type, which may be unknown.
    Old(TypeId),
    /// The blank identifier.
    Blank,
}

impl Place {
    fn hint(self) -> Option<TypeId> {
        match self {
            Place::Old(ty) if !ty.is_unknown() => Some(ty),
            _ => None,
        }
    }
}

/// Assignments.
impl Checker<'_> {
    pub(crate) fn assign_stmt(&mut self, lhs: ExprList, op: AssignOp, rhs: ExprList) {
        let (lhs, rhs) = (self.tree.exprs(lhs), self.tree.exprs(rhs));
        match (op, lhs, rhs) {
            (AssignOp::Assign, ..) => {
                let places: Vec<Place> = lhs.iter().map(|&lhs| self.place(lhs)).collect();
                self.assign_all(&places, rhs);
            }
            (AssignOp::Define, ..) => self.define(lhs, rhs),
            (AssignOp::Op(op), &[lhs], &[rhs]) => self.op_assign(lhs, rhs, op),
            (AssignOp::Op(op), ..) => {
                self.use_all(lhs);
                self.use_all(rhs);
                if let (Some(&first), true) = (lhs.first(), self.is_whole()) {
                    let message = format!("assignment operation {}= requires single-valued expressions", op.as_str());
                    self.error(first, ErrorCode::AssignmentMismatch, message);
                }
            }
        }
    }

    /// Checks the left side of `=`.
    pub(crate) fn place(&mut self, lhs: ExprId) -> Place {
        self.target(lhs).map_or(Place::Blank, Place::Old)
    }

    /// Values for all places: each its own, or one call or comma-ok expression for all.
    fn assign_all(&mut self, places: &[Place], values: &[ExprId]) {
        let call = matches!(values, &[one] if self.is_call(one));
        if places.len() == values.len() && !call {
            for (&place, &value) in places.iter().zip(values) {
                let mut x = match place.hint() {
                    Some(hint) => self.value_for(value, hint),
                    None => self.value(value),
                };
                self.assign_to(place, &mut x, "assignment");
            }
            return;
        }
        let mut found = self.values(values, &[], places.len() == 2);
        if found.len() == places.len() {
            for (&place, x) in places.iter().zip(&mut found) {
                self.assign_to(place, x, "assignment");
            }
            return;
        }
        places.iter().for_each(|&place| self.assign_to(place, &mut unknown(values), "assignment"));
        self.assign_mismatch(places.len(), values, &found);
    }

    /// Assigns a value to one place; a variable that is declared by that gets its type.
    pub(crate) fn assign_to(&mut self, place: Place, x: &mut Operand, context: &str) {
        match place {
            Place::New(ident) => {
                let ty = self.variable_type(x, context);
                self.declare_var(ident, ty);
            }
            Place::Old(ty) => {
                self.assignment(x, ty, context);
            }
            Place::Blank if context == "assignment" => self.assign_blank(x, "assignment to _ identifier"),
            Place::Blank => self.assign_blank(x, context),
        }
    }

    /// Declares a variable of this body.
    pub(crate) fn declare_var(&mut self, ident: ExprId, ty: TypeId) {
        self.declare(ident, Local { kind: LocalKind::Var, ty, value: Value::Unknown, used: false });
        self.record(&Operand::new(Mode::Variable, ty, ident));
    }

    fn is_call(&self, id: ExprId) -> bool {
        matches!(self.tree.expr(self.unparen(id)), Expr::Call { .. })
    }

    /// Reports that there are more or fewer values than variables, unless something is not known.
    pub(crate) fn assign_mismatch(&self, variables: usize, values: &[ExprId], found: &[Operand]) {
        let Some(&first) = values.first() else { return };
        if !self.is_whole() || found.iter().any(|x| x.mode == Mode::Unknown) {
            return;
        }
        let of = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let variables = of(variables, "variable");
        let given = match (values, self.tree.expr(self.unparen(first))) {
            ([_], Expr::Call { fun, .. }) => format!("{} returns {}", self.text(fun), of(found.len(), "value")),
            _ => of(values.len(), "value"),
        };
        let message = format!("assignment mismatch: {variables} but {given}");
        self.error(first, ErrorCode::AssignmentMismatch, message);
    }

    /// `lhs op= rhs`.
    fn op_assign(&mut self, lhs: ExprId, rhs: ExprId, op: BinaryOp) {
        let x = self.value(lhs);
        let y = self.value(rhs);
        let mut result = x.clone();
        self.binary_op(&mut result, y, op, None);
        if !result.is_unknown() {
            let ty = self.assigned_type(&x);
            self.assignment(&mut result, ty, "assignment operation");
        }
    }

    pub(crate) fn inc_dec(&mut self, operand: ExprId, inc: bool) {
        let x = self.value(operand);
        if x.is_unknown() {
            return;
        }
        match self.store.all_basic(x.ty, Basic::is_numeric) {
            Truth::Yes => {
                self.assigned_type(&x);
            }
            Truth::Unknown => {}
            Truth::No => {
                let (what, ty) = (self.text(operand), self.store.show(x.ty));
                let op = if inc { "++" } else { "--" };
                let message = format!("invalid operation: {what}{op} (non-numeric type {ty})");
                self.claim(&[x.ty], operand, ErrorCode::UndefinedOp, message);
            }
        }
    }
}

/// Short variable declarations.
impl Checker<'_> {
    fn define(&mut self, lhs: &[ExprId], rhs: &[ExprId]) {
        let places: Vec<Place> = lhs.iter().map(|&one| self.new_or_old(one, lhs)).collect();
        self.assign_all(&places, rhs);
        if !self.declares_some(&places, lhs)
            && let (Some(&last), Some(&first)) = (lhs.last(), rhs.first())
        {
            self.no_new_variables(Span::new(self.tree.span(last).end, self.tree.span(first).start));
        }
    }

    /// Whether one of the variables is new and has a name. Where something did not parse, or is no name, that is not known.
    fn declares_some(&self, places: &[Place], lhs: &[ExprId]) -> bool {
        let names = self.is_whole() && lhs.iter().all(|&one| self.tree.expr(one) == Expr::Ident);
        !names || places.iter().any(|place| matches!(place, Place::New(id) if self.tree.source(*id) != "_"))
    }

    /// Reports it at the `:=` that is in the span.
    fn no_new_variables(&self, between: Span) {
        let start = between.of(self.tree.text()).find(":=").map_or(between.start, |at| between.start + at as u32);
        let span = Span::new(start, start + 2);
        self.error_in(span, ErrorCode::NoNewVar, "no new variables on left side of :=".to_owned());
    }

    /// What one of the left sides of a `:=` is.
    pub(crate) fn new_or_old(&mut self, one: ExprId, all: &[ExprId]) -> Place {
        match (self.tree.expr(one), self.names.def(one)) {
            (Expr::Ident, Def::Local(declaring)) if declaring == one => Place::New(one),
            (Expr::Ident, Def::Local(declaring)) => {
                if all.contains(&declaring) {
                    let message = format!("{} repeated on left side of :=", self.tree.source(one));
                    self.error(one, ErrorCode::DuplicateDecl, message);
                    return Place::Old(TypeId::UNKNOWN);
                }
                self.place(one)
            }
            _ => {
                if self.is_whole() {
                    let message = format!("non-name {} on left side of :=", self.text(one));
                    self.error(one, ErrorCode::UnassignableOperand, message);
                }
                self.expr(one, None);
                Place::Old(TypeId::UNKNOWN)
            }
        }
    }
}

/// Return statements.
impl Checker<'_> {
    pub(crate) fn return_stmt(&mut self, id: StmtId, values: ExprList) {
        let values = self.tree.exprs(values);
        let Some(results) = self.func.results.clone().filter(|_| !self.func.loose) else { return self.use_all(values) };
        if values.is_empty() && !self.func.named_results.is_empty() {
            return self.shadowed_result(id);
        }
        let hints = if values.len() == results.len() { &results[..] } else { &[] };
        let mut found = self.values(values, hints, false);
        if found.len() != results.len() {
            return self.return_mismatch(id, &results, &found);
        }
        for (x, &ty) in found.iter_mut().zip(results.iter()) {
            self.assignment(x, ty, "return statement");
        }
    }

    fn return_mismatch(&self, id: StmtId, results: &[TypeId], found: &[Operand]) {
        let unknown = |x: &Operand| x.is_unknown() || self.store.has_unknown(x.ty);
        if !self.is_whole() || found.iter().any(unknown) || results.iter().any(|&ty| self.store.has_unknown(ty)) {
            return;
        }
        let (at, which) = match found.get(results.len()) {
            Some(extra) => (Node::from(extra.expr), "too many"),
            None => (found.last().map_or(Node::from(id), |last| last.expr.into()), "not enough"),
        };
        let have = self.summary(found.iter().map(|x| x.ty), false, false);
        let want = self.summary(results.iter().copied(), false, false);
        let message = format!("{which} return values\n\thave {have}\n\twant {want}");
        self.error(at, ErrorCode::WrongResultCount, message);
    }

    /// A `return` that names no values, where another declaration hides a result.
    fn shadowed_result(&self, id: StmtId) {
        let tree = self.tree;
        let mut hidden = None;
        let mut look = |ident: ExprId| {
            let name = tree.source(ident);
            if hidden.is_none()
                && self.func.named_results.iter().any(|&result| tree.source(result) == name && name != "_")
            {
                hidden = Some(name);
            }
        };
        let mut inner = id;
        // The body of the function itself is the block of its results: nothing can hide them there.
        while let Some(Node::Stmt(outer)) = tree.parent(inner) {
            if !matches!(tree.parent(outer), Some(Node::Stmt(_))) {
                break;
            }
            let before = |&&id: &&StmtId| tree.span(id).start < tree.span(inner).start;
            match tree.stmt(outer) {
                Stmt::Block(list) | Stmt::CaseClause { body: list, .. } => {
                    tree.stmts(list).iter().take_while(before).for_each(|&id| self.each_declared(id, &mut look));
                }
                Stmt::CommClause { comm, body } => {
                    comm.into_iter().for_each(|id| self.each_declared(id, &mut look));
                    tree.stmts(body).iter().take_while(before).for_each(|&id| self.each_declared(id, &mut look));
                }
                Stmt::If { init, .. } | Stmt::For { init, .. } | Stmt::Switch { init, .. } => {
                    init.into_iter().for_each(|id| self.each_declared(id, &mut look));
                }
                Stmt::TypeSwitch { init, bind, .. } => {
                    init.into_iter().for_each(|id| self.each_declared(id, &mut look));
                    bind.into_iter().for_each(&mut look);
                }
                Stmt::Range { key, value, define: true, .. } => key.into_iter().chain(value).for_each(&mut look),
                _ => {}
            }
            inner = outer;
        }
        if let Some(name) = hidden {
            self.error(id, ErrorCode::WrongResultCount, format!("result parameter {name} not in scope at return"));
        }
    }
}

fn unknown(values: &[ExprId]) -> Operand {
    Operand::unknown(values.first().copied().unwrap_or(ExprId(0)))
}
