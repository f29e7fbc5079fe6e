//! A log line is text where the program has structured logs.
//!
//! A value that is formatted into the message of a structured logger cannot be searched, counted or alerted on; every line
//! becomes a message of its own, and the text is built even when the level is off. Keep the message constant, and pass the
//! values as keys and values. What a request handler prints with `fmt` reaches the logs without level, time or request.
//!
//! Limits: only loggers whose type is known count, and only text that is formatted in the call. Other uses of `fmt.Print` and
//! `log.Print` may be the output of a tool.
//!
//! ```go bad
//! func greet(user string) {
//! 	slog.Info(fmt.Sprintf("user %s logged in", user))
//! 	//        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ values are formatted into the message of `slog.Info`
//! }
//! ```
//! ```diff fixed
//! -	slog.Info(fmt.Sprintf("user %s logged in", user))
//! +	slog.Info("user logged in", "user", user)
//! ```
//! ```go bad
//! func retried(logger *slog.Logger, user string, n int) {
//! 	logger.Warn("retries: "+strconv.Itoa(n), "user", user)
//! 	//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^ values are formatted into the message of `logger.Warn`
//! }
//! ```
//! ```go bad
//! func show(w http.ResponseWriter, r *http.Request) {
//! 	fmt.Println("got request", r.URL)
//! #^^^^^^^^^^^ `fmt.Println` writes to standard output without level, time or request
//! }
//! ```
//! ```go bad
//! import "github.com/rs/zerolog"
//! import "go.uber.org/zap"
//!
//! func cancel(order string, plain *zap.Logger, chained zerolog.Logger) {
//! 	plain.Info("canceled " + order)
//! 	//         ^^^^^^^^^^^^^^^^^^^ values are formatted into the message of `plain.Info`
//! 	chained.Info().Msg("canceled " + order)
//! 	//                 ^^^^^^^^^^^^^^^^^^^ values are formatted into the message of `chained.Info().Msg`
//! }
//! ```
//! ```go good
//! const prefix = "worker: "
//!
//! func start(user string) {
//! 	slog.Info(prefix+"started", "user", user) // a constant
//! }
//! ```
//! ```go good
//! func usage(n int) {
//! 	slog.Info("usage", "text", fmt.Sprintf("%d%%", n)) // a value under its key
//! }
//! ```
//! ```go good
//! func greet(user string) {
//! 	fmt.Println("hello,", user) // the output of a tool
//! }
//! ```
//! ```go good
//! func page(w http.ResponseWriter, r *http.Request) {
//! 	fmt.Fprintf(w, "hello, %s", r.URL.Path) // the response
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::log_call;

pub static RULE: Rule = Rule {
    id: "observability/unstructured-log",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Operability, 3)],
    equivalents: &["sloglint", "forbidigo"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "log calls",
};

fn check(cx: &mut Cx, call: ExprId) {
    if let Some(log) = log_call(cx, call) {
        let Some(message) = log.message else { return };
        cx.examined();
        if is_formatted(cx, message) {
            report_message(cx, log.fun, message, !log.attributes.is_empty());
        }
        return;
    }
    if cx.calls(call, &["fmt.Print", "fmt.Printf", "fmt.Println"]) && cx.answers_requests(call) {
        cx.examined();
        let Expr::Call { fun, .. } = cx.expr(call) else { return };
        cx.report(fun, format!("`{}` writes to standard output without level, time or request", cx.source(fun)))
            .note("log through `log/slog` with the request's context, so that the line can be found");
    }
}

/// Whether the text is made of values: with `fmt.Sprintf`, or by joining text with something that is no constant.
fn is_formatted(cx: &Cx, message: ExprId) -> bool {
    let message = cx.unparen(message);
    match cx.expr(message) {
        // What is spread came from a caller, who chose the words.
        Expr::Call { spread: true, .. } => false,
        Expr::Call { args, .. } => {
            args.len() > 1 && cx.calls(message, &["fmt.Sprintf"]) || cx.calls(message, &["fmt.Sprint"])
        }
        Expr::Binary { op: BinaryOp::Add, .. } => {
            let (mut text, mut value) = (false, false);
            cx.any(message, false, |node| {
                if let Node::Expr(id) = node {
                    match cx.expr(id) {
                        Expr::Literal(_) => text = true,
                        Expr::Call { .. } | Expr::Index { .. } => value = true,
                        Expr::Ident => value |= matches!(cx.def(id), Def::Local(_)) && cx.string_value(id).is_none(),
                        _ => {}
                    }
                }
                text && value
            })
        }
        _ => false,
    }
}

fn report_message(cx: &mut Cx, fun: ExprId, message: ExprId, in_pairs: bool) {
    let edit = as_pairs(cx, message).filter(|_| in_pairs).map(|text| (cx.span(message), text));
    let report = cx
        .report(message, format!("values are formatted into the message of `{}`", cx.source(fun)))
        .note("keep the message constant, and pass each value under a key")
        .one_of("log messages in this file have values formatted into them");
    if let Some(edit) = edit {
        report.fix("Pass the values under keys", [edit]);
    }
}

/// `fmt.Sprintf("user %s logged in", user)` as `"user logged in", "user", user`, where each value has a name.
fn as_pairs(cx: &Cx, message: ExprId) -> Option<String> {
    let Call { callee: name, args: [format, values @ ..], .. } = cx.call(message)? else { return None };
    let format = cx.string_value(*format).filter(|_| name.is(&["fmt.Sprintf"]))?;
    let (text, verbs) = without_verbs(&format)?;
    if verbs != values.len() || text.is_empty() {
        return None;
    }
    let mut pairs = format!("{text:?}");
    for &value in values {
        let key = key_of(cx, value)?;
        pairs.push_str(&format!(", {key:?}, {}", cx.source(value)));
    }
    Some(pairs)
}

/// The format without its verbs, and how many they were. None where one is more than `%v` and its like, or the text is
/// not plain.
fn without_verbs(format: &str) -> Option<(String, usize)> {
    let mut verbs = 0;
    let mut text = String::new();
    let mut parts = format.split('%');
    text.push_str(parts.next()?);
    for part in parts {
        let verb = part.chars().next().filter(|verb| "dqsvx".contains(*verb))?;
        verbs += 1;
        text.push_str(part.get(verb.len_utf8()..)?);
    }
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || " :,.'_-=\n".contains(c));
    let words = text.split(|c: char| c.is_whitespace() || c == '=').map(|word| word.trim_matches([':', ',', '\'']));
    let text = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    plain.then_some((text, verbs))
}

/// The last name of a value such as `user.ID`, in lower case at its start.
fn key_of(cx: &Cx, value: ExprId) -> Option<String> {
    let name = match cx.expr(value) {
        Expr::Ident => cx.source(value),
        Expr::Selector { name, .. } => cx.source(name),
        _ => return None,
    };
    if name.chars().all(|c| c.is_ascii_uppercase()) {
        return Some(name.to_ascii_lowercase());
    }
    let mut chars = name.chars();
    let first = chars.next()?;
    Some(first.to_lowercase().chain(chars).collect())
}
