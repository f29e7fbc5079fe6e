//! A loop receives from SQS without waiting for messages.
//!
//! Without `WaitTimeSeconds`, and where the queue sets no wait either, `ReceiveMessage` asks some of the servers and answers at once, also
//! with nothing. The loop then sends as many requests as the network allows, and each of them is paid for; messages on the servers that
//! were not asked come later. Set `WaitTimeSeconds` to 20, which is the longest.
//!
//! Limits: the attribute `ReceiveMessageWaitTimeSeconds` of the queue has the same effect, and is not in the code, so the finding is a
//! question.
//!
//! ```go bad
//! import "github.com/aws/aws-sdk-go-v2/service/sqs"
//!
//! func run(ctx context.Context, client *sqs.Client, url string, handle func(*sqs.ReceiveMessageOutput)) error {
//! 	for {
//! 		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
//! 		//                                      ^^^^^^^^^^^^^^^^^^^^^^^ `sqs.ReceiveMessageInput` sets no `WaitTimeSeconds`
//! 		if err != nil {
//! 			return err
//! 		}
//! 		handle(out)
//! 	}
//! }
//! ```
//! ```diff fixed
//! -		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
//! +		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
//! ```
//! ```go good
//! import "github.com/aws/aws-sdk-go-v2/service/sqs"
//!
//! func run(ctx context.Context, client *sqs.Client, url string, handle func(*sqs.ReceiveMessageOutput)) error {
//! 	for {
//! 		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 20}) // waits
//! 		if err != nil {
//! 			return err
//! 		}
//! 		handle(out)
//! 	}
//! }
//! ```
//!
//! # Verify
//!
//! - `aws sqs get-queue-attributes --queue-url URL --attribute-names ReceiveMessageWaitTimeSeconds`: 0 means that the queue does not
//!   wait either
//!
//! # References
//!
//! - [Amazon SQS, "Short and long
//!   polling"](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "messaging/sqs-short-polling",
    severity: Severity::Low,
    confidence: Confidence::Low,
    concerns: &[(Concern::Latency, 2), (Concern::Operability, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Config(&["github.com/aws/aws-sdk-go-v2/service/sqs.ReceiveMessageInput"], check)],
    file: file!(),
    examines: "receives from SQS",
};

fn check(cx: &mut Cx, input: Config) {
    let Some(looping) = cx.enclosing_loop(input.expr) else { return };
    cx.examined();
    const WAITS: &[&str] = &["After", "Sleep", "Ticker", "Tick"];
    let text = cx.source(looping);
    // What is given to the call as it is made, nobody changes.
    let wait = match cx.keeper(input) {
        Some(_) => cx.setting(input, "WaitTimeSeconds"),
        None => cx.made_with(input, "WaitTimeSeconds"),
    };
    if !wait.is_unset() || WAITS.iter().any(|wait| text.contains(wait)) {
        return;
    }
    let head = cx.head(input);
    let edit = cx.with_setting(input, "WaitTimeSeconds", "20");
    cx.report(head, format!("`{}` sets no `WaitTimeSeconds`, so an empty queue is asked again at once", cx.source(head)))
        .note("unless the queue has a wait of its own, each turn of the loop is a request that answers at once and is paid for")
        .fix("Wait for messages", edit);
}
