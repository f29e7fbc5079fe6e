//! What the rules about errors share.

use gopeer_lint::prelude::*;
use gopeer_sema::has_host;

pub(crate) use super::log_and_return::is_logged;

/// Whether an expression is of type `error`. Where its type is not known: whether it is a local that shows in the text to
/// be one, declared so, or by an error's name and the last value of a call.
pub(crate) fn is_error(cx: &Cx, expr: ExprId) -> bool {
    let expr = cx.unparen(expr);
    if !cx.ty(expr).is_unknown() {
        return cx.ty(expr) == TypeId::ERROR;
    }
    if cx.expr(expr) != Expr::Ident || !matches!(cx.def(expr), Def::Local(_)) {
        return false;
    }
    match cx.local_type(expr) {
        Some(local) => !local.pointer && cx.is_builtin(local.ty, "error"),
        None => has_error_name(cx.source(expr)) && comes_last_from_call(cx, expr) && cx.is_compared_with_nil(expr),
    }
}

fn has_error_name(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    stem == "err" || stem.ends_with("Err") || stem.ends_with("Error")
}

fn comes_last_from_call(cx: &Cx, local: ExprId) -> bool {
    let Some((value, index)) = cx.origin(local) else { return false };
    let Expr::Call { fun, .. } = cx.expr(value) else { return false };
    let Def::Local(declaring) = cx.def(local) else { return false };
    let Some(Node::Stmt(define)) = cx.tree.parent(declaring) else { return false };
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(define) else { return false };
    let last = rhs.len() > 1 || index + 1 == lhs.len();
    last && !cx.is_builtin(fun, "recover")
}

/// The `x` of a call `x.Error()`.
pub(crate) fn text_of(cx: &Cx, expr: ExprId) -> Option<ExprId> {
    match cx.method_call(expr)? {
        (receiver, "Error", []) if cx.ty(receiver).is_unknown() || is_error(cx, receiver) => Some(receiver),
        _ => None,
    }
}

/// Frameworks of command lines: functions that use them run on behalf of a person at a terminal. Services read flags, too.
pub(super) const COMMAND_LINES: &[&str] = &[
    "github.com/alecthomas/kingpin",
    "github.com/choria-io/fisk",
    "github.com/mitchellh/cli",
    "github.com/spf13/cobra",
    "github.com/urfave/cli",
];

/// How bad it is that nobody looks at a call's error. Medium where the library's documentation asks for the check, and where data
/// is lost: the call writes, by its name, and it waits for something outside, or the function around it hands errors to its caller,
/// or serves a request or a message, so that somebody could have acted on it. Low elsewhere, where only the value can be at fault, and
/// in the code of a command line, where an error ends as a line on a terminal.
pub(super) fn loss(cx: &Cx, node: impl Into<Node>, call: ExprId) -> Severity {
    let node = node.into();
    let acts = || waits(cx, call) || can_act(cx, node);
    let loses = || writes(cx, call) && !is_command(cx, node) && !is_log(cx) && acts();
    let required = || is_required(cx, call) && !(is_command(cx, node) && is_output(cx, call));
    let is_table = cx.callee(call).is_some_and(|callee| callee.name == "Flush" && callee.path.ends_with("/tabwriter"));
    match !rests_on_value(cx, call) && !is_table && !is_flusher(cx, node, call) && (required() || loses()) {
        true if saves(cx, call) => Severity::High,
        true => Severity::Medium,
        false => Severity::Low,
    }
}

/// Whether a `Flush` that returns nothing flushes: `http.Flusher` leaves no room for an error, and a writer keeps its first one.
fn is_flusher(cx: &Cx, node: Node, call: ExprId) -> bool {
    let Some(decl) = cx.enclosing_decl(node).filter(|&decl| cx.is_method(decl)) else { return false };
    let gives_nothing = cx.as_func(decl.into()).is_some_and(|func| cx.results_of(func).is_empty());
    gives_nothing && cx.func_name(decl) == Some("Flush") && cx.callee_word(call) == "Flush"
}

