//! A sarama `ConsumeClaim` takes the end of its claim for a message, or changes fields of its handler unprotected.
//!
//! sarama closes `claim.Messages()` at each rebalance. A receive from a closed channel gives nil at once, so what is done with the
//! "message" panics, and takes the whole consumer down in each rebalance. Receive with `msg, ok := <-claim.Messages()`, or range over it.
//!
//! sarama runs `ConsumeClaim` once per partition, at the same time and on one handler. A counter, a slice or a map in the handler is then
//! written by several goroutines: counts are lost, and a map that is written twice at once ends the process.
//!
//! Limits: what is called is followed through methods of the handler, four calls far.
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
//! //^^^^^^ `h.seen` is written by the `ConsumeClaim` of each partition at the same time
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
    hooks: &[Hook::Call(&["github.com/IBM/sarama.ConsumerGroupClaim.Messages"], received), Hook::Piece(claim)],
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

/// What `ConsumeClaim` writes, or what it calls, without a lock.
fn claim(cx: &mut Cx) {
    for race in cx.field_races().iter().filter(|race| race.between == Users::Claims) {
        cx.examined();
        let severity = if race.does.is_of_map() { Severity::Critical } else { Severity::High };
        cx.report(race.at, race.message(cx))
            .severity(severity)
            .note("sarama runs one goroutine for each claimed partition on one handler: keep it in a local, or guard it with a mutex");
    }
}
