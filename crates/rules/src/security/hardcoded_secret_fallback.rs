//! A secret falls back to a value that is written into the source.
//!
//! If its setting is missing, the process starts all the same, with a key that everybody who can read the repository
//! knows, and nothing shows it. End the program where the setting is empty.
//!
//! Limits: a secret is known by the name of its environment variable, flag or key, and the fallback must be a literal
//! or a constant there: after a comparison with `""`, in a function that takes a variable and its default, in `cmp.Or`,
//! in viper's `SetDefault`, a flag, or a struct tag. Placeholders such as `changeme` are not reported.
//!
//! ```go bad
//! func key() string {
//! 	key := os.Getenv("JWT_SECRET")
//! 	if key == "" {
//! 		key = "super-safe-key"
//! 		//    ^^^^^^^^^^^^^^^^ `key` falls back to a value that is written into the source
//! 	}
//! 	return key
//! }
//! ```
//! ```go bad
//! var jwtSecret = getenv("JWT_SECRET", "super-safe-key")
//! //                                   ^^^^^^^^^^^^^^^^ `JWT_SECRET` falls back to a value that is written into the source
//!
//! func getenv(name, fallback string) string
//! ```
//! ```go good
//! var level = getenv("LOG_LEVEL", "info") // no secret
//!
//! func getenv(name, fallback string) string
//! ```
//! ```go good
//! func key() string {
//! 	key := os.Getenv("JWT_SECRET")
//! 	if key == "" {
//! 		log.Fatal("JWT_SECRET is not set") // nothing runs without it
//! 	}
//! 	return key
//! }
//! ```
//!
//! # Impact
//!
//! A missing or misspelled variable starts the service with a key from the source, in production as well, and nothing
//! complains. Tokens work, so the mistake lasts until somebody uses that key. A test without the variable expects an
//! error at start.
//!
//! # Verify
//!
//! - `env -u SECRET_NAME go run {package}`: has to end with an error that names the variable
//! - `kubectl exec deploy/NAME -- printenv SECRET_NAME`: whether production has it at all
//!
//! # References
//!
//! - [OWASP, "Secrets Management Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html)
//! - [Kubernetes, "Secrets"](https://kubernetes.io/docs/concepts/configuration/secret/)
use gopeer_lint::prelude::*;

use super::credential;
use super::names::{holds_secret, may_be_public};

pub static RULE: Rule = Rule {
    id: "security/hardcoded-secret-fallback",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gopeer:security/hardcoded-credentials"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(&["os.Getenv", "os.LookupEnv"], check_getenv),
        Hook::Expr(&[ExprKind::Call], check_call),
        Hook::Expr(&[ExprKind::StructType], check_tags),
    ],
    examines: "secrets from the environment",
};

/// What takes the name of a setting and, behind it, its default; any function of the program may.
const DEFAULTS: &[&str] = &[
    "flag.FlagSet.String",
    "flag.String",
    "github.com/spf13/pflag.FlagSet.String",
    "github.com/spf13/pflag.String",
    "github.com/spf13/viper.SetDefault",
    "github.com/spf13/viper.Viper.SetDefault",
];
const VARS: &[&str] = &[
    "flag.FlagSet.StringVar",
    "flag.StringVar",
    "github.com/spf13/pflag.FlagSet.StringVar",
    "github.com/spf13/pflag.StringVar",
];

/// `getenv("JWT_SECRET", "fallback")`, `flag.String("jwt-secret", "fallback", …)`, `cmp.Or(os.Getenv("JWT_SECRET"), …)`.
fn check_call(cx: &mut Cx, call: ExprId) {
    let Some(call) = cx.call(call) else { return };
    // `env.Get("API_KEY", "API_SECRET")` with several results reads both.
    let gives_one = || cx.results(call.expr).is_none_or(|results| results.len() == 1);
    let is_pair = cx.is_own(&call.callee) && call.args.len() == 2 && gives_one() || call.callee.is(DEFAULTS);
    let (name, fallback) = match *call.args {
        [_, name, fallback, ..] if call.callee.is(VARS) => (cx.string_value(name), fallback),
        [first, .., last] if call.callee.is(&["cmp.Or"]) => (variable(cx, first), last),
        [name, fallback, ..] if is_pair => (cx.string_value(name), fallback),
        _ => return,
    };
    // The program's own functions take all kinds of strings: the name of a variable is in capitals.
    let is_setting = |name: &str| !cx.is_own(&call.callee) || !name.contains(|c: char| c.is_ascii_lowercase());
    let Some(name) = name.filter(|name| holds_secret(name) && is_setting(name)) else { return };
    cx.examined();
    if credential::is_default(cx, fallback) {
        report(cx, fallback, &name);
    }
}

/// The environment variable that a call reads.
fn variable<'a>(cx: &Cx<'a>, call: ExprId) -> Option<std::borrow::Cow<'a, str>> {
    let call = cx.call(call).filter(|call| call.callee.is(&["os.Getenv"]))?;
    cx.string_value(*call.args.first()?)
}

