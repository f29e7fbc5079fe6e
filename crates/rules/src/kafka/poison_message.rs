//! A message that can never be decoded ends the consumer, which then gets the same message again.
//!
//! The offset of the message is not committed, so after the restart or the rebalance the partition begins with it again, and it fails
//! in the same way. Nothing behind it in the partition is ever handled. sarama ends the claims of all partitions when one `ConsumeClaim`
//! returns, so one malformed message stops the whole consumer. Write such a message to a dead letter topic, or log it, and go on.
//!
//! Limits: only failures of decoding and validation, which cannot go away, are looked at: in `ConsumeClaim` of sarama, in loops over
//! `FetchMessage` of kafka-go, and in functions of the package that these call. What
//! decodes or validates is told by its name, and left alone where it asks a database or a service. Retries without a limit are not looked at.
//!
//! ```go bad
//! import "github.com/IBM/sarama"
//!
//! type handler struct{ save func(map[string]any) error }
//!
//! func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
//! 	for msg := range claim.Messages() {
//! 		var order map[string]any
//! 		if err := json.Unmarshal(msg.Value, &order); err != nil {
//! 			return err
//! 			//     ^^^ a message that `json.Unmarshal` will never accept ends the claim, and comes again
//! 		}
//! 		if err := h.save(order); err != nil {
//! 			return err
//! 		}
//! 		session.MarkMessage(msg, "")
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! import "github.com/IBM/sarama"
//!
//! type handler struct {
//! 	save   func(map[string]any) error
//! 	reject func(*sarama.ConsumerMessage, error) error
//! }
//!
//! func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
//! 	for msg := range claim.Messages() {
//! 		var order map[string]any
//! 		if err := json.Unmarshal(msg.Value, &order); err != nil {
//! 			if err := h.reject(msg, err); err != nil { // a dead letter topic
//! 				return err
//! 			}
//! 			session.MarkMessage(msg, "")
//! 			continue
//! 		}
//! 		if err := h.save(order); err != nil {
//! 			return err // it may succeed later
//! 		}
//! 		session.MarkMessage(msg, "")
//! 	}
//! 	return nil
//! }
//! ```
//!
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! func run(ctx context.Context, reader *kafka.Reader, dead *kafka.Writer, save func(map[string]any) error) error {
//! 	for {
//! 		msg, err := reader.FetchMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		if err := handle(ctx, msg, dead, save); err != nil {
//! 			return err
//! 		}
//! 		if err := reader.CommitMessages(ctx, msg); err != nil {
//! 			return err
//! 		}
//! 	}
//! }
//!
//! func handle(ctx context.Context, msg kafka.Message, dead *kafka.Writer, save func(map[string]any) error) error {
//! 	var order map[string]any
//! 	if err := json.Unmarshal(msg.Value, &order); err != nil {
//! 		return dead.WriteMessages(ctx, msg) // the error is that of the dead letter topic
//! 	}
//! 	return save(order)
//! }
//! ```
//!
//! # Impact
//!
//! One malformed message stops its partition until somebody moves the offset by hand. The lag of that partition rises while the group
//! rebalances again and again, or the pod restarts; the log repeats one decoding error with one offset. A test sends `{` and then a good
//! message, and expects the second one to be handled.
//!
//! # Verify
//!
//! - `kafka-consumer-groups.sh --bootstrap-server HOST:9092 --describe --group GROUP`: one partition whose `CURRENT-OFFSET` does not move,
//!   with rising lag
//! - `go test -run {test} {package}`: a claim with text that does not decode, followed by a good message
//!
//! # Options
//!
//! - Write it to a dead letter topic and mark it: the partition moves on, and somebody has to look at that topic
//!   - data, senior, cloud-native: nothing is lost, and nothing is blocked
//! - Log it with partition and offset, and mark it: no second topic, and the message has to be fetched from Kafka while it is there
//!   - backend: where a malformed message is the sender's bug
//! - Let it end the consumer, on purpose, with an alert: nothing is skipped, and all messages behind it wait for a person
//!   - throughput: where order matters more than delay
//!
//! # References
//!
//! - [Package sarama, ConsumerGroupHandler](https://pkg.go.dev/github.com/IBM/sarama#ConsumerGroupHandler)
use gopeer_lint::Step;
use gopeer_lint::prelude::*;

use crate::messaging::support::{decodes, failed_call};

pub static RULE: Rule = Rule {
    id: "kafka/poison-message",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3), (Concern::DataLoss, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Decl(&[DeclKind::Func], claim),
        Hook::Call(&["github.com/segmentio/kafka-go.Reader.FetchMessage"], fetch),
    ],
    examines: "consumers",
};

