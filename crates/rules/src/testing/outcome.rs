//! What a test expects.

use gopeer_lint::prelude::*;

use super::support::handle;

/// The statement of a list that an expression belongs to.
pub(super) fn statement(cx: &Cx, expr: ExprId) -> Option<StmtId> {
    cx.tree.ancestors(expr).find_map(|node| match node {
        Node::Stmt(stmt) => cx.place_in_list(stmt).map(|_| stmt),
        _ => None,
    })
}

/// Whether what the test checks first after the sleep is that there is an error, or that nothing has happened: a slow machine
/// passes.
pub(super) fn expects_nothing(cx: &Cx, call: ExprId) -> bool {
    after(cx, call).iter().find_map(|&stmt| wants_nothing(cx, stmt)).unwrap_or(false)
}

/// The statements right after that of a call.
fn after<'a>(cx: &Cx<'a>, call: ExprId) -> &'a [StmtId] {
    const NEAR: usize = 4;
    let rest = statement(cx, call).map_or(&[][..], |stmt| cx.stmts_after(stmt));
    rest.get(..NEAR).unwrap_or(rest)
}

/// Whether a check wants an error, or nothing; none of what checks nothing, or something else in passing.
fn wants_nothing(cx: &Cx, stmt: StmtId) -> Option<bool> {
    match cx.stmt(stmt) {
        Stmt::If { cond, then, .. } if fails(cx, then) => {
            let Expr::Binary { op, lhs, rhs } = cx.expr(cx.unparen(cond)) else { return Some(false) };
            let is_error = cx.ty(lhs) == TypeId::ERROR;
            match (op, cx.is_builtin(rhs, "nil")) {
                // A step on the way, such as a request.
                (BinaryOp::NotEqual, true) if is_error => None,
                (BinaryOp::Equal, true) => Some(is_error),
                _ => {
                    let above_zero =
                        matches!(op, BinaryOp::Greater | BinaryOp::NotEqual) && cx.int_value(rhs) == Some(0);
                    Some(above_zero || says_nothing(cx, then))
                }
            }
        }
        Stmt::Select { clauses, .. } => Some(cx.stmts(clauses).iter().any(|&clause| match cx.stmt(clause) {
            Stmt::CommClause { comm: Some(_), .. } => fails(cx, clause),
            _ => false,
        })),
        Stmt::Expr(call) if asserts_same(cx, call) => Some(true),
        Stmt::Expr(call) => asserts_error(cx, call),
        _ => None,
    }
}

/// Whether a failing branch says that something has happened that must not: `t.Fatal("should not have received it")`.
fn says_nothing(cx: &Cx, branch: StmtId) -> bool {
    const SAYS: &[&str] = &["expected no ", "more than", "not have received", "should not", "shouldn't", "was lost"];
    cx.any(branch, false, |node| {
        let Node::Expr(id) = node else { return false };
        let text = cx.string_value(id).map(|text| text.to_ascii_lowercase());
        text.is_some_and(|text| SAYS.iter().any(|word| text.contains(word)))
    })
}

/// Whether an assertion wants what was so before: `require.Equal(t, runs, pool.Runs())` where `runs := pool.Runs()`, or
/// `assert.False(t, done, "it must not be done yet")`.
fn asserts_same(cx: &Cx, call: ExprId) -> bool {
    const SAYS: &[&str] = &["not", "no", "still", "yet"];
    let Some(Call { callee, args: &[t, ref asked @ ..], .. }) = cx.call(call) else { return false };
    let is_pair = |one: ExprId, other: ExprId| cx.initial_value(one).is_some_and(|value| cx.same_text(value, other));
    let says = |&arg: &ExprId| {
        cx.string_value(arg).is_some_and(|text| words(&text).iter().any(|word| SAYS.contains(&word.as_str())))
    };
    handle(cx, t).is_some()
        && match (callee.name, asked) {
            ("Equal" | "Equalf", &[one, other, ..]) => is_pair(one, other) || is_pair(other, one),
            ("False" | "Empty" | "Nil" | "Zero" | "Falsef" | "Emptyf" | "Nilf" | "Zerof", [_, said @ ..]) => {
                said.iter().any(says)
            }
            _ => false,
        }
}

/// Whether an assertion wants an error, by its name or by what it is given last: `require.Error(t, err)`, `expect(t, c, errRe)`.
/// None of one that wants no error, a step on the way, and of what is no assertion.
fn asserts_error(cx: &Cx, call: ExprId) -> Option<bool> {
    const ASSERTS: &[&str] = &["assert", "check", "expect", "require"];
    let Expr::Call { args, .. } = cx.expr(cx.unparen(call)) else { return None };
    let args = cx.exprs(args);
    let whole = cx.callee_text(call).to_ascii_lowercase();
    let is_assertion = ASSERTS.iter().any(|word| whole.contains(word)) && handle(cx, *args.first()?).is_some();
    if !is_assertion || whole.contains("noerr") {
        return None;
    }
    let given = || args.last().is_some_and(|&last| cx.source(last).to_ascii_lowercase().starts_with("err"));
    Some(whole.contains("err") || whole.contains("never") || whole.contains("expect") && given())
}

/// Whether the branch lets the test fail.
pub(super) fn fails(cx: &Cx, branch: StmtId) -> bool {
    cx.any(branch, false, |node| {
        let Node::Expr(id) = node else { return false };
        match cx.method_call(id) {
            Some((t, "Error" | "Errorf" | "Fatal" | "Fatalf" | "Fail" | "FailNow", _)) => handle(cx, t).is_some(),
            _ => false,
        }
    })
}

/// Whether the branch decides what is asked: `require.NoError(t, err)` in the `else` of `if err != nil`.
pub(super) fn is_decided(cx: &Cx, call: ExprId) -> bool {
    let Some(Call { callee, args: &[_, asked, ..], .. }) = cx.call(call) else { return false };
    let wants_nil = match callee.name {
        "NoError" | "Nil" => true,
        "Error" | "NotNil" => false,
        _ => return false,
    };
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return false };
    let Some(Node::Stmt(block)) = cx.tree.parent(stmt) else { return false };
    let Some(Node::Stmt(branch)) = cx.tree.parent(block) else { return false };
    let Stmt::If { cond, then, .. } = cx.stmt(branch) else { return false };
    let Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } = cx.expr(cx.unparen(cond)) else {
        return false;
    };
    let is_nil = (op == BinaryOp::Equal) == (then == block);
    cx.is_builtin(rhs, "nil") && cx.same_pure(lhs, asked) && wants_nil == is_nil
}

/// Where the handle is declared whose test a call ends: `t.Fatal`, `require.Equal(t, …)`, or a method of `require.New(t)`.
pub(super) fn stopped_by(cx: &Cx, call: ExprId) -> Option<ExprId> {
    const STOPS: &[&str] = &["FailNow", "Fatal", "Fatalf", "Skip", "SkipNow", "Skipf"];
    if let Some(Call { callee, args: [t, ..], .. }) = cx.call(call)
        && callee.is_of_package("github.com/stretchr/testify/require")
    {
        return handle(cx, *t).filter(|_| callee.name != "New");
    }
    let (receiver, method, _) = cx.method_call(call)?;
    if let Some(declared) = handle(cx, receiver) {
        return STOPS.contains(&method).then_some(declared);
    }
    let Call { callee, args: &[t], .. } = cx.call(cx.initial_value(receiver)?)? else { return None };
    handle(cx, t).filter(|_| callee.is(&["github.com/stretchr/testify/require.New"]))
}
