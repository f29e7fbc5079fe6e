//! Writes an index: what the checker knows of a package it has read, for those that import it.
//!
//! The Go program in `gen` writes the same format for the shipped files and spends more on size: it keeps types that are
//! used once in place and orders shared ones by use.

use std::collections::HashMap;

use crate::format::*;
use crate::package::Const;
use crate::types::{ChanDir, Hidden};
use crate::{Facts, TypeRef};

/// A type to be written: the owned form of [`crate::Type`]. Operands are references that [`Builder::ty`] gave.
#[derive(Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Shape {
    Pointer(TypeRef),
    Slice(TypeRef),
    Array { len: i64, elem: TypeRef },
    Map { key: TypeRef, elem: TypeRef },
    Chan { dir: ChanDir, elem: TypeRef },
    Signature { params: Vec<TypeRef>, results: Vec<TypeRef>, variadic: bool },
    Struct { fields: Vec<NewField>, hidden: Option<Hidden> },
    Interface { methods: Vec<NewField>, embeds: Vec<TypeRef> },
    Union(Vec<(bool, TypeRef)>),
    Named { package: String, name: String, args: Vec<TypeRef> },
    Param(u16),
}

/// A field of a struct or a method of an interface: the owned form of [`crate::Field`].
#[derive(Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct NewField {
    pub name: String,
    pub package: Option<String>,
    pub ty: TypeRef,
    pub embedded: bool,
    pub tag: String,
}

/// A declaration to be written: the owned form of [`crate::Object`] and [`crate::Method`].
#[derive(Clone, PartialEq)]
#[allow(missing_docs)]
pub struct NewObject {
    pub name: String,
    pub kind: NewKind,
    /// Minor version of Go; 0 if not known.
    pub since: u8,
    pub deprecated: Option<String>,
    pub facts: Facts,
}

/// What a declaration is: the owned form of [`crate::ObjectKind`].
#[derive(Clone, PartialEq)]
#[allow(missing_docs)]
pub enum NewKind {
    Const { ty: TypeRef, value: Value },
    Var { ty: TypeRef },
    Func(NewFunc),
    Type { type_params: Vec<(String, TypeRef)>, ty: TypeRef, methods: Vec<NewMethod> },
    Alias { type_params: Vec<(String, TypeRef)>, ty: TypeRef },
    Builtin,
}

/// A function: its signature, type parameters with their constraints, and the names of its parameters and results, in
/// number as in the signature.
#[derive(Clone, PartialEq)]
#[allow(missing_docs)]
pub struct NewFunc {
    pub sig: TypeRef,
    pub type_params: Vec<(String, TypeRef)>,
    pub names: Vec<String>,
}

/// A method. What an interface's type lists is written from there; methods of that name add what the type does not tell.
#[derive(Clone, PartialEq)]
#[allow(missing_docs)]
pub struct NewMethod {
    pub name: String,
    pub pointer: bool,
    pub sig: TypeRef,
    pub names: Vec<String>,
    pub since: u8,
    pub deprecated: Option<String>,
    pub facts: Facts,
}

/// A constant's value: the owned form of [`Const`]. Fractions are `numerator/denominator` or a whole number.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Value {
    Unknown,
    Bool(bool),
    Str(Vec<u8>),
    Int(i64),
    BigInt(String),
    Rat(String),
    Complex(String, String),
}

impl From<Const<'_>> for Value {
    fn from(value: Const<'_>) -> Value {
        let ratio = |(num, den): (&str, &str)| if den == "1" { num.to_owned() } else { [num, "/", den].concat() };
        match value {
            Const::Unknown => Value::Unknown,
            Const::Bool(value) => Value::Bool(value),
            Const::Str(bytes) => Value::Str(bytes.to_vec()),
            Const::Int(value) => Value::Int(value),
            Const::BigInt(text) => Value::BigInt(text.to_owned()),
            Const::Rat(num, den) => Value::Rat(ratio((num, den))),
            Const::Complex(re, im) => Value::Complex(ratio(re), ratio(im)),
        }
    }
}

/// Collects packages and writes them as one module.
#[derive(Clone, Default)]
pub struct Builder {
    path: String,
    version: String,
    packages: Vec<NewPackage>,
    shapes: Vec<Shape>,
    known: HashMap<Shape, TypeRef>,
}

#[derive(Clone)]
struct NewPackage {
    path: String,
    name: String,
    complete: bool,
    objects: Vec<NewObject>,
}

impl Builder {
    /// A module without packages.
    pub fn new(path: &str, version: &str) -> Builder {
        Builder { path: path.to_owned(), version: version.to_owned(), ..Builder::default() }
    }

