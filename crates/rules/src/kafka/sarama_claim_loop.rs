//! A sarama `ConsumeClaim` takes the end of its claim for a message, or changes fields of its handler unprotected.
//!
//! sarama closes `claim.Messages()` at each rebalance. A receive from a closed channel gives nil at once, so what is done with the
//! "message" panics, and takes the whole consumer down in each rebalance. Receive with `msg, ok := <-claim.Messages()`, or range over it.
//!
//! sarama runs `ConsumeClaim` once per partition, at the same time and on one handler. A counter, a slice or a map in the handler is then
//! written by several goroutines: counts are lost, and a map that is written twice at once ends the process.
//!
//! Limits: fields are looked at that `ConsumeClaim` itself assigns to, in handlers that take no lock there.
//!
//! ```go bad
//! import "github.com/IBM/sarama"
//!
//! type handler struct{ handle func([]byte) }
//!
//! func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
//! 	for {
//! 		select {
//! 		case msg := <-claim.Messages():
//! 		//   ^^^ `msg` is nil once sarama has closed the channel, as it does at each rebalance
//! 			h.handle(msg.Value)
//! 			session.MarkMessage(msg, "")
//! 		case <-session.Context().Done():
//! 			return nil
//! 		}
//! 	}
//! }
//! ```
//! ```go bad
//! import "github.com/IBM/sarama"
//!
//! type handler struct{ seen map[string]int }
//!
//! func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
//! 	for msg := range claim.Messages() {
//! 		h.seen[string(msg.Key)]++
//! //^^^^^^ critical: `h.seen` is written by the `ConsumeClaim` of each partition at the same time
//! 		session.MarkMessage(msg, "")
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! import "github.com/IBM/sarama"
//!
//! type handler struct{ handle func([]byte) }
//!
//! func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
//! 	count := 0 // its own
//! 	for {
//! 		select {
//! 		case msg, ok := <-claim.Messages():
//! 			if !ok {
//! 				return nil
//! 			}
//! 			h.handle(msg.Value)
//! 			count++
//! 			session.MarkMessage(msg, "")
//! 		case <-session.Context().Done():
//! 			return nil
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! On the next rebalance, when another replica starts, the consumer panics on a nil message, or several claims write
//! one field of the handler at once. So every scale-up takes down instances that were healthy. A test closes the
//! claim's channel and runs two claims under the race detector.
//!
//! # Verify
//!
//! - `go test -race -run {test} {package}`: run `ConsumeClaim` for two claims in parallel and close both channels
//! - `kubectl scale deploy/NAME --replicas=3`: in a test cluster, forces the rebalance; watch the restarts
//!
//! # References
//!
//! - [Package sarama, ConsumerGroupHandler](https://pkg.go.dev/github.com/IBM/sarama#ConsumerGroupHandler)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "kafka/sarama-claim-loop",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3), (Concern::Race, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(&["github.com/IBM/sarama.ConsumerGroupClaim.Messages"], received),
        Hook::Decl(&[DeclKind::Func], claim),
    ],
    file: file!(),
    examines: "claims of partitions",
};

fn received(cx: &mut Cx, call: Call) {
    let Some(Node::Expr(receive)) = cx.tree.parent(call.expr) else { return };
    if !matches!(cx.expr(receive), Expr::Unary { op: UnaryOp::Recv, .. }) {
        return;
    }
    cx.examined();
    let Some(Node::Stmt(stmt)) = cx.tree.parent(receive) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let Some(local) = cx.only(lhs).filter(|&local| !cx.is_compared_with_nil(local)) else { return };
    let name = cx.source(local);
    let end = cx.span(local).end;
    cx.report(local, format!("`{name}` is nil once sarama has closed the channel, as it does at each rebalance"))
        .note_at(Span::new(end, end), format!("receive `{name}, ok`, and return if `ok` is false"))
        .note("the next use of it panics, which restarts the consumer and so causes another rebalance");
}

fn claim(cx: &mut Cx, decl: DeclId) {
    let Decl::Func { recv, .. } = cx.decl(decl) else { return };
    let Some(func) = cx.as_func(Node::Decl(decl)).filter(|_| cx.func_name(decl) == Some("ConsumeClaim")) else {
        return;
    };
    let claims = cx.param_of(func, "github.com/IBM/sarama.ConsumerGroupClaim").is_some();
    let Some(&(Some(handler), _)) = cx.params(recv).first().filter(|_| claims) else { return };
    let calls = cx.calls_within(func.body, true);
    if calls
        .iter()
        .any(|&node| matches!(node, Node::Expr(call) if matches!(cx.callee_word(call), "Lock" | "TryLock" | "Do")))
    {
        return;
    }
    let writes = cx.within(func.body, false, |cx, node| match node {
        Node::Stmt(stmt) => matches!(cx.stmt(stmt), Stmt::Assign { .. } | Stmt::IncDec { .. }),
        _ => false,
    });
    let written = writes.iter().filter_map(|&node| match node {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, .. } => cx.exprs(lhs).iter().find_map(|&target| field_of(cx, target, handler)),
            Stmt::IncDec { operand, .. } => field_of(cx, operand, handler),
            _ => None,
        },
        _ => None,
    });
    let Some(field) = { written }.next() else { return };
    let name = cx.source(field);
    let severity = if matches!(cx.under(field), Type::Map { .. }) { Severity::Critical } else { Severity::High };
    cx.report(field, format!("`{name}` is written by the `ConsumeClaim` of each partition at the same time"))
        .severity(severity)
        .note("sarama runs one goroutine for each claimed partition on one handler: keep it in a local, or guard it with a mutex");
}

/// The field of the handler that a target is, or is an element of.
fn field_of(cx: &Cx, target: ExprId, handler: ExprId) -> Option<ExprId> {
    let target = cx.unparen(target);
    let target = match cx.expr(target) {
        Expr::Index { base, .. } => cx.unparen(base),
        _ => target,
    };
    match cx.expr(target) {
        Expr::Selector { base, .. } if cx.def(cx.unparen(base)) == Def::Local(handler) => Some(target),
        _ => None,
    }
}
