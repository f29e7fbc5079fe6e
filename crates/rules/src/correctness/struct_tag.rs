//! A struct tag is malformed.
//!
//! Tags are read at run time, by the convention of `reflect.StructTag`: `key:"value"` pairs with one space between them. Whatever
//! comes after the place where a tag breaks the convention is ignored without an error, and so is a key that appears
//! a second time. The field is then written under its Go name, or not validated at all.
//!
//! Limits: only tags with a key of a well-known library, such as `json` or `db`, are checked, since some libraries have a
//! grammar of their own. Tags in double quotes, generated code and tests are left alone.
//!
//! ```go bad
//! type event struct {
//! 	ID   string `json:id`
//! 	//           ^^^^^^^ the tag of `ID` is malformed
//! 	Name string `json:"name" db:"name",yaml:"name"`
//! 	//                                ^^^^^^^^^^^^ the tag of `Name` is malformed
//! 	Kind string `json:"kind" db:"kind" json:"type"`
//! 	//                                 ^^^^ the tag has `json` twice
//! }
//! ```
//! ```go good
//! type event struct {
//! 	Rule string `parser:"@Ident ':' @Ident"` // the value of a pair may be anything
//! }
//! ```
//! ```go good
//! type event struct {
//! 	Word string `@Ident` // the grammar of another library
//! }
//! ```
use gopeer_lint::prelude::*;

use super::tags::{Tag, tag_of};

pub static RULE: Rule = Rule {
    id: "correctness/struct-tag",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Api, 3), (Concern::DataLoss, 1)],
    equivalents: &["vet:structtag"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    examines: "struct tags",
};

/// Keys by which a tag shows that it is meant to follow the convention.
const KEYS: &[&str] = &[
    "json",
    "xml",
    "yaml",
    "bson",
    "db",
    "gorm",
    "toml",
    "form",
    "validate",
    "binding",
    "env",
    "mapstructure",
    "query",
    "header",
    "uri",
    "avro",
];

fn check(cx: &mut Cx, ty: ExprId) {
    let Expr::StructType { fields } = cx.expr(ty) else { return };
    if cx.file.generated {
        return;
    }
    for &field in cx.tree.fields(fields) {
        let field = cx.tree.field(field);
        let Some(tag) = tag_of(cx, field) else { continue };
        cx.examined();
        report_twice(cx, &tag);
        if let Some(broken) = tag.broken.filter(|_| follows_convention(cx, field)) {
            let name = cx.exprs(field.names).first().copied().unwrap_or(field.ty);
            let message =
                format!("the tag of `{}` is malformed from here on, and the rest is never read", cx.source(name));
            cx.report_span(broken, message).note("write `key:\"value\"` pairs with one space between them");
        }
    }
}

fn report_twice(cx: &mut Cx, tag: &Tag) {
    for (index, pair) in tag.pairs.iter().enumerate() {
        if tag.pairs.iter().take(index).any(|other| other.key == pair.key) && KEYS.contains(&pair.key) {
            cx.report_span(
                pair.key_span,
                format!("the tag has `{}` twice, and the second one is never read", pair.key),
            );
        }
    }
}

/// Whether a tag means to follow the convention: a well-known key with what separates it from its value.
fn follows_convention(cx: &Cx, field: Field) -> bool {
    let text = field.tag.map_or("", |tag| cx.source(tag));
    KEYS.iter().any(|key| {
        text.match_indices(key).any(|(at, _)| {
            let after = text.get(at + key.len()..).unwrap_or("");
            let before = text.get(..at).unwrap_or("");
            after.starts_with([':', '=']) && !before.ends_with(|c: char| c.is_alphanumeric())
        })
    })
}
