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
//! func (c *Cache) Get(key string) int { return c.items[key] }
//! //              ^^^ the exported method `Get` has no doc comment
//!
//! const MaxItems = 100
//! //    ^^^^^^^^ the exported constant `MaxItems` has no doc comment
//! ```
//! ```go bad
//! package cache
//!
//! type Cache struct{ items map[string]int }
//! //   ^^^^^ the exported type `Cache` and 4 more names of this file have no doc comment
//!
//! func New() *Cache { return &Cache{} }
//!
//! func (c *Cache) Get(key string) int { return c.items[key] }
//!
//! func (c *Cache) Set(key string, n int) { c.items[key] = n }
//!
//! func (c *Cache) Drop(key string) { delete(c.items, key) }
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
    hooks: &[Hook::File(check)],
    file: file!(),
};

/// Methods of well-known interfaces, which document them.
const INTERFACES: &[&str] = &[
    "As", "Close", "Error", "Flush", "Format", "GoString", "Is", "Len", "Less", "LogValue", "MarshalBinary", "MarshalJSON",
    "MarshalText", "MarshalYAML", "Pop", "Push", "Read", "ReadFrom", "RoundTrip", "Scan", "Seek", "ServeHTTP", "String", "Swap",
    "Unwrap", "UnmarshalBinary", "UnmarshalJSON", "UnmarshalText", "UnmarshalYAML", "Value", "Write", "WriteTo",
];

/// Above this many in one file, the first stands for all.
const TOLD_ONE_BY_ONE: usize = 3;

/// An exported name without a comment.
struct Missing {
    piece: usize,
    name: ExprId,
    what: &'static str,
}

fn check(file: &mut FileCx) {
    let info = file.file;
    let public = !info.name.split('/').any(|folder| matches!(folder, "internal" | "cmd"));
    if info.scope.is_fragment() || info.is_main() || info.is_test() || info.generated || !public {
        return;
    }
    let mut missing = Vec::new();
    let mut piece = 0;
    file.each_piece(|cx| {
        for &root in cx.tree.roots() {
            check_decl(cx, root, &mut |name, what| missing.push(Missing { piece, name, what }));
        }
        piece += 1;
    });
    let others = missing.len().saturating_sub(1);
    missing.truncate(if others < TOLD_ONE_BY_ONE { TOLD_ONE_BY_ONE } else { 1 });
    let others = if others < TOLD_ONE_BY_ONE { 0 } else { others };
    piece = 0;
    file.each_piece(|cx| {
        missing.iter().filter(|missing| missing.piece == piece).for_each(|missing| report_missing(cx, missing, others));
        piece += 1;
    });
}

/// Calls `missing` for each exported name without a comment.
fn check_decl(cx: &mut Cx, root: DeclId, missing: &mut dyn FnMut(ExprId, &'static str)) {
    match cx.decl(root) {
        Decl::Func { recv, name, .. } => check_func(cx, root, recv, name, missing),
        Decl::Group { kind: GroupKind::Type, specs, .. } => {
            for &spec in cx.tree.decls(specs) {
                if let Decl::Type { name, .. } = cx.decl(spec) {
                    check_name(cx, "type", name, &[root.into(), spec.into()], missing);
                }
            }
        }
        Decl::Group { kind: kind @ (GroupKind::Const | GroupKind::Var), specs, .. } => {
            let what = if kind == GroupKind::Const { "constant" } else { "variable" };
            check_values(cx, root, what, cx.tree.decls(specs), missing);
        }
        _ => {}
    }
}

fn check_func(cx: &mut Cx, decl: DeclId, recv: FieldList, name: ExprId, missing: &mut dyn FnMut(ExprId, &'static str)) {
    let Some(&receiver) = cx.tree.fields(recv).first() else {
        return check_name(cx, "function", name, &[decl.into()], missing);
    };
    let mut ty = cx.pointee(cx.tree.field(receiver).ty);
    if let Expr::Index { base, .. } = cx.expr(ty) {
        ty = base;
    }
    if is_exported(cx.source(ty)) && !INTERFACES.contains(&cx.source(name)) {
        check_name(cx, "method", name, &[decl.into()], missing);
    }
}

/// Constants and variables: a comment on the group serves them all, and one finding a group is enough.
fn check_values(cx: &mut Cx, group: DeclId, what: &'static str, specs: &[DeclId], missing: &mut dyn FnMut(ExprId, &'static str)) {
    let together = !cx.doc_comment(group).is_empty();
    for &spec in specs {
        let Decl::Value { names, .. } = cx.decl(spec) else { continue };
        let Some(&name) = cx.exprs(names).iter().find(|&&name| is_exported(cx.source(name))) else { continue };
        cx.examined();
        if !together && cx.doc_comment(spec).is_empty() && !has_comment_behind(cx, spec) {
            return missing(name, what);
        }
    }
}

fn has_comment_behind(cx: &Cx, spec: DeclId) -> bool {
    let (comments, end) = (cx.tree.comments(), cx.span(spec).end);
    let next = comments.get(comments.partition_point(|comment| comment.span.start < end));
    next.is_some_and(|next| !Span::new(end, next.span.start).of(cx.tree.text()).contains('\n'))
}

fn check_name(cx: &mut Cx, what: &'static str, name: ExprId, documented: &[Node], missing: &mut dyn FnMut(ExprId, &'static str)) {
    if !is_exported(cx.source(name)) {
        return;
    }
    cx.examined();
    let text = cx.tree.text();
    let comments = documented.iter().flat_map(|&node| cx.doc_comment(node));
    let mut comments = comments.filter(|comment| !is_directive(comment.span.of(text)));
    match comments.next().copied() {
        None => missing(name, what),
        Some(first) if !first.block => check_start(cx, name, first.span),
        Some(_) => {}
    }
}

fn report_missing(cx: &mut Cx, missing: &Missing, others: usize) {
    let Missing { name, what, .. } = *missing;
    let message = match others {
        0 => format!("the exported {what} `{}` has no doc comment", cx.source(name)),
        _ => format!("the exported {what} `{}` and {others} more names of this file have no doc comment", cx.source(name)),
    };
    cx.report(name, message).note("say what it promises, starting with its name");
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
