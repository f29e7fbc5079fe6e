//! What a rule may ask about what surrounds a node.

use std::rc::Rc;

use gopeer_sema::Def;
use gopeer_syntax::ast::{BranchKind, Decl, DeclId, Expr, ExprId, FieldList, Node, Stmt, StmtId};

use crate::{Cx, Wanted};

/// A function around some code: a declaration or a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Func {
    /// The `Decl::Func` or `Expr::FuncLit`.
    pub node: Node,
    /// Its `Expr::FuncType`.
    pub ty: ExprId,
    /// Its body.
    pub body: StmtId,
}

/// Surroundings.
impl<'a> Cx<'a> {
    /// The innermost function around a node (not the node itself).
    pub fn enclosing_func(&self, node: impl Into<Node>) -> Option<Func> {
        self.around(node, |cx, node| cx.as_func(node).is_some()).and_then(|func| self.as_func(func))
    }

    /// The node as a function with a body.
    pub fn as_func(&self, node: Node) -> Option<Func> {
        match node {
            Node::Expr(id) => match self.expr(id) {
                Expr::FuncLit { ty, body } => Some(Func { node, ty, body }),
                _ => None,
            },
            Node::Decl(id) => match self.decl(id) {
                Decl::Func { ty, body: Some(body), .. } => Some(Func { node, ty, body }),
                _ => None,
            },
            _ => None,
        }
    }

    /// The declared function around a node, through any function literals.
    pub fn enclosing_decl(&self, node: impl Into<Node>) -> Option<DeclId> {
        let is_func = |cx: &Cx, node| matches!(node, Node::Decl(id) if matches!(cx.decl(id), Decl::Func { .. }));
        match self.around(node, is_func)? {
            Node::Decl(id) => Some(id),
            _ => None,
        }
    }

    /// Whether a declared function is a method.
    pub fn is_method(&self, decl: DeclId) -> bool {
        matches!(self.decl(decl), Decl::Func { recv, .. } if !recv.is_empty())
    }

