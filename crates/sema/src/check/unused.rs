//! What a body declares, and whether it is used (Go spec, "Variable declarations", "Labeled statements").

use gopeer_syntax::Tree;
use gopeer_syntax::ast::{AssignOp, Decl, Expr, ExprId, GroupKind, Node, Stmt, StmtId};

use super::Checker;
use super::branches::Inside;
use crate::ErrorCode;
use crate::facts::LocalKind;
use crate::names::Def;

impl Checker<'_> {
    /// Looks at all variables, labels and branches of a body, not at those of function literals inside: they are looked at
    /// by themselves.
    pub(crate) fn own_names(&mut self, block: StmtId) {
        let (mut labels, mut branches) = (Vec::new(), Vec::new());
        own_stmts(self.tree, block, &mut |id, stmt, inside| match stmt {
            Stmt::Labeled { .. } => labels.push(id),
            Stmt::Branch { .. } => branches.push((id, inside)),
            Stmt::Range { key, value, define: true, .. } => {
                key.into_iter().chain(value).for_each(|ident| self.unused_var(ident));
            }
            Stmt::TypeSwitch { bind: Some(bind), .. } => {
                if self.is_unused_var(bind) {
                    self.error(bind, ErrorCode::UnusedVar, format!("{} declared and not used", self.tree.source(bind)));
                }
            }
            Stmt::Block(list) => self.redeclared(id, None, list),
            Stmt::CaseClause { body, .. } => self.redeclared(id, None, body),
            Stmt::CommClause { comm, body } => self.redeclared(id, comm, body),
            _ => self.each_declared(id, &mut |ident| self.unused_var(ident)),
        });
        self.branches(&labels, &branches);
    }

    fn unused_var(&self, ident: ExprId) {
        if self.is_unused_var(ident) {
            self.error(ident, ErrorCode::UnusedVar, format!("declared and not used: {}", self.tree.source(ident)));
        }
    }

    fn is_unused_var(&self, ident: ExprId) -> bool {
        let facts = self.facts.borrow();
        let unused = facts.local(ident).is_some_and(|local| local.kind == LocalKind::Var && !local.used);
        unused && self.tree.source(ident) != "_"
    }

    /// Calls `f` for each name that the statement declares in the block where it stands.
    pub(crate) fn each_declared(&self, id: StmtId, f: &mut dyn FnMut(ExprId)) {
        let tree = self.tree;
        match tree.stmt(id) {
            Stmt::Assign { lhs, op: AssignOp::Define, .. } => {
                let new =
                    |&&ident: &&ExprId| tree.expr(ident) == Expr::Ident && self.names.def(ident) == Def::Local(ident);
                tree.exprs(lhs).iter().filter(new).for_each(|&ident| f(ident));
            }
            Stmt::Decl(decl) => {
                let Decl::Group { specs, .. } = tree.decl(decl) else { return };
                for &spec in tree.decls(specs) {
                    match tree.decl(spec) {
                        Decl::Value { names, .. } => tree.exprs(names).iter().for_each(|&ident| f(ident)),
                        Decl::Type { name, .. } => f(name),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// The variable that the statement declares last in the block where it stands.
    pub(crate) fn declared_var(&self, id: StmtId) -> Option<ExprId> {
        let var = match self.tree.stmt(id) {
            Stmt::Decl(decl) => matches!(self.tree.decl(decl), Decl::Group { kind: GroupKind::Var, .. }),
            stmt => matches!(stmt, Stmt::Assign { .. }),
        };
        let mut last = None;
        if var {
            self.each_declared(id, &mut |ident| last = Some(ident));
        }
        last
    }
}

/// Calls `f` for each statement of a body and what is around it, in source order; those of function literals are not its
/// own.
fn own_stmts(tree: &Tree, block: StmtId, f: &mut dyn FnMut(StmtId, Stmt, Inside)) {
    let mut stack = vec![(block, Inside::default())];
    while let Some((id, inside)) = stack.pop() {
        let stmt = tree.stmt(id);
        f(id, stmt, inside);
        let inside = inside.and(stmt);
        let first = stack.len();
        tree.for_each_child(id, |child| {
            if let Node::Stmt(child) = child {
                stack.push((child, inside));
            }
        });
        stack[first..].reverse();
    }
}
