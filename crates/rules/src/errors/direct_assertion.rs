//! An error is asserted to a type.
//!
//! The assertion looks at the outermost error only. As soon as a function in between adds context with `%w`, it fails, and the
//! case it stood for is handled as an unknown failure. `errors.As` checks the whole chain (package `errors`); since
//! Go 1.26 `errors.AsType` does so without a variable.
//!
//! The finding is medium where code that is not seen from here may wrap the error: it is a parameter, or comes from an interface,
//! a function value or another module. It is low elsewhere, where a function that is not exported asks for a type of the project or of
//! package `net`, where one that does nothing else asks for a type of the project, such as `IsNotFound(err)`, where the error comes
//! straight from the library that declares the type, and in the code of a command line. The functions that do nothing else are one
//! finding.
//!
//! A comment that says why the error is not wrapped gives the reason.
//!
//! Limits: not reported are types that this package alone knows, which no other package can wrap by name, interfaces that
//! do not have the method `Error`, such as `interface{ Timeout() bool }`, and an assertion in a branch that a function has chosen
//! that was given the error.
//!
//! ```go bad
//! import "github.com/jackc/pgx/v5/pgconn"
//!
//! func code(err error) string {
//! 	if pgErr, ok := err.(*pgconn.PgError); ok {
//! 	//              ^^^^^^^^^^^^^^^^^^^^^ `err.(*pgconn.PgError)` fails if `err` is wrapped
//! 		return pgErr.Code
//! 	}
//! 	return ""
//! }
//! ```
//! ```go bad
//! func status(err error) int {
//! 	switch err := err.(type) {
//! 	//            ^^^^^^^^^^ `err.(type)` does not match if `err` is wrapped
//! 	case *http.MaxBytesError:
//! 		return 413
//! 	case net.Error:
//! 		return 504
//! 	default:
//! 		log.Print(err)
//! 		return 500
//! 	}
//! }
//! ```
//! ```go good
//! import cause "github.com/pkg/errors"
//! import "github.com/jackc/pgx/v5/pgconn"
//!
//! func code(err error) string {
//! 	if pgErr, ok := cause.Cause(err).(*pgconn.PgError); ok { // the end of the chain
//! 		return pgErr.Code
//! 	}
//! 	return ""
//! }
//! ```
//! ```go good
//! type parseError struct{ line int }
//!
//! func (e *parseError) Error() string { return "bad line" }
//!
//! func line(err error) int {
//! 	if err, ok := err.(*parseError); ok { // no other package can name this type
//! 		return err.line
//! 	}
//! 	return 0
//! }
//! ```
//!
//! # Idiom
//!
//! `errors.As` finds the first error of a type among all layers of wrapping; a type assertion looks only at the
//! outermost one.
//!
//! # Impact
//!
//! Once a repository or a middleware wraps the error, the assertion fails, and a unique violation or a retryable status
//! is treated as an unknown failure. Neither the compiler nor a test of the happy path shows it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: hand the function the typed error inside another one
//!
//! # References
//!
//! - [Package errors, As](https://pkg.go.dev/errors#As)
use gopeer_lint::prelude::*;
use gopeer_sema::types::Truth;

use super::support::{
    is_command, is_error, is_exempt, is_open_parameter, is_root, is_straight_from, may_be_wrapped, said_unwrapped,
};

pub static RULE: Rule = Rule {
    id: "errors/direct-assertion",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &["gopeer:errors/direct-comparison", "errorlint", "modernize:errorsastype"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::TypeAssert], check), Hook::Stmt(&[StmtKind::TypeSwitch], check_switch)],
    examines: "type assertions on errors",
};

fn check(cx: &mut Cx, assertion: ExprId) {
    let Expr::TypeAssert { base, ty: Some(ty) } = cx.expr(assertion) else { return };
    report(cx, assertion, base, &[ty], "fails");
}

/// `switch err := err.(type) { case *T: … }`.
fn check_switch(cx: &mut Cx, switch: StmtId) {
    let Stmt::TypeSwitch { guard, clauses, .. } = cx.stmt(switch) else { return };
    let Expr::TypeAssert { base, .. } = cx.expr(guard) else { return };
    let types = cx.stmts(clauses).iter().filter_map(|&clause| match cx.stmt(clause) {
        Stmt::CaseClause { exprs, .. } => Some(cx.exprs(exprs)),
        _ => None,
    });
    let types: Vec<ExprId> = types.flatten().copied().collect();
    report(cx, guard, base, &types, "does not match");
}

