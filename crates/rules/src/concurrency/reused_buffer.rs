//! A buffer is filled again while a goroutine or a receiver still has it.
//!
//! A slice that is sent, or given to a goroutine, shares its array with the variable that it came from. `buf = buf[:0]` keeps that array for
//! the next elements, and `conn.Read(buf)` writes into it: whoever works on the slice meanwhile sees the beginning of the next batch,
//! datagram or line instead of its own. Nothing fails; the data is wrong. Start with a new array each time (`buf = nil`, `make` in the
//! loop), or give away a copy (`bytes.Clone(buf[:n])`).
//!
//! The same holds for what `bufio.Scanner.Bytes`, `bufio.Reader.ReadSlice` and `bytes.Buffer.Bytes` return, until the next `Scan`, read
//! or `Reset` (package bufio: "the underlying array may point to data that will be overwritten").
//!
//! Limits: what is waited for in between, by a receive or by a function whose name says so, is taken to have been read.
//!
//! ```go bad
//! func serve(conn *net.UDPConn, handle func([]byte)) error {
//! 	buf := make([]byte, 1500)
//! 	for {
//! 		n, err := conn.Read(buf)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		go handle(buf[:n])
//! 		//        ^^^^^^^ `buf[:n]` is given to a goroutine, and `conn.Read` overwrites it
//! 	}
//! }
//! ```
//! ```diff fixed
//! -		go handle(buf[:n])
//! +		go handle(bytes.Clone(buf[:n]))
//! ```
//! ```go bad
//! type Batcher struct {
//! 	batch   []string
//! 	batches chan []string
//! }
//!
//! func (b *Batcher) Add(line string) {
//! 	b.batch = append(b.batch, line)
//! 	if len(b.batch) == 100 {
//! 		b.batches <- b.batch
//! 		b.batch = b.batch[:0]
//! 		//        ^^^^^^^^^^^ this keeps the array that whoever receives from `b.batches` gets, and the next elements overwrite it
//! 	}
//! }
//! ```
//! ```diff fixed
//! -		b.batch = b.batch[:0]
//! +		b.batch = nil
//! ```
//! ```go good
//! type Batcher struct {
//! 	batch   []string
//! 	batches chan []string
//! 	free    chan []string
//! 	write   func([]string)
//! }
//!
//! func (b *Batcher) Flush() {
//! 	b.batches <- b.batch
//! 	b.batch = make([]string, 0, 100) // an array of its own
//! }
//!
//! func (b *Batcher) Write() {
//! 	b.write(b.batch) // it is done when `write` returns
//! 	b.batch = b.batch[:0]
//! }
//!
//! func (b *Batcher) Swap() {
//! 	b.batches <- b.batch
//! 	b.batch = <-b.free // the receiver gives it back
//! }
//!
//! func serve(conn *net.UDPConn, handle func(string)) error {
//! 	buf := make([]byte, 1500)
//! 	for {
//! 		n, err := conn.Read(buf)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		go handle(string(buf[:n])) // a copy
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! Records are stored twice, others are missing, and lines are made of two halves. There is no error and no panic: it takes a slow
//! consumer, and shows in totals that do not add up. The race detector finds it only in a test in which the consumer is still reading.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 20 {package}`: with a consumer that sleeps before it reads, the detector names both sides
//! - `go test -run {test} {package}`: send two different batches, read the first one after the second was collected, and compare
//!
//! # Options
//!
//! - Start with a new array, `buf = nil` or `make` in the loop: nothing is shared, and each batch costs an allocation
//!   - senior, backend, data: whoever receives a slice owns it
//! - Give away a copy: the buffer stays, and only what is used is copied
//! - Get the buffer back over a channel or from a `sync.Pool`: no allocation, and the receiver has a duty
//!   - throughput: the number of buffers limits what is under way
//!
//! # References
//!
//! - [Go blog, "Go Slices: usage and internals"](https://go.dev/blog/slices-intro)
//! - [Package bufio, Scanner.Bytes](https://pkg.go.dev/bufio#Scanner.Bytes)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, Root, State, Val, Values, Watch};

