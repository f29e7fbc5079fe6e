//! An inner `:=` declares a second variable of the same name, and what went wrong, or was made, stays in it.
//!
//! `:=` in a block or in the header of an `if` always makes a new variable. What is returned, or tested, afterwards is the outer one,
//! which is still nil on this path: a failed refresh looks like an empty token, a transaction is neither committed nor rolled back
//! because the deferred function sees no error. Assign with `=`, and declare beside it what else is new.
//!
//! A finding rests on a path: the inner error is not nil there, nothing looks at it but a comparison with nil, and the outer one, which
//! is nil on every path to this place, is read afterwards. Of other variables: the outer one has its zero value, something assigns to it
//! elsewhere, and it is used after the inner one is out of scope.
//!
//! Limits: variables that closures assign to, or whose address is kept, are not followed.
//!
//! ```go bad
//! func (c *client) token(ctx context.Context) (string, error) {
//! 	var err error
//! 	if c.expired() {
//! 		fresh, err := c.refresh(ctx)
//! 		//     ^^^ this `err` shadows the outer `err`, which is still nil where it is read later
//! 		if err == nil {
//! 			c.current = fresh
//! 		}
//! 	}
//! 	return c.current, err
//! }
//!
//! type client struct{ current string }
//!
//! func (c *client) expired() bool { return c.current == "" }
//!
//! func (c *client) refresh(ctx context.Context) (string, error) { return "", ctx.Err() }
//! ```
//! ```go bad
//! func transfer(ctx context.Context, db *sql.DB) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer func() {
//! 		if err != nil {
//! 			tx.Rollback()
//! 		}
//! 	}()
//! 	if _, err := tx.ExecContext(ctx, "DELETE FROM holds"); err != nil {
//! 	//    ^^^ this `err` shadows the outer `err`, which is still nil when the deferred function reads it
//! 		return err
//! 	}
//! 	err = tx.Commit()
//! 	return err
//! }
//! ```
//! ```go good
//! func load(ctx context.Context, db *sql.DB) (names []string, err error) {
//! 	if name, err := first(ctx, db); err != nil {
//! 		return nil, err // returned: the inner one counts
//! 	} else {
//! 		names = append(names, name)
//! 	}
//! 	if _, err := os.Stat("/etc/names"); err != nil {
//! 		slog.Warn("no list", "err", err) // somebody looks at it
//! 	}
//! 	return names, err
//! }
//!
//! func first(ctx context.Context, db *sql.DB) (string, error) { return "", ctx.Err() }
//! ```
//!
//! # Idiom
//!
//! In an inner block, `:=` declares all of its variables anew, even if the names exist outside. Where the outer one is meant, the other
//! variable is declared first, and `=` assigns both.
//!
//! # Impact
//!
//! The function reports success for something that failed, or its deferred rollback sees no error and does nothing.
//! Readers see an assignment to `err` and believe it; so do reviewers. A test that fails the inner call finds `nil`
//! where it expects an error.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: make the inner call fail, and assert on what the outer function returns
//! - `go run golang.org/x/tools/go/analysis/passes/shadow/cmd/shadow@latest {package}`: lists all shadowed variables,
//!   most of them harmless
//!
//! # Options
//!
//! - Assign with `=` and declare the other variable before: one variable per function, with one line more
//!   - senior, data, throughput: what is returned is what was assigned
//! - Give the inner one a name of its own: both stay, and the check has to join them
//!   - backend, cloud-native: two failures have two names
//!
//! # References
//!
//! - [Go spec, "Short variable declarations"](https://go.dev/ref/spec#Short_variable_declarations)
use gopeer_flow::{Ending, Next, Op, OpKind, Root, State, Use, Val, Values, Watch, When};
use gopeer_lint::prelude::*;

use super::known::why_nil;
use super::log_and_return::is_logged;
use super::support::is_commented;

pub static RULE: Rule = Rule {
    id: "errors/shadowed",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &["vet:shadow"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Piece(check)],
    file: file!(),
    examines: "variables that shadow an outer one",
};

