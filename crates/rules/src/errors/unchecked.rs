//! A call can fail, and its error is dropped.
//!
//! What failed goes on as if it had worked: a transaction that was not committed is answered with 200, a response that
//! could not be encoded arrives cut short, what a `Flush` could not write is gone. Return the error, or say in a comment why
//! it does not matter.
//!
//! Limits: left alone is what never fails or is told again later, by the facts of the library (`fmt.Print`, hashes, writers in
//! memory, a `bufio.Writer` before its Flush); deadlines of a connection, responses to a client (JSON of plain values among
//! them) and logs; what closes or rolls back; and clean-up that is deferred, or follows a failure or the end of a context.
//! Whether a file that was written is closed without error is another rule's question, and so are goroutines and the commands
//! of go-redis and gorm, whose errors sit in what they return.
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
//! //^^^^^^^^^^^^^^ `tx.ExecContext` can fail, and its error is dropped
//! 	}
//! 	if len(u.Tags) > 0 {
//! 		tx.Commit()
//! //^^^^^^^^^ `tx.Commit` can fail, and its error is dropped
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
//! //^^^^^^^^^^^^^^^^^^^^^^^^^ `json.NewEncoder(w).Encode` can fail, and its error is dropped
//! 	}
//! }
//!
//! func write(path string, lines []string) (int, error) {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	out := bufio.NewWriter(f)
//! 	defer out.Flush()
//! 	//    ^^^^^^^^^ `out.Flush` can fail, and its error is dropped
//! 	for _, line := range lines {
//! 		out.WriteString(line)
//! 	}
//! 	if len(lines) > 0 {
//! 		f.Sync()
//! //^^^^^^ `f.Sync` can fail, and its error is dropped
//! 	}
//! 	return len(lines), f.Close()
//! }
//! ```
//! ```go good
//! func render(w http.ResponseWriter, r *http.Request, items []string) error {
//! 	defer r.Body.Close()
//! 	var text strings.Builder
//! 	h := sha256.New()
//! 	for _, item := range items {
//! 		text.WriteString(item)
//! 		h.Write([]byte(item))
//! 		fmt.Fprintf(&text, "%x", h.Sum(nil))
//! 	}
//! 	fmt.Println("rendered")
//! 	fmt.Fprintln(w, text.String())
//! 	w.Write(h.Sum(nil))
//! 	json.NewEncoder(w).Encode(answer{Items: items, At: time.Now()})
//! 	io.Copy(io.Discard, r.Body)
//! 	// The audit log is best effort: its errors are counted inside.
//! 	audit(r)
//! 	conn, err := net.Dial("tcp", r.Host)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if err := greet(conn); err != nil {
//! 		conn.Close()
//! 		return err
//! 	}
//! 	return conn.Close()
//! }
//!
//! func accept(conn *net.TCPConn) {
//! 	conn.SetKeepAlive(true)
//! 	conn.SetNoDelay(true)
//! }
//!
//! type answer struct {
//! 	Items []string
//! 	At    time.Time
//! 	More  map[string]*answer
//! }
//!
//! func audit(r *http.Request) error { return nil }
//! func greet(c net.Conn) error      { return nil }
//! ```
use gopeer_lint::prelude::*;

use super::clean_up::{REASONS, gives_back, runs_in_goroutine};
use super::ignorable::is_ignorable;
use super::propagate;

pub static RULE: Rule = Rule {
    id: "errors/unchecked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3)],
    equivalents: &["errcheck", "gosec:G104", "revive:unhandled-error", "errchkjson"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Expr, StmtKind::Defer], check)],
    file: file!(),
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let (call, deferred) = match cx.stmt(stmt) {
        Stmt::Expr(call) => (cx.unparen(call), false),
        Stmt::Defer(call) => (cx.unparen(call), true),
        _ => return,
    };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if cx.file.generated || !cx.returns_error(call) {
        return;
    }
    cx.examined();
    if gives_back(cx, stmt, call)
        || is_ignorable(cx, call)
        || runs_in_goroutine(cx, stmt)
        || cx.is_explained(stmt, REASONS)
    {
        return;
    }
    let name = cx.callee_text(call);
    let fix = if deferred { None } else { propagate::checked_call(cx, stmt, call) };
    let report = cx.report(fun, format!("`{name}` can fail, and its error is dropped")).note(consequence(name));
    if let Some(edit) = fix {
        report.fix("Return the error", [edit]);
    }
}

/// What a dropped error means here.
fn consequence(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or(name) {
        "Commit" => "a transaction that was not committed looks saved",
        "Flush" | "Sync" => "what was still buffered is lost without a word",
        "SetDeadline" | "SetReadDeadline" | "SetWriteDeadline" => {
            "without its deadline a read or write can wait for ever"
        }
        "Encode" | "EncodeElement" => "the other side gets half a document and nobody knows why",
        "Wait" | "Run" => "a failed run looks like a finished one",
        _ => "what failed goes on as if it had worked; return the error, or say why it does not matter",
    }
}
