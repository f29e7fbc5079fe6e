//! Statements (Go spec, "Statements"): function bodies, simple statements, and what sends the rest to its file.

use gopeer_syntax::ast::{Expr, ExprId, Stmt, StmtId, StmtList, UnaryOp};

use super::{Builtin, Checker, FuncContext, Mode};
use crate::ErrorCode;
use crate::types::{Basic, Truth};

/// What an expression does where it is a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// It can stand alone.
    Statement,
    /// A conversion.
    Conversion,
    /// Its value is all there is to it.
    Value,
}

/// Bodies.
impl Checker<'_> {
    /// Checks the body of a function or function literal: its statements, that it ends in a terminating statement where it
    /// has results, its labels, and that its variables are used. Parameters are declared already.
    pub(crate) fn body(&mut self, block: StmtId, func: FuncContext) {
        let outer = std::mem::replace(&mut self.func, func);
        self.stmt(block);
        // Where text is missing, so may be what uses a variable or returns.
        if self.is_whole() {
            self.missing_return(block);
            self.own_names(block);
        }
        self.func = outer;
    }

    /// Checks statements that stand outside any function, in a pasted fragment. What they return to is not known, nor what
    /// follows them.
    pub(crate) fn loose_stmts(&mut self, list: StmtList) {
        let func = FuncContext { results: Some([].into()), named_results: [].into(), loose: true };
        let outer = std::mem::replace(&mut self.func, func);
        self.stmts(list);
        self.func = outer;
    }

    /// Whether all text of the piece was understood.
    pub(crate) fn is_whole(&self) -> bool {
        self.tree.errors().is_empty()
    }

    pub(crate) fn stmts(&mut self, list: StmtList) {
        let tree = self.tree;
        tree.stmts(list).iter().for_each(|&id| self.stmt(id));
    }

    /// Checks a statement and what is in it.
    pub(crate) fn stmt(&mut self, id: StmtId) {
        self.package.source.progress.step();
        match self.tree.stmt(id) {
            // Clauses are looked at by the statement around them, branches with the labels.
            Stmt::Bad | Stmt::Empty | Stmt::Branch { .. } | Stmt::CaseClause { .. } | Stmt::CommClause { .. } => {}
            Stmt::Expr(x) => self.expr_stmt(x),
            Stmt::Send { chan, value } => self.send(chan, value),
            Stmt::IncDec { operand, inc } => self.inc_dec(operand, inc),
            Stmt::Assign { lhs, op, rhs } => self.assign_stmt(lhs, op, rhs),
            Stmt::Go(call) => self.suspended(call, "go"),
            Stmt::Defer(call) => self.suspended(call, "defer"),
            Stmt::Return(values) => self.return_stmt(id, values),
            Stmt::Block(list) => self.stmts(list),
            Stmt::If { .. } => self.if_chain(id),
            Stmt::Switch { init, tag, clauses } => {
                self.maybe(init);
                self.switch(tag, clauses);
            }
            Stmt::TypeSwitch { init, bind, guard, clauses } => {
                self.maybe(init);
                self.type_switch(bind, guard, clauses);
            }
            Stmt::Select { clauses } => self.select_stmt(clauses),
            Stmt::For { init, cond, post, body } => {
                self.maybe(init);
                cond.into_iter().for_each(|cond| self.condition(cond, "for"));
                self.maybe(post);
                self.stmt(body);
            }
            Stmt::Range { key, value, define, subject, body } => {
                self.range([key, value], define, subject, id);
                self.stmt(body);
            }
            Stmt::Labeled { stmt, .. } => self.stmt(stmt),
            Stmt::Decl(decl) => self.local_decl(decl),
        }
    }

    fn maybe(&mut self, id: Option<StmtId>) {
        id.into_iter().for_each(|id| self.stmt(id));
    }
}

/// Simple statements and conditions.
impl Checker<'_> {
    fn expr_stmt(&mut self, id: ExprId) {
        let mut x = self.expr(id, None);
        let wrong = match x.mode {
            Mode::Unknown => return,
            Mode::Builtin(_) => return self.single(&mut x),
            Mode::Type => "is not an expression",
            _ if self.sort(id) == Sort::Statement => return,
            _ => "is not used",
        };
        self.claim(&[x.ty], id, ErrorCode::UnusedExpr, format!("{} {wrong}", self.describe(&x)));
    }

    /// What is called decides; of what is not known, nothing is said.
    fn sort(&self, id: ExprId) -> Sort {
        let id = self.unparen(id);
        match self.tree.expr(id) {
            Expr::Call { fun, .. } => match self.facts.borrow().mode(self.unparen(fun)) {
                Mode::Type => Sort::Conversion,
                Mode::Builtin(builtin) if !is_statement(builtin) => Sort::Value,
                _ => Sort::Statement,
            },
            Expr::Unary { op: UnaryOp::Recv, .. } => Sort::Statement,
            _ => Sort::Value,
        }
    }

    fn send(&mut self, chan: ExprId, value: ExprId) {
        let chan = self.value(chan);
        let mut x = self.value(value);
        if x.mode != Mode::Unknown
            && let Some(elem) = self.chan_elem(&chan, false)
        {
            self.assignment(&mut x, elem, "send");
        }
    }

    /// `go call` and `defer call`.
    fn suspended(&mut self, call: ExprId, keyword: &str) {
        let inner = self.tree.expr(self.unparen(call));
        let shape = match self.tree.expr(call) {
            Expr::Call { .. } | Expr::Bad => None,
            Expr::Paren(_) if matches!(inner, Expr::Call { .. }) => Some("must not be parenthesized"),
            _ => Some("must be function call"),
        };
        let x = self.expr(call, None);
        if let Some(shape) = shape {
            return self.error(call, ErrorCode::InvalidDefer, format!("expression in {keyword} {shape}"));
        }
        if x.is_unknown() {
            return;
        }
        let wrong = match self.sort(call) {
            Sort::Statement => return,
            Sort::Conversion => "requires function call, not conversion",
            Sort::Value => "discards result of",
        };
        self.claim(&[x.ty], call, ErrorCode::InvalidDefer, format!("{keyword} {wrong} {}", self.describe(&x)));
    }

    fn condition(&mut self, cond: ExprId, of: &str) {
        let x = self.value(cond);
        if !x.is_unknown() && self.store.all_basic(x.ty, Basic::is_boolean) == Truth::No {
            self.claim(&[x.ty], cond, ErrorCode::InvalidCond, format!("non-boolean condition in {of} statement"));
        }
    }

    /// An `if` with all its `else if`s, of which there may be a thousand.
    fn if_chain(&mut self, mut id: StmtId) {
        while let Stmt::If { init, cond, then, els } = self.tree.stmt(id) {
            self.maybe(init);
            self.condition(cond, "if");
            self.stmt(then);
            match els {
                Some(els) => id = els,
                None => return,
            }
        }
        self.stmt(id);
    }
}

/// Whether a call of the builtin can stand alone (Go spec, "Expression statements").
fn is_statement(builtin: Builtin) -> bool {
    use Builtin::{Clear, Close, Copy, Delete, Panic, Print, Println, Recover};
    matches!(builtin, Clear | Close | Copy | Delete | Panic | Print | Println | Recover)
}
