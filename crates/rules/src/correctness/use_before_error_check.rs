//! The result of a call is used where the error that came with it was not checked, or where it is not nil.
//!
//! A function that returns an error returns nothing useful beside it, unless it says so: the pointer is nil, and using it panics
//! exactly when something else has already failed. Check the error first; `defer resp.Body.Close()` belongs after the check, because
//! its receiver is evaluated at once. In the branch where the error is not nil, use the error alone.
//!
//! Limits: functions that document a usable value beside the error (`go/parser.ParseFile`, `tar.Reader.Next`) are left alone, and so is
//! a path on which the error was given to another function, which may have checked it. In tests, only responses that are used before the
//! check and what is released before it are reported, and are medium: there a panic hides which call has failed.
//!
//! ```go bad
//! func fetch(client *http.Client, url string) ([]byte, error) {
//! 	resp, err := client.Get(url)
//! 	defer resp.Body.Close()
//! 	//    ^^^^^^^^^ `resp` is used before `err` is checked
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	return io.ReadAll(resp.Body)
//! }
//! ```
//! ```go bad
//! func status(url string) string {
//! 	resp, err := http.Get(url)
//! 	if err != nil {
//! 		return fmt.Sprint(resp.StatusCode, err)
//! 	//                 ^^^^^^^^^^^^^^^ `resp` is used here, where `err` is not nil
//! 	}
//! 	defer resp.Body.Close()
//! 	return resp.Status
//! }
//! ```
//! ```go good
//! func size(path string) (int64, error) {
//! 	info, err := os.Stat(path)
//! 	ok := err == nil
//! 	if !ok {
//! 		return 0, err
//! 	}
//! 	// A flag is as good as the condition.
//! 	return info.Size(), nil
//! }
//!
//! func syntax(src string) (int, error) {
//! 	// It returns what it could parse beside the error.
//! 	file, err := parser.ParseFile(token.NewFileSet(), "a.go", src, 0)
//! 	return len(file.Decls), err
//! }
//! ```
//!
//! # Idiom
//!
//! Unless the documentation says more, a result means nothing when its error is not nil. So the check comes before the first use.
//!
//! # Impact
//!
//! When the call fails, the code panics on its nil result, so an ordinary failure of a dependency becomes a crash and
//! the real error is never logged. It happens only when the call fails, often during an outage of something else. A
//! test with a fake that returns an error sees the panic instead of that error.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: let the call return `nil` and an error; the function has to return it
//! - `go vet -httpresponse {package}`: finds the HTTP variant, a response used before its error is checked
//!
//! # References
//!
//! - [Go blog, "Error handling and Go"](https://go.dev/blog/error-handling-and-go)
//! - [Go blog, "Errors are values"](https://go.dev/blog/errors-are-values)
use gopeer_lint::prelude::*;
use gopeer_sema::has_host;

pub static RULE: Rule = Rule {
    id: "correctness/use-before-error-check",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Correctness, 2)],
    equivalents: &["staticcheck:SA5001", "vet:httpresponse"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Nil(check)],
    examines: "results beside an error",
};

fn check(cx: &mut Cx, nil: &Nil) {
    let Origin::Failed { call, error } = nil.origin else { return };
    cx.examined();
    let in_test = cx.file.is_test();
    let Some(found) = cx.nil_use(nil).filter(|found| !in_test || hides_failure(cx, nil.place, found)) else { return };
    // A method that may do without its receiver does no harm; before the check it is a mistake all the same.
    if found.harm == Harm::UnknownMethod && found.checked {
        return;
    }
    // The standard library says which of its functions return a value beside the error; who asks others for a certain error knows them.
    let of_std = cx.callee(call).is_some_and(|callee| !cx.is_own(&callee) && !has_host(callee.path));
    if found.checked && !of_std && (found.by_kind || is_expected(cx, error)) || is_given(cx, call, nil.place) {
        return;
    }
    if !found.checked && is_unread(cx, error) {
        return;
    }
    let (name, error) = (cx.source(nil.place), cx.source(error));
    let message = match found.checked {
        true => format!("`{name}` is used here, where `{error}` is not nil"),
        false => format!("`{name}` is used before `{error}` is checked"),
    };
    let callee = cx.callee_text(call);
    let severity = if in_test { Severity::Medium } else { Severity::High };
    let report = cx.report(found.at, message).severity(severity).steps(found.steps);
    if found.checked && !of_std {
        report.asks(format!("Does `{callee}` return a value along with its error? If not, `{name}` is nil here."));
    }
}

/// Whether a test would panic instead of saying which request has failed, or what could not be opened.
fn hides_failure(cx: &Cx, place: ExprId, found: &NilUse) -> bool {
    !found.checked && (found.deferred || cx.has_type(place, &["net/http.Response"]))
}

/// Whether nobody looks at the error at all: that is what is wrong, and another rule says it.
fn is_unread(cx: &Cx, error: ExprId) -> bool {
    let followed = cx.enclosing_func(error).and_then(|func| cx.followed(func.node));
    followed.is_some_and(|followed| cx.is_unread(&followed, error))
}

/// Whether the function gives a value whether it fails or not, as its body shows.
fn is_given(cx: &Cx, call: ExprId, place: ExprId) -> bool {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(place) else { return false };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return false };
    cx.tree.place(cx.exprs(lhs), place).is_some_and(|at| cx.gives_beside_error(call, at))
}

/// Whether the failure is no more than a line for debugging: `slog.Debug("no file of its own", "err", err)`.
fn is_expected(cx: &Cx, error: ExprId) -> bool {
    const WORDS: &[&str] = &["debug", "debugf", "debugw", "trace", "tracef"];
    let Some(check) = cx.enclosing_stmt(error).and_then(|stmt| cx.next_stmt(stmt)) else { return false };
    let Stmt::If { cond, then, .. } = cx.stmt(check) else { return false };
    let Expr::Binary { op: BinaryOp::NotEqual, lhs, .. } = cx.expr(cx.unparen(cond)) else { return false };
    let debugs = |node: Node| {
        matches!(node, Node::Expr(call) if matches!(cx.expr(call), Expr::Call { .. })
        && WORDS.contains(&cx.callee_word(call).to_ascii_lowercase().as_str()))
    };
    cx.def(lhs) == cx.def(error) && cx.any(then, false, debugs)
}
