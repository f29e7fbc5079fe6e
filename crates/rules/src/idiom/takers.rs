//! Parameters and fields of plain types, for which constants of a package are meant.

use gopeer_lint::prelude::*;

/// What plain constants, parameters and fields hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
}

/// A parameter or field that takes any text or any number.
pub(super) struct Taker {
    pub(super) kind: Kind,
    /// The words of its name.
    name: Vec<String>,
    /// The words of the name of its function or struct.
    owner: Vec<String>,
    pub(super) described: String,
}

impl Taker {
    /// Whether the constants that share these words are meant for it: `Status` of `Job` for `job`, `status`.
    pub(super) fn is_for(&self, shared: &[String]) -> bool {
        let has = |word: &String| self.owner.iter().chain(&self.name).any(|own| own.starts_with(word.as_str()));
        self.name.last() == shared.last() && shared.iter().all(has)
    }
}

pub(super) fn add_takers(cx: &Cx, root: DeclId, takers: &mut Vec<Taker>) {
    let mut add = |what: &str, owner: ExprId, list: FieldList| {
        for (name, ty) in cx.params(list) {
            let (Some(name), Some(kind)) = (name, plain_type(cx, ty)) else { continue };
            let (name, owner) = (cx.source(name), cx.source(owner));
            let described = format!("the {what} `{name}` of `{owner}`");
            takers.push(Taker { kind, name: words(name), owner: words(owner), described });
        }
    };
    match cx.decl(root) {
        Decl::Func { name, ty, .. } => {
            if let Expr::FuncType { params, .. } = cx.expr(ty) {
                add("parameter", name, params);
            }
        }
        Decl::Group { kind: GroupKind::Type, specs, .. } => {
            for &spec in cx.tree.decls(specs) {
                if let Decl::Type { name, ty, .. } = cx.decl(spec)
                    && let Expr::StructType { fields, .. } = cx.expr(ty)
                {
                    add("field", name, fields);
                }
            }
        }
        _ => {}
    }
}

pub(super) fn plain_type(cx: &Cx, ty: ExprId) -> Option<Kind> {
    let is = |names: &[&str]| names.iter().any(|name| cx.is_builtin(ty, name));
    if is(&["string"]) {
        Some(Kind::Text)
    } else if is(&["int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "byte"]) {
        Some(Kind::Number)
    } else {
        None
    }
}
