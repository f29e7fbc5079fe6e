//! The error of one library is compared with the "not found" of another.
//!
//! Each has its own: `gorm.ErrRecordNotFound`, `gocql.ErrNotFound`, `redis.Nil`, `mongo.ErrNoDocuments`, `sql.ErrNoRows`. A comparison
//! with that of another is never true, so a row that does not exist is handled as a failure: a 500 in place of a 404, a retry of what
//! can never succeed, an alert. gorm's `Find` gives no such error at all.
//!
//! ```go bad
//! import "gorm.io/gorm"
//!
//! type user struct{ ID int }
//!
//! func load(db *gorm.DB, id int) (*user, error) {
//! 	var u user
//! 	err := db.First(&u, id).Error
//! 	if errors.Is(err, sql.ErrNoRows) {
//! 	//                ^^^^^^^^^^^^^ `db.First` gives `gorm.ErrRecordNotFound`, and never `sql.ErrNoRows`
//! 		return nil, nil
//! 	}
//! 	return &u, err
//! }
//! ```
//! ```go good
//! import "gorm.io/gorm"
//!
//! type user struct{ ID int }
//!
//! func load(db *gorm.DB, id int) (*user, error) {
//! 	var u user
//! 	err := db.First(&u, id).Error
//! 	if errors.Is(err, gorm.ErrRecordNotFound) { // its own
//! 		return nil, nil
//! 	}
//! 	return &u, err
//! }
//! ```
//!
//! # Impact
//!
//! A row that does not exist is handled as a failure: 500 instead of 404, retries of what can never succeed. An
//! alert at night turns out to be a typing error in a URL.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: ask the real driver for an id that does not exist
//!
//! # References
//!
//! - [Package errors, Is](https://pkg.go.dev/errors#Is)
use gopeer_lint::is_of_module;
use gopeer_lint::prelude::*;

use crate::http::support::source_of;

pub static RULE: Rule = Rule {
    id: "sql/not-found-sentinel",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["errors.Is"], is), Hook::Expr(&[ExprKind::Binary], compared)],
    examines: "comparisons with errors of databases",
};

/// Libraries, what they say where nothing is found, and its name.
pub(super) const SENTINELS: &[(&str, &[&str], &str)] = &[
    ("gorm.io/gorm", &["gorm.io/gorm.ErrRecordNotFound"], "gorm.ErrRecordNotFound"),
    ("github.com/gocql/gocql", &["github.com/gocql/gocql.ErrNotFound"], "gocql.ErrNotFound"),
    ("github.com/redis/go-redis/v9", &["github.com/redis/go-redis/v9.Nil"], "redis.Nil"),
    (
        "go.mongodb.org/mongo-driver",
        &["go.mongodb.org/mongo-driver/mongo.ErrNoDocuments", "go.mongodb.org/mongo-driver/v2/mongo.ErrNoDocuments"],
        "mongo.ErrNoDocuments",
    ),
    ("github.com/jackc/pgx/v5", &["github.com/jackc/pgx/v5.ErrNoRows", "database/sql.ErrNoRows"], "pgx.ErrNoRows"),
    ("github.com/jmoiron/sqlx", &["database/sql.ErrNoRows"], "sql.ErrNoRows"),
    ("database/sql", &["database/sql.ErrNoRows"], "sql.ErrNoRows"),
];

fn is(cx: &mut Cx, call: Call) {
    if let &[err, target] = call.args {
        check(cx, err, target);
    }
}

fn compared(cx: &mut Cx, expr: ExprId) {
    if let Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } = cx.expr(expr) {
        check(cx, lhs, rhs);
    }
}

fn check(cx: &mut Cx, err: ExprId, target: ExprId) {
    if !SENTINELS.iter().any(|(_, names, _)| cx.denotes(target, names)) {
        return;
    }
    cx.examined();
    let Some(source) = source_of(cx, err, err) else { return };
    let Some(call) = query_of(cx, source) else { return };
    let given = SENTINELS.iter().find(|(module, ..)| is_of_module(call.callee.path, &[module]));
    let Some(&(_, names, own)) = given else { return };
    let (name, target_text) = (cx.source(call.name), cx.source(target));
    let gives = cx.callee_text(call.expr);
    if cx.denotes(target, names) {
        // What finds a list finds an empty one.
        if own == "gorm.ErrRecordNotFound" && name == "Find" {
            cx.report(
                target,
                format!("`{gives}` never gives `{target_text}`: where nothing is found, it gives no error"),
            )
            .note("look at `RowsAffected` or the length, or use `First` or `Take`");
        }
        return;
    }
    cx.report(target, format!("`{gives}` gives `{own}`, and never `{target_text}`"))
        .note("a row that does not exist is handled as a failure, with a 500 in place of a 404, for example");
}

/// The call of a library that an error comes from: `db.First(&u).Error`, `row.Scan(&id)`, `client.Get(ctx, key).Err()`.
pub(super) fn query_of<'a>(cx: &Cx<'a>, mut source: ExprId) -> Option<Call<'a>> {
    for _ in 0..4 {
        source = cx.unparen(source);
        match cx.expr(source) {
            Expr::Selector { base, .. } => source = base,
            Expr::Call { .. } => {
                let call = cx.call(source)?;
                let reports =
                    matches!(call.callee.name, "Bytes" | "Decode" | "Err" | "Int" | "Int64" | "Result" | "Scan");
                match call.receiver {
                    Some(receiver) if reports && matches!(cx.expr(cx.unparen(receiver)), Expr::Call { .. }) => {
                        source = receiver
                    }
                    _ => return Some(call),
                }
            }
            _ => return None,
        }
    }
    None
}