/// Whether a call commits a transaction in which the function around it has written.
pub(super) fn saves(cx: &Cx, call: ExprId) -> bool {
    let commits = cx.callee_word(call) == "Commit" && is_required(cx, call);
    let written = |func: Func| cx.effects_inside(func.body).has(Effects::WRITE);
    // A deferred closure commits what the function around it has written.
    let around = || cx.enclosing_decl(call).and_then(|decl| cx.as_func(decl.into()));
    commits && (cx.enclosing_func(call).is_some_and(written) || around().is_some_and(written))
}

/// Whether a call writes a part of the output: what ends or saves it fails as well.
fn is_output(cx: &Cx, call: ExprId) -> bool {
    let name = cx.callee_word(call);
    matches!(name, "Execute" | "ExecuteTemplate") || name.starts_with("Write")
}

/// Whether the package writes a log: there is no place left to report that a line is missing.
fn is_log(cx: &Cx) -> bool {
    let package = cx.file.scope.package.as_deref().unwrap_or_default();
    matches!(package, "log" | "logs" | "logx" | "logger" | "logging" | "logutil")
}

/// Whether a call fails for what it is given alone: it encodes into memory, scans a text, or waits with a context that never ends.
pub(super) fn rests_on_value(cx: &Cx, call: ExprId) -> bool {
    const ENDLESS: &[&str] = &["context.Background", "context.TODO"];
    let Some(Call { callee, args, .. }) = cx.call(call) else { return false };
    let encodes_into_memory = || {
        let encodes = callee.name == "Encode" || callee.path.starts_with("archive/");
        let encoder = cx.method_call(call).filter(|_| encodes).map(|(encoder, ..)| encoder);
        let made = encoder.and_then(|encoder| cx.call(cx.initial_value(encoder).unwrap_or(encoder)));
        made.and_then(|made| made.args.first()).is_some_and(|&writer| is_in_memory(cx, writer))
    };
    let marshaled = || {
        args.first()
            .and_then(|&data| cx.origin(data))
            .is_some_and(|(made, _)| cx.calls(made, &["encoding/json.Marshal"]))
    };
    callee.is(&["fmt.Sscan", "fmt.Sscanf", "fmt.Sscanln"])
        || callee.is(&["encoding/json.Unmarshal"]) && marshaled()
        || callee.name == "Wait" && args.first().is_some_and(|&context| cx.calls(context, ENDLESS))
        || encodes_into_memory()
}

/// Whether a writer keeps what it gets in memory, and never fails.
pub(super) fn is_in_memory(cx: &Cx, writer: ExprId) -> bool {
    cx.known_type(cx.deref(cx.ty(writer))).is_some_and(|known| known.facts.has(CallFacts::NEVER_FAILS))
}

/// Whether a call writes, saves or deletes data, by its name.
pub(super) fn writes(cx: &Cx, call: ExprId) -> bool {
    const WORK: &[&str] = &[
        "append", "commit", "create", "delete", "enqueue", "exec", "flush", "insert", "persist", "produce", "publish",
        "put", "remove", "rename", "save", "store", "sync", "truncate", "update", "upsert", "write",
    ];
    // A form that is sent keeps its first error.
    let keeps_error = cx.callee(call).is_some_and(|callee| callee.path == "mime/multipart");
    let to_console = cx.method_call(call).is_some_and(|(on, ..)| cx.denotes(on, &["os.Stdout", "os.Stderr"]));
    !keeps_error && !to_console && words(cx.callee_word(call)).iter().any(|word| WORK.contains(&word.as_str()))
}

/// Whether code that is not seen from here may have wrapped an error: it is a parameter, or comes from a method of an interface,
/// from a function value, or from another module.
pub(super) fn may_be_wrapped(cx: &Cx, error: ExprId) -> bool {
    let error = cx.unparen(error);
    let call = match cx.expr(error) {
        Expr::Call { .. } => Some(error),
        _ => source_of(cx, error),
    };
    let Some(call) = call.map(|call| cx.unparen(call)) else { return cx.is_parameter(error) };
    if !matches!(cx.expr(call), Expr::Call { .. }) {
        return false;
    }
    let of_interface = || {
        cx.method_call(call)
            .is_some_and(|(receiver, ..)| matches!(cx.under(receiver), gopeer_sema::types::Type::Interface(_)))
    };
    let Expr::Call { fun, .. } = cx.expr(call) else { return false };
    match cx.callee(call) {
        Some(callee) => !cx.is_own(&callee) || of_interface(),
        // A function value, or one that a snippet does not declare; of a method of what is unknown nothing is claimed.
        None => !cx.ty(fun).is_unknown() || cx.expr(fun) == Expr::Ident,
    }
}

