//! Assignability (Go spec, "Assignability", "Assignment statements").

use gopeer_syntax::ast::{Expr, ExprId};

use super::untyped::{Implicit, Misfit};
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::names::Def;
use crate::types::{Lookup, Missing, PkgId, Symbol, Truth, Type, TypeId};

impl Checker<'_> {
    /// Checks that `x` can be assigned to `target` (an unknown target takes everything), gives untyped operands their
    /// type, and reports where it cannot: `context` ends the message, as in "cannot use x as T value in assignment".
    pub(crate) fn assignment(&mut self, x: &mut Operand, target: TypeId, context: &str) -> bool {
        self.single(x);
        if x.is_unknown() || target.is_unknown() {
            self.leave_open(x);
            // An untyped operand has some type by now.
            if self.store.is_untyped(x.ty) && x.mode != Mode::Nil {
                x.ty = TypeId::UNKNOWN;
            }
            return x.mode != Mode::Unknown;
        }
        if self.store.is_untyped(x.ty) {
            let to = match x.mode {
                Mode::Nil => target,
                _ if self.store.is_interface(target) => self.store.default_of(x.ty),
                _ => target,
            };
            match self.implicit(x, to) {
                Implicit::Is(ty, value) => self.become_type(x, ty, value),
                Implicit::Unknown => {
                    self.leave_open(x);
                    return true;
                }
                Implicit::Misfit(misfit) => {
                    self.cannot_use(x, to, context, misfit);
                    x.forget();
                    return false;
                }
            }
            if x.mode == Mode::Nil {
                return true;
            }
        }
        if self.store.assignable(x.ty, target) != Truth::No {
            return true;
        }
        let cause = self.assign_cause(x.ty, target).map_or(String::new(), |cause| format!(": {cause}"));
        let (what, to) = (self.describe(x), self.store.show(target));
        let code = match self.store.is_interface(target) {
            true => ErrorCode::InvalidIfaceAssign,
            false => ErrorCode::IncompatibleAssign,
        };
        self.claim(&[x.ty, target], x.expr, code, format!("cannot use {what} as {to} value in {context}{cause}"));
        x.forget();
        false
    }

    fn cannot_use(&self, x: &Operand, target: TypeId, context: &str, misfit: Misfit) {
        let (code, end) = match misfit {
            Misfit::Truncated => (ErrorCode::TruncatedFloat, " (truncated)"),
            Misfit::Overflows => (ErrorCode::NumericOverflow, " (overflows)"),
            Misfit::Kind => (ErrorCode::IncompatibleAssign, ""),
        };
        let (what, to) = (self.describe(x), self.store.show(target));
        self.claim(&[target], x.expr, code, format!("cannot use {what} as {to} value in {context}{end}"));
    }

    /// Checks that `x` can be assigned to the blank identifier.
    pub(crate) fn assign_blank(&mut self, x: &mut Operand, context: &str) {
        self.single(x);
        if x.mode == Mode::Nil {
            self.error(x.expr, ErrorCode::UntypedNilUse, format!("use of untyped nil in {context}"));
            x.forget();
        }
        self.assignment(x, self.store.default_of(x.ty), context);
    }

    /// Why a value of type `from` cannot be assigned to `to`.
    pub(crate) fn assign_cause(&self, from: TypeId, to: TypeId) -> Option<String> {
        let store = self.store;
        if store.is_interface(to) || store.is_interface_pointer(to) {
            return (!store.is_param(from)).then(|| self.not_implemented(from, to)).flatten();
        }
        if store.is_interface(from) && store.implements(to, from).0 == Truth::Yes {
            return Some("need type assertion".to_owned());
        }
        None
    }

    /// Why `ty` does not implement `interface`, as the compiler words it.
    fn not_implemented(&self, ty: TypeId, interface: TypeId) -> Option<String> {
        let store = self.store;
        let (from, to) = (store.show(ty), store.show(interface));
        if !matches!(store.under(interface), Type::Interface(_)) {
            let detail = match store.is_interface_pointer(interface) {
                true => self.interface_pointer_error(interface),
                false => format!("{to} is not an interface"),
            };
            return Some(format!("{from} does not implement {to} ({detail})"));
        }
        match self.missing_method(ty, interface) {
            Some(missing) => Some(format!("{from} does not implement {to} {missing}")),
            None if store.type_set(interface).comparable && store.comparable(ty) == Truth::No => {
                Some(format!("{from} does not implement comparable"))
            }
            None => Some(format!("{from} does not implement {to}")),
        }
    }

    /// Which method of `interface` the type lacks, in parentheses; none where it lacks none, or that is not certain.
    pub(crate) fn missing_method(&self, ty: TypeId, interface: TypeId) -> Option<String> {
        let store = self.store;
        if store.has_unknown(ty) || store.has_unknown(interface) {
            return None;
        }
        let (Truth::No, Some(missing)) = store.implements(ty, interface) else { return None };
        Some(match missing {
            Missing::TypeSet => return None,
            Missing::Pointer(name) => format!("(method {} has pointer receiver)", store.text(name)),
            Missing::Signature(name, have, want) => {
                let (name, have, want) = (store.text(name), self.method_text(name, have), self.method_text(name, want));
                if have == want {
                    format!("(wrong type for method {name})")
                } else {
                    format!("(wrong type for method {name})\n\t\thave {have}\n\t\twant {want}")
                }
            }
            Missing::Method(_) if store.is_interface_pointer(ty) => format!("({})", self.interface_pointer_error(ty)),
            Missing::Method(name) => self.missing_or_misspelt(ty, interface, name),
        })
    }

    fn missing_or_misspelt(&self, ty: TypeId, interface: TypeId, name: Symbol) -> String {
        let store = self.store;
        let text = store.text(name);
        match store.lookup(ty, PkgId::SELF, name) {
            Lookup::Field { .. } => return format!("({}.{text} is a field, not a method)", store.show(ty)),
            Lookup::Ambiguous => return format!("(ambiguous selector {}.{text})", store.show(ty)),
            _ => {}
        }
        let plain = format!("(missing method {text})");
        if store.is_interface(ty) {
            return plain;
        }
        let Some(alt) = self.similar_method(ty, text) else { return plain };
        let Lookup::Method { method, .. } = store.lookup(ty, PkgId::SELF, alt) else { return plain };
        let set = store.type_set(interface);
        let Some(want) = set.methods.iter().find(|method| method.name == name) else { return plain };
        let (have, want) = (self.method_text(alt, method.sig), self.method_text(name, want.sig));
        format!("{plain}\n\t\thave {have}\n\t\twant {want}")
    }

    /// A method with its signature, as in an interface.
    fn method_text(&self, name: Symbol, sig: TypeId) -> String {
        let sig = self.store.show(sig);
        format!("{}{}", self.store.text(name), sig.strip_prefix("func").unwrap_or(&sig))
    }
}

