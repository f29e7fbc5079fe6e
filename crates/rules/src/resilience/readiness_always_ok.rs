//! A readiness endpoint answers that all is well without looking.
//!
//! An orchestrator asks it before it sends requests to an instance. Where the handler only writes a status, an instance that cannot reach
//! its database gets its share of the requests, and fails each of them, while another could answer. Ask what every request needs, with a
//! short time limit and a result that is kept for a second; or register the route as liveness, which asks whether the process runs.
//!
//! Limits: handlers of the package, for paths that end in `ready`, `readyz` or `readiness`, in a package that uses a database.
//! Where all instances share one database, taking all of them out of service at once may be worse, so the finding is a question.
//!
//! ```go bad
//! func routes(mux *http.ServeMux, db *sql.DB) {
//! 	mux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
//! 		//            ^^^^^^^^^ `/readyz` always says that the service is ready
//! 		w.WriteHeader(http.StatusOK)
//! 	})
//! 	mux.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
//! 		if _, err := db.ExecContext(r.Context(), "INSERT INTO orders (id) VALUES ($1)", r.FormValue("id")); err != nil {
//! 			http.Error(w, "try again", http.StatusInternalServerError)
//! 		}
//! 	})
//! }
//! ```
//! ```go good
//! func routes(mux *http.ServeMux, db *sql.DB) {
//! 	mux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
//! 		if err := db.PingContext(r.Context()); err != nil { // it looks
//! 			w.WriteHeader(http.StatusServiceUnavailable)
//! 		}
//! 	})
//! 	mux.HandleFunc("/livez", func(w http.ResponseWriter, r *http.Request) {
//! 		w.WriteHeader(http.StatusOK) // the process runs, which is all that is asked
//! 	})
//! }
//! ```
//!
//! # Verify
//!
//! - `curl -i http://localhost:8080/readyz`: with the database stopped, the status should not be 200
//!
//! # References
//!
//! - [Kubernetes, "Liveness, Readiness, and Startup
//!   Probes"](https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/readiness-always-ok",
    severity: Severity::Low,
    confidence: Confidence::Low,
    concerns: &[(Concern::Availability, 2), (Concern::Operability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["net/http.HandleFunc", "net/http.ServeMux.HandleFunc"], check)],
    file: file!(),
    examines: "readiness endpoints",
};

fn check(cx: &mut Cx, route: Call) {
    let &[pattern, handler] = route.args else { return };
    let Some(path) = cx.string_value(pattern) else { return };
    let is_readiness = matches!(path.rsplit('/').next(), Some("ready" | "readyz" | "readiness"));
    if !is_readiness {
        return;
    }
    cx.examined();
    let only_answers = match cx.as_func(Node::Expr(cx.unparen(handler))) {
        Some(func) => answers_only(cx, func),
        None => cx.object(handler).is_some_and(|callee| {
            let call = Call { expr: handler, fun: handler, name: handler, receiver: None, callee, args: &[] };
            cx.find_within(call, writer_of, 0).is_some()
        }),
    };
    if !only_answers || cx.package_finds(uses_database) != Some(true) {
        return;
    }
    let path = path.rsplit(' ').next().unwrap_or_default();
    cx.report(pattern, format!("`{path}` always says that the service is ready"))
        .note("an instance that cannot reach its database then gets its share of the requests, and fails them");
}

/// Whether a handler does nothing but write an answer.
fn answers_only(cx: &Cx, func: Func) -> bool {
    let Some(writer) = cx.param_at(func, 0) else { return false };
    !cx.any(func.body, true, |node| match node {
        Node::Stmt(stmt) => matches!(cx.stmt(stmt), Stmt::If { .. } | Stmt::Switch { .. } | Stmt::Select { .. }),
        Node::Expr(call) => matches!(cx.expr(call), Expr::Call { .. }) && !cx.mentions(call, writer),
        _ => false,
    })
}

/// The parameter that a function answers with, where it does nothing else.
fn writer_of(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into())?;
    cx.param_at(func, 0).filter(|_| answers_only(cx, func))
}

/// The first call in a function that asks a database or writes to it.
fn uses_database(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let asks = Effects::QUERY.and(Effects::WRITE).and(Effects::LOOKUP);
    let calls = cx.calls_within(decl, true);
    calls.iter().take(64).find_map(|&node| match node {
        Node::Expr(call) if cx.effects(call).has(asks) => Some(call),
        _ => None,
    })
}
