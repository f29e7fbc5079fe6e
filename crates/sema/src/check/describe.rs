//! Expressions, operands and types as compile errors word them.

use std::fmt::Write as _;

use gopeer_syntax::ast::{ChanDir, Expr, ExprId, ExprList, FieldList};

use super::{Checker, Mode, Operand};
use crate::types::{Type, TypeId};

/// Longer expressions are cut.
const MAX_TEXT: usize = 200;

impl Checker<'_> {
    /// An operand as the compiler describes it: `x (variable of type int)`, `1 (untyped int constant)`.
    pub(crate) fn describe(&self, x: &Operand) -> String {
        if x.mode == Mode::Nil {
            return "nil".into();
        }
        let expr = self.text(x.expr);
        let (mode, typed) = match x.mode {
            Mode::Unknown => ("invalid operand", false),
            Mode::NoValue => ("no value", false),
            Mode::Builtin(_) => ("built-in", false),
            Mode::Type => ("type", false),
            Mode::Constant => ("constant", true),
            Mode::Variable => ("variable", true),
            Mode::MapIndex => ("map index expression", true),
            Mode::Value | Mode::Nil => ("value", true),
            Mode::CommaOk => ("comma, ok expression", true),
        };
        let untyped = if typed { self.store.untyped(x.ty) } else { None };
        let kind = untyped.map_or(String::new(), |basic| format!("{} ", basic.name()));
        let value = match &x.value {
            value if x.mode != Mode::Constant || value.is_unknown() => String::new(),
            value => {
                Some(value.printed()).filter(|text| *text != expr).map_or(String::new(), |text| format!(" {text}"))
            }
        };
        let of = if typed && untyped.is_none() { self.of_type(x.ty) } else { String::new() };
        format!("{expr} ({kind}{mode}{value}{of})")
    }

    /// ` of struct type T`, ` of type []int`.
    fn of_type(&self, ty: TypeId) -> String {
        let name = self.store.show(ty);
        match self.store.get(ty) {
            Type::Param(id) => {
                format!(" of type {name} constrained by {}", self.store.show(self.store.param(id).constraint))
            }
            Type::Named(..) => format!(" of {} type {name}", self.kind_name(ty)),
            _ if ty == TypeId::ANY => format!(" of {} type {name}", self.kind_name(ty)),
            _ => format!(" of type {name}"),
        }
    }

    /// What sort of type it is: `struct`, `map`, or the name of the basic type.
    pub(crate) fn kind_name(&self, ty: TypeId) -> &'static str {
        match self.store.under(ty) {
            Type::Basic(basic) => basic.name(),
            _ => self.composite_kind(ty).unwrap_or("unknown"),
        }
    }

    /// What sort of composite type it is; none for basic types.
    pub(crate) fn composite_kind(&self, ty: TypeId) -> Option<&'static str> {
        Some(match self.store.under(ty) {
            Type::Array { .. } => "array",
            Type::Slice(_) => "slice",
            Type::Struct(_) => "struct",
            Type::Pointer(_) => "pointer",
            Type::Signature(_) => "func",
            Type::Interface(_) => "interface",
            Type::Map { .. } => "map",
            Type::Chan { .. } => "chan",
            Type::Tuple(_) => "tuple",
            Type::Union(_) => "union",
            _ => return None,
        })
    }

    /// An expression as the compiler prints it: bodies and elements left out, in one line.
    pub(crate) fn text(&self, id: ExprId) -> String {
        let mut out = String::new();
        self.write(&mut out, id);
        if let Some((cut, _)) = out.char_indices().nth(MAX_TEXT) {
            out.truncate(cut);
            out.push('…');
        }
        out
    }

    fn write(&self, out: &mut String, id: ExprId) {
        if out.len() > MAX_TEXT * 4 {
            return;
        }
        match self.tree.expr(id) {
            Expr::Bad | Expr::Ident | Expr::Literal(_) => out.push_str(self.tree.source(id)),
            Expr::Composite { ty, elems } => {
                ty.into_iter().for_each(|ty| self.write(out, ty));
                out.push_str(if elems.is_empty() { "{}" } else { "{…}" });
            }
            Expr::KeyValue { key, value } => self.write_all(out, &[Ok(key), Err(": "), Ok(value)]),
            Expr::FuncLit { ty, body } => {
                self.write(out, ty);
                let empty = self.tree.source(body).trim_matches(['{', '}']).trim().is_empty();
                out.push_str(if empty { " {}" } else { " {…}" });
            }
            Expr::Paren(x) => self.write_all(out, &[Err("("), Ok(x), Err(")")]),
            Expr::Selector { base, name } => self.write_all(out, &[Ok(base), Err("."), Ok(name)]),
            Expr::Index { base, args } => {
                self.write(out, base);
                self.write_list(out, "[", args, "]");
            }
            Expr::Slice { base, lo, hi, max } => {
                self.write_all(out, &[Ok(base), Err("[")]);
                lo.into_iter().for_each(|x| self.write(out, x));
                out.push(':');
                hi.into_iter().for_each(|x| self.write(out, x));
                max.into_iter().for_each(|x| self.write_all(out, &[Err(":"), Ok(x)]));
                out.push(']');
            }
            Expr::TypeAssert { base, ty } => match ty {
                Some(ty) => self.write_all(out, &[Ok(base), Err(".("), Ok(ty), Err(")")]),
                None => self.write_all(out, &[Ok(base), Err(".(type)")]),
            },
            Expr::Call { fun, args, spread } => {
                self.write(out, fun);
                self.write_list(out, "(", args, if spread { "...)" } else { ")" });
            }
            Expr::Star(x) => self.write_all(out, &[Err("*"), Ok(x)]),
            Expr::Unary { op, operand } => self.write_all(out, &[Err(op.as_str()), Ok(operand)]),
            Expr::Binary { .. } => self.write_binary(out, id),
            Expr::Ellipsis(ty) => {
                out.push_str("...");
                ty.into_iter().for_each(|ty| self.write(out, ty));
            }
            Expr::ArrayType { len, elem } => {
                out.push('[');
                len.into_iter().for_each(|len| self.write(out, len));
                self.write_all(out, &[Err("]"), Ok(elem)]);
            }
            Expr::StructType { fields } => {
                out.push_str("struct{");
                self.write_fields(out, fields, "; ");
                out.push('}');
            }
            Expr::InterfaceType { elems } => {
                out.push_str(if elems.is_empty() { "interface{}" } else { "interface{…}" })
            }
            Expr::FuncType { params, results, .. } => self.write_signature(out, params, results),
            Expr::MapType { key, value } => self.write_all(out, &[Err("map["), Ok(key), Err("]"), Ok(value)]),
            Expr::ChanType { dir, elem } => {
                out.push_str(match dir {
                    ChanDir::Both => "chan ",
                    ChanDir::Send => "chan<- ",
                    ChanDir::Recv => "<-chan ",
                });
                self.write(out, elem);
            }
        }
    }

    fn write_all(&self, out: &mut String, parts: &[Result<ExprId, &str>]) {
        for part in parts {
            match part {
                Ok(id) => self.write(out, *id),
                Err(text) => out.push_str(text),
            }
        }
    }

    fn write_list(&self, out: &mut String, open: &str, list: ExprList, close: &str) {
        out.push_str(open);
        for (i, &id) in self.tree.exprs(list).iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write(out, id);
        }
        out.push_str(close);
    }

    /// The spine is as long as it likes: down to its end, and up again by the parents.
    fn write_binary(&self, out: &mut String, id: ExprId) {
        let mut at = self.leftmost(id);
        self.write(out, at);
        while at != id && out.len() <= MAX_TEXT * 4 {
            let Some(up) = self.parent_expr(at) else { return };
            if let Expr::Binary { op, rhs, .. } = self.tree.expr(up) {
                let _ = write!(out, " {} ", op.as_str());
                self.write(out, rhs);
            }
            at = up;
        }
    }

    fn write_signature(&self, out: &mut String, params: FieldList, results: FieldList) {
        out.push_str("func(");
        self.write_fields(out, params, ", ");
        out.push(')');
        if results.is_empty() {
            return;
        }
        let fields = self.tree.fields(results);
        let bare = matches!(fields, [one] if self.tree.field(*one).names.is_empty());
        out.push_str(if bare { " " } else { " (" });
        self.write_fields(out, results, ", ");
        if !bare {
            out.push(')');
        }
    }

    fn write_fields(&self, out: &mut String, fields: FieldList, separator: &str) {
        for (i, &field) in self.tree.fields(fields).iter().enumerate() {
            let field = self.tree.field(field);
            if i > 0 {
                out.push_str(separator);
            }
            if !field.names.is_empty() {
                self.write_list(out, "", field.names, " ");
            }
            self.write(out, field.ty);
        }
    }
}
