//! Calls (Go spec, "Calls").

use std::rc::Rc;

use gopeer_syntax::ast::{Expr, ExprId};

use super::args::Passing;
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::types::{ParamId, Signature, Type, TypeId};

/// What is called.
struct Callee<'t> {
    x: Operand,
    /// Type parameters, if it is a generic function.
    params: Option<Rc<[ParamId]>>,
    /// Without type arguments.
    name: ExprId,
    /// Type arguments that are written, where that are not all.
    given: &'t [ExprId],
}

impl<'a> Checker<'a> {
    /// Checks the `Call` expression `id`: a call, a conversion or a builtin. The result is not yet recorded.
    pub(crate) fn call(&mut self, id: ExprId) -> Operand {
        let Expr::Call { fun, args, spread } = self.tree.expr(id) else { return Operand::unknown(id) };
        let args = self.tree.exprs(args);
        let mut callee = self.callee(fun);
        self.value_or_type(&mut callee.x);
        match callee.x.mode {
            Mode::Unknown => {
                self.use_all(args);
                Operand::unknown(id)
            }
            Mode::Type => self.convert(id, callee.x.ty, args, spread),
            Mode::Builtin(builtin) => self.builtin(id, builtin, args, spread),
            _ => match self.called(&callee.x) {
                Some(sig) => self.call_func(id, fun, callee, &sig, args, spread),
                None => {
                    self.use_all(args);
                    Operand::unknown(id)
                }
            },
        }
    }

    fn callee(&mut self, fun: ExprId) -> Callee<'a> {
        let tree = self.tree;
        let (name, given) = match tree.expr(fun) {
            Expr::Index { base, args } if self.names_generic(base).is_some() => (base, tree.exprs(args)),
            _ => (fun, &[][..]),
        };
        let x = self.expr(name, None);
        let generic = if x.mode == Mode::Value { self.generic_func(name) } else { None };
        let params = generic.map(|object| self.store.object(object).params);
        Callee { x, params, name, given }
    }

    /// The signature of what is called; none, after a report where that is certain, if it is no function.
    fn called(&mut self, x: &Operand) -> Option<Rc<Signature>> {
        if let Type::Signature(sig) = self.store.get(x.ty) {
            return Some(sig);
        }
        match self.store.core_type(x.ty).map(|ty| self.store.get(ty)) {
            Some(Type::Signature(sig)) => return Some(sig),
            Some(Type::Unknown) => return None,
            _ => {}
        }
        let mut why = String::from("no specific type");
        self.store.each_specific(x.ty, |ty, under| {
            let is_func = matches!(under, Type::Signature(_));
            why = if is_func {
                String::from("no common type")
            } else {
                format!("{} is not a function", self.store.show(ty))
            };
            is_func
        });
        let message = format!("invalid operation: cannot call {}: {why}", self.describe(x));
        self.claim(&[x.ty], x.expr, ErrorCode::InvalidCall, message);
        None
    }

    fn call_func(
        &mut self,
        id: ExprId,
        fun: ExprId,
        callee: Callee<'_>,
        sig: &Signature,
        args: &[ExprId],
        spread: bool,
    ) -> Operand {
        let Callee { x, params, name, given } = callee;
        let Some(params) = params else {
            let mut args = self.args(args);
            self.pass(&Passing { call: id, fun, sig, params: &[], given: &[], spread }, &mut args);
            return self.result(id, sig);
        };
        let Some(types) = self.type_args(given, params.len()) else {
            self.use_all(args);
            return Operand::unknown(id);
        };
        if types.len() == params.len() {
            let instance = self.instance_of(fun, name, given, &x, &params, &types);
            let mut args = self.args(args);
            let Some(sig) = instance else { return Operand::unknown(id) };
            self.pass(&Passing { call: id, fun, sig: &sig, params: &[], given: &[], spread }, &mut args);
            return self.result(id, &sig);
        }
        let mut args = self.args(args);
        let inferred = self.pass(&Passing { call: id, fun, sig, params: &params, given: &types, spread }, &mut args);
        let Some(types) = inferred else {
            // Results that do not depend on the type arguments are what they are.
            let known = !sig.results.iter().any(|&ty| self.store.mentions(ty, &params));
            return if known { self.result(id, sig) } else { Operand::unknown(id) };
        };
        match self.instance_of(fun, name, given, &x, &params, &types) {
            Some(sig) => self.result(id, &sig),
            None => Operand::unknown(id),
        }
    }

    /// The signature of a generic function with these type arguments, recorded as the type of what is called.
    fn instance_of(
        &mut self,
        fun: ExprId,
        name: ExprId,
        given: &[ExprId],
        x: &Operand,
        params: &[ParamId],
        types: &[TypeId],
    ) -> Option<Rc<Signature>> {
        let ty = self.instantiated_func(name, given, x.ty, params, types)?;
        self.record(&Operand::new(Mode::Value, ty, fun));
        if fun == name
            && let Expr::Selector { name, .. } = self.tree.expr(fun)
        {
            self.record(&Operand::new(Mode::Value, ty, name));
        }
        self.as_signature(ty)
    }

    fn result(&self, id: ExprId, sig: &Signature) -> Operand {
        match *sig.results {
            [] => Operand::new(Mode::NoValue, TypeId::VOID, id),
            [one] if one.is_unknown() => Operand::unknown(id),
            [one] => Operand::new(Mode::Value, one, id),
            _ => Operand::new(Mode::Value, self.store.tuple(&sig.results), id),
        }
    }
}
