//! What stands at a place of a file: for hovering, for going to a definition, for showing all uses.

use std::collections::BTreeMap;

use gopeer_api::Index;
use gopeer_sema::types::{NamedId, ObjId, PkgId, Store, Type, TypeId};
use gopeer_sema::{
    Def, Facts, Known, LocalKind, Mode, Names, ObjectKind, Predeclared, SelectionKind, predeclared, receiver_base,
};
use gopeer_syntax::ast::{Decl, DeclId, Expr, ExprId, Node};
use gopeer_syntax::{LineIndex, Span, Tree};

use crate::document::{Document, PieceState};
use crate::module::{PackageKey, package_key};
use crate::protocol::{Inspection, Target};
use crate::run::PackageState;
use crate::signature;

/// What an identifier stands for, the same for all its uses.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Thing {
    /// A name declared inside this piece: piece and declaring ident.
    Local(usize, ExprId),
    /// A package-level object, of this package or another.
    Object(ObjId),
    /// A field or method: its owner and its name.
    Member(Option<NamedId>, String),
    /// An import of the file.
    Import(String),
    /// A predeclared name.
    Universe(String),
}

/// The session's state as far as it is looked into.
pub(crate) struct Inspector<'s> {
    pub(crate) documents: &'s [Document],
    pub(crate) packages: &'s BTreeMap<PackageKey, PackageState>,
    pub(crate) index: &'s Index,
}

/// One identifier of one piece.
#[derive(Clone, Copy)]
struct At<'s> {
    document: &'s Document,
    piece: usize,
    state: &'s PieceState,
    tree: &'s Tree,
    names: &'s Names,
    facts: &'s Facts,
    ident: ExprId,
}

impl<'s> Inspector<'s> {
    /// What stands at byte `offset` of a document; none where no identifier stands there, or nothing is known of it.
    pub(crate) fn inspect(&self, document: &'s Document, offset: u32) -> Option<Inspection> {
        let package = self.packages.get(&package_key(document))?;
        let store: &Store = &package.checked.store;
        let at = ident_at(document, offset)?;
        let thing = thing(at, store)?;
        let index = LineIndex::new(&document.text);
        let utf16 = |span: Span| (index.position(span.start).utf16, index.position(span.end).utf16);
        let (from, to) = utf16(at.tree.span(at.ident).offset(at.state.start));
        let uses = self.uses(document, store, &thing).into_iter().map(utf16).collect();
        let (code, note) = self.describe(store, at, &thing);
        let declared = self.declared(document, store, &thing);
        let code = declared.and_then(head).unwrap_or(code);
        Some(Inspection {
            from,
            to,
            code,
            value: at.facts.value(at.ident).map(gopeer_sema::value::Value::short),
            note,
            link: self.link(store, at, &thing),
            definition: declared.map(target),
            uses,
        })
    }

    fn uses(&self, document: &'s Document, store: &Store, thing: &Thing) -> Vec<Span> {
        let mut spans = Vec::new();
        for at in idents(document) {
            if self::thing(at, store).as_ref() == Some(thing) {
                spans.push(at.tree.span(at.ident).offset(at.state.start));
            }
        }
        spans
    }

    /// Go code that says what it is, and a sentence on it where the index has one.
    fn describe(&self, store: &Store, at: At<'s>, thing: &Thing) -> (String, Option<String>) {
        let name = at.tree.source(at.ident);
        let ty = type_of(at);
        match thing {
            _ if ty.is_unknown() && !matches!(thing, Thing::Import(_) | Thing::Universe(_)) => {
                (name.to_owned(), Some("Its type is not known here.".to_owned()))
            }
            Thing::Local(_, declaring) => {
                let word = match at.facts.local(*declaring).map(|local| local.kind) {
                    Some(LocalKind::Const) => "const",
                    Some(LocalKind::Type) => "type",
                    _ => "var",
                };
                (format!("{word} {name} {}", store.show(ty)), None)
            }
            Thing::Object(id) => self.describe_object(store, *id, ty),
            Thing::Member(owner, _) => self.describe_member(store, at, *owner, ty),
            Thing::Import(path) => (format!("import {path:?}"), None),
            Thing::Universe(name) => (universe(name), None),
        }
    }

