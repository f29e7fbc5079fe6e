//! go.mod allows a Go that is no longer supported, or needs a folder that others do not have.
//!
//! The Go team fixes security problems in the two newest releases only (Go release policy). A `go` line below them lets the
//! service be built with a standard library whose vulnerabilities are public. A `replace` by a folder outside of the module
//! builds only where that folder exists, and is ignored when others depend on the module.
//!
//! Limits: only go.mod is read. A module that others import may name an old Go on purpose, so the `go` line is reported as
//! low; a folder beside the module may belong to the same repository, so `../` is a question. Requirements that are missing
//! or unused, and what a go.work file changes, are not looked at.
//!
//! ```gomod bad
//! module example.com/shop
//!
//! go 1.19
//! // ^^^^ `go 1.19` allows a release of Go that no longer gets security fixes
//!
//! require example.com/pay v1.4.0
//!
//! replace example.com/pay => /home/ann/pay
//! //                         ^^^^^^^^^^^^^ medium: `example.com/pay` is replaced by a folder that only this machine has
//! ```
//! ```gomod good
//! module example.com/shop
//!
//! go 1.22
//!
//! toolchain go1.26.1 // what builds this module is the newer of the two
//! ```
//! ```gomod good
//! module example.com/shop
//!
//! go 1.26
//!
//! replace example.com/api => ./api // a folder of this module
//! ```
//!
//! # Verify
//!
//! - `govulncheck -version && govulncheck ./...`: known vulnerabilities of the standard library in the version that
//!   builds it
//! - `go mod tidy -diff`: prints what is missing from go.mod and go.sum, and what is not needed
//!
//! # References
//!
//! - [Go, "Release History"](https://go.dev/doc/devel/release)
use gopeer_lint::prelude::*;

use super::gomod::{Directive, directives};

pub static RULE: Rule = Rule {
    id: "deploy/gomod-hygiene",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Deploy, 2), (Concern::Security, 1)],
    equivalents: &["gomoddirectives", "gomodguard"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Companion(&[CompanionKind::GoMod], check)],
    examines: "directives of go.mod",
};

/// The second number of the oldest Go release that is surely supported when this version of gopeer is published.
const OLDEST: u32 = 25;

fn check(cx: &mut CompanionCx) {
    let all = directives(cx.text);
    // What builds the module is the newer of the two lines.
    let minors = all.iter().filter(|directive| matches!(directive.keyword, "go" | "toolchain")).filter_map(minor);
    let newest = minors.max();
    for directive in &all {
        match directive.keyword {
            "go" => go_line(cx, directive, newest),
            "replace" => replace(cx, directive),
            _ => {}
        }
    }
}

fn go_line(cx: &mut CompanionCx, directive: &Directive, newest: Option<u32>) {
    let (Some(&(version, span)), Some(newest)) = (directive.words.first(), newest) else { return };
    cx.examined();
    if newest < OLDEST {
        cx.report(span, format!("`go {version}` allows a release of Go that no longer gets security fixes")).note(
            "raise the version, or name a supported release in a toolchain line, which only builds of this module use",
        );
    }
}

/// The 22 of `1.22.3` or `go1.22.3`.
fn minor(directive: &Directive) -> Option<u32> {
    let (version, _) = directive.words.first()?;
    let rest = version.strip_prefix("go").unwrap_or(version).strip_prefix("1.")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn replace(cx: &mut CompanionCx, directive: &Directive) {
    let mut words = directive.words.iter();
    let Some(&(module, _)) = words.next() else { return };
    let Some(&(path, span)) = words.skip_while(|(word, _)| *word != "=>").nth(1) else { return };
    let file = cx.name;
    cx.examined();
    if !directive.comment.is_empty() {
        return;
    }
    let is_absolute = path.starts_with('/') || path.chars().nth(1) == Some(':');
    if is_absolute {
        cx.report(span, format!("`{module}` is replaced by a folder that only this machine has"))
            .severity(Severity::Medium)
            .note("publish the module, or use a `go.work` file that is not checked in");
    } else if path.starts_with("../") {
        // A repository with several modules has many.
        cx.report(span, format!("`{module}` is replaced by a folder outside of this module"))
            .question()
            .one_cause(file)
            .note("if it is not part of the same repository, others cannot build this module");
    }
}
