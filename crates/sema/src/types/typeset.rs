//! Type sets (Go spec, "Interface types", "General interfaces").

use std::rc::Rc;

use std::collections::{BTreeMap, HashSet};

use super::{InterfaceMethod, PkgId, Store, Symbol, Term, Truth, Type, TypeId};

/// Larger unions are not known.
const MAX_TERMS: usize = 1000;

/// Nor are interfaces that embed each other in a longer chain.
const MAX_DEPTH: u32 = 100;

/// Nor those that embed more others: instances may embed ever more instances.
const MAX_SETS: usize = 200;

/// What an interface, or the constraint of a type parameter, amounts to.
#[derive(Clone, Debug)]
pub struct TypeSet {
    /// All methods, embedded ones included, sorted by name.
    pub methods: Rc<[InterfaceMethod]>,
    /// The types in it; none for all types. Empty where no type can satisfy it.
    pub terms: Option<Rc<[Term]>>,
    /// Whether `comparable` is asked for. Not set where `terms` are known: then those that are not comparable are left out.
    pub comparable: bool,
    /// Whether something in it is not known: then there may be more methods and fewer types.
    pub unknown: bool,
}

impl TypeSet {
    /// Whether no type is in it.
    pub fn is_empty(&self) -> bool {
        self.terms.as_ref().is_some_and(|terms| terms.is_empty())
    }

    /// The method of that name, as interfaces keep it: exported ones are of package [`PkgId::UNIVERSE`].
    pub(crate) fn method(&self, store: &Store, name: Symbol, pkg: PkgId) -> Option<&InterfaceMethod> {
        let visible = |method: &InterfaceMethod| method.pkg == PkgId::UNIVERSE || method.pkg == pkg;
        self.methods.get(store.caches.interface_methods.position(&self.methods, name, visible)?)
    }
}

/// A type set in the making.
#[derive(Default)]
struct Draft {
    methods: Vec<InterfaceMethod>,
    /// The names of the methods, each with the package that may name it.
    names: HashSet<(Symbol, PkgId)>,
    terms: Option<Vec<Term>>,
    comparable: bool,
    unknown: bool,
}

impl Store {
    /// The type set of an interface type, defined interface or type parameter; of another type, which stands for a
    /// constraint with that one element, the set of that type.
    pub fn type_set(&self, ty: TypeId) -> Rc<TypeSet> {
        if let Some(known) = self.caches.type_sets.borrow().get(&ty) {
            return Rc::clone(known);
        }
        let mut sets = Sets { store: self, done: BTreeMap::default(), depth: 0, sets: 0 };
        let set = sets.of(ty);
        // What is not known may yet be: a type may wait for its declaration.
        let mut known = self.caches.type_sets.borrow_mut();
        known.extend(sets.done.into_iter().filter(|(_, set)| !set.unknown));
        set
    }
}

struct Sets<'s> {
    store: &'s Store,
    /// Unknown while an interface is gone through: one that embeds itself is wrong.
    done: BTreeMap<TypeId, Rc<TypeSet>>,
    depth: u32,
    sets: usize,
}

