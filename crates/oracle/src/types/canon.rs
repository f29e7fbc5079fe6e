//! The normal form of types, values and strings that go/typefacts writes too (its names.go).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::rc::Rc;

use gopeer_sema::types::{ChanDir, Interface, NamedId, PkgId, Signature, Store, Struct, Term, Type, TypeId};
use gopeer_sema::value::Value;

/// Writes types of one store.
pub struct Canon<'s> {
    store: &'s Store,
    /// Where defined types that are not at package level are declared: file and offset.
    places: HashMap<NamedId, (u32, u32)>,
    written: RefCell<HashMap<TypeId, Rc<str>>>,
}

/// What stands for a type or part of a type that is not known.
pub const UNKNOWN: char = '?';

impl<'s> Canon<'s> {
    /// For a store and the places of its local types.
    pub fn new(store: &'s Store, places: HashMap<NamedId, (u32, u32)>) -> Canon<'s> {
        Canon { store, places, written: RefCell::default() }
    }

    /// A type's normal form.
    pub fn ty(&self, ty: TypeId) -> Rc<str> {
        if let Some(known) = self.written.borrow().get(&ty) {
            return known.clone();
        }
        let mut out = String::new();
        self.write(&mut out, ty);
        let text: Rc<str> = out.into();
        self.written.borrow_mut().insert(ty, text.clone());
        text
    }

    /// The name of the defined type that `ty` is or points to; empty for others.
    pub fn owner(&self, ty: TypeId) -> String {
        match self.store.get(ty) {
            Type::Pointer(elem) => match self.store.get(elem) {
                Type::Named(named, _) => self.named(named),
                _ => String::new(),
            },
            Type::Named(named, _) => self.named(named),
            _ => String::new(),
        }
    }

    /// The name of a defined type.
    pub fn named(&self, id: NamedId) -> String {
        let named = self.store.named(id);
        let name = self.store.text(named.name);
        if named.pkg == PkgId::UNIVERSE {
            return name.to_string();
        }
        let path = self.store.text(self.store.package(named.pkg).path);
        match self.places.get(&id) {
            Some((file, offset)) if named.object.is_none() => format!("{path}.{name}@{file}:{offset}"),
            _ => format!("{path}.{name}"),
        }
    }

    fn push(&self, out: &mut String, ty: TypeId) {
        out.push_str(&self.ty(ty));
    }

    fn list(&self, out: &mut String, types: &[TypeId]) {
        for (at, &ty) in types.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            self.push(out, ty);
        }
    }

    fn write(&self, out: &mut String, ty: TypeId) {
        match self.store.get(ty) {
            Type::Unknown => out.push(UNKNOWN),
            Type::Basic(basic) => out.push_str(basic.name()),
            Type::Pointer(elem) => {
                out.push('*');
                self.push(out, elem);
            }
            Type::Slice(elem) => {
                out.push_str("[]");
                self.push(out, elem);
            }
            Type::Array { len, elem } => {
                let len = len.map_or(UNKNOWN.to_string(), |len| len.to_string());
                let _ = write!(out, "[{len}]");
                self.push(out, elem);
            }
            Type::Map { key, value } => {
                out.push_str("map[");
                self.push(out, key);
                out.push(']');
                self.push(out, value);
            }
            Type::Chan { dir, elem } => {
                out.push_str(match dir {
                    ChanDir::Both => "chan(",
                    ChanDir::Send => "chan<-(",
                    ChanDir::Recv => "<-chan(",
                });
                self.push(out, elem);
                out.push(')');
            }
            Type::Tuple(types) => {
                out.push('(');
                self.list(out, &types);
                out.push(')');
            }
            Type::Signature(sig) => self.signature(out, &sig),
            Type::Struct(of) => self.structure(out, &of),
            Type::Interface(of) => self.interface(out, &of),
            Type::Union(terms) => self.union(out, &terms),
            Type::Named(id, args) => self.defined(out, id, &args),
            Type::Param(id) => {
                let _ = write!(out, "${}", self.store.param(id).index);
            }
        }
    }

    fn signature(&self, out: &mut String, sig: &Signature) {
        out.push_str("func(");
        match sig.params.split_last() {
            Some((&last, first)) if sig.variadic => {
                self.list(out, first);
                if !first.is_empty() {
                    out.push(',');
                }
                match self.store.get(last) {
                    Type::Slice(elem) => {
                        out.push_str("...");
                        self.push(out, elem);
                    }
                    _ => self.push(out, last),
                }
            }
            _ => self.list(out, &sig.params),
        }
        out.push_str(")(");
        self.list(out, &sig.results);
        out.push(')');
    }

