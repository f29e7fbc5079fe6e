//! Functions of package unsafe (Go spec, "Package unsafe").

use gopeer_syntax::ast::{Expr, ExprId};

use super::{Builtin, Checker, Mode, Operand};
use crate::ErrorCode;
use crate::facts::{Selection, SelectionKind};
use crate::types::{Basic, Lookup, PkgId, Type, TypeId, Walk};
use crate::value::Value;

impl Checker<'_> {
    /// A function of package unsafe, with its checked arguments.
    pub(crate) fn unsafe_builtin(
        &mut self,
        id: ExprId,
        builtin: Builtin,
        mut x: Operand,
        y: Option<&mut Operand>,
    ) -> Operand {
        let byte = Basic::Uint8.into();
        let ty = match (builtin, y) {
            (Builtin::UnsafeAdd, Some(y)) => {
                let pointer = Basic::UnsafePointer.into();
                if !self.assignment(&mut x, pointer, "argument to unsafe.Add") || !self.valid_index(y, "length", true) {
                    return Operand::unknown(id);
                }
                pointer
            }
            (Builtin::UnsafeAlignof, _) => {
                self.assign_blank(&mut x, "argument to unsafe.Alignof");
                return self.constant_size(id, x.ty, self.store.alignof(x.ty));
            }
            (Builtin::UnsafeSizeof, _) => {
                self.assign_blank(&mut x, "argument to unsafe.Sizeof");
                return self.constant_size(id, x.ty, self.store.sizeof(x.ty));
            }
            (Builtin::UnsafeSlice, Some(y)) => match self.core(&x, "pointer") {
                Some(Type::Pointer(base)) if self.valid_index(y, "length", false) => self.store.slice(base),
                _ => return Operand::unknown(id),
            },
            (Builtin::UnsafeSliceData, _) => match self.core(&x, "slice") {
                Some(Type::Slice(elem)) => self.store.pointer(elem),
                _ => return Operand::unknown(id),
            },
            (Builtin::UnsafeString, Some(y)) => {
                let pointer = self.store.pointer(byte);
                if !self.assignment(&mut x, pointer, "argument to unsafe.String")
                    || !self.valid_index(y, "length", false)
                {
                    return Operand::unknown(id);
                }
                Basic::String.into()
            }
            (Builtin::UnsafeStringData, _) => {
                if !self.assignment(&mut x, Basic::String.into(), "argument to unsafe.StringData") {
                    return Operand::unknown(id);
                }
                self.store.pointer(byte)
            }
            _ => return Operand::unknown(id),
        };
        Operand::new(Mode::Value, ty, id)
    }

    /// The structure of the argument's core type, which must be a pointer or a slice.
    fn core(&mut self, x: &Operand, kind: &str) -> Option<Type> {
        let core = self.store.core_type(x.ty).map(|ty| self.store.get(ty));
        let fits = match core {
            Some(Type::Pointer(_)) => kind == "pointer",
            Some(Type::Slice(_)) => kind == "slice",
            Some(Type::Unknown) => true,
            _ => false,
        };
        if !fits {
            let message = format!("invalid argument: {} is not a {kind}", self.describe(x));
            self.bad_argument(x, message);
        }
        core
    }

    /// A size: constant unless it depends on type parameters.
    fn constant_size(&mut self, id: ExprId, of: TypeId, size: Option<u64>) -> Operand {
        let ty = Basic::Uintptr.into();
        match size {
            Some(size) => Operand::constant(ty, Value::uint(size), id),
            None if self.varies(of, &mut Walk::new()) => Operand::new(Mode::Value, ty, id),
            None => Operand::constant(ty, Value::Unknown, id),
        }
    }

    /// Whether a type's size depends on type parameters.
    fn varies(&self, ty: TypeId, walk: &mut Walk) -> bool {
        let varies = walk.deeper(|walk| match self.store.under(ty) {
            Type::Array { elem, .. } => self.varies(elem, walk),
            Type::Struct(of) => of.fields.iter().any(|field| self.varies(field.ty, walk)),
            Type::Interface(_) => self.store.is_param(ty),
            _ => false,
        });
        varies.unwrap_or(false)
    }

    /// `unsafe.Offsetof(x.f)`.
    pub(crate) fn offset_of(&mut self, id: ExprId, arg: ExprId) -> Operand {
        let selector = self.unparen(arg);
        let Expr::Selector { base, name } = self.tree.expr(selector) else {
            let message = format!("invalid argument: {} is not a selector expression", self.text(arg));
            self.error(arg, ErrorCode::InvalidCall, message);
            self.use_all(&[arg]);
            return Operand::unknown(id);
        };
        let x = self.value(base);
        if x.is_unknown() {
            return Operand::unknown(id);
        }
        let of = match self.store.under(x.ty) {
            Type::Pointer(base) if matches!(self.store.under(base), Type::Struct(_)) => base,
            _ => x.ty,
        };
        let text = self.tree.source(name);
        let message = match self.store.lookup(of, PkgId::SELF, self.store.symbol(text)) {
            Lookup::Field { indirect: true, .. } => {
                format!("invalid argument: field {text} is embedded via a pointer in {}", self.store.show(of))
            }
            Lookup::Field { field, owner, path, .. } => {
                let mode = if x.mode == Mode::Variable { Mode::Variable } else { Mode::Value };
                for expr in [selector, arg, name] {
                    self.record(&Operand::new(mode, field.ty, expr));
                }
                let offset = self.offset(of, &path);
                let selection = Selection { kind: SelectionKind::Field, recv: of, owner, path, indirect: false };
                self.facts.borrow_mut().record_selection(selector, selection);
                return self.constant_size(id, of, offset);
            }
            Lookup::Method { .. } => format!("invalid argument: {} is a method value", self.text(arg)),
            Lookup::Unknown => return Operand::constant(Basic::Uintptr.into(), Value::Unknown, id),
            Lookup::NotFound | Lookup::Ambiguous => {
                format!("invalid argument: {} has no single field {text}", self.store.show(of))
            }
        };
        self.claim(&[of], arg, ErrorCode::InvalidCall, message);
        Operand::unknown(id)
    }

    /// Where the field that a path leads to begins.
    fn offset(&self, mut ty: TypeId, path: &[u32]) -> Option<u64> {
        let mut sum = 0u64;
        for &index in path {
            let Type::Struct(of) = self.store.under(ty) else { return None };
            sum = sum.checked_add(*self.store.offsetsof(ty)?.get(index as usize)?)?;
            ty = of.fields.get(index as usize)?.ty;
        }
        Some(sum)
    }
}
