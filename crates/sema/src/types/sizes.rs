//! Sizes and alignments in memory, as the gc compiler lays values out on a 64-bit machine (Go spec, "Size and alignment
//! guarantees", "Package unsafe").

use super::shape::Walk;
use super::{Basic, Hidden, Store, Type, TypeId};

/// Bytes of a pointer.
const WORD: u64 = 8;

/// Which alignment structs are taken to have of which an index tells the size only.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Assume {
    Least,
    Most,
}

/// Offsets of the fields of a struct, and its size.
type Layout = (Vec<u64>, u64);

impl Store {
    /// Bytes of a value; none where it depends on a type parameter or is not known.
    pub fn sizeof(&self, ty: TypeId) -> Option<u64> {
        certain(|assume| self.size(ty, assume, &mut Walk::new()))
    }

    /// What the address of a variable is a multiple of.
    pub fn alignof(&self, ty: TypeId) -> Option<u64> {
        certain(|assume| self.alignment(ty, assume, &mut Walk::new()))
    }

    /// Where each field of a struct begins.
    pub fn offsetsof(&self, ty: TypeId) -> Option<Vec<u64>> {
        certain(|assume| self.layout(ty, assume, &mut Walk::new())).map(|(offsets, _)| offsets)
    }

    fn size(&self, ty: TypeId, assume: Assume, walk: &mut Walk) -> Option<u64> {
        match self.under(ty) {
            Type::Basic(basic) => basic_size(basic),
            Type::Pointer(_) | Type::Map { .. } | Type::Chan { .. } | Type::Signature(_) => Some(WORD),
            Type::Slice(_) => Some(3 * WORD),
            Type::Interface(_) if self.is_param(ty) => None,
            Type::Interface(_) => Some(2 * WORD),
            Type::Array { len: Some(0), .. } => Some(0),
            Type::Array { len, elem } => walk.deeper(|walk| self.size(elem, assume, walk))??.checked_mul(len?),
            Type::Struct(of) => match of.hidden {
                Some(hidden) => hidden_size(hidden),
                None => self.layout(ty, assume, walk).map(|(_, size)| size),
            },
            _ => None,
        }
    }

    fn alignment(&self, ty: TypeId, assume: Assume, walk: &mut Walk) -> Option<u64> {
        match self.under(ty) {
            Type::Array { elem, .. } => walk.deeper(|walk| self.alignment(elem, assume, walk))?,
            Type::Struct(of) => match of.hidden {
                // A size is a multiple of the alignment.
                Some(hidden) if assume == Assume::Most => {
                    hidden_size(hidden).map(|size| WORD.min(1 << size.trailing_zeros()))
                }
                _ => walk.deeper(|walk| {
                    let fields = of.fields.iter();
                    fields
                        .map(|field| self.alignment(field.ty, assume, walk))
                        .try_fold(1, |all, own| Some(own?.max(all)))
                })?,
            },
            Type::Basic(basic) if basic.is_complex() => basic_size(basic).map(|size| size / 2),
            Type::Basic(basic) => basic_size(basic).map(|size| size.min(WORD)),
            Type::Interface(_) if self.is_param(ty) => None,
            Type::Pointer(_) | Type::Map { .. } | Type::Chan { .. } | Type::Signature(_) => Some(WORD),
            Type::Slice(_) | Type::Interface(_) => Some(WORD),
            _ => None,
        }
    }

    fn layout(&self, ty: TypeId, assume: Assume, walk: &mut Walk) -> Option<Layout> {
        let Type::Struct(of) = self.under(ty) else { return None };
        if of.hidden.is_some() {
            return None;
        }
        let (mut offsets, mut end, mut align, mut last) = (Vec::with_capacity(of.fields.len()), 0, 1, 1);
        for field in of.fields.iter() {
            let own = self.alignment(field.ty, assume, walk)?;
            last = walk.deeper(|walk| self.size(field.ty, assume, walk))??;
            let start = round_up(end, own)?;
            offsets.push(start);
            end = start.checked_add(last)?;
            align = own.max(align);
        }
        // The address of an empty last field must not lie behind the struct.
        if last == 0 && end > 0 {
            end += 1;
        }
        Some((offsets, round_up(end, align)?))
    }
}

/// What comes out whichever alignment is assumed.
fn certain<T: PartialEq>(of: impl Fn(Assume) -> Option<T>) -> Option<T> {
    of(Assume::Least).filter(|least| of(Assume::Most).as_ref() == Some(least))
}

/// Zero stands for unknown.
fn hidden_size(hidden: Hidden) -> Option<u64> {
    Some(u64::from(hidden.size)).filter(|size| *size > 0)
}

fn round_up(at: u64, align: u64) -> Option<u64> {
    at.checked_next_multiple_of(align)
}

fn basic_size(basic: Basic) -> Option<u64> {
    Some(match basic {
        Basic::Bool => 1,
        Basic::Float32 => 4,
        Basic::Float64 | Basic::Complex64 | Basic::UnsafePointer => 8,
        Basic::Complex128 | Basic::String => 16,
        _ => return basic.int_bits().map(|bits| u64::from(bits / 8)),
    })
}
