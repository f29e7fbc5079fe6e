//! What another version of a library may change. The index knows one version, and the code may be built with another,
//! whose functions take and give other things: no compile error is certain that rests on them. The module under review is
//! as it is known, and so is the standard library, but for code that asks for a newer Go.

use gopeer_lint::prelude::*;
use gopeer_sema::types::{PkgId, Type, TypeId};
use gopeer_syntax::Span;
use std::collections::HashSet;

/// Whether what the compiler says of this place rests on what is known of a library.
pub(super) fn rests_on_library(cx: &Cx, at: Span) -> bool {
    let Some(place) = place_of(cx, at) else { return false };
    let mut search = Search { cx, seen: Vec::new(), types: HashSet::new() };
    // A field or method that is missing is missed in what stands before the dot, whatever is done with it.
    if let Some((_, base)) = selector_of(cx, at) {
        return search.header(base.into());
    }
    let around = cx.tree.ancestors(place).take_while(|&node| cx.as_func(node).is_none());
    std::iter::once(place).chain(around).any(|node| cx.once(node, resting_header).is_some()) || search.results(place)
}

/// The node, if what stands in it rests on a library, statements in it left out. A `switch` is asked for each of its clauses.
fn resting_header(cx: &Cx, node: Node) -> Option<Node> {
    Search { cx, seen: Vec::new(), types: HashSet::new() }.header(node).then_some(node)
}

/// The innermost statement or spec that holds a span.
fn place_of(cx: &Cx, at: Span) -> Option<Node> {
    let is_place = |cx: &Cx, node: Node| match node {
        Node::Stmt(id) => !matches!(cx.stmt(id), Stmt::Block(_)),
        Node::Decl(id) => !matches!(cx.decl(id), Decl::Func { .. }),
        _ => false,
    };
    let root = cx.tree.roots().iter().copied().find(|&root| cx.span(root).contains(at))?;
    let places = cx.within(root, true, is_place);
    // What holds the span is the last that begins before it, or stands around that.
    let last = *places.get(places.partition_point(|&node| cx.span(node).start <= at.start).checked_sub(1)?)?;
    let mut around = std::iter::once(last).chain(cx.tree.ancestors(last)).filter(|&node| is_place(cx, node));
    let inner = around.find(|&node| cx.span(node).contains(at))?;
    // A declaration among statements is one of them.
    let same = around.next().filter(|&outer| matches!(outer, Node::Stmt(_)) && cx.span(outer) == cx.span(inner));
    Some(same.filter(|_| matches!(inner, Node::Decl(_))).unwrap_or(inner))
}

/// The selector that a span is the name of, and what stands before its dot.
pub(super) fn selector_of(cx: &Cx, at: Span) -> Option<(ExprId, ExprId)> {
    let root = cx.tree.roots().iter().copied().find(|&root| cx.span(root).contains(at))?;
    let is_ident = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident);
    let idents = cx.within(root, true, is_ident);
    let first = idents.partition_point(|&ident| cx.span(ident).start < at.start);
    let here = idents.iter().skip(first).take_while(|&&ident| cx.span(ident).start == at.start);
    here.into_iter().find_map(|&ident| match (ident, cx.tree.parent(ident)?) {
        (Node::Expr(ident), Node::Expr(selector)) if cx.span(ident) == at => match cx.expr(selector) {
            Expr::Selector { base, name } => (name == ident).then_some((selector, base)),
            _ => None,
        },
        _ => None,
    })
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
        if cx.object(id).is_some_and(|name| of_library(name.path)) || self.ty(cx.ty(id)) {
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
    cx.store.is_library(package) || cx.file.asks_for_newer_go() && cx.store.is_std(package)
}
