//! A function ends the process, or panics, over an error that its caller could handle.
//!
//! `os.Exit` and `log.Fatal` end every other request in flight as well, run no deferred function, and leave callers and tests
//! without a choice; a panic in a goroutine does the same. Return the error and let `main` decide, or answer the request with it.
//!
//! A function is reported once, with the other places in it. The finding is low in unexported functions that have no error to
//! return, which are often part of the start of a program, and in internal packages, which only the program itself calls; where a method
//! without one panics, because others decide its form, or a function that gives a default; and where no error is at hand, so that the
//! program itself must be wrong.
//!
//! Limits: not reported are `main`, `init`, `Must…` and other functions whose names say that they may not return, tests, and the
//! code of a command line. In package main, only functions that return an error or serve requests are looked at. A panic counts
//! only if it is given an error that a call returned, other than the reader of random bytes. A function whose doc comment tells
//! callers about it, or that has a sibling which returns the error, is documented to panic. Methods such as `DeepCopyInto` have no
//! room for an error. The state machine of a replicated log has to stop rather than diverge from its peers.
//!
//! ```go bad
//! package store
//!
//! import (
//! 	"log"
//! 	"os"
//! )
//!
//! func Load(path string) []byte {
//! 	data, err := os.ReadFile(path)
//! 	if err != nil {
//! 		log.Fatalf("load: %v", err)
//! //^^^^^^^^^^ `log.Fatalf` ends the process of whoever calls `Load`
//! 	}
//! 	return data
//! }
//!
//! func Save(path string, data []byte) {
//! 	if err := os.WriteFile(path, data, 0o600); err != nil {
//! 		panic(err) // TODO: return it
//! //^^^^^ `panic` takes down the caller of `Save`, over an error that could be returned
//! 	}
//! }
//! ```
//! ```go bad
//! package main
//!
//! import (
//! 	"database/sql"
//! 	"net/http"
//! 	"os"
//! )
//!
//! var db *sql.DB
//!
//! func ping(w http.ResponseWriter, r *http.Request) {
//! 	if err := db.Ping(); err != nil {
//! 		os.Exit(1)
//! //^^^^^^^ `os.Exit` ends the process while it serves other requests
//! 	}
//! }
//!
//! func main() {
//! 	http.HandleFunc("/ping", ping)
//! }
//! ```
//! ```go good
//! package store
//!
//! import (
//! 	"errors"
//! 	"os"
//! )
//!
//! // MustLoad says by its name that it panics.
//! func MustLoad(path string) []byte {
//! 	data, err := os.ReadFile(path)
//! 	if err != nil {
//! 		panic(err)
//! 	}
//! 	return data
//! }
//!
//! type Row struct{ values map[string]string }
//!
//! // Callers who want the error call LookUp.
//! func (r *Row) Look(key string) string {
//! 	value, err := r.LookUp(key)
//! 	if err != nil {
//! 		panic(err)
//! 	}
//! 	return value
//! }
//!
//! func (r *Row) LookUp(key string) (string, error) { return r.values[key], errors.ErrUnsupported }
//! ```
//! ```go good
//! package store
//!
//! import "fmt"
//!
//! func name(kind int) string {
//! 	switch kind {
//! 	case 1:
//! 		return "one"
//! 	}
//! 	panic(fmt.Sprintf("unknown kind %d", kind)) // no error: the program itself is wrong
//! }
//! ```
//! ```go good
//! package store
//!
//! import "encoding/json"
//!
//! type FSM struct{ rows map[string]string }
//!
//! func (f *FSM) Apply(log []byte) any {
//! 	if err := json.Unmarshal(log, &f.rows); err != nil {
//! 		panic(err) // a replica that skips an entry differs from its peers
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! package main
//!
//! import "log"
//!
//! func setup() {
//! 	if err := connect(); err != nil {
//! 		log.Fatal(err) // the start of a program: nobody is served yet
//! 	}
//! }
//!
//! func connect() error { return nil }
//!
//! func main() { setup() }
//! ```
//!
//! # Idiom
//!
//! `panic` is for faults of the program itself, and `os.Exit` for `main`. What can go wrong from outside is returned as an error, by
//! constructors too; a name that begins with `Must` marks the exception.
//!
//! # Impact
//!
//! One failure ends the process and every request in flight, unless it is a panic that somebody recovers from; deferred
//! functions of other goroutines do not run. In Kubernetes it is a restart, and with the same input again a crash loop.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: provoke the failure; with `log.Fatal` the test binary itself exits
//!
//! # Options
//!
//! - Return an error: the caller decides, and signatures change on the way up
//!   - senior, backend, data, cloud-native, throughput: `main` is the only place that ends a process
//! - Keep the panic and name the function `MustX`: for values that are fixed at compile time
//!
//! # References
//!
//! - [Go blog, "Defer, Panic, and Recover"](https://go.dev/blog/defer-panic-and-recover)
use gopeer_lint::prelude::*;

