//! A compressing or archiving writer is not closed on every path.
//!
//! Such a writer holds back what it was given until it has a block, and writes a trailer when it is closed (`compress/gzip`,
//! `archive/zip`: "Close ... must be called"). Without `Close` the output is cut short: it may look complete and cannot be read.
//!
//! Limits: a writer that is returned, stored, used in a closure or passed to a function of the package is left alone. So are paths
//! on which an error is returned: nobody will read what was written there.
//!
//! ```go bad
//! func pack(out io.Writer, data []byte) error {
//! 	zw := gzip.NewWriter(out)
//! //<^^ `zw` is never closed
//! 	_, err := zw.Write(data)
//! 	return err
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
    file: file!(),
    examines: "compressing and archiving writers",
};

fn check(cx: &mut Cx, writer: &Resource) {
    cx.examined();
    // On the paths of errors it does not matter.
    if let Some(leak) = cx.leak(writer).filter(|leak| leak.never) {
        leak.without_fix().report(cx, writer).note("what it holds back, and its trailer, are never written");
    }
}
