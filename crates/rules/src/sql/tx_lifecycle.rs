//! A transaction is neither committed nor rolled back on some path, or ends too early.
//!
//! It stays open: its connection does not return to the pool, its locks keep others waiting, and PostgreSQL cannot remove old rows
//! that it might still see. `defer tx.Rollback()` right after the check of the error covers every path: after a commit it does
//! nothing but return `sql.ErrTxDone`.
//!
//! A statement after the commit fails (`sql.ErrTxDone`), and a deferred function that commits where `err` is nil commits half of the
//! work if another variable has the error.
//!
//! Limits: a transaction that is returned, stored, used in a closure, or passed to a function that may keep or end it is left alone:
//! somebody else may end it. Tests and `main` are left out.
//!
//! ```go bad
//! func transfer(ctx context.Context, db *sql.DB, from, to string, amount int64) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! //<^^ `tx` is not committed or rolled back on every path out of `transfer`
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance - $1 WHERE id = $2", amount, from); err != nil {
//! 		return err
//! 	}
//! 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance + $1 WHERE id = $2", amount, to); err != nil {
//! 		tx.Rollback()
//! 		return err
//! 	}
//! 	return tx.Commit()
//! }
//! ```
//! ```diff fixed
//! +	defer tx.Rollback()
//! ```
//! ```go good
//! func begin(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	if _, err := tx.ExecContext(ctx, "SET LOCAL statement_timeout = '5s'"); err != nil {
//! 		tx.Rollback()
//! 		return nil, err
//! 	}
//! 	// The caller ends it.
//! 	return tx, nil
//! }
//! ```
//!
//! # Idiom
//!
//! `defer tx.Rollback()` right after `Begin` is the custom: after a commit it does nothing, and on every other way out it rolls back.
//!
//! # Impact
//!
//! Where the transaction stays open, its connection never returns, its row locks block other requests, and vacuum cannot
//! remove dead rows; in `pg_stat_activity` it is "idle in transaction", with an age that only grows. After as many
//! failures as the pool has connections, the service waits for itself. Where it is committed although something has
//! failed, half of the work stays and its caller takes it for undone.
//!
//! # Verify
//!
//! - `psql -c "SELECT pid, now() - xact_start AS age, left(query, 60) FROM pg_stat_activity WHERE state LIKE 'idle in
//!   transaction%' ORDER BY age DESC"`: its last statement is the one before the early return
//! - `go test -run {test} -timeout 20s {package}`: with one connection in the pool, take the failing path and begin
//!   again
//!
//! # Options
//!
//! - Defer `tx.Rollback()` after `Begin` and commit at the end: every path is covered, and the ignored error after a
//!   commit is harmless
//!   - senior, backend, data: begin and end are in one place
//! - Use a helper that takes a function (`pgx.BeginFunc`, gorm's `Transaction`): commit and rollback cannot be
//!   forgotten, and the body becomes a closure
//!   - cloud-native, throughput: one tested helper for all transactions, which can also retry
//!
//! # References
//!
//! - [Executing transactions](https://go.dev/doc/database/execute-transactions)
//! - [Package pgx, BeginFunc](https://pkg.go.dev/github.com/jackc/pgx/v5#BeginFunc)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, Root, State, Use, Val, Values, Watch};

use super::handle::handle_of;

pub static RULE: Rule = Rule {
    id: "sql/tx-lifecycle",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Acquire("transaction", check),
        Hook::Call(ENDS, used_after),
        Hook::Stmt(&[StmtKind::Defer], commits_blindly),
    ],
    examines: "transactions",
};

fn check(cx: &mut Cx, tx: &Resource) {
    cx.examined();
    let Some(leak) = cx.leak(tx) else { return };
    // `database/sql` rolls back when the context ends (DB.BeginTx), and so does sqlx, which wraps it.
    let wraps = matches!(tx.call.callee.path, "database/sql" | "github.com/jmoiron/sqlx");
    let context = tx.call.args.first().filter(|_| wraps);
    let is_endless = |context: ExprId| {
        let made = cx.initial_value(context).unwrap_or(context);
        cx.calls(made, &["context.Background", "context.TODO"])
    };
    let until = match context.filter(|&&context| !is_endless(context)) {
        Some(&context) => format!("`{}` ends", cx.source(context)),
        None => "the database ends the connection".to_owned(),
    };
    leak.report(cx, tx).note(format!("its connection and its locks are kept until {until}"));
}

/// The calls that end a transaction.
const ENDS: &[&str] = &[
    "database/sql.Tx.Commit",
    "database/sql.Tx.Rollback",
    "github.com/jackc/pgx/v5.Tx.Commit",
    "github.com/jackc/pgx/v5.Tx.Rollback",
];

