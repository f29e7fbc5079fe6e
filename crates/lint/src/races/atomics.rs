//! Fields and variables that are used with functions of `sync/atomic` in one place and plainly in another.

use std::rc::Rc;

use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::ast::{Decl, DeclId, Expr, ExprId, Node, UnaryOp};

use super::access::Does;
use crate::summary::{Answer, What};
use crate::{Base, Cx, FuncName, words};

/// A plain access of what others use with functions of `sync/atomic`.
#[derive(Clone, Debug)]
pub struct Mixed {
    /// The selector or identifier.
    pub at: ExprId,
    /// Whether it is written.
    pub writes: bool,
    /// A function that uses it with `sync/atomic`.
    pub by: FuncName,
}

impl<'a> Cx<'a> {
    /// What a call of a function of `sync/atomic` works on: `s.n` in `atomic.AddInt64(&s.n, 1)`.
    pub fn atomic_operand(&self, call: ExprId) -> Option<ExprId> {
        let call = self.call(call).filter(|call| call.callee.is_of_package("sync/atomic"))?;
        match self.expr(self.unparen(*call.args.first()?)) {
            Expr::Unary { op: UnaryOp::Addr, operand } => Some(self.unparen(operand)),
            _ => None,
        }
    }

    /// The fields and variables of the package that a function uses with functions of `sync/atomic`.
    pub(crate) fn atomics(&self, func: DeclId, name: &FuncName) -> Rc<[(Rc<str>, FuncName)]> {
        if self.file.is_test() || !self.file.scope.imports("sync/atomic") {
            return [].into();
        }
        let is_call = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Call { .. }));
        let calls = self.within(func, true, is_call);
        let class = |call: &Node| match *call {
            Node::Expr(call) => self.class_of(self.atomic_operand(call)?),
            _ => None,
        };
        let mut found: Vec<_> = calls.iter().filter_map(class).map(|class| (class, name.clone())).collect();
        found.sort();
        found.dedup();
        found.into()
    }

    /// The type that declares a field, with its name, or the name of a variable of the package.
    fn class_of(&self, expr: ExprId) -> Option<Rc<str>> {
        match self.expr(expr) {
            Expr::Selector { .. } | Expr::Ident => self.place(expr)?.class,
            _ => None,
        }
    }

    /// The plain accesses of the piece to what other functions of the package use with `sync/atomic`. Left out is what nobody else has
    /// yet, or what is accessed under a lock.
    pub fn mixed_atomics(&self) -> Vec<Mixed> {
        const MOST: usize = 16;
        let Some(Answer::Atomics(atomics)) = self.ask_all(What::Atomics) else { return Vec::new() };
        if atomics.is_empty() {
            return Vec::new();
        }
        let is_name = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.is_field_or_variable(id));
        let mut found = Vec::new();
        for &root in self.tree.roots() {
            if !matches!(self.decl(root), Decl::Func { .. }) || self.is_initializer(root) {
                continue;
            }
            for &node in self.within(root, true, is_name).iter().take(4096) {
                let Node::Expr(expr) = node else { continue };
                let name = match self.expr(expr) {
                    Expr::Selector { name, .. } => self.source(name),
                    _ => self.source(expr),
                };
                // Most names are none of them.
                if !atomics.iter().any(|(class, _)| class.rsplit('.').next() == Some(name)) {
                    continue;
                }
                found.extend(self.mixed(expr, &atomics));
                if found.len() == MOST {
                    return found;
                }
            }
        }
        found
    }

    fn is_field_or_variable(&self, expr: ExprId) -> bool {
        match self.expr(expr) {
            Expr::Selector { .. } => true,
            Expr::Ident => matches!(self.def(expr), Def::Package(_)),
            _ => false,
        }
    }

    fn mixed(&self, expr: ExprId, atomics: &[(Rc<str>, FuncName)]) -> Option<Mixed> {
        let place = self.place(expr)?;
        let class = place.class.as_ref()?;
        let (_, by) = atomics.iter().find(|(atomic, _)| atomic == class)?;
        let root = self.root(expr)?;
        let access = self.access(root).filter(|access| access.at == Node::Expr(expr))?;
        if !matches!(access.does, Does::Reads | Does::Writes)
            || self.is_own_copy(root, &place.base)
            || self.is_fresh(root)
        {
            return None;
        }
        let held = self.held_at(expr);
        let guarded = !held.held.is_empty() || held.unknown;
        (!guarded).then(|| Mixed { at: expr, writes: access.does == Does::Writes, by: by.clone() })
    }

    /// Whether a local holds a struct of its own, and not a pointer to one that others have.
    fn is_own_copy(&self, root: ExprId, base: &Base) -> bool {
        !matches!(base, Base::Package(_)) && !matches!(self.under(root), Type::Pointer(_))
    }

    /// Whether the name of a function says that what it works on is not in use yet, or no longer.
    fn is_initializer(&self, func: DeclId) -> bool {
        const WORDS: &[&str] = &["create", "init", "initialize", "main", "make", "new", "reset", "setup"];
        let name = self.func_name(func).unwrap_or_default();
        words(name).iter().any(|word| WORDS.contains(&word.as_str()))
    }
}
