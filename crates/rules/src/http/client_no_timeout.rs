//! An HTTP request is sent without any time limit.
//!
//! `http.Get` and its siblings use `http.DefaultClient`, whose `Timeout` is zero, and net/http documents zero as no
//! timeout; a literal `http.Client{}` has none either. When the other side accepts the connection and then says nothing,
//! the goroutine waits forever, and a slow dependency becomes an outage here. Give the client a `Timeout`, or the
//! request a context with a deadline.
//!
//! Limits: a client is judged only where it is kept in a local or in a variable of the package and sends in the same file.
//! One in a field, one that other code gets hold of, `http.DefaultClient.Do`, and a request whose context has no deadline
//! are not reported.
//!
//! ```go bad
//! func fetch(url string) (*http.Response, error) {
//! 	return http.Get(url)
//! 	//     ^^^^^^^^ `http.Get` waits for the answer without any time limit
//! }
//! ```
//! ```diff fixed
//! -	return http.Get(url)
//! +	return (&http.Client{Timeout: 10 * time.Second}).Get(url)
//! ```
//! ```go bad
//! func send(url string) error {
//! 	client := &http.Client{}
//! 	//         ^^^^^^^^^^^ `client` has no `Timeout`, and `client.Do` sends a request without a context
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
//! var client = http.Client{}
//! //           ^^^^^^^^^^^ `client` has no `Timeout`, and `client.Get` sends without a context
//!
//! func ping(url string) (*http.Response, error) {
//! 	return client.Get(url)
//! }
//! ```
//! ```diff fixed
//! -var client = http.Client{}
//! +var client = http.Client{Timeout: 10 * time.Second}
//! ```
//! ```go good
//! var patient = http.Client{}
//!
//! func init() {
//! 	patient.Timeout = time.Minute // set before anybody sends
//! }
//!
//! func ping(url string) (*http.Response, error) {
//! 	return patient.Get(url)
//! }
//! ```
//! ```go good
//! func send(ctx context.Context, url string) error {
//! 	client := &http.Client{}
//! 	ctx, cancel := context.WithTimeout(ctx, time.Second)
//! 	defer cancel()
//! 	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil) // carries the limit
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
//! func stream(url string, phases *http.Transport) (*http.Response, error) {
//! 	client := &http.Client{Transport: phases} // limits each phase, the body may take its time
//! 	return client.Get(url)
//! }
//! ```
//! ```go good
//! func fetch(url string) (*http.Response, error) {
//! 	client := &http.Client{}
//! 	limit(client) // may set Timeout
//! 	return client.Get(url)
//! }
//! func limit(client *http.Client) { client.Timeout = time.Minute }
//! ```
//! ```go good file=client_test.go
//! func TestGet(t *testing.T) {
//! 	http.Get("http://localhost") // go test has a limit of its own
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "http/client-no-timeout",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Leak, 2), (Concern::Cancellation, 2)],
    equivalents: &["noctx"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Call(DEFAULT_SENDS, check_default), Hook::Config(CLIENT, check_local), Hook::File(check_package)],
    file: file!(),
};

const CLIENT: &[&str] = &["net/http.Client"];
/// What sends with `http.DefaultClient`.
const DEFAULT_SENDS: &[&str] = &["net/http.Get", "net/http.Head", "net/http.Post", "net/http.PostForm"];
/// What sends a request that has no context.
const SENDS: &[&str] =
    &["net/http.Client.Get", "net/http.Client.Head", "net/http.Client.Post", "net/http.Client.PostForm"];
/// The settings that limit a request, in whole or by its phases.
const LIMITS: &[&str] = &["Timeout", "Transport"];

const WHY: &str = "a server that accepts the connection and never answers then holds this goroutine for ever";

fn check_default(cx: &mut Cx, call: Call) {
    let Expr::Selector { base: package, .. } = cx.expr(call.fun) else { return };
    cx.examined();
    let client = format!("(&{}.Client{{Timeout: 10 * time.Second}})", cx.source(package));
    let edit = (cx.span(package), client);
    let message = format!("`{}` waits for the answer without any time limit", cx.source(call.fun));
    cx.report(call.fun, message).note(WHY).fix("Send it with a client that has a Timeout", [edit]).needing("time");
}

fn check_local(cx: &mut Cx, client: Config) {
    let Some(Def::Local(declaring)) = cx.keeper(client).map(|kept| cx.def(kept)) else { return };
    cx.examined();
    if cx.may_set(client, LIMITS) {
        return;
    }
    let names = cx.names;
    let Some((send, what)) = names.uses(declaring).find_map(|used| unlimited(cx, used)) else { return };
    let (at, what) = (cx.span(send), format!("`{}` sends {what}", cx.source(send)));
    report(cx, client, what).note_at(at, "this waits for as long as the other side likes");
}

