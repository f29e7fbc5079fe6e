//! An HTTP request is sent without any time limit.
//!
//! `http.Get` and its siblings use `http.DefaultClient`, which has no timeout, and neither has a client made as
//! `http.Client{}`: a `Timeout` of zero means none (documentation of net/http). If the server accepts the connection and
//! then says nothing, the goroutine waits forever, and a slow dependency becomes an outage of this service. Give the client
//! a `Timeout`, or the request a context with a deadline, which fits bodies of any size.
//!
//! Limits: a request that arrives as a parameter is taken to have a deadline. Where its context does, or is that of the request
//! which is answered, the finding is a question. A client is followed
//! in a local, and within one file in a variable of the package or a field; one that is returned is a question, and one that
//! is handed to a function is not reported. A transport that is not made in sight is taken to have a limit.
//! In a command, by its folder, the finding is medium, and low in the code of its command line, which a person can interrupt.
//!
//! ```go bad
//! func fetch(url string) (*http.Response, error) {
//! 	return http.Get(url)
//! 	//     ^^^^^^^^ `http.Get` has no timeout: it uses `http.DefaultClient`
//! }
//! ```
//! ```diff fixed
//! -	return http.Get(url)
//! +	return (&http.Client{Timeout: 10 * time.Second}).Get(url)
//! ```
//! ```go bad
//! func send(url string) error {
//! 	client := &http.Client{}
//! 	//         ^^^^^^^^^^^ `client` has no `Timeout`, and `client.Do` sends a request without a deadline
//! 	req, err := http.NewRequest(http.MethodPut, url, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	resp, err := client.Do(req)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return resp.Body.Close()
//! }
//! ```
//! ```diff fixed
//! -	client := &http.Client{}
//! +	client := &http.Client{Timeout: 10 * time.Second}
//! ```
//! ```go bad
//! type api struct{ client *http.Client }
//! func newAPI() *api {
//! 	return &api{client: &http.Client{}}
//! 	//                   ^^^^^^^^^^^ `http.Client` has no `Timeout`, and `a.client.Get` sends without a context
//! }
//! func (a *api) ping(url string) (*http.Response, error) { return a.client.Get(url) }
//! ```
//! ```diff fixed
//! -	return &api{client: &http.Client{}}
//! +	return &api{client: &http.Client{Timeout: 10 * time.Second}}
//! ```
//! ```go good
//! func send(ctx context.Context, url string) error {
//! 	client := &http.Client{}
//! 	ctx, cancel := context.WithTimeout(ctx, time.Second)
//! 	defer cancel()
//! 	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil) // the context carries the limit
//! 	if err != nil {
//! 		return err
//! 	}
//! 	resp, err := client.Do(req)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return resp.Body.Close()
//! }
//! ```
//! ```go good
//! func stream(url string) (*http.Response, error) {
//! 	// The transport limits the wait for the answer; its body may take as long as it likes.
//! 	client := &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: time.Second}}
//! 	return client.Get(url)
//! }
//! ```
//! ```go good file=client_test.go
//! func TestGet(t *testing.T) {
//! 	http.Get("http://localhost") // go test has a time limit of its own
//! }
//! ```
//!
//! # Idiom
//!
//! A program makes one `http.Client` with a `Timeout` and shares it, since it is safe for concurrent use and keeps connections. Requests
//! are made with `http.NewRequestWithContext`.
//!
//! # Impact
//!
//! A server that accepts the connection and stays silent holds this goroutine until its caller stops waiting, or
//! forever; each request adds another one, and a slow dependency becomes an outage here. Goroutines and open sockets
//! rise together, all in `net/http.(*persistConn).roundTrip`. A test with a server that sleeps shows it.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 30s {package}`: against an `httptest.NewServer` whose handler blocks, the call must
//!   fail within its limit
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=1' | grep -B 1 -A 3 roundTrip`: the number of calls
//!   that wait for an answer
//!
//! # Options
//!
//! - Use a client with a `Timeout`: bounds the whole exchange, reading the body included, so large downloads need
//!   another client
//!   - senior, throughput: one place, and it cannot be forgotten per call
//! - Give each request a context with a deadline: follows the caller's own limit, and every call has to do it
//!   - backend, cloud-native, data: the time left is passed on to the next service
//!
//! # References
//!
//! - [Package net/http, Client](https://pkg.go.dev/net/http#Client)
//! - [Cloudflare, "The complete guide to Go net/http
//!   timeouts"](https://blog.cloudflare.com/the-complete-guide-to-golang-net-http-timeouts/)
use gopeer_lint::Wanted;
use gopeer_lint::prelude::*;

