//! Brings a set of documents up to date: parse what changed, resolve, check types, run rules, keep what still holds.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use gopeer_api::Index;
use gopeer_lint::{Answers, Dispatch, FileInfo, Functions, PackageView, PieceResult, PieceView};
use gopeer_sema::types::PkgId;
use gopeer_sema::{Checked, Import, Importer, Names, PackageScope, Source, SourceFile};
use gopeer_syntax::{Parser, Progress};

use crate::document::{Document, Examined, Kind, PieceState, hash_of};
#[cfg(feature = "embedded")]
use crate::library::Library;
use crate::module::{ModuleFolder, Modules, PackageKey, import_paths, modules, ordered, package_key};
use crate::questions;

/// The work that one run took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// Pieces parsed.
    pub(crate) parsed: u32,
    /// Pieces whose bodies were checked for types.
    pub(crate) checked: u32,
    /// Pieces that rules looked at.
    pub(crate) examined: u32,
    /// Questions about functions that were answered by looking at their bodies.
    pub(crate) solved: u32,
}

/// What rules said of one document outside its pieces: file-wide rules and companion rules.
pub(crate) type FileResults = Vec<Rc<PieceResult>>;

/// A package as the last run left it.
pub(crate) struct PackageState {
    /// Hash of all that its declarations say, function bodies aside, and of what it imports from its module.
    environment: u64,
    pub(crate) scope: PackageScope,
    pub(crate) checked: Checked,
    /// How many types there were after the first check: later ones add to the store and never take away.
    types: usize,
    /// What was found out about its functions.
    answers: Answers,
}

impl PackageState {
    /// What rules see of it.
    pub(crate) fn view(&self) -> PackageView<'_> {
        PackageView { scope: &self.scope, store: &self.checked.store, functions: None }
    }
}

/// A store that has grown to so many times its first size is built anew.
const GROWTH: usize = 4;

