//! A value is read, changed in Go and written back, and nothing keeps others from writing in between.
//!
//! Two requests read a balance of 100, take 30 and 50 from it, and write 70 and 50: one of the two withdrawals is lost, with no error in
//! either. A transaction alone does not help at the default isolation level. Let the database change the value (`SET balance = balance
//! - $1`), lock the row (`SELECT … FOR UPDATE`), or compare a version (`WHERE version = $2`) and look at how many rows were changed.
//!
//! Limits: the `SELECT` and the `UPDATE` have to be in one function, or in functions of the package that it calls, and the value that
//! is written has to be made of the one that was read by arithmetic.
//!
//! ```go bad
//! func withdraw(ctx context.Context, tx *sql.Tx, id string, amount int64) error {
//! 	var balance int64
//! 	if err := tx.QueryRowContext(ctx, "SELECT balance FROM accounts WHERE id = $1", id).Scan(&balance); err != nil {
//! 		return err
//! 	}
//! 	balance -= amount
//! 	_, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = $1 WHERE id = $2", balance, id)
//! 	//        ^^^^^^^^^^^^^^ two calls can read the same `balance`, and the later write undoes the earlier one
//! 	return err
//! }
//! ```
//! ```go good
//! func withdraw(ctx context.Context, tx *sql.Tx, id string, amount int64) error {
//! 	var balance int64
//! 	// The row is locked until the end of the transaction.
//! 	if err := tx.QueryRowContext(ctx, "SELECT balance FROM accounts WHERE id = $1 FOR UPDATE", id).Scan(&balance); err != nil {
//! 		return err
//! 	}
//! 	balance -= amount
//! 	_, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = $1 WHERE id = $2", balance, id)
//! 	return err
//! }
//! ```
//!
//! # Impact
//!
//! Of two requests at the same time one update is lost without an error: money, stock or a counter is wrong by one
//! operation. The frequency grows with the square of the traffic per row, so popular rows are hit first. A test runs a
//! hundred withdrawals in parallel and compares the sum.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 20 {package}`: a hundred goroutines that each subtract one from the same row of
//!   a real database; the race detector cannot see this
//! - `psql -c "SHOW default_transaction_isolation"`: at `read committed` both requests read the same value
//!
//! # Options
//!
//! - Let the database compute, `SET balance = balance - $1 WHERE balance >= $1`: no race and no extra round trip, for
//!   what SQL can express
//!   - throughput, data: one statement is one step
//! - Lock the row with `SELECT … FOR UPDATE`: any computation in Go, and others wait for the transaction
//!   - backend: the invariant is checked in the domain code
//! - Compare a version and retry: nobody waits, and conflicts have to be retried or reported
//!   - senior, cloud-native: works across replicas and long edits
//!
//! # References
//!
//! - [PostgreSQL, "Transaction Isolation"](https://www.postgresql.org/docs/current/transaction-iso.html)
//! - [PostgreSQL, "Explicit Locking"](https://www.postgresql.org/docs/current/explicit-locking.html)
use gopeer_lint::prelude::*;

use super::statement::constant;
use super::text::{has_word, one_line, verb};

pub static RULE: Rule = Rule {
    id: "sql/read-modify-write",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Race, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::WRITE, check)],
    examines: "statements that write",
};

/// What the text of a function says that keeps others out.
const GUARDS: &[&str] = &[
    "FOR UPDATE",
    "for update",
    "FOR NO KEY",
    "clause.Locking",
    "Serializable",
    "advisory",
    ".Lock()",
    "ersion",
    "SKIP LOCKED",
];
const FINDS: &[&str] = &["gorm.io/gorm.DB.First", "gorm.io/gorm.DB.Last", "gorm.io/gorm.DB.Take"];

/// Methods that write a document, after a filter.
const UPDATES: &[&str] = &[
    "go.mongodb.org/mongo-driver/mongo.Collection.ReplaceOne",
    "go.mongodb.org/mongo-driver/mongo.Collection.UpdateByID",
    "go.mongodb.org/mongo-driver/mongo.Collection.UpdateOne",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.ReplaceOne",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.UpdateByID",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.UpdateOne",
];
const SEARCHES: &[&str] = &[
    "go.mongodb.org/mongo-driver/mongo.Collection.FindOne",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.FindOne",
];

pub(super) fn keeps_others_out(text: &str) -> bool {
    GUARDS.iter().any(|guard| text.contains(guard))
}

