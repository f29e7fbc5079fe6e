//! Nobody looks at whether a conditional write was applied.
//!
//! A lightweight transaction (`IF NOT EXISTS`, `IF column = …`) that Cassandra refuses is no error: the answer is a row
//! whose first column, `[applied]`, is false. `Exec` drops that row, so a refused write counts as a success and two
//! owners of one name both believe that they have it. Run it with `ScanCAS` or `MapScanCAS` and branch on the result.
//!
//! A query is known by its type, its text where it is a constant. Statements built at run time, and results stored and never read, come with flow.
//!
//! ```go bad
//! func claim(session *gocql.Session, name string, id gocql.UUID) error {
//! 	return session.Query("INSERT INTO names (name, id) VALUES (?, ?) IF NOT EXISTS", name, id).Exec()
//! 	//                                                                                         ^^^^ `Exec` drops whether the conditional INSERT was applied
//! }
//! ```
//! ```go bad
//! func release(session *gocql.Session, name string, id gocql.UUID) error {
//! 	query := session.Query("DELETE FROM names WHERE name = ? IF id = ?", name, id)
//! 	_, err := query.ScanCAS()
//! 	//              ^^^^^^^ whether the conditional write was applied goes to `_`
//! 	return err
//! }
//! ```
//! ```go bad
//! import "github.com/gocql/gocql"
//! const claimName = "UPDATE names SET id = ? WHERE name = ? IF id = null"
//! type names struct{ cluster *gocql.Session }
//! func (n names) claim(name string, id gocql.UUID) error {
//! 	claim := n.cluster.Query(claimName, id, name)
//! 	return claim.Exec()
//! 	//           ^^^^ `Exec` drops whether the conditional UPDATE was applied
//! }
//! ```
//! ```go good
//! func claim(session *gocql.Session, name string, id gocql.UUID) (bool, error) {
//! 	session.Query("CREATE TABLE IF NOT EXISTS names (name text PRIMARY KEY, id uuid)").Exec()
//! 	session.Query("UPDATE names SET note = 'IF only' WHERE name = ?", name).Exec()
//! 	return session.Query("INSERT INTO names (name, id) VALUES (?, ?) IF NOT EXISTS", name, id).MapScanCAS(map[string]any{})
//! }
//! ```
use gopeer_lint::prelude::*;

use crate::sql::support::{chain_start, cql, has_word, mask, verb};

pub static RULE: Rule = Rule {
    id: "cassandra/lwt-applied-ignored",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { base, name } = cx.expr(fun) else { return };
    match cx.source(name) {
        "Exec" | "ExecContext" => exec(cx, base, name),
        "ScanCAS" | "MapScanCAS" | "ScanCASContext" | "MapScanCASContext" => scan(cx, call, base, name),
        _ => {}
    }
}

fn exec(cx: &mut Cx, query: ExprId, name: ExprId) {
    let Some(verb) = conditional(cx, query) else { return };
    cx.examined();
    let message = format!("`{}` drops whether the conditional {verb} was applied", cx.source(name));
    cx.report(name, message)
        .note("a refused condition is not an error; `applied, err := query.MapScanCAS(map[string]any{})` tells");
}

/// The verb of the conditional write that a query is.
fn conditional(cx: &Cx, query: ExprId) -> Option<&'static str> {
    let start = match cx.expr(cx.unparen(query)) {
        Expr::Ident if !cx.is_reassigned(query) => cx.defining_call(query),
        Expr::Call { .. } => Some(query),
        _ => None,
    };
    let (_, text) = cql(cx, chain_start(cx, start?, "Query")?)?;
    let verb = verb(&text).filter(|verb| matches!(*verb, "INSERT" | "UPDATE" | "DELETE"))?;
    mask(&text).is_some_and(|masked| has_word(&masked, "IF")).then_some(verb)
}

fn scan(cx: &mut Cx, call: ExprId, query: ExprId, name: ExprId) {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let [applied, _] = cx.exprs(lhs) else { return };
    cx.examined();
    // A refused INSERT that is dropped on purpose is the way to make sure that a row is there.
    let checked = conditional(cx, query).is_none_or(|verb| verb == "INSERT");
    if cx.source(*applied) == "_" && !checked {
        cx.report(name, "whether the conditional write was applied goes to `_`")
            .note("a refused condition is not an error: the first result is the only place where it shows");
    }
}