fn check(cx: &mut Cx) {
    for pair in pairs(cx) {
        cx.examined();
        let is_error = cx.ty(pair.inner) == TypeId::ERROR && cx.ty(pair.outer) == TypeId::ERROR;
        let shadowing = if is_error { shadowed_error(cx, pair) } else { shadowed_value(cx, pair) };
        let Some(shadowing) = shadowing else { continue };
        // Several that shadow one variable, such as the error that a deferred function reads, are one cause.
        let cause = format!("{} {}", crate::cause::in_function(cx, pair.outer), cx.source(pair.outer));
        cx.report(pair.inner, shadowing.message).steps(shadowing.steps).one_cause(cause);
    }
}

/// How many mentions of an outer variable are looked at: each inner one asks.
const MOST: usize = 256;

/// A variable declared by `:=`, and the one of the same name and function that it shadows.
#[derive(Clone, Copy)]
struct Pair {
    func: Func,
    inner: ExprId,
    outer: ExprId,
}

fn pairs(cx: &Cx) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for same in cx
        .names
        .locals()
        .chunk_by(|&a, &b| cx.source(a) == cx.source(b))
        .filter(|same| same.len() > 1 && cx.source(same[0]) != "_")
    {
        let mut same = same.to_vec();
        same.sort_by_key(|&declared| cx.span(declared).start);
        // The variables that are in scope, with where that ends. Scopes nest: the last one ends first.
        let mut open: Vec<(u32, ExprId)> = Vec::new();
        for inner in same {
            let Some(end) = scope_end(cx, inner) else { continue };
            while open.pop_if(|&mut (end, _)| end <= cx.span(inner).start).is_some() {}
            if is_defined(cx, inner)
                && let Some(&(_, outer)) = open.last()
                && let Some(func) = cx.enclosing_func(inner)
                && cx.enclosing_func(outer).is_some_and(|around| around.node == func.node)
            {
                pairs.push(Pair { func, inner, outer });
            }
            open.push((end, inner));
        }
    }
    pairs
}

/// Where the scope of a variable ends.
fn scope_end(cx: &Cx, declared: ExprId) -> Option<u32> {
    let scope = match cx.tree.parent(declared)? {
        Node::Field(_) => cx.enclosing_func(declared)?.node,
        Node::Decl(_) => {
            let is_block = |&node: &Node| matches!(node, Node::Stmt(_)) && !cx.list_of(node).is_empty();
            cx.tree.ancestors(declared).find(is_block)?
        }
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { .. } => cx.tree.parent(stmt)?,
            _ => Node::Stmt(stmt),
        },
        Node::Expr(_) => return None,
    };
    Some(cx.span(scope).end)
}

/// Whether a variable is declared by `:=` with what a call gives.
fn is_defined(cx: &Cx, declared: ExprId) -> bool {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(declared) else { return false };
    let Stmt::Assign { op: AssignOp::Define, rhs, .. } = cx.stmt(stmt) else { return false };
    cx.only(rhs).is_some_and(|value| matches!(cx.expr(cx.unparen(value)), Expr::Call { .. }))
}

/// What is said of a variable that shadows another.
struct Shadowing {
    message: String,
    steps: Vec<(Span, String)>,
}

