//! An error is assigned to the blank identifier without a reason.
//!
//! `_` says that somebody saw the error and chose to ignore it; why is left to guess, and the value beside it is then the
//! zero value that a failure leaves. Return the error, or say in a comment on the line or above why it cannot occur or
//! does not matter.
//!
//! Limits: left alone is what `errors/unchecked` leaves alone, and besides what parses constants, marshals what always
//! encodes, or parses a number that is compared or returned next; so are tests.
//!
//! ```go bad
//! func page(r *http.Request) (int, []byte) {
//! 	n, _ := strconv.Atoi(r.FormValue("page"))
//! 	// ^ the error of `strconv.Atoi` is discarded without a reason
//! 	body, _ := io.ReadAll(r.Body) // define the body (unsafe)
//! 	//    ^ the error of `io.ReadAll` is discarded without a reason
//! 	return n, body
//! }
//!
//! func commit(tx *sql.Tx, dirty bool) {
//! 	// Commit the transaction.
//! 	if dirty {
//! 		_ = tx.Commit() // TODO: handle the error
//! //^ the error of `tx.Commit` is discarded without a reason
//! 	}
//! }
//! ```
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! type job struct{ run func() error }
//!
//! func name(ctx context.Context, rdb *redis.Client, j *job) string {
//! 	name, _ := rdb.Get(ctx, "name").Result()
//! 	//    ^ the error of `rdb.Get(ctx, "name").Result` is discarded without a reason
//! 	_ = j.run()
//! #^ the error of `j.run` is discarded without a reason
//! 	boss, _ := rdb.Get(ctx, "boss").Result()
//! 	//    ^ the error of `rdb.Get(ctx, "boss").Result` is discarded without a reason
//! 	return name + boss
//! }
//!
//! func mayRead(isMember func(name string) (bool, error), name string) bool {
//! 	if blocked, _ := isMember(name); blocked {
//! 		//         ^ the error of `isMember` is discarded without a reason
//! 		return false
//! 	}
//! 	return true
//! }
//!
//! type limits struct{ low, high int }
//!
//! func parse(low, high string) (l limits) {
//! 	l.low, _ = strconv.Atoi(low)
//! 	//     ^ the error of `strconv.Atoi` is discarded without a reason
//! 	l.high, _ = strconv.Atoi(high)
//! 	//      ^ the error of `strconv.Atoi` is discarded without a reason
//! 	return l
//! }
//!
//! func greet(find func(name string) (*user, error), name string) string {
//! 	u, _ := find(name)
//! 	// ^ the error of `find` is discarded without a reason
//! 	if u == nil {
//! 		return "who?"
//! 	}
//! 	return u.Name
//! }
//!
//! type user struct{ Name string }
//! ```
//! ```go good
//! func page(r *http.Request, tx *sql.Tx, conn net.Conn) (int, *url.URL) {
//! 	n, _ := strconv.Atoi(r.FormValue("page")) // zero, the first page, where it is missing
//! 	// Nobody reads what is left.
//! 	_, _ = io.Copy(conn, r.Body)
//! 	home, _ := url.Parse("https://example.com/")
//! 	_ = conn.Close()
//! 	_, _ = fmt.Fprintf(os.Stderr, "page %d\n", n)
//! 	defer func() { _ = tx.Rollback() }()
//! 	value, _ := r.Context().Value("key").(string)
//! 	host, _ := os.Hostname()
//! 	name, _ := json.Marshal(map[string]string{"host": host, "value": value})
//! 	fmt.Println(string(name))
//! 	return n, home
//! }
//! ```
//! ```go good
//! type Logger interface{ Log(keyvals ...any) error }
//!
//! type store struct{ logger Logger }
//!
//! func (s *store) DeleteSession(name string) error
//!
//! func (s *store) leave(name string, cmd *exec.Cmd) {
//! 	_ = cmd.Cancel()
//! 	_ = s.logger.Log("leave", name)
//! 	_ = s.DeleteSession(name)
//! }
//!
//! func limit(r *http.Request) int {
//! 	limit, _ := strconv.Atoi(r.FormValue("limit"))
//! 	if limit < 1 {
//! 		limit = 20
//! 	}
//! 	return limit * 2
//! }
//!
//! //go:embed static
//! var files embed.FS
//!
//! func static() http.Handler {
//! 	static, _ := fs.Sub(files, "static")
//! 	return http.FileServerFS(static)
//! }
//!
//! func number(r *http.Request) int64 {
//! 	n, _ := strconv.ParseInt(r.FormValue("n"), 10, 64)
//! 	return n
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::Mode;

use super::clean_up::{REASONS, comes_after_failure, gives_back, is_clean_up};
use super::encodes::always_encodes;
use super::ignorable::is_ignorable;
use super::numbers::{is_looked_at, is_parsed_or_zero};

