//! A unit test connects to a real server.
//!
//! A database, broker or address that is written into a test has to be up on every machine that runs `go test ./...`: the test
//! fails on a fresh checkout and in CI, and two runs at the same time disturb each other. Start the server from the test
//! (testcontainers, miniredis, `httptest`), or keep such tests behind a build tag or `testing.Short`.
//!
//! Limits: the address must be a constant. Not reported are files with a build constraint, files that skip, ask for
//! `testing.Short` or look at the environment, files in which something listens or is started, and files whose name says
//! `integration` or `e2e`.
//!
//! ```go bad file=store_test.go
//! package store
//! import "database/sql"
//! import "testing"
//! const dsn = "postgres://app@localhost:5432/app?sslmode=disable"
//! func TestSave(t *testing.T) {
//! 	db, err := sql.Open("pgx", dsn)
//! 	//         ^^^^^^^^ this test needs a real database
//! 	if err != nil {
//! 		t.Fatal(err)
//! 	}
//! 	save(t, db)
//! }
//! func save(t *testing.T, db *sql.DB) {}
//! ```
//! ```go bad file=cache_test.go
//! package cache
//! import "testing"
//! import "net/http"
//! import "github.com/redis/go-redis/v9"
//! func TestGet(t *testing.T) {
//! 	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
//! 	//                                             ^^^^^^^^^^^^^^^^ this test needs a real Redis
//! 	t.Log(client, http.DefaultClient)
//! }
//! ```
//! ```go good file=store_test.go
//! package store
//! import "database/sql"
//! import "testing"
//! func TestSave(t *testing.T) {
//! 	if testing.Short() { // runs only where somebody asks for it
//! 		t.Skip("needs PostgreSQL")
//! 	}
//! 	db, err := sql.Open("pgx", "postgres://app@localhost:5432/app")
//! 	t.Log(db, err)
//! }
//! ```
//! ```go good file=memory_test.go
//! package store
//! import "database/sql"
//! import "testing"
//! func TestMemory(t *testing.T) {
//! 	db, err := sql.Open("sqlite3", "file::memory:?cache=shared") // a database in the process
//! 	t.Log(db, err)
//! }
//! ```
//! ```go good file=integration/store_test.go
//! // The folder says what the tests need.
//! package integration
//! import "database/sql"
//! import "testing"
//! func TestSave(t *testing.T) {
//! 	db, err := sql.Open("pgx", "postgres://app@localhost:5432/app")
//! 	t.Log(db, err)
//! }
//! ```
//!
//! # Verify
//!
//! - `go test -short {package}`: on a machine without the server, has to pass or to skip
//!
//! # Options
//!
//! - Start it from the test with testcontainers: the real protocol, seconds per run and a container runtime
//!   - data, backend, cloud-native: a fake does not know isolation levels
//! - Fake the interface: fast, and only as right as the fake
//!   - senior, throughput: most tests need behavior, not a server
//!
//! # References
//!
//! - [Testcontainers for Go](https://golang.testcontainers.org/)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "testing/real-dependency",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3), (Concern::Correctness, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Tests,
    hooks: &[Hook::File(check)],
    examines: "tests that could dial",
};

/// What connects, by which argument holds the address, and to what.
const DIALS: &[(&str, usize, &str)] = &[
    ("database/sql.Open", 1, "database"),
    ("github.com/jmoiron/sqlx.Open", 1, "database"),
    ("github.com/jmoiron/sqlx.Connect", 1, "database"),
    ("github.com/jmoiron/sqlx.MustConnect", 1, "database"),
    ("github.com/jackc/pgx/v5.Connect", 1, "database"),
    ("github.com/jackc/pgx/v5/pgxpool.New", 1, "database"),
    ("github.com/gocql/gocql.NewCluster", 0, "database"),
    ("github.com/rabbitmq/amqp091-go.Dial", 0, "broker"),
    ("github.com/nats-io/nats.go.Connect", 0, "broker"),
    ("github.com/segmentio/kafka-go.Dial", 1, "broker"),
    ("github.com/IBM/sarama.NewClient", 0, "broker"),
    ("github.com/IBM/sarama.NewConsumer", 0, "broker"),
    ("github.com/IBM/sarama.NewSyncProducer", 0, "broker"),
    ("gorm.io/driver/mysql.Open", 0, "database"),
    ("gorm.io/driver/postgres.Open", 0, "database"),
];

const REDIS: &[&str] = &[
    "github.com/redis/go-redis/v9.Options",
    "github.com/go-redis/redis/v8.Options",
    "github.com/go-redis/redis.Options",
];

fn check(file: &mut FileCx) {
    let info = file.file;
    let name = info.name.to_ascii_lowercase();
    let named = ["integration", "e2e", "functional", "example"].iter().any(|word| name.contains(word));
    if !name.ends_with("_test.go") || info.generated || named {
        return;
    }
    let starts = ["testcontainers", "dockertest", "miniredis", "sqlmock", "httpmock", "gock", "embedded", "os/exec"];
    if info.scope.imports.iter().any(|import| starts.iter().any(|word| import.path.contains(word))) {
        return;
    }
    let mut guarded = false;
    file.each_piece(|cx| guarded = guarded || is_guarded(cx));
    if !guarded {
        file.each_piece(dials);
    }
}

