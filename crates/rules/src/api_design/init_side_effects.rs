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
use gopeer_sema::ObjectKind;
use std::collections::BTreeMap;

use crate::errors::support::{is_error, source_of};

pub static RULE: Rule = Rule {
    id: "api-design/init-side-effects",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Tests, 1), (Concern::Race, 3), (Concern::Clarity, 2)],
    equivalents: &["gopeer:api-design/global-state", "gochecknoinits"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::File(check)],
    file: file!(),
    examines: "init functions",
};

const ENVIRONMENT: &str = "reads the environment";
const ENDS: &str = "can end the program";

/// Functions that reach outside the program, and what they do there.
const OUTSIDE: &[(&str, &[&str])] = &[
    (ENVIRONMENT, &["os.Getenv", "os.LookupEnv"]),
    ("reads a file", &["os.ReadFile", "io/ioutil.ReadFile", "github.com/joho/godotenv.Load"]),
    ("opens a file", &["os.Open", "os.OpenFile"]),
    ("creates a file", &["os.Create", "os.WriteFile"]),
    ("creates a directory", &["os.MkdirAll", "os.Mkdir"]),
    (
        "opens a database",
        &[
            "database/sql.Open",
            "gorm.io/gorm.Open",
            "github.com/jmoiron/sqlx.Open",
            "github.com/jmoiron/sqlx.MustOpen",
            "github.com/jmoiron/sqlx.Connect",
            "github.com/jmoiron/sqlx.MustConnect",
            "github.com/jackc/pgx/v5.Connect",
            "github.com/jackc/pgx/v5/pgxpool.New",
            "github.com/gocql/gocql.ClusterConfig.CreateSession",
            "go.mongodb.org/mongo-driver/mongo.Connect",
            "go.mongodb.org/mongo-driver/v2/mongo.Connect",
        ],
    ),
    ("sends a request", &["net/http.Get", "net/http.Post", "net/http.PostForm", "net/http.Head", "net/http.Client.Do"]),
    ("listens", &["net.Listen", "net/http.ListenAndServe", "net/http.ListenAndServeTLS"]),
    ("opens a connection", &["net.Dial", "net.DialTimeout"]),
    ("runs a program", &["os/exec.Cmd.Run", "os/exec.Cmd.Start", "os/exec.Cmd.Output", "os/exec.Cmd.CombinedOutput"]),
];

/// Something that code does when it runs.
struct Effect {
    at: Node,
    what: &'static str,
    /// The function that does it, as written.
    with: Option<String>,
}

fn check(file: &mut FileCx) {
    let mut effects_of: BTreeMap<String, Vec<Effect>> = BTreeMap::new();
    file.each_piece(|cx| {
        for &root in cx.tree.roots() {
            let Decl::Func { recv, name, body: Some(body), .. } = cx.decl(root) else { continue };
            if recv.is_empty() && cx.source(name) != "init" {
                effects_of.insert(cx.source(name).to_owned(), effects(cx, body.into()));
            }
        }
    });
    file.each_piece(|cx| {
        for &root in cx.tree.roots() {
            check_root(cx, root, &effects_of);
        }
    });
}

