//! The process exits while deferred clean-up is pending.
//!
//! `os.Exit` ends the program at once and runs no deferred function (package `os`), and `log.Fatal` calls it. So buffered
//! spans and log lines are not flushed, temporary files stay, and a profile is cut short, in just the run that failed.
//! Return an error from a `run` function and exit in `main`, which then has nothing to defer.
//!
//! Exits in functions that are called from here, and clean-up on other paths, come with flow.
//!
//! ```go bad
//! func main() {
//! 	shutdown := tracing.Start()
//! 	defer shutdown()
//! 	if err := serve(); err != nil {
//! 		log.Fatal(err)
//! //^^^^^^^^^ `log.Fatal` ends the process, so the deferred `shutdown` never runs
//! 	}
//! }
//! ```
//! ```go good
//! func main() {
//! 	ctx, cancel := context.WithCancel(context.Background())
//! 	defer cancel() // the end of the process does this too
//! 	if err := run(ctx); err != nil {
//! 		log.Fatal(err)
//! 	}
//! }
//!
//! func run(ctx context.Context) error {
//! 	db, err := open(ctx)
//! 	if err != nil {
//! 		log.Fatal(err) // nothing is deferred yet
//! 	}
//! 	defer db.Close()
//! 	go func() {
//! 		log.Fatal(listen())
//! 	}()
//! 	if err := migrate(db); err != nil {
//! 		db.Close()
//! 		os.Exit(1)
//! 	}
//! 	return work(ctx, db)
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "errors/exit-after-defer",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Operability, 2), (Concern::DataLoss, 1), (Concern::Correctness, 2)],
    equivalents: &["gocritic:exitAfterDefer"],
    fix: FixKind::None,
    needs: Needs::Syntax,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Some(name) = cx.qualified(fun) else { return };
    if !is_exit(name) {
        return;
    }
    cx.examined();
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return };
    if !matches!(cx.stmt(stmt), Stmt::Expr(_)) {
        return;
    }
    let Some(pending) = pending(cx, stmt) else { return };
    let exit = cx.source(fun);
    let cleanup = match cx.expr(pending) {
        Expr::Call { fun, .. } if !matches!(cx.expr(fun), Expr::FuncLit { .. }) => format!("`{}`", cx.source(fun)),
        _ => "function".to_owned(),
    };
    let span = cx.span(pending);
    cx.report(fun, format!("`{exit}` ends the process, so the deferred {cleanup} never runs"))
        .note_at(span, "deferred here")
        .note("return the error and let the outermost function exit");
}

fn is_exit(name: Qualified) -> bool {
    match name.path {
        "os" => name.name == "Exit",
        "log" | "github.com/sirupsen/logrus" => matches!(name.name, "Fatal" | "Fatalf" | "Fatalln"),
        _ => false,
    }
}

/// The nearest deferred call that every way to `exit` has passed, that matters to a dying process, and that was not
/// made by hand before.
fn pending(cx: &Cx, exit: StmtId) -> Option<ExprId> {
    let mut before: Vec<StmtId> = Vec::new();
    let mut stmt = exit;
    loop {
        let siblings = cx.siblings(stmt);
        let at = siblings.iter().position(|&sibling| sibling == stmt).unwrap_or(0);
        for &earlier in siblings.get(..at).unwrap_or_default().iter().rev() {
            match cx.stmt(earlier) {
                Stmt::Defer(call) if matters(cx, call) && !before.iter().any(|&done| repeats(cx, done, call)) => {
                    return Some(call);
                }
                Stmt::Defer(_) => {}
                _ => before.push(earlier),
            }
        }
        stmt = loop {
            match cx.tree.parent(stmt)? {
                Node::Stmt(parent) => {
                    stmt = parent;
                    if !cx.siblings(parent).is_empty() {
                        break parent;
                    }
                }
                _ => return None,
            }
        };
    }
}

fn repeats(cx: &Cx, done: StmtId, call: ExprId) -> bool {
    match cx.expr(call) {
        Expr::Call { fun, .. } => cx.source(done).contains(cx.source(fun)),
        _ => false,
    }
}

/// The end of the process releases locks, timers, sockets and files by itself.
fn matters(cx: &Cx, call: ExprId) -> bool {
    const MOOT: &[&str] = &["cancel", "stop", "Unlock", "RUnlock", "Done", "close", "recover", "done", "wg"];
    let Expr::Call { fun, .. } = cx.expr(call) else { return false };
    let fun = cx.unparen(fun);
    match cx.expr(fun) {
        Expr::Ident => !MOOT.iter().any(|name| cx.source(fun).to_ascii_lowercase().contains(name)),
        Expr::Selector { base, name } => {
            let name = cx.source(name);
            !(MOOT.contains(&name) || name == "Stop" && is_timer(cx, base) || name == "Close" && is_only_read(cx, base))
        }
        Expr::FuncLit { body, .. } => {
            let says = |word: &str| cx.source(body).contains(word);
            !says("os.Exit") && !says("log.Fatal") && !says("recover()")
        }
        _ => true,
    }
}

fn is_timer(cx: &Cx, local: ExprId) -> bool {
    cx.initial_value(local).is_some_and(|made| {
        cx.call_of(made).is_some_and(|(name, _)| name.path == "time" && matches!(name.name, "NewTicker" | "NewTimer"))
    })
}

/// A response's body, or what was opened to be read.
fn is_only_read(cx: &Cx, opened: ExprId) -> bool {
    if let Expr::Selector { name, .. } = cx.expr(opened) {
        return cx.source(name) == "Body";
    }
    let Some((made, _)) = cx.origin(opened) else { return false };
    cx.call_of(made).is_some_and(|(name, _)| {
        matches!(name.path, "os" | "net") && matches!(name.name, "Open" | "Listen" | "Dial" | "DialTimeout" | "ListenPacket")
    })
}
