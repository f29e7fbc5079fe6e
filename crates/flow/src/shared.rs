//! Variables that change while a body does not touch them: closures assign to them, or their address is kept.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gopeer_sema::{Def, Names};
use gopeer_syntax::Tree;
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt, UnaryOp};

use crate::value::Root;

/// What closures do with the variables around them, for one piece.
#[derive(Debug, Default)]
pub struct Shared {
    /// The closures that assign to variables which are declared outside of them: where each begins, and the variables. Deferred ones,
    /// which run when all else is done, are left out.
    writers: HashMap<ExprId, (u32, HashSet<Root>)>,
    /// The variables that closures mention, with the closures.
    mentions: HashMap<Root, HashSet<ExprId>>,
    /// Variables whose address is kept.
    addressed: Vec<Root>,
}

impl Shared {
    /// Of all functions of a piece.
    pub fn of(tree: &Tree, names: &Names) -> Shared {
        let mut shared = Shared::default();
        for (id, expr) in tree.all_exprs() {
            if expr == Expr::Ident
                && let Def::Local(declared) = names.def(id)
                && declared != id
            {
                shared.add(tree, Root(declared), id);
            }
        }
        shared.addressed.sort_unstable();
        shared.addressed.dedup();
        shared
    }

    fn add(&mut self, tree: &Tree, root: Root, ident: ExprId) {
        let mut assigns = None;
        for (closure, deferred) in closures(tree, ident) {
            // A variable of its own.
            if tree.span(closure).contains(tree.span(root.0)) {
                break;
            }
            self.mentions.entry(root).or_default().insert(closure);
            if !deferred && *assigns.get_or_insert_with(|| is_assigned(tree, ident)) {
                let start = tree.span(closure).start;
                self.writers.entry(closure).or_insert_with(|| (start, HashSet::new())).1.insert(root);
            }
        }
        if keeps_address(tree, ident) {
            self.addressed.push(root);
        }
    }

    /// The variables that closures other than this body, which begin before this offset, assign to at times that it does not see.
    pub fn outside(&self, body: Node, before: u32) -> Rc<HashSet<Root>> {
        let others =
            self.writers.iter().filter(|(closure, (start, _))| Node::Expr(**closure) != body && *start < before);
        Rc::new(others.flat_map(|(_, (_, roots))| roots.iter().copied()).collect())
    }

    /// The variables from outside that a closure assigns to.
    pub(crate) fn written_by(&self, closure: ExprId) -> impl Iterator<Item = Root> + '_ {
        self.writers.get(&closure).into_iter().flat_map(|(_, roots)| roots.iter().copied())
    }

    /// The variables whose address is kept.
    pub fn addressed(&self) -> &[Root] {
        &self.addressed
    }

    /// Whether the address of a variable is kept.
    pub fn is_addressed(&self, root: Root) -> bool {
        self.addressed.binary_search(&root).is_ok()
    }

    /// The closures that mention a variable from outside.
    pub fn closures(&self, root: Root) -> impl Iterator<Item = ExprId> + '_ {
        self.mentions.get(&root).into_iter().flatten().copied()
    }

    /// Whether a closure mentions a variable from outside.
    pub fn mentions(&self, closure: ExprId, root: Root) -> bool {
        self.mentions.get(&root).is_some_and(|closures| closures.contains(&closure))
    }
}

/// The function literals around an identifier, from the inside, with whether each is deferred.
fn closures(tree: &Tree, ident: ExprId) -> impl Iterator<Item = (ExprId, bool)> + '_ {
    tree.ancestors(ident).filter_map(move |above| match above {
        Node::Expr(id) if matches!(tree.expr(id), Expr::FuncLit { .. }) => Some((id, is_deferred(tree, id))),
        _ => None,
    })
}

/// Whether a function literal is called by `defer` where it stands.
pub fn is_deferred(tree: &Tree, literal: ExprId) -> bool {
    let Some(Node::Expr(call)) = tree.parent(literal) else { return false };
    matches!(tree.parent(call), Some(Node::Stmt(stmt)) if matches!(tree.stmt(stmt), Stmt::Defer(deferred) if deferred == call))
}

/// Whether an identifier stands left of an assignment, or its address is taken.
fn is_assigned(tree: &Tree, ident: ExprId) -> bool {
    match tree.parent(ident) {
        Some(Node::Stmt(stmt)) => match tree.stmt(stmt) {
            Stmt::Assign { lhs, .. } => tree.exprs(lhs).contains(&ident),
            Stmt::IncDec { .. } => true,
            Stmt::Range { key, value, .. } => key == Some(ident) || value == Some(ident),
            _ => false,
        },
        // Who gets the address may assign.
        Some(Node::Expr(around)) => matches!(tree.expr(around), Expr::Unary { op: UnaryOp::Addr, .. }),
        _ => false,
    }
}

/// Whether the address of a variable goes elsewhere than straight into a call.
fn keeps_address(tree: &Tree, ident: ExprId) -> bool {
    let Some(Node::Expr(around)) = tree.parent(ident) else { return false };
    let Expr::Unary { op: UnaryOp::Addr, .. } = tree.expr(around) else { return false };
    !matches!(tree.parent(around), Some(Node::Expr(call)) if matches!(tree.expr(call), Expr::Call { .. }))
}
