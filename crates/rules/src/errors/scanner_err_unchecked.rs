//! A loop ends when `Scan` or `Next` returns false, and nothing checks whether that was the end or an error.
//!
//! A `bufio.Scanner` stops at the end of the input, when reading fails, and at a line of more than 64 KiB; a Redis iterator stops when the
//! connection breaks. What was read until then looks complete. After the loop, `Err` tells the two apart. Where lines may be long,
//! `Buffer` raises the limit. Of a `csv.Writer`, `Flush` returns nothing, and `Error` says whether it worked.
//!
//! The finding is low in a command line, where the function cannot hand on an error, and where the input is what another process writes.
//!
//! Limits: an iterator in a field, one that the caller gave, and one that is passed on are not followed. Reading from a string or from
//! memory is not reported, although a long line ends it, too. Rows of databases have rules of their own.
//!
//! ```go bad
//! func hosts(r io.Reader) ([]string, error) {
//! 	var all []string
//! 	lines := bufio.NewScanner(r)
//! 	for lines.Scan() {
//! 	//  ^^^^^^^^^^^^ nothing checks `lines.Err` after the loop, so a failed read looks like the end of the input
//! 		all = append(all, lines.Text())
//! 	}
//! 	return all, nil
//! }
//! ```
//! ```diff fixed
//! +	if err := lines.Err(); err != nil {
//! +		return nil, err
//! +	}
//! ```
//! ```go bad
//! func export(w io.Writer, rows [][]string) error {
//! 	out := csv.NewWriter(w)
//! 	for _, row := range rows {
//! 		if err := out.Write(row); err != nil {
//! 			return err
//! 		}
//! 	}
//! 	out.Flush()
//! //<^^^^^^^^^ nothing checks `out.Error` to see whether flushing failed
//! 	return nil
//! }
//! ```
//! ```diff fixed
//! +	if err := out.Error(); err != nil {
//! +		return err
//! +	}
//! ```
//! ```go good
//! func count(r io.Reader, names string) (int, error) {
//! 	n := 0
//! 	known := bufio.NewScanner(strings.NewReader(names))
//! 	for known.Scan() { // cannot fail to be read
//! 		n++
//! 	}
//! 	lines := bufio.NewScanner(r)
//! 	for lines.Scan() {
//! 		n++
//! 	}
//! 	return n, lines.Err()
//! }
//! ```
//!
//! # Impact
//!
//! A line longer than 64 KiB or a broken pipe ends the loop like the end of the file. An import then stops in the
//! middle and reports success.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a line of 70,000 characters as the second of three
//!
//! # References
//!
//! - [Package bufio, Scanner](https://pkg.go.dev/bufio#Scanner)
use gopeer_lint::prelude::*;
use gopeer_sema::types::{Lookup, PkgId};

use super::propagate::return_with;
use super::support::{can_act, is_command, statement_at};

pub static RULE: Rule = Rule {
    id: "errors/scanner-err-unchecked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::DataLoss, 2)],
    equivalents: &["vet:scannererr"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::For], check), Hook::Call(&["encoding/csv.Writer.Flush"], flushed)],
    examines: "loops that read to the end",
};

/// Iterators whose rows are the subject of other rules.
const ELSEWHERE: &[&str] = &[
    "database/sql",
    "github.com/gocql/gocql",
    "github.com/jackc/pgx",
    "github.com/jmoiron/sqlx",
    "go.mongodb.org/mongo-driver",
];

fn check(cx: &mut Cx, looping: StmtId) {
    let Some(call) = asked(cx, looping) else { return };
    let Some((iterator, _, _)) = cx.method_call(call) else { return };
    let Some(method) = failure_of(cx, iterator) else { return };
    let Some(made) = made_here(cx, iterator) else { return };
    cx.examined();
    if is_in_memory(cx, made) || !is_forgotten(cx, iterator, method) {
        return;
    }
    let name = cx.source(iterator);
    let severity = if is_of_process(cx, made) { Severity::Low } else { grade(cx, looping) };
    let (edit, cause) = (asks(cx, looping, name, method), cause(cx, made, name));
    let (reason, is_scanner) = (cx.explanation(looping, &[]), is_scanner(cx, made));
    let message =
        format!("nothing checks `{name}.{method}` after the loop, so a failed read looks like the end of the input");
    let mut report = cx.report(call, message).severity(severity).excused(reason).one_cause(cause);
    if is_scanner {
        report = report.note("a line of more than 64 KiB ends the loop, too; `Buffer` raises that limit");
    }
    if let Some(edit) = edit {
        report.fix(format!("Check `{name}.{method}`"), [edit]);
    }
}

/// Low where nobody is there to be told, and in what only developers run.
fn grade(cx: &Cx, node: impl Into<Node>) -> Severity {
    let node = node.into();
    match can_act(cx, node) && !is_command(cx, node) && cx.file.purpose().is_service() {
        true => Severity::Medium,
        false => Severity::Low,
    }
}

/// One iterator may be asked in several loops.
fn cause(cx: &Cx, made: ExprId, name: &str) -> String {
    format!("{} {name}", statement_at(cx, made))
}

/// The call that a loop goes by: `for lines.Scan() {`, or `for { if !lines.Scan() { break } … }`.
fn asked(cx: &Cx, looping: StmtId) -> Option<ExprId> {
    let Stmt::For { cond, body, .. } = cx.stmt(looping) else { return None };
    let call = match cond {
        Some(cond) => first_operand(cx, cond),
        None => {
            let Stmt::If { init: None, cond, .. } = cx.stmt(*cx.list_of(body.into()).first()?) else { return None };
            let Expr::Unary { op: UnaryOp::Not, operand } = cx.expr(cx.unparen(cond)) else { return None };
            cx.unparen(operand)
        }
    };
    matches!(cx.method_call(call), Some((_, "Scan" | "Next", _))).then_some(call)
}