/// Whether a piece says that the tests run only somewhere, or starts what they need.
fn is_guarded(cx: &mut Cx) -> bool {
    let text = cx.tree.text();
    let constrained = |body: &str| body.starts_with("go:build") || body.trim_start().starts_with("+build");
    cx.tree
        .comments()
        .iter()
        .any(|comment| constrained(comment.body(text)) || comment.span.of(text).contains("go:build"))
        || cx.tree.all_exprs().any(|(_, expr)| match expr {
            Expr::Call { fun, .. } => guards(cx.source(fun).rsplit('.').next().unwrap_or_default()),
            _ => false,
        })
}

fn guards(function: &str) -> bool {
    let name = function.to_ascii_lowercase();
    let parts =
        ["skip", "short", "getenv", "lookupenv", "listen", "serve", "container", "integration", "register", "flag"];
    parts.iter().any(|part| name.contains(part))
}

fn dials(cx: &mut Cx) {
    let names: Vec<&str> = DIALS.iter().map(|(name, ..)| *name).collect();
    cx.calls_of(&names).into_iter().for_each(|call| check_dial(cx, call));
    for options in cx.configs(REDIS) {
        let Setting::Set(address) = cx.made_with(options, "Addr") else { continue };
        // The client's own tests know what they need; options in a table are compared, not dialed.
        let is_of_client = !cx.source(cx.head(options)).contains('.');
        if is_of_client || is_example(cx, options.expr) || is_element(cx, options.expr) || !makes_client(cx, options) {
            continue;
        }
        cx.examined();
        if cx.string_value(address).is_some_and(|address| is_address(&address)) {
            report(cx, address, "Redis");
        }
    }
}

fn check_dial(cx: &mut Cx, call: Call) {
    let Some(&(_, at, what)) = DIALS.iter().find(|(name, ..)| call.callee.is(&[name])) else { return };
    if is_example(cx, call.expr) {
        return;
    }
    cx.examined();
    let Some(address) = call.args.get(at).and_then(|&arg| cx.string_value(first_of(cx, arg))) else { return };
    let driver = call.args.first().filter(|_| at == 1).and_then(|&arg| cx.string_value(arg));
    let in_process = driver.is_some_and(|driver| ["sqlite", "sqlite3", "unix"].contains(&&*driver));
    if !in_process && is_address(&address) {
        report(cx, call.fun, what);
    }
}

/// An example without output is compiled and not run.
fn is_example(cx: &Cx, at: ExprId) -> bool {
    let func = cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl));
    func.is_some_and(|name| name.starts_with("Example"))
}

/// Whether a literal is an element of another: `{options: &redis.Options{…}, want: …}`.
fn is_element(cx: &Cx, literal: ExprId) -> bool {
    let outer = cx.tree.ancestors(literal).find(|&node| match node {
        Node::Expr(id) => !matches!(cx.expr(id), Expr::Unary { .. } | Expr::Paren(_)),
        _ => true,
    });
    matches!(outer, Some(Node::Expr(id)) if matches!(cx.expr(id), Expr::KeyValue { .. } | Expr::Composite { .. }))
}

/// Whether something that makes a client gets the options, by its name: what is only filled and compared connects to nothing.
fn makes_client(cx: &Cx, options: Config) -> bool {
    const MAKES: &[&str] = &["client", "connect", "dial", "new", "open", "start"];
    let given = |mut value: ExprId| {
        while let Some(Node::Expr(outer)) = cx.tree.parent(value) {
            match cx.expr(outer) {
                Expr::Unary { op: UnaryOp::Addr, .. } | Expr::Paren(_) => value = outer,
                Expr::Call { fun, .. } => {
                    return fun != value
                        && words(cx.callee_word(outer)).iter().any(|word| MAKES.contains(&word.as_str()));
                }
                _ => return false,
            }
        }
        false
    };
    let kept = || match cx.keeper(options).map(|kept| cx.def(kept)) {
        Some(Def::Local(declared)) => cx.names.uses(declared).any(given),
        // Who reads the field, or calls the function, is not known.
        _ => false,
    };
    given(options.expr) || kept()
}

/// The first element of a list of addresses; an address itself.
fn first_of(cx: &Cx, addresses: ExprId) -> ExprId {
    match cx.expr(cx.unparen(addresses)) {
        Expr::Composite { elems, .. } => cx.exprs(elems).first().copied().unwrap_or(addresses),
        _ => addresses,
    }
}

fn report(cx: &mut Cx, at: ExprId, what: &str) {
    cx.report(at, format!("this test needs a real {what}"))
        .note("start it from the test, or keep the test behind a build tag or `testing.Short`");
}

/// Whether a constant names a server: a URL with a host, `host:port`, or the words of a connection string.
fn is_address(text: &str) -> bool {
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        return !host.is_empty() && !host.ends_with(".invalid") && !host.contains("example.");
    }
    let port = text.rsplit(':').next().unwrap_or_default();
    let fixed = text.contains(':') && port.len() >= 2 && port.chars().all(|c| c.is_ascii_digit());
    fixed || text.contains("host=") || text.contains("@tcp(")
}
