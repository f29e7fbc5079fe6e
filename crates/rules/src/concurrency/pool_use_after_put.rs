//! An object is used after it was put back into its pool.
//!
//! From `Put` on, another goroutine may get the object and change it. What is read from it then, or returned to a caller, is somebody
//! else's data: a response that carries parts of another one. It happens under load only, and no test shows it. Put the object back
//! when nothing refers to it any more; copy what must outlive it. A deferred `Put` runs before the caller sees what is returned.
//!
//! Limits: an object that a field or a closure keeps is not followed. Nor is one that is put back without having been reset, as some
//! are reset after `Get`.
//!
//! ```go bad
//! var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
//!
//! func render(name string) []byte {
//! 	buf := buffers.Get().(*bytes.Buffer)
//! 	buf.Reset()
//! 	defer buffers.Put(buf)
//! 	fmt.Fprintf(buf, "Hello, %s", name)
//! 	return buf.Bytes()
//! 	//     ^^^^^^^^^^^ `buf.Bytes()` is returned, although `buffers.Put` puts what it refers to back into the pool
//! }
//! ```
//! ```diff fixed
//! -	return buf.Bytes()
//! +	return bytes.Clone(buf.Bytes())
//! ```
//! ```go bad
//! var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
//!
//! func send(w io.Writer, name string) error {
//! 	buf := buffers.Get().(*bytes.Buffer)
//! 	buf.Reset()
//! 	fmt.Fprintf(buf, "Hello, %s", name)
//! 	buffers.Put(buf)
//! 	_, err := w.Write(buf.Bytes())
//! 	//                ^^^ `buf` is used after it was put back into the pool
//! 	return err
//! }
//! ```
//! ```go good
//! var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
//!
//! func render(name string) string {
//! 	buf := buffers.Get().(*bytes.Buffer)
//! 	defer buffers.Put(buf)
//! 	buf.Reset()
//! 	fmt.Fprintf(buf, "Hello, %s", name)
//! 	return buf.String() // a copy
//! }
//!
//! func all(names []string, w io.Writer) {
//! 	for _, name := range names {
//! 		buf := buffers.Get().(*bytes.Buffer) // another one each iteration
//! 		buf.Reset()
//! 		fmt.Fprintf(w, "Hello, %s", name)
//! 		buffers.Put(buf)
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! One response carries bytes of another request: a privacy incident, not only a wrong result. It takes two requests
//! that overlap by microseconds, so it is seen by customers before any test. The race detector reports it only in a run
//! in which another goroutine gets the same object.
//!
//! # Verify
//!
//! - `go test -race -run {test} -cpu 4 -count 50 {package}`: call the function from many goroutines, each with its own
//!   payload, and compare what comes back
//! - `go test -run none -bench {test} -benchmem {package}`: shows what the pool saves; where it is little, the pool can
//!   go
//!
//! # Options
//!
//! - Copy what outlives the call: safe and local, and costs one allocation of the result's size
//!   - senior, backend, data: the result belongs to the caller
//! - Return the object to the pool in the caller: no copy, but every caller now has a duty
//!   - throughput: on the hot path, a copy would cost what the pool saves
//! - Write directly to the destination: `buf.WriteTo(w)` before `Put` needs neither, if there is a writer
//!   - cloud-native: standard interfaces, nothing to give back
//!
//! # References
//!
//! - [Package sync, Pool](https://pkg.go.dev/sync#Pool)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, State, Use, Values, Watch};

pub static RULE: Rule = Rule {
    id: "concurrency/pool-use-after-put",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "objects that are put back into a pool",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Some(object) = cx.put_back(call) else { return };
    cx.examined();
    let object = match cx.expr(cx.unparen(object)) {
        // The elements of a slice are shared, however its header was put back.
        Expr::Unary { op: UnaryOp::Addr, operand } if matches!(cx.under(operand), Type::Slice(_)) => operand,
        _ => object,
    };
    let object = cx.unparen(object);
    let refers = matches!(
        cx.under(object),
        Type::Pointer(_) | Type::Slice(_) | Type::Map { .. } | Type::Chan { .. } | Type::Interface(_)
    );
    if !refers {
        return;
    }
    match deferring(cx, call) {
        Some(func) => check_deferred(cx, call, object, func),
        None => check_after(cx, call, object),
    }
}

