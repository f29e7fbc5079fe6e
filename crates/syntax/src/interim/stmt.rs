//! Statements.

use tree_sitter::TreeCursor;

use super::kinds::{FieldName as F, Kind};
use super::{Lowering, span};
use crate::ast::{AssignOp, BinaryOp, BranchKind, Expr, ExprId, ExprList, GroupKind, Stmt, StmtId, StmtList};

impl Lowering {
    /// The statement under the cursor.
    pub(super) fn stmt(&mut self, c: &mut TreeCursor) -> StmtId {
        if !self.enter(c) {
            return self.bad_stmt(span(c.node()));
        }
        let stmt = self.stmt_here(c);
        self.depth -= 1;
        stmt
    }

    /// A block, which is where the body of a function, loop or branch stands.
    pub(super) fn block(&mut self, c: &mut TreeCursor) -> StmtId {
        self.stmt(c)
    }

    fn stmt_here(&mut self, c: &mut TreeCursor) -> StmtId {
        let node = c.node();
        let stmt = match self.kind(&node) {
            Kind::ExpressionStatement => Stmt::Expr(self.only_child(c)),
            Kind::Send => {
                let [chan, value] = self.pair(c, F::Channel, F::Value);
                Stmt::Send { chan, value }
            }
            Kind::Inc => Stmt::IncDec { operand: self.only_child(c), inc: true },
            Kind::Dec => Stmt::IncDec { operand: self.only_child(c), inc: false },
            Kind::Assignment | Kind::ShortVar | Kind::Receive => self.assign(c),
            Kind::Go => Stmt::Go(self.only_child(c)),
            Kind::Defer => Stmt::Defer(self.only_child(c)),
            Kind::Return => Stmt::Return(self.returned(c)),
            Kind::Break => self.branch(c, BranchKind::Break),
            Kind::Continue => self.branch(c, BranchKind::Continue),
            Kind::Goto => self.branch(c, BranchKind::Goto),
            Kind::Fallthrough => self.branch(c, BranchKind::Fallthrough),
            Kind::Block => Stmt::Block(self.statements(c)),
            Kind::If => self.if_stmt(c),
            Kind::For => self.for_stmt(c),
            Kind::ExpressionSwitch => self.switch(c),
            Kind::TypeSwitch => self.type_switch(c),
            Kind::Select => Stmt::Select { clauses: self.clauses(c) },
            Kind::ExpressionCase | Kind::TypeCase | Kind::DefaultCase | Kind::CommunicationCase => return self.clause(c),
            Kind::Labeled => self.labeled(c),
            Kind::ConstDeclaration => Stmt::Decl(self.group(c, GroupKind::Const)),
            Kind::VarDeclaration => Stmt::Decl(self.group(c, GroupKind::Var)),
            Kind::TypeDeclaration => Stmt::Decl(self.group(c, GroupKind::Type)),
            Kind::EmptyStatement => Stmt::Empty,
            _ => Stmt::Bad,
        };
        self.tree.push_stmt(stmt, span(node))
    }

    fn pair(&mut self, c: &mut TreeCursor, first: F, second: F) -> [ExprId; 2] {
        let (mut a, mut b) = (None, None);
        self.children(c, |l, c, field, _| {
            if field == first {
                a = Some(l.expr(c));
            } else if field == second {
                b = Some(l.expr(c));
            }
        });
        [self.or_bad(a, c), self.or_bad(b, c)]
    }

    /// The statements of a node, whether or not the grammar puts a `statement_list` between.
    fn statements(&mut self, c: &mut TreeCursor) -> StmtList {
        let mut stmts = Vec::new();
        self.children(c, |l, c, _, kind| {
            if kind == Kind::StatementList {
                l.children(c, |l, c, _, kind| {
                    if kind != Kind::Other {
                        stmts.push(l.stmt(c));
                    }
                });
            } else if kind != Kind::Other {
                stmts.push(l.stmt(c));
            }
        });
        self.tree.stmt_list(&stmts)
    }

