//! Which package an import means, and what it declares: read the first time somebody asks.
//!
//! An import path means the package of the session that was checked under it before; else the source that an importer finds;
//! else what the index knows. Nothing else decides that.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use gopeer_api as api;
use gopeer_syntax::ast::{ChanDir, LiteralKind};
use indexmap::IndexSet;

use crate::importer::Importer;
use crate::types::{
    Basic, Field, Hidden, InterfaceMethod, Method, Named, NamedId, Object, Param, ParamId, PkgId, Store, Struct,
    Symbol, Term, Type, TypeId,
};
use crate::value::Value;
use crate::{Builtin, ObjectKind};

/// What `pkg.Name` finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// An object.
    Object(crate::types::ObjId),
    /// A function of package unsafe.
    Builtin(Builtin),
    /// The package has no such name, for certain.
    Missing,
    /// The package, or all of it, is not known.
    Unknown,
}

/// Reads a defined type of another package that nobody has looked into yet.
pub(crate) type Pending = Box<dyn FnOnce(&Store, NamedId)>;

/// What was read before.
#[derive(Default)]
pub(crate) struct Members {
    objects: HashMap<(PkgId, Symbol), Member>,
    types: HashMap<(Symbol, api::TypeRef), TypeId>,
}

/// Which package an import means.
impl Store {
    /// The store of a package that was checked before, or that an importer finds.
    pub(crate) fn sibling(&self, path: &str) -> Option<Rc<Store>> {
        let known = self.siblings.get(path);
        known.or_else(|| self.importer.as_ref()?.upgrade()?.import(path))
    }

    /// The name of a package whose source is known.
    pub(crate) fn source_name(&self, path: &str) -> Option<Rc<str>> {
        let known = self.siblings.get(path).map(|theirs| theirs.text(theirs.package(PkgId::SELF).name).into());
        known.or_else(|| self.importer.as_ref()?.upgrade()?.package_name(path))
    }

    /// The importer that found the package in a library.
    pub(crate) fn library_importer(&self, path: &str) -> Option<Rc<dyn Importer>> {
        let importer = self.importer.as_ref()?.upgrade()?;
        (!self.siblings.has(path) && importer.is_library(path)).then_some(importer)
    }
}

/// What it declares.
impl Store {
    /// What `name` is in an imported package.
    pub fn member(&self, package: PkgId, name: &str) -> Member {
        let key = (package, self.symbol(name));
        if package == PkgId::SELF {
            return self.own_object(key.1).map_or(Member::Unknown, Member::Object);
        }
        if let Some(known) = self.members.borrow().objects.get(&key) {
            return *known;
        }
        let member = self.read_member(package, name);
        self.members.borrow_mut().objects.insert(key, member);
        member
    }

    /// The values that constants of the package under review give names to, of one type, each once and without those that only
    /// count the others (`numKinds`).
    pub fn named_values(&self, ty: TypeId) -> &[Value] {
        let all = self.caches.constants.get_or_init(|| self.read_named_values());
        all.get(&ty).map_or(&[], Vec::as_slice)
    }

    fn read_named_values(&self) -> BTreeMap<TypeId, Vec<Value>> {
        let mut all: BTreeMap<TypeId, IndexSet<Value>> = BTreeMap::new();
        for constant in self.own_objects().filter(|object| object.kind == ObjectKind::Const) {
            let name = self.text(constant.name).to_ascii_lowercase();
            let counts = name.starts_with("num") || ["count", "max", "sentinel"].iter().any(|end| name.ends_with(end));
            if !counts && constant.value != Value::Unknown {
                all.entry(constant.ty).or_default().insert(constant.value);
            }
        }
        all.into_iter().map(|(ty, values)| (ty, values.into_iter().collect())).collect()
    }

    /// Whether the index, or the module, has the package.
    pub fn is_indexed(&self, package: PkgId) -> bool {
        let path = self.text(self.package(package).path);
        package == PkgId::SELF || self.source_name(path).is_some() || self.index.package(path).is_some()
    }

    /// Whether the package is of a library, which has versions: the code may be built with another one than the index
    /// knows.
    pub fn is_library(&self, package: PkgId) -> bool {
        self.known_by_index(package, |package| !is_std(package))
    }

