//! Control flow hangs on the text of an error.
//!
//! Messages are written for people: they change with a library's version, the server's language and every wrapping, and
//! the compiler does not notice. What they mean is available as a value: a sentinel for `errors.Is`, a type for
//! `errors.As`, or the driver's own code (`pgconn.PgError.Code`, `redis.Nil`, `gocql.ErrNotFound`).
//!
//! ```go bad
//! func insert(ctx context.Context, db *sql.DB, u User) error {
//! 	_, err := db.ExecContext(ctx, query, u.ID)
//! 	if err != nil && strings.Contains(err.Error(), "duplicate key") {
//! 	//               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the text of `err` decides here
//! 		return ErrTaken
//! 	}
//! 	return err
//! }
//! ```
//! ```go bad
//! func drain(r io.Reader) error {
//! 	_, err := r.Read(nil)
//! 	if err != nil && err.Error() == "EOF" {
//! 	//               ^^^^^^^^^^^^^^^^^^^^ the text of `err` decides here
//! 		return nil
//! 	}
//! 	return err
//! }
//! ```
//! ```diff fixed
//! -	if err != nil && err.Error() == "EOF" {
//! +	if err != nil && errors.Is(err, io.EOF) {
//! ```
//! ```go good
//! func insert(ctx context.Context, db *sql.DB, u User) error {
//! 	_, err := db.ExecContext(ctx, query, u.ID)
//! 	var pgErr *pgconn.PgError
//! 	if errors.As(err, &pgErr) && strings.HasPrefix(pgErr.Code, "23") {
//! 		return ErrTaken
//! 	}
//! 	if err != nil && strings.TrimSpace(err.Error()) != "" {
//! 		fmt.Println(err)
//! 	}
//! 	_, _, err = net.SplitHostPort(u.Host)
//! 	if err != nil && strings.Contains(err.Error(), "missing port") { // no value says this
//! 		return nil
//! 	}
//! 	// The client has no sentinel for this.
//! 	if err != nil && strings.Contains(err.Error(), "quota") {
//! 		return nil
//! 	}
//! 	return err
//! }
//!
//! func isClientsFault(err error) bool {
//! 	// The error is not of a constant type, so its text has to do.
//! 	return strings.Contains(err.Error(), "UUID")
//! }
//! ```
//! ```go good file=insert_test.go
//! func TestInsert(t *testing.T) {
//! 	err := insert(nil)
//! 	if err == nil || !strings.Contains(err.Error(), "nil user") {
//! 		t.Fatalf("got %v", err)
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::support::text_of;

pub static RULE: Rule = Rule {
    id: "errors/string-matching",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[
        Hook::Call(TESTS, check_call),
        Hook::Expr(&[ExprKind::Binary], check_comparison),
        Hook::Stmt(&[StmtKind::Switch], check_switch),
    ],
    file: file!(),
};

const TESTS: &[&str] = &[
    "strings.Contains",
    "strings.HasPrefix",
    "strings.HasSuffix",
    "strings.EqualFold",
    "strings.Index",
    "strings.ContainsAny",
];

/// Well-known texts, and the value that says the same: a sentinel with its package, or prose.
const KNOWN: &[(&str, Known)] = &[
    ("context deadline exceeded", Known::Sentinel("context", "DeadlineExceeded")),
    ("context canceled", Known::Sentinel("context", "Canceled")),
    ("no rows in result set", Known::Sentinel("database/sql", "ErrNoRows")),
    ("unexpected EOF", Known::Sentinel("io", "ErrUnexpectedEOF")),
    ("EOF", Known::Sentinel("io", "EOF")),
    ("use of closed network connection", Known::Sentinel("net", "ErrClosed")),
    ("Server closed", Known::Sentinel("net/http", "ErrServerClosed")),
    ("no such file or directory", Known::Sentinel("io/fs", "ErrNotExist")),
    ("file exists", Known::Sentinel("io/fs", "ErrExist")),
    ("permission denied", Known::Sentinel("io/fs", "ErrPermission")),
    ("i/o timeout", Known::Sentinel("os", "ErrDeadlineExceeded")),
    ("connection refused", Known::Sentinel("syscall", "ECONNREFUSED")),
    ("connection reset", Known::Sentinel("syscall", "ECONNRESET")),
    ("broken pipe", Known::Sentinel("syscall", "EPIPE")),
    (
        "duplicate key",
        Known::Prose("the driver gives a code: `23505` in `pgconn.PgError.Code`, 1062 in `mysql.MySQLError`"),
    ),
    ("UNIQUE constraint", Known::Prose("the driver gives a code, such as `sqlite3.Error.ExtendedCode`")),
    ("redis: nil", Known::Prose("go-redis has the sentinel `redis.Nil`")),
    ("record not found", Known::Prose("gorm has the sentinel `gorm.ErrRecordNotFound`")),
    ("request body too large", Known::Prose("`errors.As` with `*http.MaxBytesError` tells it (Go 1.19)")),
];

