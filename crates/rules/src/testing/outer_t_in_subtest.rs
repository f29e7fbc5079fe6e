//! A subtest reports through the handle of the test around it.
//!
//! The failure is booked on the parent, so the subtest passes and `-run` on its name finds nothing wrong; a `Fatal` there
//! ends the subtest's goroutine in the name of the parent's, which the `testing` package forbids. Use the handle that the
//! subtest is given; assertion objects made from the outer one are made anew inside.
//!
//! Limits: a handle that reaches the subtest through a helper is not found.
//!
//! ```go bad file=parse_test.go
//! func TestParse(t *testing.T) {
//! 	for _, in := range inputs {
//! 		t.Run(in, func(st *testing.T) {
//! 			if _, err := parse(in); err != nil {
//! 				t.Errorf("parse(%q): %v", in, err)
//! 		//^ `t` belongs to the test around this subtest
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
//! //^^^^^ `check` belongs to the test around this subtest
//! 	})
//! }
//! ```
//! ```go good file=parse_test.go
//! func TestParse(t *testing.T) {
//! 	check := require.New(t)
//! 	check.NotEmpty(inputs)
//! 	t.Run("empty", func(t *testing.T) {
//! 		check := require.New(t)
//! 		check.NoError(parse(""))
//! 		t.Run("deeper", func(t *testing.T) { t.Fatal("its own") })
//! 	})
//! 	t.Run("name", func(st *testing.T) {
//! 		st.Log(t.Name()) // reads, reports nothing
//! 	})
//! }
//! ```
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
    file: file!(),
};

/// Methods of a test handle that only read.
const READS: &[&str] = &["Name", "Deadline", "Context", "Log", "Logf", "TempDir", "Failed", "ArtifactDir", "Output"];

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
    let Some(reporter) = reporter(cx, call) else { return };
    let Def::Local(declared) = cx.def(reporter) else { return };
    if cx.span(func.node).contains(cx.span(declared)) {
        return;
    }
    let is_handle = handle(cx, reporter).is_some();
    if !is_handle && !is_assertions(cx, reporter) {
        return;
    }
    let inner = handle_param(cx, func).map(|name| cx.source(name)).filter(|name| is_handle && *name != "_");
    let span = cx.span(reporter);
    let report = cx
        .report(reporter, format!("`{}` belongs to the test around this subtest", cx.source(reporter)))
        .note("the subtest passes whatever is found here; use the handle it is given");
    if let Some(inner) = inner {
        report.fix(format!("Report through `{inner}`"), [(span, inner.to_owned())]);
    }
}

/// What the call reports through: the receiver of a method, or the handle given to a function of testify.
fn reporter(cx: &Cx, call: ExprId) -> Option<ExprId> {
    if let Some(Call { callee: name @ Object { recv: None, .. }, args, .. }) = cx.call(call) {
        let testify = matches!(name.path, "github.com/stretchr/testify/require" | "github.com/stretchr/testify/assert");
        return args.first().copied().filter(|_| testify);
    }
    let (receiver, method, _) = cx.method_call(call)?;
    (cx.expr(receiver) == Expr::Ident && !READS.contains(&method)).then_some(receiver)
}

/// Whether a local is an assertion object of testify, made from a test handle.
fn is_assertions(cx: &Cx, local: ExprId) -> bool {
    let Some(Call { callee: maker, args: [t], .. }) = cx.initial_value(local).and_then(|value| cx.call(value)) else {
        return false;
    };
    let makes =
        maker.is(&["github.com/stretchr/testify/require.New"]) || maker.is(&["github.com/stretchr/testify/assert.New"]);
    makes && handle(cx, *t).is_some() && !cx.is_reassigned(local)
}