fn check(cx: &mut Cx, write: Call) {
    let saves = write.callee.is(&["gorm.io/gorm.DB.Save"]);
    let updates = saves || constant(cx, write.expr).is_some_and(|(_, text)| verb(&text) == Some("UPDATE"));
    let documents = write.callee.is(UPDATES);
    let looks = updates || documents || cx.is_own(&write.callee);
    let Some(func) = cx.enclosing_func(write.expr).filter(|&func| looks && !cx.is_long(func)) else { return };
    cx.examined();
    if keeps_others_out(cx.source(func.body)) {
        return;
    }
    let found = match updates {
        _ if documents => document(cx, func, write),
        true if saves => saved(cx, func, write),
        true => computed(cx, func, write),
        false => through_functions(cx, write),
    };
    let Some((read, name)) = found else { return };
    let steps = [
        (cx.span(read), format!("`{name}` is read here")),
        (cx.span(write.fun), "the new value is written here, over anything written in between".to_owned()),
    ];
    let by_statements = updates && !saves && !documents;
    let settled = by_statements && reads_what_is_set(cx, read, write.expr) && !may_be_kept_out_before(cx, func, write);
    cx.report(write.fun, format!("two calls can read the same `{name}`, and the later write undoes the earlier one"))
        .question_unless(settled)
        .steps(steps)
        .note("the change of one of them is lost, with no error in either")
        .note(match documents {
            true => "let the database change it (`$inc`), or compare a version in the filter",
            false => "let the database change it (`SET n = n - $1`), read it with `FOR UPDATE`, or compare a version",
        });
}

/// Whether a query reads what a statement sets: it names the table, and a column that gets a value.
fn reads_what_is_set(cx: &Cx, read: ExprId, write: ExprId) -> bool {
    let in_capitals = |text: &str| one_line(text).to_ascii_uppercase();
    let text_of = |call: ExprId| constant(cx, call).map(|(_, text)| in_capitals(&text));
    // `row := tx.QueryRow(…)`, and `row.Scan(&balance)`.
    let of_row = || cx.method_call(read).and_then(|(row, ..)| text_of(cx.defining_call(row).unwrap_or(row)));
    let (Some(query), Some(update)) = (text_of(read).or_else(of_row), text_of(write)) else { return false };
    let Some((table, set)) = update.split_once(" SET ") else { return false };
    let is_read = |name: &str| {
        let name = name.trim().rsplit('.').next().unwrap_or_default();
        has_word(&query, name.trim_matches(['"', '`']))
    };
    let set = set.split_once("WHERE").map_or(set, |(set, _)| set);
    let is_placed = |value: &str| value.trim_start().starts_with(['$', '?', ':', '@']);
    table.split_whitespace().nth(1).is_some_and(is_read)
        && set.split(',').filter_map(|part| part.split_once('=')).any(|(name, value)| is_placed(value) && is_read(name))
}

/// Whether the caller, whose transaction it is, may keep others out: by a lock, or the level of isolation.
fn may_be_kept_out_before(cx: &Cx, func: Func, write: Call) -> bool {
    let name = cx.enclosing_decl(write.expr).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    cx.transaction_of(func).is_some()
        && (name.starts_with(char::is_uppercase) || cx.package_mentions(GUARDS) != Some(false))
}

/// A value of an `UPDATE` that is computed from one that a query of the function has read.
fn computed<'a>(cx: &Cx<'a>, func: Func, write: Call) -> Option<(ExprId, &'a str)> {
    let (statement, text) = constant(cx, write.expr)?;
    // Compared with what was read, a change of others shows.
    let (set, condition) = text.split_once("WHERE").or_else(|| text.split_once("where"))?;
    let before = set.matches('?').count();
    let is_asked = |at: usize| condition.contains(&format!("${}", at + 1)) || condition.contains('?') && at >= before;
    let values = || statement.values.iter().copied().enumerate();
    values().find_map(|(at, value)| {
        let root = arithmetic_root(cx, value).filter(|_| !is_asked(at))?;
        let Def::Local(declared) = cx.def(root) else { return None };
        if values().any(|(at, value)| is_asked(at) && cx.def(cx.unparen(value)) == Def::Local(declared)) {
            return None;
        }
        let read = scanned(cx, func, declared, write.expr)?;
        Some((read, cx.source(declared)))
    })
}

