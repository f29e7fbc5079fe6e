//! An endless loop receives from a channel that is closed, and does not notice.
//!
//! A receive from a closed channel never waits: it gives the zero value at once, each time. In a loop without another way out the
//! goroutine then keeps a CPU core busy and works on zero values. Ask with `v, ok := <-c` whether the channel is still open and leave
//! the loop, or set the variable to nil, which switches its case off; or use `range`, which ends by itself.
//!
//! Some libraries close a channel that they gave: RabbitMQ's deliveries end with the connection, a watch of Kubernetes or etcd with the
//! server's patience.
//!
//! ```go bad
//! func merge(a, b []string, stop <-chan struct{}) (all []string) {
//! 	lines := make(chan string)
//! 	go func() {
//! 		defer close(lines)
//! 		for _, line := range append(a, b...) {
//! 			lines <- line
//! 		}
//! 	}()
//! 	for {
//! 		select {
//! 		case line := <-lines:
//! 			//          ^^^^^^^ this case is chosen again and again, with a zero value, once `lines` is closed
//! 			all = append(all, line)
//! 		case <-stop:
//! 			return all
//! 		}
//! 	}
//! }
//! ```
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func consume(ctx context.Context, ch *amqp.Channel, handle func(amqp.Delivery)) error {
//! 	deliveries, err := ch.Consume("mails", "", false, false, false, false, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	for {
//! 		select {
//! 		case d := <-deliveries:
//! 			//       ^^^^^^^^^^^^ `deliveries` is closed when the connection or channel ends: this case is chosen again and again from then on
//! 			handle(d)
//! 		case <-ctx.Done():
//! 			return nil
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! func merge(a, b []string, stop <-chan struct{}) (all []string) {
//! 	lines := make(chan string)
//! 	go func() {
//! 		defer close(lines)
//! 		for _, line := range append(a, b...) {
//! 			lines <- line
//! 		}
//! 	}()
//! 	for {
//! 		select {
//! 		case line, ok := <-lines:
//! 			if !ok { // it notices
//! 				return all
//! 			}
//! 			all = append(all, line)
//! 		case <-stop:
//! 			return all
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! The moment the producer closes the channel, this goroutine takes a whole core and handles zero values as if they
//! were data: empty rows are stored, empty lines are counted. CPU usage jumps at the end of input, not under load,
//! which makes it hard to connect with the cause. A test closes the channel and expects the function to return.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 5s {package}`: a test that closes the channel must see the function return instead
//!   of running into the time limit
//! - `go tool pprof -top -seconds 5 http://localhost:6060/debug/pprof/profile`: `runtime.chanrecv` and the loop are on
//!   top after the producer has ended
//!
//! # Options
//!
//! - Range over the channel: the loop ends with the channel, but it cannot listen to anything else
//!   - senior: the end of the input is the end of the loop
//! - Receive with `v, ok` and return: works in a `select` with other cases, and each case must say what its end means
//!   - data, cloud-native: shutdown and end of input stay two different events
//! - Set the variable to nil: switches off one of several inputs while the others go on
//!
//! # References
//!
//! - [Go spec, "Receive operator"](https://go.dev/ref/spec#Receive_operator)
//! - [Go blog, "Go Concurrency Patterns: Pipelines and cancellation"](https://go.dev/blog/pipelines)
use gopeer_lint::prelude::*;
use gopeer_lint::{Channel, FieldAct, Spin};

pub static RULE: Rule = Rule {
    id: "concurrency/closed-channel-spin",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Channel(check), Hook::Expr(&[ExprKind::Unary], received)],
    examines: "channels that are closed",
};

fn check(cx: &mut Cx, channel: &Channel) {
    if !channel.is_closed() {
        return;
    }
    cx.examined();
    let Some(Spin { at, steps }) = cx.spin(channel) else { return };
    let name = cx.source(channel.declared);
    let is_case = cx.around(
        at,
        |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::CommClause { .. } | Stmt::For { .. })),
    );
    let message = match is_case {
        Some(Node::Stmt(id)) if matches!(cx.stmt(id), Stmt::CommClause { .. }) => {
            format!("this case is chosen again and again, with a zero value, once `{name}` is closed")
        }
        _ => format!("once `{name}` is closed, this receive gives a zero value in each iteration"),
    };
    cx.report(at, message).steps(steps).question();
}

/// The same for the channel of a field, or of a library.
fn received(cx: &mut Cx, receive: ExprId) {
    let Expr::Unary { op: UnaryOp::Recv, operand } = cx.expr(receive) else { return };
    let channel = cx.unparen(operand);
    if !cx.is_repeated_unasked(receive) {
        return;
    }
    match cx.expr(channel) {
        Expr::Selector { .. } => of_field(cx, receive, channel),
        _ => of_library(cx, receive, channel),
    }
}

