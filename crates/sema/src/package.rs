//! The package block: names declared at the top level of any file of the package.

use std::collections::BTreeMap;

use gopeer_syntax::Tree;
use gopeer_syntax::ast::{Decl, DeclId, GroupKind};

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
        let mut scope = PackageScope::default();
        for tree in trees {
            for &root in tree.roots() {
                scope.add(tree, root, GroupKind::Var);
            }
        }
        scope
    }

    fn add(&mut self, tree: &Tree, decl: DeclId, group: GroupKind) {
        match tree.decl(decl) {
            Decl::Group { kind, specs, .. } => tree.decls(specs).iter().for_each(|&spec| self.add(tree, spec, kind)),
            Decl::Value { names, .. } => {
                let kind = if group == GroupKind::Const { ObjectKind::Const } else { ObjectKind::Var };
                for &name in tree.exprs(names) {
                    self.names.insert(tree.source(name).to_owned(), kind);
                }
            }
            Decl::Type { name, .. } => {
                self.names.insert(tree.source(name).to_owned(), ObjectKind::Type);
            }
            Decl::Func { recv, name, .. } if recv.is_empty() => {
                self.names.insert(tree.source(name).to_owned(), ObjectKind::Func);
            }
            _ => {}
        }
    }

    /// What `name` is at package level.
    pub fn lookup(&self, name: &str) -> Option<ObjectKind> {
        self.names.get(name).copied()
    }
}
