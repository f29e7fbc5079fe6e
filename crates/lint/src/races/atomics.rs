//! Fields and variables that are used with functions of `sync/atomic` in one place and plainly in another.

use std::rc::Rc;

use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::ast::{Decl, DeclId, Expr, ExprId, Node, UnaryOp};

use super::access::Does;
use crate::summary::{Answer, What};
use crate::{Base, Cx, FuncName, Mode};

/// A plain access of what others use with functions of `sync/atomic`.
#[derive(Clone, Debug)]
pub struct Mixed {
    /// The selector or identifier.
    pub at: ExprId,
    /// Whether it is written.
    pub writes: bool,
    /// A function that uses it with `sync/atomic`.
    pub by: FuncName,
    /// The type that declares the field, with its name, or the name of the variable.
    pub class: Rc<str>,
}

/// A use of a field or variable with a function of `sync/atomic`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AtomicUse {
    /// The type that declares the field, with its name, or the name of the variable.
    pub(super) class: Rc<str>,
    /// The function.
    pub(super) by: FuncName,
    pub(super) writes: bool,
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

    /// The fields of its receiver and the variables of the package that a function uses with functions of `sync/atomic`.
    pub(crate) fn atomics(&self, func: DeclId, name: &FuncName) -> Rc<[AtomicUse]> {
        if self.file.is_test() || !self.file.scope.imports("sync/atomic") {
            return [].into();
        }
        let calls = self.calls_within(func, true);
        let used = |call: &Node| match *call {
            Node::Expr(call) => {
                let class = self.own_class(self.atomic_operand(call)?)?;
                let writes = !self.callee_word(call).starts_with("Load");
                Some(AtomicUse { class, by: name.clone(), writes })
            }
            _ => None,
        };
        let mut found: Vec<_> = calls.iter().filter_map(used).collect();
        found.sort();
        found.dedup();
        found.into()
    }

    /// Of a field of the receiver, the type that declares it, with its name; or the name of a variable of the package.
    fn own_class(&self, expr: ExprId) -> Option<Rc<str>> {
        let place = match self.expr(expr) {
            Expr::Selector { .. } | Expr::Ident => self.place(expr)?,
            _ => return None,
        };
        let Expr::Selector { base, .. } = self.expr(expr) else {
            return place.class.filter(|_| matches!(place.base, Base::Package(_)) && place.path.is_empty());
        };
        // Others have what a pointer leads to, unless it was made here.
        let own = match place.base {
            Base::Receiver if place.path.matches('.').count() == 1 => !self.is_own_copy(base),
            Base::Package(_) => false,
            _ => !self.is_own_copy(base) && self.is_of_shared(base),
        };
        place.class.filter(|_| own)
    }

    /// The plain accesses of the piece to what other functions of the package use with `sync/atomic`, in functions that others may call
    /// meanwhile, or that run in the background. Left out is what is accessed under a lock, or after a wait.
    pub fn mixed_atomics(&self) -> Vec<Mixed> {
        const MOST: usize = 16;
        if self.file.generated || self.file.is_test() {
            return Vec::new();
        }
        let Some(Answer::Atomics(atomics)) = self.ask_all(What::Atomics) else { return Vec::new() };
        if atomics.is_empty() {
            return Vec::new();
        }
        let is_name = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.is_field_or_variable(id));
        let mut found: Vec<Mixed> = Vec::new();
        for &root in self.tree.roots() {
            if !matches!(self.decl(root), Decl::Func { .. }) || self.prepares(root) || self.expects_lock(root) {
                continue;
            }
            for &node in self.within(root, true, is_name).iter().take(4096) {
                let Node::Expr(expr) = node else { continue };
                let name = match self.expr(expr) {
                    Expr::Selector { name, .. } => self.source(name),
                    _ => self.source(expr),
                };
                // Most names are none of them.
                if !atomics.iter().any(|used| used.class.rsplit('.').next() == Some(name)) {
                    continue;
                }
                let mixed = self.mixed(root, expr, &atomics);
                found.extend(mixed.filter(|mixed| !found.iter().any(|other| other.class == mixed.class)));
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

    fn mixed(&self, func: DeclId, expr: ExprId, atomics: &[AtomicUse]) -> Option<Mixed> {
        let class = self.own_class(expr)?;
        let access = self.access(self.root(expr)?).filter(|access| access.at == Node::Expr(expr))?;
        let writes = access.does == Does::Writes;
        if !writes && access.does != Does::Reads {
            return None;
        }
        let own = crate::summary::func_name(self.tree, func);
        let of_class = || atomics.iter().filter(|used| used.class == class);
        // Who alone writes it, atomically, may read it plainly.
        if !writes && of_class().any(|used| Some(&used.by) == own.as_ref()) {
            return None;
        }
        let used = of_class().find(|used| used.writes || writes)?;
        let held = self.held_at(expr);
        // Those who hold a lock for reading are several.
        let guarded = held.held.iter().any(|held| held.mode == Mode::Write) || held.unknown;
        let meanwhile = held.detached
            || !class.contains('.')
            || self.func_name(func).is_some_and(|name| name.starts_with(char::is_uppercase))
            || own.is_some_and(|own| self.is_started_anywhere(&own));
        if guarded || !meanwhile || self.waits_before(func, expr) {
            return None;
        }
        Some(Mixed { at: expr, writes, by: used.by.clone(), class })
    }

    /// Whether a function waits for something before an expression.
    fn waits_before(&self, func: DeclId, expr: ExprId) -> bool {
        let waits = self.within(func, false, |cx, node| cx.waits_at(node));
        waits.iter().any(|&wait| self.span(wait).start < self.span(expr).start)
    }

    /// Whether a local holds a struct of its own, and not a pointer to one that others have.
    fn is_own_copy(&self, root: ExprId) -> bool {
        !matches!(self.under(root), Type::Pointer(_))
    }
}
