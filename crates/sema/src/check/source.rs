//! What is checked: the files of a package.

use gopeer_syntax::ast::{Decl, Expr, ExprId, FieldList};
use gopeer_syntax::{Head, Progress, Tree};

use crate::FileScope;
use crate::importer::{Outline, OutlinePiece};
use crate::names::Names;

/// The files of a package, cut, parsed and resolved.
pub struct Source<'a> {
    /// The files.
    pub files: Vec<SourceFile<'a>>,
    /// Whether these are all files of the package, so that a name that none of them declares does not exist.
    pub whole: bool,
    /// Who is told that the check goes on.
    pub progress: Progress,
}

impl Source<'_> {
    /// Whether a name that no file declares does not exist. What did not parse may declare it, and where several files of a
    /// folder have a `main`, each is a program of its own.
    pub(crate) fn is_whole(&self) -> bool {
        let built = self.files.iter().filter(|file| !file.excluded);
        let parsed = self.files.iter().flat_map(|file| &file.pieces).all(Piece::is_understood);
        self.whole && parsed && built.filter(|file| file.has_main()).count() < 2
    }
}

impl SourceFile<'_> {
    fn has_main(&self) -> bool {
        let is_main = |tree: &Tree, decl| match tree.decl(decl) {
            Decl::Func { recv, name, .. } => recv.is_empty() && tree.source(name) == "main",
            _ => false,
        };
        self.scope.package.as_deref() == Some("main")
            && self
                .pieces
                .iter()
                .map(|piece| piece.read().0)
                .any(|tree| tree.roots().iter().any(|&root| is_main(tree, root)))
    }
}

/// A file of a package.
pub struct SourceFile<'a> {
    /// What it imports.
    pub scope: &'a FileScope,
    /// Whether its build constraints keep it out of the build that is checked. What it declares counts in itself, and
    /// elsewhere only where no other file declares it.
    pub excluded: bool,
    /// Its pieces.
    pub pieces: Vec<Piece<'a>>,
}

/// A piece of a file.
#[derive(Clone, Copy)]
pub enum Piece<'a> {
    /// One that is parsed and resolved.
    Read(&'a Tree, &'a Names),
    /// One of a package that is imported, which waits until somebody asks for a name that it declares.
    Outlined(&'a Outline, usize, &'a OutlinePiece),
}

impl<'a> From<(&'a Tree, &'a Names)> for Piece<'a> {
    fn from((tree, names): (&'a Tree, &'a Names)) -> Piece<'a> {
        Piece::Read(tree, names)
    }
}

impl<'a> Piece<'a> {
    /// Its tree and names.
    pub(crate) fn read(&self) -> (&'a Tree, &'a Names) {
        match *self {
            Piece::Read(tree, names) => (tree, names),
            Piece::Outlined(outline, file, piece) => outline.read(file, piece),
        }
    }

    /// Its text and what it declares, where that is known before it is parsed.
    pub(crate) fn heads(&self) -> Option<(&'a str, &'a [Head])> {
        match *self {
            Piece::Outlined(_, _, piece) => piece.heads(),
            Piece::Read(..) => None,
        }
    }

    /// Whether all that it declares is known.
    fn is_understood(&self) -> bool {
        self.heads().is_some() || self.read().0.errors().is_empty()
    }
}

/// The name of a receiver's type, and whether the receiver is a pointer.
pub fn receiver_base(tree: &Tree, recv: FieldList) -> Option<(ExprId, bool)> {
    let field = tree.field(*tree.fields(recv).first()?);
    let (mut ty, mut pointer) = (field.ty, false);
    loop {
        match tree.expr(ty) {
            Expr::Paren(inner) => ty = inner,
            Expr::Star(inner) => (ty, pointer) = (inner, true),
            Expr::Index { base, .. } => ty = base,
            Expr::Ident => return Some((ty, pointer)),
            _ => return None,
        }
    }
}