/// What a run works with.
pub(crate) struct Run<'r> {
    pub(crate) dispatch: &'r Dispatch,
    pub(crate) parser: &'r mut Parser,
    pub(crate) progress: &'r Progress,
    pub(crate) index: &'r Rc<Index>,
    /// Whether the files of a folder are all that there are.
    pub(crate) whole: bool,
    /// A folder of a module whose go.mod is not among the files.
    pub(crate) module: Option<&'r ModuleFolder>,
    /// What the reader said of what code does not show.
    pub(crate) said: &'r questions::Answers,
    /// What is known of packages that are imported and not among the files.
    #[cfg(feature = "embedded")]
    pub(crate) importer: Option<&'r Rc<Library>>,
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
        let modules = Modules::new(&modules);
        let mut old = std::mem::take(packages);
        let mut by_path: BTreeMap<String, PackageKey> = BTreeMap::new();
        for (path, key) in ordered(&groups, &modules) {
            let Some(group) = groups.get_mut(&key) else { continue };
            let known = Known { packages, by_path: &by_path };
            let build = match modules.around(&key.0) {
                Some(module) => Arc::clone(&module.build),
                None => {
                    let file = group.first().map(|document| Arc::clone(&document.config)).unwrap_or_default();
                    Arc::new(questions::build(self.said, &file.assume))
                }
            };
            for document in group.iter_mut() {
                document.name_imports(|path| self.package_name(path, &known));
                document.info.build = Arc::clone(&build);
            }
            let hidden = tested(&path, &key, group, &known);
            let others: Vec<&Checked> = hidden.iter().collect();
            let state = self.check(path.clone(), group, old.remove(&key), (&known, &others), &mut work);
            self.examine(group, &state, &mut work);
            if !path.is_empty() {
                by_path.entry(path).or_insert_with(|| key.clone());
            }
            packages.insert(key, state);
        }
        let results = documents.iter_mut().map(|document| self.run_file(document, packages)).collect();
        (results, work)
    }

    /// The name of a package of the module.
    fn package_name(&self, path: &str, known: &Known<'_>) -> Option<String> {
        let store = known.get(path).map(|known| &known.checked.store);
        let name = store.map(|store| store.text(store.package(PkgId::SELF).name).to_string());
        let name = name.filter(|name| !name.is_empty());
        #[cfg(feature = "embedded")]
        let name = name.or_else(|| Some(self.importer?.package_name(path)?.to_string()));
        name
    }

    /// What finds the packages outside the session that files import.
    fn importer(&self) -> Option<Weak<dyn Importer>> {
        #[cfg(feature = "embedded")]
        return self.importer.map(|importer| Rc::downgrade(importer) as Weak<dyn Importer>);
        #[cfg(not(feature = "embedded"))]
        None
    }

    /// What the meaning of a name may rest on: everything but the insides of functions.
    fn environment(&self, path: &str, group: &[&mut Document], known: &Known<'_>) -> u64 {
        let of = |document: &&mut Document| {
            let shapes: Vec<u64> = document.pieces.iter().map(|piece| piece.shape).collect();
            hash_of((&document.info, shapes))
        };
        // What an import rests on itself is in its own hash.
        let imports: Vec<u64> = known.imported(group).iter().map(|import| import.environment).collect();
        hash_of((path, self.whole, self.index.modules().len(), imports, group.iter().map(of).collect::<Vec<u64>>()))
    }

    /// Gives all pieces of a package their names and facts.
    fn check(
        &self,
        path: String,
        group: &mut [&mut Document],
        known: Option<PackageState>,
        (packages, others): (&Known<'_>, &[&Checked]),
        work: &mut Work,
    ) -> PackageState {
        let environment = self.environment(&path, group, packages);
        let fresh =
            |known: &PackageState| known.environment == environment && known.checked.store.len() < known.types * GROWTH;
        if let Some(known) = known.filter(fresh)
            && self.check_new_pieces(group, environment, &known, work)
        {
            return known;
        }
        let scope = PackageScope::of(group.iter().flat_map(|document| document.trees()));
        self.progress.step();
        let names = resolve(group, &scope);
        self.progress.step();
        let name = group.first().and_then(|document| document.info.scope.package.clone()).unwrap_or_default();
        let imports = packages.imported(group).into_iter().map(|import| &import.checked);
        let imports: Vec<&Checked> = imports.chain(others.iter().copied()).collect();
        let sources = self.source(group, &names);
        let checked = Checked::in_module(&path, &name, &sources, Rc::clone(self.index), &imports, self.importer());
        drop(sources);
        for ((document, names), facts) in group.iter_mut().zip(names).zip(&checked.facts) {
            for ((piece, names), facts) in document.pieces.iter_mut().zip(names).zip(facts) {
                work.checked += 1;
                piece.examined = Some(Examined { environment, names, facts: Rc::clone(facts), result: None });
            }
        }
        let types = checked.store.len();
        PackageState { environment, scope, checked, types, answers: Answers::default() }
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
        let sources = self.source(group, &names);
        for (file, document) in group.iter().enumerate() {
            for (piece, state) in document.pieces.iter().enumerate() {
                let current = state.examined.as_ref().is_some_and(|examined| examined.environment == environment);
                if !current {
                    let facts = known.checked.check_again(&sources, file as u32, piece as u32);
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
                work.checked += 1;
                state.examined = Some(Examined { environment, names, facts, result: None });
            }
        }
        true
    }

    fn source<'s>(&self, group: &'s [&mut Document], names: &'s [Vec<Arc<Names>>]) -> Source<'s> {
        Source { progress: self.progress.clone(), ..source(group, names, self.whole) }
    }

    /// Runs the rules over the pieces of a package that are new, or that asked something which has another answer now.
    fn examine(&self, group: &mut [&mut Document], package: &PackageState, work: &mut Work) {
        let mut results = Vec::new();
        {
            let view_of = package.view();
            let functions = Functions::new(functions(group), view_of, &package.answers).with_progress(self.progress);
            for (file, document) in group.iter().enumerate().filter(|(_, document)| !document.left_out) {
                // A file that is not built has other functions of the same names.
                let functions_of = Some(&functions).filter(|_| !document.info.excluded);
                let view_of = PackageView { functions: functions_of, ..view_of };
                for (piece, state) in document.pieces.iter().enumerate() {
                    let Some(view) = view(state).filter(|_| !state.is_examined(&functions)) else { continue };
                    let result = self.dispatch.run_piece(&view, &document.info, view_of);
                    results.push((file, piece, Rc::new(result)));
                }
            }
            work.solved += functions.solved();
        }
        for (file, piece, result) in results {
            work.examined += 1;
            let state = group.get_mut(file).and_then(|document| document.pieces.get_mut(piece));
            if let Some(examined) = state.and_then(|state| state.examined.as_mut()) {
                examined.result = Some(result);
            }
        }
    }

    fn run_file(&self, document: &mut Document, packages: &BTreeMap<PackageKey, PackageState>) -> Rc<PieceResult> {
        match document.kind {
            _ if document.left_out => Rc::default(),
            Kind::Go => match packages.get(&package_key(document)) {
                Some(package) => self.run_go_file(document, package),
                None => Rc::default(),
            },
            Kind::Companion(kind) => Rc::new(self.dispatch.run_companion(kind, &document.name, &document.text)),
            Kind::Config | Kind::Persona | Kind::Other => Rc::default(),
        }
    }

    /// Runs the rules that look at a whole file of a package, if it or its environment has changed.
    fn run_go_file(&self, document: &mut Document, package: &PackageState) -> Rc<PieceResult> {
        let pieces: Vec<(u32, u64)> = document.pieces.iter().map(|piece| (piece.start, piece.hash)).collect();
        let hash = hash_of((package.environment, pieces));
        if let Some((_, result)) = document.as_file.as_ref().filter(|(known, _)| *known == hash) {
            return Rc::clone(result);
        }
        let views: Vec<PieceView> = document.pieces.iter().filter_map(view).collect();
        let result = Rc::new(self.dispatch.run_file(&views, &document.info, package.view()));
        document.as_file = Some((hash, Rc::clone(&result)));
        result
    }
}

/// The packages that a run has done.
struct Known<'p> {
    packages: &'p BTreeMap<PackageKey, PackageState>,
    by_path: &'p BTreeMap<String, PackageKey>,
}

