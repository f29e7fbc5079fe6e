//! A query runs once for each row or element, where one query would do.
//!
//! A list of a hundred orders takes a hundred and one round trips. With a database that answers in two milliseconds, that is a fifth of a
//! second in which a connection is taken; it grows with the data, so that it goes well in tests and fails when the list is long. Fetch
//! all of it at once: a join, `WHERE id = ANY($1)`, `WHERE id IN (…)`, gorm's `Preload`, or a `pgx.Batch`.
//!
//! Limits: the query has to depend on the element, directly or through functions of the package. Literals, variables of the package
//! and loops over chunks are left alone.
//!
//! ```go bad
//! type order struct{ id, customer int64 }
//!
//! func names(ctx context.Context, db *sql.DB, orders []order) ([]string, error) {
//! 	var names []string
//! 	for _, o := range orders {
//! 		var name string
//! 		row := db.QueryRowContext(ctx, "SELECT name FROM customers WHERE id = $1", o.customer)
//! 		//     ^^^^^^^^^^^^^^^^^^ `db.QueryRowContext` runs a query for each element of `orders`
//! 		if err := row.Scan(&name); err != nil {
//! 			return nil, err
//! 		}
//! 		names = append(names, name)
//! 	}
//! 	return names, nil
//! }
//! ```
//! ```go good
//! func total(ctx context.Context, db *sql.DB, chunks [][]int64) (int64, error) {
//! 	var total int64
//! 	// A query for many elements.
//! 	for _, ids := range chunks {
//! 		var sum int64
//! 		if err := db.QueryRowContext(ctx, "SELECT sum(total) FROM orders WHERE id = ANY($1)", ids).Scan(&sum); err != nil {
//! 			return 0, err
//! 		}
//! 		total += sum
//! 	}
//! 	return total, nil
//! }
//! ```
//!
//! # Impact
//!
//! Latency is proportional to the length of the list, and each list occupies a connection for all of its queries: 200
//! rows at 1 ms are 200 ms and one connection less for everybody. In `pg_stat_statements` the inner statement has the
//! most calls of all, each of them fast. A test counts statements for one and for ten rows; the numbers must not
//! differ.
//!
//! # Verify
//!
//! - `psql -c "SELECT calls, mean_exec_time, query FROM pg_stat_statements ORDER BY calls DESC LIMIT 5"`: the inner
//!   statement leads by calls, not by time
//! - `EXPLAIN (ANALYZE, BUFFERS) {query}`: of the joined form, with values for its parameters, to see that it uses an
//!   index; it runs the statement
//! - `go test -run none -bench {test} -benchmem {package}`: over 1, 10 and 100 rows; the time must not grow with them
//!   in proportion to round trips
//!
//! # Options
//!
//! - Join in one statement: one round trip and one snapshot, and columns of the outer row repeat
//!   - senior, data: the database was built to join
//! - Fetch all children with `= ANY($1)` and group in Go: two round trips whatever the length, with a map to fill
//!   - backend, throughput: small rows, and each query stays simple
//! - Send a `pgx.Batch`: the same statements in one round trip, which the database still runs one by one
//!   - cloud-native: the smallest change
//!
//! # References
//!
//! - [PostgreSQL, "Using EXPLAIN"](https://www.postgresql.org/docs/current/using-explain.html)
//! - [PostgreSQL, "pg_stat_statements"](https://www.postgresql.org/docs/current/pgstatstatements.html)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "sql/n-plus-one",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Latency, 3), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::QUERY, check)],
    examines: "queries",
};

fn check(cx: &mut Cx, query: Call) {
    cx.examined();
    let Some(turn) = cx.each_turn(query.expr) else { return };
    let effects = cx.effects(query.expr);
    // What writes for each element does more than fetch it, and who fetches a message or waits does so on purpose.
    let other = Effects::WRITE.and(Effects::FETCH).and(Effects::WAIT).and(Effects::PUBLISH).and(Effects::REMOTE);
    if effects.has(other)
        || !is_read(cx, query)
        || is_maintenance(cx, query.expr)
        || ends_early(cx, turn.looping, query.expr)
    {
        return;
    }
    let (name, over) = (cx.source(query.fun), cx.source(turn.over));
    // `for rows.Next() { … }`
    let of_rows = matches!(cx.stmt(turn.looping), Stmt::For { .. });
    let mut steps = vec![(cx.span(turn.over), format!("the loop goes over `{over}`")).into()];
    steps.extend(cx.steps_of(query, Effects::QUERY, "each iteration runs a query"));
    let reason = cx.said(query.expr, &["n+1", "few", "small"]);
    let at_once = if query.callee.path.starts_with("gorm.io/") || cx.file.imports_any(&["gorm.io/gorm"]) {
        "fetch all of it with one query: `Preload`, a join or `IN ?`"
    } else if cx.file.imports_any(&["github.com/jackc/pgx/v5"]) {
        "fetch all of it with one query: a join or `= ANY($1)`; or send a batch"
    } else {
        "fetch all of it with one query: a join, `= ANY($1)` or `IN (…)`"
    };
    let report = cx
        .report(
            query.fun,
            format!("`{name}` runs a query for each {} of `{over}`", if of_rows { "row" } else { "element" }),
        )
        .severity(if of_rows { Severity::High } else { Severity::Medium })
        .steps(steps)
        .excused(reason);
    let report = report
        .note(match of_rows {
            true => "the round trips grow with the data, and each needs a connection while the rows hold another",
            false => "the round trips grow with the data: fast in tests, and slow where the list is long",
        })
        .note(at_once);
    if effects.has(Effects::GUESSED) {
        report.question();
    }
}

/// Whether what is called is a query, or a function of which nothing says that it does more than read.
fn is_read(cx: &Cx, query: Call) -> bool {
    const DOES: &[&str] = &[
        "add", "apply", "check", "collect", "create", "delete", "ensure", "execute", "gather", "handle", "import",
        "make", "mark", "process", "remove", "run", "scan", "scrape", "send", "set", "sync", "try", "update", "verify",
        "write",
    ];
    let direct = cx.declared_effects(&query.callee).has(Effects::QUERY);
    direct || !words(query.callee.name).first().is_some_and(|word| DOES.contains(&word.as_str()))
}

/// Whether the function around migrates, fills or repairs data.
pub(super) fn is_maintenance(cx: &Cx, at: ExprId) -> bool {
    const WORDS: &[&str] = &["backfill", "cleanup", "fix", "migrate", "migration", "repair", "seed", "upgrade"];
    let names = cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl)).map(words).unwrap_or_default();
    let folder = |word: &&str| cx.file.name.split(['/', '_', '.']).any(|part| part.starts_with(*word));
    names.iter().any(|name| WORDS.contains(&name.as_str())) || ["migrat", "seed", "upgrade"].iter().any(folder)
}

/// Whether the loop looks for one element: it ends, in success, after the query.
fn ends_early(cx: &Cx, looping: StmtId, query: ExprId) -> bool {
    let after = cx.span(query).end;
    let is_end = |cx: &Cx, node: Node| match node {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Branch { kind, .. } => kind == BranchKind::Break,
            Stmt::Return(results) => {
                cx.exprs(results).last().is_none_or(|&last| cx.ty(last) != TypeId::ERROR || cx.is_builtin(last, "nil"))
            }
            _ => false,
        },
        _ => false,
    };
    cx.within(looping, false, is_end).iter().any(|&node| cx.tree.span(node).start > after)
}
