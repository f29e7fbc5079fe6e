//! Arguments of calls (Go spec, "Calls", "Passing arguments to ... parameters").

use std::rc::Rc;

use gopeer_syntax::ast::{Expr, ExprId};

use super::infer::Inference;
use super::untyped::Implicit;
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::types::{ParamId, Signature, Truth, Type, TypeId};

/// The arguments of a call, checked.
pub(crate) struct Args {
    pub(crate) operands: Vec<Operand>,
    /// Generic functions among them that lack type arguments.
    generic: Vec<GenericArg>,
}

impl Args {
    /// Arguments none of which is a generic function.
    pub(crate) fn of(operands: Vec<Operand>) -> Args {
        Args { operands, generic: Vec::new() }
    }
}

/// A generic function as an argument.
struct GenericArg {
    /// Which argument.
    index: usize,
    /// The expression that names it, without type arguments.
    name: ExprId,
    params: Rc<[ParamId]>,
    /// Its type arguments as far as they are given.
    given: Vec<TypeId>,
}

/// A call whose arguments are to be passed.
pub(crate) struct Passing<'p> {
    pub(crate) call: ExprId,
    pub(crate) fun: ExprId,
    pub(crate) sig: &'p Signature,
    /// Type parameters of the function that are to be inferred.
    pub(crate) params: &'p [ParamId],
    /// The first type arguments, where they are given.
    pub(crate) given: &'p [TypeId],
    pub(crate) spread: bool,
}

impl Checker<'_> {
    /// Checks the arguments of a call: one call with several results gives them all.
    pub(crate) fn args(&mut self, ids: &[ExprId]) -> Args {
        let mut args = Args { operands: Vec::with_capacity(ids.len()), generic: Vec::new() };
        for &id in ids {
            let x = self.arg(id, &mut args);
            match self.store.get(x.ty) {
                Type::Tuple(types) if x.mode == Mode::Value && ids.len() == 1 => {
                    args.operands.extend(types.iter().map(|&ty| self.one_of_many(ty, id)));
                }
                _ => {
                    let mut x = x;
                    self.single(&mut x);
                    args.operands.push(x);
                }
            }
        }
        args
    }

    fn one_of_many(&self, ty: TypeId, id: ExprId) -> Operand {
        if ty.is_unknown() { Operand::unknown(id) } else { Operand::new(Mode::Value, ty, id) }
    }

    /// One argument; a generic function is noted where type arguments are missing.
    fn arg(&mut self, id: ExprId, args: &mut Args) -> Operand {
        let (name, given) = match self.tree.expr(id) {
            Expr::Index { base, args } if self.names_generic(base).is_some() => (base, self.tree.exprs(args)),
            Expr::Ident | Expr::Selector { .. } | Expr::Paren(_) => (id, &[][..]),
            _ => return self.expr(id, None),
        };
        let x = self.expr(name, None);
        let Some(object) = (x.mode == Mode::Value).then(|| self.generic_func(name)).flatten() else { return x };
        let params = self.store.object(object).params;
        let Some(types) = self.type_args(given, params.len()) else { return Operand::unknown(id) };
        if types.len() == params.len() {
            let ty = self.instantiated_func(name, given, x.ty, &params, &types);
            let x = ty.map_or_else(|| Operand::unknown(id), |ty| Operand::new(Mode::Value, ty, id));
            self.record(&x);
            return x;
        }
        args.generic.push(GenericArg { index: args.operands.len(), name, params, given: types });
        Operand { expr: id, ..x }
    }
}

