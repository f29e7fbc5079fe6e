//! `omitempty` stands on a struct, which is never empty.
//!
//! encoding/json leaves out false, 0, nil and what has no length (package encoding/json, "Marshal"), never a struct, so a
//! zero `time.Time` goes out as `0001-01-01T00:00:00Z`. `omitzero` (Go 1.24) leaves it out, and so does `omitempty` on a
//! pointer that is nil.
//!
//! Limits: types of Kubernetes' API are left alone, whose generators read `omitempty` as "optional". So are types that
//! encode themselves, generated code and tests.
//!
//! ```go bad
//! type span struct {
//! 	At time.Time `json:"at,omitempty"`
//! 	//                     ^^^^^^^^^ `omitempty` has no effect on `At`
//! }
//! ```
//! ```diff fixed
//! -	At time.Time `json:"at,omitempty"`
//! +	At time.Time `json:"at,omitzero"`
//! ```
//! ```go good
//! type span struct {
//! 	Name  string     `json:"name,omitempty"`
//! 	At    *time.Time `json:"at,omitempty"` // nil is empty
//! 	Until time.Time  `json:"until,omitzero"`
//! }
//! ```
//! ```go good
//! type own struct {
//! 	Body struct{ A int } `json:"body,omitempty"` // read by its own method
//! }
//!
//! func (o own) MarshalJSON() ([]byte, error) { return nil, nil }
//! ```
use gopeer_lint::prelude::*;

use super::tags::{json_fields, options};

pub static RULE: Rule = Rule {
    id: "correctness/omitempty-struct",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Api, 3), (Concern::DataLoss, 1)],
    equivalents: &["gopeer:correctness/struct-tag", "modernize:omitzero"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    file: file!(),
};

/// Types of Kubernetes' API are declared where this is imported.
const KUBERNETES_META: &str = "k8s.io/apimachinery/pkg/apis/meta/v1";

fn check(cx: &mut Cx, ty: ExprId) {
    if cx.file.scope.imports(KUBERNETES_META) {
        return;
    }
    for field in json_fields(cx, ty) {
        for (_, span) in options(&field.pair).filter(|(option, _)| *option == "omitempty") {
            cx.examined();
            if !is_never_empty(cx, cx.ty(field.ty)) {
                continue;
            }
            cx.report_span(span, format!("`omitempty` has no effect on `{}`, a struct", cx.source(field.name)))
                .note("a struct is never empty; `omitzero` (Go 1.24) leaves out a zero one, and so does a pointer that is nil")
                .fix("Use omitzero", [(span, "omitzero".to_owned())]);
        }
    }
}

/// Structs that encoding/json never takes for empty. Kubernetes keeps `omitempty` on its metadata for other readers.
fn is_never_empty(cx: &Cx, ty: TypeId) -> bool {
    let Type::Struct(_) = cx.store.under(ty) else { return false };
    cx.type_path(ty).is_none_or(|path| !path.starts_with("k8s.io/") && !path.starts_with("sigs.k8s.io/"))
}
