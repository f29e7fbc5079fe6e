//! A goroutine is started for each message, row or element, however many there are.
//!
//! Each goroutine holds memory, and mostly a connection, a file or a lock as well. When more comes in than is finished, their number
//! grows until memory, file descriptors or the database's connections run out, and everything fails at once. Limit how many run:
//! `g.SetLimit(n)` of an errgroup, a fixed number of workers that read from a channel, or a semaphore that is acquired before the
//! `go` statement. Then the reader waits, and whoever sends notices.
//!
//! Limits: only loops over channels, rows, lines and messages that are read are looked at, and in handlers those over slices. Loops that
//! accept connections are left alone.
//!
//! ```go bad
//! func consume(ctx context.Context, r *kafka.Reader) error {
//! 	for {
//! 		m, err := r.ReadMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		go process(m)
//! 		//<^^^^^^^^^^ each message starts a goroutine, and nothing limits how many run
//! 	}
//! }
//! ```
//! ```go bad
//! func notify(w http.ResponseWriter, r *http.Request) {
//! 	var ids []string
//! 	if err := json.NewDecoder(r.Body).Decode(&ids); err != nil {
//! 		return
//! 	}
//! 	var wg sync.WaitGroup
//! 	for _, id := range ids {
//! 		wg.Add(1)
//! 		go func() {
//! 		//<^^^^^^^^^ medium: each element of `ids` starts a goroutine, and nothing limits how many run
//! 			defer wg.Done()
//! 			http.Get("https://example.com/" + id)
//! 		}()
//! 	}
//! 	wg.Wait()
//! }
//! ```
//! ```go good
//! func consume(ctx context.Context, r *kafka.Reader) error {
//! 	slots := make(chan struct{}, 16)
//! 	for {
//! 		m, err := r.ReadMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		slots <- struct{}{} // waits for a place
//! 		go func() {
//! 			defer func() { <-slots }()
//! 			process(m)
//! 		}()
//! 	}
//! }
//!
//! func work(jobs chan string) {
//! 	for range 8 {
//! 		go func() {
//! 			for job := range jobs {
//! 				do(job)
//! 			}
//! 		}()
//! 	}
//! }
//! ```
//!
//! # Idiom
//!
//! Goroutines are cheap, and what they use is not. The usual bounds are a fixed number of workers on one channel, `SetLimit` of an
//! errgroup, or a buffered channel as a semaphore.
//!
//! # Impact
//!
//! As long as the downstream keeps up nothing shows; once it slows down, goroutines, sockets and memory grow with
//! everything that arrives, and the process fails as a whole: out of memory, "too many open files", or a database that
//! refuses connections. `go_goroutines` follows the input rate instead of a limit. A load test with a slow fake shows
//! the slope within seconds.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with ten thousand inputs and a fake that sleeps, `runtime.NumGoroutine()` must
//!   not grow with the number of inputs
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=1' | head -3`: the first line has the total; compare
//!   it with the number of requests in flight
//!
//! # Options
//!
//! - Use an `errgroup` with `SetLimit`: keeps the shape of the loop, returns the first error, and `Go` waits when all
//!   places are taken
//!   - senior, backend, cloud-native: bounded, awaited and canceled in one type
//! - Start a fixed number of workers that read a channel: steady memory and a queue that can be measured, with more
//!   code around it
//!   - data, throughput: the queue length is the metric that pages somebody
//! - Acquire a weighted semaphore first: limits by cost instead of count, and errors have to be collected separately
//!
//! # References
//!
//! - [Package errgroup](https://pkg.go.dev/golang.org/x/sync/errgroup)
//! - [Package semaphore](https://pkg.go.dev/golang.org/x/sync/semaphore)
use gopeer_lint::Spawn;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/unbounded-goroutines",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3), (Concern::Leak, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Stmt(&[StmtKind::Go], |cx, go| check(cx, Node::Stmt(go))),
        Hook::Call(&["golang.org/x/sync/errgroup.Group.Go", "sync.WaitGroup.Go"], |cx, call| {
            check(cx, Node::Expr(call.expr));
        }),
    ],
    examines: "loops that start goroutines",
};

fn check(cx: &mut Cx, start: Node) {
    let (Some(spawn), Some(looping)) = (cx.spawn(start), cx.enclosing_loop(start)) else { return };
    let (Stmt::For { body, .. } | Stmt::Range { body, .. }) = cx.stmt(looping) else { return };
    cx.examined();
    let Some((each, severity)) = each(cx, looping, body) else { return };
    if is_limited(cx, looping, body, &spawn) || is_last_turn(cx, looping, start) {
        return;
    }
    let starts = cx.start_of(&spawn);
    let reason = cx.explanation(spawn.at, &["limit", "bound", "at most", "few", "small", "number of"]);
    cx.report_span(starts, format!("{each} starts a goroutine, and nothing limits how many run"))
        .severity(severity)
        .note("limit them with `SetLimit` of an errgroup, a semaphore that is acquired before, or a fixed number of workers")
        .excused(reason);
}

