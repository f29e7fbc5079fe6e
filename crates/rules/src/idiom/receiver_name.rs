//! A receiver is called `this` or `self`, or differently in each method.
//!
//! A receiver is an ordinary parameter: its name is a short form of its type, and the same in all methods of the type (Go
//! Code Review Comments, "Receiver Names"). `self` suggests something special, and a name that changes from method to
//! method makes a reader look for a second object.
//!
//! Of the methods of a type one is reported: the first whose receiver is not called as in most of the others.
//!
//! Limits: only the methods in one file are compared. A method that takes another value of its type, as `Merge` and `Equal` do,
//! may name the two after their parts, and so may one that copies from `src` or to `dst`. Of several types with the same two names
//! one is reported.
//!
//! ```go bad
//! package users
//!
//! type User struct{}
//!
//! func (self *User) Rename(name string) {}
//! //    ^^^^ the receiver of `Rename` is called `self`
//!
//! type Group struct{}
//!
//! func (g *Group) Add()    {}
//! func (g *Group) Remove() {}
//! func (group *Group) Len() int { return 0 }
//! //    ^^^^^ `Len` names its receiver `group`, but `Add` uses `g`
//! ```
//! ```go good
//! package users
//!
//! type Identity struct{}
//!
//! func (i *Identity) Name() {}
//!
//! func (_ *Identity) IDs() {} // not used, so it needs no name
//!
//! func (src *Identity) CopyTo(dst *Identity) {} // one of two
//! ```
//!
//! # Idiom
//!
//! A receiver is named like a parameter, with a letter or two of its type, and has the same name in all methods.
//!
//! # References
//!
//! - [Code review comments, "Receiver Names"](https://go.dev/wiki/CodeReviewComments#receiver-names)
use std::collections::BTreeMap;

use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "idiom/receiver-name",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 1), (Concern::Clarity, 1), (Concern::Docs, 1)],
    equivalents: &["gopeer:idiom/naming", "staticcheck:ST1006", "staticcheck:ST1016", "revive:receiver-naming"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    examines: "names of receivers",
};

/// A method with a name for its receiver.
struct Method {
    ty: String,
    name: String,
    method: String,
}

fn check(file: &mut FileCx) {
    let info = file.file;
    if info.generated || info.name.contains("generated") || info.scope.imports("C") {
        return;
    }
    let mut methods: Vec<Method> = Vec::new();
    file.each_piece(|cx| {
        for &root in cx.tree.roots() {
            methods.extend(method(cx, root).filter(|(name, _)| !is_self(cx, *name)).map(|(_, method)| method));
        }
    });
    let usual = usual_names(&methods);
    let mut reported: Vec<(&Method, String)> = Vec::new();
    file.each_piece(|cx| {
        for &root in cx.tree.roots() {
            check_method(cx, root, &usual, &mut reported);
        }
    });
}

/// For each type the method whose receiver is called as in most of its methods; of equally many, as in the first.
fn usual_names(methods: &[Method]) -> BTreeMap<&str, &Method> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for method in methods {
        *counts.entry((&method.ty, &method.name)).or_default() += 1;
    }
    let count = |method: &Method| counts.get(&(&*method.ty, &*method.name)).copied().unwrap_or_default();
    let mut usual: BTreeMap<&str, &Method> = BTreeMap::new();
    for method in methods {
        let known = usual.entry(&method.ty).or_insert(method);
        if count(method) > count(known) {
            *known = method;
        }
    }
    usual
}

/// The name of a method's receiver, unless that has none or is named after its part: one of two values of the type, or
/// where something is copied from or to.
fn method(cx: &Cx, root: DeclId) -> Option<(ExprId, Method)> {
    let Decl::Func { recv, name: method, ty, .. } = cx.decl(root) else { return None };
    let Expr::FuncType { params, .. } = cx.expr(ty) else { return None };
    let [(Some(name), ty)] = cx.params(recv)[..] else { return None };
    let base = |ty: ExprId| cx.source(cx.pointee(ty)).split('[').next().unwrap_or_default();
    let is_one_of_two = cx.params(params).iter().any(|&(_, of)| base(of) == base(ty));
    if matches!(cx.source(name), "_" | "src" | "dst") || is_one_of_two && !is_self(cx, name) {
        return None;
    }
    let owned = |text: &str| text.to_owned();
    Some((name, Method { ty: owned(base(ty)), name: owned(cx.source(name)), method: owned(cx.source(method)) }))
}

fn is_self(cx: &Cx, name: ExprId) -> bool {
    matches!(cx.source(name), "this" | "self")
}

/// A method's receiver against custom, and against those of the type's other methods in the file.
fn check_method<'m>(
    cx: &mut Cx,
    root: DeclId,
    usual: &BTreeMap<&str, &'m Method>,
    reported: &mut Vec<(&'m Method, String)>,
) {
    let Some((name, Method { ty, name: shown, method })) = method(cx, root) else { return };
    cx.examined();
    if is_self(cx, name) {
        cx.report(name, format!("the receiver of `{method}` is called `{shown}`"));
        return;
    }
    let Some(other) = usual.get(&*ty).filter(|other| other.name != shown) else { return };
    // One a type, and one of several types of one pattern.
    if reported.iter().any(|(of, named)| of.ty == other.ty || of.name == other.name && *named == shown) {
        return;
    }
    let (of, called) = (&other.method, &other.name);
    cx.report(name, format!("`{method}` names its receiver `{shown}`, but `{of}` uses `{called}`"));
    reported.push((other, shown));
}
