//! One file of a session: its text, cut into pieces whose trees, names and findings outlive edits elsewhere.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use gopeer_api::package_name;
use gopeer_lint::{CompanionKind, FileInfo, Functions, PieceResult, ProjectNames};
use gopeer_sema::{Facts, FileScope, Names};
use gopeer_syntax::ast::Decl;
use gopeer_syntax::{Parser, Span, Tree, cut, go_line, is_built, is_script};

use crate::config::{self, Config, Fault, Project};
use crate::persona::is_persona;

/// What a file is to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Go source.
    Go,
    /// A file that is not Go but that rules know.
    Companion(CompanionKind),
    /// A project's configuration.
    Config,
    /// A reviewer's file.
    Persona,
    /// Kept and shown, not examined.
    Other,
}

/// What was worked out about a piece under an environment (imports, declarations of the package, file facts), named by its
/// hash.
#[derive(Clone, Debug)]
pub(crate) struct Examined {
    pub(crate) environment: u64,
    pub(crate) names: Arc<Names>,
    pub(crate) facts: Rc<Facts>,
    /// What the rules said; none until they ran.
    pub(crate) result: Option<Rc<PieceResult>>,
}

/// A top-level piece: where it is, its tree, and what is known about it.
#[derive(Clone, Debug)]
pub(crate) struct PieceState {
    pub(crate) start: u32,
    pub(crate) hash: u64,
    /// Hash of what other pieces can see of it: of a function all but its body and the comments before it.
    pub(crate) shape: u64,
    pub(crate) tree: Arc<Tree>,
    pub(crate) examined: Option<Examined>,
}

impl PieceState {
    /// Whether what the rules said still holds: they ran, and what they asked about other functions has the same answers.
    pub(crate) fn is_examined(&self, functions: &Functions<'_>) -> bool {
        let result = self.examined.as_ref().and_then(|examined| examined.result.as_ref());
        result.is_some_and(|result| {
            result.asked.iter().all(|(question, answer)| functions.answer(question).as_ref() == Some(answer))
        })
    }
}

/// One file.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) kind: Kind,
    pub(crate) info: FileInfo,
    pub(crate) pieces: Vec<PieceState>,
    /// How many pieces were parsed since somebody took this count.
    pub(crate) parsed: u32,
    /// What its project says of reviews.
    pub(crate) config: Arc<Config>,
    /// Whether the project leaves it out: it declares what it declares, and is not reviewed.
    pub(crate) left_out: bool,
    /// What the rules said that look at whole files, and the hash of what that rests on.
    pub(crate) as_file: Option<(u64, Rc<PieceResult>)>,
    /// Of a configuration: what it says; also of a persona, why it cannot be read.
    pub(crate) read: Result<Arc<Config>, Vec<Fault>>,
    /// Whether it was not cut, or not read, as it stands.
    stale: bool,
}

impl Document {
    pub(crate) fn new(name: String, text: String) -> Document {
        let kind = kind_of(&name, &text);
        let info = FileInfo { name: name.clone(), ..FileInfo::default() };
        Document {
            name,
            text,
            kind,
            info,
            pieces: Vec::new(),
            parsed: 0,
            config: Arc::default(),
            left_out: false,
            as_file: None,
            read: Ok(Arc::default()),
            stale: true,
        }
    }

    /// Changes the text. Cached trees stay and serve the pieces that are as before.
    pub(crate) fn set_text(&mut self, text: String) {
        if self.text != text {
            // A file may become that of a reviewer. Then it stays one, so that a review says what is wrong with it.
            if self.kind == Kind::Other {
                self.kind = kind_of(&self.name, &text);
            }
            self.text = text;
            self.stale = true;
        }
    }

    /// Brings pieces and trees up to date.
    pub(crate) fn refresh(&mut self, parser: &mut Parser) {
        if self.kind != Kind::Go || !std::mem::take(&mut self.stale) {
            return;
        }
        let mut known: HashMap<u64, Vec<PieceState>> = HashMap::new();
        for piece in self.pieces.drain(..) {
            known.entry(piece.hash).or_default().push(piece);
        }
        for piece in cut(&self.text) {
            let (start, text) = (piece.span.start, piece.span.of(&self.text));
            let hash = hash_of(text);
            let old = known.get_mut(&hash).and_then(Vec::pop).filter(|old| old.tree.text() == text);
            self.pieces.push(match old {
                Some(old) => PieceState { start, ..old },
                None => {
                    self.parsed += 1;
                    let tree = Arc::new(parser.parse(text));
                    PieceState { start, hash, shape: shape_of(&tree), tree, examined: None }
                }
            });
        }
        self.info = FileInfo {
            name: self.name.clone(),
            scope: FileScope::of(self.trees()),
            generated: is_generated(&self.text),
            excluded: !is_built(&self.name, &self.text),
            script: is_script(&self.text),
            go_line: go_line(&self.text),
            build: Arc::clone(&self.info.build),
            project: Arc::clone(&self.info.project),
        };
    }

