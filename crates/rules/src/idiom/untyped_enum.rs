//! Constants that belong together have no type of their own.
//!
//! Nothing keeps another string or number from being passed where one of them is meant, and the compiler cannot tell
//! `RoleAdmin` from `StateOpen`. A type named after them (`type Role string`) documents each parameter and catches the mix-up.
//!
//! Three or more constants in one group are reported if their names share a word for a choice, such as role, state or kind: with the
//! parameter or field in the file that takes any of their kind, or else as a question. Groups in which only the first constant
//! has the type are reported, too (Go spec, "Constant declarations": a constant with a value of its own does not repeat the type).
//!
//! Limits: constants that are declared one by one, or whose names share no such word, are not found. Generated files, HTTP
//! statuses and bit masks are left alone.
//!
//! ```go bad
//! const (
//! 	RoleAdmin  = "admin"
//! #^^^^^^^^^ `RoleAdmin` and its 2 siblings are plain strings, and the parameter `role` of `Allow` takes any string
//! 	RoleEditor = "editor"
//! 	RoleViewer = "viewer"
//! )
//!
//! func Allow(role string) bool { return role == RoleAdmin }
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
//! 	ModeRead = 1 << iota // a bit mask
//! 	ModeWrite
//! 	ModeRun
//! )
//! ```
//!
//! # Idiom
//!
//! A set of constants has a type of its own, `type Role string`, or `type Level int` with `iota`. The type documents the set and keeps
//! variables of other types out.
use std::collections::BTreeSet;

use gopeer_lint::prelude::*;

use super::takers::{Kind, Taker, add_takers, plain_type};

pub static RULE: Rule = Rule {
    id: "idiom/untyped-enum",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Idiom, 2), (Concern::Api, 1)],
    equivalents: &["staticcheck:SA9004"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    examines: "groups of constants",
};

/// Words that name a choice among values.
const CHOICES: &[&str] = &[
    "category",
    "color",
    "direction",
    "kind",
    "level",
    "mode",
    "phase",
    "priority",
    "role",
    "severity",
    "stage",
    "state",
    "status",
    "tier",
    "type",
];

/// One constant of a group.
struct Constant {
    name: ExprId,
    /// The type that is written, unless it is `string`, `int` or the like.
    ty: Option<ExprId>,
    /// Whether any type is written.
    typed: bool,
    kind: Kind,
    value: Option<ExprId>,
}

fn check(file: &mut FileCx) {
    if file.file.generated {
        return;
    }
    let (mut takers, mut atomic, mut types) = (Vec::new(), BTreeSet::new(), Vec::new());
    file.each_piece(|cx| add_atomic(cx, &mut atomic));
    file.each_piece(|cx| {
        for &root in cx.tree.roots() {
            add_takers(cx, root, &mut takers);
            add_types(cx, root, &mut types);
        }
    });
    file.each_piece(|cx| {
        for &root in cx.tree.roots() {
            check_group(cx, root, &takers, &types, &atomic);
        }
    });
}

/// The types of the file that are made of texts or numbers.
fn add_types(cx: &Cx, root: DeclId, types: &mut Vec<(Kind, String)>) {
    let Decl::Group { kind: GroupKind::Type, specs, .. } = cx.decl(root) else { return };
    for &spec in cx.tree.decls(specs) {
        if let Decl::Type { name, ty, .. } = cx.decl(spec)
            && let Some(kind) = plain_type(cx, ty)
        {
            types.push((kind, cx.source(name).to_owned()));
        }
    }
}

/// The names that are given to `sync/atomic`, whose functions take plain numbers alone.
fn add_atomic(cx: &Cx, atomic: &mut BTreeSet<String>) {
    for (id, expr) in cx.tree.all_exprs() {
        if let Expr::Call { args, .. } = expr
            && cx.callee(id).is_some_and(|callee| callee.path == "sync/atomic")
        {
            atomic.extend(cx.exprs(args).iter().map(|&arg| cx.source(arg).to_owned()));
        }
    }
}

fn check_group(cx: &mut Cx, group: DeclId, takers: &[Taker], types: &[(Kind, String)], atomic: &BTreeSet<String>) {
    let Decl::Group { kind: GroupKind::Const, specs, .. } = cx.decl(group) else { return };
    let constants: Option<Vec<Constant>> = cx.tree.decls(specs).iter().map(|&spec| constant(cx, spec)).collect();
    let Some(constants) = constants.map(with_kind_of_first) else { return };
    let [first, second, ..] = constants.as_slice() else { return };
    cx.examined();
    match first.ty {
        Some(ty) => only_first_typed(cx, first, ty, &constants),
        None if constants.iter().any(|constant| atomic.contains(cx.source(constant.name))) => {}
        None if second.ty.is_none() => plain(cx, &constants, takers, types),
        None => {}
    }
}

