//! Errors that nobody needs to look at: those that cannot occur or come back later, by the facts of the library, and those that
//! leave nothing to do.

use gopeer_lint::prelude::*;

use super::encodes::always_encodes;

/// Functions whose failure changes nothing for the caller.
const BEST_EFFORT: &[&str] = &[
    // What could not be removed is found again.
    "os.Remove",
    "os.RemoveAll",
    "os.Setenv",
    "os.Unsetenv",
    "os.Process.Kill",
    "os.Process.Release",
    "os.Process.Signal",
    "bufio.Reader.Discard",
    // Lines of a log.
    "go.uber.org/zap/zapcore.ArrayEncoder.AppendObject",
    "go.uber.org/zap/zapcore.ObjectEncoder.AddArray",
    "go.uber.org/zap/zapcore.ObjectEncoder.AddObject",
    "go.uber.org/zap/zapcore.ObjectEncoder.AddReflected",
    "log/slog.Handler.Handle",
    "github.com/joho/godotenv.Load",
    // The next read or write on the connection fails, too.
    "net.Conn.SetDeadline",
    "net.Conn.SetReadDeadline",
    "net.Conn.SetWriteDeadline",
    "net.TCPConn.SetKeepAlive",
    "net.TCPConn.SetKeepAlivePeriod",
    "net.TCPConn.SetNoDelay",
    // It keeps what it is given in memory.
    "fmt.State.Write",
    // The client is gone if it fails.
    "net/http.ResponseController.Flush",
];

/// Functions that write to their first argument.
const PRINTERS: &[&str] = &["fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "io.WriteString", "encoding/binary.Write"];

/// `io.ReadFull(rand.Reader, b)`, which is `rand.Read(b)`.
fn reads_random(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.call(call), Some(Call { callee, args: [reader, ..], .. })
        if callee.is(&["io.ReadFull"]) && cx.denotes(*reader, &["crypto/rand.Reader"]))
}

/// Whether the error of a call can be left alone wherever the call stands.
pub(crate) fn is_ignorable(cx: &Cx, call: ExprId) -> bool {
    let Some(callee) = cx.callee(call) else { return false };
    let facts = cx.known(&callee).unwrap_or_default().facts;
    if facts.has(CallFacts::NEVER_FAILS)
        || reads_random(cx, call)
        || callee.is(BEST_EFFORT)
        || logs_or_sleeps(&callee)
        || says_goodbye(cx, call)
        || cx.method_call(call).is_some_and(|(on, ..)| is_console(cx, on))
        || callee.name.starts_with("Set") && callee.name.ends_with("Deadline")
        || is_reported_elsewhere(cx, call, &callee)
        || is_of_form(cx, call)
        || is_kept(cx, call, &callee)
    {
        return true;
    }
    if is_of_writer(cx, call, &callee) {
        return !facts.has(CallFacts::MUST_CHECK) || writes_to_console(cx, call);
    }
    // Waits for the enter key, or for the end of goroutines that only return nil.
    if callee.is(&["fmt.Scanln"]) && !has_arguments(cx, call) || waits_for_nil(cx, call, &callee) {
        return true;
    }
    let Expr::Call { args, .. } = cx.expr(cx.unparen(call)) else { return false };
    let Some(&first) = cx.exprs(args).first() else { return false };
    if callee.is(&["encoding/json.Encoder.Encode"]) {
        return answers(cx, call) && always_encodes(cx, cx.ty(first));
    }
    if callee.recv.is_some() && (is_builder(cx, call, &callee) || lifts_deadline(cx, &callee, first)) {
        return true;
    }
    if callee.is(PRINTERS) {
        return !is_new_file(cx, first) && (callee.path == "fmt" || goes_nowhere_else(cx, first));
    }
    callee.is(&["io.Copy", "io.CopyN"]) && cx.denotes(first, &["io.Discard"])
}

/// Whether a method belongs to a writer that never fails, or that keeps its first error until it is flushed. If writing to a
/// `ResponseWriter` fails, the client is gone. Promoted methods belong to the type that declares them.
fn is_of_writer(cx: &Cx, call: ExprId, callee: &Object) -> bool {
    let declaring = || cx.known(&Object { path: callee.path, recv: None, name: callee.recv? });
    cx.receiver_type(call).is_some_and(|receiver| {
        never_fails(cx, receiver) || declaring().is_some_and(|known| known.facts.has(CallFacts::NEVER_FAILS))
    })
}

fn never_fails(cx: &Cx, ty: TypeId) -> bool {
    cx.known_type(cx.deref(ty)).is_some_and(|known| known.facts.has(CallFacts::NEVER_FAILS))
}

/// Whether a call writes to a part of a form, which keeps its first error: the next part, or the end of the form, returns it
/// (mime/multipart, `part.Write`).
fn is_of_form(cx: &Cx, call: ExprId) -> bool {
    let made = cx.method_call(call).and_then(|(part, ..)| cx.origin(part));
    made.is_some_and(|(made, _)| cx.callee(made).is_some_and(|made| made.path == "mime/multipart"))
}

/// `logger.Log(…)` of go-kit and its like: there is no place left to report that a line of the log is missing. A sleep that ends
/// early is asked for by the loop around it.
fn logs_or_sleeps(callee: &Object) -> bool {
    callee.name.ends_with("Sleep")
        || callee.name == "Log" && callee.recv.as_ref().is_some_and(|recv| recv.ends_with("Logger"))
}