use super::clean_up::comes_after_failure;
use super::meant::{is_documented, is_given_error, may_exit, may_panic, recovers, says_bug};
use super::support::{COMMAND_LINES, returns_error};

pub static RULE: Rule = Rule {
    id: "errors/panic-or-exit-in-library",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3), (Concern::Deadlock, 3)],
    equivalents: &["revive:deep-exit", "forbidigo"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "panics and exits",
};

/// What starts a log entry that ends the process or panics once it is sent.
const EVENTS: &[&str] = &[
    "github.com/rs/zerolog.Logger.Fatal",
    "github.com/rs/zerolog.Logger.Panic",
    "github.com/rs/zerolog/log.Fatal",
    "github.com/rs/zerolog/log.Panic",
];

/// Packages that read flags, whose users exit as `main` does.
const FLAGS: &[&str] = &["flag", "github.com/spf13/pflag"];

/// What calls functions that it is given, and makes an error of a panic.
const RECOVER: &[&str] = &["github.com/antonmedv/expr", "github.com/expr-lang/expr"];

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let panics = cx.is_builtin(fun, "panic");
    let needs_error = panics || cx.source(fun).contains("Panic");
    let leaves = match cx.ends(call) {
        Some(End::Exit) => true,
        // runtime.Goexit ends a goroutine, and a test's FailNow a test.
        Some(End::Unwind) => needs_error,
        None => cx.calls(call, EVENTS),
    };
    let Some(decl) = cx.enclosing_decl(call).filter(|_| leaves) else { return };
    let Some(name) = cx.func_name(decl).filter(|name| !may_exit(name)) else { return };
    if needs_error && !is_given_error(cx, call, name) {
        return;
    }
    cx.examined();
    let serves = cx.answers_requests(call);
    let returns = cx.enclosing_func(call).is_some_and(|func| returns_error(cx, func));
    let is_library = cx.file.purpose() == Purpose::Library
        && ![COMMAND_LINES, FLAGS].iter().any(|modules| cx.file.imports_any(modules));
    if !if cx.file.is_main() { serves || returns } else { is_library }
        || is_documented(cx, decl)
        || panics && (recovers(cx, decl) || !returns && cx.file.imports_any(RECOVER) || may_panic(cx, decl, returns))
        || says_bug(cx, call)
    {
        return;
    }
    let exit = cx.source(fun);
    // What `name` makes, or hands on, may run when it has returned.
    let later = cx.enclosing_func(call).is_some_and(|func| matches!(func.node, Node::Expr(_)));
    let message = match (panics, serves) {
        (true, true) => format!("`{exit}` breaks off the request, over an error that could be answered"),
        (true, false) if later => {
            format!("`{exit}` takes down whoever calls this function of `{name}`, over an error that could be returned")
        }
        (true, false) => format!("`{exit}` takes down the caller of `{name}`, over an error that could be returned"),
        (false, true) => format!("`{exit}` ends the process while it serves other requests"),
        (false, false) => format!("`{exit}` ends the process of whoever calls `{name}`"),
    };
    let note = match (panics, serves) {
        (true, true) => {
            "answer with an error and return: net/http closes the connection without an answer, and gRPC ends the process"
        }
        (false, true) => "answer with an error and return; deferred functions do not run",
        _ => "return the error and let `main` decide whether to go on",
    };
    let reason = cx.explanation(
        call,
        &["impossible", "not possible", "bug", "error", "problem", "invariant", "caller", "already", "restrict"],
    );
    let cause = format!("{} {name}", cx.file.name);
    // What gives a default leaves its callers no error to look at.
    let gives_default = panics && words(name).first().is_some_and(|first| first == "default");
    let is_offered = name.starts_with(char::is_uppercase) && !(panics && cx.is_method(decl)) && !gives_default;
    let about_error = panics || is_about_error(cx, call);
    // The caller is part of the program, which mostly ends with it.
    let of_program = (cx.file.is_main() || cx.file.is_internal() && !returns) && !serves;
    let report = cx.report(fun, message).excused(reason).note(note).one_cause(cause);
    if of_program || !(about_error && (serves || returns || is_offered)) {
        report.severity(Severity::Low).one_of("calls in this file end the process or panic");
    }
}

/// Whether a call ends the process over an error: it is given one, or stands where one is not nil. Else the program itself is wrong.
fn is_about_error(cx: &Cx, call: ExprId) -> bool {
    let is_error = |id| cx.ty(id) == TypeId::ERROR && !cx.is_type_expr(id);
    cx.find_expr(call, false, is_error).is_some() || comes_after_failure(cx, call)
}
