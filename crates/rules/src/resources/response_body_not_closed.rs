//! The body of a response is not closed on every path.
//!
//! While a body is open, its connection cannot be used for the next request, so a client that takes that path again and again opens
//! new connections until descriptors or ports run out. `net/http` documents: when err is nil, resp always contains a non-nil
//! Body, and the caller must close it, whatever the status is. `defer resp.Body.Close()` after the check of the error covers
//! every path.
//!
//! Limits: a response that is returned, stored, used in a closure, or passed to a function that may keep it or close its body is left
//! alone: somebody else may close the body. Tests and `main` are left out, and so are answers to HEAD, which have no body, and paths on
//! which the body has been read to its end; one that is never closed is of medium severity then.
//!
//! ```go bad
//! func load(client *http.Client, url string) ([]byte, error) {
//! 	resp, err := client.Get(url)
//! //<^^^^ `resp.Body` is not closed on every path out of `load`
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	if resp.StatusCode != http.StatusOK {
//! 		return nil, fmt.Errorf("unexpected status %s", resp.Status)
//! 	}
//! 	data, err := io.ReadAll(resp.Body)
//! 	resp.Body.Close()
//! 	return data, err
//! }
//! ```
//! ```diff fixed
//! +	defer resp.Body.Close()
//! ```
//! ```go bad
//! func reachable(url string) bool {
//! 	_, err := http.Get(url)
//! 	//        ^^^^^^^^ what `http.Get` returns is never closed
//! 	return err == nil
//! }
//! ```
//! ```go good
//! func open(url string) (io.ReadCloser, error) {
//! 	resp, err := http.Get(url)
//! 	if err != nil {
//! 		// There is no body.
//! 		return nil, err
//! 	}
//! 	if resp.StatusCode != http.StatusOK {
//! 		resp.Body.Close()
//! 		return nil, errors.New(resp.Status)
//! 	}
//! 	// The caller closes it.
//! 	return resp.Body, nil
//! }
//! ```
//!
//! # Idiom
//!
//! When `err` is nil, `resp.Body` is not, and the caller owns it: check the error, defer the `Close`, read to the end.
//!
//! # Impact
//!
//! A connection with an open body cannot be reused, so the client dials a new one for each call; descriptors, ports and
//! the server's connection table fill up. Two goroutines per connection, `readLoop` and `writeLoop`, stay as well.
//! Latency rises first, by the handshake, then calls fail with "too many open files" or "cannot assign requested
//! address".
//!
//! # Verify
//!
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2' | grep -c 'persistConn'`: grows with the calls that
//!   take this path
//! - `ss -tan state established | wc -l`: more connections than requests in flight
//! - `go test -run {test} {package}`: wrap the body in a fake that records `Close`, and take the early path
//!
//! # References
//!
//! - [Package net/http, Response](https://pkg.go.dev/net/http#Response)
use gopeer_lint::prelude::*;
use gopeer_lint::{Leak, Release};

pub static RULE: Rule = Rule {
    id: "resources/response-body-not-closed",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &["bodyclose"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("body", check)],
    examines: "response bodies",
};

fn check(cx: &mut Cx, body: &Resource) {
    cx.examined();
    // The answer to HEAD has no body, and its connection is free at once.
    if asks_head(cx, body.call) {
        return;
    }
    let Some(leak) = cx.leak(body) else { return };
    let drained = Release { drains: true, ..body.release.clone() };
    match cx.leak(&Resource { release: drained, ..body.clone() }) {
        Some(open) => {
            let note = "its connection is not used again unless the body is read to its end, and stays open until the body is closed";
            Leak { steps: open.steps, ..leak }.report(cx, body).note(note);
        }
        None if leak.never => {
            let note = "reading it to its end gives the connection back; where less is read, the connection stays open until the body is closed";
            leak.report(cx, body).severity(Severity::Medium).note(note);
        }
        None => {}
    }
}

/// Whether the request is a HEAD.
fn asks_head(cx: &Cx, call: Call) -> bool {
    let is_head = |&argument: &ExprId| cx.string_value(argument).is_some_and(|method| method == "HEAD");
    let made = |&request: &ExprId| cx.defining_call(request).and_then(|made| cx.call(made));
    call.callee.name == "Head" || call.args.iter().filter_map(made).any(|made| made.args.iter().any(is_head))
}
