//! Our side: a package checked by our checker, and what it says of each expression in go/typefacts' words.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use gopeer_api::{Index, Module};
use gopeer_sema::types::{NamedId, ObjId, PkgId, Type, TypeId};
use gopeer_sema::{
    Checked, Def, Facts, FileScope, LocalKind, Mode, Names, ObjectKind, PackageScope, Predeclared, SelectionKind,
    Source, SourceFile, predeclared,
};
use gopeer_syntax::ast::{Expr, ExprId, Node};
use gopeer_syntax::{Parser, Progress, Tree, cut};

use super::canon::{self, Canon};

/// The packages' index, as the page and the command have it.
pub fn index() -> Vec<Module> {
    gopeer_api::manifest::modules().iter().filter_map(|entry| gopeer_api::embedded::module(entry.stem)).collect()
}

/// What the index knows, in the form that go/typefacts reads.
pub fn index_lines(modules: &[Module]) -> Vec<String> {
    let mut index = Index::default();
    modules.iter().for_each(|module| index.add(module.clone()));
    let mut paths: Vec<&str> = modules.iter().flat_map(Module::packages).map(|package| package.path()).collect();
    paths.sort_unstable();
    paths.dedup();
    let line = |path: &str| {
        let package = index.package(path)?;
        let names: Vec<&str> = package.objects().map(|object| object.name()).collect();
        Some(if package.complete() { path.to_owned() } else { format!("{path}\t{}", names.join(",")) })
    };
    paths.into_iter().filter_map(line).collect()
}

/// A file of a package.
#[derive(Clone)]
pub struct Text {
    /// Where it is.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// A file in our checker's eyes.
pub struct File {
    /// Where it is.
    pub name: String,
    /// What it says.
    pub text: String,
    /// Its pieces.
    pub pieces: Vec<Piece>,
    /// Its package clause and imports.
    pub scope: FileScope,
}

/// A piece of a file.
pub struct Piece {
    /// Where it starts in the file.
    pub start: u32,
    /// Its tree.
    pub tree: Arc<Tree>,
    /// Its names.
    pub names: Arc<Names>,
}

/// A package that our checker has checked.
pub struct Package {
    /// Its import path.
    pub path: String,
    /// Its files.
    pub files: Vec<File>,
    /// What its files declare.
    pub scope: PackageScope,
    /// What was found out.
    pub checked: Checked,
    places: HashMap<NamedId, (u32, u32)>,
}

/// Which expression: index of the file, of the piece in it, and the expression in that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the file.
    pub file: usize,
    /// Index of the piece.
    pub piece: usize,
    /// The expression.
    pub expr: ExprId,
}

impl Package {
    /// Parses and checks the files of a package that knows others from the index.
    pub fn check(path: &str, texts: Vec<Text>, modules: &[Module]) -> Package {
        Package::check_in_module(path, texts, modules, &[])
    }

    /// Parses and checks the files of a package that may import these others, too.
    pub fn check_in_module(path: &str, texts: Vec<Text>, modules: &[Module], others: &[Package]) -> Package {
        let mut files = parse(texts);
        name_imports(&mut files, others);
        Package::of(path, files, modules, others)
    }

    /// Checks the package again, with another text in one of its files.
    pub fn check_with(&self, file: usize, text: String, modules: &[Module]) -> Package {
        let again = |(at, old): (usize, &File)| {
            if at == file {
                return parse(vec![Text { name: old.name.clone(), text: text.clone() }]);
            }
            let piece = |piece: &Piece| Piece { start: piece.start, tree: piece.tree.clone(), names: Arc::default() };
            let pieces = old.pieces.iter().map(piece).collect();
            vec![File { name: old.name.clone(), text: old.text.clone(), pieces, scope: old.scope.clone() }]
        };
        Package::of(&self.path, self.files.iter().enumerate().flat_map(again).collect(), modules, &[])
    }

    fn of(path: &str, mut files: Vec<File>, modules: &[Module], others: &[Package]) -> Package {
        let scope = resolve(&mut files);
        let mut index = Index::default();
        modules.iter().for_each(|module| index.add(module.clone()));
        let name = files.first().and_then(|file| file.scope.package.clone()).unwrap_or_default();
        let source =
            Source { files: files.iter().map(File::source).collect(), whole: true, progress: Progress::default() };
        let imports: Vec<&Checked> = others.iter().map(|other| &other.checked).collect();
        let checked = Checked::in_module(path, &name, &source, Rc::new(index), &imports, None);
        let mut package = Package { path: path.to_owned(), files, scope, checked, places: HashMap::new() };
        package.find_local_types();
        package
    }

