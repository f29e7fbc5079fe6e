//! What a rule sees of a whole file.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use gopeer_sema::types::Store;
use gopeer_sema::{Facts, FileScope, Names, PackageScope};
use gopeer_syntax::{GO_MINOR, Span, Tree};

use crate::asked::Asked;
use crate::{Cx, Finding, Functions, Report, Rule};

/// Facts about a file that every rule may ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileInfo {
    /// Its name, slash-separated.
    pub name: String,
    /// Its package clause and imports.
    pub scope: FileScope,
    /// Whether it carries Go's marker for generated code; rules about style are silent there.
    pub generated: bool,
    /// Whether its build constraints keep it out of a build for Linux on amd64: others of its package then speak of other
    /// systems than it does.
    pub excluded: bool,
    /// Whether no build takes it: it is run by its name (`//go:build ignore`).
    pub script: bool,
    /// The minor version of Go that its `//go:build` line asks for.
    pub go_line: Option<u32>,
    /// What its go.mod says that it is built with; empty where there is none.
    pub build: Arc<Build>,
    /// What its project says of its own functions and types.
    pub project: Arc<ProjectNames>,
}

/// What a module is built with, as far as its go.mod says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Build {
    /// The minor version of the Go that it asks for: `N` of `go 1.N`.
    pub go_minor: Option<u32>,
    /// The minor version of the language: `N` of `go 1.N`, whatever toolchain stands beside it.
    pub language: Option<u32>,
    /// The versions of the modules that it requires, by their paths, without those that it replaces.
    pub requires: BTreeMap<String, String>,
}

impl Build {
    /// The version that is required of the module that a package belongs to.
    pub fn version_of(&self, package: &str) -> Option<&str> {
        let mut prefixes = std::iter::successors(Some(package), |path| Some(path.rsplit_once('/')?.0));
        prefixes.find_map(|path| self.requires.get(path)).map(String::as_str)
    }
}

/// Functions and types of which a project says what they do. Names are qualified, as [`crate::Object::is`] has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProjectNames {
    /// Types by whose values, or pointers to them, as parameters functions that serve requests are known.
    pub handlers: Vec<String>,
    /// Functions and methods that end the process without running deferred calls.
    pub exits: Vec<String>,
}

impl FileInfo {
    /// Whether it is a test file by name, or (in a paste, where names mean little) by importing `testing`.
    pub fn is_test(&self) -> bool {
        self.name.ends_with("_test.go") || self.scope.imports("testing")
    }

    /// Whether it imports one of these modules or a package inside.
    pub fn imports_any(&self, modules: &[&str]) -> bool {
        modules.iter().any(|module| self.scope.imports_module(module))
    }

    /// Whether its module asks for a newer Go than the index knows: that one's standard library may have more.
    pub fn asks_for_newer_go(&self) -> bool {
        self.build.go_minor.is_some_and(|minor| minor > GO_MINOR)
    }

    /// The minor version of the language that it is written in, as go.mod and its `//go:build` line have it (`go help buildconstraint`,
    /// release notes of Go 1.21); none without a go.mod.
    pub fn language(&self) -> Option<u32> {
        const FIRST: u32 = 21;
        let module = self.build.language?;
        let own = self.go_line.filter(|&line| module >= FIRST || line > module);
        Some(own.map_or(module, |line| line.max(FIRST)))
    }

    /// Whether only the module itself can import it: it is below a folder `internal`.
    pub fn is_internal(&self) -> bool {
        self.name.split('/').any(|folder| folder == "internal")
    }

    /// Whether it belongs to a command.
    pub fn is_main(&self) -> bool {
        self.scope.package.as_deref() == Some("main")
    }
}

