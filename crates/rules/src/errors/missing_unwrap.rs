//! An error type keeps its cause in a field but has no `Unwrap`, or one that package `errors` does not call.
//!
//! `errors.Is` and `errors.As` go on only if a type says what it wraps (package `errors`). Without the method the cause is printed
//! with the message, but code cannot find it: a wrapped `context.Canceled` is then retried, or someone is paged for it.
//!
//! `Is`, `As` and `Unwrap` with another signature are ordinary methods: they compile, and package `errors` ignores them. That is of medium
//! severity, because somebody has written a method that is never called. A missing `Unwrap` is low: often nobody asks for the cause.
//!
//! Limits: a cause is a field of type `error` that the `Error` method in the same file prints, and the only one of the struct.
//!
//! ```go bad
//! type QueryError struct {
//! //   ^^^^^^^^^^ low: `QueryError` keeps its cause in `Err` and has no `Unwrap`
//! 	Query string
//! 	Err   error
//! }
//!
//! func (e *QueryError) Error() string { return e.Query + ": " + e.Err.Error() }
//! ```
//! ```diff fixed
//! +// Unwrap returns the cause.
//! +func (e *QueryError) Unwrap() error { return e.Err }
//! +
//! ```
//! ```go bad
//! type timeout struct{ op string }
//!
//! func (t timeout) Error() string { return t.op + " timed out" }
//!
//! func (t timeout) Is(other timeout) bool { return other.op == t.op }
//! //               ^^ `errors.Is` does not call this `Is`, because it is not a `func(error) bool`
//!
//! func (t *timeout) Unwrap() (error, bool) { return nil, false }
//! //                ^^^^^^ `errors.Unwrap` does not call this `Unwrap`, because it is not a `func() error`
//! ```
//! ```go good
//! type QueryError struct {
//! 	Query string
//! 	Err   error
//! }
//!
//! func (e *QueryError) Error() string { return e.Query + ": " + e.Err.Error() }
//!
//! func (e *QueryError) Unwrap() error { return e.Err }
//! ```
//! ```go good
//! type Hidden struct {
//! 	text string
//! 	err  error // kept for the log: the message does not show it to callers either
//! }
//!
//! func (h Hidden) Error() string { return h.text }
//! ```
//! ```go good
//! type Box struct{ value int }
//!
//! func (b Box) Unwrap() int { return b.value } // not an error
//! ```
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: `errors.Is(&YourError{…}, context.Canceled)` with that cause inside
//!
//! # References
//!
//! - [Package errors, Unwrap](https://pkg.go.dev/errors#Unwrap)
use gopeer_lint::prelude::*;
use gopeer_sema::types::{Lookup, PkgId, Truth};
use gopeer_syntax::Tree;

pub static RULE: Rule = Rule {
    id: "errors/missing-unwrap",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Api, 1)],
    equivalents: &["vet:stdmethods"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::File(check), Hook::Decl(&[DeclKind::Func], check_signature)],
    examines: "error types",
};

/// A method of an error that package `errors` asks for has the signature it asks for.
fn check_signature(cx: &mut Cx, decl: DeclId) {
    let Decl::Func { recv, name: at, .. } = cx.decl(decl) else { return };
    let [(_, ty)] = cx.params(recv)[..] else { return };
    let name = cx.source(at);
    let wanted = match name {
        "Is" => "func(error) bool",
        "As" => "func(any) bool",
        "Unwrap" => "func() error",
        _ => return,
    };
    let ty = cx.store.pointer(cx.ty(cx.pointee(ty)));
    let method = cx.store.lookup(ty, PkgId::SELF, cx.store.symbol(name));
    let Lookup::Method { method, .. } = method else { return };
    if cx.store.implements(ty, TypeId::ERROR).0 != Truth::Yes || cx.store.has_unknown(method.sig) {
        return;
    }
    cx.examined();
    let shown = cx.store.show(method.sig);
    if shown != wanted && !(name == "Unwrap" && shown == "func() []error") {
        let message = format!("`errors.{name}` does not call this `{name}`, because it is not a `{wanted}`");
        cx.report(at, message)
            .note("change the signature, or choose another name so that readers do not expect it to work");
    }
}

/// A method named `Error` of a type.
struct ErrorMethod<'a> {
    receiver: &'a str,
    ty: &'a str,
    pointer: bool,
    body: &'a str,
}