use super::client::{OF_CALLER, OF_HANDLER, SENDS, has_limit, kept_place, place_of, unlimited, whole};
use super::support::{change_of, is_left_zero};
use crate::context::at_hand::{context_at, limited};
use crate::errors::propagate::return_with;
use crate::errors::support::is_command;

pub static RULE: Rule = Rule {
    id: "http/client-no-timeout",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Leak, 2), (Concern::Cancellation, 2)],
    equivalents: &["noctx"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(DEFAULT_SENDS, check_default),
        Hook::Call(SENDS, check_sender),
        Hook::Config(CLIENT, check_local),
        Hook::File(check_kept),
    ],
    examines: "HTTP clients and requests",
};

const CLIENT: &[&str] = &["net/http.Client"];
/// What sends with `http.DefaultClient`.
const DEFAULT_SENDS: &[&str] = &["net/http.Get", "net/http.Head", "net/http.Post", "net/http.PostForm"];
const WHY: &str = "if the server accepts the connection and never answers, this goroutine waits";

fn check_default(cx: &mut Cx, call: Call) {
    let Expr::Selector { base: package, .. } = cx.expr(call.fun) else { return };
    cx.examined();
    let client = format!("(&{}.Client{{Timeout: 10 * time.Second}})", cx.source(package));
    let edit = (cx.span(package), client);
    let message = format!("`{}` has no timeout: it uses `http.DefaultClient`", cx.source(call.fun));
    let severity = severity(cx, call.expr);
    let cause = cause(cx, severity, "");
    let waiting = waiting(cx, call.expr, "");
    let with_deadline = with_deadline(cx, call, cx.source(package));
    let report = cx.report(call.fun, message).note(waiting).severity(severity).one_cause(cause);
    let report = report.fix("Use a client with a `Timeout`", [edit]).needing("time");
    if let Some(edits) = with_deadline {
        report.fix("Give each request a context with a deadline", edits).needing("context").needing("time");
    }
}

/// The edits that send a GET or HEAD request with a deadline, where a context is at hand and the function returns errors. The deadline ends
/// with the function, so the body must not leave it.
fn with_deadline(cx: &Cx, call: Call, package: &str) -> Option<Vec<(Span, String)>> {
    let (method, url) = match (call.callee.name, call.args) {
        ("Get", &[url]) => ("MethodGet", cx.source(url)),
        ("Head", &[url]) => ("MethodHead", cx.source(url)),
        _ => return None,
    };
    let stmt = cx.enclosing_stmt(call.expr)?;
    let (Stmt::Assign { lhs, op: AssignOp::Define, .. }, Some(_)) = (cx.stmt(stmt), cx.place_in_list(stmt)) else {
        return None;
    };
    let func = cx.enclosing_func(stmt)?;
    let closes = format!("defer {}.Body.Close()", cx.source(*cx.exprs(lhs).first()?));
    let is_taken: Wanted =
        |cx, node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident && cx.source(id) == "request");
    if !cx.defers(func.body).iter().any(|&node| cx.source(node) == closes)
        || !cx.within(func.node, true, is_taken).is_empty()
    {
        return None;
    }
    let (span, derive) = limited(cx, call.expr, &context_at(cx, call.expr)?)?;
    let (leave, indent) = (return_with(cx, func, "err")?, cx.indent(stmt));
    let request = format!("request, err := {package}.NewRequestWithContext(limited, {package}.{method}, {url}, nil)");
    let made = format!("{derive}{request}\n{indent}if err != nil {{\n{indent}\t{leave}\n{indent}}}\n{indent}");
    Some(vec![(span, made), (cx.span(call.expr), format!("{package}.DefaultClient.Do(request)"))])
}

