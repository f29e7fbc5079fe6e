//! Two writes that belong together are made one after the other, without a transaction.
//!
//! Where the second fails, or the process ends in between, the first one stays: the money has left one account and never reaches the
//! other, the order has no lines, the old list is deleted and the new one not there. Run both in one transaction.
//!
//! Limits: only statements that are written out and run on a pool of database/sql, sqlx or pgx are compared, in one function or in
//! functions of the package that it calls. They have to share a value. What an `INSERT` and a counter have to do with each other is asked.
//!
//! ```go bad
//! func move(ctx context.Context, db *sql.DB, from, to string, n int64) error {
//! 	if _, err := db.ExecContext(ctx, "UPDATE stock SET quantity = quantity - $1 WHERE place = $2", n, from); err != nil {
//! 		return err
//! 	}
//! 	_, err := db.ExecContext(ctx, "UPDATE stock SET quantity = quantity + $1 WHERE place = $2", n, to)
//! 	//        ^^^^^^^^^^^^^^ what was taken from one row never reaches the other if this fails: no transaction holds both writes
//! 	return err
//! }
//! ```
//! ```go good
//! func move(ctx context.Context, db *sql.DB, from, to string, n int64) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer tx.Rollback()
//! 	if _, err := tx.ExecContext(ctx, "UPDATE stock SET quantity = quantity - $1 WHERE place = $2", n, from); err != nil {
//! 		return err
//! 	}
//! 	if _, err := tx.ExecContext(ctx, "UPDATE stock SET quantity = quantity + $1 WHERE place = $2", n, to); err != nil {
//! 		return err
//! 	}
//! 	return tx.Commit()
//! }
//! ```
//! ```go good
//! func run(ctx context.Context, db *sql.DB, id int64, work func() error) error {
//! 	if _, err := db.ExecContext(ctx, "UPDATE jobs SET state = 'running' WHERE id = $1", id); err != nil {
//! 		return err
//! 	}
//! 	if err := work(); err != nil {
//! 		return err
//! 	}
//! 	_, err := db.ExecContext(ctx, "UPDATE jobs SET state = 'done' WHERE id = $1", id) // a state each
//! 	return err
//! }
//! ```
//!
//! # Impact
//!
//! Nothing shows until a deployment or a lost connection falls between the two: then sums no longer add up, and rows point at what is
//! not there. No error names the row. A test makes the second statement fail and looks at what the first has left behind.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a second statement that fails, the first must have left nothing
//!
//! # Options
//!
//! - Begin a transaction and run both on it: all or nothing, and the rows are locked until the commit
//!   - senior, data, backend: what belongs together is there together
//! - Write both in one statement, with `WITH moved AS (…) INSERT …`: one round trip, where the database can express it
//!   - throughput: rows are locked for the shortest time
//!
//! # References
//!
//! - [Executing transactions](https://go.dev/doc/database/execute-transactions)
use gopeer_lint::Step;
use gopeer_lint::prelude::*;

use super::statement::constant;
use super::text::verb;

pub static RULE: Rule = Rule {
    id: "sql/writes-without-transaction",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Func(check)],
    examines: "functions that write",
};

const POOLS: &[&str] = &[
    "database/sql.DB",
    "github.com/jackc/pgx/v4/pgxpool.Pool",
    "github.com/jackc/pgx/v5/pgxpool.Pool",
    "github.com/jmoiron/sqlx.DB",
];

/// A write on a pool, here or in a function of the package.
struct Write<'a> {
    call: Call<'a>,
    verb: &'static str,
    table: String,
    /// The statement in small letters; empty where a function runs it.
    text: String,
    /// Whether it adds to a column, or takes away from it.
    adds: Option<bool>,
    values: &'a [ExprId],
}

/// How two writes belong together.
enum Tie {
    /// What one takes, the other adds.
    Moved,
    /// The second writes parts of what the first has inserted.
    Parts,
    /// The second writes anew what the first has deleted.
    Replaced,
    /// One inserts, the other counts or sums up.
    Summed,
}

