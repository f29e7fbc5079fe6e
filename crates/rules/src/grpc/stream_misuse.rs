//! A gRPC stream is sent on by several goroutines, or its end and its failures are mistaken for each other.
//!
//! `SendMsg` must not be called by two goroutines at a time on one stream (`grpc.ClientStream`, `grpc.ServerStream`): a
//! stream is made for one sender and one receiver. Give the messages to one goroutine that sends, or guard `Send` with a
//! mutex.
//!
//! `Recv` at the server gives `io.EOF` once the client has sent everything. A method that returns it ends a call that went
//! well with the status `Unknown` and the text "EOF". Where every error is taken for that end, half of an upload is answered as if it were
//! all. And `Send` at the client gives `io.EOF` when the server has ended the call: the reason is what `CloseAndRecv` returns then
//! (`grpc.ClientStream`).
//!
//! At the server, a failed `Send` says that the client is gone. A loop that logs the error and goes on works for nobody.
//!
//! Limits: reported are goroutines that are function literals, and not those that a client starts for each message it
//! receives: the server may wait for the answer before it sends the next one. Of a method, `Recv` in a loop is looked at; of
//! a client, streams with `CloseAndRecv`. A function that compares the error with `EOF`, asks something else of it, or returns
//! what a function of the module makes of it, is left alone. That a stream is left before its end is `grpc/client-stream-leak`; that
//! the error of `Send` is dropped, `errors/unchecked`.
//!
//! ```go bad
//! import "google.golang.org/grpc"
//!
//! type Event struct{ ID string }
//!
//! func replay(stream grpc.ServerStreamingServer[Event], ids []string) error {
//! 	var g errgroup.Group
//! 	for _, id := range ids {
//! 		g.Go(func() error {
//! 			return stream.Send(&Event{ID: id})
//! 			//     ^^^^^^^^^^^ several goroutines can be in `stream.Send` at the same time
//! 		})
//! 	}
//! 	return g.Wait()
//! }
//! ```
//! ```go bad
//! import "google.golang.org/grpc"
//!
//! type Event struct{ ID string }
//! type Summary struct{ Stored int }
//!
//! type UnimplementedEventsServer struct{}
//!
//! type server struct{ UnimplementedEventsServer }
//!
//! func (s *server) Upload(stream grpc.ClientStreamingServer[Event, Summary]) error {
//! 	for {
//! 		event, err := stream.Recv()
//! 		if err != nil {
//! 			return err
//! // ^^^^^^^^^^ medium: the client gets an error at the end of the stream, because `io.EOF` from `stream.Recv` is returned
//! 		}
//! 		store(event)
//! 	}
//! }
//!
//! func upload(stream grpc.ClientStreamingClient[Event, Summary], events []*Event) error {
//! 	for _, event := range events {
//! 		if err := stream.Send(event); err != nil {
//! 			return err
//! // ^^^^^^^^^^ medium: `stream.Send` gives `io.EOF` where the server has ended the call, and its status is lost
//! 		}
//! 	}
//! 	_, err := stream.CloseAndRecv()
//! 	return err
//! }
//! ```
//! ```go good
//! import (
//! 	"errors"
//! 	"io"
//! 	"sync"
//!
//! 	"google.golang.org/grpc"
//! )
//!
//! type Event struct{ ID string }
//! type Summary struct{ Stored int }
//!
//! type UnimplementedEventsServer struct{}
//!
//! type server struct{ UnimplementedEventsServer }
//!
//! func (s *server) Upload(stream grpc.ClientStreamingServer[Event, Summary]) error {
//! 	for {
//! 		event, err := stream.Recv()
//! 		if errors.Is(err, io.EOF) {
//! 			return stream.SendAndClose(&Summary{}) // the client has sent everything
//! 		}
//! 		if err != nil {
//! 			return err
//! 		}
//! 		store(event)
//! 	}
//! }
//!
//! func replay(stream grpc.ServerStreamingServer[Event], ids []string) error {
//! 	var mu sync.Mutex
//! 	var g errgroup.Group
//! 	for _, id := range ids {
//! 		g.Go(func() error {
//! 			event := load(id)
//! 			mu.Lock()
//! 			defer mu.Unlock()
//! 			return stream.Send(event) // one at a time
//! 		})
//! 	}
//! 	return g.Wait()
//! }
//!
//! func load(id string) *Event { return &Event{ID: id} }
//! ```
//!
//! # Impact
//!
//! Two senders race for the state of the stream, under load only: calls fail with errors that say nothing of the cause, or
//! messages are damaged. An end that is returned as an error counts as a failed call in metrics, and clients try again what
//! has been done.
//!
//! # Verify
//!
//! - `go test -race -run {test} {package}`: with a real stream over `bufconn`, the race detector shows both calls of `Send`
//! - `grpcurl -plaintext -d @ HOST:9090 PACKAGE.SERVICE/METHOD < /dev/null`: a stream that ends at once has to end with `OK`
//!
//! # References
//!
//! - [Package grpc, ClientStream](https://pkg.go.dev/google.golang.org/grpc#ClientStream)
//! - [gRPC-Go, "Concurrency"](https://github.com/grpc/grpc-go/blob/master/Documentation/concurrency.md)
use gopeer_lint::Caller;
use gopeer_lint::prelude::*;

