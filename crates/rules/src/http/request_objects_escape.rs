//! A goroutine goes on after the handler with the response writer, the body of the request, or the framework's context.
//!
//! When the handler returns, the server finishes the response and closes the body; a write after that is lost or panics, and a read fails.
//! gin, echo and fiber use their context again for the next request: the goroutine then reads the parameters, and writes into the
//! response, of another user. Copy what the goroutine needs before it starts (`c.Copy()` in gin, `utils.CopyString` in fiber).
//!
//! Limits: goroutines that a handler starts with `go` and does not wait for.
//!
//! ```go bad
//! func create(c *gin.Context) {
//! 	go func() {
//! 		record(c.Param("id"))
//! 		//     ^ the goroutine uses `c` after the handler has returned, when it may belong to another request
//! 	}()
//! 	c.Status(http.StatusAccepted)
//! }
//!
//! func record(id string) { slog.Info("created", "id", id) }
//! ```
//! ```go good
//! func create(c *gin.Context) {
//! 	id := c.Param("id") // a string of its own
//! 	go record(id)
//! 	c.Status(http.StatusAccepted)
//! }
//!
//! func record(id string) { slog.Info("created", "id", id) }
//! ```
//!
//! # Impact
//!
//! The goroutine writes to a response that is finished, or reads the parameters of somebody else's request, because
//! frameworks reuse their context objects. Users see data of others; logs show panics in `net/http` or in the framework
//! far from here. It needs concurrent requests, so a single `curl` never shows it.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 20 {package}`: send many requests with distinct payloads and compare what the
//!   background work saw
//!
//! # Options
//!
//! - Copy what is needed before the goroutine starts: plain values, nothing of the request
//!   - senior, backend, data, throughput: the goroutine's inputs are in its arguments
//! - Use the framework's own copy (`c.Copy()`): short, and copies more than is needed
//!   - cloud-native: middleware values such as the trace are still there
//!
//! # References
//!
//! - [Package gin, Context.Copy](https://pkg.go.dev/github.com/gin-gonic/gin#Context.Copy)
//! - [Package net/http, Handler](https://pkg.go.dev/net/http#Handler)
use gopeer_lint::prelude::*;

use super::support::CONTEXTS;

pub static RULE: Rule = Rule {
    id: "http/request-objects-escape",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Func(check)],
    examines: "goroutines of handlers",
};

fn check(cx: &mut Cx, func: Func) {
    // What gives its caller something may be waited for with that.
    let results = cx.results_of(func);
    if !matches!(results[..], [] | [_]) || results.iter().any(|&(_, ty)| cx.ty(ty) != TypeId::ERROR) {
        return;
    }
    for spawn in cx.outliving(func) {
        cx.examined();
        let Expr::FuncType { params, .. } = cx.expr(func.ty) else { continue };
        let escaping = |&(name, _): &(Option<ExprId>, ExprId)| {
            let param = name?;
            let started = cx.span(spawn.at);
            cx.names.uses(param).take(64).find(|&used| started.contains(cx.span(used)) && escapes(cx, used))
        };
        let Some(used) = cx.params(params).iter().find_map(escaping) else { continue };
        let name = cx.source(used);
        let reused = cx.has_type(used, CONTEXTS);
        let message = match reused {
            true => format!(
                "the goroutine uses `{name}` after the handler has returned, when it may belong to another request"
            ),
            false => {
                format!("the goroutine uses `{name}` after the handler has returned, when the response is finished")
            }
        };
        let steps = [
            (cx.tree.span(spawn.at), "the goroutine is started here, and nobody waits for it".to_owned()),
            (cx.span(used), format!("it uses `{name}` here")),
        ];
        let note = match reused {
            true => "one user's data then shows up in the request of another, under load only",
            false if cx.has_type(used, &["net/http.Request"]) => {
                "the server has closed the body, which cannot be read any more"
            }
            false => "what it writes is lost, and writing can panic",
        };
        cx.report(used, message).steps(steps).note(note);
    }
}

/// Whether a use is one that does not survive the handler.
fn escapes(cx: &Cx, used: ExprId) -> bool {
    if cx.has_type(used, &["net/http.ResponseWriter"]) {
        return true;
    }
    let selected = match cx.tree.parent(used) {
        Some(Node::Expr(selector)) => match cx.expr(selector) {
            Expr::Selector { name, .. } => cx.source(name),
            _ => "",
        },
        _ => "",
    };
    if cx.has_type(used, CONTEXTS) {
        return selected != "Copy";
    }
    cx.has_type(used, &["net/http.Request"])
        && matches!(selected, "Body" | "FormValue" | "ParseForm" | "ParseMultipartForm")
}
