//! Constants that belong together have no type of their own.
//!
//! Nothing keeps another string or number from being passed where one of them is meant, and the compiler cannot tell
//! `RoleAdmin` from `StateOpen`. A type named after them (`type Role string`) documents each parameter and catches the mix-up.
//!
//! Reported are three or more constants named after a role, state, status, kind and the like, and groups in which only the
//! first constant has the type. Silent for generated files, HTTP statuses and bit masks.
//!
//! ```go bad
//! const (
//! 	RoleAdmin  = "admin"
//! #^^^^^^^^^ `RoleAdmin` and its 2 siblings are plain strings: nothing keeps others from being passed for them
//! 	RoleEditor = "editor"
//! 	RoleViewer = "viewer"
//! )
//! ```
//! ```go bad
//! type Level int
//!
//! const (
//! 	Debug Level = 1
//! 	Info        = 2
//! #^^^^ only `Debug` is a `Level`: `Info` and what follows it are untyped
//! 	Warn        = 3
//! )
//! ```
//! ```go good
//! type Role string
//!
//! const (
//! 	RoleAdmin  Role = "admin"
//! 	RoleEditor Role = "editor"
//! 	RoleViewer Role = "viewer"
//! )
//!
//! const (
//! 	StatusFound   = 302
//! 	StatusMissing = 404
//! 	StatusBroken  = 500
//! )
//!
//! const (
//! 	ModeRead = 1 << iota
//! 	ModeWrite
//! 	ModeRun
//! )
//!
//! const (
//! 	First Role = "first"
//! 	limit      = 10
//! 	Kind       = kind
//! )
//!
//! const (
//! 	StateOne Role = "one"
//! 	StateTwo = StateOne
//! )
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "idiom/untyped-enum",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Idiom, 2), (Concern::Api, 1)],
    equivalents: &["staticcheck:SA9004"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Decl(&[DeclKind::Group], check)],
    file: file!(),
};

/// Words that name a choice among values.
const CHOICES: &[&str] =
    &["role", "state", "status", "kind", "phase", "level", "mode", "category", "severity", "priority", "color"];

/// One constant with a value of its own.
struct Constant {
    name: ExprId,
    ty: Option<ExprId>,
    value: ExprId,
}

fn check(cx: &mut Cx, group: DeclId) {
    let Decl::Group { kind: GroupKind::Const, specs, .. } = cx.decl(group) else { return };
    if cx.file.generated || cx.tree.parent(group).is_some() {
        return;
    }
    let mut constants = Vec::new();
    for &spec in cx.tree.decls(specs) {
        let Decl::Value { names, ty, values, .. } = cx.decl(spec) else { return };
        // A list, or a repetition of what stands before, is counted by iota: another matter.
        let ([name], Some(value)) = (cx.exprs(names), cx.only(values)) else { return };
        constants.push(Constant { name: *name, ty, value });
    }
    let [first, second, ..] = constants.as_slice() else { return };
    cx.examined();
    match first.ty {
        Some(ty) => only_first_typed(cx, first, ty, &constants),
        None if second.ty.is_none() => plain(cx, &constants),
        None => {}
    }
}

/// Reports the second constant where the first alone has the type, and all have values of one kind written out.
fn only_first_typed(cx: &mut Cx, first: &Constant, ty: ExprId, constants: &[Constant]) {
    let own = matches!(cx.store.get(cx.ty(ty)), Type::Named(..));
    let kind = literal(cx, first.value);
    let rest = constants.get(1..).unwrap_or_default();
    let [second, ..] = rest else { return };
    if !own
        || kind.is_none()
        || !rest.iter().all(|constant| constant.ty.is_none() && literal(cx, constant.value) == kind)
    {
        return;
    }
    let (one, ty, two) = (cx.source(first.name), cx.source(ty), cx.source(second.name));
    let others = if rest.len() > 1 { format!("`{two}` and what follows it are") } else { format!("`{two}` is") };
    cx.report(second.name, format!("only `{one}` is a `{ty}`: {others} untyped"))
        .note("a constant with a value of its own does not take over the type of the one before");
}

/// Reports the first of three or more plain constants that are named after a choice.
fn plain(cx: &mut Cx, constants: &[Constant]) {
    let [first, _, _, ..] = constants else { return };
    let kind = literal(cx, first.value);
    let name = |constant: &Constant| words(cx.source(constant.name));
    let all = words(cx.source(first.name));
    let (head, tail) = (all.first(), all.last());
    let shared = |at: fn(&[String]) -> Option<&String>, word: Option<&String>| {
        let is_choice = word.is_some_and(|word| CHOICES.contains(&word.as_str()));
        is_choice && constants.iter().all(|constant| name(constant).len() > 1 && at(&name(constant)) == word)
    };
    let enumerates = shared(|words| words.first(), head) || shared(|words| words.last(), tail);
    let alike = kind.is_some() && constants.iter().all(|other| other.ty.is_none() && literal(cx, other.value) == kind);
    let statuses =
        constants.iter().all(|constant| cx.int_value(constant.value).is_some_and(|code| (100..600).contains(&code)));
    if !enumerates || !alike || statuses {
        return;
    }
    let what = if kind == Some(LiteralKind::Int) { "numbers" } else { "strings" };
    let (first_name, others) = (cx.source(first.name), constants.len() - 1);
    cx.report(
        first.name,
        format!(
            "`{first_name}` and its {others} siblings are plain {what}: nothing keeps others from being passed for them"
        ),
    )
    .note("a type of their own documents every parameter that takes one of them");
}

/// The kind of a value that is written out: a number or a text.
fn literal(cx: &Cx, value: ExprId) -> Option<LiteralKind> {
    match cx.expr(cx.unparen(value)) {
        Expr::Literal(kind @ (LiteralKind::Int | LiteralKind::String)) => Some(kind),
        _ => None,
    }
}
