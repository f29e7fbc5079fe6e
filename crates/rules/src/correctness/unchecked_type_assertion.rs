//! A type assertion with one result is applied to a value that came from elsewhere.
//!
//! What comes out of a context, decoded JSON, a cache or a token has the type that other code put in, and a missing value is
//! nil, which has no type. `v.(T)` with one result then panics (Go spec, "Type assertions"): in a handler, for each request
//! that lacks the value. Use two results, `v, ok := x.(T)`, and handle the case that `ok` is false.
//!
//! The finding is low where the project put the value in itself, as far as it shows: under a key that is no text, in a context that
//! answers no request, in a map that the function does not decode, and in commands.
//!
//! Limits: the functions whose results count as foreign are those of `context`, `sync.Map`, gin, echo, fiber, viper, jwt, `plugin`
//! and HashiCorp's LRU cache. Parameters of type `any` are not looked at, and neither is what a pool, a list, a heap or an
//! `atomic.Value` holds, since the same code put it there.
//!
//! ```go bad
//! func user(ctx context.Context) (string, error) {
//! 	id := ctx.Value(key{}).(string)
//! 	//    ^^^^^^^^^^^^^^^^^^^^^^^^^ low: `ctx.Value(key{}).(string)` panics if the value is missing or has another type
//! 	return id, nil
//! }
//!
//! type key struct{}
//!
//! func total(data []byte) (float64, error) {
//! 	var order map[string]any
//! 	if err := json.Unmarshal(data, &order); err != nil {
//! 		return 0, err
//! 	}
//! 	sum := order["total"].(float64)
//! 	//     ^^^^^^^^^^^^^^^^^^^^^^^^ `order["total"].(float64)` panics if the value is missing or has another type
//! 	return sum, nil
//! }
//! ```
//! ```diff fixed
//! -	id := ctx.Value(key{}).(string)
//! +	id, ok := ctx.Value(key{}).(string)
//! +	if !ok {
//! +		return "", fmt.Errorf("%T is not a string", ctx.Value(key{}))
//! +	}
//! -	sum := order["total"].(float64)
//! +	sum, ok := order["total"].(float64)
//! +	if !ok {
//! +		return 0, fmt.Errorf("%T is not a float64", order["total"])
//! +	}
//! ```
//! ```go bad
//! import "github.com/golang-jwt/jwt/v5"
//!
//! func subject(token *jwt.Token) string {
//! 	claims := token.Claims.(jwt.MapClaims)
//! 	//        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `token.Claims.(jwt.MapClaims)` panics if the value is missing or has another type
//! 	return claims["sub"].(string)
//! 	//     ^^^^^^^^^^^^^^^^^^^^^^ `claims["sub"].(string)` panics if the value is missing or has another type
//! }
//! ```
//! ```go good
//! var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
//!
//! func print(w io.Writer) {
//! 	buf := buffers.Get().(*bytes.Buffer) // the pool makes no others
//! 	defer buffers.Put(buf)
//! }
//! ```
//! ```go good
//! import "github.com/golang-jwt/jwt/v5"
//!
//! type claims struct{ jwt.RegisteredClaims }
//!
//! func parse(text string, key jwt.Keyfunc) (*claims, error) {
//! 	token, err := jwt.ParseWithClaims(text, &claims{}, key)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	return token.Claims.(*claims), nil // parsed into these
//! }
//! ```
//! ```go good
//! var cache sync.Map
//!
//! func find(name string) string {
//! 	if value, ok := cache.Load(name); ok {
//! 		return value.(string) // there is a value, and the cache holds strings
//! 	}
//! 	return ""
//! }
//! ```
//! ```go good
//! func kind(order map[string]any) string {
//! 	order["kind"] = "plain"
//! 	return order["kind"].(string) // stored in the line above
//! }
//! ```
//!
//! # Idiom
//!
//! `v, ok := x.(T)` reports a mismatch in `ok`; `v := x.(T)` panics. The short form is for cases in which another type would be a fault of
//! the program.
//!
//! # Impact
//!
//! The panic comes with the first request that lacks the value or has it in another type: a missing claim, a JSON
//! number where a string was expected. In a handler one request fails, elsewhere the process does.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: without the value in the context, and with `"1"` instead of `1` in the document
//!
//! # References
//!
//! - [Go spec, "Type assertions"](https://go.dev/ref/spec#Type_assertions)
use gopeer_lint::prelude::*;

