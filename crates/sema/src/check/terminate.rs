//! Whether control can run off the end of a body (Go spec, "Terminating statements").

use gopeer_syntax::Span;
use gopeer_syntax::ast::{BranchKind, Expr, ExprId, Stmt, StmtId, StmtList};

use super::{Builtin, Checker, Mode};
use crate::ErrorCode;

/// The name of the label that a statement has.
type Label<'a> = Option<&'a str>;

impl Checker<'_> {
    /// Reports, at its closing brace, a body that has to return something and may end without.
    pub(crate) fn missing_return(&self, body: StmtId) {
        if self.func.results.as_ref().is_none_or(|results| results.is_empty()) || self.terminates(body, None) {
            return;
        }
        let end = self.tree.span(body).end;
        let span = Span::new(end.saturating_sub(1), end);
        self.error_in(span, ErrorCode::MissingReturn, "missing return".to_owned());
    }

    fn terminates(&self, mut id: StmtId, label: Label<'_>) -> bool {
        let clauses_end = |clauses: StmtList, needs_default: bool| {
            let mut default = !needs_default;
            let ends = self.tree.stmts(clauses).iter().all(|&clause| {
                let body = match self.tree.stmt(clause) {
                    Stmt::CaseClause { default: this, body, .. } => {
                        default |= this;
                        body
                    }
                    Stmt::CommClause { body, .. } => body,
                    _ => return false,
                };
                self.list_terminates(body) && !self.list_breaks(body, label, true)
            });
            ends && default
        };
        loop {
            return match self.tree.stmt(id) {
                Stmt::Return(_) => true,
                Stmt::Branch { kind, .. } => matches!(kind, BranchKind::Goto | BranchKind::Fallthrough),
                Stmt::Expr(x) => self.is_panic(x),
                Stmt::Block(list) => self.list_terminates(list),
                Stmt::If { then, els: Some(els), .. } => {
                    if !self.terminates(then, None) {
                        return false;
                    }
                    id = els;
                    continue;
                }
                Stmt::For { cond: None, body, .. } => !self.breaks(body, label, true),
                Stmt::Switch { clauses, .. } | Stmt::TypeSwitch { clauses, .. } => clauses_end(clauses, true),
                Stmt::Select { clauses } => clauses_end(clauses, false),
                Stmt::Labeled { label, stmt } => self.terminates(stmt, Some(self.tree.source(label))),
                _ => false,
            };
        }
    }

    fn list_terminates(&self, list: StmtList) -> bool {
        self.last_stmt(list).is_some_and(|last| self.terminates(last, None))
    }

    /// The last statement of a list that is not empty.
    pub(crate) fn last_stmt(&self, list: StmtList) -> Option<StmtId> {
        self.tree.stmts(list).iter().copied().rfind(|&id| self.tree.stmt(id) != Stmt::Empty)
    }

    fn is_panic(&self, id: ExprId) -> bool {
        match self.tree.expr(self.unparen(id)) {
            Expr::Call { fun, .. } => self.facts.borrow().mode(fun) == Mode::Builtin(Builtin::Panic),
            _ => false,
        }
    }

    /// Whether a `break` inside the statement leaves the one that is asked about: with its label, or, where no other
    /// statement takes it, without.
    fn breaks(&self, mut id: StmtId, label: Label<'_>, plain: bool) -> bool {
        loop {
            return match self.tree.stmt(id) {
                Stmt::Branch { kind: BranchKind::Break, label: to } => match to {
                    None => plain,
                    Some(to) => label == Some(self.tree.source(to)),
                },
                Stmt::Block(list) => self.list_breaks(list, label, plain),
                Stmt::If { then, els, .. } => {
                    if self.breaks(then, label, plain) {
                        return true;
                    }
                    match els {
                        Some(els) => {
                            id = els;
                            continue;
                        }
                        None => false,
                    }
                }
                Stmt::CaseClause { body, .. } | Stmt::CommClause { body, .. } => self.list_breaks(body, label, plain),
                Stmt::Switch { clauses, .. } | Stmt::TypeSwitch { clauses, .. } | Stmt::Select { clauses } => {
                    label.is_some() && self.list_breaks(clauses, label, false)
                }
                Stmt::For { body, .. } | Stmt::Range { body, .. } => label.is_some() && self.breaks(body, label, false),
                Stmt::Labeled { stmt, .. } => self.breaks(stmt, label, plain),
                _ => false,
            };
        }
    }

    fn list_breaks(&self, list: StmtList, label: Label<'_>, plain: bool) -> bool {
        self.tree.stmts(list).iter().any(|&id| self.breaks(id, label, plain))
    }
}
