//! Sizes and alignments in memory, as the gc compiler lays values out on a 64-bit machine (Go spec, "Size and alignment
//! guarantees", "Package unsafe").

use super::shape::Walk;
use super::{Basic, Store, Type, TypeId};

/// Bytes of a pointer.
const WORD: u64 = 8;

impl Store {
    /// Bytes of a value; none where it depends on a type parameter or is not known.
    pub fn sizeof(&self, ty: TypeId) -> Option<u64> {
        self.size(ty, &mut Walk::new())
    }

    /// What the address of a variable is a multiple of.
    pub fn alignof(&self, ty: TypeId) -> Option<u64> {
        self.alignment(ty, &mut Walk::new())
    }

    /// Where each field of a struct begins.
    pub fn offsetsof(&self, ty: TypeId) -> Option<Vec<u64>> {
        self.layout(ty, &mut Walk::new()).map(|(offsets, _)| offsets)
    }

    fn size(&self, ty: TypeId, walk: &mut Walk) -> Option<u64> {
        match self.under(ty) {
            Type::Basic(basic) => basic_size(basic),
            Type::Pointer(_) | Type::Map { .. } | Type::Chan { .. } | Type::Signature(_) => Some(WORD),
            Type::Slice(_) => Some(3 * WORD),
            Type::Interface(_) if self.is_param(ty) => None,
            Type::Interface(_) => Some(2 * WORD),
            Type::Array { len: Some(0), .. } => Some(0),
            Type::Array { len, elem } => walk.deeper(|walk| self.size(elem, walk))??.checked_mul(len?),
            Type::Struct(of) => match of.hidden {
                Some(hidden) => Some(u64::from(hidden.size)).filter(|size| *size > 0),
                None => self.layout(ty, walk).map(|(_, size)| size),
            },
            _ => None,
        }
    }

    fn alignment(&self, ty: TypeId, walk: &mut Walk) -> Option<u64> {
        match self.under(ty) {
            Type::Array { elem, .. } => walk.deeper(|walk| self.alignment(elem, walk))?,
            Type::Struct(of) if of.hidden.is_none() => walk.deeper(|walk| {
                of.fields.iter().try_fold(1, |all, field| Some(self.alignment(field.ty, walk)?.max(all)))
            })?,
            Type::Basic(basic) if basic.is_complex() => basic_size(basic).map(|size| size / 2),
            Type::Basic(basic) => basic_size(basic).map(|size| size.min(WORD)),
            Type::Interface(_) if self.is_param(ty) => None,
            Type::Pointer(_) | Type::Map { .. } | Type::Chan { .. } | Type::Signature(_) => Some(WORD),
            Type::Slice(_) | Type::Interface(_) => Some(WORD),
            _ => None,
        }
    }

    /// Offsets of the fields of a struct, and its size.
    fn layout(&self, ty: TypeId, walk: &mut Walk) -> Option<(Vec<u64>, u64)> {
        let Type::Struct(of) = self.under(ty) else { return None };
        if of.hidden.is_some() {
            return None;
        }
        let (mut offsets, mut end, mut align, mut last) = (Vec::with_capacity(of.fields.len()), 0, 1, 1);
        for field in of.fields.iter() {
            let own = self.alignment(field.ty, walk)?;
            last = walk.deeper(|walk| self.size(field.ty, walk))??;
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