fn report<'c>(cx: &'c mut Cx, client: Config, sends: String) -> Report<'c> {
    let name = cx.keeper(client).map_or("", |kept| cx.source(kept));
    let edit = cx.with_setting(client, "Timeout", "10 * time.Second");
    let report = cx.report(cx.head(client), format!("`{name}` has no `Timeout`, and {sends}")).note(WHY);
    report.fix("Set Timeout", edit).needing("time")
}

/// Clients in variables of the package: what the file does with them is in other pieces.
fn check_package(cx: &mut FileCx) {
    if !cx.file.scope.imports("net/http") && !cx.file.scope.is_fragment() {
        return;
    }
    let mut kept: Vec<String> = Vec::new();
    cx.each_piece(|cx| kept.extend(package_clients(cx).into_iter().map(|(name, _)| name.to_owned())));
    if kept.is_empty() {
        return;
    }
    let mut uses: Vec<(String, Use)> = Vec::new();
    cx.each_piece(|cx| uses.extend(uses_of(cx, &kept)));
    cx.each_piece(|cx| {
        for (name, client) in package_clients(cx) {
            cx.examined();
            let mut mine = uses.iter().filter(|(client, _)| client == name).map(|(_, used)| used);
            let limited = mine.clone().any(|used| matches!(used, Use::Limit));
            if let Some(Use::Send(what)) = mine.find(|used| matches!(used, Use::Send(_))).filter(|_| !limited) {
                report(cx, client, what.clone());
            }
        }
    });
}

enum Use {
    /// A limit is set, or read.
    Limit,
    /// A request is sent, as the message says it.
    Send(String),
}

fn uses_of(cx: &Cx, clients: &[String]) -> Vec<(String, Use)> {
    let is_client =
        |id: ExprId| matches!(cx.def(id), Def::Package(_)) && clients.iter().any(|name| name == cx.source(id));
    let idents = cx.tree.all_exprs().filter(|(_, expr)| *expr == Expr::Ident).map(|(id, _)| id);
    let used = |id: ExprId| {
        let Some(Node::Expr(parent)) = cx.tree.parent(id) else { return None };
        match cx.expr(parent) {
            Expr::Selector { name, .. } if LIMITS.contains(&cx.source(name)) => Some(Use::Limit),
            _ => unlimited(cx, id).map(|(send, what)| Use::Send(format!("`{}` sends {what}", cx.source(send)))),
        }
    };
    idents.filter(|&id| is_client(id)).filter_map(|id| Some((cx.source(id).to_owned(), used(id)?))).collect()
}

/// The variables of the package that a piece declares with a client without limits.
fn package_clients<'a>(cx: &Cx<'a>) -> Vec<(&'a str, Config<'a>)> {
    let clients = cx.configs(CLIENT).into_iter().filter(|&client| !cx.may_set(client, LIMITS));
    let of_package = |client| cx.keeper(client).filter(|&kept| matches!(cx.def(kept), Def::Package(_)));
    clients.filter_map(|client| Some((cx.source(of_package(client)?), client))).collect()
}

/// The method, if the client's name is used here to send a request that cannot have a deadline, and what it sends.
fn unlimited(cx: &Cx, client: ExprId) -> Option<(ExprId, &'static str)> {
    let Some(Node::Expr(fun)) = cx.tree.parent(client) else { return None };
    let Some(Node::Expr(call)) = cx.tree.parent(fun) else { return None };
    let call = cx.call(call).filter(|call| call.receiver == Some(client))?;
    if call.callee.is(SENDS) {
        return Some((fun, "without a context"));
    }
    let does = call.callee.is(&["net/http.Client.Do"]) && call.args.iter().all(|&request| !has_context(cx, request));
    does.then_some((fun, "a request without a context"))
}

/// Whether a request may carry a deadline: all that `http.NewRequest` does not make in sight.
fn has_context(cx: &Cx, request: ExprId) -> bool {
    let made_here = cx.defining_call(request).is_some_and(|made| cx.calls(made, &["net/http.NewRequest"]));
    let Def::Local(declaring) = cx.def(request) else { return true };
    let gets_context = |used| match cx.tree.parent(used) {
        Some(Node::Expr(call)) => match cx.expr(call) {
            Expr::Selector { name, .. } => matches!(cx.source(name), "WithContext" | "Clone"),
            _ => false,
        },
        _ => false,
    };
    !made_here || cx.names.uses(declaring).any(gets_context)
}