    /// What follows the name of a function, with the names of its parameters where the index has them.
    fn signature(&self, store: &Store, ty: TypeId, (path, recv, name): (&str, Option<&str>, &str)) -> String {
        let named =
            signature::names(self.index, path, recv, name).and_then(|names| signature::named(store, ty, &names));
        named.unwrap_or_else(|| {
            let ty = store.show(ty);
            ty.strip_prefix("func").unwrap_or(&ty).to_owned()
        })
    }

    fn describe_object(&self, store: &Store, id: ObjId, ty: TypeId) -> (String, Option<String>) {
        let object = store.object(id);
        let name = store.text(object.name);
        let package = store.package(object.pkg);
        let qualifier =
            if object.pkg == PkgId::SELF { String::new() } else { format!("{}.", store.text(package.name)) };
        let path = store.text(package.path);
        let note = store.known(path, None, name).and_then(note);
        let code = match object.kind {
            ObjectKind::Func => format!("func {qualifier}{name}{}", self.signature(store, ty, (path, None, name))),
            ObjectKind::Type => {
                let of = store.show(store.underlying(object.ty));
                format!("type {qualifier}{name} {}", shortened(&of))
            }
            ObjectKind::Const => format!("const {qualifier}{name} {}", store.show(ty)),
            ObjectKind::Var => format!("var {qualifier}{name} {}", store.show(ty)),
        };
        (code, note)
    }

    fn describe_member(
        &self,
        store: &Store,
        at: At<'s>,
        owner: Option<NamedId>,
        ty: TypeId,
    ) -> (String, Option<String>) {
        let name = at.tree.source(at.ident);
        let Some(owner) = owner else { return (format!("{name} {}", store.show(ty)), None) };
        let named = store.named(owner);
        let of = store.show(store.named_type(owner, &[]));
        let method = matches!(store.get(ty), Type::Signature(_)) && is_method(at);
        let (path, recv) = (store.text(store.package(named.pkg).path), store.text(named.name));
        let note = store.known(path, Some(recv), name).filter(|_| method).and_then(note);
        let code = if method {
            let pointer = named.methods.iter().any(|method| method.pointer && *store.text(method.name) == *name);
            let star = if pointer { "*" } else { "" };
            format!("func ({star}{of}) {name}{}", self.signature(store, ty, (path, Some(recv), name)))
        } else {
            format!("field {of}.{name} {}", store.show(ty))
        };
        (code, note)
    }

    /// Where pkg.go.dev documents it: it has the packages of the index, and need not have others.
    fn link(&self, store: &Store, at: At<'s>, thing: &Thing) -> Option<String> {
        let (pkg, anchor) = match thing {
            Thing::Object(id) => {
                let object = store.object(*id);
                (object.pkg, store.text(object.name).to_string())
            }
            Thing::Member(Some(owner), name) => {
                let named = store.named(*owner);
                (named.pkg, format!("{}.{name}", store.text(named.name)))
            }
            Thing::Import(path) => {
                return self.index.package(path).map(|_| format!("https://pkg.go.dev/{path}"));
            }
            Thing::Universe(name) => return Some(format!("https://pkg.go.dev/builtin#{name}")),
            _ => return None,
        };
        let path = store.text(store.package(pkg).path);
        let exported = at.tree.source(at.ident).starts_with(char::is_uppercase);
        let documented = pkg != PkgId::SELF && exported && self.index.package(path).is_some();
        documented.then(|| format!("https://pkg.go.dev/{path}#{anchor}"))
    }

    /// Where a name is declared: the file, the piece and the identifier, if in the session.
    fn declared(&self, document: &'s Document, store: &Store, thing: &Thing) -> Option<Declared<'s>> {
        match thing {
            Thing::Local(piece, ident) => Some((document, document.pieces.get(*piece)?, *ident)),
            Thing::Object(id) => {
                let object = store.object(*id);
                let Some(site) = object.site else {
                    let name = store.text(object.name);
                    return self.find(document, store, object.pkg, |tree, root| top(tree, root, name));
                };
                let document = self.files(package_key(document)).nth(site.file as usize)?;
                Some((document, document.pieces.get(site.piece as usize)?, site.ident))
            }
            Thing::Member(Some(owner), name) => {
                let named = store.named(*owner);
                let of = store.text(named.name);
                self.find(document, store, named.pkg, |tree, root| member(tree, root, of, name))
            }
            _ => None,
        }
    }

    /// The first identifier that `declares` knows among the declarations of a package of the session.
    fn find(
        &self,
        document: &'s Document,
        store: &Store,
        pkg: PkgId,
        declares: impl Fn(&Tree, DeclId) -> Option<ExprId>,
    ) -> Option<Declared<'s>> {
        let key = if pkg == PkgId::SELF {
            package_key(document)
        } else {
            let path = store.text(store.package(pkg).path);
            let of_path = |(_, state): &(&PackageKey, &PackageState)| !path.is_empty() && state.checked.path() == path;
            self.packages.iter().find(of_path)?.0.clone()
        };
        self.files(key).find_map(|document| {
            document.pieces.iter().find_map(|state| {
                let found = state.tree.roots().iter().find_map(|&root| declares(&state.tree, root));
                Some((document, state, found?))
            })
        })
    }