/// `conn.WriteMessage(websocket.CloseMessage, nil)`: the other side is gone if it fails.
fn says_goodbye(cx: &Cx, call: ExprId) -> bool {
    let kind = match cx.method_call(call) {
        Some((_, "WriteControl" | "WriteMessage", &[kind, ..])) => kind,
        _ => return false,
    };
    cx.denotes(kind, &["github.com/gorilla/websocket.CloseMessage"])
}

fn has_arguments(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(call)), Expr::Call { args, .. } if !args.is_empty())
}

/// `g.Wait()` of an errgroup that this function makes, and whose goroutines here, literals all of them, return nil alone.
fn waits_for_nil(cx: &Cx, call: ExprId, callee: &Object) -> bool {
    if !callee.is(&["golang.org/x/sync/errgroup.Group.Wait"]) {
        return false;
    }
    let Some((group, ..)) = cx.method_call(call) else { return false };
    let Def::Local(declared) = cx.def(cx.unparen(group)) else { return false };
    !cx.is_parameter(group)
        && cx.names.uses(declared).filter(|&used| used != declared).all(|used| {
            let Some(Node::Expr(selector)) = cx.tree.parent(used) else { return false };
            let Expr::Selector { base, name } = cx.expr(selector) else { return false };
            let started = || match cx.tree.parent(selector) {
                Some(Node::Expr(go)) => match cx.expr(go) {
                    Expr::Call { args, .. } => cx.only(args).is_some_and(|run| returns_nil(cx, run)),
                    _ => false,
                },
                _ => false,
            };
            base == used && (matches!(cx.source(name), "Wait" | "SetLimit") || cx.source(name) == "Go" && started())
        })
}

/// Whether a function literal returns nil alone.
fn returns_nil(cx: &Cx, run: ExprId) -> bool {
    let Expr::FuncLit { body, .. } = cx.expr(cx.unparen(run)) else { return false };
    let fails = |cx: &Cx, node: Node| match node {
        Node::Stmt(id) => {
            matches!(cx.stmt(id), Stmt::Return(results) if !cx.only(results).is_some_and(|result| cx.is_builtin(result, "nil")))
        }
        _ => false,
    };
    cx.within(body, false, fails).is_empty()
}

/// Builders of text, and a writer of the project: its author knows whether it can fail and whether it keeps its first error.
fn is_builder(cx: &Cx, call: ExprId, callee: &Object) -> bool {
    match callee.name {
        "WriteByte" | "WriteRune" | "WriteString" => callee.path != "os",
        // `xxhash.Digest` and its like are hashes, which never fail (package hash).
        "Write" if callee.recv == Some("Digest") => true,
        "Write" | "WriteAt" => cx.is_own(callee) && cx.results(call).is_some_and(|results| results.len() == 2),
        _ => false,
    }
}

/// `conn.SetDeadline(time.Time{})`: the next call on a broken connection fails, too.
fn lifts_deadline(cx: &Cx, callee: &Object, time: ExprId) -> bool {
    let zero =
        |ty: Option<ExprId>, elems: ExprList| elems.is_empty() && ty.is_some_and(|ty| cx.denotes(ty, &["time.Time"]));
    matches!(callee.name, "SetDeadline" | "SetReadDeadline" | "SetWriteDeadline")
        && matches!(cx.expr(time), Expr::Composite { ty, elems } if zero(ty, elems))
}

/// `rows.Scan(&n)` of pgx, where the function asks `rows.Err()`, and `nc.Flush()` of NATS, where it asks `nc.LastError()`: what fails
/// first is kept there.
fn is_kept(cx: &Cx, call: ExprId, callee: &Object) -> bool {
    let asks = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if matches!(cx.method_call(id), Some((_, "Err" | "LastError", []))));
    let (Some((rows, ..)), Some(func)) = (cx.method_call(call), cx.enclosing_func(call)) else { return false };
    let of_same = |&node: &Node| {
        let Node::Expr(asked) = node else { return false };
        cx.method_call(asked).is_some_and(|(receiver, ..)| cx.same_text(receiver, rows))
    };
    let keeps = callee.path.starts_with("github.com/jackc/pgx/") || callee.path == "github.com/nats-io/nats.go";
    keeps && cx.within(func.body, true, asks).iter().any(of_same)
}

/// Calls whose errors another rule looks at: those of go-redis that are statements. What `Process` returns is also in the command.
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

/// A writer in memory, a response, or the terminal.
fn goes_nowhere_else(cx: &Cx, writer: ExprId) -> bool {
    never_fails(cx, cx.ty(writer)) || is_console(cx, writer) || cx.type_is(cx.ty(writer), &["fmt.State", "io.Writer"])
}

fn is_console(cx: &Cx, writer: ExprId) -> bool {
    cx.denotes(writer, &["os.Stdout", "os.Stderr"])
}

/// `w.Flush()` where `w := bufio.NewWriter(os.Stdout)`, or a buffer in memory.
fn writes_to_console(cx: &Cx, call: ExprId) -> bool {
    let Some((writer, _, _)) = cx.method_call(call) else { return false };
    let Some((made, 0)) = cx.origin(writer) else { return false };
    let Some(Call { callee, args: [under, ..], .. }) = cx.call(made) else { return false };
    matches!(callee.path, "bufio" | "encoding/csv")
        && (is_console(cx, *under) || cx.has_type(*under, &["bytes.Buffer", "strings.Builder"]))
}

/// A local file that was opened here for writing.
fn is_new_file(cx: &Cx, file: ExprId) -> bool {
    cx.origin(file).is_some_and(|(made, index)| {
        index == 0 && cx.callee(made).is_some_and(|name| name.is(&["os.Create"]) || name.is(&["os.CreateTemp"]))
    })
}
