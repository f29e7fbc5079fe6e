//! The store: every type once, and what is known of names.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gopeer_api::Index;
use std::collections::BTreeMap;

use elsa::FrozenIndexSet;
use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{
    Basic, ChanDir, Field, Interface, InterfaceMethod, Method, Named, NamedId, ObjId, Object, Param, ParamId, PkgId,
    Signature, Struct, Symbol, Term, Type, TypeId,
};
use crate::importer::{Imported, Importer};
use crate::members::{Members, Pending};
use crate::sibling::Siblings;

/// All types, named types, type parameters, objects and packages that one package's check knows. It only grows; all
/// methods take `&self`, so that what an import brings in can be read the first time somebody asks.
pub struct Store {
    strings: FrozenIndexSet<Box<str>, FxBuildHasher>,
    types: RefCell<IndexSet<Type, FxBuildHasher>>,
    named: RefCell<Vec<Slot>>,
    params: RefCell<Vec<Param>>,
    objects: RefCell<Vec<Object>>,
    packages: RefCell<Vec<Package>>,
    /// The packages but for the universe, by path.
    by_path: RefCell<FxHashMap<Symbol, PkgId>>,
    own: RefCell<BTreeMap<Symbol, ObjId>>,
    whole: Cell<bool>,
    pub(crate) index: Rc<Index>,
    pub(crate) siblings: Siblings,
    /// Finds packages that are not among the siblings.
    pub(crate) importer: Option<Weak<dyn Importer>>,
    /// The package whose store this is, where its names are declared when somebody asks.
    declarer: RefCell<Weak<Imported>>,
    /// Signatures of methods that were found out when somebody asked.
    method_sigs: RefCell<FxHashMap<(NamedId, Symbol), TypeId>>,
    pub(crate) members: RefCell<Members>,
    pub(crate) caches: super::Caches,
}

/// A defined type, and what is still to be read of it.
struct Slot {
    named: Named,
    pending: Option<Pending>,
}

/// A package as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Import path.
    pub path: Symbol,
    /// Name in its package clause.
    pub name: Symbol,
}

impl Store {
    /// A store that knows the universe, the package `path` that is to be checked, and what the index has.
    pub fn new(path: &str, name: &str, index: Rc<Index>) -> Store {
        Store::in_module(path, name, index, Siblings::default())
    }

    /// Like [`Store::new`], with packages of the same module that can be imported.
    pub(crate) fn in_module(path: &str, name: &str, index: Rc<Index>, siblings: Siblings) -> Store {
        let store = Store {
            strings: FrozenIndexSet::default(),
            types: RefCell::new(IndexSet::default()),
            named: RefCell::default(),
            params: RefCell::default(),
            objects: RefCell::default(),
            packages: RefCell::default(),
            by_path: RefCell::default(),
            own: RefCell::default(),
            whole: Cell::new(false),
            index,
            siblings,
            importer: None,
            declarer: RefCell::default(),
            method_sigs: RefCell::default(),
            members: RefCell::default(),
            caches: super::Caches::default(),
        };
        for (path, name) in [("", ""), (path, name)] {
            let package = Package { path: store.symbol(path), name: store.symbol(name) };
            store.packages.borrow_mut().push(package);
        }
        store.by_path.borrow_mut().insert(store.symbol(path), PkgId::SELF);
        store.add_universe();
        store
    }

    /// Has an importer find the packages that are not given.
    pub(crate) fn importing(self, importer: Weak<dyn Importer>) -> Store {
        Store { importer: Some(importer), ..self }
    }

    /// In the order of the constants of [`TypeId`].
    fn add_universe(&self) {
        self.intern(Type::Unknown);
        for basic in Basic::ALL {
            self.intern(Type::Basic(basic));
        }
        self.intern(Type::Tuple(Rc::new([])));
        let any = self.interface(&[], &[]);
        let string: TypeId = Basic::String.into();
        let error = self.universe_type("error", TypeId::UNKNOWN);
        self.universe_type("comparable", any);
        let sig = self.signature(&[], &[string], false);
        let methods = [InterfaceMethod { name: self.symbol("Error"), pkg: PkgId::UNIVERSE, sig }];
        let underlying = self.interface(&methods, &[]);
        self.update_named(error, |named| named.underlying = underlying);
    }

    fn universe_type(&self, name: &str, underlying: TypeId) -> NamedId {
        let name = self.symbol(name);
        let id = self.add_named(Named {
            name,
            pkg: PkgId::UNIVERSE,
            object: None,
            params: Rc::new([]),
            underlying,
            methods: Rc::new([]),
            complete: true,
        });
        self.named_type(id, &[]);
        id
    }

