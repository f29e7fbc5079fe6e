//! Every error of a lookup becomes "not found", even an outage.
//!
//! A driver has a value for "nothing is there": `sql.ErrNoRows`, `redis.Nil`, `mongo.ErrNoDocuments`, `gocql.ErrNotFound`,
//! `gorm.ErrRecordNotFound`. Where it is not asked for, a lost connection, a full pool and an expired context look like missing data as
//! well: sessions end, clients get 404 and delete what they have, callers create a second record. Ask for it with `errors.Is`, and return
//! every other error.
//!
//! Limits: reported are branches for `err != nil` without a condition inside, in functions that ask for no such value, after a lookup or a
//! function of the package that gives the error of one as it is. What counts as
//! "not found" is `http.StatusNotFound`, `http.NotFound`, `codes.NotFound`, and a variable or type whose name says so.
//!
//! ```go bad
//! var ErrNotFound = errors.New("not found")
//!
//! func load(ctx context.Context, db *sql.DB, id int) (string, error) {
//! 	var name string
//! 	if err := db.QueryRowContext(ctx, "SELECT name FROM users WHERE id = $1", id).Scan(&name); err != nil {
//! 		return "", ErrNotFound
//! 		//         ^^^^^^^^^^^ any error of `db.QueryRowContext` becomes `ErrNotFound`, even an outage
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
use gopeer_lint::prelude::*;
use gopeer_lint::{Step, is_of_module};

use super::not_found_sentinel::{SENTINELS, query_of};
use crate::errors::support::{returns_error, source_of};

pub static RULE: Rule = Rule {
    id: "sql/outage-as-not-found",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Errors, 3), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::If], check)],
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
    let Some(source) = failed(cx, cond) else { return };
    let own = lookup(cx, source);
    let passed = || cx.call(source).and_then(|call| cx.find_within(call, passes_lookup, 0));
    let inner = if own.is_none() { passed() } else { None };
    let query = query_of(cx, source).filter(|_| own.is_some() || inner.is_some());
    let Some(callee) = query.map(|query| cx.callee_text(query.expr)) else { return };
    cx.examined();
    let Some(absent) = cx.find_expr(then, false, |id| says_absent(cx, id)) else { return };
    let decides = |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. } | Stmt::Switch { .. }));
    let asked = |func: Func| cx.find_expr(func.body, false, |id| is_sentinel(cx, id)).is_some();
    if cx.any(then, false, decides) || cx.enclosing_func(branch).is_none_or(asked) {
        return;
    }
    let becomes = cx.source(absent);
    let advice = match own {
        Some(own) => format!("ask for `{own}` with errors.Is, and return every other error as it is"),
        None => format!("find out in `{callee}` whether there is none, and let every other error be what it is"),
    };
    let step = inner.map(|(within, at)| Step::within(within, at, "it gives the error of this, whatever it is"));
    cx.report(absent, format!("any error of `{callee}` becomes `{becomes}`, even an outage")).steps(step).note(advice);
}

/// What has failed where a condition holds: `err != nil`, or, with gorm, `found.Error != nil`.
fn failed(cx: &Cx, cond: ExprId) -> Option<ExprId> {
    let Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs } = cx.expr(cx.unparen(cond)) else { return None };
    let tested = cx.unparen(lhs);
    match cx.expr(tested) {
        _ if !cx.is_builtin(rhs, "nil") => None,
        Expr::Ident => source_of(cx, tested),
        Expr::Selector { base, .. } => cx.defining_call(base).or(Some(tested)),
        _ => None,
    }
}

/// What the driver says where a call that looks for one record finds none.
fn lookup(cx: &Cx, source: ExprId) -> Option<&'static str> {
    let query = query_of(cx, source)?;
    let looks_up = LOOKUPS.contains(&query.callee.name) || cx.callee_word(source).ends_with("Scan");
    let given = SENTINELS.iter().find(|(module, ..)| is_of_module(query.callee.path, &[module]));
    given.filter(|_| looks_up).map(|&(_, _, own)| own)
}

/// The lookup in a function that gives its error as it is.
fn passes_lookup(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into()).filter(|&func| returns_error(cx, func))?;
    let sorts = |id| says_absent(cx, id) || is_sentinel(cx, id);
    let calls = cx.calls_within(func.body, false);
    let mut calls = calls.iter().filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None });
    let found = calls.find(|&call| cx.returns_error(call) && lookup(cx, call).is_some())?;
    cx.find_expr(func.body, true, sorts).is_none().then_some(found)
}

fn is_sentinel(cx: &Cx, expr: ExprId) -> bool {
    SENTINELS.iter().any(|(_, names, _)| cx.denotes(expr, names))
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
