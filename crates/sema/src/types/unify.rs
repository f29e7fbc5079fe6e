//! Unification (Go spec, "Type unification"): which types the parameters of a generic function must stand for so that two
//! types match.

use std::rc::Rc;

use std::collections::BTreeMap;

use super::{ChanDir, InterfaceMethod, Lookup, Param, ParamId, PkgId, Signature, Store, Struct, Type, TypeId};

/// Deeper nested types do not unify; types that differ and refer to each other could be compared for ever.
const MAX_DEPTH: u32 = 50;

/// How closely two types must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// A defined type matches its underlying type, directions of channels do not count, and an interface matches what has
    /// its methods; so do their elements.
    Inexact,
    /// As inexact, but elements exactly: what may be assigned.
    Assign,
    /// The types must be made identical.
    Exact,
}

impl Match {
    fn of_elements(self) -> Match {
        if self == Match::Assign { Match::Exact } else { self }
    }
}

/// Stand-ins for lists of type parameters, by the first of the list and which copy it is.
pub(crate) type Renamed = BTreeMap<(ParamId, u32), Rc<[ParamId]>>;

/// Type parameters and what is inferred for them. What is not known matches everything, and makes the outcome unsure.
pub(crate) struct Unifier<'s> {
    store: &'s Store,
    params: &'s [ParamId],
    /// Which of `types` holds for the parameter: unified parameters share one.
    slots: Vec<usize>,
    types: Vec<Option<TypeId>>,
    depth: u32,
    /// Whether something that took part is not known.
    pub(crate) unsure: bool,
}