impl Sets<'_> {
    fn of(&mut self, ty: TypeId) -> Rc<TypeSet> {
        if let Some(known) = self.store.caches.type_sets.borrow().get(&ty) {
            return Rc::clone(known);
        }
        if let Some(known) = self.done.get(&ty) {
            return Rc::clone(known);
        }
        let unknown = self.finish(Draft { unknown: true, ..Draft::default() });
        if self.depth == MAX_DEPTH || self.sets == MAX_SETS {
            return unknown;
        }
        self.done.insert(ty, Rc::clone(&unknown));
        self.sets += 1;
        self.depth += 1;
        let draft = self.draft(ty);
        self.depth -= 1;
        let set = self.finish(draft);
        self.done.insert(ty, Rc::clone(&set));
        set
    }

    fn draft(&mut self, ty: TypeId) -> Draft {
        let under = self.store.underlying(ty);
        let mut draft = Draft::default();
        match self.store.get(under) {
            Type::Interface(of) => {
                draft.methods.extend(of.methods.iter());
                draft.names.extend(of.methods.iter().map(|method| (method.name, method.pkg)));
                of.embeds.iter().for_each(|&embed| self.embed(&mut draft, embed));
            }
            _ => self.embed(&mut draft, ty),
        }
        draft
    }

    fn embed(&mut self, draft: &mut Draft, ty: TypeId) {
        if ty == TypeId::COMPARABLE {
            draft.comparable = true;
            return;
        }
        let store = self.store;
        match (store.get(ty), store.under(ty)) {
            (Type::Param(_), _) | (_, Type::Unknown) => draft.unknown = true,
            (_, Type::Interface(_)) => {
                let set = self.of(ty);
                for method in set.methods.iter() {
                    if draft.names.insert((method.name, method.pkg)) {
                        draft.methods.push(*method);
                    }
                }
                draft.comparable |= set.comparable;
                draft.unknown |= set.unknown;
                if let Some(terms) = &set.terms {
                    self.intersect(draft, terms);
                }
            }
            (Type::Union(terms), _) => {
                if let Some(terms) = self.union(draft, &terms) {
                    self.intersect(draft, &terms);
                }
            }
            _ => self.intersect(draft, &[Term { tilde: false, ty }]),
        }
    }

    /// The terms of a union; none where it holds all types.
    fn union(&mut self, draft: &mut Draft, union: &[Term]) -> Option<Vec<Term>> {
        let store = self.store;
        let mut terms: Vec<Term> = Vec::new();
        for term in union {
            match (store.get(term.ty), store.under(term.ty)) {
                (Type::Param(_), _) | (_, Type::Unknown) => draft.unknown = true,
                (_, Type::Interface(_)) => {
                    let set = self.of(term.ty);
                    draft.unknown |= set.unknown;
                    set.terms.as_ref()?.iter().for_each(|&term| self.add(&mut terms, term));
                }
                _ => {
                    let ty = if term.tilde { store.underlying(term.ty) } else { term.ty };
                    self.add(&mut terms, Term { ty, ..*term });
                }
            }
            if terms.len() > MAX_TERMS {
                draft.unknown = true;
                return None;
            }
        }
        Some(terms)
    }

    /// Adds a term unless another one includes it.
    fn add(&self, terms: &mut Vec<Term>, new: Term) {
        if !terms.iter().any(|&term| self.store.term_includes(term, new)) {
            terms.retain(|&term| !self.store.term_includes(new, term));
            terms.push(new);
        }
    }

    fn intersect(&self, draft: &mut Draft, with: &[Term]) {
        let Some(terms) = draft.terms.take() else {
            draft.terms = Some(with.to_vec());
            return;
        };
        let mut both = Vec::new();
        for &a in &terms {
            for &b in with {
                if self.store.term_includes(a, b) {
                    self.add(&mut both, b);
                } else if self.store.term_includes(b, a) {
                    self.add(&mut both, a);
                }
            }
        }
        draft.terms = Some(both);
    }

    fn finish(&self, mut draft: Draft) -> Rc<TypeSet> {
        if let Some(terms) = &mut draft.terms
            && std::mem::take(&mut draft.comparable)
        {
            terms.retain(|term| match self.store.strictly_comparable(term.ty) {
                Truth::Unknown => {
                    draft.unknown = true;
                    true
                }
                known => known == Truth::Yes,
            });
        }
        if draft.methods.len() > 1 {
            draft.methods.sort_by_key(|method| (self.store.text(method.name), method.pkg));
        }
        let Draft { methods, terms, comparable, unknown, .. } = draft;
        Rc::new(TypeSet { methods: methods.into(), terms: terms.map(Into::into), comparable, unknown })
    }
}

impl Store {
    /// Whether all types of term `b` are in term `a`.
    fn term_includes(&self, a: Term, b: Term) -> bool {
        match (a.tilde, b.tilde) {
            (true, _) => self.identical(a.ty, self.underlying(b.ty)),
            (false, false) => self.identical(a.ty, b.ty),
            (false, true) => false,
        }
    }

    /// Whether a type is in the terms of a type set.
    pub(crate) fn terms_include(&self, terms: &[Term], ty: TypeId) -> bool {
        self.terms_cover(terms, &[Term { tilde: false, ty }])
    }

    /// Whether all types of the terms `of` are in `terms`.
    pub(crate) fn terms_cover(&self, terms: &[Term], of: &[Term]) -> bool {
        of.iter().all(|&inner| terms.iter().any(|&outer| self.term_includes(outer, inner)))
    }
}
