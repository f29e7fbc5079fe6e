//! Packages, their objects and methods, as views into a module.

use crate::decode::{ConstRec, DeclRec, NO_NAMES, PackageRec};
use crate::format::kind;
use crate::module::range;
use crate::{Facts, Module, Type, TypeRef};

/// A package of a module.
#[derive(Clone, Copy)]
pub struct Package<'m> {
    module: &'m Module,
    number: usize,
}

impl<'m> Package<'m> {
    pub(crate) fn new(module: &'m Module, number: usize) -> Package<'m> {
        Package { module, number }
    }

    fn record(self) -> &'m PackageRec {
        // `number` is in range: it comes from `Module::packages` or a search in the same list.
        &self.module.0.packages[self.number]
    }

    /// Import path.
    pub fn path(self) -> &'m str {
        self.module.text(self.record().path)
    }

    /// The name in its package clause.
    pub fn name(self) -> &'m str {
        self.module.text(self.record().name)
    }

    /// Whether all that the package exports is listed, so that a name that is not found does not exist. False for
    /// packages that are cut down or differ by operating system: there, such a name is not known.
    pub fn complete(self) -> bool {
        self.record().complete
    }

    /// The first sentence after "Deprecated:" in its documentation.
    pub fn deprecated(self) -> Option<&'m str> {
        self.record().deprecated.map(|text| self.module.text(text))
    }

    /// The module it belongs to, which its types refer to.
    pub fn module(self) -> &'m Module {
        self.module
    }

    /// All objects, sorted by name (bytewise).
    pub fn objects(self) -> impl ExactSizeIterator<Item = Object<'m>> + use<'m> {
        let record = self.record();
        let decls = range(&self.module.0.sorted, (record.start, record.end));
        decls.iter().map(move |decl| Object { module: self.module, decl: *decl })
    }

    /// The object of this name, exported or not.
    pub fn lookup(self, name: &str) -> Option<Object<'m>> {
        let record = self.record();
        let decls = range(&self.module.0.sorted, (record.start, record.end));
        let found = decls.binary_search_by(|decl| Object { module: self.module, decl: *decl }.name().cmp(name)).ok()?;
        decls.get(found).map(|decl| Object { module: self.module, decl: *decl })
    }
}

/// A package-level declaration.
#[derive(Clone, Copy)]
pub struct Object<'m> {
    module: &'m Module,
    decl: u32,
}

/// A method of a declared type.
#[derive(Clone, Copy)]
pub struct Method<'m>(Object<'m>);

/// What an object is.
#[derive(Clone, Copy)]
pub enum ObjectKind<'m> {
    /// A constant.
    Const {
        /// Its type, maybe untyped.
        ty: TypeRef,
        /// Its value.
        value: Const<'m>,
    },
    /// A variable.
    Var {
        /// Its type.
        ty: TypeRef,
    },
    /// A function.
    Func(Func<'m>),
    /// A declared type or an alias.
    Type(TypeDecl<'m>),
    /// A function of package `unsafe`, which has no type.
    Builtin,
}

/// A function's declaration.
#[derive(Clone, Copy)]
pub struct Func<'m> {
    /// Its type: always a signature.
    pub sig: TypeRef,
    /// Its type parameters.
    pub type_params: TypeParams<'m>,
    /// Names of its parameters and then of its results, empty for those without; an empty list if names are not kept.
    pub names: Names<'m>,
}

/// A type's declaration.
#[derive(Clone, Copy)]
pub struct TypeDecl<'m> {
    /// Whether it is `type A = T`.
    pub alias: bool,
    /// Its type parameters.
    pub type_params: TypeParams<'m>,
    /// Underlying type; of an alias the type it stands for.
    pub ty: TypeRef,
    module: &'m Module,
    methods: (u32, u32),
}

/// Type parameters of a declaration.
#[derive(Clone, Copy)]
pub struct TypeParams<'m> {
    module: &'m Module,
    list: &'m [(u32, TypeRef)],
}