fn shadowed_error(cx: &Cx, pair: Pair) -> Option<Shadowing> {
    let Pair { func, inner, outer } = pair;
    let name = cx.source(inner);
    let followed = cx.followed(func.node)?;
    let at = followed.after_write(inner)?;
    let mut start = cx.start(&followed, at);
    let error = start.state.get(Root(inner)).unwrap_or_else(|| start.values.made(inner, 0));
    start.state.set(Root(inner), error);
    start.state.set(Root(outer), Val::NIL);
    start.state.subject = Some(error);
    if !start.assume(error, Val::NIL, false) {
        return None;
    }
    let deferred = reads_deferred(cx, pair);
    let tests = Tests::of(cx, inner);
    let counts = is_assigned(cx, outer) || cx.is_result(func, outer);
    let (skipped, succeeds) = (tests.is_skipped, tests.only_of_success && counts);
    // In a loop, other turns may succeed.
    if succeeds && cx.enclosing_loop(inner) != cx.enclosing_loop(outer) {
        return None;
    }
    let mut watch = Watched { cx, pair, deferred: deferred.is_some(), is_error: true, skipped, succeeds, read: None };
    let found = cx.follow(&followed, &mut start, &mut watch)?;
    let read = watch.read;
    // That the outer one is nil was assumed: to look for why costs more than most paths are long.
    let mut steps = why_nil(cx, func, &followed, at, outer)?;
    steps.push((cx.span(inner), format!("this `{name}` is a new variable, and it is not nil on this path")));
    let message = match (read, deferred) {
        (Some(read), _) => {
            steps.extend(cx.branches_of(&followed, &found.path));
            steps.push((cx.span(read), format!("the outer `{name}`, which is nil, is read here")));
            format!("this `{name}` shadows the outer `{name}`, which is still nil where it is read later")
        }
        (None, Some(reader)) => {
            steps.push((cx.end_of_path(&followed, &found.path), format!("the inner `{name}` is returned here")));
            steps.push((cx.span(reader), format!("the deferred function reads the outer `{name}`, which is nil")));
            format!("this `{name}` shadows the outer `{name}`, which is still nil when the deferred function reads it")
        }
        _ => {
            let end = cx.end_of_path(&followed, &found.path);
            steps.push((end, format!("the outer `{name}`, which is nil, is returned here")));
            format!("this `{name}` shadows the outer `{name}`, which is still nil where it is returned")
        }
    };
    Some(Shadowing { message, steps })
}

/// Where a function that is deferred before the inner variable is declared reads the outer one, which is no result.
fn reads_deferred(cx: &Cx, pair: Pair) -> Option<ExprId> {
    if cx.is_result(pair.func, pair.outer) {
        return None;
    }
    let first = |used: &ExprId| {
        let literal = cx.enclosing_func(*used).filter(|around| around.node != pair.func.node);
        literal.is_some_and(|literal| is_deferred_before(cx, literal, pair))
    };
    let used = cx.names.uses(pair.outer).take(MOST).find(first)?;
    // What the closure assigns before it looks does not come from here.
    let Some(Node::Expr(cond)) = cx.tree.parent(used) else { return None };
    // One that asks for more tells errors apart: this one may be none of them.
    let more = matches!(cx.tree.parent(cond), Some(Node::Expr(outer)) if matches!(cx.expr(outer), Expr::Binary { .. }));
    (cx.nil_test(cond).is_some() && !more).then_some(used)
}

fn is_deferred_before(cx: &Cx, literal: Func, pair: Pair) -> bool {
    let Node::Expr(id) = literal.node else { return false };
    let Some(Node::Expr(call)) = cx.tree.parent(id) else { return false };
    let Some(Node::Stmt(defer)) = cx.tree.parent(call) else { return false };
    let block = cx.tree.parent(defer);
    matches!(cx.stmt(defer), Stmt::Defer(_))
        && cx.span(defer).end < cx.span(pair.inner).start
        && block.is_some_and(|block| cx.span(block).contains(cx.span(pair.inner)))
}