/// The function that is left when a deferred call is made, if the call is made on every path from there.
fn deferring(cx: &Cx, call: ExprId) -> Option<Func> {
    if cx.is_deferred(call) {
        return cx.enclosing_func(call);
    }
    let func = cx.enclosing_func(call)?;
    let Node::Expr(literal) = func.node else { return None };
    let Some(Node::Expr(deferred)) = cx.tree.parent(literal) else { return None };
    cx.is_deferred(deferred).then(|| cx.enclosing_func(deferred)).flatten()
}

/// `Put` in the middle of a function: is the object used after it?
fn check_after(cx: &mut Cx, call: ExprId, object: ExprId) {
    let Some(func) = cx.enclosing_func(call) else { return };
    let Some(followed) = cx.followed(func.node) else { return };
    let Some(point) = followed.after_call(call) else { return };
    let mut start = cx.start(&followed, point);
    let Some(subject) = start.pin(cx, object) else { return };
    start.state.subject = Some(subject);
    let aliases = aliases(cx, call, object);
    let mut watch = Used { cx, aliases, used: None };
    let Some(found) = cx.follow(&followed, &mut start, &mut watch) else { return };
    let Some(used) = watch.used else { return };
    let (name, text) = (cx.source(object), cx.source(used));
    let again = matches!(cx.tree.parent(used), Some(Node::Expr(call)) if cx.put_back(call) == Some(used));
    let message = match again {
        true => format!("`{name}` is put into the pool twice"),
        false if text == name => format!("`{name}` is used after it was put back into the pool"),
        false => format!("`{text}` is used after `{name}`, to which it refers, was put back into the pool"),
    };
    let mut steps =
        vec![(cx.span(call), format!("`{name}` is put back here: another goroutine may get it from now on"))];
    steps.extend(cx.branches_of(&followed, &found.path).into_iter().take(4));
    steps.push((cx.span(used), "it is used here".to_owned()));
    let note = match again {
        true => "two goroutines get the same object",
        false => "another goroutine may have got it, and change it",
    };
    cx.report(used, message).steps(steps).note(note);
}

/// Watches for a use of what was put back.
struct Used<'c, 'a> {
    cx: &'c Cx<'a>,
    /// Locals that refer to parts of it.
    aliases: Vec<ExprId>,
    used: Option<ExprId>,
}

impl Watch for Used<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Write if self.is_alias(op.at) => Next::Stop,
            OpKind::Read => self.read(values, state, op.at),
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

impl Used<'_, '_> {
    fn is_alias(&self, ident: ExprId) -> bool {
        matches!(self.cx.def(ident), Def::Local(declared) if self.aliases.contains(&declared))
    }

    fn read(&mut self, values: &mut Values<'_>, state: &State, ident: ExprId) -> Next {
        let mut expr = ident;
        while Some(values.eval(expr, state)) != state.subject {
            match values.input.use_of(expr) {
                Use::Field(selector) => expr = selector,
                _ if self.is_alias(ident) => break,
                _ => return Next::Go,
            }
        }
        match values.input.use_of(expr) {
            Use::Seen if self.is_compared(expr) || self.is_target(expr) => Next::Go,
            // Another name for it, or none.
            Use::Assigned(target) if self.cx.expr(target) == Expr::Ident => Next::Go,
            _ => {
                self.used = Some(expr);
                Next::Found
            }
        }
    }

    /// Whether it is what an assignment replaces: `w.buf = nil`.
    fn is_target(&self, expr: ExprId) -> bool {
        let Some(Node::Stmt(stmt)) = self.cx.tree.parent(expr) else { return false };
        matches!(self.cx.stmt(stmt), Stmt::Assign { lhs, op: AssignOp::Assign, .. } if self.cx.exprs(lhs).contains(&expr))
    }

    /// Whether the variable itself is compared: with nil, with another.
    fn is_compared(&self, expr: ExprId) -> bool {
        matches!(self.cx.tree.parent(expr), Some(Node::Expr(around)) if matches!(self.cx.expr(around), Expr::Binary { .. }))
    }
}

