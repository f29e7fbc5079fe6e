//! The doc comment of an exported name starts with another name.
//!
//! It was left behind when code was copied or renamed, and tells callers what something else does. pkg.go.dev and editors show it
//! all the same. A doc comment starts with the name that it is about (Go doc comments, "Functions").
//!
//! Limits: only another name of the package counts, with a capital inside, since a sentence may start with any word.
//! Constants, variables, fields, block comments, programs, tests and internal packages are left alone.
//!
//! ```go bad
//! package cache
//!
//! // NewCache returns an empty cache.
//! // ^^^^^^^^ the doc comment of `NewBounded` starts with `NewCache`
//! func NewBounded(max int) int { return max }
//!
//! // NewCache returns an empty cache.
//! func NewCache() int { return NewBounded(0) }
//! ```
//! ```diff fixed
//! -// NewCache returns an empty cache.
//! +// NewBounded returns an empty cache.
//! ```
//! ```go good
//! package cache
//!
//! // Cache keeps items.
//! type Cache struct{ items map[string]int }
//!
//! // NewCache returns an empty cache.
//! func NewCache() *Cache { return &Cache{} }
//!
//! // Returns a cache of this size.
//! func NewBounded(max int) *Cache { return &Cache{} } // starts with a word, not with a name
//! ```
use gopeer_lint::prelude::*;

use super::elsewhere::base_name;
use super::support::{first_comment, is_exported};

pub static RULE: Rule = Rule {
    id: "docs/comment-of-another",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Docs, 3), (Concern::Api, 1)],
    equivalents: &["gopeer:docs/exported-undocumented", "staticcheck:ST1020", "staticcheck:ST1021", "godoclint"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Decl(&[DeclKind::Func, DeclKind::Type], check)],
    examines: "doc comments",
};

fn check(cx: &mut Cx, decl: DeclId) {
    let (Decl::Func { name, .. } | Decl::Type { name, .. }) = cx.decl(decl) else { return };
    if !is_exported(cx.source(name))
        || is_of_unexported(cx, decl)
        || cx.file.purpose() != Purpose::Library
        || cx.file.is_internal()
    {
        return;
    }
    // The comment of `type T struct{ … }` is before the group, of which the type is the only one.
    let group = cx.tree.parent(decl).filter(|parent| matches!(parent, Node::Decl(_)));
    let documented: Vec<Node> = group.into_iter().chain([decl.into()]).collect();
    if let Some(comment) = first_comment(cx, &documented).filter(|comment| !comment.block) {
        cx.examined();
        check_start(cx, name, comment.span);
    }
}

/// Whether a method belongs to a type that is not exported: its comment may as well be about the type.
fn is_of_unexported(cx: &Cx, decl: DeclId) -> bool {
    let Decl::Func { recv, .. } = cx.decl(decl) else { return false };
    cx.params(recv).iter().any(|&(_, ty)| !is_exported(base_name(cx, ty)))
}

/// A comment that starts with another name of this package was copied from there.
fn check_start(cx: &mut Cx, name: ExprId, comment: Span) {
    let (text, name) = (comment.of(cx.tree.text()), cx.source(name));
    let body = text.trim_start_matches(['/', ' ']);
    let word = body.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
    let is_name = word.chars().skip(1).any(char::is_uppercase) && word != name && cx.package.lookup(word).is_some();
    if !is_name {
        return;
    }
    let start = comment.start + (text.len() - body.len()) as u32;
    let span = Span::new(start, start + word.len() as u32);
    cx.report_span(span, format!("the doc comment of `{name}` starts with `{word}`"))
        .note("callers read it as the documentation of this one: say what this one does")
        .fix(format!("Start it with `{name}`"), [(span, name.to_owned())]);
}