    /// The symbol of a string.
    pub fn symbol(&self, text: &str) -> Symbol {
        self.known_symbol(text).unwrap_or_else(|| Symbol(self.strings.insert_full(text.into()).0 as u32))
    }

    /// The symbol of a string that has one.
    pub(crate) fn known_symbol(&self, text: &str) -> Option<Symbol> {
        self.strings.get_index_of(text).map(|at| Symbol(at as u32))
    }

    /// The string of a symbol.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.strings.get_index(symbol.index()).unwrap_or_default()
    }

    /// The id of a structure.
    pub fn intern(&self, ty: Type) -> TypeId {
        TypeId(self.types.borrow_mut().insert_full(ty).0 as u32)
    }

    /// The structure of a type.
    pub fn get(&self, ty: TypeId) -> Type {
        self.types.borrow().get_index(ty.index()).cloned().unwrap_or(Type::Unknown)
    }

    /// How many types there are: a measure of how much the store has grown.
    pub fn len(&self) -> usize {
        self.types.borrow().len()
    }

    /// Never: the universe is always there.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// Making types.
impl Store {
    /// `*elem`.
    pub fn pointer(&self, elem: TypeId) -> TypeId {
        self.intern(Type::Pointer(elem))
    }

    /// `[]elem`.
    pub fn slice(&self, elem: TypeId) -> TypeId {
        self.intern(Type::Slice(elem))
    }

    /// `[len]elem`.
    pub fn array(&self, len: Option<u64>, elem: TypeId) -> TypeId {
        self.intern(Type::Array { len, elem })
    }

    /// `map[key]value`.
    pub fn map(&self, key: TypeId, value: TypeId) -> TypeId {
        self.intern(Type::Map { key, value })
    }

    /// A channel type.
    pub fn chan(&self, dir: ChanDir, elem: TypeId) -> TypeId {
        self.intern(Type::Chan { dir, elem })
    }

    /// The tuple of these types; a single type is itself.
    pub fn tuple(&self, types: &[TypeId]) -> TypeId {
        match types {
            [one] => *one,
            _ => self.intern(Type::Tuple(types.into())),
        }
    }

    /// A function type.
    pub fn signature(&self, params: &[TypeId], results: &[TypeId], variadic: bool) -> TypeId {
        self.intern(Type::Signature(Rc::new(Signature { params: params.into(), results: results.into(), variadic })))
    }

    /// A struct type all of whose fields are known.
    pub fn struct_type(&self, fields: &[Field]) -> TypeId {
        self.intern(Type::Struct(Rc::new(Struct { fields: fields.into(), hidden: None })))
    }

    /// An interface type.
    pub fn interface(&self, methods: &[InterfaceMethod], embeds: &[TypeId]) -> TypeId {
        let mut methods = methods.to_vec();
        methods.sort_by_key(|method| self.text(method.name));
        self.intern(Type::Interface(Rc::new(Interface { methods: methods.into(), embeds: embeds.into() })))
    }

    /// `~A | B`; a single term without tilde is its type.
    pub fn union(&self, terms: &[Term]) -> TypeId {
        match terms {
            [Term { tilde: false, ty }] => *ty,
            _ => self.intern(Type::Union(terms.into())),
        }
    }

    /// A defined type, or an instance of it.
    pub fn named_type(&self, id: NamedId, args: &[TypeId]) -> TypeId {
        self.intern(Type::Named(id, args.into()))
    }

    /// A type parameter.
    pub fn param_type(&self, id: ParamId) -> TypeId {
        self.intern(Type::Param(id))
    }
}

/// Named types, parameters, objects, packages.
impl Store {
    /// Adds a defined type.
    pub fn add_named(&self, named: Named) -> NamedId {
        let mut all = self.named.borrow_mut();
        all.push(Slot { named, pending: None });
        NamedId((all.len() - 1) as u32)
    }

    /// Adds a defined type of which the index is read when somebody asks.
    pub(crate) fn add_pending(&self, named: Named, pending: Pending) -> NamedId {
        let mut all = self.named.borrow_mut();
        all.push(Slot { named, pending: Some(pending) });
        NamedId((all.len() - 1) as u32)
    }

    /// What is known of a defined type. Cheap to clone.
    pub fn named(&self, id: NamedId) -> Named {
        // Taken out first: what is read may lead back here.
        let pending = self.named.borrow_mut().get_mut(id.index()).and_then(|slot| slot.pending.take());
        if let Some(pending) = pending {
            pending(self, id);
        }
        self.named.borrow()[id.index()].named.clone()
    }

    /// Name, package and object of a defined type: what is known of it before somebody looks into it.
    pub(crate) fn named_head(&self, id: NamedId) -> (Symbol, PkgId, Option<ObjId>) {
        let Named { name, pkg, object, .. } = self.named.borrow()[id.index()].named;
        (name, pkg, object)
    }