/// Passing.
impl Checker<'_> {
    /// Passes arguments: their number, the type arguments that they tell, their types. Gives the type arguments of the
    /// function; none, after a report where that is certain, if the call fails before they are known.
    pub(crate) fn pass(&mut self, of: &Passing<'_>, args: &mut Args) -> Option<Vec<TypeId>> {
        if !self.count(of, args) {
            return None;
        }
        let mut types = Vec::new();
        if !of.params.is_empty() || !args.generic.is_empty() {
            types = self.infer_call(of, args)?;
        }
        for (index, arg) in args.operands.iter_mut().enumerate() {
            let Some(formal) = self.formal(of, index) else { continue };
            let formal = if of.params.is_empty() { formal } else { self.store.subst(formal, of.params, &types) };
            self.pass_one(of, arg, formal);
        }
        Some(types)
    }

    /// The type of the parameter that takes the argument of that index.
    fn formal(&self, of: &Passing<'_>, index: usize) -> Option<TypeId> {
        match of.sig.params.split_last() {
            Some((&last, rest)) if of.sig.variadic && !of.spread && index >= rest.len() => {
                Some(match self.store.get(last) {
                    Type::Slice(elem) => elem,
                    _ => TypeId::UNKNOWN,
                })
            }
            _ => of.sig.params.get(index).copied(),
        }
    }

    /// Whether the number of arguments fits; reports if not.
    fn count(&mut self, of: &Passing<'_>, args: &Args) -> bool {
        let (mut wanted, given) = (of.sig.params.len(), args.operands.len());
        if of.spread && !of.sig.variadic {
            let message = format!("cannot use ... in call to non-variadic {}", self.text(of.fun));
            self.error(of.call, ErrorCode::WrongArgCount, message);
            return false;
        }
        if of.spread && given > 1 && matches!(self.tree.expr(of.call), Expr::Call { args, .. } if args.len() == 1) {
            let what = args.operands.first().map_or(String::new(), |arg| self.text(arg.expr));
            self.error(of.call, ErrorCode::WrongArgCount, format!("cannot use ... with {given}-valued {what}"));
            return false;
        }
        if of.sig.variadic && !of.spread {
            wanted = if given + 1 >= wanted { given } else { wanted - 1 };
        }
        if given == wanted {
            return true;
        }
        if !self.is_counted(args) {
            return false;
        }
        let (at, few) = match args.operands.get(wanted) {
            Some(extra) => (extra.expr, "too many"),
            None => (of.call, "not enough"),
        };
        let have = self.summary(args.operands.iter().map(|arg| arg.ty), false, of.spread);
        let want = self.summary(of.sig.params.iter().copied(), of.sig.variadic, false);
        let fun = self.text(of.fun);
        let message = format!("{few} arguments in call to {fun}\n\thave {have}\n\twant {want}");
        self.error(at, ErrorCode::WrongArgCount, message);
        false
    }

    /// Whether it is certain how many arguments there are: not so where one did not parse, and where the only one may be a
    /// call with several results.
    fn is_counted(&self, args: &Args) -> bool {
        let bad = |x: &Operand| x.mode == Mode::Unknown && self.tree.expr(x.expr) == Expr::Bad;
        let alone = matches!(&*args.operands, [one] if one.mode == Mode::Unknown);
        !alone && !args.operands.iter().any(bad)
    }

    /// Types in parentheses, for a message about their number.
    pub(crate) fn summary(&self, types: impl ExactSizeIterator<Item = TypeId>, variadic: bool, spread: bool) -> String {
        let last = types.len().wrapping_sub(1);
        let mut out = String::from("(");
        for (index, ty) in types.enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            match (self.store.untyped(ty), self.store.get(ty)) {
                (Some(basic), _) if basic.is_numeric() => out.push_str("number"),
                (Some(basic), _) => out.push_str(basic.name().trim_start_matches("untyped ")),
                (None, Type::Unknown) => out.push_str("unknown type"),
                (None, Type::Slice(elem)) if variadic && index == last => {
                    out.push_str("...");
                    out.push_str(&self.store.show(elem));
                }
                _ => out.push_str(&self.store.show(ty)),
            }
            if spread && index == last {
                out.push_str("...");
            }
        }
        out.push(')');
        out
    }

    fn pass_one(&mut self, of: &Passing<'_>, arg: &mut Operand, formal: TypeId) {
        if arg.is_unknown() || formal.is_unknown() {
            return;
        }
        let untyped = self.store.is_untyped(arg.ty);
        if !untyped && (arg.ty == formal || self.store.assignable(arg.ty, formal) != Truth::No) {
            return;
        }
        // Where nothing can go wrong, nothing needs to be put into words.
        let sure = untyped && arg.mode != Mode::Nil && (formal == TypeId::ANY || self.becomes(arg, formal));
        let context = if sure { String::new() } else { format!("argument to {}", self.text(of.fun)) };
        self.assignment(arg, formal, &context);
    }

    fn becomes(&self, arg: &Operand, formal: TypeId) -> bool {
        matches!(self.implicit(arg, formal), Implicit::Is(ty, _) if ty == formal)
    }

    /// Infers what type arguments the function and generic functions among the arguments lack; gives the function's.
    fn infer_call(&mut self, of: &Passing<'_>, args: &mut Args) -> Option<Vec<TypeId>> {
        // In a recursive call, what is inferred may be in terms of what it is inferred for.
        let clash = args.operands.iter().any(|arg| self.store.mentions(arg.ty, of.params))
            || of.given.iter().any(|&ty| self.store.mentions(ty, of.params));
        let own: Rc<[ParamId]> = if clash { self.store.renamed(of.params, 0) } else { of.params.into() };
        let own_types = self.store.param_types(&own);
        let mut formals = Vec::with_capacity(args.operands.len());
        for index in 0..args.operands.len() {
            let formal = self.formal(of, index).unwrap_or(TypeId::UNKNOWN);
            formals.push(if clash { self.store.subst(formal, of.params, &own_types) } else { formal });
        }
        let mut params = own.to_vec();
        let mut given: Vec<Option<TypeId>> = of.given.iter().copied().map(Some).collect();
        given.resize(params.len(), None);
        let mut open = Vec::with_capacity(args.generic.len());
        for (copy, arg) in (1..).zip(&args.generic) {
            let renamed = self.store.renamed(&arg.params, copy);
            if let Some(x) = args.operands.get_mut(arg.index) {
                open.push(x.ty);
                x.ty = self.store.subst(x.ty, &arg.params, &self.store.param_types(&renamed));
            }
            params.extend(renamed.iter());
            given.extend(arg.given.iter().copied().map(Some));
            given.resize(params.len(), None);
        }
        let inference = Inference { params: &params, given, formals, args: &args.operands, reverse: false };
        let mut types = match self.infer(inference) {
            Ok(types) => types,
            Err(failure) => {
                if let Some((at, message)) = failure {
                    let message = format!("in call to {}, {message}", self.text(of.fun));
                    self.error(at.unwrap_or(of.call), ErrorCode::CannotInferTypeArgs, message);
                }
                return None;
            }
        };
        let mut rest = types.split_off(own.len());
        for (arg, open) in args.generic.iter().zip(open) {
            let after = rest.split_off(arg.params.len().min(rest.len()));
            let ty = self.instantiated_func(arg.name, &[], open, &arg.params, &rest);
            if let Some(x) = args.operands.get_mut(arg.index) {
                match ty {
                    Some(ty) => x.ty = ty,
                    None => x.forget(),
                }
                self.record(x);
            }
            rest = after;
        }
        Some(types)
    }
}
