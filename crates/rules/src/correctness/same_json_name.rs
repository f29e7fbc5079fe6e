//! Two fields of a struct have the same name in JSON.
//!
//! Both are left out, and what they held is lost: "there are multiple fields, and all are ignored; no error occurs" (package
//! encoding/json, "Marshal").
//!
//! Limits: names of embedded structs are not compared, nor are names without a tag. Types that encode themselves, generated
//! code and tests are left alone.
//!
//! ```go bad
//! type event struct {
//! 	Name string `json:"name"`
//! 	Kind string `json:"name,omitempty"`
//! 	//                 ^^^^ `Kind` and `Name` have the same JSON name
//! }
//! ```
//! ```go good
//! type event struct {
//! 	Name string `json:"-"` // neither has a name
//! 	Kind string `json:"-"`
//! 	Note string `json:",omitempty"`
//! 	Body string `json:",omitempty"` // these have the names of their fields
//! }
//! ```
use std::collections::HashMap;

use gopeer_lint::prelude::*;

use super::tags::json_fields;

pub static RULE: Rule = Rule {
    id: "correctness/same-json-name",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Api, 3), (Concern::DataLoss, 1)],
    equivalents: &["gopeer:correctness/struct-tag", "staticcheck:SA5008", "vet:structtag"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    file: file!(),
};

fn check(cx: &mut Cx, ty: ExprId) {
    let mut first_of: HashMap<&str, ExprId> = HashMap::new();
    for field in json_fields(cx, ty) {
        let name = field.pair.value.split(',').next().unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        cx.examined();
        let first = *first_of.entry(name).or_insert(field.name);
        if first != field.name {
            let start = field.pair.value_span.start;
            let (shown, other, place) = (cx.source(field.name), cx.source(first), cx.span(first));
            let message = format!("`{shown}` and `{other}` have the same JSON name, `{name}`");
            cx.report_span(Span::new(start, start + name.len() as u32), message)
                .note("encoding/json leaves both out without an error")
                .note_at(place, "the other");
        }
    }
}
