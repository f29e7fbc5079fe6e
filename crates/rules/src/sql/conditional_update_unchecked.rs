//! Nobody looks at whether a conditional update has changed a row.
//!
//! An `UPDATE` whose `WHERE` asks for what it changes (`version = $2`, `status = 'pending'`, `quantity >= $1`) is right by that
//! condition alone. Where it does not hold, the statement succeeds and changes nothing: somebody else has saved the article or taken the
//! job, or there is too little left. Ask `RowsAffected`, and tell the caller if it is 0.
//!
//! An update without such a condition is asked about where a query of the transaction has checked it before (`revoked_at IS NULL`) and
//! nothing locks the rows: two transactions find the same ones.
//!
//! Limits: the statement must be written out, or be a chain of gorm or a call of MongoDB. Conditions that only save a write (`deleted_at
//! IS NULL`, `is_default = true`, `status <> 'done'`), and statements for many rows, are left alone.
//!
//! ```go bad
//! func save(db *sql.DB, id, version int64, title string) error {
//! 	_, err := db.Exec("UPDATE articles SET title = $3, version = version + 1 WHERE id = $1 AND version = $2", id, version, title)
//! 	//        ^^^^^^^ this changes a row only if `version` is still as expected, and nothing checks whether it did
//! 	return err
//! }
//! ```
//! ```go bad
//! func cancel(ctx context.Context, db *sql.DB, id int64) error {
//! 	_, err := db.ExecContext(ctx, "UPDATE orders SET status = 'cancelled' WHERE id = $1 AND status = 'pending'", id)
//! 	//        ^^^^^^^^^^^^^^ medium: this changes a row only if `status` is still as expected
//! 	return err
//! }
//! ```
//! ```go good
//! func cancel(ctx context.Context, db *sql.DB, id int64) error {
//! 	res, err := db.ExecContext(ctx, "UPDATE orders SET status = 'cancelled' WHERE id = $1 AND status = 'pending'", id)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	n, err := res.RowsAffected()
//! 	if err == nil && n == 0 {
//! 		err = errors.New("the order is no longer pending")
//! 	}
//! 	return err
//! }
//! ```
//!
//! # Impact
//!
//! The answer is "saved", "canceled" or "paid", and nothing was written: an edit disappears, two workers do one job, an order is
//! sent for which there is no stock. No error and no log line says so. A test runs it twice and expects the second to be refused.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: the same update twice; the second must give an error
//!
//! # Options
//!
//! - Ask `RowsAffected` and return an error of its own for 0: the caller decides what a conflict means
//!   - senior, data, backend: "no longer so" is an answer that the client needs
//! - Add `RETURNING` and scan: no row is `ErrNoRows`, which nobody forgets
//!   - throughput: one round trip, and the new row with it
//!
//! # References
//!
//! - [database/sql, Result](https://pkg.go.dev/database/sql#Result)
use gopeer_lint::prelude::*;
use gopeer_lint::{Step, TRANSACTIONS};

use super::read_modify_write::keeps_others_out;
use super::statement::constant;
use super::text::{has_word, one_line, verb};

pub static RULE: Rule = Rule {
    id: "sql/conditional-update-unchecked",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Race, 2)],
    equivalents: &["gopeer:sql/read-modify-write"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::WRITE, check)],
    examines: "conditional updates",
};

/// What a condition is about.
enum Condition {
    /// A version that is counted up.
    Version,
    /// That there is enough of what is taken.
    Enough,
    /// The state that comes before.
    State,
}

