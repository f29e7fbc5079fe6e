//! A row is looked for, and inserted if there is none.
//!
//! Two calls at the same time both find nothing, and both insert. Without a unique index there are two rows then; with one, the second
//! call fails with an error that nobody expects. In Cassandra an `INSERT` overwrites: the first owner of the name is gone. Let the
//! database decide: a unique index and `INSERT … ON CONFLICT DO NOTHING`, or `IF NOT EXISTS`, and look at whether it was done.
//!
//! Limits: both statements must be written out, in one function, and share a value. Functions that speak of locks, of a level of isolation
//! or of violated constraints are left alone.
//!
//! ```go bad
//! var ErrTaken = errors.New("name is taken")
//!
//! func claim(ctx context.Context, db *sql.DB, name string, user int64) error {
//! 	var taken bool
//! 	if err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM names WHERE name = $1)`, name).Scan(&taken); err != nil {
//! 		return err
//! 	}
//! 	if taken {
//! 		return ErrTaken
//! 	}
//! 	_, err := db.ExecContext(ctx, `INSERT INTO names (name, user_id) VALUES ($1, $2)`, name, user)
//! 	//        ^^^^^^^^^^^^^^ two calls can both find no `name` in `names`, and both insert it
//! 	return err
//! }
//! ```
//! ```go good
//! var ErrTaken = errors.New("name is taken")
//!
//! func claim(ctx context.Context, db *sql.DB, name string, user int64) error {
//! 	// The database decides.
//! 	res, err := db.ExecContext(ctx, `INSERT INTO names (name, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, user)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if n, err := res.RowsAffected(); err != nil || n == 0 {
//! 		return ErrTaken
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # References
//!
//! - [PostgreSQL, INSERT](https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT)
use gopeer_lint::prelude::*;

use super::statement::{Statement, chain_start, constant, cql};
use super::text::{one_line, verb};

pub static RULE: Rule = Rule {
    id: "sql/check-then-insert",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::WRITE, check)],
    examines: "statements that insert",
};

/// What the text of a function says that keeps others out, or expects them.
const GUARDS: &[&str] = &[
    "FOR UPDATE",
    "for update",
    "Serializable",
    "advisory",
    ".Lock()",
    "nique",
    "uplicate",
    "23505",
    "1062",
    "onstraint",
    "onflict",
    "CAS(",
    "LOCK TABLE",
];

/// A statement with its text in small letters, and whether it is one of Cassandra.
fn statement<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(Statement<'a>, String, bool)> {
    let (found, text, cassandra) = match constant(cx, call) {
        Some((found, text)) => (found, text, false),
        None => {
            let (found, text) = cql(cx, chain_start(cx, call, "Query")?)?;
            (found, text, true)
        }
    };
    Some((found, one_line(&text).to_ascii_lowercase(), cassandra))
}

fn check(cx: &mut Cx, write: Call) {
    let Some((insert, text, cassandra)) = statement(cx, write.expr) else { return };
    if verb(&text) != Some("INSERT") {
        return;
    }
    cx.examined();
    let Some(table) = text.strip_prefix("insert into ").and_then(|rest| rest.split([' ', '(']).next()) else { return };
    let repeats =
        ["on conflict", "on duplicate", "if not exists", "where not exists"].iter().any(|word| text.contains(word));
    let Some(func) = cx.enclosing_func(write.expr).filter(|&func| !repeats && !cx.is_long(func)) else { return };
    let Some((lookup, value)) = looked_up(cx, func, write.expr, (table, &insert)) else { return };
    if GUARDS.iter().any(|guard| cx.source(func.body).contains(guard)) || !decides(cx, lookup, write.expr) {
        return;
    }
    let value = cx.source(value);
    let steps = [
        (cx.span(lookup), "it is looked for here".to_owned()),
        (cx.span(write.fun), "and inserted here, if there was none".to_owned()),
    ];
    let what = if cassandra { "the second overwrites the first" } else { "both insert it" };
    let report = cx
        .report(write.fun, format!("two calls can both find no `{value}` in `{table}`, and {what}"))
        .severity(if cassandra { Severity::High } else { Severity::Medium })
        .steps(steps);
    if cassandra {
        report.note("insert with `IF NOT EXISTS`, and look at whether it was applied");
    } else {
        report
            .asks(format!("Does a unique index of `{table}` refuse a second row with this `{value}`? Two calls can both find none, and both insert it."))
            .note("with a unique index, insert with `ON CONFLICT DO NOTHING`, and look at `RowsAffected`: no lookup is needed");
    }
}

/// The query before a call that looks in a table for a value that is inserted, with that value.
fn looked_up(cx: &Cx, func: Func, before: ExprId, (table, insert): (&str, &Statement)) -> Option<(ExprId, ExprId)> {
    let until = cx.span(before).start;
    let calls = cx.calls_within(func.body, false);
    calls.iter().take_while(|node| cx.tree.span(**node).end <= until).find_map(|&node| {
        let Node::Expr(call) = node else { return None };
        let (select, text, _) = statement(cx, call)?;
        let of_table =
            text.starts_with("select") && text.split(' ').any(|word| word.trim_matches(['(', ')', ';']) == table);
        let inserted = |value: &ExprId| insert.values.iter().any(|&other| cx.source(other) == cx.source(*value));
        let value = select.values.iter().copied().filter(|&value| cx.constant_value(value).is_none()).find(inserted)?;
        of_table.then_some((call, value))
    })
}

/// Whether the function ends between a query and an insertion if something was found.
fn decides(cx: &Cx, lookup: ExprId, insert: ExprId) -> bool {
    let Some(mut stmt) = cx.enclosing_stmt(insert) else { return false };
    if cx.place_in_list(stmt).is_none() {
        let Some(Node::Stmt(around)) = cx.tree.parent(stmt) else { return false };
        stmt = around;
    }
    let Some(before) = cx.place_in_list(stmt).and_then(|at| cx.siblings(stmt).get(..at)) else { return false };
    let after = cx.span(lookup).start;
    before.iter().rev().take_while(|&&stmt| cx.span(stmt).end >= after).any(|&stmt| {
        let Stmt::If { cond, then, .. } = cx.stmt(stmt) else { return false };
        let found = match cx.nil_test(cond) {
            Some((tested, nil)) => nil == (cx.ty(tested) == TypeId::ERROR),
            None => is_found(cx, cond),
        };
        found && cx.list_of(then.into()).last().is_some_and(|&last| matches!(cx.stmt(last), Stmt::Return(_)))
    })
}

/// `n > 0`, `n != 0`, `exists`.
fn is_found(cx: &Cx, cond: ExprId) -> bool {
    match cx.expr(cx.unparen(cond)) {
        Expr::Ident => true,
        Expr::Binary { op: BinaryOp::Greater | BinaryOp::NotEqual, rhs, .. } => cx.int_value(rhs) == Some(0),
        Expr::Binary { op: BinaryOp::GreaterEqual, rhs, .. } => cx.int_value(rhs) == Some(1),
        _ => false,
    }
}
