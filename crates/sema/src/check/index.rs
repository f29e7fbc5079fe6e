//! Index and slice expressions (Go spec, "Index expressions", "Slice expressions", "Instantiations").

use gopeer_syntax::ast::{ExprId, ExprList};

use super::predicates::Specific;
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::types::{Basic, Truth, Type, TypeId};
use crate::value::Value;

/// What indexing gives.
struct Element {
    mode: Mode,
    ty: TypeId,
    /// The key type of a map.
    key: Option<TypeId>,
    /// The length, where it is constant.
    len: Option<u64>,
}

impl Checker<'_> {
    /// `base[args]`: an element, an instance of a generic function or of a generic type.
    pub(crate) fn index(&mut self, id: ExprId, base: ExprId, args: ExprList, hint: Option<TypeId>) -> Operand {
        if self.denotes_type(base) {
            return self.type_operand(id);
        }
        let args = self.tree.exprs(args);
        let mut x = self.expr(base, None);
        if x.mode == Mode::Value && self.generic_func(base).is_some() {
            return self.instantiate_func(id, x, args, hint);
        }
        self.single(&mut x);
        if x.is_unknown() {
            self.use_all(args);
            return Operand::unknown(id);
        }
        match self.element(&x) {
            Ok(Some(element)) => self.index_element(id, args, element),
            Ok(None) => {
                self.use_all(args);
                Operand::unknown(id)
            }
            Err(()) => {
                let message = format!("cannot index {}", self.describe(&x));
                self.claim(&[x.ty], base, ErrorCode::InvalidIndex, message);
                self.use_all(args);
                Operand::unknown(id)
            }
        }
    }

    fn index_element(&mut self, id: ExprId, args: &[ExprId], element: Element) -> Operand {
        if let [_, second, ..] = args {
            self.error(*second, ErrorCode::InvalidIndex, "invalid operation: more than one index");
        }
        let Some(&index) = args.first() else { return Operand::unknown(id) };
        match element.key {
            Some(key) => {
                let mut x = self.value_for(index, key);
                self.assignment(&mut x, key, "map index");
            }
            None => {
                self.index_value(index, element.len);
            }
        }
        match element.ty.is_unknown() {
            true => Operand::unknown(id),
            false => Operand::new(element.mode, element.ty, id),
        }
    }

    /// What an element of `x` is; nothing where it is not known, and an error where `x` has none.
    fn element(&self, x: &Operand) -> Result<Option<Element>, ()> {
        let store = self.store;
        let mut all: Option<Element> = None;
        let found = store.each_specific(x.ty, |_, under| {
            let Some(one) = self.element_of(x, under) else { return false };
            match &mut all {
                None => all = Some(one),
                Some(all) => {
                    let same_key = match (all.key, one.key) {
                        (Some(a), Some(b)) => store.identical(a, b),
                        (None, None) => true,
                        _ => false,
                    };
                    if !same_key || !store.identical(all.ty, one.ty) {
                        return false;
                    }
                    if one.mode == Mode::Value {
                        all.mode = Mode::Value;
                    }
                    all.len = all.len.map(|len| one.len.map_or(len, |other| len.min(other)));
                }
            }
            true
        });
        match found {
            Specific::All => Ok(all),
            Specific::Unknown => Ok(None),
            Specific::Stopped | Specific::None => Err(()),
        }
    }

    fn element_of(&self, x: &Operand, under: &Type) -> Option<Element> {
        let plain = |mode, ty, len| Some(Element { mode, ty, key: None, len });
        match *under {
            Type::Basic(basic) if basic.is_string() => {
                let len = x.value.as_bytes().filter(|_| x.mode == Mode::Constant).map(|bytes| bytes.len() as u64);
                plain(Mode::Value, Basic::Uint8.into(), len)
            }
            Type::Array { len, elem } => {
                plain(if x.mode == Mode::Variable { Mode::Variable } else { Mode::Value }, elem, len)
            }
            Type::Pointer(base) => match self.store.under(base) {
                Type::Array { len, elem } => plain(Mode::Variable, elem, len),
                Type::Unknown => plain(Mode::Variable, TypeId::UNKNOWN, None),
                _ => None,
            },
            Type::Slice(elem) => plain(Mode::Variable, elem, None),
            Type::Map { key, value } => Some(Element { mode: Mode::MapIndex, ty: value, key: Some(key), len: None }),
            _ => None,
        }
    }

    /// Checks an index: an integer, if constant from 0 up to `max` (not included). Gives the operand, unknown after a
    /// report.
    pub(crate) fn index_value(&mut self, id: ExprId, max: Option<u64>) -> Operand {
        let mut x = self.value(id);
        if !self.valid_index(&mut x, "index", false) {
            return Operand::unknown(id);
        }
        if let (Some(max), Some(value)) = (max, self.constant_index(&x))
            && value >= max
        {
            let message = format!("invalid argument: index {} out of bounds [0:{max}]", x.value.short());
            self.error(id, ErrorCode::InvalidIndex, message);
            return Operand::unknown(id);
        }
        x
    }

    /// The value of a constant index.
    pub(crate) fn constant_index(&self, x: &Operand) -> Option<u64> {
        if x.mode == Mode::Constant { x.value.as_u64() } else { None }
    }

    /// Whether `x` is an integer that can be an index, size or count; false, after a report where that is certain, if not.
    /// `what` it is begins the message.
    pub(crate) fn valid_index(&mut self, x: &mut Operand, what: &str, allow_negative: bool) -> bool {
        if x.is_unknown() || !self.convert_untyped(x, Basic::Int.into()) {
            return false;
        }
        match self.store.all_basic(x.ty, Basic::is_integer) {
            Truth::Yes => {}
            Truth::Unknown => return false,
            Truth::No => {
                let message = format!("invalid argument: {what} {} must be integer", self.describe(x));
                self.claim(&[x.ty], x.expr, ErrorCode::InvalidIndex, message);
                return false;
            }
        }
        if x.mode != Mode::Constant {
            return true;
        }
        let problem = if !allow_negative && x.value.sign() < 0 {
            "must not be negative"
        } else if x.value.representable(Basic::Int).is_none() {
            "overflows int"
        } else {
            return true;
        };
        let message = format!("invalid argument: {what} {} {problem}", self.describe(x));
        self.error(x.expr, ErrorCode::InvalidIndex, message);
        false
    }
}

