//! `omitempty` is set on a field that is a struct, which is never empty.
//!
//! encoding/json omits false, 0, nil and whatever has length zero (package encoding/json, "Marshal"), but never a struct: a zero
//! `time.Time` is written as `"0001-01-01T00:00:00Z"`, and another struct as an object with its zero fields. Clients then
//! take the value for one that was set. `omitzero` (Go 1.24) omits it, and so does `omitempty` on a pointer that is nil.
//!
//! Limits: types of Kubernetes' API are left alone, since its generators read `omitempty` as "optional". So are types that
//! encode themselves, generated code and tests. Only tags of encoding/json are read.
//!
//! ```go bad
//! type span struct {
//! 	At time.Time `json:"at,omitempty"`
//! 	//                     ^^^^^^^^^ `omitempty` has no effect on `At`: a zero time is written as the year 1
//! }
//! ```
//! ```diff fixed
//! -	At time.Time `json:"at,omitempty"`
//! +	At time.Time `json:"at,omitzero"`
//! ```
//! ```go good
//! type span struct {
//! 	At *time.Time `json:"at,omitempty"` // nil is empty
//! }
//! ```
//! ```go good
//! type span struct {
//! 	Tags [0]string `json:"tags,omitempty"` // has length zero
//! }
//! ```
//! ```go good
//! type own struct {
//! 	Body struct{ A int } `json:"body,omitempty"` // read by its own method
//! }
//!
//! func (o own) MarshalJSON() ([]byte, error) { return nil, nil }
//! ```
//!
//! # Impact
//!
//! The field is written even if nobody has set it: clients receive, for example, the year 1 or an object full of zeros,
//! and take it for a value. A client that sends the document back has it stored.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: encode the zero value and look for the field
//!
//! # Options
//!
//! - `omitzero`: omits a zero value, which an `IsZero` method may define; needs Go 1.24
//!   - cloud-native, throughput, backend: no pointer, and the tag says what it does
//! - A pointer with `omitempty`: works with every version of Go, but every use has to check for nil
//!   - senior, data: absent and zero stay different values
//!
//! # References
//!
//! - [Package encoding/json, Marshal](https://pkg.go.dev/encoding/json#Marshal)
use gopeer_lint::prelude::*;

use super::tags::{json_fields, options};

pub static RULE: Rule = Rule {
    id: "correctness/omitempty-struct",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Api, 3), (Concern::DataLoss, 1)],
    equivalents: &["gopeer:correctness/struct-tag", "modernize:omitzero"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    examines: "uses of omitempty",
};

/// Types of Kubernetes' API are declared where this is imported.
const KUBERNETES_META: &str = "k8s.io/apimachinery/pkg/apis/meta/v1";

fn check(cx: &mut Cx, ty: ExprId) {
    if cx.file.scope.imports(KUBERNETES_META) {
        return;
    }
    let knows_omitzero = cx.file.build.go_minor.is_none_or(|minor| minor >= 24);
    for field in json_fields(cx, ty) {
        let all: Vec<(&str, Span)> = options(&field.pair).collect();
        let Some(&(_, span)) = all.iter().find(|(option, _)| *option == "omitempty") else { continue };
        cx.examined();
        // With `omitzero` beside it, `omitempty` does no harm.
        if !is_never_empty(cx, cx.ty(field.ty)) || all.iter().any(|(option, _)| *option == "omitzero") {
            continue;
        }
        let is_time = cx.type_is(cx.ty(field.ty), &["time.Time"]);
        let (written, severity) = match is_time {
            true => ("a zero time is written as the year 1", Severity::Medium),
            false => ("a struct is never empty", Severity::Low),
        };
        let message = format!("`omitempty` has no effect on `{}`: {written}", cx.source(field.name));
        let report = cx.report_span(span, message).severity(severity).one_of("fields are structs with `omitempty`");
        if knows_omitzero {
            report
                .note("`omitzero` (Go 1.24) omits the zero value; `omitempty` omits a nil pointer")
                .fix("Use omitzero", [(span, "omitzero".to_owned())]);
        } else {
            report.note("`omitempty` omits a nil pointer; from Go 1.24 on, `omitzero` omits the zero value");
        }
    }
}

/// Whether encoding/json never takes a value of the type for empty. Kubernetes keeps `omitempty` on its
/// metadata for other readers.
fn is_never_empty(cx: &Cx, ty: TypeId) -> bool {
    let Type::Struct(_) = cx.store.under(ty) else { return false };
    cx.type_path(ty).is_none_or(|path| !path.starts_with("k8s.io/") && !path.starts_with("sigs.k8s.io/"))
}
