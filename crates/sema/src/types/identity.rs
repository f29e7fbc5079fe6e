//! Type identity (Go spec, "Type identity").

use std::collections::HashSet;

use super::{Interface, Signature, Store, Struct, Term, Type, TypeId, TypeSet};

impl Store {
    /// Whether two types are identical. Types that hold something unknown are only if they are written the same.
    pub fn identical(&self, a: TypeId, b: TypeId) -> bool {
        a == b || Comparison { store: self, ignore_tags: false, seen: Vec::new() }.types(a, b)
    }

    /// Whether two types are identical but for the tags of structs.
    pub(crate) fn identical_but_tags(&self, a: TypeId, b: TypeId) -> bool {
        a == b || Comparison { store: self, ignore_tags: true, seen: Vec::new() }.types(a, b)
    }
}

/// Types of which no two are identical.
#[derive(Default)]
pub(crate) struct DistinctTypes {
    all: HashSet<TypeId>,
    /// Those that can be written in other ways, so that the id does not tell.
    with_interfaces: Vec<TypeId>,
}

impl DistinctTypes {
    /// Adds a type; false if an identical one is there.
    pub(crate) fn insert(&mut self, store: &Store, ty: TypeId) -> bool {
        let otherwise = store.shape(ty).has_interface();
        if self.all.contains(&ty) || otherwise && self.with_interfaces.iter().any(|&other| store.identical(other, ty)) {
            return false;
        }
        if otherwise {
            self.with_interfaces.push(ty);
        }
        self.all.insert(ty)
    }
}

struct Comparison<'s> {
    store: &'s Store,
    ignore_tags: bool,
    /// Pairs that were compared, or are being compared: all must be identical for the whole to be. An interface may refer to
    /// itself, and large types share parts.
    seen: Vec<(TypeId, TypeId)>,
}

impl Comparison<'_> {
    fn types(&mut self, a: TypeId, b: TypeId) -> bool {
        if a == b {
            return true;
        }
        let (x, y) = (self.store.shape(a), self.store.shape(b));
        let written_otherwise =
            (x.has_interface() && y.has_interface()) || (self.ignore_tags && (x.has_tag() || y.has_tag()));
        if !written_otherwise || x.is_deep() || y.is_deep() {
            return false;
        }
        if self.seen.contains(&(a, b)) {
            return true;
        }
        self.seen.push((a, b));
        match (self.store.get(a), self.store.get(b)) {
            (Type::Pointer(a), Type::Pointer(b)) | (Type::Slice(a), Type::Slice(b)) => self.types(a, b),
            (Type::Array { len: m, elem: a }, Type::Array { len: n, elem: b }) => m == n && self.types(a, b),
            (Type::Map { key: k, value: v }, Type::Map { key, value }) => self.types(k, key) && self.types(v, value),
            (Type::Chan { dir: d, elem: a }, Type::Chan { dir: e, elem: b }) => d == e && self.types(a, b),
            (Type::Tuple(a), Type::Tuple(b)) => self.lists(&a, &b),
            (Type::Signature(a), Type::Signature(b)) => self.signatures(&a, &b),
            (Type::Struct(a), Type::Struct(b)) => self.structs(&a, &b),
            (Type::Interface(x), Type::Interface(y)) => self.interfaces(a, b, &x, &y),
            (Type::Union(a), Type::Union(b)) => self.unions(&a, &b),
            (Type::Named(a, of), Type::Named(b, with)) => a == b && self.lists(&of, &with),
            _ => false,
        }
    }

    fn lists(&mut self, a: &[TypeId], b: &[TypeId]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| self.types(a, b))
    }

    fn signatures(&mut self, a: &Signature, b: &Signature) -> bool {
        a.variadic == b.variadic && self.lists(&a.params, &b.params) && self.lists(&a.results, &b.results)
    }

    fn structs(&mut self, a: &Struct, b: &Struct) -> bool {
        a.hidden == b.hidden
            && a.fields.len() == b.fields.len()
            && a.fields.iter().zip(b.fields.iter()).all(|(a, b)| {
                (a.name, a.pkg, a.embedded) == (b.name, b.pkg, b.embedded)
                    && (self.ignore_tags || a.tag == b.tag)
                    && self.types(a.ty, b.ty)
            })
    }

    fn interfaces(&mut self, a: TypeId, b: TypeId, x: &Interface, y: &Interface) -> bool {
        if x.embeds.is_empty() && y.embeds.is_empty() && x.methods.len() != y.methods.len() {
            return false;
        }
        let (x, y) = (self.store.type_set(a), self.store.type_set(b));
        !x.unknown && !y.unknown && x.comparable == y.comparable && self.same_terms(&x, &y) && self.methods(&x, &y)
    }

    fn methods(&mut self, x: &TypeSet, y: &TypeSet) -> bool {
        x.methods.len() == y.methods.len()
            && x.methods
                .iter()
                .zip(y.methods.iter())
                .all(|(x, y)| (x.name, x.pkg) == (y.name, y.pkg) && self.types(x.sig, y.sig))
    }

    fn same_terms(&self, x: &TypeSet, y: &TypeSet) -> bool {
        match (&x.terms, &y.terms) {
            (None, None) => true,
            (Some(x), Some(y)) => self.store.terms_cover(x, y) && self.store.terms_cover(y, x),
            _ => false,
        }
    }

    fn unions(&self, a: &[Term], b: &[Term]) -> bool {
        self.store.terms_cover(a, b) && self.store.terms_cover(b, a)
    }
}
