//! Units of time, in names and in comments.

use gopeer_lint::prelude::*;

/// Their names in package time, their lengths in milliseconds, and what they are called.
const UNITS: &[(&str, i64, &[&str])] = &[
    ("Millisecond", 1, &["milliseconds", "millis", "msec", "msecs", "ms", "millisecond"]),
    ("Second", 1_000, &["seconds", "secs", "sec", "second"]),
    ("Minute", 60_000, &["minutes", "mins", "min", "minute"]),
    ("Hour", 3_600_000, &["hours", "hour"]),
];

/// The unit in which a number counts, as its name says: `TTLSeconds`, `cfg.GetInt("wait-ms")`, also where a local got it from a call.
pub(super) fn unit_of(cx: &Cx, count: ExprId) -> Option<&'static str> {
    let count = cx.unparen(count);
    match cx.expr(count) {
        Expr::Ident => unit_in_name(cx.source(count)).or_else(|| unit_of_call(cx, cx.unparen(cx.origin(count)?.0))),
        Expr::Selector { name, .. } => unit_in_name(cx.source(name)),
        Expr::Star(pointer) => unit_of(cx, pointer),
        Expr::Call { fun, args, .. } if cx.is_type_expr(fun) => unit_of(cx, cx.only(args)?),
        Expr::Call { .. } => unit_of_call(cx, count),
        Expr::Binary { op: BinaryOp::Add | BinaryOp::Sub, lhs, rhs } => unit_of(cx, lhs).or_else(|| unit_of(cx, rhs)),
        _ => None,
    }
}

/// The unit that a function, or a text that it is given, names.
fn unit_of_call(cx: &Cx, call: ExprId) -> Option<&'static str> {
    let Expr::Call { args, .. } = cx.expr(call) else { return None };
    let in_text = |&arg: &ExprId| match cx.expr(cx.unparen(arg)) {
        Expr::Call { .. } => unit_of_call(cx, cx.unparen(arg)),
        _ => unit_in_name(&cx.string_value(arg)?),
    };
    unit_in_name(cx.callee_word(call)).or_else(|| cx.exprs(args).iter().find_map(in_text))
}

/// The unit that a name says: one of several, anywhere, or a short form at its end.
fn unit_in_name(name: &str) -> Option<&'static str> {
    let words = words(name);
    let is_of = |names: &[&str], word: &str| names.iter().any(|name| *name == word && *name != "min");
    let said = |(at, word): (usize, &String)| {
        let counts = word.ends_with('s') && word.len() > 3 || at + 1 == words.len() && word.len() < 5;
        UNITS.iter().find(|(.., names)| counts && is_of(names, word)).map(|&(unit, ..)| unit)
    };
    let smaller = words.iter().any(|word| matches!(word.as_str(), "nano" | "micro" | "milli" | "per"));
    words.iter().enumerate().find_map(said).filter(|_| !smaller)
}

/// The unit that a comment at the number names: of `600, // 10 minutes` it is the second.
pub(super) fn unit_in_comment(cx: &Cx, value: ExprId, count: i64) -> Option<&'static str> {
    let comment = cx.comments_at(value).next()?.to_ascii_lowercase();
    let words: Vec<&str> = comment.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let length = |word: &str| UNITS.iter().find(|(.., names)| names.contains(&word)).map(|&(_, length, _)| length);
    let (at, length) = words.iter().enumerate().find_map(|(at, &word)| Some((at, length(word)?)))?;
    let before = at.checked_sub(1).and_then(|at| words.get(at)?.parse::<i64>().ok());
    let whole = before.unwrap_or(count).checked_mul(length)?;
    UNITS.iter().find(|&&(_, unit, _)| count.checked_mul(unit) == Some(whole)).map(|&(unit, ..)| unit)
}