    /// What writes types of this package.
    pub fn canon(&self) -> Canon<'_> {
        Canon::new(&self.checked.store, self.places.clone())
    }

    /// The facts of a piece.
    pub fn facts(&self, file: usize, piece: usize) -> Option<&Rc<Facts>> {
        self.checked.facts.get(file)?.get(piece)
    }

    /// Compile errors: where, and what.
    pub fn errors(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (at, file) in self.files.iter().enumerate() {
            for (number, piece) in file.pieces.iter().enumerate() {
                for error in self.facts(at, number).map_or(&[][..], |facts| &facts.errors) {
                    let place = file.place(piece.start + error.span.start);
                    found.push(format!("{:?}\t{place}: {}", error.code, error.message));
                }
            }
        }
        found
    }

    fn find_local_types(&mut self) {
        for (at, file) in self.files.iter().enumerate() {
            for (number, piece) in file.pieces.iter().enumerate() {
                let Some(facts) = self.checked.facts.get(at).and_then(|file| file.get(number)) else { continue };
                for (ident, local) in facts.locals().filter(|(_, local)| local.kind == LocalKind::Type) {
                    let Type::Named(named, _) = self.checked.store.get(local.ty) else { continue };
                    let known = self.checked.store.named(named);
                    // The name tells it from an alias.
                    if known.object.is_none() && *self.checked.store.text(known.name) == *piece.tree.source(ident) {
                        let offset = piece.start + piece.tree.span(ident).start;
                        self.places.entry(named).or_insert((at as u32, offset));
                    }
                }
            }
        }
    }
}

fn parse(texts: Vec<Text>) -> Vec<File> {
    let mut parser = Parser::new();
    let mut file = |Text { name, text }| {
        let piece = |span: gopeer_syntax::Span| Piece {
            start: span.start,
            tree: Arc::new(parser.parse(span.of(&text))),
            names: Arc::default(),
        };
        let pieces: Vec<Piece> = cut(&text).iter().map(|piece| piece.span).map(piece).collect();
        let scope = FileScope::of(pieces.iter().map(|piece| &*piece.tree));
        File { name, text, pieces, scope }
    };
    texts.into_iter().map(&mut file).collect()
}

/// Gives imports of other packages the names that these go by.
fn name_imports(files: &mut [File], others: &[Package]) {
    let mut name = |import: &mut gopeer_sema::Import| {
        if import.name.is_none() {
            let other = others.iter().find(|other| other.path == import.path);
            import.name = other.and_then(|other| other.files.first()?.scope.package.clone());
        }
    };
    files.iter_mut().for_each(|file| file.scope.rename(&mut name));
}

fn resolve(files: &mut [File]) -> PackageScope {
    let scope = PackageScope::of(files.iter().flat_map(|file| &file.pieces).map(|piece| &*piece.tree));
    for file in files {
        for piece in &mut file.pieces {
            piece.names = Arc::new(Names::resolve(&piece.tree, &file.scope, &scope));
        }
    }
    scope
}

impl File {
    fn source(&self) -> SourceFile<'_> {
        SourceFile {
            excluded: false,
            scope: &self.scope,
            pieces: self.pieces.iter().map(|piece| (&*piece.tree, &*piece.names).into()).collect(),
        }
    }

    /// A file's name and line, for readers.
    pub fn place(&self, offset: u32) -> String {
        let before = self.text.get(..offset as usize).unwrap_or_default();
        let short = ["/oracle/modules/", "/src/"].iter().find_map(|mark| self.name.split_once(mark));
        let name = short.map_or(self.name.as_str(), |(_, name)| name);
        format!("{name}:{}", before.matches('\n').count() + 1)
    }

    /// Its expressions by start, end and kind.
    pub fn expressions(&self) -> HashMap<(u32, u32, u8), (usize, ExprId)> {
        let mut found = HashMap::new();
        for (number, piece) in self.pieces.iter().enumerate() {
            for (id, expr) in piece.tree.all_exprs() {
                let span = piece.tree.span(id).offset(piece.start);
                found.insert((span.start, span.end, expr.kind() as u8), (number, id));
            }
        }
        found
    }
}

/// What our checker says, in go/typefacts' words.
pub struct Reader<'p> {
    package: &'p Package,
    /// Writes the types.
    pub canon: Canon<'p>,
}

