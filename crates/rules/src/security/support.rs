//! What rules about security share: signs that somebody has chosen what is written there.

use gopeer_lint::prelude::*;

/// What credential a text is by its form: a token, a private key, or a connection string with a password.
pub(crate) fn credential_in(text: &str) -> Option<String> {
    super::credential::by_form(text)
}

/// Whether a type is that of a text: a string, or bytes.
pub(super) fn is_text(cx: &Cx, ty: TypeId) -> bool {
    match cx.store.under(ty) {
        Type::Basic(basic) => basic.is_string(),
        Type::Slice(elem) => matches!(cx.store.under(elem), Type::Basic(Basic::Uint8)),
        _ => false,
    }
}

/// Names in a sentence: `Secure`, `HttpOnly` and `SameSite`.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// The comment at the statement, the declaration or the element of a literal that explains what is here, if need be in these
/// words.
pub(crate) fn reason<'a>(cx: &Cx<'a>, at: ExprId, words: &[&str]) -> Option<&'a str> {
    let is_element = |node: Node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::KeyValue { .. }));
    let is_place = |node: &Node| matches!(node, Node::Stmt(_) | Node::Decl(_));
    for node in cx.tree.ancestors(at) {
        if is_place(&node) {
            return cx.explanation(node, words);
        }
        if is_element(node)
            && let Some(reason) = cx.explanation(node, words)
        {
            return Some(reason);
        }
    }
    None
}

/// Reports that the other side is not verified. Silent where a condition asks for it or a name says `insecure`; a question
/// under another condition.
pub(super) fn report_unverified<'c>(
    cx: &'c mut Cx,
    at: impl Into<Node>,
    place: ExprId,
    message: impl Into<String>,
) -> Option<Report<'c>> {
    let own = cx.source(place);
    let says = |name: &&str| {
        let lower = name.to_ascii_lowercase();
        !name.ends_with(own) && (lower.contains("insecure") || lower.contains("skipverify"))
    };
    // `&scraper{insecureClient: client}`: what is made here is for those who ask for it.
    let is_named_so = |node: &Node| match *node {
        Node::Expr(id) => matches!(cx.expr(id), Expr::KeyValue { key, .. } if says(&cx.source(key))),
        _ => false,
    };
    let handed_on = || {
        cx.enclosing_decl(place).is_some_and(|decl| cx.within(decl, true, gets_local).iter().take(64).any(is_named_so))
    };
    let conditions = conditions(cx, place);
    if conditions.iter().any(|condition| asks_for_less(condition))
        || cx.names_around(place).iter().any(says)
        || handed_on()
        || is_for_this_machine(cx, place)
        || is_logged(cx, place)
    {
        return None;
    }
    let reason = reason(
        cx,
        place,
        &["self-signed", "self signed", "verif", "prove", "pin", "insecure", "accept", "secure", "trust", "localhost"],
    )
    .or_else(|| documented(cx, place));
    let report = cx.report(at, message).excused(reason);
    Some(if conditions.is_empty() { report } else { report.question() })
}

/// Whether a node is an element of a literal that gets what a local variable holds.
fn gets_local(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    matches!(cx.expr(id), Expr::KeyValue { value, .. } if matches!(cx.def(value), Def::Local(_)))
}

/// Whether the next statement tells the user of it: `log.Print("no host key validation is performed")`.
fn is_logged(cx: &Cx, at: ExprId) -> bool {
    const SAYS: &[&str] = &["host key", "insecure", "not verif", "validation", "verification"];
    let in_list = |node: Node| match node {
        Node::Stmt(stmt) => cx.place_in_list(stmt).map(|_| stmt),
        _ => None,
    };
    let Some(next) = cx.tree.ancestors(at).find_map(in_list).and_then(|stmt| cx.next_stmt(stmt)) else { return false };
    let Stmt::Expr(call) = cx.stmt(next) else { return false };
    let name = cx.callee_text(call).to_ascii_lowercase();
    let says = |id| {
        let text = cx.string_value(id).map(|text| text.to_ascii_lowercase());
        text.is_some_and(|text| SAYS.iter().any(|word| text.contains(word)))
    };
    ["log", "print", "warn"].iter().any(|word| name.contains(word)) && cx.find_expr(call, false, says).is_some()
}

