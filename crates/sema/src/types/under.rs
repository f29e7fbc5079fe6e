//! Underlying types and core types (Go spec, "Underlying types"; "Core types" of the 1.24 edition).

use super::{ChanDir, Store, Term, Type, TypeId};

/// An answer that may not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum Truth {
    Yes,
    No,
    Unknown,
}

impl Truth {
    /// Yes or no.
    pub const fn of(known: bool) -> Truth {
        if known { Truth::Yes } else { Truth::No }
    }

    /// Whether all are so: one no decides.
    pub fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
        let mut all = Truth::Yes;
        for truth in truths {
            match truth {
                Truth::Yes => {}
                Truth::No => return Truth::No,
                Truth::Unknown => all = Truth::Unknown,
            }
        }
        all
    }
}

impl Store {
    /// The underlying type: of a type parameter its constraint's interface, of an instance with arguments put in.
    pub fn underlying(&self, ty: TypeId) -> TypeId {
        match self.get(ty) {
            Type::Named(..) if ty == TypeId::COMPARABLE => self.interface(&[], &[TypeId::COMPARABLE]),
            Type::Named(id, args) => {
                let named = self.named(id);
                if args.is_empty() || named.params.is_empty() || named.underlying.is_unknown() {
                    return named.underlying;
                }
                if let Some(&known) = self.caches.underlying.borrow().get(&ty) {
                    return known;
                }
                let underlying = self.subst(named.underlying, &named.params, &args);
                self.caches.underlying.borrow_mut().insert(ty, underlying);
                underlying
            }
            Type::Param(id) => {
                let constraint = self.param(id).constraint;
                let underlying = self.underlying_constraint(constraint);
                match self.get(underlying) {
                    Type::Unknown | Type::Interface(_) => underlying,
                    // `[P ~int]` is short for `[P interface{ ~int }]`.
                    _ => self.interface(&[], &[constraint]),
                }
            }
            _ => ty,
        }
    }

    /// A constraint that is itself a type parameter is wrong, and may go in circles.
    fn underlying_constraint(&self, constraint: TypeId) -> TypeId {
        match self.get(constraint) {
            Type::Param(_) => TypeId::UNKNOWN,
            _ => self.underlying(constraint),
        }
    }

    /// The structure of the underlying type.
    pub fn under(&self, ty: TypeId) -> Type {
        self.get(self.underlying(ty))
    }

    /// The single underlying type that all types of a type parameter's set share; of other types the underlying type.
    /// Channels may differ in direction where one is restricted. None where there is no such type.
    pub fn core_type(&self, ty: TypeId) -> Option<TypeId> {
        let Type::Param(_) = self.get(ty) else { return Some(self.underlying(ty)) };
        let set = self.type_set(ty);
        if set.unknown {
            return Some(TypeId::UNKNOWN);
        }
        let (first, rest) = set.terms.as_deref()?.split_first()?;
        let under = |term: &Term| self.underlying(term.ty);
        rest.iter().map(under).try_fold(under(first), |core, next| self.common(core, next))
    }

    /// The type that stands for both in a type set; of channels the one of restricted direction.
    fn common(&self, a: TypeId, b: TypeId) -> Option<TypeId> {
        if self.identical(a, b) {
            return Some(a);
        }
        match (self.get(a), self.get(b)) {
            (Type::Unknown, _) | (_, Type::Unknown) => Some(TypeId::UNKNOWN),
            (Type::Chan { dir: x, elem: of }, Type::Chan { dir: y, elem: with }) if self.identical(of, with) => {
                match (x, y) {
                    (ChanDir::Both, _) => Some(b),
                    (_, ChanDir::Both) => Some(a),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
