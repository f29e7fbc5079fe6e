//! A file, a connection or a listener is not closed on every path, or a process not waited for.
//!
//! Each one that is left open keeps a descriptor, and what is behind it: a lock, a port, a connection that the other side counts. A
//! service that takes that path again and again ends with "too many open files", mostly far from the function that leaks. Defer
//! the call of `Close` as soon as the error has been checked.
//!
//! A process that was started needs `Wait`, even if nobody wants to know how it ended: until then it stays a zombie, and so do its
//! pipes. The writer of an `io.Pipe` that a goroutine has needs `Close` or `CloseWithError`: until then, whoever reads waits for more.
//!
//! Limits: what is returned, stored, sent, used in a closure (unless a goroutine alone has it), or passed to a function that may keep or
//! close it is left alone: somebody else may close it. A function of a library may if it takes something with a `Close` method. Tests and `main` are left out.
//! The finding is high for the writer of a pipe, and where the code that opens something runs for each request or message, or in a loop,
//! unless it stays open only because a constructor or what was done with it has failed. In the code of a command, which soon ends, it is
//! low.
//!
//! ```go bad
//! func header(name string) ([]byte, error) {
//! 	f, err := os.Open(name)
//! //<^ `f` is not closed on every path out of `header`
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	buf := make([]byte, 16)
//! 	if _, err := io.ReadFull(f, buf); err != nil {
//! 		return nil, err
//! 	}
//! 	return buf, f.Close()
//! }
//! ```
//! ```diff fixed
//! +	defer f.Close()
//! ```
//! ```go bad
//! func scan(path string, hit func(string) bool) error {
//! 	cmd := exec.Command("clamscan", path)
//! 	output, err := cmd.StdoutPipe()
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if err := cmd.Start(); err != nil {
//! 		//       ^^^^^^^^^ `cmd` is started, and not waited for on every path out of `scan`
//! 		return err
//! 	}
//! 	for lines := bufio.NewScanner(output); lines.Scan(); {
//! 		if hit(lines.Text()) {
//! 			return errors.New("infected")
//! 		}
//! 	}
//! 	return cmd.Wait()
//! }
//! ```
//! ```go good
//! type Journal struct{ file *os.File }
//!
//! func open(name string, keep bool) (*Journal, error) {
//! 	f, err := os.Create(name)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	if !keep {
//! 		return nil, f.Close()
//! 	}
//! 	// The journal owns it now.
//! 	return &Journal{file: f}, nil
//! }
//!
//! func detach(name string) error {
//! 	cmd := exec.Command(name)
//! 	if err := cmd.Start(); err != nil {
//! 		return err
//! 	}
//! 	if cmd.Process != nil {
//! 		return cmd.Process.Release()
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Idiom
//!
//! The garbage collector frees memory; files and sockets wait for a `Close`. Right after the error check, `defer f.Close()` is the form
//! that readers expect.
//!
//! # Impact
//!
//! A file, connection or listener keeps its descriptor: `process_open_fds` rises with each call on this path, and at
//! the limit `open`, `accept` and DNS lookups fail with "too many open files", in code that is not at fault. The reader
//! of a pipe waits for more, and a process that nobody waits for stays a zombie.
//!
//! # Verify
//!
//! - `ls /proc/PID/fd | wc -l`: for files and connections, before and after a hundred calls that take the path
//! - `go test -run {test} -count 2000 {package}`: for files and connections, after `ulimit -n 256` in the same shell, a
//!   test of the early path runs out of descriptors
//!
//! # Options
//!
//! - Defer the close after the error check: covers every path, but the error of `Close` is lost
//!   - senior, throughput, cloud-native: right for what was only read
//! - Close explicitly where the work ends and return its error: needed for what was written, since the last write may
//!   fail there
//!   - data, backend: an unreported failed write is lost data
//!
//! # References
//!
//! - [Package os, File.Close](https://pkg.go.dev/os#File.Close)
//! - [Go spec, "Defer statements"](https://go.dev/ref/spec#Defer_statements)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resources/closer-not-closed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Acquire("closer", check),
        Hook::Acquire("connection", check),
        Hook::Call(&["os/exec.Cmd.Start"], started),
    ],
    examines: "files, connections, listeners and processes",
};

/// A process that was started is waited for, or let go.
const WAITS: Pair =
    Pair::new(&["Wait", "Process.Wait", "Process.Release"], "wait", ("is started", "was not waited for"));

/// Readers in memory, and of entries of an archive that is open: their `Close` says whether all was read, and releases nothing.
const RELEASE_NOTHING: &[&str] =
    &["archive/zip.File.Open", "compress/gzip.NewReader", "compress/zlib.NewReader", "compress/zlib.NewReaderDict"];

