//! A day or a month is reckoned with as if all of them were of one length.
//!
//! `AddDate` adds to the month and then carries what is too much: on May 31, `AddDate(0, -1, 0)` is "April 31", which is May 1
//! (package time, Time.AddDate). Whoever asks that for its month gets the same month again, on the last days of some months. Begin at the first:
//! `now.AddDate(0, -1, 1-now.Day())`. In a zone whose clocks change, a day has 23 or 25 hours twice a year, so that 24 hours later is
//! another time of day; `AddDate(0, 0, 1)` keeps the time. And `Truncate(24 * time.Hour)` gives midnight in UTC, whatever the zone.
//!
//! Limits: months are looked at only where the date is that of today, and nothing but its year and month is used, and where a field is
//! moved that is named after a date which comes again, such as `Due`: that is asked about. Hours are looked at where a time is made with
//! `time.Date` in a zone that is not UTC, or put into one.
//!
//! ```go bad
//! func lastMonth(now time.Time) (time.Time, time.Time) {
//! 	prev := now.AddDate(0, -1, 0)
//! 	//      ^^^^^^^^^^^^^^^^^^^^^ `now.AddDate(0, -1, 0)` may be in the month of `now` again, on its last days
//! 	from := time.Date(prev.Year(), prev.Month(), 1, 0, 0, 0, 0, time.UTC)
//! 	return from, from.AddDate(0, 1, 0)
//! }
//! ```
//! ```diff fixed
//! -	prev := now.AddDate(0, -1, 0)
//! +	prev := now.AddDate(0, -1, 1-now.Day())
//! ```
//! ```go bad
//! func next(now time.Time, hour int, loc *time.Location) time.Time {
//! 	at := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, loc)
//! 	if !at.After(now) {
//! 		at = at.Add(24 * time.Hour)
//! 		//   ^^^^^^^^^^^^^^^^^^^^^^ 24 hours after `at` is another time of day when the clocks of its zone change
//! 	}
//! 	return at
//! }
//! ```
//! ```diff fixed
//! -		at = at.Add(24 * time.Hour)
//! +		at = at.AddDate(0, 0, 1)
//! ```
//! ```go good
//! func lastMonth(now time.Time) (string, time.Time) {
//! 	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
//! 	prev := first.AddDate(0, -1, 0) // each month has a first
//! 	return prev.Format("2006-01"), now.AddDate(0, -1, 0) // about a month ago
//! }
//!
//! func expires(day int) time.Time {
//! 	at := time.Date(2030, 1, day, 0, 0, 0, 0, time.UTC)
//! 	return at.Add(24 * time.Hour) // in UTC, each day has 24 hours
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/calendar-length",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[
        Hook::Call(&["time.Time.AddDate"], check_month),
        Hook::Call(&["time.Time.Add", "time.Time.Truncate"], check_hours),
    ],
    examines: "days and months that are reckoned with",
};

/// What changes nothing about the date but its zone.
const ZONES: &[&str] = &["time.Time.In", "time.Time.Local", "time.Time.UTC"];

fn check_month(cx: &mut Cx, call: Call) {
    let (Some(today), &[_, months, days]) = (call.receiver, call.args) else { return };
    let moves = cx.int_value(months).is_some_and(|months| months != 0);
    if !moves || cx.int_value(days) != Some(0) {
        return;
    }
    cx.examined();
    if is_due(cx, today) {
        let text = cx.source(call.expr);
        cx.report(
            call.expr,
            format!("`{text}` can move a date at the end of a month into a month that is not meant, for good"),
        )
        .question()
        .note("January 31 plus a month is \"February 31\", which is March 2 or 3; the next one is reckoned from there")
        .note("keep the day that was agreed, and take the last day of a month that is too short for it");
        return;
    }
    if !is_today(cx, today) {
        return;
    }
    if !only_month_counts(cx, call.expr) {
        return;
    }
    let (text, name, span) = (cx.source(call.expr), cx.source(today), cx.span(days));
    let edit = (cx.expr(today) == Expr::Ident).then(|| (span, format!("1-{name}.Day()")));
    cx.report(call.expr, format!("`{text}` may be in the month of `{name}` again, on its last days"))
        .note("May 31 less a month is \"April 31\", which is May 1: begin at the first of the month")
        .fix("Begin at the first of the month", edit);
}

