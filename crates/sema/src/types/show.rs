//! Types as text.

use std::fmt::Write as _;

use super::{Basic, ChanDir, Interface, Named, NamedId, ParamId, PkgId, Signature, Store, Struct, Type, TypeId};

/// Longer texts are cut: a type's parts can be shared, and its text then grow out of all bounds.
const MAX_TEXT: usize = 4000;

impl Store {
    /// The type as Go code of this package would write it: `*http.Client`, `map[string]T`; packages by name, this one's
    /// names bare. `byte` for uint8, `any` for the empty interface.
    pub fn show(&self, ty: TypeId) -> String {
        self.shown(ty, false)
    }

    /// The type with packages by path, as go/types' `TypeString(t, nil)` writes it, aliases resolved.
    pub fn show_full(&self, ty: TypeId) -> String {
        self.shown(ty, true)
    }

    fn shown(&self, ty: TypeId, full: bool) -> String {
        let mut writer = Writer { store: self, full, out: String::new(), depth: 0 };
        writer.ty(ty);
        writer.out
    }

    /// Import path and name of a defined type; the path is empty for `error` and `comparable`.
    pub fn qualified_name(&self, ty: TypeId) -> Option<(&str, &str)> {
        let Type::Named(id, _) = self.get(ty) else { return None };
        Some(self.named_path(id))
    }

    /// The same of a defined type by its id.
    pub fn named_path(&self, id: NamedId) -> (&str, &str) {
        let named = self.named(id);
        (self.text(self.package(named.pkg).path), self.text(named.name))
    }

    /// Whether it is the defined type, or an instance of it, of that import path and name: `net/http.Client`.
    pub fn is_named(&self, ty: TypeId, name: &str) -> bool {
        self.qualified_name(ty).is_some_and(|(path, own)| match name.rsplit_once('.') {
            Some((of, name)) => path == of && own == name,
            None => path.is_empty() && own == name,
        })
    }
}

