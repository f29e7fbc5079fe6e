//! Type arguments: given, inferred, and held against their constraints (Go spec, "Instantiations", "Type inference",
//! "Satisfying a type constraint").

use std::rc::Rc;

use gopeer_syntax::ast::{Decl, Expr, ExprId, Node, Stmt};

use super::{Checker, Mode, Operand};
use crate::names::Def;
use crate::types::unify::{Match, Unifier};
use crate::types::{Basic, Missing, ObjId, ParamId, Signature, Store, Term, Truth, Type, TypeId};
use crate::{ErrorCode, Member, ObjectKind};

/// What is to be inferred, from what.
pub(crate) struct Inference<'i> {
    pub(crate) params: &'i [ParamId],
    /// Type arguments that are given, of the first parameters.
    pub(crate) given: Vec<Option<TypeId>>,
    /// Parameter types of the call.
    pub(crate) formals: Vec<TypeId>,
    /// The arguments for these.
    pub(crate) args: &'i [Operand],
    /// Whether a function takes its type arguments from what it is assigned to, so that the argument is the target.
    pub(crate) reverse: bool,
}

/// Why type arguments could not be inferred: where, if that is an argument, and what the compiler says.
pub(crate) type Failure = (Option<ExprId>, String);

/// Inference.
impl Checker<'_> {
    /// Infers all type arguments. What cannot be known is unknown; none, with the reason where that is certain, if it
    /// fails.
    pub(crate) fn infer(&self, mut inference: Inference<'_>) -> Result<Vec<TypeId>, Option<Failure>> {
        let params = inference.params;
        inference.given.resize(params.len(), None);
        if inference.given.iter().any(Option::is_some) {
            let known: Vec<(ParamId, TypeId)> =
                params.iter().zip(&inference.given).filter_map(|(&param, ty)| Some((param, (*ty)?))).collect();
            let (from, to): (Vec<ParamId>, Vec<TypeId>) = known.into_iter().unzip();
            inference.formals.iter_mut().for_each(|formal| *formal = self.store.subst(*formal, &from, &to));
        }
        let mut unifier = Unifier::new(self.store, params, inference.given.clone());
        let types = inference.args.iter().map(|arg| arg.ty).chain(inference.formals.iter().copied());
        unifier.unsure = types.into_iter().any(|ty| self.store.has_unknown(ty));
        match self.infer_all(&inference, &mut unifier) {
            Ok(types) => Ok(types),
            Err(_) if unifier.unsure => {
                let known = |ty: Option<TypeId>| ty.filter(|&ty| !self.store.mentions(ty, params));
                Ok(unifier.inferred().into_iter().map(|ty| known(ty).unwrap_or(TypeId::UNKNOWN)).collect())
            }
            Err(failure) => Err(Some(failure)),
        }
    }

    fn infer_all(&self, inference: &Inference<'_>, unifier: &mut Unifier<'_>) -> Result<Vec<TypeId>, Failure> {
        let untyped = self.infer_from_args(inference, unifier)?;
        self.infer_from_constraints(inference.params, unifier)?;
        self.infer_from_constants(inference, unifier, &untyped)?;
        let mut inferred = unifier.inferred();
        self.simplify(inference.params, &mut inferred);
        let mut types = Vec::with_capacity(inferred.len());
        for (ty, &param) in inferred.into_iter().zip(inference.params) {
            match ty {
                Some(ty) if !self.store.mentions(ty, inference.params) => types.push(ty),
                _ => return Err((None, format!("cannot infer {}", self.param_name(param)))),
            }
        }
        Ok(types)
    }

    fn param_name(&self, param: ParamId) -> &str {
        self.store.text(self.store.param(param).name)
    }

    /// Unifies parameter types with those of typed arguments. Gives the untyped arguments of type parameters, each with the
    /// index of its type parameter, but for those that an argument of unknown type would tell.
    fn infer_from_args(
        &self,
        inference: &Inference<'_>,
        unifier: &mut Unifier<'_>,
    ) -> Result<Vec<(usize, usize)>, Failure> {
        let params = inference.params;
        let (mut untyped, mut unknown) = (Vec::new(), Vec::new());
        for (index, (arg, &formal)) in inference.args.iter().zip(&inference.formals).enumerate() {
            if !self.store.mentions(formal, params) && !self.store.mentions(arg.ty, params) {
                continue;
            }
            if arg.is_unknown() {
                unifier.unsure = true;
                unknown.push(formal);
            } else if !self.store.is_untyped(arg.ty) {
                if !unifier.unify(formal, arg.ty, Match::Assign) {
                    return Err((Some(arg.expr), self.mismatch(inference, unifier, formal, arg)));
                }
            } else if arg.mode != Mode::Nil
                && let Type::Param(id) = self.store.get(formal)
                && let Some(at) = params.iter().position(|&param| param == id)
            {
                // Default types are basic: an untyped argument matches nothing but a parameter alone.
                untyped.push((index, at));
            }
        }
        untyped.retain(|&(_, at)| !unknown.iter().any(|&formal| self.store.mentions(formal, &params[at..=at])));
        Ok(untyped)
    }

    fn mismatch(&self, inference: &Inference<'_>, unifier: &Unifier<'_>, formal: TypeId, arg: &Operand) -> String {
        let (store, params) = (self.store, inference.params);
        let inferred = unifier.inferred();
        let arg_text = if inference.reverse { self.target_text(arg.expr) } else { self.text(arg.expr) };
        let (have, want) = (store.show(arg.ty), store.show(formal));
        if inferred.iter().all(Option::is_none) {
            let names: Vec<&str> = params.iter().map(|&param| self.param_name(param)).collect();
            return format!("type {have} of {arg_text} does not match {want} (cannot infer {})", listed(&names));
        }
        let types: Vec<TypeId> =
            params.iter().zip(&inferred).map(|(&param, ty)| ty.unwrap_or_else(|| store.param_type(param))).collect();
        let known = store.subst(formal, params, &types);
        if known == formal {
            return format!("type {have} of {arg_text} does not match {want}");
        }
        let known = store.show(known);
        match inference.reverse {
            true => format!("inferred type {known} for {want} does not match type {have} of {arg_text}"),
            false => format!("type {have} of {arg_text} does not match inferred type {known} for {want}"),
        }
    }

    /// What an expression is assigned to, for a message.
    fn target_text(&self, id: ExprId) -> String {
        let mut at = id;
        while let Some(up) = self.parent_expr(at)
            && let Expr::Paren(_) = self.tree.expr(up)
        {
            at = up;
        }
        let (values, targets) = match self.tree.parent(at) {
            Some(Node::Stmt(stmt)) => match self.tree.stmt(stmt) {
                Stmt::Assign { lhs, rhs, .. } => (rhs, lhs),
                Stmt::Return(_) => return "result variable".to_owned(),
                _ => return "variable".to_owned(),
            },
            Some(Node::Decl(decl)) => match self.tree.decl(decl) {
                Decl::Value { names, values, .. } => (values, names),
                _ => return "variable".to_owned(),
            },
            _ => return "variable".to_owned(),
        };
        let index = self.tree.exprs(values).iter().position(|&value| value == at);
        let target = index.and_then(|index| self.tree.exprs(targets).get(index));
        target.map_or_else(|| "variable".to_owned(), |&target| self.text(target))
    }

    /// Unifies type parameters with the core types and methods of their constraints, for as long as that brings something
    /// new.
    fn infer_from_constraints(&self, params: &[ParamId], unifier: &mut Unifier<'_>) -> Result<(), Failure> {
        loop {
            let before = unifier.unknowns();
            for (index, &param) in params.iter().enumerate() {
                self.infer_from_constraint(params, index, param, unifier)?;
            }
            if unifier.unknowns() == before {
                return Ok(());
            }
        }
    }

    fn infer_from_constraint(
        &self,
        params: &[ParamId],
        index: usize,
        param: ParamId,
        unifier: &mut Unifier<'_>,
    ) -> Result<(), Failure> {
        let store = self.store;
        let set = store.type_set(store.param_type(param));
        unifier.unsure |= set.unknown;
        let unsatisfied = |ty, why: &str| {
            let constraint = store.show(store.param(param).constraint);
            (None, format!("{} (type {}) does not satisfy {constraint}{why}", self.param_name(param), store.show(ty)))
        };
        let known = unifier.at(index);
        match (known, core_term(store, param, set.terms.as_deref())) {
            (Some(ty), Some((core, _))) if !unifier.unify(ty, core.ty, Match::Inexact) => {
                return Err(unsatisfied(ty, ""));
            }
            (None, Some((core, true))) if !core.tilde => unifier.set(index, core.ty),
            _ => {}
        }
        let Some(ty) = known.filter(|&ty| !ty.is_unknown() && !store.mentions(ty, params)) else { return Ok(()) };
        for method in set.methods.iter() {
            // Methods that need a pointer are found when the type argument is held against the constraint.
            let name = store.text(method.name);
            match unifier.method(method, ty) {
                Some(true) => {}
                Some(false) => return Err(unsatisfied(ty, &format!(" (wrong type for method {name})"))),
                None => return Err(unsatisfied(ty, &format!(" (missing method {name})"))),
            }
        }
        Ok(())
    }

    /// Type parameters that nothing else tells get the default type of the largest untyped argument.
    fn infer_from_constants(
        &self,
        inference: &Inference<'_>,
        unifier: &mut Unifier<'_>,
        untyped: &[(usize, usize)],
    ) -> Result<(), Failure> {
        let mut largest: Vec<(usize, Basic)> = Vec::new();
        for &(arg, param) in untyped {
            let Some(arg) = inference.args.get(arg) else { continue };
            let Some(basic) = self.store.untyped(arg.ty) else { continue };
            if unifier.at(param).is_some() {
                continue;
            }
            let Some((_, most)) = largest.iter_mut().find(|(of, _)| *of == param) else {
                largest.push((param, basic));
                continue;
            };
            if *most != basic && !(most.is_numeric() && basic.is_numeric()) {
                let (a, b) = (most.name(), basic.name());
                let name = inference.params.get(param).map_or("", |&param| self.param_name(param));
                return Err((Some(arg.expr), format!("mismatched types {a} and {b} (cannot infer {name})")));
            }
            *most = basic.max(*most);
        }
        for (param, basic) in largest {
            unifier.set(param, basic.default_type().into());
        }
        Ok(())
    }

    /// Puts inferred types into each other, until none refers to a parameter any more that has one.
    fn simplify(&self, params: &[ParamId], inferred: &mut [Option<TypeId>]) {
        for start in 0..params.len() {
            if self.refers_to(start, start, params, inferred, &mut vec![false; params.len()])
                && let Some(slot) = inferred.get_mut(start)
            {
                *slot = None;
            }
        }
        // Without cycles each round settles at least one more.
        for _ in params {
            let mut changed = false;
            for index in 0..inferred.len() {
                let Some(&Some(old)) = inferred.get(index) else { continue };
                if !self.store.mentions(old, params) {
                    continue;
                }
                let own =
                    |(&param, ty): (&ParamId, &Option<TypeId>)| ty.unwrap_or_else(|| self.store.param_type(param));
                let types: Vec<TypeId> = params.iter().zip(inferred.iter()).map(own).collect();
                let new = self.store.subst(old, params, &types);
                changed |= new != old;
                if let Some(slot) = inferred.get_mut(index) {
                    *slot = Some(new);
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Whether what is inferred for the parameter `from` leads to the parameter `to`.
    fn refers_to(
        &self,
        from: usize,
        to: usize,
        params: &[ParamId],
        inferred: &[Option<TypeId>],
        seen: &mut [bool],
    ) -> bool {
        let Some(&Some(ty)) = inferred.get(from) else { return false };
        params.iter().enumerate().any(|(index, &param)| {
            if !self.store.mentions(ty, &[param]) {
                return false;
            }
            let visited = seen.get_mut(index).is_none_or(|seen| std::mem::replace(seen, true));
            index == to || (!visited && self.refers_to(index, to, params, inferred, seen))
        })
    }
}

/// The type that all types of a parameter's set share, as a term, and whether it is the only one.
fn core_term(store: &Store, param: ParamId, terms: Option<&[Term]>) -> Option<(Term, bool)> {
    match terms? {
        [] => None,
        [one] => Some((*one, true)),
        several => {
            let ty = store.core_type(store.param_type(param))?;
            Some((Term { tilde: several.iter().any(|term| term.tilde), ty }, false))
        }
    }
}

/// `A`, `A and B`, `A, B, and C`.
fn listed(names: &[&str]) -> String {
    match names {
        [a, b] => format!("{a} and {b}"),
        [rest @ .., last] if !rest.is_empty() => format!("{}, and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// Instantiation.
impl Checker<'_> {
    /// The generic function that an expression names, found without checking the expression.
    pub(crate) fn names_generic(&self, id: ExprId) -> Option<ObjId> {
        let object = match self.tree.expr(id) {
            Expr::Ident => match self.names.def(id) {
                Def::Package(ObjectKind::Func) => self.package.object(self.tree.source(id), self.at),
                Def::Unknown => self.dot_imported(self.tree.source(id)),
                _ => None,
            },
            Expr::Selector { base, name } => match self.imported(base, self.tree.source(name)) {
                Some(Member::Object(object)) => Some(object),
                _ => None,
            },
            _ => None,
        }?;
        let of = self.store.object(object);
        (of.kind == ObjectKind::Func && !of.params.is_empty()).then_some(object)
    }

    /// Checks `base[args]` where `base` turned out to be a generic function: `f[int]`; what is missing is inferred from
    /// `hint` (the type of the variable it is assigned to) and from the constraints. The result is not yet recorded.
    pub(crate) fn instantiate_func(
        &mut self,
        id: ExprId,
        base: Operand,
        args: &[ExprId],
        hint: Option<TypeId>,
    ) -> Operand {
        let Some(object) = self.generic_func(base.expr) else { return Operand::unknown(id) };
        let params = self.store.object(object).params;
        let Some(mut given) = self.type_args(args, params.len()) else { return Operand::unknown(id) };
        if given.len() < params.len() {
            if hint.is_some_and(|hint| self.store.has_unknown(hint)) {
                return Operand::unknown(id);
            }
            let target = hint.filter(|&hint| matches!(self.store.under(hint), Type::Signature(_)));
            let renamed = self.store.renamed(&params, 0);
            let own = self.store.subst(base.ty, &params, &self.store.param_types(&renamed));
            let target: Vec<Operand> = target.map(|ty| Operand::new(Mode::Value, ty, id)).into_iter().collect();
            let inference = Inference {
                params: &renamed,
                given: given.into_iter().map(Some).collect(),
                formals: vec![own; target.len()],
                args: &target,
                reverse: true,
            };
            match self.infer(inference) {
                Ok(types) => given = types,
                Err(failure) => {
                    if let Some((_, message)) = failure {
                        self.error(id, ErrorCode::CannotInferTypeArgs, message);
                    }
                    return Operand::unknown(id);
                }
            }
        }
        self.instantiated_func(base.expr, args, base.ty, &params, &given)
            .map_or_else(|| Operand::unknown(id), |ty| Operand::new(Mode::Value, ty, id))
    }

    /// Checks explicit type arguments; none, after a report, if there are too many.
    pub(crate) fn type_args(&mut self, args: &[ExprId], wanted: usize) -> Option<Vec<TypeId>> {
        let types: Vec<TypeId> = args.iter().map(|&arg| self.ty(arg)).collect();
        match args.get(wanted) {
            None => Some(types),
            Some(&first) => {
                let message = format!("got {} type arguments but want {wanted}", args.len());
                self.error(first, ErrorCode::InvalidInstantiation, message);
                None
            }
        }
    }

    /// The signature `sig` with type arguments put in, which are recorded and held against their constraints. `name` is
    /// the expression that names the function, `given` those of the type arguments that are written.
    pub(crate) fn instantiated_func(
        &mut self,
        name: ExprId,
        given: &[ExprId],
        sig: TypeId,
        params: &[ParamId],
        types: &[TypeId],
    ) -> Option<TypeId> {
        self.facts.borrow_mut().record_instance(self.name_of(name), types);
        self.verify(name, given, params, types);
        let ty = self.store.subst(sig, params, types);
        (!ty.is_unknown()).then_some(ty)
    }

    /// Holds type arguments against the constraints of their parameters; reports the first that does not satisfy its own.
    pub(crate) fn verify(&mut self, at: ExprId, given: &[ExprId], params: &[ParamId], types: &[TypeId]) {
        for (index, (&param, &ty)) in params.iter().zip(types).enumerate() {
            let constraint = self.store.param(param).constraint;
            if ty.is_unknown() || constraint == TypeId::ANY {
                continue;
            }
            let constraint = self.store.subst(constraint, params, types);
            if let Some(message) = self.unsatisfied(ty, constraint) {
                let at = given.get(index).copied().unwrap_or(at);
                return self.error(at, ErrorCode::InvalidTypeArg, message);
            }
        }
    }

    /// Why a type does not satisfy a constraint, as the compiler words it; none where it does, or that is not certain.
    fn unsatisfied(&self, ty: TypeId, constraint: TypeId) -> Option<String> {
        let store = self.store;
        let (Truth::No, missing) = store.implements(ty, constraint) else { return None };
        if store.has_unknown(ty) || store.has_unknown(constraint) {
            return None;
        }
        let (have, want) = (store.show(ty), store.show(constraint));
        if !matches!(missing, Some(Missing::TypeSet) | None) {
            let missing = self.missing_method(ty, constraint)?;
            return Some(format!("{have} does not satisfy {want} {missing}"));
        }
        let set = store.type_set(constraint);
        let Some(terms) = set.terms.as_deref() else { return Some(format!("{have} does not satisfy comparable")) };
        if terms.is_empty() {
            return Some(format!("cannot satisfy {want} (empty type set)"));
        }
        if store.is_interface(ty) || store.is_param(ty) {
            return Some(format!("{have} does not satisfy {want}"));
        }
        let under = store.underlying(ty);
        let included = |term: &Term| store.identical(term.ty, if term.tilde { under } else { ty });
        if terms.iter().any(included) {
            return Some(format!("{have} does not satisfy comparable"));
        }
        let detail = match terms.iter().find(|term| !term.tilde && store.identical(term.ty, under)) {
            Some(term) => format!("possibly missing ~ for {} in {want}", store.show(term.ty)),
            None if self.has_element(store.underlying(constraint), ty) => {
                format!("{want} mentions {have}, but {have} is not in the type set of {want}")
            }
            None => {
                let term = |term: &Term| format!("{}{}", if term.tilde { "~" } else { "" }, store.show(term.ty));
                format!("{have} missing in {}", terms.iter().map(term).collect::<Vec<_>>().join(" | "))
            }
        };
        Some(format!("{have} does not satisfy {want} ({detail})"))
    }

    /// Whether a type is an element of a constraint, or of a union in it.
    fn has_element(&self, constraint: TypeId, ty: TypeId) -> bool {
        match self.store.get(constraint) {
            Type::Interface(of) => of.embeds.iter().any(|&embed| self.has_element(embed, ty)),
            Type::Union(terms) => terms.iter().any(|term| self.has_element(term.ty, ty)),
            _ => self.store.identical(constraint, ty),
        }
    }

    /// The signature that a type is, if it is one.
    pub(crate) fn as_signature(&self, ty: TypeId) -> Option<Rc<Signature>> {
        match self.store.get(ty) {
            Type::Signature(sig) => Some(sig),
            _ => None,
        }
    }
}
