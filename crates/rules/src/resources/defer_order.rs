//! What is deferred runs in an order that loses data: the file is closed before the writer over it is flushed.
//!
//! Deferred calls run in the reverse order of their `defer` statements (Go spec, "Defer statements"). A buffered or compressing writer
//! keeps the last part of what was written until its `Flush` or `Close`. If the file below it is closed by then, that part is lost, and the
//! error is lost with it, since nobody looks at what a deferred call returns. Defer the file's `Close` first, right after it was opened.
//!
//! Limits: writers over writers are followed through variables of one function only.
//!
//! ```go bad
//! func export(path string, rows [][]byte) error {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	w := bufio.NewWriter(f)
//! 	defer w.Flush()
//! 	defer f.Close()
//! 	//    ^^^^^^^ deferred calls run last to first: `f.Close` runs before `w.Flush`
//! 	for _, row := range rows {
//! 		w.Write(row)
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func export(path string, rows [][]byte) error {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer f.Close()
//! 	w := bufio.NewWriter(f)
//! 	defer w.Flush()
//! 	for _, row := range rows {
//! 		w.Write(row)
//! 	}
//! 	return w.Flush()
//! }
//! ```
//!
//! # Impact
//!
//! The last block of the output never reaches the file: archives cannot be opened, CSV files end in the middle of a
//! line. The function returns nil, since nobody reads what the deferred calls return. Small files are hit worst,
//! because all of their content is in the buffer.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: write, then read the file back and compare all of it
//! - `gzip -t FILE`: "unexpected end of file" for a compressed one
//!
//! # References
//!
//! - [Go spec, "Defer statements"](https://go.dev/ref/spec#Defer_statements)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resources/defer-order",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Acquire("writer", check)],
    examines: "writers over other writers",
};

fn check(cx: &mut Cx, writer: &Resource) {
    let Some(&below) = writer.call.args.first() else { return };
    let Some(above) = cx.kept_in(writer.call.expr) else { return };
    let (Some(written), Some(closed)) = (deferred(cx, above, &["Close", "Flush"]), deferred(cx, below, &["Close"]))
    else {
        return;
    };
    cx.examined();
    if cx.span(closed).start < cx.span(written).start {
        return;
    }
    let (first, second) = (cx.callee_text(closed), cx.callee_text(written));
    let steps = [
        (cx.span(written), format!("`{second}` is deferred first, so that it runs last")),
        (cx.span(closed), format!("`{first}` runs before it: what `{second}` writes is lost")),
    ];
    let Expr::Call { fun, .. } = cx.expr(closed) else { return };
    cx.report(fun, format!("deferred calls run last to first: `{first}` runs before `{second}`"))
        .steps(steps)
        .note(format!("defer `{first}` before `{second}`, right after the check of its error"));
}

/// The one deferred call of these methods on a local, if nothing else calls them.
fn deferred(cx: &Cx, local: ExprId, methods: &[&str]) -> Option<ExprId> {
    const MOST: usize = 256;
    let Def::Local(declared) = cx.def(cx.unparen(local)) else { return None };
    let calls = cx.names.uses(declared).take(MOST).filter_map(|used| cx.called_on(used));
    let mut calls = calls.filter(|(_, method, _)| methods.contains(method)).map(|(call, ..)| call);
    let only = calls.next().filter(|_| calls.next().is_none())?;
    let runs = cx.is_deferred(only);
    (runs && cx.enclosing_func(only).map(|func| func.node) == cx.enclosing_func(declared).map(|func| func.node))
        .then_some(only)
}
