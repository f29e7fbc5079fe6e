//! What a rule sees of one top-level piece, and how it speaks.

use std::borrow::Cow;

use gopeer_sema::types::Store;
use gopeer_sema::{Def, Facts, Names, PackageScope, Qualified};
use gopeer_syntax::ast::{
    AssignOp, BinaryOp, Decl, DeclId, Expr, ExprId, ExprList, FieldList, LiteralKind, Node, Stmt, StmtId, StmtList,
    UnaryOp,
};
use gopeer_syntax::{Span, Tree};

use crate::file::push;
use crate::{FileInfo, Finding, PackageView, PieceView, Report, Rule};

/// The view of a rule: one tree, what its names mean, the file it is in, and a way to report.
///
/// Everything borrowed from it lives as long as the piece (`'a`), so a rule can look things up and report in one breath.
pub struct Cx<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// What its identifiers refer to.
    pub names: &'a Names,
    /// The file.
    pub file: &'a FileInfo,
    /// Package-level names.
    pub package: &'a PackageScope,
    /// Types and constants of the piece.
    pub facts: &'a Facts,
    /// What the types and objects in `facts` are.
    pub store: &'a Store,
    rule: &'static Rule,
    found: &'a mut Vec<Finding>,
    examined: &'a mut u32,
}

/// A function around some code: a declaration or a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Func {
    /// The `Decl::Func` or `Expr::FuncLit`.
    pub node: Node,
    /// Its `Expr::FuncType`.
    pub ty: ExprId,
    /// Its body.
    pub body: StmtId,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(
        piece: &'a PieceView,
        file: &'a FileInfo,
        package: PackageView<'a>,
        rule: &'static Rule,
        found: &'a mut Vec<Finding>,
        examined: &'a mut u32,
    ) -> Cx<'a> {
        Cx {
            tree: &piece.tree,
            names: &piece.names,
            file,
            package: package.scope,
            facts: &piece.facts,
            store: package.store,
            rule,
            found,
            examined,
        }
    }

    /// Says that the rule met what it examines, so that a review can tell "checked and fine" from "nothing to check".
    pub fn examined(&mut self) {
        *self.examined += 1;
    }

    /// Reports a finding at a node.
    pub fn report(&mut self, at: impl Into<Node>, message: impl Into<String>) -> Report<'_> {
        let span = self.tree.span(at);
        self.report_span(span, message)
    }

    /// Reports a finding at a span of the piece.
    pub fn report_span(&mut self, span: Span, message: impl Into<String>) -> Report<'_> {
        push(self.found, self.rule, span, message.into())
    }
}

/// The tree, in short.
impl<'a> Cx<'a> {
    /// The expression.
    pub fn expr(&self, id: ExprId) -> Expr {
        self.tree.expr(id)
    }

    /// The statement.
    pub fn stmt(&self, id: StmtId) -> Stmt {
        self.tree.stmt(id)
    }

    /// The declaration.
    pub fn decl(&self, id: DeclId) -> Decl {
        self.tree.decl(id)
    }

