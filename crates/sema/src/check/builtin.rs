//! Built-in functions (Go spec, "Built-in functions").

use gopeer_syntax::ast::{BinaryOp, ChanDir, Expr, ExprId, Node, UnaryOp};

use super::args::{Args, Passing};
use super::predicates::Specific;
use super::{Builtin, Checker, Mode, Operand};
use crate::ErrorCode;
use crate::types::{Basic, Signature, Truth, Type, TypeId};
use crate::value::Value;

/// A call of a built-in function.
#[derive(Clone, Copy)]
pub(crate) struct BuiltinCall<'t> {
    pub(crate) id: ExprId,
    pub(crate) args: &'t [ExprId],
    pub(crate) spread: bool,
}

/// The name, how many arguments there are at least, and whether there may be more.
fn shape(builtin: Builtin) -> (&'static str, usize, bool) {
    match builtin {
        Builtin::Append => ("append", 1, true),
        Builtin::Cap => ("cap", 1, false),
        Builtin::Clear => ("clear", 1, false),
        Builtin::Close => ("close", 1, false),
        Builtin::Complex => ("complex", 2, false),
        Builtin::Copy => ("copy", 2, false),
        Builtin::Delete => ("delete", 2, false),
        Builtin::Imag => ("imag", 1, false),
        Builtin::Len => ("len", 1, false),
        Builtin::Make => ("make", 1, true),
        Builtin::Max => ("max", 1, true),
        Builtin::Min => ("min", 1, true),
        Builtin::New => ("new", 1, false),
        Builtin::Panic => ("panic", 1, false),
        Builtin::Print => ("print", 0, true),
        Builtin::Println => ("println", 0, true),
        Builtin::Real => ("real", 1, false),
        Builtin::Recover => ("recover", 0, false),
        Builtin::UnsafeAdd => ("Add", 2, false),
        Builtin::UnsafeAlignof => ("Alignof", 1, false),
        Builtin::UnsafeOffsetof => ("Offsetof", 1, false),
        Builtin::UnsafeSizeof => ("Sizeof", 1, false),
        Builtin::UnsafeSlice => ("Slice", 2, false),
        Builtin::UnsafeSliceData => ("SliceData", 1, false),
        Builtin::UnsafeString => ("String", 2, false),
        Builtin::UnsafeStringData => ("StringData", 1, false),
    }
}

/// What a built-in function gives that gives nothing.
const NOTHING: (Mode, TypeId) = (Mode::NoValue, TypeId::VOID);

