//! The error of closing what was written is lost in a `defer`.
//!
//! A file system may report only at `Close` that data could not be written (close(2): NFS, quotas), and an upload to a bucket is finished
//! by `Close`. The function then returns nil for what was never stored, and its caller goes on to delete the original. Return the error of
//! `Close` where all went well; the deferred call stays for the other paths, and does no harm when it is the second.
//!
//! The finding is low where the name of the function does not say that it stores something.
//!
//! Limits: a writer that is closed or synced elsewhere in the function, returned, or stored is left alone, and so is a function that
//! returns no error.
//!
//! ```go bad
//! func save(path string, v any) error {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer f.Close()
//! 	//    ^^^^^^^^^ `f` was written to, and the error of closing it is lost
//! 	if err := json.NewEncoder(f).Encode(v); err != nil {
//! 		return err
//! 	}
//! 	return nil
//! }
//! ```
//! ```diff fixed
//! -	return nil
//! +	return f.Close()
//! ```
//! ```go good
//! func save(path string, v any) error {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer f.Close()
//! 	if err := json.NewEncoder(f).Encode(v); err != nil {
//! 		return err
//! 	}
//! 	return f.Close() // checked where it counts
//! }
//!
//! func load(path string, v any) error {
//! 	f, err := os.Open(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer f.Close() // only read
//! 	return json.NewDecoder(f).Decode(v)
//! }
//! ```
//!
//! # Impact
//!
//! If the close fails, the file or object was not stored completely, and the function returns nil all the same. A caller
//! that then deletes the original has lost it. On local disks that is rare, on network file systems with quotas and with
//! cloud uploads it is the normal way to fail.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: use a writer whose `Close` fails and expect that error
//! - `dd if=/dev/zero of=/mnt/small/fill`: fill a small file system, then run the code against it
//!
//! # References
//!
//! - [Package os, File.Close](https://pkg.go.dev/os#File.Close)
use gopeer_lint::prelude::*;

use super::support::returns_error;

pub static RULE: Rule = Rule {
    id: "errors/deferred-close-error",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Errors, 2)],
    equivalents: &["errcheck"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Defer], check)],
    examines: "deferred calls of Close",
};

/// Calls that give a file to write to.
const FILES: &[&str] = &["os.Create", "os.OpenFile"];

/// Calls that give a writer whose `Close` finishes an upload.
const UPLOADS: &[&str] = &["cloud.google.com/go/storage.ObjectHandle.NewWriter", "gocloud.dev/blob.Bucket.NewWriter"];

fn check(cx: &mut Cx, defer: StmtId) {
    let Stmt::Defer(call) = cx.stmt(defer) else { return };
    let Some((writer, "Close", [])) = cx.method_call(call) else { return };
    let Some(func) = cx.enclosing_func(defer).filter(|&func| returns_error(cx, func)) else { return };
    let Some((made, 0)) = cx.origin(writer) else { return };
    let uploads = cx.calls(made, UPLOADS);
    if !(uploads || cx.calls(made, FILES) && is_for_writing(cx, made)) {
        return;
    }
    cx.examined();
    if !is_written_and_forgotten(cx, writer) {
        return;
    }
    let name = cx.source(writer);
    let (reason, edit) = (cx.explanation(defer, &[]), closes_last(cx, func, name));
    let message = match uploads {
        true => format!("closing `{name}` finishes the upload, and its error is lost"),
        false => format!("`{name}` was written to, and the error of closing it is lost"),
    };
    let severity = match (uploads, is_to_keep(cx, defer)) {
        (true, _) => Severity::High,
        (false, true) => Severity::Medium,
        (false, false) => Severity::Low,
    };
    let report = cx
        .report(call, message)
        .severity(severity)
        .excused(reason)
        .note("return the error of `Close` where all went well; a second call does no harm");
    if let Some(edit) = edit {
        report.fix(format!("Return `{name}.Close()`"), [edit]);
    }
}

/// Whether a file is made or added to. One that is there, and only written to, may be a device or a setting of the kernel.
fn is_for_writing(cx: &Cx, made: ExprId) -> bool {
    if !cx.calls(made, &["os.OpenFile"]) {
        return true;
    }
    let Expr::Call { args, .. } = cx.expr(cx.unparen(made)) else { return false };
    let writes = |flag| cx.denotes(flag, &["os.O_APPEND", "os.O_CREATE", "os.O_TRUNC"]);
    cx.exprs(args).get(1).is_some_and(|&flags| cx.find_expr(flags, false, writes).is_some())
}

/// Whether the function stores data, by its name.
fn is_to_keep(cx: &Cx, defer: StmtId) -> bool {
    const KEEPS: &[&str] =
        &["backup", "checkpoint", "commit", "export", "persist", "save", "snapshot", "store", "upload", "write"];
    let name = cx.enclosing_decl(defer).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    words(name).iter().any(|word| KEEPS.contains(&word.as_str()))
}

/// Whether a writer is written to, and neither closed nor synced but by the `defer`, nor kept by anybody.
fn is_written_and_forgotten(cx: &Cx, writer: ExprId) -> bool {
    let Def::Local(declared) = cx.def(writer) else { return false };
    let mut written = false;
    for used in cx.names.uses(declared).filter(|&used| used != declared && used != writer) {
        let Some(Node::Expr(around)) = cx.tree.parent(used) else { return false };
        match cx.expr(around) {
            Expr::Selector { base, name } if base == used => match cx.source(name) {
                "Close" | "Sync" | "Fd" => return false,
                name => written |= name.starts_with("Write") || name == "ReadFrom",
            },
            Expr::Call { fun, .. } if fun != used => written |= gives_to_writer(cx, around),
            _ => return false,
        }
    }
    written
}

/// Whether a call that is given a writer writes to it: not one that asks about a file, or locks it.
fn gives_to_writer(cx: &Cx, call: ExprId) -> bool {
    const WRITES: &[&str] = &[
        "copy", "dump", "encode", "execute", "export", "fprint", "fprintf", "fprintln", "marshal", "print", "render",
        "save", "write", "writer", "encoder",
    ];
    words(cx.callee_text(call)).iter().any(|word| WRITES.contains(&word.as_str()))
}

/// The edit that returns the error of closing, where the function ends in `return nil`.
fn closes_last(cx: &Cx, func: Func, name: &str) -> Option<(Span, String)> {
    let &last = cx.list_of(func.body.into()).last()?;
    let Stmt::Return(results) = cx.stmt(last) else { return None };
    let &error = cx.exprs(results).last().filter(|&&error| cx.is_builtin(error, "nil"))?;
    (results.len() == 1).then(|| (cx.span(error), format!("{name}.Close()")))
}
