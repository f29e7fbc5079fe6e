//! What a rule may ask about types. Names are qualified: `net/http.Client`, `net/http.Client.Do`; what is not known is
//! none of them.

use std::rc::Rc;

use gopeer_sema::types::{PkgId, Type, TypeId};
use gopeer_sema::value::Value;
use gopeer_sema::{CallFacts, Known, Mode, ObjectKind, SelectionKind, has_host};
use gopeer_syntax::ast::{Expr, ExprId};

use crate::Cx;

/// A function or method of known name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callee {
    /// Import path of its package; for this one what go.mod makes it, or empty ([`Cx::is_own`]).
    pub path: Rc<str>,
    /// The type that declares the method; of an interface's method, the interface.
    pub recv: Option<Rc<str>>,
    /// Its name.
    pub name: Rc<str>,
}

impl Callee {
    /// Whether it is `full`, written `path.Func` or `path.Type.Method`.
    pub fn is(&self, full: &str) -> bool {
        let rest = full.strip_suffix(&*self.name).and_then(|rest| rest.strip_suffix('.'));
        let rest = match (&self.recv, rest) {
            (Some(recv), Some(rest)) => rest.strip_suffix(&**recv).and_then(|rest| rest.strip_suffix('.')),
            (None, rest) => rest,
            (_, None) => None,
        };
        rest == Some(&*self.path)
    }

    /// Whether it is one of these.
    pub fn is_any(&self, full: &[&str]) -> bool {
        full.iter().any(|full| self.is(full))
    }
}

/// Types.
impl<'a> Cx<'a> {
    /// The type of an expression, or the type that a type expression denotes; [`TypeId::UNKNOWN`] where that is not known.
    pub fn ty(&self, expr: ExprId) -> TypeId {
        self.facts.type_of(expr)
    }

    /// The structure of the underlying type of an expression's type.
    pub fn under(&self, expr: ExprId) -> Type {
        self.store.under(self.ty(expr))
    }

    /// Whether an expression denotes a type.
    pub fn is_type_expr(&self, expr: ExprId) -> bool {
        self.facts.mode(expr) == Mode::Type
    }

    /// Whether a type is the defined type `full`.
    pub fn type_is(&self, ty: TypeId, full: &str) -> bool {
        self.store.is_named(ty, full)
    }

    /// Whether an expression's type is the defined type `full`, or a pointer to it.
    pub fn has_type(&self, expr: ExprId, full: &str) -> bool {
        self.type_is(self.deref(self.ty(expr)), full)
    }

    /// Whether an expression's type is one of these, or a pointer to one.
    pub fn has_any_type(&self, expr: ExprId, full: &[&str]) -> bool {
        full.iter().any(|full| self.has_type(expr, full))
    }

    /// What a pointer type points to; any other type is itself.
    pub fn deref(&self, ty: TypeId) -> TypeId {
        match self.store.get(ty) {
            Type::Pointer(elem) => elem,
            _ => ty,
        }
    }

    /// The import path of the package that declares a defined type.
    pub fn type_path(&self, ty: TypeId) -> Option<Rc<str>> {
        self.store.qualified_name(ty).map(|(path, _)| path)
    }

    /// The value of a constant expression.
    pub fn constant_value(&self, expr: ExprId) -> Option<&'a Value> {
        self.facts.value(expr)
    }

    /// The function or method that a call calls; none for a conversion, a builtin, a function value, or what is not known.
    pub fn callee(&self, call: ExprId) -> Option<Callee> {
        match self.expr(self.unparen(call)) {
            Expr::Call { fun, .. } => self.function(fun),
            _ => None,
        }
    }

    /// Whether a call calls one of these functions or methods.
    pub fn calls_any(&self, call: ExprId, full: &[&str]) -> bool {
        self.callee(call).is_some_and(|callee| callee.is_any(full))
    }

    /// Whether a function or method belongs to the package under review or to its module: what no index has is taken for that.
    pub fn is_own(&self, callee: &Callee) -> bool {
        let package = self.store.add_package(&callee.path);
        let of_std = || !has_host(&callee.path) && self.known(callee).is_some();
        package == PkgId::SELF || !self.store.is_third_party(package) && !of_std()
    }

    /// Whether a type is declared by a library.
    pub fn is_of_library(&self, ty: TypeId) -> bool {
        matches!(self.store.get(ty), Type::Named(named, _) if self.store.is_third_party(self.store.named(named).pkg))
    }

    /// Whether a defined type declares one of these methods, and then whether its receiver is a pointer.
    pub fn declared_method(&self, ty: TypeId, names: &[&str]) -> Option<bool> {
        let Type::Named(named, _) = self.store.get(ty) else { return None };
        let methods = self.store.named(named).methods;
        methods.iter().find(|method| names.contains(&&*self.store.text(method.name))).map(|method| method.pointer)
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

    /// Whether a call runs the function it is given once: `once.Do(f)`, `sync.OnceFunc(f)`.
    pub fn runs_once(&self, call: ExprId) -> bool {
        const ONCE: &[&str] = &["sync.Once.Do", "sync.OnceFunc", "sync.OnceValue", "sync.OnceValues"];
        match self.callee(call) {
            Some(callee) => callee.is_any(ONCE),
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

    /// Whether a type is one of these defined types.
    pub fn type_is_any(&self, ty: TypeId, full: &[&str]) -> bool {
        full.iter().any(|full| self.type_is(ty, full))
    }

    /// What the index knows of the function or method besides its type.
    pub fn known(&self, callee: &Callee) -> Option<Known> {
        self.store.known(&callee.path, callee.recv.as_deref(), &callee.name)
    }

    /// Whether the index says of what a call calls that it does nothing but give its results.
    pub fn calls_pure(&self, call: ExprId) -> bool {
        let known = self.callee(call).and_then(|callee| self.known(&callee));
        known.is_some_and(|known| known.facts.has(CallFacts::PURE))
    }

    /// The function or method that an expression names.
    pub fn function(&self, fun: ExprId) -> Option<Callee> {
        let fun = self.unparen(fun);
        match self.expr(fun) {
            Expr::Index { base, .. } => self.function(base),
            Expr::Ident => self.func_object(fun),
            Expr::Selector { name, .. } => match self.facts.selection(fun) {
                Some(selection) if selection.kind != SelectionKind::Field => {
                    let owner = self.store.named(selection.owner?);
                    Some(Callee {
                        path: self.store.text(self.store.package(owner.pkg).path),
                        recv: Some(self.store.text(owner.name)),
                        name: self.source(name).into(),
                    })
                }
                Some(_) => None,
                None => self.func_object(name),
            },
            _ => None,
        }
    }

    fn func_object(&self, ident: ExprId) -> Option<Callee> {
        let object = self.store.object(self.facts.object(ident)?);
        let path = self.store.text(self.store.package(object.pkg).path);
        (object.kind == ObjectKind::Func).then(|| Callee { path, recv: None, name: self.store.text(object.name) })
    }
}

#[cfg(test)]
mod tests {
    use super::Callee;

    #[test]
    fn qualified_names() {
        let get = Callee { path: "net/http".into(), recv: None, name: "Get".into() };
        assert!(get.is("net/http.Get"));
        assert!(!get.is("net/http.Client.Get") && !get.is("http.Get") && !get.is("Get"));
        let of_client = Callee { recv: Some("Client".into()), ..get };
        assert!(of_client.is("net/http.Client.Get"));
        assert!(!of_client.is("net/http.Get"));
    }
}
