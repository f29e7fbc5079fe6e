//! Packages that code imports: read when somebody asks for a name in them, and only as deep as asked (cf. go/types'
//! `Importer`).

use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::sync::{Arc, OnceLock};

use gopeer_api::Index;
use gopeer_syntax::{Head, Progress, Tree, heads};
use self_cell::self_cell;

use crate::check::{Package, Piece, Source, SourceFile};
use crate::types::{NamedId, ObjId, Store, Symbol, TypeId};
use crate::{FileScope, Names};

/// How many packages may ask each other in turn: it bounds the stack.
const MAX_NESTING: u32 = 50;

/// Finds packages that code imports.
pub trait Importer {
    /// The store that the package's names are declared in; none where its source is not known.
    fn import(&self, path: &str) -> Option<Rc<Store>>;

    /// The name in the package clause; none where the package's source is not known. Costs less than [`Importer::import`].
    fn package_name(&self, path: &str) -> Option<Rc<str>>;

    /// Whether the package belongs to a library: to a module other than those under review.
    fn is_library(&self, path: &str) -> bool;

    /// What the source of a library says of a name, or a method as `Type.Method`, that is deprecated.
    fn deprecation(&self, path: &str, name: &str) -> Option<String>;
}

/// The files of a package without the bodies of its functions. Holds nothing of a store, so that threads can share it.
pub struct Outline {
    /// The import path.
    pub path: String,
    /// The name in the package clause.
    pub name: String,
    /// The files.
    pub files: Vec<OutlineFile>,
    /// Whether these are all files of the package, as in [`Source`].
    pub whole: bool,
    /// How its pieces are parsed.
    pub parse: Box<ParsePiece>,
}

/// Parses and resolves a piece, given by the index of its file and its text.
pub type ParsePiece = dyn Fn(usize, &str) -> (Tree, Names) + Send + Sync;

/// A file of an [`Outline`].
pub struct OutlineFile {
    /// What it imports.
    pub scope: FileScope,
    /// Whether it is left out of the build, as in [`SourceFile`].
    pub excluded: bool,
    /// Its pieces.
    pub pieces: Vec<OutlinePiece>,
}

/// A piece of an [`OutlineFile`].
pub struct OutlinePiece {
    text: Box<str>,
    heads: Option<Box<[Head]>>,
    read: OnceLock<(Tree, Names)>,
}

impl OutlinePiece {
    /// A piece that is parsed when somebody asks, at once if it does not tell what it declares.
    pub fn new(text: &str) -> OutlinePiece {
        OutlinePiece { text: text.into(), heads: heads(text).map(Vec::into_boxed_slice), read: OnceLock::new() }
    }

    /// Its text and what it declares, where that is known without parsing it.
    pub fn heads(&self) -> Option<(&str, &[Head])> {
        Some((&self.text, self.heads.as_deref()?))
    }
}

impl Outline {
    fn source(&self) -> Source<'_> {
        let files = self.files.iter().enumerate().map(|(at, file)| self.file(at, file));
        Source { files: files.collect(), whole: self.whole, progress: Progress::default() }
    }

    fn file<'o>(&'o self, at: usize, file: &'o OutlineFile) -> SourceFile<'o> {
        let pieces = file.pieces.iter().map(|piece| Piece::Outlined(self, at, piece)).collect();
        SourceFile { scope: &file.scope, excluded: file.excluded, pieces }
    }

    pub(crate) fn read<'o>(&'o self, file: usize, piece: &'o OutlinePiece) -> (&'o Tree, &'o Names) {
        let (tree, names) = piece.read.get_or_init(|| (self.parse)(file, &piece.text));
        (tree, names)
    }
}

self_cell!(
    struct Sources {
        owner: Arc<Outline>,
        #[covariant]
        dependent: Source,
    }
);

self_cell!(
    struct Declaring {
        owner: (Rc<Store>, Sources),
        #[covariant]
        dependent: Package,
    }
);

/// An imported package whose names are declared when somebody asks for them.
pub struct Imported {
    declaring: Declaring,
    /// How many packages are asking each other.
    nesting: Rc<Cell<u32>>,
}

impl Imported {
    /// Nothing is declared yet. `importer` finds what the package itself imports; `nesting` is shared by all packages of an
    /// importer.
    pub fn new(
        outline: Arc<Outline>,
        index: Rc<Index>,
        importer: Weak<dyn Importer>,
        nesting: Rc<Cell<u32>>,
    ) -> Rc<Imported> {
        let store = Rc::new(Store::new(&outline.path, &outline.name, index).importing(importer));
        let sources = Sources::new(outline, |outline| outline.source());
        store.set_whole(sources.borrow_dependent().is_whole());
        let declaring =
            Declaring::new((store, sources), |(store, sources)| Package::outlined(store, sources.borrow_dependent()));
        let imported = Rc::new(Imported { declaring, nesting });
        imported.store().set_declarer(Rc::downgrade(&imported));
        imported
    }

    /// The store that the package's names are declared in.
    pub fn store(&self) -> &Rc<Store> {
        &self.declaring.borrow_owner().0
    }

    /// Declares an object of the package, unless that is done.
    pub(crate) fn declare(&self, id: ObjId) {
        self.ask(|package| package.declare_outlined(id));
    }

    /// The signature of a method of a type of the package.
    pub(crate) fn method_signature(&self, named: NamedId, name: Symbol) -> TypeId {
        self.ask(|package| package.method_signature(named, name)).unwrap_or(TypeId::UNKNOWN)
    }

    /// None where too many packages are asking each other.
    fn ask<T>(&self, what: impl FnOnce(&Package<'_>) -> T) -> Option<T> {
        let nesting = self.nesting.get();
        (nesting < MAX_NESTING).then(|| {
            self.nesting.set(nesting + 1);
            let found = what(self.declaring.borrow_dependent());
            self.nesting.set(nesting);
            found
        })
    }
}
