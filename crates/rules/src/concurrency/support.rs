//! Locks: what must not be copied, and calls that lock.

use std::collections::HashSet;

use gopeer_lint::Spot;
use gopeer_lint::prelude::*;

/// What must not be copied.
pub(super) enum Part {
    /// A lock or an atomic, as code writes its type.
    Lock(String),
    /// A mark that makes `go vet` warn, such as `noCopy`, and no lock: with the type that it marks.
    Mark(Option<String>),
}

/// What copying a value of the type copies that must not be. In tests, messages in tables are copied without harm.
pub(super) fn judged(cx: &Cx, ty: TypeId) -> Option<Part> {
    find(cx, ty, &mut HashSet::new(), 0).filter(|part| !matches!(part, Part::Mark(_)) || !cx.file.is_test())
}

/// Looks at each type once, however many fields have it.
fn find(cx: &Cx, ty: TypeId, seen: &mut HashSet<TypeId>, depth: u32) -> Option<Part> {
    const DEEP: u32 = 8;
    if depth == DEEP || seen.contains(&ty) {
        return None;
    }
    let inner = depth + 1;
    match cx.store.get(ty) {
        Type::Named(..) => part(cx, ty).or_else(|| {
            seen.insert(ty);
            let found = find(cx, cx.store.underlying(ty), seen, inner)?;
            Some(if matches!(found, Part::Mark(None)) && !is_protobuf(cx, ty) {
                Part::Mark(Some(cx.store.show(ty)))
            } else {
                found
            })
        }),
        Type::Struct(of) => of.fields.iter().find_map(|field| find(cx, field.ty, seen, inner)),
        // An array without elements is how protobuf marks its messages.
        Type::Array { elem, len } => {
            find(cx, elem, seen, inner).map(|part| if len == Some(0) { Part::Mark(None) } else { part })
        }
        _ => None,
    }
}

/// What a defined type itself is: a type of `sync` or `sync/atomic` with a state of its own, one of another package that
/// keeps such a thing inside, or a struct without fields that has the methods of a lock.
fn part(cx: &Cx, ty: TypeId) -> Option<Part> {
    let Type::Struct(of) = cx.store.under(ty) else { return None };
    let path = cx.type_path(ty).unwrap_or_default();
    if matches!(path, "sync" | "sync/atomic") {
        return Some(Part::Lock(cx.store.show(ty)));
    }
    if of.hidden.is_some_and(|hidden| hidden.no_copy) {
        return Some(if is_protobuf(cx, ty) { Part::Mark(None) } else { Part::Lock(cx.store.show(ty)) });
    }
    let marks = of.fields.is_empty() && has_few_methods(cx, ty) && cx.declared_method(ty, &["Lock"]) == Some(true);
    marks.then_some(Part::Mark(None))
}

/// A mark has `Lock` and `Unlock`. To search the methods of a type once for each of their receivers would be a square.
fn has_few_methods(cx: &Cx, ty: TypeId) -> bool {
    matches!(cx.store.get(ty), Type::Named(named, _) if cx.store.named(named).methods.len() <= 2)
}

fn is_protobuf(cx: &Cx, ty: TypeId) -> bool {
    cx.type_path(ty).is_some_and(|path| path.starts_with("google.golang.org/protobuf/"))
}

/// What goes wrong with a copy, by the type of the lock.
pub(super) fn consequence(lock: &str) -> &'static str {
    match lock {
        "sync.Mutex" | "sync.RWMutex" => "a copied lock keeps nobody out: each side locks its own",
        "sync.WaitGroup" => "`Done` on the copy is not counted by the original, whose `Wait` then blocks forever",
        "sync.Once" => "the copy runs the function once more",
        _ if lock.starts_with("atomic.") => "what one side stores, the other never sees",
        _ => "the copy has a state of its own, of which the original knows nothing",
    }
}

/// Whether a local of this function is copied where it is used last, and nobody else can have got hold of it: what goes on
/// to be used is the copy.
pub(super) fn is_moved(cx: &Cx, value: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(cx.unparen(value)) else { return false };
    let home = cx.enclosing_func(declaring);
    let shares = |used: ExprId| {
        let address =
            |node| matches!(node, Some(Node::Expr(id)) if matches!(cx.expr(id), Expr::Unary { op: UnaryOp::Addr, .. }));
        cx.enclosing_func(used) != home || address(cx.tree.parent(used))
    };
    let once = cx.enclosing_loop(value) == cx.enclosing_loop(declaring);
    !cx.declares_parameter(declaring)
        && once
        && cx.names.uses(declaring).last() == Some(cx.unparen(value))
        && !cx.names.uses(declaring).any(shares)
}

