//! A lock is passed by value, so each copy locks for itself.
//!
//! A mutex, wait group, once or atomic must not be copied after its first use (package `sync`): the copy has its own
//! state. A method with a value receiver locks a mutex that nobody else has, and a `WaitGroup` handed over by value is
//! never done for the one who waits. Pass a pointer.
//!
//! Other copies by assignment and `range`, and types of other files and packages that hold a lock, come with types.
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
//! func (r *Registry) Add() {}
//! ```
use std::collections::BTreeMap;

use gopeer_lint::prelude::*;
use gopeer_syntax::Tree;

pub static RULE: Rule = Rule {
    id: "concurrency/copied-lock",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 2)],
    equivalents: &["vet:copylocks", "revive:waitgroup-by-value", "semgrep:sync-mutex-value-copied"],
    fix: FixKind::Suggested,
    needs: Needs::Syntax,
    hooks: &[Hook::File(check)],
    file: file!(),
};

/// The struct types of the file that hold a lock by value, and which one.
type Holders<'a> = BTreeMap<&'a str, &'a str>;

fn check(cx: &mut FileCx) {
    let mut holders = Holders::new();
    // A struct may hold a lock through another one that is declared later: look until nothing is new.
    loop {
        let before = holders.len();
        for piece in cx.pieces {
            let qualified = |ty| piece.names.qualified(&piece.tree, &cx.file.scope, ty).is_some_and(is_lock);
            gather(&piece.tree, &qualified, &mut holders);
        }
        if holders.len() == before {
            break;
        }
    }
    cx.each_piece(|cx| {
        let tree = cx.tree;
        for (id, decl) in tree.all_decls() {
            if let Decl::Func { recv, .. } = decl {
                check_fields(cx, recv, &holders, true);
            }
            if let Decl::Func { ty, .. } = decl
                && cx.tree.parent(id).is_none()
            {
                check_params(cx, ty, &holders);
            }
        }
        for (id, stmt) in tree.all_stmts() {
            match stmt {
                Stmt::Return(results) => check_return(cx, id, results, &holders),
                Stmt::Assign { op: AssignOp::Define, rhs, .. } => {
                    cx.exprs(rhs).iter().for_each(|&value| check_dereference(cx, value, &holders));
                }
                _ => {}
            }
        }
        for (_, expr) in tree.all_exprs() {
            if let Expr::FuncLit { ty, .. } = expr {
                check_params(cx, ty, &holders);
            }
        }
    });
}

fn is_lock(name: Qualified) -> bool {
    match name.path {
        "sync" => matches!(name.name, "Mutex" | "RWMutex" | "WaitGroup" | "Once" | "Cond" | "Pool" | "Map"),
        "sync/atomic" => {
            matches!(name.name, "Bool" | "Int32" | "Int64" | "Uint32" | "Uint64" | "Uintptr" | "Pointer" | "Value")
        }
        _ => false,
    }
}

fn gather<'a>(tree: &'a Tree, is_lock: &dyn Fn(ExprId) -> bool, holders: &mut Holders<'a>) {
    for &root in tree.roots() {
        let Decl::Group { kind: GroupKind::Type, specs, .. } = tree.decl(root) else { continue };
        for &spec in tree.decls(specs) {
            let Decl::Type { name, ty, .. } = tree.decl(spec) else { continue };
            let Expr::StructType { fields } = tree.expr(ty) else { continue };
            let lock = tree.fields(fields).iter().find_map(|&field| {
                let ty = tree.field(field).ty;
                match is_lock(ty) {
                    true => Some(tree.source(ty)),
                    false => holders.get(tree.source(ty)).copied(),
                }
            });
            if let Some(lock) = lock {
                holders.entry(tree.source(name)).or_insert(lock);
            }
        }
    }
}

/// `return s.stats` where the result is declared as a type that holds a lock.
fn check_return(cx: &mut Cx, stmt: StmtId, results: ExprList, holders: &Holders) {
    let Some(value) = cx.only(results) else { return };
    if !matches!(cx.expr(value), Expr::Selector { .. } | Expr::Star(_) | Expr::Index { .. }) {
        return;
    }
    let Some(func) = cx.enclosing_func(stmt) else { return };
    let Expr::FuncType { results, .. } = cx.expr(func.ty) else { return };
    if let &[(_, ty)] = cx.params(results).as_slice()
        && let Some(lock) = held(cx, ty, holders)
    {
        report_copy(cx, value, lock);
    }
}

/// `c := *counter` where `counter` is declared as a pointer to a type that holds a lock.
fn check_dereference(cx: &mut Cx, value: ExprId, holders: &Holders) {
    let Expr::Star(pointer) = cx.expr(value) else { return };
    if let Some(LocalType { ty, pointer: true }) = cx.local_type(pointer)
        && let Some(lock) = held(cx, ty, holders)
    {
        report_copy(cx, value, lock);
    }
}

fn report_copy(cx: &mut Cx, value: ExprId, lock: &str) {
    cx.examined();
    let text = cx.source(value);
    cx.report(value, format!("`{text}` is copied here, and with it its `{lock}`"))
        .note("copy the data without the lock, or hand out a pointer");
}

/// The lock that a type of this file holds.
fn held<'a>(cx: &Cx, ty: ExprId, holders: &Holders<'a>) -> Option<&'a str> {
    let known = cx.expr(ty) == Expr::Ident && matches!(cx.def(ty), Def::Package(_));
    known.then(|| holders.get(cx.source(ty)).copied()).flatten()
}

fn check_params(cx: &mut Cx, ty: ExprId, holders: &Holders) {
    if let Expr::FuncType { params, .. } = cx.expr(ty) {
        check_fields(cx, params, holders, false);
    }
}

fn check_fields(cx: &mut Cx, fields: FieldList, holders: &Holders, receiver: bool) {
    for (name, ty) in cx.params(fields) {
        let held = match cx.expr(ty) {
            Expr::Selector { .. } | Expr::Index { .. } => {
                cx.qualified(ty).filter(|name| is_lock(*name)).map(|_| (cx.source(ty), true))
            }
            _ => held(cx, ty, holders).map(|lock| (lock, false)),
        };
        let Some((lock, direct)) = held else { continue };
        cx.examined();
        let whole = cx.source(ty);
        let name = name.map_or("it", |name| cx.source(name));
        let message = match (receiver, direct) {
            (true, _) => format!("the receiver `{name}` is a copy of `{whole}`, and with it of its `{lock}`"),
            (false, true) => format!("`{name}` is a copy of the caller's `{whole}`"),
            (false, false) => format!("`{name}` is a copy of the caller's `{whole}`, and with it of its `{lock}`"),
        };
        let at = Span::new(cx.span(ty).start, cx.span(ty).start);
        cx.report(ty, message)
            .note("a copied lock keeps nobody out: both sides go on as if alone")
            .fix("Take a pointer", [(at, "*".to_owned())]);
    }
}
