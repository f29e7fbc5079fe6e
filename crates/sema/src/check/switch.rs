//! Switches and `select` (Go spec, "Switch statements", "Select statements").

use std::collections::HashSet;

use gopeer_syntax::ast::{AssignOp, BinaryOp, Expr, ExprId, ExprList, Stmt, StmtId, StmtList, UnaryOp};

use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::facts::{Local, LocalKind};
use crate::names::Def;
use crate::types::{Basic, DistinctTypes, Truth, Type, TypeId};
use crate::value::Value;

/// Expression switches.
/// The cases of a type switch so far.
#[derive(Default)]
struct SeenCases {
    nil: bool,
    types: DistinctTypes,
}

impl Checker<'_> {
    pub(crate) fn switch(&mut self, tag: Option<ExprId>, clauses: StmtList) {
        let tag = tag.map(|tag| self.switch_tag(tag));
        self.one_default(clauses);
        let mut seen = HashSet::new();
        let tree = self.tree;
        for &clause in tree.stmts(clauses) {
            let Stmt::CaseClause { exprs, body, .. } = tree.stmt(clause) else { continue };
            for &case in tree.exprs(exprs) {
                self.case(case, tag.as_ref(), &mut seen);
            }
            self.stmts(body);
        }
    }

    fn switch_tag(&mut self, tag: ExprId) -> Operand {
        let mut x = self.value(tag);
        self.assign_blank(&mut x, "switch expression");
        if !x.is_unknown() && self.store.comparable(x.ty) == Truth::No && self.store.has_nil(x.ty) == Truth::No {
            self.claim(&[x.ty], tag, ErrorCode::UndefinedOp, format!("cannot switch on {}", self.describe(&x)));
            x.forget();
        }
        x
    }

    fn one_default(&self, clauses: StmtList) {
        let default = |id: StmtId| match self.tree.stmt(id) {
            Stmt::CaseClause { default, .. } => default,
            Stmt::CommClause { comm, .. } => comm.is_none(),
            _ => false,
        };
        if self.is_whole()
            && let Some(&second) = self.tree.stmts(clauses).iter().filter(|&&id| default(id)).nth(1)
        {
            self.error(second, ErrorCode::DuplicateCase, "multiple defaults");
        }
    }

    fn case(&mut self, case: ExprId, tag: Option<&Operand>, seen: &mut HashSet<(Value, TypeId)>) {
        let mut x = self.value(case);
        let comparable = match tag {
            Some(tag) => self.case_comparison(&mut x, tag),
            None => self.truth_comparison(&mut x),
        };
        if !comparable || x.mode != Mode::Constant || x.is_unknown() {
            return;
        }
        let value = match &x.value {
            Value::Int(_) | Value::Float(_) => x.value.to_float(),
            Value::Str(_) => x.value.clone(),
            _ => return,
        };
        if !seen.insert((value, x.ty)) {
            let message = format!("duplicate case {} in expression switch", self.describe(&x));
            self.error(case, ErrorCode::DuplicateCase, message);
        }
    }

    /// A case of a switch without tag, which is compared with `true`.
    fn truth_comparison(&mut self, x: &mut Operand) -> bool {
        if x.is_unknown() || !self.convert_untyped(x, Basic::Bool.into()) {
            return false;
        }
        let truth = Operand::constant(Basic::Bool.into(), Value::bool(true), x.expr);
        if let Err((_, code, cause)) = self.comparable_operands(x, &truth, BinaryOp::Equal) {
            let message = format!("invalid case {} in switch on true ({cause})", self.text(x.expr));
            self.claim(&[x.ty], x.expr, code, message);
            return false;
        }
        true
    }
}