    /// Whether the package is of a library that an importer found, or that the index knows, even if the code under review
    /// brings its own copy (`vendor`).
    pub fn is_third_party(&self, package: PkgId) -> bool {
        let (path, own) = (self.text(self.package(package).path), self.text(self.package(PkgId::SELF).path));
        let is_own = |module: &str| {
            own.strip_prefix(module).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric()))
        };
        if package != PkgId::SELF && self.library_importer(path).is_some() {
            return true;
        }
        let index = self.index.package(path);
        package != PkgId::SELF && index.is_some_and(|package| !is_std(package) && !is_own(package.module().path()))
    }

    /// Whether the package is of the standard library.
    pub fn is_std(&self, package: PkgId) -> bool {
        self.known_by_index(package, is_std)
    }

    fn known_by_index(&self, package: PkgId, which: impl FnOnce(api::Package<'_>) -> bool) -> bool {
        let path = self.text(self.package(package).path);
        package != PkgId::SELF && self.source_name(path).is_none() && self.index.package(path).is_some_and(which)
    }

    fn read_member(&self, id: PkgId, name: &str) -> Member {
        let path = self.text(self.package(id).path);
        if let Some(theirs) = self.sibling(path) {
            return self.take_member(id, &theirs, name);
        }
        let Some(package) = self.index.package(path) else { return Member::Unknown };
        let Some(object) = package.lookup(name) else {
            return if package.complete() && is_std(package) { Member::Missing } else { Member::Unknown };
        };
        if let api::ObjectKind::Builtin = object.kind() {
            return unsafe_builtin(name).map_or(Member::Unknown, Member::Builtin);
        }
        self.read_object(id, path, object)
    }

    fn read_object(&self, pkg: PkgId, path: &str, object: api::Object<'_>) -> Member {
        let module = object.module();
        let name = self.symbol(object.name());
        let (mut value, mut params, mut alias) = (Value::Unknown, Rc::from([]), false);
        let (kind, ty) = match object.kind() {
            api::ObjectKind::Const { ty, value: read } => {
                value = constant(read);
                let ty = self.read(module, &[], ty);
                // An index keeps integral floats as integers.
                if matches!(self.under(ty), Type::Basic(basic) if basic.is_float()) {
                    value = value.to_float();
                }
                (ObjectKind::Const, ty)
            }
            api::ObjectKind::Var { ty } => (ObjectKind::Var, self.read(module, &[], ty)),
            api::ObjectKind::Func(func) => {
                params = self.read_params(module, func.type_params);
                (ObjectKind::Func, self.read(module, &params, func.sig))
            }
            api::ObjectKind::Type(decl) if decl.alias => {
                alias = true;
                params = self.read_params(module, decl.type_params);
                (ObjectKind::Type, self.read(module, &params, decl.ty))
            }
            // The one type of package unsafe is a basic type with a name of a package.
            api::ObjectKind::Type(_) if path == "unsafe" => (ObjectKind::Type, Basic::UnsafePointer.into()),
            api::ObjectKind::Type(_) => {
                let (module, path, text) = (module.clone(), path.to_owned(), self.text(name).to_owned());
                let complete = module.path() == STD;
                let pending = move |store: &Store, id| store.read_type(id, &module, &path, &text);
                (ObjectKind::Type, self.put_off(name, pkg, complete, Box::new(pending)))
            }
            api::ObjectKind::Builtin => return Member::Unknown,
        };
        self.taken(Object { name, pkg, kind, ty, value, params, alias, site: None })
    }

    /// A defined type of another package, which is read when somebody asks.
    pub(crate) fn put_off(&self, name: Symbol, pkg: PkgId, complete: bool, pending: Pending) -> TypeId {
        let (underlying, params, methods) = (TypeId::UNKNOWN, Rc::from([]), Rc::from([]));
        let id = self.add_pending(Named { name, pkg, object: None, params, underlying, methods, complete }, pending);
        self.named_type(id, &[])
    }

    /// An object of another package; a type that it declares learns of it.
    pub(crate) fn taken(&self, object: Object) -> Member {
        let declares = object.kind == ObjectKind::Type && !object.alias;
        let ty = self.get(object.ty);
        let id = self.add_object(object);
        if let (true, Type::Named(named, _)) = (declares, ty) {
            self.update_named(named, |named| named.object = Some(id));
        }
        Member::Object(id)
    }

    /// Reads what was put off about a defined type.
    fn read_type(&self, id: NamedId, module: &api::Module, package: &str, name: &str) {
        let object = module.package(package).and_then(|package| package.lookup(name));
        let Some(api::ObjectKind::Type(decl)) = object.map(api::Object::kind) else { return };
        let params = self.read_params(module, decl.type_params);
        self.update_named(id, |named| named.params = params.clone());
        let underlying = self.read(module, &params, decl.ty);
        // A type declared by naming another has that one's underlying type.
        let underlying = self.underlying(underlying);
        let pkg = self.add_package(package);
        let methods = decl.methods().map(|method| Method {
            name: self.symbol(method.name()),
            pkg: if method.exported() { PkgId::UNIVERSE } else { pkg },
            pointer: method.pointer(),
            sig: self.read(module, &params, method.sig()),
        });
        let methods: Rc<[Method]> = methods.collect();
        self.update_named(id, |named| (named.underlying, named.methods) = (underlying, methods));
    }

    fn read_params(&self, module: &api::Module, list: api::TypeParams<'_>) -> Rc<[ParamId]> {
        let add = |(index, param): (usize, api::TypeParam<'_>)| {
            let name = self.symbol(param.name);
            self.add_param(Param { name, index: index as u32, constraint: TypeId::UNKNOWN })
        };
        let params: Rc<[ParamId]> = list.iter().enumerate().map(add).collect();
        for (&id, param) in params.iter().zip(list.iter()) {
            self.set_constraint(id, self.read(module, &params, param.constraint));
        }
        params
    }

    fn read(&self, module: &api::Module, params: &[ParamId], ty: api::TypeRef) -> TypeId {
        Reader { store: self, module, key: self.symbol(module.path()), params, open: false, depth: 0 }.ty(ty)
    }
}

