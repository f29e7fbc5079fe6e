//! Signatures with the names of their parameters, which types do not hold and an index does.

use gopeer_api::{Index, ObjectKind};
use gopeer_sema::types::{Store, Type, TypeId};

/// The names that the index has for the parameters and then the results of function `name`, or of a method of `recv`.
pub(crate) fn names<'i>(index: &'i Index, path: &str, recv: Option<&str>, name: &str) -> Option<Vec<&'i str>> {
    let object = index.package(path)?.lookup(recv.unwrap_or(name))?;
    match (object.kind(), recv) {
        (ObjectKind::Func(func), None) => Some(func.names.iter().collect()),
        (ObjectKind::Type(decl), Some(_)) => Some(decl.method(name)?.names().iter().collect()),
        _ => None,
    }
}

/// The signature without the word `func`, with these names: `(url string) (resp *Response, err error)`. None where the
/// names are not those of the type.
pub(crate) fn named(store: &Store, ty: TypeId, names: &[&str]) -> Option<String> {
    let Type::Signature(sig) = store.get(ty) else { return None };
    let (params, results) = names.split_at_checked(sig.params.len())?;
    if results.len() != sig.results.len() {
        return None;
    }
    let mut text = list(store, &sig.params, params, sig.variadic);
    match (&*sig.results, results) {
        ([], _) => {}
        ([one], [""]) => text.extend([" ", &store.show(*one)]),
        _ => text.extend([" ", &list(store, &sig.results, results, false)]),
    }
    Some(text)
}

/// Neighbours of one type have it in common: `(s, substr string)`.
fn list(store: &Store, types: &[TypeId], names: &[&str], variadic: bool) -> String {
    let mut text = String::from("(");
    let last = types.len().saturating_sub(1);
    for (at, (&ty, &name)) in types.iter().zip(names).enumerate() {
        text.push_str(if at > 0 { ", " } else { "" });
        text.push_str(name);
        let rest = variadic && at == last;
        let next_is_rest = variadic && at + 1 == last;
        if !name.is_empty() && types.get(at + 1) == Some(&ty) && !next_is_rest {
            continue;
        }
        text.push_str(if name.is_empty() { "" } else { " " });
        match store.get(ty) {
            Type::Slice(elem) if rest => text.extend(["...", &store.show(elem)]),
            _ => text.push_str(&store.show(ty)),
        }
    }
    text.push(')');
    text
}
