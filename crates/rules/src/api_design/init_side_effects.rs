//! An `init` function reaches outside the program, starts a goroutine, or can end the program.
//!
//! It does so for whoever imports the package, tests included, and cannot be told not to: a test needs the variable or the
//! file, and a failure has nobody to go to. A function that `main` calls can be configured and can return an error.
//!
//! Limits: what `init` calls is not looked into. A panic over an error, or what a function called `Register…` returns, says
//! that the program is put together wrongly, and is left alone; so is a program that runs itself again and exits with 0.
//!
//! ```go bad
//! var client *http.Client
//!
//! func init() {
//! 	client = &http.Client{Timeout: time.Second}
//! 	if os.Getenv("TOKEN") == "" {
//! 	// ^^^^^^^^^ `init` reads the environment with `os.Getenv`
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
//! }
//!
//! func check() error { return nil }
//! ```
//! ```go good
//! func init() {
//! 	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
//! 		fmt.Fprintln(w, os.Getenv("HOME")) // runs later
//! 	})
//! }
//! ```
use gopeer_lint::prelude::*;

use crate::errors::support::is_error;

pub static RULE: Rule = Rule {
    id: "api-design/init-side-effects",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Tests, 1), (Concern::Race, 3), (Concern::Clarity, 2)],
    equivalents: &["gopeer:api-design/global-state", "gochecknoinits"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Decl(&[DeclKind::Func], check)],
    file: file!(),
};

/// Functions that reach outside the program, and what they do there.
const OUTSIDE: &[(&str, &str)] = &[
    ("os.Getenv", "reads the environment"),
    ("os.LookupEnv", "reads the environment"),
    ("os.ReadFile", "reads a file"),
    ("os.Open", "opens a file"),
    ("os.OpenFile", "opens a file"),
    ("os.Create", "creates a file"),
    ("os.MkdirAll", "creates a directory"),
    ("os.Mkdir", "creates a directory"),
    ("io/ioutil.ReadFile", "reads a file"),
    ("database/sql.Open", "opens a database"),
    ("gorm.io/gorm.Open", "opens a database"),
    ("github.com/jmoiron/sqlx.Connect", "opens a database"),
    ("github.com/jmoiron/sqlx.MustConnect", "opens a database"),
    ("github.com/redis/go-redis/v9.NewClient", "makes a client"),
    ("net/http.Get", "sends a request"),
    ("net/http.Post", "sends a request"),
    ("net/http.ListenAndServe", "listens"),
    ("net.Dial", "opens a connection"),
    ("net.Listen", "listens"),
    ("os/exec.Command", "runs a program"),
    ("github.com/joho/godotenv.Load", "reads a file"),
];

fn check(cx: &mut Cx, decl: DeclId) {
    let Decl::Func { recv, name, body: Some(body), .. } = cx.decl(decl) else { return };
    if cx.source(name) != "init" || !recv.is_empty() || cx.file.generated {
        return;
    }
    cx.examined();
    let mut told: Vec<&str> = Vec::new();
    let mut found: Vec<(Node, String)> = Vec::new();
    cx.any(body, false, |node| {
        let (at, what, with) = match node {
            Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_)) => (node, "starts a goroutine", None),
            Node::Expr(id) => match cx.expr(id) {
                Expr::Call { fun, args, .. } => match outside(cx, id) {
                    // A program that runs itself again under another name leaves with success.
                    Some(_) if cx.is_builtin(fun, "panic") && is_over_error(cx, id) => return false,
                    Some(_) if cx.only(args).is_some_and(|arg| cx.int_value(arg) == Some(0)) => return false,
                    Some(what) if !registers(cx, id) => (fun.into(), what, Some(fun)),
                    _ => return false,
                },
                _ => return false,
            },
            _ => return false,
        };
        if !told.contains(&what) {
            told.push(what);
            let with = with.map_or_else(String::new, |fun| format!(" with `{}`", cx.source(fun)));
            found.push((at, format!("`init` {what}{with}")));
        }
        false
    });
    for (at, message) in found {
        cx.report(at, message)
            .note("importing the package is enough to run it, in tests too; a function that `main` calls can be configured and can return an error");
    }
}

/// `if err != nil { panic(err) }`
fn is_over_error(cx: &Cx, call: ExprId) -> bool {
    cx.tree.ancestors(call).any(|node| {
        let Node::Stmt(stmt) = node else { return false };
        let Stmt::If { cond, .. } = cx.stmt(stmt) else { return false };
        matches!(cx.expr(cond), Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs }
            if cx.is_builtin(rhs, "nil") && is_error(cx, lhs))
    })
}

/// `if err := driver.Register(…); err != nil { panic(err) }`: what init is for.
fn registers(cx: &Cx, call: ExprId) -> bool {
    cx.tree.ancestors(call).any(|node| {
        let Node::Stmt(stmt) = node else { return false };
        let Stmt::If { init: Some(init), .. } = cx.stmt(stmt) else { return false };
        cx.source(init).contains("Register")
    })
}

fn outside(cx: &Cx, call: ExprId) -> Option<&'static str> {
    if cx.ends(call).is_some() {
        return Some("can end the program");
    }
    let name = cx.callee(call)?;
    OUTSIDE.iter().find(|(full, _)| name.is(&[full])).map(|(_, what)| *what)
}
