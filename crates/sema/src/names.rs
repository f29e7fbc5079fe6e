//! What each identifier of a tree refers to.

use gopeer_syntax::Tree;
use gopeer_syntax::ast::ExprId;

use crate::resolve::Resolver;
use crate::{FileScope, ObjectKind, PackageScope};

/// What an identifier refers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Def {
    /// Not known: a field, a method, a label, a name from elsewhere.
    #[default]
    Unknown,
    /// Something declared inside this tree; the id is that of the declaring `Ident` (which refers to itself).
    Local(ExprId),
    /// A package-level name of this package.
    Package(ObjectKind),
    /// An imported package: index into [`FileScope::imports`].
    Import(u32),
    /// A package that a fragment uses without importing it.
    Implied(&'static str),
    /// A predeclared name.
    Universe,
}

/// What every identifier of one tree refers to.
#[derive(Clone, Debug, Default)]
pub struct Names {
    defs: Vec<Def>,
    /// Identifiers that refer to locals, each after the one that declares its local; in order.
    uses: Vec<(ExprId, ExprId)>,
    /// The identifiers that declare locals, ordered by their text.
    locals: Vec<ExprId>,
    keys: Vec<(ExprId, Def)>,
}

impl Names {
    /// Resolves all identifiers of `tree`.
    pub fn resolve(tree: &Tree, file: &FileScope, package: &PackageScope) -> Names {
        let (defs, keys) = Resolver::new(tree, file, package).run();
        let local = |(at, def): (usize, &Def)| match *def {
            Def::Local(declaring) => Some((declaring, ExprId(at as u32))),
            _ => None,
        };
        let mut uses: Vec<(ExprId, ExprId)> = defs.iter().enumerate().filter_map(local).collect();
        uses.sort_unstable();
        let mut locals: Vec<ExprId> = uses.iter().filter(|(of, used)| of == used).map(|(of, _)| *of).collect();
        locals.sort_by_key(|&ident| tree.source(ident));
        Names { defs, uses, locals, keys }
    }

    /// What the bare name before a colon in a composite literal refers to if it turns out not to be a field.
    pub fn key(&self, ident: ExprId) -> Def {
        match self.keys.binary_search_by_key(&ident, |(key, _)| *key) {
            Ok(at) => self.keys.get(at).map_or(Def::Unknown, |(_, def)| *def),
            Err(_) => Def::Unknown,
        }
    }

    /// What `ident` refers to.
    pub fn def(&self, ident: ExprId) -> Def {
        self.defs.get(ident.index()).copied().unwrap_or_default()
    }

    /// Whether `tree`, which these are the names of, declares a local of that name.
    pub fn declares(&self, tree: &Tree, name: &str) -> bool {
        self.locals.binary_search_by_key(&name, |&ident| tree.source(ident)).is_ok()
    }

    /// The identifiers that declare locals: those with one name follow each other.
    pub fn locals(&self) -> &[ExprId] {
        &self.locals
    }

    /// The identifiers that refer to the local declared by `declaring`, itself included. Bare keys of composite literals
    /// are left out: most are fields. One for which [`crate::Facts::selection`] has nothing and whose mode is known is a use
    /// of what [`Names::key`] says.
    pub fn uses(&self, declaring: ExprId) -> impl Iterator<Item = ExprId> + '_ {
        let from = self.uses.partition_point(|(of, _)| *of < declaring);
        let of_this = self.uses.get(from..).unwrap_or_default().iter().take_while(move |(of, _)| *of == declaring);
        of_this.map(|(_, used)| *used)
    }
}
