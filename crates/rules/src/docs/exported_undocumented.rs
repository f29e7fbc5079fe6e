//! An exported name has no doc comment.
//!
//! The comment is what callers read on pkg.go.dev and in their editor. Without it they read the code, and take what it
//! happens to do for what it promises. Start it with the name (Go doc comments, "Functions"): one sentence on what it
//! does, then what is not obvious, such as whether it blocks and who closes what it returns.
//!
//! Of many such names in a file only the first is reported, with the places of the others.
//!
//! Limits: left alone is what is said elsewhere: methods of interfaces that the file asserts or that everybody knows, handlers,
//! calls that a .proto file describes, getters and delegates, constructors of a documented type, groups of constants, and errors with
//! a text. In a folder of a module only files that document twice what they do not are looked at: the others are read by
//! those who write them. Programs, tests, internal packages, fields and the package comment are not looked at.
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
//! ```go good
//! package cache
//!
//! import "errors"
//!
//! // Cache keeps items.
//! type Cache struct{ items map[string]int }
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
//! var ErrGone = errors.New("cache: the item is gone")
//! ```
//!
//! # Idiom
//!
//! A doc comment is a sentence that begins with the name: `// Get returns …`. `go doc` and pkg.go.dev show it.
//!
//! # Verify
//!
//! - `go doc -all {package}`: what callers read
//!
//! # References
//!
//! - [Go Doc Comments](https://go.dev/doc/comment)
use gopeer_lint::prelude::*;

use super::elsewhere;
use super::support::{INTERFACE_METHODS, first_comment, is_exported};

pub static RULE: Rule = Rule {
    id: "docs/exported-undocumented",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Docs, 3), (Concern::Api, 1)],
    equivalents: &[
        "revive:exported",
        "revive:package-comments",
        "staticcheck:ST1000",
        "staticcheck:ST1020",
        "staticcheck:ST1021",
        "staticcheck:ST1022",
        "godoclint",
    ],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    examines: "exported names",
};

/// An exported name without a comment, and what it is the name of.
type Missing = (ExprId, &'static str);

/// What a file documents and what it does not, by piece.
#[derive(Default)]
struct Tally {
    documented: usize,
    missing: Vec<Missing>,
    types: elsewhere::Types,
}

impl Tally {
    fn miss(&mut self, name: ExprId, what: &'static str) {
        self.missing.push((name, what));
    }
}

fn check(file: &mut FileCx) {
    let info = file.file;
    if info.scope.is_fragment() || info.purpose() != Purpose::Library || info.is_internal() {
        return;
    }
    let mut tally = Tally::default();
    file.each_piece(|cx| elsewhere::collect(cx, &mut tally.types));
    let mut missing: Vec<Vec<Missing>> = Vec::new();
    file.each_piece(|cx| {
        for &root in cx.tree.roots() {
            check_decl(cx, root, &mut tally);
        }
        missing.push(std::mem::take(&mut tally.missing));
    });
    let all: usize = missing.iter().map(Vec::len).sum();
    if info.name.contains('/') && tally.documented < 2 * all {
        return;
    }
    let mut missing = missing.into_iter();
    file.each_piece(|cx| missing.next().into_iter().flatten().for_each(|missing| report_missing(cx, missing)));
}

/// Counts the exported names of a declaration, and keeps those without a comment.
fn check_decl(cx: &mut Cx, root: DeclId, tally: &mut Tally) {
    match cx.decl(root) {
        Decl::Func { recv, name, .. } => check_func(cx, root, recv, name, tally),
        Decl::Group { kind: GroupKind::Type, specs, .. } => {
            for &spec in cx.tree.decls(specs) {
                if let Decl::Type { name, .. } = cx.decl(spec) {
                    check_name(cx, "type", name, &[root.into(), spec.into()], tally);
                }
            }
        }
        Decl::Group { kind: kind @ (GroupKind::Const | GroupKind::Var), specs, .. } => {
            let constant = kind == GroupKind::Const;
            let specs = cx.tree.decls(specs);
            // The names of several constants are told apart by their values, and together by their type.
            if !(constant && specs.len() > 1) {
                check_values(cx, root, if constant { "constant" } else { "variable" }, specs, tally);
            }
        }
        _ => {}
    }
}

fn check_func(cx: &mut Cx, decl: DeclId, recv: FieldList, name: ExprId, tally: &mut Tally) {
    let what = if recv.is_empty() { "function" } else { "method" };
    if let Some(&receiver) = cx.tree.fields(recv).first() {
        let ty = elsewhere::base_name(cx, cx.tree.field(receiver).ty);
        if !is_exported(ty) || INTERFACE_METHODS.contains(&cx.source(name)) || tally.types.asserts(ty) {
            return;
        }
    }
    let undocumented = cx.doc_comment(decl).is_empty();
    if !(undocumented && elsewhere::is_said(cx, decl, &tally.types)) {
        check_name(cx, what, name, &[decl.into()], tally);
    }
}

/// Constants and variables: a comment on the group serves them all, and one finding a group is enough.
fn check_values(cx: &mut Cx, group: DeclId, what: &'static str, specs: &[DeclId], tally: &mut Tally) {
    let together = !cx.doc_comment(group).is_empty();
    for &spec in specs {
        let Decl::Value { names, values, .. } = cx.decl(spec) else { continue };
        // An error says in its text what it means.
        if cx.only(values).is_some_and(|value| cx.calls(value, &["errors.New"]) || cx.calls(value, &["fmt.Errorf"])) {
            continue;
        }
        let Some(&name) = cx.exprs(names).iter().find(|&&name| is_exported(cx.source(name))) else { continue };
        cx.examined();
        if !together && cx.doc_comment(spec).is_empty() && !has_comment_behind(cx, spec) {
            return tally.miss(name, what);
        }
        tally.documented += 1;
    }
}

fn has_comment_behind(cx: &Cx, spec: DeclId) -> bool {
    let (comments, end) = (cx.tree.comments(), cx.span(spec).end);
    let next = comments.get(comments.partition_point(|comment| comment.span.start < end));
    next.is_some_and(|next| !Span::new(end, next.span.start).of(cx.tree.text()).contains('\n'))
}

fn check_name(cx: &mut Cx, what: &'static str, name: ExprId, documented: &[Node], tally: &mut Tally) {
    if !is_exported(cx.source(name)) {
        return;
    }
    cx.examined();
    match first_comment(cx, documented) {
        Some(_) => tally.documented += 1,
        None => tally.miss(name, what),
    }
}

fn report_missing(cx: &mut Cx, (name, what): Missing) {
    cx.report(name, format!("the exported {what} `{}` has no doc comment", cx.source(name)))
        .note("say what it promises to callers, starting with its name")
        .one_of("names in this file have no doc comment");
}
