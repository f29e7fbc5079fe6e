//! Names that are declared twice, and constants without values: what is wrong with declarations before any type is looked at
//! (Go spec, "Declarations and scope", "Uniqueness of identifiers", "Constant declarations").

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use gopeer_syntax::ast::{
    Decl, DeclId, DeclList, Expr, ExprId, ExprList, FieldList, GroupKind, Node, Stmt, StmtId, StmtList,
};

use super::Checker;
use super::source::receiver_base;
use crate::ErrorCode;

/// Declarations of the whole piece.
impl Checker<'_> {
    /// Looks at the names that the piece declares for the package, at its constants and types.
    pub(crate) fn declared_names(&mut self) {
        if !self.is_whole() {
            return;
        }
        // Pasted code may show two forms of one thing.
        if !self.scope.is_fragment() {
            self.tree.roots().iter().for_each(|&root| self.root_names(root));
        }
        for (_, decl) in self.tree.all_decls() {
            match decl {
                Decl::Group { kind: GroupKind::Const, specs, .. } => self.constant_counts(specs),
                Decl::Type { name, alias: false, .. } => self.recursive_type(name),
                _ => {}
            }
        }
        for (_, expr) in self.tree.all_exprs() {
            match expr {
                Expr::StructType { fields } => self.unique_names(fields, false),
                Expr::InterfaceType { elems } => self.unique_names(elems, true),
                _ => self.late(expr),
            }
        }
    }

    fn root_names(&self, root: DeclId) {
        let tree = self.tree;
        match tree.decl(root) {
            Decl::Func { recv, name, .. } if recv.is_empty() => self.package_name(name),
            Decl::Func { recv, name, .. } => {
                let (Some((base, _)), text) = (receiver_base(tree, recv), tree.source(name)) else { return };
                let base = tree.source(base);
                if text != "_" && self.package.has_method(base, text, name, self.at) {
                    self.error(name, ErrorCode::DuplicateDecl, format!("method {base}.{text} already declared"));
                }
            }
            Decl::Group { kind: GroupKind::Import, specs, .. } => self.import_names(specs),
            Decl::Group { specs, .. } => {
                for &spec in tree.decls(specs) {
                    match tree.decl(spec) {
                        Decl::Value { names, .. } => tree.exprs(names).iter().for_each(|&name| self.package_name(name)),
                        Decl::Type { name, .. } => self.package_name(name),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn package_name(&self, ident: ExprId) {
        let name = self.tree.source(ident);
        if name == "_" || name == "init" {
            return;
        }
        let mut imports = self.scope.named(name);
        let mut import = || imports.find(|import| !self.is_guessed(import));
        let message = if self.package.has_name(name, ident, self.at) {
            format!("{name} redeclared in this block")
        } else if let Some(import) = import() {
            format!("{name} already declared through import of \"{}\"", import.path)
        } else {
            return;
        };
        self.error(ident, ErrorCode::DuplicateDecl, message);
    }

    fn import_names(&self, specs: DeclList) {
        let mut seen = HashSet::new();
        for &spec in self.tree.decls(specs) {
            let Decl::Import { name: ident, path } = self.tree.decl(spec) else { continue };
            let text = self.tree.source(path).trim_matches(['"', '`']);
            let Some(name) = ident.map(|ident| self.tree.source(ident)).or_else(|| self.known_name(text)) else {
                continue;
            };
            if !seen.insert(name) && !matches!(name, "_" | ".") {
                let at = ident.unwrap_or(path);
                self.error(at, ErrorCode::DuplicateDecl, format!("{name} redeclared in this block"));
            }
        }
    }

    /// Each name needs a value; without any, a spec takes those of the spec before.
    fn constant_counts(&self, specs: DeclList) {
        let mut init = ExprList::EMPTY;
        for &spec in self.tree.decls(specs) {
            let Decl::Value { names, ty, values, .. } = self.tree.decl(spec) else { continue };
            if ty.is_some() || !values.is_empty() {
                init = values;
            }
            let (names, init) = (self.tree.exprs(names), self.tree.exprs(init));
            let (at, message) = match (names.get(init.len()), init.get(names.len())) {
                (Some(&name), _) => (name, format!("missing init expr for {}", self.tree.source(name))),
                (_, Some(&extra)) if !values.is_empty() => (extra, format!("extra init expr {}", self.text(extra))),
                _ => continue,
            };
            self.error(at, ErrorCode::AssignmentMismatch, message);
        }
    }

    /// The names of a struct's fields, or of an interface's methods; an interface may well embed one thing twice.
    fn unique_names(&self, fields: FieldList, interface: bool) {
        let mut seen: HashSet<&str> = HashSet::with_capacity(fields.len());
        let mut add = |ident: ExprId| {
            let name = self.tree.source(ident);
            if !seen.insert(name) && name != "_" {
                let message = if interface { format!("duplicate method {name}") } else { format!("{name} redeclared") };
                self.error(ident, ErrorCode::DuplicateDecl, message);
            }
        };
        for &field in self.tree.fields(fields) {
            let field = self.tree.field(field);
            match field.names.is_empty() {
                true if interface => {}
                true => self.embedded_ident(field.ty).into_iter().for_each(&mut add),
                false => self.tree.exprs(field.names).iter().for_each(|&ident| add(ident)),
            }
        }
    }
}

/// Declarations inside functions.
impl Checker<'_> {
    /// Reports what declarations of a block declare a second time; the names of a function's parameters belong to its body.
    pub(crate) fn redeclared(&self, block: StmtId, first: Option<StmtId>, list: StmtList) {
        let tree = self.tree;
        let declares = |&id: &StmtId| matches!(tree.stmt(id), Stmt::Decl(_));
        if !tree.stmts(list).iter().any(declares) {
            return;
        }
        let mut seen: HashMap<&str, ExprId> = HashMap::new();
        let mut add = |ident: ExprId| {
            let name = tree.source(ident);
            match seen.entry(name) {
                Entry::Occupied(other) if name != "_" => {
                    self.error(ident, ErrorCode::DuplicateDecl, format!("{name} redeclared in this block"));
                    // Which of the two is meant is not known, so neither is unused.
                    for ident in [ident, *other.get()] {
                        if let Some(local) = self.facts.borrow_mut().local_mut(ident) {
                            local.used = true;
                        }
                    }
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(new) => {
                    new.insert(ident);
                }
            }
        };
        for list in self.parameters_of(block) {
            let names = tree.fields(list).iter().flat_map(|&field| tree.exprs(tree.field(field).names));
            names.for_each(|&ident| add(ident));
        }
        first.iter().chain(tree.stmts(list)).for_each(|&id| self.each_declared(id, &mut add));
    }

    /// What the function declares whose body the block is.
    fn parameters_of(&self, block: StmtId) -> [FieldList; 4] {
        let tree = self.tree;
        let mut lists = [FieldList::EMPTY; 4];
        let ty = match tree.parent(block) {
            Some(Node::Decl(decl)) => match tree.decl(decl) {
                Decl::Func { recv, ty, .. } => {
                    lists[0] = recv;
                    tree.expr(ty)
                }
                _ => return lists,
            },
            Some(Node::Expr(lit)) => match tree.expr(lit) {
                Expr::FuncLit { ty, .. } => tree.expr(ty),
                _ => return lists,
            },
            _ => return lists,
        };
        if let Expr::FuncType { type_params, params, results } = ty {
            [lists[1], lists[2], lists[3]] = [type_params, params, results];
        }
        lists
    }
}