    /// The expressions of a list.
    pub fn exprs(&self, list: ExprList) -> &'a [ExprId] {
        self.tree.exprs(list)
    }

    /// The statements of a list.
    pub fn stmts(&self, list: StmtList) -> &'a [StmtId] {
        self.tree.stmts(list)
    }

    /// Where a node stands.
    pub fn span(&self, node: impl Into<Node>) -> Span {
        self.tree.span(node)
    }

    /// The text of a node.
    pub fn source(&self, node: impl Into<Node>) -> &'a str {
        let tree: &'a Tree = self.tree;
        tree.source(node)
    }

    /// The expression without parentheses around it.
    pub fn unparen(&self, mut id: ExprId) -> ExprId {
        while let Expr::Paren(inner) = self.expr(id) {
            id = inner;
        }
        id
    }

    /// The single expression of a list.
    pub fn only(&self, list: ExprList) -> Option<ExprId> {
        match self.exprs(list) {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// Whether `f` holds for a node of the subtree; `enter` false keeps out of function literals.
    pub fn any(&self, node: impl Into<Node>, enter_literals: bool, mut f: impl FnMut(Node) -> bool) -> bool {
        self.any_of(node.into(), enter_literals, &mut f)
    }

    /// In one copy for all questions.
    fn any_of(&self, node: Node, enter_literals: bool, f: &mut dyn FnMut(Node) -> bool) -> bool {
        let mut found = false;
        self.tree.walk(node, &mut |node| {
            found = found || f(node);
            let literal = matches!(node, Node::Expr(id) if matches!(self.expr(id), Expr::FuncLit { .. }));
            !found && (enter_literals || !literal)
        });
        found
    }

    /// The white space that the line of this node begins with: what a fix that adds a line needs.
    pub fn indent(&self, node: impl Into<Node>) -> &'a str {
        let tree: &'a Tree = self.tree;
        let text = tree.text();
        let start = tree.span(node).start as usize;
        let line = text.get(..start).unwrap_or("").rfind('\n').map_or(0, |newline| newline + 1);
        let rest = text.get(line..).unwrap_or("");
        &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
    }

    /// The span of the whole lines that a node covers, with the last line break: what a fix that removes a line needs.
    pub fn lines(&self, node: impl Into<Node>) -> Span {
        let text = self.tree.text();
        let span = self.tree.span(node);
        let start = text.get(..span.start as usize).unwrap_or("").rfind('\n').map_or(0, |newline| newline + 1);
        let rest = text.get(span.end as usize..).unwrap_or("");
        let end = rest.find('\n').map_or(text.len(), |newline| span.end as usize + newline + 1);
        Span::new(start as u32, end as u32)
    }
}

/// Names.
impl<'a> Cx<'a> {
    /// What an identifier refers to.
    pub fn def(&self, ident: ExprId) -> Def {
        self.names.def(ident)
    }

    /// The package-level name of another package that an expression is, as in `http.Get`.
    pub fn qualified(&self, expr: ExprId) -> Option<Qualified<'a>> {
        self.names.qualified(self.tree, &self.file.scope, expr)
    }

    /// Whether an expression is the name `full` of another package, written `path.Name`: `net/http.Get`.
    pub fn is(&self, expr: ExprId, full: &str) -> bool {
        self.qualified(expr).is_some_and(|name| name.is(full))
    }

    /// Whether an expression is one of these names of other packages.
    pub fn is_any(&self, expr: ExprId, full: &[&str]) -> bool {
        self.qualified(expr).is_some_and(|name| full.iter().any(|full| name.is(full)))
    }

    /// The name of the package-level function of another package that a call calls, with the arguments.
    pub fn call_of(&self, call: ExprId) -> Option<(Qualified<'a>, &'a [ExprId])> {
        match self.expr(self.unparen(call)) {
            Expr::Call { fun, args, .. } => Some((self.qualified(fun)?, self.exprs(args))),
            _ => None,
        }
    }

    /// Whether a call calls the function `full` of another package.
    pub fn calls(&self, call: ExprId, full: &str) -> bool {
        self.call_of(call).is_some_and(|(name, _)| name.is(full))
    }

    /// Receiver, name and arguments of a call written `receiver.name(args)`, unless `receiver` is a package.
    pub fn method_call(&self, call: ExprId) -> Option<(ExprId, &'a str, &'a [ExprId])> {
        let Expr::Call { fun, args, .. } = self.expr(self.unparen(call)) else { return None };
        let Expr::Selector { base, name } = self.expr(self.unparen(fun)) else { return None };
        if matches!(self.def(base), Def::Import(_) | Def::Implied(_)) {
            return None;
        }
        Some((base, self.source(name), self.exprs(args)))
    }

    /// The name by which a mend of this piece can call a package: the one the file gives it, else its last element.
    /// None where that name means something else here.
    pub fn name_for(&self, path: &'static str) -> Option<&'a str> {
        let scope = &self.file.scope;
        let imported =
            scope.imports.iter().find(|import| import.path == path).and_then(|import| import.name.as_deref());
        let name = imported.filter(|name| !matches!(*name, "_" | ".")).or_else(|| path.rsplit('/').next())?;
        let taken = imported.is_none() && scope.lookup(name).is_some() || self.package.lookup(name).is_some();
        let local =
            |(id, expr)| expr == Expr::Ident && matches!(self.def(id), Def::Local(_)) && self.source(id) == name;
        (!taken && !self.tree.all_exprs().any(local)).then_some(name)
    }

    /// Whether an expression is the predeclared `name`: `nil`, `append`, `panic`.
    pub fn is_builtin(&self, expr: ExprId, name: &str) -> bool {
        let expr = self.unparen(expr);
        self.expr(expr) == Expr::Ident && self.def(expr) == Def::Universe && self.source(expr) == name
    }

    /// Whether two expressions are the same names and literals in the same shape, and evaluating them has no effect
    /// (no call, no receive).
    pub fn same_pure(&self, a: ExprId, b: ExprId) -> bool {
        let (a, b) = (self.unparen(a), self.unparen(b));
        self.is_pure(a) && self.same_text(a, b)
    }

    /// Whether two nodes are spelled alike, comments and white space aside, and their identifiers refer to the same things.
    pub fn same_text(&self, a: impl Into<Node>, b: impl Into<Node>) -> bool {
        let (a, b) = (a.into(), b.into());
        let squeeze = |node: Node| self.source(node).split_whitespace().collect::<Vec<_>>().join(" ");
        squeeze(a) == squeeze(b) && self.idents(a) == self.idents(b)
    }

    fn idents(&self, node: Node) -> Vec<Def> {
        let mut defs = Vec::new();
        self.tree.walk(node, &mut |node| {
            if let Node::Expr(id) = node
                && self.expr(id) == Expr::Ident
            {
                defs.push(self.def(id));
            }
            true
        });
        defs
    }

    /// Whether evaluating the expression calls nothing and receives nothing.
    pub fn is_pure(&self, expr: ExprId) -> bool {
        !self.any(expr, true, |node| match node {
            Node::Expr(id) => matches!(
                self.expr(id),
                Expr::Bad | Expr::Call { .. } | Expr::FuncLit { .. } | Expr::Unary { op: UnaryOp::Recv, .. }
            ),
            _ => false,
        })
    }
}