/// Whether an import path is one of these modules or a package inside.
pub fn is_of_module(path: &str, modules: &[&str]) -> bool {
    let inside =
        |module: &&str| path.strip_prefix(*module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    modules.iter().any(inside)
}

/// One piece of a file: its tree and what its names mean.
#[derive(Clone, Debug)]
pub struct PieceView {
    /// Where the piece starts in its file, in bytes.
    pub start: u32,
    /// The tree.
    pub tree: Arc<Tree>,
    /// What its identifiers refer to.
    pub names: Arc<Names>,
    /// Types and constants.
    pub facts: Rc<Facts>,
}

/// What all pieces of a package share.
#[derive(Clone, Copy)]
pub struct PackageView<'a> {
    /// Package-level names.
    pub scope: &'a PackageScope,
    /// What the types and objects in the pieces' facts are.
    pub store: &'a Store,
    /// What the functions of the package do; none where their bodies are not at hand.
    pub functions: Option<&'a Functions<'a>>,
}

/// The view of a rule that looks at a whole Go file.
pub struct FileCx<'a> {
    /// The file.
    pub file: &'a FileInfo,
    /// The package.
    pub package: PackageView<'a>,
    /// The pieces, in order.
    pub pieces: &'a [PieceView],
    /// What was worked out about each of them, which all rules share.
    pub(crate) asked: &'a [Asked],
    pub(crate) rule: &'static Rule,
    pub(crate) found: &'a mut Vec<(u32, Finding)>,
    pub(crate) examined: &'a mut u32,
}

impl FileCx<'_> {
    /// Calls `f` with a view of each piece in turn; what it reports is reported for this file.
    pub fn each_piece(&mut self, mut f: impl FnMut(&mut Cx)) {
        self.each_of_pieces(&mut f);
    }

    /// In one copy for all rules.
    fn each_of_pieces(&mut self, f: &mut dyn FnMut(&mut Cx)) {
        for (piece, asked) in self.pieces.iter().zip(self.asked) {
            let mut found = Vec::new();
            f(&mut Cx::new(piece, self.file, self.package, asked, self.rule, &mut found, self.examined));
            self.found.extend(found.into_iter().map(|finding| (piece.start, finding)));
        }
    }
}

/// Files other than Go that rules know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum CompanionKind {
    Dockerfile,
    GoMod,
}

impl CompanionKind {
    /// The kind of the file with this name, if rules know it.
    pub fn of(name: &str) -> Option<CompanionKind> {
        let base = name.rsplit('/').next().unwrap_or(name);
        match base {
            "go.mod" => Some(CompanionKind::GoMod),
            "Dockerfile" | "Containerfile" => Some(CompanionKind::Dockerfile),
            _ if base.starts_with("Dockerfile.") || base.ends_with(".Dockerfile") => Some(CompanionKind::Dockerfile),
            _ => None,
        }
    }
}

/// The view of a rule that looks at a file that is not Go.
pub struct CompanionCx<'a> {
    /// Which kind of file.
    pub kind: CompanionKind,
    /// Its name.
    pub name: &'a str,
    /// Its text, which spans index.
    pub text: &'a str,
    pub(crate) rule: &'static Rule,
    pub(crate) found: &'a mut Vec<Finding>,
    pub(crate) examined: &'a mut u32,
}

impl CompanionCx<'_> {
    /// Says that the rule met what it examines.
    pub fn examined(&mut self) {
        *self.examined += 1;
    }

    /// Reports a finding.
    pub fn report(&mut self, span: Span, message: impl Into<String>) -> Report<'_> {
        push(self.found, self.rule, span, message.into())
    }
}

pub(crate) fn push<'f>(found: &'f mut Vec<Finding>, rule: &'static Rule, span: Span, message: String) -> Report<'f> {
    let at = found.len();
    found.push(Finding {
        rule,
        severity: rule.severity,
        confidence: rule.confidence,
        span,
        message,
        asks: None,
        notes: Vec::new(),
        steps: Vec::new(),
        fixes: Vec::new(),
        one_of: None,
        cause: None,
        excuse: None,
    });
    Report { finding: &mut found[at] }
}