/// Type switches.
impl Checker<'_> {
    pub(crate) fn type_switch(&mut self, bind: Option<ExprId>, guard: ExprId, clauses: StmtList) {
        let tree = self.tree;
        let Expr::TypeAssert { base, .. } = tree.expr(guard) else { return };
        let subject = self.switch_subject(base);
        let whole = subject.as_ref().map_or(TypeId::UNKNOWN, |x| x.ty);
        let bind = bind.filter(|&bind| {
            let named = tree.expr(bind) == Expr::Ident && tree.source(bind) != "_";
            if !named && self.is_whole() {
                self.error(bind, ErrorCode::NoNewVar, "no new variable on left side of :=");
            }
            named
        });
        if let Some(bind) = bind {
            self.declare(bind, Local { kind: LocalKind::Var, ty: whole, value: Value::Unknown, used: false });
        }
        self.one_default(clauses);
        let mut seen = SeenCases::default();
        for &clause in tree.stmts(clauses) {
            let Stmt::CaseClause { exprs, body, .. } = tree.stmt(clause) else { continue };
            let one = self.case_types(subject.as_ref(), exprs, &mut seen);
            if let Some(bind) = bind {
                let ty = one.unwrap_or(whole);
                if let Some(local) = self.facts.borrow_mut().local_mut(bind) {
                    local.ty = ty;
                }
            }
            self.stmts(body);
        }
    }

    /// The value of interface type whose dynamic type is asked for.
    fn switch_subject(&mut self, base: ExprId) -> Option<Operand> {
        let x = self.value(base);
        if x.is_unknown() {
            return None;
        }
        let message = match self.store.under(x.ty) {
            Type::Unknown => return None,
            _ if self.store.is_param(x.ty) => format!("cannot use {} in type switch", self.describe(&x)),
            Type::Interface(_) => return Some(x),
            _ => format!("{} is not an interface", self.describe(&x)),
        };
        self.claim(&[x.ty], base, ErrorCode::ImpossibleAssert, message);
        None
    }

    /// Checks the types of a case. Where it is one type, that is it; none for `nil`, several and `default`.
    fn case_types(&mut self, subject: Option<&Operand>, cases: ExprList, seen: &mut SeenCases) -> Option<TypeId> {
        let cases = self.tree.exprs(cases);
        let mut found = None;
        for &case in cases {
            found = match self.is_nil(case) {
                true => {
                    self.expr(case, None);
                    None
                }
                false => Some(self.ty(case)),
            };
            if found.is_some_and(TypeId::is_unknown) {
                continue;
            }
            let duplicate = match found {
                Some(ty) => !seen.types.insert(self.store, ty),
                None => std::mem::replace(&mut seen.nil, true),
            };
            if duplicate {
                let shown = found.map_or("nil".to_owned(), |ty| self.store.show(ty));
                let message = format!("duplicate case {shown} in type switch");
                self.claim(found.as_slice(), case, ErrorCode::DuplicateCase, message);
                continue;
            }
            if let (Some(x), Some(ty)) = (subject, found) {
                self.possible_case(x, case, ty);
            }
        }
        found.filter(|_| cases.len() == 1)
    }

    fn possible_case(&self, x: &Operand, case: ExprId, ty: TypeId) {
        if let Some(cause) = self.cannot_assert(x.ty, ty) {
            let (what, name, shown) = (self.describe(x), self.text(case), self.store.show(ty));
            let message =
                format!("impossible type switch case: {name}\n\t{what} cannot have dynamic type {shown} {cause}");
            self.claim(&[x.ty, ty], case, ErrorCode::ImpossibleAssert, message);
        }
    }

    fn is_nil(&self, id: ExprId) -> bool {
        let id = self.unparen(id);
        self.tree.expr(id) == Expr::Ident && self.names.def(id) == Def::Universe && self.tree.source(id) == "nil"
    }
}

/// Select statements.
impl Checker<'_> {
    pub(crate) fn select_stmt(&mut self, clauses: StmtList) {
        self.one_default(clauses);
        let tree = self.tree;
        for &clause in tree.stmts(clauses) {
            let Stmt::CommClause { comm, body } = tree.stmt(clause) else { continue };
            if let Some(comm) = comm {
                if self.is_whole() && !self.communicates(comm) {
                    let message = "select case must be send or receive (possibly with assignment)";
                    self.error(comm, ErrorCode::InvalidReceive, message);
                }
                self.stmt(comm);
            }
            self.stmts(body);
        }
    }

    fn communicates(&self, comm: StmtId) -> bool {
        let receive =
            |id: ExprId| matches!(self.tree.expr(self.unparen(id)), Expr::Unary { op: UnaryOp::Recv, .. } | Expr::Bad);
        match self.tree.stmt(comm) {
            Stmt::Send { .. } => true,
            Stmt::Expr(x) => receive(x),
            Stmt::Assign { op: AssignOp::Assign | AssignOp::Define, rhs, .. } => {
                matches!(self.tree.exprs(rhs), &[one] if receive(one))
            }
            _ => false,
        }
    }
}
