//! What expressions name: package-level objects and methods, by qualified name. The one place where a name stands in for a
//! type that is not known.

use gopeer_sema::types::{PkgId, TypeId};
use gopeer_sema::{CallFacts, Def, Known, Mode, ObjectKind, SelectionKind, has_host};
use gopeer_syntax::Tree;
use gopeer_syntax::ast::{Expr, ExprId};

use crate::Cx;

/// A package-level object or a method (cf. go/types' `Object`), by its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    /// Import path of its package; for the package under review what go.mod makes it, or empty ([`Cx::is_own`]).
    pub path: &'a str,
    /// Of a method, the type or the interface that declares it.
    pub recv: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
}

impl Object<'_> {
    /// Whether it is one of these, written `path.Name` or `path.Type.Method`: `net/http.Get`, `net/http.Client.Do`.
    pub fn is(&self, full: &[&str]) -> bool {
        full.iter().any(|full| self.has_full_name(full))
    }

    fn has_full_name(&self, full: &str) -> bool {
        let Some(rest) = full.strip_suffix(self.name).and_then(|rest| rest.strip_suffix('.')) else { return false };
        let path = match self.recv {
            Some(recv) => rest.strip_suffix(recv).and_then(|rest| rest.strip_suffix('.')),
            None => Some(rest),
        };
        path == Some(self.path)
    }

    /// Whether it is a function, or another object, of the package, and not a method.
    pub fn is_of_package(&self, path: &str) -> bool {
        self.recv.is_none() && self.path == path
    }
}

/// A call of a function or method that is known, or a conversion to a defined type.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The whole call.
    pub expr: ExprId,
    /// What stands before the parentheses: `http.Get`, `client.Do`.
    pub fun: ExprId,
    /// The name alone: `Get`, `Do`.
    pub name: ExprId,
    /// What a method is called on: `client`.
    pub receiver: Option<ExprId>,
    /// The function, method or type.
    pub callee: Object<'a>,
    /// The arguments.
    pub args: &'a [ExprId],
}

