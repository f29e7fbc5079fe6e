//! A variable gets a value that nothing reads.
//!
//! Mostly it is an error: the next call gives `err` another value before anybody has looked at it, and what failed is taken for done.
//! The compiler does not notice, because `err` is read elsewhere. Of other values, the work that went into them was for nothing, or the
//! variable that was meant is another one. Check the error right after the call; assign what does not matter to `_`.
//!
//! Limits: only what calls give counts, not defaults that are written for whoever reads. Of several results, one that is no error and
//! that nothing reads any more is left alone. Variables whose address is taken or that
//! closures mention are left alone, but for deferred closures, which read them at the end.
//!
//! ```go bad
//! func load(path string, limit int) (Config, error) {
//! 	var config Config
//! 	data, err := os.ReadFile(path)
//! 	//    ^^^ nobody looks at `err` before it gets another value
//! 	err = json.Unmarshal(data, &config)
//! 	if err != nil {
//! 		return config, fmt.Errorf("parse %s: %w", path, err)
//! 	}
//! 	return config, nil
//! }
//! ```
//! ```go bad
//! func rotate(from, to string) error {
//! 	data, err := os.ReadFile(from)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	err = os.WriteFile(to, data, 0o600)
//! //<^^^ nobody looks at `err` before `rotate` returns
//! 	return nil
//! }
//! ```
//! ```go good
//! func open(paths ...string) (f *os.File, err error) {
//! 	defer func() {
//! 		if err != nil {
//! 			slog.Error("open", "err", err)
//! 		}
//! 	}()
//! 	for _, path := range paths {
//! 		if f, err = os.Open(path); err == nil {
//! 			return f, nil
//! 		}
//! 	}
//! 	f, err = os.CreateTemp("", "scratch")
//! 	return
//! }
//! ```
//!
//! # Impact
//!
//! Where the variable is an error, a failure in the middle of the function is overwritten by the success of the next
//! step. Where it is another value, the work that computed it was for nothing.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: fail only the first of the two calls, and expect an error
//!
//! # References
//!
//! - [Go spec, "Assignment statements"](https://go.dev/ref/spec#Assignment_statements)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, State, Values, Watch};

use crate::errors::ignorable::is_ignorable;

pub static RULE: Rule = Rule {
    id: "correctness/ineffectual-assignment",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &["staticcheck:SA4006", "ineffassign", "wastedassign"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Assign, StmtKind::Define], check)],
    examines: "values that calls give to variables",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } = cx.stmt(stmt) else { return };
    let (targets, values) = (cx.exprs(lhs), cx.exprs(rhs));
    for (at, &target) in targets.iter().enumerate() {
        let value = if values.len() == targets.len() { values.get(at) } else { values.first() };
        let Some(&value) = value.filter(|&&value| calls_something(cx, value)) else { continue };
        if let Def::Local(declared) = cx.def(cx.unparen(target))
            && cx.source(target) != "_"
        {
            cx.examined();
            check_value(cx, cx.unparen(target), declared, cx.unparen(value));
        }
    }
}

fn calls_something(cx: &Cx, value: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(value)), Expr::Call { fun, .. } if matches!(cx.under(fun), Type::Signature(_)))
}

fn check_value(cx: &mut Cx, target: ExprId, declared: ExprId, call: ExprId) {
    let Some(followed) = cx.enclosing_func(target).and_then(|func| cx.followed(func.node)) else { return };
    let is_error = cx.ty(target) == TypeId::ERROR;
    if !cx.is_unread(&followed, target) || is_error && is_ignorable(cx, call) {
        return;
    }
    let Some(mut start) = followed.after_write(target).map(|at| cx.start(&followed, at)) else { return };
    let mut next = NextValue { cx, declared };
    let Some(found) = cx.follow(&followed, &mut start, &mut next) else { return };
    // Beside an error, a variable stands where `_` would do as well.
    if found.op.is_none() && !is_error && cx.results(call).is_some_and(|results| results.len() > 1) {
        return;
    }
    let name = cx.source(target);
    let mut steps = vec![(cx.span(target), format!("`{name}` is assigned a result of `{}`", cx.callee_text(call)))];
    steps.extend(cx.branches_of(&followed, &found.path));
    let before = match found.op {
        Some(op) => {
            steps.push((cx.span(op.at), format!("`{name}` is assigned another value here")));
            "it gets another value".to_owned()
        }
        None => {
            let end = cx.end_of_path(&followed, &found.path);
            steps.push((end, format!("the function returns here, and nothing has read `{name}`")));
            format!("{} returns", cx.func_in_words(target))
        }
    };
    let message = match is_error {
        true => format!("nobody looks at `{name}` before {before}"),
        false => format!("nothing reads `{name}` before {before}"),
    };
    let reason = cx.said(target, &["ignore"]).filter(|_| is_error);
    let report = cx.report(target, message).steps(steps).excused(reason);
    if !is_error {
        report.severity(Severity::Low);
    }
}

/// Watches for what gives the variable its next value.
struct NextValue<'c, 'a> {
    cx: &'c Cx<'a>,
    declared: ExprId,
}

impl Watch for NextValue<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let writes = matches!(op.kind, OpKind::Write | OpKind::Zero);
        if writes && self.cx.def(op.at) == Def::Local(self.declared) { Next::Found } else { Next::Go }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Found
    }
}
