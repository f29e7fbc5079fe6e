//! Statements.

use super::{Kind, Lower};
use crate::Span;
use crate::ast::{AssignOp, BranchKind, Expr, ExprId, ExprList, Stmt, StmtId, StmtList};

/// How many `else if` a chain may have.
const MAX_ELSE_IFS: usize = 1000;

impl Lower<'_> {
    pub(super) fn stmt(&mut self, kind: Kind) -> StmtId {
        let mut span = self.span();
        let stmt = self.deeper(|l| l.stmt_of(kind, span)).unwrap_or(Stmt::Bad);
        if let Stmt::Labeled { stmt: labelled, .. } = stmt {
            span.end = self.tree.span(labelled).end;
        }
        self.tree.push_stmt(stmt, span)
    }

    fn stmt_of(&mut self, kind: Kind, span: Span) -> Stmt {
        match kind {
            Kind::ExprStmt => Stmt::Expr(self.only_expr()),
            Kind::SendStmt => {
                let (chan, value) = self.pair(span);
                Stmt::Send { chan, value }
            }
            Kind::IncStmt => Stmt::IncDec { operand: self.only_expr(), inc: true },
            Kind::DecStmt => Stmt::IncDec { operand: self.only_expr(), inc: false },
            Kind::AssignStmt | Kind::ShortVarDecl => self.assignment(),
            Kind::ReceiveStmt => self.receive(span),
            Kind::ReturnStmt => Stmt::Return(self.list_child()),
            Kind::GoStmt => Stmt::Go(self.only_expr()),
            Kind::DeferStmt => Stmt::Defer(self.only_expr()),
            Kind::IfStmt => self.if_stmt(),
            Kind::ForStmt => self.for_stmt(span),
            Kind::ExprSwitch => self.expr_switch(),
            Kind::TypeSwitch => self.type_switch(span),
            Kind::SelectStmt => Stmt::Select { clauses: self.clauses() },
            Kind::LabeledStmt => self.labeled(span),
            Kind::FallthroughStmt => Stmt::Branch { kind: BranchKind::Fallthrough, label: None },
            Kind::BreakStmt => self.branch(BranchKind::Break),
            Kind::ContinueStmt => self.branch(BranchKind::Continue),
            Kind::GotoStmt => self.branch(BranchKind::Goto),
            Kind::Block => Stmt::Block(self.stmt_children()),
            Kind::EmptyStmt => Stmt::Empty,
            Kind::ConstDecl | Kind::VarDecl | Kind::TypeDecl => {
                let decl = self.group(kind);
                Stmt::Decl(decl)
            }
            _ => Stmt::Bad,
        }
    }

    /// The statements of a block, a clause or a statement list.
    fn stmt_children(&mut self) -> StmtList {
        let from = self.stmts.len();
        self.push_stmts();
        self.take_stmts(from)
    }

    fn push_stmts(&mut self) {
        let mut empty_before = false;
        self.children(|l, kind| {
            // After an empty statement, the grammar takes the next `;` for its end; in Go it is another one.
            let empty = kind == Kind::EmptyStmt || kind == Kind::Semi && empty_before;
            empty_before = empty;
            match kind {
                Kind::StmtList => l.push_stmts(),
                Kind::Error => l.push_stmt(Stmt::Bad),
                _ if empty => l.push_stmt(Stmt::Empty),
                kind if kind.is_stmt() => {
                    let id = l.stmt(kind);
                    l.stmts.push(id);
                }
                _ => {}
            }
        });
    }

    /// Adds a statement without parts, unless it is of no length, and so not in the text.
    fn push_stmt(&mut self, stmt: Stmt) {
        let span = self.span();
        if !span.is_empty() || stmt == Stmt::Bad {
            let id = self.tree.push_stmt(stmt, span);
            self.stmts.push(id);
        }
    }

    /// The only `expression_list` among the children.
    fn list_child(&mut self) -> ExprList {
        let mut list = ExprList::EMPTY;
        self.children(|l, kind| {
            if kind == Kind::ExprList {
                list = l.expr_children();
            }
        });
        list
    }

    fn assignment(&mut self) -> Stmt {
        let mut sides = [ExprList::EMPTY; 2];
        let mut op = None;
        self.children(|l, kind| match kind {
            Kind::ExprList => {
                let list = l.expr_children();
                let [lhs, rhs] = &mut sides;
                *(if op.is_none() { lhs } else { rhs }) = list;
            }
            _ => op = op.or(assign_op(kind)),
        });
        let [lhs, rhs] = sides;
        op.map_or(Stmt::Bad, |op| Stmt::Assign { lhs, op, rhs })
    }

    /// The receive in a `select`'s `case`.
    fn receive(&mut self, span: Span) -> Stmt {
        let (mut lhs, mut op, mut value) = (ExprList::EMPTY, None, None);
        self.children(|l, kind| match kind {
            Kind::ExprList => lhs = l.expr_children(),
            kind if kind.is_expr() => value = Some(l.expr(kind)),
            _ => op = op.or(assign_op(kind)),
        });
        let value = self.or_bad(value, span);
        let Some(op) = op else { return Stmt::Expr(value) };
        let from = self.exprs.len();
        self.exprs.push(value);
        Stmt::Assign { lhs, op, rhs: self.take_exprs(from) }
    }

    /// A chain of `else if`, by a loop, since it may be hundreds long.
    fn if_stmt(&mut self) -> Stmt {
        let mut chain = Vec::new();
        let mut els = None;
        loop {
            let (branch, rest) = self.if_branch(&mut els);
            chain.push(branch);
            if !rest {
                break;
            }
            if chain.len() >= MAX_ELSE_IFS {
                self.too_deep();
                let span = self.span();
                els = Some(self.bad_stmt(span));
                break;
            }
        }
        loop {
            self.cursor.goto_parent();
            let Some(Branch { span, init, cond, then }) = chain.pop() else { return Stmt::Bad };
            let cond = self.or_bad(cond, span);
            let then = then.unwrap_or_else(|| self.bad_stmt(span));
            let stmt = Stmt::If { init, cond, then, els };
            if chain.is_empty() {
                return stmt;
            }
            els = Some(self.tree.push_stmt(stmt, span));
        }
    }

    /// Reads one `if` and goes into it, up to the `if` after its `else`; says whether there is one.
    fn if_branch(&mut self, els: &mut Option<StmtId>) -> (Branch, bool) {
        let mut branch = Branch { span: self.span(), init: None, cond: None, then: None };
        let mut more = self.cursor.goto_first_child();
        while more {
            match self.look() {
                Kind::IfStmt => return (branch, true),
                Kind::Block if branch.then.is_none() => branch.then = Some(self.stmt(Kind::Block)),
                Kind::Block => *els = Some(self.stmt(Kind::Block)),
                kind if kind.is_simple_stmt() => branch.init = Some(self.stmt(kind)),
                kind if kind.is_expr() => branch.cond = Some(self.expr(kind)),
                _ => {}
            }
            more = self.cursor.goto_next_sibling();
        }
        (branch, false)
    }

    fn for_stmt(&mut self, span: Span) -> Stmt {
        let mut header = Header::default();
        let mut body = None;
        self.children(|l, kind| match kind {
            Kind::ForClause => l.for_clause(&mut header),
            Kind::RangeClause => l.range_clause(&mut header),
            Kind::Block => body = Some(l.stmt(kind)),
            kind if kind.is_expr() => header.cond = Some(l.expr(kind)),
            _ => {}
        });
        let body = body.unwrap_or_else(|| self.bad_stmt(span));
        let Header { init, cond, post, range } = header;
        match range {
            Some(Range { key, value, define, subject }) => Stmt::Range { key, value, define, subject, body },
            None => Stmt::For { init, cond, post, body },
        }
    }

    fn for_clause(&mut self, header: &mut Header) {
        let mut semicolons = 0;
        self.children(|l, kind| match kind {
            Kind::Semi => semicolons += 1,
            kind if kind.is_simple_stmt() => {
                let stmt = Some(l.stmt(kind));
                *(if semicolons == 0 { &mut header.init } else { &mut header.post }) = stmt;
            }
            kind if kind.is_expr() => header.cond = Some(l.expr(kind)),
            _ => {}
        });
    }

    fn range_clause(&mut self, header: &mut Header) {
        let (mut vars, mut define, mut subject) = ([None; 2], false, None);
        self.children(|l, kind| match kind {
            Kind::ExprList => {
                let list = l.expr_children();
                for (slot, &id) in vars.iter_mut().zip(l.tree.exprs(list)) {
                    *slot = Some(id);
                }
            }
            Kind::Define => define = true,
            kind if kind.is_expr() => subject = Some(l.expr(kind)),
            _ => {}
        });
        let span = self.span();
        let subject = self.or_bad(subject, span);
        let [key, value] = vars;
        header.range = Some(Range { key, value, define, subject });
    }

    fn expr_switch(&mut self) -> Stmt {
        let (mut init, mut tag) = (None, None);
        let from = self.stmts.len();
        self.children(|l, kind| match kind {
            kind if kind.is_simple_stmt() => init = Some(l.stmt(kind)),
            kind if kind.is_expr() => tag = Some(l.expr(kind)),
            kind => l.clause(kind, false),
        });
        Stmt::Switch { init, tag, clauses: self.take_stmts(from) }
    }

    fn type_switch(&mut self, span: Span) -> Stmt {
        let (mut init, mut bind, mut subject, mut guard_end) = (None, None, None, span.end);
        let from = self.stmts.len();
        self.children(|l, kind| match kind {
            Kind::ExprList => {
                let list = l.expr_children();
                bind = l.tree.exprs(list).first().copied();
            }
            Kind::CloseParen => guard_end = l.span().end,
            kind if kind.is_simple_stmt() => init = Some(l.stmt(kind)),
            kind if kind.is_expr() => subject = Some(l.expr(kind)),
            kind => l.clause(kind, false),
        });
        let clauses = self.take_stmts(from);
        let base = self.or_bad(subject, span);
        let start = self.tree.span(base).start;
        let guard = self.push(Expr::TypeAssert { base, ty: None }, Span::new(start, guard_end));
        Stmt::TypeSwitch { init, bind, guard, clauses }
    }

    /// The clauses of a `select`.
    fn clauses(&mut self) -> StmtList {
        let from = self.stmts.len();
        self.children(|l, kind| l.clause(kind, true));
        self.take_stmts(from)
    }

    /// Adds the clause to the list under construction, if it is one.
    fn clause(&mut self, kind: Kind, select: bool) {
        let mut span = self.span();
        let stmt = match kind {
            Kind::ExprCase | Kind::TypeCase | Kind::CommCase | Kind::DefaultCase => {
                let (stmt, end) = self.deeper(|l| l.clause_of(kind, select)).unwrap_or((Stmt::Bad, span.end));
                span.end = end;
                stmt
            }
            Kind::Error => Stmt::Bad,
            _ => return,
        };
        let id = self.tree.push_stmt(stmt, span);
        self.stmts.push(id);
    }

    /// The clause, and where it ends: at its last statement, or its colon. The grammar's takes in the end of the line.
    fn clause_of(&mut self, clause: Kind, select: bool) -> (Stmt, u32) {
        let (mut comm, mut body, mut colon) = (None, StmtList::EMPTY, None);
        let from = self.exprs.len();
        self.children(|l, kind| match kind {
            Kind::Colon => colon = Some(l.span().end),
            Kind::StmtList => body = l.stmt_children(),
            Kind::ExprList if colon.is_none() => l.push_exprs(),
            kind if kind.is_simple_stmt() => comm = Some(l.stmt(kind)),
            kind if kind.is_expr() => {
                let id = l.expr(kind);
                l.exprs.push(id);
            }
            _ => {}
        });
        let exprs = self.take_exprs(from);
        let last = self.tree.stmts(body).last().map(|&last| self.tree.span(last).end);
        let end = last.or(colon).unwrap_or_else(|| self.span().end);
        let default = clause == Kind::DefaultCase;
        (if select { Stmt::CommClause { comm, body } } else { Stmt::CaseClause { exprs, default, body } }, end)
    }

    fn labeled(&mut self, span: Span) -> Stmt {
        let (mut label, mut stmt, mut colon) = (None, None, span.end);
        self.children(|l, kind| match kind {
            Kind::LabelName => label = Some(l.expr(kind)),
            Kind::Colon => colon = l.span().end,
            Kind::EmptyStmt if l.span().is_empty() => {}
            kind if kind.is_stmt() => stmt = Some(l.stmt(kind)),
            _ => {}
        });
        let label = self.or_bad(label, span);
        let stmt = stmt.unwrap_or_else(|| self.tree.push_stmt(Stmt::Empty, Span::new(colon, colon)));
        Stmt::Labeled { label, stmt }
    }

    fn branch(&mut self, kind: BranchKind) -> Stmt {
        let mut label = None;
        self.children(|l, kind| {
            if kind == Kind::LabelName {
                label = Some(l.expr(kind));
            }
        });
        Stmt::Branch { kind, label }
    }
}

/// One `if` of a chain.
struct Branch {
    span: Span,
    init: Option<StmtId>,
    cond: Option<ExprId>,
    then: Option<StmtId>,
}

/// What stands between `for` and the body.
#[derive(Default)]
struct Header {
    init: Option<StmtId>,
    cond: Option<ExprId>,
    post: Option<StmtId>,
    range: Option<Range>,
}

struct Range {
    key: Option<ExprId>,
    value: Option<ExprId>,
    define: bool,
    subject: ExprId,
}

fn assign_op(token: Kind) -> Option<AssignOp> {
    match token {
        Kind::Assign => Some(AssignOp::Assign),
        Kind::Define => Some(AssignOp::Define),
        Kind::MulAssign
        | Kind::DivAssign
        | Kind::RemAssign
        | Kind::ShlAssign
        | Kind::ShrAssign
        | Kind::AndAssign
        | Kind::AndNotAssign
        | Kind::AddAssign
        | Kind::SubAssign
        | Kind::OrAssign
        | Kind::XorAssign => token.binary_op().map(AssignOp::Op),
        _ => None,
    }
}
