//! Packages that a session's files import and that the session has no files of: read when somebody asks for a name in them
//! (cf. go/types' `Importer`).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use gopeer_api::Index;
use gopeer_api::manifest::Entry;
use gopeer_sema::types::Store;
use gopeer_sema::{
    Def, FileScope, Imported, Importer, Names, ObjectKind, Outline, OutlineFile, OutlinePiece, PackageScope, has_host,
};
use gopeer_syntax::ast::Expr;
use gopeer_syntax::{Head, HeadKind, Parser, Piece, Span, Tree, cut, outline};

use crate::deprecation;
use crate::document::{Document, name_imports};
use crate::module::importable;
use crate::protocol::{FileText, LibraryPlace, LibrarySource};

/// How many types the packages that are kept may have, together, when the next review begins. A type takes about 400 bytes,
/// with all that hangs on it.
const MAX_TYPES: usize = 400_000;

/// Finds the source of packages that are imported.
pub trait Sources: Send + Sync {
    /// The Go files of the package of an import path; none where it is not known.
    fn find(&self, path: &str) -> Option<PackageFiles>;

    /// A file of a package that was found; none where it cannot be read.
    fn read(&self, file: &str) -> Option<FileText>;
}

/// The files of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageFiles {
    /// What [`Sources::read`] takes.
    pub files: Vec<String>,
    /// The library that it belongs to: a module that is built with those under review in a certain version.
    pub library: Option<LibrarySource>,
}

/// Packages that are imported, each read at most once for all sessions that share this.
pub struct Outlines {
    sources: Arc<dyn Sources>,
    known: Mutex<HashMap<String, Arc<Known>>>,
    itself: std::sync::Weak<Outlines>,
}

/// What was found out of a package.
#[derive(Default)]
struct Known {
    found: OnceLock<Option<PackageFiles>>,
    name: OnceLock<Option<String>>,
    outline: OnceLock<Option<Arc<Outline>>>,
    /// The deprecated names of a library.
    deprecated: OnceLock<HashMap<String, String>>,
}

impl Outlines {
    /// Nothing is read yet.
    pub fn new(sources: Arc<dyn Sources>) -> Arc<Outlines> {
        Arc::new_cyclic(|itself| Outlines { sources, known: Mutex::default(), itself: itself.clone() })
    }

