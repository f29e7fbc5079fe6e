//! Types and declarations as text, in the manner of go/types, with import paths in full: for people who look into an
//! index, and for tests that compare it with go/types.

use std::fmt::Write;

use crate::types::{Interface, Signature, Struct, Union};
use crate::{ChanDir, Const, Field, Func, Names, ObjectKind, Package, Type, TypeDecl, TypeParams, TypeRef};

/// All lines of a package: `path.Name kind type`.
pub fn package(package: Package<'_>, out: &mut String) {
    let flags = if package.complete() { "" } else { " incomplete" };
    line(out, &["package ", package.path(), " ", package.name(), flags, &deprecated(package.deprecated())]);
    for object in package.objects() {
        let text = Text { package };
        let since = object.since().map_or(String::new(), |minor| format!(" since {minor}"));
        let notes = [since, facts(object.facts().bits()), deprecated(object.deprecated())].concat();
        let (path, name) = (package.path(), object.name());
        match object.kind() {
            ObjectKind::Const { ty, value } => {
                line(out, &[path, ".", name, " const ", &text.ty(ty), " = ", &constant(value), &notes]);
            }
            ObjectKind::Var { ty } => line(out, &[path, ".", name, " var ", &text.ty(ty), &notes]),
            ObjectKind::Func(func) => line(out, &[path, ".", name, " ", &text.func(func), &notes]),
            ObjectKind::Builtin => line(out, &[path, ".", name, " builtin", &notes]),
            ObjectKind::Type(decl) => text.declared(name, decl, &notes, out),
        }
    }
}

fn line(out: &mut String, parts: &[&str]) {
    out.extend(parts.iter().copied());
    out.push('\n');
}

fn deprecated(text: Option<&str>) -> String {
    text.map_or(String::new(), |text| format!(" deprecated: {text}"))
}

fn facts(bits: u16) -> String {
    if bits == 0 { String::new() } else { format!(" facts {bits}") }
}

/// A constant's exact value, as [`package`] prints it.
pub fn constant(value: Const<'_>) -> String {
    let ratio = |(num, den)| if den == "1" { String::from(num) } else { format!("{num}/{den}") };
    match value {
        Const::Unknown => String::from("unknown"),
        Const::Bool(value) => value.to_string(),
        Const::Int(value) => value.to_string(),
        Const::BigInt(text) => text.to_owned(),
        Const::Rat(num, den) => ratio((num, den)),
        Const::Complex(re, im) => format!("({} + {}i)", ratio(re), ratio(im)),
        Const::Str(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("x{hex}")
        }
    }
}

/// How deep a type is followed; files do not nest so deep.
const DEPTH: u32 = 200;

struct Text<'m> {
    package: Package<'m>,
}

