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
//! Limits: variables that closures assign to, or whose address is kept, are not followed. A failure that counts as one of several
//! answers is taken to be meant: `if err != nil || len(rows) == 0`, where the branch goes on.
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
use gopeer_lint::Shadowing;
use gopeer_lint::prelude::*;

use super::asked::{ASKS_FOR_KIND, MOST, Tests, reads_deferred};
use super::known::why_nil;

pub static RULE: Rule = Rule {
    id: "errors/shadowed",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &["vet:shadow"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Piece(check)],
    examines: "variables that shadow an outer one",
};

fn check(cx: &mut Cx) {
    let mut pairs = cx.shadowings();
    pairs.retain(|pair| cx.defining_call(pair.inner).is_some());
    for pair in pairs {
        cx.examined();
        let Some((message, steps)) = lost(cx, pair) else { continue };
        // Several that shadow one variable, such as the error that a deferred function reads, are one cause.
        let cause = format!("{} {}", crate::cause::in_function(cx, pair.outer), cx.source(pair.outer));
        cx.report(pair.inner, message).steps(steps).one_cause(cause);
    }
}

/// What is said of a variable that shadows another, with the path on which the other one is nil and this one is not.
fn lost(cx: &Cx, pair: Shadowing) -> Option<(String, Vec<(Span, String)>)> {
    let Shadowing { func, inner, outer } = pair;
    let mut watch = Watched::of(cx, pair)?;
    let followed = cx.followed(func.node)?;
    let at = followed.after_write(inner)?;
    let mut start = cx.start(&followed, at);
    let held = start.state.get(Root(inner)).unwrap_or_else(|| start.values.made(inner, 0));
    start.state.set(Root(inner), held);
    start.state.set(Root(outer), Val::NIL);
    if watch.is_error {
        start.state.subject = Some(held);
    }
    // Where the inner one is nil as well, nothing is lost.
    if !start.assume(held, Val::NIL, false) {
        return None;
    }
    let found = cx.follow(&followed, &mut start, &mut watch)?;
    // That the outer one is nil was assumed: to look for why costs more than most paths are long.
    let mut steps = why_nil(cx, func, &followed, at, outer)?;
    let name = cx.source(inner);
    steps.push((cx.span(inner), format!("this `{name}` is a new variable, and it is not nil on this path")));
    let is_read = if watch.is_error { "read" } else { "used" };
    let end = cx.end_of_path(&followed, &found.path);
    let nil_where = match (watch.read, watch.deferred) {
        (Some(read), _) => {
            steps.extend(cx.branches_of(&followed, &found.path));
            steps.push((cx.span(read), format!("the outer `{name}`, which is nil, is {is_read} here")));
            format!("where it is {is_read} later")
        }
        (None, Some(reader)) => {
            steps.push((end, format!("the inner `{name}` is returned here")));
            steps.push((cx.span(reader), format!("the deferred function reads the outer `{name}`, which is nil")));
            "when the deferred function reads it".to_owned()
        }
        (None, None) => {
            steps.push((end, format!("the outer `{name}`, which is nil, is returned here")));
            "where it is returned".to_owned()
        }
    };
    Some((format!("this `{name}` shadows the outer `{name}`, which is still nil {nil_where}"), steps))
}

/// Whether something is assigned to a variable after its declaration.
fn is_assigned(cx: &Cx, declared: ExprId) -> bool {
    cx.names.uses(declared).take(MOST).any(|used| used != declared && cx.is_target(used))
}

/// Watches the paths on which the inner variable holds something until the outer one is read.
struct Watched<'c, 'a> {
    cx: &'c Cx<'a>,
    pair: Shadowing,
    is_error: bool,
    /// Where a deferred function reads the outer one.
    deferred: Option<ExprId>,
    /// Whether the failure is meant to do no harm.
    skipped: bool,
    /// Whether the code asks for the success of the inner one only, so that its failure is one of two ways to go on.
    succeeds: bool,
    read: Option<ExprId>,
}