/// Whether a value is a kept date that comes again each month, by the name of its field.
fn is_due(cx: &Cx, value: ExprId) -> bool {
    const DATES: &[&str] = &["billed", "billing", "due", "paid", "period", "renewal", "renews"];
    let value = unzoned(cx, value);
    let Expr::Selector { name, .. } = cx.expr(value) else { return false };
    words(cx.source(name)).iter().any(|word| DATES.contains(&word.as_str()))
}

/// Whether a value is the date of today: `time.Now()`, a clock's, or what is called so.
fn is_today(cx: &Cx, value: ExprId) -> bool {
    let value = unzoned(cx, value);
    match cx.expr(value) {
        Expr::Call { .. } => cx.callee_word(value) == "Now",
        Expr::Ident => match cx.origin(value) {
            Some((made, _)) => {
                let made = unzoned(cx, made);
                matches!(cx.expr(made), Expr::Call { .. }) && cx.callee_word(made) == "Now" && !cx.is_reassigned(value)
            }
            None => matches!(cx.source(value), "now" | "today") && !cx.is_reassigned(value),
        },
        _ => false,
    }
}

/// A time before it was put into a zone.
fn unzoned(cx: &Cx, value: ExprId) -> ExprId {
    let under = |value: &ExprId| cx.call(*value).filter(|call| call.callee.is(ZONES))?.receiver;
    std::iter::successors(Some(cx.unparen(value)), under).take(4).last().unwrap_or(value)
}

/// Whether nothing is asked of a time but its year and its month.
fn only_month_counts(cx: &Cx, value: ExprId) -> bool {
    let asks = |used: ExprId| {
        let Some(Node::Expr(selector)) = cx.tree.parent(used) else { return None };
        let Some(Node::Expr(call)) = cx.tree.parent(selector) else { return None };
        match cx.method_call(call)? {
            (_, "Year", []) => Some(false),
            (_, "Month", []) => Some(true),
            (_, "Format", &[layout]) => {
                let layout = cx.string_value(layout)?;
                let day = ["02", "_2", "15", "03", "04", "05"].iter().any(|part| layout.contains(part));
                (!day && (layout.contains("01") || layout.contains("Jan"))).then_some(true)
            }
            _ => None,
        }
    };
    let Some(Def::Local(declared)) = cx.first_target(value).map(|name| cx.def(name)) else {
        return asks(value) == Some(true);
    };
    let mut uses = cx.names.uses(declared).filter(|&used| used != declared).map(asks).peekable();
    uses.peek().is_some() && uses.try_fold(false, |month, asked| Some(month | asked?)) == Some(true)
}

fn check_hours(cx: &mut Cx, call: Call) {
    const DAY: i64 = 24 * 3_600_000_000_000;
    let (Some(time), &[by]) = (call.receiver, call.args) else { return };
    let Some(days) = cx.int_value(by).filter(|by| *by != 0 && by % DAY == 0).map(|by| by / DAY) else { return };
    cx.examined();
    if !is_in_zone(cx, time, call.callee.name == "Truncate") {
        return;
    }
    let (name, span) = (cx.source(time), cx.span(call.expr));
    if call.callee.name == "Truncate" {
        let text = cx.source(call.expr);
        cx.report(call.expr, format!("`{text}` is midnight in UTC, not in the zone of `{name}`"))
            .note("make midnight with `time.Date`, from the year, month and day, and the location");
        return;
    }
    let hours = days * 24;
    let (count, side) = if hours < 0 { (-hours, "before") } else { (hours, "after") };
    cx.report(
        call.expr,
        format!("{count} hours {side} `{name}` is another time of day when the clocks of its zone change"),
    )
    .note("such a day has 23 or 25 hours; AddDate keeps the time of day")
    .fix("Use AddDate", [(span, format!("{name}.AddDate(0, 0, {days})"))]);
}

/// Whether a time is in a zone that the code names, and that is not UTC: of a day's beginning, or to find it.
fn is_in_zone(cx: &Cx, time: ExprId, truncates: bool) -> bool {
    let made = match cx.expr(cx.unparen(time)) {
        Expr::Ident => cx.origin(time).map_or(time, |(made, _)| made),
        _ => time,
    };
    let Some(call) = cx.call(cx.unparen(made)) else { return false };
    let is_utc = |zone: ExprId| cx.denotes(zone, &["time.UTC"]) || cx.source(zone).to_ascii_lowercase().contains("utc");
    match truncates {
        true => call.callee.is(&["time.Time.In"]) && !call.args.iter().any(|&zone| is_utc(zone)),
        false => call.callee.is(&["time.Date"]) && call.args.last().is_some_and(|&zone| !is_utc(zone)),
    }
}
