//! Walking a tree.

use super::{Decl, Expr, ExprId, ExprList, Field, FieldList, Node, Stmt, StmtId, StmtList, Tree};

impl Tree {
    /// Calls `f` for each direct child, in source order.
    pub fn for_each_child(&self, node: impl Into<Node>, mut f: impl FnMut(Node)) {
        self.children(node.into(), &mut f);
    }

    /// In one copy for all who ask, as it is large.
    fn children(&self, node: Node, f: &mut dyn FnMut(Node)) {
        match node {
            Node::Expr(id) => self.expr_children(self.expr(id), f),
            Node::Stmt(id) => self.stmt_children(self.stmt(id), f),
            Node::Decl(id) => self.decl_children(self.decl(id), f),
            Node::Field(id) => {
                let Field { names, ty, tag } = self.field(id);
                self.each_expr(names, f);
                f(ty.into());
                one(tag, f);
            }
        }
    }

    /// Walks the subtree in source order, `node` first. `enter` says whether to go into a node's children.
    pub fn walk(&self, node: impl Into<Node>, enter: &mut dyn FnMut(Node) -> bool) {
        self.walk_from(node.into(), enter);
    }

    /// In one copy for all kinds of nodes, as it is large.
    fn walk_from(&self, node: Node, enter: &mut dyn FnMut(Node) -> bool) {
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            if !enter(node) {
                continue;
            }
            let first = stack.len();
            self.for_each_child(node, |child| stack.push(child));
            stack[first..].reverse();
        }
    }

    fn each_expr(&self, list: ExprList, f: &mut dyn FnMut(Node)) {
        self.exprs(list).iter().for_each(|&id| f(id.into()));
    }

    fn each_stmt(&self, list: StmtList, f: &mut dyn FnMut(Node)) {
        self.stmts(list).iter().for_each(|&id| f(id.into()));
    }

    fn each_field(&self, list: FieldList, f: &mut dyn FnMut(Node)) {
        self.fields(list).iter().for_each(|&id| f(id.into()));
    }

    fn expr_children(&self, expr: Expr, f: &mut dyn FnMut(Node)) {
        match expr {
            Expr::Bad | Expr::Ident | Expr::Literal(_) => {}
            Expr::Composite { ty, elems } => {
                one(ty, f);
                self.each_expr(elems, f);
            }
            Expr::KeyValue { key, value } | Expr::MapType { key, value } => both(key, value, f),
            Expr::FuncLit { ty, body } => {
                f(ty.into());
                f(body.into());
            }
            Expr::Paren(x) | Expr::Star(x) | Expr::Unary { operand: x, .. } | Expr::ChanType { elem: x, .. } => {
                f(x.into());
            }
            Expr::Selector { base, name } => both(base, name, f),
            Expr::Index { base, args } | Expr::Call { fun: base, args, .. } => {
                f(base.into());
                self.each_expr(args, f);
            }
            Expr::Slice { base, lo, hi, max } => {
                f(base.into());
                [lo, hi, max].into_iter().for_each(|x| one(x, f));
            }
            Expr::TypeAssert { base, ty } => {
                f(base.into());
                one(ty, f);
            }
            Expr::Binary { lhs, rhs, .. } => both(lhs, rhs, f),
            Expr::Ellipsis(ty) => one(ty, f),
            Expr::ArrayType { len, elem } => {
                one(len, f);
                f(elem.into());
            }
            Expr::StructType { fields } | Expr::InterfaceType { elems: fields } => self.each_field(fields, f),
            Expr::FuncType { type_params, params, results } => {
                [type_params, params, results].into_iter().for_each(|list| self.each_field(list, f));
            }
        }
    }

    fn stmt_children(&self, stmt: Stmt, f: &mut dyn FnMut(Node)) {
        match stmt {
            Stmt::Bad | Stmt::Empty => {}
            Stmt::Expr(x) | Stmt::Go(x) | Stmt::Defer(x) | Stmt::IncDec { operand: x, .. } => f(x.into()),
            Stmt::Send { chan, value } => both(chan, value, f),
            Stmt::Assign { lhs, rhs, .. } => {
                self.each_expr(lhs, f);
                self.each_expr(rhs, f);
            }
            Stmt::Return(results) => self.each_expr(results, f),
            Stmt::Branch { label, .. } => one(label, f),
            Stmt::Block(stmts) => self.each_stmt(stmts, f),
            Stmt::If { init, cond, then, els } => {
                one_stmt(init, f);
                f(cond.into());
                f(then.into());
                one_stmt(els, f);
            }
            Stmt::Switch { init, tag, clauses } => {
                one_stmt(init, f);
                one(tag, f);
                self.each_stmt(clauses, f);
            }
            Stmt::TypeSwitch { init, bind, guard, clauses } => {
                one_stmt(init, f);
                one(bind, f);
                f(guard.into());
                self.each_stmt(clauses, f);
            }
            Stmt::Select { clauses } => self.each_stmt(clauses, f),
            Stmt::CaseClause { exprs, body, .. } => {
                self.each_expr(exprs, f);
                self.each_stmt(body, f);
            }
            Stmt::CommClause { comm, body } => {
                one_stmt(comm, f);
                self.each_stmt(body, f);
            }
            Stmt::For { init, cond, post, body } => {
                one_stmt(init, f);
                one(cond, f);
                one_stmt(post, f);
                f(body.into());
            }
            Stmt::Range { key, value, subject, body, .. } => {
                one(key, f);
                one(value, f);
                f(subject.into());
                f(body.into());
            }
            Stmt::Labeled { label, stmt } => {
                f(label.into());
                f(stmt.into());
            }
            Stmt::Decl(decl) => f(decl.into()),
        }
    }

    fn decl_children(&self, decl: Decl, f: &mut dyn FnMut(Node)) {
        match decl {
            Decl::Bad => {}
            Decl::Package { name } => f(name.into()),
            Decl::Group { specs, .. } => self.decls(specs).iter().for_each(|&id| f(id.into())),
            Decl::Import { name, path } => {
                one(name, f);
                f(path.into());
            }
            Decl::Value { names, ty, values, .. } => {
                self.each_expr(names, f);
                one(ty, f);
                self.each_expr(values, f);
            }
            Decl::Type { name, params, ty, .. } => {
                f(name.into());
                self.each_field(params, f);
                f(ty.into());
            }
            Decl::Func { recv, name, ty, body } => {
                self.each_field(recv, f);
                f(name.into());
                f(ty.into());
                one_stmt(body, f);
            }
            Decl::Stmts(stmts) => self.each_stmt(stmts, f),
        }
    }
}

fn one(id: Option<ExprId>, f: &mut dyn FnMut(Node)) {
    if let Some(id) = id {
        f(id.into());
    }
}

fn one_stmt(id: Option<StmtId>, f: &mut dyn FnMut(Node)) {
    if let Some(id) = id {
        f(id.into());
    }
}

fn both(a: ExprId, b: ExprId, f: &mut dyn FnMut(Node)) {
    f(a.into());
    f(b.into());
}
