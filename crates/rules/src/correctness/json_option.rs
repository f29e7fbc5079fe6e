//! An option in a JSON tag has no effect, because it is misspelled or in the wrong place.
//!
//! encoding/json knows the options `omitempty`, `omitzero` and `string`, and ignores every other word after the name without an
//! error. A space before the option is part of it, and without a comma the option becomes the name of the field.
//!
//! Limits: only near misses of the three are reported, since other encoders read options of their own from the same tag.
//! Types that encode themselves, generated code and tests are left alone.
//!
//! ```go bad
//! type event struct {
//! 	Text string `json:"text, omitempty"`
//! 	//                      ^^^^^^^^^^ `omitempty` is not recognized with a space before it
//! 	Note string `json:"note,omitempy"`
//! 	//                      ^^^^^^^^ `omitempy` is not an option of `json`
//! 	Kind string `json:"omitempty"`
//! 	//                 ^^^^^^^^^ without a comma, `omitempty` is the name of the field
//! }
//! ```
//! ```diff fixed
//! -	Text string `json:"text, omitempty"`
//! -	Note string `json:"note,omitempy"`
//! -	Kind string `json:"omitempty"`
//! +	Text string `json:"text,omitempty"`
//! +	Note string `json:"note,omitempty"`
//! +	Kind string `json:",omitempty"`
//! ```
//! ```go good
//! type event struct {
//! 	Count int `json:"count,string"` // an option of encoding/json
//! }
//! ```
//! ```go good
//! type event struct {
//! 	Extra map[string]string `json:"extra,inline"` // an option of another encoder
//! }
//! ```
use gopeer_lint::prelude::*;

use super::tags::{json_fields, options};

pub static RULE: Rule = Rule {
    id: "correctness/json-option",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Api, 3), (Concern::DataLoss, 1)],
    equivalents: &["gopeer:correctness/struct-tag", "staticcheck:SA5008"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    examines: "options in JSON tags",
};

/// What encoding/json knows after the name.
const OPTIONS: &[&str] = &["omitempty", "omitzero", "string"];

fn check(cx: &mut Cx, ty: ExprId) {
    for field in json_fields(cx, ty) {
        check_name(cx, field.pair.value, field.pair.value_span);
        for (option, span) in options(&field.pair) {
            cx.examined();
            let Some(meant) = OPTIONS.iter().find(|&&known| known != option && is_near(option.trim(), known)) else {
                continue;
            };
            let message = if option.trim() == *meant {
                format!("`{meant}` is not recognized with a space before it")
            } else {
                format!("`{option}` is not an option of `json`")
            };
            cx.report_span(span, message).fix(format!("Write {meant}"), [(span, (*meant).to_owned())]);
        }
    }
}

/// Whether the name itself is, or ends in, an option that is not the name of anything.
fn check_name(cx: &mut Cx, value: &str, span: Span) {
    let name = value.split(',').next().unwrap_or_default();
    let Some(option) = OPTIONS.iter().filter(|&&known| known != "string").find(|known| name.ends_with(**known)) else {
        return;
    };
    let before = name.strip_suffix(option).unwrap_or_default();
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return;
    }
    let end = span.start + name.len() as u32;
    let at = Span::new(end - option.len() as u32, end);
    let separator = Span::new(span.start + before.trim_end_matches([' ', ';', ':', '|']).len() as u32, at.start);
    cx.report_span(at, format!("without a comma, `{option}` is the name of the field"))
        .fix("Add the comma", [(separator, ",".to_owned())]);
}

/// Whether a word is an option, or one with a letter or two that are wrong, missing, or too many.
fn is_near(word: &str, option: &str) -> bool {
    let most = if option.len() > 6 { 2 } else { 1 };
    let plain = word.to_ascii_lowercase().replace(['_', '-'], "");
    plain.len().abs_diff(option.len()) <= most && distance(&plain, option) <= most
}

/// How many letters have to be changed, added or removed to make one word of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        for (j, y) in b.bytes().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or_default();
            let best = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(j) {
                *cell = left;
            }
            left = best;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}
