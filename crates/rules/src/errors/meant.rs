//! Panics and exits that are meant: by the name of a function, its comment, or what is wrong.

use gopeer_lint::prelude::*;

use super::ignorable::is_ignorable;

/// Whether a method leaves no room for an error: it belongs to a state machine, or, where it returns none, to an interface.
pub(super) fn may_panic(cx: &Cx, decl: DeclId, returns: bool) -> bool {
    is_state_machine(cx, decl) || !returns && is_fixed(cx, decl)
}

/// Whether a method has to be as it is for an interface of another package that leaves no room for an error.
fn is_fixed(cx: &Cx, decl: DeclId) -> bool {
    const FIXED: &[&str] = &[
        "Collect",
        "DeepCopy",
        "DeepCopyInto",
        "DeepCopyObject",
        "Describe",
        "Error",
        "GoString",
        "Len",
        "Less",
        "Pop",
        "Push",
        "Reset",
        "String",
        "Sum",
        "Swap",
    ];
    matches!(cx.decl(decl), Decl::Func { recv, name, .. } if !recv.is_empty() && FIXED.contains(&cx.source(name)))
}

/// Whether the text says that the program itself is wrong.
pub(super) fn says_bug(cx: &Cx, call: ExprId) -> bool {
    const SAYS: &[&str] = &["bug", "impossible", "invariant", "should not", "should never", "unreachable"];
    cx.any(call, false, |node| {
        let Node::Expr(id) = node else { return false };
        let Expr::Literal(LiteralKind::String | LiteralKind::RawString) = cx.expr(id) else { return false };
        let text = cx.source(id).to_ascii_lowercase();
        SAYS.iter().any(|word| text.contains(word))
    })
}

/// Whether the comment of the function tells callers of it.
pub(super) fn is_documented(cx: &Cx, decl: DeclId) -> bool {
    let text = cx.tree.text();
    cx.doc_comment(decl).iter().any(|comment| {
        let body = comment.body(text).to_ascii_lowercase();
        ["panic", "exit", "terminat"].iter().any(|word| body.contains(word))
    })
}

/// Words in the names of functions that are there to end the program, or help tests.
const ENDS: &[&str] = &[
    "abort",
    "assert",
    "check",
    "crash",
    "die",
    "exit",
    "fatal",
    "fatalf",
    "fatalln",
    "fatalw",
    "init",
    "interrupt",
    "main",
    "must",
    "panic",
    "signal",
    "signals",
    "test",
    "tests",
    "usage",
];

/// Whether one of the words in a name says that the function may not return.
pub(super) fn may_exit(name: &str) -> bool {
    words(name).iter().any(|word| ENDS.contains(&word.as_str()))
}

/// Whether a call is given an error that another call returned. Not where that call is a sibling of the function, which callers
/// can use instead: `Look` calls `LookUp`.
pub(super) fn is_given_error(cx: &Cx, call: ExprId, name: &str) -> bool {
    let Expr::Call { args, .. } = cx.expr(call) else { return false };
    // `log.Panicf("…: %v", err)` has it last.
    let Some(&given) = cx.exprs(args).last() else { return false };
    if cx.ty(given) != TypeId::ERROR {
        return false;
    }
    let is_sibling = |callee: Object| {
        // What `init` calls: a name is taken, or the program is put together wrongly.
        if words(callee.name).first().is_some_and(|first| first == "register") {
            return true;
        }
        let (one, other) = (callee.name.to_ascii_lowercase(), name.to_ascii_lowercase());
        cx.is_own(&callee) && (one.contains(&other) || other.contains(&one))
    };
    match cx.expr(cx.unparen(given)) {
        // What is made here says that the program is wrong, unless it wraps what a call returned.
        Expr::Call { args, .. } => {
            cx.calls(given, &["fmt.Errorf"]) && cx.exprs(args).iter().any(|&arg| cx.ty(arg) == TypeId::ERROR)
        }
        Expr::Ident => cx.origin(given).is_some_and(|(value, _)| {
            matches!(cx.expr(cx.unparen(value)), Expr::Call { .. })
                && !is_ignorable(cx, value)
                && !is_of_random(cx, value)
                && !cx.calls(value, &["encoding/json.Marshal", "errors.New", "fmt.Errorf"])
                && !cx.callee(value).is_some_and(is_sibling)
                && !has_only_nil(cx, value)
        }),
        _ => false,
    }
}

/// Whether a call reads random bytes: without them a program cannot go on (documentation of crypto/rand).
fn is_of_random(cx: &Cx, call: ExprId) -> bool {
    let is_reader = |id| cx.denotes(id, &["crypto/rand.Reader"]);
    cx.calls(call, &["crypto/rand.Read"]) || cx.find_expr(call, false, is_reader).is_some()
}

/// `blake2b.New256(nil)`: what is given nothing fails on each run or on none.
fn has_only_nil(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(call)), Expr::Call { args, .. } if cx.only(args).is_some_and(|arg| cx.is_builtin(arg, "nil")))
}

/// Whether a method belongs to the state machine of a replicated log, by the name of its type.
fn is_state_machine(cx: &Cx, decl: DeclId) -> bool {
    let Decl::Func { recv, .. } = cx.decl(decl) else { return false };
    let mut receivers = cx.params(recv).into_iter().map(|(_, ty)| cx.source(cx.pointee(ty)));
    receivers.any(|ty| ty.ends_with("FSM") || ty.ends_with("StateMachine"))
}

/// Whether a function catches its own panic.
pub(super) fn recovers(cx: &Cx, decl: DeclId) -> bool {
    let is_recover = |cx: &Cx, node: Node| match node {
        Node::Expr(id) => matches!(cx.expr(id), Expr::Call { fun, .. } if cx.is_builtin(fun, "recover")),
        _ => false,
    };
    !cx.within(decl, true, is_recover).is_empty()
}