    fn structure(&self, out: &mut String, of: &Struct) {
        out.push_str("struct{");
        for (at, field) in of.fields.iter().enumerate() {
            if at > 0 {
                out.push(';');
            }
            if field.embedded {
                out.push('!');
            }
            out.push_str(self.store.text(field.name));
            out.push(' ');
            self.push(out, field.ty);
            if let Some(tag) = field.tag.map(|tag| self.store.text(tag)).filter(|tag| !tag.is_empty()) {
                out.push(' ');
                out.push_str(&string_value(tag.as_bytes()));
            }
        }
        if of.hidden.is_some() {
            out.push_str(";…");
        }
        out.push('}');
    }

    fn interface(&self, out: &mut String, of: &Interface) {
        let (mut methods, mut elems) = (BTreeMap::new(), Vec::new());
        self.gather(of, &mut methods, &mut elems, 0);
        elems.sort();
        elems.dedup();
        out.push_str("interface{");
        for (name, sig) in methods {
            out.push_str(&name);
            out.push_str(&sig);
            out.push(';');
        }
        for elem in elems {
            out.push_str(&elem);
            out.push(';');
        }
        out.push('}');
    }

    fn gather(&self, of: &Interface, methods: &mut BTreeMap<Rc<str>, Rc<str>>, elems: &mut Vec<Rc<str>>, depth: u32) {
        for method in of.methods.iter() {
            methods.insert(self.store.text(method.name).into(), self.ty(method.sig));
        }
        for &embed in of.embeds.iter() {
            match self.store.under(embed) {
                // An interface that embeds itself is wrong, and not only here.
                Type::Interface(inner) if embed != TypeId::COMPARABLE && depth < 50 => {
                    self.gather(&inner, methods, elems, depth + 1);
                }
                _ => elems.push(self.ty(embed)),
            }
        }
    }

    fn union(&self, out: &mut String, terms: &[Term]) {
        for (at, term) in terms.iter().enumerate() {
            if at > 0 {
                out.push('|');
            }
            if term.tilde {
                out.push('~');
            }
            self.push(out, term.ty);
        }
    }

    /// A generic type without arguments has its own parameters.
    fn defined(&self, out: &mut String, id: NamedId, args: &[TypeId]) {
        out.push_str(&self.named(id));
        let params = self.store.named(id).params.len();
        if args.is_empty() && params == 0 {
            return;
        }
        out.push('[');
        if args.is_empty() {
            let params: Vec<String> = (0..params).map(|index| format!("${index}")).collect();
            out.push_str(&params.join(","));
        } else {
            self.list(out, args);
        }
        out.push(']');
    }
}

/// How many bytes of a string are written.
const SHORT_STRING: usize = 40;

fn string_value(bytes: &[u8]) -> String {
    let mut out = String::from("s");
    let (short, rest) = bytes.split_at(bytes.len().min(SHORT_STRING));
    for byte in short {
        let _ = write!(out, "{byte:02x}");
    }
    if !rest.is_empty() {
        let _ = write!(out, "+{}#{:x}", rest.len(), fnv1a(bytes));
    }
    out
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// A constant's exact value.
pub fn value(value: &Value) -> String {
    match value {
        Value::Str(bytes) => string_value(bytes),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use gopeer_sema::types::{Basic, InterfaceMethod};

    use super::*;

    #[test]
    fn writes_as_go_does() {
        let store = Store::new("own/pkg", "pkg", Rc::default());
        let canon = Canon::new(&store, HashMap::new());
        let int: TypeId = Basic::Int.into();
        let variadic = store.signature(&[int, store.slice(TypeId::ERROR)], &[], true);
        assert_eq!(&*canon.ty(variadic), "func(int,...error)()");
        assert_eq!(&*canon.ty(store.map(int, store.array(None, TypeId::UNKNOWN))), "map[int][?]?");
        let close = InterfaceMethod { name: store.symbol("Close"), pkg: PkgId::UNIVERSE, sig: variadic };
        let inner = store.interface(&[close], &[]);
        let outer = store.interface(&[], &[inner, TypeId::COMPARABLE, TypeId::ERROR]);
        let methods = "Closefunc(int,...error)();Errorfunc()(string);";
        assert_eq!(&*canon.ty(outer), format!("interface{{{methods}comparable;}}"));
    }

    #[test]
    fn long_strings_are_summed_up() {
        assert_eq!(value(&Value::str(b"a\xff")), "s61ff");
        let long = value(&Value::str(&[b'x'; 50]));
        assert!(long.starts_with(&format!("s{}+10#", "78".repeat(40))), "{long}");
    }
}
