//! What go/types says of a package: the reader of the files that go/typefacts writes (their format is in its stream.go).

use gopeer_syntax::ast::ExprKind;

/// All that go/types knows of one package.
#[derive(Debug)]
pub struct TheirFacts {
    /// Its import path.
    pub path: String,
    /// Its files.
    pub files: Vec<TheirFile>,
    /// What [`Record`]s refer to; the first is empty and stands for what is not there.
    pub strings: Vec<String>,
}

/// A file and its expressions, parents before children.
#[derive(Debug)]
pub struct TheirFile {
    /// Where it is.
    pub name: String,
    /// Its expressions.
    pub records: Vec<Record>,
}

/// An expression as go/types sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// First byte, in the file.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// Which kind, as a number of [`ExprKind`].
    pub kind: u8,
    /// How it can be used, a letter of go/typefacts' `modeOf`; `-` for a name of which only the object is known.
    pub mode: u8,
    /// Whether the type can be known with the index alone.
    pub type_known: bool,
    /// Whether the object can.
    pub object_known: bool,
    /// Whether the value can.
    pub value_known: bool,
    /// The type, an index into the strings.
    pub ty: u32,
    /// The constant's value.
    pub value: u32,
    /// What a name refers to.
    pub object: u32,
    /// The type that it has where only the index is known of other packages.
    pub reduced: u32,
}

impl TheirFacts {
    /// Reads a file's bytes; none where they are not what go/typefacts writes.
    pub fn read(bytes: &[u8]) -> Option<TheirFacts> {
        let mut reader = Reader { bytes };
        let path = reader.string()?;
        let names = reader.strings()?;
        let strings = reader.strings()?;
        let files = names.into_iter().map(|name| Some(TheirFile { name, records: reader.records()? }));
        let files = files.collect::<Option<Vec<_>>>()?;
        let valid = |id: u32| (id as usize) < strings.len();
        let sound = files.iter().flat_map(|file| &file.records).all(|record| {
            valid(record.ty)
                && valid(record.reduced)
                && valid(record.value)
                && valid(record.object)
                && usize::from(record.kind) < ExprKind::COUNT
        });
        (reader.bytes.is_empty() && sound).then_some(TheirFacts { path, files, strings })
    }

    /// A string of the table.
    pub fn text(&self, id: u32) -> &str {
        self.strings.get(id as usize).map_or("", String::as_str)
    }
}

struct Reader<'b> {
    bytes: &'b [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn id(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    fn string(&mut self) -> Option<String> {
        let len = self.number()? as usize;
        let (text, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(String::from_utf8_lossy(text).into_owned())
    }

    fn strings(&mut self) -> Option<Vec<String>> {
        (0..self.number()?).map(|_| self.string()).collect()
    }

    fn records(&mut self) -> Option<Vec<Record>> {
        let mut last = 0;
        let count = self.number()?;
        let mut record = |_| {
            let delta = self.number()?;
            last += (delta >> 1) as i64 ^ -((delta & 1) as i64);
            let start = u32::try_from(last).ok()?;
            let end = start.checked_add(self.id()?)?;
            let (kind, mode, flags) = (self.byte()?, self.byte()?, self.byte()?);
            let (ty, value, object, reduced) = (self.id()?, self.id()?, self.id()?, self.id()?);
            let (type_known, object_known, value_known) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
            Some(Record { start, end, kind, mode, type_known, object_known, value_known, ty, value, object, reduced })
        };
        (0..count).map(&mut record).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &str) -> Vec<u8> {
        [&[text.len() as u8], text.as_bytes()].concat()
    }

    #[test]
    fn reads_what_go_writes() {
        let records = [2, 10, 3, 1, b'v', 3, 1, 0, 2, 1, /* two back */ 3, 4, 2, b'c', 0, 1, 2, 0, 0];
        let bytes = [string("a/b"), vec![1], string("f.go"), vec![3, 0], string("int"), string("x"), records.to_vec()];
        let facts = TheirFacts::read(&bytes.concat()).expect("well formed");
        assert_eq!((facts.path.as_str(), facts.text(1), facts.text(9)), ("a/b", "int", ""));
        let [first, second] = facts.files[0].records[..] else { panic!("two records") };
        assert_eq!((first.start, first.end, first.mode, first.type_known, first.object), (5, 8, b'v', true, 2));
        assert_eq!((second.start, second.end, second.object_known, second.value), (3, 7, false, 2));
        let whole = bytes.concat();
        for len in 0..whole.len() {
            assert!(TheirFacts::read(&whole[..len]).is_none(), "cut at {len}");
        }
    }
}
