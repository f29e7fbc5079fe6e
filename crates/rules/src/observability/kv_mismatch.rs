//! A structured log call has a key without a value, or a value where a key belongs.
//!
//! `log/slog` writes the stray argument under the key `!BADKEY` (its documentation), and every key after it gets the wrong
//! value: an alert that looks for `err` finds nothing, in the very line that matters. Give each key its value, or pass
//! attributes such as `slog.String("user", id)`.
//!
//! Limits: a call of `log/slog`, zap's sugared logger, klog, logr or go-kit is known by the type of the logger. Wrappers of one's
//! own are not known, and an argument whose type is not known, or an interface, ends the check. Lists that are spread (`args...`)
//! are not read.
//!
//! ```go bad
//! func save(u User, err error) {
//! 	slog.Error("save failed", err)
//! 	//                        ^^^ `err` is where a key belongs
//! 	slog.Info("saved", "user", u.ID, "took")
//! 	//                               ^^^^^^ the key `"took"` has no value
//! }
//! ```
//! ```diff fixed
//! -	slog.Error("save failed", err)
//! -	slog.Info("saved", "user", u.ID, "took")
//! +	slog.Error("save failed", "err", err)
//! +	slog.Info("saved", "user", u.ID)
//! ```
//! ```go bad
//! func retry(ctx context.Context, logger *slog.Logger, n int) {
//! 	logger.WarnContext(ctx, "retrying", 3, n)
//! 	//                                  ^ `3` is where a key belongs
//! }
//! ```
//! ```go good
//! func save(u User) {
//! 	slog.Info("saved", "user", u.ID, slog.Int("size", 3), "ok", true) // an attribute is a key and its value
//! }
//! ```
//! ```go good
//! func save(args []any) {
//! 	slog.Info("saved", args...) // a list of any length
//! }
//! ```
//! ```go good
//! func save(key string, u User) {
//! 	slog.Info("saved", key, u.ID) // a variable may be a key
//! }
//! ```
//!
//! # Verify
//!
//! - `go vet -slog {package}`: reports missing values and keys that are no strings
//!
//! # References
//!
//! - [Package log/slog](https://pkg.go.dev/log/slog)
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::support::{LogCall, log_call};
use crate::errors::support::{is_error, text_of};

pub static RULE: Rule = Rule {
    id: "observability/kv-mismatch",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Operability, 3), (Concern::Correctness, 1)],
    equivalents: &["vet:slog", "loggercheck", "staticcheck:SA5012", "sloglint"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "structured log calls",
};

/// What an argument in the place of a key is.
enum Key {
    /// A string: its value follows.
    Name,
    /// A key and its value in one.
    Attribute,
    /// Plainly no key.
    Wrong,
    /// Not known here.
    Unknown,
}

fn check(cx: &mut Cx, call: ExprId) {
    let Some(log) = log_call(cx, call) else { return };
    cx.examined();
    let mut at = 0;
    while let Some(&arg) = log.pairs.get(at) {
        match key(cx, &log, arg) {
            Key::Name if at + 1 == log.pairs.len() => return report_dangling(cx, &log, at),
            Key::Name => at += 2,
            Key::Attribute => at += 1,
            Key::Wrong => return report_wrong(cx, arg),
            Key::Unknown => return,
        }
    }
}

fn key(cx: &Cx, log: &LogCall, arg: ExprId) -> Key {
    let arg = cx.unparen(arg);
    if let Some(key) = typed_key(cx, arg, log) {
        return key;
    }
    match cx.expr(arg) {
        Expr::Literal(LiteralKind::String | LiteralKind::RawString) => Key::Name,
        Expr::Literal(_) => Key::Wrong,
        Expr::Binary { op: BinaryOp::Add, .. } if cx.string_value(arg).is_some() => Key::Name,
        Expr::Composite { ty: Some(ty), .. } if cx.object(ty).is_some_and(|ty| ty.path == log.attributes) => {
            Key::Attribute
        }
        Expr::Call { fun, .. } if cx.object(fun).is_some_and(|fun| fun.path == log.attributes) => Key::Attribute,
        Expr::Call { .. } if text_of(cx, arg).is_some_and(|error| is_error(cx, error)) => Key::Wrong,
        Expr::Ident => ident_key(cx, arg),
        _ => Key::Unknown,
    }
}

/// What the type tells; none where it is not known.
fn typed_key(cx: &Cx, arg: ExprId, log: &LogCall) -> Option<Key> {
    let ty = cx.ty(arg);
    match cx.under(arg) {
        _ if ty.is_unknown() => None,
        Type::Basic(basic) if basic.is_string() => Some(Key::Name),
        Type::Struct(_) if cx.type_path(ty).is_some_and(|path| path.starts_with(log.attributes)) => {
            Some(Key::Attribute)
        }
        // What a variable of an interface type holds shows when the program runs, but an error is no key.
        Type::Interface(_) if ty != TypeId::ERROR => Some(Key::Unknown),
        _ => Some(Key::Wrong),
    }
}

fn ident_key(cx: &Cx, ident: ExprId) -> Key {
    if let Some(local) = cx.local_type(ident) {
        return match () {
            () if cx.is_builtin(local.ty, "string") && !local.pointer => Key::Name,
            () if cx.is_builtin(local.ty, "error") => Key::Wrong,
            () => Key::Unknown,
        };
    }
    match cx.def(ident) {
        Def::Package(ObjectKind::Const) => Key::Name,
        _ if cx.string_value(ident).is_some() => Key::Name,
        // A local by this name is an error in all Go code.
        Def::Local(_) if cx.source(ident) == "err" => Key::Wrong,
        _ => Key::Unknown,
    }
}

fn report_wrong(cx: &mut Cx, arg: ExprId) {
    let (text, span) = (cx.source(arg), cx.span(arg));
    let error = text.starts_with("err");
    let report = cx.report(arg, format!("`{text}` is where a key belongs")).note(
        "arguments after the message alternate between keys and values; one that is missing shifts all that follow",
    );
    if error {
        let start = Span::new(span.start, span.start);
        report.fix("Give the error a key", [(start, "\"err\", ".to_owned())]);
    }
}

/// A text that is short enough to be quoted in a message.
fn short(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.chars().count() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

fn report_dangling(cx: &mut Cx, log: &LogCall, at: usize) {
    let Some(&key) = log.pairs.get(at) else { return };
    let before = at.checked_sub(1).and_then(|before| log.pairs.get(before)).copied().or(log.message);
    let span = cx.span(key);
    let removed = before.map(|before| Span::new(cx.span(before).end, span.end));
    let report = cx
        .report(key, format!("the key `{}` has no value", short(cx.source(key))))
        .note("add the value: a key alone is logged as a value without a key");
    if let Some(removed) = removed {
        report.fix("Remove the key", [(removed, String::new())]);
    }
}
