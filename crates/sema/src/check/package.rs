//! The package block: what its names mean, found out the first time somebody asks (Go spec, "Declarations and scope").

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use gopeer_syntax::ast::{Decl, DeclId, ExprId, GroupKind, StmtId};
use gopeer_syntax::{Head, HeadKind, Tree};
use std::collections::{BTreeMap, HashMap, HashSet};

use super::init_order::Needed;
use super::source::{Piece, Source, SourceFile, receiver_base};
use super::{Checker, FuncContext};
use crate::ObjectKind;
use crate::facts::Facts;
use crate::names::Names;
use crate::types::{Method, Named, NamedId, ObjId, Object, PkgId, Site, Store, Symbol, Type, TypeId, Walk};
use crate::value::Value;

/// Which piece: index of the file, index of the piece in the file.
pub(crate) type At = (u32, u32);

/// How deep declarations may ask for each other before they wait in line instead: it bounds the stack.
const MAX_DEPTH: u32 = 40;
/// How many expressions and types, one in the other, may stand around a name whose declaration does not wait: each of those
/// declarations may nest as deep as one piece may, and a browser's stack is a megabyte.
const MAX_AROUND: u32 = 100;

/// A package under check: its sources, and its names' meanings as far as they were asked for.
pub(crate) struct Package<'a> {
    /// All types.
    pub(crate) store: &'a Store,
    pub(crate) source: &'a Source<'a>,
    names: Rc<Declared>,
    pub(crate) entries: BTreeMap<ObjId, Entry>,
    /// The pieces of objects of which only the name was read.
    unread: HashMap<ObjId, At>,
    /// The entries of those that were read since.
    read: RefCell<HashMap<ObjId, Entry>>,
    pub(crate) methods: Vec<MethodDecl<'a>>,
    first_methods: OnceCell<FirstMethods>,
    /// Objects that are declared, or being declared.
    begun: RefCell<HashSet<ObjId>>,
    pub(crate) facts: Vec<Vec<RefCell<Facts>>>,
    later: RefCell<Vec<Later>>,
    /// What a type was declared as that has no underlying type.
    pub(crate) stuck: RefCell<BTreeMap<NamedId, TypeId>>,
    /// Types that do not hold themselves.
    pub(crate) finite: RefCell<HashSet<TypeId>>,
    /// Types that are reported to hold themselves.
    pub(crate) infinite: RefCell<Vec<NamedId>>,
    /// Bounds all walks that find them: instances may hold ever more instances.
    pub(crate) walk: RefCell<Walk>,
    depth: Cell<u32>,
    /// How many expressions and types are being checked, one in the other.
    pub(crate) around: Cell<u32>,
    /// By file, whether the name of one of its imports is only guessed from the path.
    guesses: Vec<OnceCell<bool>>,
    /// Whether names wait to be asked for, and there are no values and bodies to be checked.
    outlined: bool,
    /// Whether all methods of an outlined package are attached.
    attached: Cell<bool>,
    method_places: OnceCell<HashMap<(NamedId, Symbol), Vec<usize>>>,
}

/// The objects of a package by name, each with the index of the file that declares it.
pub(crate) type Declared = BTreeMap<Symbol, Vec<(ObjId, u32)>>;

/// By file, type and name of a method: the pieces that declare it, and its name there; the first one first.
type FirstMethods = Vec<((u32, Symbol, Symbol), (u32, ExprId))>;

/// Where a package-level object is declared.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) at: At,
    /// The `Decl::Func`, `Decl::Type` or `Decl::Value` that declares it.
    pub(crate) decl: DeclId,
    /// Of a constant the spec whose type and values hold for it: its own or an earlier one of the group.
    pub(crate) init: DeclId,
    /// Which name of its spec it is.
    pub(crate) index: usize,
}

/// Where a method is declared, and on what.
pub(crate) struct MethodDecl<'a> {
    pub(crate) at: At,
    /// None where the piece was not read yet: it is its only declaration.
    decl: Option<DeclId>,
    base: &'a str,
    pub(crate) name: &'a str,
    pointer: bool,
}

/// What waits until all package-level names are declared.
pub(crate) enum Later {
    /// The values of the variables of a spec whose type is written; the first of them.
    Values(ObjId),
    /// The body of a function literal.
    Body(At, StmtId, FuncContext),
    /// A type declared by naming one that was not finished.
    Underlying(NamedId, TypeId),
    /// A declaration that was asked for too deep inside others.
    Object(ObjId),
}

