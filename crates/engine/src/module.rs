//! Where packages stand: the folders of a module, the import paths of its packages, and their order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gopeer_lint::{Build, CompanionKind};
use gopeer_rules::{build, module_path};

use crate::document::{Document, Kind};

/// Files of one folder with the same package clause are one package.
pub(crate) type PackageKey = (String, Option<String>);

/// A folder of a module, and what go.mod says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleFolder {
    /// As the names of the files have it.
    pub folder: String,
    /// Its import path.
    pub import_path: String,
    /// What it is built with.
    pub build: Arc<Build>,
}

pub(crate) fn package_key(document: &Document) -> PackageKey {
    let folder = document.name.rsplit_once('/').map_or("", |(folder, _)| folder);
    (folder.to_owned(), document.info.scope.package.clone())
}

/// The folders that hold a go.mod.
pub(crate) fn modules(others: Vec<&mut Document>) -> Vec<ModuleFolder> {
    let module = |document: &mut Document| {
        if document.kind != Kind::Companion(CompanionKind::GoMod) {
            return None;
        }
        let folder = document.name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let import_path = module_path(&document.text)?.to_owned();
        Some(ModuleFolder { folder, import_path, build: Arc::new(build(&document.text)) })
    };
    others.into_iter().filter_map(module).collect()
}

/// Modules by their folders.
pub(crate) struct Modules<'m>(BTreeMap<&'m str, &'m ModuleFolder>);

impl<'m> Modules<'m> {
    pub(crate) fn new(modules: &'m [ModuleFolder]) -> Modules<'m> {
        Modules(modules.iter().map(|module| (module.folder.as_str(), module)).collect())
    }

    /// The innermost module around a folder.
    pub(crate) fn around(&self, folder: &str) -> Option<&'m ModuleFolder> {
        fn outer<'f>(inner: &&'f str) -> Option<&'f str> {
            let inner: &'f str = inner;
            (!inner.is_empty()).then(|| inner.rsplit_once('/').map_or("", |(outer, _)| outer))
        }
        std::iter::successors(Some(folder), outer).find_map(|folder| self.0.get(folder).copied())
    }
}

/// The import path of a package: that of the innermost module around its folder, and the way from there. An import of the
/// folder means the package `importable`.
fn import_path((folder, name): &PackageKey, importable: Option<&str>, modules: &Modules<'_>) -> String {
    let Some(ModuleFolder { folder: root, import_path: path, .. }) = modules.around(folder) else {
        return String::new();
    };
    let rest = folder.strip_prefix(root.as_str()).unwrap_or(folder).trim_start_matches('/');
    let slash = if rest.is_empty() { "" } else { "/" };
    // What else stands in the folder of a package that can be imported is not that.
    let mark = match name.as_deref() {
        Some(name) if name.ends_with("_test") => "_test",
        Some("main") => " main",
        name if name == importable => "",
        _ => " other",
    };
    format!("{path}{slash}{rest}{mark}")
}

/// The name of the package that an import of a folder means: the package clause that the files of the build agree on, or
/// else all files.
pub(crate) fn importable<'d>(documents: &[&'d Document]) -> Option<&'d str> {
    let clauses = |built: bool| -> BTreeSet<&'d str> {
        let files = documents.iter().filter(|document| !(built && document.info.excluded));
        let names = files.filter_map(|document| document.info.scope.package.as_deref());
        // The go command ignores files of this name (`go help packages`).
        names.filter(|&name| name != "documentation" && !name.ends_with("_test")).collect()
    };
    let mut names = clauses(true);
    if names.is_empty() {
        names = clauses(false);
    }
    names.pop_first().filter(|_| names.is_empty())
}

/// The packages with their import paths, each after those it imports.
pub(crate) fn ordered(
    groups: &BTreeMap<PackageKey, Vec<&mut Document>>,
    modules: &Modules<'_>,
) -> Vec<(String, PackageKey)> {
    let path = |key: &PackageKey| {
        let of_folder = groups.range((key.0.clone(), None)..).take_while(|(other, _)| other.0 == key.0);
        let beside = of_folder.flat_map(|(_, group)| group);
        import_path(key, importable(&beside.map(|document| &**document).collect::<Vec<_>>()), modules)
    };
    let mut packages: Vec<(String, PackageKey)> = groups.keys().map(|key| (path(key), key.clone())).collect();
    let nodes =
        packages.iter().zip(groups.values()).map(|((path, _), group)| (path.as_str(), import_paths(group).collect()));
    let order = in_order(&nodes.collect::<Vec<_>>());
    order.into_iter().filter_map(|at| packages.get_mut(at).map(std::mem::take)).collect()
}

/// The places of packages, given by path and imports, so that each comes after those it imports. Where they import each
/// other in a circle, which Go forbids, one of them comes first.
pub(crate) fn in_order(packages: &[(&str, Vec<&str>)]) -> Vec<usize> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, (path, _)) in packages.iter().enumerate() {
        places.entry(path).or_default().push(at);
    }
    let mut ordered = Vec::with_capacity(packages.len());
    let mut begun = BTreeSet::new();
    let mut stack: Vec<(usize, bool)> = (0..packages.len()).rev().map(|at| (at, false)).collect();
    while let Some((at, done)) = stack.pop() {
        if done {
            ordered.push(at);
        } else if begun.insert(at)
            && let Some((_, imports)) = packages.get(at)
        {
            stack.push((at, true));
            let imports = imports.iter().filter_map(|import| places.get(import)).flatten();
            stack.extend(imports.map(|&import| (import, false)));
        }
    }
    ordered
}

/// The import paths that files name.
pub(crate) fn import_paths<'g>(group: &'g [&mut Document]) -> impl Iterator<Item = &'g str> {
    group.iter().flat_map(|document| &document.info.scope.imports).map(|import| import.path.as_str())
}
