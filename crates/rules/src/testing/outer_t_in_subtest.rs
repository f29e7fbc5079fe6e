//! A subtest reports through the handle of the test around it.
//!
//! An `Error` through the outer handle counts for the parent: the subtest itself passes, and its name is not in the list of
//! failures. A `Fatal` or a `Skip` through it marks the parent as finished and stops the subtest, and then package `testing`
//! stops the parent too, so that the other subtests do not run. Use the handle that the subtest is given, and make assertion
//! objects anew from it.
//!
//! Each handle or assertion object is reported once in a test, with the other places. The finding is low for assertion objects,
//! which are mostly made once on purpose.
//!
//! Limits: a handle that reaches the subtest's checks as an argument of a helper is not found.
//!
//! ```go bad file=parse_test.go
//! func TestParse(t *testing.T) {
//! 	for _, in := range inputs {
//! 		t.Run(in, func(st *testing.T) {
//! 			if _, err := parse(in); err != nil {
//! 				t.Errorf("parse(%q): %v", in, err)
//! 		//^ `t` is the enclosing test's, not the subtest's
//! 			}
//! 		})
//! 	}
//! }
//! ```
//! ```diff fixed
//! -				t.Errorf("parse(%q): %v", in, err)
//! +				st.Errorf("parse(%q): %v", in, err)
//! ```
//! ```go bad file=parse_test.go
//! func TestParse(t *testing.T) {
//! 	check := require.New(t)
//! 	t.Run("empty", func(t *testing.T) {
//! 		_, err := parse("")
//! 		check.Error(err)
//! //^^^^^ low: `check` is the enclosing test's, not the subtest's
//! 	})
//! }
//! ```
//! ```go good file=parse_test.go
//! func TestParse(t *testing.T) {
//! 	t.Run("name", func(st *testing.T) {
//! 		st.Log(t.Name()) // reads, reports nothing
//! 	})
//! }
//! ```
//! ```go good file=parse_test.go
//! func TestParse(t *testing.T) {
//! 	check := require.New(t)
//! 	check.NotEmpty(inputs) // outside of the subtests
//! 	t.Run("empty", func(t *testing.T) {
//! 		check := require.New(t) // made anew from the handle of the subtest
//! 		check.NoError(parse(""))
//! 	})
//! }
//! ```
//!
//! # Idiom
//!
//! The function given to `t.Run` has a parameter of its own, usually also named `t` so that it hides the outer one.
//!
//! # Verify
//!
//! - `go test -run {test} -v {package}`: make one subtest fail; its own name has to be marked FAIL
//!
//! # References
//!
//! - [Package testing, T.Run](https://pkg.go.dev/testing#T.Run)
use gopeer_lint::prelude::*;

use super::support::{handle, handle_param, subtest};

pub static RULE: Rule = Rule {
    id: "testing/outer-t-in-subtest",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3), (Concern::Correctness, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Tests,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "subtests",
};

/// Methods of a test handle that report a failure and go on, and those that stop the test.
const REPORTS: &[&str] = &["Error", "Errorf", "Fail"];
const STOPS: &[&str] = &["FailNow", "Fatal", "Fatalf", "Skip", "SkipNow", "Skipf"];

fn check(cx: &mut Cx, run: ExprId) {
    let Some(func) = subtest(cx, run) else { return };
    cx.examined();
    let mut calls = Vec::new();
    cx.tree.walk(func.body, &mut |node| match node {
        Node::Expr(id) => {
            if matches!(cx.expr(id), Expr::Call { .. }) {
                calls.push(id);
            }
            // A subtest inside is looked at by itself.
            id == run || subtest(cx, id).is_none()
        }
        _ => true,
    });
    for call in calls {
        check_call(cx, func, call);
    }
}

fn check_call(cx: &mut Cx, func: Func, call: ExprId) {
    let Some((reporter, stops)) = reporter(cx, call) else { return };
    let Def::Local(declared) = cx.def(reporter) else { return };
    let Some(test) = cx.enclosing_decl(call).and_then(|decl| cx.func_name(decl)) else { return };
    if cx.span(func.node).contains(cx.span(declared)) {
        return;
    }
    let is_handle = handle(cx, reporter).is_some();
    // Whoever makes it once for all subtests sees the failure, if not its name.
    let severity = if is_handle { Severity::Medium } else { Severity::Low };
    let inner = handle_param(cx, func).map(|name| cx.source(name)).filter(|name| is_handle && *name != "_");
    let (span, name, start) = (cx.span(reporter), cx.source(reporter), cx.span(declared).start);
    let cause = format!("{}: `{name}` of `{test}` at {start}", cx.file.name);
    let why = match stops {
        true => "this also stops the enclosing test, so the other subtests do not run",
        false => "a failure is reported for the enclosing test, and the subtest passes",
    };
    let note = format!("{why}; use the subtest's own `{}`", inner.unwrap_or("t"));
    let message = format!("`{name}` is the enclosing test's, not the subtest's");
    let report = cx.report(reporter, message).severity(severity).note(note).one_cause(cause);
    if let Some(inner) = inner {
        report.fix(format!("Report through `{inner}`"), [(span, inner.to_owned())]);
    }
}

/// What the call reports through, and whether it stops the test: the handle that is the receiver or is given to a function of
/// testify, or an assertion object of testify.
fn reporter(cx: &Cx, call: ExprId) -> Option<(ExprId, bool)> {
    if let Some(Call { callee: Object { recv: None, path, .. }, args, .. }) = cx.call(call) {
        let stops = path == "github.com/stretchr/testify/require";
        let is_assertion = stops || path == "github.com/stretchr/testify/assert";
        return args.first().filter(|&&t| is_assertion && handle(cx, t).is_some()).map(|&t| (t, stops));
    }
    let (receiver, method, _) = cx.method_call(call)?;
    if handle(cx, receiver).is_some() {
        let stops = STOPS.contains(&method);
        return (stops || REPORTS.contains(&method)).then_some((receiver, stops));
    }
    is_assertions(cx, receiver).map(|stops| (receiver, stops))
}

/// Whether a local is an assertion object of testify, made from a test handle; then whether its assertions stop the test.
fn is_assertions(cx: &Cx, local: ExprId) -> Option<bool> {
    let Call { callee, args: [t], .. } = cx.call(cx.initial_value(local)?)? else { return None };
    let stops = callee.is(&["github.com/stretchr/testify/require.New"]);
    let makes = stops || callee.is(&["github.com/stretchr/testify/assert.New"]);
    (makes && handle(cx, *t).is_some() && !cx.is_reassigned(local)).then_some(stops)
}