    fn assign(&mut self, c: &mut TreeCursor) -> Stmt {
        let (mut lhs, mut rhs, mut op) = (None, ExprList::EMPTY, AssignOp::Assign);
        let mut single = None;
        self.children(c, |l, c, field, kind| match field {
            F::Left => lhs = Some(l.expr_list(c)),
            F::Right if kind == Kind::ExpressionList => rhs = l.expr_list(c),
            F::Right => {
                let value = l.expr(c);
                single = Some(value);
                rhs = l.tree.expr_list(&[value]);
            }
            _ => op = assign_op(span(c.node()).of(l.tree.text())),
        });
        match (lhs, single) {
            (None, Some(value)) => Stmt::Expr(value),
            (lhs, _) => Stmt::Assign { lhs: lhs.unwrap_or(ExprList::EMPTY), op, rhs },
        }
    }

    fn returned(&mut self, c: &mut TreeCursor) -> ExprList {
        let mut results = ExprList::EMPTY;
        self.children(c, |l, c, _, kind| {
            if kind == Kind::ExpressionList {
                results = l.expr_list(c);
            }
        });
        results
    }

    fn branch(&mut self, c: &mut TreeCursor, kind: BranchKind) -> Stmt {
        let mut label = None;
        self.children(c, |l, c, _, kind| {
            if kind == Kind::LabelName {
                label = Some(l.expr(c));
            }
        });
        Stmt::Branch { kind, label }
    }

    fn if_stmt(&mut self, c: &mut TreeCursor) -> Stmt {
        let (mut init, mut cond, mut then, mut els) = (None, None, None, None);
        self.children(c, |l, c, field, _| match field {
            F::Initializer => init = Some(l.stmt(c)),
            F::Condition => cond = Some(l.expr(c)),
            F::Consequence => then = Some(l.block(c)),
            F::Alternative => els = Some(l.stmt(c)),
            _ => {}
        });
        Stmt::If { init, cond: self.or_bad(cond, c), then: self.or_bad_stmt(then, c), els }
    }

    fn for_stmt(&mut self, c: &mut TreeCursor) -> Stmt {
        let mut head = Stmt::For { init: None, cond: None, post: None, body: StmtId(0) };
        let mut body = None;
        self.children(c, |l, c, field, kind| match (field, kind) {
            (F::Body, _) => body = Some(l.block(c)),
            (_, Kind::ForClause) => head = l.for_clause(c),
            (_, Kind::RangeClause) => head = l.range_clause(c),
            (_, Kind::Other) => {}
            _ => head = Stmt::For { init: None, cond: Some(l.expr(c)), post: None, body: StmtId(0) },
        });
        let block = self.or_bad_stmt(body, c);
        match &mut head {
            Stmt::For { body, .. } | Stmt::Range { body, .. } => *body = block,
            _ => {}
        }
        head
    }

    fn for_clause(&mut self, c: &mut TreeCursor) -> Stmt {
        let (mut init, mut cond, mut post) = (None, None, None);
        self.children(c, |l, c, field, _| match field {
            F::Initializer => init = Some(l.stmt(c)),
            F::Condition => cond = Some(l.expr(c)),
            F::Update => post = Some(l.stmt(c)),
            _ => {}
        });
        Stmt::For { init, cond, post, body: StmtId(0) }
    }

    fn range_clause(&mut self, c: &mut TreeCursor) -> Stmt {
        let (mut left, mut subject, mut define) = (ExprList::EMPTY, None, false);
        self.children(c, |l, c, field, kind| match field {
            F::Left => left = l.expr_list(c),
            F::Right => subject = Some(l.expr(c)),
            _ if kind == Kind::Other => define |= span(c.node()).of(l.tree.text()) == ":=",
            _ => {}
        });
        let subject = self.or_bad(subject, c);
        let vars = self.tree.exprs(left);
        let (key, value) = (vars.first().copied(), vars.get(1).copied());
        Stmt::Range { key, value, define, subject, body: StmtId(0) }
    }

    fn switch(&mut self, c: &mut TreeCursor) -> Stmt {
        let (mut init, mut tag, mut clauses) = (None, None, Vec::new());
        self.children(c, |l, c, field, kind| match (field, kind) {
            (F::Initializer, _) => init = Some(l.stmt(c)),
            (F::Value, _) => tag = Some(l.expr(c)),
            (_, Kind::Other) => {}
            _ => clauses.push(l.stmt(c)),
        });
        Stmt::Switch { init, tag, clauses: self.tree.stmt_list(&clauses) }
    }