fn check_root(cx: &mut Cx, root: DeclId, effects_of: &BTreeMap<String, Vec<Effect>>) {
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
fn check_variable(cx: &mut Cx, spec: DeclId, effects_of: &BTreeMap<String, Vec<Effect>>) {
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

/// Whether an effect reaches outside the program.
fn reaches(effect: &Effect) -> bool {
    OUTSIDE.iter().any(|(what, _)| *what == effect.what)
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

/// What code does that runs with the node: not in function literals, and not in the part of a program that starts itself again.
fn effects(cx: &Cx, root: Node) -> Vec<Effect> {
    let mut found = Vec::new();
    cx.any(root, false, |node| {
        found.extend(effect(cx, node).filter(|_| !depends_on_args(cx, node)));
        false
    });
    found
}

fn effect(cx: &Cx, node: Node) -> Option<Effect> {
    match node {
        Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_)) => {
            Some(Effect { at: node, what: "starts a goroutine", with: None })
        }
        Node::Expr(call) => {
            let Expr::Call { fun, .. } = cx.expr(call) else { return None };
            let what = outside(cx, call).filter(|_| !is_over_error(cx, call) && !registers(cx, call))?;
            Some(Effect { at: fun.into(), what, with: Some(cx.source(fun).to_owned()) })
        }
        _ => None,
    }
}

fn outside(cx: &Cx, call: ExprId) -> Option<&'static str> {
    if cx.ends(call).is_some() {
        return Some(ENDS);
    }
    let callee = cx.callee(call)?;
    OUTSIDE.iter().find(|(_, full)| callee.is(full)).map(|(what, _)| *what)
}

/// What the functions of the file do that are called there, with the call and their name. That they may end the program is
/// left out: such a function checks what it is given, and here that is constant.
fn effects_of_calls<'e>(
    cx: &Cx,
    root: Node,
    effects_of: &'e BTreeMap<String, Vec<Effect>>,
) -> Vec<(&'e Effect, Option<(ExprId, &'e str)>)> {
    let mut found = Vec::new();
    cx.any(root, false, |node| {
        if let Node::Expr(call) = node
            && let Expr::Call { fun, .. } = cx.expr(call)
            && cx.def(fun) == Def::Package(ObjectKind::Func)
            && let Some((name, effects)) = effects_of.get_key_value(cx.source(fun))
            && !matches!(cx.tree.parent(call), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Go(_)))
            && !depends_on_args(cx, node)
        {
            let lasting = effects.iter().filter(|effect| effect.what != ENDS);
            found.extend(lasting.map(|effect| (effect, Some((fun, name.as_str())))));
        }
        false
    });
    found
}

/// `if len(os.Args) > 1 && os.Args[1] == "worker"`: a program that runs itself again.
fn depends_on_args(cx: &Cx, node: Node) -> bool {
    let asks = |cx: &Cx, node: Node| {
        let Node::Stmt(stmt) = node else { return false };
        let asked = match cx.stmt(stmt) {
            Stmt::If { cond, .. } => cond,
            Stmt::Switch { tag: Some(tag), .. } => tag,
            _ => return false,
        };
        cx.find_expr(asked, false, |id| cx.denotes(id, &["os.Args"])).is_some()
    };
    cx.around(node, asks).is_some()
}

/// `if err != nil { panic(err) }`
fn is_over_error(cx: &Cx, call: ExprId) -> bool {
    let Expr::Call { fun, .. } = cx.expr(call) else { return false };
    let checks = |cx: &Cx, node: Node| {
        let Node::Stmt(stmt) = node else { return false };
        let Stmt::If { cond, .. } = cx.stmt(stmt) else { return false };
        matches!(cx.expr(cond), Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs }
            if cx.is_builtin(rhs, "nil") && is_error(cx, lhs))
    };
    cx.is_builtin(fun, "panic") && cx.around(call, checks).is_some()
}

/// `if err := driver.Register(…); err != nil { log.Fatal(err) }`: what init is for.
fn registers(cx: &Cx, call: ExprId) -> bool {
    let checks = |cx: &Cx, node: Node| {
        let Node::Stmt(stmt) = node else { return false };
        let Stmt::If { init, cond, .. } = cx.stmt(stmt) else { return false };
        let is_registration = |call| cx.callee(call).is_some_and(|callee| callee.name.starts_with("Register"));
        match (init, cx.expr(cx.unparen(cond))) {
            (Some(init), _) => cx.find_expr(init, false, is_registration).is_some(),
            (None, Expr::Binary { lhs, .. }) => source_of(cx, lhs).is_some_and(is_registration),
            _ => false,
        }
    };
    cx.around(call, checks).is_some()
}