impl<'s> Unifier<'s> {
    /// A unifier for `params`, of which some types may be given.
    pub(crate) fn new(store: &'s Store, params: &'s [ParamId], types: Vec<Option<TypeId>>) -> Unifier<'s> {
        Unifier { store, params, slots: (0..params.len()).collect(), types, depth: 0, unsure: false }
    }

    /// What the parameter of that index stands for, as far as that is known.
    pub(crate) fn at(&self, index: usize) -> Option<TypeId> {
        self.types.get(*self.slots.get(index)?).copied().flatten()
    }

    /// Sets what the parameter of that index stands for.
    pub(crate) fn set(&mut self, index: usize, ty: TypeId) {
        if let Some(slot) = self.slots.get(index).and_then(|&slot| self.types.get_mut(slot)) {
            *slot = Some(ty);
        }
    }

    /// How many parameters are not inferred.
    pub(crate) fn unknowns(&self) -> usize {
        (0..self.params.len()).filter(|&index| self.at(index).is_none()).count()
    }

    /// What is inferred, in the order of the parameters.
    pub(crate) fn inferred(&self) -> Vec<Option<TypeId>> {
        (0..self.params.len()).map(|index| self.at(index)).collect()
    }

    fn bound(&self, ty: TypeId) -> Option<usize> {
        match self.store.get(ty) {
            Type::Param(id) => self.params.iter().position(|&param| param == id),
            _ => None,
        }
    }

    /// Makes two parameters one. Not where both have types.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let (Some(&from), Some(&to)) = (self.slots.get(a), self.slots.get(b)) else { return false };
        let (from, to) = match (self.at(a), self.at(b)) {
            _ if from == to => return true,
            (Some(_), Some(_)) => return false,
            (Some(_), None) => (to, from),
            _ => (from, to),
        };
        self.slots.iter_mut().filter(|slot| **slot == from).for_each(|slot| *slot = to);
        true
    }

    /// Tries to make two types match; parameters may get their types by that, even if it fails.
    pub(crate) fn unify(&mut self, x: TypeId, y: TypeId, how: Match) -> bool {
        if x == y {
            return true;
        }
        if self.depth >= MAX_DEPTH {
            return false;
        }
        self.depth += 1;
        let matched = self.different(x, y, how);
        self.depth -= 1;
        matched
    }

    fn is_named(&self, ty: TypeId) -> bool {
        matches!(self.store.get(ty), Type::Named(..))
    }

    fn is_literal(&self, ty: TypeId) -> bool {
        !matches!(self.store.get(ty), Type::Named(..) | Type::Param(_))
    }

    fn different(&mut self, mut x: TypeId, mut y: TypeId, how: Match) -> bool {
        // A defined type comes second, a parameter that is to be inferred first.
        if self.is_named(x) || self.bound(y).is_some() {
            (x, y) = (y, x);
        }
        if how != Match::Exact && self.is_named(y) && self.is_literal(x) && !self.store.is_interface(x) {
            y = self.store.underlying(y);
            if x == y {
                return true;
            }
        }
        match (self.bound(x), self.bound(y)) {
            (Some(a), Some(b)) => match (self.at(a), self.at(b)) {
                _ if self.join(a, b) => true,
                (Some(a), Some(b)) => self.unify(a, b, how),
                _ => false,
            },
            (Some(a), None) => self.infer(a, y, how),
            _ => self.structures(x, y, how),
        }
    }

    /// Matches a parameter with a type.
    fn infer(&mut self, index: usize, y: TypeId, how: Match) -> bool {
        let x = match self.at(index) {
            Some(x) if !x.is_unknown() => x,
            known => {
                self.unsure |= known.is_some() || y.is_unknown();
                self.set(index, y);
                return true;
            }
        };
        if !self.unify(x, y, how) {
            return false;
        }
        let store = self.store;
        let named = (self.is_named(x), self.is_named(y));
        match (store.is_interface(x), store.is_interface(y)) {
            // Neither has the better name.
            (true, true) if named == (true, true) => return store.identical(x, y),
            (true, true) if store.type_set(x).methods.len() != store.type_set(y).methods.len() => return false,
            (true, true) | (false, false) => {}
            // Which of them is meant would depend on their order.
            _ => return y.is_unknown(),
        }
        if how == Match::Exact || y.is_unknown() {
            return true;
        }
        // A defined type counts for more than a literal one, a directed channel for more than another: values of the
        // other can be assigned to it.
        let directed = || matches!(store.under(y), Type::Chan { dir, .. } if dir != ChanDir::Both);
        if !named.0 && (named.1 || directed()) {
            self.set(index, y);
        }
        true
    }

    /// Matches two types neither of which is a parameter that is to be inferred.
    fn structures(&mut self, mut x: TypeId, mut y: TypeId, how: Match) -> bool {
        if x.is_unknown() || y.is_unknown() {
            self.unsure = true;
            return true;
        }
        if how != Match::Exact {
            match (self.store.is_interface(x), self.store.is_interface(y)) {
                (true, true) => return self.interfaces(x, y, false),
                (true, false) => return self.has_methods(x, y),
                (false, true) => return self.has_methods(y, x),
                (false, false) => {}
            }
        }
        if self.store.is_param(y) {
            (x, y) = (y, x);
        }
        let elem = how.of_elements();
        match (self.store.get(x), self.store.get(y)) {
            (Type::Array { len: a, elem: x }, Type::Array { len: b, elem: y }) => {
                self.unsure |= a.is_none() || b.is_none();
                (a == b || a.is_none() || b.is_none()) && self.unify(x, y, elem)
            }
            (Type::Slice(x), Type::Slice(y)) | (Type::Pointer(x), Type::Pointer(y)) => self.unify(x, y, elem),
            (Type::Map { key: k, value: v }, Type::Map { key, value }) => {
                self.unify(k, key, elem) && self.unify(v, value, elem)
            }
            (Type::Chan { dir: a, elem: x }, Type::Chan { dir: b, elem: y }) => {
                (how != Match::Exact || a == b) && self.unify(x, y, elem)
            }
            (Type::Signature(a), Type::Signature(b)) => self.signatures(&a, &b, elem),
            (Type::Struct(a), Type::Struct(b)) => self.structs(&a, &b, elem),
            (Type::Tuple(a), Type::Tuple(b)) => self.lists(&a, &b, how),
            (Type::Interface(_), Type::Interface(_)) => self.interfaces(x, y, true),
            (Type::Named(a, of), Type::Named(b, with)) => self.lists(&of, &with, how) && a == b,
            // A parameter of the code around: what it stands for has its core type.
            (Type::Param(_), _) => match self.store.core_type(x) {
                Some(core) if !self.store.is_param(core) => self.unify(core, y, Match::Assign),
                _ => false,
            },
            _ => false,
        }
    }

    fn lists(&mut self, a: &[TypeId], b: &[TypeId], how: Match) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| self.unify(a, b, how))
    }

    fn signatures(&mut self, a: &Signature, b: &Signature, how: Match) -> bool {
        a.variadic == b.variadic && self.lists(&a.params, &b.params, how) && self.lists(&a.results, &b.results, how)
    }

    fn structs(&mut self, a: &Struct, b: &Struct, how: Match) -> bool {
        if a.hidden.is_some() || b.hidden.is_some() {
            self.unsure = true;
            return true;
        }
        a.fields.len() == b.fields.len()
            && a.fields.iter().zip(b.fields.iter()).all(|(a, b)| {
                (a.name, a.pkg, a.embedded, a.tag) == (b.name, b.pkg, b.embedded, b.tag) && self.unify(a.ty, b.ty, how)
            })
    }

    /// Two interfaces match if they have the same methods or, unless it must be exact, one has all of the other's.
    fn interfaces(&mut self, x: TypeId, y: TypeId, exact: bool) -> bool {
        let (a, b) = (self.store.type_set(x), self.store.type_set(y));
        if a.unknown || b.unknown {
            self.unsure = true;
            return true;
        }
        let same_terms = match (&a.terms, &b.terms) {
            (None, None) => true,
            (Some(a), Some(b)) => a.iter().all(|term| b.contains(term)) && b.iter().all(|term| a.contains(term)),
            _ => false,
        };
        if a.comparable != b.comparable || !same_terms || (exact && a.methods.len() != b.methods.len()) {
            return false;
        }
        let (few, many) = match a.methods.len() <= b.methods.len() {
            true => (&a.methods, &b.methods),
            false => (&b.methods, &a.methods),
        };
        let same = |a: &InterfaceMethod, b: &InterfaceMethod| a.name == b.name && a.pkg == b.pkg;
        few.iter().all(|method| match many.iter().find(|other| same(method, other)) {
            Some(other) => self.unify(method.sig, other.sig, Match::Exact),
            None => false,
        })
    }

    /// Matches the methods of an interface with those of a type that is none.
    fn has_methods(&mut self, interface: TypeId, ty: TypeId) -> bool {
        let set = self.store.type_set(interface);
        self.unsure |= set.unknown;
        set.methods.iter().all(|method| self.method(method, ty).unwrap_or(false))
    }

    /// Matches the signature of a method with that which `ty` has; none where it has no such method.
    pub(crate) fn method(&mut self, method: &InterfaceMethod, ty: TypeId) -> Option<bool> {
        let from = if method.pkg == PkgId::UNIVERSE { PkgId::SELF } else { method.pkg };
        match self.store.lookup(ty, from, method.name) {
            Lookup::Method { method: found, .. } => Some(self.unify(method.sig, found.sig, Match::Exact)),
            Lookup::Unknown => {
                self.unsure = true;
                Some(true)
            }
            _ => None,
        }
    }
}