struct Writer<'s> {
    store: &'s Store,
    full: bool,
    out: String,
    depth: u8,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn ty(&mut self, ty: TypeId) {
        if self.out.len() > MAX_TEXT || self.depth > super::shape::MAX_DEPTH {
            return self.text("…");
        }
        self.depth += 1;
        self.structure(ty);
        self.depth -= 1;
    }

    fn prefixed(&mut self, prefix: &str, ty: TypeId) {
        self.text(prefix);
        self.ty(ty);
    }

    fn structure(&mut self, ty: TypeId) {
        match self.store.get(ty) {
            Type::Unknown => self.text(if self.full { "invalid type" } else { "?" }),
            Type::Basic(Basic::Uint8) if !self.full => self.text("byte"),
            Type::Basic(basic) => self.text(basic.name()),
            Type::Pointer(elem) => self.prefixed("*", elem),
            Type::Slice(elem) => self.prefixed("[]", elem),
            Type::Array { len, elem } => {
                let _ = match len {
                    Some(len) => write!(self.out, "[{len}]"),
                    None => write!(self.out, "[?]"),
                };
                self.ty(elem);
            }
            Type::Map { key, value } => {
                self.prefixed("map[", key);
                self.prefixed("]", value);
            }
            Type::Chan { dir, elem } => self.chan(dir, elem),
            Type::Tuple(types) => {
                self.list(&types, ", ", false);
            }
            Type::Signature(sig) => {
                self.text("func");
                self.signature(&sig);
            }
            Type::Struct(of) => self.fields(&of),
            Type::Interface(_) if ty == TypeId::ANY => self.text("any"),
            Type::Interface(of) => self.interface(&of),
            Type::Union(terms) => {
                for (index, term) in terms.iter().enumerate() {
                    self.text(if index > 0 { " | " } else { "" });
                    self.prefixed(if term.tilde { "~" } else { "" }, term.ty);
                }
            }
            Type::Named(id, args) => self.named(id, &args),
            Type::Param(id) => {
                let name = self.store.text(self.store.param(id).name);
                self.text(name);
            }
        }
    }

    /// `chan (<-chan T)`: without parentheses the arrow would go with the first `chan`.
    fn chan(&mut self, dir: ChanDir, elem: TypeId) {
        self.text(match dir {
            ChanDir::Both => "chan ",
            ChanDir::Send => "chan<- ",
            ChanDir::Recv => "<-chan ",
        });
        let receives = matches!(self.store.get(elem), Type::Chan { dir: ChanDir::Recv, .. });
        if dir == ChanDir::Both && receives {
            self.prefixed("(", elem);
            self.text(")");
        } else {
            self.ty(elem);
        }
    }

    /// Types in parentheses.
    fn list(&mut self, types: &[TypeId], separator: &str, variadic: bool) {
        self.text("(");
        for (index, &ty) in types.iter().enumerate() {
            self.text(if index > 0 { separator } else { "" });
            match self.store.get(ty) {
                Type::Slice(elem) if variadic && index + 1 == types.len() => self.prefixed("...", elem),
                _ => self.ty(ty),
            }
        }
        self.text(")");
    }

    fn signature(&mut self, sig: &Signature) {
        self.list(&sig.params, ", ", sig.variadic);
        match *sig.results {
            [] => {}
            [one] => self.prefixed(" ", one),
            _ => {
                self.text(" ");
                self.list(&sig.results, ", ", false);
            }
        }
    }

    fn fields(&mut self, of: &Struct) {
        self.text("struct{");
        for (index, field) in of.fields.iter().enumerate() {
            self.text(if index > 0 { "; " } else { "" });
            if !field.embedded {
                let name = self.store.text(field.name);
                self.text(name);
                self.text(" ");
            }
            self.ty(field.ty);
            if let Some(tag) = field.tag {
                let tag = self.store.text(tag);
                let _ = write!(self.out, " {:?}", tag);
            }
        }
        self.text("}");
    }

    fn interface(&mut self, of: &Interface) {
        self.text("interface{");
        for (index, method) in of.methods.iter().enumerate() {
            self.text(if index > 0 { "; " } else { "" });
            let name = self.store.text(method.name);
            self.text(name);
            match self.store.get(method.sig) {
                Type::Signature(sig) => self.signature(&sig),
                _ => self.text("(?)"),
            }
        }
        for (index, &embed) in of.embeds.iter().enumerate() {
            self.prefixed(if index > 0 || !of.methods.is_empty() { "; " } else { "" }, embed);
        }
        self.text("}");
    }

    fn named(&mut self, id: NamedId, args: &[TypeId]) {
        let named = self.store.named(id);
        self.package(&named);
        let name = self.store.text(named.name);
        self.text(name);
        if !args.is_empty() {
            self.text("[");
            for (index, &arg) in args.iter().enumerate() {
                self.prefixed(if index > 0 { ", " } else { "" }, arg);
            }
            self.text("]");
        } else if !named.params.is_empty() {
            self.params(&named.params);
        }
    }

    fn package(&mut self, named: &Named) {
        let bare = named.pkg == PkgId::UNIVERSE || (named.pkg == PkgId::SELF && !self.full);
        if !bare {
            let package = self.store.package(named.pkg);
            let prefix = self.store.text(if self.full { package.path } else { package.name });
            self.text(prefix);
            self.text(".");
        }
    }

    /// `[K comparable, V any]`: parameters that share a constraint share its mention.
    fn params(&mut self, params: &[ParamId]) {
        self.text("[");
        let mut before = None;
        for &id in params {
            let param = self.store.param(id);
            if let Some(constraint) = before.replace(param.constraint) {
                if constraint != param.constraint {
                    self.prefixed(" ", constraint);
                }
                self.text(", ");
            }
            let name = self.store.text(param.name);
            self.text(name);
        }
        if let Some(constraint) = before {
            self.prefixed(" ", constraint);
        }
        self.text("]");
    }
}
