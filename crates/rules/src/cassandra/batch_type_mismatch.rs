//! A batch holds statements that its type does not allow, or conditional writes whose outcome nobody reads.
//!
//! Counters are stored apart from other columns. The server refuses a counter update in a logged batch, any other write in a
//! `CounterBatch`, and a batch of any type that has both. It refuses the whole batch, each time, so the code has never worked with a
//! real server.
//!
//! A batch with `IF` conditions is a lightweight transaction: if one condition does not hold, nothing of it is applied, and the answer
//! says so in the column `[applied]`. `ExecuteBatch` gives neither an error nor that answer; `ExecuteBatchCAS` and
//! `MapExecuteBatchCAS` give it.
//!
//! Limits: batches in a local, with statements that are constants and added in the same function. An update is taken for one of a counter
//! if it adds a number to a column of its own (`SET hits = hits + 1`). The type of the batch has to be written where it is made. Unlogged
//! batches over several tables are not looked at.
//!
//! ```go bad
//! import "github.com/gocql/gocql"
//!
//! func visit(session *gocql.Session, page string, at time.Time) error {
//! 	batch := session.NewBatch(gocql.LoggedBatch)
//! 	batch.Query("UPDATE visits SET total = total + 1 WHERE page = ?", page)
//! #^^^^^^^^^^^ a logged batch cannot hold this update of a counter
//! 	return session.ExecuteBatch(batch)
//! }
//!
//! func claim(session *gocql.Session, name, id string) error {
//! 	batch := session.NewBatch(gocql.UnloggedBatch)
//! 	batch.Query("INSERT INTO names (name, id) VALUES (?, ?) IF NOT EXISTS", name, id)
//! 	return session.ExecuteBatch(batch)
//! 	//     ^^^^^^^^^^^^^^^^^^^^ `session.ExecuteBatch` discards whether the conditional INSERT was applied
//! }
//! ```
//! ```go good
//! import "github.com/gocql/gocql"
//!
//! func visit(session *gocql.Session, page, host string) error {
//! 	batch := session.NewBatch(gocql.CounterBatch)
//! 	batch.Query("UPDATE visits SET total = total + 1 WHERE page = ?", page) // counters only
//! 	batch.Query("UPDATE hosts SET total = total + ? WHERE host = ?", 1, host)
//! 	return session.ExecuteBatch(batch)
//! }
//!
//! func tag(session *gocql.Session, id string, tags []string) error {
//! 	batch := session.NewBatch(gocql.LoggedBatch)
//! 	batch.Query("UPDATE posts SET tags = tags + ? WHERE id = ?", tags, id) // a set of tags, no counter
//! 	return session.ExecuteBatch(batch)
//! }
//!
//! func claim(session *gocql.Session, name, id string) (bool, error) {
//! 	batch := session.NewBatch(gocql.LoggedBatch)
//! 	batch.Query("INSERT INTO names (name, id) VALUES (?, ?) IF NOT EXISTS", name, id)
//! 	applied, _, err := session.MapExecuteBatchCAS(batch, map[string]any{}) // the caller learns whether it was applied
//! 	return applied, err
//! }
//! ```
//!
//! # Impact
//!
//! The server answers a batch of the wrong type with an `InvalidRequest`, such as "Cannot include a counter statement in a logged batch", and
//! applies nothing of it: every call fails. A conditional batch fails without an error instead, so two callers both believe that they
//! have won.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: against a real server; a fake accepts what Cassandra refuses
//! - `BEGIN COUNTER BATCH … APPLY BATCH;`: in `cqlsh`, with the same statements
//!
//! # Options
//!
//! - Send counters in a `CounterBatch` of their own: the other writes keep their batch, and the two are not atomic
//!   - data, senior: there is no batch that has both
//! - Run a single counter update by itself: one statement needs no batch
//!   - backend: simpler, and the driver finds the right replica
//!
//! # References
//!
//! - [Cassandra, "Data Manipulation", BATCH](https://cassandra.apache.org/doc/latest/cassandra/developing/cql/dml.html#batch_statement)
//! - [Package gocql, Session.ExecuteBatchCAS](https://pkg.go.dev/github.com/gocql/gocql#Session.ExecuteBatchCAS)
use gopeer_lint::prelude::*;

use super::support::{ADDS, conditional_verb};
use crate::sql::statement::{Statement, cql};
use crate::sql::text::{has_word, mask, one_line, verb};

pub static RULE: Rule = Rule {
    id: "cassandra/batch-type-mismatch",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(ADDS, check_add), Hook::Call(EXECUTES, check_execute)],
    examines: "statements in batches",
};

const LOGGED: &[&str] =
    &["github.com/gocql/gocql.LoggedBatch", "github.com/apache/cassandra-gocql-driver/v2.LoggedBatch"];
const COUNTER: &[&str] =
    &["github.com/gocql/gocql.CounterBatch", "github.com/apache/cassandra-gocql-driver/v2.CounterBatch"];

