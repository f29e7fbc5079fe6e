//! A temporary directory is never removed, or not where the function fails.
//!
//! The system does not remove what `os.MkdirTemp` makes. Each call leaves a directory with its files behind, until the disk is full, or,
//! in a container, its limit of ephemeral storage is reached and it is evicted. Defer `os.RemoveAll` right after the error was checked.
//!
//! Limits: nothing is said where the path is returned or kept. Where the function, or one of the package that it calls, removes
//! something, only a return with an error before an `os.RemoveAll` of the function itself is reported.
//!
//! ```go bad
//! func unpack(ctx context.Context, archive string) error {
//! 	dir, err := os.MkdirTemp("", "unpack-*")
//! 	//          ^^^^^^^^^^^^ nothing removes `dir`
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return exec.CommandContext(ctx, "tar", "-C", dir, "-xf", archive).Run()
//! }
//! ```
//! ```go good
//! func unpack(ctx context.Context, archive string) error {
//! 	dir, err := os.MkdirTemp("", "unpack-*")
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer os.RemoveAll(dir)
//! 	return exec.CommandContext(ctx, "tar", "-C", dir, "-xf", archive).Run()
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_lint::{Ending, Next, OpKind};

pub static RULE: Rule = Rule {
    id: "resources/temp-dir-not-removed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["os.MkdirTemp", "io/ioutil.TempDir"], check)],
    examines: "temporary directories",
};

fn check(cx: &mut Cx, make: Call) {
    cx.examined();
    let Some(dir) = cx.first_target(make.expr) else { return };
    let Some(func) = cx.enclosing_func(make.expr) else { return };
    let takes_away = |id| {
        let word = cx.callee_word(id);
        let inner = || cx.call(id).is_some_and(|call| cx.find_within(call, removes, 0).is_some());
        word.starts_with("Remove") || word == "Rename" || inner()
    };
    let name = cx.source(dir);
    if cx.find_expr(func.body, true, takes_away).is_some() {
        if let Some(steps) = left_on_failure(cx, func, make, dir, &takes_away) {
            cx.report(make.fun, format!("`{name}` is not removed where the function fails"))
                .steps(steps)
                .note(format!("defer `os.RemoveAll({name})` once the error is checked"));
        }
        return;
    }
    if is_kept(cx, dir) {
        return;
    }
    cx.report(make.fun, format!("nothing removes `{name}`"))
        .note(format!("each call leaves a directory behind; defer `os.RemoveAll({name})` once the error is checked"));
}

/// The path to a failure on which nothing removes a directory that the function itself removes at its end.
fn left_on_failure(
    cx: &Cx,
    func: Func,
    make: Call,
    dir: ExprId,
    takes_away: &impl Fn(ExprId) -> bool,
) -> Option<Vec<(Span, String)>> {
    const MOST: usize = 64;
    let Def::Local(declared) = cx.def(dir) else { return None };
    let removes_all = |id: ExprId| {
        cx.call(id).is_some_and(|call| {
            let own = |&arg: &ExprId| cx.def(cx.unparen(arg)) == Def::Local(declared);
            call.callee.is(&["os.RemoveAll"]) && call.args.first().is_some_and(own)
        })
    };
    // What is deferred, or runs in a closure, may know when.
    let plain = cx.find_expr(func.body, false, removes_all)?;
    let aside = |id: ExprId| takes_away(id) && (cx.is_deferred(id) || cx.enclosing_func(id) != Some(func));
    if cx.is_conditional(plain) || cx.find_expr(func.body, true, aside).is_some() {
        return None;
    }
    let followed = cx.followed(func.node)?;
    let mut start = cx.start(&followed, followed.after_call(make.expr)?);
    if !cx.assume_result(&mut start.values, &mut start.state, make.expr, true) {
        return None;
    }
    let found = cx.seek(&followed, &mut start, Next::Found, &mut |_, _, op| match op.kind {
        OpKind::Call if takes_away(op.at) => Next::Stop,
        _ => Next::Go,
    })?;
    let Ending::Return(Some(stmt)) = found.path.ending else { return None };
    let Stmt::Return(results) = cx.stmt(stmt) else { return None };
    let &last = cx.exprs(results).last()?;
    let named = cx.names.uses(declared).take(MOST).any(|used| cx.span(stmt).contains(cx.span(used)));
    let fails = cx.ty(last) == TypeId::ERROR && !cx.is_builtin(last, "nil") && !named;
    fails.then(|| {
        cx.steps(&followed, &found.path, |_| false, "the function returns here, and leaves it behind".to_owned())
    })
}

/// Whether a path, or one below it, leaves the function, or reaches one of the package that may remove it.
fn is_kept(cx: &Cx, dir: ExprId) -> bool {
    const MOST: usize = 8;
    let mut paths = vec![dir];
    let mut at = 0;
    while let Some(&path) = paths.get(at) {
        at += 1;
        for used in cx.names.uses(path).take(64) {
            match goes_to(cx, used) {
                Goes::Nowhere => {}
                Goes::Into(local) if paths.contains(&local) => {}
                Goes::Into(local) if paths.len() < MOST => paths.push(local),
                _ => return true,
            }
        }
    }
    false
}

enum Goes {
    Nowhere,
    Into(ExprId),
    Away,
}

fn goes_to(cx: &Cx, used: ExprId) -> Goes {
    let mut at = used;
    for around in cx.tree.ancestors(used) {
        match around {
            Node::Expr(id) => match cx.expr(id) {
                Expr::Call { .. } => match cx.callee(id) {
                    Some(callee) if matches!(callee.path, "path/filepath" | "path") || callee.name == "Sprintf" => {
                        at = id
                    }
                    Some(callee) if cx.is_own(&callee) && cx.own_function(callee).is_none() => return Goes::Away,
                    // What it gives may have the path.
                    Some(callee) if cx.is_own(&callee) && !gives_error_only(cx, id) => at = id,
                    Some(_) => return Goes::Nowhere,
                    None if cx.callee_word(id) == "len" => return Goes::Nowhere,
                    None if cx.is_type_expr(id) => at = id,
                    None => return Goes::Away,
                },
                Expr::Binary { .. } | Expr::Paren(_) => at = id,
                _ => return Goes::Away,
            },
            Node::Stmt(stmt) => {
                let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else {
                    return if matches!(cx.stmt(stmt), Stmt::Return(_) | Stmt::Send { .. }) {
                        Goes::Away
                    } else {
                        Goes::Nowhere
                    };
                };
                let place = cx.exprs(rhs).iter().position(|&value| value == at);
                let Some(&target) = place.and_then(|place| cx.exprs(lhs).get(place)) else { return Goes::Nowhere };
                return match cx.def(target) {
                    Def::Local(declared) => Goes::Into(declared),
                    _ => Goes::Away,
                };
            }
            _ => return Goes::Away,
        }
    }
    Goes::Away
}

fn gives_error_only(cx: &Cx, call: ExprId) -> bool {
    cx.results(call).is_some_and(|results| results.iter().all(|&ty| ty == TypeId::ERROR))
}

fn removes(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    cx.find_expr(decl, true, |id| cx.callee_word(id).starts_with("Remove"))
}
