//! Relations between types (Go spec, "Type identity", "Assignability", "Conversions", "Comparison operators",
//! "Implementing an interface").

use super::{Store, Symbol, Truth, TypeId};

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

impl Store {
    /// Whether two types are identical.
    pub fn identical(&self, a: TypeId, b: TypeId) -> bool {
        a == b
    }

    /// Whether something in the type, looked at as deep as its structure goes, is not known.
    pub fn has_unknown(&self, ty: TypeId) -> bool {
        ty.is_unknown()
    }

    /// Whether a value of type `from` (typed) can be assigned to `to`.
    pub fn assignable(&self, _from: TypeId, _to: TypeId) -> Truth {
        Truth::Unknown
    }

    /// Whether a non-constant value of type `from` can be converted to `to`.
    pub fn convertible(&self, _from: TypeId, _to: TypeId) -> Truth {
        Truth::Unknown
    }

    /// Whether values are comparable with `==`; interfaces are, type parameters where their set is strictly so.
    pub fn comparable(&self, _ty: TypeId) -> Truth {
        Truth::Unknown
    }

    /// Whether `ty` implements an interface or satisfies a constraint; the reason where it does not.
    pub fn implements(&self, _ty: TypeId, _interface: TypeId) -> (Truth, Option<Missing>) {
        (Truth::Unknown, None)
    }
}
