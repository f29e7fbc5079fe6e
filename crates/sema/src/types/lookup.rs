//! Fields and methods, promoted ones included (Go spec, "Selectors", "Struct types", "Method sets").

use std::rc::Rc;

use super::{Field, Method, NamedId, PkgId, Store, TypeId};

/// What `x.name` finds.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// A field: its owner as in [`crate::Selection`], the path of indexes to it, whether a pointer was followed.
    Field {
        /// The field, with type arguments put in.
        field: Field,
        /// The named type whose struct has it.
        owner: Option<NamedId>,
        /// Indexes of the embedded fields passed, and its own.
        path: Rc<[u32]>,
        /// Whether a pointer was followed on the way.
        indirect: bool,
    },
    /// A method.
    Method {
        /// The method; `sig` with type arguments put in. Of an interface `pointer` is false.
        method: Method,
        /// The named type that declares it, or the named interface.
        owner: Option<NamedId>,
        /// Indexes of the embedded fields passed.
        path: Rc<[u32]>,
        /// Whether a pointer was followed on the way, that to the receiver included.
        indirect: bool,
    },
    /// There is no such field or method, for certain.
    NotFound,
    /// Two of the same depth.
    Ambiguous,
    /// There may be one, where something is not known.
    Unknown,
}

impl Store {
    /// Finds field or method `name` of `ty`, as code of package `from` sees it.
    pub fn lookup(&self, _ty: TypeId, _from: PkgId, _name: super::Symbol) -> Lookup {
        Lookup::Unknown
    }
}
