//! The types of an index, as views into its module.

use crate::decode::{FieldRec, Pair};
use crate::{Module, TypeRef};

/// A basic type: a predeclared one, `unsafe.Pointer`, or the kind of an untyped constant (Go spec, "Types", "Constants").
/// `byte` and `rune` are kept apart from `uint8` and `int32`, which they are identical to, because people read them so.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Basic {
    Bool = 1,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
    Float32,
    Float64,
    Complex64,
    Complex128,
    String,
    UnsafePointer,
    UntypedBool,
    UntypedInt,
    UntypedRune,
    UntypedFloat,
    UntypedComplex,
    UntypedString,
    UntypedNil,
    Byte,
    Rune,
}

const BASICS: [(Basic, &str); 27] = [
    (Basic::Bool, "bool"),
    (Basic::Int, "int"),
    (Basic::Int8, "int8"),
    (Basic::Int16, "int16"),
    (Basic::Int32, "int32"),
    (Basic::Int64, "int64"),
    (Basic::Uint, "uint"),
    (Basic::Uint8, "uint8"),
    (Basic::Uint16, "uint16"),
    (Basic::Uint32, "uint32"),
    (Basic::Uint64, "uint64"),
    (Basic::Uintptr, "uintptr"),
    (Basic::Float32, "float32"),
    (Basic::Float64, "float64"),
    (Basic::Complex64, "complex64"),
    (Basic::Complex128, "complex128"),
    (Basic::String, "string"),
    (Basic::UnsafePointer, "unsafe.Pointer"),
    (Basic::UntypedBool, "untyped bool"),
    (Basic::UntypedInt, "untyped int"),
    (Basic::UntypedRune, "untyped rune"),
    (Basic::UntypedFloat, "untyped float"),
    (Basic::UntypedComplex, "untyped complex"),
    (Basic::UntypedString, "untyped string"),
    (Basic::UntypedNil, "untyped nil"),
    (Basic::Byte, "byte"),
    (Basic::Rune, "rune"),
];

impl Basic {
    /// As go/types writes it.
    pub fn name(self) -> &'static str {
        BASICS.get(self as usize - 1).map_or("", |(_, name)| name)
    }

    pub(crate) fn at(number: u32) -> Option<Basic> {
        BASICS.get((number as usize).checked_sub(1)?).map(|(basic, _)| *basic)
    }
}

impl TypeRef {
    /// The type that is not known.
    pub const UNKNOWN: TypeRef = TypeRef(0);
    /// The predeclared `error`.
    pub const ERROR: TypeRef = TypeRef(28);
    /// The predeclared `any`.
    pub const ANY: TypeRef = TypeRef(29);
    /// The predeclared `comparable`.
    pub const COMPARABLE: TypeRef = TypeRef(30);
    /// Numbers below this mean the same in every module.
    pub(crate) const UNIVERSAL: u32 = 31;

    /// A basic type, the same in every module.
    pub const fn basic(basic: Basic) -> TypeRef {
        TypeRef(basic as u32)
    }
}

/// The direction of a channel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChanDir {
    /// `chan T`
    Both,
    /// `chan<- T`
    Send,
    /// `<-chan T`
    Recv,
}

/// A type, one level deep. Operands are references into the same module.
#[derive(Clone, Copy)]
pub enum Type<'m> {
    /// Not known: damaged, or out of reach of the index.
    Unknown,
    /// A basic type.
    Basic(Basic),
    /// The predeclared `error`.
    Error,
    /// The predeclared `any`.
    Any,
    /// The predeclared `comparable`.
    Comparable,
    /// `*T`
    Pointer(TypeRef),
    /// `[]T`
    Slice(TypeRef),
    /// `[len]T`
    Array {
        /// Number of elements; -1 if not known.
        len: i64,
        /// Type of an element.
        elem: TypeRef,
    },
    /// `map[key]elem`
    Map {
        /// Type of a key.
        key: TypeRef,
        /// Type of an element.
        elem: TypeRef,
    },
    /// A channel.
    Chan {
        /// Which operations it allows.
        dir: ChanDir,
        /// Type of an element.
        elem: TypeRef,
    },
    /// A function's type, without receiver and type parameters.
    Signature(Signature<'m>),
    /// A struct.
    Struct(Struct<'m>),
    /// An interface or a constraint.
    Interface(Interface<'m>),
    /// `A | ~B`, as a constraint embeds it.
    Union(Union<'m>),
    /// A declared type, or an alias, of any module, with its type arguments. Look it up to tell which.
    Named(Named<'m>),
    /// A type parameter of the enclosing declaration; in a method, of its receiver's type.
    Param(u16),
}

/// Parameters and results of a function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature<'m> {
    /// Types of the parameters; the last one of a variadic function is a slice (or `string`, in `append`'s manner).
    pub params: &'m [TypeRef],
    /// Types of the results.
    pub results: &'m [TypeRef],
    /// Whether the last parameter is `...T`.
    pub variadic: bool,
}

/// A declared type's name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Named<'m> {
    /// Import path of the package that declares it.
    pub package: &'m str,
    /// Its name there.
    pub name: &'m str,
    /// Type arguments; empty if it is not generic.
    pub args: &'m [TypeRef],
}

/// A struct's fields.
#[derive(Clone, Copy)]
pub struct Struct<'m> {
    pub(crate) module: &'m Module,
    pub(crate) fields: &'m [FieldRec],
    /// What is known of the fields that are not listed; None if all are.
    pub hidden: Option<Hidden>,
}

impl<'m> Struct<'m> {
    /// The exported fields and those embedded ones that promote something, in the order of the source.
    pub fn fields(self) -> impl ExactSizeIterator<Item = Field<'m>> + use<'m> {
        self.fields.iter().map(move |field| self.module.field(field))
    }
}

/// Unexported fields that are summed up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Hidden {
    /// Whether all of them can be compared with `==`.
    pub comparable: bool,
    /// Whether one of them must not be copied after first use (contains a lock, an atomic value, a `noCopy`).
    pub no_copy: bool,
    /// Bytes of the whole struct on amd64.
    pub size: u32,
}

/// A field of a struct.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field<'m> {
    /// Its name; of an embedded field the name of its type.
    pub name: &'m str,
    /// Import path of the package that an unexported name belongs to.
    pub package: Option<&'m str>,
    /// Its type.
    pub ty: TypeRef,
    /// Whether it is embedded.
    pub embedded: bool,
    /// Its tag; empty if it has none or tags are not kept.
    pub tag: &'m str,
}

/// An interface's own methods and what it embeds.
#[derive(Clone, Copy)]
pub struct Interface<'m> {
    pub(crate) module: &'m Module,
    pub(crate) methods: &'m [FieldRec],
    /// Embedded interfaces, and the union or type that a constraint names.
    pub embeds: &'m [TypeRef],
}

impl<'m> Interface<'m> {
    /// Its explicit methods: name, package if unexported, and signature as `ty`.
    pub fn methods(self) -> impl ExactSizeIterator<Item = Field<'m>> + use<'m> {
        self.methods.iter().map(move |method| self.module.field(method))
    }
}

/// The terms of a constraint.
#[derive(Clone, Copy)]
pub struct Union<'m>(pub(crate) &'m [Pair]);

impl<'m> Union<'m> {
    /// Each term: whether it is `~T`, and `T`.
    pub fn terms(self) -> impl ExactSizeIterator<Item = (bool, TypeRef)> + use<'m> {
        self.0.iter().map(|pair| (pair.tilde, pair.ty))
    }
}
