//! Variables and constants whose values need themselves (Go spec, "Package initialization").

use gopeer_syntax::Tree;
use gopeer_syntax::ast::{Decl, Expr, ExprId, Node};

use super::Package;
use super::late::cycle_message;
use super::package::At;
use crate::facts::{Facts, SelectionKind};
use crate::types::{NamedId, ObjId, PkgId, Store, Symbol};
use crate::{ErrorCode, ObjectKind};

/// More values that may need themselves are not looked into.
const MAX_SEARCHES: usize = 100;

/// What code refers to: a package-level object, or a method by its receiver and name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reference {
    Object(ObjId),
    Method(NamedId, Symbol),
}

/// What functions of a piece refer to, if values of package-level variables need one.
pub(crate) type Needed = Vec<(At, Vec<Reference>)>;

/// What a piece refers to.
pub(crate) fn all_references(store: &Store, tree: &Tree, facts: &Facts) -> Vec<Reference> {
    tree.roots().iter().flat_map(|&root| references(store, tree, facts, root.into())).collect()
}

/// What code refers to at package level, types aside, in order.
fn references(store: &Store, tree: &Tree, facts: &Facts, node: Node) -> Vec<Reference> {
    let mut found = Vec::new();
    let of = |id: ExprId| match tree.expr(id) {
        Expr::Ident => {
            let id = facts.object(id)?;
            let object = store.object(id);
            (object.pkg == PkgId::SELF && object.kind != ObjectKind::Type).then_some(Reference::Object(id))
        }
        Expr::Selector { name, .. } => {
            let selection = facts.selection(id).filter(|of| of.kind != SelectionKind::Field)?;
            Some(Reference::Method(selection.owner?, store.symbol(tree.source(name))))
        }
        _ => None,
    };
    tree.walk(node, &mut |node| {
        if let Node::Expr(id) = node {
            found.extend(of(id));
        }
        true
    });
    found.sort_by_key(|reference| *reference);
    found.dedup();
    found
}

/// What refers to others, by number: first the package-level objects by their ids, then the methods.
impl Package<'_> {
    /// Reports variables and constants whose values need themselves. Gives what the functions refer to that
    /// values need: that decides, too.
    pub(crate) fn initialization(&self) -> Needed {
        let references = self.graph();
        let open = leading_back(&references);
        let mut told = Vec::new();
        let values = self.values().filter(|&id| open.get(id.index()).is_some_and(|&open| open > 0));
        for id in values.take(MAX_SEARCHES) {
            if told.contains(&id.index()) {
                continue;
            }
            let Some(cycle) = path_back(&references, &open, id.index()) else { continue };
            let names: Vec<&str> = cycle.iter().map(|&item| self.item_name(item)).collect();
            if let (Some(entry), Some(site)) = (self.entries.get(&id), self.store.object(id).site) {
                let message = cycle_message("initialization cycle", " for", &names);
                self.check(entry.at, |checker| checker.error(site.ident, ErrorCode::InvalidInitCycle, message));
            }
            told.extend(cycle);
        }
        let needed = references.iter().enumerate().filter(|(_, to)| to.is_some());
        let functions = needed.filter_map(|(item, _)| self.function(item));
        functions
            .map(|(at, _)| (at, self.with_facts(at, |tree, facts| all_references(self.store, tree, facts))))
            .collect()
    }

    fn with_facts<T: Default>(&self, at: At, f: impl FnOnce(&Tree, &Facts) -> T) -> T {
        let facts = self.facts.get(at.0 as usize).and_then(|file| file.get(at.1 as usize));
        match (self.piece(at), facts) {
            (Some((tree, _)), Some(facts)) => f(tree, &facts.borrow()),
            _ => T::default(),
        }
    }

    fn values(&self) -> impl Iterator<Item = ObjId> {
        let value = |id: &ObjId| matches!(self.store.object(*id).kind, ObjectKind::Var | ObjectKind::Const);
        self.entries.iter().map(|(&id, _)| id).filter(value)
    }

    fn first_method(&self) -> usize {
        self.entries.iter().next_back().map_or(0, |(last, _)| last.index() + 1)
    }

    fn item_name(&self, item: usize) -> &str {
        match item.checked_sub(self.first_method()) {
            Some(method) => self.methods.get(method).map_or("", |method| method.name),
            None => self.store.text(self.store.object(ObjId(item as u32)).name),
        }
    }

    /// Of each item that values need, what it refers to.
    fn graph(&self) -> Vec<Option<Vec<usize>>> {
        let first = self.first_method();
        let mut methods: Vec<(Reference, usize)> = Vec::new();
        for (index, method) in self.methods.iter().enumerate() {
            if let Some(named) = self.receiver_type(method) {
                methods.push((Reference::Method(named, self.store.symbol(method.name)), first + index));
            }
        }
        methods.sort_by_key(|method| *method);
        let item = |reference: Reference| match reference {
            Reference::Object(id) => Some(id.index()).filter(|&item| item < first),
            Reference::Method(..) => {
                let at = methods.partition_point(|(method, _)| *method < reference);
                methods.get(at).filter(|(method, _)| *method == reference).map(|(_, item)| *item)
            }
        };
        let mut found = vec![None; first + self.methods.len()];
        let mut waiting: Vec<usize> = self.values().map(ObjId::index).collect();
        while let Some(next) = waiting.pop() {
            if let Some(slot @ None) = found.get_mut(next) {
                let code = self.function(next).or_else(|| self.value(next)).filter(|(at, _)| self.is_whole(*at));
                let refers =
                    code.map(|(at, node)| self.with_facts(at, |tree, facts| references(self.store, tree, facts, node)));
                let to: Vec<usize> = refers.into_iter().flatten().filter_map(item).collect();
                waiting.extend(&to);
                *slot = Some(to);
            }
        }
        found
    }

    /// The piece and the expression that gives a constant or variable its value.
    fn value(&self, item: usize) -> Option<(At, Node)> {
        let entry = self.entries.get(&ObjId(item as u32))?;
        let tree = self.piece(entry.at)?.0;
        let (Decl::Value { names, .. }, Decl::Value { values, .. }) = (tree.decl(entry.decl), tree.decl(entry.init))
        else {
            return None;
        };
        let index = if names.len() == values.len() { entry.index } else { 0 };
        Some((entry.at, tree.exprs(values).get(index).copied()?.into()))
    }

    /// The piece and the body of a function or method.
    fn function(&self, item: usize) -> Option<(At, Node)> {
        let (at, decl) = match item.checked_sub(self.first_method()) {
            Some(method) => self.methods.get(method).and_then(|method| Some((method.at, self.method_decl(method)?)))?,
            None => self.entries.get(&ObjId(item as u32)).map(|entry| (entry.at, entry.decl))?,
        };
        match self.piece(at)?.0.decl(decl) {
            Decl::Func { body, .. } => Some((at, body?.into())),
            _ => None,
        }
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
