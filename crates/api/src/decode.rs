//! From bytes to the tables of a module, in one pass that verifies every number it stores.

use crate::format::*;
use crate::types::{ChanDir, Hidden};
use crate::{Damaged, TypeRef};

/// Number of a string in [`Data`].
pub(crate) type StrId = u32;

/// How deep a type may nest inside a declaration.
const DEPTH: u32 = 64;
/// Bytes of the longest name of an object: a damaged file must not make names that grow from one to the next.
const LONGEST: usize = 4096;
/// No parameter names.
pub(crate) const NO_NAMES: u32 = u32::MAX;

/// A module, decoded. All numbers in it are in range.
#[derive(Default)]
pub(crate) struct Data {
    pub text: String,
    /// End of each string in `text`.
    pub ends: Vec<u32>,
    pub path: StrId,
    pub version: StrId,
    pub packages: Vec<PackageRec>,
    /// Import paths of other packages that types are named by.
    pub foreign: Vec<StrId>,
    /// Objects and methods; a type's methods follow it.
    pub decls: Vec<DeclRec>,
    /// For each package, its objects by name.
    pub sorted: Vec<u32>,
    pub type_params: Vec<(StrId, TypeRef)>,
    pub consts: Vec<ConstRec>,
    /// Values of string constants.
    pub bytes: Vec<u8>,
    pub types: Vec<TypeRec>,
    pub refs: Vec<TypeRef>,
    pub fields: Vec<FieldRec>,
    pub pairs: Vec<Pair>,
    /// Names of parameters and results.
    pub params: Vec<StrId>,
    pub since: Vec<u8>,
    /// Lines: a setting, a tab, its default.
    pub defaults: String,
    /// Sorted by declaration.
    pub deprecated: Vec<(u32, StrId)>,
    pub facts: Vec<(u32, u16)>,
}

pub(crate) struct PackageRec {
    pub path: StrId,
    pub name: StrId,
    pub complete: bool,
    pub deprecated: Option<StrId>,
    /// Range of `sorted`.
    pub start: u32,
    pub end: u32,
}

/// An object or a method.
#[derive(Clone, Copy)]
pub(crate) struct DeclRec {
    pub name: StrId,
    pub kind: u8,
    /// Of a method: whether its receiver is a pointer.
    pub pointer: bool,
    pub ty: TypeRef,
    /// Of a constant: its value. Of a type: the end of its methods, which start right after it. Of a function or method:
    /// the start of its parameters' names or `NO_NAMES`.
    pub extra: u32,
    /// Range of `type_params`.
    pub generic: (u32, u32),
}

#[derive(Clone, Copy)]
pub(crate) enum ConstRec {
    Bool(bool),
    Int(i64),
    Big(StrId),
    Rat(StrId),
    Complex(StrId, StrId),
    /// Range of `bytes`.
    Str(u32, u32),
    Unknown,
}

/// A range of one of the lists.
pub(crate) type Range = (u32, u32);

#[derive(Clone, Copy)]
pub(crate) enum TypeRec {
    Pointer(TypeRef),
    Slice(TypeRef),
    Array(i64, TypeRef),
    Map(TypeRef, TypeRef),
    Chan(ChanDir, TypeRef),
    /// Start, end of parameters and start of results, end.
    Signature(u32, u32, u32, bool),
    Struct(Range, Option<Hidden>),
    Interface(Range, Range),
    Union(Range),
    Named(StrId, StrId, Range),
    Param(u16),
}

#[derive(Clone, Copy)]
pub(crate) struct FieldRec {
    pub name: StrId,
    /// Path of the package, if unexported.
    pub package: Option<StrId>,
    pub ty: TypeRef,
    pub embedded: bool,
    pub tag: StrId,
}

/// A term of a union.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub tilde: bool,
    pub ty: TypeRef,
}

struct Decoder<'a> {
    streams: [Cursor<'a>; STREAMS],
    out: Data,
    /// Shared strings are numbers 1 to this.
    shared: u32,
    /// Number of the first object's name; names of all objects follow one another.
    names: StrId,
    /// Objects before each package's, and one more.
    starts: Vec<u32>,
    /// Types by their number in the table.
    table: Vec<TypeRef>,
    package: Option<usize>,
    has_params: bool,
    last_int: i64,
    depth: u32,
}