impl<'c, 'a> Watched<'c, 'a> {
    fn of(cx: &'c Cx<'a>, pair: Shadowing) -> Option<Self> {
        let Shadowing { func, inner, outer } = pair;
        let (is_result, is_assigned) = (cx.is_result(func, outer), is_assigned(cx, outer));
        if cx.ty(inner) != TypeId::ERROR || cx.ty(outer) != TypeId::ERROR {
            let counts = cx.can_be_nil(outer) && !is_result && !cx.ty(inner).is_unknown() && is_assigned;
            let watch =
                Watched { cx, pair, is_error: false, deferred: None, skipped: false, succeeds: false, read: None };
            return counts.then_some(watch);
        }
        let tests = Tests::of(cx, inner);
        let (skipped, succeeds) = (tests.is_skipped, tests.only_of_success && (is_assigned || is_result));
        // In a loop, other iterations may succeed.
        let is_one_turn = cx.enclosing_loop(inner) == cx.enclosing_loop(outer);
        let deferred = reads_deferred(cx, pair);
        let watch = Watched { cx, pair, is_error: true, deferred, skipped, succeeds, read: None };
        (is_one_turn || !succeeds).then_some(watch)
    }

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
            Use::Returned(_) if self.deferred.is_some() => Next::Go,
            Use::Argument { call, .. } if self.cx.calls(call, ASKS_FOR_KIND) => Next::Go,
            // It is wrapped and returned.
            Use::Argument { .. } if self.deferred.is_some() && self.is_returned(ident) => Next::Go,
            _ => Next::Stop,
        }
    }

    /// Whether a read of the outer variable shows that the inner one is missing there.
    fn counts(&self, values: &Values<'_>, read: ExprId) -> bool {
        let used = values.input.use_of(read);
        // Who gave nil gets nil back.
        let gets_back = || self.cx.is_parameter(self.pair.outer) && matches!(used, Use::Returned(_));
        match self.is_error {
            _ if self.skipped => false,
            false => !self.is_tested(read) && !gets_back(),
            // That it is handed on shows that its author took it for the other one.
            true => !self.succeeds || matches!(used, Use::Argument { .. } | Use::Kept),
        }
    }

    fn is_returned(&self, ident: ExprId) -> bool {
        let is_return = |node| matches!(node, Node::Stmt(id) if matches!(self.cx.stmt(id), Stmt::Return(_)));
        self.cx.tree.ancestors(ident).take(6).any(is_return)
    }
}

impl Watch for Watched<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let Shadowing { inner, outer, .. } = self.pair;
        match op.kind {
            OpKind::Read if self.is(op.at, inner) => self.looked_at(values, op.at),
            OpKind::Read if self.is(op.at, outer) && self.counts(values, op.at) => {
                self.read = Some(op.at);
                Next::Found
            }
            OpKind::Read | OpKind::Write | OpKind::Addr if self.is(op.at, outer) => Next::Stop,
            OpKind::Write | OpKind::Addr if self.is(op.at, inner) => Next::Stop,
            OpKind::Make if self.cx.mentions(op.at, inner) || self.cx.mentions(op.at, outer) => Next::Stop,
            _ => Next::Go,
        }
    }

    /// A failure of the kind that is asked for is dealt with.
    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        let is_asked = |cond| self.cx.calls(cond, ASKS_FOR_KIND) && self.cx.mentions(cond, self.pair.inner);
        match (ending, when) {
            (Ending::If(cond), When::True) if is_asked(cond) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, at: Option<StmtId>) -> Next {
        let Some((stmt, Stmt::Return(results))) = at.map(|at| (at, self.cx.stmt(at))) else { return Next::Stop };
        let counts = self.is_error && !self.skipped && !self.succeeds;
        let bare = results.is_empty() && counts && self.cx.is_result(self.pair.func, self.pair.outer);
        let deferred = self.deferred.is_some() && self.cx.mentions(stmt, self.pair.inner);
        if bare || deferred { Next::Found } else { Next::Stop }
    }
}
