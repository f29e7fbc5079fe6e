//! Selectors (Go spec, "Selectors", "Method expressions", "Method values", "Qualified identifiers").

use gopeer_syntax::ast::ExprId;

use super::package::is_exported;
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::facts::{Selection, SelectionKind};
use crate::types::{Lookup, Method, PkgId, Symbol, Type, TypeId};

/// How many embedded structs are looked into for a name that is like a missing one.
const MAX_SIMILAR: usize = 100;

/// A field or method whose name is like one that was not found.
struct Similar {
    name: Symbol,
    pkg: PkgId,
    what: &'static str,
}

impl Checker<'_> {
    pub(crate) fn selector(&mut self, id: ExprId, base: ExprId, name: ExprId) -> Operand {
        if let Some(x) = self.qualified(id, base, name) {
            if x.mode != Mode::Unknown {
                self.record(&Operand { expr: name, ..x.clone() });
            }
            return x;
        }
        let mut x = self.expr(base, None);
        self.value_or_type(&mut x);
        if let Mode::Builtin(_) = x.mode {
            let message = format!("invalid use of {} in selector expression", self.describe(&x));
            self.error(base, ErrorCode::NotAnExpr, message);
            return Operand::unknown(id);
        }
        if x.is_unknown() {
            return Operand::unknown(id);
        }
        let y = self.select(id, &x, name);
        if y.mode != Mode::Unknown {
            self.record(&Operand { expr: name, ..y.clone() });
        }
        y
    }

    fn select(&mut self, id: ExprId, x: &Operand, name: ExprId) -> Operand {
        let text = self.tree.source(name);
        let found = self.store.lookup(x.ty, PkgId::SELF, self.store.symbol(text));
        let (kind, owner, path, indirect, y) = match found {
            Lookup::Field { field, owner, path, indirect } => {
                if x.mode == Mode::Type {
                    let ty = self.store.show(x.ty);
                    let message = format!("{}.{text} undefined (type {ty} has no method {text})", self.text(x.expr));
                    self.error(name, ErrorCode::MissingFieldOrMethod, message);
                    return Operand::unknown(id);
                }
                let mode = if x.mode == Mode::Variable || indirect { Mode::Variable } else { Mode::Value };
                (SelectionKind::Field, owner, path, indirect, Operand::new(mode, field.ty, id))
            }
            Lookup::Method { method, owner, path, indirect } => {
                if method.pointer && !indirect && x.mode != Mode::Variable {
                    self.needs_pointer(x, name);
                    return Operand::unknown(id);
                }
                let kind = if x.mode == Mode::Type { SelectionKind::MethodExpr } else { SelectionKind::Method };
                let ty = if x.mode == Mode::Type { self.method_expr(x.ty, &method) } else { method.sig };
                (kind, owner, path, indirect, Operand::new(Mode::Value, ty, id))
            }
            Lookup::NotFound => {
                self.missing_selector(x, name);
                return Operand::unknown(id);
            }
            Lookup::Ambiguous => {
                let message = format!("ambiguous selector {}.{text}", self.text(x.expr));
                self.error(name, ErrorCode::MissingFieldOrMethod, message);
                return Operand::unknown(id);
            }
            Lookup::Unknown => return Operand::unknown(id),
        };
        self.facts.borrow_mut().record_selection(id, Selection { kind, recv: x.ty, owner, path, indirect });
        if y.ty.is_unknown() { Operand::unknown(id) } else { y }
    }

    /// `T.Method` is a function whose first parameter is the receiver.
    fn method_expr(&self, recv: TypeId, method: &Method) -> TypeId {
        let Type::Signature(sig) = self.store.get(method.sig) else { return TypeId::UNKNOWN };
        let params: Vec<TypeId> = std::iter::once(recv).chain(sig.params.iter().copied()).collect();
        self.store.signature(&params, &sig.results, sig.variadic)
    }

    fn needs_pointer(&mut self, x: &Operand, name: ExprId) {
        let (ty, method) = (self.store.show(x.ty), self.tree.source(name));
        let message = if x.mode == Mode::Type {
            format!("invalid method expression {ty}.{method} (needs pointer receiver (*{ty}).{method})")
        } else {
            format!("cannot call pointer method {method} on {ty}")
        };
        self.claim(&[x.ty], name, ErrorCode::InvalidRecv, message);
    }

    fn missing_selector(&mut self, x: &Operand, name: ExprId) {
        let text = self.tree.source(name);
        if text == "_" || text.is_empty() {
            return;
        }
        let why = if self.store.is_interface_pointer(x.ty) {
            self.interface_pointer_error(x.ty)
        } else {
            self.lookup_error(x.ty, text, false)
        };
        let message = format!("{}.{text} undefined ({why})", self.text(x.expr));
        self.error(name, ErrorCode::MissingFieldOrMethod, message);
    }

    /// Why a pointer to an interface has no methods.
    pub(crate) fn interface_pointer_error(&self, ty: TypeId) -> String {
        let what = match self.store.under(ty) {
            Type::Pointer(base) if self.store.is_param(base) => "type parameter",
            _ => "interface",
        };
        format!("type {} is pointer to {what}, not {what}", self.store.show(ty))
    }

    /// That a type has no such field or method, and what it has instead; or, of a struct literal, no such field.
    pub(crate) fn lookup_error(&self, ty: TypeId, name: &str, literal: bool) -> String {
        let shown = self.store.show(ty);
        let missing = match literal {
            true => format!("unknown field {name} in struct literal of type {shown}"),
            false => format!("type {shown} has no field or method {name}"),
        };
        let Some(similar) = self.similar(ty, name, literal) else { return missing };
        let alt = self.store.text(similar.name);
        let what = if literal { String::new() } else { format!("{} ", similar.what) };
        let tail = |name: &str| name.chars().skip(1).collect::<String>();
        let own = similar.pkg == PkgId::SELF || (similar.pkg == PkgId::UNIVERSE && self.is_own(ty));
        let spelled = match (is_exported(name), is_exported(alt)) {
            _ if own => true,
            (true, true) => true,
            (true, false) if tail(name) == tail(alt) => {
                return format!("{missing}, but does have unexported {what}{alt}");
            }
            (false, true) => tail(name) == tail(alt),
            (false, false) if name == alt && literal => {
                return format!("cannot refer to unexported field {alt} in struct literal of type {shown}");
            }
            (false, false) if name == alt => return format!("cannot refer to unexported {what}{alt}"),
            _ => false,
        };
        if spelled { format!("{missing}, but does have {what}{alt}") } else { missing }
    }

    /// Whether a type, or what it points to, is declared in this package.
    fn is_own(&self, ty: TypeId) -> bool {
        match self.store.get(ty) {
            Type::Pointer(base) => {
                matches!(self.store.get(base), Type::Named(id, _) if self.store.named(id).pkg == PkgId::SELF)
            }
            Type::Named(id, _) => self.store.named(id).pkg == PkgId::SELF,
            _ => true,
        }
    }

    /// The method of the same letters in other case.
    pub(crate) fn similar_method(&self, ty: TypeId, name: &str) -> Option<Symbol> {
        self.similar(ty, name, false).filter(|similar| similar.what == "method").map(|similar| similar.name)
    }

    /// A field or method of the same letters in other case, embedded structs looked through from the outside in.
    fn similar(&self, ty: TypeId, name: &str, fields_only: bool) -> Option<Similar> {
        let like = |symbol: Symbol| {
            let text = self.store.text(symbol);
            text.len() == name.len() && text.to_lowercase() == name.to_lowercase()
        };
        let mut queue = vec![ty];
        let mut at = 0;
        while let Some(&ty) = queue.get(at) {
            at += 1;
            let ty = match self.store.get(ty) {
                Type::Pointer(base) => base,
                _ => ty,
            };
            if let (Type::Named(id, _), false) = (self.store.get(ty), fields_only) {
                let named = self.store.named(id);
                if let Some(method) = named.methods.iter().find(|method| like(method.name)) {
                    return Some(Similar { name: method.name, pkg: method.pkg, what: "method" });
                }
            }
            match self.store.under(ty) {
                Type::Struct(of) => {
                    if let Some(field) = of.fields.iter().find(|field| like(field.name)) {
                        return Some(Similar { name: field.name, pkg: field.pkg, what: "field" });
                    }
                    if !fields_only && queue.len() < MAX_SIMILAR {
                        queue.extend(of.fields.iter().filter(|field| field.embedded).map(|field| field.ty));
                    }
                }
                Type::Interface(_) if !fields_only => {
                    let set = self.store.type_set(ty);
                    if let Some(method) = set.methods.iter().find(|method| like(method.name)) {
                        return Some(Similar { name: method.name, pkg: method.pkg, what: "method" });
                    }
                }
                _ => {}
            }
        }
        None
    }
}
