//! What a rule may ask about types. Names are qualified: `net/http.Client`. What is not known is none of them.

use std::rc::Rc;

use gopeer_sema::types::{Lookup, PkgId, Type, TypeId};
use gopeer_sema::value::Value;
use gopeer_sema::{Mode, SelectionKind};
use gopeer_syntax::ast::{Expr, ExprId, UnaryOp};

use crate::Cx;

/// Types.
impl<'a> Cx<'a> {
    /// Whether values of a type have all these methods.
    pub fn has_methods(&self, ty: TypeId, methods: &[&str]) -> bool {
        let has = |method: &&str| {
            matches!(self.store.lookup(ty, PkgId::SELF, self.store.symbol(method)), Lookup::Method { .. })
        };
        methods.iter().all(has)
    }

    /// The type of an expression, or the type that a type expression denotes; [`TypeId::UNKNOWN`] where that is not known.
    pub fn ty(&self, expr: ExprId) -> TypeId {
        self.facts.type_of(expr)
    }

    /// The structure of the underlying type of an expression's type.
    pub fn under(&self, expr: ExprId) -> Type {
        self.store.under(self.ty(expr))
    }

    /// Whether the value of an expression may be nil, by its type; of a slice, nil is as good as empty.
    pub fn can_be_nil(&self, expr: ExprId) -> bool {
        matches!(
            self.under(expr),
            Type::Pointer(_) | Type::Interface(_) | Type::Map { .. } | Type::Signature(_) | Type::Chan { .. }
        )
    }

    /// Whether an expression denotes a type.
    pub fn is_type_expr(&self, expr: ExprId) -> bool {
        self.facts.mode(expr) == Mode::Type
    }

    /// What a conversion to another type converts; any other expression itself.
    pub fn unconverted(&self, expr: ExprId) -> ExprId {
        match self.expr(self.unparen(expr)) {
            Expr::Call { fun, args, .. } if self.is_type_expr(fun) => self.only(args).unwrap_or(expr),
            _ => expr,
        }
    }

    /// Whether a type is one of these defined types, or an instance of one: `net/http.Client`.
    pub fn type_is(&self, ty: TypeId, full: &[&str]) -> bool {
        full.iter().any(|full| self.store.is_named(ty, full))
    }

    /// Whether the type of an expression, or the type that a type expression denotes, is one of these or a pointer to one.
    /// Where it is not known, the type in the text tells: the expression itself, or that of the variable's declaration.
    pub fn has_type(&self, expr: ExprId, full: &[&str]) -> bool {
        let ty = self.deref(self.ty(expr));
        if !ty.is_unknown() {
            return self.type_is(ty, full);
        }
        let expr = match self.expr(self.unparen(expr)) {
            Expr::Unary { op: UnaryOp::Addr, operand } => operand,
            Expr::Composite { ty: Some(ty), .. } => ty,
            _ => expr,
        };
        let written = self.local_type(expr).map_or_else(|| self.pointee(expr), |local| local.ty);
        self.denotes(written, full)
    }

    /// What a pointer type points to; any other type is itself.
    pub fn deref(&self, ty: TypeId) -> TypeId {
        match self.store.get(ty) {
            Type::Pointer(elem) => elem,
            _ => ty,
        }
    }

    /// The import path of the package that declares a defined type.
    pub fn type_path(&self, ty: TypeId) -> Option<&'a str> {
        self.store.qualified_name(ty).map(|(path, _)| path)
    }

    /// The value of a constant expression.
    pub fn constant_value(&self, expr: ExprId) -> Option<&'a Value> {
        self.facts.value(expr)
    }

    /// Whether a type is declared by a library.
    pub fn is_of_library(&self, ty: TypeId) -> bool {
        matches!(self.store.get(ty), Type::Named(named, _) if self.store.is_third_party(self.store.named(named).pkg))
    }

    /// Whether a defined type declares one of these methods, and then whether its receiver is a pointer.
    pub fn declared_method(&self, ty: TypeId, names: &[&str]) -> Option<bool> {
        let Type::Named(named, _) = self.store.get(ty) else { return None };
        let methods = self.store.named(named).methods;
        methods.iter().find(|method| names.contains(&self.store.text(method.name))).map(|method| method.pointer)
    }

    /// What a call calls, short enough to be named in a message.
    pub fn callee_text(&self, call: ExprId) -> &'a str {
        const LONGEST: usize = 50;
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return "" };
        let text = self.source(fun);
        if text.len() <= LONGEST && !text.contains('\n') {
            return text;
        }
        match self.expr(self.unparen(fun)) {
            Expr::Selector { name, .. } => self.source(name),
            Expr::FuncLit { .. } => "func",
            _ => text.lines().next().unwrap_or_default(),
        }
    }

    /// The last word of what a call calls: `Close` of `s.conn.Close()`.
    pub fn callee_word(&self, call: ExprId) -> &'a str {
        self.callee_text(call).rsplit('.').next().unwrap_or_default()
    }

    /// Whether a call runs the function it is given once: `once.Do(f)`, `sync.OnceFunc(f)`.
    pub fn runs_once(&self, call: ExprId) -> bool {
        const ONCE: &[&str] = &["sync.Once.Do", "sync.OnceFunc", "sync.OnceValue", "sync.OnceValues"];
        if !self.is_named(call, ONCE) {
            return false;
        }
        match self.callee(call) {
            Some(callee) => callee.is(ONCE),
            None => matches!(self.method_call(call), Some((_, "Do", [_]))),
        }
    }

    /// The types of a call's results, if it is known.
    pub fn results(&self, call: ExprId) -> Option<Rc<[TypeId]>> {
        let ty = self.ty(self.unparen(call));
        match self.store.get(ty) {
            Type::Unknown => None,
            Type::Tuple(types) => Some(types),
            _ => Some(Rc::new([ty])),
        }
    }

    /// Whether the last result of a call is an `error`.
    pub fn returns_error(&self, call: ExprId) -> bool {
        self.results(call).is_some_and(|results| results.last() == Some(&TypeId::ERROR))
    }

    /// The type of what a method is called on, before embedded fields are looked into; without the `*` of a pointer.
    pub fn receiver_type(&self, call: ExprId) -> Option<TypeId> {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return None };
        let selection = self.facts.selection(self.unparen(fun))?;
        (selection.kind == SelectionKind::Method).then(|| self.deref(selection.recv))
    }
}