fn check(cx: &mut Cx, write: Call) {
    let statement = constant(cx, write.expr).map(|(_, text)| text);
    let update = statement.as_deref().filter(|text| verb(text) == Some("UPDATE"));
    if let Some((column, steps)) = update.and_then(|text| asked_before(cx, write, text)) {
        cx.examined();
        cx.report(write.fun, format!("`{column}` was checked before, and this sets it without checking again"))
            .severity(Severity::Medium)
            .question()
            .steps(steps)
            .note("two calls at the same time find the same rows, and both go on with them")
            .note("repeat the condition in this statement and count the changed rows, or read with `FOR UPDATE` (`SKIP LOCKED` for a queue)");
        return;
    }
    let found = match update {
        Some(text) => conditional(text),
        None if statement.is_some() => None,
        None => in_chain(cx, write).or_else(|| in_document(cx, write)),
    };
    let Some((condition, column)) = found else { return };
    cx.examined();
    if !is_thrown_away(cx, write) {
        return;
    }
    let reason = cx.said(write.expr, &["best effort", "already", "no matter", "idempotent"]);
    let only_if = match condition {
        Condition::Enough => format!("there is enough `{column}`"),
        _ => format!("`{column}` is still as expected"),
    };
    let severity = if matches!(condition, Condition::State) { Severity::Medium } else { Severity::High };
    cx.report(write.fun, format!("this changes a row only if {only_if}, and nothing checks whether it did"))
        .severity(severity)
        .question_unless(matches!(condition, Condition::Enough))
        .note("otherwise nothing is written, and the caller sees no error")
        .note("ask for the number of changed rows: 0 means that the condition does not hold, or that there is no such row")
        .excused(reason);
}

/// Columns that say that something was done which is done once.
const ONCE: &[&str] = &[
    "accepted_at",
    "claimed_at",
    "consumed_at",
    "dispatched_at",
    "locked_at",
    "paid_at",
    "processed_at",
    "published_at",
    "redeemed_at",
    "revoked_at",
    "sent_at",
    "used_at",
];

/// The column that an `UPDATE` sets without a condition on it where a query before has asked for rows that have none, without a lock.
fn asked_before(cx: &Cx, write: Call, text: &str) -> Option<(&'static str, Vec<Step>)> {
    let text = text.to_ascii_lowercase();
    let (set, condition) = text.split_once("where")?;
    // Without one, whoever marks what is done may well do it twice.
    let in_transaction = write.receiver.is_some_and(|tx| cx.has_type(tx, TRANSACTIONS));
    let sets = |column: &&str| has_word(set, column) && !has_word(condition, column);
    let at = ONCE.iter().position(sets).filter(|_| in_transaction)?;
    let func = cx.enclosing_func(write.expr).filter(|&func| !cx.is_long(func))?;
    if keeps_others_out(cx.source(func.body)) {
        return None;
    }
    let start = cx.span(write.expr).start;
    let words = "this finds rows that have none";
    let calls = cx.calls_within(func.body, false);
    let found = calls.iter().take_while(|&&node| cx.span(node).start < start).find_map(|&node| {
        let Node::Expr(call) = node else { return None };
        if asks(cx, call, at) {
            return Some(Step::from((cx.span(call), words.to_owned())));
        }
        let (within, call) = cx.find_within(cx.call(call)?, asking, at)?;
        Some(Step::within(within, call, words))
    })?;
    Some((ONCE[at], vec![found, (cx.span(write.fun), "this sets it, whatever it is by now".to_owned()).into()]))
}

/// The query of a function that asks for rows where this column is not set, without a lock.
fn asking(cx: &Cx, decl: DeclId, column: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into()).filter(|func| !keeps_others_out(cx.source(func.body)))?;
    cx.find_expr(func.body, false, |id| asks(cx, id, column))
}

fn asks(cx: &Cx, call: ExprId, column: usize) -> bool {
    constant(cx, call).is_some_and(|(_, text)| {
        let text = one_line(&text).to_ascii_lowercase();
        verb(&text) == Some("SELECT") && text.contains(&format!("{} is null", ONCE[column]))
    })
}

