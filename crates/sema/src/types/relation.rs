//! Relations between types (Go spec, "Assignability", "Conversions", "Comparison operators", "Implementing an interface").

use std::collections::BTreeMap;

use super::shape::Walk;
use super::{Basic, ChanDir, InterfaceMethod, Lookup, PkgId, Store, Symbol, Term, Truth, Type, TypeId, TypeSet};

/// Why a type does not implement an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It has no such method.
    Method(Symbol),
    /// The method has another signature: the one it has, the one that is asked for.
    Signature(Symbol, TypeId, TypeId),
    /// Only the pointer to it has the method.
    Pointer(Symbol),
    /// It is not in the type set, or not comparable.
    TypeSet,
}

/// Assignability.
impl Store {
    /// Whether a value of type `from` (typed) can be assigned to `to`.
    pub fn assignable(&self, from: TypeId, to: TypeId) -> Truth {
        let found = self.assigns(from, to);
        self.certain(found, from, to)
    }

    /// A no is one only if all of both types is known.
    fn certain(&self, found: Truth, a: TypeId, b: TypeId) -> Truth {
        if found == Truth::No && (self.has_unknown(a) || self.has_unknown(b)) { Truth::Unknown } else { found }
    }

    fn assigns(&self, from: TypeId, to: TypeId) -> Truth {
        if self.identical(from, to) {
            return Truth::Yes;
        }
        let (from_named, to_named) = (self.has_name(from), self.has_name(to));
        let (from_param, to_param) = (self.is_param(from), self.is_param(to));
        let (v, t) = (self.underlying(from), self.underlying(to));
        let (params, both_named) = (from_param || to_param, from_named && to_named);
        if !params && !both_named && self.identical(v, t) {
            return Truth::Yes;
        }
        match (self.get(v), self.get(t)) {
            (_, Type::Interface(_)) if !to_param => {
                let implements = self.implements(from, to).0;
                // Each type of a parameter's set is tried below.
                if implements != Truth::No || !from_param {
                    return implements;
                }
            }
            (Type::Chan { dir: ChanDir::Both, elem: a }, Type::Chan { elem: b, .. }) if !params => {
                return Truth::of(!both_named && self.identical(a, b));
            }
            _ => {}
        }
        if to_param && !from_named {
            return self.each_term(to, |ty| self.assigns(from, ty));
        }
        if from_param && !to_named {
            return self.each_term(from, |ty| self.assigns(ty, to));
        }
        Truth::No
    }

    /// Whether it is a predeclared type, a defined type or a type parameter (Go spec, "Types").
    fn has_name(&self, ty: TypeId) -> bool {
        matches!(self.get(ty), Type::Basic(_) | Type::Named(..) | Type::Param(_))
    }

    /// Whether something holds for each type in the set of a type parameter; it does not for those that hold all types.
    fn each_term(&self, param: TypeId, holds: impl Fn(TypeId) -> Truth) -> Truth {
        let set = self.type_set(param);
        match &set.terms {
            _ if set.unknown => Truth::Unknown,
            Some(terms) if !terms.is_empty() => Truth::all(terms.iter().map(|term| holds(term.ty))),
            _ => Truth::No,
        }
    }
}

/// Conversions.
impl Store {
    /// Whether a non-constant value of type `from` can be converted to `to`.
    pub fn convertible(&self, from: TypeId, to: TypeId) -> Truth {
        let found = self.converts(from, to);
        self.certain(found, from, to)
    }

    fn converts(&self, from: TypeId, to: TypeId) -> Truth {
        let assignable = self.assigns(from, to);
        if assignable != Truth::No {
            return assignable;
        }
        match (self.is_param(from), self.is_param(to)) {
            (false, false) => Truth::of(self.converts_types(from, to)),
            (true, _) => self.each_term(from, |ty| self.converts(ty, to)),
            (false, true) => self.each_term(to, |ty| self.converts(from, ty)),
        }
    }