impl Checker<'_> {
    /// Checks the call of a built-in function.
    pub(crate) fn builtin(&mut self, id: ExprId, builtin: Builtin, args: &[ExprId], spread: bool) -> Operand {
        let call = BuiltinCall { id, args, spread };
        if spread && builtin != Builtin::Append {
            self.use_all(args);
            let message = format!("invalid operation: invalid use of ... with built-in {}", shape(builtin).0);
            self.error(id, ErrorCode::InvalidCall, message);
            return Operand::unknown(id);
        }
        if !matches!(builtin, Builtin::Make | Builtin::New | Builtin::UnsafeOffsetof) {
            return self.builtin_of_values(call, builtin);
        }
        if !self.builtin_count(call, builtin, args.len()) {
            self.use_all(args);
            return Operand::unknown(id);
        }
        match (builtin, args.first()) {
            (Builtin::Make, Some(&first)) => self.make(call, first),
            (Builtin::New, Some(&first)) => self.new_pointer(id, first),
            (_, Some(&first)) => self.offset_of(id, first),
            (_, None) => Operand::unknown(id),
        }
    }

    /// A built-in function all of whose arguments are values.
    fn builtin_of_values(&mut self, call: BuiltinCall<'_>, builtin: Builtin) -> Operand {
        let id = call.id;
        let mut operands = self.values(call.args, &[], false);
        let mut x = operands.first().cloned().unwrap_or(Operand::unknown(id));
        if operands.iter().any(|x| x.mode == Mode::Unknown) {
            operands.iter().for_each(|x| self.leave_open(x));
            return self.unsure_result(builtin, &x, id);
        }
        if !self.builtin_count(call, builtin, operands.len()) {
            return Operand::unknown(id);
        }
        let result = match (builtin, operands.get_mut(1)) {
            (Builtin::Append, _) => self.append(call, &x, operands),
            (Builtin::Cap | Builtin::Len, _) => return self.length(id, &x, builtin == Builtin::Len),
            (Builtin::Clear, _) => self.clear(&x),
            (Builtin::Close, _) => self.close(&x),
            (Builtin::Complex, Some(y)) => return self.complex(id, x, y),
            (Builtin::Copy, Some(y)) => self.copy(&x, y),
            (Builtin::Delete, Some(y)) => self.delete(&x, y),
            (Builtin::Imag, _) => return self.real_or_imag(id, x, false),
            (Builtin::Real, _) => return self.real_or_imag(id, x, true),
            (Builtin::Max, _) => return self.extreme(id, operands, BinaryOp::Greater),
            (Builtin::Min, _) => return self.extreme(id, operands, BinaryOp::Less),
            (Builtin::Panic, _) => self.assignment(&mut x, TypeId::ANY, "argument to panic").then_some(NOTHING),
            (Builtin::Print | Builtin::Println, _) => self.print(&mut operands, shape(builtin).0),
            (Builtin::Recover, _) => Some((Mode::Value, TypeId::ANY)),
            (_, y) => return self.unsafe_builtin(id, builtin, x, y),
        };
        match result {
            Some((mode, ty)) if !ty.is_unknown() => Operand::new(mode, ty, id),
            _ => Operand::unknown(id),
        }
    }

    /// The result where an argument is not known.
    fn unsure_result(&self, builtin: Builtin, x: &Operand, id: ExprId) -> Operand {
        match builtin {
            Builtin::Append if !x.is_unknown() && x.mode != Mode::Nil => Operand::new(Mode::Value, x.ty, id),
            Builtin::Len | Builtin::Cap if self.may_be_constant(x.expr, false) => Operand::unknown(id),
            Builtin::Copy | Builtin::Len | Builtin::Cap => Operand::new(Mode::Value, Basic::Int.into(), id),
            Builtin::Clear | Builtin::Close | Builtin::Delete => Operand::new(Mode::NoValue, TypeId::VOID, id),
            Builtin::Panic | Builtin::Print | Builtin::Println => Operand::new(Mode::NoValue, TypeId::VOID, id),
            Builtin::UnsafeAdd => Operand::new(Mode::Value, Basic::UnsafePointer.into(), id),
            Builtin::UnsafeSizeof | Builtin::UnsafeAlignof => {
                Operand::constant(Basic::Uintptr.into(), Value::Unknown, id)
            }
            Builtin::Recover => Operand::new(Mode::Value, TypeId::ANY, id),
            Builtin::UnsafeString => Operand::new(Mode::Value, Basic::String.into(), id),
            _ => Operand::unknown(id),
        }
    }

    fn builtin_count(&mut self, call: BuiltinCall<'_>, builtin: Builtin, found: usize) -> bool {
        let (_, least, more) = shape(builtin);
        let few = match found {
            _ if found < least => "not enough",
            _ if found > least && !more => "too many",
            _ => return true,
        };
        let what = self.text(call.id);
        let message = format!("invalid operation: {few} arguments for {what} (expected {least}, found {found})");
        self.error(call.id, ErrorCode::WrongArgCount, message);
        false
    }

    /// Reports what cannot be an argument, where its type is known.
    pub(crate) fn bad_argument(&mut self, x: &Operand, message: String) {
        self.claim(&[x.ty], x.expr, ErrorCode::InvalidCall, message);
    }
}