    fn known(&self, path: &str) -> Arc<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(path) {
            Some(package) => Arc::clone(package),
            None => Arc::clone(known.entry(path.to_owned()).or_default()),
        }
    }

    fn found<'k>(&self, known: &'k Known, path: &str) -> Option<&'k PackageFiles> {
        known.found.get_or_init(|| self.sources.find(path)).as_ref()
    }

    /// The name of a package. Nothing is asked of other packages here: threads wait for it while they read one.
    fn name(&self, known: &Known, path: &str) -> Option<String> {
        let name = known.name.get_or_init(|| {
            let built = self.found(known, path)?.files.iter().filter(|file| !file.ends_with("_test.go"));
            let mut heads = Vec::new();
            for file in built {
                let FileText { name, text } = self.sources.read(file)?;
                heads.push(parsing(|parser| head(name, &text, parser)));
                // Mostly the first file says the name that the path tells; else all files decide.
                let first = importable(&[heads.first()?]);
                if heads.len() == 1 && first.is_some() && first == gopeer_api::package_name(path) {
                    break;
                }
            }
            importable(&heads.iter().collect::<Vec<_>>()).map(str::to_owned)
        });
        name.clone()
    }

    fn outline(&self, known: &Known, path: &str) -> Option<Arc<Outline>> {
        let outline = known.outline.get_or_init(|| {
            let PackageFiles { files, library } = self.found(known, path)?;
            let built = files.iter().filter(|file| !file.ends_with("_test.go"));
            let texts: Vec<FileText> = built.map(|file| self.sources.read(file)).collect::<Option<_>>()?;
            if library.is_some() {
                known.deprecated.get_or_init(|| parsing(|parser| deprecated(&texts, parser)));
            }
            self.outlined(path, texts).map(Arc::new)
        });
        outline.clone()
    }

    /// The package that these files are, without the bodies of its functions.
    fn outlined(&self, path: &str, texts: Vec<FileText>) -> Option<Outline> {
        let mut files: Vec<(Document, Vec<OutlinePiece>)> =
            texts.into_iter().map(|file| parsing(|parser| outlined_file(file, parser))).collect();
        let name = importable(&files.iter().map(|(document, _)| document).collect::<Vec<_>>())?.to_owned();
        // What has no package clause that can be read may belong to any package.
        files.retain(|(document, _)| document.info.scope.package.as_ref().is_none_or(|clause| *clause == name));
        let whole = files.iter().all(|(document, _)| document.info.scope.package.is_some());
        let mut names = PackageScope::of(files.iter().flat_map(|(document, _)| document.trees()));
        for (text, head) in files.iter().flat_map(|(_, pieces)| pieces).filter_map(OutlinePiece::heads).flat_map(each) {
            if let Some(kind) = object_kind(head.kind) {
                names.add(head.name.of(text), kind);
            }
        }
        let scopes = files.iter().map(|(document, _)| (document.info.scope.clone(), OnceLock::new())).collect();
        let reader = PieceReader { outlines: self.itself.clone(), scopes, names };
        let file = |(document, pieces): (Document, Vec<OutlinePiece>)| OutlineFile {
            excluded: document.info.excluded,
            pieces,
            scope: document.info.scope,
        };
        let files = files.into_iter().map(file).collect();
        let parse = Box::new(move |file: usize, text: &str| reader.read(file, text));
        Some(Outline { path: path.to_owned(), name, files, whole, parse })
    }
}

/// Uses the parser of this thread: making one takes longer than to parse a declaration.
fn parsing<T>(what: impl FnOnce(&mut Parser) -> T) -> T {
    thread_local! {
        static PARSER: RefCell<Parser> = RefCell::default();
    }
    PARSER.with(|parser| what(&mut parser.borrow_mut()))
}

/// The outline of a file: of its pieces those that tell what they declare, and a document of all others.
fn outlined_file(file: FileText, parser: &mut Parser) -> (Document, Vec<OutlinePiece>) {
    let text = outline(&file.text);
    let (mut rest, mut pieces) = (String::new(), Vec::new());
    for piece in cut(&text) {
        let text = piece.span.of(&text);
        let outlined = OutlinePiece::new(text);
        if outlined.heads().is_none() {
            rest.push_str(text);
        }
        pieces.push(outlined);
    }
    let mut document = Document::new(file.name, rest);
    document.refresh(parser);
    (document, pieces)
}

fn each<'p>((text, heads): (&'p str, &'p [Head])) -> impl Iterator<Item = (&'p str, &'p Head)> {
    heads.iter().map(move |head| (text, head))
}

/// What a package-level name is; none of a method.
fn object_kind(kind: HeadKind) -> Option<ObjectKind> {
    match kind {
        HeadKind::Const => Some(ObjectKind::Const),
        HeadKind::Var => Some(ObjectKind::Var),
        HeadKind::Func => Some(ObjectKind::Func),
        HeadKind::Type { .. } => Some(ObjectKind::Type),
        HeadKind::Method { .. } => None,
    }
}

/// Parses and resolves pieces of an outline when somebody asks for a name that they declare.
struct PieceReader {
    outlines: std::sync::Weak<Outlines>,
    /// By file: its imports as their paths tell their names, and, where that does not explain all names, as they are called.
    scopes: Vec<(FileScope, OnceLock<FileScope>)>,
    names: PackageScope,
}