/// What expressions name, and what calls call.
impl<'a> Cx<'a> {
    /// The package-level object or method that an expression names, in this package or another: `io.EOF`, `client.Do`,
    /// `sync.Mutex`, `errNotFound`. Parentheses and type arguments are looked through. Where types are not known, an import
    /// and the type in a variable's declaration tell.
    pub fn object(&self, expr: ExprId) -> Option<Object<'a>> {
        let expr = self.unparen(expr);
        match self.expr(expr) {
            Expr::Index { base, .. } if self.facts.mode(base) != Mode::Variable => self.object(base),
            Expr::Ident => self.known_object(expr),
            Expr::Selector { base, name } => match self.facts.selection(expr) {
                Some(selection) if selection.kind == SelectionKind::Field => None,
                Some(selection) => {
                    let (path, recv) = self.store.named_path(selection.owner?);
                    Some(Object { path, recv: Some(recv), name: self.source(name) })
                }
                None => self.known_object(name).or_else(|| self.imported(base, name)),
            },
            _ => None,
        }
    }

    /// Whether an expression names one of these objects, written as in [`Object::is`].
    pub fn denotes(&self, expr: ExprId, full: &[&str]) -> bool {
        self.object(expr).is_some_and(|object| object.is(full))
    }

    /// A call of a function or method that is known, or a conversion to a defined type: not a call of a builtin or of a
    /// function value.
    pub fn call(&self, call: ExprId) -> Option<Call<'a>> {
        let expr = self.unparen(call);
        let Expr::Call { fun, args, .. } = self.expr(expr) else { return None };
        let callee = self.object(fun)?;
        let name = name_of(self.tree, fun);
        let object = self.facts.object(name);
        let is_variable = object.is_some_and(|object| self.store.object(object).kind == ObjectKind::Var);
        let receiver = match self.expr(self.unparen(fun)) {
            Expr::Selector { base, .. } if callee.recv.is_some() && !self.is_type_expr(base) => Some(base),
            _ => None,
        };
        (!is_variable).then(|| Call { expr, fun, name, receiver, callee, args: self.exprs(args) })
    }

    /// What a call calls, as in [`Cx::call`].
    pub fn callee(&self, call: ExprId) -> Option<Object<'a>> {
        self.call(call).map(|call| call.callee)
    }

    /// Whether a call calls one of these, written as in [`Object::is`].
    pub fn calls(&self, call: ExprId, full: &[&str]) -> bool {
        self.is_named(call, full) && self.callee(call).is_some_and(|callee| callee.is(full))
    }

    /// Whether a call is written as one of these would be, so that it is worth looking what it calls.
    pub(crate) fn is_named(&self, call: ExprId, full: &[&str]) -> bool {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return false };
        let name = self.source(name_of(self.tree, fun));
        full.iter().any(|full| full.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')))
    }

    /// The calls of these in the piece, in source order.
    pub fn calls_of(&self, full: &[&str]) -> Vec<Call<'a>> {
        let tree: &'a Tree = self.tree;
        let named = tree.all_exprs().filter(|&(id, expr)| matches!(expr, Expr::Call { .. }) && self.is_named(id, full));
        let mut calls: Vec<Call> =
            named.filter_map(|(id, _)| self.call(id).filter(|call| call.callee.is(full))).collect();
        calls.sort_by_key(|call| self.span(call.fun).start);
        calls
    }

    /// What the index knows of an object or method besides its type.
    pub fn known(&self, object: &Object<'_>) -> Option<Known> {
        self.store.known(object.path, object.recv, object.name)
    }

    /// What the index knows of a defined type besides its structure.
    pub fn known_type(&self, ty: TypeId) -> Option<Known> {
        let (path, name) = self.store.qualified_name(ty)?;
        self.store.known(path, None, name)
    }

    /// Whether the index says of what a call calls that it does nothing but give its results.
    pub fn calls_pure(&self, call: ExprId) -> bool {
        let known = self.callee(call).and_then(|callee| self.known(&callee));
        known.is_some_and(|known| known.facts.has(CallFacts::PURE))
    }

    /// Whether an object belongs to the package under review or to its module: what no index has is taken for that.
    pub fn is_own(&self, object: &Object<'_>) -> bool {
        let package = self.store.add_package(object.path);
        let of_std = || !has_host(object.path) && self.known(object).is_some();
        package == PkgId::SELF || !self.store.is_third_party(package) && !of_std()
    }

    /// Whether an expression is a name of another package, as `http.Get` is.
    pub fn is_qualified(&self, expr: ExprId) -> bool {
        match self.expr(self.unparen(expr)) {
            Expr::Selector { base, .. } => self.imported_path(base).is_some(),
            _ => false,
        }
    }

    fn known_object(&self, ident: ExprId) -> Option<Object<'a>> {
        let object = self.store.object(self.facts.object(ident)?);
        let path = self.store.text(self.store.package(object.pkg).path);
        Some(Object { path, recv: None, name: self.store.text(object.name) })
    }

    /// `base.name`, of which no type is known: a name of an imported package, or a method of a type whose name shows.
    fn imported(&self, base: ExprId, name: ExprId) -> Option<Object<'a>> {
        let name = self.source(name);
        if let Some(path) = self.imported_path(base) {
            return Some(Object { path, recv: None, name });
        }
        let ty = self.local_type(base).filter(|_| self.ty(base).is_unknown())?.ty;
        let Expr::Selector { base: package, name: recv } = self.expr(self.unparen(ty)) else { return None };
        Some(Object { path: self.imported_path(package)?, recv: Some(self.source(recv)), name })
    }

    /// The import path of the package that an identifier names.
    fn imported_path(&self, package: ExprId) -> Option<&'a str> {
        match self.def(package) {
            Def::Import(index) => self.file.scope.imports.get(index as usize).map(|import| import.path.as_str()),
            Def::Implied(path) => Some(path),
            _ => None,
        }
    }
}

/// The identifier that says what an expression names: `Do` of `client.Do`.
pub(crate) fn name_of(tree: &Tree, mut expr: ExprId) -> ExprId {
    loop {
        expr = match tree.expr(expr) {
            Expr::Paren(inner) | Expr::Index { base: inner, .. } => inner,
            Expr::Selector { name, .. } => return name,
            _ => return expr,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::Object;

    #[test]
    fn full_names() {
        let get = Object { path: "net/http", recv: None, name: "Get" };
        assert!(get.is(&["net/http.Post", "net/http.Get"]));
        assert!(!get.is(&["net/http.Client.Get", "http.Get", "Get"]));
        let of_client = Object { recv: Some("Client"), ..get };
        assert!(of_client.is(&["net/http.Client.Get"]));
        assert!(!of_client.is(&["net/http.Get"]));
    }
}