/// `a` of `a && b && c`.
fn first_operand(cx: &Cx, cond: ExprId) -> ExprId {
    let mut first = cx.unparen(cond);
    while let Expr::Binary { op: BinaryOp::LogicalAnd, lhs, .. } = cx.expr(first) {
        first = cx.unparen(lhs);
    }
    first
}

/// The method that says why an iterator ended.
fn failure_of(cx: &Cx, iterator: ExprId) -> Option<&'static str> {
    let ty = cx.ty(iterator);
    if cx.type_path(cx.deref(ty)).is_none_or(|path| ELSEWHERE.iter().any(|module| path.starts_with(module))) {
        return None;
    }
    let gives_error = |name: &&&'static str| {
        let Lookup::Method { method, .. } = cx.store.lookup(ty, PkgId::SELF, cx.store.symbol(name)) else {
            return false;
        };
        matches!(cx.store.get(method.sig), Type::Signature(sig) if sig.params.is_empty() && *sig.results == [TypeId::ERROR])
    };
    ["Err", "Error"].iter().find(gives_error).copied()
}

/// The call that makes an iterator which the function keeps in a local variable.
fn made_here(cx: &Cx, iterator: ExprId) -> Option<ExprId> {
    let (value, _) = cx.origin(iterator)?;
    let value = cx.unparen(value);
    matches!(cx.expr(value), Expr::Call { .. }).then_some(value)
}

/// Whether nobody asks, and nobody else has the iterator.
fn is_forgotten(cx: &Cx, iterator: ExprId, method: &str) -> bool {
    let Def::Local(declared) = cx.def(cx.unparen(iterator)) else { return false };
    cx.names.uses(declared).filter(|&used| used != declared).all(|used| {
        let Some(Node::Expr(selector)) = cx.tree.parent(used) else { return cx.is_target(used) };
        match cx.expr(selector) {
            Expr::Selector { base, name } if base == used => cx.source(name) != method && is_called(cx, selector),
            _ => false,
        }
    })
}

fn is_called(cx: &Cx, selector: ExprId) -> bool {
    matches!(cx.tree.parent(selector), Some(Node::Expr(call)) if matches!(cx.expr(call), Expr::Call { fun, .. } if fun == selector))
}

/// Whether what is read, or written to, is in memory.
fn is_in_memory(cx: &Cx, made: ExprId) -> bool {
    const MEMORY: &[&str] = &["bytes.Buffer", "bytes.Reader", "strings.Reader", "strings.Builder"];
    let Some(subject) = subject(cx, made) else { return false };
    cx.has_type(subject, MEMORY)
}

/// What an iterator goes through: `bufio.NewScanner(r)`, `bufio.NewScanner(io.TeeReader(r, w))`.
fn subject(cx: &Cx, made: ExprId) -> Option<ExprId> {
    let Expr::Call { args, .. } = cx.expr(made) else { return None };
    let first = cx.unparen(*cx.exprs(args).first()?);
    match cx.expr(first) {
        Expr::Call { args, .. } if cx.callee(first).is_some_and(|callee| callee.path == "io") => {
            cx.exprs(args).first().copied()
        }
        _ => Some(first),
    }
}

/// Whether another process writes what is read: `cmd.StdoutPipe()`, the standard input.
fn is_of_process(cx: &Cx, made: ExprId) -> bool {
    const PIPES: &[&str] = &["os/exec.Cmd.StdoutPipe", "os/exec.Cmd.StderrPipe"];
    let Some(subject) = subject(cx, made) else { return false };
    cx.denotes(subject, &["os.Stdin"]) || cx.origin(subject).is_some_and(|(value, _)| cx.calls(value, PIPES))
}

fn is_scanner(cx: &Cx, made: ExprId) -> bool {
    cx.calls(made, &["bufio.NewScanner"])
}

/// The edit that asks behind a statement, where the function can return an error.
fn asks(cx: &Cx, stmt: StmtId, name: &str, method: &str) -> Option<(Span, String)> {
    let func = cx.enclosing_func(stmt)?;
    let leave = return_with(cx, func, "err")?;
    cx.place_in_list(stmt)?;
    let (end, indent) = (cx.span(stmt).end, cx.indent(stmt));
    let text = format!("\n{indent}if err := {name}.{method}(); err != nil {{\n{indent}\t{leave}\n{indent}}}");
    Some((Span::new(end, end), text))
}

fn flushed(cx: &mut Cx, call: Call) {
    let Some(writer) = call.receiver else { return };
    let Some(made) = made_here(cx, writer) else { return };
    cx.examined();
    // `WriteAll` flushes, and returns the error.
    if is_in_memory(cx, made) || !is_forgotten(cx, writer, "Error") || !is_forgotten(cx, writer, "WriteAll") {
        return;
    }
    let name = cx.source(writer);
    let stmt = match cx.tree.parent(call.expr) {
        Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Expr(_)) => Some(stmt),
        _ => None,
    };
    let edit = stmt.and_then(|stmt| asks(cx, stmt, name, "Error"));
    let (severity, cause) = (grade(cx, call.expr), cause(cx, made, name));
    let report = cx
        .report(call.fun, format!("nothing checks `{name}.Error` to see whether flushing failed"))
        .severity(severity)
        .one_cause(cause);
    if let Some(edit) = edit {
        report.fix(format!("Check `{name}.Error`"), [edit]);
    }
}