/// The index's module of the standard library.
const STD: &str = "std";

/// Of other modules people use another version than the indexed one, which may have names that this one lacks.
fn is_std(package: api::Package<'_>) -> bool {
    package.module().path() == STD
}

/// How deep a type may nest: a damaged index could hold a circle.
const MAX_DEPTH: u32 = 100;

/// Reads types of one module inside one declaration.
struct Reader<'r> {
    store: &'r Store,
    module: &'r api::Module,
    key: Symbol,
    params: &'r [ParamId],
    /// Whether a type parameter was met: such types mean something in their declaration only.
    open: bool,
    depth: u32,
}

impl Reader<'_> {
    fn ty(&mut self, ty: api::TypeRef) -> TypeId {
        if let Some(&known) = self.store.members.borrow().types.get(&(self.key, ty)) {
            return known;
        }
        if self.depth == MAX_DEPTH {
            return TypeId::UNKNOWN;
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.open);
        let read = self.structure(self.module.ty(ty));
        if !self.open {
            self.store.members.borrow_mut().types.insert((self.key, ty), read);
        }
        self.open |= outer;
        self.depth -= 1;
        read
    }

    fn all(&mut self, types: &[api::TypeRef]) -> Rc<[TypeId]> {
        types.iter().map(|&ty| self.ty(ty)).collect()
    }

    fn structure(&mut self, ty: api::Type<'_>) -> TypeId {
        let store = self.store;
        match ty {
            api::Type::Unknown => TypeId::UNKNOWN,
            api::Type::Basic(kind) => basic(kind).into(),
            api::Type::Error => TypeId::ERROR,
            api::Type::Any => TypeId::ANY,
            api::Type::Comparable => TypeId::COMPARABLE,
            api::Type::Pointer(elem) => store.pointer(self.ty(elem)),
            api::Type::Slice(elem) => store.slice(self.ty(elem)),
            api::Type::Array { len, elem } => store.array(u64::try_from(len).ok(), self.ty(elem)),
            api::Type::Map { key, elem } => store.map(self.ty(key), self.ty(elem)),
            api::Type::Chan { dir, elem } => store.chan(direction(dir), self.ty(elem)),
            api::Type::Signature(sig) => {
                let (params, results) = (self.all(sig.params), self.all(sig.results));
                store.signature(&params, &results, sig.variadic)
            }
            api::Type::Struct(of) => self.struct_type(of),
            api::Type::Interface(of) => {
                let methods: Vec<InterfaceMethod> = of.methods().map(|method| self.method(method)).collect();
                store.interface(&methods, &self.all(of.embeds))
            }
            api::Type::Union(of) => {
                let terms: Vec<Term> = of.terms().map(|(tilde, ty)| Term { tilde, ty: self.ty(ty) }).collect();
                store.union(&terms)
            }
            api::Type::Named(named) => self.named(named),
            api::Type::Param(index) => {
                self.open = true;
                self.params.get(usize::from(index)).map_or(TypeId::UNKNOWN, |&id| store.param_type(id))
            }
        }
    }

    fn named(&mut self, named: api::Named<'_>) -> TypeId {
        let store = self.store;
        let package = store.add_package(named.package);
        let Member::Object(id) = store.member(package, named.name) else { return TypeId::UNKNOWN };
        let object = store.object(id);
        let args = self.all(named.args);
        match store.get(object.ty) {
            _ if args.is_empty() => object.ty,
            _ if object.alias => store.subst(object.ty, &object.params, &args),
            Type::Named(id, _) => store.named_type(id, &args),
            _ => TypeId::UNKNOWN,
        }
    }

    fn owner(&self, package: Option<&str>) -> PkgId {
        package.map_or(PkgId::UNIVERSE, |path| self.store.add_package(path))
    }

    fn method(&mut self, method: api::Field<'_>) -> InterfaceMethod {
        let pkg = self.owner(method.package);
        InterfaceMethod { name: self.store.symbol(method.name), pkg, sig: self.ty(method.ty) }
    }

    fn struct_type(&mut self, of: api::Struct<'_>) -> TypeId {
        let store = self.store;
        let field = |field: api::Field<'_>| Field {
            name: store.symbol(field.name),
            pkg: self.owner(field.package),
            ty: self.ty(field.ty),
            embedded: field.embedded,
            tag: (!field.tag.is_empty()).then(|| store.symbol(field.tag)),
        };
        let fields = of.fields().map(field).collect();
        let hidden = of.hidden.map(|hidden| Hidden {
            comparable: hidden.comparable,
            no_copy: hidden.no_copy,
            size: hidden.size,
        });
        store.intern(Type::Struct(Rc::new(Struct { fields, hidden })))
    }
}

