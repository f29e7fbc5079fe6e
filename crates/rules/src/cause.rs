//! Names of causes that several findings of a rule have in common ([`Report::one_cause`]).

use gopeer_lint::prelude::*;

/// The name of a cause in one package: in another package it is another one.
pub(crate) fn in_package(cx: &Cx, what: &str) -> String {
    let folder = cx.file.name.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder} {what}")
}

/// The name of a cause in the function or method around a node: of its findings the first is shown, with the places of the others.
pub(crate) fn in_function(cx: &Cx, at: impl Into<Node>) -> String {
    let func = cx.enclosing_decl(at).and_then(|decl| gopeer_lint::func_name(cx.tree, decl));
    format!("{} {}", cx.file.name, func.as_deref().unwrap_or_default())
}
