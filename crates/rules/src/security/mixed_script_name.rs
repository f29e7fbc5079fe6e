//! A name mixes letters of two scripts.
//!
//! A Cyrillic `а` looks like a Latin one, so a name with both is not the name that it looks like: a reader, and a reviewer,
//! see a check that is not made. Write the name in one script. In generated code the finding is low: generators join names with
//! such letters.
//!
//! Limits: reported are names with Latin letters and letters of the Cyrillic, Armenian or Cherokee script, where the name
//! is declared. Look-alikes of other scripts, and names that are in one of these scripts throughout, are not reported.
//!
//! ```go bad
//! func check(аdmin bool) bool {
//! 	//        ^^^^^ `аdmin` mixes Cyrillic with Latin letters
//! 	return false
//! }
//! ```
//! ```go good
//! func Δt(привет string) {} // each word in one script, or Greek beside Latin as in formulas
//! ```
//!
//! # Impact
//!
//! Two names that look alike are different variables, so a check is made on one and the other is used. A review on
//! screen cannot see it; a diff shows two identical lines. Where it was not intended, a keyboard layout was switched
//! while typing.
//!
//! # Verify
//!
//! - `grep -nP '[^\x00-\x7F]' {file}`: each line with a character beyond ASCII
//!
//! # References
//!
//! - [Unicode Technical Standard 39, "Unicode Security Mechanisms"](https://www.unicode.org/reports/tr39/)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/mixed-script-name",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Clarity, 1)],
    equivalents: &["asciicheck", "gopeer:security/trojan-source"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Piece(check)],
    examines: "declarations with letters beyond ASCII",
};

fn check(cx: &mut Cx) {
    let tree = cx.tree;
    if tree.text().is_ascii() {
        return;
    }
    cx.examined();
    for (id, expr) in tree.all_exprs() {
        if expr == Expr::Ident
            && declares(cx, id)
            && let Some(script) = mixed_with(cx.source(id))
        {
            let message = format!("`{}` mixes {script} with Latin letters", cx.source(id));
            let generated = cx.file.generated;
            let report = cx.report(id, message).note("it is not the name that it looks like");
            if generated {
                report.severity(Severity::Low).one_of("names in this file mix scripts");
            }
        }
    }
}

/// Whether the identifier declares the name: each name is reported once.
fn declares(cx: &Cx, ident: ExprId) -> bool {
    if let Def::Local(declaring) = cx.def(ident) {
        return declaring == ident;
    }
    match cx.tree.parent(ident) {
        Some(Node::Field(field)) => cx.exprs(cx.tree.field(field).names).contains(&ident),
        Some(Node::Decl(decl)) => match cx.decl(decl) {
            Decl::Value { names, .. } => cx.exprs(names).contains(&ident),
            Decl::Type { name, .. } | Decl::Func { name, .. } | Decl::Import { name: Some(name), .. } => name == ident,
            _ => false,
        },
        _ => false,
    }
}

/// The script that a name has letters of beside Latin ones.
fn mixed_with(name: &str) -> Option<&'static str> {
    let script = |c| match c {
        '\u{0400}'..='\u{052F}' => Some("Cyrillic"),
        '\u{0531}'..='\u{0587}' => Some("Armenian"),
        '\u{13A0}'..='\u{13FF}' | '\u{AB70}'..='\u{ABBF}' => Some("Cherokee"),
        _ => None,
    };
    name.chars().find_map(script).filter(|_| name.chars().any(|c| c.is_ascii_alphabetic()))
}