/// A constant that is written out, or counted by a plain `iota`; none for what else a group may hold.
fn constant(cx: &Cx, spec: DeclId) -> Option<Constant> {
    let Decl::Value { names, ty, values, iota } = cx.decl(spec) else { return None };
    let name = cx.only(names)?;
    let (typed, ty) = (ty.is_some(), ty.filter(|&ty| plain_type(cx, ty).is_none()));
    let Some(value) = cx.only(values) else {
        return (iota > 0 && values.is_empty()).then_some(Constant {
            name,
            ty,
            typed,
            kind: Kind::Number,
            value: None,
        });
    };
    Some(Constant { name, ty, typed, kind: kind_of(cx, value)?, value: Some(value) })
}

/// Constants without a value repeat that of the one before: of a text there is no second.
fn with_kind_of_first(constants: Vec<Constant>) -> Vec<Constant> {
    let counts = |constant: &Constant| constant.value.is_some() || constants.first().is_some_and(is_number);
    if constants.iter().all(counts) { constants } else { Vec::new() }
}

fn is_number(constant: &Constant) -> bool {
    constant.kind == Kind::Number
}

/// `"text"`, `1`, `iota`, `iota + 1`.
fn kind_of(cx: &Cx, value: ExprId) -> Option<Kind> {
    match cx.expr(cx.unparen(value)) {
        Expr::Literal(LiteralKind::String) => Some(Kind::Text),
        Expr::Literal(LiteralKind::Int) => Some(Kind::Number),
        Expr::Ident if cx.is_builtin(value, "iota") => Some(Kind::Number),
        Expr::Binary { op: BinaryOp::Add, lhs, rhs } => {
            let number = |side| kind_of(cx, side) == Some(Kind::Number);
            (number(lhs) && number(rhs)).then_some(Kind::Number)
        }
        _ => None,
    }
}

/// Reports the second constant where the first alone has the type, and all have values of one kind written out.
fn only_first_typed(cx: &mut Cx, first: &Constant, ty: ExprId, constants: &[Constant]) {
    let own = matches!(cx.store.get(cx.ty(ty)), Type::Named(..));
    let rest = constants.get(1..).unwrap_or_default();
    let [second, ..] = rest else { return };
    let untyped = |other: &Constant| !other.typed && other.value.is_some() && other.kind == first.kind;
    // A single other constant may be there by chance.
    let belong = rest.len() > 1 || !shared_words(cx, constants).is_empty();
    if !(own && belong && rest.iter().all(untyped)) {
        return;
    }
    let (one, ty, two) = (cx.source(first.name), cx.source(ty), cx.source(second.name));
    let others = if rest.len() > 1 { format!("`{two}` and what follows it are") } else { format!("`{two}` is") };
    cx.report(second.name, format!("only `{one}` is a `{ty}`: {others} untyped"))
        .note("a constant with a value of its own does not take over the type of the one before");
}

/// Reports the first of three or more plain constants that are named after a choice.
fn plain(cx: &mut Cx, constants: &[Constant], takers: &[Taker], types: &[(Kind, String)]) {
    let [first, _, _, ..] = constants else { return };
    let alike = constants.iter().all(|other| other.ty.is_none() && other.kind == first.kind);
    let status = |other: &Constant| {
        other.value.and_then(|value| cx.int_value(value)).is_some_and(|code| (100..600).contains(&code))
    };
    let shared = shared_words(cx, constants);
    let is_choice = shared.last().is_some_and(|word| CHOICES.contains(&word.as_str()));
    if !is_choice || !alike || constants.iter().all(status) {
        return;
    }
    let (what, one) = if is_number(first) { ("numbers", "number") } else { ("strings", "string") };
    let siblings = format!("`{}` and its {} siblings are plain {what}", cx.source(first.name), constants.len() - 1);
    let taker = takers.iter().find(|taker| taker.kind == first.kind && taker.is_for(&shared));
    let report = match taker {
        Some(taker) => cx.report(first.name, format!("{siblings}, and {} takes any {one}", taker.described)),
        None => cx.report(first.name, format!("{siblings}, so any {one} can stand in for them")).question(),
    };
    match types.iter().find(|(kind, name)| *kind == first.kind && words(name) == shared) {
        Some((_, name)) => report.note(format!("give them the type `{name}`, which this file declares")),
        None => report.note("a type of their own documents every parameter that takes one of them"),
    };
}

/// The words that all names begin with, or else the last word of all names.
fn shared_words(cx: &Cx, constants: &[Constant]) -> Vec<String> {
    let names: Vec<Vec<String>> = constants.iter().map(|constant| words(cx.source(constant.name))).collect();
    let Some(first) = names.first() else { return Vec::new() };
    let begin =
        |length: usize| names.iter().all(|name| name.len() > length && name.get(..length) == first.get(..length));
    let end = || names.iter().all(|name| name.len() > 1 && name.last() == first.last());
    let shared = match (1..first.len()).take_while(|&length| begin(length)).last() {
        Some(length) => first.get(..length),
        None => first.last().filter(|_| end()).map(std::slice::from_ref),
    };
    shared.unwrap_or_default().to_vec()
}