    /// The signature of a method that a defined type declares: that of another package's may have to be found out.
    pub fn method_sig(&self, id: NamedId, method: &Method) -> TypeId {
        if !method.sig.is_unknown() {
            return method.sig;
        }
        let known = self.method_sigs.borrow().get(&(id, method.name)).copied();
        known.unwrap_or_else(|| {
            let sig = self.find_method_sig(id, method.name);
            self.method_sigs.borrow_mut().insert((id, method.name), sig);
            sig
        })
    }

    fn find_method_sig(&self, id: NamedId, name: Symbol) -> TypeId {
        let (_, pkg, _) = self.named_head(id);
        if pkg != PkgId::SELF {
            return self.take_method_sig(id, name);
        }
        let declarer = self.declarer.borrow().upgrade();
        declarer.map_or(TypeId::UNKNOWN, |package| package.method_signature(id, name))
    }

    /// Says which package declares the names of this store when somebody asks.
    pub(crate) fn set_declarer(&self, package: Weak<Imported>) {
        *self.declarer.borrow_mut() = package;
    }

    /// Has an object of this package declared, where that waits until somebody asks.
    pub(crate) fn declare(&self, id: ObjId) {
        let declarer = self.declarer.borrow().upgrade();
        declarer.into_iter().for_each(|package| package.declare(id));
    }

    /// Changes what is known of a defined type.
    pub(crate) fn update_named(&self, id: NamedId, change: impl FnOnce(&mut Named)) {
        if let Some(slot) = self.named.borrow_mut().get_mut(id.index()) {
            change(&mut slot.named);
        }
    }

    /// Adds a type parameter.
    pub fn add_param(&self, param: Param) -> ParamId {
        let mut all = self.params.borrow_mut();
        all.push(param);
        ParamId((all.len() - 1) as u32)
    }

    /// A type parameter.
    pub fn param(&self, id: ParamId) -> Param {
        self.params.borrow()[id.index()]
    }

    /// Gives a type parameter its constraint.
    pub(crate) fn set_constraint(&self, id: ParamId, constraint: TypeId) {
        if let Some(param) = self.params.borrow_mut().get_mut(id.index()) {
            param.constraint = constraint;
        }
    }

    /// Adds an object.
    pub fn add_object(&self, object: Object) -> ObjId {
        let mut all = self.objects.borrow_mut();
        all.push(object);
        ObjId((all.len() - 1) as u32)
    }

    /// An object. Cheap to clone.
    pub fn object(&self, id: ObjId) -> Object {
        self.objects.borrow()[id.index()].clone()
    }

    /// Changes an object.
    pub(crate) fn update_object(&self, id: ObjId, change: impl FnOnce(&mut Object)) {
        if let Some(object) = self.objects.borrow_mut().get_mut(id.index()) {
            change(object);
        }
    }

    /// The package of an import path, added where it is new.
    pub fn add_package(&self, path: &str) -> PkgId {
        let symbol = self.symbol(path);
        if let Some(&known) = self.by_path.borrow().get(&symbol) {
            return known;
        }
        let own = self.source_name(path);
        let name = own.as_deref().or_else(|| self.index.package(path).map(|package| package.name()));
        let name = name.or_else(|| gopeer_api::package_name(path)).unwrap_or_else(|| last_element(path));
        let package = Package { path: symbol, name: self.symbol(name) };
        let mut all = self.packages.borrow_mut();
        let id = PkgId(all.len() as u32);
        all.push(package);
        self.by_path.borrow_mut().insert(symbol, id);
        id
    }

    /// Says whether all files of the package are known.
    pub(crate) fn set_whole(&self, whole: bool) {
        self.whole.set(whole);
    }

    /// Whether all files of the package are known, so that a name that is not declared does not exist.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole.get()
    }

    /// Tells where the package's own name is declared.
    pub(crate) fn add_own(&self, object: ObjId) {
        let name = self.object(object).name;
        self.own.borrow_mut().insert(name, object);
    }

    /// The object of this package by that name.
    pub(crate) fn own_object(&self, name: Symbol) -> Option<ObjId> {
        self.own.borrow().get(&name).copied()
    }

    /// The objects of this package that have a name, as far as they are declared.
    pub(crate) fn own_objects(&self) -> impl Iterator<Item = Object> {
        let ids: Vec<ObjId> = self.own.borrow().values().copied().collect();
        ids.into_iter().map(|id| self.object(id))
    }

    /// A package.
    pub fn package(&self, id: PkgId) -> Package {
        self.packages.borrow()[id.index()].clone()
    }
}

/// The last element of an import path: the name most packages have.
fn last_element(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
