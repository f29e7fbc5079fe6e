//! Variables that hide another of the same name.

use gopeer_syntax::ast::{AssignOp, ExprId, Node, Stmt};

use crate::{Cx, Func};

/// A variable declared by `:=`, and the one of the same name and function that it shadows.
#[derive(Clone, Copy, Debug)]
pub struct Shadowing {
    /// The function that declares both.
    pub func: Func,
    /// The identifier that declares the inner one.
    pub inner: ExprId,
    /// The identifier that declares the outer one.
    pub outer: ExprId,
}

impl Cx<'_> {
    /// The variables of the piece that shadow another of their function.
    pub fn shadowings(&self) -> Vec<Shadowing> {
        let of_one_name = self.names.locals().chunk_by(|&a, &b| self.source(a) == self.source(b));
        let several = of_one_name.filter(|same| same.len() > 1 && self.source(same[0]) != "_");
        several.flat_map(|same| self.shadowings_among(same.to_vec())).collect()
    }

    fn shadowings_among(&self, mut same: Vec<ExprId>) -> Vec<Shadowing> {
        same.sort_by_key(|&declared| self.span(declared).start);
        let mut found = Vec::new();
        // The variables that are in scope, with where that ends. Scopes nest: the last one ends first.
        let mut open: Vec<(u32, ExprId)> = Vec::new();
        for inner in same {
            let Some(end) = self.scope_end(inner) else { continue };
            while open.pop_if(|&mut (end, _)| end <= self.span(inner).start).is_some() {}
            if self.is_defined(inner)
                && let Some(&(_, outer)) = open.last()
                && let Some(func) = self.enclosing_func(inner)
                && self.enclosing_func(outer).is_some_and(|around| around.node == func.node)
            {
                found.push(Shadowing { func, inner, outer });
            }
            open.push((end, inner));
        }
        found
    }

    /// Whether `:=` declares a variable.
    fn is_defined(&self, declared: ExprId) -> bool {
        let Some(Node::Stmt(stmt)) = self.tree.parent(declared) else { return false };
        matches!(self.stmt(stmt), Stmt::Assign { op: AssignOp::Define, .. })
    }

    /// Where the scope of a variable ends.
    fn scope_end(&self, declared: ExprId) -> Option<u32> {
        let scope = match self.tree.parent(declared)? {
            Node::Field(_) => self.enclosing_func(declared)?.node,
            Node::Decl(_) => {
                let is_block = |&node: &Node| matches!(node, Node::Stmt(_)) && !self.list_of(node).is_empty();
                self.tree.ancestors(declared).find(is_block)?
            }
            Node::Stmt(stmt) => match self.stmt(stmt) {
                Stmt::Assign { .. } => self.tree.parent(stmt)?,
                _ => Node::Stmt(stmt),
            },
            Node::Expr(_) => return None,
        };
        Some(self.span(scope).end)
    }
}