impl PieceReader {
    fn read(&self, file: usize, text: &str) -> (Tree, Names) {
        let Some((outlines, (scope, named))) = self.outlines.upgrade().zip(self.scopes.get(file)) else {
            return (Parser::new().parse(""), Names::default());
        };
        let tree = parsing(|parser| parser.parse(text));
        let mut names = Names::resolve(&tree, scope, &self.names);
        if has_open(&tree, &names) {
            let named = named.get_or_init(|| {
                let mut scope = scope.clone();
                name_imports(&mut scope, |path| outlines.name(&outlines.known(path), path));
                scope
            });
            names = Names::resolve(&tree, named, &self.names);
        }
        (tree, names)
    }
}

fn deprecated(files: &[FileText], parser: &mut Parser) -> HashMap<String, String> {
    let mut found = HashMap::new();
    files.iter().for_each(|file| deprecation::collect(&file.text, parser, &mut found));
    found
}

/// A file up to its package clause.
fn head(name: String, text: &str, parser: &mut Parser) -> Document {
    let is_clause = |piece: &&Piece| piece.span.of(text).lines().any(|line| line.starts_with("package"));
    let end = cut(text).iter().find(is_clause).map_or(0, |piece| piece.span.end);
    let mut document = Document::new(name, Span::new(0, end).of(text).to_owned());
    document.refresh(parser);
    document
}

/// Whether a name stands before a dot that nothing declares: a package need not be called as its path ends.
fn has_open(tree: &Tree, names: &Names) -> bool {
    tree.all_exprs().any(|(_, expr)| match expr {
        Expr::Selector { base, .. } => tree.expr(base) == Expr::Ident && names.def(base) == Def::Unknown,
        _ => false,
    })
}

/// The imported packages of one session.
pub(crate) struct Library {
    outlines: Arc<Outlines>,
    index: Rc<Index>,
    /// By import path, what all sessions know.
    shared: RefCell<HashMap<String, Arc<Known>>>,
    /// By import path; none where there is no such package.
    imported: RefCell<HashMap<String, Option<Rc<Imported>>>>,
    nesting: Rc<Cell<u32>>,
    itself: Weak<Library>,
    max_types: usize,
}

impl Library {
    pub(crate) fn new(outlines: Arc<Outlines>, index: Rc<Index>) -> Rc<Library> {
        Library::with_room(outlines, index, MAX_TYPES)
    }

    fn with_room(outlines: Arc<Outlines>, index: Rc<Index>, max_types: usize) -> Rc<Library> {
        Rc::new_cyclic(|itself| Library {
            outlines,
            index,
            shared: RefCell::default(),
            imported: RefCell::default(),
            nesting: Rc::default(),
            itself: itself.clone(),
            max_types,
        })
    }

    /// Forgets what was declared, where that is much. Only between reviews: what one of them finds must not depend on what
    /// others asked for.
    pub(crate) fn make_room(&self) {
        if self.types() > self.max_types {
            self.imported.borrow_mut().clear();
        }
    }

    fn known(&self, path: &str) -> Arc<Known> {
        if let Some(known) = self.shared.borrow().get(path) {
            return Arc::clone(known);
        }
        let known = self.outlines.known(path);
        self.shared.borrow_mut().insert(path.to_owned(), Arc::clone(&known));
        known
    }

    /// What is known of the library that a package belongs to, and from where.
    pub(crate) fn library(&self, path: &str) -> Option<LibrarySource> {
        if !has_host(path) {
            return None;
        }
        let known = self.known(path);
        if let Some(found) = self.outlines.found(&known, path) {
            return found.library.clone();
        }
        let package = self.index.package(path)?;
        let (module, version) = (package.module().path().to_owned(), package.module().version().to_owned());
        Some(LibrarySource { module, version, from: LibraryPlace::Index })
    }

    fn types(&self) -> usize {
        self.imported.borrow().values().flatten().map(|package| package.store().len()).sum()
    }

