//! The package block: names declared at the top level of any file of the package.

use gopeer_syntax::Tree;
use gopeer_syntax::ast::{Decl, DeclId, ExprId, GroupKind};
use std::collections::BTreeMap;

/// What a package-level name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum ObjectKind {
    Func,
    Var,
    Const,
    Type,
}

/// The package-level names of a package. Methods are not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PackageScope {
    names: BTreeMap<String, ObjectKind>,
}

impl PackageScope {
    /// Gathers the names from all trees of all files of the package.
    pub fn of<'t>(trees: impl Iterator<Item = &'t Tree>) -> PackageScope {
        let mut names = Vec::new();
        for tree in trees {
            for &root in tree.roots() {
                declared(tree, root, GroupKind::Var, &mut |name, kind| {
                    names.push((tree.source(name).to_owned(), kind));
                });
            }
        }
        PackageScope { names: names.into_iter().collect() }
    }

    /// Adds a name.
    pub fn add(&mut self, name: &str, kind: ObjectKind) {
        self.names.insert(name.to_owned(), kind);
    }

    /// What `name` is at package level.
    pub fn lookup(&self, name: &str) -> Option<ObjectKind> {
        self.names.get(name).copied()
    }
}

fn declared(tree: &Tree, decl: DeclId, group: GroupKind, add: &mut dyn FnMut(ExprId, ObjectKind)) {
    match tree.decl(decl) {
        Decl::Group { kind, specs, .. } => tree.decls(specs).iter().for_each(|&spec| declared(tree, spec, kind, add)),
        Decl::Value { names, .. } => {
            let kind = if group == GroupKind::Const { ObjectKind::Const } else { ObjectKind::Var };
            tree.exprs(names).iter().for_each(|&name| add(name, kind));
        }
        Decl::Type { name, .. } => add(name, ObjectKind::Type),
        Decl::Func { recv, name, .. } if recv.is_empty() => add(name, ObjectKind::Func),
        _ => {}
    }
}