    /// Whether it is a configuration or a persona that was not read as it stands.
    pub(crate) fn is_unread(&self) -> bool {
        matches!(self.kind, Kind::Config | Kind::Persona) && self.stale
    }

    /// Says what it says as a configuration.
    pub(crate) fn set_read(&mut self, read: Result<Config, Vec<Fault>>) {
        self.read = read.map(Arc::new);
        self.stale = false;
    }

    /// The files that it configures.
    pub(crate) fn project(&self) -> Option<Project> {
        let config = self.read.as_ref().ok().filter(|_| self.kind == Kind::Config)?;
        Some(Project::of(&self.name, Arc::clone(config)))
    }

    /// Says which configuration the file is under, and whether that leaves it out.
    pub(crate) fn configure(&mut self, projects: &[Project]) {
        let (config, left_out) = config::around(projects, &self.name).unwrap_or_default();
        self.left_out = left_out;
        if self.config != config {
            let (handlers, exits) = (config.handlers.clone(), config.exits.clone());
            self.info.project = Arc::new(ProjectNames { handlers, exits });
            self.config = config;
        }
    }

    /// Like [`name_imports`], for the imports of the file.
    pub(crate) fn name_imports(&mut self, name: impl Fn(&str) -> Option<String>) {
        name_imports(&mut self.info.scope, name);
    }

    /// Whether there is nothing but space.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether rules look at it.
    pub(crate) fn is_reviewed(&self) -> bool {
        matches!(self.kind, Kind::Go | Kind::Companion(_)) && !self.left_out && !self.is_blank() && !self.is_diff()
    }

    /// Whether the text is what `diff` or git writes, and not a file.
    pub(crate) fn is_diff(&self) -> bool {
        let mut lines = self.text.lines();
        let begins = lines.next().is_some_and(|line| line.starts_with("diff --git ") || line.starts_with("--- "));
        begins && lines.take(20).any(|line| line.starts_with("@@ -"))
    }

    /// The trees of the pieces, in order.
    pub(crate) fn trees(&self) -> impl Iterator<Item = &Tree> {
        self.pieces.iter().map(|piece| &*piece.tree)
    }
}

/// Names the imports that are written without a name after their packages, as far as `name` knows those, and otherwise after
/// their paths.
pub(crate) fn name_imports(scope: &mut FileScope, name: impl Fn(&str) -> Option<String>) {
    scope.rename(|import| {
        if !import.given {
            import.name = name(&import.path).or_else(|| package_name(&import.path).map(str::to_owned));
        }
    });
}

/// Hash of anything, the same in every run.
pub(crate) fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Only functions, and statements outside any, can be checked again on their own. Where a body does not parse, as while somebody
/// writes it, its function has the header that it had before.
fn shape_of(tree: &Tree) -> u64 {
    let header = |&root| {
        let Span { start, end } = tree.span(root);
        let end = match tree.decl(root) {
            Decl::Func { body: Some(body), .. } => tree.span(body).start,
            Decl::Func { body: None, .. } if !tree.errors().is_empty() => end,
            Decl::Stmts(_) | Decl::Bad => start,
            _ => return None,
        };
        tree.text().get(start as usize..end as usize).map(str::trim_end)
    };
    match tree.roots().iter().map(header).collect::<Option<Vec<&str>>>() {
        Some(headers) => hash_of(headers.concat()),
        None => hash_of(tree.text()),
    }
}

/// Whether a file of this name in a folder of a program is one that rules look at.
pub fn is_reviewed(name: &str) -> bool {
    name.ends_with(".go") || CompanionKind::of(name).is_some()
}

/// A name without an ending is taken for Go: it is what people paste.
fn kind_of(name: &str, text: &str) -> Kind {
    let base = name.rsplit('/').next().unwrap_or(name);
    match CompanionKind::of(name) {
        Some(kind) => Kind::Companion(kind),
        None if config::is_config(name) => Kind::Config,
        None if is_persona(name, text) => Kind::Persona,
        None if base.ends_with(".go") || !base.contains('.') => Kind::Go,
        None => Kind::Other,
    }
}

/// Whether a comment before the package clause carries the marker of generated code (`go help generate`), or says in other
/// words that a program wrote the file and nobody should edit it, as older generators do. The Thrift compiler of some
/// years said nothing; the names of its parameters tell.
fn is_generated(text: &str) -> bool {
    let mut written = false;
    for line in text.lines().take_while(|line| !line.starts_with("package ")) {
        if line.starts_with("// Code generated ") && line.ends_with(" DO NOT EDIT.") {
            return true;
        }
        let line = line.to_ascii_lowercase();
        written |= line.starts_with("//") && (line.contains("generated by") || line.contains("generated code"));
        if written && line.contains("do not edit") {
            return true;
        }
    }
    text.contains("(iprot thrift.TProtocol)") || text.contains(", iprot thrift.TProtocol)")
}