impl Text<'_> {
    fn declared(&self, name: &str, decl: TypeDecl<'_>, notes: &str, out: &mut String) {
        let path = self.package.path();
        let params = self.type_params(decl.type_params);
        let kind = if decl.alias { " = " } else { " " };
        line(out, &[path, ".", name, " type", &params, kind, &self.ty(decl.ty), notes]);
        for method in decl.methods().chain(decl.interface_methods()) {
            let star = if method.pointer() { "*" } else { "" };
            let since = method.since().map_or(String::new(), |minor| format!(" since {minor}"));
            let notes = [since, facts(method.facts().bits()), deprecated(method.deprecated())].concat();
            let sig = self.named_signature(method.sig(), method.names());
            line(out, &[path, ".", name, ".", method.name(), " method ", star, &sig, &notes]);
        }
    }

    fn func(&self, func: Func<'_>) -> String {
        ["func", &self.type_params(func.type_params), &self.named_signature(func.sig, func.names)].concat()
    }

    fn type_params(&self, params: TypeParams<'_>) -> String {
        if params.is_empty() {
            return String::new();
        }
        let list: Vec<String> =
            params.iter().map(|param| format!("{} {}", param.name, self.ty(param.constraint))).collect();
        format!("[{}]", list.join(", "))
    }

    fn named_signature(&self, ty: TypeRef, names: Names<'_>) -> String {
        let list: Vec<&str> = names.iter().collect();
        match self.package.module().ty(ty) {
            Type::Signature(sig) => format!("{} {}", self.signature(sig, 0), list.join(",")),
            _ => String::from("?"),
        }
    }

    fn ty(&self, ty: TypeRef) -> String {
        let mut out = String::new();
        self.write(ty, &mut out, 0);
        out
    }

    fn list(&self, list: &[TypeRef], depth: u32) -> String {
        let mut out = String::new();
        for (at, ty) in list.iter().enumerate() {
            out.push_str(if at > 0 { ", " } else { "" });
            self.write(*ty, &mut out, depth);
        }
        out
    }

    fn write(&self, ty: TypeRef, out: &mut String, depth: u32) {
        let depth = depth + 1;
        if depth > DEPTH {
            return out.push('…');
        }
        match self.package.module().ty(ty) {
            Type::Unknown => out.push_str("invalid type"),
            Type::Basic(basic) => out.push_str(basic.name()),
            Type::Error => out.push_str("error"),
            Type::Any => out.push_str("any"),
            Type::Comparable => out.push_str("comparable"),
            Type::Pointer(elem) => self.prefixed("*", elem, out, depth),
            Type::Slice(elem) => self.prefixed("[]", elem, out, depth),
            Type::Array { len, elem } => {
                _ = write!(out, "[{len}]");
                self.write(elem, out, depth);
            }
            Type::Map { key, elem } => {
                self.prefixed("map[", key, out, depth);
                self.prefixed("]", elem, out, depth);
            }
            Type::Chan { dir: ChanDir::Both, elem } => self.prefixed("chan ", elem, out, depth),
            Type::Chan { dir: ChanDir::Send, elem } => self.prefixed("chan<- ", elem, out, depth),
            Type::Chan { dir: ChanDir::Recv, elem } => self.prefixed("<-chan ", elem, out, depth),
            Type::Signature(sig) => {
                out.push_str("func");
                out.push_str(&self.signature(sig, depth));
            }
            Type::Struct(fields) => self.structure(fields, out, depth),
            Type::Interface(interface) => self.interface(interface, out, depth),
            Type::Union(terms) => self.union(terms, out, depth),
            Type::Named(named) => {
                out.extend([named.package, ".", named.name]);
                if !named.args.is_empty() {
                    out.extend(["[", &self.list(named.args, depth), "]"]);
                }
            }
            Type::Param(number) => _ = write!(out, "${number}"),
        }
    }

    fn prefixed(&self, prefix: &str, ty: TypeRef, out: &mut String, depth: u32) {
        out.push_str(prefix);
        self.write(ty, out, depth);
    }

    fn signature(&self, sig: Signature<'_>, depth: u32) -> String {
        let dots = if sig.variadic { "..." } else { "" };
        format!("({}{dots}) ({})", self.list(sig.params, depth), self.list(sig.results, depth))
    }

    fn structure(&self, fields: Struct<'_>, out: &mut String, depth: u32) {
        out.push_str("struct{");
        for field in fields.fields() {
            self.field(field, if field.embedded { "+" } else { "" }, out, depth);
        }
        if let Some(hidden) = fields.hidden {
            _ = write!(out, "hidden {} {} {}", hidden.comparable, hidden.no_copy, hidden.size);
        }
        out.push('}');
    }

    fn field(&self, field: Field<'_>, mark: &str, out: &mut String, depth: u32) {
        out.extend([
            mark,
            field.package.unwrap_or(""),
            if field.package.is_some() { "." } else { "" },
            field.name,
            " ",
        ]);
        self.write(field.ty, out, depth);
        out.push_str("; ");
    }

    fn interface(&self, interface: Interface<'_>, out: &mut String, depth: u32) {
        out.push_str("interface{");
        for method in interface.methods() {
            self.field(method, "", out, depth);
        }
        for embedded in interface.embeds {
            self.write(*embedded, out, depth);
            out.push_str("; ");
        }
        out.push('}');
    }

    fn union(&self, terms: Union<'_>, out: &mut String, depth: u32) {
        for (at, (tilde, ty)) in terms.terms().enumerate() {
            out.push_str(if at > 0 { " | " } else { "" });
            out.push_str(if tilde { "~" } else { "" });
            self.write(ty, out, depth);
        }
    }
}
