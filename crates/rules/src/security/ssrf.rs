//! Input from outside decides which host a request is sent to, or where a client is redirected.
//!
//! A service reaches what a stranger does not: `http://169.254.169.254/` gives the credentials of the machine in most clouds, and
//! `http://localhost:6060/debug/pprof` and other services behind the firewall answer without asking who calls. Look the target up in a
//! map of those that are allowed, or compare the host that `url.Parse` finds with a list. `url.Parse` alone refuses nothing.
//!
//! A redirect to an address of a stranger's choice begins with your own, so that it lends its name to whoever wants to imitate
//! the page for signing in. Redirect to paths of your own only: a path that begins with one `/`, and not with `//` or `/\`, which
//! browsers read as a host.
//!
//! Input is followed through variables, fields, closures and the functions of the package, as for `security/command-injection`.
//! A path or query after a fixed host is left alone. What is by its name or its comment a proxy, a relay or a tunnel is there to send
//! requests to hosts that its clients name, so the finding is low.
//!
//! Limits: whether a list of allowed hosts is right is not checked.
//!
//! ```go bad
//! func preview(w http.ResponseWriter, r *http.Request) {
//! 	resp, err := http.Get(r.FormValue("url"))
//! 	//                    ^^^^^^^^^^^^^^^^^^ contains a form value of the request, which decides the host for `http.Get`
//! 	if err != nil {
//! 		http.Error(w, "no preview", http.StatusBadGateway)
//! 		return
//! 	}
//! 	defer resp.Body.Close()
//! }
//! ```
//! ```go bad
//! func signIn(w http.ResponseWriter, r *http.Request) {
//! 	next := r.URL.Query().Get("next")
//! 	http.Redirect(w, r, next, http.StatusFound)
//! 	//                  ^^^^ medium: `next` contains a query parameter of the request, which decides where the client is redirected
//! }
//! ```
//! ```go good
//! var feeds = map[string]string{"news": "https://news.example.com/feed", "blog": "https://blog.example.com/feed"}
//!
//! func preview(w http.ResponseWriter, r *http.Request) {
//! 	feed, ok := feeds[r.FormValue("feed")] // one of ours
//! 	if !ok {
//! 		http.NotFound(w, r)
//! 		return
//! 	}
//! 	resp, err := http.Get(feed + "?page=" + url.QueryEscape(r.FormValue("page")))
//! 	if err != nil {
//! 		http.Error(w, "no preview", http.StatusBadGateway)
//! 		return
//! 	}
//! 	defer resp.Body.Close()
//! }
//!
//! func signIn(w http.ResponseWriter, r *http.Request) {
//! 	next := r.URL.Query().Get("next")
//! 	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
//! 		next = "/"
//! 	}
//! 	http.Redirect(w, r, next, http.StatusFound)
//! }
//! ```
//!
//! # Impact
//!
//! A stranger borrows the service's place in the network: the cloud's metadata address hands out credentials, internal
//! services answer without asking. Egress logs show requests to `169.254.169.254` or to private addresses; the response
//! may go back to the attacker. A test passes the address of a local server and expects a refusal.
//!
//! # Verify
//!
//! - `curl -s 'http://localhost:8080/PATH?url=http://169.254.169.254/latest/meta-data/'`: has to be refused, and
//!   redirects and DNS names that resolve there as well
//! - `go test -run {test} {package}`: with `http://127.0.0.1:1`, `http://[::1]` and a host that redirects to them
//!
//! # Options
//!
//! - Choose the target from a map of allowed hosts: complete, for a known set of partners
//!   - senior, data, backend: what can be called is a list
//! - Check the address in the dialer's `Control` function: for arbitrary hosts, after name resolution, so that DNS
//!   cannot cheat
//!   - throughput: no second lookup
//! - Send outgoing requests through a proxy with a policy: the network enforces it for every service
//!   - cloud-native: code cannot forget it
//!
//! # References
//!
//! - [OWASP, "Server-Side Request Forgery Prevention Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html)
//! - [Package net, Dialer](https://pkg.go.dev/net#Dialer)
use gopeer_lint::prelude::*;

use super::tainted::named;

pub static RULE: Rule = Rule {
    id: "security/ssrf",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G107", "gosec:G704", "gosec:G710", "semgrep:tainted-url-host", "semgrep:open-redirect"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "addresses of requests and redirects",
};

fn check(cx: &mut Cx) {
    for taint in cx.taints(Kinds::URL.or(Kinds::REDIRECT)) {
        if taint.kind == Kinds::URL && cx.package_finds(checks_addresses) == Some(true) {
            continue;
        }
        let (name, place, origin) = (named(cx, &taint), taint.place(), taint.origin());
        let cause = crate::cause::in_function(cx, taint.at);
        if taint.kind == Kinds::URL {
            let sink = &taint.sink;
            // Who may call a gRPC service is mostly a service as well, or an operator who names a peer.
            let severity = match &*taint.class {
                _ if is_proxy(cx, &taint) => Severity::Low,
                "rpc" => Severity::Medium,
                _ => Severity::High,
            };
            cx.report(taint.at, format!("{name} contains {origin}, which decides the host for `{sink}`{place}"))
                .severity(severity)
                .steps(taint.steps)
                .one_cause(cause)
                .note("compare its host with an allow-list; where any host may be named, refuse private addresses when dialing");
        } else {
            cx.report(
                taint.at,
                format!("{name} contains {origin}, which decides where the client is redirected{place}"),
            )
            .severity(Severity::Medium)
            .steps(taint.steps)
            .one_cause(cause + " redirect")
            .note("accept paths of your own only: they begin with `/`, and what follows is neither `/` nor `\\`");
        }
    }
}

/// Whether it is what the code is for that its client names a host: by what is called and given, or by the comment of the function.
fn is_proxy(cx: &Cx, taint: &Taint) -> bool {
    const NAMES: &[&str] = &["forward", "forwarder", "proxies", "proxy", "relay", "tunnel", "upstream", "upstreams"];
    const SAYS: &[&str] = &["proxy", "relay", "tunnel"];
    let says = |text: &str, list: &[&str]| words(text).iter().any(|word| list.contains(&word.as_str()));
    let is_said = |decl| {
        let mut comments = cx.doc_comment(decl).iter().map(|comment| comment.body(cx.tree.text()));
        comments.any(|comment| says(comment, SAYS))
    };
    let within = taint.within.as_ref().map(ToString::to_string).unwrap_or_default();
    let names = cx.names_around(taint.at).into_iter().chain([cx.source(taint.at), &*within]);
    names.chain(taint.fields.iter().map(|field| &**field)).any(|name| says(name, NAMES))
        || cx.enclosing_decl(taint.at).is_some_and(is_said)
}

/// Where a function gives a dialer something that looks at each address before a connection is made.
fn checks_addresses(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    match cx.within(decl, true, is_control).first() {
        Some(&Node::Expr(control)) => Some(control),
        _ => None,
    }
}

/// `net.Dialer{Control: …}`, and `dialer.Control = …`.
fn is_control(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    let is_named = |name: ExprId| matches!(cx.source(name), "Control" | "ControlContext");
    let of_dialer = |id: ExprId| cx.has_type(id, &["net.Dialer"]);
    match cx.expr(id) {
        Expr::Selector { base, name } => is_named(name) && of_dialer(base),
        Expr::Composite { elems, .. } => {
            let sets = |&elem: &ExprId| matches!(cx.expr(elem), Expr::KeyValue { key, .. } if is_named(key));
            of_dialer(id) && cx.exprs(elems).iter().any(sets)
        }
        _ => false,
    }
}