/// The line of the function's doc comment that tells callers that the other side is not verified.
fn documented<'a>(cx: &Cx<'a>, at: ExprId) -> Option<&'a str> {
    const SAYS: &[&str] = &["insecure", "not verif", "n't verif", "skip", "without verif"];
    let comments = cx.doc_comment(cx.enclosing_decl(at)?).iter();
    let mut lines = comments.map(|comment| comment.body(cx.tree.text()));
    lines.find(|line| SAYS.iter().any(|word| line.to_ascii_lowercase().contains(word)))
}

/// Whether a literal around has an address of this machine beside it: `{TLSConfig: …, Addr: "127.0.0.1"}`.
fn is_for_this_machine(cx: &Cx, at: ExprId) -> bool {
    let is_local = |&element: &ExprId| match cx.expr(element) {
        Expr::KeyValue { value, .. } => {
            cx.string_value(value).is_some_and(|text| matches!(text.split(':').next(), Some("127.0.0.1" | "localhost")))
        }
        _ => false,
    };
    cx.tree.ancestors(at).take(20).any(|node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Composite { elems, .. } => cx.exprs(elems).iter().take(20).any(is_local),
            _ => false,
        },
        _ => false,
    })
}

/// The conditions that decide whether this runs, as they are written: of each `if` around, or the tag of a `switch` with the
/// `case`.
fn conditions(cx: &Cx, at: ExprId) -> Vec<String> {
    let head = |stmt: StmtId, end: char| cx.source(stmt).split(end).next().unwrap_or_default();
    let condition = |node: Node| {
        let Node::Stmt(branch) = node else { return None };
        match (cx.stmt(branch), cx.tree.parent(branch)) {
            // What stands in the condition itself is not decided by it.
            (Stmt::If { cond, .. }, _) if cx.span(at).start < cx.span(cond).end => None,
            (Stmt::If { .. }, _) => Some(head(branch, '{').to_owned()),
            (Stmt::CaseClause { .. }, Some(Node::Stmt(switch))) => {
                Some(format!("{} {}", head(switch, '{'), head(branch, ':')))
            }
            _ => None,
        }
    };
    cx.tree.ancestors(at).filter_map(condition).collect()
}

/// Whether a condition asks for less than the usual security: by a flag, the environment or a mode.
fn asks_for_less(condition: &str) -> bool {
    const WORDS: &[&str] = &[
        "allow",
        "debug",
        "dev",
        "disable",
        "insecure",
        "legacy",
        "local",
        "mode",
        "prod",
        "self",
        "skip",
        "strict",
        "test",
        "trust",
        "unsafe",
        "verif",
        "env",
        "check",
        "validat",
        "host",
        "clientcert",
        "ignoretls",
        "ignoressl",
        "ignorecert",
    ];
    let condition = condition.to_ascii_lowercase();
    WORDS.iter().any(|word| condition.contains(word))
}

/// Reports what is open to everybody, unless a condition decides about it; a comment that says that the place is closed
/// excuses it.
pub(super) fn report_surface<'c>(cx: &'c mut Cx, at: ExprId, message: &'static str) -> Option<Report<'c>> {
    cx.examined();
    if cx.is_conditional(at) {
        return None;
    }
    let reason = reason(cx, at, &["internal", "private", "auth", "firewall", "behind", "cluster"]);
    Some(cx.report(at, message).excused(reason))
}

/// Whether a verification function does nothing but return nil.
pub(super) fn accepts_all(cx: &Cx, function: ExprId) -> bool {
    if cx.is_builtin(function, "nil") {
        return true;
    }
    let Expr::FuncLit { body, .. } = cx.expr(function) else { return false };
    let Stmt::Block(stmts) = cx.stmt(body) else { return false };
    let &[only] = cx.stmts(stmts) else { return false };
    matches!(cx.stmt(only), Stmt::Return(results) if cx.only(results).is_some_and(|result| cx.is_builtin(result, "nil")))
}