/// A type parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeParam<'m> {
    /// Its name.
    pub name: &'m str,
    /// Its constraint.
    pub constraint: TypeRef,
}

/// Names of parameters and results.
#[derive(Clone, Copy)]
pub struct Names<'m> {
    module: &'m Module,
    list: &'m [u32],
}

/// The exact value of a constant, in the simplest form: a `float64` constant that is whole is an `Int`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Const<'m> {
    /// Not known.
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A string's bytes.
    Str(&'m [u8]),
    /// An integer.
    Int(i64),
    /// An integer beyond 64 bits, in decimal.
    BigInt(&'m str),
    /// Numerator and denominator, in decimal.
    Rat(&'m str, &'m str),
    /// Real and imaginary part, each as in `Rat`.
    Complex((&'m str, &'m str), (&'m str, &'m str)),
}

impl<'m> Object<'m> {
    fn record(self) -> &'m DeclRec {
        // `decl` comes from `sorted` or from a type's range of methods, which the decoder made from this list.
        &self.module.0.decls[self.decl as usize]
    }

    /// Its name.
    pub fn name(self) -> &'m str {
        self.module.text(self.record().name)
    }

    /// Whether other packages can name it (Go spec, "Exported identifiers").
    pub fn exported(self) -> bool {
        self.name().chars().next().is_some_and(char::is_uppercase)
    }

    /// The module it belongs to, which its types refer to.
    pub fn module(self) -> &'m Module {
        self.module
    }

    /// What it is.
    pub fn kind(self) -> ObjectKind<'m> {
        let record = self.record();
        match record.kind {
            kind::VAR => ObjectKind::Var { ty: record.ty },
            kind::BUILTIN => ObjectKind::Builtin,
            kind::FUNC => {
                ObjectKind::Func(Func { sig: record.ty, type_params: self.type_params(), names: self.names() })
            }
            kind::TYPE | kind::ALIAS => {
                let alias = record.kind == kind::ALIAS;
                let methods = if alias { (0, 0) } else { (self.decl + 1, record.extra) };
                let (type_params, ty, module) = (self.type_params(), record.ty, self.module);
                ObjectKind::Type(TypeDecl { alias, type_params, ty, module, methods })
            }
            _ => ObjectKind::Const { ty: record.ty, value: self.value() },
        }
    }

    /// `N` of the `go1.N` that brought it, where that is known and later than Go 1.
    pub fn since(self) -> Option<u8> {
        self.module.0.since.get(self.decl as usize).copied().filter(|minor| *minor > 0)
    }

    /// The first sentence after "Deprecated:" in its documentation.
    pub fn deprecated(self) -> Option<&'m str> {
        let list = &self.module.0.deprecated;
        let found = list.binary_search_by_key(&self.decl, |(decl, _)| *decl).ok()?;
        list.get(found).map(|(_, text)| self.module.text(*text))
    }

    /// What is known of calling it.
    pub fn facts(self) -> Facts {
        let list = &self.module.0.facts;
        let found = list.binary_search_by_key(&self.decl, |(decl, _)| *decl).ok();
        found.and_then(|found| list.get(found)).map_or(Facts::default(), |(_, bits)| Facts::from_bits(*bits))
    }

    fn type_params(self) -> TypeParams<'m> {
        TypeParams { module: self.module, list: range(&self.module.0.type_params, self.record().generic) }
    }

    fn names(self) -> Names<'m> {
        let (record, module) = (self.record(), self.module);
        let Type::Signature(sig) = module.ty(record.ty) else { return Names { module, list: &[] } };
        if record.extra == NO_NAMES {
            return Names { module, list: &[] };
        }
        let end = record.extra + (sig.params.len() + sig.results.len()) as u32;
        Names { module, list: range(&module.0.params, (record.extra, end)) }
    }

    fn value(self) -> Const<'m> {
        match self.module.0.consts.get(self.record().extra as usize) {
            Some(ConstRec::Bool(value)) => Const::Bool(*value),
            Some(ConstRec::Int(value)) => Const::Int(*value),
            Some(ConstRec::Big(text)) => Const::BigInt(self.module.text(*text)),
            Some(ConstRec::Rat(text)) => {
                let (num, den) = ratio(self.module.text(*text));
                Const::Rat(num, den)
            }
            Some(ConstRec::Complex(re, im)) => {
                Const::Complex(ratio(self.module.text(*re)), ratio(self.module.text(*im)))
            }
            Some(ConstRec::Str(start, end)) => Const::Str(range(&self.module.0.bytes, (*start, *end))),
            Some(ConstRec::Unknown) | None => Const::Unknown,
        }
    }
}

