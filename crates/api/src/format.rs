//! The bytes of an index file: numbers, streams and the codes of types. Read by `decode`, written by `write` and by the
//! Go program in `gen`; a change here is a new `VERSION`.
//!
//! A file is `MAGIC`, `VERSION`, a checksum and [`STREAMS`] streams, each with its length in front. Like stands with like
//! (all names in one stream, all types in another), because that is what gzip packs best:
//!
//! | stream | holds |
//! |---|---|
//! | `HEAD` | counts: shared strings, own packages (objects and flags of each), foreign packages, types of the table |
//! | `TEXT` | lines: module path, version, shared strings, packages (path, name), foreign paths, object names, other strings |
//! | `PREFIX` | for each object, how many bytes of its name it shares with the object before it |
//! | `DOCS` | lines: the first sentence of each deprecation, of packages first |
//! | `VALUES` | constants that are no small integer |
//! | `OBJECTS` | kind of each object |
//! | `FLAGS` | flags and counts of fields, methods and type parameters |
//! | `NAMES` | names of fields, methods and type parameters |
//! | `PARAMS` | names of parameters and results, or nothing at all |
//! | `TYPES` | the type table, then the type of each declaration |
//! | `INTS` | integer constants, each less the one before it |
//! | `SINCE` | for each object and method a byte: the minor version of Go that brought it; or nothing at all |
//! | `NOTES` | which objects and methods are deprecated |
//! | `FACTS` | which objects and methods have facts, and which |
//! | `DEFAULTS` | lines: a setting as `path.Type.Field`, a tab, and what the library sets it to by itself; or a type, and how its values are released; or `path:Type.Method`, and what input from outside does there. Sorted |
//!
//! After a declared type come its methods. Those of an interface are not written again, but count as declarations in the
//! streams `PARAMS`, `SINCE`, `NOTES` and `FACTS`.
//!
//! A name is 0 for "the next line of `TEXT`", 1 for the empty string, or 2 + the number of a shared string. A type is a
//! constructor with its operands after it, or `TYPE` + the number of a type that is known: a universal one or one of the
//! table. Operands always have smaller numbers than the type made of them, so no type contains itself.

use crate::Damaged;

pub(crate) const MAGIC: &[u8; 4] = b"gopx";
pub(crate) const VERSION: u8 = 3;
/// Bytes before the streams: magic, version, checksum.
pub(crate) const HEADER: usize = 9;

pub(crate) const HEAD: usize = 0;
pub(crate) const TEXT: usize = 1;
pub(crate) const PREFIX: usize = 2;
pub(crate) const DOCS: usize = 3;
pub(crate) const VALUES: usize = 4;
pub(crate) const OBJECTS: usize = 5;
pub(crate) const FLAGS: usize = 6;
pub(crate) const NAMES: usize = 7;
pub(crate) const PARAMS: usize = 8;
pub(crate) const TYPES: usize = 9;
pub(crate) const INTS: usize = 10;
pub(crate) const SINCE: usize = 11;
pub(crate) const NOTES: usize = 12;
pub(crate) const FACTS: usize = 13;
pub(crate) const DEFAULTS: usize = 14;
pub(crate) const STREAMS: usize = 15;

/// Codes of the `TYPES` stream.
pub(crate) mod code {
    pub const POINTER: u64 = 0;
    pub const SLICE: u64 = 1;
    pub const ARRAY: u64 = 2;
    pub const MAP: u64 = 3;
    pub const CHAN: u64 = 4;
    pub const CHAN_SEND: u64 = 5;
    pub const CHAN_RECV: u64 = 6;
    /// Parameters, results and whether it is variadic, then the types.
    pub const SIGNATURE: u64 = 7;
    pub const STRUCT: u64 = 8;
    pub const INTERFACE: u64 = 9;
    pub const UNION: u64 = 10;
    /// Package, then the object's number or, of a foreign package, a name.
    pub const NAMED: u64 = 11;
    /// The same with type arguments.
    pub const INSTANCE: u64 = 12;
    pub const PARAM: u64 = 13;
    /// An object of the package that is being read, by number.
    pub const LOCAL: u64 = 14;
    /// `SHORT + 4 * parameters + results`, for up to 4 and 3 of them, not variadic.
    pub const SHORT: u64 = 15;
    pub const SHORT_END: u64 = SHORT + 20;
    /// From here on: numbers of known types.
    pub const TYPE: u64 = SHORT_END;
}