/// Whether an error is a parameter that anybody may give: of an exported function, or of a literal.
pub(super) fn is_open_parameter(cx: &Cx, error: ExprId) -> bool {
    let name = cx.enclosing_decl(error).and_then(|decl| cx.func_name(decl));
    let in_literal = cx.enclosing_func(error).is_some_and(|func| matches!(func.node, Node::Expr(_)));
    cx.is_parameter(error) && (in_literal || name.is_some_and(|name| name.starts_with(char::is_uppercase)))
}

/// Whether the library's documentation asks to check the error of a call.
pub(super) fn is_required(cx: &Cx, call: ExprId) -> bool {
    facts(cx, call).has(CallFacts::MUST_CHECK)
}

fn facts(cx: &Cx, call: ExprId) -> CallFacts {
    cx.callee(call).and_then(|callee| cx.known(&callee)).unwrap_or_default().facts
}

/// Whether the function around a node hands errors to its caller, or serves a request or a message.
pub(crate) fn can_act(cx: &Cx, node: impl Into<Node>) -> bool {
    let node = node.into();
    cx.enclosing_func(node).is_some_and(|func| returns_error(cx, func)) || cx.handler(node).is_some()
}

/// Whether code belongs to a command line, or to `main` itself: what fails there ends as a line on a terminal.
pub(crate) fn is_command(cx: &Cx, node: impl Into<Node>) -> bool {
    let name = cx.enclosing_decl(node).and_then(|decl| cx.func_name(decl));
    let of_command_line = || !cx.file.is_main() || cx.file.imports_any(COMMAND_LINES);
    matches!(name, Some("main" | "init")) || cx.file.purpose() == Purpose::Command && of_command_line()
}

/// Whether an error comes straight from a library's call, and `package` is that library: it is then as the library documents it,
/// because no code in between can wrap it.
pub(super) fn is_straight_from(cx: &Cx, error: ExprId, package: &str) -> bool {
    let call = match cx.expr(cx.unparen(error)) {
        Expr::Call { .. } => Some(error),
        _ => source_of(cx, error),
    };
    // `go.etcd.io/bbolt/errors` declares the sentinels of `go.etcd.io/bbolt`.
    let library = package.strip_suffix("/errors").unwrap_or(package);
    call.and_then(|call| cx.callee(call)).is_some_and(|callee| callee.path == library && !cx.is_own(&callee))
}

/// Where a node stands, for findings with one cause: the file, the function and the statement that stands in a list.
pub(super) fn statement_at(cx: &Cx, node: impl Into<Node>) -> String {
    let node = node.into();
    let name = cx.enclosing_decl(node).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    let in_list = |outer: &Node| matches!(outer, Node::Stmt(stmt) if cx.place_in_list(*stmt).is_some());
    let start = cx.tree.ancestors(node).find(in_list).map_or(0, |stmt| cx.span(stmt).start);
    format!("{} {name} {start}", cx.file.name)
}

/// What findings about calls of one function of the project have as their cause; calls of a library have each their own.
pub(crate) fn own_callee(cx: &Cx, call: ExprId) -> Option<String> {
    let callee = cx.callee(call).filter(|callee| cx.is_own(callee))?;
    // Without go.mod a package has no path.
    let folder = cx.file.name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let package = if callee.path.is_empty() { folder } else { callee.path };
    Some(format!("{package}.{}.{}", callee.recv.unwrap_or_default(), callee.name))
}

/// Whether the last result of a function is an `error`.
pub(crate) fn returns_error(cx: &Cx, func: Func) -> bool {
    cx.results_of(func).last().is_some_and(|&(_, ty)| cx.is_builtin(ty, "error"))
}

