//! A local hides a name that Go predeclares.
//!
//! A parameter called `error` or `len` hides the predeclared name until the end of its scope. The next line there that needs the
//! type or the function does not compile, or uses the local instead (Go spec, "Predeclared identifiers", "Declarations and
//! scope").
//!
//! Limits: `new`, `max`, `min`, `close`, `copy` and others are common names for locals and are left alone, as are names at
//! package level, fields and methods.
//!
//! ```go bad
//! package users
//!
//! func rename(error string) {}
//! //          ^^^^^ `error` hides the predeclared `error`
//! ```
//! ```go good
//! package users
//!
//! func replace(old, new string, max int) {} // nobody needs the builtins here
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "idiom/hidden-predeclared",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 1), (Concern::Clarity, 1), (Concern::Docs, 1)],
    equivalents: &["gopeer:idiom/naming", "predeclared", "revive:redefines-builtin-id"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Piece(check)],
    examines: "local names",
};

/// Predeclared names that code goes on to need; `new`, `max` and others are hidden all over, and on purpose.
const PREDECLARED: &[&str] = &[
    "append", "bool", "byte", "error", "false", "float64", "int", "int64", "iota", "len", "make", "nil", "panic",
    "recover", "rune", "string", "true", "uint64",
];

fn check(cx: &mut Cx) {
    let info = cx.file;
    if info.generated || info.name.contains("generated") || info.scope.imports("C") {
        return;
    }
    cx.examined();
    for (name, _) in cx.facts.locals() {
        let shown = cx.source(name);
        if PREDECLARED.contains(&shown) {
            cx.report(name, format!("`{shown}` hides the predeclared `{shown}`"))
                .note("give it another name, such as a short form of what it holds");
        }
    }
}
