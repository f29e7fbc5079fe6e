//! A failure ends the work, and nothing reports it: no log, no counter, no result.
//!
//! A bare `return`, or a `continue`, in the branch for an error makes what failed look done. An import skips each row of a file whose
//! decimal separator changed and reports success; a reconciliation stops for as long as a certificate is expired. Log or count the
//! error, keep it for whoever asks, or write a comment that says why it does not matter.
//!
//! The finding is a question. It rests on another branch of the function that does look at its error before it leaves in the same way, or
//! on a call that writes, by its name, to something outside. A `break` is asked about where the function of the package that reads has
//! errors of its own for what is damaged: only `io.EOF` is the end.
//!
//! Limits: a branch that does anything else is left alone. So are errors of calls that ask whether something is there, that parse,
//! convert or encode a value, that close, that answer a client, or that read on at the end of a stream, and errors that a comment explains.
//!
//! ```go bad
//! func (r *reconciler) tick(ctx context.Context, account string) {
//! 	ours, err := r.ledger.Balance(ctx, account)
//! 	if err != nil {
//! 		slog.Error("ledger", "err", err)
//! 		return
//! 	}
//! 	theirs, err := r.bank.Balance(ctx, account)
//! 	if err != nil {
//! 		return
//! //<^^^^^^ if `r.bank.Balance` fails, nothing reports it
//! 	}
//! 	if ours != theirs {
//! 		slog.Warn("difference", "account", account)
//! 	}
//! }
//!
//! type reconciler struct{ ledger, bank balances }
//!
//! type balances interface {
//! 	Balance(ctx context.Context, account string) (int, error)
//! }
//! ```
//! ```go good
//! func (r *reconciler) tick(ctx context.Context, account string) {
//! 	balance, err := r.bank.Balance(ctx, account)
//! 	if errors.Is(err, errClosed) {
//! 		return // told apart
//! 	}
//! 	if err != nil {
//! 		// The next tick tries again, and the bank has an alert of its own.
//! 		return
//! 	}
//! 	slog.Info("balance", "account", account, "balance", balance)
//! }
//!
//! var errClosed = errors.New("closed")
//!
//! type reconciler struct{ bank balances }
//!
//! type balances interface {
//! 	Balance(ctx context.Context, account string) (int, error)
//! }
//! ```
//!
//! # Impact
//!
//! The failure leaves no trace: what was skipped is missing, and no log line or count says how often. An import, for
//! example, reports success for a file of which half was unreadable.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: make the call fail once; the result, a log line or a counter has to show it
//!
//! # References
//!
//! - [Go blog, "Errors are values"](https://go.dev/blog/errors-are-values)
use gopeer_lint::Step;
use gopeer_lint::prelude::*;

use super::clean_up::ends;
use super::ignorable::is_ignorable;
use super::known::call_of;
use super::support::{branch_of_error, error_variable, fails_in_ways, is_commented, writes};

pub static RULE: Rule = Rule {
    id: "errors/silently-dropped",
    severity: Severity::Low,
    confidence: Confidence::Low,
    concerns: &[(Concern::Errors, 3), (Concern::Operability, 1)],
    equivalents: &["nilerr"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Return, StmtKind::Branch], check)],
    examines: "branches for errors",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    if matches!(cx.stmt(stmt), Stmt::Branch { kind: BranchKind::Break, .. }) {
        return check_end(cx, stmt);
    }
    let leaves = match cx.stmt(stmt) {
        Stmt::Return(results) => results.is_empty(),
        Stmt::Branch { kind: BranchKind::Continue, .. } => true,
        _ => false,
    };
    if !leaves || cx.siblings(stmt).len() != 1 {
        return;
    }
    let Some(branch) = branch_of_error(cx, stmt) else { return };
    let Some(func) = cx.enclosing_func(stmt) else { return };
    let returns = matches!(cx.stmt(stmt), Stmt::Return(_));
    // A bare `return` gives the named results, the error among them.
    let own = |declared: ExprId| cx.enclosing_func(declared).is_some_and(|around| around.node == func.node);
    if !error_variable(cx, branch.error).is_some_and(own) || returns && !cx.results_of(func).is_empty() {
        return;
    }
    cx.examined();
    let Some(call) = call_of(cx, branch.error) else { return };
    if cx.calls(call, FILES)
        || says_so(cx, stmt)
        || is_expected(cx, call)
        || is_ignorable(cx, call)
        || answers(cx, call)
        || is_commented(cx, branch.stmt)
        || cx.reports_errors(call)
        || is_read_deferred(cx, func, branch.error)
    {
        return;
    }
    let lost = writes(cx, call) && fails_in_ways(cx, call);
    if !lost && !deals_with_others(cx, func, branch.stmt, returns) {
        return;
    }
    let name = cx.callee_text(call);
    let steps = vec![
        (cx.span(call), format!("`{name}` fails here")),
        (cx.span(stmt), if returns { "the function returns here" } else { "the loop goes on here" }.to_owned()),
    ];
    cx.report(stmt, format!("if `{name}` fails, nothing reports it")).steps(steps);
}

