//! A query is given a page state, and nobody asks for the state of the next page.
//!
//! `PageState` turns automatic paging off: the iterator ends with the page, and what is left is not fetched ("Setting this will disable to
//! query paging", says gocql). If the code does not read `iter.PageState()` there is no way to go on, and rows beyond the first page
//! are missing without an error. Leave `PageState` out to stream all rows, or hand the next state to whoever asks for the next page.
//!
//! Limits: an iterator in a local of the same function, which is the only one there and is used nowhere else. What is done with a page state
//! is not looked at.
//!
//! ```go bad
//! import "github.com/gocql/gocql"
//!
//! func names(session *gocql.Session, state []byte) (all []string, err error) {
//! 	iter := session.Query("SELECT name FROM users").PageSize(100).PageState(state).Iter()
//! 	//                                                            ^^^^^^^^^ `PageState` ends `iter` with the page, and nobody asks for the next one
//! 	var name string
//! 	for iter.Scan(&name) {
//! 		all = append(all, name)
//! 	}
//! 	return all, iter.Close()
//! }
//! ```
//! ```go good
//! import "github.com/gocql/gocql"
//!
//! func names(session *gocql.Session, state []byte) (all []string, next []byte, err error) {
//! 	iter := session.Query("SELECT name FROM users").PageSize(100).PageState(state).Iter()
//! 	next = iter.PageState() // for the next call
//! 	var name string
//! 	for iter.Scan(&name) {
//! 		all = append(all, name)
//! 	}
//! 	return all, next, iter.Close()
//! }
//!
//! func allNames(session *gocql.Session) (all []string, err error) {
//! 	iter := session.Query("SELECT name FROM users").PageSize(100).Iter() // page after page, by itself
//! 	var name string
//! 	for iter.Scan(&name) {
//! 		all = append(all, name)
//! 	}
//! 	return all, iter.Close()
//! }
//! ```
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: against a real server, with one row more than the page has
//!
//! # References
//!
//! - [Package gocql, Query.PageState](https://pkg.go.dev/github.com/gocql/gocql#Query.PageState)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "cassandra/paging-misuse",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(STATES, check)],
    examines: "queries with a page state",
};

const STATES: &[&str] =
    &["github.com/gocql/gocql.Query.PageState", "github.com/apache/cassandra-gocql-driver/v2.Query.PageState"];

const ITERATES: &[&str] = &[
    "github.com/gocql/gocql.Query.Iter",
    "github.com/apache/cassandra-gocql-driver/v2.Query.Iter",
    "github.com/apache/cassandra-gocql-driver/v2.Query.IterContext",
];

fn check(cx: &mut Cx, state: Call) {
    cx.examined();
    let Some(func) = cx.enclosing_func(state.expr).filter(|&func| !cx.is_long(func)) else { return };
    let calls = cx.calls_within(func.body, true);
    let iterates =
        |&node: &Node| if let Node::Expr(call) = node { cx.calls(call, ITERATES).then_some(call) } else { None };
    let iterators: Vec<ExprId> = calls.iter().filter_map(iterates).collect();
    let &[iterates] = &iterators[..] else { return };
    if start(cx, iterates) != start(cx, state.expr) {
        return;
    }
    let Some(iterator) = cx.kept_in(iterates) else { return };
    let Def::Local(declared) = cx.def(iterator) else { return };
    let goes_on = |used: ExprId| cx.called_on(used).is_none_or(|(_, method, _)| method == "PageState");
    if cx.is_reassigned(iterator) || cx.names.uses(declared).any(|used| used != declared && goes_on(used)) {
        return;
    }
    let name = cx.source(iterator);
    cx.report(state.name, format!("`PageState` ends `{name}` with the page, and nobody asks for the next one"))
        .note("automatic paging is off for this query: rows of later pages are missing, without an error")
        .note(format!("leave `PageState` out to get all rows, or hand on what `{name}.PageState()` gives"));
}

/// What a chain of methods starts from, also by locals: `session.Query("…")` in `query.Iter()`.
fn start(cx: &Cx, mut at: ExprId) -> ExprId {
    loop {
        at = cx.unparen(at);
        match (cx.method_call(at), cx.def(at)) {
            (Some((receiver, name, _)), _) if name != "Query" => at = receiver,
            (None, Def::Local(declared)) => match cx.defining_call(at) {
                Some(made) => at = made,
                None => return declared,
            },
            _ => return at,
        }
    }
}
