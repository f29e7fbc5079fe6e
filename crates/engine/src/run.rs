//! Brings a set of documents up to date: parse what changed, resolve, check types, run rules, keep what still holds.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use gopeer_api::Index;
use gopeer_lint::{CompanionKind, Dispatch, PackageView, PieceResult, PieceView};
use gopeer_rules::{go_minor, module_path};
use gopeer_sema::types::PkgId;
use gopeer_sema::{Checked, Facts, Import, Names, PackageScope, Source, SourceFile};
use gopeer_syntax::{GO_MINOR, Parser};

use crate::document::{Document, Examined, Kind, PieceState, hash_of};
#[cfg(feature = "embedded")]
use crate::importer::Importer;
use crate::types::Types;

/// The work that one run took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// Pieces parsed.
    pub(crate) parsed: u32,
    /// Pieces whose bodies were checked for types.
    pub(crate) checked: u32,
    /// Pieces that rules looked at.
    pub(crate) examined: u32,
}

/// What rules said of one document outside its pieces: file-wide rules and companion rules.
pub(crate) type FileResults = Vec<PieceResult>;

/// Files of one folder with the same package clause are one package.
pub(crate) type PackageKey = (String, Option<String>);

/// A package as the last run left it.
pub(crate) struct PackageState {
    /// Hash of all that its declarations say, function bodies aside, and of what it imports from its module.
    environment: u64,
    scope: PackageScope,
    pub(crate) checked: Checked,
    /// How many types there were after the first check: later ones add to the store and never take away.
    types: usize,
}

/// A folder of a module, and what go.mod says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleFolder {
    /// As the names of the files have it.
    pub folder: String,
    /// Its import path.
    pub import_path: String,
    /// The minor version of the Go that the module asks for.
    pub go_minor: Option<u32>,
}

/// A store that has grown to so many times its first size is built anew.
const GROWTH: usize = 4;

/// What a run works with.
pub(crate) struct Run<'r> {
    pub(crate) dispatch: &'r Dispatch,
    pub(crate) parser: &'r mut Parser,
    pub(crate) index: &'r Rc<Index>,
    /// Whether the files of a folder are all that there are.
    pub(crate) whole: bool,
    /// A folder of a module whose go.mod is not among the files.
    pub(crate) module: Option<&'r ModuleFolder>,
    /// None where types are not there yet.
    pub(crate) types: Option<&'static Types>,
    /// What is known of packages that are imported and not among the files.
    #[cfg(feature = "embedded")]
    pub(crate) importer: Option<&'r Importer>,
}

