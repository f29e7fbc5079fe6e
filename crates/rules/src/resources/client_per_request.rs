//! A client with a pool of connections is made for each request or message.
//!
//! Each has its own pool: nothing is reused, each request pays for connections, TLS and authentication, and the server on the other side
//! runs out of connections under load ("too many clients already"). Where it is not closed, its goroutines stay as well. Make it once, in
//! `main` or in a constructor.
//!
//! Limits: what a handler or a callback for messages makes, also through functions of the package. Clients for an address that the
//! request names are left alone.
//!
//! ```go bad
//! func list(w http.ResponseWriter, r *http.Request) {
//! 	db, err := sql.Open("postgres", "postgres://localhost/shop")
//! 	//         ^^^^^^^^ `list` makes a client with its own connections for each request
//! 	if err != nil {
//! 		http.Error(w, "database", http.StatusInternalServerError)
//! 		return
//! 	}
//! 	defer db.Close()
//! 	serve(w, db)
//! }
//! ```
//! ```go good
//! type server struct{ db *sql.DB }
//!
//! func newServer() (*server, error) {
//! 	db, err := sql.Open("postgres", "postgres://localhost/shop") // once
//! 	return &server{db: db}, err
//! }
//!
//! func (s *server) list(w http.ResponseWriter, r *http.Request) { serve(w, s.db) }
//! ```
//!
//! # Impact
//!
//! Each request opens connections, authenticates and, with TLS, does a handshake: tens of milliseconds and a file
//! descriptor, of which nothing is reused. The other side refuses first, with "too many clients already" or a full
//! connection table; here, sockets in TIME_WAIT pile up. Under a load test latency does not improve with warm-up.
//!
//! # Verify
//!
//! - `ss -tan state time-wait | wc -l`: during a load test; with a shared client it stays near the number of
//!   connections
//! - `psql -c "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user"`: for PostgreSQL, must stay at the
//!   size of the pool
//! - `go test -run none -bench {test} -benchmem {package}`: before and after, compared with `benchstat`
//!
//! # Options
//!
//! - Make it in `main` and pass it down: one pool that can be sized, closed and faked
//!   - senior, backend, cloud-native, data: its life is that of the process
//! - Keep it in a package variable with `sync.OnceValue`: no signature changes, and tests share it
//!   - throughput: where plumbing it through is a change of its own
//!
//! # References
//!
//! - [Managing connections](https://go.dev/doc/database/manage-connections)
//! - [Package net/http, Client](https://pkg.go.dev/net/http#Client)
use gopeer_lint::prelude::*;
use gopeer_lint::{Caller, Step};

pub static RULE: Rule = Rule {
    id: "resources/client-per-request",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Latency, 3), (Concern::Leak, 2), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("client", check), Hook::Func(check_helpers)],
    examines: "clients",
};

fn check(cx: &mut Cx, client: &Resource) {
    cx.examined();
    let call = client.call;
    let Some((func, caller)) = cx.handler(call.expr) else { return };
    let once = |cx: &Cx, node: Node| matches!(node, Node::Expr(call) if cx.runs_once(call));
    if !client.sure || cx.around(call.expr, once).is_some() || is_kept(cx, client) || is_asked_for(cx, func, call) {
        return;
    }
    let name = cx.func_in_words_of(func);
    report(cx, call.fun, &name, caller);
}

/// Functions that a handler calls, each of which makes a client and closes it.
fn check_helpers(cx: &mut Cx, func: Func) {
    let Some(caller) = cx.caller(func) else { return };
    let calls = cx.calls_within(func.body, false);
    let helper = |&node: &Node| match node {
        Node::Expr(call) => {
            let call = cx.call(call)?;
            Some((call, cx.find_within(call, made_and_closed, 0)?))
        }
        _ => None,
    };
    let Some((call, (helper, at))) = calls.iter().take(64).find_map(helper) else { return };
    report(cx, call.fun, &format!("`{helper}`"), caller).steps([Step::within(
        helper,
        at,
        "this is closed when the function returns",
    )]);
}

/// The client that a function makes and closes each time; one of some addresses of the configuration is as good as one.
fn made_and_closed(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into())?;
    let closes: Vec<&str> = cx.defers(func.body).iter().map(|&node| cx.source(node)).collect();
    if closes.is_empty() || cx.caller(func).is_some() {
        return None;
    }
    let is_made = |&node: &Node| match node {
        Node::Expr(id) => {
            let client = cx.acquired(id).filter(|client| client.sure && client.kind == "client")?;
            let name = cx.source(cx.first_target(id)?);
            let is_closed = closes.contains(&&*format!("defer {name}.Close()"));
            let looked_up = client.call.args.iter().any(|&arg| is_looked_up(cx, arg));
            (is_closed && (looked_up || !is_asked_for(cx, func, client.call))).then_some(id)
        }
        _ => None,
    };
    cx.calls_within(func.body, false).iter().take(64).find_map(is_made)
}

/// Whether a value was looked up in a map.
fn is_looked_up(cx: &Cx, value: ExprId) -> bool {
    let looked = cx.origin(value).map(|(value, _)| cx.expr(cx.unparen(value)));
    matches!(looked, Some(Expr::Index { base, .. }) if matches!(cx.under(base), Type::Map { .. }))
}

fn report<'c>(cx: &'c mut Cx, at: ExprId, name: &str, caller: Caller) -> Report<'c> {
    let what = if caller == Caller::Queue { "message" } else { "request" };
    cx.report(at, format!("{name} makes a client with its own connections for each {what}"))
        .note(
            "no connection is reused: each call pays for connecting and authenticating, and under load the server can run out of \
             connections",
        )
        .note("make it once, in `main` or a constructor, and pass it in")
}

/// Whether the client is kept for later: in a field, a map or a variable of the package.
fn is_kept(cx: &Cx, client: &Resource) -> bool {
    let Some(target) = cx.kept_in(client.call.expr) else { return false };
    let Def::Local(declared) = cx.def(cx.unparen(target)) else { return true };
    cx.names.uses(declared).take(64).any(|used| match cx.tree.parent(used) {
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, rhs, .. } => {
                cx.exprs(rhs).contains(&used)
                    && cx.exprs(lhs).iter().any(|&target| !matches!(cx.def(target), Def::Local(_)))
            }
            _ => false,
        },
        _ => false,
    })
}

/// Whether the request says what to connect to: the client is made of what the handler is given.
fn is_asked_for(cx: &Cx, func: Func, call: Call) -> bool {
    let Expr::FuncType { params, .. } = cx.expr(func.ty) else { return false };
    let given = cx
        .params(params)
        .into_iter()
        .filter_map(|(name, _)| name)
        .filter(|&name| !cx.has_type(name, &["context.Context"]));
    cx.made_of(func, given.collect()).is_given_to(call.expr)
}
