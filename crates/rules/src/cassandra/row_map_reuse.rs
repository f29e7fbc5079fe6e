//! One map takes all rows of `MapScan` and is kept for each of them.
//!
//! `MapScan` writes into the map that it is given. Where that is the same for all rows, all elements of the list are one map, and show the
//! last row: a report has a hundred times the same line. Make a map for each row, or use `SliceMap`.
//!
//! ```go bad
//! import "github.com/gocql/gocql"
//!
//! func rows(iter *gocql.Iter) []map[string]any {
//! 	var rows []map[string]any
//! 	row := map[string]any{}
//! 	for iter.MapScan(row) {
//! 		rows = append(rows, row)
//! 		//                  ^^^ `row` is one map for all rows, so each element shows the last row
//! 	}
//! 	return rows
//! }
//! ```
//! ```go good
//! import "github.com/gocql/gocql"
//!
//! func rows(iter *gocql.Iter) []map[string]any {
//! 	var rows []map[string]any
//! 	for {
//! 		row := map[string]any{} // one for each
//! 		if !iter.MapScan(row) {
//! 			return rows
//! 		}
//! 		rows = append(rows, row)
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! Every element of the result is the last row, so a list of a hundred customers shows one of them a hundred times. The
//! length is right, which is what most tests compare. With the second page of results nothing changes either: all
//! references point to the same map.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: insert two different rows and compare both
//!
//! # Options
//!
//! - Make a map inside the loop: one allocation per row, nothing else to change
//!   - senior, data: the row belongs to its element
//! - Scan into a struct: typed columns and fewer allocations, but a list of columns to keep
//!   - backend, throughput: a missing column fails in the scan
//! - Use `SliceMap`: one call, and the whole result is in memory
//!
//! # References
//!
//! - [Package gocql, Iter.MapScan](https://pkg.go.dev/github.com/gocql/gocql#Iter.MapScan)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "cassandra/row-map-reuse",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Correctness, 3), (Concern::DataLoss, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(SCANS, check)],
    examines: "rows that are scanned into maps",
};

const SCANS: &[&str] =
    &["github.com/gocql/gocql.Iter.MapScan", "github.com/apache/cassandra-gocql-driver/v2.Iter.MapScan"];

fn check(cx: &mut Cx, scan: Call) {
    cx.examined();
    let &[row] = scan.args else { return };
    let (Def::Local(declared), Some(looping)) = (cx.def(cx.unparen(row)), cx.enclosing_loop(scan.expr)) else { return };
    if cx.span(looping).contains(cx.span(declared)) {
        return;
    }
    let inside = |used: &ExprId| cx.span(looping).contains(cx.span(*used));
    let uses: Vec<ExprId> = cx.names.uses(declared).take(64).filter(inside).collect();
    if uses.iter().any(|&used| cx.is_target(used)) {
        return;
    }
    let is_appended = |used: &ExprId| match cx.tree.parent(*used) {
        Some(Node::Expr(call)) => match cx.expr(call) {
            Expr::Call { fun, args, .. } => cx.is_builtin(fun, "append") && cx.exprs(args).first() != Some(used),
            _ => false,
        },
        _ => false,
    };
    let Some(&kept) = uses.iter().find(|used| is_appended(used)) else { return };
    let name = cx.source(kept);
    let steps = [
        (cx.span(declared), format!("`{name}` is made once, here")),
        (cx.span(scan.fun), "each row is written into it".to_owned()),
        (cx.span(kept), "it is kept here, and written to again in the next iteration".to_owned()),
    ];
    cx.report(kept, format!("`{name}` is one map for all rows, so each element shows the last row"))
        .asks(format!("Is `{name}` copied before the next row is read? If not, each element shows the last row."))
        .steps(steps)
        .note("make a map in each iteration, or use `SliceMap`");
}
