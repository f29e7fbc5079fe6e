//! A blocking call is made without a context, although a context is at hand and there is a form that takes one.
//!
//! The call then runs on when the caller has gone and the deadline has passed: it keeps its connection or process, and its span
//! is missing from the trace. Each of these calls has a form that takes a context and ends with it. The finding is low where the
//! call has a timeout of its own, and where a command is returned.
//!
//! Limits: calls of database/sql, sqlx, net/http, net, crypto/tls and os/exec are known. Not reported is code that is deferred or
//! started as a goroutine, which may outlive the call on purpose, commands that are started and not waited for, and code that runs after
//! the context has ended.
//!
//! ```go bad
//! func load(ctx context.Context, db *sql.DB, id int) (string, error) {
//! 	var name string
//! 	err := db.QueryRow("SELECT name FROM users WHERE id = $1", id).Scan(&name)
//! 	//     ^^^^^^^^^^^ `db.QueryRow` is called without a context, so it does not stop when `ctx` ends
//! 	if err != nil {
//! 		return "", err
//! 	}
//! 	tx, err := db.Begin()
//! 	//         ^^^^^^^^ `db.Begin` is called without a context, so it does not stop when `ctx` ends
//! 	if err != nil {
//! 		return "", err
//! 	}
//! 	return name, tx.Commit()
//! }
//!
//! func proxy(w http.ResponseWriter, r *http.Request) {
//! 	req, err := http.NewRequest(http.MethodGet, "https://example.com/", nil)
//! 	//          ^^^^^^^^^^^^^^^ `http.NewRequest` is called without a context, so it does not stop when `r.Context()` ends
//! 	if err != nil {
//! 		return
//! 	}
//! 	out, err := exec.Command("convert", req.URL.Path).Output()
//! 	//          ^^^^^^^^^^^^ `exec.Command` is called without a context, so it does not stop when `r.Context()` ends
//! 	fmt.Fprintln(w, out, err)
//! }
//! ```
//! ```diff fixed
//! -	err := db.QueryRow("SELECT name FROM users WHERE id = $1", id).Scan(&name)
//! +	err := db.QueryRowContext(ctx, "SELECT name FROM users WHERE id = $1", id).Scan(&name)
//! -	tx, err := db.Begin()
//! +	tx, err := db.BeginTx(ctx, nil)
//! -	req, err := http.NewRequest(http.MethodGet, "https://example.com/", nil)
//! +	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "https://example.com/", nil)
//! -	out, err := exec.Command("convert", req.URL.Path).Output()
//! +	out, err := exec.CommandContext(r.Context(), "convert", req.URL.Path).Output()
//! ```
//! ```go bad
//! func fetch(ctx context.Context, again <-chan struct{}) (*http.Response, error) {
//! 	select {
//! 	case <-ctx.Done():
//! 		return nil, ctx.Err()
//! 	case <-again:
//! 	}
//! 	return http.Get("https://example.com/")
//! 	//     ^^^^^^^^ `http.Get` is called without a context, so it does not stop when `ctx` ends
//! }
//! ```
//! ```go good
//! func load(ctx context.Context) error {
//! 	req, err := http.NewRequest("GET", "https://example.com/", nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return send(req.WithContext(ctx)) // gets it here
//! }
//! ```
//! ```go good
//! func serve(ctx context.Context, db *sql.DB) error {
//! 	<-ctx.Done()
//! 	_, err := db.Exec("DELETE FROM leases") // the context has ended, and the statement has to run
//! 	return err
//! }
//! ```
//! ```go good
//! func main() {
//! 	ctx := context.Background()
//! 	db, err := sql.Open("postgres", "")
//! 	if err == nil {
//! 		err = db.Ping() // this context never ends
//! 	}
//! 	serve(ctx, db, err)
//! }
//! ```
//!
//! # Idiom
//!
//! Packages that are older than contexts have both forms: `Query` and `QueryContext`, `exec.Command` and `exec.CommandContext`. New code
//! uses the second.
//!
//! # Impact
//!
//! The call outlives its caller: a query of a client that has left keeps a connection, and at shutdown it is waited
//! for. Traces lack its span.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a canceled context the call has to return at once
//!
//! # References
//!
//! - [Canceling in-progress operations](https://go.dev/doc/database/cancel-operations)
//! - [Package context](https://pkg.go.dev/context#Context)
use gopeer_lint::prelude::*;