/// Values and types that show in the text alone.
impl<'a> Cx<'a> {
    /// The value of a constant string. Where types are not known: of a literal, or literals joined with `+`.
    pub fn string_value(&self, expr: ExprId) -> Option<Cow<'a, str>> {
        if let Some(value) = self.facts.value(expr) {
            return value.as_str_lossy();
        }
        let mut last = self.unparen(expr);
        let mut parts = Vec::new();
        // A long sum leans to the left as deep as it is long, so the spine is a loop.
        while let Expr::Binary { op: BinaryOp::Add, lhs, rhs } = self.expr(last) {
            parts.push(self.string_operand(rhs)?);
            last = self.unparen(lhs);
        }
        let first = self.string_operand(last)?;
        if parts.is_empty() {
            return Some(first);
        }
        parts.push(first);
        parts.reverse();
        Some(Cow::Owned(parts.concat()))
    }

    fn string_operand(&self, expr: ExprId) -> Option<Cow<'a, str>> {
        let expr = self.unparen(expr);
        match self.expr(expr) {
            Expr::Literal(LiteralKind::RawString) => Some(Cow::Borrowed(self.source(expr).trim_matches('`'))),
            Expr::Literal(LiteralKind::String) => {
                Some(unescape(self.source(expr).strip_prefix('"')?.strip_suffix('"')?))
            }
            Expr::Binary { op: BinaryOp::Add, .. } => self.string_value(expr),
            Expr::Ident => self.string_value(self.constant(expr)?),
            _ => None,
        }
    }

    /// The value of an integer constant.
    pub fn int_value(&self, expr: ExprId) -> Option<i64> {
        if let Some(value) = self.facts.value(expr) {
            return value.to_int().as_i64();
        }
        let expr = self.unparen(expr);
        match self.expr(expr) {
            Expr::Literal(LiteralKind::Int) => {
                let text = self.source(expr).replace('_', "").to_ascii_lowercase();
                let (digits, radix) = match text.get(..2) {
                    Some("0x") => (&text[2..], 16),
                    Some("0b") => (&text[2..], 2),
                    Some("0o") => (&text[2..], 8),
                    _ if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
                    _ => (&text[..], 10),
                };
                i64::from_str_radix(digits, radix).ok()
            }
            Expr::Unary { op: UnaryOp::Minus, operand } => self.int_value(operand)?.checked_neg(),
            _ => None,
        }
    }

    /// The expression that a local constant stands for.
    fn constant(&self, ident: ExprId) -> Option<ExprId> {
        let Def::Local(declaring) = self.def(self.unparen(ident)) else { return None };
        let Some(Node::Decl(spec)) = self.tree.parent(declaring) else { return None };
        let Some(Node::Decl(group)) = self.tree.parent(spec) else { return None };
        let Decl::Group { kind: gopeer_syntax::ast::GroupKind::Const, .. } = self.decl(group) else { return None };
        let Decl::Value { names, values, .. } = self.decl(spec) else { return None };
        let index = self.exprs(names).iter().position(|&name| name == declaring)?;
        self.exprs(values).get(index).copied()
    }

    /// The type expression of a local that shows in the text: written in its declaration (`var mu sync.Mutex`, a
    /// parameter), or the type of the composite literal it starts with (`x := T{}`, `x := &T{}`, then marked as pointer).
    pub fn local_type(&self, ident: ExprId) -> Option<LocalType> {
        let Def::Local(declaring) = self.def(self.unparen(ident)) else { return None };
        match self.tree.parent(declaring)? {
            Node::Field(field) => Some(self.written(self.tree.field(field).ty)),
            Node::Decl(spec) => {
                let Decl::Value { names, ty, values, .. } = self.decl(spec) else { return None };
                if let Some(ty) = ty {
                    return Some(self.written(ty));
                }
                let index = self.exprs(names).iter().position(|&name| name == declaring)?;
                self.literal_type(*self.exprs(values).get(index)?)
            }
            Node::Stmt(stmt) => {
                let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = self.stmt(stmt) else { return None };
                let (lhs, rhs) = (self.exprs(lhs), self.exprs(rhs));
                let index = lhs.iter().position(|&name| name == declaring)?;
                if lhs.len() != rhs.len() {
                    return None;
                }
                self.literal_type(*rhs.get(index)?)
            }
            Node::Expr(_) => None,
        }
    }

    /// The expression that a local was first given: `x := value` or `var x = value`, where there is one value a name.
    pub fn initial_value(&self, ident: ExprId) -> Option<ExprId> {
        let (names, values, index) = self.declared_with(ident)?;
        if names.len() == values.len() { values.get(index).copied() } else { None }
    }

    /// The expression that a local gets its first value from, and which of its values that is: in `n, err := f()`,
    /// `err` is value 1 of the call.
    pub fn origin(&self, ident: ExprId) -> Option<(ExprId, usize)> {
        let (names, values, index) = self.declared_with(ident)?;
        match values {
            [one] => Some((*one, index)),
            _ if names.len() == values.len() => Some((*values.get(index)?, 0)),
            _ => None,
        }
    }

    /// The names and values of the declaration of a local, and the index of its name.
    fn declared_with(&self, ident: ExprId) -> Option<(&'a [ExprId], &'a [ExprId], usize)> {
        let Def::Local(declaring) = self.def(self.unparen(ident)) else { return None };
        let (names, values) = match self.tree.parent(declaring)? {
            Node::Decl(spec) => match self.decl(spec) {
                Decl::Value { names, values, .. } => (self.exprs(names), self.exprs(values)),
                _ => return None,
            },
            Node::Stmt(stmt) => match self.stmt(stmt) {
                Stmt::Assign { lhs, op: AssignOp::Define, rhs } => (self.exprs(lhs), self.exprs(rhs)),
                _ => return None,
            },
            _ => return None,
        };
        let index = names.iter().position(|&name| name == declaring)?;
        Some((names, values, index))
    }

    fn written(&self, ty: ExprId) -> LocalType {
        match self.expr(self.unparen(ty)) {
            Expr::Star(inner) => LocalType { ty: inner, pointer: true },
            _ => LocalType { ty, pointer: false },
        }
    }

    fn literal_type(&self, value: ExprId) -> Option<LocalType> {
        match self.expr(self.unparen(value)) {
            Expr::Composite { ty: Some(ty), .. } => Some(LocalType { ty, pointer: false }),
            Expr::Unary { op: UnaryOp::Addr, operand } => {
                Some(LocalType { pointer: true, ..self.literal_type(operand)? })
            }
            Expr::Call { fun, args, .. } if self.is_builtin(fun, "new") => {
                Some(LocalType { ty: self.only(args)?, pointer: true })
            }
            _ => None,
        }
    }

    /// Whether `expr` is of the type `full` (`sync.WaitGroup`) or a pointer to it. Where its type is not known: whether it is
    /// a local that shows so in the text.
    pub fn is_of(&self, expr: ExprId, full: &str) -> bool {
        if !self.deref(self.ty(expr)).is_unknown() {
            return self.has_type(expr, full);
        }
        let expr = match self.expr(self.unparen(expr)) {
            Expr::Unary { op: UnaryOp::Addr, operand } => operand,
            _ => expr,
        };
        self.local_type(expr).is_some_and(|local| self.is(local.ty, full))
    }
}

