//! Streams of gRPC clients: what opens them, and where they end.

use gopeer_lint::prelude::*;
use gopeer_lint::{Ending, Next, Op, OpKind, Root, State, Use, Val, Values, Watch, When};

/// The variable that gets the stream which a call opens: a client's method that takes a context.
pub(super) fn opened(cx: &Cx, call: ExprId) -> Option<ExprId> {
    let Node::Stmt(stmt) = cx.tree.parent(call)? else { return None };
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return None };
    let (&[stream, _], Some(_)) = (cx.exprs(lhs), cx.only(rhs)) else { return None };
    let results = cx.results(call)?;
    let [ty, TypeId::ERROR] = results[..] else { return None };
    // What every grpc.ClientStream has, under whatever name it was generated.
    let is_stream = cx.has_methods(ty, &["CloseSend", "Header", "RecvMsg", "SendMsg", "Trailer"]);
    (is_stream && cx.expr(stream) == Expr::Ident).then_some(stream)
}

/// The variable that gets the error of the call.
fn error_of(cx: &Cx, stream: ExprId) -> Option<ExprId> {
    let Node::Stmt(stmt) = cx.tree.parent(stream)? else { return None };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return None };
    cx.exprs(lhs).get(1).copied()
}

/// The path on which a function is left while a stream that it has opened goes on.
pub(super) fn left_open(cx: &Cx, func: Func, call: ExprId, stream: ExprId) -> Option<Vec<(Span, String)>> {
    let Def::Local(declared) = cx.def(stream) else { return None };
    let followed = cx.followed(func.node)?;
    let mut start = cx.start(&followed, followed.after_write(stream)?);
    let (given, error) = (start.values.made(call, 0), start.values.made(call, 1));
    let held = start.hold(Root(declared), given).is_some();
    if let Some(Def::Local(name)) = error_of(cx, stream).map(|name| cx.def(name)) {
        start.state.set(Root(name), error);
    }
    if !held || !start.assume(error, Val::NIL, true) {
        return None;
    }
    start.state.subject = Some(given);
    let mut watch = Stream { cx, error, received: Vec::new() };
    let found = cx.follow(&followed, &mut start, &mut watch)?;
    let name = cx.source(stream);
    let mut steps = vec![(cx.span(stream), format!("`{name}` is opened here"))];
    let leaves = format!("the function returns here, and `{name}` goes on");
    steps.extend(cx.steps(&followed, &found.path, |_| false, leaves));
    Some(steps)
}

/// Watches a stream until it ends or somebody else has it.
struct Stream<'c, 'a> {
    cx: &'c Cx<'a>,
    /// The error of the call that opens it, which is nil.
    error: Val,
    /// The calls whose error says that it has ended, each with the index of that result.
    received: Vec<(ExprId, usize)>,
}

impl Watch for Stream<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Read if Some(values.eval(op.at, state)) == state.subject => match values.input.use_of(op.at) {
                Use::Method { call, name } => self.called(call, self.cx.source(name)),
                Use::Seen | Use::Field(_) => Next::Go,
                _ => Next::Stop,
            },
            // The stream ends with its context.
            OpKind::Recv if self.cx.any(op.at, false, |node| self.is_of_context(node, "Done")) => Next::Stop,
            OpKind::Make => {
                let held = state.subject.into_iter().flat_map(|subject| state.holders(subject));
                let mut held = held.filter(|&root| self.cx.shared().mentions(op.at, root));
                if held.next().is_some() { Next::Stop } else { Next::Go }
            }
            _ => Next::Go,
        }
    }

    fn takes(&mut self, values: &mut Values<'_>, state: &State, ending: Ending, when: When) -> Next {
        let taken = match (ending, when) {
            (Ending::If(cond), When::True) => Some(cond),
            _ => None,
        };
        // What is asked of that error, as `status.Code(err) == codes.NotFound`, does not hold.
        if taken.is_some_and(|cond| self.asks_error(values, state, cond)) {
            return Next::Stop;
        }
        let ended = self.received.iter().any(|&(call, result)| {
            let error = values.made(call, result);
            state.excludes(error, Val::NIL) || taken.is_some_and(|cond| self.is_end(values, state, cond, error))
        });
        if ended { Next::Stop } else { Next::Go }
    }

    fn leaves(&mut self, values: &mut Values<'_>, state: &mut State, at: Option<StmtId>) -> Next {
        // What is returned may be the error that has ended it.
        let Some(Stmt::Return(results)) = at.map(|at| self.cx.stmt(at)) else { return Next::Found };
        let Some(&last) = self.cx.exprs(results).last() else { return Next::Found };
        if self.is_of_context(last.into(), "Err") {
            return Next::Stop;
        }
        let last = values.eval(last, state);
        let returned = self.received.iter().any(|&(call, result)| values.made(call, result) == last);
        if returned && !state.knows(last, Val::NIL) { Next::Stop } else { Next::Found }
    }
}

impl Stream<'_, '_> {
    fn called(&mut self, call: ExprId, method: &str) -> Next {
        let result = match method {
            "Recv" | "Header" => 1,
            "CloseSend" | "RecvMsg" | "Send" | "SendMsg" => 0,
            "Context" | "Trailer" => return Next::Go,
            _ => return Next::Stop,
        };
        if !self.received.contains(&(call, result)) {
            self.received.push((call, result));
        }
        Next::Go
    }

    /// Whether a condition gives the error of the call that opened it to a function.
    fn asks_error(&self, values: &mut Values<'_>, state: &State, cond: ExprId) -> bool {
        let is_argument = |id: ExprId| matches!(self.cx.tree.parent(id), Some(Node::Expr(call)) if matches!(self.cx.expr(call), Expr::Call { .. }));
        let is_error = |node| match node {
            Node::Expr(id) => {
                self.cx.expr(id) == Expr::Ident && is_argument(id) && values.eval(id, state) == self.error
            }
            _ => false,
        };
        self.cx.any(cond, false, is_error)
    }

    fn is_of_context(&self, node: Node, method: &str) -> bool {
        match node {
            Node::Expr(call) => self.cx.calls(call, &[&format!("context.Context.{method}")]),
            _ => false,
        }
    }

    /// Whether a condition says that an error is `io.EOF`.
    fn is_end(&self, values: &mut Values<'_>, state: &State, cond: ExprId, error: Val) -> bool {
        let asked = match self.cx.expr(self.cx.unparen(cond)) {
            Expr::Binary { op: BinaryOp::Equal, lhs, rhs } => [lhs, rhs],
            Expr::Call { .. } => match self.cx.call(cond) {
                Some(Call { callee, args: &[of, target], .. }) if callee.is(&["errors.Is"]) => [of, target],
                _ => return false,
            },
            _ => return false,
        };
        let is_eof = |side| self.cx.denotes(side, &["io.EOF"]);
        asked.iter().any(|&side| is_eof(side)) && asked.iter().any(|&side| values.eval(side, state) == error)
    }
}