/// An error in a sentence, with the call that it came from: "`err` from `os.Open`".
pub(crate) fn error_in_words(cx: &Cx, error: ExprId) -> String {
    let name = cx.source(error);
    match source_of(cx, error).map(|source| cx.callee_text(source)).filter(|callee| !callee.is_empty()) {
        Some(callee) => format!("`{name}` from `{callee}`"),
        None => format!("`{name}`"),
    }
}

/// The call that an error came from last, where that shows: in the header of a statement around its use, in the statement
/// before, or in its declaration if nothing else is assigned to it.
pub(crate) fn source_of(cx: &Cx, error: ExprId) -> Option<ExprId> {
    const NEAR: usize = 40;
    let Def::Local(declared) = cx.def(cx.unparen(error)) else { return None };
    let given = |stmt: StmtId| {
        let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return None };
        let (targets, values) = (cx.exprs(lhs), cx.exprs(rhs));
        let at = targets.iter().position(|&target| cx.def(target) == Def::Local(declared))?;
        values.get(if values.len() == targets.len() { at } else { 0 }).copied()
    };
    let inside = |node: &Node| cx.as_func(*node).is_none();
    // A chain of `else if` nests deep.
    for node in cx.tree.ancestors(error).take_while(inside).take(NEAR) {
        let Node::Stmt(stmt) = node else { continue };
        let header = match cx.stmt(stmt) {
            Stmt::If { init, .. } | Stmt::Switch { init, .. } => init,
            _ => None,
        };
        // Calls in between, such as `close(stopped)`, assign nothing.
        let before = || {
            let earlier = cx.siblings(stmt).get(..cx.place_in_list(stmt)?)?;
            let is_call = |&&stmt: &&StmtId| matches!(cx.stmt(stmt), Stmt::Expr(_) | Stmt::Defer(_));
            given(*earlier.iter().rev().take(4).find(|stmt| !is_call(stmt))?)
        };
        if let Some(value) = header.and_then(given).or_else(before) {
            return Some(value);
        }
    }
    cx.origin(error).filter(|_| !cx.is_reassigned(error)).map(|(value, _)| value)
}

/// Whether callers tell the errors of a call apart: it waits, or belongs to a package or client whose errors have values and
/// types. `rdb.Get(ctx, key).Result()` goes by its first call.
pub(super) fn fails_in_ways(cx: &Cx, call: ExprId) -> bool {
    const PACKAGES: &[&str] = &["database/sql", "io", "io/fs", "net", "net/http", "os", "os/exec"];
    let mut chain = Some(cx.unparen(call));
    while let Some(call) = chain.filter(|&call| matches!(cx.expr(call), Expr::Call { .. })) {
        let of_client = |callee: Object| has_host(callee.path) && is_required(cx, call);
        let known = |callee: Object| PACKAGES.contains(&callee.path) || of_client(callee);
        if waits(cx, call) || cx.callee(call).is_some_and(known) {
            return true;
        }
        chain = cx.method_call(call).map(|(receiver, ..)| cx.unparen(receiver));
    }
    false
}

/// Whether a call waits for a network, a disk or another process, by the facts of the library, or takes a context, and so fails
/// with the context's error.
pub(super) fn waits(cx: &Cx, call: ExprId) -> bool {
    let Expr::Call { args, .. } = cx.expr(cx.unparen(call)) else { return false };
    facts(cx, call).has(CallFacts::BLOCKS) || cx.exprs(args).iter().any(|&arg| cx.has_type(arg, &["context.Context"]))
}

/// Whether the node is inside a method of this name: `Is` compares by identity because that is its task.
fn in_method(cx: &Cx, node: impl Into<Node>, names: &[&str]) -> bool {
    cx.enclosing_decl(node).is_some_and(|decl| match cx.decl(decl) {
        Decl::Func { recv, name, .. } => !recv.is_empty() && names.contains(&cx.source(name)),
        _ => false,
    })
}