    /// The reference of a type; equal shapes get the same one.
    pub fn ty(&mut self, shape: Shape) -> TypeRef {
        let next = TypeRef(TypeRef::UNIVERSAL + self.shapes.len() as u32);
        if let Some(known) = self.known.get(&shape) {
            return *known;
        }
        self.known.insert(shape.clone(), next);
        self.shapes.push(shape);
        next
    }

    /// The types so far, in the order of their references.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// Adds a package, in place of one of the same path. `complete`: see [`crate::Package::complete`].
    pub fn package(&mut self, path: &str, name: &str, complete: bool, objects: Vec<NewObject>) {
        self.packages.retain(|package| package.path != path);
        self.packages.push(NewPackage { path: path.to_owned(), name: name.to_owned(), complete, objects });
    }

    /// The file, as [`crate::Module::read`] takes it. A function whose type is no signature is left out, and its package
    /// with it counts as incomplete.
    pub fn finish(mut self) -> Vec<u8> {
        self.packages.sort_by(|a, b| a.path.cmp(&b.path));
        let signature: Vec<Option<usize>> = self.shapes.iter().map(arity).collect();
        let interfaces = self.interfaces();
        for package in &mut self.packages {
            let all = package.objects.len();
            package.objects.retain(|object| match &object.kind {
                NewKind::Func(func) => is_signature(func.sig, &signature),
                NewKind::Type { ty, methods, .. } => {
                    interfaces.contains_key(ty) || methods.iter().all(|method| is_signature(method.sig, &signature))
                }
                _ => true,
            });
            package.complete &= package.objects.len() == all;
        }
        let mut writer = Writer { signature, interfaces, ..Writer::default() };
        let mut foreign = Vec::new();
        for shape in &self.shapes {
            writer.shape(shape, self.packages.len(), &mut foreign);
        }
        for object in self.packages.iter().flat_map(|package| &package.objects) {
            writer.object(object);
        }
        writer.head(&self, &foreign);
        writer.file()
    }
}

impl Builder {
    /// The methods that each interface lists.
    fn interfaces(&self) -> HashMap<TypeRef, Vec<(String, TypeRef)>> {
        let listed = |shape: &Shape| match shape {
            Shape::Interface { methods, .. } => Some(methods.iter().map(|m| (m.name.clone(), m.ty)).collect()),
            _ => None,
        };
        let places = (TypeRef::UNIVERSAL..).map(TypeRef);
        places.zip(&self.shapes).filter_map(|(ty, shape)| Some((ty, listed(shape)?))).collect()
    }
}

/// Number of parameters and results of a signature.
fn arity(shape: &Shape) -> Option<usize> {
    match shape {
        Shape::Signature { params, results, .. } => Some(params.len() + results.len()),
        _ => None,
    }
}

fn is_signature(ty: TypeRef, signature: &[Option<usize>]) -> bool {
    find(ty, signature).is_some()
}

fn find(ty: TypeRef, signature: &[Option<usize>]) -> Option<usize> {
    *signature.get(ty.0.checked_sub(TypeRef::UNIVERSAL)? as usize)?
}

#[derive(Default)]
struct Writer {
    streams: [Vec<u8>; STREAMS],
    /// Shared strings; a name's code is two more than its place.
    strings: Vec<String>,
    places: HashMap<String, u64>,
    signature: Vec<Option<usize>>,
    /// Names and signatures of the methods of each interface.
    interfaces: HashMap<TypeRef, Vec<(String, TypeRef)>>,
    last_int: i64,
    decl: u64,
    last_note: u64,
    last_facts: u64,
}

impl Writer {
    fn num(&mut self, stream: usize, value: u64) {
        put(&mut self.streams[stream], value);
    }

    /// A line; what would end it early becomes a space.
    fn line(&mut self, stream: usize, text: &str) {
        self.streams[stream].extend(text.bytes().map(|byte| if byte == b'\n' { b' ' } else { byte }));
        self.streams[stream].push(b'\n');
    }

    fn name(&mut self, stream: usize, name: &str) {
        let code = if name.is_empty() {
            1
        } else if let Some(place) = self.places.get(name) {
            *place + 2
        } else {
            let place = self.strings.len() as u64;
            self.strings.push(name.to_owned());
            self.places.insert(name.to_owned(), place);
            place + 2
        };
        self.num(stream, code);
    }

    fn ty(&mut self, ty: TypeRef) {
        self.num(TYPES, code::TYPE + u64::from(ty.0));
    }

    fn types(&mut self, types: &[TypeRef]) {
        for ty in types {
            self.ty(*ty);
        }
    }

