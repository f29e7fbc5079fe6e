//! Brings a set of documents up to date: parse what changed, resolve, check types, run rules, keep what still holds.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use gopeer_api::Index;
use gopeer_lint::{Dispatch, PackageView, PieceResult, PieceView};
use gopeer_sema::{Checked, Names, PackageScope, Source, SourceFile};
use gopeer_syntax::Parser;

use crate::document::{Document, Examined, Kind, PieceState, hash_of};

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
    /// Hash of all that its declarations say, function bodies aside.
    environment: u64,
    scope: PackageScope,
    pub(crate) checked: Checked,
    /// How many types there were after the first check: later ones add to the store and never take away.
    types: usize,
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
        for document in documents.iter_mut().filter(|document| document.kind == Kind::Go) {
            groups.entry(package_key(document)).or_default().push(document);
        }
        packages.retain(|key, _| groups.contains_key(key));
        for (key, group) in &mut groups {
            let state = self.check(group, packages.remove(key), &mut work);
            for document in group {
                self.examine(document, &state, &mut work);
            }
            packages.insert(key.clone(), state);
        }
        let results = documents.iter().map(|document| self.run_file(document, packages)).collect();
        (results, work)
    }

    /// Gives all pieces of a package their names and facts.
    fn check(&self, group: &mut [&mut Document], known: Option<PackageState>, work: &mut Work) -> PackageState {
        let environment = environment(group, self.index);
        let fresh =
            |known: &PackageState| known.environment == environment && known.checked.store.len() < known.types * GROWTH;
        if let Some(known) = known.filter(fresh) {
            self.check_new_pieces(group, environment, &known, work);
            return known;
        }
        let scope = PackageScope::of(group.iter().flat_map(|document| document.trees()));
        let names = |document: &&mut Document| -> Vec<Arc<Names>> {
            let resolve = |tree| Arc::new(Names::resolve(tree, &document.info.scope, &scope));
            document.trees().map(resolve).collect()
        };
        let names: Vec<Vec<Arc<Names>>> = group.iter().map(names).collect();
        let name = group.first().and_then(|document| document.info.scope.package.clone()).unwrap_or_default();
        let checked = Checked::new("", &name, &source(group, &names, self.whole), Rc::clone(self.index));
        for ((document, names), facts) in group.iter_mut().zip(names).zip(&checked.facts) {
            for ((piece, names), facts) in document.pieces.iter_mut().zip(names).zip(facts) {
                work.checked += 1;
                piece.examined = Some(Examined { environment, names, facts: Rc::clone(facts), result: None });
            }
        }
        let types = checked.store.len();
        PackageState { environment, scope, checked, types }
    }

    /// The package's declarations are as they were: only pieces with new text are checked.
    fn check_new_pieces(&self, group: &mut [&mut Document], environment: u64, known: &PackageState, work: &mut Work) {
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
                    let facts = known.checked.check_again(&sources, file as u32, piece as u32);
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

/// What the meaning of a name may rest on: everything but the insides of functions.
fn environment(group: &[&mut Document], index: &Index) -> u64 {
    let of = |document: &&mut Document| {
        let shapes: Vec<u64> = document.pieces.iter().map(|piece| piece.shape).collect();
        hash_of((&document.info, shapes))
    };
    hash_of((index.modules().len(), group.iter().map(of).collect::<Vec<u64>>()))
}

fn source<'s>(group: &'s [&mut Document], names: &'s [Vec<Arc<Names>>], whole: bool) -> Source<'s> {
    let file = |(document, names): (&'s &mut Document, &'s Vec<Arc<Names>>)| SourceFile {
        scope: &document.info.scope,
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