/// What gives a channel that the library closes, or gets one, and when it does so.
const CLOSED: &[(&[&str], &str)] = &[
    (
        &[
            "github.com/rabbitmq/amqp091-go.Channel.Consume",
            "github.com/rabbitmq/amqp091-go.Channel.ConsumeWithContext",
            "github.com/rabbitmq/amqp091-go.Channel.NotifyCancel",
            "github.com/rabbitmq/amqp091-go.Channel.NotifyClose",
            "github.com/rabbitmq/amqp091-go.Channel.NotifyPublish",
            "github.com/rabbitmq/amqp091-go.Channel.NotifyReturn",
            "github.com/rabbitmq/amqp091-go.Connection.NotifyBlocked",
            "github.com/rabbitmq/amqp091-go.Connection.NotifyClose",
        ],
        "the connection or channel ends",
    ),
    (
        &["go.etcd.io/etcd/client/v3.Watcher.Watch", "k8s.io/apimachinery/pkg/watch.Interface.ResultChan"],
        "the watch ends",
    ),
];

fn of_library(cx: &mut Cx, receive: ExprId, channel: ExprId) {
    let Some(ends) = closed_when(cx, channel) else { return };
    cx.examined();
    let name = cx.source(channel);
    let what = match cx.enclosing_stmt(receive).and_then(|stmt| cx.case_of(stmt)) {
        Some(_) => "this case is chosen again and again from then on",
        None => "this receive does not wait any more from then on",
    };
    cx.report(receive, format!("`{name}` is closed when {ends}: {what}"))
        .note("receive with `v, ok`, and leave the loop when `ok` is false");
}

/// When a library closes a channel: one that a call gives, also to a local, or a local that a call gets.
fn closed_when(cx: &Cx, channel: ExprId) -> Option<&'static str> {
    const MOST: usize = 32;
    let closed = |call: ExprId| CLOSED.iter().find(|(calls, _)| cx.calls(call, calls)).map(|(_, ends)| *ends);
    let Def::Local(declared) = cx.def(channel) else { return closed(channel) };
    if cx.is_reassigned(channel) {
        return None;
    }
    if cx.declares_parameter(declared) {
        let Type::Chan { elem, .. } = cx.under(channel) else { return None };
        let delivery = cx.type_is(elem, &["github.com/rabbitmq/amqp091-go.Delivery"]);
        return delivery.then_some(CLOSED.first()?.1);
    }
    let given = cx.origin(channel).filter(|(_, at)| *at == 0).and_then(|(call, _)| closed(cx.unparen(call)));
    let gets = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(call)) => closed(call),
        _ => None,
    };
    given.or_else(|| cx.names.uses(declared).take(MOST).find_map(gets))
}

fn of_field(cx: &mut Cx, receive: ExprId, operand: ExprId) {
    let Some(uses) = cx.field_uses(operand) else { return };
    cx.examined();
    let here = cx.enclosing_decl(receive).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    let Some(close) = uses.iter().find(|used| used.act == FieldAct::Close && used.func_name() != here) else { return };
    // Where it gets another channel, or none, the loop may wait again.
    if uses.iter().any(|used| used.act == FieldAct::Other) {
        return;
    }
    if is_let_go(cx, receive, &close.func) {
        return;
    }
    let (channel, closer) = (cx.source(operand), close.func_name());
    let message = format!("once `{closer}` has closed `{channel}`, this receive gives a zero value in each iteration");
    cx.report(receive, message).question();
}

/// Whether the function that closes a channel also closes another one, for which the same `select` leaves the loop.
fn is_let_go(cx: &Cx, receive: ExprId, closer: &str) -> bool {
    let Some((select, own)) = cx.enclosing_stmt(receive).and_then(|stmt| cx.case_of(stmt)) else { return false };
    let Stmt::Select { clauses } = cx.stmt(select) else { return false };
    let leaves = |clause: StmtId| {
        cx.any(
            clause,
            false,
            |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_) | Stmt::Branch { .. })),
        )
    };
    let closes = |clause: StmtId| {
        let Stmt::CommClause { comm: Some(comm), .. } = cx.stmt(clause) else { return false };
        let received = cx.find_expr(comm, false, |id| matches!(cx.expr(id), Expr::Unary { op: UnaryOp::Recv, .. }));
        let Some(Expr::Unary { operand, .. }) = received.map(|received| cx.expr(received)) else { return false };
        let uses = cx.field_uses(operand);
        uses.is_some_and(|uses| uses.iter().any(|used| used.act == FieldAct::Close && *used.func == *closer))
    };
    let others = cx.stmts(clauses).iter().enumerate().filter(|&(at, _)| at != own);
    others.into_iter().any(|(_, &clause)| leaves(clause) && closes(clause))
}