use super::at_hand::context_at;
use super::later::{gets_context_later, is_handed_on, is_let_go};

pub static RULE: Rule = Rule {
    id: "context/missing-context-variant",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Cancellation, 3)],
    equivalents: &["noctx"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(SUFFIXED, |cx, call| check(cx, call, Form::Suffix)),
        Hook::Call(&["database/sql.DB.Begin"], |cx, call| check(cx, call, Form::Name("BeginTx", "nil"))),
        Hook::Call(&["github.com/jmoiron/sqlx.DB.Beginx"], |cx, call| check(cx, call, Form::Name("BeginTxx", "nil"))),
        Hook::Call(&["net/http.NewRequest"], |cx, call| check(cx, call, Form::Name("NewRequestWithContext", ""))),
        Hook::Call(REQUESTS, |cx, call| check(cx, call, Form::Other(REQUEST))),
        Hook::Call(&["net.Dial", "net.DialTimeout"], |cx, call| check(cx, call, Form::Other(NET_DIALER))),
        Hook::Call(&["net.Dialer.Dial"], |cx, call| check(cx, call, Form::Other("`DialContext` takes a context"))),
        Hook::Call(TLS_DIALS, |cx, call| check(cx, call, Form::Other(TLS_DIALER))),
        Hook::Call(LOOKUPS, |cx, call| check(cx, call, Form::Other(RESOLVER))),
    ],
    examines: "blocking calls where a context is at hand",
};

