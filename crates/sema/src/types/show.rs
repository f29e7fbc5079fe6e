//! Types as text.

use super::{Store, TypeId};

impl Store {
    /// The type as Go code of this package would write it: `*http.Client`, `map[string]T`; packages by name, this one's
    /// names bare. `byte` for uint8, `any` for the empty interface.
    pub fn show(&self, _ty: TypeId) -> String {
        String::new()
    }

    /// The type with packages by path, as go/types' `TypeString(t, nil)` writes it, aliases resolved.
    pub fn show_full(&self, _ty: TypeId) -> String {
        String::new()
    }
}
