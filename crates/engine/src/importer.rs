//! Packages that a session's files import and that the session has no files of: what they declare, read when first asked
//! for (cf. go/types' `Importer`).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use gopeer_api::Index;
use gopeer_api::manifest::{self, Entry};
use gopeer_sema::{Checked, Def, Names, PackageScope};
use gopeer_syntax::ast::{Expr, Node};
use gopeer_syntax::{Parser, outline};

use crate::document::Document;
use crate::module::{importable, in_order};
use crate::protocol::FileText;
use crate::run::{resolve, source};

/// Gives the Go files of the package of an import path, all or none.
pub type ReadPackage = Box<dyn Fn(&str) -> Vec<FileText>>;

/// How many types the packages that are kept may have, together: when there are more, all are forgotten. A type takes about
/// 400 bytes, with all that hangs on it, and a module of a million lines has a hundred thousand.
const MAX_TYPES: usize = 1_000_000;

/// Reads packages, and keeps what they declare.
pub(crate) struct Importer {
    read: ReadPackage,
    /// By import path; none where there is no such package.
    known: BTreeMap<String, Option<Imported>>,
}

/// A package of which only the declarations were checked.
struct Imported {
    checked: Checked,
    name: String,
    imports: Vec<String>,
}

/// A package that is read and not yet checked.
struct Unchecked {
    path: String,
    name: String,
    documents: Vec<Document>,
    names: Vec<Vec<Arc<Names>>>,
    imports: Vec<String>,
}

impl Importer {
    pub(crate) fn new(read: ReadPackage) -> Importer {
        Importer { read, known: BTreeMap::new() }
    }

    /// Reads and checks what these documents import, and what that rests on. Packages of the standard library that the
    /// index has are not read.
    pub(crate) fn load(&mut self, documents: &[Document], parser: &mut Parser, index: &mut Rc<Index>) {
        let types: usize = self.known.values().flatten().map(|package| package.checked.store.len()).sum();
        if types > MAX_TYPES {
            self.known.clear();
        }
        let imports = documents.iter().flat_map(|document| &document.info.scope.imports);
        let mut wanted: Vec<String> = imports.map(|import| import.path.clone()).collect();
        let mut found: Vec<Unchecked> = Vec::new();
        while let Some(path) = wanted.pop() {
            if self.known.contains_key(&path) {
                continue;
            }
            let package = if is_indexed(&path, index) { None } else { outlined(&path, (self.read)(&path), parser) };
            self.known.insert(path, None);
            if let Some(package) = package {
                let modules = package.imports.iter().filter_map(|path| manifest::module_for(path));
                modules.for_each(|entry| add_embedded(entry, index));
                wanted.extend(package.imports.iter().cloned());
                found.push(package);
            }
        }
        self.check_all(found, index);
    }

    fn check_all(&mut self, mut found: Vec<Unchecked>, index: &Rc<Index>) {
        let nodes =
            found.iter().map(|package| (package.path.as_str(), package.imports.iter().map(String::as_str).collect()));
        for at in in_order(&nodes.collect::<Vec<_>>()) {
            let Some(package) = found.get_mut(at) else { continue };
            let checked = self.check(package, index);
            // Trees are large, and needed no more.
            (package.documents, package.names) = (Vec::new(), Vec::new());
            let (name, imports) = (std::mem::take(&mut package.name), std::mem::take(&mut package.imports));
            self.known.insert(std::mem::take(&mut package.path), Some(Imported { checked, name, imports }));
        }
    }

    fn check(&self, package: &mut Unchecked, index: &Rc<Index>) -> Checked {
        let mut group: Vec<&mut Document> = package.documents.iter_mut().collect();
        let name = |document: &mut &mut Document| document.name_imports(|path| self.name(path).map(str::to_owned));
        if group.iter_mut().map(name).fold(false, |any, changed| any | changed) {
            package.names = resolve(&group, &scope(&group));
        }
        let whole = group.iter().all(|document| document.info.scope.package.is_some());
        let source = source(&group, &package.names, whole);
        let imports = self.below(package.imports.iter().map(String::as_str));
        let mut checked = Checked::in_module(&package.path, &package.name, &source, Rc::clone(index), &imports);
        checked.facts = Vec::new();
        checked
    }

