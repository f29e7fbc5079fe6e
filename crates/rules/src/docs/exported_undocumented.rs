//! An exported name has no doc comment, or one that names something else.
//!
//! The comment is what callers read on pkg.go.dev and in their editor; without it they read the code, and take what it
//! happens to do for what it promises. Start it with the name (Go doc comments, "Functions"): one sentence on what it
//! does, then what is not plain to see, such as whether it blocks and who closes what it returns.
//!
//! The package comment, and comments that leave out a visible panic or block, come when a whole package is looked at.
//!
//! ```go bad
//! package cache
//!
//! type Cache struct{ items map[string]int }
//! //   ^^^^^ the exported type `Cache` has no doc comment
//!
//! func New() *Cache { return &Cache{} }
//! //   ^^^ the exported function `New` has no doc comment
//!
//! func (c *Cache) Get(key string) int { return c.items[key] }
//! //              ^^^ the exported method `Get` has no doc comment
//!
//! const MaxItems = 100
//! //    ^^^^^^^^ the exported constant `MaxItems` has no doc comment
//! ```
//! ```go bad
//! package cache
//!
//! // NewCache returns an empty cache.
//! // ^^^^^^^^ the doc comment of `NewBounded` names `NewCache`
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
//! // Get returns the item.
//! func (c *Cache) Get(key string) int { return c.items[key] }
//!
//! func (c *Cache) String() string { return "cache" } // the interface documents it
//!
//! type hidden struct{}
//!
//! func (h hidden) Visible() {}
//!
//! // Limits.
//! const (
//! 	MaxItems = 100
//! 	MaxBytes = 1 << 20
//! )
//!
//! var ErrFull = errFull() // ErrFull says that the cache is full.
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "docs/exported-undocumented",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Docs, 3), (Concern::Api, 1)],
    equivalents: &[
        "revive:exported", "revive:package-comments", "staticcheck:ST1000", "staticcheck:ST1020", "staticcheck:ST1021",
        "staticcheck:ST1022", "godoclint",
    ],
    fix: FixKind::Suggested,
    needs: Needs::Syntax,
    hooks: &[Hook::Piece(check)],
    file: file!(),
};

/// Methods of well-known interfaces, which document them.
const INTERFACES: &[&str] = &[
    "As", "Close", "Error", "Flush", "Format", "GoString", "Is", "Len", "Less", "LogValue", "MarshalBinary", "MarshalJSON",
    "MarshalText", "MarshalYAML", "Pop", "Push", "Read", "ReadFrom", "RoundTrip", "Scan", "Seek", "ServeHTTP", "String", "Swap",
    "Unwrap", "UnmarshalBinary", "UnmarshalJSON", "UnmarshalText", "UnmarshalYAML", "Value", "Write", "WriteTo",
];

fn check(cx: &mut Cx) {
    let fragment = cx.file.scope.is_fragment();
    if fragment || cx.file.is_main() || cx.file.is_test() || cx.file.generated {
        return;
    }
    for &root in cx.tree.roots() {
        match cx.decl(root) {
            Decl::Func { recv, name, .. } => check_func(cx, root, recv, name),
            Decl::Group { kind: GroupKind::Type, specs, .. } => {
                for &spec in cx.tree.decls(specs) {
                    if let Decl::Type { name, .. } = cx.decl(spec) {
                        check_name(cx, "type", name, &[root.into(), spec.into()]);
                    }
                }
            }
            Decl::Group { kind: kind @ (GroupKind::Const | GroupKind::Var), specs, .. } => check_values(cx, root, kind, cx.tree.decls(specs)),
            _ => {}
        }
    }
}

fn check_func(cx: &mut Cx, decl: DeclId, recv: FieldList, name: ExprId) {
    let Some(&receiver) = cx.tree.fields(recv).first() else {
        return check_name(cx, "function", name, &[decl.into()]);
    };
    let mut ty = cx.pointee(cx.tree.field(receiver).ty);
    if let Expr::Index { base, .. } = cx.expr(ty) {
        ty = base;
    }
    if is_exported(cx.source(ty)) && !INTERFACES.contains(&cx.source(name)) {
        check_name(cx, "method", name, &[decl.into()]);
    }
}

/// Constants and variables: a comment on the group serves them all, and one finding a group is enough.
fn check_values(cx: &mut Cx, group: DeclId, kind: GroupKind, specs: &[DeclId]) {
    let what = if kind == GroupKind::Const { "constant" } else { "variable" };
    for &spec in specs {
        let Decl::Value { names, .. } = cx.decl(spec) else { continue };
        let Some(&name) = cx.exprs(names).iter().find(|&&name| is_exported(cx.source(name))) else { continue };
        let documented = cx.has_comment(spec) || !cx.doc_comment(group).is_empty();
        cx.examined();
        if !documented {
            return report_missing(cx, what, name);
        }
    }
}

fn check_name(cx: &mut Cx, what: &str, name: ExprId, documented: &[Node]) {
    if !is_exported(cx.source(name)) {
        return;
    }
    cx.examined();
    let text = cx.tree.text();
    let comments = documented.iter().flat_map(|&node| cx.doc_comment(node));
    let mut comments = comments.filter(|comment| !is_directive(comment.span.of(text)));
    match comments.next().copied() {
        None => report_missing(cx, what, name),
        Some(first) if !first.block => check_start(cx, name, first.span),
        Some(_) => {}
    }
}

fn report_missing(cx: &mut Cx, what: &str, name: ExprId) {
    cx.report(name, format!("the exported {what} `{}` has no doc comment", cx.source(name)))
        .note("say what it promises, starting with its name");
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
    cx.report_span(span, format!("the doc comment of `{name}` names `{word}`"))
        .note("it was copied with the code: say what this one does")
        .fix(format!("Start it with `{name}`"), [(span, name.to_owned())]);
}

fn is_exported(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// `//go:generate`, `//nolint` and the like.
fn is_directive(comment: &str) -> bool {
    comment.strip_prefix("//").is_some_and(|text| {
        text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split_whitespace().next().is_some_and(|word| word.contains(':') || word == "nolint")
    })
}