    /// Of types that are no type parameters.
    fn converts_types(&self, from: TypeId, to: TypeId) -> bool {
        let (v, t) = (self.underlying(from), self.underlying(to));
        if self.identical_but_tags(v, t) {
            return true;
        }
        if let (Type::Pointer(a), Type::Pointer(b)) = (self.get(from), self.get(to)) {
            let params = self.is_param(a) || self.is_param(b);
            if !params && self.identical_but_tags(self.underlying(a), self.underlying(b)) {
                return true;
            }
        }
        let real = |basic: Basic| basic.is_integer() || basic.is_float();
        match (self.get(v), self.get(t)) {
            (Type::Basic(a), Type::Basic(b)) if real(a) && real(b) || a.is_complex() && b.is_complex() => true,
            (Type::Basic(a), Type::Basic(b)) if b.is_string() => a.is_integer() || a.is_string(),
            (Type::Slice(elem), Type::Basic(basic)) if basic.is_string() => self.is_byte_or_rune(elem),
            (Type::Basic(basic), Type::Slice(elem)) if basic.is_string() => self.is_byte_or_rune(elem),
            (Type::Basic(Basic::Uintptr) | Type::Pointer(_), Type::Basic(Basic::UnsafePointer)) => true,
            (Type::Basic(Basic::UnsafePointer), Type::Basic(Basic::Uintptr) | Type::Pointer(_)) => true,
            (Type::Slice(elem), Type::Array { elem: to, .. }) => self.identical(elem, to),
            (Type::Slice(elem), Type::Pointer(array)) => {
                matches!(self.under(array), Type::Array { elem: to, .. } if self.identical(elem, to))
            }
            _ => false,
        }
    }

    fn is_byte_or_rune(&self, ty: TypeId) -> bool {
        matches!(self.under(ty), Type::Basic(Basic::Uint8 | Basic::Int32))
    }
}

/// What is known of types that others hold, maybe many times over: each is looked at once.
type Compared = BTreeMap<TypeId, Truth>;

/// Comparison.
impl Store {
    /// Whether values are comparable with `==`; interfaces are, type parameters where their set is strictly so.
    pub fn comparable(&self, ty: TypeId) -> Truth {
        self.compares(ty, true, &mut Walk::new(), &mut Compared::default())
    }

    /// Whether values are comparable and comparing them never panics (Go spec, "Comparison operators").
    pub fn strictly_comparable(&self, ty: TypeId) -> Truth {
        self.compares(ty, false, &mut Walk::new(), &mut Compared::default())
    }

    fn compares(&self, ty: TypeId, interfaces: bool, walk: &mut Walk, done: &mut Compared) -> Truth {
        let under = self.under(ty);
        match &under {
            Type::Unknown => Truth::Unknown,
            Type::Basic(basic) => Truth::of(*basic != Basic::UntypedNil),
            Type::Pointer(_) | Type::Chan { .. } => Truth::Yes,
            Type::Interface(_) if interfaces && !self.is_param(ty) => Truth::Yes,
            Type::Interface(_) => self.asks_comparable(&self.type_set(ty)),
            Type::Array { .. } | Type::Struct(_) => {
                if let Some(&known) = done.get(&ty) {
                    return known;
                }
                let found = walk.deeper(|walk| self.compares_parts(&under, interfaces, walk, done));
                done.insert(ty, found.unwrap_or(Truth::Unknown));
                found.unwrap_or(Truth::Unknown)
            }
            _ => Truth::No,
        }
    }

    fn compares_parts(&self, under: &Type, interfaces: bool, walk: &mut Walk, done: &mut Compared) -> Truth {
        let of = match under {
            Type::Struct(of) => of,
            Type::Array { elem, .. } => return self.compares(*elem, interfaces, walk, done),
            _ => return Truth::Unknown,
        };
        let fields = Truth::all(of.fields.iter().map(|field| self.compares(field.ty, interfaces, walk, done)));
        match of.hidden {
            Some(hidden) if !hidden.comparable => Truth::No,
            // One of them may be an interface.
            Some(_) if !interfaces && fields == Truth::Yes => Truth::Unknown,
            _ => fields,
        }
    }