    /// The files of a package, in the order that it was checked in.
    fn files(&self, key: PackageKey) -> impl Iterator<Item = &'s Document> {
        self.documents.iter().filter(move |other| other.kind == crate::document::Kind::Go && package_key(other) == key)
    }
}

/// An identifier that declares something, with its file and piece.
type Declared<'s> = (&'s Document, &'s PieceState, ExprId);

/// All identifiers of a document whose pieces are checked.
fn idents(document: &Document) -> impl Iterator<Item = At<'_>> {
    document.pieces.iter().enumerate().flat_map(move |(piece, state)| {
        let examined = state.examined.as_ref();
        examined.into_iter().flat_map(move |examined| {
            let (tree, names, facts) = (&*state.tree, &*examined.names, &*examined.facts);
            let ident = move |(ident, expr)| {
                (expr == Expr::Ident).then_some(At { document, piece, state, tree, names, facts, ident })
            };
            tree.all_exprs().filter_map(ident)
        })
    })
}

fn ident_at(document: &Document, offset: u32) -> Option<At<'_>> {
    idents(document).find(|at| {
        let span = at.tree.span(at.ident).offset(at.state.start);
        span.start <= offset && offset <= span.end && span.start < span.end
    })
}

fn thing(at: At<'_>, store: &Store) -> Option<Thing> {
    let name = at.tree.source(at.ident);
    // The key of a struct literal selects a field by itself.
    let mut selector = at.ident;
    if let Some(Node::Expr(parent)) = at.tree.parent(at.ident)
        && let Expr::Selector { name: selected, .. } = at.tree.expr(parent)
        && selected == at.ident
    {
        selector = parent;
    }
    if let Some(selection) = at.facts.selection(selector) {
        return Some(Thing::Member(selection.owner, name.to_owned()));
    }
    if let Some(owner) = owner(at, store) {
        return Some(Thing::Member(Some(owner), name.to_owned()));
    }
    if let Some(object) = at.facts.object(at.ident) {
        return Some(Thing::Object(object));
    }
    let def = match at.names.def(at.ident) {
        Def::Unknown if at.facts.mode(at.ident) != Mode::Unknown => at.names.key(at.ident),
        def => def,
    };
    match def {
        Def::Local(declaring) => Some(Thing::Local(at.piece, declaring)),
        Def::Import(_) | Def::Implied(_) => import_path(at).map(Thing::Import),
        Def::Universe => Some(Thing::Universe(name.to_owned())),
        _ => None,
    }
}

/// The type whose field or method the identifier declares.
fn owner(at: At<'_>, store: &Store) -> Option<NamedId> {
    let tree = at.tree;
    let of = match tree.parent(at.ident)? {
        Node::Decl(decl) => {
            let Decl::Func { recv, .. } = tree.decl(decl) else { return None };
            receiver_base(tree, recv)?.0
        }
        Node::Field(field) => {
            let Node::Expr(list) =
                tree.parent(field).filter(|_| tree.place(tree.exprs(tree.field(field).names), at.ident).is_some())?
            else {
                return None;
            };
            let Some(Node::Decl(decl)) = tree.parent(list) else { return None };
            let Decl::Type { name, ty, .. } = tree.decl(decl) else { return None };
            Some(name).filter(|_| ty == list)?
        }
        _ => return None,
    };
    match store.get(store.object(at.facts.object(of)?).ty) {
        Type::Named(id, _) => Some(id),
        _ => None,
    }
}