impl Run<'_> {
    /// Runs everything that is out of date. The results of pieces are kept in the documents; those of whole files come
    /// back, one per document.
    pub(crate) fn run(
        &mut self,
        documents: &mut [Document],
        packages: &mut BTreeMap<PackageKey, PackageState>,
    ) -> (FileResults, Work) {
        let mut work = Work::default();
        for document in documents.iter_mut() {
            document.refresh(self.parser);
            work.parsed += std::mem::take(&mut document.parsed);
        }
        let mut groups: BTreeMap<PackageKey, Vec<&mut Document>> = BTreeMap::new();
        let (of_go, others): (Vec<&mut Document>, Vec<&mut Document>) =
            documents.iter_mut().partition(|document| document.kind == Kind::Go);
        for document in of_go {
            groups.entry(package_key(document)).or_default().push(document);
        }
        // What has no package clause that can be read may declare names of any package.
        self.whole &= groups.keys().all(|(_, name)| name.is_some());
        let mut modules = modules(others);
        modules.extend(self.module.cloned());
        let mut old = std::mem::take(packages);
        for (path, key) in ordered(&groups, &modules) {
            let Some(group) = groups.get_mut(&key) else { continue };
            let imports: Vec<&PackageState> =
                packages.values().filter(|known| !known.checked.path().is_empty()).collect();
            let go_minor = around(&key.0, &modules).and_then(|module| module.go_minor);
            for document in group.iter_mut() {
                document.name_imports(|path| self.package_name(path, &imports));
                document.info.newer_go = go_minor.is_some_and(|minor| minor > GO_MINOR);
            }
            let hidden = tested(&path, &key, group, &imports);
            let mut others: Vec<&Checked> = hidden.iter().collect();
            others.extend(self.imported(group));
            let state = self.check(path, group, old.remove(&key), (&imports, &others), &mut work);
            for document in group {
                self.examine(document, &state, &mut work);
            }
            packages.insert(key, state);
        }
        let results = documents.iter().map(|document| self.run_file(document, packages)).collect();
        (results, work)
    }

    /// The name of a package of the module.
    fn package_name(&self, path: &str, known: &[&PackageState]) -> Option<String> {
        let store = known.iter().find(|known| *known.checked.path() == *path).map(|known| &known.checked.store);
        let name = store.map(|store| store.text(store.package(PkgId::SELF).name).to_string());
        let name = name.filter(|name| !name.is_empty());
        #[cfg(feature = "embedded")]
        let name = name.or_else(|| self.importer?.name(path).map(str::to_owned));
        name
    }

    /// The packages outside the session that these files rest on.
    fn imported(&self, group: &[&mut Document]) -> Vec<&Checked> {
        #[cfg(feature = "embedded")]
        if let Some(importer) = self.importer {
            return importer.below(self::imports(group));
        }
        let _ = group;
        Vec::new()
    }

    /// What the meaning of a name may rest on: everything but the insides of functions.
    fn environment(&self, path: &str, group: &[&mut Document], imports: &[&PackageState]) -> u64 {
        let of = |document: &&mut Document| {
            let shapes: Vec<u64> = document.pieces.iter().map(|piece| piece.shape).collect();
            hash_of((&document.info, shapes))
        };
        let wanted = |import: &&&PackageState| self::imports(group).any(|path| *path == *import.checked.path());
        // What an import rests on itself is in its own hash.
        let imports: Vec<u64> = imports.iter().filter(wanted).map(|import| import.environment).collect();
        let known = (self.types.is_some(), self.index.modules().len());
        hash_of((path, self.whole, known, imports, group.iter().map(of).collect::<Vec<u64>>()))
    }

    /// Gives all pieces of a package their names and facts.
    fn check(
        &self,
        path: String,
        group: &mut [&mut Document],
        known: Option<PackageState>,
        (imports, others): (&[&PackageState], &[&Checked]),
        work: &mut Work,
    ) -> PackageState {
        let environment = self.environment(&path, group, imports);
        let fresh =
            |known: &PackageState| known.environment == environment && known.checked.store.len() < known.types * GROWTH;
        if let Some(known) = known.filter(fresh)
            && self.check_new_pieces(group, environment, &known, work)
        {
            return known;
        }
        let scope = PackageScope::of(group.iter().flat_map(|document| document.trees()));
        let names = resolve(group, &scope);
        let name = group.first().and_then(|document| document.info.scope.package.clone()).unwrap_or_default();
        let imports: Vec<&Checked> =
            imports.iter().map(|import| &import.checked).chain(others.iter().copied()).collect();
        let sources = source(group, &names, self.whole);
        let checked = match self.types {
            Some(types) => (types.check)(&path, &name, &sources, Rc::clone(self.index), &imports),
            None => Checked::unchecked(&path, &name, &sources),
        };
        drop(sources);
        for ((document, names), facts) in group.iter_mut().zip(names).zip(&checked.facts) {
            for ((piece, names), facts) in document.pieces.iter_mut().zip(names).zip(facts) {
                work.checked += u32::from(self.types.is_some());
                piece.examined = Some(Examined { environment, names, facts: Rc::clone(facts), result: None });
            }
        }
        let types = checked.store.len();
        PackageState { environment, scope, checked, types }
    }

    /// The package's declarations are as they were: only pieces with new text are checked. False where that is not enough.
    fn check_new_pieces(
        &self,
        group: &mut [&mut Document],
        environment: u64,
        known: &PackageState,
        work: &mut Work,
    ) -> bool {
        let names = |document: &&mut Document| -> Vec<Arc<Names>> {
            let resolve = |piece: &PieceState| match &piece.examined {
                Some(examined) if examined.environment == environment => Arc::clone(&examined.names),
                _ => Arc::new(Names::resolve(&piece.tree, &document.info.scope, &known.scope)),
            };
            document.pieces.iter().map(resolve).collect()
        };
        let names: Vec<Vec<Arc<Names>>> = group.iter().map(names).collect();
        let mut found = Vec::new();
        let sources = source(group, &names, self.whole);
        for (file, document) in group.iter().enumerate() {
            for (piece, state) in document.pieces.iter().enumerate() {
                let current = state.examined.as_ref().is_some_and(|examined| examined.environment == environment);
                if !current {
                    let facts = match self.types {
                        Some(types) => (types.check_again)(&known.checked, &sources, file as u32, piece as u32),
                        None => Some(Facts::default()),
                    };
                    let Some(facts) = facts else { return false };
                    found.push((file, piece, Rc::new(facts)));
                }
            }
        }
        drop(sources);
        for (file, piece, facts) in found {
            let names = names.get(file).and_then(|names| names.get(piece)).map(Arc::clone);
            let state = group.get_mut(file).and_then(|document| document.pieces.get_mut(piece));
            if let (Some(state), Some(names)) = (state, names) {
                work.checked += u32::from(self.types.is_some());
                state.examined = Some(Examined { environment, names, facts, result: None });
            }
        }
        true
    }

    fn examine(&self, document: &mut Document, package: &PackageState, work: &mut Work) {
        let view_of = PackageView { scope: &package.scope, store: &package.checked.store };
        for piece in &mut document.pieces {
            let Some(view) = view(piece) else { continue };
            if let Some(examined) = piece.examined.as_mut().filter(|examined| examined.result.is_none()) {
                work.examined += 1;
                examined.result = Some(Arc::new(self.dispatch.run_piece(&view, &document.info, view_of)));
            }
        }
    }

    fn run_file(&self, document: &Document, packages: &BTreeMap<PackageKey, PackageState>) -> PieceResult {
        match document.kind {
            Kind::Go => {
                let views: Vec<PieceView> = document.pieces.iter().filter_map(view).collect();
                let Some(package) = packages.get(&package_key(document)) else { return PieceResult::default() };
                let package = PackageView { scope: &package.scope, store: &package.checked.store };
                self.dispatch.run_file(&views, &document.info, package)
            }
            Kind::Companion(kind) => self.dispatch.run_companion(kind, &document.name, &document.text),
            Kind::Other => PieceResult::default(),
        }
    }
}

