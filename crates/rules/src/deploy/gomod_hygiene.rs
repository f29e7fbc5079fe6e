//! go.mod asks for an unsupported Go, or for a module that only this machine has.
//!
//! The Go team repairs security problems in the two newest releases only (Go release policy); a `go` line below them
//! lets the service be built with a standard library whose holes are public. A `replace` by a folder outside the module
//! builds on this machine and nowhere else, and is ignored when others depend on the module.
//!
//! Imports that are missing or unused, and pseudo-versions of tagged modules, come with several files.
//!
//! ```gomod bad
//! module example.com/shop
//!
//! go 1.19
//! // ^^^^ the module may be built with Go 1.19, which gets no security fixes any more
//!
//! require example.com/pay v1.4.0
//!
//! replace example.com/pay => ../pay
//! //                         ^^^^^^ `example.com/pay` is replaced by a folder outside this module
//! ```
//! ```gomod good
//! module example.com/shop
//!
//! go 1.22
//!
//! toolchain go1.26.1
//!
//! replace (
//! 	example.com/api => ./api
//! 	example.com/fork => example.com/our-fork v1.2.3
//! 	example.com/gen => ../gen // generated beside this module by make
//! )
//! ```
use gopeer_lint::prelude::*;

use super::gomod::{Directive, directives};

pub static RULE: Rule = Rule {
    id: "deploy/gomod-hygiene",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Deploy, 2), (Concern::Security, 1)],
    equivalents: &["gomoddirectives", "gomodguard"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Companion(&[CompanionKind::GoMod], check)],
    file: file!(),
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
        cx.report(span, format!("the module may be built with Go {version}, which gets no security fixes any more"))
            .note("raise the line, or name a supported release in a toolchain line for the builds of this module");
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
    cx.examined();
    let outside = path.starts_with("../") || path.starts_with('/');
    if outside && directive.comment.is_empty() {
        cx.report(span, format!("`{module}` is replaced by a folder outside this module"))
            .note("publish the module, or use a go.work file, which stays on this machine");
    }
}