fn check(cx: &mut Cx, func: Func) {
    if cx.is_long(func) {
        return;
    }
    let writes = writes_in(cx, func);
    if writes.len() < 2 {
        return;
    }
    cx.examined();
    let tied = |at: usize| (0..at).find_map(|before| Some((before, tie(cx, func, &writes[before], &writes[at])?)));
    let Some((at, (before, tie))) = (1..writes.len()).find_map(|at| Some((at, tied(at)?))) else { return };
    let (first, second) = (&writes[before], &writes[at]);
    if writes[at..].iter().any(|third| third.table == first.table && undoes(cx, third)) {
        return;
    }
    let lost = match tie {
        Tie::Moved => "what was taken from one row never reaches the other",
        Tie::Parts => "what was inserted before stays without its parts",
        Tie::Replaced => "what was deleted before is gone",
        Tie::Summed => "the write before stays",
    };
    let mut steps = step(cx, first, "this has been written by then");
    steps.extend(step(cx, second, "if this fails, or the process ends before it, only the first is there"));
    let certain = !matches!(tie, Tie::Summed);
    cx.report(second.call.fun, format!("{lost} if this fails: no transaction holds both writes"))
        .severity(if certain { Severity::High } else { Severity::Medium })
        .question_unless(certain)
        .steps(steps)
        .note("begin a transaction, and run both statements on it");
}

fn step(cx: &Cx, write: &Write, says: &str) -> Vec<Step> {
    let inner = write.adds.and_then(|adds| cx.find_within(write.call, changes, usize::from(adds)));
    let at = Step::from((cx.span(write.call.fun), says.to_owned()));
    [at].into_iter().chain(inner.map(|(of, at)| Step::within(of, at, "this statement runs"))).collect()
}

/// The writes on pools that a function makes, in source order.
fn writes_in<'a>(cx: &Cx<'a>, func: Func) -> Vec<Write<'a>> {
    const MOST: usize = 8;
    let calls = cx.calls_within(func.body, false);
    let calls = calls.iter().filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None });
    calls.filter_map(|call| write(cx, call).or_else(|| through_function(cx, call))).take(MOST).collect()
}

fn write<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Write<'a>> {
    let (statement, text) = constant(cx, call)?;
    let call = cx.call(call).filter(|call| call.receiver.is_some_and(|on| is_on_pool(cx, on)))?;
    let verb = verb(&text).filter(|verb| matches!(*verb, "INSERT" | "UPDATE" | "DELETE"))?;
    let text = text.to_ascii_lowercase();
    let table = text.split_whitespace().skip(1).find(|word| !matches!(*word, "into" | "from" | "only" | "ignore"))?;
    let table = table.split('(').next()?.trim_matches(['"', '`']).to_owned();
    let adds = sign(&text);
    Some(Write { call, verb, table, text, adds, values: statement.values })
}

/// Whether statements on this run on a pool: it is one, or was prepared on one.
fn is_on_pool(cx: &Cx, on: ExprId) -> bool {
    let is_prepared = cx.has_type(on, &["database/sql.Stmt", "github.com/jmoiron/sqlx.Stmt"]);
    let prepared_on = || cx.call(cx.defining_call(on)?)?.receiver;
    cx.has_type(on, POOLS) || is_prepared && prepared_on().is_some_and(|pool| cx.has_type(pool, POOLS))
}

/// Whether a statement in small letters adds to a column: `n = n + $1`, `q = stock.q - excluded.q`.
fn sign(text: &str) -> Option<bool> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices('=').find_map(|(at, _)| {
        let set = text[..at].trim_end().rsplit(|c| !is_name(c)).next().filter(|name| !name.is_empty())?;
        let value = text[at + 1..].trim_start();
        let (column, rest) = value.split_at(value.find(|c| !is_name(c) && c != '.')?);
        let same = column.rsplit('.').next() == Some(set);
        match rest.trim_start().chars().next() {
            Some('+') if same => Some(true),
            Some('-') if same => Some(false),
            _ => None,
        }
    })
}

/// A call of a function of the package that adds to a column, or takes away.
fn through_function<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Write<'a>> {
    let call = cx.call(call).filter(|call| cx.own_function(call.callee).is_some())?;
    if !cx.effects(call.expr).has(Effects::WRITE) {
        return None;
    }
    let adds = [true, false].into_iter().find(|&adds| cx.find_within(call, changes, usize::from(adds)).is_some())?;
    Some(Write { call, verb: "", table: String::new(), text: String::new(), adds: Some(adds), values: call.args })
}

/// The only write of a function, if it adds to a column of a row that it is given (1), or takes away (0).
fn changes(cx: &Cx, decl: DeclId, adds: usize) -> Option<ExprId> {
    let calls = cx.calls_within(decl, true);
    let mut writes = calls.iter().filter_map(|&node| if let Node::Expr(call) = node { write(cx, call) } else { None });
    let only = writes.next().filter(|_| writes.next().is_none())?;
    (only.adds == Some(adds == 1)).then_some(only.call.expr)
}