/// The locals declared in front of a call, and assigned to once, that refer to parts of an object: `b := buf.Bytes()`.
fn aliases(cx: &Cx, call: ExprId, object: ExprId) -> Vec<ExprId> {
    let Def::Local(declared) = cx.def(object) else { return Vec::new() };
    let before = cx.names.uses(declared).take(64).filter(|&used| cx.span(used).start < cx.span(call).start);
    let given = before.filter_map(|used| {
        let stmt = cx.enclosing_stmt(used)?;
        let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = cx.stmt(stmt) else { return None };
        let (name, value) = (cx.only(lhs)?, cx.only(rhs)?);
        (refers_to(cx, value, object) && cx.unparen(value) != used && is_assigned_once(cx, name)).then_some(name)
    });
    given.collect()
}

fn is_assigned_once(cx: &Cx, declared: ExprId) -> bool {
    let is_target = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, .. } => cx.exprs(lhs).contains(&used),
            Stmt::Range { key, value, .. } => key == Some(used) || value == Some(used),
            _ => false,
        },
        _ => false,
    };
    cx.names.uses(declared).take(64).filter(|&used| is_target(used)).count() == 1
}

/// Whether an expression is an object, or a part of it that shares its memory: `buf.Bytes()`, `b[:n]`, `*b`.
fn refers_to(cx: &Cx, expr: ExprId, object: ExprId) -> bool {
    let mut expr = cx.unparen(expr);
    loop {
        expr = match cx.expr(expr) {
            Expr::Slice { base, .. } if !matches!(cx.under(base), Type::Basic(_)) => base,
            Expr::Star(base) if matches!(cx.under(expr), Type::Slice(_) | Type::Map { .. }) => base,
            Expr::Call { .. } if cx.calls(expr, &["bytes.Buffer.Bytes"]) => match cx.method_call(expr) {
                Some((base, ..)) => base,
                None => return false,
            },
            _ => return cx.same_text(expr, object),
        };
        expr = cx.unparen(expr);
    }
}

/// A deferred `Put`: is the object, or a part of it, returned?
fn check_deferred(cx: &mut Cx, call: ExprId, object: ExprId, func: Func) {
    let Def::Local(declared) = cx.def(object) else { return };
    let own = cx.func_of_local(object) == Some(func);
    let conditional = cx.is_conditional(call) || !is_assigned_once(cx, declared);
    if !own || conditional {
        return;
    }
    let start = cx.span(call).start;
    let shares = |result: ExprId| {
        let local = cx.initial_value(result).filter(|_| is_once(cx, result));
        [Some(result), local].into_iter().flatten().any(|value| refers_to(cx, value, object))
    };
    let returned = cx.returned(func.body).flatten().copied();
    let Some(result) = returned.filter(|&result| cx.span(result).start > start).find(|&result| shares(result)) else {
        return;
    };
    let (name, text, put) = (cx.source(object), cx.source(result), cx.callee_text(call));
    let what = if text == name { "it" } else { "what it refers to" };
    let message = format!("`{text}` is returned, although `{put}` puts {what} back into the pool");
    let steps = vec![
        (cx.span(call), format!("this puts `{name}` back when the function returns")),
        (cx.span(result), "the caller gets it after that".to_owned()),
    ];
    let bytes = matches!(cx.under(result), Type::Slice(elem) if cx.store.under(elem) == Type::Basic(Basic::Uint8));
    let clone = cx.name_for("bytes").filter(|_| bytes);
    let edit = clone.map(|bytes| (cx.span(result), format!("{bytes}.Clone({text})")));
    let report = cx.report(result, message).steps(steps);
    let report = report.note("another goroutine may get it, and change it while the caller reads");
    match edit {
        Some(edit) => report.fix("Return a copy", [edit]).needing("bytes"),
        None => report,
    };
}

fn is_once(cx: &Cx, local: ExprId) -> bool {
    matches!(cx.def(cx.unparen(local)), Def::Local(declared) if is_assigned_once(cx, declared))
}
