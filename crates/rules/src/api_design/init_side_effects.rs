//! Importing a package reaches outside the program, starts a goroutine, or can end the program.
//!
//! What `init` does, and what the initial value of a package-level variable calls, happens before `main` and before any test of
//! the package, and nobody can configure or refuse it. A test then needs the environment variable, file or server, and a
//! failure has nobody to go to. A function that `main` calls can be given what it needs and can return an error.
//!
//! Limits: functions that `init` calls are looked into if they are in its file, one deep, and not for what ends the program.
//! Left alone are a panic over an error, or over what the program itself holds, and what happens if a call to a function named
//! `Register…` fails: all say that the program is put together wrongly. So is code that depends on `os.Args`, by which a
//! program that starts itself again knows its part. Reading the environment, and commands, are less severe. Tests, examples and
//! tools are left alone.
//!
//! ```go bad
//! var client *http.Client
//!
//! func init() {
//! 	client = &http.Client{Timeout: time.Second}
//! 	if os.Getenv("TOKEN") == "" {
//! 	// ^^^^^^^^^ low: `init` reads the environment with `os.Getenv`
//! 		panic("no token")
//! //^^^^^ `init` can end the program with `panic`
//! 	}
//! 	for range 2 {
//! 		go refresh()
//! //^^^^^^^^^^^^ `init` starts a goroutine
//! 	}
//! }
//!
//! func refresh() {}
//! ```
//! ```go good
//! func init() {
//! 	if err := check(); err != nil {
//! 		panic(err) // the program is put together wrongly
//! 	}
//! 	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
//! 		fmt.Fprintln(w, os.Getenv("HOME")) // runs later
//! 	})
//! }
//!
//! func check() error { return nil }
//! ```
//!
//! # Idiom
//!
//! `init` is for registering and for tables that no literal can express. What may fail or needs configuration is a function that returns an
//! error.
use gopeer_lint::prelude::*;

use super::outside::{ENVIRONMENT, Effect, EffectsOf, effects, effects_of_calls, effects_of_functions, reaches};

pub static RULE: Rule = Rule {
    id: "api-design/init-side-effects",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Tests, 1), (Concern::Race, 3), (Concern::Clarity, 2)],
    equivalents: &["gopeer:api-design/global-state", "gochecknoinits"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::File(check)],
    examines: "init functions",
};

fn check(file: &mut FileCx) {
    let effects_of = effects_of_functions(file);
    file.each_piece(|cx| cx.tree.roots().iter().for_each(|&root| check_root(cx, root, &effects_of)));
}

fn check_root(cx: &mut Cx, root: DeclId, effects_of: &EffectsOf) {
    match cx.decl(root) {
        Decl::Func { recv, name, body: Some(body), .. } if recv.is_empty() && cx.source(name) == "init" => {
            cx.examined();
            let (own, called) = (effects(cx, body.into()), effects_of_calls(cx, body.into(), effects_of));
            let asks = own.iter().any(reaches);
            let mut reported: Vec<&str> = Vec::new();
            for (effect, within) in own.iter().map(|effect| (effect, None)).chain(called) {
                // A panic over what is part of the program says that this is put together wrongly.
                let checks_itself = effect.with.as_deref() == Some("panic") && !asks;
                if !checks_itself && !reported.contains(&effect.what) {
                    reported.push(effect.what);
                    report(cx, root, effect, within, |done| format!("`init` {done}"));
                }
            }
        }
        Decl::Group { kind: GroupKind::Var, specs, .. } => {
            for &spec in cx.tree.decls(specs) {
                check_variable(cx, spec, effects_of);
            }
        }
        _ => {}
    }
}

/// The initial value of a variable. The environment is often asked there, for a default.
fn check_variable(cx: &mut Cx, spec: DeclId, effects_of: &EffectsOf) {
    let Decl::Value { names, values, .. } = cx.decl(spec) else { return };
    let (Some(&name), Some(value)) = (cx.exprs(names).first(), cx.only(values)) else { return };
    cx.examined();
    let (own, called) = (effects(cx, value.into()), effects_of_calls(cx, value.into(), effects_of));
    let mut all = own.iter().map(|effect| (effect, None)).chain(called).filter(|(effect, _)| reaches(effect));
    if let Some((effect, within)) = all.find(|(effect, _)| effect.what != ENVIRONMENT) {
        let name = cx.source(name);
        report(cx, spec, effect, within, |done| format!("the initial value of `{name}` {done}"));
    }
}

/// Reports what is done, at its place or, if another function does it, at the call of that.
fn report(
    cx: &mut Cx,
    decl: DeclId,
    effect: &Effect,
    within: Option<(ExprId, &str)>,
    sentence: impl Fn(String) -> String,
) {
    let with = effect.with.as_ref().map_or_else(String::new, |with| format!(" with `{with}`"));
    let inside = within.map_or_else(String::new, |(_, name)| format!(", in `{name}`"));
    let at = within.map_or(effect.at, |(call, _)| call.into());
    let severity = match effect.what == ENVIRONMENT || cx.file.purpose() == Purpose::Command {
        true => Severity::Low,
        false => Severity::Medium,
    };
    let reason = cx.explanation(at, &[]).or_else(|| cx.explanation(decl, &[]));
    cx.report(at, sentence(format!("{}{with}{inside}", effect.what)))
        .severity(severity)
        .excused(reason)
        .note("this runs before `main` and before any test of the package; a function that `main` calls can be configured and can return an error");
}