/// `JWTSecret string `env:"JWT_SECRET" envDefault:"fallback"``, as caarlos0/env and envconfig have it.
fn check_tags(cx: &mut Cx, ty: ExprId) {
    let Expr::StructType { fields } = cx.expr(ty) else { return };
    for &field in cx.tree.fields(fields) {
        let field = cx.tree.field(field);
        let (Some(tag), &[name]) = (field.tag, cx.exprs(field.names)) else { continue };
        let value =
            |key: &str| cx.source(tag).split_once(&format!("{key}:\"")).and_then(|(_, rest)| rest.split('"').next());
        let default = value("envDefault").or_else(|| value("env-default")).or_else(|| value("default"));
        let name = cx.source(name);
        if default.is_some_and(|default| default.len() >= 3)
            && value("env").or_else(|| value("envconfig")).is_some()
            && holds_secret(name)
        {
            cx.examined();
            report(cx, tag, name);
        }
    }
}

/// A variable that is read from the environment, and set to a literal where it is empty.
fn check_getenv(cx: &mut Cx, call: Call) {
    let name = call.args.first().and_then(|&name| cx.string_value(name)).filter(|name| holds_secret(name));
    let (Some(name), Some(kept)) = (name, cx.kept_in(call.expr)) else { return };
    cx.examined();
    for literal in fallbacks(cx, call, kept) {
        let what = match cx.tree.parent(credential::converted(cx, literal)) {
            Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Return(_)) => name.as_ref(),
            _ => cx.source(kept),
        };
        report(cx, literal, what);
    }
}

/// The literals that the variable, or what the function returns, is set to instead.
fn fallbacks(cx: &Cx, call: Call, kept: ExprId) -> Vec<ExprId> {
    let is_branch = |cx: &Cx, node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. }));
    let Some(func) = cx.enclosing_func(call.expr) else { return Vec::new() };
    let branches = cx.within(func.body, false, is_branch);
    branches.iter().filter_map(|&branch| fallback(cx, branch, kept)).collect()
}

/// The literal of `if key == "" { key = "…" }`, or of `if key != "" { return key }` and a `return "…"` behind it.
fn fallback(cx: &Cx, branch: Node, kept: ExprId) -> Option<ExprId> {
    let Node::Stmt(branch) = branch else { return None };
    let Stmt::If { cond, then, .. } = cx.stmt(branch) else { return None };
    let value = match cx.expr(cond) {
        Expr::Binary { op: BinaryOp::Equal, lhs, rhs } if is_empty_test(cx, lhs, rhs, kept) => set_in(cx, then, kept)?,
        // `value, ok := os.LookupEnv("…")` and `if !ok`.
        Expr::Unary { op: UnaryOp::Not, operand }
            if cx.origin(operand) == cx.origin(kept).map(|(call, _)| (call, 1)) =>
        {
            set_in(cx, then, kept)?
        }
        Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs } if is_empty_test(cx, lhs, rhs, kept) => {
            let Stmt::Return(results) = cx.stmt(cx.next_stmt(branch)?) else { return None };
            cx.only(results)?
        }
        _ => return None,
    };
    credential::is_default(cx, value).then(|| credential::unconverted(cx, value))
}

/// Whether the two sides of a comparison ask whether the variable is empty: `key`, `""`, or `len(key)`, `0`.
fn is_empty_test(cx: &Cx, lhs: ExprId, rhs: ExprId, kept: ExprId) -> bool {
    match cx.expr(lhs) {
        Expr::Call { fun, args, .. } if cx.is_builtin(fun, "len") => {
            cx.only(args).is_some_and(|arg| cx.same_text(arg, kept)) && cx.int_value(rhs) == Some(0)
        }
        _ => cx.same_text(lhs, kept) && cx.string_value(rhs).as_deref() == Some(""),
    }
}

/// The value that a block sets the variable to, or returns.
fn set_in(cx: &Cx, block: StmtId, kept: ExprId) -> Option<ExprId> {
    cx.list_of(block.into()).iter().find_map(|&stmt| match cx.stmt(stmt) {
        Stmt::Assign { lhs, op: AssignOp::Assign, rhs } if cx.same_text(cx.only(lhs)?, kept) => cx.only(rhs),
        Stmt::Return(results) => cx.exprs(results).first().copied(),
        _ => None,
    })
}

fn report(cx: &mut Cx, at: ExprId, name: &str) {
    let is_vague = may_be_public(name);
    // `token` beside `teleport-operator` is a name.
    if is_vague && cx.string_value(at).is_some_and(|text| credential::is_name(&text)) {
        return;
    }
    let message = format!("`{name}` falls back to a value that is written into the source");
    let report = cx.report(at, message).note(credential::ADVICE);
    if is_vague {
        report.question();
    }
}