/// Slices, maps and channels.
impl Checker<'_> {
    /// The element type of a slice; none, after a report, if it is none. `verb` is what it is for.
    fn slice_elem(&mut self, x: &Operand, verb: &str) -> Option<TypeId> {
        if x.mode == Mode::Nil {
            let message = format!("invalid {verb}: argument must be a slice; have untyped nil");
            self.error(x.expr, ErrorCode::InvalidCall, message);
            return None;
        }
        let store = self.store;
        let (mut elem, mut other) = (None, None);
        let found = store.each_specific(x.ty, |_, under| match under {
            Type::Slice(of) => {
                let same = elem.is_none_or(|elem| store.identical(elem, *of));
                if same {
                    elem = Some(*of);
                } else {
                    other = Some(*of);
                }
                same
            }
            _ => false,
        });
        match (found, elem, other) {
            (Specific::All, elem, _) => return elem,
            (Specific::Unknown, ..) => {}
            (_, Some(a), Some(b)) => {
                let (what, a, b) = (self.describe(x), store.show(a), store.show(b));
                self.bad_argument(x, format!("invalid {verb}: mismatched slice element types {a} and {b} in {what}"));
            }
            _ => {
                let message = format!("invalid {verb}: argument must be a slice; have {}", self.describe(x));
                self.bad_argument(x, message);
            }
        }
        None
    }

    /// Whether the types of `x` are byte slices and strings, and which.
    fn bytes_or_strings(&self, x: &Operand) -> Option<(bool, bool)> {
        let (mut bytes, mut strings) = (false, false);
        let found = self.store.each_specific(x.ty, |_, under| match under {
            Type::Slice(elem) if *elem == Basic::Uint8.into() => {
                bytes = true;
                true
            }
            Type::Basic(basic) if basic.is_string() => {
                strings = true;
                true
            }
            _ => false,
        });
        (found == Specific::All).then_some((bytes, strings))
    }

    fn append(&mut self, call: BuiltinCall<'_>, x: &Operand, operands: Vec<Operand>) -> Option<(Mode, TypeId)> {
        let result = Some((Mode::Value, x.ty));
        let Some(elem) = self.slice_elem(x, "append") else {
            return if x.is_unknown() { None } else { result.filter(|_| self.slice_is_unsure(x)) };
        };
        let bytes = self.store.slice(Basic::Uint8.into());
        if call.spread
            && let [_, y] = &*operands
            && self.store.assignable(x.ty, bytes) == Truth::Yes
            && let Some((_, true)) = self.bytes_or_strings(y)
        {
            return result;
        }
        let sig = Signature { params: [x.ty, self.store.slice(elem)].into(), results: [x.ty].into(), variadic: true };
        let Expr::Call { fun, .. } = self.tree.expr(call.id) else { return result };
        let passing = Passing { call: call.id, fun, sig: &sig, params: &[], given: &[], spread: call.spread };
        self.pass(&passing, &mut Args::of(operands));
        result
    }

    fn slice_is_unsure(&self, x: &Operand) -> bool {
        self.store.each_specific(x.ty, |_, under| matches!(under, Type::Slice(_))) == Specific::Unknown
    }

    fn copy(&mut self, x: &Operand, y: &mut Operand) -> Option<(Mode, TypeId)> {
        let result = Some((Mode::Value, Basic::Int.into()));
        let bytes = self.store.slice(Basic::Uint8.into());
        if self.store.assignable(x.ty, bytes) == Truth::Yes && self.bytes_or_strings(y).is_some() {
            return result;
        }
        let to = self.slice_elem(x, "copy")?;
        let from = match self.bytes_or_strings(y) {
            Some((false, true)) => Basic::Uint8.into(),
            _ => self.slice_elem(y, "copy")?,
        };
        if !self.store.identical(to, from) {
            let (x_text, y_text) = (self.describe(x), self.describe(y));
            let (a, b) = (self.store.show(to), self.store.show(from));
            let message =
                format!("invalid copy: arguments {x_text} and {y_text} have different element types {a} and {b}");
            self.claim(&[to, from], x.expr, ErrorCode::InvalidCall, message);
            return None;
        }
        result
    }

    fn clear(&mut self, x: &Operand) -> Option<(Mode, TypeId)> {
        let clears = |_, under: &Type| matches!(under, Type::Map { .. } | Type::Slice(_));
        if let Specific::Stopped | Specific::None = self.store.each_specific(x.ty, clears) {
            let what = self.describe(x);
            let message =
                format!("invalid argument: cannot clear {what}: argument must be (or constrained by) map or slice");
            self.bad_argument(x, message);
        }
        Some(NOTHING)
    }

    fn close(&mut self, x: &Operand) -> Option<(Mode, TypeId)> {
        let mut kind = "non-channel";
        let found = self.store.each_specific(x.ty, |_, under| match under {
            Type::Chan { dir: ChanDir::Recv, .. } => {
                kind = "receive-only channel";
                false
            }
            Type::Chan { .. } => true,
            _ => false,
        });
        if let Specific::Stopped | Specific::None = found {
            let message = format!("invalid operation: cannot close {kind} {}", self.describe(x));
            self.bad_argument(x, message);
        }
        Some(NOTHING)
    }

    fn delete(&mut self, x: &Operand, key: &mut Operand) -> Option<(Mode, TypeId)> {
        let store = self.store;
        let (mut of, mut same) = (None, true);
        let found = store.each_specific(x.ty, |_, under| match under {
            Type::Map { key, .. } => {
                same = of.is_none_or(|of| store.identical(of, *key));
                of = Some(*key);
                same
            }
            _ => false,
        });
        match (found, of) {
            (Specific::All, Some(of)) => {
                self.assignment(key, of, "argument to delete");
            }
            (Specific::Unknown, _) => {}
            _ => {
                let what = self.describe(x);
                let message = match same {
                    true => format!("invalid argument: {what} is not a map"),
                    false => format!("invalid argument: maps of {what} must have identical key types"),
                };
                self.bad_argument(x, message);
            }
        }
        Some(NOTHING)
    }

    /// `len` and `cap`: constant for constant strings, and for arrays where nothing is called or received.
    fn length(&mut self, id: ExprId, x: &Operand, len: bool) -> Operand {
        let store = self.store;
        let int = Basic::Int.into();
        if !store.is_param(x.ty) {
            match (store.under(x.ty), &x.value) {
                (Type::Basic(basic), value) if len && basic.is_string() && x.mode == Mode::Constant => {
                    let value = value.as_bytes().map_or(Value::Unknown, |bytes| Value::uint(bytes.len() as u64));
                    return Operand::constant(int, value, id);
                }
                (under, _) => {
                    if let Some(Type::Array { len, .. }) = self.array_under(&under)
                        && !self.calls_or_receives(x.expr)
                    {
                        return Operand::constant(int, len.map_or(Value::Unknown, Value::uint), id);
                    }
                }
            }
        }
        let found = store.each_specific(x.ty, |_, under| match self.array_under(under).as_ref().unwrap_or(under) {
            Type::Basic(basic) => len && basic.is_string(),
            Type::Array { .. } | Type::Slice(_) | Type::Chan { .. } => true,
            Type::Map { .. } => len,
            _ => false,
        });
        if let Specific::Stopped | Specific::None = found {
            let name = if len { "len" } else { "cap" };
            let message = format!("invalid argument: {} for built-in {name}", self.describe(x));
            self.bad_argument(x, message);
            return Operand::unknown(id);
        }
        Operand::new(Mode::Value, int, id)
    }

    /// The array that a type is or points to.
    fn array_under(&self, under: &Type) -> Option<Type> {
        match under {
            Type::Array { .. } => Some(under.clone()),
            Type::Pointer(base) => Some(self.store.under(*base)).filter(|base| matches!(base, Type::Array { .. })),
            _ => None,
        }
    }

    /// Whether evaluating an expression calls a function or receives from a channel.
    fn calls_or_receives(&self, id: ExprId) -> bool {
        let mut found = false;
        let facts = self.facts.borrow();
        self.tree.walk(id, &mut |node| {
            if let Node::Expr(id) = node {
                match self.tree.expr(id) {
                    Expr::FuncLit { .. } => return false,
                    Expr::Unary { op: UnaryOp::Recv, .. } => found = true,
                    Expr::Call { fun, .. } => {
                        found |= facts.mode(fun) != Mode::Type && facts.mode(id) != Mode::Constant;
                    }
                    _ => {}
                }
            }
            !found
        });
        found
    }

    fn make(&mut self, call: BuiltinCall<'_>, first: ExprId) -> Operand {
        let ty = self.ty(first);
        let sizes = call.args.get(1..).unwrap_or_default();
        let Some(least) = self.made(first, ty) else {
            sizes.iter().for_each(|&size| {
                self.index_value(size, None);
            });
            return if ty.is_unknown() { Operand::unknown(call.id) } else { Operand::new(Mode::Value, ty, call.id) };
        };
        if call.args.len() < least || least + 1 < call.args.len() {
            let (what, found) = (self.text(call.id), call.args.len());
            let message =
                format!("invalid operation: {what} expects {least} or {} arguments; found {found}", least + 1);
            self.error(call.id, ErrorCode::WrongArgCount, message);
            self.use_all(sizes);
            return Operand::unknown(call.id);
        }
        let mut constants = [None; 2];
        for (constant, &size) in constants.iter_mut().zip(sizes) {
            let x = self.index_value(size, None);
            *constant = self.constant_index(&x);
        }
        if let ([Some(len), Some(cap)], Some(&size)) = (constants, sizes.first())
            && len > cap
        {
            self.error(size, ErrorCode::InvalidCall, "invalid argument: length and capacity swapped");
        }
        Operand::new(Mode::Value, ty, call.id)
    }

    /// How many arguments `make` takes at least for that type; none, after a report where that is certain, if it makes none
    /// of these.
    fn made(&mut self, first: ExprId, ty: TypeId) -> Option<usize> {
        if ty.is_unknown() {
            return None;
        }
        let mut other = false;
        let found = self.store.each_specific(ty, |_, under| {
            other |= !matches!(under, Type::Slice(_) | Type::Map { .. } | Type::Chan { .. });
            !other
        });
        let core = self.store.core_type(ty).map(|ty| self.store.get(ty));
        let why = match (found, core) {
            (Specific::Unknown, _) => return None,
            (Specific::All, Some(Type::Slice(_))) => return Some(2),
            (Specific::All, Some(Type::Map { .. } | Type::Chan { .. })) => return Some(1),
            (Specific::All, Some(Type::Unknown)) => return None,
            (Specific::None, _) => "no specific type",
            _ if other => "type must be slice, map, or channel",
            _ => return self.not_common(first, ty),
        };
        let message = format!("invalid argument: cannot make {}: {why}", self.text(first));
        self.claim(&[ty], first, ErrorCode::InvalidCall, message);
        None
    }

    /// Reports the two types of a set that have no underlying type in common.
    fn not_common(&mut self, first: ExprId, of: TypeId) -> Option<usize> {
        let store = self.store;
        let set = store.type_set(of);
        let (one, rest) = set.terms.as_deref()?.split_first()?;
        let under = store.underlying(one.ty);
        let other = rest.iter().find(|term| !store.identical(under, store.underlying(term.ty)))?;
        let (a, b) = (store.show(one.ty), store.show(other.ty));
        let why = match (store.get(under), store.under(other.ty)) {
            (Type::Chan { elem: x, .. }, Type::Chan { elem: y, .. }) if !store.identical(x, y) => {
                format!("channels {a} and {b} have different element types")
            }
            (Type::Chan { .. }, Type::Chan { .. }) => format!("channels {a} and {b} have conflicting directions"),
            _ => format!("{a} and {b} have different underlying types"),
        };
        let message = format!("invalid argument: cannot make {}: {why}", self.text(first));
        self.claim(&[of], first, ErrorCode::InvalidCall, message);
        None
    }

    /// `new(T)`, `new(x)`.
    fn new_pointer(&mut self, id: ExprId, arg: ExprId) -> Operand {
        let mut x = self.expr(arg, None);
        self.value_or_type(&mut x);
        match x.mode {
            Mode::Type => {}
            Mode::Nil => self.assign_blank(&mut x, "argument to new"),
            _ => {
                let ty = self.store.default_of(x.ty);
                self.assignment(&mut x, ty, "argument to new");
            }
        }
        if x.is_unknown() { Operand::unknown(id) } else { Operand::new(Mode::Value, self.store.pointer(x.ty), id) }
    }

    fn print(&mut self, operands: &mut [Operand], name: &str) -> Option<(Mode, TypeId)> {
        for x in operands {
            if x.mode == Mode::Nil {
                let message = format!("use of untyped nil in argument to built-in {name}");
                self.error(x.expr, ErrorCode::UntypedNilUse, message);
            } else {
                self.default_type(x);
            }
        }
        Some(NOTHING)
    }
}
