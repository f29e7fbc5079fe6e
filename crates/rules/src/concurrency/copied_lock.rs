//! A lock is copied, so the copy locks for itself.
//!
//! A mutex, wait group, once or atomic must not be copied after its first use (documentation of package `sync`): the copy
//! has a state of its own. A method with a value receiver locks a mutex that nobody else has, and a `WaitGroup` passed by
//! value is never done for the caller who waits. Pass a pointer. The same holds for types that forbid copying: structs with a
//! `noCopy` field, and protobuf messages, which `proto.Clone` copies.
//!
//! Limits: `return x` of a local is not reported, because nobody may have locked it yet, nor is a local that is copied where it
//! is used last; nor what a call returns by value, nor a struct whose fields are copied one by one, nor what is given
//! for a pointer, which does not compile. In tests, in generated code,
//! and where the copy of a local gets fields of its own right away, findings are of low severity. In tests, messages may be
//! copied.
//!
//! ```go bad
//! type Counter struct {
//! 	mu sync.Mutex
//! 	n  map[string]int
//! }
//!
//! func (c Counter) Inc(key string) {
//! //      ^^^^^^^ the receiver `c` is a copy of the `Counter`, including its `sync.Mutex`
//! 	c.mu.Lock()
//! 	defer c.mu.Unlock()
//! 	c.n[key]++
//! }
//!
//! func fetch(wg sync.WaitGroup, url string) {
//! //            ^^^^^^^^^^^^^^ `wg` is a copy of the caller's `sync.WaitGroup`
//! 	defer wg.Done()
//! }
//! ```
//! ```diff fixed
//! -func (c Counter) Inc(key string) {
//! +func (c *Counter) Inc(key string) {
//! -func fetch(wg sync.WaitGroup, url string) {
//! +func fetch(wg *sync.WaitGroup, url string) {
//! ```
//! ```go bad
//! type Stats struct {
//! 	sync.Mutex
//! 	done int
//! }
//!
//! type Pool struct {
//! 	stats Stats
//! }
//!
//! func (p *Pool) Snapshot() Stats {
//! 	return p.stats
//! 	//     ^^^^^^^ `p.stats` is copied here, including its `sync.Mutex`
//! }
//!
//! func (p *Pool) Copy() {
//! 	other := *p
//! 	//       ^^ `*p` is copied here, including its `sync.Mutex`
//! 	use(&other)
//! }
//! ```
//! ```go bad
//! type shard struct {
//! 	mu   sync.RWMutex
//! 	keys map[string]int
//! }
//!
//! type ring [4]shard
//!
//! func (r *ring) count() int {
//! 	n := 0
//! 	for _, s := range r {
//! #       ^ each `s` is a copy of an element, including its `sync.RWMutex`
//! 		n += len(s.keys)
//! 	}
//! 	first := r[0]
//! 	//       ^^^^ `r[0]` is copied here, including its `sync.RWMutex`
//! 	log.Println(first.keys, *r)
//! 	//                      ^^ `*r` is copied here, including its `sync.RWMutex`
//! 	return n
//! }
//! ```
//! ```go good
//! type Counter struct {
//! 	mu *sync.Mutex // a pointer: all copies share the mutex
//! 	n  map[string]int
//! }
//!
//! func (c Counter) Inc(key string) {
//! 	c.mu.Lock()
//! 	defer c.mu.Unlock()
//! 	c.n[key]++
//! }
//! ```
//! ```go good
//! func lock(mu sync.Locker) { // an interface holds a pointer to the mutex
//! 	mu.Lock()
//! }
//! ```
//! ```go good
//! type Registry struct {
//! 	mu sync.Mutex
//! }
//!
//! func NewRegistry() Registry { return Registry{} } // new: nobody has locked it yet
//! ```
//!
//! # Idiom
//!
//! Values are copied when they are assigned, passed or ranged over, and a struct takes its mutex with it. Types with a lock have methods on
//! the pointer, and their constructor returns a pointer.
//!
//! # Impact
//!
//! The copies exclude nobody from each other, and what one stores the other does not see: counts are lost, a map ends
//! the process, or the `Wait` of a `WaitGroup` hangs. Nothing fails in a test with one goroutine. With several, the
//! race detector reports data that is shared behind a copied lock.
//!
//! # Verify
//!
//! - `go vet -copylocks {package}`: lists each assignment, parameter and receiver that copies a lock
//! - `go test -race -run {test} {package}`: reports what the copied lock was to guard, if a test uses it from two
//!   goroutines
//!
//! # Options
//!
//! - Take a pointer: one word changes at each receiver or parameter, and callers with a value must pass its address
//!   - senior, backend: a type with identity has pointer methods only
//! - Keep a pointer to the state inside the value: callers still pass values, at the cost of an allocation and of a
//!   zero value that is not ready for use
//!   - throughput: where the type is already passed by value in many places
//!
//! # References
//!
//! - [Package sync](https://pkg.go.dev/sync)
//! - [vet, copylocks](https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/copylock)
use gopeer_lint::prelude::*;