    /// The name of a declared function or method.
    pub fn func_name(&self, decl: DeclId) -> Option<&'a str> {
        match self.decl(decl) {
            Decl::Func { name, .. } => Some(self.source(name)),
            _ => None,
        }
    }

    /// The function around a node in a sentence: its name, or `this function`.
    pub fn func_in_words(&self, node: impl Into<Node>) -> String {
        self.enclosing_func(node).map_or("this function".into(), |func| self.func_in_words_of(func))
    }

    /// A function in a sentence: its name, or `this function`.
    pub fn func_in_words_of(&self, func: Func) -> String {
        match func.node {
            Node::Decl(decl) => self.func_name(decl).map_or("this function".into(), |name| format!("`{name}`")),
            _ => "this function".to_owned(),
        }
    }

    /// The innermost statement around a node.
    pub fn enclosing_stmt(&self, node: impl Into<Node>) -> Option<StmtId> {
        self.tree.ancestors(node).find_map(|node| if let Node::Stmt(id) = node { Some(id) } else { None })
    }

    /// The innermost loop around a node within the same function.
    pub fn enclosing_loop(&self, node: impl Into<Node>) -> Option<StmtId> {
        match self.around(node, |cx, node| cx.is_loop(node) || cx.as_func(node).is_some())? {
            Node::Stmt(id) => Some(id),
            _ => None,
        }
    }

    /// The function that declares the local which an identifier names; none for a parameter.
    pub fn func_of_local(&self, ident: ExprId) -> Option<Func> {
        let Def::Local(declared) = self.def(self.unparen(ident)) else { return None };
        let func = self.enclosing_func(declared)?;
        self.span(func.body).contains(self.span(declared)).then_some(func)
    }

    /// The loop whose condition a call is, or a part of.
    pub fn loop_while(&self, call: ExprId) -> Option<StmtId> {
        let around = self.enclosing_loop(call)?;
        match self.stmt(around) {
            Stmt::For { cond: Some(cond), .. } if self.span(cond).contains(self.span(call)) => Some(around),
            _ => None,
        }
    }

    /// Whether a call is deferred.
    pub fn is_deferred(&self, call: ExprId) -> bool {
        matches!(self.tree.parent(call), Some(stmt) if self.is_defer(stmt))
    }

    /// The `defer` statement that a node is a part of, also in a literal that is deferred.
    pub fn enclosing_defer(&self, node: impl Into<Node>) -> Option<Node> {
        self.around(node, |cx, node| cx.is_defer(node))
    }

    /// The `defer` statements of a body, those in its literals included.
    pub fn defers(&self, body: StmtId) -> Rc<[Node]> {
        self.within(body, true, |cx, node| cx.is_defer(node))
    }

    /// Whether a call is started by `go`.
    pub fn is_go(&self, call: ExprId) -> bool {
        matches!(self.tree.parent(call), Some(Node::Stmt(stmt)) if matches!(self.stmt(stmt), Stmt::Go(_)))
    }

    /// Whether an expression is a result of a `return`.
    pub fn is_returned(&self, value: ExprId) -> bool {
        matches!(self.tree.parent(value), Some(Node::Stmt(stmt)) if matches!(self.stmt(stmt), Stmt::Return(_)))
    }

    /// Whether a statement leaves the loop around it: `return`, `break` or `goto`.
    pub fn leaves_loop(&self, stmt: StmtId) -> bool {
        matches!(self.stmt(stmt), Stmt::Return(_) | Stmt::Branch { kind: BranchKind::Break | BranchKind::Goto, .. })
    }

    fn is_defer(&self, node: Node) -> bool {
        matches!(node, Node::Stmt(id) if matches!(self.stmt(id), Stmt::Defer(_)))
    }

    /// The names that a node goes by: those of the function around it, and of the variables, fields or keys that it becomes a part of.
    pub fn names_around(&self, node: impl Into<Node>) -> Vec<&'a str> {
        let mut names = Vec::new();
        let mut add = |named: &[ExprId]| names.extend(named.iter().map(|&name| self.source(name)));
        for ancestor in self.tree.ancestors(node) {
            match ancestor {
                Node::Stmt(stmt) => {
                    if let Stmt::Assign { lhs, .. } = self.stmt(stmt) {
                        add(self.exprs(lhs));
                    }
                }
                Node::Expr(element) => {
                    if let Expr::KeyValue { key, .. } = self.expr(element) {
                        add(&[key]);
                    }
                }
                Node::Decl(decl) => match self.decl(decl) {
                    Decl::Func { name, .. } => add(&[name]),
                    Decl::Value { names: declared, .. } => add(self.exprs(declared)),
                    _ => {}
                },
                Node::Field(_) => {}
            }
        }
        names
    }

    /// Whether a node is a `for` statement.
    pub fn is_loop(&self, node: Node) -> bool {
        matches!(node, Node::Stmt(id) if matches!(self.stmt(id), Stmt::For { .. } | Stmt::Range { .. }))
    }

    /// Parameters (or results) with their types: one entry a name, or one without a name.
    pub fn params(&self, list: FieldList) -> Vec<(Option<ExprId>, ExprId)> {
        let mut all = Vec::new();
        for &field in self.tree.fields(list) {
            let field = self.tree.field(field);
            match self.exprs(field.names) {
                [] => all.push((None, field.ty)),
                names => all.extend(names.iter().map(|&name| (Some(name), field.ty))),
            }
        }
        all
    }

    /// The identifier that declares the parameter of a function with this index.
    pub fn param_at(&self, func: Func, index: usize) -> Option<ExprId> {
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        self.params(params).get(index)?.0
    }

    /// The results of a function.
    pub fn results_of(&self, func: Func) -> Vec<(Option<ExprId>, ExprId)> {
        match self.expr(func.ty) {
            Expr::FuncType { results, .. } => self.params(results),
            _ => Vec::new(),
        }
    }

    /// Whether an identifier names a parameter, a receiver or a named result.
    pub fn is_parameter(&self, ident: ExprId) -> bool {
        matches!(self.def(self.unparen(ident)), Def::Local(declared) if self.declares_parameter(declared))
    }

    /// Whether an identifier declares a parameter, a receiver or a named result.
    pub fn declares_parameter(&self, declared: ExprId) -> bool {
        matches!(self.tree.parent(declared), Some(Node::Field(_)))
    }

    /// Whether a variable is a named result of a function, by the identifier that declares it.
    pub fn is_result(&self, func: Func, declared: ExprId) -> bool {
        self.results_of(func).iter().any(|(name, _)| *name == Some(declared))
    }

    /// What each `return` of a function gives, without those of the function literals in it.
    pub fn returned(&self, body: impl Into<Node>) -> impl Iterator<Item = &'a [ExprId]> {
        let is_return: Wanted = |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_)));
        let nodes = self.within(body, false, is_return);
        (0..nodes.len()).filter_map(move |at| match nodes[at] {
            Node::Stmt(id) => match self.stmt(id) {
                Stmt::Return(results) => Some(self.exprs(results)),
                _ => None,
            },
            _ => None,
        })
    }

    /// Whether a node mentions a local, given by the identifier that declares it.
    pub fn mentions(&self, node: impl Into<Node>, declared: ExprId) -> bool {
        self.any(node, true, |node| match node {
            Node::Expr(id) => self.expr(id) == Expr::Ident && self.def(id) == Def::Local(declared),
            _ => false,
        })
    }

    /// The first named parameter of a function whose type is the name `full` of another package, or a pointer to it.
    pub fn param_of(&self, func: Func, full: &str) -> Option<ExprId> {
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        self.params(params).into_iter().find_map(|(name, ty)| name.filter(|_| self.has_type(ty, &[full])))
    }

    /// The list of statements that a statement stands in, itself included; empty where it stands alone.
    pub fn siblings(&self, stmt: StmtId) -> &'a [StmtId] {
        self.tree.parent(stmt).map_or(&[], |parent| self.list_of(parent))
    }

    /// The statements of a block or clause.
    pub fn list_of(&self, node: Node) -> &'a [StmtId] {
        let list = match node {
            Node::Stmt(id) => match self.stmt(id) {
                Stmt::Block(list) => list,
                Stmt::CaseClause { body, .. } | Stmt::CommClause { body, .. } => body,
                _ => return &[],
            },
            Node::Decl(id) => match self.decl(id) {
                Decl::Stmts(list) => list,
                _ => return &[],
            },
            _ => return &[],
        };
        self.stmts(list)
    }

    /// Which of its [siblings](Cx::siblings) a statement is; none where it stands alone, as the `init` of an `if` does.
    pub fn place_in_list(&self, stmt: StmtId) -> Option<usize> {
        self.tree.place(self.siblings(stmt), stmt)
    }

    /// The type without the `*` of a pointer.
    pub fn pointee(&self, ty: ExprId) -> ExprId {
        self.written(ty).ty
    }

    /// The statement that directly follows this one in the same list.
    pub fn next_stmt(&self, stmt: StmtId) -> Option<StmtId> {
        self.stmts_after(stmt).first().copied()
    }

    /// The statement directly before this one in the same list.
    pub fn stmt_before(&self, stmt: StmtId) -> Option<StmtId> {
        self.siblings(stmt).get(self.place_in_list(stmt)?.checked_sub(1)?).copied()
    }

    /// The statements that follow this one in the same list.
    pub fn stmts_after(&self, stmt: StmtId) -> &'a [StmtId] {
        self.place_in_list(stmt).and_then(|at| self.siblings(stmt).get(at + 1..)).unwrap_or_default()
    }
}
