//! Errors that nobody needs to read: those that cannot occur, are told again later, or leave nothing to do.

use gopeer_lint::prelude::*;

use super::encodes::always_encodes;
use super::support::is_error;
use crate::context::comes_after_the_end;

/// Functions and methods that never fail, or whose failure changes nothing for the caller.
const FUNCTIONS: &[&str] = &[
    "fmt.Print",
    "fmt.Printf",
    "fmt.Println",
    // The program is ended instead (package crypto/rand, since Go 1.24).
    "crypto/rand.Read",
    "math/rand.Read",
    "math/rand.Rand.Read",
    // Best effort by habit: what cannot be removed is met again.
    "os.Remove",
    "os.RemoveAll",
    "os.Setenv",
    "os.Unsetenv",
    "os.Process.Kill",
    "os.Process.Release",
    "os.Process.Signal",
    // Ends the program where it is made with ExitOnError, as the command line is.
    "flag.FlagSet.Parse",
    "flag.Set",
    "github.com/spf13/pflag.FlagSet.Parse",
    "log.Output",
    "log.Logger.Output",
    // Standard error cannot be synced on all systems.
    "go.uber.org/zap.Logger.Sync",
    "go.uber.org/zap.SugaredLogger.Sync",
    "github.com/joho/godotenv.Load",
    "io.PipeWriter.CloseWithError",
    "io.PipeReader.CloseWithError",
    // The next read or write on the connection tells.
    "net.Conn.SetDeadline",
    "net.Conn.SetReadDeadline",
    "net.Conn.SetWriteDeadline",
    "net.TCPConn.SetKeepAlive",
    "net.TCPConn.SetKeepAlivePeriod",
    "net.TCPConn.SetNoDelay",
    // Rows keep the error and tell it when they are read (package pgx).
    "github.com/jackc/pgx/v5.Conn.Query",
    "github.com/jackc/pgx/v5.Tx.Query",
    "github.com/jackc/pgx/v5.BatchResults.Query",
    "github.com/jackc/pgx/v5/pgxpool.Pool.Query",
    "github.com/jackc/pgx/v5/pgxpool.Conn.Query",
    "github.com/jackc/pgx/v5/pgxpool.Tx.Query",
    "bufio.Reader.Discard",
    "bufio.Reader.UnreadByte",
    "bufio.Reader.UnreadRune",
    "testing.T.Chdir",
    // They fail where the program is written wrongly, and then on each run.
    "github.com/spf13/cobra.Command.Help",
    "github.com/spf13/cobra.Command.Usage",
    "github.com/spf13/cobra.Command.MarkFlagRequired",
    "github.com/spf13/cobra.Command.MarkFlagFilename",
    "github.com/spf13/cobra.Command.MarkPersistentFlagRequired",
    "github.com/spf13/cobra.Command.RegisterFlagCompletionFunc",
    "github.com/spf13/pflag.FlagSet.MarkDeprecated",
    "github.com/spf13/pflag.FlagSet.SetAnnotation",
    // Keeps what it is given, and returns it.
    "gorm.io/gorm.DB.AddError",
    // Fails for the status OK, and for details that cannot be marshalled: on each run or on none.
    "google.golang.org/grpc/internal/status.Status.WithDetails",
    "google.golang.org/grpc/status.Status.WithDetails",
    // The folder is there when the program is built.
    "io/fs.Sub",
    "net/rpc.Register",
    "net/rpc.Server.Register",
    "github.com/spf13/pflag.FlagSet.MarkHidden",
    "github.com/spf13/viper.BindEnv",
    "github.com/spf13/viper.BindPFlag",
    "github.com/spf13/viper.BindPFlags",
    "github.com/spf13/viper.Viper.BindEnv",
    "github.com/spf13/viper.Viper.BindPFlag",
    "github.com/spf13/viper.Viper.BindPFlags",
];

/// Types that are written to without fail, or that keep the first error until they are flushed; with a
/// `ResponseWriter` the client is gone and cannot be told.
const WRITERS: &[&str] = &[
    "bytes.Buffer",
    "bytes.Reader",
    "strings.Builder",
    "strings.Reader",
    "hash.Hash",
    "hash.Hash32",
    "hash.Hash64",
    "hash/maphash.Hash",
    "bufio.Writer",
    "bufio.ReadWriter",
    "encoding/csv.Writer",
    "text/tabwriter.Writer",
    "net/http.ResponseWriter",
    "net/http/httptest.ResponseRecorder",
    "github.com/gin-gonic/gin.ResponseWriter",
    "github.com/labstack/echo/v4.Response",
];

