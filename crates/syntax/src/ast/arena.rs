//! The arena of a piece, and the ids into it.

use std::marker::PhantomData;

use super::{Decl, DeclKind, Expr, ExprKind, Field, Stmt, StmtKind};
use crate::{Comment, Span, SyntaxError};

macro_rules! id {
    ($name:ident, $what:literal) => {
        #[doc = concat!("Names ", $what, " of one tree.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The index into side tables.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(ExprId, "an expression");
id!(StmtId, "a statement");
id!(DeclId, "a declaration");
id!(FieldId, "a field");

/// A run of ids, read with [`Tree::exprs`] and its siblings.
#[derive(Debug)]
pub struct List<T> {
    pub(crate) start: u32,
    pub(crate) len: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for List<T> {}
impl<T> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.start, self.len) == (other.start, other.len)
    }
}
impl<T> Eq for List<T> {}

impl<T> List<T> {
    /// The empty list.
    pub const EMPTY: List<T> = List { start: 0, len: 0, of: PhantomData };

    /// How many.
    pub const fn len(self) -> usize {
        self.len as usize
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// A list of expressions.
pub type ExprList = List<ExprId>;
/// A list of statements.
pub type StmtList = List<StmtId>;
/// A list of declarations.
pub type DeclList = List<DeclId>;
/// A list of fields.
pub type FieldList = List<FieldId>;

/// Any node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum Node {
    Expr(ExprId),
    Stmt(StmtId),
    Decl(DeclId),
    Field(FieldId),
}

impl From<ExprId> for Node {
    fn from(id: ExprId) -> Node {
        Node::Expr(id)
    }
}
impl From<StmtId> for Node {
    fn from(id: StmtId) -> Node {
        Node::Stmt(id)
    }
}
impl From<DeclId> for Node {
    fn from(id: DeclId) -> Node {
        Node::Decl(id)
    }
}
impl From<FieldId> for Node {
    fn from(id: FieldId) -> Node {
        Node::Field(id)
    }
}

/// Nodes of one sort, with their spans and parents.
#[derive(Debug)]
struct Nodes<T> {
    items: Vec<T>,
    spans: Vec<Span>,
    parents: Vec<Option<Node>>,
}

impl<T> Default for Nodes<T> {
    fn default() -> Self {
        Nodes { items: Vec::new(), spans: Vec::new(), parents: Vec::new() }
    }
}

impl<T: Copy> Nodes<T> {
    fn push(&mut self, item: T, span: Span) -> u32 {
        self.items.push(item);
        self.spans.push(span);
        self.parents.push(None);
        (self.items.len() - 1) as u32
    }
}

/// The syntax tree of one piece. Immutable once lowered; ids are valid for this tree only.
#[derive(Debug, Default)]
pub struct Tree {
    text: Box<str>,
    roots: Vec<DeclId>,
    exprs: Nodes<Expr>,
    stmts: Nodes<Stmt>,
    decls: Nodes<Decl>,
    fields: Nodes<Field>,
    expr_lists: Vec<ExprId>,
    stmt_lists: Vec<StmtId>,
    decl_lists: Vec<DeclId>,
    field_lists: Vec<FieldId>,
    comments: Vec<Comment>,
    errors: Vec<SyntaxError>,
}

/// Reading.
impl Tree {
    /// The text of the piece, which all spans index.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The declarations at the top of the piece: one, unless the text is broken or several share a line.
    pub fn roots(&self) -> &[DeclId] {
        &self.roots
    }

    /// The expression.
    pub fn expr(&self, id: ExprId) -> Expr {
        self.exprs.items[id.index()]
    }

    /// The statement.
    pub fn stmt(&self, id: StmtId) -> Stmt {
        self.stmts.items[id.index()]
    }

    /// The declaration.
    pub fn decl(&self, id: DeclId) -> Decl {
        self.decls.items[id.index()]
    }

    /// The field.
    pub fn field(&self, id: FieldId) -> Field {
        self.fields.items[id.index()]
    }

