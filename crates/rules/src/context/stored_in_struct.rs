//! A long-lived struct keeps a `context.Context` in a field.
//!
//! A context belongs to one call: its deadline and cancellation are those of whoever made that call. In a service or client that
//! serves many calls, one caller's canceled context makes everybody's later calls fail, or a context that never ends hides the
//! deadlines of all callers. The documentation of package `context` says not to store contexts in struct types; take the context
//! as the first parameter of each method instead.
//!
//! Whose context it is shows only where the struct is made, so the finding is a question. A struct that holds a pool, a client or
//! a server is taken for long-lived, and so is one whose name says that it serves many calls (`Service`, `Worker`).
//!
//! Limits: a struct whose fields and name do not show that it serves many calls is not reported, and neither is one that also
//! keeps the context's cancel function, whose field is named after the life of the whole (`doneCtx`, `baseCtx`) or has a
//! comment that says so, or that wraps
//! the stream or call of another package.
//!
//! ```go bad
//! type Service struct {
//! 	ctx context.Context
//! #^^^^^^^^^^^^^^^^^^^ `Service` keeps `ctx` for longer than one call
//! 	db  *sql.DB
//! }
//! ```
//! ```go good
//! type loadRequest struct { // one request is one call
//! 	ctx context.Context
//! 	id  string
//! }
//! ```
//! ```go good
//! type Worker struct {
//! 	ctx    context.Context // for the life of the worker itself, which Stop ends
//! 	cancel context.CancelFunc
//! 	db     *sql.DB
//! }
//! ```
//! ```go good
//! import "google.golang.org/grpc"
//!
//! type tracedServer struct {
//! 	grpc.ServerStream
//! 	ctx context.Context // what the handler of one stream gets
//! }
//! ```
//!
//! # Idiom
//!
//! A context belongs to one call, and a struct usually serves many. Methods take it as a parameter; `http.Request`, the known exception, is
//! one call itself.
//!
//! # References
//!
//! - [Go blog, "Contexts and structs"](https://go.dev/blog/context-and-structs)
use gopeer_lint::prelude::*;

use super::support::is_context;

pub static RULE: Rule = Rule {
    id: "context/stored-in-struct",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Cancellation, 3), (Concern::Api, 2), (Concern::Idiom, 1)],
    equivalents: &["containedctx"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Decl(&[DeclKind::Type], check)],
    examines: "structs that hold a context",
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
    if cx.enclosing_decl(decl).is_some() {
        return;
    }
    cx.examined();
    let holds_resource = fields.iter().any(|&field| cx.has_type(cx.tree.field(field).ty, RESOURCES));
    let is_long_lived = holds_resource || is_named_so(cx.source(name));
    if !is_long_lived
        || cx.is_said(held, LIFE)
        || fields.iter().any(|&field| ends_it(cx, field) || is_embedded(cx, field))
    {
        return;
    }
    let message = format!("`{}` keeps `{}` for longer than one call", cx.source(name), cx.source(field));
    cx.report(held, message)
        .note(
            "take the context as the first parameter of each method; for the life of a background task, keep only its \
             cancel function",
        )
        .question();
}

/// Words of a comment on the field that say whose life the context has.
const LIFE: &[&str] = &["close", "life", "shutdown", "until"];

/// Types of fields that are shared by many calls.
const RESOURCES: &[&str] = &[
    "database/sql.DB",
    "github.com/gocql/gocql.Session",
    "github.com/jackc/pgx/v5/pgxpool.Pool",
    "github.com/jmoiron/sqlx.DB",
    "github.com/redis/go-redis/v9.Client",
    "github.com/redis/go-redis/v9.UniversalClient",
    "github.com/segmentio/kafka-go.Reader",
    "github.com/segmentio/kafka-go.Writer",
    "go.mongodb.org/mongo-driver/mongo.Client",
    "google.golang.org/grpc.ClientConn",
    "google.golang.org/grpc.Server",
    "gorm.io/gorm.DB",
    "net/http.Client",
    "net/http.Server",
];

/// Whether the field ends the stored context (a cancel function, by type or by name), or is a context for the whole life.
fn ends_it(cx: &Cx, field: FieldId) -> bool {
    let field = cx.tree.field(field);
    let named = |&name: &ExprId| {
        let name = cx.source(name).to_ascii_lowercase();
        ["background", "base", "cancel", "done", "finish", "life", "quit", "root", "shutdown", "stop", "test"]
            .iter()
            .any(|word| name.contains(word))
    };
    cx.denotes(field.ty, &["context.CancelFunc", "context.CancelCauseFunc"]) || cx.exprs(field.names).iter().any(named)
}

/// Whether the field is embedded: a type that wraps another's stream or call gives it a context that way.
fn is_embedded(cx: &Cx, field: FieldId) -> bool {
    cx.tree.field(field).names.is_empty()
}

fn is_named_so(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    LONG_LIVED.iter().any(|word| name.ends_with(word))
}
