//! What the structure of a type holds, remembered for each type: most questions about types are answered by it at once.

use super::{Store, Type, TypeId};

/// Types nested deeper count as holding something unknown, so that going through a type needs little stack.
pub(crate) const MAX_DEPTH: u8 = 100;

/// What is found in the structure of a type, without looking into what defined types and type parameters stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    bits: u8,
    /// How many types are inside each other.
    depth: u8,
}

impl Shape {
    const PARAM: u8 = 1;
    const INTERFACE: u8 = 2;
    const TAG: u8 = 4;
    const UNKNOWN: u8 = 8;
    /// Nothing in it waits for its declaration.
    const SETTLED: u8 = 16;

    /// Whether a type parameter is in it.
    pub(crate) const fn has_param(self) -> bool {
        self.bits & Shape::PARAM != 0
    }

    /// Whether an interface literal is in it, which can be written in other ways.
    pub(crate) const fn has_interface(self) -> bool {
        self.bits & Shape::INTERFACE != 0
    }

    /// Whether a struct with tags is in it.
    pub(crate) const fn has_tag(self) -> bool {
        self.bits & Shape::TAG != 0
    }

    /// Whether it is nested too deeply to be gone through.
    pub(crate) const fn is_deep(self) -> bool {
        self.depth >= MAX_DEPTH
    }
}

/// Bounds a walk through the fields of structs and elements of arrays: a few lines of source can nest them deeply, or give a
/// struct more fields inside fields than could ever be counted.
pub(crate) struct Walk {
    depth: u8,
    steps: u16,
}

impl Walk {
    pub(crate) fn new() -> Walk {
        Walk { depth: 0, steps: 0 }
    }

    /// What `step` finds one level deeper; none where that is too deep or too much.
    pub(crate) fn deeper<T>(&mut self, step: impl FnOnce(&mut Walk) -> T) -> Option<T> {
        if self.depth == MAX_DEPTH || self.steps == u16::MAX {
            return None;
        }
        self.depth += 1;
        self.steps += 1;
        let found = step(self);
        self.depth -= 1;
        Some(found)
    }
}

impl Type {
    /// Calls `f` with each type that the structure is made of.
    pub(crate) fn each_part(&self, mut f: impl FnMut(TypeId)) {
        match self {
            Type::Unknown | Type::Basic(_) | Type::Param(_) => {}
            Type::Pointer(elem) | Type::Slice(elem) | Type::Array { elem, .. } | Type::Chan { elem, .. } => f(*elem),
            Type::Map { key, value } => {
                f(*key);
                f(*value);
            }
            Type::Tuple(types) | Type::Named(_, types) => types.iter().for_each(|&ty| f(ty)),
            Type::Signature(sig) => sig.params.iter().chain(sig.results.iter()).for_each(|&ty| f(ty)),
            Type::Struct(of) => of.fields.iter().for_each(|field| f(field.ty)),
            Type::Interface(of) => {
                of.methods.iter().for_each(|method| f(method.sig));
                of.embeds.iter().for_each(|&ty| f(ty));
            }
            Type::Union(terms) => terms.iter().for_each(|term| f(term.ty)),
        }
    }
}

impl Store {
    /// What the type's structure holds.
    pub(crate) fn shape(&self, ty: TypeId) -> Shape {
        let mut shapes = self.caches.shapes.borrow_mut();
        // What a type is made of is older than the type.
        while shapes.len() <= ty.index() && shapes.len() < self.len() {
            let next = self.get(TypeId(shapes.len() as u32));
            let mut shape = own_shape(&next);
            next.each_part(|part| {
                let part = shapes.get(part.index()).copied().unwrap_or_default();
                shape.bits |= part.bits & !Shape::SETTLED;
                shape.depth = shape.depth.max(part.depth.saturating_add(1));
            });
            if shape.is_deep() {
                shape.bits |= Shape::UNKNOWN;
            }
            shapes.push(shape);
        }
        shapes.get(ty.index()).copied().unwrap_or_default()
    }

    /// Whether something in the type, looked at as deep as its structure goes, is not known: also a defined type whose
    /// underlying type is not, and a type parameter without constraint.
    pub fn has_unknown(&self, ty: TypeId) -> bool {
        let shape = self.shape(ty);
        if shape.bits & (Shape::UNKNOWN | Shape::SETTLED) != 0 {
            return shape.bits & Shape::UNKNOWN != 0;
        }
        let structure = self.get(ty);
        let mut unknown = match structure {
            Type::Named(id, _) => {
                let underlying = self.named(id).underlying;
                underlying.is_unknown() || matches!(self.get(underlying), Type::Array { len: None, .. })
            }
            Type::Param(id) => self.param(id).constraint.is_unknown(),
            _ => false,
        };
        structure.each_part(|part| unknown = unknown || self.has_unknown(part));
        if !unknown && let Some(shape) = self.caches.shapes.borrow_mut().get_mut(ty.index()) {
            shape.bits |= Shape::SETTLED;
        }
        unknown
    }
}

fn own_shape(ty: &Type) -> Shape {
    let bits = match ty {
        Type::Unknown | Type::Array { len: None, .. } => Shape::UNKNOWN,
        Type::Param(_) => Shape::PARAM,
        Type::Interface(_) => Shape::INTERFACE,
        Type::Struct(of) if of.fields.iter().any(|field| field.tag.is_some()) => Shape::TAG,
        _ => 0,
    };
    Shape { bits, depth: 0 }
}