/// How the form with a context is written.
#[derive(Clone, Copy)]
enum Form {
    /// The same with `Context` after its name and the context first.
    Suffix,
    /// Another name, the context first, and this after it.
    Name(&'static str, &'static str),
    /// Something that no single edit makes.
    Other(&'static str),
}

const SUFFIXED: &[&str] = &[
    "database/sql.DB.Exec",
    "database/sql.DB.Ping",
    "database/sql.DB.Prepare",
    "database/sql.DB.Query",
    "database/sql.DB.QueryRow",
    "database/sql.Stmt.Exec",
    "database/sql.Stmt.Query",
    "database/sql.Stmt.QueryRow",
    "database/sql.Tx.Exec",
    "database/sql.Tx.Prepare",
    "database/sql.Tx.Query",
    "database/sql.Tx.QueryRow",
    "github.com/jmoiron/sqlx.DB.Get",
    "github.com/jmoiron/sqlx.DB.MustExec",
    "github.com/jmoiron/sqlx.DB.NamedExec",
    "github.com/jmoiron/sqlx.DB.NamedQuery",
    "github.com/jmoiron/sqlx.DB.PrepareNamed",
    "github.com/jmoiron/sqlx.DB.Preparex",
    "github.com/jmoiron/sqlx.DB.QueryRowx",
    "github.com/jmoiron/sqlx.DB.Queryx",
    "github.com/jmoiron/sqlx.DB.Select",
    "github.com/jmoiron/sqlx.Tx.Get",
    "github.com/jmoiron/sqlx.Tx.MustExec",
    "github.com/jmoiron/sqlx.Tx.NamedExec",
    "github.com/jmoiron/sqlx.Tx.PrepareNamed",
    "github.com/jmoiron/sqlx.Tx.Preparex",
    "github.com/jmoiron/sqlx.Tx.QueryRowx",
    "github.com/jmoiron/sqlx.Tx.Queryx",
    "github.com/jmoiron/sqlx.Tx.Select",
    "os/exec.Command",
];

const REQUEST: &str = "`http.NewRequestWithContext` and the client's `Do` take a context";
const NET_DIALER: &str = "`DialContext` of a `net.Dialer` takes a context";
const TLS_DIALER: &str = "`DialContext` of a `tls.Dialer` takes a context";
const RESOLVER: &str = "the methods of `net.DefaultResolver` take a context";

const TLS_DIALS: &[&str] = &["crypto/tls.Dial", "crypto/tls.DialWithDialer"];

const REQUESTS: &[&str] = &[
    "net/http.Get",
    "net/http.Head",
    "net/http.Post",
    "net/http.PostForm",
    "net/http.Client.Get",
    "net/http.Client.Head",
    "net/http.Client.Post",
    "net/http.Client.PostForm",
];

const LOOKUPS: &[&str] = &[
    "net.LookupAddr",
    "net.LookupCNAME",
    "net.LookupHost",
    "net.LookupIP",
    "net.LookupMX",
    "net.LookupSRV",
    "net.LookupTXT",
];

fn check(cx: &mut Cx, call: Call, form: Form) {
    let Some(context) = context_at(cx, call.expr) else { return };
    cx.examined();
    if call.callee.name == "NewRequest" && gets_context_later(cx, call.expr)
        || cx.is_own(&call.callee)
        || call.callee.name == "Command" && is_let_go(cx, call.expr)
        || cx.is_said(call.expr, &["context", "ctx"])
    {
        return;
    }
    let edits = edits(cx, &call, form, &context);
    let note = match form {
        Form::Other(note) => note.to_owned(),
        Form::Suffix => format!("`{}Context` takes it", call.callee.name),
        Form::Name(name, _) => format!("`{name}` takes it"),
    };
    // What has a timeout of its own ends anyway; who gets a command may start it and go on.
    let severity = if has_timeout(cx, &call) || call.callee.name == "Command" && is_handed_on(cx, call.expr) {
        Severity::Low
    } else {
        Severity::Medium
    };
    let report = cx
        .report(
            call.fun,
            format!("`{}` is called without a context, so it does not stop when `{context}` ends", cx.source(call.fun)),
        )
        .note(note)
        .severity(severity);
    if let Some(edits) = edits {
        report.fix(format!("Pass `{context}`"), edits);
    }
}

/// Whether the client that sends a request is a local with a timeout, or a connection is made with one.
fn has_timeout(cx: &Cx, call: &Call) -> bool {
    let sets = |node: Node| {
        let Node::Expr(id) = node else { return false };
        matches!(cx.expr(id), Expr::KeyValue { key, .. } if cx.source(key) == "Timeout")
    };
    let dialer = || call.args.first().copied().filter(|_| call.callee.name == "DialWithDialer");
    let client = call.receiver.or_else(dialer).map(|client| cx.initial_value(client).unwrap_or(client));
    call.callee.name == "DialTimeout" || client.is_some_and(|client| cx.any(client, false, sets))
}

fn edits(cx: &Cx, call: &Call, form: Form, context: &str) -> Option<Vec<(Span, String)>> {
    let Expr::Selector { name, .. } = cx.expr(cx.unparen(call.fun)) else { return None };
    let (new, more) = match form {
        Form::Suffix => (format!("{}Context", cx.source(name)), ""),
        Form::Name(new, more) => (new.to_owned(), more),
        Form::Other(_) => return None,
    };
    let mut first = vec![context];
    first.extend((!more.is_empty()).then_some(more));
    let close = cx.span(call.expr).end.saturating_sub(1);
    let (at, after) = match call.args.first() {
        Some(&arg) => (cx.span(arg).start, ", "),
        None => (close, ""),
    };
    Some(vec![(cx.span(name), new), (Span::new(at, at), first.join(", ") + after)])
}
