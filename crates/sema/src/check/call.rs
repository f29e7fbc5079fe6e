//! Calls, conversions, builtins, instantiation (Go spec, "Calls", "Conversions", "Built-in functions", "Instantiations").

use gopeer_syntax::ast::ExprId;

use super::{Checker, Operand};
use crate::types::TypeId;

impl Checker<'_> {
    /// Checks the `Call` expression `id`: a call, a conversion or a builtin. The result is not yet recorded.
    pub(crate) fn call(&mut self, id: ExprId, _hint: Option<TypeId>) -> Operand {
        Operand::unknown(id)
    }

    /// Checks `base[args]` where `base` turned out to be a generic function: `f[int]`; what is missing is inferred from
    /// `hint` (the type of the variable it is assigned to) or left to the call around it. The result is not yet recorded.
    pub(crate) fn instantiate_func(&mut self, id: ExprId, _base: Operand, _args: &[ExprId], _hint: Option<TypeId>) -> Operand {
        Operand::unknown(id)
    }

    /// The conversion `T(x)`; constants stay constants where the types allow it. Reports what cannot be converted.
    pub(crate) fn conversion(&mut self, x: &mut Operand, _target: TypeId) {
        x.forget();
    }
}