impl<'a> Package<'a> {
    /// Gathers the names of all files. Nothing is checked yet.
    pub(crate) fn new(store: &'a Store, source: &'a Source<'a>) -> Package<'a> {
        let mut package = Package::empty(store, source, Rc::default());
        let facts = |file: &SourceFile<'a>| file.pieces.iter().map(|_| RefCell::default()).collect();
        package.facts = source.files.iter().map(facts).collect();
        let mut names = Declared::default();
        for (file, of) in source.files.iter().enumerate() {
            for (piece, of) in of.pieces.iter().enumerate() {
                package.collect_piece(&mut names, (file as u32, piece as u32), of);
            }
        }
        package.names = Rc::new(names);
        // Of methods that several files declare, the built file's comes first.
        let excluded =
            |method: &MethodDecl<'a>| source.files.get(method.at.0 as usize).is_some_and(|file| file.excluded);
        package.methods.sort_by_key(excluded);
        package.attach_methods();
        package
    }

    /// A package that others import, of which only the declarations are there: each waits until somebody asks for it.
    pub(crate) fn outlined(store: &'a Store, source: &'a Source<'a>) -> Package<'a> {
        Package { outlined: true, ..Package::new(store, source) }
    }

    /// A package whose names an earlier check has declared: the sources differ from those only inside function bodies.
    pub(crate) fn again(store: &'a Store, source: &'a Source<'a>, names: Rc<Declared>) -> Package<'a> {
        Package::empty(store, source, names)
    }

    fn empty(store: &'a Store, source: &'a Source<'a>, names: Rc<Declared>) -> Package<'a> {
        Package {
            store,
            source,
            names,
            entries: BTreeMap::default(),
            unread: HashMap::default(),
            read: RefCell::default(),
            methods: Vec::new(),
            first_methods: OnceCell::new(),
            begun: RefCell::default(),
            facts: Vec::new(),
            later: RefCell::default(),
            stuck: RefCell::default(),
            finite: RefCell::default(),
            infinite: RefCell::default(),
            walk: RefCell::new(Walk::new()),
            depth: Cell::new(0),
            around: Cell::new(0),
            guesses: vec![OnceCell::new(); source.files.len()],
            outlined: false,
            attached: Cell::new(false),
            method_places: OnceCell::new(),
        }
    }

    /// The objects by name, for [`Package::again`].
    pub(crate) fn declared(&self) -> Rc<Declared> {
        Rc::clone(&self.names)
    }

    fn collect_piece(&mut self, names: &mut Declared, at: At, piece: &Piece<'a>) {
        if let Some((text, heads)) = piece.heads() {
            return heads.iter().for_each(|head| self.collect_head(names, at, text, head));
        }
        let (tree, _) = piece.read();
        for &root in tree.roots() {
            each_object(tree, at, root, &mut |ident, kind, alias, entry| {
                self.add(names, tree.source(ident), (kind, alias), at, Some((ident, entry)));
            });
            if let Decl::Func { recv, name, .. } = tree.decl(root)
                && let Some((base, pointer)) = receiver_base(tree, recv)
            {
                let (base, name) = (tree.source(base), tree.source(name));
                self.methods.push(MethodDecl { at, decl: Some(root), base, name, pointer });
            }
        }
    }

    fn collect_head(&mut self, names: &mut Declared, at: At, text: &'a str, head: &Head) {
        let name = head.name.of(text);
        let of = match head.kind {
            HeadKind::Method { base, pointer } => {
                return self.methods.push(MethodDecl { at, decl: None, base: base.of(text), name, pointer });
            }
            HeadKind::Type { alias } => (ObjectKind::Type, alias),
            HeadKind::Const => (ObjectKind::Const, false),
            HeadKind::Var => (ObjectKind::Var, false),
            HeadKind::Func => (ObjectKind::Func, false),
        };
        self.add(names, name, of, at, None);
    }

    fn add(
        &mut self,
        all: &mut Declared,
        text: &str,
        (kind, alias): (ObjectKind, bool),
        at: At,
        entry: Option<(ExprId, Entry)>,
    ) {
        let name = self.store.symbol(text);
        let site = entry.map(|(ident, _)| Site { file: at.0, piece: at.1, ident });
        let object = Object {
            name,
            pkg: PkgId::SELF,
            kind,
            ty: TypeId::UNKNOWN,
            value: Value::Unknown,
            params: Rc::from([]),
            alias,
            site,
        };
        let id = self.store.add_object(object);
        if kind == ObjectKind::Type && !alias {
            let named = Named {
                name,
                pkg: PkgId::SELF,
                object: Some(id),
                params: Rc::from([]),
                underlying: TypeId::UNKNOWN,
                methods: Rc::from([]),
                complete: self.store.is_whole(),
            };
            let named = self.store.add_named(named);
            let ty = self.store.named_type(named, &[]);
            self.store.update_object(id, |object| object.ty = ty);
        }
        match entry {
            Some((_, entry)) => _ = self.entries.insert(id, entry),
            None => _ = self.unread.insert(id, at),
        }
        let named = text != "_" && !(kind == ObjectKind::Func && text == "init");
        if named && (!self.is_excluded(at.0) || self.store.own_object(name).is_none()) {
            self.store.add_own(id);
        }
        all.entry(name).or_default().push((id, at.0));
    }

    /// Tells each defined type the names of its methods; their signatures follow.
    fn attach_methods(&self) {
        let mut all: Vec<(NamedId, Method)> = Vec::new();
        for method in &self.methods {
            let Some(named) = self.receiver_type(method) else { continue };
            let (name, pkg) = self.store.member_name(method.name);
            all.push((named, Method { name, pkg, pointer: method.pointer, sig: TypeId::UNKNOWN }));
        }
        // Of several by one name the first counts.
        all.sort_by_key(|(named, method)| (*named, self.store.text(method.name)));
        all.dedup_by_key(|(named, method)| (*named, method.name));
        for methods in all.chunk_by(|(a, _), (b, _)| a == b) {
            if let Some(&(named, _)) = methods.first() {
                let methods = methods.iter().map(|(_, method)| *method).collect();
                self.store.update_named(named, |named| named.methods = methods);
            }
        }
    }

    pub(crate) fn receiver_type(&self, method: &MethodDecl<'a>) -> Option<NamedId> {
        let id = self.own(method.base, method.at)?;
        match self.store.get(self.store.object(id).ty) {
            Type::Named(named, _) => Some(named),
            _ => None,
        }
    }

    fn named(&self, name: &str) -> &[(ObjId, u32)] {
        self.store.known_symbol(name).and_then(|name| self.names.get(&name)).map_or(&[], Vec::as_slice)
    }

    /// The object of that name, as code of the file `from` sees it. Where several files declare it (each for another
    /// system), the file's own counts, and none where it has none.
    fn own(&self, name: &str, from: At) -> Option<ObjId> {
        match self.named(name) {
            [(one, _)] => Some(*one),
            several => {
                several.iter().find(|(_, file)| *file == from.0).or_else(|| self.only_built(several)).map(|(id, _)| *id)
            }
        }
    }

    fn only_built<'d>(&self, several: &'d [(ObjId, u32)]) -> Option<&'d (ObjId, u32)> {
        let mut built = several.iter().filter(|(_, file)| !self.is_excluded(*file));
        built.next().filter(|_| built.next().is_none())
    }

    /// Whether another declaration has a package-level name already: an earlier one of the file, or of a file that goes into
    /// the same build.
    pub(crate) fn has_name(&self, name: &str, ident: ExprId, at: At) -> bool {
        let shared = |file: u32| self.store.is_whole() && !self.is_excluded(file) && !self.is_excluded(at.0);
        let own = Site { file: at.0, piece: at.1, ident };
        let sites = self.named(name).iter().filter_map(|(id, _)| self.store.object(*id).site);
        sites.take_while(|site| *site != own).any(|site| site.file == at.0 || shared(site.file))
    }

    /// Whether an earlier declaration of the file has a method already.
    pub(crate) fn has_method(&self, base: &str, name: &str, ident: ExprId, at: At) -> bool {
        let first = self.first_methods.get_or_init(|| self.find_first_methods());
        let key = (at.0, self.store.symbol(base), self.store.symbol(name));
        let at_first = first.partition_point(|(known, _)| *known < key);
        first.get(at_first).is_some_and(|(known, first)| *known == key && *first != (at.1, ident))
    }

    fn find_first_methods(&self) -> FirstMethods {
        let mut found = FirstMethods::new();
        for (file, of) in self.source.files.iter().enumerate() {
            for (piece, of) in of.pieces.iter().enumerate() {
                let (tree, _) = of.read();
                for &root in tree.roots() {
                    if let Decl::Func { recv, name, .. } = tree.decl(root)
                        && let Some((base, _)) = receiver_base(tree, recv)
                    {
                        let key =
                            (file as u32, self.store.symbol(tree.source(base)), self.store.symbol(tree.source(name)));
                        found.push((key, (piece as u32, name)));
                    }
                }
            }
        }
        found.sort_by_key(|(key, _)| *key);
        found
    }

    fn is_excluded(&self, file: u32) -> bool {
        self.source.files.get(file as usize).is_some_and(|file| file.excluded)
    }

    /// Whether a file guesses the name of an import, which `find` finds out once.
    pub(crate) fn guesses(&self, file: u32, find: impl FnOnce() -> bool) -> bool {
        self.guesses.get(file as usize).is_some_and(|known| *known.get_or_init(find))
    }

    /// The tree and names of a piece.
    pub(crate) fn piece(&self, at: At) -> Option<(&'a Tree, &'a Names)> {
        let source: &'a Source<'a> = self.source;
        source.files.get(at.0 as usize)?.pieces.get(at.1 as usize).map(Piece::read)
    }

    /// Whether all text of a piece was understood.
    pub(crate) fn is_whole(&self, at: At) -> bool {
        self.piece(at).is_some_and(|(tree, _)| tree.errors().is_empty())
    }

    fn checker<'c>(&'c self, at: At, facts: &'c RefCell<Facts>) -> Option<Checker<'c>> {
        let (tree, names) = self.piece(at)?;
        let scope = self.source.files.get(at.0 as usize)?.scope;
        Some(Checker {
            package: self,
            store: self.store,
            scope,
            tree,
            names,
            facts,
            func: FuncContext::default(),
            iota: None,
            inherits: None,
            at,
        })
    }

    /// Runs a checker on a piece, with the facts that are gathered for it.
    pub(crate) fn check(&self, at: At, check: impl FnOnce(&mut Checker<'_>)) {
        let facts = self.facts.get(at.0 as usize).and_then(|file| file.get(at.1 as usize));
        self.source.progress.step();
        if let Some((facts, mut checker)) = facts.and_then(|facts| Some((facts, self.checker(at, facts)?))) {
            facts.borrow_mut().make_room(checker.tree.expr_count());
            check(&mut checker);
        }
    }

    /// The package-level object that code in the file of `from` names, declared.
    pub(crate) fn object(&self, name: &str, from: At) -> Option<ObjId> {
        let id = self.own(name, from)?;
        self.declare(id);
        Some(id)
    }

    /// The object that `ident` declares: a name may be declared several times, `init` and `_` rightly so.
    pub(crate) fn declared_by(&self, name: &str, ident: ExprId, at: At) -> Option<ObjId> {
        let site = Some(Site { file: at.0, piece: at.1, ident });
        match self.named(name) {
            [(one, _)] => Some(*one),
            // The ids of a package's objects are in the order of their sites.
            several => {
                let key = |site: Site| (site.file, site.piece, site.ident);
                let of = |id: ObjId| self.store.object(id).site.map(key);
                let at = several.partition_point(|&(id, _)| of(id) < site.map(key));
                several.get(at).map(|&(id, _)| id).filter(|&id| self.store.object(id).site == site)
            }
        }
    }

    /// Puts something off until all package-level names are declared.
    pub(crate) fn later(&self, what: Later) {
        // Nobody who imports a package asks for values and bodies.
        if self.outlined && matches!(what, Later::Values(_) | Later::Body(..)) {
            return;
        }
        self.later.borrow_mut().push(what);
    }

    /// Where an object is declared, which may have to be read now.
    fn entry(&self, id: ObjId) -> Option<Entry> {
        let known = self.entries.get(&id).copied().or_else(|| self.read.borrow().get(&id).copied());
        known.or_else(|| {
            self.read_piece(id, *self.unread.get(&id)?);
            self.read.borrow().get(&id).copied()
        })
    }

    /// Reads the piece of an object. Its objects stand one after the other, in the order of their names there.
    fn read_piece(&self, id: ObjId, at: At) {
        let Some((tree, _)) = self.piece(at) else { return };
        let of_piece = |id: &u32| self.unread.get(&ObjId(*id)) == Some(&at);
        let mut next = (0..=id.0).rev().take_while(of_piece).last().unwrap_or(id.0);
        for &root in tree.roots() {
            each_object(tree, at, root, &mut |ident, kind, alias, entry| {
                let (id, object) = (ObjId(next), self.store.object(ObjId(next)));
                let same = (object.kind, object.alias) == (kind, alias)
                    && *self.store.text(object.name) == *tree.source(ident);
                if of_piece(&next) && same {
                    let site = Some(Site { file: at.0, piece: at.1, ident });
                    self.store.update_object(id, |object| object.site = site);
                    self.read.borrow_mut().insert(id, entry);
                }
                next += 1;
            });
        }
    }

    /// Declares an object unless that is done or under way.
    fn declare(&self, id: ObjId) {
        if self.begun.borrow().contains(&id) {
            return;
        }
        let Some(entry) = self.entry(id) else { return };
        if self.depth.get() > MAX_DEPTH || self.around.get() > MAX_AROUND {
            return self.later(Later::Object(id));
        }
        self.begun.borrow_mut().insert(id);
        self.depth.set(self.depth.get() + 1);
        self.check(entry.at, |checker| checker.declare_object(id, entry));
        self.depth.set(self.depth.get() - 1);
    }

    /// Notes that an object is declared, where its spec declares several at once.
    pub(crate) fn set_begun(&self, id: ObjId) {
        self.begun.borrow_mut().insert(id);
    }

    /// Declares everything at package level: types first, then signatures, then constants and variables.
    pub(crate) fn declare_all(&self) {
        let ids: Vec<(ObjId, ObjectKind)> =
            self.entries.iter().map(|(&id, _)| (id, self.store.object(id).kind)).collect();
        for kind in [ObjectKind::Type, ObjectKind::Func] {
            ids.iter().filter(|(_, of)| *of == kind).for_each(|(id, _)| self.declare(*id));
            self.settle();
        }
        self.declare_methods();
        ids.iter().for_each(|(id, _)| self.declare(*id));
        self.settle();
    }

    /// Attaches methods of an alias to a type of this package: only when it is declared is it known which.
    fn attach_late_methods(&self) {
        let bases = self.methods.iter().filter_map(|method| self.own(method.base, method.at));
        let aliases: Vec<ObjId> = bases.filter(|&id| self.store.object(id).alias).collect();
        if !aliases.is_empty() {
            aliases.into_iter().for_each(|id| self.declare(id));
            self.attach_methods();
        }
    }

    fn declare_methods(&self) {
        self.attach_late_methods();
        let mut declared: BTreeMap<NamedId, HashMap<Symbol, TypeId>> = BTreeMap::new();
        for method in &self.methods {
            let Some(named) = self.receiver_type(method) else { continue };
            let sig = self.signature_of(method);
            // Of several by one name the first that is known counts.
            let of_name = declared.entry(named).or_default().entry(self.store.symbol(method.name)).or_insert(sig);
            if of_name.is_unknown() {
                *of_name = sig;
            }
        }
        for (named, declared) in declared {
            let with_sig = |method: &Method| match declared.get(&method.name) {
                Some(&sig) if method.sig.is_unknown() => Method { sig, ..*method },
                _ => *method,
            };
            self.store.update_named(named, |named| named.methods = named.methods.iter().map(with_sig).collect());
        }
    }

    fn signature_of(&self, method: &MethodDecl<'a>) -> TypeId {
        let scratch = RefCell::new(Facts::default());
        let checker = self.checker(method.at, &scratch);
        let (Some(mut checker), Some(decl)) = (checker, self.method_decl(method)) else { return TypeId::UNKNOWN };
        *scratch.borrow_mut() = new_facts(checker.tree);
        checker.func_signature(decl).0
    }

    /// The function declaration of a method.
    pub(crate) fn method_decl(&self, method: &MethodDecl<'a>) -> Option<DeclId> {
        method.decl.or_else(|| self.piece(method.at)?.0.roots().first().copied())
    }

    /// Declares an object of an outlined package.
    pub(crate) fn declare_outlined(&self, id: ObjId) {
        if !self.attached.replace(true) {
            self.attach_late_methods();
        }
        self.declare(id);
        self.settle_outlined();
    }

    /// The signature of a method of an outlined package. Of several by one name the first that is known counts.
    pub(crate) fn method_signature(&self, named: NamedId, name: Symbol) -> TypeId {
        let places = self.method_places.get_or_init(|| {
            let mut places: HashMap<(NamedId, Symbol), Vec<usize>> = HashMap::new();
            for (place, method) in self.methods.iter().enumerate() {
                if let Some(named) = self.receiver_type(method) {
                    places.entry((named, self.store.symbol(method.name))).or_default().push(place);
                }
            }
            places
        });
        let methods = places.get(&(named, name)).into_iter().flatten().filter_map(|&place| self.methods.get(place));
        let known = methods.map(|method| self.signature_of(method)).find(|sig| !sig.is_unknown());
        self.settle_outlined();
        known.unwrap_or(TypeId::UNKNOWN)
    }

    /// Does what was put off, unless a declaration that is under way will.
    fn settle_outlined(&self) {
        if self.depth.get() == 0 {
            self.settle();
        }
    }

    /// Does what was put off.
    fn settle(&self) {
        loop {
            let waiting = std::mem::take(&mut *self.later.borrow_mut());
            if waiting.is_empty() {
                return;
            }
            let mut stuck = Vec::new();
            let before = waiting.len();
            for what in waiting {
                self.source.progress.step();
                match what {
                    Later::Values(first) => {
                        if let Some(&entry) = self.entries.get(&first) {
                            self.check(entry.at, |checker| checker.check_values(first, entry));
                        }
                    }
                    Later::Body(at, block, func) => self.check(at, |checker| checker.body(block, func)),
                    Later::Object(id) => self.declare(id),
                    Later::Underlying(named, ty) => {
                        let underlying = self.store.underlying(ty);
                        if underlying.is_unknown() {
                            stuck.push(Later::Underlying(named, ty));
                        } else {
                            self.store.update_named(named, |named| named.underlying = underlying);
                        }
                    }
                }
            }
            // What refers to itself alone stays unknown.
            if stuck.len() < before {
                self.later.borrow_mut().extend(stuck);
                continue;
            }
            for what in stuck {
                if let Later::Underlying(named, ty) = what {
                    self.stuck.borrow_mut().insert(named, ty);
                }
            }
        }
    }

    /// Checks a function declaration, or statements outside any, from scratch: signature and body.
    pub(crate) fn check_piece(&self, at: At) -> Facts {
        let Some((tree, _)) = self.piece(at) else { return Facts::default() };
        let facts = RefCell::new(new_facts(tree));
        if let Some(mut checker) = self.checker(at, &facts) {
            checker.whole();
        }
        facts.into_inner()
    }

    /// Checks all pieces of a package that is declared. Gives what functions refer to that values of package-level
    /// variables need.
    pub(crate) fn check_pieces(&self) -> Needed {
        for (file, pieces) in self.facts.iter().enumerate() {
            (0..pieces.len()).for_each(|piece| self.check((file as u32, piece as u32), |checker| checker.whole()));
        }
        self.initialization()
    }

    /// The facts of all pieces.
    pub(crate) fn finish(self) -> Vec<Vec<Rc<Facts>>> {
        let facts = |file: Vec<RefCell<Facts>>| file.into_iter().map(|facts| Rc::new(facts.into_inner())).collect();
        self.facts.into_iter().map(facts).collect()
    }
}

/// Calls `add` with each package-level object that a declaration declares, in order: its name, what it is, whether it is an
/// alias, and where it is declared.
fn each_object(tree: &Tree, at: At, decl: DeclId, add: &mut dyn FnMut(ExprId, ObjectKind, bool, Entry)) {
    match tree.decl(decl) {
        Decl::Group { kind, specs, .. } => each_spec(tree, at, kind, tree.decls(specs), add),
        Decl::Func { recv, name, .. } if recv.is_empty() => {
            add(name, ObjectKind::Func, false, Entry { at, decl, init: decl, index: 0 });
        }
        _ => {}
    }
}

fn each_spec(
    tree: &Tree,
    at: At,
    kind: GroupKind,
    specs: &[DeclId],
    add: &mut dyn FnMut(ExprId, ObjectKind, bool, Entry),
) {
    let mut init = None;
    for &decl in specs {
        match tree.decl(decl) {
            Decl::Value { names, ty, values, .. } => {
                let constant = kind == GroupKind::Const;
                let own = !constant || ty.is_some() || !values.is_empty();
                let from = if own { decl } else { init.unwrap_or(decl) };
                init = Some(from);
                let kind = if constant { ObjectKind::Const } else { ObjectKind::Var };
                for (index, &name) in tree.exprs(names).iter().enumerate() {
                    add(name, kind, false, Entry { at, decl, init: from, index });
                }
            }
            Decl::Type { name, alias, .. } => {
                add(name, ObjectKind::Type, alias, Entry { at, decl, init: decl, index: 0 });
            }
            _ => {}
        }
    }
}

fn new_facts(tree: &Tree) -> Facts {
    Facts::new(tree.expr_count())
}

/// Whether other packages can name it (Go spec, "Exported identifiers").
pub(crate) fn is_exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}
