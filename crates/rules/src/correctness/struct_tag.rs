//! A struct tag is malformed, or has no effect.
//!
//! Tags are read at run time by convention (`reflect.StructTag`: `key:"value"` pairs with a space between), so a tag that
//! breaks it is ignored without a word: the field goes out under its Go name, or not at all. Two fields of one name are
//! both left out (package encoding/json); a tag on an unexported field is never read; `omitempty` leaves a struct in, also
//! a `time.Time`, which `omitzero` (Go 1.24) does not; a channel or function makes `Marshal` fail.
//!
//! Silent for types with a `MarshalJSON` or `UnmarshalJSON` of their own.
//!
//! ```go bad
//! type event struct {
//! 	ID   string    `json:id`
//! 	//              ^^^^^^^ the tag of `ID` is malformed
//! 	Name string    `json:"name" db:"name",yaml:"name"`
//! 	//                                   ^^^^^^^^^^^^ the tag of `Name` is malformed
//! 	Kind string    `json:"name,omitempty"`
//! 	//                    ^^^^ `Kind` and `Name` have the same JSON name
//! 	note string    `json:"note"`
//! 	//              ^^^^ `note` is not exported, so its `json` tag is never read
//! 	Done chan bool `json:"done"`
//! 	//              ^^^^ `Done` cannot be marshalled
//! 	Text string    `json:"text, omitempty"`
//! 	//                         ^^^^^^^^^^ `omitempty` is not an option of `json`
//! }
//! ```
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
//! type event struct {
//! 	ID    string     `json:"id" db:"id"`
//! 	Name  string     `json:"name,omitempty" yaml:"name"`
//! 	Other string     `json:"-"`
//! 	Last  string     `json:"-"`
//! 	note  string     // never read by encoders
//! 	At    *time.Time `json:"at,omitempty"`
//! 	Until time.Time  `json:"until,omitzero"`
//! 	Done  chan bool  `json:"-"`
//! 	Rule  string     `parser:"@Ident ':' @Ident"`
//! 	Count int        `json:"count,string"`
//! }
//!
//! type own struct {
//! 	Body struct{ A int } `json:"body,omitempty"`
//! }
//!
//! func (o own) MarshalJSON() ([]byte, error) { return nil, nil }
//! ```
use std::collections::HashMap;

use gopeer_lint::prelude::*;
use gopeer_sema::types::{Basic, Type, TypeId};

pub static RULE: Rule = Rule {
    id: "correctness/struct-tag",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Api, 3), (Concern::DataLoss, 1)],
    equivalents: &[
        "staticcheck:SA5008",
        "staticcheck:SA1026",
        "staticcheck:SA9005",
        "vet:structtag",
        "musttag",
        "modernize:omitzero",
    ],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    file: file!(),
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
    "avro",
];

/// Types of Kubernetes' API are declared where this is imported; their generators take `omitempty` for "optional".
const KUBERNETES_META: &str = "k8s.io/apimachinery/pkg/apis/meta/v1";

/// What encoding/json knows after the name.
const OPTIONS: &[&str] = &["omitempty", "omitzero", "string"];

/// One `key:"value"` of a tag, with the place of key and value in the piece.
struct Pair<'a> {
    key: &'a str,
    value: &'a str,
    key_span: Span,
    value_span: Span,
}

fn check(cx: &mut Cx, ty: ExprId) {
    let Expr::StructType { fields } = cx.expr(ty) else { return };
    let fields = cx.tree.fields(fields);
    if cx.file.generated || !fields.iter().any(|&field| cx.tree.field(field).tag.is_some()) {
        return;
    }
    // A test of an encoder has odd tags on purpose.
    let custom = has_own_encoding(cx, ty);
    let mut names: HashMap<&str, ExprId> = HashMap::new();
    for &id in fields {
        let field = cx.tree.field(id);
        let Some(tag) = field.tag else { continue };
        cx.examined();
        let Some(pairs) = parse(cx, tag, field) else { continue };
        let Some(&name) = cx.exprs(field.names).first() else { continue };
        let exported = cx.source(name).starts_with(char::is_uppercase);
        for pair in &pairs {
            if custom || pair.key != "json" && pair.key != "xml" {
                continue;
            }
            if !exported {
                check_unexported(cx, name, pair);
            } else if pair.key == "json" && pair.value != "-" {
                check_json(cx, name, field.ty, pair, &mut names);
            }
        }
    }
}

fn check_unexported(cx: &mut Cx, name: ExprId, pair: &Pair) {
    // Name and options of an XML element stand on a field that need not be exported.
    if pair.value == "-" || cx.source(name) == "_" || cx.source(name).starts_with("XXX") {
        return;
    }
    let message = format!("`{}` is not exported, so its `{}` tag is never read", cx.source(name), pair.key);
    cx.report_span(pair.key_span, message);
}

