//! The file block: what a file imports.

use std::collections::BTreeMap;

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
    /// The imports, in order; changed by [`FileScope::rename`] alone.
    pub imports: Vec<Import>,
    by_name: BTreeMap<String, Vec<u32>>,
    by_path: BTreeMap<String, u32>,
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
        scope.rename(|_| ());
        scope
    }

    /// Changes the names of imports.
    pub fn rename(&mut self, change: impl FnMut(&mut Import)) {
        self.imports.iter_mut().for_each(change);
        self.by_name.clear();
        self.by_path.clear();
        for (index, import) in self.imports.iter().enumerate() {
            self.by_path.entry(import.path.clone()).or_insert(index as u32);
            if let Some(name) = &import.name {
                self.by_name.entry(name.clone()).or_default().push(index as u32);
            }
        }
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
        let all = self.by_name.get(name)?;
        let given = all.iter().find(|&&index| self.imports.get(index as usize).is_some_and(|import| import.given));
        given.or_else(|| all.first()).map(|&index| index as usize)
    }

    /// The index of the first import of `path` that goes by `name`.
    pub(crate) fn index_of(&self, name: &str, path: &str) -> Option<usize> {
        let is = |index: &&u32| self.imports.get(**index as usize).is_some_and(|import| import.path == path);
        self.by_name.get(name)?.iter().find(is).map(|&index| index as usize)
    }

    /// The imports that go by a name, in order.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Import> {
        let all = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(|&index| self.imports.get(index as usize))
    }

    /// The first import of `path`.
    pub fn import_of(&self, path: &str) -> Option<&Import> {
        self.by_path.get(path).and_then(|&index| self.imports.get(index as usize))
    }

    /// Whether the file imports the module `path` or a package inside.
    pub fn imports_module(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        let next = self.by_path.range(inside.clone()..).next();
        self.imports(path) || next.is_some_and(|(other, _)| other.starts_with(&inside))
    }

    /// Whether the file imports `path`, by whatever name.
    pub fn imports(&self, path: &str) -> bool {
        self.by_path.contains_key(path)
    }

    /// Whether a dot import makes unresolved names undecidable.
    pub fn has_dot_import(&self) -> bool {
        self.by_name.contains_key(".")
    }
}
