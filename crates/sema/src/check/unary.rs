//! Type assertions, indirections, unary operators and receive operations (Go spec, "Type assertions", "Address
//! operators", "Receive operator").

use gopeer_syntax::ast::{ExprId, ExprKind, UnaryOp};

use super::predicates::Specific;
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::types::{Basic, ChanDir, Truth, Type, TypeId};

impl Checker<'_> {
    pub(crate) fn type_assert(&mut self, id: ExprId, base: ExprId, ty: Option<ExprId>) -> Operand {
        let x = self.value(base);
        let Some(ty) = ty else {
            self.error(id, ErrorCode::NotAnExpr, "invalid syntax tree: use of .(type) outside type switch");
            return Operand::unknown(id);
        };
        let target = self.ty(ty);
        if !x.is_unknown() {
            if self.store.is_param(x.ty) {
                let what = self.describe(&x);
                let message = format!("invalid operation: cannot use type assertion on type parameter value {what}");
                self.error(base, ErrorCode::ImpossibleAssert, message);
                return Operand::unknown(id);
            }
            match self.store.under(x.ty) {
                Type::Interface(_) => self.assertable(id, &x, target),
                Type::Unknown => {}
                _ => {
                    if !self.store.has_unknown(x.ty) {
                        let message = format!("invalid operation: {} is not an interface", self.describe(&x));
                        self.error(base, ErrorCode::ImpossibleAssert, message);
                    }
                    return Operand::unknown(id);
                }
            }
        }
        Operand::new(if target.is_unknown() { Mode::Unknown } else { Mode::CommaOk }, target, id)
    }

    fn assertable(&mut self, id: ExprId, x: &Operand, target: TypeId) {
        if let Some(cause) = self.cannot_assert(x.ty, target) {
            let (to, from) = (self.store.show(target), self.store.show(x.ty));
            let text = self.text(id);
            let message = format!("impossible type assertion: {text}\n\t{to} does not implement {from} {cause}");
            self.error(id, ErrorCode::ImpossibleAssert, message);
        }
    }

    /// Why a value of interface type `from` can never hold a `target`, where that is certain.
    pub(crate) fn cannot_assert(&self, from: TypeId, target: TypeId) -> Option<String> {
        if target.is_unknown() || self.store.is_param(target) || self.store.is_interface(target) {
            return None;
        }
        self.missing_method(target, from)
    }

    /// `*x`: an indirection, or a pointer type.
    pub(crate) fn star(&mut self, id: ExprId, inner: ExprId) -> Operand {
        let mut x = self.expr(inner, None);
        self.value_or_type(&mut x);
        match x.mode {
            Mode::Unknown => return Operand::unknown(id),
            Mode::Type => return Operand::new(Mode::Type, self.store.pointer(x.ty), id),
            Mode::Nil => {
                self.error(inner, ErrorCode::InvalidIndirection, "invalid operation: cannot indirect nil");
                return Operand::unknown(id);
            }
            Mode::Builtin(_) => {
                self.single(&mut x);
                return Operand::unknown(id);
            }
            _ => {}
        }
        let (mut base, mut same) = (None, true);
        let store = self.store;
        let found = store.each_specific(x.ty, |_, under| match under {
            Type::Pointer(elem) => {
                same &= base.is_none_or(|base| store.identical(base, *elem));
                base = Some(*elem);
                same
            }
            _ => false,
        });
        match (found, base) {
            (Specific::All, Some(base)) => Operand::new(Mode::Variable, base, id),
            (Specific::Unknown, _) => Operand::unknown(id),
            _ => {
                let what = self.describe(&x);
                let message = if same {
                    format!("invalid operation: cannot indirect {what}")
                } else {
                    format!("invalid operation: pointers of {what} must have identical base types")
                };
                self.claim(&[x.ty], inner, ErrorCode::InvalidIndirection, message);
                Operand::unknown(id)
            }
        }
    }

    pub(crate) fn unary(&mut self, id: ExprId, op: UnaryOp, operand: ExprId) -> Operand {
        let mut x = self.value(operand);
        if x.is_unknown() {
            return Operand::unknown(id);
        }
        match op {
            UnaryOp::Addr => self.address(id, x, operand),
            UnaryOp::Recv => match self.chan_elem(&x, true) {
                Some(elem) if !elem.is_unknown() => Operand::new(Mode::CommaOk, elem, id),
                _ => Operand::unknown(id),
            },
            UnaryOp::Tilde => {
                let hint = match self.store.all_basic(x.ty, Basic::is_integer) {
                    Truth::Yes => " (use ^ for bitwise complement)",
                    _ => "",
                };
                let message = format!("cannot use ~ outside of interface or type constraint{hint}");
                self.error(id, ErrorCode::UndefinedOp, message);
                Operand::unknown(id)
            }
            UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Not | UnaryOp::BitNot => {
                self.unary_op(&mut x, id, op);
                x
            }
        }
    }

    fn address(&mut self, id: ExprId, x: Operand, operand: ExprId) -> Operand {
        let literal = self.tree.expr_kind(self.unparen(operand)) == ExprKind::Composite;
        if !literal && x.mode != Mode::Variable {
            let message = format!("invalid operation: cannot take address of {}", self.describe(&x));
            self.claim(&[x.ty], operand, ErrorCode::InvalidAddress, message);
            return Operand::unknown(id);
        }
        Operand::new(Mode::Value, self.store.pointer(x.ty), id)
    }

    /// The element type of the channel `x`, to receive from or to send to; none, after a report where that is certain, if
    /// that cannot be done.
    pub(crate) fn chan_elem(&mut self, x: &Operand, recv: bool) -> Option<TypeId> {
        if x.is_unknown() {
            return None;
        }
        let unwanted = if recv { ChanDir::Send } else { ChanDir::Recv };
        let (mut elem, mut cause) = (None, None);
        let store = self.store;
        let found = store.each_specific(x.ty, |ty, under| match under {
            Type::Chan { dir, .. } if *dir == unwanted => {
                let kind = if recv { "send-only" } else { "receive-only" };
                cause = Some(format!("{kind} channel {}", store.show(ty)));
                false
            }
            Type::Chan { elem: of, .. } => {
                let same = elem.is_none_or(|elem| store.identical(elem, *of));
                elem = Some(*of);
                same
            }
            _ => {
                cause = Some(format!("non-channel {}", store.show(ty)));
                false
            }
        });
        match found {
            Specific::All => return elem,
            Specific::Unknown => return None,
            _ => {}
        }
        let cause = cause.unwrap_or_else(|| "no specific channel type".to_owned());
        let (code, verb) =
            if recv { (ErrorCode::InvalidReceive, "receive from") } else { (ErrorCode::InvalidSend, "send to") };
        let what = self.describe(x);
        let message = match self.store.is_param(x.ty) {
            true => format!("invalid operation: cannot {verb} {what}: {cause}"),
            false => format!("invalid operation: cannot {verb} {cause} {what}"),
        };
        self.claim(&[x.ty], x.expr, code, message);
        None
    }
}