/// A type that shows in the text of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalType {
    /// The type expression, without the `*` of a pointer.
    pub ty: ExprId,
    /// Whether the local is a pointer to it.
    pub pointer: bool,
}

/// Surroundings.
impl<'a> Cx<'a> {
    /// The innermost function around a node (not the node itself).
    pub fn enclosing_func(&self, node: impl Into<Node>) -> Option<Func> {
        self.tree.ancestors(node).find_map(|node| self.as_func(node))
    }

    /// The node as a function with a body.
    pub fn as_func(&self, node: Node) -> Option<Func> {
        match node {
            Node::Expr(id) => match self.expr(id) {
                Expr::FuncLit { ty, body } => Some(Func { node, ty, body }),
                _ => None,
            },
            Node::Decl(id) => match self.decl(id) {
                Decl::Func { ty, body: Some(body), .. } => Some(Func { node, ty, body }),
                _ => None,
            },
            _ => None,
        }
    }

    /// The declared function around a node, through any function literals.
    pub fn enclosing_decl(&self, node: impl Into<Node>) -> Option<DeclId> {
        self.tree.ancestors(node).find_map(|node| match node {
            Node::Decl(id) if matches!(self.decl(id), Decl::Func { .. }) => Some(id),
            _ => None,
        })
    }