/// Functions that write to their first argument.
const PRINTERS: &[&str] = &["fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "io.WriteString", "encoding/binary.Write"];

/// Words of comments that say why an error is left alone.
pub(super) const REASONS: &[&str] = &["err", "retr", "again"];

/// Whether the error of a call can be left alone wherever the call stands.
pub(super) fn is_ignorable(cx: &Cx, call: ExprId) -> bool {
    let Some(callee) = cx.callee(call) else { return false };
    if callee.is(FUNCTIONS) || logs(&callee) || is_reported_elsewhere(cx, call, &callee) {
        return true;
    }
    if let Some(receiver) = cx.receiver_type(call)
        && (cx.type_is(receiver, WRITERS) || callee.recv.is_some() && is_writer(&callee))
    {
        return callee.name != "Flush" || cx.type_is(receiver, &["text/tabwriter.Writer"]) || flushes_console(cx, call);
    }
    let Expr::Call { args, .. } = cx.expr(cx.unparen(call)) else { return false };
    let Some(&first) = cx.exprs(args).first() else { return false };
    if callee.is(&["encoding/json.Encoder.Encode"]) {
        return answers(cx, call) && always_encodes(cx, cx.ty(first));
    }
    if callee.recv.is_some() && (is_builder(cx, &callee) || lifts_deadline(cx, &callee, first)) {
        return true;
    }
    if callee.is(PRINTERS) {
        return !is_new_file(cx, first) && (callee.path == "fmt" || goes_nowhere_else(cx, first));
    }
    callee.is(&["io.Copy", "io.CopyN"]) && cx.denotes(first, &["io.Discard"])
}

/// `logger.Log(…)` of go-kit and its like: where could it be told that a line of the log is missing?
fn logs(callee: &Object) -> bool {
    callee.name == "Log" && callee.recv.as_ref().is_some_and(|recv| recv.ends_with("Logger"))
}

/// Builders of text, and a writer of one's own: whether it can fail, and whether it keeps its first error, its author knows.
fn is_builder(cx: &Cx, callee: &Object) -> bool {
    match callee.name {
        "WriteByte" | "WriteRune" | "WriteString" => callee.path != "os",
        "Write" | "WriteAt" => cx.is_own(callee),
        _ => false,
    }
}

/// `conn.SetDeadline(time.Time{})`: the next call on a broken connection tells.
fn lifts_deadline(cx: &Cx, callee: &Object, time: ExprId) -> bool {
    let zero =
        |ty: Option<ExprId>, elems: ExprList| elems.is_empty() && ty.is_some_and(|ty| cx.denotes(ty, &["time.Time"]));
    matches!(callee.name, "SetDeadline" | "SetReadDeadline" | "SetWriteDeadline")
        && matches!(cx.expr(time), Expr::Composite { ty, elems } if zero(ty, elems))
}

/// Calls whose dropped errors a rule of their own speaks of: those of go-redis that are statements. What `Process` returns
/// is also in the command.
fn is_reported_elsewhere(cx: &Cx, call: ExprId, callee: &Object) -> bool {
    let is_statement = || matches!(cx.tree.parent(call), Some(Node::Stmt(id)) if matches!(cx.stmt(id), Stmt::Expr(_)));
    callee.path.starts_with("github.com/redis/go-redis/") && (callee.name == "Process" || is_statement())
}

/// Whether an encoder writes to a client: `json.NewEncoder(w).Encode(v)`, or by a local.
fn answers(cx: &Cx, call: ExprId) -> bool {
    let Some((encoder, _, _)) = cx.method_call(call) else { return false };
    let made = cx.initial_value(encoder).unwrap_or(encoder);
    matches!(cx.call(made), Some(Call { args: [writer], .. }) if cx.has_type(*writer, &["net/http.ResponseWriter"]))
}

/// Promoted methods belong to the type that declares them.
fn is_writer(callee: &Object) -> bool {
    let Some(recv) = callee.recv else { return false };
    WRITERS.iter().any(|full| {
        full.strip_suffix(recv).and_then(|rest| rest.strip_suffix('.')).is_some_and(|path| path == callee.path)
    })
}

/// A writer in memory, a response, or the terminal.
fn goes_nowhere_else(cx: &Cx, writer: ExprId) -> bool {
    cx.has_type(writer, WRITERS) || is_console(cx, writer) || cx.type_is(cx.ty(writer), &["io.Writer"])
}

fn is_console(cx: &Cx, writer: ExprId) -> bool {
    cx.denotes(writer, &["os.Stdout", "os.Stderr"])
}

/// `w.Flush()` where `w := bufio.NewWriter(os.Stdout)`.
fn flushes_console(cx: &Cx, call: ExprId) -> bool {
    let Some((writer, "Flush", [])) = cx.method_call(call) else { return false };
    let Some((made, 0)) = cx.origin(writer) else { return false };
    match cx.call(made) {
        Some(Call { callee, args: [under, ..], .. }) if callee.path == "bufio" => {
            is_console(cx, *under) || cx.has_type(*under, &["bytes.Buffer", "strings.Builder"])
        }
        _ => false,
    }
}

/// A local file that was opened here for writing.
pub(super) fn is_new_file(cx: &Cx, file: ExprId) -> bool {
    cx.origin(file).is_some_and(|(made, index)| {
        index == 0 && cx.callee(made).is_some_and(|name| name.is(&["os.Create"]) || name.is(&["os.CreateTemp"]))
    })
}

/// The beginnings of names of functions that give something back; when they fail nothing is left to do.
const CLEAN_UP: &[&str] = &[
    "Abort",
    "Cancel",
    "Cleanup",
    "Clear",
    "Close",
    "Decref",
    "Delete",
    "Destroy",
    "Disconnect",
    "Done",
    "Drain",
    "End",
    "Exit",
    "Finish",
    "Free",
    "Kill",
    "Leave",
    "Logout",
    "Put",
    "Quit",
    "Release",
    "Remove",
    "Reset",
    "Restore",
    "Return",
    "Revert",
    "Rollback",
    "Shutdown",
    "Stop",
    "Teardown",
    "Terminate",
    "Undo",
    "Unlock",
    "Unmount",
    "Unsubscribe",
];

/// Whether nothing is left to do when the call of this statement fails: it closes or takes back, or gives something back
/// where it is deferred, something has failed already, the context is over, or a goroutine does it beside.
pub(super) fn gives_back(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    closes(cx, call)
        || is_clean_up(cx, call)
            && (comes_after_failure(cx, call)
                || comes_after_the_end(cx, stmt)
                || matches!(cx.stmt(stmt), Stmt::Go(_))
                || runs_in_goroutine(cx, stmt))
}

/// Whether a call gives something back, by the name of what is called.
pub(super) fn is_clean_up(cx: &Cx, call: ExprId) -> bool {
    let Expr::Call { fun, .. } = cx.expr(cx.unparen(call)) else { return false };
    let name = match cx.expr(cx.unparen(fun)) {
        Expr::Selector { name, .. } => cx.source(name),
        _ => cx.source(fun),
    };
    CLEAN_UP.iter().any(|verb| {
        let Some(head) = name.get(..verb.len()) else { return false };
        let rest = &name[verb.len()..];
        head.eq_ignore_ascii_case(verb) && !rest.starts_with(char::is_lowercase)
    })
}

/// Whether a call closes or takes back, which is done even where nobody waits for the outcome.
fn closes(cx: &Cx, call: ExprId) -> bool {
    cx.method_call(call).is_some_and(|(_, name, _)| {
        ["close", "Close", "Rollback", "Unsubscribe"].iter().any(|verb| name.starts_with(verb))
    })
}

/// Whether the node stands where something has failed already, or in a deferred function: then the first error is the one to tell.
pub(super) fn comes_after_failure(cx: &Cx, node: impl Into<Node>) -> bool {
    let mut child = node.into();
    for ancestor in cx.tree.ancestors(child) {
        match ancestor {
            Node::Stmt(id) => match cx.stmt(id) {
                Stmt::If { cond, then, .. } if child == then.into() && asks_for(cx, cond, BinaryOp::NotEqual) => {
                    return true;
                }
                Stmt::If { cond, els: Some(els), .. } if child == els.into() && asks_for(cx, cond, BinaryOp::Equal) => {
                    return true;
                }
                Stmt::Defer(_) => return true,
                _ => {}
            },
            Node::Decl(_) => return false,
            _ => {}
        }
        child = ancestor;
    }
    false
}

/// Whether a condition compares an error with nil by `op`.
fn asks_for(cx: &Cx, cond: ExprId, op: BinaryOp) -> bool {
    cx.any(cond, false, |node| {
        let Node::Expr(id) = node else { return false };
        let Expr::Binary { op: found, lhs, rhs } = cx.expr(id) else { return false };
        found == op && cx.is_builtin(rhs, "nil") && is_error(cx, lhs)
    })
}

/// Whether a statement is run by a function literal that a `go` statement starts: nobody waits for its outcome.
pub(super) fn runs_in_goroutine(cx: &Cx, stmt: StmtId) -> bool {
    let Some(Func { node: literal @ Node::Expr(_), .. }) = cx.enclosing_func(stmt) else { return false };
    let Some(Node::Expr(call)) = cx.tree.parent(literal) else { return false };
    matches!(cx.tree.parent(call), Some(Node::Stmt(start)) if matches!(cx.stmt(start), Stmt::Go(_)))
}