    fn shape(&mut self, shape: &Shape, own: usize, foreign: &mut Vec<String>) {
        let mut package = |path: &str| {
            let place = foreign.iter().position(|known| known == path).unwrap_or_else(|| {
                foreign.push(path.to_owned());
                foreign.len() - 1
            });
            (own + place) as u64
        };
        match shape {
            Shape::Pointer(elem) => self.made(code::POINTER, &[*elem]),
            Shape::Slice(elem) => self.made(code::SLICE, &[*elem]),
            Shape::Array { len, elem } => {
                self.num(TYPES, code::ARRAY);
                self.num(TYPES, zigzag(*len));
                self.ty(*elem);
            }
            Shape::Map { key, elem } => self.made(code::MAP, &[*key, *elem]),
            Shape::Chan { dir, elem } => {
                let made = match dir {
                    ChanDir::Both => code::CHAN,
                    ChanDir::Send => code::CHAN_SEND,
                    ChanDir::Recv => code::CHAN_RECV,
                };
                self.made(made, &[*elem]);
            }
            Shape::Signature { params, results, variadic } => {
                self.num(TYPES, code::SIGNATURE);
                self.num(TYPES, params.len() as u64);
                self.num(TYPES, results.len() as u64);
                self.num(TYPES, u64::from(*variadic && !params.is_empty()));
                self.types(params);
                self.types(results);
            }
            Shape::Struct { fields, hidden } => {
                self.num(TYPES, code::STRUCT);
                self.hidden(*hidden);
                self.fields(fields, &mut package);
            }
            Shape::Interface { methods, embeds } => {
                self.num(TYPES, code::INTERFACE);
                self.fields(methods, &mut package);
                self.num(FLAGS, embeds.len() as u64);
                self.types(embeds);
            }
            Shape::Union(terms) => {
                self.num(TYPES, code::UNION);
                self.num(FLAGS, terms.len() as u64);
                for (tilde, ty) in terms {
                    self.num(FLAGS, u64::from(*tilde));
                    self.ty(*ty);
                }
            }
            Shape::Named { package: path, name, args } => {
                self.num(TYPES, if args.is_empty() { code::NAMED } else { code::INSTANCE });
                self.num(TYPES, package(path));
                self.name(NAMES, name);
                if !args.is_empty() {
                    self.num(TYPES, args.len() as u64);
                    self.types(args);
                }
            }
            Shape::Param(number) => {
                self.num(TYPES, code::PARAM);
                self.num(TYPES, u64::from(*number));
            }
        }
    }

    fn made(&mut self, made: u64, operands: &[TypeRef]) {
        self.num(TYPES, made);
        self.types(operands);
    }

    fn hidden(&mut self, hidden: Option<Hidden>) {
        let Some(hidden) = hidden else { return self.num(FLAGS, 0) };
        let bit = |set: bool, bit: u64| if set { bit } else { 0 };
        let bits = bit(hidden.comparable, flag::COMPARABLE) | bit(hidden.no_copy, flag::NO_COPY);
        self.num(FLAGS, flag::HIDDEN | bits);
        self.num(FLAGS, u64::from(hidden.size));
    }

    fn fields(&mut self, fields: &[NewField], package: &mut impl FnMut(&str) -> u64) {
        self.num(FLAGS, fields.len() as u64);
        for field in fields {
            let bit = |set: bool, bit: u64| if set { bit } else { 0 };
            let flags = bit(field.package.is_some(), flag::UNEXPORTED)
                | bit(field.embedded, flag::EMBEDDED)
                | bit(!field.tag.is_empty(), flag::TAGGED);
            self.num(FLAGS, flags);
            self.name(NAMES, &field.name);
            if let Some(path) = &field.package {
                self.num(FLAGS, package(path));
            }
            if !field.tag.is_empty() {
                self.name(NAMES, &field.tag);
            }
            self.ty(field.ty);
        }
    }

    fn object(&mut self, object: &NewObject) {
        let generic = |params: &[(String, TypeRef)]| if params.is_empty() { 0 } else { kind::GENERIC };
        let byte = match &object.kind {
            NewKind::Const { value, .. } => value_kind(value),
            NewKind::Var { .. } => kind::VAR,
            NewKind::Func(func) => kind::FUNC | generic(&func.type_params),
            NewKind::Type { type_params, .. } => kind::TYPE | generic(type_params),
            NewKind::Alias { type_params, .. } => kind::ALIAS | generic(type_params),
            NewKind::Builtin => kind::BUILTIN,
        };
        self.streams[OBJECTS].push(byte);
        self.side(object.since, object.deprecated.as_deref(), object.facts);
        match &object.kind {
            NewKind::Const { ty, value } => {
                self.ty(*ty);
                self.value(value);
            }
            NewKind::Var { ty } => self.ty(*ty),
            NewKind::Func(func) => {
                self.type_params(&func.type_params);
                self.function(func.sig, &func.names);
            }
            NewKind::Type { type_params, ty, methods } => {
                self.type_params(type_params);
                self.ty(*ty);
                match self.interfaces.get(ty).cloned() {
                    Some(listed) => self.explicit(&listed, methods),
                    None => self.methods(methods),
                }
            }
            NewKind::Alias { type_params, ty } => {
                self.type_params(type_params);
                self.ty(*ty);
            }
            NewKind::Builtin => {}
        }
    }

