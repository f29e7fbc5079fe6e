//! Two fields of a struct have the same name in JSON.
//!
//! encoding/json omits both of them without an error (package encoding/json, "Marshal"), so what they hold is lost. Give one
//! of them another name.
//!
//! Limits: the fields of embedded structs are not compared. Types that encode themselves, generated code and tests are left
//! alone.
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
//! 	Name string `json:"-"`
//! 	Kind string `json:"-"` // neither is in the JSON
//! }
//! ```
//! ```go good
//! type event struct {
//! 	Note string `json:",omitempty"`
//! 	Body string `json:",omitempty"` // both go by the names of their fields
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
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    examines: "names in JSON tags",
};

fn check(cx: &mut Cx, ty: ExprId) {
    let fields = json_fields(cx, ty);
    if fields.is_empty() {
        return;
    }
    // Fields without a tag go by their own name.
    let untagged = exported_without_tag(cx, ty).into_iter().map(|name| (cx.source(name), name));
    let mut first_of: HashMap<&str, ExprId> = untagged.collect();
    for field in fields {
        let start = field.pair.value_span.start;
        let (name, at) = match field.pair.value.split(',').next() {
            None | Some("") => (cx.source(field.name), cx.span(field.name)),
            Some(name) => (name, Span::new(start, start + name.len() as u32)),
        };
        cx.examined();
        let first = *first_of.entry(name).or_insert(field.name);
        if first != field.name {
            let (shown, other, place) = (cx.source(field.name), cx.source(first), cx.span(first));
            let message = format!("`{shown}` and `{other}` have the same JSON name, `{name}`");
            cx.report_span(at, message)
                .note("encoding/json omits both without an error")
                .note_at(place, "the other field");
        }
    }
}

fn exported_without_tag(cx: &Cx, ty: ExprId) -> Vec<ExprId> {
    let Expr::StructType { fields } = cx.expr(ty) else { return Vec::new() };
    let fields = cx.tree.fields(fields).iter().map(|&field| cx.tree.field(field));
    let untagged = fields.filter(|field| field.tag.is_none());
    let names = untagged.flat_map(|field| cx.exprs(field.names).iter().copied());
    names.filter(|&name| cx.source(name).starts_with(char::is_uppercase)).collect()
}