pub static RULE: Rule = Rule {
    id: "concurrency/reused-buffer",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Race, 3), (Concern::DataLoss, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[
        Hook::Stmt(&[StmtKind::Send, StmtKind::Go], |cx, stmt| check(cx, stmt.into())),
        Hook::Expr(&[ExprKind::Call], |cx, call| check(cx, call.into())),
    ],
    examines: "slices that are sent or given to goroutines",
};

/// What gives slices away for as long as their buffer is left alone, and the methods that fill that again.
const LENT: &[(&[&str], &[&str])] = &[
    (&["bufio.Scanner.Bytes"], &["Scan"]),
    (&["bufio.Reader.Peek", "bufio.Reader.ReadLine", "bufio.Reader.ReadSlice"], &["Read", "ReadLine", "ReadSlice"]),
    (&["bytes.Buffer.Bytes"], &["Reset"]),
];

fn check(cx: &mut Cx, node: Node) {
    let Some((at, values, to)) = given(cx, node) else { return };
    for value in values {
        cx.examined();
        if let Some(found) = overwritten(cx, at, value) {
            return report(cx, (at, value), &to, found);
        }
    }
}

/// The operation that gives something away, the slices that it gives, and to whom.
fn given(cx: &Cx, node: Node) -> Option<(ExprId, Vec<ExprId>, String)> {
    let (at, values, to) = match node {
        Node::Stmt(stmt) if let Stmt::Send { chan, value } = cx.stmt(stmt) => {
            (chan, vec![value], format!("whoever receives from `{}`", cx.source(chan)))
        }
        _ => {
            let spawn = cx.spawn(node)?;
            let values = spawn.args.iter().copied().chain(captured(cx, spawn.runs)).collect();
            (spawn.call, values, "a goroutine".to_owned())
        }
    };
    let mut slices = Vec::new();
    values.into_iter().for_each(|value| add_slices(cx, value, 0, &mut slices));
    Some((at, slices, to))
}

/// The variables around a function literal that it mentions, with what it takes of them: `buf[:n]`.
fn captured(cx: &Cx, literal: ExprId) -> Vec<ExprId> {
    const MOST: usize = 64;
    let Expr::FuncLit { .. } = cx.expr(literal) else { return Vec::new() };
    let inside = cx.span(literal);
    let idents = cx.within(literal, true, |cx, node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident));
    let outer = |node: &Node| {
        let &Node::Expr(ident) = node else { return None };
        let Def::Local(declared) = cx.def(ident) else { return None };
        let of = match cx.tree.parent(ident) {
            Some(Node::Expr(around)) => match cx.expr(around) {
                Expr::Slice { base, .. } if base == ident => around,
                Expr::Call { fun, .. } if cx.is_builtin(fun, "len") || cx.is_builtin(fun, "cap") => return None,
                _ => ident,
            },
            _ => ident,
        };
        (!inside.contains(cx.span(declared))).then_some(of)
    };
    idents.iter().filter_map(outer).take(MOST).collect()
}

/// A slice, or those that a literal is made of.
fn add_slices(cx: &Cx, value: ExprId, depth: usize, found: &mut Vec<ExprId>) {
    const DEEP: usize = 4;
    let value = cx.unparen(value);
    match cx.expr(value) {
        _ if depth > DEEP => {}
        Expr::Composite { elems, .. } => {
            cx.exprs(elems).iter().for_each(|&elem| add_slices(cx, elem, depth + 1, found));
        }
        Expr::KeyValue { value: of, .. } => add_slices(cx, of, depth + 1, found),
        Expr::Unary { op: UnaryOp::Addr, operand: of } if matches!(cx.expr(of), Expr::Composite { .. }) => {
            add_slices(cx, of, depth + 1, found);
        }
        Expr::Ident | Expr::Selector { .. } | Expr::Slice { .. } | Expr::Call { .. }
            if matches!(cx.under(value), Type::Slice(_)) =>
        {
            found.push(value)
        }
        _ => {}
    }
}

/// What a slice shares its array with.
struct Buffer {
    /// The variable or field; of what is lent, what lends it.
    of: ExprId,
    /// The methods that fill it again; none if it is a slice or an array itself.
    fills: &'static [&'static str],
    /// The local that holds the slice meanwhile, assigned once.
    held: Option<ExprId>,
}