impl<'p> Reader<'p> {
    /// For a package.
    pub fn new(package: &'p Package) -> Reader<'p> {
        Reader { package, canon: package.canon() }
    }

    /// The file and piece of a place.
    pub fn piece(&self, at: Place) -> Option<(&'p Piece, &'p Facts)> {
        let piece = self.package.files.get(at.file)?.pieces.get(at.piece)?;
        Some((piece, self.package.facts(at.file, at.piece)?))
    }

    /// How it can be used: a letter of go/typefacts' `modeOf`.
    pub fn mode(&self, at: Place) -> u8 {
        match self.piece(at).map_or(Mode::Unknown, |(_, facts)| facts.mode(at.expr)) {
            Mode::Unknown => b'?',
            Mode::NoValue => b'n',
            Mode::Builtin(_) => b'b',
            Mode::Type => b't',
            Mode::Constant => b'c',
            Mode::Variable => b'v',
            Mode::MapIndex => b'm',
            Mode::Value => b'x',
            Mode::Nil => b'N',
            Mode::CommaOk => b'k',
        }
    }

    /// The type.
    pub fn ty(&self, at: Place) -> TypeId {
        let Some((piece, facts)) = self.piece(at) else { return TypeId::UNKNOWN };
        match self.field_key(piece, facts, at.expr) {
            Some((_, ty)) => ty,
            None => facts.type_of(at.expr),
        }
    }

    /// A constant's value.
    pub fn value(&self, at: Place) -> Option<String> {
        let (_, facts) = self.piece(at)?;
        let value = facts.value(at.expr).or_else(|| facts.local(at.expr).map(|local| &local.value));
        value.filter(|value| !value.is_unknown()).map(canon::value)
    }

    /// The value of the constant that a name declares at package level.
    pub fn declared_value(&self, at: Place) -> Option<String> {
        let (_, facts) = self.piece(at)?;
        let object = self.package.checked.store.object(facts.object(at.expr)?);
        (!object.value.is_unknown()).then(|| canon::value(&object.value))
    }

    /// What a name refers to: a letter for the kind, and which it is. Empty where that is not known.
    pub fn object(&self, at: Place) -> String {
        let Some((piece, facts)) = self.piece(at) else { return String::new() };
        if let Some(Node::Expr(parent)) = piece.tree.parent(at.expr)
            && let Expr::Selector { name, .. } = piece.tree.expr(parent)
            && name == at.expr
        {
            return self.selected(piece, facts, parent, name);
        }
        if let Some((owner, _)) = self.field_key(piece, facts, at.expr) {
            return format!("F {owner}.{}", piece.tree.source(at.expr));
        }
        if let Some(object) = facts.object(at.expr) {
            return self.package_level(object);
        }
        let file = &self.package.files[at.file];
        match piece.names.def(at.expr) {
            Def::Local(declaring) => {
                let kind = match facts.local(declaring).map(|local| local.kind) {
                    Some(LocalKind::Var | LocalKind::Param) => 'v',
                    Some(LocalKind::Const) => 'c',
                    Some(LocalKind::Type) => 't',
                    None => canon::UNKNOWN,
                };
                format!("{kind} {}:{}", at.file, piece.start + piece.tree.span(declaring).start)
            }
            Def::Import(index) => {
                let import = file.scope.imports.get(index as usize);
                format!("p {}", import.map_or("", |import| import.path.as_str()))
            }
            Def::Universe => universe(piece.tree.source(at.expr)),
            Def::Package(_) | Def::Implied(_) | Def::Unknown => String::new(),
        }
    }

    fn selected(&self, piece: &Piece, facts: &Facts, selector: ExprId, name: ExprId) -> String {
        let text = piece.tree.source(name);
        if let Some(selection) = facts.selection(selector) {
            let letter = if selection.kind == SelectionKind::Field { 'F' } else { 'M' };
            let owner = selection.owner.map_or_else(String::new, |owner| self.canon.named(owner));
            return format!("{letter} {owner}.{text}");
        }
        if let Mode::Builtin(_) = facts.mode(selector) {
            return format!("b {text}");
        }
        facts.object(name).map_or_else(String::new, |object| self.package_level(object))
    }

    /// The key of a struct literal: the type that has the field, and the field's type.
    fn field_key(&self, piece: &Piece, facts: &Facts, ident: ExprId) -> Option<(String, TypeId)> {
        let tree = &piece.tree;
        let Some(Node::Expr(pair)) = tree.parent(ident) else { return None };
        let Expr::KeyValue { key, .. } = tree.expr(pair) else { return None };
        let Some(Node::Expr(literal)) = tree.parent(pair) else { return None };
        if key != ident || tree.expr(ident) != Expr::Ident {
            return None;
        }
        let store = &self.package.checked.store;
        let ty = facts.type_of(literal);
        let of = match store.under(ty) {
            Type::Struct(of) => of,
            Type::Pointer(elem) => match store.under(elem) {
                Type::Struct(of) => of,
                _ => return None,
            },
            _ => return None,
        };
        let field = of.fields.iter().find(|field| *store.text(field.name) == *tree.source(ident))?;
        Some((self.canon.owner(ty), field.ty))
    }

    fn package_level(&self, id: ObjId) -> String {
        let object = self.package.checked.store.object(id);
        let store = &self.package.checked.store;
        let kind = match object.kind {
            ObjectKind::Func => 'f',
            ObjectKind::Var => 'v',
            ObjectKind::Const => 'c',
            ObjectKind::Type => 't',
        };
        match object.site.and_then(|site| {
            let piece = self.package.files.get(site.file as usize)?.pieces.get(site.piece as usize)?;
            Some((site.file, piece.start + piece.tree.span(site.ident).start))
        }) {
            Some((file, offset)) => format!("{kind} {file}:{offset}"),
            None if object.pkg == PkgId::UNIVERSE => format!("{kind} {}", store.text(object.name)),
            None => format!("{kind} {}.{}", store.text(store.package(object.pkg).path), store.text(object.name)),
        }
    }
}

fn universe(name: &str) -> String {
    match predeclared(name) {
        Some(Predeclared::Type(_)) => format!("t {name}"),
        Some(Predeclared::Builtin(_)) => format!("b {name}"),
        Some(Predeclared::Bool(_) | Predeclared::Iota) => format!("c {name}"),
        Some(Predeclared::Nil) => "n nil".to_owned(),
        None => String::new(),
    }
}