/// A statement on a transaction that is over.
fn used_after(cx: &mut Cx, end: Call) {
    let (Some(tx), Some(func)) = (end.receiver, cx.enclosing_func(end.expr)) else { return };
    let Some(followed) = cx.followed(func.node) else { return };
    // A deferred call has no point behind it.
    let Some(from) = followed.after_call(end.expr) else { return };
    let mut start = cx.start(&followed, from);
    let error = start.values.made(end.expr, 0);
    let Some(subject) = start.pin(cx, tx) else { return };
    if !start.assume(error, Val::NIL, true) {
        return;
    }
    start.state.subject = Some(subject);
    let Some(used) = cx.follow(&followed, &mut start, &mut Over { cx }).and_then(|found| found.op) else { return };
    let Expr::Call { fun, .. } = cx.expr(used.at) else { return };
    let (name, by) = (cx.source(tx), cx.source(end.fun));
    let steps = vec![
        (cx.span(end.fun), format!("`{by}` ends it here")),
        (cx.span(fun), format!("`{name}` is used here, and this fails")),
    ];
    cx.report(fun, format!("`{name}` is used after `{by}`, which has ended it")).steps(steps);
}

/// Watches for a statement on a transaction that is over.
struct Over<'c, 'a> {
    cx: &'c Cx<'a>,
}

impl Watch for Over<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Call => match handle_of(self.cx, op.at) {
                Some(handle) if Some(values.eval(handle, state)) == state.subject => Next::Found,
                _ => Next::Go,
            },
            // Whoever gets the variable may begin another one.
            OpKind::Read if Some(values.eval(op.at, state)) == state.subject => match values.input.use_of(op.at) {
                Use::Kept | Use::Argument { .. } => Next::Stop,
                _ => Next::Go,
            },
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

/// `defer func() { if err != nil { tx.Rollback() } else { tx.Commit() } }()` where a path returns an error that is not in `err`.
fn commits_blindly(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Defer(call) = cx.stmt(stmt) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let (Some(closure), Some(func)) = (cx.as_func(Node::Expr(cx.unparen(fun))), cx.enclosing_func(stmt)) else {
        return;
    };
    let Some(commit) = cx.find_expr(closure.body, false, |id| cx.calls(id, COMMITS)) else { return };
    let Some(error) = cx.find_expr(closure.body, false, |id| is_asked_error(cx, id, func, closure)) else { return };
    let Def::Local(declared) = cx.def(error) else { return };
    let Some(followed) = cx.followed(func.node) else { return };
    let Some(from) = followed.after_defer(call) else { return };
    let mut start = cx.start(&followed, from);
    let unset = start.values.made(error, 0);
    start.state.subject = Some(unset);
    if start.hold(Root(declared), unset).is_none() || !start.assume(unset, Val::NIL, true) {
        return;
    }
    let Some(found) = cx.follow(&followed, &mut start, &mut Blind { cx, func }) else { return };
    let name = cx.source(error);
    let mut steps = vec![(cx.span(stmt), format!("the deferred function commits where `{name}` is nil"))];
    let leaves = format!("an error is returned here, and `{name}` is still nil");
    steps.extend(cx.steps(&followed, &found.path, |_| false, leaves));
    let message =
        format!("`{}` also runs where an error is returned, because `{name}` does not hold it", cx.callee_text(commit));
    let Expr::Call { fun, .. } = cx.expr(cx.unparen(commit)) else { return };
    cx.report(fun, message).steps(steps).note("half of the work is committed, and the caller gets an error");
}

const COMMITS: &[&str] = &["database/sql.Tx.Commit", "github.com/jackc/pgx/v5.Tx.Commit"];

/// Whether an identifier of a deferred closure names an error of the function around it that a `return` does not set.
fn is_asked_error(cx: &Cx, id: ExprId, func: Func, closure: Func) -> bool {
    let Def::Local(declared) = cx.def(id) else { return false };
    let outside = cx.span(func.body).contains(cx.span(declared)) && !cx.span(closure.body).contains(cx.span(declared));
    let compared =
        matches!(cx.tree.parent(id), Some(Node::Expr(around)) if matches!(cx.expr(around), Expr::Binary { .. }));
    cx.expr(id) == Expr::Ident && outside && compared && cx.ty(id) == TypeId::ERROR
}

/// Watches for a return of an error while a variable is nil.
struct Blind<'c, 'a> {
    cx: &'c Cx<'a>,
    func: Func,
}

impl Watch for Blind<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, _: Op) -> Next {
        Next::Go
    }

    fn leaves(&mut self, values: &mut Values<'_>, state: &mut State, at: Option<StmtId>) -> Next {
        match self.cx.fails(self.func, values, state, at) {
            true => Next::Found,
            false => Next::Stop,
        }
    }
}