fn check(cx: &mut FileCx) {
    if cx.file.generated || cx.file.is_test() {
        return;
    }
    let (mut printing, mut done) = (Vec::new(), Vec::new());
    for piece in cx.pieces {
        for &root in piece.tree.roots() {
            let Some((method, name)) = method(&piece.tree, root) else { continue };
            match name {
                "Error" => printing.push(method),
                "Unwrap" | "Cause" | "Is" | "As" => done.push(method.ty),
                _ => {}
            }
        }
    }
    printing.retain(|method| !done.contains(&method.ty));
    if !printing.is_empty() {
        cx.each_piece(|cx| cx.tree.roots().iter().for_each(|&root| check_types(cx, root, &printing)));
    }
}

fn method(tree: &Tree, root: DeclId) -> Option<(ErrorMethod<'_>, &str)> {
    let Decl::Func { recv, name, ty: signature, body: Some(body) } = tree.decl(root) else { return None };
    let &[field] = tree.fields(recv) else { return None };
    let Field { names, ty, .. } = tree.field(field);
    let receiver = tree.exprs(names).first().map(|&name| tree.source(name)).filter(|name| *name != "_");
    let (ty, pointer) = match tree.expr(ty) {
        Expr::Star(inner) => (inner, true),
        _ => (ty, false),
    };
    let name = tree.source(name);
    if name == "Error" && !returns_string(tree, signature) {
        return None;
    }
    let (receiver, ty, body) = (receiver.unwrap_or("e"), tree.source(ty), tree.source(body));
    Some((ErrorMethod { receiver, ty, pointer, body }, name))
}

/// Not so `Error() error` of scanners and iterators.
fn returns_string(tree: &Tree, signature: ExprId) -> bool {
    let Expr::FuncType { results, .. } = tree.expr(signature) else { return false };
    matches!(tree.fields(results), &[only] if tree.source(tree.field(only).ty) == "string")
}

fn check_types(cx: &mut Cx, root: DeclId, printing: &[ErrorMethod]) {
    let Decl::Group { kind: GroupKind::Type, specs, .. } = cx.decl(root) else { return };
    for &spec in cx.tree.decls(specs) {
        let Decl::Type { name, ty, .. } = cx.decl(spec) else { continue };
        let Some(method) = printing.iter().find(|method| method.ty == cx.source(name)) else { continue };
        let Expr::StructType { fields } = cx.expr(ty) else { continue };
        cx.examined();
        // The method may stand in another file, or be promoted.
        let unwrap = cx.store.lookup(cx.store.pointer(cx.ty(name)), PkgId::SELF, cx.store.symbol("Unwrap"));
        if !matches!(unwrap, Lookup::Method { .. })
            && let Some(cause) = cause(cx, fields, method)
        {
            report(cx, root, name, cause, method);
        }
    }
}

/// The only field of type `error`, embedded or with a name, if the message prints it: then callers know of it anyway.
fn cause<'a>(cx: &Cx<'a>, fields: FieldList, method: &ErrorMethod) -> Option<&'a str> {
    let errors = cx.params(fields).into_iter().filter(|(_, ty)| cx.is_builtin(*ty, "error"));
    let names: Vec<&str> = errors.map(|(name, ty)| cx.source(name.unwrap_or(ty))).collect();
    let &[name] = names.as_slice() else { return None };
    // A hint at the cause is not the cause.
    if words(name).iter().any(|word| word == "hint") {
        return None;
    }
    method.body.contains(&format!(".{name}")).then_some(name)
}

fn report(cx: &mut Cx, decl: DeclId, name: ExprId, cause: &str, method: &ErrorMethod) {
    let ty = cx.source(name);
    let end = Span::new(cx.span(decl).end, cx.span(decl).end);
    let star = if method.pointer { "*" } else { "" };
    let e = method.receiver;
    let unwrap =
        format!("\n\n// Unwrap returns the cause.\nfunc ({e} {star}{ty}) Unwrap() error {{ return {e}.{cause} }}");
    cx.report(name, format!("`{ty}` keeps its cause in `{cause}` and has no `Unwrap`"))
        .note("`errors.Is` and `errors.As` stop here and do not find the cause")
        .severity(Severity::Low)
        .fix("Add Unwrap", [(end, unwrap)]);
}