impl Buffer {
    fn of(cx: &Cx, slice: ExprId) -> Option<Buffer> {
        let own = sliced(cx, slice);
        let made = match cx.def(own) {
            Def::Local(declared) if cx.expr(own) == Expr::Ident && !cx.is_reassigned(own) => {
                cx.initial_value(own).map(|value| (declared, sliced(cx, value)))
            }
            _ => None,
        };
        let (held, of) = match made {
            Some((declared, of)) if is_kept(cx, of) || lent(cx, of).is_some() => (Some(declared), of),
            _ => (None, own),
        };
        match lent(cx, of) {
            Some((of, fills)) => Some(Buffer { of, fills, held }),
            None => is_kept(cx, of).then_some(Buffer { of, fills: &[], held }),
        }
    }
}

/// What a slice expression, `buf[2:n]`, is a part of.
fn sliced(cx: &Cx, mut slice: ExprId) -> ExprId {
    loop {
        slice = cx.unparen(slice);
        match cx.expr(slice) {
            Expr::Slice { base, .. } => slice = base,
            _ => return slice,
        }
    }
}

/// Whether it is a variable or a field with an array.
fn is_kept(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.expr(expr), Expr::Ident | Expr::Selector { .. })
        && matches!(cx.under(expr), Type::Slice(_) | Type::Array { .. })
}

/// What lends a slice that a call returns, and what fills it again.
fn lent(cx: &Cx, call: ExprId) -> Option<(ExprId, &'static [&'static str])> {
    let &(_, fills) = LENT.iter().find(|(calls, _)| cx.calls(call, calls))?;
    Some((cx.method_call(call)?.0, fills))
}

/// How a slice is overwritten after it was given away.
struct Overwritten {
    /// What cuts the buffer, or writes into it.
    by: ExprId,
    /// Whether the buffer is cut: what is appended next overwrites it.
    cut: bool,
    steps: Vec<(Span, String)>,
}

fn overwritten(cx: &Cx, at: ExprId, slice: ExprId) -> Option<Overwritten> {
    let Buffer { of, fills, held } = Buffer::of(cx, slice)?;
    let func = cx.enclosing_func(at)?;
    let followed = cx.followed(func.node)?;
    let given = followed.after_send(at).or_else(|| followed.after_start(at));
    let from = if let Some(held) = held { followed.after_write(held) } else { given }?;
    let mut start = cx.start(&followed, from);
    let buffer = start.pin(cx, of)?;
    if let Some(held) = held.filter(|_| fills.is_empty()) {
        start.hold(Root(held), buffer)?;
    }
    start.state.subject = Some(buffer);
    start.state.count = if held.is_none() { GIVEN } else { 0 };
    let mut watch = Fills { cx, at, of, fills, held, buffer, by: None };
    let found = cx.follow(&followed, &mut start, &mut watch)?;
    // A variable that a goroutine reads while it is assigned to is a race of its own.
    let (by, cut) = watch.by.filter(|&(_, cut)| !cut || held.is_some() || !is_captured(cx, slice, at))?;
    let mut steps = vec![(cx.span(slice), format!("`{}` is given away here", cx.source(slice)))];
    steps.extend(cx.branches_of(&followed, &found.path).into_iter().take(4));
    let text = if cut { "its array is used again from here on" } else { "this writes into the same array" };
    steps.push((cx.span(by), text.to_owned()));
    Some(Overwritten { by, cut, steps })
}

/// Whether a function literal reads a slice that starts to run here.
fn is_captured(cx: &Cx, slice: ExprId, at: ExprId) -> bool {
    cx.enclosing_func(slice) != cx.enclosing_func(at)
}

const GIVEN: u32 = 1;
const FILLED: u32 = 2;

/// Finds what fills a buffer again that was given away, in whichever order.
struct Fills<'c, 'a> {
    cx: &'c Cx<'a>,
    at: ExprId,
    of: ExprId,
    fills: &'static [&'static str],
    held: Option<ExprId>,
    buffer: Val,
    by: Option<(ExprId, bool)>,
}

impl Watch for Fills<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let gives = matches!(op.kind, OpKind::Send | OpKind::Go | OpKind::Call | OpKind::Make) && op.at == self.at;
        if gives {
            state.count |= GIVEN;
        } else if let Some(by) = self.fills(values, state, op) {
            state.count |= FILLED;
            self.by = Some(by);
        } else if matches!(op.kind, OpKind::Recv | OpKind::Call) && self.cx.waits_at(op.at.into())
            || op.kind == OpKind::Write && Some(op.at) == self.held
        {
            return Next::Stop;
        }
        if state.count == GIVEN | FILLED { Next::Found } else { Next::Go }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