fn check(cx: &mut Cx, closer: &Resource) {
    cx.examined();
    if closer.call.callee.is(RELEASE_NOTHING) {
        return;
    }
    let Some(leak) = cx.leak(closer) else { return };
    // A pipe is no more than memory: only who reads from it misses its end.
    let is_pipe = closer.call.callee.is(&["io.Pipe"]);
    if is_pipe && !leak.goes {
        return;
    }
    // What compresses or buffers for another writer holds nothing, and where the function fails, its output is lost anyway.
    if leak.fails && !leak.never && (is_around_writer(cx, closer) || is_made_of_given(cx, closer)) {
        return;
    }
    let severity = match cx.file.purpose() {
        Purpose::Command => Severity::Low,
        // Somebody waits for its end.
        _ if is_pipe => Severity::High,
        _ if is_repeated(cx, closer) && !leak.is_at_start(cx, closer) && (leak.never || !leak.tried) => Severity::High,
        // It may be opened once in the life of the process, and few programs go on after a constructor has failed.
        _ => Severity::Medium,
    };
    let has_descriptor = cx.has_type(closer.call.expr, &["os.File"]) || closer.call.callee.path == "net";
    // What one variable holds, one after the other, one `defer` closes.
    let cause = match leak.variable.map(|variable| cx.def(variable)) {
        Some(Def::Local(declared)) => {
            Some(format!("{} {}", crate::cause::in_function(cx, declared), cx.span(declared).start))
        }
        _ => None,
    };
    let report = leak.report(cx, closer).severity(severity).one_cause_if(cause);
    if is_pipe {
        report.note("until it is closed, whoever reads from the pipe waits for more");
    } else if has_descriptor {
        report.note(
            "its descriptor stays open until the garbage collector gets to it, and a process may have only so many",
        );
    }
}

/// Whether something is opened again and again: for each request or message, or in a loop.
fn is_repeated(cx: &Cx, closer: &Resource) -> bool {
    let call = closer.call.expr;
    cx.handler(call).is_some()
        || cx.enclosing_loop(call).is_some()
        || cx.enclosing_decl(call).is_some_and(|decl| cx.is_called_in_loop(decl) == Some(true))
}

/// Whether what makes a closer is given the writer to which its output goes.
fn is_around_writer(cx: &Cx, closer: &Resource) -> bool {
    let Type::Signature(signature) = cx.store.get(cx.ty(closer.call.fun)) else { return false };
    signature.params.iter().any(|&param| cx.store.qualified_name(param) == Some(("io", "Writer")))
}

/// Whether a function of the package makes it of what the function around it was given itself, and acquires nothing for it: who has given
/// that releases it.
fn is_made_of_given(cx: &Cx, closer: &Resource) -> bool {
    let is_given = |&arg: &ExprId| match cx.root(arg).map(|root| cx.def(root)) {
        Some(Def::Local(declared)) => cx.declares_parameter(declared),
        _ => cx.constant_value(arg).is_some(),
    };
    let shows = || cx.find_within(closer.call, body, 0).is_some() && cx.find_within(closer.call, acquires, 0).is_none();
    !closer.sure && closer.call.args.iter().all(is_given) && shows()
}

/// Something in a function whose body is at hand.
fn body(cx: &Cx, func: DeclId, _: usize) -> Option<ExprId> {
    cx.find_expr(func, false, |_| true)
}

/// Where a function acquires something, or starts a goroutine.
fn acquires(cx: &Cx, func: DeclId, _: usize) -> Option<ExprId> {
    let starts = || cx.spawns_in(func).next().map(|spawn| spawn.call);
    let is_closer = |id| cx.acquired(id).is_some_and(|found| matches!(found.kind, "closer" | "connection"));
    cx.find_expr(func, true, is_closer).or_else(starts)
}

fn started(cx: &mut Cx, start: Call) {
    let Some(command) = start.receiver else { return };
    cx.examined();
    // What is in a field, or came from elsewhere, somebody else may wait for.
    let own = cx.func_of_local(command).is_some_and(|func| Some(func) == cx.enclosing_func(start.expr));
    let pair = Pair { disagree: !own, ..WAITS };
    let Some(unpaired) = cx.unpaired(start, pair) else { return };
    let (name, around) = (cx.source(command), cx.func_in_words(start.expr));
    let message = match unpaired.never {
        true => format!("`{name}` is started and never waited for"),
        false => format!("`{name}` is started, and not waited for on every path out of {around}"),
    };
    // A browser that is opened for somebody is seldom waited for.
    let severity = if unpaired.never { Severity::Low } else { Severity::Medium };
    let note = "it stays a zombie, with its pipes, until the process ends";
    cx.report(start.fun, message).steps(unpaired.steps).note(note).severity(severity);
}
