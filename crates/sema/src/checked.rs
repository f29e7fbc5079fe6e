//! A package that is checked, and what is kept of it from edit to edit.

use std::rc::Rc;

use gopeer_api::Index;

use crate::check::{Declared, Package, Source};
use crate::facts::Facts;
use crate::sibling::Sibling;
use crate::types::{PkgId, Store};

/// A checked package.
pub struct Checked {
    /// All types, named types and objects that its facts refer to.
    pub store: Rc<Store>,
    /// By file, by piece: what is known of the piece.
    pub facts: Vec<Vec<Rc<Facts>>>,
    declared: Rc<Declared>,
    initial: Vec<(u32, u32)>,
}

impl Checked {
    /// Checks the package of import path `path` (empty where nobody knows) and name `name`.
    pub fn new(path: &str, name: &str, source: &Source<'_>, index: Rc<Index>) -> Checked {
        Checked::in_module(path, name, source, index, &[])
    }

    /// Like [`Checked::new`]; the package may import the given packages of the same module.
    pub fn in_module(path: &str, name: &str, source: &Source<'_>, index: Rc<Index>, imports: &[&Checked]) -> Checked {
        let sibling = |checked: &&Checked| Sibling { path: checked.path(), store: Rc::clone(&checked.store) };
        let store = Rc::new(Store::in_module(path, name, index, imports.iter().map(sibling).collect()));
        store.set_whole(source.whole);
        let package = Package::new(&store, source);
        package.declare_all();
        let declared = package.declared();
        let initial = package.check_pieces();
        let facts = package.finish();
        Checked { store, facts, declared, initial }
    }

    /// The import path; empty where nobody knows.
    pub fn path(&self) -> Rc<str> {
        self.store.text(self.store.package(PkgId::SELF).path)
    }

    /// A package of which nothing is known, for one that stands in the way of what an index says.
    pub fn unknown(path: &str) -> Checked {
        let store = Rc::new(Store::new(path, "", Rc::default()));
        Checked { store, facts: Vec::new(), declared: Rc::default(), initial: Vec::new() }
    }

    /// Whether values of package-level variables need a function of the piece: where its body is another, more than the piece
    /// is to be checked again (Go spec, "Package initialization").
    pub fn initializes(&self, file: u32, piece: u32) -> bool {
        self.initial.contains(&(file, piece))
    }

    /// Checks one piece again: index of its file, index in the file. The sources may differ from those that the package was
    /// checked with inside function bodies, and nowhere else.
    pub fn check_again(&self, source: &Source<'_>, file: u32, piece: u32) -> Facts {
        Package::again(&self.store, source, Rc::clone(&self.declared)).check_piece((file, piece))
    }
}
