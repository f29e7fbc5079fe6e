//! Type expressions (Go spec, "Types").

use std::rc::Rc;

use gopeer_syntax::ast::{ExprId, FieldList};

use super::{Checker, FuncContext};
use crate::types::{ParamId, TypeId};

impl Checker<'_> {
    /// The type that an expression denotes, recorded; unknown, after a report where that is certain, if it is none.
    pub(crate) fn ty(&mut self, _id: ExprId) -> TypeId {
        TypeId::UNKNOWN
    }

    /// The type if the expression denotes one (it may be generic and not instantiated), none if it is a value.
    /// Nothing is reported or recorded.
    pub(crate) fn denotes_type(&self, _id: ExprId) -> bool {
        false
    }

    /// Declares type parameters and gives their ids; `known` are those of an earlier look at the same declaration.
    pub(crate) fn type_params(&mut self, _fields: FieldList, _known: &[ParamId]) -> Rc<[ParamId]> {
        Rc::new([])
    }

    /// The signature of an `Expr::FuncType`, with its parameters and results declared as locals, and what its body needs
    /// to know. Type parameters are declared before, with [`Checker::type_params`].
    pub(crate) fn signature(&mut self, _ty: ExprId) -> (TypeId, FuncContext) {
        (TypeId::UNKNOWN, FuncContext::default())
    }

    /// The instance of a generic defined type or alias. Whether the arguments satisfy the constraints is checked later.
    pub(crate) fn instantiate(&mut self, _at: ExprId, _generic: TypeId, _args: &[TypeId]) -> TypeId {
        TypeId::UNKNOWN
    }
}
