//! What another version of a library may change. The index knows one version, and the code may be built with another,
//! whose functions take and give other things: no compile error is certain that rests on them. The module under review is
//! as it is known, and so is the standard library, but for code that asks for a newer Go.

use gopeer_lint::prelude::*;
use gopeer_sema::types::{PkgId, Type, TypeId};
use gopeer_syntax::Span;
use std::collections::HashSet;

/// Whether what the compiler says of this place rests on what is known of a library.
pub(super) fn rests_on_library(cx: &Cx, at: Span) -> bool {
    let holds = |node: Node| {
        let span = cx.span(node);
        span.start <= at.start && at.end <= span.end
    };
    let stmts = cx.tree.all_stmts().filter(|(_, stmt)| !matches!(stmt, Stmt::Block(_))).map(|(id, _)| Node::Stmt(id));
    let specs =
        cx.tree.all_decls().filter(|(_, decl)| !matches!(decl, Decl::Func { .. })).map(|(id, _)| Node::Decl(id));
    let Some(place) = stmts.chain(specs).filter(|&node| holds(node)).min_by_key(|&node| cx.span(node).len()) else {
        return false;
    };
    let mut search = Search { cx, seen: Vec::new(), types: HashSet::new() };
    // A field or method that is missing is missed in what stands before the dot, whatever is done with it.
    let selected = |(_, expr)| match expr {
        Expr::Selector { base, name } => (cx.span(name) == at).then_some(base),
        _ => None,
    };
    if let Some(base) = cx.tree.all_exprs().find_map(selected) {
        return search.header(base.into());
    }
    let around = cx.tree.ancestors(place).take_while(|&node| cx.as_func(node).is_none());
    std::iter::once(place).chain(around).any(|node| search.header(node)) || search.results(place)
}

struct Search<'c, 'a> {
    cx: &'c Cx<'a>,
    /// Values that were looked into.
    seen: Vec<ExprId>,
    /// Types that were looked into.
    types: HashSet<TypeId>,
}

impl Search<'_, '_> {
    /// Looks into a node, but not into the statements in it.
    fn header(&mut self, root: Node) -> bool {
        if matches!(root, Node::Stmt(stmt) if matches!(self.cx.stmt(stmt), Stmt::Block(_))) {
            return false;
        }
        let (cx, mut found) = (self.cx, false);
        cx.tree.walk(root, &mut |node| {
            found = found || matches!(node, Node::Expr(id) if self.expr(id));
            !found && (node == root || !matches!(node, Node::Stmt(_)))
        });
        found
    }

    /// What a `return` gives must fit the results of its function.
    fn results(&mut self, place: Node) -> bool {
        let returns = matches!(place, Node::Stmt(stmt) if matches!(self.cx.stmt(stmt), Stmt::Return(_)));
        returns && self.cx.enclosing_func(place).is_some_and(|func| self.header(func.ty.into()))
    }

    fn expr(&mut self, id: ExprId) -> bool {
        let cx = self.cx;
        let of_library = |path: &str| may_differ(cx, cx.store.add_package(path));
        if cx.qualified(id).is_some_and(|name| of_library(name.path)) || self.ty(cx.ty(id)) {
            return true;
        }
        match (cx.expr(id), cx.under(id)) {
            // A local has what it got, in whatever statement that was.
            (Expr::Ident, _) => cx.origin(id).is_some_and(|(value, _)| {
                let new = !self.seen.contains(&value);
                self.seen.push(value);
                new && self.header(value.into())
            }),
            (Expr::Composite { .. }, Type::Struct(fields)) => fields.fields.iter().any(|field| self.ty(field.ty)),
            _ => false,
        }
    }

    /// Whether a type is written with one of a library, or takes methods from one.
    fn ty(&mut self, ty: TypeId) -> bool {
        let store = self.cx.store;
        let mut waiting = vec![ty];
        while let Some(next) = waiting.pop() {
            // Types may hold one another many times over.
            if !self.types.insert(next) {
                continue;
            }
            match store.get(next) {
                Type::Pointer(elem) | Type::Slice(elem) | Type::Array { elem, .. } | Type::Chan { elem, .. } => {
                    waiting.push(elem);
                }
                Type::Map { key, value } => waiting.extend([key, value]),
                Type::Tuple(types) => waiting.extend(&*types),
                Type::Signature(sig) => waiting.extend(sig.params.iter().chain(&*sig.results)),
                Type::Struct(fields) => {
                    waiting.extend(fields.fields.iter().filter(|field| field.embedded).map(|field| field.ty));
                }
                Type::Interface(interface) => waiting.extend(&*interface.embeds),
                Type::Named(named, _) if may_differ(self.cx, store.named(named).pkg) => return true,
                Type::Named(named, args) => {
                    waiting.extend(&*args);
                    waiting.push(store.named(named).underlying);
                }
                _ => {}
            }
        }
        false
    }
}

fn may_differ(cx: &Cx, package: PkgId) -> bool {
    cx.store.is_library(package) || cx.file.newer_go && cx.store.is_std(package)
}