/// Reads a file.
///
/// # Errors
/// `Damaged` if the checksum is wrong, a number is out of range or something is missing.
pub(crate) fn decode(bytes: &[u8]) -> Result<Data, Damaged> {
    let head = bytes.get(..HEADER).ok_or(Damaged)?;
    let body = &bytes[HEADER..];
    if !head.starts_with(MAGIC) || head[4] != VERSION || head[5..] != checksum(body).to_le_bytes() {
        return Err(Damaged);
    }
    let mut rest = Cursor(body);
    let mut lengths = [0; STREAMS];
    for length in &mut lengths {
        *length = rest.num()?;
    }
    let mut streams = [Cursor::default(); STREAMS];
    for (stream, length) in streams.iter_mut().zip(lengths) {
        *stream = Cursor(rest.take(length)?);
    }
    let has_params = !streams[PARAMS].0.is_empty();
    let out = Data::default();
    let mut decoder = Decoder {
        streams,
        out,
        shared: 0,
        names: 0,
        starts: vec![0],
        table: Vec::new(),
        package: None,
        has_params,
        last_int: 0,
        depth: 0,
    };
    decoder.module()?;
    Ok(decoder.out)
}

impl Decoder<'_> {
    fn module(&mut self) -> Result<(), Damaged> {
        self.string(b"")?;
        self.shared = self.streams[HEAD].count()?;
        for _ in 0..self.shared {
            self.line(TEXT)?;
        }
        self.out.path = self.line(TEXT)?;
        self.out.version = self.line(TEXT)?;
        self.packages()?;
        for _ in 0..self.streams[HEAD].count()? {
            let ty = self.ty()?;
            self.table.push(ty);
        }
        let mut name = self.names;
        for package in 0..self.out.packages.len() {
            self.package = Some(package);
            let start = self.out.sorted.len() as u32;
            for _ in self.starts[package]..self.starts[package + 1] {
                self.out.sorted.push(self.out.decls.len() as u32);
                self.object(name)?;
                name += 1;
            }
            self.sort(package, start);
        }
        self.side_tables()?;
        let defaults = std::mem::take(&mut self.streams[DEFAULTS]).0;
        self.out.defaults = std::str::from_utf8(defaults).map_err(|_| Damaged)?.to_owned();
        if self.streams.iter().any(|stream| !stream.0.is_empty()) {
            return Err(Damaged);
        }
        Ok(())
    }

    fn packages(&mut self) -> Result<(), Damaged> {
        let (own, foreign) = (self.streams[HEAD].count()?, self.streams[HEAD].count()?);
        let mut objects = 0u32;
        for _ in 0..own {
            let count = self.streams[HEAD].count()?;
            let flags = self.streams[HEAD].num()?;
            let complete = flags & flag::COMPLETE != 0;
            let deprecated = if flags & flag::DEPRECATED != 0 { Some(self.line(DOCS)?) } else { None };
            let (path, name) = (self.line(TEXT)?, self.line(TEXT)?);
            if self.out.packages.last().is_some_and(|last| self.text(last.path) >= self.text(path)) {
                return Err(Damaged);
            }
            objects = objects.checked_add(count).ok_or(Damaged)?;
            self.starts.push(objects);
            self.out.packages.push(PackageRec { path, name, complete, deprecated, start: 0, end: 0 });
        }
        for _ in 0..foreign {
            let path = self.line(TEXT)?;
            self.out.foreign.push(path);
        }
        self.names = self.out.ends.len() as u32;
        let mut name = Vec::new();
        for _ in 0..objects {
            let keep = self.streams[PREFIX].num()?;
            if keep > name.len() as u64 {
                return Err(Damaged);
            }
            name.truncate(keep as usize);
            name.extend(self.streams[TEXT].line()?);
            if name.len() > LONGEST {
                return Err(Damaged);
            }
            self.string(&name)?;
        }
        Ok(())
    }

    fn object(&mut self, name: StrId) -> Result<(), Damaged> {
        let byte = self.streams[OBJECTS].byte()?;
        let (kind, generic) = (byte & !kind::GENERIC, byte & kind::GENERIC != 0);
        let at = self.out.decls.len();
        let none = (0, 0);
        self.out.decls.push(DeclRec { name, kind, pointer: false, ty: TypeRef::UNKNOWN, extra: 0, generic: none });
        let params = if generic { self.type_params()? } else { none };
        let ty = if kind == kind::BUILTIN { TypeRef::UNKNOWN } else { self.ty()? };
        let extra = match kind {
            kind::VAR | kind::ALIAS | kind::BUILTIN => 0,
            kind::FUNC => self.params(ty)?,
            kind::TYPE => self.methods(ty)?,
            _ => self.constant(kind)?,
        };
        self.out.decls[at] = DeclRec { name, kind, pointer: false, ty, extra, generic: params };
        Ok(())
    }

    fn type_params(&mut self) -> Result<Range, Damaged> {
        let count = self.streams[FLAGS].count()?;
        let mut params = Vec::new();
        for _ in 0..count {
            params.push((self.name(NAMES)?, self.ty()?));
        }
        let start = self.out.type_params.len() as u32;
        self.out.type_params.extend(params);
        Ok((start, self.out.type_params.len() as u32))
    }

    /// Methods of a declared type. Those of an interface are in its type; here they get what declarations have besides.
    fn methods(&mut self, ty: TypeRef) -> Result<u32, Damaged> {
        if let Some(TypeRec::Interface((start, end), _)) = self.known(ty) {
            for at in start..end {
                let method = self.out.fields[at as usize];
                self.method(method.name, false, method.ty)?;
            }
            return Ok(self.out.decls.len() as u32);
        }
        for _ in 0..self.streams[FLAGS].count()? {
            let pointer = self.streams[FLAGS].num()? & flag::POINTER != 0;
            let name = self.name(NAMES)?;
            let ty = self.ty()?;
            self.method(name, pointer, ty)?;
        }
        Ok(self.out.decls.len() as u32)
    }

    fn method(&mut self, name: StrId, pointer: bool, ty: TypeRef) -> Result<(), Damaged> {
        let signature = matches!(self.known(ty), Some(TypeRec::Signature(..)));
        let extra = if signature { self.params(ty)? } else { NO_NAMES };
        self.out.decls.push(DeclRec { name, kind: kind::FUNC, pointer, ty, extra, generic: (0, 0) });
        Ok(())
    }

    /// The names of a signature's parameters and results.
    fn params(&mut self, ty: TypeRef) -> Result<u32, Damaged> {
        let Some(TypeRec::Signature(start, _, end, _)) = self.known(ty) else { return Err(Damaged) };
        if !self.has_params {
            return Ok(NO_NAMES);
        }
        let at = self.out.params.len() as u32;
        for _ in start..end {
            let name = self.name(PARAMS)?;
            self.out.params.push(name);
        }
        Ok(at)
    }

    fn constant(&mut self, kind: u8) -> Result<u32, Damaged> {
        let value = match kind {
            kind::FALSE => ConstRec::Bool(false),
            kind::TRUE => ConstRec::Bool(true),
            kind::INT => {
                self.last_int = self.last_int.wrapping_add(unzigzag(self.streams[INTS].num()?));
                ConstRec::Int(self.last_int)
            }
            kind::BIG => ConstRec::Big(self.line(VALUES)?),
            kind::RAT => ConstRec::Rat(self.line(VALUES)?),
            kind::COMPLEX => ConstRec::Complex(self.line(VALUES)?, self.line(VALUES)?),
            kind::STR => {
                let len = self.streams[VALUES].num()?;
                let bytes = self.streams[VALUES].take(len)?;
                let start = self.out.bytes.len() as u32;
                self.out.bytes.extend_from_slice(bytes);
                ConstRec::Str(start, self.out.bytes.len() as u32)
            }
            kind::OPAQUE => ConstRec::Unknown,
            _ => return Err(Damaged),
        };
        self.out.consts.push(value);
        Ok(self.out.consts.len() as u32 - 1)
    }

    fn sort(&mut self, package: usize, start: u32) {
        let out = &mut self.out;
        let (decls, text, ends) = (&out.decls, &out.text, &out.ends);
        out.sorted[start as usize..].sort_unstable_by_key(|decl| slice(text, ends, decls[*decl as usize].name));
        let end = out.sorted.len() as u32;
        (out.packages[package].start, out.packages[package].end) = (start, end);
    }

    fn side_tables(&mut self) -> Result<(), Damaged> {
        let decls = self.out.decls.len() as u64;
        self.out.since = std::mem::take(&mut self.streams[SINCE].0).to_vec();
        let mut decl = 0;
        while !self.streams[NOTES].0.is_empty() {
            decl += self.streams[NOTES].num()?.min(decls);
            let text = self.line(DOCS)?;
            self.out.deprecated.push((decl as u32, text));
        }
        decl = 0;
        while !self.streams[FACTS].0.is_empty() {
            decl += self.streams[FACTS].num()?.min(decls);
            let bits = self.streams[FACTS].num()? as u16;
            self.out.facts.push((decl as u32, bits));
        }
        Ok(())
    }

    /// A type in a place of use.
    fn ty(&mut self) -> Result<TypeRef, Damaged> {
        let code = self.streams[TYPES].num()?;
        if let Some(number) = code.checked_sub(code::TYPE) {
            return match number.checked_sub(u64::from(TypeRef::UNIVERSAL)) {
                None => Ok(TypeRef(number as u32)),
                Some(number) => usize::try_from(number).ok().and_then(|at| self.table.get(at)).copied().ok_or(Damaged),
            };
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Damaged);
        }
        let record = self.record(code)?;
        self.depth -= 1;
        self.out.types.push(record);
        Ok(TypeRef(TypeRef::UNIVERSAL + self.out.types.len() as u32 - 1))
    }

    fn known(&self, ty: TypeRef) -> Option<TypeRec> {
        self.out.types.get(ty.0.checked_sub(TypeRef::UNIVERSAL)? as usize).copied()
    }

    fn record(&mut self, code: u64) -> Result<TypeRec, Damaged> {
        Ok(match code {
            code::POINTER => TypeRec::Pointer(self.ty()?),
            code::SLICE => TypeRec::Slice(self.ty()?),
            code::ARRAY => TypeRec::Array(unzigzag(self.streams[TYPES].num()?), self.ty()?),
            code::MAP => TypeRec::Map(self.ty()?, self.ty()?),
            code::CHAN => TypeRec::Chan(ChanDir::Both, self.ty()?),
            code::CHAN_SEND => TypeRec::Chan(ChanDir::Send, self.ty()?),
            code::CHAN_RECV => TypeRec::Chan(ChanDir::Recv, self.ty()?),
            code::SIGNATURE => {
                let (params, results) = (self.streams[TYPES].count()?, self.streams[TYPES].count()?);
                let variadic = self.streams[TYPES].num()? != 0;
                self.signature(params, results, variadic)?
            }
            code::STRUCT => self.structure()?,
            code::INTERFACE => self.interface()?,
            code::UNION => self.union()?,
            code::NAMED => self.named(None, false)?,
            code::INSTANCE => self.named(None, true)?,
            code::LOCAL => self.named(Some(self.package.ok_or(Damaged)?), false)?,
            code::PARAM => TypeRec::Param(u16::try_from(self.streams[TYPES].num()?).map_err(|_| Damaged)?),
            short => {
                let counts = short as u32 - code::SHORT as u32;
                self.signature(counts / 4, counts % 4, false)?
            }
        })
    }

    fn list(&mut self, count: u32) -> Result<Vec<TypeRef>, Damaged> {
        (0..count).map(|_| self.ty()).collect()
    }

    fn refs(&mut self, list: &[TypeRef]) -> Range {
        let start = self.out.refs.len() as u32;
        self.out.refs.extend_from_slice(list);
        (start, self.out.refs.len() as u32)
    }

    fn signature(&mut self, params: u32, results: u32, variadic: bool) -> Result<TypeRec, Damaged> {
        let list = self.list(params.checked_add(results).ok_or(Damaged)?)?;
        if variadic && params == 0 {
            return Err(Damaged);
        }
        let (start, end) = self.refs(&list);
        Ok(TypeRec::Signature(start, start + params, end, variadic))
    }

    fn structure(&mut self) -> Result<TypeRec, Damaged> {
        let flags = self.streams[FLAGS].num()?;
        let hidden = if flags & flag::HIDDEN != 0 {
            Some(Hidden {
                comparable: flags & flag::COMPARABLE != 0,
                no_copy: flags & flag::NO_COPY != 0,
                size: self.streams[FLAGS].count()?,
            })
        } else {
            None
        };
        Ok(TypeRec::Struct(self.fields()?, hidden))
    }

    fn fields(&mut self) -> Result<Range, Damaged> {
        let count = self.streams[FLAGS].count()?;
        let mut fields = Vec::new();
        for _ in 0..count {
            let flags = self.streams[FLAGS].num()?;
            let name = self.name(NAMES)?;
            let unexported = flags & flag::UNEXPORTED != 0;
            let package = if unexported { Some(self.package_path(FLAGS)?.1) } else { None };
            let tag = if flags & flag::TAGGED != 0 { self.name(NAMES)? } else { 0 };
            let ty = self.ty()?;
            fields.push(FieldRec { name, package, ty, embedded: flags & flag::EMBEDDED != 0, tag });
        }
        let start = self.out.fields.len() as u32;
        self.out.fields.extend(fields);
        Ok((start, self.out.fields.len() as u32))
    }

    fn interface(&mut self) -> Result<TypeRec, Damaged> {
        let methods = self.fields()?;
        let embeds = self.streams[FLAGS].count()?;
        let list = self.list(embeds)?;
        Ok(TypeRec::Interface(methods, self.refs(&list)))
    }

    fn union(&mut self) -> Result<TypeRec, Damaged> {
        let mut pairs = Vec::new();
        for _ in 0..self.streams[FLAGS].count()? {
            pairs.push(Pair { tilde: self.streams[FLAGS].num()? != 0, ty: self.ty()? });
        }
        let start = self.out.pairs.len() as u32;
        self.out.pairs.extend(pairs);
        Ok(TypeRec::Union((start, self.out.pairs.len() as u32)))
    }

    /// A package by number: own ones first, then foreign ones. Its number, if it is an own one, and its path.
    fn package_path(&mut self, stream: usize) -> Result<(Option<usize>, StrId), Damaged> {
        let number = usize::try_from(self.streams[stream].num()?).map_err(|_| Damaged)?;
        match self.out.packages.get(number) {
            Some(package) => Ok((Some(number), package.path)),
            None => {
                let foreign = self.out.foreign.get(number - self.out.packages.len());
                Ok((None, *foreign.ok_or(Damaged)?))
            }
        }
    }

    fn named(&mut self, local: Option<usize>, instance: bool) -> Result<TypeRec, Damaged> {
        let (own, path) = match local {
            Some(package) => (local, self.out.packages[package].path),
            None => self.package_path(TYPES)?,
        };
        let name = match own {
            Some(package) => {
                let object = self.streams[TYPES].count()?;
                let (start, end) = (self.starts[package], self.starts[package + 1]);
                if object >= end - start {
                    return Err(Damaged);
                }
                self.names + start + object
            }
            None => self.name(NAMES)?,
        };
        let args = if instance { self.streams[TYPES].count()? } else { 0 };
        let list = self.list(args)?;
        Ok(TypeRec::Named(path, name, self.refs(&list)))
    }

    fn name(&mut self, stream: usize) -> Result<StrId, Damaged> {
        match self.streams[stream].num()? {
            0 => self.line(TEXT),
            number if number - 1 <= u64::from(self.shared) => Ok(number as u32 - 1),
            _ => Err(Damaged),
        }
    }

    fn line(&mut self, stream: usize) -> Result<StrId, Damaged> {
        let line = self.streams[stream].line()?;
        self.string(line)
    }

    fn string(&mut self, bytes: &[u8]) -> Result<StrId, Damaged> {
        self.out.text.push_str(std::str::from_utf8(bytes).map_err(|_| Damaged)?);
        self.out.ends.push(self.out.text.len() as u32);
        Ok(self.out.ends.len() as u32 - 1)
    }

    fn text(&self, id: StrId) -> &str {
        slice(&self.out.text, &self.out.ends, id)
    }
}

/// A string by its number; empty if there is none.
pub(crate) fn slice<'a>(text: &'a str, ends: &[u32], id: StrId) -> &'a str {
    let id = id as usize;
    let start = id.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    ends.get(id).and_then(|end| text.get(start as usize..*end as usize)).unwrap_or("")
}
