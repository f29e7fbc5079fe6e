//! A format takes more or fewer arguments than it gets.
//!
//! `fmt` does not fail at run time: it prints `%!d(MISSING)` or `%!(EXTRA …)` into the log line or error that somebody
//! needs at night (package `fmt`, "Format errors").
//!
//! Limits: only formats that are written out as literals are read, and only those of `fmt`, `log`, `testing`, logrus and
//! zap's sugared logger, not of functions that call these. Formats that pick arguments by index, or have letters unknown to
//! `fmt`, are left alone.
//!
//! ```go bad
//! func report(id int, name string) {
//! 	log.Printf("user %d: %s", id)
//! 	//         ^^^^^^^^^^^^^ the format of `log.Printf` takes 2 arguments and gets 1
//! 	fmt.Printf("user %d\n", id, name)
//! 	//         ^^^^^^^^^^^ the format of `fmt.Printf` takes 1 argument and gets 2
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
//! func report(id int) {
//! 	format := "id %d\n"
//! 	fmt.Printf(format, id) // the format is not written out here
//! }
//! ```
use gopeer_lint::prelude::*;

use super::printers::{self, FORMATTERS};

pub static RULE: Rule = Rule {
    id: "correctness/printf-mismatch",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Operability, 2)],
    equivalents: &["vet:printf", "staticcheck:SA5009"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Call(FORMATTERS, check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    let Some((format, _)) = printers::printed(cx, &call) else { return };
    cx.examined();
    let Some((parsed, args)) = printers::format(cx, &call) else { return };
    let (name, wants, has) = (cx.source(call.fun), parsed.args, args.len());
    if parsed.cut {
        cx.report(format, format!("the format of `{name}` ends in the middle of a verb"))
            .note("a percent sign is written `%%`");
    } else if wants != has {
        let plural = if wants == 1 { "" } else { "s" };
        cx.report(format, format!("the format of `{name}` takes {wants} argument{plural} and gets {has}"))
            .note("the line will carry a `%!` error in place of what is missing or left over");
    }
}
