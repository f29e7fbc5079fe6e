//! What is done while a transaction is open.

use gopeer_flow::{Ending, Next, Op, OpKind, State, Values, Watch, When};
use gopeer_sema::types::TypeId;
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, StmtId};

use super::Effects;
use crate::{Call, Cx, Followed, Func, Resource, Start, Step};

/// The types of open transactions.
pub const TRANSACTIONS: &[&str] = &[
    "database/sql.Tx",
    "github.com/jackc/pgx/v5.Tx",
    "github.com/jackc/pgx/v5/pgxpool.Tx",
    "github.com/jmoiron/sqlx.Tx",
];

/// Something that is done while a transaction is open.
pub struct Inside<'a> {
    /// The call.
    pub call: Call<'a>,
    /// The variable that holds the transaction.
    pub tx: &'a str,
    /// From the beginning of the transaction, or of the function that is given it, to the call.
    pub steps: Vec<Step>,
}

impl<'a> Cx<'a> {
    /// A call with one of these effects between the beginning of a transaction and its end, in the function that begins it.
    pub fn done_in(&self, tx: &Resource<'a>, effects: Effects) -> Option<Inside<'a>> {
        let func = self.enclosing_func(tx.call.expr)?;
        let holder = self.holder(tx)?;
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_write(holder)?);
        if !self.assume_result(&mut start.values, &mut start.state, tx.call.expr, true) {
            return None;
        }
        let begins = (self.span(tx.call.fun), format!("`{}` begins here", self.source(holder)));
        self.found_inside(&followed, &mut start, (holder, effects), begins)
    }

    /// The same in a function that is given an open transaction.
    pub fn done_in_given(&self, func: Func, effects: Effects) -> Option<Inside<'a>> {
        let holder = self.transaction_of(func)?;
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.entry());
        let begins = (self.span(holder), format!("`{}` is an open transaction", self.source(holder)));
        self.found_inside(&followed, &mut start, (holder, effects), begins)
    }

    /// The parameter of a function that is an open transaction.
    pub fn transaction_of(&self, func: Func) -> Option<ExprId> {
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        let params = self.params(params);
        let typed = params.iter().find_map(|&(name, ty)| name.filter(|_| self.has_type(ty, TRANSACTIONS)));
        typed.or_else(|| {
            // gorm gives a closure the transaction as what everything else is, too.
            let Node::Expr(literal) = func.node else { return None };
            let Node::Expr(call) = self.tree.parent(literal)? else { return None };
            self.calls(call, &["gorm.io/gorm.DB.Transaction"]).then(|| params.first().and_then(|(name, _)| *name))?
        })
    }

    /// Whether something has failed where this branch is taken: `err != nil` holds.
    pub fn has_failed(&self, ending: Ending, when: When) -> bool {
        let Ending::If(cond) = ending else { return false };
        match self.expr(self.unparen(cond)) {
            Expr::Binary { op, lhs, rhs } if self.ty(lhs) == TypeId::ERROR && self.is_builtin(rhs, "nil") => {
                matches!((op, when), (BinaryOp::NotEqual, When::True) | (BinaryOp::Equal, When::False))
            }
            _ => false,
        }
    }

    fn found_inside(
        &self,
        followed: &Followed,
        start: &mut Start<'_>,
        (holder, effects): (ExprId, Effects),
        begins: (gopeer_syntax::Span, String),
    ) -> Option<Inside<'a>> {
        let found = self.follow(followed, start, &mut Open { cx: self, effects })?;
        let call = self.call(found.op?.at)?;
        let mut steps = vec![Step::from(begins)];
        steps.extend(self.steps_of(call, effects, "this runs before it ends"));
        Some(Inside { call, tx: self.source(holder), steps })
    }
}

/// Watches for a call while a transaction is open.
struct Open<'c, 'a> {
    cx: &'c Cx<'a>,
    effects: Effects,
}

impl Watch for Open<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let cx = self.cx;
        if op.kind != OpKind::Call {
            return Next::Go;
        }
        if matches!(cx.callee_word(op.at), "Commit" | "Rollback") {
            return Next::Stop;
        }
        let named = cx.callee_text(op.at).to_ascii_lowercase();
        let is_outbox = named.contains("outbox");
        if cx.effects(op.at).has(self.effects) && !is_outbox && cx.call(op.at).is_some() {
            Next::Found
        } else {
            Next::Go
        }
    }

    /// What is done where something has failed belongs to the rollback.
    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        if self.cx.has_failed(ending, when) { Next::Stop } else { Next::Go }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}