/// Whether the result of a write, which says how many rows it has changed, is thrown away.
fn is_thrown_away(cx: &Cx, write: Call) -> bool {
    match cx.tree.parent(write.expr) {
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Expr(_) => true,
            Stmt::Assign { lhs, .. } => matches!(cx.exprs(lhs), [result, _] if cx.source(*result) == "_"),
            _ => false,
        },
        // `db.Model(&job).Where(…).Update(…).Error`
        Some(Node::Expr(selector)) => {
            matches!(cx.expr(selector), Expr::Selector { name, .. } if cx.source(name) == "Error")
        }
        _ => false,
    }
}

/// What an `UPDATE` of one row asks for that it also sets.
fn conditional(text: &str) -> Option<(Condition, String)> {
    let text = one_line(text).to_ascii_lowercase();
    let (head, condition) = text.split_once(" where ")?;
    let (table, set) = head.strip_prefix("update ")?.split_once(" set ")?;
    if condition.contains(" returning ") || condition.contains('(') && condition.contains("select ") {
        return None;
    }
    let asked: Vec<(&str, &str, &str)> = condition.split(" and ").filter_map(compared).collect();
    let sets = set.split(',').filter_map(|part| part.split_once('=')).map(|(name, value)| (bare(name), value.trim()));
    let is_one = asked.iter().any(|&(name, by, _)| by == "=" && is_key(table, name));
    sets.flat_map(|set| asked.iter().map(move |&asked| (set, asked)))
        .find_map(|((name, value), (other, by, old))| condition_of((name, value), (other, by, old), is_one))
        // Whoever holds it may go on with it.
        .or_else(|| {
            let holder = asked.iter().find(|(name, by, _)| is_one && *by == "=" && is_holder(name))?;
            Some((Condition::State, holder.0.to_owned()))
        })
}

fn condition_of(
    (name, value): (&str, &str),
    (asked, by, old): (&str, &str, &str),
    is_one: bool,
) -> Option<(Condition, String)> {
    let tight: String = value.split_whitespace().collect();
    let changed = |sign| tight.split_once(sign).is_some_and(|(column, _)| bare(column) == name);
    let is_flag = |text: &str| matches!(text, "true" | "false" | "0" | "1" | "null" | "t" | "f");
    let flags = is_flag(value) || is_flag(old) || by == "is";
    let condition = match by {
        _ if name != asked => return None,
        "=" if changed('+') => Condition::Version,
        ">=" | ">" if changed('-') => Condition::Enough,
        "=" | "is" | "in" if is_one && value != old && (!flags || is_claim(name)) => Condition::State,
        _ => return None,
    };
    Some((condition, name.to_owned()))
}

/// A part of a condition: the column, what it is compared by, and with what.
fn compared(part: &str) -> Option<(&str, &str, &str)> {
    let at = part.find([' ', '=', '<', '>', '!'])?;
    let (name, rest) = part.split_at(at);
    let rest = rest.trim_start();
    let by = ["<>", "!=", ">=", "<=", "=", ">", "<", "is", "in"].into_iter().find(|by| rest.starts_with(by))?;
    Some((bare(name), by, rest[by.len()..].trim_start_matches([' ', '(']).trim_end_matches([')', ';'])))
}

/// A column without its table and quotes.
fn bare(name: &str) -> &str {
    name.trim().rsplit('.').next().unwrap_or_default().trim_matches(['"', '`', '('])
}

/// Whether a column says which row of a table is meant: `id`, `code`, and `job_id` of `jobs`.
fn is_key(table: &str, column: &str) -> bool {
    const KEYS: &[&str] = &["code", "hash", "id", "key", "name", "number", "token", "uuid"];
    KEYS.contains(&column)
        || column.strip_suffix("_id").is_some_and(|of| bare(table).starts_with(of.trim_end_matches('y')))
}

/// Whether a column says which process has taken a row for a time.
fn is_holder(name: &str) -> bool {
    matches!(name, "claimed_by" | "holder" | "lease_id" | "leased_by" | "locked_by" | "worker" | "worker_id")
}

