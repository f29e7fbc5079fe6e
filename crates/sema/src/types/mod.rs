//! Types (Go spec, "Types"): how they are represented, and where they live.
//!
//! A type is a [`TypeId`] into a [`Store`], which keeps each structure once. Two types with one id are identical; two
//! with different ids are identical only where an interface literal is involved (its methods can be written in many
//! ways), so ask [`Store::identical`]. `TypeId::UNKNOWN` is what cannot be known: whatever touches it is silent.
//!
//! Recursion goes through [`Type::Named`] only. Aliases are transparent: an alias is an object whose type is the type it
//! stands for. Parameter names are not part of a type; objects keep them.

mod basic;
mod identity;
mod lookup;
mod members;
mod relation;
mod shape;
mod show;
mod sizes;
mod store;
mod subst;
mod typeset;
mod under;
pub(crate) mod unify;

use std::rc::Rc;

use std::collections::BTreeMap;

pub use basic::Basic;
pub use gopeer_syntax::ast::ChanDir;
pub(crate) use identity::DistinctTypes;
pub use lookup::Lookup;
pub use relation::Missing;
pub(crate) use shape::Walk;
pub use store::{Package, Store};
pub use typeset::TypeSet;
pub use under::Truth;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The index into the store's table.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// An interned string.
    Symbol
);
id!(
    /// A package: this one, or one that is imported, known or not.
    PkgId
);
id!(
    /// A type.
    TypeId
);
id!(
    /// A defined type (`type T …`), generic or not.
    NamedId
);
id!(
    /// A type parameter.
    ParamId
);
id!(
    /// A package-level object.
    ObjId
);

impl TypeId {
    /// What cannot be known.
    pub const UNKNOWN: TypeId = TypeId(0);
    /// The empty tuple: what a call without results yields.
    pub const VOID: TypeId = TypeId(26);
    /// `any`.
    pub const ANY: TypeId = TypeId(27);
    /// `error`.
    pub const ERROR: TypeId = TypeId(28);
    /// `comparable`.
    pub const COMPARABLE: TypeId = TypeId(29);

    /// A basic type.
    pub const fn basic(basic: Basic) -> TypeId {
        TypeId(1 + basic as u32)
    }

    /// Whether it is not known.
    pub const fn is_unknown(self) -> bool {
        self.0 == 0
    }
}

impl From<Basic> for TypeId {
    fn from(basic: Basic) -> TypeId {
        TypeId::basic(basic)
    }
}

impl PkgId {
    /// The universe: the package of `error` and `comparable`.
    pub const UNIVERSE: PkgId = PkgId(0);
    /// The package that is being checked.
    pub const SELF: PkgId = PkgId(1);
}

/// The structure of a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Not known.
    Unknown,
    /// A predeclared basic type, or the type of an untyped constant.
    Basic(Basic),
    /// `*T`.
    Pointer(TypeId),
    /// `[]T`.
    Slice(TypeId),
    /// `[len]elem`; no `len` where it is not known, and then nothing that depends on it may be claimed.
    Array {
        /// How many elements.
        len: Option<u64>,
        /// The element type.
        elem: TypeId,
    },
    /// `map[key]value`.
    Map {
        /// Key type.
        key: TypeId,
        /// Value type.
        value: TypeId,
    },
    /// A channel type.
    Chan {
        /// Direction.
        dir: ChanDir,
        /// Element type.
        elem: TypeId,
    },
    /// The results of a call with none or several.
    Tuple(Rc<[TypeId]>),
    /// A function type.
    Signature(Rc<Signature>),
    /// A struct type.
    Struct(Rc<Struct>),
    /// An interface type.
    Interface(Rc<Interface>),
    /// `~A | B`: an element of a constraint.
    Union(Rc<[Term]>),
    /// A defined type; the arguments are empty unless it is an instance. A generic type without arguments stands for
    /// itself before instantiation.
    Named(NamedId, Rc<[TypeId]>),
    /// A type parameter.
    Param(ParamId),
}

/// A function type. The type parameters of a generic function are with its object, as `Type::Param`s inside this.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Parameter types; of a variadic function the last is the slice `[]T`.
    pub params: Rc<[TypeId]>,
    /// Result types.
    pub results: Rc<[TypeId]>,
    /// Whether the last parameter is `...T`.
    pub variadic: bool,
}

