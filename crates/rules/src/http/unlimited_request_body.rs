//! A handler reads the whole body of a request, however long it is.
//!
//! `net/http` does not limit bodies. One client that sends without end fills the memory, and the container is killed with all the
//! requests it was serving. `r.Body = http.MaxBytesReader(w, r.Body, limit)` before the body is read makes reading fail at the limit, and
//! closes the connection.
//!
//! Limits: a package that limits bodies anywhere, with `http.MaxBytesReader` or `http.MaxBytesHandler`, is left alone,
//! since a middleware may do it for all. A limit in another package, or in a proxy, is not seen. Forms have a limit of their own (10 MB,
//! `net/http`, ParseForm). What a deprecated function hands to another one to be read is not reported.
//!
//! ```go bad
//! func create(w http.ResponseWriter, r *http.Request) {
//! 	var order struct{ ID string }
//! 	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
//! 	//                        ^^^^^^ `json.NewDecoder` reads a body of any length
//! 		http.Error(w, "bad request", http.StatusBadRequest)
//! 		return
//! 	}
//! 	save(order.ID)
//! }
//!
//! func save(string) {}
//! ```
//! ```go good
//! func create(w http.ResponseWriter, r *http.Request) {
//! 	var order struct{ ID string }
//! 	r.Body = http.MaxBytesReader(w, r.Body, 1<<20) // limited
//! 	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
//! 		http.Error(w, "bad request", http.StatusBadRequest)
//! 		return
//! 	}
//! 	save(order.ID)
//! }
//!
//! func save(string) {}
//! ```
//!
//! # Impact
//!
//! One client that sends without end fills the memory, and the container is killed with all requests that it was
//! serving. It takes no privileges and a few seconds.
//!
//! # Verify
//!
//! - `head -c 2G /dev/zero | curl -s -o out.txt -w '%{http_code}\n' -X POST -T - http://localhost:8080/PATH`: has to
//!   answer 413 while memory stays flat
//! - `go test -run {test} {package}`: with a reader that never ends
//!
//! # Options
//!
//! - `http.MaxBytesReader` in the handler: each endpoint has its own limit, and 413 is answered by your code
//!   - senior, backend: the limit is beside what it protects
//! - A middleware for all routes: cannot be forgotten, and uploads need an exception
//!   - throughput, data: one number
//! - The ingress: stops it before it costs anything here, and not inside the cluster
//!   - cloud-native: in addition to one of the others
//!
//! # References
//!
//! - [Package net/http, MaxBytesReader](https://pkg.go.dev/net/http#MaxBytesReader)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "http/unlimited-request-body",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(READERS, check), Hook::Piece(check_handed)],
    examines: "bodies of requests",
};

const READERS: &[&str] = &[
    "encoding/json.NewDecoder",
    "encoding/xml.NewDecoder",
    "io.ReadAll",
    "io/ioutil.ReadAll",
    "bytes.Buffer.ReadFrom",
];
/// `io.LimitReader` is not among them: where it limits another body, or the answer of another server, this one is as long as it likes.
const LIMITS: &[&str] = &["net/http.MaxBytesReader", "net/http.MaxBytesHandler"];

fn check(cx: &mut Cx, call: Call) {
    let [body] = *call.args else { return };
    let Expr::Selector { base, name } = cx.expr(cx.unparen(body)) else { return };
    if cx.source(name) != "Body" || !cx.has_type(base, &["net/http.Request"]) || !cx.answers_requests(call.expr) {
        return;
    }
    cx.examined();
    if cx.package_calls(LIMITS) == Some(false) {
        let message =
            format!("`{}` reads a body of any length: nothing in this package limits it", cx.source(call.fun));
        let cause = crate::cause::in_package(cx, "no limit");
        cx.report(body, message)
            .one_cause(cause)
            .note("a client that sends gigabytes fills the memory of the process; `http.MaxBytesReader` stops it");
    }
}

/// A body that is handed to a function of the package, which reads it.
fn check_handed(cx: &mut Cx) {
    for taint in cx.taints(Kinds::READER) {
        let Some(within) = taint.within.filter(|_| cx.package_calls(LIMITS) == Some(false)) else { continue };
        // What nobody is to call any more hands on what the other one reads.
        let doc = cx.enclosing_decl(taint.at).map(|decl| cx.doc_comment(decl)).unwrap_or_default();
        if doc.iter().any(|comment| comment.body(cx.tree.text()).trim_start().starts_with("Deprecated:")) {
            continue;
        }
        let message = format!("`{within}` reads the body, and nothing in this package limits its length");
        let cause = crate::cause::in_package(cx, "no limit");
        cx.report(taint.at, message).steps(taint.steps).one_cause(cause);
    }
}
