//! The predeclared basic types (Go spec, "Types") and the untyped kinds of constants ("Constants").

/// A basic type. `byte` and `rune` are [`Basic::Uint8`] and [`Basic::Int32`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is the Go type of the same name")]
pub enum Basic {
    Bool,
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
}

impl Basic {
    /// All, in order.
    pub const ALL: [Basic; 25] = {
        use Basic::*;
        [
            Bool,
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
        ]
    };

    /// The name as go/types writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Basic::Bool => "bool",
            Basic::Int => "int",
            Basic::Int8 => "int8",
            Basic::Int16 => "int16",
            Basic::Int32 => "int32",
            Basic::Int64 => "int64",
            Basic::Uint => "uint",
            Basic::Uint8 => "uint8",
            Basic::Uint16 => "uint16",
            Basic::Uint32 => "uint32",
            Basic::Uint64 => "uint64",
            Basic::Uintptr => "uintptr",
            Basic::Float32 => "float32",
            Basic::Float64 => "float64",
            Basic::Complex64 => "complex64",
            Basic::Complex128 => "complex128",
            Basic::String => "string",
            Basic::UnsafePointer => "unsafe.Pointer",
            Basic::UntypedBool => "untyped bool",
            Basic::UntypedInt => "untyped int",
            Basic::UntypedRune => "untyped rune",
            Basic::UntypedFloat => "untyped float",
            Basic::UntypedComplex => "untyped complex",
            Basic::UntypedString => "untyped string",
            Basic::UntypedNil => "untyped nil",
        }
    }

    /// Whether it is `bool`, typed or not.
    pub const fn is_boolean(self) -> bool {
        matches!(self, Basic::Bool | Basic::UntypedBool)
    }

    /// Whether it is an integer type, typed or not; untyped runes are integers.
    pub const fn is_integer(self) -> bool {
        (self as u8 >= Basic::Int as u8 && self as u8 <= Basic::Uintptr as u8)
            || matches!(self, Basic::UntypedInt | Basic::UntypedRune)
    }

    /// Whether it is an unsigned integer type.
    pub const fn is_unsigned(self) -> bool {
        self as u8 >= Basic::Uint as u8 && self as u8 <= Basic::Uintptr as u8
    }

    /// Whether it is a floating-point type, typed or not.
    pub const fn is_float(self) -> bool {
        matches!(self, Basic::Float32 | Basic::Float64 | Basic::UntypedFloat)
    }

    /// Whether it is a complex type, typed or not.
    pub const fn is_complex(self) -> bool {
        matches!(self, Basic::Complex64 | Basic::Complex128 | Basic::UntypedComplex)
    }

    /// Whether it is an integer, float or complex type.
    pub const fn is_numeric(self) -> bool {
        self.is_integer() || self.is_float() || self.is_complex()
    }

    /// Whether it is `string`, typed or not.
    pub const fn is_string(self) -> bool {
        matches!(self, Basic::String | Basic::UntypedString)
    }

    /// Whether values are ordered by `<`.
    pub const fn is_ordered(self) -> bool {
        self.is_integer() || self.is_float() || self.is_string()
    }

    /// Whether constants can have it.
    pub const fn is_const_type(self) -> bool {
        self.is_boolean() || self.is_numeric() || self.is_string()
    }

    /// Whether it is the type of an untyped constant or of `nil`.
    pub const fn is_untyped(self) -> bool {
        self as u8 >= Basic::UntypedBool as u8
    }

    /// The type an untyped value takes where none is asked for (Go spec, "Constants"); a typed one stays.
    pub const fn default_type(self) -> Basic {
        match self {
            Basic::UntypedBool => Basic::Bool,
            Basic::UntypedInt => Basic::Int,
            Basic::UntypedRune => Basic::Int32,
            Basic::UntypedFloat => Basic::Float64,
            Basic::UntypedComplex => Basic::Complex128,
            Basic::UntypedString => Basic::String,
            other => other,
        }
    }

    /// Bits of an integer type; `int`, `uint` and `uintptr` are taken as 64-bit. None for other types.
    pub const fn int_bits(self) -> Option<u32> {
        match self {
            Basic::Int8 | Basic::Uint8 => Some(8),
            Basic::Int16 | Basic::Uint16 => Some(16),
            Basic::Int32 | Basic::Uint32 => Some(32),
            Basic::Int | Basic::Int64 | Basic::Uint | Basic::Uint64 | Basic::Uintptr => Some(64),
            _ => None,
        }
    }
}
