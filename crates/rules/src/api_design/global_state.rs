//! A package-level variable is written while the program runs.
//!
//! Each test and each caller shares it: tests cannot run in parallel or pass a fake, and two clients cannot have two
//! configurations. Where requests or goroutines write it without a lock, it is a data race. Keep the state in a struct that `main`
//! makes and passes on, and guard what is shared.
//!
//! Of many such variables in a file only the first is reported, with the places of the others. It is less severe where no request
//! and no goroutine is seen to write.
//!
//! Limits: writes, and the calls that lead to them, are looked for in the variable's own file. Left alone is what a function writes
//! that takes a lock, that only `init` calls, or that a `sync.Once` runs, what is written right before a channel is closed, and texts,
//! numbers and flags that `main` sets. A function that only stores what its caller gave it, or a constant, is taken for a setting or a registry, unless requests or goroutines
//! call it. Tests, examples and tools are left alone.
//!
//! ```go bad
//! var cache = map[string]string{}
//! //  ^^^^^ `cache` is package-level state, and `name` writes it while it serves requests
//!
//! func handle(w http.ResponseWriter, r *http.Request) {
//! 	fmt.Fprint(w, name(r.FormValue("id")))
//! }
//!
//! func name(id string) string {
//! 	if known, ok := cache[id]; ok {
//! 		return known
//! 	}
//! 	cache[id] = strings.ToUpper(id)
//! 	return cache[id]
//! }
//! ```
//! ```go bad
//! var db *sql.DB
//! //  ^^ low: `db` is package-level state, written by `main`
//!
//! func main() {
//! 	var err error
//! 	db, err = sql.Open("postgres", "")
//! 	fmt.Println(err)
//! }
//! ```
//! ```go good
//! package main
//!
//! var version string // the linker sets it, or else main
//!
//! func main() {
//! 	if version == "" {
//! 		version = builtWith()
//! 	}
//! 	fmt.Println(version)
//! }
//!
//! func builtWith() string { return "unknown" }
//! ```
//! ```go good
//! var mu sync.Mutex
//!
//! var names = map[string]string{}
//!
//! func remember(id, name string) {
//! 	mu.Lock() // shared with care
//! 	defer mu.Unlock()
//! 	names[id] = name
//! }
//! ```
//!
//! # Idiom
//!
//! Dependencies are fields of a struct that a `New` function fills, and `main` puts the parts together. Most Go programs use no framework
//! for that.
//!
//! # Verify
//!
//! - `go test -race -shuffle on -count 5 {package}`: tests that share the variable fail in some order
//!
//! # Options
//!
//! - Make it a field of a struct that `main` builds: tests bring their own, and constructors get a parameter
//!   - senior, backend, cloud-native, data: dependencies can be read off the signature
//! - Guard it and keep it: for caches of pure functions
//!   - throughput: nothing to pass on the hot path
//!
//! # References
//!
//! - [Go wiki, "Go Code Review Comments"](https://go.dev/wiki/CodeReviewComments)
use std::collections::BTreeMap;

use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::written::{While, functions, writers};

pub static RULE: Rule = Rule {
    id: "api-design/global-state",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Tests, 1), (Concern::Race, 3), (Concern::Clarity, 2)],
    equivalents: &["gochecknoglobals"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::File(check)],
    examines: "variables of packages",
};

fn check(file: &mut FileCx) {
    let functions = functions(file);
    let writers = writers(&functions);
    file.each_piece(|cx| {
        for (spec, _) in cx.tree.all_decls().filter(|(_, decl)| matches!(decl, Decl::Value { .. })) {
            check_declaration(cx, spec, &writers);
        }
    });
}

fn is_basic(cx: &Cx, name: ExprId) -> bool {
    matches!(cx.under(name), Type::Basic(_))
}

fn check_declaration(cx: &mut Cx, spec: DeclId, writers: &BTreeMap<&str, (While, &str)>) {
    let Decl::Value { names, .. } = cx.decl(spec) else { return };
    for &name in cx.exprs(names) {
        if cx.def(name) != Def::Package(ObjectKind::Var) {
            continue;
        }
        cx.examined();
        let shown = cx.source(name);
        let Some(&(runs, writer)) = writers.get(shown) else { continue };
        // A flag or a version that the program itself puts right as it starts.
        if runs == While::Running && writer == "main" && cx.file.is_main() && is_basic(cx, name) {
            continue;
        }
        let state = format!("`{shown}` is package-level state");
        let race =
            "a data race, if anything else uses it at the same time: guard it, or keep it in a struct with a mutex";
        let report = match runs {
            While::Serving => {
                cx.report(name, format!("{state}, and `{writer}` writes it while it serves requests")).note(race)
            }
            While::Goroutine => cx.report(name, format!("{state}, and `{writer}` writes it in a goroutine")).note(race),
            While::Running => cx
                .report(name, format!("{state}, written by `{writer}`"))
                .severity(Severity::Low)
                .note("every caller and every test shares it; a field of a struct that is passed on can be replaced"),
        };
        report.one_of("variables of this file are written while the program runs");
    }
}
