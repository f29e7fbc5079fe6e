//! A secret falls back to a value that is written into the source.
//!
//! The process starts without its environment variable, and from then on everybody who can read the repository knows the
//! key. Nothing shows that it is missing. End the program where the variable is empty.
//!
//! Limits: reported is a variable of the environment that names a secret and is replaced where it is compared with `""`.
//! Defaults of flags and of configuration libraries are not looked at.
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
//! ```go good
//! func level() string {
//! 	level := os.Getenv("LOG_LEVEL") // no secret
//! 	if level == "" {
//! 		level = "informative"
//! 	}
//! 	return level
//! }
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
use gopeer_lint::prelude::*;

use super::credential;
use super::support::is_secret_name;

pub static RULE: Rule = Rule {
    id: "security/hardcoded-secret-fallback",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gopeer:security/hardcoded-credentials"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["os.Getenv"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    let is_secret = |&variable: &ExprId| cx.string_value(variable).is_some_and(|name| is_secret_name(&name));
    if !call.args.iter().any(is_secret) {
        return;
    }
    let Some(Def::Local(declaring)) = cx.kept_in(call.expr).map(|kept| cx.def(kept)) else { return };
    cx.examined();
    let names = cx.names;
    for literal in names.uses(declaring).filter_map(|used| fallback(cx, used)).collect::<Vec<_>>() {
        let name = cx.source(declaring);
        cx.report(literal, format!("`{name}` falls back to a value that is written into the source"))
            .note(credential::ADVICE);
    }
}

/// The literal that a variable gets where it is empty: `if key == "" { key = "…" }`.
fn fallback(cx: &Cx, used: ExprId) -> Option<ExprId> {
    let Node::Stmt(stmt) = cx.tree.parent(used)? else { return None };
    let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = cx.stmt(stmt) else { return None };
    let (Some(target), Some(value)) = (cx.only(lhs), cx.only(rhs)) else { return None };
    let block = cx.tree.parent(stmt)?;
    let Node::Stmt(branch) = cx.tree.parent(block)? else { return None };
    let Stmt::If { cond, then, .. } = cx.stmt(branch) else { return None };
    let Expr::Binary { op: BinaryOp::Equal, lhs, rhs } = cx.expr(cond) else { return None };
    let is_empty = cx.same_text(lhs, target) && cx.string_value(rhs).as_deref() == Some("");
    let literal = credential::unconverted(cx, value);
    // What has the form of a credential is another rule's.
    let secret = credential::could_be_secret(cx, literal) && credential::recognised(cx, literal).is_none();
    (target == used && block == then.into() && is_empty && secret).then_some(literal)
}