use super::support::{Part, consequence, gets_new_lock, is_adapted, is_moved, judged};

pub static RULE: Rule = Rule {
    id: "concurrency/copied-lock",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 2)],
    equivalents: &["vet:copylocks", "revive:waitgroup-by-value", "semgrep:sync-mutex-value-copied"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[
        Hook::Decl(&[DeclKind::Func], check_func),
        Hook::Decl(&[DeclKind::Value], check_declared),
        Hook::Expr(&[ExprKind::FuncLit], check_literal),
        Hook::Expr(&[ExprKind::Call], check_call),
        Hook::Expr(&[ExprKind::Composite], check_composite),
        Hook::Stmt(&[StmtKind::Return, StmtKind::Assign, StmtKind::Define, StmtKind::Send], check_values),
        Hook::Stmt(&[StmtKind::Range], check_range),
    ],
    examines: "parameters and receivers that hold a lock",
};

fn check_func(cx: &mut Cx, decl: DeclId) {
    let Decl::Func { recv, ty, .. } = cx.decl(decl) else { return };
    check_fields(cx, recv, true);
    check_params(cx, ty);
}

fn check_literal(cx: &mut Cx, literal: ExprId) {
    if let Expr::FuncLit { ty, .. } = cx.expr(literal) {
        check_params(cx, ty);
    }
}

fn check_params(cx: &mut Cx, ty: ExprId) {
    if let Expr::FuncType { params, .. } = cx.expr(ty) {
        check_fields(cx, params, false);
    }
}

fn check_fields(cx: &mut Cx, fields: FieldList, receiver: bool) {
    const MOST: usize = 64;
    for (name, ty) in cx.params(fields) {
        let Some(part) = judged(cx, cx.ty(ty)) else { continue };
        if name.is_some_and(|name| cx.names.uses(name).take(MOST).any(|used| !fits(cx, used))) {
            continue;
        }
        let whole = cx.source(ty);
        let copy = match (name.map(|name| cx.source(name)), receiver) {
            (Some(name), true) => format!("the receiver `{name}` is a copy of the `{whole}`"),
            (None, true) => format!("the receiver is a copy of the `{whole}`"),
            (Some(name), false) => format!("`{name}` is a copy of the caller's `{whole}`"),
            (None, false) => format!("this parameter is a copy of the caller's `{whole}`"),
        };
        let at = Span::new(cx.span(ty).start, cx.span(ty).start);
        report(cx, ty, cx.ty(ty), copy, part).fix("Take a pointer", [(at, "*".to_owned())]);
    }
}

/// What a variable, a channel or the caller gets. A local that is returned may never have been locked.
fn check_values(cx: &mut Cx, stmt: StmtId) {
    match cx.stmt(stmt) {
        Stmt::Return(results) => {
            for &value in cx.exprs(results) {
                if cx.expr(cx.unparen(value)) != Expr::Ident {
                    check_copy(cx, value);
                }
            }
        }
        Stmt::Assign { lhs, rhs, .. } => {
            let blank = cx.exprs(lhs).iter().all(|&name| cx.source(name) == "_");
            if !blank {
                cx.exprs(rhs).iter().for_each(|&value| check_copy(cx, value));
            }
        }
        Stmt::Send { value, .. } => check_copy(cx, value),
        _ => {}
    }
}

fn check_declared(cx: &mut Cx, spec: DeclId) {
    if let Decl::Value { values, .. } = cx.decl(spec) {
        cx.exprs(values).iter().for_each(|&value| check_copy(cx, value));
    }
}