    fn type_params(&mut self, params: &[(String, TypeRef)]) {
        if !params.is_empty() {
            self.num(FLAGS, params.len() as u64);
        }
        for (name, constraint) in params {
            self.name(NAMES, name);
            self.ty(*constraint);
        }
    }

    fn methods(&mut self, methods: &[NewMethod]) {
        self.num(FLAGS, methods.len() as u64);
        for method in methods {
            self.side(method.since, method.deprecated.as_deref(), method.facts);
            self.num(FLAGS, if method.pointer { flag::POINTER } else { 0 });
            self.name(NAMES, &method.name);
            self.function(method.sig, &method.names);
        }
    }

    fn explicit(&mut self, listed: &[(String, TypeRef)], methods: &[NewMethod]) {
        for (name, sig) in listed {
            let method = methods.iter().find(|method| method.name == *name);
            let (since, facts) = method.map_or((0, Facts::default()), |method| (method.since, method.facts));
            self.side(since, method.and_then(|method| method.deprecated.as_deref()), facts);
            self.names(*sig, method.map_or(&[], |method| &method.names));
        }
    }

    fn function(&mut self, sig: TypeRef, names: &[String]) {
        self.ty(sig);
        self.names(sig, names);
    }

    fn names(&mut self, sig: TypeRef, names: &[String]) {
        for at in 0..find(sig, &self.signature).unwrap_or(0) {
            self.name(PARAMS, names.get(at).map_or("", String::as_str));
        }
    }

    fn side(&mut self, since: u8, deprecated: Option<&str>, facts: Facts) {
        self.streams[SINCE].push(since);
        if let Some(text) = deprecated {
            self.num(NOTES, self.decl - self.last_note);
            self.last_note = self.decl;
            self.line(DOCS, text);
        }
        if facts != Facts::default() {
            self.num(FACTS, self.decl - self.last_facts);
            self.last_facts = self.decl;
            self.num(FACTS, u64::from(facts.bits()));
        }
        self.decl += 1;
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Unknown | Value::Bool(_) => {}
            Value::Int(value) => {
                self.num(INTS, zigzag(value.wrapping_sub(self.last_int)));
                self.last_int = *value;
            }
            Value::BigInt(text) | Value::Rat(text) => self.line(VALUES, text),
            Value::Complex(re, im) => {
                self.line(VALUES, re);
                self.line(VALUES, im);
            }
            Value::Str(bytes) => {
                self.num(VALUES, bytes.len() as u64);
                self.streams[VALUES].extend(bytes);
            }
        }
    }

    /// What stands in front: written last, because the shared strings are only known then.
    fn head(&mut self, builder: &Builder, foreign: &[String]) {
        self.num(HEAD, self.strings.len() as u64);
        for string in std::mem::take(&mut self.strings) {
            self.line(TEXT, &string);
        }
        self.line(TEXT, &builder.path);
        self.line(TEXT, &builder.version);
        self.num(HEAD, builder.packages.len() as u64);
        self.num(HEAD, foreign.len() as u64);
        for package in &builder.packages {
            self.num(HEAD, package.objects.len() as u64);
            self.num(HEAD, if package.complete { flag::COMPLETE } else { 0 });
            self.line(TEXT, &package.path);
            self.line(TEXT, &package.name);
        }
        for path in foreign {
            self.line(TEXT, path);
        }
        for object in builder.packages.iter().flat_map(|package| &package.objects) {
            self.num(PREFIX, 0);
            self.line(TEXT, &object.name);
        }
        self.num(HEAD, builder.shapes.len() as u64);
    }

    fn file(self) -> Vec<u8> {
        let mut body = Vec::new();
        for stream in &self.streams {
            put(&mut body, stream.len() as u64);
        }
        body.extend(self.streams.concat());
        let mut file = MAGIC.to_vec();
        file.push(VERSION);
        file.extend(checksum(&body).to_le_bytes());
        file.extend(body);
        file
    }
}

fn value_kind(value: &Value) -> u8 {
    match value {
        Value::Unknown => kind::OPAQUE,
        Value::Bool(false) => kind::FALSE,
        Value::Bool(true) => kind::TRUE,
        Value::Str(_) => kind::STR,
        Value::Int(_) => kind::INT,
        Value::BigInt(_) => kind::BIG,
        Value::Rat(_) => kind::RAT,
        Value::Complex(..) => kind::COMPLEX,
    }
}