    /// The name of a declared function or method.
    pub fn func_name(&self, decl: DeclId) -> Option<&'a str> {
        match self.decl(decl) {
            Decl::Func { name, .. } => Some(self.source(name)),
            _ => None,
        }
    }

    /// The innermost loop around a node within the same function.
    pub fn enclosing_loop(&self, node: impl Into<Node>) -> Option<StmtId> {
        for ancestor in self.tree.ancestors(node) {
            match ancestor {
                Node::Stmt(id) if matches!(self.stmt(id), Stmt::For { .. } | Stmt::Range { .. }) => return Some(id),
                other if self.as_func(other).is_some() => return None,
                _ => {}
            }
        }
        None
    }

    /// Parameters (or results) with their types: one entry a name, or one without a name.
    pub fn params(&self, list: FieldList) -> Vec<(Option<ExprId>, ExprId)> {
        let mut all = Vec::new();
        for &field in self.tree.fields(list) {
            let field = self.tree.field(field);
            match self.exprs(field.names) {
                [] => all.push((None, field.ty)),
                names => all.extend(names.iter().map(|&name| (Some(name), field.ty))),
            }
        }
        all
    }

    /// The first named parameter of a function whose type is the name `full` of another package, or a pointer to it.
    pub fn param_of(&self, func: Func, full: &str) -> Option<ExprId> {
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        self.params(params).into_iter().find_map(|(name, ty)| {
            let ty = self.written(ty).ty;
            name.filter(|_| self.is(ty, full))
        })
    }

    /// The list of statements that a statement stands in, itself included; empty where it stands alone.
    pub fn siblings(&self, stmt: StmtId) -> &'a [StmtId] {
        let list = match self.tree.parent(stmt) {
            Some(Node::Stmt(parent)) => match self.stmt(parent) {
                Stmt::Block(list) => list,
                Stmt::CaseClause { body, .. } | Stmt::CommClause { body, .. } => body,
                _ => return &[],
            },
            Some(Node::Decl(parent)) => match self.decl(parent) {
                Decl::Stmts(list) => list,
                _ => return &[],
            },
            _ => return &[],
        };
        self.stmts(list)
    }

    /// The type without the `*` of a pointer.
    pub fn pointee(&self, ty: ExprId) -> ExprId {
        self.written(ty).ty
    }

    /// The doc comment of a node: the comments that end on the line above it, without an empty line between.
    pub fn doc_comment(&self, node: impl Into<Node>) -> &'a [gopeer_syntax::Comment] {
        let tree: &'a Tree = self.tree;
        let comments = tree.comments();
        let mut start = tree.span(node).start;
        let last = comments.partition_point(|comment| comment.span.start < start);
        let mut first = last;
        while let Some(comment) = first.checked_sub(1).and_then(|at| comments.get(at)) {
            let between = Span::new(comment.span.end, start).of(tree.text());
            if !between.trim().is_empty() || between.matches('\n').count() != 1 {
                break;
            }
            start = comment.span.start;
            first -= 1;
        }
        comments.get(first..last).unwrap_or_default()
    }

    /// Where a declaration begins, its doc comment included: where a mend can put another one before it.
    pub fn start_with_doc(&self, node: impl Into<Node>) -> u32 {
        let node = node.into();
        self.doc_comment(node).first().map_or(self.tree.span(node).start, |comment| comment.span.start)
    }

    /// The statement that directly follows this one in the same list.
    pub fn next_stmt(&self, stmt: StmtId) -> Option<StmtId> {
        let siblings = self.siblings(stmt);
        let at = siblings.iter().position(|&sibling| sibling == stmt)?;
        siblings.get(at + 1).copied()
    }

    /// Whether a comment at the node gives a reason: it holds one of these words, in lower case, or one that reasons are
    /// given with. A label (`// save the user`) or a `TODO` gives none.
    pub fn is_explained(&self, node: impl Into<Node>, words: &[&str]) -> bool {
        self.comments_at(node).any(|comment| {
            let comment = comment.to_ascii_lowercase();
            (holds(&comment, REASONS) || holds(&comment, words)) && !holds(&comment, &["todo", "fixme"])
        })
    }

    /// Whether a comment at the node holds one of these words, in lower case.
    pub fn is_said(&self, node: impl Into<Node>, words: &[&str]) -> bool {
        self.comments_at(node).any(|comment| holds(&comment.to_ascii_lowercase(), words))
    }

    /// The text of the comments on the lines where the node begins and ends, and of those that lead up to it line by
    /// line.
    pub fn comments_at(&self, node: impl Into<Node>) -> impl Iterator<Item = &'a str> {
        let tree: &'a Tree = self.tree;
        let text = tree.text();
        // A line goes by where it begins: counting lines would read the text again for each comment.
        let line = |at: usize| text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let span = tree.span(node);
        let (mut first, last) = (line(span.start as usize), line(span.end as usize));
        let after = text
            .get(span.end as usize..)
            .and_then(|rest| rest.find('\n'))
            .map_or(text.len(), |end| span.end as usize + end);
        let before = tree.comments().partition_point(|comment| (comment.span.start as usize) < after);
        let mut near = Vec::new();
        for comment in tree.comments().iter().take(before).rev() {
            let (start, end) = (line(comment.span.start as usize), line(comment.span.end as usize));
            let leads = end == first || first > 0 && end == line(first - 1);
            if leads || start == last {
                near.push(comment.body(text));
            }
            if leads {
                first = start;
            } else if end < first {
                break;
            }
        }
        near.into_iter()
    }
}

/// Whether a word of the text begins so, or has this ending: `define` and `unsafe` say nothing of `fine` and `safe`.
fn holds(text: &str, words: &[&str]) -> bool {
    let begins = |at: usize| !text.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    words.iter().any(|word| text.match_indices(word).any(|(at, _)| word.starts_with("n't") || begins(at)))
}

/// What a comment that gives a reason is likely to hold.
const REASONS: &[&str] = &[
    "because",
    "best effort",
    "best-effort",
    "can't",
    "cannot",
    "checked",
    "deliberate",
    "expected",
    "fail",
    "fine",
    "guarantee",
    "harmless",
    "ignor",
    "intention",
    "legacy",
    "matter",
    "missing",
    "n't care",
    "n't need",
    "never",
    "no need",
    "nobody",
    "on purpose",
    "optional",
    "safe",
    "since ",
    "unreachable",
    "validated",
    "won't",
    "zero",
];

/// Undoes the escapes of an interpreted string literal (Go spec, "String literals"); unknown ones stay as they are.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('"') => out.push('"'),
            Some('\\') => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    Cow::Owned(out)
}