impl Store {
    /// Whether one of the parameters occurs in the type.
    pub(crate) fn mentions(&self, ty: TypeId, params: &[ParamId]) -> bool {
        let shape = self.shape(ty);
        if params.is_empty() || !shape.has_param() || shape.is_deep() {
            return false;
        }
        match self.get(ty) {
            Type::Param(id) => params.contains(&id),
            structure => {
                let mut found = false;
                structure.each_part(|part| found = found || self.mentions(part, params));
                found
            }
        }
    }

    /// Other parameters that stand for these where a function's own are in what it is called with, as in a recursive call.
    /// The same ones for each `copy`.
    pub(crate) fn renamed(&self, params: &[ParamId], copy: u32) -> Rc<[ParamId]> {
        let Some(&first) = params.first() else { return Rc::from([]) };
        if let Some(known) = self.caches.renamed.borrow().get(&(first, copy)) {
            return Rc::clone(known);
        }
        let unset = |&id: &ParamId| self.add_param(Param { constraint: TypeId::UNKNOWN, ..self.param(id) });
        let renamed: Rc<[ParamId]> = params.iter().map(unset).collect();
        let types = self.param_types(&renamed);
        for (&old, &new) in params.iter().zip(renamed.iter()) {
            self.set_constraint(new, self.subst(self.param(old).constraint, params, &types));
        }
        self.caches.renamed.borrow_mut().insert((first, copy), Rc::clone(&renamed));
        renamed
    }

    /// The parameters as types.
    pub(crate) fn param_types(&self, params: &[ParamId]) -> Vec<TypeId> {
        params.iter().map(|&param| self.param_type(param)).collect()
    }
}
