//! Expressions (Go spec, "Expressions").

use gopeer_syntax::ast::ExprId;

use super::{Checker, Operand};
use crate::types::TypeId;

impl Checker<'_> {
    /// Checks any expression and records it: a value, a type, a builtin, a call without results. `hint` is the type that
    /// the context gives to an expression that leaves its own out: an element `{…}` of a composite literal, a generic
    /// function assigned to a variable of function type.
    pub(crate) fn expr(&mut self, id: ExprId, _hint: Option<TypeId>) -> Operand {
        Operand::unknown(id)
    }

    /// Checks an expression that must be one value.
    pub(crate) fn value(&mut self, id: ExprId) -> Operand {
        self.expr(id, None)
    }

    /// Like [`Checker::value`], with a type that the context expects.
    pub(crate) fn value_for(&mut self, id: ExprId, hint: TypeId) -> Operand {
        self.expr(id, Some(hint))
    }

    /// Checks expressions that give values to several places: one call with several results gives them all; with
    /// `comma_ok`, one expression of mode `MapIndex` or `CommaOk` gives the value and an untyped bool.
    pub(crate) fn values(&mut self, ids: &[ExprId], _hints: &[TypeId], _comma_ok: bool) -> Vec<Operand> {
        ids.iter().map(|&id| self.value(id)).collect()
    }

    /// Gives an untyped operand the type `target` (or its default where that is an interface), and records it in all
    /// untyped expressions inside. False, after a report, where the value cannot have the type.
    pub(crate) fn convert_untyped(&mut self, _x: &mut Operand, _target: TypeId) -> bool {
        false
    }

    /// Gives an untyped operand its default type.
    pub(crate) fn default_type(&mut self, _x: &mut Operand) {}

    /// Checks that `x` can be assigned to `target` (an unknown target takes everything; gives untyped operands their type),
    /// and reports where it cannot: `context` ends the message, as in "cannot use x as T value in assignment".
    pub(crate) fn assignment(&mut self, _x: &mut Operand, _target: TypeId, _context: &str) -> bool {
        false
    }
}
