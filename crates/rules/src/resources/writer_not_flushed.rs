//! A writer that holds back what it was given is not closed, or flushed, on a path on which the function succeeds.
//!
//! Compressing and archiving writers wait for a block, and write a trailer when they are closed (`compress/gzip`,
//! `archive/zip`: "Close ... must be called"); `bufio`, `csv` and `tabwriter` wait for `Flush`. Without it the output is cut
//! short: it may look complete and cannot be read. Close or flush the writer where the work is done, and return its error.
//!
//! Limits: a writer that is returned, stored, used in a closure, or passed to a function that may keep or flush it is left alone.
//! So are paths on which an error is returned, since nobody will read what was written there, and those on which nothing is written.
//!
//! ```go bad
//! func pack(out io.Writer, data []byte) error {
//! 	zw := gzip.NewWriter(out)
//! //<^^ `zw` is never closed
//! 	_, err := zw.Write(data)
//! 	return err
//! }
//! ```
//! ```go bad
//! func list(out io.Writer, names []string, asCSV bool) error {
//! 	if asCSV {
//! 		rows := csv.NewWriter(out)
//! //<^^^^ `rows` is never flushed
//! 		return rows.Write(names)
//! 	}
//! 	lines := bufio.NewWriter(out)
//! //<^^^^^ `lines` is not flushed on every path out of `list`
//! 	for _, name := range names {
//! 		if name == "" {
//! 			return nil
//! 		}
//! 		fmt.Fprintln(lines, name)
//! 	}
//! 	return lines.Flush()
//! }
//! ```
//! ```go good
//! func pack(out io.Writer, data []byte) error {
//! 	zw := gzip.NewWriter(out)
//! 	if _, err := zw.Write(data); err != nil {
//! 		return err
//! 	}
//! 	// The trailer is written here, and its error counts.
//! 	return zw.Close()
//! }
//! ```
//!
//! # Impact
//!
//! The output is cut short by up to a buffer, or lacks the trailer without which readers refuse the file: "unexpected
//! EOF", "zip: not a valid zip file". The function reports success, so the damage is found when somebody needs the
//! file. Reading the output back in a test finds it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: read what was written with the matching reader
//! - `unzip -t FILE`: or `gzip -t`, for files that a service has already written
//!
//! # References
//!
//! - [Package bufio, Writer.Flush](https://pkg.go.dev/bufio#Writer.Flush)
//! - [Package archive/zip, Writer.Close](https://pkg.go.dev/archive/zip#Writer.Close)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resources/writer-not-flushed",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("writer", check)],
    examines: "writers that hold back what they are given",
};

/// What makes no buffer of its own of a `bufio.Writer` but uses that, and flushes it (`bufio.NewWriter`).
const FLUSHES: &[&str] = &["encoding/csv.NewWriter", "encoding/xml.NewEncoder"];

fn check(cx: &mut Cx, writer: &Resource) {
    cx.examined();
    let is_flushed = |declared: ExprId| {
        let given = |used| matches!(cx.tree.parent(used), Some(Node::Expr(call)) if cx.calls(call, FLUSHES));
        cx.names.uses(declared).take(64).any(given)
    };
    if let Some(Def::Local(declared)) = cx.holder(writer).map(|holder| cx.def(holder))
        && is_flushed(declared)
    {
        return;
    }
    let never = cx.leak(writer).filter(|leak| leak.never);
    if let Some(leak) = never.or_else(|| cx.leak_on_success(writer).filter(|leak| leak.used)) {
        let never = leak.never;
        let note = match writer.release.is_method("Flush") {
            true => "what it holds back is never written",
            false => "the end of what it writes is missing without `Close`",
        };
        let report = leak.without_fix().report(cx, writer).note(note);
        // On some paths it may be meant so: what was written is not wanted there.
        if !never {
            report.question();
        }
    }
}