/// A struct type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Struct {
    /// The fields in order; blank ones are named `_`.
    pub fields: Rc<[Field]>,
    /// What is known of fields that an index left out: then there may be more than `fields`.
    pub hidden: Option<Hidden>,
}

/// Unexported fields of another package's struct, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hidden {
    /// Whether all of them are comparable.
    pub comparable: bool,
    /// Whether one must not be copied (a lock, a `noCopy`).
    pub no_copy: bool,
    /// Bytes of the whole struct on a 64-bit machine; zero where not known.
    pub size: u32,
}

/// A field of a struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name; that of the type for an embedded one.
    pub name: Symbol,
    /// The package whose code may name it; [`PkgId::UNIVERSE`] for exported names, which all may.
    pub pkg: PkgId,
    /// Its type.
    pub ty: TypeId,
    /// Whether it is embedded.
    pub embedded: bool,
    /// The tag's value, unquoted.
    pub tag: Option<Symbol>,
}

/// An interface type as written; [`Store::type_set`] says what it amounts to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interface {
    /// Methods written here, sorted by name.
    pub methods: Rc<[InterfaceMethod]>,
    /// Embedded elements: interfaces, types, unions.
    pub embeds: Rc<[TypeId]>,
}

/// A method of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InterfaceMethod {
    /// Its name.
    pub name: Symbol,
    /// As [`Field::pkg`].
    pub pkg: PkgId,
    /// Its signature.
    pub sig: TypeId,
}

/// A term of a union: `T` or `~T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// Whether written with `~`.
    pub tilde: bool,
    /// The type.
    pub ty: TypeId,
}

/// What is known of a defined type.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its name.
    pub name: Symbol,
    /// Its package.
    pub pkg: PkgId,
    /// Its package-level object; none for a type declared inside a function, and for `error` and `comparable`.
    pub object: Option<ObjId>,
    /// Its type parameters.
    pub params: Rc<[ParamId]>,
    /// The underlying type, in terms of `params`; unknown until it is declared, and where it cannot be known.
    pub underlying: TypeId,
    /// Methods declared on it (not promoted ones), in order of name. Empty for interfaces: those are in `underlying`.
    pub methods: Rc<[Method]>,
    /// Whether all its methods are known. Not so where other files of the package may declare more.
    pub complete: bool,
}

/// A method declared on a type.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Its name.
    pub name: Symbol,
    /// As [`Field::pkg`].
    pub pkg: PkgId,
    /// Whether the receiver is a pointer.
    pub pointer: bool,
    /// Its signature without receiver, in terms of the type's parameters; unknown until it is declared.
    pub sig: TypeId,
}

/// A type parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: Symbol,
    /// Its place in its list.
    pub index: u32,
    /// Its constraint: an interface, or a named interface, or a union or type where `interface{…}` is left out around it.
    pub constraint: TypeId,
}

/// A package-level object of this package or of an imported one.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its name.
    pub name: Symbol,
    /// Its package.
    pub pkg: PkgId,
    /// What it is.
    pub kind: crate::ObjectKind,
    /// Its type: of a function its signature, of a type name the type (a generic type without arguments).
    pub ty: TypeId,
    /// The value of a constant.
    pub value: crate::value::Value,
    /// Type parameters of a generic function or generic alias. (A generic defined type has its own.)
    pub params: Rc<[ParamId]>,
    /// Where a type name is an alias.
    pub alias: bool,
    /// Where it is declared, if in this package.
    pub site: Option<Site>,
}

/// Where a package-level object of this package is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Index of the file in the package.
    pub file: u32,
    /// Index of the piece in the file.
    pub piece: u32,
    /// The declaring `Ident` in the piece's tree.
    pub ident: gopeer_syntax::ast::ExprId,
}

/// Answers worked out before, by type.
#[derive(Default)]
pub(crate) struct Caches {
    pub(crate) underlying: std::cell::RefCell<BTreeMap<TypeId, TypeId>>,
    pub(crate) shapes: std::cell::RefCell<Vec<shape::Shape>>,
    pub(crate) type_sets: std::cell::RefCell<BTreeMap<TypeId, Rc<TypeSet>>>,
    pub(crate) renamed: std::cell::RefCell<unify::Renamed>,
    pub(crate) fields: members::Members<Field>,
    pub(crate) methods: members::Members<Method>,
    pub(crate) interface_methods: members::Members<InterfaceMethod>,
    pub(crate) constants: std::cell::OnceCell<BTreeMap<TypeId, Vec<crate::value::Value>>>,
}
