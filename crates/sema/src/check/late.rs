//! What is asked of types when all of them are declared (Go spec, "Instantiations", "Map types").

use gopeer_syntax::ast::{Expr, ExprId, ExprList};

use super::{Checker, Mode};
use crate::ErrorCode;
use crate::types::{Truth, Type};

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

    fn map_key(&self, key: ExprId) {
        let ty = self.facts.borrow().type_of(key);
        if self.store.comparable(ty) == Truth::No {
            let missing = if self.store.is_param(ty) { " (missing comparable constraint)" } else { "" };
            let message = format!("invalid map key type {}{missing}", self.store.show(ty));
            self.claim(&[ty], key, ErrorCode::InvalidMapKey, message);
        }
    }
}
