//! A time layout does not mean what it looks like.
//!
//! Layouts of package `time` show how the reference time is written: `Mon Jan 2 15:04:05 MST 2006`, the numbers 1 to 7. `02` is the day
//! wherever it stands, `04` the minutes and `01` the month. A layout with two of them swapped formats without an error, and its
//! text looks right on many days of the year. `yyyy-MM-dd` is no layout at all: `Format` gives these letters. An hour `03` goes to
//! twelve, so that without `PM` the afternoon looks like the morning.
//!
//! Limits: only layouts that are constants are looked at. A day before its month is found after the year alone.
//!
//! ```go bad
//! func names(t time.Time) (string, string, string, string) {
//! 	day := t.Format("2006-02-01")
//! 	//              ^^^^^^^^^^^^ `02` in this layout is the day, where `01`, the month, belongs
//! 	file := t.Format("2006-04-02T15:04:05")
//! 	//               ^^^^^^^^^^^^^^^^^^^^^ `04` in this layout is the minutes, where `01`, the month, belongs
//! 	stamp := t.Format("20060102T030405")
//! 	//                ^^^^^^^^^^^^^^^^^ `03` in this layout is an hour from 1 to 12, and no `PM` tells which half of the day it is
//! 	iso := t.Format("yyyy-MM-dd")
//! 	//              ^^^^^^^^^^^^ `yyyy` means nothing in a layout of package time
//! 	return day, file, stamp, iso
//! }
//! ```
//! ```go good
//! func names(t time.Time) (string, string, string) {
//! 	day := t.Format("02.01.2006") // the day comes first in many countries
//! 	cron := t.Format("04 15 * * *") // minutes before hours
//! 	return day, cron, t.Format("2006-01-02 03:04:05 PM")
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/time-layout",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(&["time.Parse", "time.ParseInLocation", "time.Time.AppendFormat", "time.Time.Format"], check)],
    examines: "layouts of times",
};

/// Elements of a layout, the longer ones first, and what each is.
const ELEMENTS: &[(&str, &str)] = &[
    ("2006", YEAR),
    ("002", ""),
    ("MST", ""),
    ("Z07", ""),
    ("-07", ""),
    ("Jan", "the name of the month"),
    ("01", MONTH),
    ("02", "the day"),
    ("03", HALF_DAY),
    ("04", MINUTES),
    ("05", "the seconds"),
    ("06", "the year"),
    ("15", HOUR),
    ("PM", PM),
    ("pm", PM),
    ("1", MONTH),
    ("2", "the day"),
    ("3", HALF_DAY),
    ("4", MINUTES),
    ("5", "the seconds"),
];
const YEAR: &str = "the whole year";
const MONTH: &str = "the month";
const HOUR: &str = "the hour";
const HALF_DAY: &str = "an hour from 1 to 12";
const MINUTES: &str = "the minutes";
const PM: &str = "PM";
/// What other libraries write.
const FOREIGN: &[&str] = &["yyyy", "YYYY", "%Y", "%H", "HH:"];

fn check(cx: &mut Cx, call: Call) {
    let at = usize::from(call.callee.name == "AppendFormat");
    let Some((&arg, layout)) = call.args.get(at).and_then(|arg| Some((arg, cx.string_value(*arg)?))) else { return };
    cx.examined();
    if let Some(message) = wrong(&layout) {
        cx.report(arg, message)
            .note("layouts are written as the reference time is: 2006-01-02 15:04:05, or 03:04:05 PM");
    }
}

/// What is wrong with a layout.
fn wrong(layout: &str) -> Option<String> {
    if let Some(foreign) = FOREIGN.iter().find(|foreign| layout.contains(**foreign)) {
        return Some(format!("`{}` means nothing in a layout of package time", foreign.trim_end_matches(':')));
    }
    let elements = elements(layout);
    let mut dated = false;
    for pair in elements.windows(2) {
        let [(before, is, from), (text, found, to)] = *pair else { continue };
        let between = layout.get(from + before.len()..to)?;
        let belongs = match is {
            YEAR if !dated && matches!(between, "" | "-" | "/" | "." | "_") => ("01", MONTH),
            HOUR | HALF_DAY if matches!(between, "" | ":") => ("04", MINUTES),
            MINUTES if between == ":" => ("05", "the seconds"),
            _ => ("", ""),
        };
        dated |= is == MONTH || is == "the day" || is.starts_with("the name");
        if !belongs.0.is_empty() && found != belongs.1 && found.starts_with("the ") && !found.starts_with("the name") {
            return Some(format!("`{text}` in this layout is {found}, where `{}`, {}, belongs", belongs.0, belongs.1));
        }
    }
    let has = |what: &str| elements.iter().any(|(_, is, _)| *is == what);
    let half = elements.iter().any(|(text, ..)| *text == "03") && has(MINUTES) && !has(PM);
    half.then(|| format!("`03` in this layout is {HALF_DAY}, and no `PM` tells which half of the day it is"))
}

/// The elements of a layout in their order: the text, what it is, and where it begins.
fn elements(layout: &str) -> Vec<(&'static str, &'static str, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(rest) = layout.get(at..).filter(|rest| !rest.is_empty()) {
        match ELEMENTS.iter().find(|(text, _)| rest.starts_with(text)) {
            Some(&(text, is)) => {
                found.push((text, is, at));
                at += text.len();
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}
