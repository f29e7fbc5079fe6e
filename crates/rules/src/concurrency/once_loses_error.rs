//! An error of what `sync.Once` runs is kept in a local, so that only the first caller gets it.
//!
//! `Do` runs its function once, also if that fails (documentation of `sync.Once`). A local that the function assigns its error to belongs
//! to one call: for all later calls `Do` does nothing, the local stays nil, and they go on as if all were well, with what was never made.
//! Keep the error beside the value, or use `sync.OnceValues`, which gives both to every caller.
//!
//! Limits: only a function literal that stands in the call of `Do` is looked at.
//!
//! ```go bad
//! type Loader struct {
//! 	once   sync.Once
//! 	config *Config
//! }
//!
//! func (l *Loader) Config() (*Config, error) {
//! 	var err error
//! 	l.once.Do(func() {
//! 		l.config, err = read()
//! 		//        ^^^ only the first caller gets this `err`: `l.once.Do` does nothing for later ones, and their `err` is nil
//! 	})
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	return l.config, nil
//! }
//!
//! type Config struct{}
//!
//! func read() (*Config, error) { return nil, errors.New("no file") }
//! ```
//! ```go good
//! type Loader struct {
//! 	once   sync.Once
//! 	config *Config
//! 	err    error
//! }
//!
//! func (l *Loader) Config() (*Config, error) {
//! 	l.once.Do(func() {
//! 		l.config, l.err = read() // every caller gets it
//! 	})
//! 	return l.config, l.err
//! }
//!
//! type Config struct{}
//!
//! func read() (*Config, error) { return nil, errors.New("no file") }
//!
//! func closeOnce(f *os.File) (stop func() error) {
//! 	var once sync.Once
//! 	return func() error {
//! 		var err error
//! 		once.Do(func() { err = f.Close() }) // closing it again is no error
//! 		return err
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! The first request fails with the true cause, and all others fail with a nil pointer, or serve an empty configuration, until the
//! process is restarted. The log has the error once, often long before anybody looks.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a test that lets the first call fail and calls a second time, the second one gets neither an
//!   error nor a value
//!
//! # Options
//!
//! - Use `sync.OnceValues`: value and error stay together, and no field is needed, but a failure is for good
//!   - senior, backend: from Go 1.21 on, the shortest way
//! - Keep the error in a field beside the value: works with every version of Go
//!   - data: callers can tell why there is nothing
//! - Lock, and try again while there is no value: later callers may succeed, and each waits for the one before
//!   - cloud-native: what was away at the start is found later
//!
//! # References
//!
//! - [Package sync, Once](https://pkg.go.dev/sync#Once)
//! - [Package sync, OnceValues](https://pkg.go.dev/sync#OnceValues)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/once-loses-error",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["sync.Once.Do"], check)],
    examines: "functions that run once",
};

fn check(cx: &mut Cx, does: Call) {
    const MOST: usize = 32;
    let (Some(once), &[given]) = (does.receiver, does.args) else { return };
    let Some(body) = cx.as_func(Node::Expr(cx.unparen(given))).map(|func| func.body) else { return };
    let Some(func) = cx.enclosing_func(does.expr) else { return };
    cx.examined();
    // What is made anew for each call runs each time, and what ends something may well do nothing the second time.
    let own = cx.root(once).and_then(|root| cx.func_of_local(root)) == Some(func);
    if own || ends(cx, does.expr) {
        return;
    }
    let errors = cx.within(body, false, |cx, node| {
        matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident && cx.ty(id) == TypeId::ERROR && cx.is_target(id))
    });
    let lost = errors.iter().take(MOST).find_map(|&node| match node {
        Node::Expr(target) => is_for_one_call(cx, target, (func, body), does.expr).then_some(target),
        _ => None,
    });
    let Some(target) = lost.filter(|_| !starts_anew(cx, func, once)) else { return };
    let (name, once) = (cx.source(target), cx.source(once));
    let message = format!(
        "only the first caller gets this `{name}`: `{once}.Do` does nothing for later ones, and their `{name}` is nil"
    );
    cx.report(target, message).note("keep the error beside what is made, or use `sync.OnceValues`");
}

/// Whether an error is a local of the function around, which uses it after `Do` as it is.
fn is_for_one_call(cx: &Cx, target: ExprId, (func, body): (Func, StmtId), does: ExprId) -> bool {
    const MOST: usize = 64;
    let Def::Local(declared) = cx.def(target) else { return false };
    let inside = |used: ExprId| cx.span(body).contains(cx.span(used));
    let of_func = cx.func_of_local(target) == Some(func) || cx.is_result(func, declared);
    let end = cx.span(does).end;
    let after: Vec<ExprId> = cx.names.uses(declared).take(MOST).filter(|&used| cx.span(used).start > end).collect();
    let kept = || {
        // It is kept for others as well: `l.err = err`.
        let sources = cx.names.uses(declared).take(MOST).filter(|&used| inside(used) && !cx.is_target(used));
        sources.into_iter().any(|used| !is_tested(cx, used))
    };
    let read = after.first().is_some_and(|&first| !cx.is_target(first));
    of_func && !inside(declared) && (read || after.is_empty() && cx.is_result(func, declared)) && !kept()
}

/// Whether an error is only compared where it is mentioned.
fn is_tested(cx: &Cx, used: ExprId) -> bool {
    matches!(cx.tree.parent(used), Some(Node::Expr(around)) if matches!(cx.expr(around), Expr::Binary { .. }))
}

/// Whether the function around a node ends something, by its name.
fn ends(cx: &Cx, at: ExprId) -> bool {
    let name = cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    words(name).iter().any(|word| super::support::ends_use(word))
}

/// Whether a function makes another `Once`, for the next one to try again.
fn starts_anew(cx: &Cx, func: Func, once: ExprId) -> bool {
    const MOST: usize = 256;
    let targets = cx.within(func.body, true, |cx, node| matches!(node, Node::Expr(id) if cx.is_target(id)));
    targets.len() > MOST || targets.iter().any(|&target| cx.same_text(target, once))
}
