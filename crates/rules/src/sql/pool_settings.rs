//! A pool of connections has no limit, or keeps no connection.
//!
//! `sql.Open` gives a pool that opens a connection for each query that runs at the same time, without a limit (database/sql,
//! DB.SetMaxOpenConns), and keeps two of them (DB.SetMaxIdleConns). Under load each further request opens one more, until the server
//! refuses: PostgreSQL allows 100 unless it is told otherwise, for all replicas together. Between two bursts the pool closes all but two
//! and dials again.
//!
//! `SetMaxIdleConns` with 0 or less keeps none: each query dials, and authenticates.
//!
//! Limits: only pools of PostgreSQL, MySQL and SQL Server in packages that serve requests are looked at, and whether any code of the
//! package sets the limit. Where the pool leaves the package, the finding is a question: the limit may be set there.
//!
//! ```go bad
//! import _ "github.com/jackc/pgx/v5/stdlib"
//!
//! func main() {
//! 	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
//! 	//         ^^^^^^^^ `db` opens a connection for each query that runs at the same time, and nothing in this package limits them
//! 	if err != nil {
//! 		log.Fatal(err)
//! 	}
//! 	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
//! 		if _, err := db.ExecContext(r.Context(), "INSERT INTO orders DEFAULT VALUES"); err != nil {
//! 			http.Error(w, "not stored", http.StatusInternalServerError)
//! 		}
//! 	})
//! 	log.Fatal(http.ListenAndServe(":8080", nil))
//! }
//! ```
//! ```go bad
//! func limit(db *sql.DB) {
//! 	db.SetMaxOpenConns(20)
//! 	db.SetMaxIdleConns(0)
//! 	//                 ^ no connection is kept: each query opens one, and closes it afterwards
//! }
//! ```
//! ```go good
//! import _ "github.com/jackc/pgx/v5/stdlib"
//!
//! func main() {
//! 	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
//! 	if err != nil {
//! 		log.Fatal(err)
//! 	}
//! 	limit(db)
//! 	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
//! 		if _, err := db.ExecContext(r.Context(), "INSERT INTO orders DEFAULT VALUES"); err != nil {
//! 			http.Error(w, "not stored", http.StatusInternalServerError)
//! 		}
//! 	})
//! 	log.Fatal(http.ListenAndServe(":8080", nil))
//! }
//!
//! func limit(db *sql.DB) {
//! 	db.SetMaxOpenConns(20)
//! 	db.SetMaxIdleConns(20)
//! 	db.SetConnMaxLifetime(30 * time.Minute)
//! }
//! ```
//!
//! # Impact
//!
//! A burst of requests, or one slow query, opens hundreds of connections, and the server answers `FATAL: sorry, too many clients
//! already` to everybody, other services included. `DB.Stats().OpenConnections` follows the number of requests in flight instead of
//! staying below a limit. A load test with more clients than `max_connections` shows it.
//!
//! # Verify
//!
//! - `psql -c "SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2"`: under load, the number of this service's
//!   connections has no ceiling
//! - `go test -run {test} {package}`: `db.Stats().MaxOpenConnections` must not be 0
//!
//! # Options
//!
//! - Limit the pool: `max_connections` divided by replicas, with some left; as many idle as open, and a lifetime: queries wait for a
//!   connection instead of failing
//!   - senior, backend, data, throughput: the wait is bounded by the context, and `DB.Stats().WaitDuration` shows it
//! - A pooler such as PgBouncer between service and database: many replicas share few connections, and one more part has to run
//!   - cloud-native: replicas come and go without opening connections of the server
//!
//! # References
//!
//! - [Package database/sql, DB.SetMaxOpenConns](https://pkg.go.dev/database/sql#DB.SetMaxOpenConns)
//! - [Managing connections](https://go.dev/doc/database/manage-connections)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "sql/pool-settings",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3), (Concern::Latency, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(OPENS, unlimited), Hook::Call(&["database/sql.DB.SetMaxIdleConns"], idle)],
    examines: "connection pools",
};

const OPENS: &[&str] = &[
    "database/sql.Open",
    "github.com/jmoiron/sqlx.Connect",
    "github.com/jmoiron/sqlx.ConnectContext",
    "github.com/jmoiron/sqlx.MustConnect",
    "github.com/jmoiron/sqlx.MustOpen",
    "github.com/jmoiron/sqlx.Open",
];

/// Drivers of servers that many clients share, by the name that they register.
const SHARED: &[&str] = &["mysql", "pgx", "pgx/v5", "postgres", "sqlserver"];

const LIMITS: &[&str] = &["database/sql.DB.SetMaxOpenConns"];

const SERVES: &[&str] = &[
    "google.golang.org/grpc.Server.Serve",
    "net/http.ListenAndServe",
    "net/http.ListenAndServeTLS",
    "net/http.Serve",
    "net/http.Server.ListenAndServe",
    "net/http.Server.ListenAndServeTLS",
    "net/http.Server.Serve",
];

fn unlimited(cx: &mut Cx, open: Call) {
    let driver = open.args.iter().find_map(|&arg| cx.string_value(arg));
    if !driver.is_some_and(|driver| SHARED.contains(&&*driver)) || cx.package_calls(SERVES) != Some(true) {
        return;
    }
    cx.examined();
    if cx.package_calls(LIMITS) != Some(false) {
        return;
    }
    let name = cx.kept_in(open.expr).map_or("the pool".to_owned(), |kept| format!("`{}`", cx.source(kept)));
    let message = format!(
        "{name} opens a connection for each query that runs at the same time, and nothing in this package limits them"
    );
    let leaves = leaves_package(cx, &open);
    let report = cx.report(open.fun, message);
    let report = report.note("call `SetMaxOpenConns`, with what the server allows divided by the number of instances");
    if leaves {
        report.question();
    }
}

/// Whether code of another package gets the pool, and may limit it.
fn leaves_package(cx: &Cx, open: &Call) -> bool {
    let Some(Def::Local(declared)) = cx.kept_in(open.expr).map(|kept| cx.def(kept)) else { return !cx.file.is_main() };
    let is_given_away = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(call)) => {
            cx.call(call).is_some_and(|call| call.args.contains(&used) && !cx.is_own(&call.callee))
        }
        Some(Node::Stmt(stmt)) => matches!(cx.stmt(stmt), Stmt::Return { .. }) && !cx.file.is_main(),
        _ => false,
    };
    cx.names.uses(declared).any(is_given_away)
}

fn idle(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(&count) = call.args.first() else { return };
    if cx.int_value(count).is_some_and(|count| count <= 0) {
        cx.report(count, "no connection is kept: each query opens one, and closes it afterwards");
    }
}