pub(crate) fn package_key(document: &Document) -> PackageKey {
    let folder = document.name.rsplit_once('/').map_or("", |(folder, _)| folder);
    (folder.to_owned(), document.info.scope.package.clone())
}

/// The folders that hold a go.mod.
fn modules(others: Vec<&mut Document>) -> Vec<ModuleFolder> {
    let module = |document: &mut Document| {
        if document.kind != Kind::Companion(CompanionKind::GoMod) {
            return None;
        }
        let folder = document.name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let import_path = module_path(&document.text)?.to_owned();
        Some(ModuleFolder { folder, import_path, go_minor: go_minor(&document.text) })
    };
    others.into_iter().filter_map(module).collect()
}

/// The innermost module around a folder.
fn around<'m>(folder: &str, modules: &'m [ModuleFolder]) -> Option<&'m ModuleFolder> {
    let inside = |module: &&ModuleFolder| {
        let rest = folder.strip_prefix(module.folder.as_str());
        module.folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    modules.iter().filter(inside).max_by_key(|module| module.folder.len())
}

/// The import path of a package: that of the innermost module around its folder, and the way from there. An import of the
/// folder means the package `importable`.
fn import_path((folder, name): &PackageKey, importable: Option<&str>, modules: &[ModuleFolder]) -> String {
    let Some(ModuleFolder { folder: root, import_path: path, .. }) = around(folder, modules) else {
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

/// What an external test package may mean by an import of the package that it tests, where that is not in the session:
/// neither an index nor the folder's other files answer for it, because test files add to it.
fn tested(path: &str, (_, name): &PackageKey, group: &[&mut Document], known: &[&PackageState]) -> Vec<Checked> {
    let Some(tested) = name.as_deref().and_then(|name| name.strip_suffix("_test")) else { return Vec::new() };
    let of_module = path.strip_suffix("_test").filter(|path| !path.is_empty());
    let mut hidden: BTreeSet<&str> = match of_module {
        Some(path) => BTreeSet::from([path]),
        None => {
            let imports = group.iter().flat_map(|document| &document.info.scope.imports);
            let may_be = |import: &&Import| {
                import.path.rsplit('/').next() == Some(tested) || import.name.as_deref() == Some(tested)
            };
            imports.filter(may_be).map(|import| import.path.as_str()).collect()
        }
    };
    hidden.retain(|path| known.iter().all(|known| *known.checked.path() != **path));
    hidden.into_iter().map(Checked::unknown).collect()
}

/// The packages with their import paths, each after those it imports.
fn ordered(groups: &BTreeMap<PackageKey, Vec<&mut Document>>, modules: &[ModuleFolder]) -> Vec<(String, PackageKey)> {
    let path = |key: &PackageKey| {
        let beside = groups.iter().filter(|(other, _)| other.0 == key.0).flat_map(|(_, group)| group);
        import_path(key, importable(&beside.map(|document| &**document).collect::<Vec<_>>()), modules)
    };
    let mut packages: Vec<(String, PackageKey)> = groups.keys().map(|key| (path(key), key.clone())).collect();
    let nodes =
        packages.iter().zip(groups.values()).map(|((path, _), group)| (path.as_str(), imports(group).collect()));
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
fn imports<'g>(group: &'g [&mut Document]) -> impl Iterator<Item = &'g str> {
    group.iter().flat_map(|document| &document.info.scope.imports).map(|import| import.path.as_str())
}

/// The names of all pieces, by file.
pub(crate) fn resolve(group: &[&mut Document], scope: &PackageScope) -> Vec<Vec<Arc<Names>>> {
    let names = |document: &&mut Document| {
        document.trees().map(|tree| Arc::new(Names::resolve(tree, &document.info.scope, scope))).collect()
    };
    group.iter().map(names).collect()
}

pub(crate) fn source<'s>(group: &'s [&mut Document], names: &'s [Vec<Arc<Names>>], whole: bool) -> Source<'s> {
    let file = |(document, names): (&'s &mut Document, &'s Vec<Arc<Names>>)| SourceFile {
        scope: &document.info.scope,
        excluded: document.info.excluded,
        pieces: document.trees().zip(names.iter().map(|names| &**names)).collect(),
    };
    Source { files: group.iter().zip(names).map(file).collect(), whole }
}

fn view(piece: &PieceState) -> Option<PieceView> {
    let examined = piece.examined.as_ref()?;
    Some(PieceView {
        start: piece.start,
        tree: Arc::clone(&piece.tree),
        names: Arc::clone(&examined.names),
        facts: Rc::clone(&examined.facts),
    })
}