fn direction(dir: api::ChanDir) -> ChanDir {
    match dir {
        api::ChanDir::Both => ChanDir::Both,
        api::ChanDir::Send => ChanDir::Send,
        api::ChanDir::Recv => ChanDir::Recv,
    }
}

/// Both enumerations are in the same order; `byte` and `rune`, which an index keeps apart, come last in its.
fn basic(kind: api::Basic) -> Basic {
    match kind {
        api::Basic::Byte => Basic::Uint8,
        api::Basic::Rune => Basic::Int32,
        _ => Basic::ALL.get(kind as usize - 1).copied().unwrap_or(Basic::Bool),
    }
}

fn constant(value: api::Const<'_>) -> Value {
    match value {
        api::Const::Unknown => Value::Unknown,
        api::Const::Bool(value) => Value::Bool(value),
        api::Const::Str(bytes) => Value::str(bytes),
        api::Const::Int(value) => Value::int(value),
        api::Const::BigInt(text) => integer(text),
        api::Const::Rat(num, den) => ratio((num, den)),
        api::Const::Complex(re, im) => Value::make_complex(&ratio(re), &ratio(im)),
    }
}

fn ratio((num, den): (&str, &str)) -> Value {
    let quotient = gopeer_syntax::ast::BinaryOp::Div;
    Value::binary(quotient, &integer(num).to_float(), &integer(den).to_float(), false)
}

fn integer(text: &str) -> Value {
    match text.strip_prefix('-') {
        Some(text) => Value::unary(gopeer_syntax::ast::UnaryOp::Minus, &integer(text), None),
        None => Value::literal(LiteralKind::Int, text),
    }
}

fn unsafe_builtin(name: &str) -> Option<Builtin> {
    Some(match name {
        "Add" => Builtin::UnsafeAdd,
        "Alignof" => Builtin::UnsafeAlignof,
        "Offsetof" => Builtin::UnsafeOffsetof,
        "Sizeof" => Builtin::UnsafeSizeof,
        "Slice" => Builtin::UnsafeSlice,
        "SliceData" => Builtin::UnsafeSliceData,
        "String" => Builtin::UnsafeString,
        "StringData" => Builtin::UnsafeStringData,
        _ => return None,
    })
}