use crate::cause::in_function;

pub static RULE: Rule = Rule {
    id: "grpc/stream-misuse",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Correctness, 3), (Concern::Race, 2), (Concern::Errors, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "calls of `Send` and `Recv` on gRPC streams",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Some((stream, name @ ("Recv" | "Send" | "SendMsg"), _)) = cx.method_call(call) else { return };
    let Def::Local(declared) = cx.def(stream) else { return };
    if !cx.has_methods(cx.ty(stream), &["RecvMsg", "SendMsg"]) {
        return;
    }
    cx.examined();
    match name {
        "Recv" => received(cx, call, declared),
        _ if is_concurrent(cx, call, declared) => {
            let sends = cx.callee_text(call);
            let message = format!("several goroutines can be in `{sends}` at the same time");
            let (cause, Expr::Call { fun, .. }) = (in_function(cx, call), cx.expr(call)) else { return };
            cx.report(fun, message).note("a stream takes messages from one goroutine at a time").one_cause(cause);
        }
        _ => sent(cx, call, stream),
    }
}

/// The end of what a client sends, in a method of the service.
fn received(cx: &mut Cx, call: ExprId, stream: ExprId) {
    let Some(func) = cx.enclosing_func(call) else { return };
    let of_client = || cx.caller(func) == Some(Caller::Client) && !cx.span(func.body).contains(cx.span(stream));
    if cx.enclosing_loop(call).is_none() || !of_client() {
        return;
    }
    let receives = cx.callee_text(call);
    if let Some(leaves) = taken_for_end(cx, call, func).filter(|&leaves| is_answered(cx, stream, leaves)) {
        cx.report(leaves, format!("any error of `{receives}` counts as the end of the stream, and the client is answered"))
            .note("where the connection breaks or the call is canceled, a part is taken for all of it: only `io.EOF` is the end");
        return;
    }
    let Some(returns) = plainly_returned(cx, call, func) else { return };
    let message =
        format!("the client gets an error at the end of the stream, because `io.EOF` from `{receives}` is returned");
    cx.report(returns, message)
        .severity(Severity::Medium)
        .note("`io.EOF` says that the client has sent everything: answer, or return nil");
}

/// A failure of `Send` at the client.
fn sent(cx: &mut Cx, call: ExprId, stream: ExprId) {
    let Some(func) = cx.enclosing_func(call) else { return };
    if !cx.has_methods(cx.ty(stream), &["CloseSend"]) {
        return goes_on(cx, call, stream);
    }
    if !cx.has_methods(cx.ty(stream), &["CloseAndRecv", "Send"]) {
        return;
    }
    let Some(returns) = plainly_returned(cx, call, func) else { return };
    let (sends, stream) = (cx.callee_text(call), cx.source(stream));
    let message = format!("`{sends}` gives `io.EOF` where the server has ended the call, and its status is lost");
    cx.report(returns, message)
        .severity(Severity::Medium)
        .note(format!("after `io.EOF`, `{stream}.CloseAndRecv` returns the error of the server"));
}