/// What each iteration of a loop is for, where nobody knows how many there are.
fn each(cx: &Cx, looping: StmtId, body: StmtId) -> Option<(String, Severity)> {
    let each = |what: &str, severity| Some((format!("each {what}"), severity));
    match cx.stmt(looping) {
        Stmt::Range { subject, .. } => match cx.under(subject) {
            Type::Chan { elem, .. } if !is_connection(cx, elem) && !cx.type_is(elem, &["time.Time"]) => {
                each(&format!("value from `{}`", short(cx, subject)), Severity::High)
            }
            Type::Slice(_) if cx.handler(looping).is_some() && !is_listed(cx, subject) => {
                each(&format!("element of `{}`", short(cx, subject)), Severity::Medium)
            }
            _ => None,
        },
        Stmt::For { cond: Some(cond), .. } => match cx.method_call(cond) {
            Some((of, "Next", _)) if cx.has_type(of, &["database/sql.Rows"]) => each("row", Severity::High),
            Some((of, "Scan", _)) if cx.has_type(of, &["bufio.Scanner"]) => each("line", Severity::High),
            _ => None,
        },
        Stmt::For { cond: None, .. } => {
            let read = cx.find_expr(body, false, |call| cx.enclosing_loop(call) == Some(looping) && is_read(cx, call));
            read.and_then(|_| each("message", Severity::High))
        }
        _ => None,
    }
}

/// Whether a call reads the next message.
fn is_read(cx: &Cx, call: ExprId) -> bool {
    const READS: &[&str] = &["FetchMessage", "NextMsg", "PollFetches", "ReadMessage", "ReceiveMessage"];
    matches!(cx.method_call(call), Some((_, name, _)) if READS.contains(&name))
}

/// Whether values of a type are connections or streams: what accepts them has no say in how many come.
fn is_connection(cx: &Cx, ty: TypeId) -> bool {
    let named = cx.store.qualified_name(cx.deref(ty)).map(|(_, name)| words(name)).unwrap_or_default();
    cx.has_methods(ty, &["Read", "Write", "Close"])
        || named
            .iter()
            .any(|word| ["channel", "conn", "connection", "peer", "session", "stream"].contains(&word.as_str()))
}

/// Whether a slice is a literal, or a variable or field of the program's own: its length is known to who wrote it.
fn is_listed(cx: &Cx, subject: ExprId) -> bool {
    let value = cx.unparen(cx.initial_value(subject).unwrap_or(subject));
    match cx.expr(value) {
        Expr::Ident => !matches!(cx.def(value), Def::Local(_)),
        Expr::Composite { elems, .. } => !cx.exprs(elems).is_empty(),
        Expr::Call { .. } => false,
        // A field of the handler's own value is configuration; one of what was decoded is not.
        Expr::Selector { base, .. } => match cx.def(cx.unparen(base)) {
            Def::Local(declared) => cx.declares_parameter(declared),
            _ => true,
        },
        _ => true,
    }
}

/// Whether something in the loop keeps the number of goroutines down.
fn is_limited(cx: &Cx, looping: StmtId, body: StmtId, spawn: &Spawn) -> bool {
    const MOST: usize = 64;
    const WORDS: &[&str] = &[
        "acquire",
        "allow",
        "bound",
        "done",
        "lock",
        "limit",
        "limiter",
        "release",
        "reserve",
        "sem",
        "semaphore",
        "slot",
        "slots",
        "throttle",
        "token",
        "tokens",
        "wait",
        "workers",
    ];
    let waits = |cx: &Cx, node: Node| match node {
        Node::Stmt(id) => matches!(cx.stmt(id), Stmt::Send { .. } | Stmt::Select { .. }),
        Node::Expr(id) => match cx.expr(id) {
            Expr::Unary { op: UnaryOp::Recv, .. } => true,
            Expr::Call { .. } => words(cx.callee_text(id)).iter().any(|word| WORDS.contains(&word.as_str())),
            _ => false,
        },
        _ => false,
    };
    // Inside the goroutine, too: then at least the work is limited.
    let waits = cx.within(body, true, waits);
    let in_loop = waits.len() > MOST
        || waits.iter().any(|&node| {
            let inside = cx.span(spawn.at).contains(cx.span(node));
            (inside || cx.enclosing_loop(node) == Some(looping) && !gives_back(cx, node)) && !is_done(cx, node)
        });
    let in_group = || {
        let Some(Def::Local(group)) = spawn.group.map(|group| cx.def(cx.unparen(group))) else {
            return spawn.group.is_some();
        };
        let mut calls = cx.names.uses(group).take(64).filter_map(|used| cx.called_on(used));
        cx.declares_parameter(group) || calls.any(|(_, name, _)| name == "SetLimit")
    };
    in_loop || in_group()
}

/// Whether an iteration of a loop that starts a goroutine returns after it.
fn is_last_turn(cx: &Cx, looping: StmtId, start: Node) -> bool {
    let returns = |node: Node| matches!(cx.list_of(node).last().map(|&last| cx.stmt(last)), Some(Stmt::Return(_)));
    cx.tree.ancestors(start).take_while(|&node| node != Node::Stmt(looping)).any(returns)
}

/// Whether a node calls a `Release`: in the goroutine, of a place that was taken for it; before it, of whatever.
fn gives_back(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Expr(call) if cx.callee_word(call).eq_ignore_ascii_case("release"))
}

/// Whether a node is `wg.Done()` or the like, which limits nothing.
fn is_done(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Expr(call) if matches!(cx.method_call(call), Some((_, "Done", []))))
}

fn short<'a>(cx: &Cx<'a>, expr: ExprId) -> &'a str {
    let text = cx.source(expr);
    if text.len() <= 40 && !text.contains('\n') { text } else { "the channel" }
}
