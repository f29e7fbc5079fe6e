//! A field that belongs to the JSON of a struct has a type that JSON cannot represent.
//!
//! For channels, functions, complex numbers, and maps whose keys are neither strings nor integers, `json.Marshal` returns an
//! error (package encoding/json, "Marshal"), so the whole struct is never written. `json:"-"` leaves the field out.
//!
//! Limits: structs in which no field has a `json` tag may not be meant for JSON. Fields of embedded structs are not looked at.
//! Types that encode themselves, generated code and tests are left alone.
//!
//! ```go bad
//! type event struct {
//! 	ID   int       `json:"id"`
//! 	Done chan bool `json:"done"`
//! 	//              ^^^^ `Done` cannot be marshaled
//! 	Stop func()
//! #^^^^ low: `Stop` cannot be marshaled
//! }
//! ```
//! ```go good
//! type event struct {
//! 	ID   int       `json:"id"`
//! 	Done chan bool `json:"-"` // left out
//! }
//! ```
//! ```go good
//! type event struct {
//! 	ID   int
//! 	Stop func() // no field has a tag, so the struct may not be meant for JSON
//! }
//! ```
use gopeer_lint::prelude::*;

use super::tags::json_fields;

pub static RULE: Rule = Rule {
    id: "correctness/unencodable-field",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Api, 3), (Concern::DataLoss, 1)],
    equivalents: &["gopeer:correctness/struct-tag", "staticcheck:SA1026"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    examines: "fields that JSON encodes",
};

fn check(cx: &mut Cx, ty: ExprId) {
    let Expr::StructType { fields } = cx.expr(ty) else { return };
    let tagged = json_fields(cx, ty);
    if tagged.is_empty() {
        return;
    }
    let tagged: Vec<_> = tagged.iter().map(|field| (field.name, field.ty, field.pair.key_span)).collect();
    let untagged = cx.tree.fields(fields).iter().map(|&field| cx.tree.field(field)).filter(|field| field.tag.is_none());
    let untagged = untagged.flat_map(|field| cx.exprs(field.names).iter().map(move |&name| (name, field.ty)));
    let untagged = untagged.filter(|&(name, _)| cx.source(name).starts_with(char::is_uppercase));
    let untagged: Vec<_> = untagged.map(|(name, ty)| (name, ty, cx.span(name))).collect();
    let count = tagged.len();
    for (index, (name, ty, at)) in tagged.into_iter().chain(untagged).enumerate() {
        cx.examined();
        if let Some(kinds) = unencodable(cx, cx.ty(ty)) {
            let name = cx.source(name);
            // A struct may have tags to be read alone.
            let severity = if index < count { Severity::Medium } else { Severity::Low };
            cx.report_span(at, format!("`{name}` cannot be marshaled: JSON has no {kinds}"))
                .note("`json:\"-\"` leaves the field out")
                .severity(severity);
        }
    }
}

/// What JSON has no form for in a type, through pointers, slices and maps.
fn unencodable(cx: &Cx, mut ty: TypeId) -> Option<&'static str> {
    const DEEPEST: usize = 8;
    for _ in 0..DEEPEST {
        if cx.declared_method(ty, &["MarshalJSON", "MarshalText"]).is_some() {
            return None;
        }
        ty = match cx.store.under(ty) {
            Type::Chan { .. } => return Some("channels"),
            Type::Signature(_) => return Some("functions"),
            Type::Basic(Basic::Complex64 | Basic::Complex128) => return Some("complex numbers"),
            Type::Map { key, .. } if is_no_key(cx, key) => return Some("maps with such keys"),
            Type::Pointer(elem) | Type::Slice(elem) | Type::Array { elem, .. } | Type::Map { value: elem, .. } => elem,
            _ => return None,
        };
    }
    None
}

/// Whether a type is neither a string nor an integer, and does not say itself how it is written as a key.
fn is_no_key(cx: &Cx, key: TypeId) -> bool {
    match cx.store.under(key) {
        Type::Basic(basic) => !basic.is_string() && !basic.is_integer(),
        Type::Struct(_) | Type::Array { .. } => matches!(cx.store.get(key), Type::Struct(_) | Type::Array { .. }),
        _ => false,
    }
}
