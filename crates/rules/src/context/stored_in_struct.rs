//! A long-lived struct keeps a `context.Context` in a field.
//!
//! A context belongs to one call: its deadline and cancellation are those of whoever made that call. Kept in a service
//! or client, one caller's cancelled context fails everybody's later calls, or a context that never ends hides every
//! caller's deadline. The package documentation of `context` says not to store contexts in struct types; take the
//! context as the first parameter of each method instead.
//!
//! Whether a value lives longer than one call shows in the flow of the program; until that is looked at, only types whose
//! names say that they serve many calls are reported.
//!
//! ```go bad
//! type Service struct {
//! 	ctx context.Context
//! #^^^^^^^^^^^^^^^^^^^ `Service` keeps `ctx` beyond the call it belongs to
//! 	db  *sql.DB
//! }
//! ```
//! ```go good
//! // One request is one call.
//! type loadRequest struct {
//! 	ctx context.Context
//! 	id  string
//! }
//!
//! // The life of the worker itself, ended by Stop.
//! type Worker struct {
//! 	ctx    context.Context
//! 	cancel context.CancelFunc
//! }
//!
//! // A context for the server's handler of one stream.
//! type tracedServer struct {
//! 	grpc.ServerStream
//! 	ctx context.Context
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::is_context;

pub static RULE: Rule = Rule {
    id: "context/stored-in-struct",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Cancellation, 3), (Concern::Api, 2), (Concern::Idiom, 1)],
    equivalents: &["containedctx"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Decl(&[DeclKind::Type], check)],
    file: file!(),
};

/// Last words of the names of types that serve many calls. Others may live as long as one call and are let through.
const LONG_LIVED: &[&str] = &[
    "app",
    "application",
    "backend",
    "broker",
    "bus",
    "cache",
    "client",
    "consumer",
    "controller",
    "dao",
    "database",
    "db",
    "dispatcher",
    "engine",
    "factory",
    "gateway",
    "handler",
    "listener",
    "manager",
    "pool",
    "poller",
    "processor",
    "producer",
    "provider",
    "proxy",
    "publisher",
    "registry",
    "repo",
    "repository",
    "resolver",
    "router",
    "runner",
    "scheduler",
    "server",
    "service",
    "storage",
    "store",
    "subscriber",
    "usecase",
    "watcher",
    "worker",
];

fn check(cx: &mut Cx, decl: DeclId) {
    let Decl::Type { name, ty, .. } = cx.decl(decl) else { return };
    let Expr::StructType { fields } = cx.expr(ty) else { return };
    let fields = cx.tree.fields(fields);
    let Some(&held) = fields.iter().find(|&&field| is_context(cx, field)) else { return };
    let Some(&field) = cx.exprs(cx.tree.field(held).names).first() else { return };
    // A type declared inside a function lives for that call.
    if cx.file.generated || cx.enclosing_decl(decl).is_some() {
        return;
    }
    cx.examined();
    if !is_long_lived(cx.source(name)) || fields.iter().any(|&field| ends_it(cx, field) || is_embedded(cx, field)) {
        return;
    }
    let message = format!("`{}` keeps `{}` beyond the call it belongs to", cx.source(name), cx.source(field));
    cx.report(held, message).note(
        "take the context as the first parameter of each method; for the life of a background task, keep its cancel \
         function beside it",
    );
}

/// Whether the field ends the stored context (a cancel function, by type or by name), or is a context for the whole life.
fn ends_it(cx: &Cx, field: FieldId) -> bool {
    let field = cx.tree.field(field);
    let named = |&name: &ExprId| {
        let name = cx.source(name).to_ascii_lowercase();
        ["cancel", "finish", "life", "quit", "shutdown", "stop", "test"].iter().any(|word| name.contains(word))
    };
    cx.denotes(field.ty, &["context.CancelFunc", "context.CancelCauseFunc"]) || cx.exprs(field.names).iter().any(named)
}

/// Whether the field is embedded: a type that wraps another's stream or call gives it a context that way.
fn is_embedded(cx: &Cx, field: FieldId) -> bool {
    cx.tree.field(field).names.is_empty()
}

fn is_long_lived(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    LONG_LIVED.iter().any(|word| name.ends_with(word))
}