use super::foreign::{Origin, comes_from_outside, has_key_of_project, is_decoded_to, origin_of};
use crate::errors::propagate::return_with;

pub static RULE: Rule = Rule {
    id: "correctness/unchecked-type-assertion",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Errors, 2), (Concern::Idiom, 2)],
    equivalents: &["forcetypeassert", "revive:unchecked-type-assertion"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::TypeAssert], check)],
    examines: "type assertions without a check",
};

/// How many statements before an assertion may give the element its value.
const NEAR: usize = 64;

fn check(cx: &mut Cx, assertion: ExprId) {
    let Expr::TypeAssert { base, ty: Some(ty) } = cx.expr(assertion) else { return };
    if cx.file.generated || takes_ok(cx, assertion) {
        return;
    }
    let Some(origin) = origin_of(cx, base, cx.ty(ty)) else { return };
    cx.examined();
    if origin == Origin::Decoded && (is_stored_here(cx, base) || !is_decoded_to(cx, cx.ty(ty)))
        || origin != Origin::Panic && is_tested(cx, assertion, base)
        || is_forwarded(cx, assertion)
    {
        return;
    }
    let text = cx.source(assertion);
    let what = if text.len() <= 60 && !text.contains('\n') {
        format!("`{text}`")
    } else {
        format!("the assertion to `{}`", cx.source(ty))
    };
    // Without a request that lacks it, what a package puts into a context is there.
    let is_command = cx.file.is_main() || cx.file.purpose() == Purpose::Command;
    let is_internal = match origin {
        Origin::Context => !cx.answers_requests(assertion) || has_key_of_project(cx, base),
        Origin::Decoded => !comes_from_outside(cx, base),
        _ => false,
    };
    let is_checked_before = is_element_checked_before(cx, base, ty);
    let edits = fixed(cx, assertion, base, ty);
    let excuse = cx.explanation(assertion, &["set by", "stored", "middleware", "assert"]);
    let mut report = cx
        .report(assertion, format!("{what} panics if the value is missing or has another type"))
        .note("with two results, `v, ok := x.(T)`, the code can handle that")
        .one_of("assertions in this file are not checked")
        .excused(excuse);
    if is_internal || is_command || is_checked_before {
        report = report.severity(Severity::Low);
    }
    if let Some(edits) = edits {
        report.fix("Check the assertion", edits).needing("fmt");
    }
}

/// `v, ok := x.(T)`, `var v, ok = x.(T)`, and what throws the first away.
fn takes_ok(cx: &Cx, assertion: ExprId) -> bool {
    let mut value = assertion;
    while let Some(Node::Expr(paren)) = cx.tree.parent(value) {
        if !matches!(cx.expr(paren), Expr::Paren(_)) {
            return false;
        }
        value = paren;
    }
    match cx.tree.parent(value) {
        Some(Node::Stmt(stmt)) => {
            matches!(cx.stmt(stmt), Stmt::Assign { lhs, rhs, .. } if lhs.len() == 2 && rhs.len() == 1)
        }
        Some(Node::Decl(spec)) => {
            matches!(cx.decl(spec), Decl::Value { names, values, .. } if names.len() == 2 && values.len() == 1)
        }
        _ => false,
    }
}

/// Whether the same element is given a value before, in this function: `m[k] = …`. Of many such statements only the nearest
/// are looked at, since there may be as many assertions.
fn is_stored_here(cx: &Cx, element: ExprId) -> bool {
    let element = cx.origin(element).map_or(element, |(value, _)| value);
    let Expr::Index { base, .. } = cx.expr(cx.unparen(element)) else { return false };
    let Some(func) = cx.enclosing_func(element) else { return false };
    let made_here = cx.initial_value(base).is_some_and(|value| match cx.expr(cx.unparen(value)) {
        Expr::Composite { elems, .. } => !elems.is_empty(),
        _ => false,
    });
    let stores = cx.within(func.body, true, |cx, node| stored_element(cx, node).is_some());
    let before = stores.partition_point(|&store| cx.span(store).start < cx.span(element).start);
    let is_same = |lhs: &[ExprId]| {
        lhs.iter().any(|&target| cx.source(target) == cx.source(element) && cx.same_text(target, element))
    };
    let near = stores.iter().take(before).rev().take(NEAR);
    made_here || { near }.any(|&store| stored_element(cx, store).is_some_and(is_same))
}