/// What is assigned to.
impl Checker<'_> {
    /// Checks the left side of an assignment and gives the type of what is assigned to: none for the blank identifier,
    /// unknown where it cannot be assigned to. A variable is not used by that.
    pub(crate) fn target(&mut self, lhs: ExprId) -> Option<TypeId> {
        let inner = self.unparen(lhs);
        let ident = self.tree.expr(inner) == Expr::Ident;
        if ident && self.tree.source(inner) == "_" {
            return None;
        }
        let local = match self.names.def(inner) {
            Def::Local(declaring) if ident => Some(declaring),
            _ => None,
        };
        let used = local.and_then(|local| self.facts.borrow().local(local).map(|local| local.used));
        let x = self.value(lhs);
        if let (Some(local), Some(used)) = (local, used)
            && let Some(local) = self.facts.borrow_mut().local_mut(local)
        {
            local.used = used;
        }
        Some(self.assigned_type(&x))
    }

    /// The type of what is assigned to when `x` is: unknown, after a report, where nothing can be.
    pub(crate) fn assigned_type(&self, x: &Operand) -> TypeId {
        let lhs = x.expr;
        match x.mode {
            _ if x.is_unknown() => return TypeId::UNKNOWN,
            Mode::Variable | Mode::MapIndex => return x.ty,
            _ => {}
        }
        if let Expr::Selector { base, .. } = self.tree.expr(lhs)
            && self.facts.borrow().mode(base) == Mode::MapIndex
        {
            let message = format!("cannot assign to struct field {} in map", self.text(lhs));
            self.claim(&[x.ty], lhs, ErrorCode::UnassignableOperand, message);
            return TypeId::UNKNOWN;
        }
        let what = self.text(lhs);
        let message = format!("cannot assign to {what} (neither addressable nor a map index expression)");
        self.claim(&[x.ty], lhs, ErrorCode::UnassignableOperand, message);
        TypeId::UNKNOWN
    }
}
