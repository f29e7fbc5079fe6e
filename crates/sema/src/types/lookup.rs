//! Fields and methods, promoted ones included (Go spec, "Selectors", "Struct types", "Method sets").

use std::rc::Rc;

use super::{Field, InterfaceMethod, Method, NamedId, PkgId, Store, Struct, Symbol, Type, TypeId};

/// What `x.name` finds.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// A field: its owner as in [`crate::Selection`], the path of indexes to it, whether a pointer was followed.
    Field {
        /// The field, with type arguments put in.
        field: Field,
        /// The named type whose struct has it.
        owner: Option<NamedId>,
        /// Indexes of the embedded fields passed, and its own.
        path: Rc<[u32]>,
        /// Whether a pointer was followed on the way.
        indirect: bool,
    },
    /// A method.
    Method {
        /// The method; `sig` with type arguments put in. Of an interface `pointer` is false.
        method: Method,
        /// The named type that declares it, or the named interface.
        owner: Option<NamedId>,
        /// Indexes of the embedded fields passed.
        path: Rc<[u32]>,
        /// Whether a pointer was followed on the way, that to the receiver included.
        indirect: bool,
    },
    /// There is no such field or method, for certain.
    NotFound,
    /// Two of the same depth.
    Ambiguous,
    /// There may be one, where something is not known.
    Unknown,
}

/// More embedded types are not looked through.
const MAX_EMBEDDED: usize = 1000;

impl Store {
    /// Finds field or method `name` of `ty`, as code of package `from` sees it.
    pub fn lookup(&self, ty: TypeId, from: PkgId, name: Symbol) -> Lookup {
        let (base, pointer) = self.dereferenced(ty);
        if pointer || matches!(self.get(ty), Type::Named(..)) {
            match self.under(base) {
                Type::Interface(_) if pointer => return Lookup::NotFound,
                // A defined pointer type has the fields of what it points to, and no methods.
                Type::Pointer(_) if !pointer => {
                    return match self.lookup(self.underlying(base), from, name) {
                        Lookup::Method { .. } => Lookup::NotFound,
                        found => found,
                    };
                }
                _ => {}
            }
        }
        if self.text(name) == "_" {
            return Lookup::NotFound;
        }
        match (Search { store: self, from, name, seen: Vec::new(), unsure: false, hidden: false }).run(base, pointer) {
            // A part that is not known may come of an error that is told elsewhere.
            Lookup::NotFound if self.has_unknown(ty) => Lookup::Unknown,
            found => found,
        }
    }

    /// What a pointer type points to, and whether the type was one.
    fn dereferenced(&self, ty: TypeId) -> (TypeId, bool) {
        match self.get(ty) {
            Type::Pointer(base) => (base, true),
            _ => (ty, false),
        }
    }
}

/// A type whose fields and methods count as those of the type that is looked into.
struct Embedded {
    ty: TypeId,
    path: Vec<u32>,
    indirect: bool,
    /// Whether it is there more than once, so that what it has is ambiguous.
    several: bool,
}

/// Looks for one name, from the outside in.
struct Search<'s> {
    store: &'s Store,
    from: PkgId,
    name: Symbol,
    /// Defined types that were looked into.
    seen: Vec<TypeId>,
    /// Whether there may be more than was seen.
    unsure: bool,
    /// Whether what is not known could hide what is found deeper.
    hidden: bool,
}

impl Search<'_> {
    fn run(&mut self, ty: TypeId, pointer: bool) -> Lookup {
        let mut level = vec![Embedded { ty, path: Vec::new(), indirect: pointer, several: false }];
        let mut count = 0;
        while !level.is_empty() {
            count += level.len();
            if count > MAX_EMBEDDED {
                return Lookup::Unknown;
            }
            let hidden = self.hidden;
            let (mut found, mut next) = (None, Vec::new());
            for embedded in &level {
                let Some(one) = self.look(embedded, found.is_none().then_some(&mut next)) else { continue };
                if found.is_some() || embedded.several {
                    return if hidden { Lookup::Unknown } else { Lookup::Ambiguous };
                }
                found = Some(one);
            }
            if let Some(found) = found {
                return if hidden { Lookup::Unknown } else { found };
            }
            level = next;
        }
        if self.unsure || self.hidden { Lookup::Unknown } else { Lookup::NotFound }
    }

    /// Looks at one type; notes what it embeds in `next`.
    fn look(&mut self, at: &Embedded, next: Option<&mut Vec<Embedded>>) -> Option<Lookup> {
        let store = self.store;
        let mut owner = None;
        if let Type::Named(id, args) = store.get(at.ty) {
            if self.seen.contains(&at.ty) {
                return None;
            }
            self.seen.push(at.ty);
            owner = Some(id);
            let named = store.named(id);
            let meant = |method: &Method| self.is_meant(method.name, method.pkg);
            let index = store.caches.methods.position(&named.methods, self.name, meant);
            if let Some(method) = index.and_then(|index| named.methods.get(index)) {
                let sig = store.method_sig(id, method);
                let method = Method { sig: store.subst(sig, &named.params, &args), ..*method };
                return Some(self.method(method, owner, at));
            }
            self.unsure |= !named.complete;
        }
        match store.under(at.ty) {
            Type::Struct(of) => self.fields(&of, owner, at, next),
            Type::Interface(_) => {
                let set = store.type_set(at.ty);
                self.hidden |= set.unknown;
                let meant = |method: &InterfaceMethod| self.is_meant(method.name, method.pkg);
                let method =
                    set.methods.get(store.caches.interface_methods.position(&set.methods, self.name, meant)?)?;
                let method = Method { name: method.name, pkg: method.pkg, pointer: false, sig: method.sig };
                Some(self.method(method, owner, at))
            }
            Type::Unknown => {
                self.hidden = true;
                None
            }
            _ => None,
        }
    }

    fn fields(
        &mut self,
        of: &Struct,
        owner: Option<NamedId>,
        at: &Embedded,
        next: Option<&mut Vec<Embedded>>,
    ) -> Option<Lookup> {
        // The fields that an index leaves out cannot be named here, and lend nothing that could.
        let path = |index: usize| at.path.iter().copied().chain([index as u32]);
        let members = &self.store.caches.fields;
        if let Some(index) = members.position(&of.fields, self.name, |field| self.is_meant(field.name, field.pkg)) {
            let field = *of.fields.get(index)?;
            return Some(Lookup::Field { field, owner, path: path(index).collect(), indirect: at.indirect });
        }
        let next = next?;
        for index in members.embedded(&of.fields) {
            let (index, Some(field)) = (index as usize, of.fields.get(index as usize)) else { continue };
            if next.len() > MAX_EMBEDDED {
                self.hidden = true;
                break;
            }
            let (ty, pointer) = self.store.dereferenced(field.ty);
            match next.iter_mut().find(|other| other.ty == ty) {
                Some(other) => other.several = true,
                None => {
                    let indirect = at.indirect || pointer;
                    next.push(Embedded { ty, path: path(index).collect(), indirect, several: at.several });
                }
            }
        }
        None
    }

    fn method(&self, method: Method, owner: Option<NamedId>, at: &Embedded) -> Lookup {
        Lookup::Method { method, owner, path: at.path.as_slice().into(), indirect: at.indirect }
    }

    fn is_meant(&self, name: Symbol, pkg: PkgId) -> bool {
        name == self.name && (pkg == PkgId::UNIVERSE || pkg == self.from)
    }
}