    /// Whether all types of a set are strictly comparable.
    fn asks_comparable(&self, set: &TypeSet) -> Truth {
        match &set.terms {
            _ if set.comparable => Truth::Yes,
            _ if set.unknown => Truth::Unknown,
            Some(terms) => Truth::all(terms.iter().map(|term| self.strictly_comparable(term.ty))),
            None => Truth::No,
        }
    }
}

/// Interfaces.
impl Store {
    /// Whether `ty` implements an interface or satisfies a constraint; the reason where it does not.
    pub fn implements(&self, ty: TypeId, interface: TypeId) -> (Truth, Option<Missing>) {
        if ty.is_unknown() || interface.is_unknown() {
            return (Truth::Unknown, None);
        }
        let asked = self.type_set(interface);
        let own = matches!(self.under(ty), Type::Interface(_)).then(|| self.type_set(ty));
        if own.as_ref().is_some_and(|own| own.is_empty() && !own.unknown) {
            return (Truth::Yes, None);
        }
        let mut answer = Truth::Yes;
        for method in asked.methods.iter() {
            match self.has_method(ty, own.as_deref(), method) {
                (Truth::Yes, _) => {}
                (Truth::No, why) => return (Truth::No, why),
                (Truth::Unknown, _) => answer = Truth::Unknown,
            }
        }
        let in_set = match (&asked.terms, &own) {
            _ if asked.unknown => Truth::Unknown,
            (None, _) => Truth::Yes,
            (Some(_), Some(own)) if own.unknown => Truth::Unknown,
            (Some(terms), Some(own)) => Truth::of(own.terms.as_ref().is_some_and(|own| self.terms_cover(terms, own))),
            (Some(terms), None) => self.in_terms(terms, ty),
        };
        let comparable = if asked.comparable { self.comparable(ty) } else { Truth::Yes };
        match Truth::all([answer, in_set, comparable]) {
            Truth::No => (Truth::No, Some(Missing::TypeSet)),
            answer => (answer, None),
        }
    }

    fn in_terms(&self, terms: &[Term], ty: TypeId) -> Truth {
        let included = Truth::of(self.terms_include(terms, ty));
        if included == Truth::No && terms.iter().any(|term| self.has_unknown(term.ty)) {
            return Truth::Unknown;
        }
        self.certain(included, ty, ty)
    }

    /// Whether a type, whose type set is `own` if it is an interface or type parameter, has a method.
    fn has_method(&self, ty: TypeId, own: Option<&TypeSet>, asked: &InterfaceMethod) -> (Truth, Option<Missing>) {
        let missing = (Truth::No, Some(Missing::Method(asked.name)));
        if let Some(set) = own {
            return match set.method(self, asked.name, asked.pkg) {
                Some(method) => self.same_signature(method.sig, asked),
                None if set.unknown => (Truth::Unknown, None),
                None => missing,
            };
        }
        let from = if asked.pkg == PkgId::UNIVERSE { PkgId::SELF } else { asked.pkg };
        match self.lookup(ty, from, asked.name) {
            Lookup::Method { method, indirect, .. } if method.pointer && !indirect => {
                (Truth::No, Some(Missing::Pointer(asked.name)))
            }
            Lookup::Method { method, .. } => self.same_signature(method.sig, asked),
            Lookup::Unknown => (Truth::Unknown, None),
            Lookup::Field { .. } | Lookup::NotFound | Lookup::Ambiguous => missing,
        }
    }

    fn same_signature(&self, sig: TypeId, asked: &InterfaceMethod) -> (Truth, Option<Missing>) {
        if self.identical(sig, asked.sig) {
            return if sig.is_unknown() { (Truth::Unknown, None) } else { (Truth::Yes, None) };
        }
        match self.certain(Truth::No, sig, asked.sig) {
            Truth::No => (Truth::No, Some(Missing::Signature(asked.name, sig, asked.sig))),
            _ => (Truth::Unknown, None),
        }
    }
}