/// Whether the name of a column says that something can be had once.
fn is_claim(name: &str) -> bool {
    const CLAIMS: &[&str] = &["claimed", "consumed", "locked", "owner", "redeemed", "reserved", "taken", "used"];
    words(name).iter().any(|word| CLAIMS.contains(&word.as_str()))
}

/// `db.Model(&job).Where("id = ? AND status = ?", id, "pending").Update("status", "running")`.
fn in_chain(cx: &Cx, write: Call) -> Option<(Condition, String)> {
    if !write.callee.is(&["gorm.io/gorm.DB.Update", "gorm.io/gorm.DB.Updates"]) {
        return None;
    }
    let mut wheres = String::new();
    let mut at = write.receiver?;
    for _ in 0..8 {
        let Some((receiver, name, args)) = cx.method_call(at) else { break };
        if let ("Where", Some(text)) = (name, args.first().and_then(|&arg| cx.string_value(arg))) {
            wheres = format!("{wheres} and {}", text.to_ascii_lowercase());
        }
        at = receiver;
    }
    let asked: Vec<(&str, &str, &str)> = wheres.split(" and ").filter_map(|part| compared(part.trim())).collect();
    let is_one = asked.iter().any(|&(name, by, _)| by == "=" && is_key("", name));
    let sets = |name: &str| {
        cx.find_expr(write.args.first().copied()?, false, |id| cx.string_value(id).as_deref() == Some(name))
    };
    let is_state = |name: &str| matches!(name, "state" | "status" | "version") || is_claim(name);
    let takes = write.args.last().is_some_and(|&value| cx.source(value).contains(" - ?"));
    let &(name, by, _) = asked.iter().find(|(name, by, _)| match *by {
        "=" => is_state(name) && sets(name).is_some(),
        ">=" => takes && sets(name).is_some(),
        _ => false,
    })?;
    let condition = if by == "=" { Condition::State } else { Condition::Enough };
    is_one.then(|| (condition, name.to_owned()))
}

/// `c.UpdateOne(ctx, bson.M{"_id": id, "status": "pending"}, bson.M{"$set": bson.M{"status": "running"}})`.
fn in_document(cx: &Cx, write: Call) -> Option<(Condition, String)> {
    const UPDATES: &[&str] = &[
        "go.mongodb.org/mongo-driver/mongo.Collection.UpdateOne",
        "go.mongodb.org/mongo-driver/v2/mongo.Collection.UpdateOne",
    ];
    let &[_, filter, update, ..] = write.args else { return None };
    if !write.callee.is(UPDATES) {
        return None;
    }
    let says = |root: ExprId, name: &str| cx.find_expr(root, false, |id| cx.string_value(id).as_deref() == Some(name));
    let name =
        ["status", "state", "version"].into_iter().find(|name| says(filter, name).and(says(update, name)).is_some())?;
    says(filter, "_id").map(|_| (Condition::State, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        let column = |text: &str| conditional(text).map(|(_, column)| column);
        assert_eq!(column("UPDATE a SET n = n - $1 WHERE sku = $2 AND a.n >= $1").as_deref(), Some("n"));
        assert_eq!(
            column("update jobs set status='running' where job_id=$1 and status in ('new', 'retry')").as_deref(),
            Some("status")
        );
        assert_eq!(
            column("UPDATE codes SET used_at = now() WHERE code = $1 AND used_at IS NULL").as_deref(),
            Some("used_at")
        );
        assert_eq!(
            column("UPDATE activities SET until = ? WHERE activity_id = ? AND worker = ?").as_deref(),
            Some("worker")
        );
        assert_eq!(column("UPDATE mails SET read = true WHERE user_id = $1 AND read = false"), None);
        assert_eq!(column("UPDATE mails SET status = 'read' WHERE user_id = $1 AND status = 'new'"), None);
        assert_eq!(column("UPDATE jobs SET status = 'done' WHERE id = $1 AND status <> 'done'"), None);
    }
}
