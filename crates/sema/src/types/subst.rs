//! Substitution of type arguments for type parameters.
use super::{ParamId, Store, TypeId};

impl Store {
    /// `ty` with each of `params` replaced by the argument of the same index.
    pub fn subst(&self, ty: TypeId, _params: &[ParamId], _args: &[TypeId]) -> TypeId {
        ty
    }
}
