//! While a transaction is open, a statement runs on the pool that it came from.
//!
//! That statement is not part of the transaction: a rollback does not undo it, it does not see what the transaction has written, and
//! it can wait for a lock that the transaction holds. It needs a second connection, too. When as many requests have begun a transaction
//! as the pool has connections, each of them waits for another one, and none goes on.
//!
//! Limits: only statements in the function that begins the transaction or is given it are looked at, up to the first commit or
//! rollback, and functions of the package that are not given the transaction and write with a pool. Of what is given the transaction,
//! a type with several pools is left alone. A comment that gives a reason silences the finding.
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
//! ```go bad
//! type store struct{ db *sql.DB }
//!
//! func (s *store) note(ctx context.Context, tx *sql.Tx, text string) error {
//! 	_, err := s.db.ExecContext(ctx, "INSERT INTO notes (text) VALUES ($1)", text)
//! 	//        ^^^^^^^^^^^^^^^^ `s.db.ExecContext` runs outside the transaction `tx`, which is open here
//! 	return err
//! }
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
use gopeer_lint::{Ending, Next, Op, OpKind, State, Step, Values, Watch, When};

use super::handle::{SINGLE, handle_of};

pub static RULE: Rule = Rule {
    id: "sql/tx-bypassed",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Deadlock, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("transaction", begun), Hook::Call(RUNS, run), Hook::Func(given)],
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
    let Some(found) = cx.follow(&followed, &mut start, &mut Bypass { cx, given: false }) else { return };
    let Some(call) = found.op.map(|op| op.at) else { return };
    let begins = (cx.span(name), format!("`{}` begins here", cx.source(name)));
    report(cx, call, cx.source(name), begins, handle_of(cx, call).is_some());
}

/// Watches for a statement on the pool while a transaction of it is open.
struct Bypass<'c, 'a> {
    cx: &'c Cx<'a>,
    /// Whether the function was given the transaction, so that any pool of a field is beside it.
    given: bool,
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
            Some(handle) if self.given && is_only_pool(self.cx, bare(self.cx, handle)) => Next::Found,
            Some(handle) if !self.given && Some(values.eval(handle, state)) == state.subject => Next::Found,
            None if self.writes_beside(op.at) => Next::Found,
            _ => Next::Go,
        }
    }

    /// What is written where something has failed is to stay after the rollback.
    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        if self.cx.has_failed(ending, when) { Next::Stop } else { Next::Go }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

impl Bypass<'_, '_> {
    /// Whether a call of a function of the package, which is not given the transaction, writes with the pool.
    fn writes_beside(&self, call: ExprId) -> bool {
        let cx = self.cx;
        let Some(call) = cx.call(call).filter(|call| cx.is_own(&call.callee)) else { return false };
        let is_given = |&arg: &ExprId| cx.find_expr(arg, false, |id| cx.has_type(id, SINGLE)).is_some();
        cx.effects(call.expr).has(Effects::WRITE)
            && cx.find_within(call, writes_on_pool, 0).is_some()
            && !call.args.iter().chain(&call.receiver).any(is_given)
    }
}

/// A function, or a closure, that is given an open transaction.
fn given(cx: &mut Cx, func: Func) {
    let Some(tx) = cx.transaction_of(func).or_else(|| gorm_transaction(cx, func)) else { return };
    let runs = |node| matches!(node, Some(Node::Expr(call)) if cx.calls(call, RUNS));
    if matches!(func.node, Node::Expr(literal) if runs(cx.tree.parent(literal))) || cx.is_compared_with_nil(tx) {
        return;
    }
    cx.examined();
    let Some(followed) = cx.followed(func.node) else { return };
    let mut start = cx.start(&followed, followed.entry());
    let Some(found) = cx.follow(&followed, &mut start, &mut Bypass { cx, given: true }) else { return };
    let Some(call) = found.op.map(|op| op.at) else { return };
    let open = (cx.span(tx), format!("`{}` is an open transaction", cx.source(tx)));
    report(cx, call, cx.source(tx), open, false);
}

/// The parameter of gorm that is a transaction by its name: its type is that of everything else.
fn gorm_transaction(cx: &Cx, func: Func) -> Option<ExprId> {
    let tx = cx.param_of(func, GORM)?;
    matches!(cx.source(tx), "tx" | "txn" | "trx").then_some(tx)
}

const GORM: &str = "gorm.io/gorm.DB";

/// Whether a handle is the pool in a field, and its struct has no other.
fn is_only_pool(cx: &Cx, handle: ExprId) -> bool {
    let Expr::Selector { base, .. } = cx.expr(cx.unparen(handle)) else { return false };
    let is_pool = cx.has_type(handle, POOLS) || cx.has_type(handle, &[GORM]);
    let ty = cx.ty(handle);
    is_pool
        && match cx.store.under(cx.deref(cx.ty(base))) {
            Type::Struct(of) => of.fields.iter().filter(|field| field.ty == ty).count() == 1,
            _ => false,
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
    let pool = bare(cx, pool);
    let bypasses = |call| handle_of(cx, call).is_some_and(|handle| cx.same_pure(bare(cx, handle), pool));
    let Some(found) = cx.find_expr(closure.body, false, bypasses) else { return };
    let begins = (cx.span(tx), format!("`{}` is the transaction", cx.source(tx)));
    report(cx, found, cx.source(tx), begins, true);
}

/// A handle of gorm without what is only set for the next statement.
fn bare(cx: &Cx, handle: ExprId) -> ExprId {
    match cx.call(handle) {
        Some(Call { callee, receiver: Some(inner), .. })
            if callee.path == "gorm.io/gorm" && matches!(callee.name, "WithContext" | "Session" | "Debug") =>
        {
            inner
        }
        _ => handle,
    }
}

const POOLS: &[&str] = &["database/sql.DB", "github.com/jackc/pgx/v5/pgxpool.Pool", "github.com/jmoiron/sqlx.DB"];

/// Where a function writes with a pool, outside of any transaction.
fn writes_on_pool(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    cx.find_expr(cx.as_func(decl.into())?.body, false, |call| {
        handle_of(cx, call).is_some_and(|handle| cx.has_type(handle, POOLS)) && cx.effects(call).has(Effects::WRITE)
    })
}

fn report(cx: &mut Cx, call: ExprId, tx: &str, begins: (Span, String), settled: bool) {
    let Some(statement) = cx.call(call) else { return };
    let reason = cx.explanation(call, &["outside", "separate", "own transaction"]);
    let text = cx.source(statement.fun);
    let inner = cx.find_within(statement, writes_on_pool, 0);
    let takes = match inner {
        Some(_) => format!("`{text}` is not given `{tx}`"),
        None => format!("`{text}` takes another connection of the pool here"),
    };
    let runs = (cx.span(statement.fun), takes);
    let why = match cx.effects(call).has(Effects::WRITE) {
        true => "a rollback does not undo it, and it needs a second connection while the first is held",
        false => "it needs a second connection while the first is held",
    };
    let edit = statement.receiver.filter(|_| inner.is_none()).map(|handle| (cx.span(handle), tx.to_owned()));
    let mut steps = vec![begins.into(), runs.into()];
    steps.extend(inner.map(|(within, at)| Step::within(within, at, "it writes with a connection of the pool here")));
    cx.report(statement.fun, format!("`{text}` runs outside the transaction `{tx}`, which is open here"))
        .steps(steps)
        .note(why)
        .excused(reason)
        .question_unless(settled)
        .fix(format!("Run it on `{tx}`"), edit);
}