/// Requests sent with a client that no literal makes: `http.DefaultClient`, `new(http.Client)`, `var client http.Client`.
fn check_sender(cx: &mut Cx, call: Call) {
    let Some(client) = call.receiver else { return };
    let is_default = cx.denotes(client, &["net/http.DefaultClient"]);
    if !is_default && !is_left_zero(cx, client, sets_limit) {
        return;
    }
    cx.examined();
    let Some((_, what)) = unlimited(cx, client) else { return };
    let (name, send) = (cx.source(client), cx.source(call.fun));
    let package = name.split_once('.').filter(|_| is_default).map_or("http", |(package, _)| package);
    let edit = (cx.span(client), format!("(&{package}.Client{{Timeout: 10 * time.Second}})"));
    let context = context_at(cx, client);
    let message = format!("`{name}` has no `Timeout`, and `{send}` sends {what}");
    let severity = severity(cx, client);
    let waiting = waiting(cx, client, what);
    let cause = cause(cx, severity, what);
    let report = weighed(cx.report(client, message).note(waiting).one_cause(cause), what, severity);
    match context {
        Some(context) => report.note(with_context(&context, what)),
        None => report.fix("Use a client with a `Timeout`", is_default.then_some(edit)).needing("time"),
    };
}

fn sets_limit(cx: &Cx, declaring: Node) -> Option<Node> {
    change_of(cx, declaring, &["Timeout", "Transport"])
}

/// Clients in locals, and those that send where they are made.
fn check_local(cx: &mut Cx, client: Config) {
    if has_limit(cx, client) {
        return;
    }
    cx.examined();
    let whole = whole(cx, client.expr);
    let (sent, by) = match cx.keeper(client).map(|kept| cx.def(kept)) {
        Some(Def::Local(declaring)) => (cx.names.uses(declaring).find_map(|used| unlimited(cx, used)), None),
        Some(_) => return,
        None => (unlimited(cx, whole), Some("the call")),
    };
    if let Some((send, what)) = sent {
        let (at, name) = (cx.span(send), by.unwrap_or_else(|| cx.source(send)));
        report(cx, client, name, what).note_at(at, "this call sends it");
    } else if matches!(cx.tree.parent(whole), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Return(_))) {
        returned(cx, client);
    }
}

/// A client for other code, which may give each request a deadline.
fn returned(cx: &mut Cx, client: Config) {
    let head = cx.head(client);
    let message = format!("this `{}` has no `Timeout`, so a request without a deadline waits forever", cx.source(head));
    let edit = cx.with_setting(client, "Timeout", "10 * time.Second");
    let report = cx.report(head, message).severity(Severity::Low).question();
    report.fix("Set `Timeout`", edit).needing("time");
}

fn report<'c>(cx: &'c mut Cx, client: Config, send: &str, what: &str) -> Report<'c> {
    let head = cx.head(client);
    let context = context_at(cx, client.expr);
    let name = cx.keeper(client).unwrap_or(head);
    let send = if send == "the call" { send.to_owned() } else { format!("`{send}`") };
    let message = format!("`{}` has no `Timeout`, and {send} sends {what}", cx.source(name));
    let edit = cx.with_setting(client, "Timeout", "10 * time.Second");
    let severity = severity(cx, client.expr);
    let waiting = waiting(cx, client.expr, what);
    let cause = cause(cx, severity, what);
    let report = weighed(cx.report(head, message).note(waiting).one_cause(cause), what, severity);
    match context {
        Some(context) => report.note(with_context(&context, what)),
        None => report.fix("Set `Timeout`", edit).needing("time"),
    }
}

