//! A package that is checked, and what is kept of it from edit to edit.

use std::rc::{Rc, Weak};

use gopeer_api::Index;

use crate::check::{Declared, Needed, Package, Source, all_references};
use crate::facts::Facts;
use crate::importer::Importer;
use crate::sibling::Siblings;
use crate::types::{PkgId, Store};

/// A checked package.
pub struct Checked {
    /// All types, named types and objects that its facts refer to.
    pub store: Rc<Store>,
    /// By file, by piece: what is known of the piece.
    pub facts: Vec<Vec<Rc<Facts>>>,
    declared: Rc<Declared>,
    needed: Needed,
}

impl Checked {
    /// Checks the package of import path `path` (empty where nobody knows) and name `name`.
    pub fn new(path: &str, name: &str, source: &Source<'_>, index: Rc<Index>) -> Checked {
        Checked::in_module(path, name, source, index, &[], None)
    }

    /// Like [`Checked::new`]; the package may import the given packages, and those that the importer finds. What the given ones
    /// import need not be given.
    pub fn in_module(
        path: &str,
        name: &str,
        source: &Source<'_>,
        index: Rc<Index>,
        imports: &[&Checked],
        importer: Option<Weak<dyn Importer>>,
    ) -> Checked {
        let siblings = Siblings::new(imports.iter().map(|checked| (checked.path().into(), Rc::clone(&checked.store))));
        let store = Store::in_module(path, name, index, siblings);
        let store = Rc::new(match importer {
            Some(importer) => store.importing(importer),
            None => store,
        });
        store.set_whole(source.is_whole());
        let package = Package::new(&store, source);
        package.declare_all();
        let declared = package.declared();
        let needed = package.check_pieces();
        let facts = package.finish();
        Checked { store, facts, declared, needed }
    }

    /// The import path; empty where nobody knows.
    pub fn path(&self) -> &str {
        self.store.text(self.store.package(PkgId::SELF).path)
    }

    /// A package of which nothing is known, for one that stands in the way of what an index says.
    pub fn unknown(path: &str) -> Checked {
        let store = Rc::new(Store::new(path, "", Rc::default()));
        Checked { store, facts: Vec::new(), declared: Rc::default(), needed: Vec::new() }
    }

    /// Checks one piece again: index of its file, index in the file. The sources may differ from those that the package was
    /// checked with inside function bodies, and nowhere else. None where that is not enough: a value of a package-level
    /// variable needs the function, which now refers to something else (Go spec, "Package initialization"), or it is told
    /// otherwise now whether a name exists that nothing declares, because something parses now, or no more.
    pub fn check_again(&self, source: &Source<'_>, file: u32, piece: u32) -> Option<Facts> {
        if source.is_whole() != self.store.is_whole() {
            return None;
        }
        let package = Package::again(&self.store, source, Rc::clone(&self.declared));
        let at = (file, piece);
        let facts = package.check_piece(at);
        let before = self.needed.iter().find(|(of, _)| *of == at);
        let same = before.is_none_or(|(_, before)| {
            package.piece(at).is_some_and(|(tree, _)| all_references(&self.store, tree, &facts) == *before)
        });
        same.then_some(facts)
    }
}