fn tie(cx: &Cx, func: Func, first: &Write, second: &Write) -> Option<Tie> {
    let records = is_record(&first.table) || is_record(&second.table);
    let negated = is_negated(cx, first, second);
    let opposite = first.adds.zip(second.adds).is_some_and(|(a, b)| a != b || negated);
    let tie = match (first.verb, second.verb) {
        _ if opposite => Tie::Moved,
        _ if records => return None,
        ("DELETE", "INSERT") if first.table == second.table => Tie::Replaced,
        ("INSERT", "INSERT") if is_part(first, second) => Tie::Parts,
        ("INSERT", "UPDATE") if second.adds.is_some() => Tie::Summed,
        ("UPDATE", "INSERT") if first.adds.is_some() => Tie::Summed,
        ("UPDATE", "UPDATE") if first.table != second.table && first.adds == Some(false) => Tie::Summed,
        _ => return None,
    };
    // What belongs together is in fields then.
    let is_named = |write: &Write| write.call.callee.name.starts_with("Named");
    let named = matches!(tie, Tie::Parts) && is_named(first) && is_named(second);
    let shares = negated || named || shares_value(cx, first, second) || is_made_of(cx, func, first, second);
    (shares && cx.can_lead(first.call.expr, second.call.expr)).then_some(tie)
}

/// Whether one is given the negative of what the other is.
fn is_negated(cx: &Cx, first: &Write, second: &Write) -> bool {
    let negates = |value: ExprId, of: ExprId| match cx.expr(cx.unparen(value)) {
        Expr::Unary { op: UnaryOp::Minus, operand } => cx.source(operand) == cx.source(of),
        _ => false,
    };
    first.values.iter().zip(second.values).any(|(&a, &b)| negates(a, b) || negates(b, a))
}

/// Whether what the second inserts belongs to what the first does: `order_lines` to `orders`, or by a column `order_id`.
fn is_part(first: &Write, second: &Write) -> bool {
    let name = first.table.rsplit('.').next().unwrap_or_default();
    let one = name.strip_suffix("ies").map_or_else(|| name.trim_end_matches('s').to_owned(), |stem| format!("{stem}y"));
    // What may be there already can be written again.
    let repeatable = [" conflict", " ignore ", "duplicate key"].iter().any(|word| first.text.contains(word));
    let names =
        |text: &str, part: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == part);
    first.table != second.table
        && !repeatable
        && one.len() > 2
        && (second.table.contains(&format!("{one}_")) || names(&second.text, &format!("{one}_id")))
}

/// Whether a value that is no constant goes into both.
fn shares_value(cx: &Cx, first: &Write, second: &Write) -> bool {
    let counts = |value: ExprId| cx.constant_value(value).is_none() && !cx.has_type(value, &["context.Context"]);
    let same = |one: ExprId| second.values.iter().any(|&other| cx.source(one) == cx.source(other));
    first.values.iter().any(|&one| counts(one) && same(one))
}

/// Whether the second is given what the first has returned, such as the ID of the new row.
fn is_made_of(cx: &Cx, func: Func, first: &Write, second: &Write) -> bool {
    let scanned = || match cx.tree.parent(first.call.expr) {
        Some(Node::Expr(selector)) => cx.tree.parent(selector),
        _ => None,
    };
    let filled = |&arg: &ExprId| match cx.expr(cx.unparen(arg)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => match cx.def(cx.unparen(operand)) {
            Def::Local(declared) => Some(declared),
            _ => None,
        },
        _ => None,
    };
    let held = match cx.first_target(first.call.expr) {
        Some(result) => vec![result],
        None => match scanned() {
            Some(Node::Expr(scan)) => {
                cx.method_call(scan).map(|(_, _, args)| args.iter().filter_map(filled).collect()).unwrap_or_default()
            }
            _ => Vec::new(),
        },
    };
    !held.is_empty() && cx.made_of(func, held).is_given_to(second.call.expr)
}

/// Whether a write undoes another one, because something has failed.
fn undoes(cx: &Cx, write: &Write) -> bool {
    let is_failure = |cx: &Cx, node: Node| {
        let Node::Stmt(stmt) = node else { return false };
        matches!(cx.stmt(stmt), Stmt::If { cond, .. } if cx.nil_test(cond).is_some_and(|(error, nil)| {
            !nil && cx.ty(error) == TypeId::ERROR
        }))
    };
    cx.around(write.call.expr, is_failure).is_some() && cx.is_conditional(write.call.expr)
}

/// Whether a table only records what has happened, or can be lost.
fn is_record(table: &str) -> bool {
    const RECORDS: &[&str] = &[
        "attempts",
        "audit",
        "cache",
        "codes",
        "history",
        "idempotency",
        "lock",
        "locks",
        "log",
        "logs",
        "metrics",
        "migrations",
        "schema",
        "sessions",
        "stats",
        "tmp",
        "tokens",
    ];
    table.split(['_', '.']).any(|word| RECORDS.contains(&word))
}
