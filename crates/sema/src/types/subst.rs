//! Substitution of type arguments for type parameters (Go spec, "Instantiations").

use std::rc::Rc;

use std::collections::BTreeMap;

use super::{Field, Interface, InterfaceMethod, ParamId, Signature, Store, Struct, Term, Type, TypeId};

impl Store {
    /// `ty` with each of `params` replaced by the argument of the same index; unknown where that would nest too deeply, as
    /// in a generic type that instantiates itself with ever larger arguments.
    pub fn subst(&self, ty: TypeId, params: &[ParamId], args: &[TypeId]) -> TypeId {
        if params.is_empty() || args.is_empty() || !self.shape(ty).has_param() {
            return ty;
        }
        if self.shape(ty).is_deep() {
            return TypeId::UNKNOWN;
        }
        let put_in = Subst { store: self, params, args, done: BTreeMap::default() }.ty(ty);
        if self.shape(put_in).is_deep() { TypeId::UNKNOWN } else { put_in }
    }
}

struct Subst<'s> {
    store: &'s Store,
    params: &'s [ParamId],
    args: &'s [TypeId],
    /// Large types share parts; small ones do not need this.
    done: BTreeMap<TypeId, TypeId>,
}

impl Subst<'_> {
    fn ty(&mut self, ty: TypeId) -> TypeId {
        if !self.store.shape(ty).has_param() {
            return ty;
        }
        let store = self.store;
        match store.get(ty) {
            Type::Param(id) => self.param(id).unwrap_or(ty),
            Type::Pointer(elem) => store.pointer(self.ty(elem)),
            Type::Slice(elem) => store.slice(self.ty(elem)),
            Type::Array { len, elem } => store.array(len, self.ty(elem)),
            Type::Chan { dir, elem } => store.chan(dir, self.ty(elem)),
            structure => self.shared(ty, structure),
        }
    }

    fn param(&self, id: ParamId) -> Option<TypeId> {
        let index = self.params.iter().position(|&param| param == id)?;
        self.args.get(index).copied()
    }

    /// What has several parts is looked at once.
    fn shared(&mut self, ty: TypeId, structure: Type) -> TypeId {
        if let Some(&done) = self.done.get(&ty) {
            return done;
        }
        let store = self.store;
        let put_in = match structure {
            Type::Map { key, value } => store.map(self.ty(key), self.ty(value)),
            Type::Tuple(types) => store.intern(Type::Tuple(self.all(&types))),
            Type::Named(id, args) => store.intern(Type::Named(id, self.all(&args))),
            Type::Signature(sig) => {
                let (params, results) = (self.all(&sig.params), self.all(&sig.results));
                store.intern(Type::Signature(Rc::new(Signature { params, results, variadic: sig.variadic })))
            }
            Type::Struct(of) => {
                let fields = of.fields.iter().map(|field| Field { ty: self.ty(field.ty), ..*field }).collect();
                store.intern(Type::Struct(Rc::new(Struct { fields, hidden: of.hidden })))
            }
            Type::Interface(of) => {
                let method = |method: &InterfaceMethod| InterfaceMethod { sig: self.ty(method.sig), ..*method };
                let methods = of.methods.iter().map(method).collect();
                store.intern(Type::Interface(Rc::new(Interface { methods, embeds: self.all(&of.embeds) })))
            }
            Type::Union(terms) => {
                let terms: Vec<Term> = terms.iter().map(|term| Term { ty: self.ty(term.ty), ..*term }).collect();
                store.union(&terms)
            }
            _ => ty,
        };
        self.done.insert(ty, put_in);
        put_in
    }

    fn all(&mut self, types: &[TypeId]) -> Rc<[TypeId]> {
        types.iter().map(|&ty| self.ty(ty)).collect()
    }
}