/// The type of an identifier; where it declares a member, that is written beside it.
fn type_of(at: At<'_>) -> TypeId {
    let own = at.facts.type_of(at.ident);
    match at.tree.parent(at.ident) {
        Some(Node::Field(field)) if own.is_unknown() => at.facts.type_of(at.tree.field(field).ty),
        Some(Node::Decl(decl)) if own.is_unknown() => match at.tree.decl(decl) {
            Decl::Func { ty, .. } => at.facts.type_of(ty),
            _ => own,
        },
        _ => own,
    }
}

fn import_path(at: At<'_>) -> Option<String> {
    match at.names.def(at.ident) {
        Def::Implied(path) => Some(path.to_owned()),
        Def::Import(index) => at.document.info.scope.imports.get(index as usize).map(|import| import.path.clone()),
        _ => None,
    }
}

fn is_method(at: At<'_>) -> bool {
    match at.tree.parent(at.ident) {
        Some(Node::Expr(parent)) => {
            at.facts.selection(parent).is_some_and(|selection| selection.kind != SelectionKind::Field)
        }
        Some(Node::Decl(_)) => at.facts.mode(at.ident) == Mode::Value,
        _ => false,
    }
}

/// The head of a function as its author wrote it: types alone do not tell what a parameter is for.
fn head((_, state, ident): Declared) -> Option<String> {
    let tree = &*state.tree;
    let Some(Node::Decl(decl)) = tree.parent(ident) else { return None };
    let Decl::Func { ty, .. } = tree.decl(decl) else { return None };
    let head = Span::new(tree.span(decl).start, tree.span(ty).end).of(tree.text());
    (!head.is_empty()).then(|| head.to_owned())
}

/// The identifier that declares `name` at the top of a package.
fn top(tree: &Tree, root: DeclId, name: &str) -> Option<ExprId> {
    let is_it = |&ident: &ExprId| tree.source(ident) == name;
    match tree.decl(root) {
        Decl::Group { specs, .. } => tree.decls(specs).iter().find_map(|&spec| top(tree, spec, name)),
        Decl::Type { name: ident, .. } => Some(ident).filter(is_it),
        Decl::Func { recv, name: ident, .. } => Some(ident).filter(|ident| recv.is_empty() && is_it(ident)),
        Decl::Value { names, .. } => tree.exprs(names).iter().copied().find(is_it),
        _ => None,
    }
}

/// The identifier that declares field or method `name` of the type `of` in a declaration.
fn member(tree: &Tree, root: DeclId, of: &str, name: &str) -> Option<ExprId> {
    match tree.decl(root) {
        Decl::Group { specs, .. } => tree.decls(specs).iter().find_map(|&spec| member(tree, spec, of, name)),
        Decl::Type { name: type_name, ty, .. } if tree.source(type_name) == of => {
            let (Expr::StructType { fields } | Expr::InterfaceType { elems: fields }) = tree.expr(ty) else {
                return None;
            };
            let names = tree.fields(fields).iter().flat_map(|&field| tree.exprs(tree.field(field).names));
            names.copied().find(|&field| tree.source(field) == name)
        }
        Decl::Func { recv, name: method, .. } if tree.source(method) == name => {
            (tree.source(receiver_base(tree, recv)?.0) == of).then_some(method)
        }
        _ => None,
    }
}

fn target((document, state, ident): Declared) -> Target {
    let index = LineIndex::new(&document.text);
    let span = state.tree.span(ident).offset(state.start);
    let (from, to) = (index.position(span.start).utf16, index.position(span.end).utf16);
    Target { file: document.name.clone(), from, to }
}

/// What the index says besides the type.
fn note(known: Known) -> Option<String> {
    let deprecated = known.deprecated.map(|text| format!("Deprecated: {text}"));
    let since = known.since.map(|minor| format!("Since Go 1.{minor}."));
    match (deprecated, since) {
        (Some(deprecated), Some(since)) => Some(format!("{deprecated} {since}")),
        (one, other) => one.or(other),
    }
}

/// Long structs and interfaces are named, not listed.
fn shortened(text: &str) -> &str {
    const LONG: usize = 80;
    match text {
        _ if text.len() <= LONG => text,
        _ if text.starts_with("struct") => "struct",
        _ if text.starts_with("interface") => "interface",
        _ => text,
    }
}

fn universe(name: &str) -> String {
    match predeclared(name) {
        Some(Predeclared::Type(_)) => format!("type {name}"),
        Some(Predeclared::Builtin(_)) => format!("func {name}"),
        Some(_) => format!("const {name}"),
        None => name.to_owned(),
    }
}
