//! While a transaction is open, a statement runs on the pool that it came from.
//!
//! That statement is not part of the transaction: a rollback does not undo it, it does not see what the transaction has written, and
//! it can wait for a lock that the transaction holds. It needs a second connection, too. When as many requests have begun a transaction
//! as the pool has connections, each of them waits for another one, and none goes on.
//!
//! Limits: only statements in the function that begins the transaction are looked at, or in the closure that runs as one, up
//! to the first commit or rollback. A comment that gives a reason silences the finding.
//!
//! ```go bad
//! func place(ctx context.Context, db *sql.DB, order string, lines []string) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer tx.Rollback()
//! 	if _, err := tx.ExecContext(ctx, "INSERT INTO orders (id) VALUES ($1)", order); err != nil {
//! 		return err
//! 	}
//! 	for _, line := range lines {
//! 		if _, err := db.ExecContext(ctx, "INSERT INTO lines (id, line) VALUES ($1, $2)", order, line); err != nil {
//! 			//          ^^^^^^^^^^^^^^ `db.ExecContext` runs outside the transaction `tx`, which is open here
//! 			return err
//! 		}
//! 	}
//! 	return tx.Commit()
//! }
//! ```
//! ```diff fixed
//! -		if _, err := db.ExecContext(ctx, "INSERT INTO lines (id, line) VALUES ($1, $2)", order, line); err != nil {
//! +		if _, err := tx.ExecContext(ctx, "INSERT INTO lines (id, line) VALUES ($1, $2)", order, line); err != nil {
//! ```
//! ```go good
//! func place(ctx context.Context, db *sql.DB, order string) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if _, err := tx.ExecContext(ctx, "INSERT INTO orders (id) VALUES ($1)", order); err != nil {
//! 		tx.Rollback()
//! 		// The transaction is over.
//! 		_, logged := db.ExecContext(ctx, "INSERT INTO failures (id) VALUES ($1)", order)
//! 		return errors.Join(err, logged)
//! 	}
//! 	return tx.Commit()
//! }
//! ```
//!
//! # Impact
//!
//! A rollback leaves this statement's effect in place; the statement does not see the transaction's rows, and it can
//! wait for a lock that its own transaction holds, until a timeout. With as many requests as the pool has connections,
//! each holds one and waits for a second: the service stops. A pool of one connection makes a test hang here.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 20s {package}`: with `db.SetMaxOpenConns(1)` the statement never gets its connection
//! - `psql -c "SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid))
//!   > 0"`: shows the statement blocked by a transaction of the same service
//!
//! # Options
//!
//! - Run it on the transaction: one unit, one connection
//!   - senior, data, backend: all or nothing is what the transaction was begun for
//! - Move it before or after the transaction: for what must not be rolled back, such as an audit row
//!   - cloud-native, throughput: the transaction ends sooner
//!
//! # References
//!
//! - [Executing transactions](https://go.dev/doc/database/execute-transactions)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, State, Values, Watch};

use super::handle::handle_of;

pub static RULE: Rule = Rule {
    id: "sql/tx-bypassed",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 3), (Concern::Deadlock, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("transaction", begun), Hook::Call(RUNS, run)],
    file: file!(),
    examines: "transactions",
};

/// Functions that run a closure as a transaction.
const RUNS: &[&str] =
    &["github.com/jackc/pgx/v5.BeginFunc", "github.com/jackc/pgx/v5.BeginTxFunc", "gorm.io/gorm.DB.Transaction"];

fn begun(cx: &mut Cx, tx: &Resource) {
    cx.examined();
    let (Some(pool), Some(func)) = (tx.call.receiver, cx.enclosing_func(tx.call.expr)) else { return };
    let (Some(followed), Some(name)) = (cx.followed(func.node), cx.holder(tx)) else { return };
    let Some(from) = followed.after_write(name) else { return };
    let mut start = cx.start(&followed, from);
    start.state.subject = start.pin(cx, pool);
    let Some(found) = cx.follow(&followed, &mut start, &mut Bypass { cx }) else { return };
    let Some(call) = found.op.map(|op| op.at) else { return };
    let begins = (cx.span(name), format!("`{}` begins here", cx.source(name)));
    report(cx, call, cx.source(name), begins);
}

/// Watches for a statement on the pool while a transaction of it is open.
struct Bypass<'c, 'a> {
    cx: &'c Cx<'a>,
}

impl Watch for Bypass<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        if op.kind != OpKind::Call {
            return Next::Go;
        }
        if let Some((_, "Commit" | "Rollback", _)) = self.cx.method_call(op.at) {
            return Next::Stop;
        }
        match handle_of(self.cx, op.at) {
            Some(handle) if Some(values.eval(handle, state)) == state.subject => Next::Found,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

/// A closure that runs as a transaction.
fn run(cx: &mut Cx, call: Call) {
    cx.examined();
    let pool = call.receiver.or_else(|| call.args.get(1).copied());
    let closure = call.args.iter().find_map(|&arg| cx.as_func(Node::Expr(cx.unparen(arg))));
    let (Some(pool), Some(closure)) = (pool, closure) else { return };
    let Expr::FuncType { params, .. } = cx.expr(closure.ty) else { return };
    let Some(&(Some(tx), _)) = cx.params(params).first() else { return };
    let bypasses = |call| handle_of(cx, call).is_some_and(|handle| cx.same_pure(handle, pool));
    let Some(found) = cx.find_expr(closure.body, false, bypasses) else { return };
    let begins = (cx.span(tx), format!("`{}` is the transaction", cx.source(tx)));
    report(cx, found, cx.source(tx), begins);
}

fn report(cx: &mut Cx, call: ExprId, tx: &str, begins: (Span, String)) {
    let Some(statement) = cx.call(call) else { return };
    let (Some(handle), reason) =
        (statement.receiver, cx.explanation(call, &["outside", "separate", "own transaction"]))
    else {
        return;
    };
    let text = cx.source(statement.fun);
    let runs = (cx.span(statement.fun), format!("`{text}` takes another connection of the pool here"));
    let edit = (cx.span(handle), tx.to_owned());
    cx.report(statement.fun, format!("`{text}` runs outside the transaction `{tx}`, which is open here"))
        .steps(vec![begins, runs])
        .note("a rollback does not undo it, and it needs a second connection while the first is held")
        .excused(reason)
        .fix(format!("Run it on `{tx}`"), [edit]);
}
