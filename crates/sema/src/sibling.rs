//! What an imported package of the same module declares: taken over from the store it was checked in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::ObjectKind;
use crate::members::Member;
use crate::types::{
    Field, Interface, InterfaceMethod, Method, NamedId, Object, Param, ParamId, PkgId, Signature, Store, Struct,
    Symbol, Term, Type, TypeId,
};

/// The stores of packages that were checked before, by import path: of those that a package imports, and of those deeper
/// down that turned up in the types of their names. A map of everything below each package would cost the square of a
/// chain of imports.
#[derive(Default)]
pub(crate) struct Siblings(RefCell<BTreeMap<Rc<str>, Rc<Store>>>);

impl Siblings {
    /// Of several stores of one path the first counts.
    pub(crate) fn new(stores: impl DoubleEndedIterator<Item = (Rc<str>, Rc<Store>)>) -> Siblings {
        Siblings(RefCell::new(stores.rev().collect()))
    }

    pub(crate) fn get(&self, path: &str) -> Option<Rc<Store>> {
        self.0.borrow().get(path).cloned()
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.0.borrow().contains_key(path)
    }

    fn add(&self, path: Rc<str>, store: Rc<Store>) {
        self.0.borrow_mut().insert(path, store);
    }

    fn take(&mut self) -> impl Iterator<Item = Rc<Store>> + use<> {
        std::mem::take(self.0.get_mut()).into_values()
    }
}

impl Drop for Siblings {
    /// Without recursion: a chain of imports may be longer than the stack is deep.
    fn drop(&mut self) {
        let mut waiting: Vec<Rc<Store>> = self.take().collect();
        while let Some(store) = waiting.pop() {
            if let Some(mut store) = Rc::into_inner(store) {
                waiting.extend(store.siblings.take());
            }
        }
    }
}

/// How deep a type may nest.
const MAX_DEPTH: u32 = 100;

impl Store {
    /// The package that another store knows as `pkg`: it is found here where it is found there.
    fn take_package(&self, theirs: &Store, pkg: PkgId) -> PkgId {
        let path = theirs.text(theirs.package(pkg).path);
        if !self.siblings.has(path)
            && let Some(store) = theirs.siblings.get(path)
        {
            self.siblings.add(path.into(), store);
        }
        self.add_package(path)
    }

    /// What `name` is in a package of the same module. Names of no other package may be unexported.
    pub(crate) fn take_member(&self, pkg: PkgId, theirs: &Rc<Store>, name: &str) -> Member {
        let Some(id) = theirs.known_symbol(name).and_then(|name| theirs.own_object(name)) else {
            return if theirs.is_whole() { Member::Missing } else { Member::Unknown };
        };
        let object = theirs.object(id);
        let name = self.symbol(name);
        if object.kind == ObjectKind::Type && !object.alias {
            let ty = self.put_off(name, pkg, theirs.is_whole(), Box::new(Store::take_named));
            return self.taken(Object { name, pkg, ty, params: Rc::from([]), site: None, ..object });
        }
        theirs.declare(id);
        let object = theirs.object(id);
        let mut taker = Taker::new(self, theirs);
        let params = taker.params(&object.params);
        let ty = taker.ty(object.ty);
        self.taken(Object { name, pkg, ty, params, site: None, ..object })
    }

    /// The package that a defined type of another package was taken from, and what it is there.
    fn original(&self, id: NamedId) -> Option<(Rc<Store>, NamedId)> {
        let (name, pkg, _) = self.named_head(id);
        let theirs = self.sibling(self.text(self.package(pkg).path))?;
        let object = theirs.own_object(theirs.known_symbol(self.text(name))?)?;
        theirs.declare(object);
        match theirs.get(theirs.object(object).ty) {
            Type::Named(named, _) => Some((theirs, named)),
            _ => None,
        }
    }

    /// Takes over what was put off about a defined type; the signatures of its methods are put off further.
    fn take_named(&self, id: NamedId) {
        let Some((theirs, original)) = self.original(id) else { return };
        let original = theirs.named(original);
        let mut taker = Taker::new(self, &theirs);
        let params = taker.params(&original.params);
        self.update_named(id, |named| named.params = params);
        let underlying = taker.ty(original.underlying);
        let method = |method: &Method| Method {
            name: taker.symbol(method.name),
            pkg: taker.pkg(method.pkg),
            pointer: method.pointer,
            sig: TypeId::UNKNOWN,
        };
        // In order of name, as they are there.
        let methods: Rc<[Method]> = original.methods.iter().map(method).collect();
        self.update_named(id, |named| (named.underlying, named.methods) = (underlying, methods));
    }

    /// Takes over the signature of a method of a defined type.
    pub(crate) fn take_method_sig(&self, id: NamedId, name: Symbol) -> TypeId {
        let Some((theirs, original)) = self.original(id) else { return TypeId::UNKNOWN };
        let text = self.text(name);
        let declared = theirs.named(original);
        let method = declared.methods.iter().find(|method| theirs.text(method.name) == text);
        let Some(method) = method else { return TypeId::UNKNOWN };
        let mut taker = Taker::new(self, &theirs);
        let ours = self.named(id).params;
        let params = declared.params.iter().zip(ours.iter());
        taker.params.extend(params.map(|(&theirs, &ours)| (theirs, self.param_type(ours))));
        taker.ty(theirs.method_sig(original, method))
    }
}

