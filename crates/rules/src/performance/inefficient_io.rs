//! Each iteration of a loop writes a little to a file, without a buffer.
//!
//! `*os.File` has no buffer: each `fmt.Fprintf` or `WriteString` is a system call, which costs as much as formatting some ten lines. For a
//! file of many lines that is most of the time. Write to a `bufio.Writer`, and check the error of its `Flush`.
//!
//! Limits: files that the function itself opens, in loops over a slice, a map, rows or lines. Reading a file whole, or a body before it is
//! decoded, is not looked at: it depends on the size.
//!
//! ```go bad
//! func export(path string, names []string) error {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	for _, name := range names {
//! 		if _, err := fmt.Fprintf(f, "%s\n", name); err != nil {
//! 			//          ^^^^^^^^^^^ `fmt.Fprintf` makes a system call each time, because `f` has no buffer
//! 			f.Close()
//! 			return err
//! 		}
//! 	}
//! 	return f.Close()
//! }
//! ```
//! ```go good
//! func export(path string, names []string) error {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	w := bufio.NewWriter(f)
//! 	for _, name := range names {
//! 		fmt.Fprintf(w, "%s\n", name) // keeps its error for Flush
//! 	}
//! 	return errors.Join(w.Flush(), f.Close())
//! }
//!
//! func header(path string) error {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	for _, line := range []string{"# generated", "# do not edit"} {
//! 		fmt.Fprintln(f, line) // two lines
//! 	}
//! 	return f.Close()
//! }
//! ```
//!
//! # Verify
//!
//! - `strace -c -e write ./PROGRAM`: as many calls of `write` as there are lines
//!
//! # References
//!
//! - [Package bufio, Writer](https://pkg.go.dev/bufio#Writer)
use gopeer_lint::prelude::*;

use super::support::{repeating_loop, runs_few_times};

pub static RULE: Rule = Rule {
    id: "performance/inefficient-io",
    severity: Severity::Low,
    confidence: Confidence::New,
    concerns: &[(Concern::Latency, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(WRITES, check)],
    examines: "writes in loops",
};

const WRITES: &[&str] = &["fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "os.File.WriteString"];

const OPENS: &[&str] = &["os.Create", "os.CreateTemp", "os.OpenFile"];

fn check(cx: &mut Cx, write: Call) {
    let Some(file) = write.receiver.or(write.args.first().copied()) else { return };
    let Some(looping) = repeating_loop(cx, write.expr).filter(|&looping| !runs_few_times(cx, looping)) else { return };
    cx.examined();
    let Def::Local(declared) = cx.def(cx.unparen(file)) else { return };
    let opened = cx.has_type(file, &["os.File"]) && cx.defining_call(file).is_some_and(|call| cx.calls(call, OPENS));
    if !opened || cx.span(looping).contains(cx.span(declared)) || !goes_over_much(cx, looping) {
        return;
    }
    let (text, name) = (cx.source(write.fun), cx.source(file));
    let cause = format!("{} {}", cx.file.name, cx.span(declared).start);
    cx.report(write.fun, format!("`{text}` makes a system call each time, because `{name}` has no buffer"))
        .note("write to `bufio.NewWriter`, and check the error of `Flush` before the file is closed")
        .one_cause(cause);
}

/// `for _, x := range xs`, `for rows.Next()`, `for lines.Scan()`.
fn goes_over_much(cx: &Cx, looping: StmtId) -> bool {
    match cx.stmt(looping) {
        Stmt::Range { subject, .. } => matches!(cx.under(subject), Type::Slice(_) | Type::Map { .. }),
        Stmt::For { cond: Some(cond), .. } => matches!(cx.method_call(cond), Some((_, "Next" | "Scan", []))),
        _ => false,
    }
}
