//! An unexported field has a tag for encoders.
//!
//! Encoders and decoders use reflection, which cannot set unexported fields, so they skip them (packages encoding/json and
//! encoding/xml). Whatever its tag says, the field is missing from the output and stays empty when it is read. Export the
//! field, or remove the tag.
//!
//! Limits: tags are read of `json`, `xml`, `yaml`, `toml`, `bson`, `mapstructure`, `form`, `query`, `env`, `envconfig` and `gorm`.
//! Types that encode themselves, by `MarshalJSON` and the like, are left alone, and so are generated code and tests.
//!
//! ```go bad
//! type event struct {
//! 	note string `json:"note"`
//! 	//           ^^^^ `note` is unexported, so its `json` tag is never read
//! }
//! ```
//! ```go good
//! type event struct {
//! 	note string `json:"-"` // the tag says that the field is left out
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
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    examines: "fields with tags for encoders",
};

fn check(cx: &mut Cx, ty: ExprId) {
    for field in encoded_fields(cx, ty) {
        let (name, key) = (cx.source(field.name), field.pair.key);
        cx.examined();
        // Name and options of an XML element stand on a field that need not be exported: `XMLName`, or `_`.
        if !(name.starts_with(char::is_uppercase) || field.pair.value.starts_with('-') || name == "_") {
            cx.report_span(field.pair.key_span, format!("`{name}` is unexported, so its `{key}` tag is never read"));
        }
    }
}