    fn type_switch(&mut self, c: &mut TreeCursor) -> Stmt {
        let (mut init, mut bind, mut subject, mut clauses, mut close) = (None, None, None, Vec::new(), 0);
        self.children(c, |l, c, field, kind| match (field, kind) {
            (F::Initializer, _) => init = Some(l.stmt(c)),
            (F::Alias, Kind::ExpressionList) => bind = l.tree_first(c),
            (F::Value, _) => subject = Some(l.expr(c)),
            (_, Kind::Other) => {
                let token = span(c.node());
                if token.of(l.tree.text()) == ")" {
                    close = token.end;
                }
            }
            _ => clauses.push(l.stmt(c)),
        });
        let base = self.or_bad(subject, c);
        let whole = crate::Span::new(self.tree.span(base).start, close.max(self.tree.span(base).end));
        let guard = self.tree.push_expr(Expr::TypeAssert { base, ty: None }, whole);
        Stmt::TypeSwitch { init, bind, guard, clauses: self.tree.stmt_list(&clauses) }
    }

    fn tree_first(&mut self, c: &mut TreeCursor) -> Option<ExprId> {
        let list = self.expr_list(c);
        self.tree.exprs(list).first().copied()
    }

    fn clauses(&mut self, c: &mut TreeCursor) -> StmtList {
        let mut clauses = Vec::new();
        self.children(c, |l, c, _, kind| match kind {
            Kind::Other => {}
            // A `default` of a select has the same shape as one of a switch.
            Kind::DefaultCase => {
                let body = l.clause_body(c);
                clauses.push(l.tree.push_stmt(Stmt::CommClause { comm: None, body }, span(c.node())));
            }
            _ => clauses.push(l.stmt(c)),
        });
        self.tree.stmt_list(&clauses)
    }

    fn clause_body(&mut self, c: &mut TreeCursor) -> StmtList {
        let mut body = StmtList::EMPTY;
        self.children(c, |l, c, _, kind| {
            if kind == Kind::StatementList {
                body = l.statements(c);
            }
        });
        body
    }

    fn clause(&mut self, c: &mut TreeCursor) -> StmtId {
        let node = c.node();
        let (mut exprs, mut comm, mut body, mut types) = (ExprList::EMPTY, None, StmtList::EMPTY, Vec::new());
        self.children(c, |l, c, field, kind| match (field, kind) {
            (_, Kind::StatementList) => body = l.statements(c),
            (F::Value, _) => exprs = l.expr_list(c),
            (F::Type, kind) if kind != Kind::Other => types.push(l.expr(c)),
            (F::Communication, _) => comm = Some(l.stmt(c)),
            _ => {}
        });
        if !types.is_empty() {
            exprs = self.tree.expr_list(&types);
        }
        let stmt = match self.kind(&node) {
            Kind::CommunicationCase => Stmt::CommClause { comm, body },
            kind => Stmt::CaseClause { exprs, default: kind == Kind::DefaultCase, body },
        };
        self.tree.push_stmt(stmt, span(node))
    }

    fn labeled(&mut self, c: &mut TreeCursor) -> Stmt {
        let (mut label, mut stmt) = (None, None);
        self.children(c, |l, c, field, kind| match (field, kind) {
            (F::Label, _) => label = Some(l.expr(c)),
            (_, Kind::Other) => {}
            _ => stmt = Some(l.stmt(c)),
        });
        let label = self.or_bad(label, c);
        let end = span(c.node()).end;
        let stmt = stmt.unwrap_or_else(|| self.tree.push_stmt(Stmt::Empty, crate::Span::new(end, end)));
        Stmt::Labeled { label, stmt }
    }
}

fn assign_op(text: &str) -> AssignOp {
    match text {
        ":=" => AssignOp::Define,
        _ => text.strip_suffix('=').and_then(BinaryOp::parse).map_or(AssignOp::Assign, AssignOp::Op),
    }
}
