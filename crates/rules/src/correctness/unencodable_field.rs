//! A field that is to be in JSON has a type that JSON cannot hold.
//!
//! For channels, functions and complex numbers `json.Marshal` returns an error (package encoding/json, "Marshal"), so the
//! whole struct is never written. `json:"-"` keeps the field out.
//!
//! Limits: only fields with a `json` tag are looked at, in structs that do not encode themselves; not tests and generated
//! code.
//!
//! ```go bad
//! type event struct {
//! 	Done chan bool `json:"done"`
//! 	//              ^^^^ `Done` cannot be marshalled
//! }
//! ```
//! ```go good
//! type event struct {
//! 	Done chan bool `json:"-"` // kept out
//! 	Stop func()    // without a tag, the struct may not be meant for JSON
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
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    file: file!(),
};

fn check(cx: &mut Cx, ty: ExprId) {
    for field in json_fields(cx, ty) {
        cx.examined();
        let kinds = match cx.under(field.ty) {
            Type::Chan { .. } => "channels have",
            Type::Signature(_) => "functions have",
            Type::Basic(Basic::Complex64 | Basic::Complex128) => "complex numbers have",
            _ => continue,
        };
        let name = cx.source(field.name);
        cx.report_span(field.pair.key_span, format!("`{name}` cannot be marshalled: {kinds} no JSON"))
            .note("`json:\"-\"` keeps the field out");
    }
}