    /// The expressions of a list.
    pub fn exprs(&self, list: ExprList) -> &[ExprId] {
        run(&self.expr_lists, list)
    }

    /// The statements of a list.
    pub fn stmts(&self, list: StmtList) -> &[StmtId] {
        run(&self.stmt_lists, list)
    }

    /// The declarations of a list.
    pub fn decls(&self, list: DeclList) -> &[DeclId] {
        run(&self.decl_lists, list)
    }

    /// The fields of a list.
    pub fn fields(&self, list: FieldList) -> &[FieldId] {
        run(&self.field_lists, list)
    }

    /// How many expressions there are: side tables are this long.
    pub fn expr_count(&self) -> usize {
        self.exprs.items.len()
    }

    /// All expressions, in no particular order.
    pub fn all_exprs(&self) -> impl Iterator<Item = (ExprId, Expr)> + '_ {
        self.exprs.items.iter().enumerate().map(|(i, &e)| (ExprId(i as u32), e))
    }

    /// Whether an expression of this id is there: one of another tree may not be.
    pub fn has_expr(&self, id: ExprId) -> bool {
        id.index() < self.exprs.items.len()
    }

    /// All statements, in no particular order.
    pub fn all_stmts(&self) -> impl Iterator<Item = (StmtId, Stmt)> + '_ {
        self.stmts.items.iter().enumerate().map(|(i, &s)| (StmtId(i as u32), s))
    }

    /// All declarations and specs, in no particular order.
    pub fn all_decls(&self) -> impl Iterator<Item = (DeclId, Decl)> + '_ {
        self.decls.items.iter().enumerate().map(|(i, &d)| (DeclId(i as u32), d))
    }

    /// Where the node stands, counted from the start of the piece.
    pub fn span(&self, node: impl Into<Node>) -> Span {
        match node.into() {
            Node::Expr(id) => self.exprs.spans[id.index()],
            Node::Stmt(id) => self.stmts.spans[id.index()],
            Node::Decl(id) => self.decls.spans[id.index()],
            Node::Field(id) => self.fields.spans[id.index()],
        }
    }

    /// The node's parent; none for a root.
    pub fn parent(&self, node: impl Into<Node>) -> Option<Node> {
        match node.into() {
            Node::Expr(id) => self.exprs.parents[id.index()],
            Node::Stmt(id) => self.stmts.parents[id.index()],
            Node::Decl(id) => self.decls.parents[id.index()],
            Node::Field(id) => self.fields.parents[id.index()],
        }
    }

    /// The node's ancestors, nearest first.
    pub fn ancestors(&self, node: impl Into<Node>) -> impl Iterator<Item = Node> + '_ {
        std::iter::successors(self.parent(node), move |&n| self.parent(n))
    }

    /// The source text of a node.
    pub fn source(&self, node: impl Into<Node>) -> &str {
        self.span(node).of(&self.text)
    }

    /// Which of a list's nodes one is. The list is in source order and may be long.
    pub fn place<T: Copy + PartialEq + Into<Node>>(&self, list: &[T], node: T) -> Option<usize> {
        let start = self.span(node).start;
        let first = list.partition_point(|&other| self.span(other).start < start);
        list.iter().skip(first).position(|&other| other == node).map(|after| first + after)
    }

    /// The comments of the piece, in order.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// What did not parse, in order.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }
}

/// Building, for the lowering only.
impl Tree {
    pub(crate) fn new(text: &str) -> Tree {
        Tree { text: text.into(), ..Tree::default() }
    }

    pub(crate) fn push_expr(&mut self, expr: Expr, span: Span) -> ExprId {
        ExprId(self.exprs.push(expr, span))
    }

    pub(crate) fn push_stmt(&mut self, stmt: Stmt, span: Span) -> StmtId {
        StmtId(self.stmts.push(stmt, span))
    }

    pub(crate) fn push_decl(&mut self, decl: Decl, span: Span) -> DeclId {
        DeclId(self.decls.push(decl, span))
    }

    pub(crate) fn push_field(&mut self, field: Field, span: Span) -> FieldId {
        FieldId(self.fields.push(field, span))
    }