    /// The name in the package clause of a package that is known.
    pub(crate) fn name(&self, path: &str) -> Option<&str> {
        Some(&self.known.get(path)?.as_ref()?.name)
    }

    /// The packages of these paths, and those that they rest on.
    pub(crate) fn below<'s, 'p>(&'s self, paths: impl Iterator<Item = &'p str>) -> Vec<&'s Checked> {
        let mut wanted: Vec<&str> = paths.collect();
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        while let Some(path) = wanted.pop() {
            if let Some(Some(package)) = self.known.get(path)
                && seen.insert(path)
            {
                wanted.extend(package.imports.iter().map(String::as_str));
                found.push(&package.checked);
            }
        }
        found
    }
}

/// Whether the index of the standard library says all that the package exports.
fn is_indexed(path: &str, index: &Index) -> bool {
    index.package(path).is_some_and(|package| package.complete() && package.module().path() == "std")
}

/// Adds a module of the index, unless it is there.
pub(crate) fn add_embedded(entry: &Entry, index: &mut Rc<Index>) {
    if !index.modules().iter().any(|module| module.path() == entry.path)
        && let Some(module) = gopeer_api::embedded::module(entry.stem)
    {
        Rc::make_mut(index).add(module);
    }
}

/// The package that these files are, without the bodies of its functions.
fn outlined(path: &str, files: Vec<FileText>, parser: &mut Parser) -> Option<Unchecked> {
    let of_package = files.into_iter().filter(|file| !file.name.ends_with("_test.go"));
    let mut documents: Vec<Document> = of_package.map(|file| Document::new(file.name, outline(&file.text))).collect();
    documents.iter_mut().for_each(|document| document.refresh(parser));
    let name = importable(&documents.iter().collect::<Vec<_>>())?.to_owned();
    // What has no package clause that can be read may belong to any package.
    documents.retain(|document| document.info.scope.package.as_ref().is_none_or(|clause| *clause == name));
    let group: Vec<&mut Document> = documents.iter_mut().collect();
    let names = resolve(&group, &scope(&group));
    let needed: BTreeSet<&str> =
        group.iter().zip(&names).flat_map(|(document, names)| needed(document, names)).collect();
    let imports = needed.into_iter().map(str::to_owned).collect();
    Some(Unchecked { path: path.to_owned(), name, imports, documents, names })
}

fn scope(group: &[&mut Document]) -> PackageScope {
    PackageScope::of(group.iter().flat_map(|document| document.trees()))
}

/// The imports that the declarations of a file may rest on: those they name. Where a name could be that of any import,
/// because a package need not be called as its path ends, all.
fn needed<'d>(document: &'d Document, names: &[Arc<Names>]) -> Vec<&'d str> {
    let (mut used, mut open) = (BTreeSet::new(), false);
    for (tree, names) in document.trees().zip(names) {
        for (id, expr) in tree.all_exprs() {
            match expr {
                Expr::Ident if !matches!(tree.parent(id), Some(Node::Decl(_))) => {
                    if let Def::Import(import) = names.def(id) {
                        used.insert(import as usize);
                    }
                }
                Expr::Selector { base, .. } => {
                    open |= tree.expr(base) == Expr::Ident && names.def(base) == Def::Unknown
                }
                _ => {}
            }
        }
    }
    let imports = document.info.scope.imports.iter().enumerate();
    let needed = imports.filter(|(at, import)| open || used.contains(at) || import.name.as_deref() == Some("."));
    needed.map(|(_, import)| import.path.as_str()).collect()
}