    fn read(&self, path: &str) -> Option<Rc<Imported>> {
        if self.is_indexed(path) {
            return None;
        }
        let known = self.known(path);
        let outline = self.outlines.outline(&known, path)?;
        let importer: Weak<dyn Importer> = self.itself.clone();
        Some(Imported::new(outline, Rc::clone(&self.index), importer, Rc::clone(&self.nesting)))
    }

    /// Whether the index of the standard library says all that the package exports.
    fn is_indexed(&self, path: &str) -> bool {
        let complete = |index: &Index| {
            index.package(path).is_some_and(|package| package.complete() && package.module().path() == "std")
        };
        !has_host(path) && complete(&self.index)
    }
}

impl Importer for Library {
    fn import(&self, path: &str) -> Option<Rc<Store>> {
        if let Some(known) = self.imported.borrow().get(path) {
            return known.as_ref().map(|package| Rc::clone(package.store()));
        }
        let package = self.read(path);
        let store = package.as_ref().map(|package| Rc::clone(package.store()));
        self.imported.borrow_mut().insert(path.to_owned(), package);
        store
    }

    fn package_name(&self, path: &str) -> Option<Rc<str>> {
        if self.is_indexed(path) {
            return None;
        }
        let known = self.known(path);
        Some(self.outlines.name(&known, path)?.into())
    }

    fn is_library(&self, path: &str) -> bool {
        has_host(path) && {
            let known = self.known(path);
            self.outlines.found(&known, path).is_some_and(|found| found.library.is_some())
        }
    }

    fn deprecation(&self, path: &str, name: &str) -> Option<String> {
        // Whoever asks has met a name of it, so that it is read.
        self.known(path).deprecated.get()?.get(name).cloned()
    }
}