/// Another variable than an error: the outer one is nil, and used after the inner one is out of scope.
fn shadowed_value(cx: &Cx, pair: Pair) -> Option<Shadowing> {
    let Pair { func, inner, outer } = pair;
    let can_be_nil = matches!(
        cx.under(outer),
        Type::Pointer(_) | Type::Interface(_) | Type::Map { .. } | Type::Signature(_) | Type::Chan { .. }
    );
    if !can_be_nil || cx.is_result(func, outer) || cx.ty(inner).is_unknown() || !is_assigned(cx, outer) {
        return None;
    }
    let name = cx.source(inner);
    let followed = cx.followed(func.node)?;
    let at = followed.after_write(inner)?;
    let mut start = cx.start(&followed, at);
    // Where the inner one is nil as well, nothing is lost.
    let held = start.state.get(Root(inner)).unwrap_or_else(|| start.values.made(inner, 0));
    start.state.set(Root(inner), held);
    start.state.set(Root(outer), Val::NIL);
    if !start.assume(held, Val::NIL, false) {
        return None;
    }
    let (skipped, succeeds) = (false, false);
    let mut watch = Watched { cx, pair, deferred: false, is_error: false, skipped, succeeds, read: None };
    let found = cx.follow(&followed, &mut start, &mut watch)?;
    let read = watch.read?;
    let mut steps = why_nil(cx, func, &followed, at, outer)?;
    steps.push((cx.span(inner), format!("this `{name}` is a new variable")));
    steps.extend(cx.branches_of(&followed, &found.path));
    steps.push((cx.span(read), format!("the outer `{name}`, which is still nil, is used here")));
    let message = format!("this `{name}` shadows the outer `{name}`, which is still nil where it is used later");
    Some(Shadowing { message, steps })
}

/// Whether something is assigned to a variable after its declaration.
fn is_assigned(cx: &Cx, declared: ExprId) -> bool {
    cx.names.uses(declared).take(MOST).any(|used| used != declared && cx.is_target(used))
}

/// What asks of which kind an error is.
const ASKS_FOR_KIND: &[&str] = &["errors.As", "errors.Is"];

/// How the code asks for a failure.
struct Tests {
    /// Whether a failure ends the turn of a loop, a comment explains it, it ends reading, or it is an answer: it is meant to do no harm.
    is_skipped: bool,
    /// Whether it is compared with nil by `==` only.
    only_of_success: bool,
}

impl Tests {
    fn of(cx: &Cx, inner: ExprId) -> Tests {
        let mut tests = Tests { is_skipped: is_of_reader(cx, inner) || is_question(cx, inner), only_of_success: true };
        for used in cx.names.uses(inner) {
            let Some(Node::Expr(cond)) = cx.tree.parent(used) else { continue };
            // Who asks of which kind a failure is leaves the other kinds for later.
            tests.only_of_success &= !cx.calls(cond, ASKS_FOR_KIND);
            let Some((_, nil)) = cx.nil_test(cond) else { continue };
            tests.only_of_success &= nil;
            if let Some(choice) = cx.enclosing_stmt(cond)
                && let Stmt::If { then, .. } = cx.stmt(choice)
            {
                let last = cx.list_of(then.into()).last().map(|&last| cx.stmt(last));
                let continues = matches!(last, Some(Stmt::Branch { kind: BranchKind::Continue, .. }));
                tests.is_skipped |= !nil && (continues || is_logged_only(cx, then) || is_commented(cx, choice));
            }
        }
        tests
    }
}

/// Whether a branch logs, and does nothing else: the failure is dealt with.
fn is_logged_only(cx: &Cx, branch: StmtId) -> bool {
    let stmts = cx.list_of(branch.into());
    !stmts.is_empty() && stmts.iter().all(|&stmt| matches!(cx.stmt(stmt), Stmt::Expr(call) if is_logged(cx, call)))
}

/// `if _, err := lookup(name); err != nil {`: whether something is there.
fn is_question(cx: &Cx, inner: ExprId) -> bool {
    const ASKS: &[&str] =
        &["check", "exists", "find", "get", "has", "is", "load", "lookup", "open", "parse", "read", "resolve", "stat"];
    let Some(Node::Stmt(define)) = cx.tree.parent(inner) else { return false };
    let in_header = cx.place_in_list(define).is_none();
    let Some((call, _)) = cx.origin(inner).filter(|_| in_header) else { return false };
    words(cx.callee_word(call)).first().is_some_and(|first| ASKS.contains(&first.as_str()))
}

/// Whether an error comes from a call that reads on, and so may be the end of what is read.
fn is_of_reader(cx: &Cx, inner: ExprId) -> bool {
    const READS: &[&str] = &["decode", "next", "read", "recv", "receive", "token"];
    let Some((call, _)) = cx.origin(inner) else { return false };
    cx.enclosing_loop(inner).is_some()
        && words(cx.callee_word(call)).first().is_some_and(|first| READS.contains(&first.as_str()))
}

