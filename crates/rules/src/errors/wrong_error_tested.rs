//! An error is tested again that is known to be nil, and not the one that was just returned.
//!
//! After `if err != nil { return err }` the error is nil. A later `if err != nil` without a new assignment is never true: the test is
//! of the wrong variable, or the assignment before it is missing, and the failure that it was meant for passes for success.
//!
//! Limits: only local variables of type `error`, and only where they are nil on every path to the test. Errors whose address is taken
//! are left alone, and so is generated code. Where no other error is made before the test, it is only superfluous, and low.
//!
//! ```go bad
//! func parse(whole, part string) (int, int, error) {
//! 	units, err := strconv.Atoi(whole)
//! 	if err != nil {
//! 		return 0, 0, err
//! 	}
//! 	cents, partErr := strconv.Atoi(part)
//! 	if err != nil {
//! 	// ^^^^^^^^^^ high: `err` is nil since it was tested before, and the error that is not tested is `partErr`
//! 		return 0, 0, partErr
//! 	}
//! 	return units, cents, nil
//! }
//! ```
//! ```go good
//! func parse(whole, part string) (int, int, error) {
//! 	units, err := strconv.Atoi(whole)
//! 	if err != nil {
//! 		return 0, 0, err
//! 	}
//! 	cents, err := strconv.Atoi(part)
//! 	if err != nil { // the same variable, and another value
//! 		return 0, 0, err
//! 	}
//! 	return units, cents, nil
//! }
//! ```
//!
//! # Impact
//!
//! The second failure is not noticed. The function goes on with the zero value that came with the error, and what it stores or returns looks
//! valid: there is no log line and no metric for it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: make the second call fail, and assert that the function returns its error
//!
//! # References
//!
//! - [Go blog, "Error handling and Go"](https://go.dev/blog/error-handling-and-go)
use gopeer_flow::Origin;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "errors/wrong-error-tested",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &["gopeer:correctness/suspicious-condition"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check)],
    examines: "tests of errors",
};

fn check(cx: &mut Cx, test: ExprId) {
    if !matches!(cx.expr(test), Expr::Binary { op: BinaryOp::NotEqual, .. }) || cx.file.generated {
        return;
    }
    let Some((error, before)) = known_nil(cx, test) else { return };
    let (what, severity) = match meant(cx, test, error) {
        Some(Meant::Other(other)) => {
            (format!("and the error that is not tested is `{}`", cx.source(other)), Severity::High)
        }
        Some(Meant::Dropped(call)) => {
            (format!("and the error of `{}` is dropped", cx.callee_text(call)), Severity::Medium)
        }
        None => (format!("so `{}` is never true", cx.source(test)), Severity::Low),
    };
    let (name, before) = (cx.source(error), cx.span(before));
    cx.report(test, format!("`{name}` is nil since it was tested before, {what}"))
        .severity(severity)
        .note_at(before, "tested here");
}

/// The error that a test compares with nil, and the test before that has found it to be nil on every path.
fn known_nil(cx: &Cx, test: ExprId) -> Option<(ExprId, ExprId)> {
    let (error, nil) = cx.nil_test(test)?;
    let Def::Local(declared) = cx.def(error) else { return None };
    // `text := templates(&err)` may set it whenever `text` is called.
    let is_given = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(around)) => matches!(cx.expr(around), Expr::Unary { op: UnaryOp::Addr, .. }),
        _ => false,
    };
    if nil || cx.ty(error) != TypeId::ERROR {
        return None;
    }
    let followed = cx.followed(cx.enclosing_func(test)?.node)?;
    let origins = cx.origins(&followed, followed.at_read(error)?, declared)?;
    let tests = origins.iter().map(|origin| match *origin {
        Origin::Nil(before) if before != test => Some(before),
        _ => None,
    });
    let tests: Option<Vec<ExprId>> = tests.collect();
    let before = *tests?.first()?;
    (!cx.names.uses(declared).take(256).any(is_given)).then_some((error, before))
}

/// The error that a test was to be of.
enum Meant {
    /// Another variable.
    Other(ExprId),
    /// What this call returns.
    Dropped(ExprId),
}

/// The error that the statements before a test make, and nobody looks at.
fn meant(cx: &Cx, test: ExprId, error: ExprId) -> Option<Meant> {
    const FAR: usize = 8;
    let stmt = cx.enclosing_stmt(test)?;
    let list = cx.siblings(stmt);
    let before = list.get(..cx.tree.place(list, stmt)?)?.iter().rev().copied();
    let init = match cx.stmt(stmt) {
        Stmt::If { init, .. } => init,
        _ => None,
    };
    let untested = |other: ExprId, from: u32| {
        let Def::Local(declared) = cx.def(other) else { return false };
        let between = from..cx.span(test).start;
        cx.ty(other) == TypeId::ERROR
            && cx.def(other) != cx.def(error)
            && !cx.names.uses(declared).take(256).any(|used| between.contains(&cx.span(used).start))
    };
    init.into_iter().chain(before).take(FAR).enumerate().find_map(|(at, stmt)| match cx.stmt(stmt) {
        Stmt::Assign { lhs, .. } => {
            let mut others = cx.exprs(lhs).iter().copied();
            others.find(|&other| untested(other, cx.span(stmt).end)).map(Meant::Other)
        }
        Stmt::Expr(call) if at == 0 => cx.returns_error(call).then_some(Meant::Dropped(call)),
        _ => None,
    })
}