    pub(crate) fn expr_list(&mut self, ids: &[ExprId]) -> ExprList {
        append(&mut self.expr_lists, ids)
    }

    pub(crate) fn stmt_list(&mut self, ids: &[StmtId]) -> StmtList {
        append(&mut self.stmt_lists, ids)
    }

    pub(crate) fn decl_list(&mut self, ids: &[DeclId]) -> DeclList {
        append(&mut self.decl_lists, ids)
    }

    pub(crate) fn field_list(&mut self, ids: &[FieldId]) -> FieldList {
        append(&mut self.field_lists, ids)
    }

    /// Puts another expression in the place of one, for what the grammar groups otherwise than Go.
    pub(crate) fn replace_expr(&mut self, id: ExprId, expr: Expr, span: Span) {
        if let (Some(old), Some(at)) = (self.exprs.items.get_mut(id.index()), self.exprs.spans.get_mut(id.index())) {
            (*old, *at) = (expr, span);
        }
    }

    /// Takes what the lowering gathered and links each node to its parent.
    pub(crate) fn finish(mut self, roots: Vec<DeclId>, comments: Vec<Comment>, errors: Vec<SyntaxError>) -> Tree {
        self.roots = roots;
        self.comments = comments;
        self.errors = errors;
        self.link_parents();
        self
    }

    fn link_parents(&mut self) {
        let mut parents = Parents {
            exprs: std::mem::take(&mut self.exprs.parents),
            stmts: std::mem::take(&mut self.stmts.parents),
            decls: std::mem::take(&mut self.decls.parents),
            fields: std::mem::take(&mut self.fields.parents),
        };
        for i in 0..parents.exprs.len() as u32 {
            self.for_each_child(ExprId(i), |child| parents.set(child, ExprId(i).into()));
        }
        for i in 0..parents.stmts.len() as u32 {
            self.for_each_child(StmtId(i), |child| parents.set(child, StmtId(i).into()));
        }
        for i in 0..parents.decls.len() as u32 {
            self.for_each_child(DeclId(i), |child| parents.set(child, DeclId(i).into()));
        }
        for i in 0..parents.fields.len() as u32 {
            self.for_each_child(FieldId(i), |child| parents.set(child, FieldId(i).into()));
        }
        let Parents { exprs, stmts, decls, fields } = parents;
        (self.exprs.parents, self.stmts.parents, self.decls.parents, self.fields.parents) =
            (exprs, stmts, decls, fields);
    }
}

/// The parents of all nodes, taken out of the tree while they are filled in from the rest of it.
struct Parents {
    exprs: Vec<Option<Node>>,
    stmts: Vec<Option<Node>>,
    decls: Vec<Option<Node>>,
    fields: Vec<Option<Node>>,
}

impl Parents {
    fn set(&mut self, child: Node, parent: Node) {
        let slot = match child {
            Node::Expr(id) => self.exprs.get_mut(id.index()),
            Node::Stmt(id) => self.stmts.get_mut(id.index()),
            Node::Decl(id) => self.decls.get_mut(id.index()),
            Node::Field(id) => self.fields.get_mut(id.index()),
        };
        if let Some(slot) = slot {
            *slot = Some(parent);
        }
    }
}

/// Kinds.
impl Tree {
    /// The kind of an expression.
    pub fn expr_kind(&self, id: ExprId) -> ExprKind {
        self.expr(id).kind()
    }

    /// The kind of a statement.
    pub fn stmt_kind(&self, id: StmtId) -> StmtKind {
        self.stmt(id).kind()
    }

    /// The kind of a declaration.
    pub fn decl_kind(&self, id: DeclId) -> DeclKind {
        self.decl(id).kind()
    }
}

fn run<T>(all: &[T], list: List<T>) -> &[T] {
    &all[list.start as usize..(list.start + list.len) as usize]
}

fn append<T: Copy>(all: &mut Vec<T>, ids: &[T]) -> List<T> {
    let start = all.len() as u32;
    all.extend_from_slice(ids);
    List { start, len: ids.len() as u32, of: PhantomData }
}
