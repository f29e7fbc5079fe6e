//! Every error of a lookup becomes "not found", an outage as well.
//!
//! A driver has a value for "nothing is there": `sql.ErrNoRows`, `redis.Nil`, `mongo.ErrNoDocuments`, `gocql.ErrNotFound`,
//! `gorm.ErrRecordNotFound`. Where it is not asked for, a lost connection, a full pool and an expired context look like missing data as
//! well: sessions end, clients get 404 and delete what they have, callers create a second record. Ask for it with `errors.Is`, and return
//! every other error.
//!
//! Limits: reported are branches for `err != nil` without a condition inside, in functions that ask for no such value. What counts as
//! "not found" is `http.StatusNotFound`, `http.NotFound`, `codes.NotFound`, and a variable or type whose name says so.
//!
//! ```go bad
//! var ErrNotFound = errors.New("not found")
//!
//! func load(ctx context.Context, db *sql.DB, id int) (string, error) {
//! 	var name string
//! 	if err := db.QueryRowContext(ctx, "SELECT name FROM users WHERE id = $1", id).Scan(&name); err != nil {
//! 		return "", ErrNotFound
//! 		//         ^^^^^^^^^^^ any error of `db.QueryRowContext` becomes `ErrNotFound`, an outage as well
//! 	}
//! 	return name, nil
//! }
//! ```
//! ```go good
//! var ErrNotFound = errors.New("not found")
//!
//! func load(ctx context.Context, db *sql.DB, id int) (string, error) {
//! 	var name string
//! 	err := db.QueryRowContext(ctx, "SELECT name FROM users WHERE id = $1", id).Scan(&name)
//! 	if errors.Is(err, sql.ErrNoRows) { // the others remain what they are
//! 		return "", ErrNotFound
//! 	}
//! 	return name, err
//! }
//! ```
use gopeer_lint::is_of_module;
use gopeer_lint::prelude::*;

use super::not_found_sentinel::{SENTINELS, query_of};
use crate::errors::support::source_of;

pub static RULE: Rule = Rule {
    id: "sql/outage-as-not-found",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Errors, 3), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::If], check)],
    file: file!(),
    examines: "errors of lookups",
};

/// What looks for one record.
const LOOKUPS: &[&str] = &[
    "First",
    "FindOne",
    "Get",
    "GetContext",
    "HGet",
    "Last",
    "QueryRow",
    "QueryRowContext",
    "QueryRowx",
    "Scan",
    "Take",
];

fn check(cx: &mut Cx, branch: StmtId) {
    let Stmt::If { cond, then, .. } = cx.stmt(branch) else { return };
    let Some((error, false)) = cx.nil_test(cond) else { return };
    let Some(source) = source_of(cx, error) else { return };
    let Some(query) = query_of(cx, source) else { return };
    let given = SENTINELS.iter().find(|(module, ..)| is_of_module(query.callee.path, &[module]));
    let looks_up = LOOKUPS.contains(&query.callee.name) || cx.callee_word(source).ends_with("Scan");
    let Some(&(_, _, own)) = given.filter(|_| looks_up) else { return };
    cx.examined();
    let Some(absent) = cx.find_expr(then, false, |id| says_absent(cx, id)) else { return };
    let decides = |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. } | Stmt::Switch { .. }));
    let asks = |id| SENTINELS.iter().any(|(_, names, _)| cx.denotes(id, names));
    let asked = |func: Func| cx.find_expr(func.body, false, asks).is_some();
    if cx.any(then, false, decides) || cx.enclosing_func(branch).is_none_or(asked) {
        return;
    }
    let (callee, becomes) = (cx.callee_text(query.expr), cx.source(absent));
    cx.report(absent, format!("any error of `{callee}` becomes `{becomes}`, an outage as well"))
        .note(format!("ask for `{own}` with errors.Is, and return every other error as it is"));
}

/// Whether an expression says that something is not there.
fn says_absent(cx: &Cx, expr: ExprId) -> bool {
    let named = || {
        let is_error = cx.ty(expr) == TypeId::ERROR && cx.object(expr).is_some_and(|object| object.recv.is_none());
        let name = words(cx.source(expr)).join(" ");
        is_error && ["err no ", "missing", "not exist", "not found"].iter().any(|word| name.contains(word))
    };
    let is_name = matches!(cx.expr(expr), Expr::Ident | Expr::Selector { .. });
    is_name
        && (cx
            .denotes(expr, &["net/http.NotFound", "net/http.StatusNotFound", "google.golang.org/grpc/codes.NotFound"])
            || !matches!(cx.def(expr), Def::Local(_)) && named())
}
