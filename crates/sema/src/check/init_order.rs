//! Variables and constants whose values need themselves (Go spec, "Package initialization").

use std::rc::Rc;

use gopeer_syntax::ast::{Decl, Expr, ExprId, Node};

use super::Package;
use super::late::cycle_message;
use super::package::At;
use crate::facts::SelectionKind;
use crate::types::{NamedId, ObjId, Symbol};
use crate::{ErrorCode, ObjectKind};

/// More values that may need themselves are not looked into.
const MAX_SEARCHES: usize = 100;

/// The methods of the package by receiver and name, sorted.
type Methods = Vec<(NamedId, Symbol, usize)>;

/// What refers to others, by number: first the package-level objects by their ids, then the methods.
impl Package<'_> {
    /// Reports variables and constants whose values need themselves. Gives the pieces with the functions that values need:
    /// what is in them decides, too.
    pub(crate) fn initialization(&self) -> Vec<At> {
        let references = self.references();
        let open = leading_back(&references);
        let mut told = Vec::new();
        let values = self.values().filter(|&id| open.get(id.index()).is_some_and(|&open| open > 0));
        for id in values.take(MAX_SEARCHES) {
            if told.contains(&id.index()) {
                continue;
            }
            let Some(cycle) = path_back(&references, &open, id.index()) else { continue };
            let names: Vec<Rc<str>> = cycle.iter().map(|&item| self.item_name(item)).collect();
            if let (Some(entry), Some(site)) = (self.entries.get(&id), self.store.object(id).site) {
                let message = cycle_message("initialization cycle", " for", &names);
                self.check(entry.at, |checker| checker.error(site.ident, ErrorCode::InvalidInitCycle, message));
            }
            told.extend(cycle);
        }
        let needed = references.iter().enumerate().filter(|(_, to)| to.is_some());
        needed.filter_map(|(item, _)| self.function(item)).map(|(at, _)| at).collect()
    }

    fn values(&self) -> impl Iterator<Item = ObjId> {
        let value = |id: &ObjId| matches!(self.store.object(*id).kind, ObjectKind::Var | ObjectKind::Const);
        self.entries.keys().copied().filter(value)
    }

    fn first_method(&self) -> usize {
        self.entries.keys().next_back().map_or(0, |last| last.index() + 1)
    }

    fn item_name(&self, item: usize) -> Rc<str> {
        match item.checked_sub(self.first_method()) {
            Some(method) => self.methods.get(method).map_or("", |method| method.name).into(),
            None => self.store.text(self.store.object(ObjId(item as u32)).name),
        }
    }

    /// Of each item that values need, what it refers to.
    fn references(&self) -> Vec<Option<Vec<usize>>> {
        let mut methods: Methods = Vec::new();
        for (index, method) in self.methods.iter().enumerate() {
            if let Some(named) = self.receiver_type(method) {
                methods.push((named, self.store.symbol(method.name), self.first_method() + index));
            }
        }
        gopeer_syntax::sort::sort_by_key(&mut methods, |method| *method);
        let mut found = vec![None; self.first_method() + self.methods.len()];
        let mut waiting: Vec<usize> = self.values().map(ObjId::index).collect();
        while let Some(item) = waiting.pop() {
            if let Some(slot @ None) = found.get_mut(item) {
                let to = self.refers_to(item, &methods);
                waiting.extend(&to);
                *slot = Some(to);
            }
        }
        found
    }

    /// The piece and the body of a function or method.
    fn function(&self, item: usize) -> Option<(At, Node)> {
        let (at, decl) = match item.checked_sub(self.first_method()) {
            Some(method) => self.methods.get(method).map(|method| (method.at, method.decl))?,
            None => self.entries.get(&ObjId(item as u32)).map(|entry| (entry.at, entry.decl))?,
        };
        match self.piece(at)?.0.decl(decl) {
            Decl::Func { body, .. } => Some((at, body?.into())),
            _ => None,
        }
    }

    fn refers_to(&self, item: usize, methods: &Methods) -> Vec<usize> {
        let mut to = Vec::new();
        let value = || {
            let entry = self.entries.get(&ObjId(item as u32))?;
            let tree = self.piece(entry.at)?.0;
            let (Decl::Value { names, .. }, Decl::Value { values, .. }) =
                (tree.decl(entry.decl), tree.decl(entry.init))
            else {
                return None;
            };
            let index = if names.len() == values.len() { entry.index } else { 0 };
            Some((entry.at, tree.exprs(values).get(index).copied()?.into()))
        };
        let Some((at, node)) = self.function(item).or_else(value) else { return to };
        self.check(at, |checker| {
            let facts = checker.facts.borrow();
            let mut refers = |id: ExprId| match checker.tree.expr(id) {
                Expr::Ident => {
                    let object = facts.object(id).filter(|id| self.entries.contains_key(id));
                    to.extend(object.filter(|&id| self.store.object(id).kind != ObjectKind::Type).map(ObjId::index));
                }
                Expr::Selector { name, .. } => {
                    if let Some(selection) = facts.selection(id).filter(|of| of.kind != SelectionKind::Field)
                        && let Some(owner) = selection.owner
                    {
                        let key = (owner, self.store.symbol(checker.tree.source(name)));
                        let at = methods.partition_point(|&(named, name, _)| (named, name) < key);
                        let method = methods.get(at).filter(|&&(named, name, _)| (named, name) == key);
                        to.extend(method.map(|&(.., method)| method));
                    }
                }
                _ => {}
            };
            checker.tree.walk(node, &mut |node| {
                if let Node::Expr(id) = node {
                    refers(id);
                }
                true
            });
        });
        to
    }
}

fn next_of(references: &[Option<Vec<usize>>], item: usize) -> &[usize] {
    references.get(item).and_then(Option::as_deref).unwrap_or_default()
}

/// By item: to how many it refers from which the way may lead back.
fn leading_back(references: &[Option<Vec<usize>>]) -> Vec<usize> {
    let mut open: Vec<usize> = (0..references.len()).map(|item| next_of(references, item).len()).collect();
    let mut users = vec![Vec::new(); references.len()];
    for item in 0..references.len() {
        for &to in next_of(references, item) {
            users.get_mut(to).into_iter().for_each(|users: &mut Vec<usize>| users.push(item));
        }
    }
    let mut done: Vec<usize> = (0..open.len()).filter(|&item| open.get(item) == Some(&0)).collect();
    while let Some(item) = done.pop() {
        for &user in users.get(item).into_iter().flatten() {
            if let Some(left) = open.get_mut(user) {
                *left -= 1;
                if *left == 0 {
                    done.push(user);
                }
            }
        }
    }
    open
}

/// The shortest way from an item to itself.
fn path_back(references: &[Option<Vec<usize>>], open: &[usize], start: usize) -> Option<Vec<usize>> {
    let mut from = vec![None; references.len()];
    let mut queue = vec![start];
    let mut next = 0;
    while let Some(&at) = queue.get(next) {
        next += 1;
        for &to in next_of(references, at).iter().filter(|&&to| open.get(to) != Some(&0)) {
            if to == start {
                let mut path = vec![at];
                while let Some(&Some(before)) = path.last().and_then(|&last| from.get(last)) {
                    path.push(before);
                }
                path.reverse();
                return Some(path);
            }
            if let Some(slot @ None) = from.get_mut(to) {
                *slot = Some(at);
                queue.push(to);
            }
        }
    }
    None
}
