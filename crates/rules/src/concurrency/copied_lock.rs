//! A lock is passed by value, so each copy locks for itself.
//!
//! A mutex, wait group, once or atomic must not be copied after its first use (package `sync`): the copy has its own
//! state. A method with a value receiver locks a mutex that nobody else has, and a `WaitGroup` handed over by value is
//! never done for the one who waits. Pass a pointer.
//!
//! ```go bad
//! type Counter struct {
//! 	mu sync.Mutex
//! 	n  map[string]int
//! }
//!
//! func (c Counter) Inc(key string) {
//! //      ^^^^^^^ the receiver `c` is a copy of `Counter`, and with it of its `sync.Mutex`
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
//! 	//     ^^^^^^^ `p.stats` is copied here, and with it its `sync.Mutex`
//! }
//!
//! func (p *Pool) Copy() {
//! 	other := *p
//! 	//       ^^ `*p` is copied here, and with it its `sync.Mutex`
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
//! #       ^ each `s` is a copy of an element, and with it of its `sync.RWMutex`
//! 		n += len(s.keys)
//! 	}
//! 	first := r[0]
//! 	//       ^^^^ `r[0]` is copied here, and with it its `sync.RWMutex`
//! 	log.Println(first.keys, *r)
//! 	//                      ^^ `*r` is copied here, and with it its `sync.RWMutex`
//! 	return n
//! }
//! ```
//! ```go good
//! type Counter struct {
//! 	mu *sync.Mutex // shared by all copies
//! 	n  map[string]int
//! }
//!
//! func (c Counter) Inc(key string) {
//! 	c.mu.Lock()
//! 	defer c.mu.Unlock()
//! 	c.n[key]++
//! }
//!
//! func fetch(wg *sync.WaitGroup, mu sync.Locker) {
//! 	defer wg.Done()
//! }
//!
//! type Registry struct {
//! 	mu sync.Mutex
//! }
//!
//! func NewRegistry() Registry { return Registry{} }
//!
//! func (r *Registry) clone() *Registry { return &Registry{} }
//!
//! func (r *Registry) reset() { *r = *r.clone() }
//!
//! func (r *Registry) Add() {}
//! ```
use std::collections::HashSet;

use gopeer_lint::prelude::*;

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
        Hook::Expr(&[ExprKind::FuncLit], check_literal),
        Hook::Expr(&[ExprKind::Call], check_call),
        Hook::Stmt(&[StmtKind::Return, StmtKind::Assign, StmtKind::Define], check_values),
        Hook::Stmt(&[StmtKind::Range], check_range),
    ],
    file: file!(),
};

/// The lock that copying a value of the type copies, as code writes its type.
fn lock_in(cx: &Cx, ty: TypeId) -> Option<String> {
    find(cx, ty, &mut HashSet::new(), 0)
}

/// Looks at each type once, however many fields have it.
fn find(cx: &Cx, ty: TypeId, seen: &mut HashSet<TypeId>, depth: u32) -> Option<String> {
    const DEEP: u32 = 8;
    if depth == DEEP || seen.contains(&ty) {
        return None;
    }
    let inner = depth + 1;
    match cx.store.get(ty) {
        Type::Named(..) if is_lock(cx, ty) => Some(cx.store.show(ty)),
        Type::Named(..) => {
            seen.insert(ty);
            find(cx, cx.store.underlying(ty), seen, inner)
        }
        Type::Struct(of) => of.fields.iter().find_map(|field| find(cx, field.ty, seen, inner)),
        Type::Array { elem, .. } => find(cx, elem, seen, inner),
        _ => None,
    }
}

/// Types of `sync` and `sync/atomic` with a state of their own, and types of other packages that keep one inside.
fn is_lock(cx: &Cx, ty: TypeId) -> bool {
    let of_sync = || cx.type_path(ty).is_some_and(|path| matches!(path, "sync" | "sync/atomic"));
    match cx.store.under(ty) {
        Type::Struct(of) => of_sync() || of.hidden.is_some_and(|hidden| hidden.no_copy),
        _ => false,
    }
}

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
    for (name, ty) in cx.params(fields) {
        let Some(lock) = lock_in(cx, cx.ty(ty)) else { continue };
        cx.examined();
        let whole = cx.source(ty);
        let name = name.map_or("it", |name| cx.source(name));
        let message = match receiver {
            true => format!("the receiver `{name}` is a copy of `{whole}`, and with it of its `{lock}`"),
            false if lock == whole => format!("`{name}` is a copy of the caller's `{whole}`"),
            false => format!("`{name}` is a copy of the caller's `{whole}`, and with it of its `{lock}`"),
        };
        let at = Span::new(cx.span(ty).start, cx.span(ty).start);
        cx.report(ty, message)
            .note("a copied lock keeps nobody out: both sides go on as if alone")
            .fix("Take a pointer", [(at, "*".to_owned())]);
    }
}

/// What a variable gets, or a function returns. A local that is returned may never have been locked.
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
        _ => {}
    }
}

/// Arguments. A builtin such as `len` looks without copying, a conversion is for its own place to judge.
fn check_call(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    if matches!(cx.store.under(cx.ty(fun)), Type::Signature(_)) && !cx.is_type_expr(fun) {
        cx.exprs(args).iter().for_each(|&arg| check_copy(cx, arg));
    }
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
    if let Some(lock) = lock_in(cx, cx.ty(value)) {
        cx.examined();
        let text = cx.source(value);
        cx.report(value, format!("`{text}` is copied here, and with it its `{lock}`"))
            .note("copy the data without the lock, or hand out a pointer");
    }
}

fn check_range(cx: &mut Cx, range: StmtId) {
    let Stmt::Range { value: Some(value), .. } = cx.stmt(range) else { return };
    if let Some(lock) = lock_in(cx, cx.ty(value)) {
        cx.examined();
        let name = cx.source(value);
        cx.report(value, format!("each `{name}` is a copy of an element, and with it of its `{lock}`"))
            .note("range over the index and take a pointer to the element");
    }
}
