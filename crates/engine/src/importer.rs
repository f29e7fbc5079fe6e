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
use crate::module::importable;
use crate::protocol::FileText;
use crate::run::{resolve, source};

/// Gives the Go files of the package of an import path, all or none.
pub type ReadPackage = Box<dyn Fn(&str) -> Vec<FileText>>;

/// How many types the packages that are kept may have, together. A type takes about 400 bytes, with all that hangs on it,
/// and a module of a million lines has a hundred thousand.
const MAX_TYPES: usize = 400_000;

/// Reads packages, and keeps what they declare.
pub(crate) struct Importer {
    read: ReadPackage,
    /// By import path; none where there is no such package.
    known: BTreeMap<String, Option<Imported>>,
    /// What was asked for last.
    wanted: Vec<String>,
    /// Whether there was no room for some of it.
    partial: bool,
    max_types: usize,
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

/// What is still to be done to know a package.
enum Step {
    Read(String),
    /// Those that it imports have been read.
    Check(Unchecked),
}

impl Importer {
    pub(crate) fn new(read: ReadPackage) -> Importer {
        Importer { read, known: BTreeMap::new(), wanted: Vec::new(), partial: false, max_types: MAX_TYPES }
    }

    /// Reads and checks what these documents import, and what that rests on, unless it is known. Packages of the standard
    /// library that the index has are not read. Where there are too many types, packages stay unknown.
    pub(crate) fn load(&mut self, documents: &[Document], parser: &mut Parser, index: &mut Rc<Index>) {
        let imports = documents.iter().flat_map(|document| &document.info.scope.imports);
        let wanted: Vec<String> = imports.map(|import| import.path.clone()).collect();
        if wanted == self.wanted {
            return;
        }
        // What is known must not depend on what was asked for before, which may have taken the room.
        let kept = !std::mem::take(&mut self.partial) && self.known.values().any(Option::is_some);
        if !(kept && self.carry_out(&wanted, parser, index)) {
            self.known.clear();
            self.partial = !self.carry_out(&wanted, parser, index);
        }
        self.wanted = wanted;
    }

    /// Says whether there was room for all. Each package is checked as soon as those it imports are: trees are large, and
    /// then needed no more.
    fn carry_out(&mut self, wanted: &[String], parser: &mut Parser, index: &mut Rc<Index>) -> bool {
        let (mut types, mut room) = (self.types(), true);
        let mut steps: Vec<Step> = wanted.iter().cloned().map(Step::Read).collect();
        while let Some(step) = steps.pop() {
            let path = match step {
                Step::Read(path) if self.known.contains_key(&path) => continue,
                Step::Read(path) => path,
                Step::Check(package) => {
                    types += self.check(package, index);
                    continue;
                }
            };
            let known = is_indexed(&path, index);
            let full = types > self.max_types;
            room &= known || !full;
            let package = if known || full { None } else { outlined(&path, (self.read)(&path), parser) };
            self.known.insert(path, None);
            if let Some(package) = package {
                let modules = package.imports.iter().filter_map(|path| manifest::module_for(path));
                modules.for_each(|entry| add_embedded(entry, index));
                let imports: Vec<Step> = package.imports.iter().cloned().map(Step::Read).collect();
                steps.push(Step::Check(package));
                steps.extend(imports);
            }
        }
        room
    }

    fn types(&self) -> usize {
        self.known.values().flatten().map(|package| package.checked.store.len()).sum()
    }

    /// Checks a package, keeps it, and says how many types it has.
    fn check(&mut self, mut package: Unchecked, index: &Rc<Index>) -> usize {
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
        let types = checked.store.len();
        let Unchecked { path, name, imports, .. } = package;
        self.known.insert(path, Some(Imported { checked, name, imports }));
        types
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Loads what a file imports with room for so many types; `read` gets the paths that are read, in order.
    fn load(importer: &mut Importer, imports: &[&str]) {
        let imports: Vec<String> = imports.iter().map(|path| format!("import {path:?}\n")).collect();
        let mut document = Document::new("a.go".to_owned(), format!("package a\n\n{}", imports.concat()));
        let mut parser = Parser::new();
        document.refresh(&mut parser);
        importer.load(&[document], &mut parser, &mut Rc::default());
    }

    /// An importer of packages `x/0`, `x/1` and so on, each of which has some types and imports none; `x/all` imports
    /// fifty of them. The paths that are read are written down.
    fn importer(max_types: usize) -> (Importer, Rc<RefCell<Vec<String>>>) {
        let read: Rc<RefCell<Vec<String>>> = Rc::default();
        let log = Rc::clone(&read);
        let files = move |path: &str| {
            log.borrow_mut().push(path.to_owned());
            let text = match path {
                "x/all" => (0..50).map(|at| format!("import x{at} \"x/{at}\"\nvar _ x{at}.T\n")).collect(),
                _ => (0..20).map(|size| format!("type T{size} [{size}]*T\n")).collect::<String>() + "type T int\n",
            };
            vec![FileText { name: format!("{path}/a.go"), text: format!("package p\n\n{text}") }]
        };
        (Importer { max_types, ..Importer::new(Box::new(files)) }, read)
    }

    #[test]
    fn what_is_read_is_bounded() {
        let (mut roomy, read) = importer(MAX_TYPES);
        load(&mut roomy, &["x/all"]);
        assert_eq!(read.borrow().len(), 51);
        let (mut importer, read) = importer(roomy.types() / 2);
        load(&mut importer, &["x/all"]);
        assert!((10..40).contains(&read.borrow().len()), "{read:?}");
        assert!(importer.types() < roomy.types() * 2 / 3);
    }

    #[test]
    fn nothing_is_read_twice_for_the_same_files() {
        for max_types in [MAX_TYPES, 1_000] {
            let (mut importer, read) = importer(max_types);
            load(&mut importer, &["x/all"]);
            let once = read.borrow().len();
            load(&mut importer, &["x/all"]);
            assert_eq!(read.borrow().len(), once, "room for {max_types} types");
        }
    }

    #[test]
    fn what_is_known_does_not_depend_on_what_was_read_before() {
        let (mut importer, read) = importer(1_000);
        load(&mut importer, &["x/all"]);
        read.borrow_mut().clear();
        load(&mut importer, &["x/0", "x/1"]);
        assert!(importer.name("x/0").is_some() && importer.name("x/1").is_some());
        assert!(importer.name("x/all").is_none(), "it made room");
    }
}
