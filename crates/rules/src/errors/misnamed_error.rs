//! An error is not named as Go names errors.
//!
//! Sentinels are named `ErrX` or `errX`, so that a reader of `errors.Is` sees what they are, and types of errors `XError`, so
//! that `errors.As` reads well. Other names hide that a value or a type is there to be compared with.
//!
//! Limits: a sentinel is a package variable that `errors.New` or `fmt.Errorf` makes in its declaration. A type counts if it is an
//! exported struct, number or text with an `Error` method and at most two other methods, in a package that is not named after errors.
//!
//! ```go bad
//! var NotFound = errors.New("not found")
//! //  ^^^^^^^^ the sentinel `NotFound` should have a name that begins with `Err`
//! ```
//! ```go bad
//! type BadInput struct{ Field string }
//! //   ^^^^^^^^ the error type `BadInput` should have a name that ends in `Error`
//!
//! func (b *BadInput) Error() string { return b.Field + " is not valid" }
//! ```
//! ```go good
//! var ErrNotFound = errors.New("not found")
//!
//! var errClosed = errors.New("closed")
//!
//! type ParseError struct{ Line int }
//!
//! func (p ParseError) Error() string { return fmt.Sprintf("line %d", p.Line) }
//! ```
//! ```go good
//! var SkipDir = errors.New("skip this directory") // a signal rather than a failure
//! ```
//! ```go good
//! type state struct{ err error }
//!
//! func (s *state) Error() error { return s.err } // gives an error and is none
//! ```
//!
//! # Idiom
//!
//! Sentinels are called `ErrNotFound`, types `ParseError`. The prefix or suffix shows at the place of use what it is.
use gopeer_lint::prelude::*;
use gopeer_sema::types::Truth;

pub static RULE: Rule = Rule {
    id: "errors/misnamed-error",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 2), (Concern::Clarity, 1)],
    equivalents: &["gopeer:errors/conventions", "staticcheck:ST1012", "revive:error-naming", "errname"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Decl(&[DeclKind::Group], check_sentinels), Hook::Decl(&[DeclKind::Type], check_type)],
    examines: "names of errors",
};

fn check_sentinels(cx: &mut Cx, group: DeclId) {
    let Decl::Group { kind: GroupKind::Var, specs, .. } = cx.decl(group) else { return };
    if cx.tree.parent(group).is_some() {
        return;
    }
    for &spec in cx.tree.decls(specs) {
        let Decl::Value { names, values, .. } = cx.decl(spec) else { continue };
        for (&name, &value) in cx.exprs(names).iter().zip(cx.exprs(values)) {
            if cx.calls(value, &["errors.New", "fmt.Errorf", "github.com/pkg/errors.New"]) {
                check_sentinel(cx, name);
            }
        }
    }
}

fn check_sentinel(cx: &mut Cx, ident: ExprId) {
    cx.examined();
    let name = cx.source(ident);
    // `SkipDir` and `EOF` are signals rather than failures, and `_` is nobody's name.
    if name == "_" || name.starts_with("Err") || name.starts_with("err") || name == "EOF" || name.starts_with("Skip") {
        return;
    }
    let wanted = if name.starts_with(char::is_uppercase) { "Err" } else { "err" };
    cx.report(ident, format!("the sentinel `{name}` should have a name that begins with `{wanted}`"))
        .one_of("sentinels in this file are named otherwise");
}

/// An exported struct, number or text that is there to be an error: it declares `Error() string` itself, and few other methods.
fn check_type(cx: &mut Cx, spec: DeclId) {
    let Decl::Type { name, .. } = cx.decl(spec) else { return };
    let Type::Named(named, _) = cx.store.get(cx.ty(name)) else { return };
    let (ty, shown, methods) = (cx.ty(name), cx.source(name), cx.store.named(named).methods.len());
    // `serviceerror.ShardLost` says it.
    let said = cx.file.scope.package.as_deref().is_some_and(|package| package.contains("err"));
    if said || methods > 3 || !shown.starts_with(char::is_uppercase) || cx.declared_method(ty, &["Error"]).is_none() {
        return;
    }
    let is_error = cx.store.implements(cx.store.pointer(ty), TypeId::ERROR).0 == Truth::Yes;
    if !is_error || !matches!(cx.store.under(ty), Type::Struct(_) | Type::Basic(_)) {
        return;
    }
    cx.examined();
    let lower = shown.to_ascii_lowercase();
    if !["err", "fault", "exception", "failure"].iter().any(|word| lower.contains(word)) {
        cx.report(name, format!("the error type `{shown}` should have a name that ends in `Error`"));
    }
}