/// Watches the paths on which the inner variable holds something until the outer one is read.
struct Watched<'c, 'a> {
    cx: &'c Cx<'a>,
    pair: Pair,
    /// Whether a deferred function reads the outer one.
    deferred: bool,
    is_error: bool,
    /// Whether the failure is meant to do no harm.
    skipped: bool,
    /// Whether the code asks for the success of the inner one only, so that its failure is one of two ways to go on.
    succeeds: bool,
    read: Option<ExprId>,
}

impl Watched<'_, '_> {
    fn is(&self, ident: ExprId, declared: ExprId) -> bool {
        self.cx.def(ident) == Def::Local(declared)
    }

    /// Whether an identifier is compared with nil.
    fn is_tested(&self, ident: ExprId) -> bool {
        matches!(self.cx.tree.parent(ident), Some(Node::Expr(cond)) if self.cx.nil_test(cond).is_some())
    }

    /// The inner variable is read.
    fn looked_at(&self, values: &Values<'_>, ident: ExprId) -> Next {
        match values.input.use_of(ident) {
            Use::Seen if !self.is_error || self.is_tested(ident) => Next::Go,
            Use::Method { .. } | Use::Field(_) | Use::Called(_) if !self.is_error => Next::Go,
            Use::Returned(_) if self.deferred => Next::Go,
            Use::Argument { call, .. } if self.cx.calls(call, ASKS_FOR_KIND) => Next::Go,
            // It is wrapped and returned.
            Use::Argument { .. } if self.deferred && self.is_returned(ident) => Next::Go,
            _ => Next::Stop,
        }
    }

    fn is_returned(&self, ident: ExprId) -> bool {
        self.cx
            .tree
            .ancestors(ident)
            .take(6)
            .any(|node| matches!(node, Node::Stmt(stmt) if matches!(self.cx.stmt(stmt), Stmt::Return(_))))
    }
}

impl Watch for Watched<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let Pair { inner, outer, .. } = self.pair;
        match op.kind {
            OpKind::Read if self.is(op.at, inner) => self.looked_at(values, op.at),
            OpKind::Read if self.is(op.at, outer) => {
                if self.is_tested(op.at) && !self.is_error || self.skipped {
                    return Next::Stop;
                }
                // Who gave nil gets nil back.
                if !self.is_error
                    && self.cx.is_parameter(outer)
                    && matches!(values.input.use_of(op.at), Use::Returned(_))
                {
                    return Next::Stop;
                }
                // That it is handed on shows that its author took it for the other one.
                if self.succeeds && !matches!(values.input.use_of(op.at), Use::Argument { .. } | Use::Kept) {
                    return Next::Stop;
                }
                self.read = Some(op.at);
                Next::Found
            }
            OpKind::Write | OpKind::Addr if self.is(op.at, outer) => Next::Stop,
            OpKind::Write | OpKind::Addr if self.is(op.at, inner) => Next::Stop,
            OpKind::Make if self.cx.mentions(op.at, inner) || self.cx.mentions(op.at, outer) => Next::Stop,
            _ => Next::Go,
        }
    }

    /// A failure of the kind that is asked for is dealt with.
    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        match (ending, when) {
            (Ending::If(cond), When::True)
                if self.cx.calls(cond, ASKS_FOR_KIND) && self.cx.mentions(cond, self.pair.inner) =>
            {
                Next::Stop
            }
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, at: Option<StmtId>) -> Next {
        let Some(stmt) = at else { return Next::Stop };
        let Stmt::Return(results) = self.cx.stmt(stmt) else { return Next::Stop };
        let counts = self.is_error && !self.skipped && !self.succeeds;
        let bare = results.is_empty() && counts && self.cx.is_result(self.pair.func, self.pair.outer);
        let deferred = self.deferred && self.cx.mentions(stmt, self.pair.inner);
        if bare || deferred { Next::Found } else { Next::Stop }
    }
}