impl Fills<'_, '_> {
    /// What an operation fills the buffer by, and whether it only cuts it.
    fn fills(&self, values: &mut Values<'_>, state: &State, op: Op) -> Option<(ExprId, bool)> {
        let cx = self.cx;
        let mut is_it = |of: ExprId| values.eval(of, state) == self.buffer;
        match op.kind {
            OpKind::Write if self.fills.is_empty() => {
                let value = cut_to(cx, op.at)?;
                is_it(sliced(cx, value)).then_some((value, true))
            }
            OpKind::Call if self.fills.is_empty() => {
                let Expr::Call { fun, args, .. } = cx.expr(op.at) else { return None };
                let args = cx.exprs(args);
                let into = match cx.is_builtin(fun, "copy") {
                    true => args.get(..1)?,
                    false => args.get(..3.min(args.len())).filter(|_| cx.callee_word(op.at).starts_with("Read"))?,
                };
                let same = |&&arg: &&ExprId| begins_anew(cx, arg) && is_it(sliced(cx, arg));
                into.iter().find(same).map(|_| (op.at, false))
            }
            OpKind::Call => {
                let (of, name, _) = cx.method_call(op.at)?;
                (self.fills.contains(&name) && cx.same_text(of, self.of) && is_it(of)).then_some((op.at, false))
            }
            _ => None,
        }
    }
}

/// What a variable gets that is cut to be filled from its beginning again: `buf[:0]`, also with something appended.
fn cut_to(cx: &Cx, target: ExprId) -> Option<ExprId> {
    let Node::Stmt(stmt) = cx.tree.parent(target)? else { return None };
    let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = cx.stmt(stmt) else { return None };
    let mut value = cx.unparen(*cx.exprs(rhs).get(cx.tree.place(cx.exprs(lhs), target)?)?);
    if let Expr::Call { fun, args, .. } = cx.expr(value)
        && cx.is_builtin(fun, "append")
    {
        value = cx.unparen(*cx.exprs(args).first()?);
    }
    let cuts = matches!(cx.expr(value), Expr::Slice { base, max: None, .. } if cx.same_text(base, target));
    (cuts && begins_anew(cx, value)).then_some(value)
}

/// Whether a slice begins where what it is a part of begins.
fn begins_anew(cx: &Cx, slice: ExprId) -> bool {
    match cx.expr(cx.unparen(slice)) {
        Expr::Slice { base, lo, .. } => lo.is_none_or(|lo| cx.int_value(lo) == Some(0)) && begins_anew(cx, base),
        _ => true,
    }
}

fn report(cx: &mut Cx, (at, slice): (ExprId, ExprId), to: &str, Overwritten { by, cut, steps }: Overwritten) {
    let name = cx.source(slice);
    if cut {
        let message = format!("this keeps the array that {to} gets, and the next elements overwrite it");
        let nil = (cx.span(by), "nil".to_owned());
        let is_all = matches!(cx.tree.parent(by), Some(Node::Stmt(_)));
        let report = cx.report(by, message).steps(steps);
        match is_all {
            true => drop(report.suggest("Start with a new array", [nil])),
            false => drop(report.note("start with a new array")),
        }
        return;
    }
    let call = cx.callee_text(by);
    let bytes = matches!(cx.under(slice), Type::Slice(elem) if cx.store.under(elem) == Type::Basic(Basic::Uint8));
    let clone = cx.name_for("bytes").filter(|_| bytes);
    // A literal would make the copy too late.
    let clone = clone.filter(|_| !is_captured(cx, slice, at));
    let edit = clone.map(|bytes| (cx.span(slice), format!("{bytes}.Clone({name})")));
    let report = cx.report(slice, format!("`{name}` is given to {to}, and `{call}` overwrites it")).steps(steps);
    match edit {
        Some(edit) => drop(report.suggest("Give it a copy", [edit]).needing("bytes")),
        None => drop(report.note("give it a copy, or make the buffer anew for each")),
    }
}
