//! A format takes more or fewer arguments than it is given.
//!
//! `fmt` does not fail at run time. It prints `%!d(MISSING)` or `%!(EXTRA …)` instead (package `fmt`, "Format errors"): into
//! the log line, the error or the SQL that the program needed. Add the argument that is missing, or drop the verb.
//!
//! Limits: formats that are put together at run time are not read, nor are those that pick arguments by index (`%[1]d`).
//! Functions of the program are taken for printing functions if they are named and declared like those of `fmt` and `log`.
//!
//! ```go bad
//! func report(id int, name string) {
//! 	log.Printf("user %d: %s", id)
//! 	//         ^^^^^^^^^^^^^ the format of `log.Printf` takes 2 arguments but is given 1
//! 	fmt.Printf("user %d\n", id, name)
//! 	//         ^^^^^^^^^^^ the format of `fmt.Printf` takes 1 argument but is given 2
//! 	fmt.Printf("user %d is at 100%", id)
//! 	//         ^^^^^^^^^^^^^^^^^^^^ the format of `fmt.Printf` ends in the middle of a verb
//! }
//! ```
//! ```go good
//! func report(id int, width int, name string) {
//! 	fmt.Printf("%-*s|%d%%\n", width, name, id) // the star takes an argument, the doubled sign none
//! }
//! ```
//! ```go good
//! func report(id int) {
//! 	fmt.Printf("%[1]d %[1]x\n", id) // both verbs print the first argument
//! }
//! ```
//! ```go good
//! func report(args ...any) {
//! 	fmt.Printf("%s %d\n", args...) // how many there are is not known
//! }
//! ```
//! ```go good
//! func report(id int, format string) {
//! 	fmt.Printf(format, id) // the format is not known here
//! }
//! ```
//!
//! # Verify
//!
//! - `go vet -printf {package}`: counts verbs and arguments, for wrappers as well
//!
//! # References
//!
//! - [Package fmt](https://pkg.go.dev/fmt)
use gopeer_lint::prelude::*;

use super::printers;

pub static RULE: Rule = Rule {
    id: "correctness/printf-mismatch",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Operability, 2)],
    equivalents: &["vet:printf", "staticcheck:SA5009"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "formats and the number of their arguments",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Some(printed) = printers::printed(cx, call) else { return };
    cx.examined();
    let Some(parsed) = printers::format(cx, &printed) else { return };
    let severity = printers::severity(cx);
    let (name, wants, has) = (cx.source(printed.fun), parsed.args, printed.rest.len());
    if parsed.cut {
        cx.report(printed.first, format!("the format of `{name}` ends in the middle of a verb"))
            .note("write a percent sign as `%%`")
            .severity(severity);
    } else if wants != has {
        let plural = if wants == 1 { "" } else { "s" };
        let printed_instead = if wants > has { "%!d(MISSING)" } else { "%!(EXTRA …)" };
        cx.report(printed.first, format!("the format of `{name}` takes {wants} argument{plural} but is given {has}"))
            .note(format!("the text will contain something like `{printed_instead}`"))
            .severity(severity);
    }
}