pub static RULE: Rule = Rule {
    id: "errors/blank-discard",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 2), (Concern::Idiom, 2)],
    equivalents: &["errcheck", "errchkjson"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Assign, StmtKind::Define], check)],
    file: file!(),
};

/// Functions whose failure leaves a usable zero value, or means a broken machine.
const HARMLESS: &[&str] = &[
    "os.Hostname",
    "os.Getwd",
    "os.Executable",
    "os.UserHomeDir",
    "path/filepath.Abs",
    // What is no boolean is not true.
    "strconv.ParseBool",
    "mime.ParseMediaType",
    "net.SplitHostPort",
    // Sniffing takes what there is.
    "io.ReadFull",
    // Fails with its context alone.
    "golang.org/x/sync/semaphore.Weighted.Acquire",
];

fn check(cx: &mut Cx, stmt: StmtId) {
    if cx.file.generated || is_suite(cx) {
        return;
    }
    let Some((target, value)) = discarded(cx, stmt) else { return };
    cx.examined();
    if is_left_alone(cx, stmt, value) {
        return;
    }
    let what = match cx.expr(value) {
        Expr::Call { .. } => format!("the error of `{}`", cx.callee_text(value)),
        _ => format!("the error `{}`", cx.source(value)),
    };
    cx.report(target, format!("{what} is discarded without a reason"))
        .note("return it, or say in a comment why it cannot occur or does not matter");
}

/// Tests of a suite need not stand in a test file.
fn is_suite(cx: &Cx) -> bool {
    cx.file.imports_any(&["github.com/stretchr/testify"])
}

/// The blank identifier of an assignment that takes an error, and what gives it.
fn discarded(cx: &Cx, stmt: StmtId) -> Option<(ExprId, ExprId)> {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return None };
    let (targets, values) = (cx.exprs(lhs), cx.exprs(rhs));
    let is_blank = |&target: &ExprId| cx.expr(target) == Expr::Ident && cx.source(target) == "_";
    targets.iter().enumerate().filter(|(_, target)| is_blank(target)).find_map(|(index, &target)| {
        let (value, ty) = assigned(cx, values, targets.len(), index)?;
        (ty == TypeId::ERROR).then_some((target, value))
    })
}

fn is_left_alone(cx: &Cx, stmt: StmtId, value: ExprId) -> bool {
    is_harmless(cx, value)
        || gives_back(cx, stmt, value)
        || is_alone(cx, stmt) && is_clean_up(cx, value)
        || comes_after_failure(cx, stmt)
        || is_looked_at(cx, stmt, value)
        || is_parsed_or_zero(cx, stmt, value)
        || cx.is_explained(stmt, REASONS)
}

/// `_ = f()`: nothing is taken from the call.
fn is_alone(cx: &Cx, stmt: StmtId) -> bool {
    matches!(cx.stmt(stmt), Stmt::Assign { lhs, .. } if cx.only(lhs).is_some())
}

/// The value that goes to the name of this index, and the type of what goes there.
fn assigned(cx: &Cx, values: &[ExprId], names: usize, index: usize) -> Option<(ExprId, TypeId)> {
    match *values {
        [call] if names > 1 => {
            let call = cx.unparen(call);
            let Expr::Call { .. } = cx.expr(call) else { return None };
            Some((call, *cx.results(call)?.get(index)?))
        }
        _ => {
            let value = cx.unparen(*values.get(index)?);
            Some((value, cx.ty(value)))
        }
    }
}

fn is_harmless(cx: &Cx, value: ExprId) -> bool {
    let Expr::Call { args, .. } = cx.expr(value) else {
        // `_ = err` keeps the compiler quiet about a name; a conversion or literal is no failure.
        return !matches!(cx.expr(value), Expr::Ident);
    };
    let Some(callee) = cx.callee(value) else { return false };
    is_ignorable(cx, value)
        || callee.is(HARMLESS)
        || callee.path == "syscall"
        || callee.name.starts_with("Set") && callee.name.ends_with("Deadline")
        || callee.path.starts_with("github.com/spf13/pflag") && callee.name.starts_with("Get")
        || is_constant_parse(cx, callee.path, cx.exprs(args))
        || callee.is(&["encoding/json.Marshal", "encoding/json.MarshalIndent"])
            && cx.exprs(args).first().is_some_and(|&arg| always_encodes(cx, cx.ty(arg)))
}

/// What parses constants fails on each run or on none.
fn is_constant_parse(cx: &Cx, path: &str, args: &[ExprId]) -> bool {
    const PARSERS: &[&str] = &[
        "encoding/base64",
        "encoding/hex",
        "net",
        "net/http",
        "net/netip",
        "net/url",
        "regexp",
        "strconv",
        "time",
        "math/big",
    ];
    let constant = |&arg: &ExprId| cx.constant_value(arg).is_some() || matches!(cx.facts.mode(arg), Mode::Nil);
    PARSERS.contains(&path) && !args.is_empty() && args.iter().all(constant)
}