/// `1/3` as its two parts; a whole number has denominator 1.
fn ratio(text: &str) -> (&str, &str) {
    text.split_once('/').unwrap_or((text, "1"))
}

impl<'m> Method<'m> {
    /// Its name.
    pub fn name(self) -> &'m str {
        self.0.name()
    }

    /// Whether its name is exported. Unexported ones are listed only where an interface asks for them.
    pub fn exported(self) -> bool {
        self.0.exported()
    }

    /// Whether its receiver is a pointer.
    pub fn pointer(self) -> bool {
        self.0.record().pointer
    }

    /// Its type without the receiver: always a signature. Type parameters in it are those of the receiver's type.
    pub fn sig(self) -> TypeRef {
        self.0.record().ty
    }

    /// Names of its parameters and then of its results; see [`Func::names`].
    pub fn names(self) -> Names<'m> {
        self.0.names()
    }

    /// See [`Object::since`].
    pub fn since(self) -> Option<u8> {
        self.0.since()
    }

    /// See [`Object::deprecated`].
    pub fn deprecated(self) -> Option<&'m str> {
        self.0.deprecated()
    }

    /// See [`Object::facts`].
    pub fn facts(self) -> Facts {
        self.0.facts()
    }
}

impl<'m> TypeDecl<'m> {
    /// Methods declared on it; promoted ones are not among them. None of an interface or an alias.
    pub fn methods(self) -> impl ExactSizeIterator<Item = Method<'m>> + use<'m> {
        let (start, end) = if self.is_interface() { (0, 0) } else { self.methods };
        (start..end).map(move |decl| Method(Object { module: self.module, decl }))
    }

    /// The explicit methods of an interface, in the order of its type, with what the type does not tell: names of
    /// parameters, deprecations and facts. None of other types.
    pub fn interface_methods(self) -> impl ExactSizeIterator<Item = Method<'m>> + use<'m> {
        let (start, end) = if self.is_interface() { self.methods } else { (0, 0) };
        (start..end).map(move |decl| Method(Object { module: self.module, decl }))
    }

    /// The method of this name, of either kind.
    pub fn method(self, name: &str) -> Option<Method<'m>> {
        self.methods().chain(self.interface_methods()).find(|method| method.name() == name)
    }

    fn is_interface(self) -> bool {
        matches!(self.module.ty(self.ty), Type::Interface(_))
    }
}

impl<'m> TypeParams<'m> {
    /// Each in turn; a `Type::Param` is a position in this list.
    pub fn iter(self) -> impl ExactSizeIterator<Item = TypeParam<'m>> + use<'m> {
        self.list
            .iter()
            .map(move |(name, constraint)| TypeParam { name: self.module.text(*name), constraint: *constraint })
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.list.len()
    }

    /// Whether the declaration is not generic.
    pub fn is_empty(self) -> bool {
        self.list.is_empty()
    }
}

impl<'m> Names<'m> {
    /// Each in turn.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'m str> + use<'m> {
        self.list.iter().map(move |name| self.module.text(*name))
    }
}
