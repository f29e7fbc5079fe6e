//! The Go compiler rejects this code.
//!
//! A variable that is never used, an import that is never used, a value of the wrong type, a call with too few arguments, a
//! function that can end without a `return`: the compiler stops at these, so nothing in the package runs until they are fixed.
//!
//! Limits: nothing is reported that depends on a type that is not known here, or that another version of a library may have
//! changed. A snippet without a package clause may leave out the code that uses its variables.
//!
//! ```go bad
//! package shop
//!
//! import (
//! 	"os"
//! #^^^^ `os` is imported and not used
//! 	"strconv"
//! )
//!
//! func total(prices []string) int {
//! 	var sum int
//! 	for _, price := range prices {
//! 		cents, err := strconv.Atoi(price)
//! 		if err == nil {
//! 			sum += cents
//! 		}
//! 	}
//! 	return sum
//! }
//! ```
//! ```diff fixed
//! -	"os"
//! ```
//! ```go bad
//! package shop
//!
//! import "strconv"
//!
//! func parse(text string) (int64, error) {
//! 	count := len(text)
//! #^^^^^ declared and not used: count
//! 	id := strconv.Atoi(text)
//! #      ^^^^^^^^^^^^^^^^^^ assignment mismatch: 1 variable but strconv.Atoi returns 2 values
//! 	return id, nil
//! }
//!
//! var sign = map[string]func(n int) int{
//! 	"plain": func(n int) int {
//! 		if n < 0 {
//! 			return -1
//! 		}
//! 	},
//! #^ missing return
//! }
//! ```
//! ```go good
//! package shop
//!
//! import _ "embed" // imported for its effects
//! ```
//! ```go good
//! package shop
//!
//! import (
//! 	"context"
//!
//! 	"github.com/google/uuid"
//! )
//!
//! // newID is written for a version whose New takes a context.
//! func newID(ctx context.Context) (string, error) {
//! 	id, err := uuid.New(ctx)
//! 	if err != nil {
//! 		return "", err
//! 	}
//! 	return id.Text(), nil
//! }
//! ```
//!
//! # Impact
//!
//! Nothing of the package builds, and no test of it runs, in CI or elsewhere. Until it compiles, findings that need
//! types in this file may be missing, so a quiet review says little.
//!
//! # Verify
//!
//! - `go build {package}`: prints the compiler's own message for this line
//! - `go vet {package}`: also builds the test files
//!
//! # References
//!
//! - [The Go Programming Language Specification](https://go.dev/ref/spec)
use std::collections::{HashMap, HashSet};

use gopeer_lint::PieceView;
use gopeer_lint::prelude::*;
use gopeer_sema::ErrorCode;

use super::undefined_name::is_undeclared;
use super::versions::rests_on_library;

pub static RULE: Rule = Rule {
    id: "correctness/compile-error",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::Safe,
    scope: Scope::Both,
    hooks: &[Hook::Piece(check), Hook::File(check_imports)],
    examines: "declarations, by the rules of the compiler",
};

fn check(cx: &mut Cx) {
    // Package builtin declares what the language has, to document it; no compiler reads it.
    if cx.file.excluded || cx.file.scope.package.as_deref() == Some("builtin") {
        return;
    }
    cx.examined();
    for error in &cx.facts.errors {
        let elided = cx.file.scope.is_fragment() && may_be_elided(error.code);
        if is_undeclared(error.code) || elided || !is_of_names(error.code) && rests_on_library(cx, error.span) {
            continue;
        }
        if error.code == ErrorCode::NotAType && is_of_import(cx, error.span) {
            continue;
        }
        // Since Go 1.27 a literal may set the fields of an embedded struct.
        if error.code == ErrorCode::MissingLitField && cx.file.asks_for_newer_go() {
            continue;
        }
        cx.report_span(error.span, words(cx, error.span, &error.message));
    }
}

