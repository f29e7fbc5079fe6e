//! `for … range` (Go spec, "For statements with range clause").

use gopeer_syntax::ast::{ChanDir, ExprId, StmtId};

use super::assign_stmt::Place;
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::types::{Basic, Store, Truth, Type, TypeId};

/// What ranging over a type yields.
enum Yield {
    /// Types of the first and the second variable, as far as there are any.
    Pair(Option<TypeId>, Option<TypeId>),
    /// It cannot be ranged over, with the reason if there is more to say.
    Nothing(String),
    /// Not known.
    Unknown,
}

impl Checker<'_> {
    /// Checks the clause of a range statement, without its body.
    pub(crate) fn range(&mut self, vars: [Option<ExprId>; 2], define: bool, subject: ExprId, id: StmtId) {
        let mut x = self.value(subject);
        let types = self.range_types(&x, vars);
        let integer = !self.store.is_param(x.ty) && self.store.is_integer(x.ty);
        if define {
            self.range_define(vars, types, integer.then_some(&mut x), id);
        } else if vars == [None, None] {
            if integer {
                self.assign_blank(&mut x, "range clause");
            }
        } else {
            self.range_assign(vars, types, integer.then_some(&mut x));
        }
    }

    /// The types of the variables; none for those that cannot be there.
    fn range_types(&mut self, x: &Operand, vars: [Option<ExprId>; 2]) -> [Option<TypeId>; 2] {
        let unknown = Some(TypeId::UNKNOWN);
        if x.is_unknown() {
            return [unknown, unknown];
        }
        let (first, second) = match yields(self.store, x.ty) {
            Yield::Pair(first, second) => (first, second),
            Yield::Unknown => return [unknown, unknown],
            Yield::Nothing(cause) => {
                let colon = if cause.is_empty() { "" } else { ": " };
                let message = format!("cannot range over {}{colon}{cause}", self.describe(x));
                self.claim(&[x.ty], x.expr, ErrorCode::InvalidRange, message);
                return [None, None];
            }
        };
        let excess = match (first, second, vars) {
            (None, _, [Some(var), _]) => Some((var, "no iteration variables")),
            (_, None, [_, Some(var)]) => Some((var, "only one iteration variable")),
            _ => None,
        };
        if let Some((var, permitted)) = excess {
            let message = format!("range over {} permits {permitted}", self.describe(x));
            self.claim(&[x.ty], var, ErrorCode::InvalidRange, message);
        }
        [first, second]
    }

    /// `for i, v := range`: `number` is the subject where it is an integer, whose value the variable gets.
    fn range_define(
        &mut self,
        vars: [Option<ExprId>; 2],
        types: [Option<TypeId>; 2],
        mut number: Option<&mut Operand>,
        id: StmtId,
    ) {
        let mut names = false;
        for (var, ty) in vars.into_iter().zip(types) {
            let Some(var) = var else { continue };
            let place = self.new_or_old(var, &[]);
            let Place::New(ident) = place else { continue };
            names |= self.tree.source(ident) != "_";
            match (ty, number.take()) {
                (Some(_), Some(x)) => self.assign_to(place, x, "range clause"),
                (Some(ty), None) => self.declare_var(ident, ty),
                (None, _) => {
                    self.declare_var(ident, TypeId::UNKNOWN);
                    // One error is enough.
                    if let Some(local) = self.facts.borrow_mut().local_mut(ident) {
                        local.used = true;
                    }
                }
            }
        }
        if !names && self.is_whole() {
            let at = vars.into_iter().flatten().next();
            let message = "no new variables on left side of :=";
            match at {
                Some(at) => self.error(at, ErrorCode::NoNewVar, message),
                None => self.error(id, ErrorCode::NoNewVar, message),
            }
        }
    }

    /// `for i, v = range`.
    fn range_assign(
        &mut self,
        vars: [Option<ExprId>; 2],
        types: [Option<TypeId>; 2],
        mut number: Option<&mut Operand>,
    ) {
        for (var, ty) in vars.into_iter().zip(types) {
            let Some(var) = var else { continue };
            let place = self.place(var);
            match (ty, number.take()) {
                (Some(_), Some(x)) => {
                    self.assign_to(place, x, "range clause");
                    if !x.is_unknown() && self.store.all_basic(x.ty, Basic::is_integer) == Truth::No {
                        let message = format!("cannot use iteration variable of type {}", self.store.show(x.ty));
                        self.claim(&[x.ty], var, ErrorCode::InvalidRange, message);
                    }
                }
                (Some(ty), None) if !ty.is_unknown() => {
                    let mut x = Operand::new(Mode::Value, ty, var);
                    self.assign_to(place, &mut x, "assignment");
                }
                _ => {}
            }
        }
    }
}

fn yields(store: &Store, ty: TypeId) -> Yield {
    let int = Some(Basic::Int.into());
    let Some(core) = store.core_type(ty) else {
        // What is not the same for all types of a set is left to the compiler.
        let set = store.type_set(ty);
        let any = !set.unknown && set.terms.is_none();
        return if any { Yield::Nothing("no specific type".to_owned()) } else { Yield::Unknown };
    };
    match store.under(core) {
        Type::Unknown => Yield::Unknown,
        Type::Basic(basic) if basic.is_string() => Yield::Pair(int, Some(Basic::Int32.into())),
        Type::Basic(basic) if basic.is_integer() => Yield::Pair(Some(ty), None),
        Type::Array { elem, .. } | Type::Slice(elem) => Yield::Pair(int, Some(elem)),
        Type::Pointer(base) => match store.under(base) {
            Type::Array { elem, .. } => Yield::Pair(int, Some(elem)),
            Type::Unknown => Yield::Unknown,
            _ => Yield::Nothing(String::new()),
        },
        Type::Map { key, value } => Yield::Pair(Some(key), Some(value)),
        Type::Chan { dir: ChanDir::Send, .. } => {
            Yield::Nothing(format!("receive from send-only channel {}", store.show(core)))
        }
        Type::Chan { elem, .. } => Yield::Pair(Some(elem), None),
        Type::Signature(sig) => iterator(store, &sig.params, &sig.results),
        _ => Yield::Nothing(String::new()),
    }
}

/// What a function yields that is `func(yield func(…) bool)`.
fn iterator(store: &Store, params: &[TypeId], results: &[TypeId]) -> Yield {
    let not = |cause: &str| Yield::Nothing(format!("func must be func(yield func(...) bool): {cause}"));
    let &[yielder] = params else { return not("wrong argument count") };
    if !results.is_empty() {
        return not("unexpected results");
    }
    let sig = match store.core_type(yielder).map(|core| store.under(core)) {
        None | Some(Type::Unknown) => return Yield::Unknown,
        Some(Type::Signature(sig)) => sig,
        Some(_) => return not("argument is not func"),
    };
    match (&sig.params[..], &sig.results[..]) {
        ([_, _, _, ..], _) => not("yield func has too many parameters"),
        (params, &[result]) if result == Basic::Bool.into() => {
            Yield::Pair(params.first().copied(), params.get(1).copied())
        }
        (_, &[result]) if result.is_unknown() => Yield::Unknown,
        _ => not("yield func does not return bool"),
    }
}