/// What sends a batch and gives nothing but an error.
const EXECUTES: &[&str] = &[
    "github.com/gocql/gocql.Session.ExecuteBatch",
    "github.com/apache/cassandra-gocql-driver/v2.Session.ExecuteBatch",
    "github.com/apache/cassandra-gocql-driver/v2.Batch.Exec",
    "github.com/apache/cassandra-gocql-driver/v2.Batch.ExecContext",
];

/// What a statement writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Counter,
    Plain,
}

fn check_add(cx: &mut Cx, add: Call) {
    cx.examined();
    let Some(batch) = add.receiver else { return };
    let Some(written) = written(cx, add.expr) else { return };
    let made = cx.defining_call(batch);
    let is = |kind: &[&str]| made.is_some_and(|made| cx.find_expr(made, false, |id| cx.denotes(id, kind)).is_some());
    let (message, note) = match written {
        Written::Counter if is(LOGGED) => (
            "a logged batch cannot hold this update of a counter",
            "counters go into a `CounterBatch`, without other writes",
        ),
        Written::Plain if is(COUNTER) => (
            "a counter batch cannot hold this write",
            "a `CounterBatch` is for updates that add to counters, and nothing else",
        ),
        Written::Counter
            if !is(COUNTER) && adds(cx, batch).any(|other| self::written(cx, other) == Some(Written::Plain)) =>
        {
            (
                "a batch cannot hold this update of a counter beside other writes",
                "counters go into a `CounterBatch`, without other writes",
            )
        }
        _ => return,
    };
    cx.report(add.fun, message).note("the server refuses the whole batch, each time").note(note);
}

fn check_execute(cx: &mut Cx, run: Call) {
    let Some(batch) = run
        .args
        .iter()
        .copied()
        .chain(run.receiver)
        .find(|&arg| matches!(cx.def(cx.unparen(arg)), Def::Local(_)) && is_batch(cx, arg))
    else {
        return;
    };
    let conditional = adds(cx, batch).find_map(|add| {
        let (_, text) = cql(cx, add)?;
        Some((add, conditional_verb(&text)?))
    });
    let Some((add, verb)) = conditional else { return };
    let steps = [
        (cx.span(add), "adds a condition".to_owned()),
        (cx.span(run.fun), "gives no error if it does not hold".to_owned()),
    ];
    cx.report(run.fun, format!("`{}` discards whether the conditional {verb} was applied", cx.source(run.fun)))
        .steps(steps)
        .note("if one condition does not hold, nothing of the batch is applied: `MapExecuteBatchCAS` tells");
}

fn is_batch(cx: &Cx, arg: ExprId) -> bool {
    cx.has_type(arg, &["github.com/gocql/gocql.Batch", "github.com/apache/cassandra-gocql-driver/v2.Batch"])
}

/// The calls that add a statement to the batch that a local holds.
fn adds<'c>(cx: &'c Cx, batch: ExprId) -> impl Iterator<Item = ExprId> + 'c {
    const MOST: usize = 32;
    let declared = if let Def::Local(declared) = cx.def(cx.unparen(batch)) { Some(declared) } else { None };
    declared.into_iter().flat_map(|declared| cx.names.uses(declared).take(MOST)).filter_map(|used| {
        let (call, "Query", _) = cx.called_on(used)? else { return None };
        Some(call)
    })
}

/// What a statement writes, where its text tells.
fn written(cx: &Cx, add: ExprId) -> Option<Written> {
    let (statement, text) = cql(cx, add)?;
    let masked = one_line(&mask(&text)?);
    match verb(&text)? {
        "INSERT" => Some(Written::Plain),
        "UPDATE" => {
            let (before, rest) = masked.split_once(" SET ")?;
            let (set, _) = rest.split_once(" WHERE ")?;
            let mut asked = before.matches('?').count();
            let mut all = Written::Plain;
            for assignment in set.split(',') {
                if assigns(cx, assignment, &statement, asked)? == Written::Counter {
                    all = Written::Counter;
                }
                asked += assignment.matches('?').count();
            }
            Some(all)
        }
        _ => None,
    }
}

/// `HITS = HITS + 1` adds to a counter, `NAME = ?` does not. Whether `TAGS = TAGS + ?` does, the type of the value says.
fn assigns(cx: &Cx, assignment: &str, statement: &Statement, asked: usize) -> Option<Written> {
    let (column, value) = assignment.split_once('=')?;
    let Some(added) = value.trim().strip_prefix(column.trim()) else {
        return (!has_word(value, column.trim())).then_some(Written::Plain);
    };
    let number = added.trim_start().strip_prefix(['+', '-'])?.trim();
    let is_number = match number {
        "?" => matches!(cx.under(*statement.values.get(asked)?), Type::Basic(basic) if basic.is_integer()),
        _ => number.parse::<i64>().is_ok(),
    };
    is_number.then_some(Written::Counter)
}