fn check_composite(cx: &mut Cx, composite: ExprId) {
    let Expr::Composite { elems, .. } = cx.expr(composite) else { return };
    for &elem in cx.exprs(elems) {
        match cx.expr(elem) {
            Expr::KeyValue { value, .. } => check_copy(cx, value),
            _ => check_copy(cx, elem),
        }
    }
}

/// Arguments. A builtin such as `len` looks without copying, a conversion is for its own place to judge.
fn check_call(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    let is_function = matches!(cx.store.under(cx.ty(fun)), Type::Signature(_)) && !cx.is_type_expr(fun);
    if is_function || cx.is_builtin(fun, "append") {
        cx.exprs(args).iter().for_each(|&arg| {
            if fits(cx, arg) {
                check_copy(cx, arg);
            }
        });
    }
}

/// Whether a value is not given for a pointer, which does not compile: perhaps nobody builds the file any more.
fn fits(cx: &Cx, arg: ExprId) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(arg) else { return true };
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return true };
    let (Some(at), Type::Signature(signature)) = (cx.tree.place(cx.exprs(args), arg), cx.store.under(cx.ty(fun)))
    else {
        return true;
    };
    !signature.params.get(at).is_some_and(|&param| matches!(cx.store.under(param), Type::Pointer(_)))
}

fn check_copy(cx: &mut Cx, value: ExprId) {
    let copies = match cx.expr(cx.unparen(value)) {
        Expr::Ident | Expr::Selector { .. } | Expr::Index { .. } => true,
        // What a call gives may be new: nobody has locked it yet.
        Expr::Star(pointer) => !matches!(cx.expr(cx.unparen(pointer)), Expr::Call { .. }),
        _ => false,
    };
    if !copies || cx.is_type_expr(value) {
        return;
    }
    if let Some(part) = judged(cx, cx.ty(value)).filter(|_| !is_moved(cx, value) && !gets_new_lock(cx, value)) {
        let text = cx.source(value);
        report(cx, value, cx.ty(value), format!("`{text}` is copied here"), part);
    }
}

fn check_range(cx: &mut Cx, range: StmtId) {
    let Stmt::Range { value: Some(value), .. } = cx.stmt(range) else { return };
    if let Some(part) = judged(cx, cx.ty(value)) {
        let name = cx.source(value);
        report(cx, value, cx.ty(value), format!("each `{name}` is a copy of an element"), part)
            .note("range over the index and take a pointer to the element");
    }
}

/// Reports a copy of a value of type `ty`, with what must not be copied in it.
fn report<'r>(cx: &'r mut Cx, at: ExprId, ty: TypeId, copy: String, part: Part) -> Report<'r> {
    cx.examined();
    let (message, note) = match &part {
        Part::Lock(lock) if *lock == cx.store.show(ty) => (copy, consequence(lock)),
        Part::Lock(lock) => (format!("{copy}, including its `{lock}`"), consequence(lock)),
        Part::Mark(marked) => {
            let ty = marked.clone().unwrap_or_else(|| cx.store.show(ty));
            (
                format!("{copy}, but `{ty}` forbids copying"),
                "what must stay together is split between the two; pass a pointer",
            )
        }
    };
    // In a test, the lock of a copy is seldom used, nor is that of a template whose copy gets fields of its own. Generated code
    // copies what its template says, and nobody edits it.
    let severity = match part {
        _ if cx.file.is_test() || cx.file.generated || is_adapted(cx, at) => Severity::Low,
        Part::Mark(_) => Severity::Medium,
        Part::Lock(_) => Severity::High,
    };
    let excuse = cx.explanation(at, &["copying", "copied", "copylock", "copies"]);
    let cause = api(cx, at).or_else(|| cx.is_of_library(ty).then(|| cx.store.show_full(ty)));
    cx.report(at, message).note(note).severity(severity).excused(excuse).one_cause_if(cause)
}

/// The function that makes all its callers copy, if the copy is an argument.
fn api(cx: &Cx, argument: ExprId) -> Option<String> {
    let Node::Expr(call) = cx.tree.parent(argument)? else { return None };
    let Expr::Call { fun, .. } = cx.expr(call) else { return None };
    (fun != argument && !cx.is_builtin(fun, "append")).then(|| cx.source(fun).to_owned())
}
