//! A test leaves its fixture running, or goes on before it is ready.
//!
//! A test server that nobody closes keeps its port, its goroutines and the connections of its clients until the process ends. Tests that
//! count goroutines or ports then fail because of another test, and `srv.Close()`, which waits for requests that still run, finds no hung
//! handler.
//!
//! A container has started long before the server in it takes connections. Without `WaitingFor` a test depends on who is faster.
//!
//! Limits: servers of `net/http/httptest`, and requests of testcontainers-go that expose ports and run what the image runs. A server that is
//! closed on some path is left alone, since a test that takes another one has mostly failed, and so is a container whose host, port and
//! address the test never asks for. Containers that are not terminated are not reported, because testcontainers removes them by itself.
//!
//! ```go bad file=fetch_test.go
//! func TestFetch(t *testing.T) {
//! 	srv := httptest.NewServer(handler)
//! #^^^ `srv` is never closed
//! 	resp, err := http.Get(srv.URL)
//! 	if err != nil {
//! 		t.Fatal(err)
//! 	}
//! 	defer resp.Body.Close()
//! }
//! ```
//! ```diff fixed
//! +	t.Cleanup(srv.Close)
//! ```
//! ```go bad file=store_test.go
//! import "github.com/testcontainers/testcontainers-go"
//!
//! func request() testcontainers.ContainerRequest {
//! 	return testcontainers.ContainerRequest{Image: "redis:7", ExposedPorts: []string{"6379/tcp"}}
//! 	//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ medium: nothing waits until the server in the container takes connections
//! }
//! ```
//! ```go good file=fetch_test.go
//! func TestFetch(t *testing.T) {
//! 	srv := httptest.NewServer(handler)
//! 	t.Cleanup(srv.Close)
//! 	fetch(t, srv.URL)
//! }
//!
//! func newServer(t *testing.T) *httptest.Server {
//! 	srv := httptest.NewServer(handler)
//! 	return srv // the caller closes it
//! }
//! ```
//! ```go good file=store_test.go
//! import (
//! 	"github.com/testcontainers/testcontainers-go"
//! 	"github.com/testcontainers/testcontainers-go/wait"
//! )
//!
//! func request() testcontainers.ContainerRequest {
//! 	return testcontainers.ContainerRequest{
//! 		Image:        "redis:7",
//! 		ExposedPorts: []string{"6379/tcp"},
//! 		WaitingFor:   wait.ForListeningPort("6379/tcp"),
//! 	}
//! }
//! ```
//!
//! # Idiom
//!
//! `t.Cleanup` releases a fixture where it is made, also in a helper, and runs after parallel subtests.
//!
//! # Verify
//!
//! - `go test -run {test} -count 20 {package}`: with `goleak.VerifyNone(t)` at its end, the test names the goroutines that stay
//!
//! # References
//!
//! - [Package httptest, Server](https://pkg.go.dev/net/http/httptest#Server)
use gopeer_lint::prelude::*;

use super::support::handle_param;

pub static RULE: Rule = Rule {
    id: "testing/fixture-not-released",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3), (Concern::Leak, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Tests,
    hooks: &[
        Hook::Acquire("test", check_server),
        Hook::Config(&["github.com/testcontainers/testcontainers-go.ContainerRequest"], check_container),
    ],
    examines: "test servers and containers",
};

fn check_server(cx: &mut Cx, server: &Resource) {
    cx.examined();
    let Some(leak) = cx.leak(server).filter(|leak| leak.never) else { return };
    let t = cx.enclosing_func(server.call.expr).and_then(|func| handle_param(cx, func)).map(|t| cx.source(t));
    let edit = leak.variable.zip(leak.defer_after).zip(t.filter(|t| *t != "_")).map(|((variable, stmt), t)| {
        let end = cx.span(stmt).end;
        (Span::new(end, end), format!("\n{}{t}.Cleanup({}.Close)", cx.indent(stmt), cx.source(variable)))
    });
    let report = leak
        .without_fix()
        .report(cx, server)
        .note("its port and goroutines stay until the process ends")
        .one_of("test servers in this file are never closed");
    if let Some(edit) = edit {
        report.suggest("Close it when the test ends", [edit]);
    }
}

fn check_container(cx: &mut Cx, request: Config) {
    cx.examined();
    // What runs in the container instead of the image's own program may be no server.
    let is_image = !cx.may_set(request, &["Cmd", "Entrypoint"]);
    let exposes = request.is_literal() && cx.sets(request, &["ExposedPorts"]);
    if is_image && exposes && cx.setting(request, "WaitingFor").is_unset() && !connects_to_nothing(cx, request) {
        cx.report(cx.head(request), "nothing waits until the server in the container takes connections")
            .severity(Severity::Medium)
            .note("a started container is not ready: set `WaitingFor`, for example to `wait.ForListeningPort`");
    }
}

/// Whether a test makes the request itself and never asks for the container's address.
fn connects_to_nothing(cx: &Cx, request: Config) -> bool {
    const ASKS: &[&str] = &["ContainerIP", "Endpoint", "Host", "MappedPort", "PortEndpoint"];
    let test = cx.enclosing_decl(cx.head(request));
    let test = test.filter(|&decl| cx.func_name(decl).is_some_and(|name| name.starts_with("Test")));
    let asks = |node: &Node| matches!(*node, Node::Expr(call) if ASKS.contains(&cx.callee_word(call)));
    test.is_some_and(|decl| !cx.calls_within(decl, true).iter().any(asks))
}