/// Adds a module of the index, unless it is there.
pub(crate) fn add_embedded(entry: &Entry, index: &mut Rc<Index>) {
    if !index.modules().iter().any(|module| module.path() == entry.path)
        && let Some(module) = gopeer_api::embedded::module(entry.stem)
    {
        Rc::make_mut(index).add(module);
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::Session;
    use crate::protocol::Review;

    /// Packages of one file each, by import path; what is read is written down.
    struct Texts {
        texts: HashMap<String, String>,
        read: Mutex<Vec<String>>,
    }

    impl Sources for Texts {
        fn find(&self, path: &str) -> Option<PackageFiles> {
            self.texts.contains_key(path).then(|| PackageFiles { files: vec![path.to_owned()], library: None })
        }

        fn read(&self, file: &str) -> Option<FileText> {
            self.read.lock().expect("nobody panics").push(file.to_owned());
            Some(FileText { name: format!("{file}/a.go"), text: self.texts.get(file)?.clone() })
        }
    }

    impl Texts {
        fn new<'t>(texts: impl IntoIterator<Item = (&'t str, String)>) -> Arc<Texts> {
            let texts = texts.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
            Arc::new(Texts { texts, read: Mutex::default() })
        }

        /// The packages that were read since somebody asked, each once: the first file may be read alone, for its name.
        fn read(&self) -> Vec<String> {
            let mut read = std::mem::take(&mut *self.read.lock().expect("nobody panics"));
            read.dedup();
            read
        }
    }

    /// `x/all`, which uses fifty other packages in as many declarations, and those; each declares a type, a method that gives
    /// another package's type, and a function.
    fn fifty() -> Arc<Texts> {
        let path = |at: usize| format!("x/p{at}");
        let mut all = String::from("package all\n\n");
        for at in 0..50 {
            let _ = writeln!(
                all,
                "import \"x/p{at}\"\ntype T{at} struct{{ F p{at}.T }}\nfunc (T{at}) M() p{at}.T {{ panic(0) }}"
            );
        }
        let each = |at: usize| {
            let next = (at + 1) % 50;
            let text = format!(
                "package p{at}\n\nimport \"x/p{next}\"\n\ntype T struct{{ N int }}\n\nfunc (T) M() p{next}.T {{ panic(0) }}\n"
            );
            (path(at), text)
        };
        let texts: Vec<(String, String)> = (0..50).map(each).chain([("x/all".to_owned(), all)]).collect();
        Texts::new(texts.iter().map(|(path, text)| (path.as_str(), text.clone())))
    }

    fn session(outlines: &Arc<Outlines>) -> Session {
        let mut session = Session::new();
        session.set_importer(Some(Arc::clone(outlines)));
        session.set_whole(true);
        session
    }

    fn review(session: &mut Session, text: &str) -> Review {
        let text = format!("package a\n\n{text}");
        session.open(vec![FileText { name: "a.go".to_owned(), text }]);
        session.review("senior").expect("senior is built in")
    }

    fn errors(review: &Review) -> Vec<u32> {
        let is_error = |rule: &str| matches!(rule, "correctness/compile-error" | "correctness/undefined-name");
        let errors = review.findings.iter().filter(|finding| is_error(&finding.rule));
        errors.map(|finding| finding.place.range.line).collect()
    }

    const USE: &str = "import \"x/all\"\n\nvar a string = all.T7{}.F.N\n";

    #[test]
    fn what_nobody_asks_for_is_not_read() {
        let texts = fifty();
        let outlines = Outlines::new(Arc::<Texts>::clone(&texts));
        let mut session = session(&outlines);
        assert_eq!(errors(&review(&mut session, "import \"x/all\"\n\nvar a string = all.Absent\n")), [5]);
        assert_eq!(texts.read(), ["x/all"]);
        assert_eq!(errors(&review(&mut session, USE)), [5]);
        assert_eq!(texts.read(), ["x/p7"]);
        assert_eq!(errors(&review(&mut session, &USE.replace("F.N", "M().M()"))), [5]);
        assert_eq!(texts.read(), ["x/p8"]);
    }

    #[test]
    fn what_is_read_is_read_once_for_all() {
        let texts = fifty();
        let outlines = Outlines::new(Arc::<Texts>::clone(&texts));
        assert_eq!(errors(&review(&mut session(&outlines), USE)), [5]);
        assert_eq!(texts.read(), ["x/all", "x/p7"]);
        assert_eq!(errors(&review(&mut session(&outlines), USE)), [5]);
        assert_eq!(texts.read(), [""; 0]);
    }

    #[test]
    fn room_is_made_between_reviews() {
        let outlines = Outlines::new(fifty());
        let index = || {
            let mut index = Index::default();
            index.read_embedded();
            Rc::new(index)
        };
        let ask = |library: &Rc<Library>| {
            library.make_room();
            (0..50).filter_map(|at| library.import(&format!("x/p{at}"))).map(|store| store.len()).sum::<usize>()
        };
        let roomy = Library::new(Arc::clone(&outlines), index());
        let all = ask(&roomy);
        assert_eq!((ask(&roomy), roomy.types()), (all, all));
        let narrow = Library::with_room(outlines, index(), all / 2);
        assert_eq!(ask(&narrow), all, "one review gets all that it asks for");
        narrow.make_room();
        assert_eq!(narrow.types(), 0);
    }

    #[test]
    fn a_package_need_not_be_called_as_its_path_ends() {
        let own = "package rows\n\ntype T struct{ N int }\n".to_owned();
        let user = "package user\n\nimport \"x/go-store\"\n\nvar V rows.T\n".to_owned();
        let texts = Texts::new([("x/go-store", own), ("x/user", user)]);
        let outlines = Outlines::new(Arc::<Texts>::clone(&texts));
        let mut session = session(&outlines);
        assert_eq!(errors(&review(&mut session, "import \"x/user\"\n\nvar a string = user.V.N\n")), [5]);
        assert_eq!(errors(&review(&mut session, "import \"x/go-store\"\n\nvar a string = rows.T{}.N\n")), [5]);
    }
}