fn check_json<'a>(cx: &mut Cx<'a>, field: ExprId, ty: ExprId, pair: &Pair<'a>, names: &mut HashMap<&'a str, ExprId>) {
    let shown = cx.source(field);
    let mut parts = pair.value.split(',');
    let name = parts.next().unwrap_or_default();
    let mut at = pair.value_span.start + name.len() as u32 + 1;
    for option in parts {
        let span = Span::new(at, at + option.len() as u32);
        at = span.end + 1;
        if option == "omitempty" && is_never_empty(cx, cx.ty(ty)) && !cx.file.scope.imports(KUBERNETES_META) {
            cx.report_span(span, format!("`omitempty` has no effect on `{shown}`, a struct"))
                .note("a struct is never empty; `omitzero` (Go 1.24) leaves out a zero one, and so does a pointer that is nil")
                .fix("Use omitzero", [(span, "omitzero".to_owned())]);
        } else if option.trim() != option && OPTIONS.contains(&option.trim()) {
            let message = format!("`{}` is not an option of `json` with a space before it", option.trim());
            cx.report_span(span, message);
        } else if is_misspelt(option) {
            cx.report_span(span, format!("`{option}` is not an option of `json`"));
        }
    }
    if is_unsupported(cx, cx.ty(ty)) {
        let kind = if matches!(cx.under(ty), Type::Chan { .. }) { "channels have" } else { "functions have" };
        cx.report_span(pair.key_span, format!("`{shown}` cannot be marshalled: {kind} no JSON"))
            .note("`json:\"-\"` keeps the field out");
    }
    if name.is_empty() {
        return;
    }
    if let Some(first) = names.get(name) {
        let span = Span::new(pair.value_span.start, pair.value_span.start + name.len() as u32);
        let (other, place) = (cx.source(*first), cx.span(*first));
        cx.report_span(span, format!("`{shown}` and `{other}` have the same JSON name, `{name}`"))
            .note("encoding/json leaves both out without an error")
            .note_at(place, "the other");
    } else {
        names.insert(name, field);
    }
}

/// A misspelling of a known option, not one of another library: two letters swapped, missing or too many.
fn is_misspelt(option: &str) -> bool {
    let lower = option.to_ascii_lowercase().replace(['_', '-'], "");
    !OPTIONS.contains(&option)
        && [
            "omitempty",
            "omitemtpy",
            "omitempy",
            "omitemty",
            "omitemptly",
            "ommitempty",
            "omtiempty",
            "omitzero",
            "string",
        ]
        .contains(&lower.as_str())
}

/// Structs that encoding/json never takes for empty. Kubernetes keeps `omitempty` on its metadata for other readers.
fn is_never_empty(cx: &Cx, ty: TypeId) -> bool {
    let Type::Struct(_) = cx.store.under(ty) else { return false };
    cx.type_path(ty).is_none_or(|path| !path.starts_with("k8s.io/") && !path.starts_with("sigs.k8s.io/"))
}

fn is_unsupported(cx: &Cx, ty: TypeId) -> bool {
    match cx.store.under(ty) {
        Type::Chan { .. } | Type::Signature(_) => true,
        Type::Basic(basic) => matches!(basic, Basic::Complex64 | Basic::Complex128),
        _ => false,
    }
}

/// Whether the type that the struct is declared as says itself how it is encoded or decoded.
fn has_own_encoding(cx: &Cx, ty: ExprId) -> bool {
    let Some(Node::Decl(spec)) = cx.tree.parent(ty) else { return false };
    let Decl::Type { name, .. } = cx.decl(spec) else { return false };
    let methods = &["MarshalJSON", "UnmarshalJSON", "MarshalXML", "UnmarshalXML", "MarshalText"];
    cx.declared_method(cx.ty(name), methods).is_some()
}

/// The pairs of a raw tag; reports it and gives none where it breaks the convention.
fn parse<'a>(cx: &mut Cx<'a>, tag: ExprId, field: Field) -> Option<Vec<Pair<'a>>> {
    let Expr::Literal(LiteralKind::RawString) = cx.expr(tag) else { return None };
    let text = cx.source(tag).strip_prefix('`')?.strip_suffix('`')?;
    let start = cx.span(tag).start + 1;
    let mut pairs: Vec<Pair> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.trim().is_empty()) {
        let blank = rest.len() - rest.trim_start_matches(' ').len();
        let pair = if blank == 0 && at > 0 { None } else { pair(text, at + blank, start) };
        let Some((pair, end)) = pair else {
            // What stands before is read all the same (reflect.StructTag.Lookup).
            report_malformed(cx, field, Span::new(start + (at + blank) as u32, start + text.len() as u32), text);
            return Some(pairs);
        };
        if pairs.iter().any(|other| other.key == pair.key) && KEYS.contains(&pair.key) {
            cx.report_span(pair.key_span, format!("the tag has `{}` twice, and the second is never read", pair.key));
        }
        pairs.push(pair);
        at = end;
    }
    Some(pairs)
}

/// The pair that starts at byte `at` of the tag, and where it ends.
fn pair(text: &str, at: usize, start: u32) -> Option<(Pair<'_>, usize)> {
    let rest = text.get(at..)?;
    let colon = rest.find(':')?;
    let key = rest.get(..colon)?;
    if key.is_empty() || key.contains(|c: char| c.is_whitespace() || c == '"' || c.is_control()) {
        return None;
    }
    let quoted = rest.get(colon + 1..)?.strip_prefix('"')?;
    let mut escaped = false;
    let length = quoted.find(|c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })?;
    let value = quoted.get(..length)?;
    let from = start + (at + colon + 2) as u32;
    let key_span = Span::new(start + at as u32, start + (at + colon) as u32);
    let value_span = Span::new(from, from + length as u32);
    Some((Pair { key, value, key_span, value_span }, at + colon + 3 + length))
}

/// Only where the tag means to follow the convention: some libraries have a grammar of their own.
fn report_malformed(cx: &mut Cx, field: Field, span: Span, text: &str) {
    let means_to = KEYS.iter().any(|key| {
        text.match_indices(key).any(|(at, _)| {
            let after = text.get(at + key.len()..).unwrap_or("");
            let before = text.get(..at).unwrap_or("");
            after.starts_with([':', '=']) && !before.ends_with(|c: char| c.is_alphanumeric())
        })
    });
    if !means_to {
        return;
    }
    let name = cx.exprs(field.names).first().map_or_else(|| cx.source(field.ty), |&name| cx.source(name));
    cx.report_span(span, format!("the tag of `{name}` is malformed from here, and what follows is never read"))
        .note("the convention is `key:\"value\"`, with one space between pairs");
}
