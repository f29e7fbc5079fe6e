//! Values that encoding/json always encodes: then only the writer can fail (package `encoding/json`, "Marshal").

use gopeer_lint::prelude::*;
use gopeer_sema::types::{Basic, Lookup, PkgId, Type, TypeId};

/// Whether a value of this type always encodes: it holds no interface, function, channel or float (there are some that JSON
/// has no number for), and no type of it encodes itself.
pub(super) fn always_encodes(cx: &Cx, ty: TypeId) -> bool {
    Search { cx, seen: Vec::new() }.ty(ty)
}

struct Search<'c, 'a> {
    cx: &'c Cx<'a>,
    /// Types that are looked into already; what holds itself is no worse for it.
    seen: Vec<TypeId>,
}

impl Search<'_, '_> {
    fn ty(&mut self, ty: TypeId) -> bool {
        let cx = self.cx;
        // A time has no encoding beyond the year 9999.
        if self.seen.contains(&ty) || cx.type_is(ty, &["time.Time"]) {
            return true;
        }
        self.seen.push(ty);
        match cx.store.under(ty) {
            _ if self.encodes_itself(ty) => false,
            Type::Basic(basic) => is_plain(basic),
            Type::Pointer(elem) | Type::Slice(elem) | Type::Array { elem, .. } => self.ty(elem),
            Type::Map { key, value } => matches!(cx.store.under(key), Type::Basic(_)) && self.ty(key) && self.ty(value),
            Type::Struct(of) => of.fields.iter().all(|field| {
                let hidden = !cx.store.text(field.name).starts_with(char::is_uppercase) && !field.embedded;
                hidden || self.ty(field.ty)
            }),
            _ => false,
        }
    }

    fn encodes_itself(&self, ty: TypeId) -> bool {
        let method = |name| self.cx.store.lookup(ty, PkgId::SELF, self.cx.store.symbol(name));
        ["MarshalJSON", "MarshalText"].iter().any(|name| matches!(method(name), Lookup::Method { .. }))
    }
}

fn is_plain(basic: Basic) -> bool {
    !matches!(basic, Basic::Complex64 | Basic::Complex128 | Basic::Float32 | Basic::Float64 | Basic::UnsafePointer)
}
