//! A module's index, and all that are loaded.

#[cfg(feature = "embedded")]
use std::cell::RefCell;
use std::cmp::Ordering;
#[cfg(feature = "embedded")]
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::decode::{Data, FieldRec, StrId, TypeRec, decode, slice};
use crate::types::{Interface, Named, Signature, Struct, Union};
use crate::{Basic, Field, Package, Type, manifest};

/// The bytes are no index of this version, or not as they were written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the index is damaged or of another version")
    }
}

impl std::error::Error for Damaged {}

/// A type of a module: only good with the module it comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TypeRef(pub(crate) u32);

impl TypeRef {
    /// Its number in the module, for tables beside it.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One module's index. A clone shares the tables.
#[derive(Clone)]
pub struct Module(pub(crate) Arc<Data>);

impl Module {
    /// Reads a file (not compressed). Everything is verified here; what is asked later cannot fail.
    ///
    /// # Errors
    /// `Damaged` if the checksum is wrong or the bytes are no index of this version.
    pub fn read(bytes: &[u8]) -> Result<Module, Damaged> {
        decode(bytes).map(|data| Module(Arc::new(data)))
    }

    /// The module's path; `std` for the standard library.
    pub fn path(&self) -> &str {
        self.text(self.0.path)
    }

    /// Its version as in go.mod; of the standard library as `go1.26.1`.
    pub fn version(&self) -> &str {
        self.text(self.0.version)
    }

    /// All packages by path, also internal ones that exported declarations of others reach.
    pub fn packages(&self) -> impl ExactSizeIterator<Item = Package<'_>> {
        (0..self.0.packages.len()).map(|number| Package::new(self, number))
    }

    /// The package of this import path.
    pub fn package(&self, path: &str) -> Option<Package<'_>> {
        let number = self.0.packages.binary_search_by(|package| self.text(package.path).cmp(path)).ok()?;
        Some(Package::new(self, number))
    }

    /// What the library sets a setting (`Type.Field`) of one of its packages to where nobody else does; how the values of a type are
    /// released; the effects of a function or method.
    pub fn default_setting(&self, package: &str, setting: &str) -> Option<&str> {
        self.kept(&[package, ".", setting])
    }

    /// What input from outside does with a function, method (`Type.Method`), field or type of one of its packages.
    pub fn taint(&self, package: &str, recv: Option<&str>, name: &str) -> Option<&str> {
        match recv {
            Some(recv) => self.kept(&[package, ":", recv, ".", name]),
            None => self.kept(&[package, ":", name]),
        }
    }

    /// What is kept under a key, given in parts. The lines are sorted by their keys.
    fn kept(&self, key: &[&str]) -> Option<&str> {
        let mut rest = self.0.defaults.as_str();
        let key = || key.iter().flat_map(|part| part.bytes());
        while !rest.is_empty() {
            let start = rest.get(..rest.len() / 2)?.rfind('\n').map_or(0, |before| before + 1);
            let end = rest.get(start..)?.find('\n').map_or(rest.len(), |length| start + length);
            let (name, value) = rest.get(start..end)?.split_once('\t')?;
            rest = match name.bytes().cmp(key()) {
                Ordering::Equal => return Some(value),
                Ordering::Less => rest.get(end + 1..).unwrap_or_default(),
                Ordering::Greater => rest.get(..start)?,
            };
        }
        None
    }

    /// All types, operands before what is made of them.
    pub fn types(&self) -> impl ExactSizeIterator<Item = TypeRef> + use<> {
        (0..TypeRef::UNIVERSAL + self.0.types.len() as u32).map(TypeRef)
    }

    /// What a type is made of. `Unknown` for a reference that is not of this module.
    pub fn ty(&self, ty: TypeRef) -> Type<'_> {
        let Some(number) = ty.0.checked_sub(TypeRef::UNIVERSAL) else {
            return match ty {
                TypeRef::ERROR => Type::Error,
                TypeRef::ANY => Type::Any,
                TypeRef::COMPARABLE => Type::Comparable,
                _ => Basic::at(ty.0).map_or(Type::Unknown, Type::Basic),
            };
        };
        let data = &*self.0;
        match data.types.get(number as usize) {
            None => Type::Unknown,
            Some(TypeRec::Pointer(elem)) => Type::Pointer(*elem),
            Some(TypeRec::Slice(elem)) => Type::Slice(*elem),
            Some(TypeRec::Array(len, elem)) => Type::Array { len: *len, elem: *elem },
            Some(TypeRec::Map(key, elem)) => Type::Map { key: *key, elem: *elem },
            Some(TypeRec::Chan(dir, elem)) => Type::Chan { dir: *dir, elem: *elem },
            Some(TypeRec::Signature(start, middle, end, variadic)) => Type::Signature(Signature {
                params: range(&data.refs, (*start, *middle)),
                results: range(&data.refs, (*middle, *end)),
                variadic: *variadic,
            }),
            Some(TypeRec::Struct(fields, hidden)) => {
                Type::Struct(Struct { module: self, fields: range(&data.fields, *fields), hidden: *hidden })
            }
            Some(TypeRec::Interface(methods, embeds)) => Type::Interface(Interface {
                module: self,
                methods: range(&data.fields, *methods),
                embeds: range(&data.refs, *embeds),
            }),
            Some(TypeRec::Union(terms)) => Type::Union(Union(range(&data.pairs, *terms))),
            Some(TypeRec::Named(package, name, args)) => Type::Named(Named {
                package: self.text(*package),
                name: self.text(*name),
                args: range(&data.refs, *args),
            }),
            Some(TypeRec::Param(number)) => Type::Param(*number),
        }
    }

    pub(crate) fn text(&self, id: StrId) -> &str {
        slice(&self.0.text, &self.0.ends, id)
    }

    pub(crate) fn field(&self, field: &FieldRec) -> Field<'_> {
        Field {
            name: self.text(field.name),
            package: field.package.map(|package| self.text(package)),
            ty: field.ty,
            embedded: field.embedded,
            tag: self.text(field.tag),
        }
    }
}

