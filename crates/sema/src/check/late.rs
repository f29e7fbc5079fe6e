//! What is asked of types when all of them are declared (Go spec, "Instantiations", "Map types", "Struct types").

use gopeer_syntax::ast::{Expr, ExprId, ExprList};

use super::{Checker, Mode};
use crate::ErrorCode;
use crate::types::{NamedId, PkgId, Truth, Type, TypeId, Walk};

impl Checker<'_> {
    /// Looks at a type expression of the piece once more.
    pub(crate) fn late(&mut self, expr: Expr) {
        match expr {
            Expr::Index { base, args } => self.type_args_satisfy(base, args),
            Expr::MapType { key, .. } => self.map_key(key),
            _ => {}
        }
    }

    /// Holds the arguments of an instantiated type against their constraints.
    fn type_args_satisfy(&mut self, base: ExprId, args: ExprList) {
        let ident = self.name_of(base);
        let facts = self.facts.borrow();
        let (generic, Mode::Type, Some(types)) = (facts.type_of(ident), facts.mode(ident), facts.instance(ident))
        else {
            return;
        };
        let (types, object) = (types.to_vec(), facts.object(ident));
        drop(facts);
        let params = match (object.map(|id| self.store.object(id)), self.store.get(generic)) {
            (Some(object), _) if object.alias => object.params,
            (_, Type::Named(named, _)) => self.store.named(named).params,
            _ => return,
        };
        self.verify(ident, self.tree.exprs(args), &params, &types);
    }

    /// Reports a type that holds itself, at the first of those that hold each other.
    pub(crate) fn recursive_type(&self, name: ExprId) {
        let ty = self.facts.borrow().type_of(name);
        let mut path = Vec::new();
        let walk = &mut *self.package.walk.borrow_mut();
        let Some(start) = self.holds_itself(ty, &mut path, walk) else { return };
        let named = |&ty: &TypeId| match self.store.get(ty) {
            Type::Named(id, _) => Some(id),
            _ => None,
        };
        let cycle: Vec<NamedId> = path.iter().skip(start).filter_map(named).collect();
        let told = &mut *self.package.infinite.borrow_mut();
        if let Some(own) = named(&ty).filter(|own| cycle.contains(own))
            && !cycle.iter().any(|id| told.contains(id))
        {
            told.push(own);
            let names: Vec<&str> = cycle.iter().map(|&id| self.store.text(self.store.named(id).name)).collect();
            self.error(name, ErrorCode::InvalidDeclCycle, cycle_message("invalid recursive type", "", &names));
        }
    }

    /// Where the path through what the type holds, other than behind pointers, comes back to. Types that hold nothing of
    /// that sort are remembered.
    fn holds_itself(&self, ty: TypeId, path: &mut Vec<TypeId>, walk: &mut Walk) -> Option<usize> {
        if self.package.finite.borrow().contains(&ty) {
            return None;
        }
        let mut found = None;
        match self.store.get(ty) {
            Type::Named(id, args) => {
                if !self.may_hold_itself(id, &args) {
                    return None;
                }
                if let Some(start) = path.iter().position(|&other| other == ty) {
                    return Some(start);
                }
                path.push(ty);
                let under = self.declared_as(ty, id);
                let walked = walk.deeper(|walk| found = self.holds_itself(under, path, walk));
                if found.is_none() {
                    path.pop();
                }
                walked?;
            }
            structure @ (Type::Array { .. } | Type::Struct(_) | Type::Interface(_) | Type::Union(_)) => {
                walk.deeper(|walk| {
                    structure.each_part(|part| found = found.or_else(|| self.holds_itself(part, path, walk)));
                })?;
            }
            _ => return None,
        }
        if found.is_none() {
            self.package.finite.borrow_mut().insert(ty);
        }
        found
    }

    /// What is imported cannot hold what imports it, and of what did not parse nothing is known.
    fn may_hold_itself(&self, id: NamedId, args: &[TypeId]) -> bool {
        let named = self.store.named(id);
        let site = named.object.and_then(|id| self.store.object(id).site);
        let torn = site.is_some_and(|site| !self.package.is_whole((site.file, site.piece)));
        !torn && (named.pkg == PkgId::SELF || !args.is_empty())
    }

    /// The underlying type, or what a type was declared as that has none.
    fn declared_as(&self, ty: TypeId, id: NamedId) -> TypeId {
        let under = self.store.underlying(ty);
        if !under.is_unknown() {
            return under;
        }
        self.package.stuck.borrow().get(&id).copied().unwrap_or(under)
    }

    fn map_key(&self, key: ExprId) {
        let ty = self.facts.borrow().type_of(key);
        if self.store.comparable(ty) == Truth::No {
            let missing = if self.store.is_param(ty) { " (missing comparable constraint)" } else { "" };
            let message = format!("invalid map key type {}{missing}", self.store.show(ty));
            self.claim(&[ty], key, ErrorCode::InvalidMapKey, message);
        }
    }
}

/// `what: x refers to itself`, or `what` with each name and the one that it refers to; of very long cycles, with the beginning and the
/// end.
pub(crate) fn cycle_message(what: &str, of: &str, names: &[&str]) -> String {
    const MOST: usize = 32;
    let Some(first) = names.first() else { return String::new() };
    if names.len() == 1 {
        return format!("{what}: {first} refers to itself");
    }
    let mut message = format!("{what}{of} {first}");
    let left_out = if names.len() > MOST { MOST / 2..names.len() - MOST / 2 } else { 0..0 };
    for (at, (name, next)) in names.iter().zip(names.iter().cycle().skip(1)).enumerate() {
        if !left_out.contains(&at) {
            message += &format!("\n\t{name} refers to {next}");
        } else if at == left_out.start {
            message += &format!("\n\t({} more)", left_out.len());
        }
    }
    message
}