/// The targets of an assignment to an element.
fn stored_element<'a>(cx: &Cx<'a>, node: Node) -> Option<&'a [ExprId]> {
    let Node::Stmt(id) = node else { return None };
    let Stmt::Assign { lhs, .. } = cx.stmt(id) else { return None };
    let lhs = cx.exprs(lhs);
    lhs.iter().any(|&target| matches!(cx.expr(cx.unparen(target)), Expr::Index { .. })).then_some(lhs)
}

/// Whether it is an element that a loop goes through, and the function checks one before, with two results, for this type.
fn is_element_checked_before(cx: &Cx, base: ExprId, ty: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(base).filter(|_| is_element(cx, base)) else { return false };
    cx.within(func.body, true, is_check_of_element).iter().any(|&node| match node {
        Node::Expr(check) => match cx.expr(check) {
            Expr::TypeAssert { ty: Some(same), .. } => {
                cx.span(check).start < cx.span(base).start && cx.source(same) == cx.source(ty)
            }
            _ => false,
        },
        _ => false,
    })
}

fn is_check_of_element(cx: &Cx, node: Node) -> bool {
    let Node::Expr(assertion) = node else { return false };
    matches!(cx.expr(assertion), Expr::TypeAssert { base, .. } if is_element(cx, base) && takes_ok(cx, assertion))
}

/// Whether a local is what a loop goes through.
fn is_element(cx: &Cx, local: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(local) else { return false };
    matches!(cx.tree.parent(declaring), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Range { .. }))
}

/// Whether a method calls the one of its own name on what it wraps: `w.ResponseWriter.(http.Flusher).Flush()` in `Flush`.
fn is_forwarded(cx: &Cx, assertion: ExprId) -> bool {
    let Some(Node::Expr(selector)) = cx.tree.parent(assertion) else { return false };
    let Expr::Selector { name, .. } = cx.expr(selector) else { return false };
    cx.enclosing_decl(assertion).and_then(|decl| cx.func_name(decl)) == Some(cx.source(name))
}

/// Whether the value's type, or its presence, is asked for around the assertion: under `if _, ok := x.(T); ok`, in a case
/// of a switch, or in a branch for `x != nil`.
fn is_tested(cx: &Cx, assertion: ExprId, base: ExprId) -> bool {
    let same = |node: Node| matches!(node, Node::Expr(id) if id != base && cx.same_text(id, base));
    cx.tree.ancestors(assertion).any(|node| {
        let Node::Stmt(stmt) = node else { return false };
        match cx.stmt(stmt) {
            Stmt::If { init, cond, .. } => {
                let in_header = |part: Node| cx.any(part, false, |node| node == Node::Expr(assertion));
                let parts = [Some(Node::from(cond)), init.map(Node::from)];
                parts.into_iter().flatten().any(|part| !in_header(part) && cx.any(part, false, same))
            }
            Stmt::TypeSwitch { guard, .. } => cx.any(guard, false, same),
            _ => false,
        }
    })
}

/// `v := x.(T)` as a statement of a function that can return an error.
fn fixed(cx: &Cx, assertion: ExprId, base: ExprId, ty: ExprId) -> Option<Vec<(Span, String)>> {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(assertion) else { return None };
    let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = cx.stmt(stmt) else { return None };
    let ([name], [_]) = (cx.exprs(lhs), cx.exprs(rhs)) else { return None };
    let func = cx.enclosing_func(stmt)?;
    let taken = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.source(id) == "ok");
    if !cx.within(func.node, true, taken).is_empty()
        || cx.place_in_list(stmt).is_none()
        || cx.source(base).contains('\n')
    {
        return None;
    }
    let (fmt, ty, value, indent) = (cx.name_for("fmt")?, cx.source(ty), cx.source(base), cx.indent(stmt));
    if ty.contains(['%', '"', '\n']) {
        return None;
    }
    let leave = return_with(cx, func, &format!("{fmt}.Errorf(\"%T is not a {ty}\", {value})"))?;
    let (after, end) = (cx.span(*name).end, cx.span(stmt).end);
    Some(vec![
        (Span::new(after, after), ", ok".to_owned()),
        (Span::new(end, end), format!("\n{indent}if !ok {{\n{indent}\t{leave}\n{indent}}}")),
    ])
}
