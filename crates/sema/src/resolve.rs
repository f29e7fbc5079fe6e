//! Name resolution: one walk over a tree with a stack of open scopes.

use std::collections::HashMap;

use gopeer_syntax::Tree;
use gopeer_syntax::ast::{AssignOp, Decl, DeclId, Expr, ExprId, ExprList, FieldList, Node, Stmt, StmtId, StmtList};

use crate::file_scope::has_host;
use crate::names::Def;
use crate::{FileScope, PackageScope, universe};

/// Walks one tree. Locals live in one stack; a scope is the stack's height when it was opened.
pub(crate) struct Resolver<'a> {
    tree: &'a Tree,
    file: &'a FileScope,
    package: &'a PackageScope,
    defs: Vec<Def>,
    keys: Vec<(ExprId, Def)>,
    locals: Vec<Local<'a>>,
    /// The innermost local of each name, by its place in `locals`.
    visible: HashMap<&'a str, usize>,
    scope: usize,
}

/// A local that is in scope, and the one of the same name that it shadows.
struct Local<'a> {
    name: &'a str,
    ident: ExprId,
    shadows: Option<usize>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(tree: &'a Tree, file: &'a FileScope, package: &'a PackageScope) -> Resolver<'a> {
        let defs = vec![Def::Unknown; tree.expr_count()];
        let (keys, locals, visible) = (Vec::new(), Vec::new(), HashMap::new());
        Resolver { tree, file, package, defs, keys, locals, visible, scope: 0 }
    }

    pub(crate) fn run(mut self) -> (Vec<Def>, Vec<(ExprId, Def)>) {
        for &root in self.tree.roots() {
            self.top(root);
        }
        self.keys.sort_by_key(|(key, _)| *key);
        (self.defs, self.keys)
    }

    fn top(&mut self, id: DeclId) {
        match self.tree.decl(id) {
            Decl::Package { .. } | Decl::Bad => {}
            Decl::Group { specs, .. } => self.tree.decls(specs).iter().for_each(|&spec| self.top(spec)),
            Decl::Func { recv, name, ty, body } => self.func_decl(recv, name, ty, body),
            Decl::Type { name, params, ty, .. } => {
                self.use_name(name);
                self.in_scope(|r| {
                    r.fields_declare(params);
                    r.expr(ty);
                });
            }
            Decl::Value { names, ty, values, .. } => {
                self.each(names, Self::use_name);
                ty.into_iter().for_each(|ty| self.expr(ty));
                self.each(values, Self::expr);
            }
            Decl::Stmts(stmts) => self.in_scope(|r| r.stmts(stmts)),
            Decl::Import { name, path } => name.into_iter().for_each(|name| self.import(name, path)),
        }
    }

    /// The name that an import is given refers to the package.
    fn import(&mut self, name: ExprId, path: ExprId) {
        let (text, path) = (self.tree.source(name), self.tree.source(path).trim_matches(['"', '`']));
        let index = self.file.index_of(text, path);
        if let (Some(index), Some(slot)) = (index, self.defs.get_mut(name.index())) {
            *slot = Def::Import(index as u32);
        }
    }

    fn func_decl(&mut self, recv: FieldList, name: ExprId, ty: ExprId, body: Option<StmtId>) {
        if recv.is_empty() {
            self.use_name(name);
        }
        self.in_scope(|r| {
            r.receiver_types(recv);
            r.signature(recv, ty);
            body.into_iter().for_each(|body| r.block_here(body));
        });
    }

    /// The receiver's type arguments, as in `func (l *List[T]) …`, declare type parameters.
    fn receiver_types(&mut self, recv: FieldList) {
        for &field in self.tree.fields(recv) {
            let field = self.tree.field(field);
            let mut ty = field.ty;
            while let Expr::Star(inner) | Expr::Paren(inner) = self.tree.expr(ty) {
                ty = inner;
            }
            if let Expr::Index { base, args } = self.tree.expr(ty) {
                self.expr(base);
                self.each(args, Self::declare);
            } else {
                self.expr(ty);
            }
        }
    }

    /// Receiver, parameters and results are in scope in the body only: `url *url.URL` names the package.
    fn signature(&mut self, recv: FieldList, ty: ExprId) {
        if let Expr::FuncType { type_params, params, results } = self.tree.expr(ty) {
            self.fields_declare(type_params);
            let tree = self.tree;
            let fields = || tree.fields(params).iter().chain(tree.fields(results)).map(|&field| tree.field(field));
            fields().for_each(|field| self.expr(field.ty));
            let named = tree.fields(recv).iter().map(|&field| tree.field(field)).chain(fields());
            named.for_each(|field| self.each(field.names, Self::declare));
        }
    }

    /// Type parameters may refer to each other, so their names come first.
    fn fields_declare(&mut self, fields: FieldList) {
        let tree = self.tree;
        for &field in tree.fields(fields) {
            self.each(tree.field(field).names, Self::declare);
        }
        for &field in tree.fields(fields) {
            self.expr(tree.field(field).ty);
        }
    }

    fn in_scope(&mut self, body: impl FnOnce(&mut Self)) {
        let (height, outer) = (self.locals.len(), self.scope);
        self.scope = height;
        body(self);
        while self.locals.len() > height
            && let Some(local) = self.locals.pop()
        {
            match local.shadows {
                Some(outer) => self.visible.insert(local.name, outer),
                None => self.visible.remove(local.name),
            };
        }
        self.scope = outer;
    }

    fn each(&mut self, list: ExprList, mut f: impl FnMut(&mut Self, ExprId)) {
        let tree = self.tree;
        tree.exprs(list).iter().for_each(|&id| f(self, id));
    }

    fn declare(&mut self, ident: ExprId) {
        if self.tree.expr(ident) != Expr::Ident {
            return self.expr(ident);
        }
        if let Some(def) = self.defs.get_mut(ident.index()) {
            *def = Def::Local(ident);
        }
        let name = self.tree.source(ident);
        if name != "_" {
            let shadows = self.visible.insert(name, self.locals.len());
            self.locals.push(Local { name, ident, shadows });
        }
    }

    /// `:=` declares a name unless the same scope has it already (Go spec, "Short variable declarations").
    fn define(&mut self, lhs: ExprId) {
        let declared = self.visible.get(self.tree.source(lhs)).is_some_and(|&at| at >= self.scope);
        if declared { self.expr(lhs) } else { self.declare(lhs) }
    }

    fn use_name(&mut self, ident: ExprId) {
        let name = self.tree.source(ident);
        let def = self.lookup(name);
        if let Some(slot) = self.defs.get_mut(ident.index()) {
            *slot = def;
        }
    }

    fn lookup(&self, name: &str) -> Def {
        if name == "_" {
            return Def::Unknown;
        }
        if let Some(local) = self.visible.get(name).and_then(|&at| self.locals.get(at)) {
            return Def::Local(local.ident);
        }
        // Both at once is an error, unless a build leaves one of them out, or the import's name is only guessed.
        let import = self.file.lookup(name).and_then(|index| Some((index, self.file.imports.get(index)?)));
        let sure = import.is_some_and(|(_, import)| import.given || !has_host(&import.path));
        match (self.package.lookup(name), import) {
            (Some(kind), _) if !sure => return Def::Package(kind),
            (_, Some((index, _))) => return Def::Import(index as u32),
            _ => {}
        }
        if universe::contains(name) {
            return Def::Universe;
        }
        if !self.file.is_fragment() {
            return Def::Unknown;
        }
        gopeer_api::implied_path(name).map_or(Def::Unknown, Def::Implied)
    }

    fn expr(&mut self, id: ExprId) {
        match self.tree.expr(id) {
            Expr::Ident => self.use_name(id),
            Expr::Selector { base, .. } => self.expr(base),
            Expr::Binary { .. } => self.operands(id),
            Expr::FuncLit { ty, body } => self.in_scope(|r| {
                r.signature(FieldList::EMPTY, ty);
                r.block_here(body);
            }),
            Expr::FuncType { .. } => self.in_scope(|r| r.signature(FieldList::EMPTY, id)),
            Expr::Composite { ty, elems } => self.composite(ty, elems),
            Expr::StructType { fields } | Expr::InterfaceType { elems: fields } => {
                let tree = self.tree;
                tree.fields(fields).iter().for_each(|&field| self.expr(tree.field(field).ty));
            }
            _ => {
                let tree = self.tree;
                tree.for_each_child(id, |child| {
                    if let Node::Expr(child) = child {
                        self.expr(child);
                    }
                });
            }
        }
    }

    /// `a + b + c + …` leans to the left as deep as it is long, so the spine is a loop.
    fn operands(&mut self, mut id: ExprId) {
        while let Expr::Binary { lhs, rhs, .. } = self.tree.expr(id) {
            self.expr(rhs);
            id = lhs;
        }
        self.expr(id);
    }

    /// A bare name before a colon is a field unless the literal is plainly a map, array or slice.
    fn composite(&mut self, ty: Option<ExprId>, elems: ExprList) {
        ty.into_iter().for_each(|ty| self.expr(ty));
        let plain = ty.is_some_and(|ty| matches!(self.tree.expr(ty), Expr::MapType { .. } | Expr::ArrayType { .. }));
        self.each(elems, |r, elem| match r.tree.expr(elem) {
            Expr::KeyValue { key, value } => {
                if plain || r.tree.expr(key) != Expr::Ident {
                    r.expr(key);
                } else {
                    let def = r.lookup(r.tree.source(key));
                    r.keys.push((key, def));
                }
                r.expr(value);
            }
            _ => r.expr(elem),
        });
    }

    fn stmts(&mut self, list: StmtList) {
        let tree = self.tree;
        tree.stmts(list).iter().for_each(|&id| self.stmt(id));
    }

    /// A block whose names belong to the scope that is already open, as a function's body.
    fn block_here(&mut self, block: StmtId) {
        match self.tree.stmt(block) {
            Stmt::Block(list) => self.stmts(list),
            _ => self.stmt(block),
        }
    }

    fn maybe(&mut self, id: Option<StmtId>) {
        id.into_iter().for_each(|id| self.stmt(id));
    }

    fn stmt(&mut self, id: StmtId) {
        match self.tree.stmt(id) {
            Stmt::Assign { lhs, op: AssignOp::Define, rhs } => {
                self.each(rhs, Self::expr);
                self.each(lhs, Self::define);
            }
            Stmt::Decl(decl) => self.local_decl(decl),
            Stmt::Block(list) => self.in_scope(|r| r.stmts(list)),
            Stmt::If { init, cond, then, els } => self.in_scope(|r| {
                r.maybe(init);
                r.expr(cond);
                r.stmt(then);
                r.maybe(els);
            }),
            Stmt::For { init, cond, post, body } => self.in_scope(|r| {
                r.maybe(init);
                cond.into_iter().for_each(|cond| r.expr(cond));
                r.maybe(post);
                r.stmt(body);
            }),
            Stmt::Range { key, value, define, subject, body } => self.in_scope(|r| {
                r.expr(subject);
                let visit = if define { Self::declare } else { Self::expr };
                key.into_iter().chain(value).for_each(|x| visit(r, x));
                r.stmt(body);
            }),
            Stmt::Switch { init, tag, clauses } => self.in_scope(|r| {
                r.maybe(init);
                tag.into_iter().for_each(|tag| r.expr(tag));
                r.stmts(clauses);
            }),
            Stmt::TypeSwitch { init, bind, guard, clauses } => self.in_scope(|r| {
                r.maybe(init);
                r.expr(guard);
                r.type_clauses(bind, clauses);
            }),
            Stmt::Select { clauses } => self.stmts(clauses),
            Stmt::CaseClause { exprs, body, .. } => self.in_scope(|r| {
                r.each(exprs, Self::expr);
                r.stmts(body);
            }),
            Stmt::CommClause { comm, body } => self.in_scope(|r| {
                r.maybe(comm);
                r.stmts(body);
            }),
            Stmt::Labeled { stmt, .. } => self.stmt(stmt),
            Stmt::Branch { .. } => {}
            _ => {
                let tree = self.tree;
                tree.for_each_child(id, |child| match child {
                    Node::Expr(child) => self.expr(child),
                    Node::Stmt(child) => self.stmt(child),
                    Node::Decl(_) | Node::Field(_) => {}
                });
            }
        }
    }

    /// The variable of a type switch is declared in each clause, after the types of its case (Go spec, "Type switches").
    fn type_clauses(&mut self, bind: Option<ExprId>, clauses: StmtList) {
        let tree = self.tree;
        for &clause in tree.stmts(clauses) {
            let Stmt::CaseClause { exprs, body, .. } = tree.stmt(clause) else {
                self.stmt(clause);
                continue;
            };
            self.in_scope(|r| {
                r.each(exprs, Self::expr);
                bind.into_iter().for_each(|bind| r.declare(bind));
                r.stmts(body);
            });
        }
    }

    /// A constant or variable is in scope after its spec, a type already inside it (Go spec, "Declarations and scope").
    fn local_decl(&mut self, decl: DeclId) {
        let tree = self.tree;
        match tree.decl(decl) {
            Decl::Group { specs, .. } => tree.decls(specs).iter().for_each(|&spec| self.local_decl(spec)),
            Decl::Value { names, ty, values, .. } => {
                ty.into_iter().for_each(|ty| self.expr(ty));
                self.each(values, Self::expr);
                self.each(names, Self::declare);
            }
            Decl::Type { name, params, ty, .. } => {
                self.declare(name);
                self.in_scope(|r| {
                    r.fields_declare(params);
                    r.expr(ty);
                });
            }
            _ => {}
        }
    }
}
