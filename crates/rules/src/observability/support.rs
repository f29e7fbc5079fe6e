//! Calls of structured loggers.

use gopeer_lint::prelude::*;

/// A call of a structured logger whose shape is certain.
pub(super) struct LogCall<'a> {
    /// The function or method.
    pub(super) fun: ExprId,
    /// The message, where the call has one.
    pub(super) message: Option<ExprId>,
    /// The alternating keys and values.
    pub(super) pairs: &'a [ExprId],
    /// Functions whose result counts as a key and its value at once, as `path.`; empty where values are not given in pairs.
    pub(super) attributes: &'static str,
}

/// The functions and methods that matter, to be quick about all others.
const NAMES: &[&str] = &[
    "Debug",
    "Info",
    "Warn",
    "Error",
    "DebugContext",
    "InfoContext",
    "WarnContext",
    "ErrorContext",
    "Log",
    "With",
    "Group",
    "InfoS",
    "ErrorS",
    "Debugw",
    "Infow",
    "Warnw",
    "Errorw",
    "DPanicw",
    "Panicw",
    "Fatalw",
    "WithValues",
    "Msg",
    "DPanic",
    "Panic",
    "Fatal",
    "Warning",
];

const SLOG: &str = "log/slog";
const ZAP: &str = "go.uber.org/zap";
const LOGRUS: &str = "github.com/sirupsen/logrus";

/// A message and then no pairs.
const TEXT: (bool, usize, &str) = (true, 1, "");

/// Reads a call as one of a structured logger: `log/slog`, zap, logrus, zerolog, `klog`, `logr` and go-kit. None where the
/// last argument is spread.
pub(super) fn log_call<'a>(cx: &Cx<'a>, call: ExprId) -> Option<LogCall<'a>> {
    let Expr::Call { fun, args, spread: false } = cx.expr(call) else { return None };
    let Expr::Selector { base, name } = cx.expr(fun) else { return None };
    let name = cx.source(name);
    if !NAMES.contains(&name) {
        return None;
    }
    let (message, skip, attributes) = match cx.object(fun).filter(|object| object.recv.is_none()) {
        Some(function) if function.path == SLOG => slog_shape(name, false)?,
        Some(function) if function.path == "k8s.io/klog/v2" => match name {
            "InfoS" => (true, 1, "-"),
            "ErrorS" => (true, 2, "-"),
            _ => return None,
        },
        Some(function) if function.path == LOGRUS && is_level(name) => TEXT,
        Some(_) => return None,
        None => method_shape(cx, base, name)?,
    };
    let args = cx.exprs(args);
    let message = if message { args.get(skip.checked_sub(1)?).copied() } else { None };
    let pairs = if attributes.is_empty() { &[] } else { args.get(skip..)? };
    Some(LogCall { fun, message, pairs, attributes })
}

fn is_level(name: &str) -> bool {
    matches!(name, "Debug" | "Info" | "Warn" | "Warning" | "Error" | "DPanic" | "Panic" | "Fatal")
}

/// Whether there is a message, and after how many arguments the pairs begin.
fn slog_shape(name: &str, method: bool) -> Option<(bool, usize, &'static str)> {
    Some(match name {
        "Debug" | "Info" | "Warn" | "Error" => (true, 1, SLOG),
        "DebugContext" | "InfoContext" | "WarnContext" | "ErrorContext" => (true, 2, SLOG),
        "Log" => (true, 3, SLOG),
        "With" => (false, 0, SLOG),
        "Group" if !method => (false, 1, SLOG),
        _ => return None,
    })
}

fn method_shape(cx: &Cx, receiver: ExprId, name: &str) -> Option<(bool, usize, &'static str)> {
    let sugared = name.ends_with('w');
    if sugared && cx.has_type(receiver, &["go.uber.org/zap.SugaredLogger"]) {
        return Some((true, 1, ZAP));
    }
    if is_slog(cx, receiver) {
        return slog_shape(name, true);
    }
    if cx.has_type(receiver, &["github.com/go-logr/logr.Logger"]) {
        return match name {
            "Info" => Some((true, 1, "-")),
            "Error" => Some((true, 2, "-")),
            "WithValues" => Some((false, 0, "-")),
            _ => None,
        };
    }
    const TEXTS: &[&str] =
        &["go.uber.org/zap.Logger", "github.com/sirupsen/logrus.Logger", "github.com/sirupsen/logrus.Entry"];
    if is_level(name) && cx.has_type(receiver, TEXTS)
        || name == "Msg" && cx.has_type(receiver, &["github.com/rs/zerolog.Event"])
    {
        return Some(TEXT);
    }
    let levelled = cx.callee(receiver).is_some_and(|level| level.path.ends_with("/log/level"));
    (levelled && name == "Log").then_some((false, 0, "-"))
}

fn is_slog(cx: &Cx, receiver: ExprId) -> bool {
    const MAKERS: &[&str] = &["log/slog.Default", "log/slog.New", "log/slog.With"];
    let made = |value: ExprId| cx.calls(value, MAKERS);
    cx.has_type(receiver, &["log/slog.Logger"]) || made(receiver) || cx.initial_value(receiver).is_some_and(made)
}