/// The compiler's words; a name that they begin with keeps its case where they become a sentence.
fn words(cx: &Cx, span: Span, message: &str) -> String {
    let meant = span.of(cx.tree.text());
    match message.strip_prefix(meant) {
        Some(said) if said.starts_with(' ') => format!("`{meant}`{said}"),
        _ => message.to_owned(),
    }
}

/// Whether a name is qualified by an import of the file. A file of another build can declare the same name for the package.
fn is_of_import(cx: &Cx, span: Span) -> bool {
    let Some((package, _)) = cx.tree.text()[span.start as usize..span.end as usize].split_once('.') else {
        return false;
    };
    cx.file.scope.imports.iter().any(|import| import.name.as_deref() == Some(package))
}

/// What a snippet does not show may use the variable or return the value.
fn may_be_elided(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::UnusedVar | ErrorCode::UnusedLabel | ErrorCode::MissingReturn | ErrorCode::UnusedExpr)
}

/// Whether an error is of names and places: no type of a library is looked at.
fn is_of_names(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::UnusedVar
            | ErrorCode::UnusedLabel
            | ErrorCode::UndeclaredLabel
            | ErrorCode::MisplacedBranch
            | ErrorCode::MissingReturn
            | ErrorCode::DuplicateDecl
            | ErrorCode::NoNewVar
    )
}

/// An import is used by a file, not by a piece of it. In broken text the use may be in what did not parse.
fn check_imports(file: &mut FileCx) {
    if file.file.excluded || file.pieces.iter().any(|piece| !piece.tree.errors().is_empty()) {
        return;
    }
    let imports = &file.file.scope.imports;
    let used: HashSet<u32> = file.pieces.iter().flat_map(used_imports).collect();
    let mut unused: HashMap<String, String> = HashMap::new();
    // Two of one name: one of them goes by another, which its path does not tell.
    let mut named: HashMap<&Option<String>, u32> = HashMap::new();
    imports.iter().for_each(|import| *named.entry(&import.name).or_default() += 1);
    for (at, import) in imports.iter().enumerate().filter(|(_, import)| must_be_used(import)) {
        if !used.contains(&(at as u32)) && named.get(&import.name) == Some(&1) {
            let name = import.name.clone().unwrap_or_default();
            unused.entry(import.path.clone()).or_insert(name);
        }
    }
    if unused.is_empty() {
        return;
    }
    file.each_piece(|cx| {
        for (decl, spec) in cx.tree.all_decls() {
            if let Decl::Import { name, path } = spec {
                check_import(cx, decl, (name, path), &unused);
            }
        }
    });
}

fn used_imports(piece: &PieceView) -> impl Iterator<Item = u32> {
    piece.tree.all_exprs().filter_map(|(id, expr)| match piece.names.def(id) {
        Def::Import(import) if expr == Expr::Ident => {
            let declares = matches!(piece.tree.parent(id), Some(Node::Decl(_)));
            (!declares).then_some(import)
        }
        _ => None,
    })
}

/// The name of a package that nobody knows may be another than its path says, and be used by it.
fn check_import(cx: &mut Cx, decl: DeclId, (name, path): (Option<ExprId>, ExprId), unused: &HashMap<String, String>) {
    let text = cx.source(path).trim_matches(['"', '`']);
    let Some(goes_by) = unused.get(text) else { return };
    if name.is_none() && !cx.store.is_indexed(cx.store.add_package(text)) {
        return;
    }
    let message = if text.rsplit('/').next() == Some(goes_by) {
        format!("`{text}` is imported and not used")
    } else {
        format!("`{text}` is imported as `{goes_by}` and not used")
    };
    let lines = cx.lines(decl);
    cx.report(path, message).fix("Remove the import", [(lines, String::new())]);
}

/// A blank import is there for its effects, a dot import has no name to look for, and `C` is cgo's.
fn must_be_used(import: &gopeer_sema::Import) -> bool {
    let name = import.name.as_deref().unwrap_or("_");
    !matches!(name, "_" | ".") && import.path != "C"
}
