//! Slices that share an array: whether it has room for what is appended.

use gopeer_syntax::ast::{Expr, ExprId, Node};

use crate::Cx;

/// Whether the array behind a slice has room for what is appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// The append makes a new array.
    None,
    /// The append writes into the array that there is.
    Some,
    /// One or the other.
    Unknown,
}

impl Cx<'_> {
    /// Whether the array behind a local slice has room for what a call of `append` adds to it.
    pub fn room(&self, call: ExprId, declared: ExprId) -> Room {
        let grown = self.grown(declared);
        let is_fixed = grown == Some(0);
        let Some(made) = self.initial_value(declared).map(|value| self.unparen(value)) else {
            // A variable without a value is nil.
            let is_nil = matches!(self.tree.parent(declared), Some(Node::Decl(_))) && self.origin(declared).is_none();
            return if is_nil && is_fixed { Room::None } else { Room::Unknown };
        };
        match self.expr(made) {
            Expr::Call { fun, args, .. } if self.is_builtin(fun, "make") => match (self.exprs(args), grown) {
                (&[_, len, cap], Some(grown)) => self.room_within(call, (len, cap), grown),
                (&[_, _], Some(0)) => Room::None,
                _ => Room::Unknown,
            },
            Expr::Slice { max: None, hi: Some(_), .. } if is_fixed => Room::Some,
            Expr::Slice { max: Some(_), .. } | Expr::Composite { .. } if is_fixed => Room::None,
            Expr::Call { .. } if is_fixed && self.calls(made, &["slices.Clip"]) => Room::None,
            _ => Room::Unknown,
        }
    }

    /// Whether a capacity is enough for what a call appends, after up to `grown` elements behind the first ones.
    fn room_within(&self, call: ExprId, (len, cap): (ExprId, ExprId), grown: i64) -> Room {
        let Expr::Call { args, spread, .. } = self.expr(call) else { return Room::Unknown };
        let (Some(len), Some(cap)) = (self.int_value(len), self.int_value(cap)) else { return Room::Unknown };
        let left = cap.saturating_sub(len).saturating_sub(grown);
        let added = args.len() as i64 - 1;
        if !spread && left >= added {
            Room::Some
        } else if grown == 0 && (left == 0 || !spread) {
            Room::None
        } else {
            Room::Unknown
        }
    }

    /// How many elements are appended to a slice at most; none if that is not known, or if it may become another slice.
    fn grown(&self, declared: ExprId) -> Option<i64> {
        if !self.is_reassigned(declared) {
            return Some(0);
        }
        let appended = |used: ExprId| {
            let Some(Node::Stmt(stmt)) = self.tree.parent(used) else { return None };
            let (_, count) = self.appended_to(stmt)?;
            (self.enclosing_loop(stmt) == self.enclosing_loop(declared)).then_some(count as i64)
        };
        let targets = self.names.uses(declared).filter(|&used| used != declared && self.is_target(used));
        // Where no assignment changes it, a range clause does, or its address is taken.
        targets.map(appended).sum::<Option<i64>>().filter(|&all| all > 0)
    }
}