/// Takes over types of one sibling inside one declaration.
struct Taker<'t> {
    ours: &'t Store,
    theirs: &'t Store,
    params: BTreeMap<ParamId, TypeId>,
    depth: u32,
}

impl<'t> Taker<'t> {
    fn new(ours: &'t Store, theirs: &'t Store) -> Taker<'t> {
        Taker { ours, theirs, params: BTreeMap::default(), depth: 0 }
    }

    fn symbol(&self, symbol: Symbol) -> Symbol {
        self.ours.symbol(self.theirs.text(symbol))
    }

    fn pkg(&self, pkg: PkgId) -> PkgId {
        match pkg {
            PkgId::UNIVERSE => PkgId::UNIVERSE,
            _ => self.ours.take_package(self.theirs, pkg),
        }
    }

    fn params(&mut self, params: &[ParamId]) -> Rc<[ParamId]> {
        let theirs = self.theirs;
        let mut ids = Vec::new();
        for &id in params {
            let param = theirs.param(id);
            let ours = Param { name: self.symbol(param.name), index: param.index, constraint: TypeId::UNKNOWN };
            let ours = self.ours.add_param(ours);
            self.params.insert(id, self.ours.param_type(ours));
            ids.push(ours);
        }
        for (&id, &ours) in params.iter().zip(&ids) {
            let constraint = self.ty(theirs.param(id).constraint);
            self.ours.set_constraint(ours, constraint);
        }
        ids.into()
    }

    fn ty(&mut self, ty: TypeId) -> TypeId {
        if self.depth == MAX_DEPTH {
            return TypeId::UNKNOWN;
        }
        self.depth += 1;
        let taken = self.structure(self.theirs.get(ty));
        self.depth -= 1;
        taken
    }

    fn all(&mut self, types: &[TypeId]) -> Rc<[TypeId]> {
        types.iter().map(|&ty| self.ty(ty)).collect()
    }

    fn structure(&mut self, ty: Type) -> TypeId {
        let taken = match ty {
            Type::Unknown => return TypeId::UNKNOWN,
            Type::Basic(_) => ty,
            Type::Pointer(elem) => Type::Pointer(self.ty(elem)),
            Type::Slice(elem) => Type::Slice(self.ty(elem)),
            Type::Array { len, elem } => Type::Array { len, elem: self.ty(elem) },
            Type::Map { key, value } => Type::Map { key: self.ty(key), value: self.ty(value) },
            Type::Chan { dir, elem } => Type::Chan { dir, elem: self.ty(elem) },
            Type::Tuple(types) => Type::Tuple(self.all(&types)),
            Type::Signature(sig) => {
                let (params, results) = (self.all(&sig.params), self.all(&sig.results));
                Type::Signature(Rc::new(Signature { params, results, variadic: sig.variadic }))
            }
            Type::Struct(of) => {
                let fields = of.fields.iter().map(|field| self.field(field)).collect();
                Type::Struct(Rc::new(Struct { fields, hidden: of.hidden }))
            }
            Type::Interface(of) => return self.interface(&of),
            Type::Union(terms) => {
                Type::Union(terms.iter().map(|term| Term { tilde: term.tilde, ty: self.ty(term.ty) }).collect())
            }
            Type::Named(named, args) => return self.named(named, &args),
            Type::Param(id) => return self.params.get(&id).copied().unwrap_or(TypeId::UNKNOWN),
        };
        self.ours.intern(taken)
    }

    fn field(&mut self, field: &Field) -> Field {
        Field {
            name: self.symbol(field.name),
            pkg: self.pkg(field.pkg),
            ty: self.ty(field.ty),
            embedded: field.embedded,
            tag: field.tag.map(|tag| self.symbol(tag)),
        }
    }

    fn interface(&mut self, of: &Interface) -> TypeId {
        let method = |method: &InterfaceMethod| InterfaceMethod {
            name: self.symbol(method.name),
            pkg: self.pkg(method.pkg),
            sig: self.ty(method.sig),
        };
        let methods: Vec<InterfaceMethod> = of.methods.iter().map(method).collect();
        self.ours.interface(&methods, &self.all(&of.embeds))
    }

    /// A type declared inside a function has no name here.
    fn named(&mut self, id: NamedId, args: &[TypeId]) -> TypeId {
        let (name, pkg, object) = self.theirs.named_head(id);
        let name = self.theirs.text(name);
        if pkg == PkgId::UNIVERSE {
            return if name == "error" { TypeId::ERROR } else { TypeId::COMPARABLE };
        }
        if object.is_none() {
            return TypeId::UNKNOWN;
        }
        let package = self.pkg(pkg);
        let Member::Object(id) = self.ours.member(package, name) else {
            return TypeId::UNKNOWN;
        };
        let generic = self.ours.object(id).ty;
        match self.ours.get(generic) {
            Type::Named(named, _) if !args.is_empty() => {
                let args = self.all(args);
                self.ours.named_type(named, &args)
            }
            _ => generic,
        }
    }
}