/// Slice expressions.
impl Checker<'_> {
    pub(crate) fn slice(&mut self, id: ExprId, base: ExprId, bounds: [Option<ExprId>; 3]) -> Operand {
        let x = self.value(base);
        let sliced = if x.is_unknown() { None } else { self.sliced(&x, bounds[2]) };
        let Some((ty, len)) = sliced else {
            bounds.into_iter().flatten().for_each(|bound| self.use_all(&[bound]));
            return Operand::unknown(id);
        };
        let mut constants = [None; 3];
        for (constant, bound) in constants.iter_mut().zip(bounds) {
            if let Some(bound) = bound {
                // A bound may be the length itself, which an index may not.
                let x = self.index_value(bound, len.map(|len| len.saturating_add(1)));
                *constant = self.constant_index(&x).map(|value| (bound, value));
            }
        }
        self.ordered_bounds(constants);
        if ty.is_unknown() { Operand::unknown(id) } else { Operand::new(Mode::Value, ty, id) }
    }

    fn ordered_bounds(&mut self, constants: [Option<(ExprId, u64)>; 3]) {
        let known: Vec<(ExprId, u64)> = constants.into_iter().flatten().collect();
        for (i, (_, low)) in known.iter().enumerate() {
            if let Some((at, high)) = known.iter().skip(i + 1).find(|(_, high)| high < low) {
                let message = format!("invalid slice indices: {high} < {low}");
                return self.error(*at, ErrorCode::InvalidIndex, message);
            }
        }
    }

    /// The type that slicing `x` gives, and the length where it is constant; none, after a report where that is certain,
    /// if `x` cannot be sliced.
    fn sliced(&mut self, x: &Operand, max: Option<ExprId>) -> Option<(TypeId, Option<u64>)> {
        let store = self.store;
        let (mut common, mut string, mut differ) = (None, false, None);
        let found = store.each_specific(x.ty, |ty, under| {
            let mut under_ty = store.underlying(ty);
            if matches!(under, Type::Basic(basic) if basic.is_string()) {
                under_ty = store.slice(Basic::Uint8.into());
                string = true;
            }
            match common {
                None => common = Some((ty, under_ty)),
                Some((first, of)) if !store.identical(of, under_ty) => differ = Some((first, ty)),
                Some(_) => {}
            }
            differ.is_none()
        });
        let refuse = |c: &mut Self, why: String| {
            c.claim(&[x.ty], x.expr, ErrorCode::InvalidIndex, why);
            None
        };
        match found {
            Specific::Unknown => return None,
            Specific::None => {
                let (what, ty) = (self.describe(x), self.store.show(x.ty));
                return refuse(self, format!("cannot slice {what}: no specific type in {ty}"));
            }
            _ => {}
        }
        if let Some((a, b)) = differ {
            let (what, a, b) = (self.describe(x), self.store.show(a), self.store.show(b));
            return refuse(self, format!("cannot slice {what}: {a} and {b} have different underlying types"));
        }
        if string {
            return self.sliced_string(x, max);
        }
        let (_, under) = common?;
        match self.store.get(under) {
            Type::Slice(_) => Some((x.ty, None)),
            Type::Array { len, elem } if x.mode == Mode::Variable => Some((self.store.slice(elem), len)),
            Type::Array { .. } => {
                let message = format!("cannot slice unaddressable value {}", self.describe(x));
                refuse(self, message)
            }
            Type::Pointer(base) => match self.store.under(base) {
                Type::Array { len, elem } => Some((self.store.slice(elem), len)),
                Type::Unknown => None,
                _ => {
                    let message = format!("cannot slice {}", self.describe(x));
                    refuse(self, message)
                }
            },
            _ => {
                let message = format!("cannot slice {}", self.describe(x));
                refuse(self, message)
            }
        }
    }

    fn sliced_string(&mut self, x: &Operand, max: Option<ExprId>) -> Option<(TypeId, Option<u64>)> {
        if let Some(max) = max {
            self.error(max, ErrorCode::InvalidIndex, "invalid operation: 3-index slice of string");
            return None;
        }
        let len = match &x.value {
            Value::Str(bytes) if x.mode == Mode::Constant => Some(bytes.len() as u64),
            _ => None,
        };
        Some((self.store.default_of(x.ty), len))
    }
}
