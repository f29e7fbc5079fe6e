//! An HTTP request is sent without any time limit.
//!
//! `http.Get` and its siblings use `http.DefaultClient`, whose `Timeout` is zero, which net/http documents as no
//! timeout; so is that of a literal `http.Client{}`. When the other side accepts the connection and then says nothing,
//! the goroutine waits for ever, and a slow dependency becomes an outage here. Give the client a `Timeout`, or the
//! request a context with a deadline.
//!
//! Looked at are clients in locals and in variables of the package that send in the same file. Those kept in a field or
//! handed on, `http.DefaultClient.Do`, and requests whose context has no deadline are not looked at yet.
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
//! 	patient.Timeout = time.Minute
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
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], call), Hook::Expr(&[ExprKind::Composite], local), Hook::File(package)],
    file: file!(),
};

const TIMEOUT: &str = "Timeout: 10 * time.Second";
const WHY: &str = "a server that accepts the connection and never answers then holds this goroutine for ever";

fn call(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { base, name } = cx.expr(fun) else { return };
    if !sends_url(cx.source(name)) || !cx.object(fun).is_some_and(|function| function.is_of_package("net/http")) {
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

/// A client in a local.
fn local(cx: &mut Cx, composite: ExprId) {
    if cx.literal_of(composite, "net/http.Client").is_none() {
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
    let message = format!("`{}` has no `Timeout`, and `{}` sends {what}", cx.source(client), cx.source(send));
    let at = cx.span(send);
    report(cx, composite, message).note_at(at, "this waits for as long as the other side likes");
}

fn report<'c>(cx: &'c mut Cx, composite: ExprId, message: String) -> Report<'c> {
    let at = match cx.expr(composite) {
        Expr::Composite { ty: Some(ty), .. } => ty,
        _ => composite,
    };
    let edit = cx.with_field(composite, TIMEOUT);
    cx.report(at, message).note(WHY).fix("Set Timeout", [edit]).needing("time")
}

/// Clients in variables of the package: what the file does with them is in other pieces.
fn package(cx: &mut FileCx) {
    let mut kept: Vec<String> = Vec::new();
    cx.each_piece(|cx| kept.extend(package_clients(cx).into_iter().map(|(name, _)| name.to_owned())));
    if kept.is_empty() {
        return;
    }
    let mut uses: Vec<(String, Use)> = Vec::new();
    cx.each_piece(|cx| uses.extend(uses_of(cx, &kept)));
    cx.each_piece(|cx| {
        for (name, composite) in package_clients(cx) {
            cx.examined();
            let mut mine = uses.iter().filter(|(client, _)| client == name).map(|(_, used)| used);
            let limited = mine.clone().any(|used| matches!(used, Use::Limit));
            if let Some(Use::Send(what)) = mine.find(|used| matches!(used, Use::Send(_))).filter(|_| !limited) {
                report(cx, composite, format!("`{name}` has no `Timeout`, and {what}"));
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
            Expr::Selector { name, .. } if matches!(cx.source(name), "Timeout" | "Transport") => Some(Use::Limit),
            _ => unlimited(cx, id).map(|(send, what)| Use::Send(format!("`{}` sends {what}", cx.source(send)))),
        }
    };
    idents.filter(|&id| is_client(id)).filter_map(|id| Some((cx.source(id).to_owned(), used(id)?))).collect()
}

/// The variables of the package that a piece declares with a client without limits, and the literals.
fn package_clients<'a>(cx: &Cx<'a>) -> Vec<(&'a str, ExprId)> {
    let tree = cx.tree;
    let top = tree.roots().iter().flat_map(|&root| match tree.decl(root) {
        Decl::Group { kind: GroupKind::Var, specs, .. } => tree.decls(specs),
        _ => &[],
    });
    let values = top.flat_map(|&spec| match tree.decl(spec) {
        Decl::Value { values, .. } => tree.exprs(values),
        _ => &[],
    });
    let literals = values.map(|&value| match cx.expr(cx.unparen(value)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => operand,
        _ => cx.unparen(value),
    });
    literals
        .filter(|&literal| cx.literal_of(literal, "net/http.Client").is_some())
        .filter(|&literal| !cx.sets_any(literal, &["Timeout", "Transport"]))
        .filter_map(|literal| Some((cx.source(cx.kept_in(literal)?), literal)))
        .collect()
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
    let made_here = cx.defining_call(request).is_some_and(|made| cx.calls(made, &["net/http.NewRequest"]));
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