/// Kinds of the `OBJECTS` stream.
pub(crate) mod kind {
    pub const VAR: u8 = 0;
    pub const FUNC: u8 = 1;
    pub const TYPE: u8 = 2;
    pub const ALIAS: u8 = 3;
    pub const BUILTIN: u8 = 4;
    pub const FALSE: u8 = 5;
    pub const TRUE: u8 = 6;
    pub const INT: u8 = 7;
    pub const BIG: u8 = 8;
    pub const RAT: u8 = 9;
    pub const STR: u8 = 10;
    pub const COMPLEX: u8 = 11;
    pub const OPAQUE: u8 = 12;
    /// Added to `FUNC`, `TYPE` and `ALIAS` that have type parameters.
    pub const GENERIC: u8 = 16;
}

/// Bits of the `FLAGS` stream.
pub(crate) mod flag {
    /// Of a field or an interface's method: its name is followed by its package.
    pub const UNEXPORTED: u64 = 1;
    pub const EMBEDDED: u64 = 2;
    pub const TAGGED: u64 = 4;
    /// Of a struct: it has fields that are not listed; its size follows.
    pub const HIDDEN: u64 = 1;
    pub const COMPARABLE: u64 = 2;
    pub const NO_COPY: u64 = 4;
    /// Of a method: its receiver is a pointer.
    pub const POINTER: u64 = 1;
    /// Of a package in `HEAD`: all that it exports is listed.
    pub const COMPLETE: u64 = 1;
    /// Of a package: the first line of `DOCS` that is left says what to use instead.
    pub const DEPRECATED: u64 = 2;
}

/// FNV-1a: any single changed byte changes it.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// A small signed number in front, as an unsigned one: 0, -1, 1, -2, …
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Below this a number is one byte, below [`TWO`] it is two.
const ONE: u64 = 192;
const TWO: u64 = ONE + 63 * 256;

pub(crate) fn put(out: &mut Vec<u8>, value: u64) {
    if value < ONE {
        out.push(value as u8);
    } else if value < TWO {
        out.extend([(ONE + ((value - ONE) >> 8)) as u8, (value - ONE) as u8]);
    } else {
        out.push(255);
        let mut rest = value;
        while rest >= 128 {
            out.push(rest as u8 | 128);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
}

/// What is left of a stream.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cursor<'a>(pub &'a [u8]);

impl<'a> Cursor<'a> {
    pub fn byte(&mut self) -> Result<u8, Damaged> {
        let (first, rest) = self.0.split_first().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*first)
    }

    pub fn num(&mut self) -> Result<u64, Damaged> {
        let first = self.byte()?;
        if first < 192 {
            return Ok(u64::from(first));
        }
        if first < 255 {
            return Ok(ONE + (u64::from(first - 192) << 8) + u64::from(self.byte()?));
        }
        let (mut value, mut shift) = (0, 0);
        while shift < 64 {
            let byte = self.byte()?;
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
            shift += 7;
        }
        Err(Damaged)
    }

    /// A number of things that each take at least a byte of some stream: no more than fits a `u32`.
    pub fn count(&mut self) -> Result<u32, Damaged> {
        u32::try_from(self.num()?).map_err(|_| Damaged)
    }

    pub fn take(&mut self, len: u64) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = usize::try_from(len).ok().and_then(|len| self.0.split_at_checked(len)).ok_or(Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn line(&mut self) -> Result<&'a [u8], Damaged> {
        let end = self.0.iter().position(|byte| *byte == b'\n').ok_or(Damaged)?;
        let line = self.take(end as u64)?;
        self.byte()?;
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 191, 192, 447, TWO - 1, TWO, TWO + 1, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            let mut cursor = Cursor(&bytes);
            assert_eq!(cursor.num(), Ok(value));
            assert!(cursor.0.is_empty());
            assert_eq!(Cursor(&bytes[..bytes.len() - 1]).num(), Err(Damaged));
        }
        for value in [0, 1, -1, 5, i64::MAX, i64::MIN] {
            assert_eq!(unzigzag(zigzag(value)), value);
        }
    }
}
