//! What the end of a process leaves undone.

use gopeer_lint::prelude::*;

/// Whether a deferred call matters to a process that ends. Its end releases locks, timers, sockets and files by itself, but not what
/// is buffered or kept elsewhere.
pub(super) fn matters(cx: &Cx, call: ExprId) -> bool {
    const MOOT: &[&str] = &[
        "cancel",
        "stop",
        "unlock",
        "runlock",
        "done",
        "close",
        "closebody",
        "recover",
        "rollback",
        "exit",
        "wait",
        "setnonblock",
        "setenv",
        "unsetenv",
        "chdir",
        "release",
        "handlecrash",
    ];
    let Expr::Call { fun, .. } = cx.expr(call) else { return false };
    let fun = cx.unparen(fun);
    match cx.expr(fun) {
        Expr::Ident => {
            let name = cx.source(fun).to_ascii_lowercase();
            !name.contains("panic") && !MOOT.iter().any(|moot| name.contains(moot))
        }
        Expr::Selector { base, name } => {
            let name = cx.source(name);
            name == "Close" && is_buffered(cx, base)
                || !MOOT.contains(&name.to_ascii_lowercase().as_str()) && !name.contains("Panic")
        }
        Expr::FuncLit { body, .. } => {
            let says = |word: &str| cx.source(body).contains(word);
            !["os.Exit", "log.Fatal", "recover()"].into_iter().any(says)
                && ["Remove", "Flush", "Sync", "Shutdown"].into_iter().any(says)
        }
        _ => true,
    }
}

/// Whether the name says that closing writes out what is pending, or tells a server.
fn is_buffered(cx: &Cx, opened: ExprId) -> bool {
    const NAMES: &[&str] = &[
        "db",
        "pool",
        "producer",
        "consumer",
        "publisher",
        "writer",
        "tracer",
        "exporter",
        "provider",
        "session",
        "sink",
        "store",
        "gzip",
        "zip",
        "kafka",
        "queue",
    ];
    let name = cx.source(opened).to_ascii_lowercase();
    name == "w" || NAMES.iter().any(|word| name.contains(word))
}