/// A part of a list; empty if it is out of range.
pub(crate) fn range<T>(list: &[T], (start, end): (u32, u32)) -> &[T] {
    list.get(start as usize..end as usize).unwrap_or(&[])
}

/// The modules that are loaded.
#[derive(Clone, Default)]
pub struct Index {
    modules: Vec<Module>,
    /// Those that are inside the program, as far as somebody asked for them.
    #[cfg(feature = "embedded")]
    embedded: Option<RefCell<Embedded>>,
}

#[cfg(feature = "embedded")]
#[derive(Clone, Default)]
struct Embedded {
    /// By import path, what its own module says of it.
    packages: HashMap<Box<str>, Option<Package<'static>>>,
    modules: Vec<&'static Module>,
}

#[cfg(feature = "embedded")]
impl Embedded {
    fn package(&mut self, path: &str) -> Option<Package<'static>> {
        let own = match self.packages.get(path) {
            Some(known) => *known,
            None => {
                let module = manifest::module_for(path).and_then(|entry| crate::embedded::shared(entry.stem));
                if let Some(module) = module.filter(|new| self.modules.iter().all(|known| known.path() != new.path())) {
                    self.modules.push(module);
                }
                let own = module.and_then(|module| module.package(path));
                self.packages.insert(path.into(), own);
                own
            }
        };
        // Other modules know it as far as their own declarations rest on it.
        own.or_else(|| self.modules.iter().find_map(|module| module.package(path)))
    }
}

impl Index {
    /// Adds a module, in place of one of the same path.
    pub fn add(&mut self, module: Module) {
        self.modules.retain(|known| known.path() != module.path());
        self.modules.push(module);
    }

    /// The package of this import path, or of the one the module has moved to; a complete one, if several modules know it.
    pub fn package(&self, path: &str) -> Option<Package<'_>> {
        self.find(path).or_else(|| self.find(&manifest::renamed(path)?))
    }

    /// What a library sets a setting to unless it is told otherwise: of the field `Config.Producer.RequiredAcks`.
    pub fn default_setting(&self, path: &str, setting: &str) -> Option<&str> {
        let package = self.package(path)?;
        package.module().default_setting(package.path(), setting)
    }

    /// What input from outside does with a function, method, field or type.
    pub fn taint(&self, path: &str, recv: Option<&str>, name: &str) -> Option<&str> {
        let package = self.package(path)?;
        package.module().taint(package.path(), recv, name)
    }

    fn find(&self, path: &str) -> Option<Package<'_>> {
        let mut found = self.modules.iter().filter_map(|module| module.package(path));
        let Some(first) = found.next() else { return self.find_embedded(path) };
        if first.complete() { Some(first) } else { found.find(|package| package.complete()).or(Some(first)) }
    }

    #[cfg(feature = "embedded")]
    fn find_embedded(&self, path: &str) -> Option<Package<'static>> {
        self.embedded.as_ref()?.borrow_mut().package(path)
    }

    #[cfg(not(feature = "embedded"))]
    fn find_embedded(&self, _: &str) -> Option<Package<'static>> {
        None
    }

    /// From now on the index reads the modules that are inside the program when somebody asks for a package of them.
    #[cfg(feature = "embedded")]
    pub fn read_embedded(&mut self) {
        self.embedded.get_or_insert_default();
    }

    /// The modules in the order they were added.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }
}
