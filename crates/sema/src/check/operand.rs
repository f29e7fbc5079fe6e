//! What checking an expression yields (cf. go/types' `operand`).

use gopeer_syntax::ast::ExprId;

use crate::types::TypeId;
use crate::value::Value;

/// A predeclared function, or one of package unsafe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the Go function of the same name")]
pub enum Builtin {
    Append,
    Cap,
    Clear,
    Close,
    Complex,
    Copy,
    Delete,
    Imag,
    Len,
    Make,
    Max,
    Min,
    New,
    Panic,
    Print,
    Println,
    Real,
    Recover,
    UnsafeAdd,
    UnsafeAlignof,
    UnsafeOffsetof,
    UnsafeSizeof,
    UnsafeSlice,
    UnsafeSliceData,
    UnsafeString,
    UnsafeStringData,
}

/// How an expression can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is known, or an error was reported. The type is `UNKNOWN`.
    #[default]
    Unknown,
    /// A call without results.
    NoValue,
    /// A predeclared function.
    Builtin(Builtin),
    /// A type.
    Type,
    /// A constant; the operand has its value.
    Constant,
    /// An addressable variable.
    Variable,
    /// An element of a map: assignable, not addressable, and `v, ok` may be taken.
    MapIndex,
    /// A value.
    Value,
    /// The predeclared `nil`; the type is `untyped nil`.
    Nil,
    /// Like `Value`, but `v, ok` may be taken: a type assertion or a receive.
    CommaOk,
}

/// A checked expression.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    pub(crate) mode: Mode,
    /// The type; a `Tuple` for a call with several results.
    pub(crate) ty: TypeId,
    /// The constant's value; `Value::Unknown` otherwise, and where it cannot be known.
    pub(crate) value: Value,
    pub(crate) expr: ExprId,
}

impl Operand {
    pub(crate) fn unknown(expr: ExprId) -> Operand {
        Operand { mode: Mode::Unknown, ty: TypeId::UNKNOWN, value: Value::Unknown, expr }
    }

    pub(crate) fn new(mode: Mode, ty: TypeId, expr: ExprId) -> Operand {
        Operand { mode, ty, value: Value::Unknown, expr }
    }

    pub(crate) fn constant(ty: TypeId, value: Value, expr: ExprId) -> Operand {
        Operand { mode: Mode::Constant, ty, value, expr }
    }

    /// Whether nothing may be claimed of it.
    pub(crate) fn is_unknown(&self) -> bool {
        self.mode == Mode::Unknown || self.ty.is_unknown()
    }

    /// Makes it unknown, after an error or where knowledge ends.
    pub(crate) fn forget(&mut self) {
        *self = Operand::unknown(self.expr);
    }
}
