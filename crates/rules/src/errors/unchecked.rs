//! A call can fail, and its error is not looked at.
//!
//! The program goes on as if the call had worked: a transaction that was not committed is answered with 200, a document that
//! could not be encoded arrives cut short, what a `Flush` could not write is gone. Return the error or handle it here. If it
//! does not matter, say why in a comment on the line, and the finding is listed as silenced.
//!
//! The finding is of high severity where a transaction that has written is committed. It is medium where the library's documentation
//! asks for the check, and where a call that writes, saves or deletes data, by its name, waits for something outside or takes a
//! context, or the function returns errors or serves a request, so that somebody could act on this one. Elsewhere, where what is
//! decoded is looked at next, in the code of a command line, where a table is flushed, and where another error is being handled
//! already, it is low. Calls of one function of the project are one finding, and so are those of one `Unmarshal` in a file.
//!
//! Limits: not reported are calls that cannot fail or whose error comes back later, by the facts of the library (`fmt.Print`,
//! hashes, writers in memory, a `bufio.Writer` before its Flush); deadlines of a connection; what is written to a client
//! (JSON of plain values among it) or to a log; calls that roll back or close, unless a compressing or archiving writer writes the end of
//! a file then; clean-up that is deferred, or that follows a failure or the end of a context; and calls of functions whose type is not known. Other rules look at files that were
//! written and are closed, at goroutines, and at go-redis and gorm, where the error is a field of the result.
//!
//! ```go bad
//! func save(ctx context.Context, db *sql.DB, u User) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer tx.Rollback()
//! 	for _, tag := range u.Tags {
//! 		tx.ExecContext(ctx, insertTag, u.ID, tag)
//! //^^^^^^^^^^^^^^ `tx.ExecContext` can fail, and its error is ignored
//! 	}
//! 	if len(u.Tags) > 0 {
//! 		tx.Commit()
//! //^^^^^^^^^ high: `tx.Commit` can fail, and its error is ignored
//! 	}
//! 	return nil
//! }
//!
//! const insertTag = "INSERT INTO tags (user_id, tag) VALUES ($1, $2)"
//!
//! type User struct {
//! 	ID   int
//! 	Tags []string
//! }
//! ```
//! ```diff fixed
//! -		tx.ExecContext(ctx, insertTag, u.ID, tag)
//! +		if _, err := tx.ExecContext(ctx, insertTag, u.ID, tag); err != nil {
//! +			return err
//! +		}
//! -		tx.Commit()
//! +		if err := tx.Commit(); err != nil {
//! +			return err
//! +		}
//! ```
//! ```go bad
//! func show(w http.ResponseWriter, r *http.Request) {
//! 	if r.Method == http.MethodGet {
//! 		json.NewEncoder(w).Encode(map[string]any{"headers": r.Header})
//! //^^^^^^^^^^^^^^^^^^^^^^^^^ low: `json.NewEncoder(w).Encode` can fail, and its error is ignored
//! 	}
//! }
//!
//! func write(path string, lines []string) (int, error) {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	defer f.Close()
//! 	out := bufio.NewWriter(f)
//! 	defer out.Flush()
//! 	//    ^^^^^^^^^ `out.Flush` can fail, and its error is ignored
//! 	for _, line := range lines {
//! 		out.WriteString(line)
//! 	}
//! 	if len(lines) > 0 {
//! 		f.Sync()
//! //^^^^^^ `f.Sync` can fail, and its error is ignored
//! 	}
//! 	return len(lines), nil
//! }
//! ```
//! ```go good
//! func render(w http.ResponseWriter, items []string) {
//! 	var text strings.Builder
//! 	for _, item := range items {
//! 		text.WriteString(item) // never fails
//! 	}
//! 	fmt.Fprintln(w, text.String()) // if the client is gone, nobody is left to be told
//! }
//! ```
//! ```go good
//! func greet(host string) error {
//! 	conn, err := net.Dial("tcp", host)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if err := hello(conn); err != nil {
//! 		conn.Close() // the first error is the one to return
//! 		return err
//! 	}
//! 	return conn.Close()
//! }
//!
//! func hello(c net.Conn) error { return nil }
//! ```
//! ```go good
//! func show(r *http.Request) {
//! 	// The audit log is best effort: it counts its own errors.
//! 	audit(r) // the comment gives the reason
//! }
//!
//! func audit(r *http.Request) error { return nil }
//! ```
//!
//! # Idiom
//!
//! Go has no exceptions: a failure is the last result of a call, and a caller that does not look at it goes on. The habit is `if err !=
//! nil` on the next line, with a return that adds what was being done.
//!
//! # Impact
//!
//! The step may not have happened, and everything after it assumes that it has. The first trace of the failure is a
//! missing row or a truncated file.
//!
//! # Verify
//!
//! - `go run github.com/kisielk/errcheck@latest {package}`: lists further calls of this kind
//! - `go test -run {test} {package}`: replace the call with one that fails; something has to notice
//!
//! # Options
//!
//! - Return the error: the caller decides, and the signature may have to change
//!   - senior, backend, data: a failure that is known is not dropped
//! - Log the error: for work whose failure must not stop the rest
//!   - cloud-native, throughput: with a counter beside it, it can be alerted on
//! - Say in a comment why it does not matter: for best-effort work such as cache writes; the next reader knows
//!
//! # References
//!
//! - [Go blog, "Errors are values"](https://go.dev/blog/errors-are-values)
use gopeer_lint::prelude::*;

