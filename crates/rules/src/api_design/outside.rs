//! What code does outside of the program when it runs.

use std::collections::BTreeMap;

use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use crate::errors::support::{is_error, source_of};

pub(super) const ENVIRONMENT: &str = "reads the environment";
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
pub(super) struct Effect {
    pub(super) at: Node,
    pub(super) what: &'static str,
    /// The function that does it, as written.
    pub(super) with: Option<String>,
}

/// What the functions of a file do, by their names.
pub(super) type EffectsOf = BTreeMap<String, Vec<Effect>>;

/// What the functions of a file do, without methods and `init`.
pub(super) fn effects_of_functions(file: &mut FileCx) -> EffectsOf {
    let mut effects_of = EffectsOf::new();
    file.each_piece(|cx| {
        for &root in cx.tree.roots() {
            let Decl::Func { recv, name, body: Some(body), .. } = cx.decl(root) else { continue };
            if recv.is_empty() && cx.source(name) != "init" {
                effects_of.insert(cx.source(name).to_owned(), effects(cx, body.into()));
            }
        }
    });
    effects_of
}

/// Whether an effect reaches outside the program.
pub(super) fn reaches(effect: &Effect) -> bool {
    OUTSIDE.iter().any(|(what, _)| *what == effect.what)
}

/// What code does that runs with the node: not in function literals, and not in the part of a program that starts itself again.
pub(super) fn effects(cx: &Cx, root: Node) -> Vec<Effect> {
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
pub(super) fn effects_of_calls<'e>(
    cx: &Cx,
    root: Node,
    effects_of: &'e EffectsOf,
) -> Vec<(&'e Effect, Option<(ExprId, &'e str)>)> {
    let mut found = Vec::new();
    cx.any(root, false, |node| {
        if let Node::Expr(call) = node
            && let Expr::Call { fun, .. } = cx.expr(call)
            && cx.def(fun) == Def::Package(ObjectKind::Func)
            && let Some((name, effects)) = effects_of.get_key_value(cx.source(fun))
            && !cx.is_go(call)
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