fn report(cx: &mut Cx, at: ExprId, base: ExprId, types: &[ExprId], what: &str) {
    if !is_error(cx, base)
        || is_root(cx, base)
        || is_exempt(cx, at)
        || is_chosen(cx, at, base)
        || makes_one(cx, at, base)
    {
        return;
    }
    let asked: Vec<&str> = types.iter().filter_map(|&ty| error_type(cx, ty)).collect();
    let is_made =
        |package| matches!(cx.expr(cx.unparen(base)), Expr::Call { .. }) && is_straight_from(cx, base, package);
    if asked.is_empty() || asked.iter().any(|package| is_made(package)) {
        return;
    }
    cx.examined();
    // database/sql hands on what the driver says, and what reads from a connection, what the connection says.
    let of_net = || asked.iter().all(|package| *package == "net");
    let from = |package| is_straight_from(cx, base, package);
    let documented = asked.iter().all(|package| from(package))
        || from("database/sql")
        || of_net() && ["bufio", "crypto/tls", "io"].into_iter().any(from);
    // The project's own code decides whether to wrap its own errors.
    let is_own = |&ty: &ExprId| cx.object(cx.pointee(ty)).is_some_and(|named| cx.is_own(&named));
    let errors = || types.iter().filter(|&&ty| error_type(cx, ty).is_some());
    let predicate = is_predicate(cx, at);
    let asks_own = errors().all(is_own) && (predicate || !is_open_parameter(cx, base));
    let agreed = cx.is_parameter(base) && (asks_own || of_net() && !is_open_parameter(cx, base));
    let low = documented || agreed || is_command(cx, at) || !may_be_wrapped(cx, base);
    let severity = if low { Severity::Low } else { Severity::Medium };
    let (error, text) = (cx.source(base), cx.source(at));
    let excuse = said_unwrapped(cx, at);
    let report = cx
        .report(at, format!("`{text}` {what} if `{error}` is wrapped"))
        .severity(severity)
        .note("errors.As, or errors.AsType since Go 1.26, checks the whole chain")
        .excused(excuse)
        .one_of("errors in this file are asserted to a type");
    if predicate {
        report.one_cause("functions that ask for an error's type");
    }
}

/// Whether the code stands in a function that does nothing but say whether an error is of a type: `IsNotFound(err error) bool`.
fn is_predicate(cx: &Cx, at: impl Into<Node>) -> bool {
    const SHORT: usize = 4;
    let Some(func) = cx.enclosing_func(at) else { return false };
    let Expr::FuncType { params, results, .. } = cx.expr(func.ty) else { return false };
    let (params, results) = (cx.params(params), cx.params(results));
    let asks = matches!(params[..], [(_, ty)] if cx.is_builtin(ty, "error"))
        && matches!(results[..], [(_, ty)] if cx.is_builtin(ty, "bool"));
    asks && cx.list_of(Node::Stmt(func.body)).len() <= SHORT
}

/// Whether an assertion with one result stands in a branch that is taken where a function says so of the error:
/// `case IsNotFound(err): name := err.(NotFound).Name`.
fn is_chosen(cx: &Cx, at: ExprId, error: ExprId) -> bool {
    const NEAR: usize = 40;
    let is_given = |&arg: &ExprId| cx.def(cx.unparen(arg)) == cx.def(error);
    let gets_it = |id| matches!(cx.expr(id), Expr::Call { args, .. } if cx.exprs(args).iter().any(is_given));
    let asks = |cond: ExprId| cx.find_expr(cond, false, gets_it).is_some();
    let is_asked = |node: Node| match node {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::If { cond, .. } => asks(cond),
            Stmt::CaseClause { exprs, .. } => cx.exprs(exprs).iter().any(|&cond| asks(cond)),
            _ => false,
        },
        _ => false,
    };
    !takes_both(cx, at) && cx.tree.ancestors(at).take(NEAR).any(is_asked)
}

/// `e, ok := err.(*T); if !ok { e = &T{Err: err} }`: what is no T becomes one, with all that it wraps.
fn makes_one(cx: &Cx, at: ExprId, error: ExprId) -> bool {
    let Some(Node::Stmt(asserted)) = cx.tree.parent(at) else { return false };
    let Stmt::Assign { lhs, .. } = cx.stmt(asserted) else { return false };
    let &[value, ok] = cx.exprs(lhs) else { return false };
    let Some(Stmt::If { cond, then, .. }) = cx.next_stmt(asserted).map(|next| cx.stmt(next)) else { return false };
    let Expr::Unary { op: UnaryOp::Not, operand } = cx.expr(cx.unparen(cond)) else { return false };
    let Def::Local(error) = cx.def(cx.unparen(error)) else { return false };
    let makes = |&stmt: &StmtId| match cx.stmt(stmt) {
        Stmt::Assign { lhs, rhs, .. } => {
            cx.only(lhs).is_some_and(|target| cx.def(target) == cx.def(value))
                && cx.exprs(rhs).iter().any(|&made| cx.mentions(made, error))
        }
        _ => false,
    };
    cx.def(cx.unparen(operand)) == cx.def(ok) && cx.list_of(then.into()).iter().any(makes)
}

/// `e, ok := err.(T)` and `switch err.(type)`, which say whether it is one.
fn takes_both(cx: &Cx, at: ExprId) -> bool {
    match cx.tree.parent(at) {
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, .. } => lhs.len() == 2,
            _ => true,
        },
        Some(Node::Decl(_)) => true,
        _ => false,
    }
}

/// The package of a type that is an error, unless only this package knows the type: then no other wraps it by name.
fn error_type<'a>(cx: &Cx<'a>, ty: ExprId) -> Option<&'a str> {
    let named = cx.object(cx.pointee(ty))?;
    let is_error = match cx.ty(ty).is_unknown() {
        true => named.name.ends_with("Error"),
        false => cx.store.implements(cx.ty(ty), TypeId::ERROR).0 == Truth::Yes,
    };
    (is_error && named.name.starts_with(char::is_uppercase)).then_some(named.path)
}