/// The local that a value is computed from: in place, or by the assignments before it.
fn arithmetic_root(cx: &Cx, value: ExprId) -> Option<ExprId> {
    let value = cx.unparen(value);
    match cx.expr(value) {
        Expr::Binary { .. } => arithmetic_operand(cx, value),
        Expr::Ident => {
            let Def::Local(declared) = cx.def(value) else { return None };
            if is_changed(cx, declared) {
                return Some(value);
            }
            arithmetic_operand(cx, cx.initial_value(value)?)
        }
        _ => None,
    }
}

fn arithmetic_operand(cx: &Cx, value: ExprId) -> Option<ExprId> {
    match cx.expr(cx.unparen(value)) {
        Expr::Binary { op: BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, lhs, rhs } => {
            local_of(cx, lhs).or_else(|| local_of(cx, rhs))
        }
        _ => None,
    }
}

fn local_of(cx: &Cx, expr: ExprId) -> Option<ExprId> {
    let expr = cx.unparen(expr);
    (cx.expr(expr) == Expr::Ident && matches!(cx.def(expr), Def::Local(_))).then_some(expr)
}

/// Whether a variable is changed by arithmetic: `n -= 1`, `n++`, `n = n - 1`.
fn is_changed(cx: &Cx, declared: ExprId) -> bool {
    cx.names.uses(declared).take(64).any(|used| {
        let Some(Node::Stmt(stmt)) = cx.tree.parent(used) else { return false };
        match cx.stmt(stmt) {
            Stmt::IncDec { .. } => true,
            Stmt::Assign { lhs, op, rhs } => {
                let arithmetic = cx.only(rhs).is_some_and(|value| {
                    matches!(
                        cx.expr(cx.unparen(value)),
                        Expr::Binary { op: BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, .. }
                    ) && cx.mentions(value, declared)
                });
                cx.exprs(lhs).contains(&used) && (!matches!(op, AssignOp::Assign | AssignOp::Define) || arithmetic)
            }
            _ => false,
        }
    })
}

/// The query that fills a variable before a call: `….Scan(&balance)`, or sqlx's `Get(&balance, …)`.
fn scanned(cx: &Cx, func: Func, declared: ExprId, before: ExprId) -> Option<ExprId> {
    let at = cx.span(before).start;
    let calls = cx.calls_within(func.body, false);
    calls.iter().take_while(|&&node| cx.tree.span(node).start < at).find_map(|&node| {
        let Node::Expr(call) = node else { return None };
        let (_, name, args) = cx.method_call(call)?;
        let fills = |arg: &ExprId| match cx.expr(cx.unparen(*arg)) {
            Expr::Unary { op: UnaryOp::Addr, operand } => cx.def(cx.unparen(operand)) == Def::Local(declared),
            _ => false,
        };
        (matches!(name, "Get" | "GetContext" | "Scan") && args.iter().any(fills)).then_some(call)
    })
}

/// A value that gorm has loaded, of which a field was changed by arithmetic, and that is saved.
fn saved<'a>(cx: &Cx<'a>, func: Func, save: Call) -> Option<(ExprId, &'a str)> {
    let &value = save.args.first()?;
    let root = match cx.expr(cx.unparen(value)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => operand,
        _ => value,
    };
    let Def::Local(declared) = cx.def(cx.unparen(root)) else { return None };
    let changed = changed_field(cx, declared)?;
    let at = cx.span(save.expr).start;
    let calls = cx.calls_within(func.body, false);
    let read = calls.iter().take_while(|&&node| cx.tree.span(node).start < at).find_map(|&node| match node {
        Node::Expr(call) => cx
            .call(call)
            .filter(|call| call.callee.is(FINDS) && call.args.iter().any(|&arg| cx.mentions(arg, declared))),
        _ => None,
    })?;
    Some((read.fun, cx.source(changed)))
}

/// A field of a document that was found, changed by arithmetic, and is written back.
fn document<'a>(cx: &Cx<'a>, func: Func, write: Call) -> Option<(ExprId, &'a str)> {
    const MOST: usize = 8;
    let &[_, filter, update, ..] = write.args else { return None };
    let mut locals = Vec::new();
    cx.find_expr(update, false, |id| {
        if let Def::Local(declared) = cx.def(id)
            && !locals.contains(&declared)
        {
            locals.push(declared);
        }
        locals.len() == MOST
    });
    let (read, changed) = locals.into_iter().find_map(|declared| {
        let read = decoded(cx, func, declared, write.expr)?;
        Some((read, changed_field(cx, declared).or_else(|| computed_field(cx, update, declared))?))
    })?;
    // Compared with what was read, a change of others shows.
    let compares = cx.find_expr(filter, false, |id| cx.same_text(id, changed)).is_some();
    (!compares).then(|| (read, cx.source(changed)))
}

