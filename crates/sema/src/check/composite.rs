//! Composite literals (Go spec, "Composite literals").

use std::collections::HashSet;

use gopeer_syntax::ast::{Expr, ExprId, ExprKind, ExprList};

use super::package::is_exported;
use super::predicates::Specific;
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::facts::{Selection, SelectionKind};
use crate::types::{Field, PkgId, Struct, Type, TypeId};
use crate::value::Value;

impl Checker<'_> {
    /// `T{…}`, or `{…}` of the type that `hint` says.
    pub(crate) fn composite(
        &mut self,
        id: ExprId,
        ty: Option<ExprId>,
        elems: ExprList,
        hint: Option<TypeId>,
    ) -> Operand {
        let elems = self.tree.exprs(elems);
        if let Some(ty) = ty
            && let Expr::ArrayType { len: Some(len), elem } = self.tree.expr(ty)
            && self.tree.expr_kind(len) == ExprKind::Ellipsis
        {
            let elem = self.ty(elem);
            let len = self.elements(elems, elem, None);
            let array = self.store.array(len, elem);
            self.record_type(ty, array);
            return Operand::new(Mode::Value, array, id);
        }
        let (whole, base) = match (ty, hint) {
            (Some(ty), _) => {
                let ty = self.ty(ty);
                (ty, ty)
            }
            // An element that is a pointer takes the address of the literal.
            (None, Some(hint)) => (hint, self.pointer_base(hint).unwrap_or(hint)),
            (None, None) => {
                self.use_all(elems);
                self.error(id, ErrorCode::InvalidLit, "missing type in composite literal");
                return Operand::unknown(id);
            }
        };
        let valid = self.literal_of(id, base, elems, ty.is_none());
        if valid && !whole.is_unknown() { Operand::new(Mode::Value, whole, id) } else { Operand::unknown(id) }
    }

    fn pointer_base(&self, ty: TypeId) -> Option<TypeId> {
        match self.store.under(self.common_under(ty)?) {
            Type::Pointer(base) => Some(base),
            _ => None,
        }
    }

    /// The underlying type that all types of a type parameter's set share; of other types the underlying type.
    fn common_under(&self, ty: TypeId) -> Option<TypeId> {
        let store = self.store;
        let mut common: Option<TypeId> = None;
        let found = store.each_specific(ty, |ty, _| {
            let under = store.underlying(ty);
            let same = common.is_none_or(|common| store.identical(common, under));
            common = Some(under);
            same
        });
        if found == Specific::All { common } else { None }
    }

    /// Checks the elements of a literal of type `base`. False, after a report where that is certain, if there are no such
    /// literals.
    fn literal_of(&mut self, id: ExprId, base: TypeId, elems: &[ExprId], elided: bool) -> bool {
        let under = self.common_under(base).map_or(Type::Unknown, |ty| self.store.get(ty));
        match under {
            Type::Struct(of) => self.struct_elements(id, base, &of, elems),
            Type::Array { len, elem } => {
                self.elements(elems, elem, len);
            }
            Type::Slice(elem) => {
                self.elements(elems, elem, None);
            }
            Type::Map { key, value } => self.map_elements(key, value, elems),
            Type::Unknown => self.use_all(elems),
            _ => {
                self.use_all(elems);
                let what = if elided { " element" } else { "" };
                let message = format!("invalid composite literal{what} type {}", self.store.show(base));
                self.claim(&[base], id, ErrorCode::InvalidLit, message);
                return false;
            }
        }
        true
    }
}

