//! A statement runs on a connection whose rows are still being read.
//!
//! A transaction and a connection of their own do one thing at a time. With pgx the second statement fails at once (`conn busy`);
//! other drivers mix up answers (`unexpected Parse response`, `busy buffer`) or read all rows into memory first. It goes well as long as
//! there are no rows, as in a test. Collect the rows first, or close them before the next statement.
//!
//! Limits: the pool is left alone, since it takes another connection. Drivers of `database/sql` differ, so what is found there is put as
//! a question; files that import a driver of SQLite, which allows it, are left alone. A helper that gets the connection is taken to
//! use it.
//!
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"github.com/jackc/pgx/v5"
//! )
//!
//! func expire(ctx context.Context, tx pgx.Tx) error {
//! 	rows, err := tx.Query(ctx, "SELECT id FROM sessions WHERE expired")
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer rows.Close()
//! 	for rows.Next() {
//! 		var id int64
//! 		if err := rows.Scan(&id); err != nil {
//! 			return err
//! 		}
//! 		if _, err := tx.Exec(ctx, "DELETE FROM sessions WHERE id = $1", id); err != nil {
//! 			//          ^^^^^^^ `tx` runs a statement while its rows `rows` are still open
//! 			return err
//! 		}
//! 	}
//! 	return rows.Err()
//! }
//! ```
//! ```go good
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"github.com/jackc/pgx/v5"
//! )
//!
//! func expire(ctx context.Context, tx pgx.Tx) error {
//! 	rows, err := tx.Query(ctx, "SELECT id FROM sessions WHERE expired")
//! 	if err != nil {
//! 		return err
//! 	}
//! 	// It closes the rows.
//! 	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
//! 	if err != nil {
//! 		return err
//! 	}
//! 	_, err = tx.Exec(ctx, "DELETE FROM sessions WHERE id = ANY($1)", ids)
//! 	return err
//! }
//!
//! func lock(ctx context.Context, tx pgx.Tx) error {
//! 	rows, err := tx.Query(ctx, "SELECT id FROM locks")
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer rows.Close()
//! 	if locked := rows.Next(); locked {
//! 		return pgx.ErrNoRows
//! 	}
//! 	// There was no row, and Next has closed them.
//! 	_, err = tx.Exec(ctx, "INSERT INTO locks (id) VALUES (1)")
//! 	return err
//! }
//! ```
//!
//! # Impact
//!
//! With pgx the inner statement fails with "conn busy", with lib/pq with an unexpected message of the protocol, and
//! MySQL drivers report "busy buffer": only when there is at least one row. An empty test database hides it. The error
//! names the driver and not this loop.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with two rows in a real database
//!
//! # Options
//!
//! - Collect the rows first, with `pgx.CollectRows` or a slice: one statement at a time, and the result is in memory
//!   - senior, data, backend: the loop works on values, not on a connection
//! - Join the inner statement into the outer one: no second statement at all
//!   - throughput: one round trip
//! - Use a second connection: streams large results, and doubles the connections that a request needs
//!   - cloud-native: only for exports that do not fit into memory
//!
//! # References
//!
//! - [Querying for data](https://go.dev/doc/database/querying)
use gopeer_lint::prelude::*;
use gopeer_lint::{Ending, Next, Op, OpKind, Root, State, Use, Val, Values, Watch, When};

use super::handle::{SINGLE, handle_of};

pub static RULE: Rule = Rule {
    id: "sql/query-while-rows-open",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("rows", check)],
    examines: "rows of a connection",
};

/// Drivers that run statements while rows of the same connection are open.
const ALLOW: &[&str] = &[
    "github.com/glebarez/go-sqlite",
    "github.com/mattn/go-sqlite3",
    "github.com/ncruces/go-sqlite3",
    "modernc.org/sqlite",
];

