//! An iterator of gocql is not asked why it ended.
//!
//! `Scan`, `MapScan` and the scanner's `Next` answer `false` at the end of the rows, and also when a page cannot be read. Only
//! `Close`, and `Err` of a scanner, tells one from the other: without it a read that timed out looks like a short result.
//!
//! Limits: paths on which another error is returned do not matter here. An iterator that is returned, stored, used in a closure, or
//! passed to a function that may keep or close it is left alone. Tests and `main` are left out.
//!
//! ```go bad
//! func names(session *gocql.Session) []string {
//! 	iter := session.Query("SELECT name FROM users").Iter()
//! //<^^^^ `iter` is never closed
//! 	var name string
//! 	var all []string
//! 	for iter.Scan(&name) {
//! 		all = append(all, name)
//! 	}
//! 	return all
//! }
//! ```
//! ```go bad
//! func count(session *gocql.Session) (n int) {
//! 	iter := session.Query("SELECT name FROM users").Iter()
//! 	defer iter.Close()
//! 	//    ^^^^^^^^^^ nothing looks at the error of `iter.Close`, which says whether all rows were read
//! 	for iter.Scan(nil) {
//! 		n++
//! 	}
//! 	return n
//! }
//! ```
//! ```go good
//! func names(session *gocql.Session, broken func(string) error) ([]string, error) {
//! 	scanner := session.Query("SELECT name FROM users").Iter().Scanner()
//! 	var all []string
//! 	for scanner.Next() {
//! 		var name string
//! 		if err := scanner.Scan(&name); err != nil {
//! 			// There is an error already.
//! 			return nil, fmt.Errorf("scan: %w", err)
//! 		}
//! 		all = append(all, name)
//! 	}
//! 	return all, scanner.Err()
//! }
//!
//! func first(session *gocql.Session) (string, error) {
//! 	iter := session.Query("SELECT name FROM users").Iter()
//! 	defer iter.Close()
//! 	var name string
//! 	if !iter.Scan(&name) {
//! 		// The error is looked at here.
//! 		return "", iter.Close()
//! 	}
//! 	return name, nil
//! }
//! ```
//!
//! # Impact
//!
//! A page that times out ends the loop like the last row does: the report is short, the batch skips rows, and the job
//! counts as successful. Nothing in the log says so; only the coordinator's read timeouts rise at the same minute. A
//! test needs an iterator that fails on its second page.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a cluster that is stopped between two pages, the function has to return an
//!   error
//! - `nodetool tpstats`: its count of dropped `READ` messages has risen at the time of the short result
//!
//! # References
//!
//! - [Package gocql, Iter.Close](https://pkg.go.dev/github.com/gocql/gocql#Iter.Close)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "cassandra/iter-close-unchecked",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("iterator", never_asked), Hook::Call(CLOSES, ignored)],
    examines: "iterators of gocql",
};

const CLOSES: &[&str] = &[
    "github.com/gocql/gocql.Iter.Close",
    "github.com/gocql/gocql.Scanner.Err",
    "github.com/apache/cassandra-gocql-driver/v2.Iter.Close",
    "github.com/apache/cassandra-gocql-driver/v2.Scanner.Err",
];

fn never_asked(cx: &mut Cx, iterator: &Resource) {
    cx.examined();
    if let Some(leak) = cx.leak_on_success(iterator) {
        leak.without_fix().report(cx, iterator).note("a read that failed looks like the end of the rows");
    }
}

/// The error is thrown away, and no other call of the function looks at it.
fn ignored(cx: &mut Cx, call: Call) {
    let Some(Def::Local(declared)) = call.receiver.map(|iterator| cx.def(cx.unparen(iterator))) else { return };
    if !is_dropped(cx, call.expr) {
        return;
    }
    let calls = || cx.names.uses(declared).take(256).filter_map(|used| cx.called_on(used));
    let looks = calls().any(|(call, name, _)| matches!(name, "Close" | "Err") && !is_dropped(cx, call));
    let reads = |(call, name, _)| matches!(name, "Scan" | "MapScan" | "Next") && cx.loop_while(call).is_some();
    if !looks && calls().any(reads) {
        let name = cx.source(call.fun);
        let message = format!("nothing looks at the error of `{name}`, which says whether all rows were read");
        cx.report(call.fun, message);
    }
}

fn is_dropped(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.tree.parent(call), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Expr(_) | Stmt::Defer(_)))
}