/// The field of a local that is an operand of arithmetic.
fn computed_field(cx: &Cx, update: ExprId, declared: ExprId) -> Option<ExprId> {
    let mut field = None;
    cx.find_expr(update, false, |id| {
        let Expr::Binary { op: BinaryOp::Add | BinaryOp::Sub, lhs, rhs } = cx.expr(id) else { return false };
        field = [lhs, rhs].into_iter().find(
            |&operand| matches!(cx.expr(operand), Expr::Selector { base, .. } if cx.def(base) == Def::Local(declared)),
        );
        field.is_some()
    });
    field
}

/// The search whose document is decoded into a variable before a call: `….FindOne(…).Decode(&p)`.
fn decoded(cx: &Cx, func: Func, declared: ExprId, before: ExprId) -> Option<ExprId> {
    let at = cx.span(before).start;
    let calls = cx.calls_within(func.body, false);
    calls.iter().take_while(|&&node| cx.tree.span(node).start < at).find_map(|&node| {
        let Node::Expr(call) = node else { return None };
        let (search, "Decode", args) = cx.method_call(call)? else { return None };
        let search = cx.call(search).filter(|search| search.callee.is(SEARCHES))?;
        args.iter().any(|&arg| cx.mentions(arg, declared)).then_some(search.fun)
    })
}

/// The field of a local that arithmetic changes.
fn changed_field(cx: &Cx, declared: ExprId) -> Option<ExprId> {
    cx.names.uses(declared).take(64).find_map(|used| {
        let Node::Expr(field) = cx.tree.parent(used)? else { return None };
        let Node::Stmt(stmt) = cx.tree.parent(field)? else { return None };
        match cx.stmt(stmt) {
            Stmt::IncDec { .. } => Some(field),
            Stmt::Assign { lhs, op, .. } => {
                (cx.exprs(lhs).contains(&field) && !matches!(op, AssignOp::Assign | AssignOp::Define)).then_some(field)
            }
            _ => None,
        }
    })
}

/// A value that one function of the package reads, of which a field is changed by arithmetic, and that another one writes.
fn through_functions<'a>(cx: &Cx<'a>, write: Call<'a>) -> Option<(ExprId, &'a str)> {
    write.args.iter().enumerate().find_map(|(index, &arg)| {
        let root = match cx.expr(cx.unparen(arg)) {
            Expr::Unary { op: UnaryOp::Addr, operand } => cx.unparen(operand),
            _ => cx.unparen(arg),
        };
        let Def::Local(declared) = cx.def(root) else { return None };
        let changed = changed_field(cx, declared)?;
        let read = cx.call(cx.defining_call(root)?)?;
        cx.find_within(read, selects, 0)?;
        cx.find_within(write, updates_given, index)?;
        Some((read.fun, cx.source(changed)))
    })
}

/// The `SELECT` of a function that keeps nobody out.
fn selects(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    statement_of(cx, decl, "SELECT").map(|call| call.expr)
}

/// The `UPDATE` of a function that writes a parameter.
fn updates_given(cx: &Cx, decl: DeclId, index: usize) -> Option<ExprId> {
    let param = cx.param_at(cx.as_func(decl.into())?, index)?;
    let update = statement_of(cx, decl, "UPDATE")?;
    update.args.iter().any(|&arg| cx.mentions(arg, param)).then_some(update.expr)
}

/// The first statement with a verb, of a function that keeps nobody out.
fn statement_of<'a>(cx: &Cx<'a>, decl: DeclId, wanted: &str) -> Option<Call<'a>> {
    if keeps_others_out(cx.source(decl)) {
        return None;
    }
    let calls = cx.calls_within(decl, false);
    calls.iter().take(64).find_map(|&node| match node {
        Node::Expr(call) if constant(cx, call).is_some_and(|(_, text)| verb(&text) == Some(wanted)) => cx.call(call),
        _ => None,
    })
}
