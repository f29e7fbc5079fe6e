//! An HTTP request is sent without any time limit.
//!
//! `http.Get` and its siblings use `http.DefaultClient`, whose `Timeout` is zero, which net/http documents as no
//! timeout; so is that of a literal `http.Client{}`. When the other side accepts the connection and then says nothing,
//! the goroutine waits for ever, and a slow dependency becomes an outage here. Give the client a `Timeout`, or the
//! request a context with a deadline.
//!
//! A client kept in a field or handed on, `http.DefaultClient.Do`, and requests whose context has no deadline come
//! with types and flow.
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
//! ```go good file=client_test.go
//! func TestGet(t *testing.T) {
//! 	http.Get("http://localhost")
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
    needs: Needs::Syntax,
    hooks: &[Hook::Expr(&[ExprKind::Call], call), Hook::Expr(&[ExprKind::Composite], literal)],
    file: file!(),
};

const TIMEOUT: &str = "Timeout: 10 * time.Second";
const WHY: &str = "a server that accepts the connection and never answers then holds this goroutine for ever";

fn call(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { base, name } = cx.expr(fun) else { return };
    if !sends_url(cx.source(name)) || !cx.qualified(fun).is_some_and(|name| name.path == "net/http") || cx.file.is_test() {
        return;
    }
    cx.examined();
    let client = format!("(&{}.Client{{{TIMEOUT}}})", cx.source(base));
    let edit = (cx.span(base), client);
    let message = format!("`{}` waits for the answer without any time limit", cx.source(fun));
    cx.report(fun, message).note(WHY).fix("Send it with a client that has a Timeout", [edit]).needing("time");
}

fn sends_url(name: &str) -> bool {
    matches!(name, "Get" | "Head" | "Post" | "PostForm")
}

fn literal(cx: &mut Cx, composite: ExprId) {
    if cx.literal_of(composite, "net/http.Client").is_none() || cx.file.is_test() {
        return;
    }
    let Some(client) = cx.kept_in(composite) else { return };
    let Def::Local(declaring) = cx.def(client) else { return };
    cx.examined();
    if cx.sets_any(composite, &["Timeout", "Transport"]) {
        return;
    }
    let names = cx.names;
    let Some((send, what)) = names.uses(declaring).find_map(|used| unlimited(cx, used)) else { return };
    let Expr::Composite { ty: Some(ty), .. } = cx.expr(composite) else { return };
    let edit = cx.with_field(composite, TIMEOUT);
    let message = format!("`{}` has no `Timeout`, and `{}` sends {what}", cx.source(client), cx.source(send));
    let at = cx.span(send);
    cx.report(ty, message)
        .note_at(at, "this waits for as long as the other side likes")
        .note(WHY)
        .fix("Set Timeout", [edit])
        .needing("time");
}

/// The method, if the client's name is used here to send a request that cannot have a deadline, and what it sends.
fn unlimited(cx: &Cx, client: ExprId) -> Option<(ExprId, &'static str)> {
    let Some(Node::Expr(fun)) = cx.tree.parent(client) else { return None };
    let Some(Node::Expr(call)) = cx.tree.parent(fun) else { return None };
    let (base, name, args) = cx.method_call(call)?;
    match (name, args) {
        ("Do", [request]) if base == client && !has_context(cx, *request) => Some((fun, "a request without a context")),
        (name, _) if base == client && sends_url(name) => Some((fun, "without a context")),
        _ => None,
    }
}

/// Whether a request may carry a deadline: all that `http.NewRequest` does not make in sight.
fn has_context(cx: &Cx, request: ExprId) -> bool {
    let made_here = cx.defining_call(request).is_some_and(|made| cx.calls(made, "net/http.NewRequest"));
    let Def::Local(declaring) = cx.def(request) else { return true };
    !made_here
        || cx.names.uses(declaring).any(|used| match cx.tree.parent(used) {
            Some(Node::Expr(parent)) => match cx.expr(parent) {
                Expr::Selector { name, .. } => matches!(cx.source(name), "WithContext" | "Clone"),
                _ => false,
            },
            _ => false,
        })
}