fn claim(cx: &mut Cx, decl: DeclId) {
    let Some(func) = cx.as_func(Node::Decl(decl)).filter(|_| cx.func_name(decl) == Some("ConsumeClaim")) else {
        return;
    };
    if cx.param_of(func, "github.com/IBM/sarama.ConsumerGroupClaim").is_some() {
        check(cx, func.body, "ends the claim, and comes again");
    }
}

fn fetch(cx: &mut Cx, fetch: Call) {
    if let Some(looping) = cx.enclosing_loop(fetch.expr) {
        check(cx, looping, "ends the loop, and comes again after a restart");
    }
}

/// Looks for a failed decoding whose error is returned from a loop before the message is committed.
fn check(cx: &mut Cx, consumer: StmtId, then: &str) {
    cx.examined();
    if cx.enclosing_func(consumer).is_none_or(|func| cx.is_long(func)) {
        return;
    }
    let returned: Vec<ExprId> = cx.returned(consumer).filter_map(|results| results.last().copied()).collect();
    for error in returned {
        let Some(call) = failed_call(cx, error).filter(|&call| is_handed_on(cx, call, error)) else { continue };
        let inner = cx.call(call).and_then(|call| cx.find_within(call, gives_failed_decoding, 0));
        let decodes = inner.is_some() || decodes_message(cx, consumer, call);
        if !decodes || cx.enclosing_loop(error).is_none() || does_before(cx, consumer, error, Effects::COMMIT) {
            continue;
        }
        let (name, fails) = (cx.callee_text(call), "this fails for a malformed message, each time");
        let steps = [
            match inner {
                Some((within, at)) => Step::within(within, at, fails),
                None => (cx.span(call), fails.to_owned()).into(),
            },
            (cx.span(error), "nothing has committed the message, so the partition begins with it again".to_owned())
                .into(),
        ];
        cx.report(error, format!("a message that `{name}` will never accept {then}"))
            .steps(steps)
            .note("the messages behind it in the partition are not handled until somebody moves the offset by hand")
            .note("write it to a dead letter topic, or log it with its offset, and commit it");
    }
}

/// The call in a function that decodes, where the function returns its error.
fn gives_failed_decoding(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let func = cx.as_func(Node::Decl(decl)).filter(|&func| !cx.is_long(func))?;
    let mut errors = cx.returned(func.body).filter_map(|results| results.last().copied());
    errors.find_map(|error| {
        let call = failed_call(cx, error)?;
        (decodes_message(cx, func.body, call) && is_handed_on(cx, call, error)).then_some(call)
    })
}

/// Whether a call decodes what was there from the start: nothing asks a database or a service before or in it.
fn decodes_message(cx: &Cx, within: StmtId, call: ExprId) -> bool {
    let asks = Effects::LOOKUP.and(Effects::QUERY).and(Effects::REMOTE);
    decodes(cx, call) && !cx.effects(call).has(asks) && !does_before(cx, within, call, asks)
}

/// Whether the error of a call is returned with nothing in between that asks what kind of error it is, or stores the message.
fn is_handed_on(cx: &Cx, call: ExprId, error: ExprId) -> bool {
    // `return w.bury(ctx, msg)` stores the message, and fails where that does.
    let between = Span::new(cx.span(call).end, cx.span(error).end);
    let is_if = |cx: &Cx, node: Node| matches!(node, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::If { .. }));
    let Some(around) = cx.around(error, is_if).filter(|_| !cx.is_builtin(error, "nil")) else { return false };
    let sorts = |other: ExprId| {
        cx.calls(other, &["errors.As", "errors.AsType", "errors.Is"])
            || cx.effects(other).has(Effects::PUBLISH.and(Effects::WRITE).and(Effects::COMMIT))
    };
    !cx.calls_within(around, false).iter().any(|&node| match node {
        Node::Expr(other) => between.contains(cx.span(other)) && sorts(other),
        _ => false,
    })
}

/// Whether a call with one of these effects comes before an expression.
fn does_before(cx: &Cx, within: StmtId, before: ExprId, effects: Effects) -> bool {
    cx.calls_within(within, true).iter().any(|&node| match node {
        Node::Expr(call) => cx.span(call).start < cx.span(before).start && cx.effects(call).has(effects),
        _ => false,
    })
}