/// Structs.
impl Checker<'_> {
    fn struct_elements(&mut self, id: ExprId, base: TypeId, of: &Struct, elems: &[ExprId]) {
        match elems.first().map(|&first| self.tree.expr_kind(first)) {
            None => {}
            Some(ExprKind::KeyValue) => self.keyed_fields(base, of, elems),
            Some(_) => self.unkeyed_fields(id, base, of, elems),
        }
    }

    fn keyed_fields(&mut self, base: TypeId, of: &Struct, elems: &[ExprId]) {
        let mut visited = HashSet::new();
        for &elem in elems {
            let Expr::KeyValue { key, value } = self.tree.expr(elem) else {
                self.expr(elem, None);
                self.mixed(elem);
                continue;
            };
            if self.tree.expr(key) != Expr::Ident {
                self.value(value);
                let message = format!("invalid field name {} in struct literal", self.text(key));
                self.error(key, ErrorCode::InvalidLit, message);
                continue;
            }
            let name = self.tree.source(key);
            let symbol = self.store.symbol(name);
            let visible = |field: &Field| (field.pkg == PkgId::SELF || field.pkg == PkgId::UNIVERSE) && name != "_";
            let index = self.store.caches.fields.position(&of.fields, symbol, visible);
            let Some((index, field)) = index.and_then(|index| of.fields.get(index).map(|field| (index, field))) else {
                self.value(value);
                if !self.may_differ(base) && (of.hidden.is_none() || is_exported(name)) {
                    let message = self.lookup_error(base, name, true);
                    self.claim(&[base], key, ErrorCode::MissingLitField, message);
                }
                continue;
            };
            let mut x = self.field_value(value, field.ty);
            self.record(&Operand::new(Mode::Variable, field.ty, key));
            let owner = match self.store.get(base) {
                Type::Named(id, _) => Some(id),
                _ => None,
            };
            let path = [index as u32].into();
            let selection = Selection { kind: SelectionKind::Field, recv: base, owner, path, indirect: false };
            self.facts.borrow_mut().record_selection(key, selection);
            self.assignment(&mut x, field.ty, "struct literal");
            if !visited.insert(index) {
                let message = format!("duplicate field name {name} in struct literal");
                self.error(elem, ErrorCode::DuplicateLitField, message);
            }
        }
    }

    /// Unlike elements, fields do not let a literal leave its type out.
    fn field_value(&mut self, value: ExprId, ty: TypeId) -> Operand {
        match self.tree.expr(value) {
            Expr::Composite { ty: None, .. } => self.value(value),
            _ => self.value_for(value, ty),
        }
    }

    /// Whether a struct type is of a module's version that need not be the one in use, with other fields.
    fn may_differ(&self, ty: TypeId) -> bool {
        let Type::Named(id, _) = self.store.get(ty) else { return false };
        let named = self.store.named(id);
        named.pkg != PkgId::SELF && !named.complete
    }

    fn mixed(&mut self, elem: ExprId) {
        let message = "mixture of field:value and value elements in struct literal";
        self.error(elem, ErrorCode::InvalidLit, message);
    }

    fn unkeyed_fields(&mut self, id: ExprId, base: TypeId, of: &Struct, elems: &[ExprId]) {
        let fixed = of.hidden.is_none() && !self.may_differ(base);
        for (index, &elem) in elems.iter().enumerate() {
            if let Expr::KeyValue { value, .. } = self.tree.expr(elem) {
                self.expr(value, None);
                self.mixed(elem);
                continue;
            }
            let Some(field) = of.fields.get(index).filter(|_| fixed) else {
                let x = self.value(elem);
                self.leave_open(&x);
                if fixed {
                    let message = format!("too many values in struct literal of type {}", self.store.show(base));
                    self.claim(&[base], elem, ErrorCode::InvalidLit, message);
                    return elems.iter().skip(index + 1).for_each(|&elem| self.use_all(&[elem]));
                }
                continue;
            };
            let mut x = self.field_value(elem, field.ty);
            if field.pkg != PkgId::UNIVERSE && field.pkg != PkgId::SELF {
                let (name, ty) = (self.store.text(field.name), self.store.show(base));
                let message = format!("implicit assignment to unexported field {name} in struct literal of type {ty}");
                self.claim(&[base], elem, ErrorCode::InvalidLit, message);
                continue;
            }
            self.assignment(&mut x, field.ty, "struct literal");
        }
        if elems.len() < of.fields.len() && fixed {
            let message = format!("too few values in struct literal of type {}", self.store.show(base));
            self.claim(&[base], id, ErrorCode::InvalidLit, message);
        }
    }
}

/// Arrays, slices and maps.
impl Checker<'_> {
    /// Checks the elements of an array or slice; gives how long it must be, if that is known.
    fn elements(&mut self, elems: &[ExprId], ty: TypeId, len: Option<u64>) -> Option<u64> {
        let keyed = elems.iter().any(|&elem| self.tree.expr_kind(elem) == ExprKind::KeyValue);
        let mut visited = HashSet::new();
        let (mut index, mut max) = (Some(0_u64), Some(0_u64));
        for &elem in elems {
            let mut value = elem;
            if let Expr::KeyValue { key, value: of } = self.tree.expr(elem) {
                value = of;
                index = self.element_index(elem, key, len);
            } else if let (Some(at), Some(len)) = (index, len)
                && at >= len
            {
                let message = format!("index {at} is out of bounds (>= {len})");
                self.error(elem, ErrorCode::InvalidIndex, message);
            }
            if let (true, Some(at)) = (keyed, index)
                && !visited.insert(at)
            {
                let message = format!("duplicate index {at} in array or slice literal");
                self.error(elem, ErrorCode::DuplicateLitKey, message);
            }
            index = index.and_then(|index| index.checked_add(1));
            // What follows an unknown index may be anywhere.
            max = index.and_then(|index| max.map(|max| max.max(index)));
            let mut x = self.value_for(value, ty);
            self.assignment(&mut x, ty, "array or slice literal");
        }
        max
    }

    fn element_index(&mut self, elem: ExprId, key: ExprId, len: Option<u64>) -> Option<u64> {
        let x = self.index_value(key, len);
        if self.is_no_constant(&x) {
            let message = format!("index {} must be integer constant", self.text(key));
            self.error(elem, ErrorCode::InvalidIndex, message);
        }
        self.constant_index(&x)
    }

    fn map_elements(&mut self, key_ty: TypeId, value_ty: TypeId, elems: &[ExprId]) {
        let interface = self.store.is_interface(key_ty);
        let mut visited = HashSet::new();
        for &elem in elems {
            let Expr::KeyValue { key, value } = self.tree.expr(elem) else {
                self.expr(elem, Some(value_ty));
                self.error(elem, ErrorCode::InvalidLit, "missing key in map literal");
                continue;
            };
            let mut x = self.value_for(key, key_ty);
            self.assignment(&mut x, key_ty, "map literal");
            if x.mode == Mode::Constant && !x.value.is_unknown() {
                let of = if interface { x.ty } else { key_ty };
                if !visited.insert((key_value(&x.value), of)) {
                    let message = format!("duplicate key {} in map literal", x.value.short());
                    self.error(key, ErrorCode::DuplicateLitKey, message);
                }
            }
            let mut y = self.value_for(value, value_ty);
            self.assignment(&mut y, value_ty, "map literal");
        }
    }
}

/// A constant in a form that is the same for the same number.
fn key_value(value: &Value) -> Value {
    let forms = [value.to_int(), value.to_float()];
    forms.into_iter().find(|form| !form.is_unknown()).unwrap_or_else(|| value.clone())
}