/// A loop that any error of a function of the package ends, where that function has errors of its own for what is damaged.
fn check_end(cx: &mut Cx, stmt: StmtId) {
    let Some(branch) = branch_of_error(cx, stmt).filter(|_| cx.siblings(stmt).len() == 1) else { return };
    let (Some(looping), Some(declared)) = (cx.enclosing_loop(stmt), error_variable(cx, branch.error)) else { return };
    let call = call_of(cx, branch.error).and_then(|call| cx.call(call));
    let inside = cx.span(looping).contains(cx.span(declared))
        && cx.tree.parent(branch.stmt).and_then(|block| cx.tree.parent(block)) == Some(Node::Stmt(looping));
    let Some(call) = call.filter(|_| inside && !is_commented(cx, branch.stmt)) else { return };
    cx.examined();
    let Some((within, at)) = cx.find_within(call, own_failure, 0) else { return };
    let name = cx.callee_text(call.expr);
    cx.report(stmt, format!("any error of `{name}` ends the loop as if nothing came after it"))
        .severity(Severity::Medium)
        .steps([Step::within(within, at, "it fails with this, too")])
        .note("end the loop at `io.EOF` alone, and return every other error");
}

/// An error of the package itself that a function returns which reads up to an end.
fn own_failure(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    const READS: &[&str] = &["io.ReadAtLeast", "io.ReadFull", "encoding/binary.Read"];
    let func = cx.as_func(decl.into())?;
    cx.find_expr(func.body, false, |id| cx.calls(id, READS) || cx.denotes(id, &["io.EOF"]))?;
    let is_own = |id: &ExprId| {
        let object = cx.object(*id).filter(|object| cx.is_own(object) && object.recv.is_none());
        object.is_some()
            && cx.expr(*id) == Expr::Ident
            && cx.ty(*id) == TypeId::ERROR
            && !matches!(cx.def(*id), Def::Local(_))
    };
    cx.returned(func.body).filter_map(|results| results.last().copied()).find(is_own)
}

/// Whether a deferred function looks at the error: it reports whatever ends the function.
fn is_read_deferred(cx: &Cx, func: Func, error: ExprId) -> bool {
    const MOST: usize = 16;
    let Some(declared) = error_variable(cx, error) else { return false };
    cx.defers(func.body).iter().take(MOST).any(|&defer| cx.mentions(defer, declared))
}

/// What may be missing: a file that is looked for.
const FILES: &[&str] = &["os.Open", "os.ReadDir", "os.ReadFile", "io/ioutil.ReadDir", "io/ioutil.ReadFile"];

/// Whether the comment on the function says that errors are left alone.
fn says_so(cx: &Cx, stmt: StmtId) -> bool {
    let text = cx.tree.text();
    let comments = cx.enclosing_decl(stmt).map(|decl| cx.doc_comment(decl)).unwrap_or_default();
    comments.iter().any(|comment| comment.body(text).to_ascii_lowercase().contains("ignor"))
}

/// Calls whose failure is an answer, or the end of what is read.
fn is_expected(cx: &Cx, call: ExprId) -> bool {
    const ANSWERS: &[&str] = &[
        "accept",
        "as",
        "atoi",
        "cast",
        "check",
        "convert",
        "decode",
        "exists",
        "has",
        "is",
        "lookup",
        "lstat",
        "match",
        "next",
        "parse",
        "peek",
        "readlink",
        "receive",
        "recv",
        "scan",
        "stat",
        "try",
        "unmarshal",
        "validate",
        "verify",
        "wait",
    ];
    words(cx.callee_word(call)).iter().any(|word| ANSWERS.contains(&word.as_str())) || ends(cx, call)
}

/// Whether a call writes an answer to a client: if that fails, the client is gone, and what it fails with was answered already.
fn answers(cx: &Cx, call: ExprId) -> bool {
    const ANSWERS: &[&str] = &["net/http.ResponseWriter", "net/http.Request"];
    let Expr::Call { args, .. } = cx.expr(call) else { return false };
    let receiver = cx.method_call(call).map(|(receiver, ..)| receiver);
    let encodes = words(cx.callee_text(call)).iter().any(|word| matches!(word.as_str(), "encode" | "marshal"));
    encodes || cx.exprs(args).iter().copied().chain(receiver).any(|part| cx.has_type(part, ANSWERS))
}

/// Whether another branch for an error, with the same way out, looks at its error.
fn deals_with_others(cx: &Cx, func: Func, branch: StmtId, returns: bool) -> bool {
    let tests: gopeer_lint::Wanted =
        |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. }));
    const NEAR: usize = 32;
    let looping = cx.enclosing_loop(branch);
    let all = cx.within(func.body, false, tests);
    let at = all.partition_point(|&node| cx.span(node).start < cx.span(branch).start);
    let near = all.iter().skip(at.saturating_sub(NEAR)).take(2 * NEAR);
    near.into_iter().any(|&node| {
        let Node::Stmt(other) = node else { return false };
        let Stmt::If { cond, then, .. } = cx.stmt(other) else { return false };
        let Some(&last) = cx.list_of(then.into()).last() else { return false };
        let same_way = match cx.stmt(last) {
            Stmt::Return(_) => returns,
            Stmt::Branch { kind: BranchKind::Continue, .. } => !returns && cx.enclosing_loop(other) == looping,
            _ => false,
        };
        let error = cx.find_expr(cond, false, |expr| error_variable(cx, expr).is_some());
        let Some(declared) = error.and_then(|error| error_variable(cx, error)) else { return false };
        other != branch && same_way && cx.mentions(then, declared)
    })
}