/// Texts of the standard library behind which there is no exported value.
const NAMELESS: &[&str] = &[
    "missing port",
    "too many colons",
    "GOAWAY",
    "server closed idle connection",
    "TLS handshake timeout",
    "transport connection broken",
    "malformed HTTP",
    "stopped after",
    "message too large",
];

/// Words of a comment that says why the text is looked at.
const REASONS: &[&str] = &[
    "error message",
    "errors.is",
    "errors.as",
    "sentinel",
    "typed error",
    "error type",
    "exported",
    "distinguish",
    "constant type",
];

#[derive(Clone, Copy)]
enum Known {
    Sentinel(&'static str, &'static str),
    Prose(&'static str),
}

fn check_call(cx: &mut Cx, Call { expr: call, callee, args, .. }: Call) {
    let &[text, pattern] = args else { return };
    let lowered = match cx.call(text) {
        Some(Call { callee, args: &[inner], .. }) if callee.is(&["strings.ToLower", "strings.ToUpper"]) => inner,
        _ => text,
    };
    if let Some(error) = text_of(cx, lowered) {
        let mendable = callee.name != "Index";
        report(cx, call, error, pattern, mendable.then_some(""));
    }
}

fn check_comparison(cx: &mut Cx, comparison: ExprId) {
    let Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } = cx.expr(comparison) else {
        return;
    };
    let not = if op == BinaryOp::NotEqual { "!" } else { "" };
    for (text, other) in [(lhs, rhs), (rhs, lhs)] {
        let Some(error) = text_of(cx, text) else { continue };
        let literal = cx.string_value(other).is_some_and(|value| !value.is_empty());
        if literal || text_of(cx, other).is_some_and(|sentinel| is_sentinel(cx, sentinel)) {
            return report(cx, comparison, error, other, Some(not));
        }
    }
}

fn is_sentinel(cx: &Cx, expr: ExprId) -> bool {
    cx.def(expr) == Def::Package(ObjectKind::Var) || cx.is_qualified(expr)
}

fn check_switch(cx: &mut Cx, switch: StmtId) {
    let Stmt::Switch { tag: Some(tag), .. } = cx.stmt(switch) else { return };
    if let Some(error) = text_of(cx, tag) {
        report(cx, tag, error, tag, None);
    }
}

fn report(cx: &mut Cx, at: ExprId, error: ExprId, pattern: ExprId, mend: Option<&str>) {
    if cx.file.generated {
        return;
    }
    cx.examined();
    let name = cx.source(error);
    let span = cx.span(at);
    let pattern = cx.string_value(pattern).unwrap_or_default();
    if NAMELESS.iter().any(|text| pattern.contains(text)) || cx.is_said(at, REASONS) {
        return;
    }
    let known = KNOWN.iter().find(|(text, _)| !pattern.is_empty() && pattern.contains(text)).map(|(_, known)| *known);
    let mended = match (known, mend) {
        (Some(Known::Sentinel(path, sentinel)), Some(not)) => match (cx.name_for("errors"), cx.name_for(path)) {
            (Some(errors), Some(package)) => Some((path, format!("{not}{errors}.Is({name}, {package}.{sentinel})"))),
            _ => None,
        },
        _ => None,
    };
    let message = format!("the text of `{name}` decides here, and texts change without notice");
    let report = cx.report(at, message).note(match known {
        Some(Known::Prose(advice)) => advice.to_owned(),
        Some(Known::Sentinel(path, sentinel)) => {
            let package = path.rsplit('/').next().unwrap_or(path);
            format!("`errors.Is` with `{package}.{sentinel}` tells it")
        }
        None => "compare with a sentinel (`errors.Is`), a type (`errors.As`) or the driver's code".to_owned(),
    });
    if let Some((path, call)) = mended {
        report.fix("Compare the error, not its text", [(span, call)]).needing("errors").needing(path);
    }
}
