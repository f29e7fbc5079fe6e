//! Whether somebody looks into what an error wraps.

use gopeer_lint::prelude::*;

use super::string_matching::text_test;
use super::support::{fails_in_ways, is_required, source_of};
use crate::context::at_hand::context_at;

/// Whether callers are likely to look into the error that a call makes out of another one, `error`.
pub(super) fn is_looked_into(cx: &Cx, call: ExprId, error: ExprId) -> bool {
    let on_way = || is_on_a_way(cx, call) && is_told_apart(cx, error) && package_looks(cx);
    on_way() || wraps_same(cx, call, error)
}

/// Whether some function of the package looks into errors, if only at their text.
fn package_looks(cx: &Cx) -> bool {
    const LOOKS: &[&str] =
        &["errors.As", "errors.AsType", "errors.Is", "github.com/pkg/errors.As", "github.com/pkg/errors.Is"];
    cx.package_calls(LOOKS) == Some(true) || cx.package_finds(text_test) == Some(true)
}

/// Whether callers tell the errors of the call apart that gave this one. Not so of what prepares, starts or ends, nor of local files,
/// whose errors mostly end the whole.
fn is_told_apart(cx: &Cx, error: ExprId) -> bool {
    const AROUND: &[&str] = &["close", "dial", "listen", "make", "new", "open", "serve", "shutdown", "start"];
    let Some(source) = source_of(cx, error) else { return false };
    let name = cx.callee_word(source);
    let is_around = words(name).first().is_some_and(|first| AROUND.contains(&first.as_str()));
    let is_of_files = || cx.callee(source).is_some_and(|callee| matches!(callee.path, "os" | "io/fs"));
    // `iter.Close` of gocql tells how the query went.
    let tells = name == "Close" && is_required(cx, source);
    (!is_around || tells) && fails_in_ways(cx, source) && !is_of_files() && !gives_texts(cx, source)
}

/// Whether a call is one of a function of the package all of whose errors are texts that it makes, which nobody can look for.
fn gives_texts(cx: &Cx, call: ExprId) -> bool {
    let finds = |find| cx.call(call).is_some_and(|call| cx.find_within(call, find, 0).is_some());
    finds(text_given) && !finds(other_given)
}

/// Where a function returns an error that is a text.
fn text_given(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    errors_given(cx, decl).find(|&error| is_text(cx, error))
}

/// Where a function returns an error that is no text.
fn other_given(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    errors_given(cx, decl).find(|&error| !is_text(cx, error))
}

/// The errors that a function returns; by a `return` alone, the result that has a name.
fn errors_given(cx: &Cx, decl: DeclId) -> impl Iterator<Item = ExprId> {
    let func = cx.as_func(decl.into());
    let named = func.and_then(|func| cx.results_of(func).last().and_then(|&(name, _)| name));
    let returned = func.into_iter().flat_map(move |func| cx.returned(func.body));
    let errors = returned.filter_map(move |results| results.last().copied().or(named));
    errors.filter(move |&error| !cx.is_builtin(error, "nil"))
}

fn is_text(cx: &Cx, error: ExprId) -> bool {
    cx.calls(error, &["errors.New", "fmt.Errorf"]) && !wraps_an_error(cx, Node::Expr(error))
}

/// Whether the function wraps the same error with `%w` elsewhere: another call that the variable is used for gives another error.
fn wraps_same(cx: &Cx, call: ExprId, error: ExprId) -> bool {
    const MOST: usize = 256;
    let Def::Local(local) = cx.def(cx.unparen(error)) else { return false };
    let source = source_of(cx, error);
    let wraps = |used| {
        let Some(Node::Expr(outer)) = cx.tree.parent(used) else { return false };
        outer != call && wraps_an_error(cx, Node::Expr(outer)) && source_of(cx, used) == source
    };
    cx.names.uses(local).take(MOST).any(wraps)
}

/// Whether the function works on something that can be canceled or tried again: it has a context, or answers a request.
fn is_on_a_way(cx: &Cx, call: ExprId) -> bool {
    context_at(cx, call).is_some() || cx.handler(call).is_some()
}

fn wraps_an_error(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    matches!(cx.call(id), Some(Call { callee, args: [format, ..], .. })
        if callee.is(&["fmt.Errorf"]) && cx.source(*format).contains("%w"))
}