/// `fresh := *f` before `fresh.root = root`: a new value, made from an old one.
pub(super) fn is_adapted(cx: &Cx, copied: ExprId) -> bool {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(copied) else { return false };
    let Stmt::Assign { lhs, op: AssignOp::Define, .. } = cx.stmt(stmt) else { return false };
    let (Some(fresh), Some(next)) = (cx.only(lhs), cx.next_stmt(stmt)) else { return false };
    let Stmt::Assign { lhs, .. } = cx.stmt(next) else { return false };
    let of_fresh = |field| matches!(cx.expr(field), Expr::Selector { base, .. } if cx.def(base) == cx.def(fresh));
    cx.only(lhs).is_some_and(of_fresh)
}

/// `fresh := *f` before `fresh.mu = sync.Mutex{}`, also by a pointer to it: the copy has a lock of its own.
pub(super) fn gets_new_lock(cx: &Cx, copied: ExprId) -> bool {
    const FAR: usize = 6;
    let Some(Node::Stmt(stmt)) = cx.tree.parent(copied) else { return false };
    let Stmt::Assign { lhs, op: AssignOp::Define, .. } = cx.stmt(stmt) else { return false };
    let Some(fresh) = cx.only(lhs).map(|fresh| cx.def(fresh)) else { return false };
    let is_copy = |of: ExprId| {
        let pointer = cx.initial_value(of).map(|value| cx.expr(cx.unparen(value)));
        cx.def(of) == fresh
            || matches!(pointer, Some(Expr::Unary { op: UnaryOp::Addr, operand }) if cx.def(operand) == fresh)
    };
    let renews = |stmt: &StmtId| match cx.stmt(*stmt) {
        Stmt::Assign { lhs, op: AssignOp::Assign, rhs } => {
            let field = cx.only(lhs).is_some_and(
                |field| matches!(cx.expr(field), Expr::Selector { base, .. } if is_copy(cx.unparen(base))),
            );
            let lock = |value: ExprId| {
                matches!(cx.expr(value), Expr::Composite { .. }) && cx.type_path(cx.ty(value)) == Some("sync")
            };
            field && cx.only(rhs).is_some_and(lock)
        }
        _ => false,
    };
    cx.stmts_after(stmt).iter().take(FAR).any(renews)
}

/// The lock and the method of a call, as they are written. Unlike [`Cx::lock_call`], which says which lock it is, this also reads a
/// fragment, where a field whose type is not known is taken for a mutex, and leaves out types other than those of `sync`.
pub(super) fn lock_call<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(ExprId, &'a str)> {
    let (lock, method @ ("Lock" | "RLock" | "Unlock" | "RUnlock"), []) = cx.method_call(call)? else { return None };
    let is_mutex = match cx.callee(call) {
        Some(callee) => callee.path == "sync",
        None => cx.file.scope.is_fragment() && matches!(cx.expr(lock), Expr::Selector { .. }),
    };
    is_mutex.then_some((lock, method))
}

/// The expression that a call calls.
pub(super) fn callee(cx: &Cx, call: ExprId) -> ExprId {
    match cx.expr(call) {
        Expr::Call { fun, .. } => fun,
        _ => call,
    }
}

/// Whether a call locks or unlocks in the statement directly after one that locks: ineffective-lock reports that.
pub(super) fn is_next(cx: &Cx, first: Call, second: ExprId) -> bool {
    let next = cx.enclosing_stmt(first.expr).and_then(|stmt| cx.next_stmt(stmt));
    next.is_some_and(|next| cx.enclosing_stmt(second) == Some(next) && cx.lock_call(second).is_some())
}

/// The methods that lock, or wait until they can.
pub(super) const LOCKS: &[&str] = &["sync.Locker.Lock", "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock"];

/// The functions of some places in a sentence: `Add`, `Drop` and `Get`.
pub(super) fn in_words(spots: &[Spot]) -> String {
    let name = |(function, _): &Spot| format!("`{}`", function.rsplit('.').next().unwrap_or_default());
    let quoted: Vec<String> = spots.iter().map(name).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Whether the name of a method says that it ends the use of a value: `Close`, `Stop`, `Shutdown`.
pub(super) fn ends_use(name: &str) -> bool {
    const WORDS: &[&str] = &["close", "destroy", "dispose", "quit", "shutdown", "stop", "teardown", "terminate"];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.starts_with(word))
}
