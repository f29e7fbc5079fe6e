//! A field that is not exported has a tag for encoders.
//!
//! Encoders read exported fields alone (packages encoding/json and encoding/xml), so the field is missing from what is
//! written and stays empty when it is read, whatever its tag says.
//!
//! Limits: tags of `json` and `xml` are looked at. Types that encode themselves, by `MarshalJSON` and the like, are left
//! alone, and so are generated code and tests.
//!
//! ```go bad
//! type event struct {
//! 	note string `json:"note"`
//! 	//           ^^^^ `note` is not exported, so its `json` tag is never read
//! }
//! ```
//! ```go good
//! type event struct {
//! 	ID   string `json:"id"`
//! 	note string `json:"-"` // says that it is left out
//! 	rank int    `db:"rank"`
//! }
//! ```
//! ```go good
//! type own struct {
//! 	body string `json:"body"` // read by its own method
//! }
//!
//! func (o own) MarshalJSON() ([]byte, error) { return []byte(o.body), nil }
//! ```
use gopeer_lint::prelude::*;

use super::tags::encoded_fields;

pub static RULE: Rule = Rule {
    id: "correctness/tag-on-unexported",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Api, 3), (Concern::DataLoss, 1)],
    equivalents: &["gopeer:correctness/struct-tag", "staticcheck:SA9005", "vet:structtag"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    file: file!(),
};

fn check(cx: &mut Cx, ty: ExprId) {
    for field in encoded_fields(cx, ty) {
        let (name, key) = (cx.source(field.name), field.pair.key);
        cx.examined();
        // Name and options of an XML element stand on a field that need not be exported; XXX is what protoc adds.
        if !(name.starts_with(char::is_uppercase) || field.pair.value == "-" || name == "_" || name.starts_with("XXX"))
        {
            cx.report_span(field.pair.key_span, format!("`{name}` is not exported, so its `{key}` tag is never read"));
        }
    }
}
