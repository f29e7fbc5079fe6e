//! Brings a set of documents up to date: parse what changed, resolve, run rules, keep what still holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use gopeer_lint::{Dispatch, PieceResult, PieceView};
use gopeer_sema::{Names, PackageScope};
use gopeer_syntax::Parser;

use crate::document::{Document, Examined, Kind, PieceState, hash_of};

/// The work that one run took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) parsed: u32,
    pub(crate) examined: u32,
}

/// What rules said of one document outside its pieces: file-wide rules and companion rules.
pub(crate) type FileResults = Vec<PieceResult>;

/// Runs everything that is out of date. The results of pieces are kept in the documents; those of whole files come back,
/// one per document.
pub(crate) fn run(documents: &mut [Document], dispatch: &Dispatch, parser: &mut Parser) -> (FileResults, Work) {
    let mut work = Work::default();
    for document in documents.iter_mut() {
        work.parsed += document.refresh(parser);
    }
    let packages = packages(documents);
    let results = documents
        .iter_mut()
        .map(|document| match document.kind {
            Kind::Go => {
                let empty = PackageScope::default();
                let package = packages.get(&package_key(document)).unwrap_or(&empty);
                run_go(document, package, dispatch, &mut work)
            }
            Kind::Companion(kind) => dispatch.run_companion(kind, &document.name, &document.text),
            Kind::Other => PieceResult::default(),
        })
        .collect();
    (results, work)
}

/// Files of one folder with the same package clause are one package.
fn package_key(document: &Document) -> (String, Option<String>) {
    let folder = document.name.rsplit_once('/').map_or("", |(folder, _)| folder);
    (folder.to_owned(), document.info.scope.package.clone())
}

fn packages(documents: &[Document]) -> BTreeMap<(String, Option<String>), PackageScope> {
    let mut groups: BTreeMap<_, Vec<&Document>> = BTreeMap::new();
    for document in documents.iter().filter(|document| document.kind == Kind::Go) {
        groups.entry(package_key(document)).or_default().push(document);
    }
    let scope = |group: Vec<&Document>| PackageScope::of(group.into_iter().flat_map(Document::trees));
    groups.into_iter().map(|(key, group)| (key, scope(group))).collect()
}

fn run_go(document: &mut Document, package: &PackageScope, dispatch: &Dispatch, work: &mut Work) -> PieceResult {
    let environment = hash_of((&document.info, package));
    let mut views = Vec::with_capacity(document.pieces.len());
    for piece in &mut document.pieces {
        let examined = match piece.examined.take().filter(|known| known.environment == environment) {
            Some(known) => known,
            None => {
                work.examined += 1;
                let names = Arc::new(Names::resolve(&piece.tree, &document.info.scope, package));
                let view = view(piece, &names);
                let result = Arc::new(dispatch.run_piece(&view, &document.info, package));
                Examined { environment, names, result }
            }
        };
        views.push(view(piece, &examined.names));
        piece.examined = Some(examined);
    }
    dispatch.run_file(&views, &document.info, package)
}

fn view(piece: &PieceState, names: &Arc<Names>) -> PieceView {
    PieceView { start: piece.start, tree: Arc::clone(&piece.tree), names: Arc::clone(names) }
}
