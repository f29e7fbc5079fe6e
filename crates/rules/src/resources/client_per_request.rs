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
use gopeer_lint::Caller;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resources/client-per-request",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Latency, 3), (Concern::Leak, 2), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("client", check)],
    file: file!(),
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
    let what = if caller == Caller::Queue { "message" } else { "request" };
    let name = cx.func_in_words_of(func);
    cx.report(call.fun, format!("{name} makes a client with its own connections for each {what}"))
        .note(
            "no connection is reused: each call pays for connecting and authenticating, and under load the server runs out of \
             connections, for all its users",
        )
        .note("make it once, in `main` or a constructor, and pass it in");
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