fn check(cx: &mut Cx, rows: &Resource) {
    if cx.file.imports_any(ALLOW) {
        return;
    }
    let Some(handle) = rows.call.receiver.filter(|&handle| cx.has_type(handle, SINGLE)) else { return };
    cx.examined();
    let (Some(func), Some(name)) = (cx.enclosing_func(rows.call.expr), cx.holder(rows)) else { return };
    let (Some(followed), Def::Local(declared)) = (cx.followed(func.node), cx.def(name)) else { return };
    let Some(from) = followed.after_write(name) else { return };
    let mut start = cx.start(&followed, from);
    let open = start.values.made(rows.call.expr, rows.result);
    let held = start.hold(Root(declared), open).is_some();
    let error = start.values.made(rows.call.expr, rows.result + 1);
    let connection = start.values.eval(handle, &start.state);
    if !held || !start.assume(error, Val::NIL, true) {
        return;
    }
    start.state.subject = Some(open);
    let mut watch = Busy { cx, connection, next: Vec::new(), by: None };
    if cx.follow(&followed, &mut start, &mut watch).is_none() {
        return;
    }
    let Some(by) = watch.by else { return };
    let (open, handle) = (cx.source(name), cx.source(handle));
    let Expr::Call { fun: at, .. } = cx.expr(by) else { return };
    let message = match handle_of(cx, by) {
        Some(_) => format!("`{handle}` runs a statement while its rows `{open}` are still open"),
        None => format!("`{handle}` is given to `{}` while its rows `{open}` are still open", cx.source(at)),
    };
    let steps = vec![
        (cx.span(name), format!("`{open}` are opened on `{handle}` here")),
        (cx.span(at), format!("`{handle}` is used again here, before they are closed")),
    ];
    let pgx = rows.call.callee.path.starts_with("github.com/jackc/pgx");
    let report = cx.report(at, message).steps(steps);
    if pgx {
        report.note("a pgx connection does one thing at a time: this fails with `conn busy`");
    } else {
        report.note("most drivers do one thing at a time on a connection").question();
    }
}

/// Watches for another use of a connection while rows are open.
struct Busy<'c, 'a> {
    cx: &'c Cx<'a>,
    connection: Val,
    /// The calls of `Next` that were met.
    next: Vec<ExprId>,
    /// The call that uses it.
    by: Option<ExprId>,
}

impl Watch for Busy<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Call => self.call(values, state, op.at),
            OpKind::Read => self.read(values, state, op.at),
            // A closure that has the rows may close them: `func() error { defer rows.Close(); … }()`.
            OpKind::Make => {
                let holders = state.subject.into_iter().flat_map(|rows| state.holders(rows));
                let has = holders.into_iter().any(|root| self.cx.shared().mentions(op.at, root));
                if has { Next::Stop } else { Next::Go }
            }
            _ => Next::Go,
        }
    }

    /// The last `Next` closes the rows.
    fn takes(&mut self, values: &mut Values<'_>, state: &State, _: Ending, _: When) -> Next {
        let last = self.next.iter().any(|&call| state.knows(values.made(call, 0), Val::FALSE));
        if last { Next::Stop } else { Next::Go }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

impl Busy<'_, '_> {
    fn call(&mut self, values: &mut Values<'_>, state: &State, call: ExprId) -> Next {
        if let Some((base, method @ ("Close" | "Next"), _)) = self.cx.method_call(call)
            && Some(values.eval(base, state)) == state.subject
        {
            if method == "Close" {
                return Next::Stop;
            }
            self.next.push(call);
        }
        match handle_of(self.cx, call) {
            Some(handle) if values.eval(handle, state) == self.connection => self.found(call),
            _ => Next::Go,
        }
    }

    fn read(&mut self, values: &mut Values<'_>, state: &State, ident: ExprId) -> Next {
        let val = values.eval(ident, state);
        let used = values.input.use_of(ident);
        if val == self.connection
            && let Use::Argument { call, .. } = used
            && self.cx.callee(call).is_some_and(|callee| self.cx.is_own(&callee))
        {
            return self.found(call);
        }
        // Whoever gets the rows may close them.
        let given = matches!(used, Use::Argument { .. } | Use::Kept | Use::Returned(_) | Use::Converted(_));
        if Some(val) == state.subject && given { Next::Stop } else { Next::Go }
    }

    fn found(&mut self, call: ExprId) -> Next {
        self.by = Some(call);
        Next::Found
    }
}