/// What waits, and for how long, if the server does not answer.
fn waiting(cx: &Cx, at: ExprId, what: &str) -> String {
    let func = cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl));
    match (what, func.filter(|_| cx.answers_requests(at))) {
        (OF_HANDLER, _) => format!("{WHY} for as long as that client does"),
        (OF_CALLER, _) => format!("{WHY} for as long as its caller lets it"),
        (_, Some(func)) => format!("{WHY} forever, and with it the request that `{func}` answers"),
        (_, None) => format!("{WHY} forever"),
    }
}

/// Where somebody else may end the request, that is asked about.
fn weighed<'c>(report: Report<'c>, what: &str, severity: Severity) -> Report<'c> {
    match what {
        OF_HANDLER => report.severity(severity.min(Severity::Medium)).question(),
        OF_CALLER => report.severity(Severity::Low).question(),
        _ => report.severity(severity),
    }
}

/// What the requests of one file have as their cause: one client with a time limit mends them all. Those that somebody else may end
/// are asked about by themselves.
fn cause(cx: &Cx, severity: Severity, what: &str) -> String {
    let whose = if matches!(what, OF_HANDLER | OF_CALLER) { what } else { "" };
    format!("{} {severity:?} {whose}", cx.file.name)
}

/// How much it matters that a request waits forever: a person at a terminal can interrupt it.
fn severity(cx: &Cx, at: ExprId) -> Severity {
    match cx.file.is_of_command() {
        true if is_command(cx, at) => Severity::Low,
        true => Severity::Medium,
        false => Severity::High,
    }
}

/// What to do where a context is at hand: a Timeout counts until the body is read, however long that is.
fn with_context(context: &str, what: &str) -> String {
    match what {
        OF_HANDLER | OF_CALLER => format!("give the request a deadline, with `context.WithTimeout({context}, …)`"),
        _ => format!("give the request `{context}`, with `http.NewRequestWithContext`"),
    }
}

/// Clients in variables of the package and in fields: what the file does with them is in other pieces.
fn check_kept(cx: &mut FileCx) {
    if !cx.file.scope.imports("net/http") && !cx.file.scope.is_fragment() {
        return;
    }
    let mut kept: Vec<String> = Vec::new();
    cx.each_piece(|cx| kept.extend(kept_clients(cx).into_iter().map(|(place, _)| place)));
    if kept.is_empty() {
        return;
    }
    let mut uses: Vec<(String, Use)> = Vec::new();
    cx.each_piece(|cx| uses.extend(uses_of(cx, &kept)));
    cx.each_piece(|cx| {
        for (place, client) in kept_clients(cx) {
            cx.examined();
            let mine = || uses.iter().filter(|(used, _)| *used == place).map(|(_, used)| used);
            let limited = mine().any(|used| matches!(used, Use::Limit));
            if let Some(Use::Send(send, what)) = mine().find(|used| matches!(used, Use::Send(..))).filter(|_| !limited)
            {
                report(cx, client, send, what);
            }
        }
    });
}

enum Use {
    /// A limit is set or read, or a function gets the client, which may set one.
    Limit,
    /// This call sends this.
    Send(String, &'static str),
}

fn uses_of(cx: &Cx, kept: &[String]) -> Vec<(String, Use)> {
    let used = |id: ExprId| {
        let place = place_of(cx, id).filter(|place| kept.contains(place))?;
        let Some(Node::Expr(parent)) = cx.tree.parent(id) else { return None };
        let used = match cx.expr(parent) {
            Expr::Selector { name, .. } if matches!(cx.source(name), "Timeout" | "Transport") => Use::Limit,
            Expr::Call { fun, .. } if fun != id => Use::Limit,
            _ => unlimited(cx, id).map(|(send, what)| Use::Send(cx.source(send).to_owned(), what))?,
        };
        Some((place, used))
    };
    cx.tree.all_exprs().filter_map(|(id, _)| used(id)).collect()
}

/// The clients without limits that the piece puts into variables of the package and into fields, with their places.
fn kept_clients<'a>(cx: &Cx<'a>) -> Vec<(String, Config<'a>)> {
    let clients = cx.configs(CLIENT).into_iter().filter(|&client| !has_limit(cx, client));
    clients.filter_map(|client| Some((kept_place(cx, client)?, client))).collect()
}