impl<'p> Known<'p> {
    fn get(&self, path: &str) -> Option<&'p PackageState> {
        self.by_path.get(path).and_then(|key| self.packages.get(key))
    }

    /// The packages that files import, each once.
    fn imported(&self, group: &[&mut Document]) -> Vec<&'p PackageState> {
        let paths: BTreeSet<&str> = import_paths(group).collect();
        paths.into_iter().filter_map(|path| self.get(path)).collect()
    }
}

/// What an external test package may mean by an import of the package that it tests, where that is not in the session:
/// neither an index nor the folder's other files answer for it, because test files add to it.
fn tested(path: &str, (_, name): &PackageKey, group: &[&mut Document], known: &Known<'_>) -> Vec<Checked> {
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
    hidden.retain(|path| known.get(path).is_none());
    hidden.into_iter().map(Checked::unknown).collect()
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
        pieces: document.trees().zip(names.iter().map(|names| &**names)).map(Into::into).collect(),
    };
    Source { files: group.iter().zip(names).map(file).collect(), whole, progress: Progress::default() }
}

/// The pieces of a package in which functions are looked up, with the hashes of their texts: those of files that are built.
fn functions<'g>(group: &'g [&mut Document]) -> impl Iterator<Item = (PieceView, &'g FileInfo, u64)> {
    let built = group.iter().filter(|document| !document.info.excluded && !document.left_out);
    built.flat_map(|document| {
        document.pieces.iter().filter_map(move |piece| Some((view(piece)?, &document.info, piece.hash)))
    })
}

pub(crate) fn view(piece: &PieceState) -> Option<PieceView> {
    let examined = piece.examined.as_ref()?;
    Some(PieceView {
        start: piece.start,
        tree: Arc::clone(&piece.tree),
        names: Arc::clone(&examined.names),
        facts: Rc::clone(&examined.facts),
    })
}