/// `errors.Cause(err)`: the end of the chain, which nothing wraps.
pub(super) fn is_root(cx: &Cx, error: ExprId) -> bool {
    let value = cx.initial_value(error).unwrap_or(error);
    let is_cause = |value: ExprId| {
        matches!(cx.method_call(value), Some((_, "Cause", _)))
            || cx.callee(value).is_some_and(|callee| callee.name == "Cause")
    };
    is_cause(value) || source_of(cx, error).is_some_and(is_cause)
}

/// The comment that says why code looks at the outermost error only; what it says of anything else does not count.
pub(super) fn said_unwrapped<'a>(cx: &Cx<'a>, at: ExprId) -> Option<&'a str> {
    const WORDS: &[&str] = &["errors.as", "errors.is", "unwrapped", "not wrap", "n't wrap", "never wrap"];
    cx.said(at, WORDS).filter(|comment| !comment.to_ascii_lowercase().contains("todo"))
}

/// Methods of the errors protocol compare by identity: that is their task. Tests often check that nothing is wrapped.
pub(super) fn is_exempt(cx: &Cx, node: ExprId) -> bool {
    cx.file.generated || in_method(cx, node, &["Is", "As", "Unwrap", "Cause"])
}

/// In `if n != 1 || err != nil`, the error may be nil in the branch.
pub(super) fn may_be_nil(cx: &Cx, place: ExprId, error: ExprId) -> bool {
    let mentions = |expr| cx.any(expr, true, |node| matches!(node, Node::Expr(id) if cx.def(id) == cx.def(error)));
    for node in cx.tree.ancestors(place) {
        let Node::Stmt(id) = node else { continue };
        let Stmt::If { cond, .. } = cx.stmt(id) else { continue };
        if !mentions(cond) {
            continue;
        }
        let mut rest = cx.unparen(cond);
        while let Expr::Binary { op: BinaryOp::LogicalOr, lhs, rhs } = cx.expr(rest) {
            if !mentions(rhs) {
                return true;
            }
            rest = cx.unparen(lhs);
        }
        return !mentions(rest);
    }
    false
}

/// The local variable of type `error` that an identifier names, by the identifier that declares it.
pub(super) fn error_variable(cx: &Cx, expr: ExprId) -> Option<ExprId> {
    match cx.def(cx.unparen(expr)) {
        Def::Local(declared) if cx.expr(cx.unparen(expr)) == Expr::Ident && is_error(cx, expr) => Some(declared),
        _ => None,
    }
}

/// The branch that runs where an error is not nil.
#[derive(Clone, Copy)]
pub(super) struct Branch {
    /// The error, in the condition.
    pub(super) error: ExprId,
    /// The condition.
    pub(super) cond: ExprId,
    /// The `if`, or the clause of a `switch`.
    pub(super) stmt: StmtId,
}

/// The branch that a statement stands in directly: of `if err != nil { … }`, of `case err != nil:`.
pub(super) fn branch_of_error(cx: &Cx, stmt: StmtId) -> Option<Branch> {
    let (cond, stmt) = branch_of(cx, stmt)?;
    let (error, nil) = cx.nil_test(cond)?;
    (!nil).then_some(Branch { error, cond, stmt })
}

/// The condition of the branch that a statement stands in directly, and the `if` or clause.
pub(super) fn branch_of(cx: &Cx, stmt: StmtId) -> Option<(ExprId, StmtId)> {
    let Node::Stmt(around) = cx.tree.parent(stmt)? else { return None };
    match cx.stmt(around) {
        Stmt::CaseClause { exprs, .. } => Some((cx.only(exprs)?, around)),
        Stmt::Block(_) => match cx.tree.parent(around)? {
            Node::Stmt(outer) => match cx.stmt(outer) {
                Stmt::If { cond, then, .. } if then == around => Some((cond, outer)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Whether a comment stands in a statement, or leads up to it.
pub(super) fn is_commented(cx: &Cx, stmt: StmtId) -> bool {
    let span = cx.span(stmt);
    let comments = cx.tree.comments();
    let from = comments.partition_point(|comment| comment.span.start < span.start);
    cx.comments_at(stmt).next().is_some() || comments.get(from).is_some_and(|comment| span.contains(comment.span))
}
