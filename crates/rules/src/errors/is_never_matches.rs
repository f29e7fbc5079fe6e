//! A test for an error that the called function never returns: it flattens it into text, or returns another one.
//!
//! `fmt.Errorf` with `%v` keeps the words of an error and drops the error itself, so `errors.Is` cannot find it, and the code after the
//! test is dead: the seat nearby is never offered, the retry never happens. Wrap with `%w`.
//!
//! Limits: only functions of the same file are looked into, and only where each error that they return shows: nil, a new text, or an
//! error of the package, wrapped or as it is.
//!
//! ```go bad
//! var errTaken = errors.New("taken")
//!
//! func take(seat int, taken map[int]bool) error {
//! 	if taken[seat] {
//! 		return fmt.Errorf("seat %d: %v", seat, errTaken)
//! 	}
//! 	taken[seat] = true
//! 	return nil
//! }
//!
//! func book(seat int, taken map[int]bool) (int, error) {
//! 	err := take(seat, taken)
//! 	if errors.Is(err, errTaken) {
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^ this never matches, because `take` returns no error that wraps `errTaken`
//! 		return seat + 1, nil
//! 	}
//! 	return seat, err
//! }
//! ```
//! ```go good
//! var errTaken = errors.New("taken")
//!
//! func take(seat int, taken map[int]bool) error {
//! 	if taken[seat] {
//! 		return fmt.Errorf("seat %d: %w", seat, errTaken) // wrapped
//! 	}
//! 	taken[seat] = true
//! 	return nil
//! }
//!
//! func book(seat int, taken map[int]bool) (int, error) {
//! 	err := take(seat, taken)
//! 	if errors.Is(err, errTaken) {
//! 		return seat + 1, nil
//! 	}
//! 	return seat, err
//! }
//! ```
//!
//! # Impact
//!
//! The branch for this error is dead: the retry, the fallback or the 404 never happens, and the caller gets the general
//! failure instead. Clients see 500 for something that is expected, and alerts count it. A test that provokes the error
//! and looks at the branch fails.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: provoke the error and assert `errors.Is(err, want)`
//! - `go test -run {test} -coverprofile cover.out {package} && go tool cover -func cover.out`: the branch stays
//!   uncovered however the error is provoked
//!
//! # References
//!
//! - [Go blog, "Working with Errors in Go 1.13"](https://go.dev/blog/go1.13-errors)
//! - [Package errors, Is](https://pkg.go.dev/errors#Is)
use std::collections::HashMap;

use gopeer_lint::prelude::*;

use super::support::source_of;

pub static RULE: Rule = Rule {
    id: "errors/is-never-matches",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    examines: "tests for an error of the package",
};

/// A function by the type of its receiver, or nothing, and its name.
type Key = (String, String);

fn check(cx: &mut FileCx) {
    let mut known: HashMap<Key, Vec<String>> = HashMap::new();
    let mut asks = false;
    cx.each_piece(|cx| {
        asks |= !cx.calls_of(&["errors.Is"]).is_empty();
        for &root in cx.tree.roots() {
            if let Some((key, errors)) = returned(cx, root) {
                known.insert(key, errors);
            }
        }
    });
    if !asks || known.is_empty() {
        return;
    }
    cx.each_piece(|cx| {
        for call in cx.calls_of(&["errors.Is"]) {
            let &[error, target] = call.args else { continue };
            if !is_of_package(cx, target) {
                continue;
            }
            cx.examined();
            let Some(source) = source_of(cx, error).filter(|_| !cx.is_reassigned(error)) else { continue };
            let Some(key) = key_of(cx, source) else { continue };
            let name = cx.source(target);
            if known.get(&key).is_some_and(|errors| !errors.iter().any(|error| error == name)) {
                let called = cx.callee_text(source);
                cx.report(
                    call.expr,
                    format!("this never matches, because `{called}` returns no error that wraps `{name}`"),
                );
            }
        }
    });
}

fn is_of_package(cx: &Cx, target: ExprId) -> bool {
    matches!(cx.def(cx.unparen(target)), Def::Package(_))
}

/// The function of the package that a call calls: no method of an interface, whose implementations are many.
fn key_of(cx: &Cx, call: ExprId) -> Option<Key> {
    let call = cx.call(call)?;
    if !cx.is_own(&call.callee) {
        return None;
    }
    if let Some(receiver) = call.receiver
        && matches!(cx.under(receiver), Type::Interface(_) | Type::Unknown)
    {
        return None;
    }
    // A name of another package of the module is not one of this file.
    let qualified = cx.is_qualified(call.fun);
    (!qualified).then(|| (call.callee.recv.unwrap_or_default().to_owned(), call.callee.name.to_owned()))
}

/// The errors of the package that a function may return, as they are or wrapped; none where another error may be among them.
fn returned(cx: &Cx, decl: DeclId) -> Option<(Key, Vec<String>)> {
    let Decl::Func { recv, name, ty, body: Some(body), .. } = cx.decl(decl) else { return None };
    let Expr::FuncType { results, .. } = cx.expr(ty) else { return None };
    let results = cx.params(results);
    let &(named, last) = results.last()?;
    if named.is_some() || !cx.is_builtin(last, "error") {
        return None;
    }
    let (mut errors, mut fails) = (Vec::new(), false);
    for values in cx.returned(body) {
        if values.len() != results.len() {
            return None;
        }
        let &value = values.last()?;
        if !cx.is_builtin(value, "nil") {
            fails = true;
            errors.extend(kept(cx, value)?);
        }
    }
    let receiver = cx
        .params(recv)
        .first()
        .map(|&(_, ty)| cx.source(cx.pointee(ty)).split('[').next().unwrap_or_default().to_owned());
    fails.then(|| ((receiver.unwrap_or_default(), cx.source(name).to_owned()), errors))
}

/// The errors of the package that a new error keeps; none where it may keep another.
fn kept(cx: &Cx, value: ExprId) -> Option<Vec<String>> {
    let value = cx.unparen(value);
    if cx.expr(value) == Expr::Ident {
        return is_of_package(cx, value).then(|| vec![cx.source(value).to_owned()]);
    }
    let call = cx.call(value)?;
    if call.callee.is(&["errors.New"]) {
        return Some(Vec::new());
    }
    if !call.callee.is(&["fmt.Errorf"]) {
        return None;
    }
    let (&format, args) = call.args.split_first()?;
    if !cx.string_value(format)?.contains("%w") {
        return Some(Vec::new());
    }
    let errors = args.iter().filter(|&&arg| cx.ty(arg) == TypeId::ERROR || cx.ty(arg).is_unknown());
    errors.map(|&arg| is_of_package(cx, arg).then(|| cx.source(arg).to_owned())).collect()
}
