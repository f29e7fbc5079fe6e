//! A lock is passed by value, so each copy locks for itself.
//!
//! A mutex, wait group, once or atomic must not be copied after its first use (package `sync`): the copy has its own
//! state. A method with a value receiver locks a mutex that nobody else has, and a `WaitGroup` handed over by value is
//! never done for the one who waits. Pass a pointer.
//!
//! Copies by assignment and `range`, and types of other files and packages that hold a lock, come with types.
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
        for (id, decl) in cx.tree.all_decls() {
            if let Decl::Func { recv, .. } = decl {
                check_fields(cx, recv, &holders, true);
            }
            if let Decl::Func { ty, .. } = decl
                && cx.tree.parent(id).is_none()
            {
                check_params(cx, ty, &holders);
            }
        }
        for (_, expr) in cx.tree.all_exprs() {
            if let Expr::FuncLit { ty, .. } = expr {
                check_params(cx, ty, &holders);
            }
        }
    });
}

fn is_lock(name: Qualified) -> bool {
    match name.path {
        "sync" => matches!(name.name, "Mutex" | "RWMutex" | "WaitGroup" | "Once" | "Cond" | "Pool" | "Map"),
        "sync/atomic" => matches!(name.name, "Bool" | "Int32" | "Int64" | "Uint32" | "Uint64" | "Uintptr" | "Pointer" | "Value"),
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
            Expr::Ident if matches!(cx.def(ty), Def::Package(_)) => holders.get(cx.source(ty)).map(|lock| (*lock, false)),
            _ => None,
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
