//! An option in a JSON tag is misspelt.
//!
//! encoding/json knows `omitempty`, `omitzero` and `string`, and ignores every other word after the name without an error, so
//! the option has no effect. A space before the option is part of it.
//!
//! Limits: only near misses of the three are reported, since other encoders read options of their own from the same tag.
//! Types that encode themselves, generated code and tests are left alone.
//!
//! ```go bad
//! type event struct {
//! 	Text string `json:"text, omitempty"`
//! 	//                      ^^^^^^^^^^ `omitempty` is not an option of `json`
//! 	Note string `json:"note,omitempy"`
//! 	//                      ^^^^^^^^ `omitempy` is not an option of `json`
//! }
//! ```
//! ```go good
//! type event struct {
//! 	Count int               `json:"count,string"`
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
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    file: file!(),
};

/// What encoding/json knows after the name.
const OPTIONS: &[&str] = &["omitempty", "omitzero", "string"];

/// The same with two letters swapped, missing or too many.
const MISSPELT: &[&str] = &["omitemtpy", "omitempy", "omitemty", "omitemptly", "ommitempty", "omtiempty"];

fn check(cx: &mut Cx, ty: ExprId) {
    for field in json_fields(cx, ty) {
        for (option, span) in options(&field.pair) {
            cx.examined();
            if option.trim() != option && OPTIONS.contains(&option.trim()) {
                let message = format!("`{}` is not an option of `json` with a space before it", option.trim());
                cx.report_span(span, message);
            } else if is_misspelt(option) {
                cx.report_span(span, format!("`{option}` is not an option of `json`"));
            }
        }
    }
}

fn is_misspelt(option: &str) -> bool {
    let plain = option.to_ascii_lowercase().replace(['_', '-'], "");
    !OPTIONS.contains(&option) && [OPTIONS, MISSPELT].iter().any(|words| words.contains(&plain.as_str()))
}