use super::clean_up::{REASONS, comes_after_failure, gives_back, runs_in_goroutine, waits_aside};
use super::finishing::finishes;
use super::ignorable::is_ignorable;
use super::numbers::{is_decoded_and_tested, is_for_message};
use super::propagate;
use super::support::{loss, own_callee, saves};

pub static RULE: Rule = Rule {
    id: "errors/unchecked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3)],
    equivalents: &["errcheck", "gosec:G104", "revive:unhandled-error", "errchkjson"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Expr, StmtKind::Defer], check)],
    examines: "calls that can fail",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let (call, deferred) = match cx.stmt(stmt) {
        Stmt::Expr(call) => (cx.unparen(call), false),
        Stmt::Defer(call) => (cx.unparen(call), true),
        _ => return,
    };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if !cx.returns_error(call) {
        return;
    }
    cx.examined();
    let finishes = finishes(cx, stmt, call);
    let left_alone = is_ignorable(cx, call) || runs_in_goroutine(cx, stmt) || waits_aside(cx, call);
    if left_alone || gives_back(cx, stmt, call) && !finishes {
        return;
    }
    let name = cx.callee_text(call);
    let mends = !deferred && !reads(name);
    let returned = propagate::checked_call(cx, stmt, call).filter(|_| mends);
    // With what `main` does last, a line in the log would end in exit code 0.
    let ends_main =
        cx.next_stmt(stmt).is_none() && cx.enclosing_decl(stmt).and_then(|decl| cx.func_name(decl)) == Some("main");
    let logged = propagate::logged_call(cx, stmt, call).filter(|_| mends && !ends_main);
    // Fields that are decoded one by one.
    let decoder = name.ends_with(".Unmarshal").then(|| format!("{} {name}", cx.file.name));
    let (severity, reason, callee) =
        (grade(cx, stmt, call, finishes), cx.explanation(stmt, REASONS), own_callee(cx, call));
    let consequence = consequence(cx, call);
    let mut report = cx
        .report(fun, format!("`{name}` can fail, and its error is ignored"))
        .severity(severity)
        .excused(reason)
        .note(consequence);
    if severity == Severity::Low {
        report = report.one_of("errors are ignored in this file");
    } else if let Some(callee) = callee.or(decoder) {
        report = report.one_cause(callee);
    }
    report = report.fix("Return the error", returned);
    if let Some(edit) = logged {
        report.fix("Log the error", [edit]).needing("log/slog");
    }
}

fn grade(cx: &Cx, stmt: StmtId, call: ExprId, finishes: bool) -> Severity {
    let Expr::Call { args, .. } = cx.expr(call) else { return Severity::Low };
    // `writeError(w, err)` answers a client, which is gone if that fails.
    let answers = cx.exprs(args).iter().any(|&arg| cx.has_type(arg, &["net/http.ResponseWriter"]));
    let is_deferred = matches!(cx.stmt(stmt), Stmt::Defer(_));
    let looked_at = is_decoded_and_tested(cx, stmt, call);
    let late = !is_deferred && !finishes && comes_after_failure(cx, stmt) && !saves(cx, call);
    match answers || looked_at || late || is_for_message(cx, stmt) {
        true => Severity::Low,
        false => loss(cx, stmt, call),
    }
}

/// Whether a call reads, by its name. What is thrown away whole is called for something else that it does, and that nothing was
/// found may be the usual case.
fn reads(name: &str) -> bool {
    const READS: &[&str] = &["fetch", "find", "get", "load", "lookup", "read"];
    let name = name.rsplit('.').next().unwrap_or_default();
    words(name).first().is_some_and(|first| READS.contains(&first.as_str()))
}

/// What a failure means that nobody notices.
fn consequence(cx: &Cx, call: ExprId) -> &'static str {
    match cx.callee_word(call) {
        "Commit" if saves(cx, call) => "if the commit fails, the change is lost and looks saved",
        "Close" => "if it fails, the end of the output is missing, and nobody notices until it is read",
        "Flush" | "Sync" => "if it fails, what was buffered may not have arrived, and nobody notices",
        "Encode" | "EncodeElement" => "if it fails, the other side gets half a document and nobody knows why",
        "Wait" | "Run" => "if the run fails, it looks finished",
        _ => "if it fails, the program goes on as if it had worked",
    }
}
