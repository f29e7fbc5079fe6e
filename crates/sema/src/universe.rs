//! The universe block (Go spec, "Predeclared identifiers").

use crate::Builtin;
use crate::types::{Basic, TypeId};

/// What a predeclared name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predeclared {
    /// A type.
    Type(TypeId),
    /// A function.
    Builtin(Builtin),
    /// `true` or `false`.
    Bool(bool),
    /// `nil`.
    Nil,
    /// `iota`.
    Iota,
}

use Predeclared::{Bool, Iota, Nil};

const fn ty(basic: Basic) -> Predeclared {
    Predeclared::Type(TypeId::basic(basic))
}

const fn builtin(builtin: Builtin) -> Predeclared {
    Predeclared::Builtin(builtin)
}

const NAMES: &[(&str, Predeclared)] = &[
    ("any", Predeclared::Type(TypeId::ANY)),
    ("append", builtin(Builtin::Append)),
    ("bool", ty(Basic::Bool)),
    ("byte", ty(Basic::Uint8)),
    ("cap", builtin(Builtin::Cap)),
    ("clear", builtin(Builtin::Clear)),
    ("close", builtin(Builtin::Close)),
    ("comparable", Predeclared::Type(TypeId::COMPARABLE)),
    ("complex", builtin(Builtin::Complex)),
    ("complex128", ty(Basic::Complex128)),
    ("complex64", ty(Basic::Complex64)),
    ("copy", builtin(Builtin::Copy)),
    ("delete", builtin(Builtin::Delete)),
    ("error", Predeclared::Type(TypeId::ERROR)),
    ("false", Bool(false)),
    ("float32", ty(Basic::Float32)),
    ("float64", ty(Basic::Float64)),
    ("imag", builtin(Builtin::Imag)),
    ("int", ty(Basic::Int)),
    ("int16", ty(Basic::Int16)),
    ("int32", ty(Basic::Int32)),
    ("int64", ty(Basic::Int64)),
    ("int8", ty(Basic::Int8)),
    ("iota", Iota),
    ("len", builtin(Builtin::Len)),
    ("make", builtin(Builtin::Make)),
    ("max", builtin(Builtin::Max)),
    ("min", builtin(Builtin::Min)),
    ("new", builtin(Builtin::New)),
    ("nil", Nil),
    ("panic", builtin(Builtin::Panic)),
    ("print", builtin(Builtin::Print)),
    ("println", builtin(Builtin::Println)),
    ("real", builtin(Builtin::Real)),
    ("recover", builtin(Builtin::Recover)),
    ("rune", ty(Basic::Int32)),
    ("string", ty(Basic::String)),
    ("true", Bool(true)),
    ("uint", ty(Basic::Uint)),
    ("uint16", ty(Basic::Uint16)),
    ("uint32", ty(Basic::Uint32)),
    ("uint64", ty(Basic::Uint64)),
    ("uint8", ty(Basic::Uint8)),
    ("uintptr", ty(Basic::Uintptr)),
];

/// What the name is, if it is predeclared.
pub fn predeclared(name: &str) -> Option<Predeclared> {
    NAMES.binary_search_by_key(&name, |(known, _)| known).ok().and_then(|at| NAMES.get(at)).map(|(_, what)| *what)
}

/// Whether the name is predeclared.
pub(crate) fn contains(name: &str) -> bool {
    predeclared(name).is_some()
}

#[cfg(test)]
mod tests {
    #[test]
    fn sorted() {
        assert!(super::NAMES.is_sorted_by_key(|(name, _)| name));
    }
}