/// A server logs that a message could not be sent, and goes on to the next one.
fn goes_on(cx: &mut Cx, call: ExprId, stream: ExprId) {
    let Def::Local(declared) = cx.def(stream) else { return };
    let Some(looping) = cx.enclosing_loop(call).filter(|&looping| !cx.span(looping).contains(cx.span(declared))) else {
        return;
    };
    let Some((_, then)) = failing_branch(cx, call) else { return };
    let plain = |&stmt: &StmtId| matches!(cx.stmt(stmt), Stmt::Expr(call) if cx.ends(call).is_none());
    // What the client sends, and its context, tell that it has left.
    let receives = |cx: &Cx, node: Node| match node {
        Node::Expr(id) => matches!(cx.method_call(id), Some((_, "Recv" | "RecvMsg", _))),
        _ => false,
    };
    let told = |&node: &Node| match node {
        Node::Expr(id) => cx.method_call(id).is_some_and(|(of, ..)| cx.def(of) == Def::Local(declared)),
        _ => false,
    };
    if !cx.list_of(Node::Stmt(then)).iter().all(plain)
        || cx.asks_for_context(looping)
        || cx.within(looping, false, receives).iter().any(told)
    {
        return;
    }
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    cx.report(fun, format!("the loop goes on when `{}` has failed", cx.source(fun)))
        .severity(Severity::Medium)
        .note("the stream has ended, and each later message fails as well: return the error");
}

/// The error of a call, and the branch that is taken where there is one.
fn failing_branch(cx: &Cx, call: ExprId) -> Option<(ExprId, StmtId)> {
    let assign = cx.enclosing_stmt(call)?;
    let Stmt::Assign { lhs, .. } = cx.stmt(assign) else { return None };
    let Def::Local(error) = cx.def(*cx.exprs(lhs).last()?) else { return None };
    let branch = match cx.tree.parent(assign)? {
        Node::Stmt(branch) if matches!(cx.stmt(branch), Stmt::If { .. }) => branch,
        _ => cx.next_stmt(assign)?,
    };
    let Stmt::If { cond, then, els: None, .. } = cx.stmt(branch) else { return None };
    let (tested, false) = cx.nil_test(cond)? else { return None };
    (cx.def(tested) == Def::Local(error)).then_some((error, then))
}

/// The same where the function mentions `EOF` only to compare other errors with it.
fn plain_branch(cx: &Cx, call: ExprId, func: Func) -> Option<(ExprId, StmtId)> {
    const MOST: usize = 16;
    let is_end =
        |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident && cx.source(id) == "EOF");
    let (error, then) = failing_branch(cx, call)?;
    let knows_end = |&name: &Node| compared_with(cx, name).is_none_or(|other| other == error);
    let ends = cx.within(func.body, true, is_end);
    (ends.len() <= MOST && !ends.iter().any(knows_end)).then_some((error, then))
}

/// The `break` that any error of a call leads to, where nobody looks at the error afterwards.
fn taken_for_end(cx: &Cx, call: ExprId, func: Func) -> Option<StmtId> {
    let (error, then) = plain_branch(cx, call, func)?;
    let &[leaves] = cx.list_of(Node::Stmt(then)) else { return None };
    let at = cx.span(leaves).end;
    let looked_at = |used: ExprId| cx.span(used).start > at;
    let breaks = matches!(cx.stmt(leaves), Stmt::Branch { kind: BranchKind::Break, .. });
    (breaks && !cx.names.uses(error).any(looked_at)).then_some(leaves)
}

/// Whether a stream is answered after a statement.
fn is_answered(cx: &Cx, stream: ExprId, after: StmtId) -> bool {
    let at = cx.span(after).end;
    let answers = |used: ExprId| cx.span(used).start > at && matches!(cx.called_on(used), Some((_, "SendAndClose", _)));
    cx.names.uses(stream).any(answers)
}

