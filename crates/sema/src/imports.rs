//! The file block: what a file imports.

use gopeer_syntax::Tree;
use gopeer_syntax::ast::{Decl, DeclId};

/// One import of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Import {
    /// The import path.
    pub path: String,
    /// The name it goes by in this file: `.`, `_`, the one given, or the package's own. None where that is not known.
    pub name: Option<String>,
    /// Whether the file gives the name. Otherwise it is the package's own as its path tells it, which may be wrong.
    pub given: bool,
}

/// Whether an import path begins with a host; those of the standard library do not (`go help importpath`).
pub fn has_host(path: &str) -> bool {
    path.split('/').next().is_some_and(|host| host.contains('.'))
}

/// What one file brings into scope, and what kind of file it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileScope {
    /// Name in the package clause; none for a fragment.
    pub package: Option<String>,
    /// The imports, in order.
    pub imports: Vec<Import>,
}

impl FileScope {
    /// Gathers the package clause and the imports from the trees of a file.
    pub fn of<'t>(trees: impl Iterator<Item = &'t Tree>) -> FileScope {
        let mut scope = FileScope::default();
        for tree in trees {
            for &root in tree.roots() {
                scope.add(tree, root);
            }
        }
        scope
    }

    fn add(&mut self, tree: &Tree, decl: DeclId) {
        match tree.decl(decl) {
            Decl::Package { name } => self.package = Some(tree.source(name).to_owned()),
            Decl::Group { specs, .. } => tree.decls(specs).iter().for_each(|&spec| self.add(tree, spec)),
            Decl::Import { name, path } => {
                let path = tree.source(path).trim_matches(['"', '`']).to_owned();
                let given = name.is_some();
                let name = match name {
                    Some(name) => Some(tree.source(name).to_owned()),
                    None => gopeer_api::package_name(&path).map(str::to_owned),
                };
                self.imports.push(Import { path, name, given });
            }
            _ => {}
        }
    }

    /// Whether this is pasted code without a package clause: packages it names without importing them are implied.
    pub fn is_fragment(&self) -> bool {
        self.package.is_none()
    }

    /// The index of the import that `name` refers to. What the file gives this name is meant before what a path tells.
    pub fn lookup(&self, name: &str) -> Option<usize> {
        let goes_by = |import: &Import| import.name.as_deref() == Some(name);
        let given = self.imports.iter().position(|import| import.given && goes_by(import));
        given.or_else(|| self.imports.iter().position(goes_by))
    }

    /// Whether the file imports `path`, by whatever name.
    pub fn imports(&self, path: &str) -> bool {
        self.imports.iter().any(|import| import.path == path)
    }

    /// Whether a dot import makes unresolved names undecidable.
    pub fn has_dot_import(&self) -> bool {
        self.imports.iter().any(|import| import.name.as_deref() == Some("."))
    }
}