/// The `return` of the error of a call.
fn plainly_returned(cx: &Cx, call: ExprId, func: Func) -> Option<StmtId> {
    let (error, then) = plain_branch(cx, call, func)?;
    let &last = cx.list_of(Node::Stmt(then)).last()?;
    let plain =
        cx.list_of(Node::Stmt(then)).iter().all(|&stmt| matches!(cx.stmt(stmt), Stmt::Expr(_) | Stmt::Return(_)));
    let is_returned = matches!(cx.stmt(last), Stmt::Return(_)) && cx.mentions(last, error);
    // Such a function may know `io.EOF`.
    let converts = |id: ExprId| cx.callee(id).is_some_and(|callee| cx.is_own(&callee));
    let as_is = is_returned && cx.find_expr(last, false, converts).is_none();
    (plain && as_is).then_some(last)
}

/// The local that is compared with `io.EOF`, given the name in it.
fn compared_with(cx: &Cx, name: Node) -> Option<ExprId> {
    let Node::Expr(end) = cx.tree.parent(name)? else { return None };
    let Node::Expr(around) = cx.tree.parent(end)? else { return None };
    let compared = match cx.expr(around) {
        _ if !matches!(cx.expr(end), Expr::Selector { .. }) => return None,
        Expr::Binary { lhs, rhs, .. } => [lhs, rhs].into_iter().find(|&side| side != end)?,
        Expr::Call { args, .. } if cx.calls(around, &["errors.Is"]) => *cx.exprs(args).first()?,
        _ => return None,
    };
    match cx.def(cx.unparen(compared)) {
        Def::Local(declared) => Some(declared),
        _ => None,
    }
}

/// Whether goroutines can be in this call on a stream at the same time, or one in another such call.
fn is_concurrent(cx: &Cx, call: ExprId, stream: ExprId) -> bool {
    const MOST: usize = 64;
    let Some(spawn) = started(cx, call, stream) else { return false };
    let held = cx.held_at(call);
    if held.unknown || !held.held.is_empty() {
        return false;
    }
    let received = cx.once(stream, receive_of);
    let at_client = cx.has_methods(cx.ty(stream), &["CloseSend"]);
    match cx.enclosing_loop(spawn.at) {
        // A server may send the next message only when it has the answer to this one.
        Some(around) if at_client && received.is_some_and(|call| cx.enclosing_loop(call) == Some(around)) => false,
        Some(around) => !cx.span(around).contains(cx.span(stream)) && !waits(cx, around, cx.span(around)),
        None => {
            let Some(func) = cx.enclosing_func(spawn.at) else { return false };
            let here = cx.span(spawn.at);
            let other = |used: ExprId| {
                let Some((other, "Send" | "SendMsg", _)) = cx.called_on(used) else { return false };
                let other = started(cx, other, stream).map(|other| cx.span(other.at));
                other.is_some_and(|other| {
                    let between = Span::new(here.start.min(other.start), here.start.max(other.start));
                    other != here && !waits(cx, func.body, between)
                })
            };
            cx.names.uses(stream).take(MOST).any(other)
        }
    }
}

/// The goroutine that a function literal runs as which makes the call on a stream from outside.
fn started<'a>(cx: &Cx<'a>, call: ExprId, stream: ExprId) -> Option<Spawn<'a>> {
    let Node::Expr(literal) = cx.enclosing_func(call)?.node else { return None };
    cx.spawn_of(literal).filter(|_| !cx.span(literal).contains(cx.span(stream)))
}

/// The first call that receives from a stream.
fn receive_of(cx: &Cx, stream: Node) -> Option<Node> {
    let Node::Expr(stream) = stream else { return None };
    let receives = |used: ExprId| cx.called_on(used).filter(|(_, name, _)| *name == "Recv");
    cx.names.uses(stream).find_map(receives).map(|(call, ..)| Node::Expr(call))
}

/// Whether code waits for something in a span, for goroutines perhaps; literals are left out.
fn waits(cx: &Cx, code: StmtId, span: Span) -> bool {
    let may_wait = |cx: &Cx, node: Node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Unary { op: UnaryOp::Recv, .. } => true,
            Expr::Call { .. } => cx.callee_word(id).contains("Wait"),
            _ => false,
        },
        _ => false,
    };
    cx.within(code, false, may_wait).iter().any(|&node| span.contains(cx.span(node)))
}
