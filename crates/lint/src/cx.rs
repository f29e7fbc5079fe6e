//! What a rule sees of one top-level piece, and how it speaks.

use gopeer_sema::types::Store;
use gopeer_sema::{Def, Facts, Names, PackageScope};
use gopeer_syntax::ast::{Decl, DeclId, Expr, ExprId, ExprList, Node, Stmt, StmtId, StmtList, UnaryOp};
use gopeer_syntax::{Span, Tree};

use crate::asked::Asked;
use crate::file::push;
use crate::{FileInfo, Finding, Functions, PackageView, PieceView, Report, Rule};

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
    /// What the functions of the package do.
    pub(crate) functions: Option<&'a Functions<'a>>,
    pub(crate) asked: &'a Asked,
    rule: &'static Rule,
    pub(crate) found: &'a mut Vec<Finding>,
    examined: &'a mut u32,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(
        piece: &'a PieceView,
        file: &'a FileInfo,
        package: PackageView<'a>,
        asked: &'a Asked,
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
            functions: package.functions,
            asked,
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

    /// The expression with the parentheses around it.
    pub(crate) fn with_parens(&self, mut id: ExprId) -> ExprId {
        while let Some(Node::Expr(around)) = self.tree.parent(id)
            && matches!(self.expr(around), Expr::Paren(_))
        {
            id = around;
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

    /// Whether `f` holds for a node of the subtree; without `enter_literals`, function literals are left out.
    pub fn any(&self, node: impl Into<Node>, enter_literals: bool, mut f: impl FnMut(Node) -> bool) -> bool {
        self.search(node.into(), enter_literals, &mut f)
    }

    /// In one copy for all who ask.
    fn search(&self, node: Node, enter_literals: bool, f: &mut dyn FnMut(Node) -> bool) -> bool {
        let mut found = false;
        self.tree.walk(node, &mut |node| {
            found = found || f(node);
            let literal = matches!(node, Node::Expr(id) if matches!(self.expr(id), Expr::FuncLit { .. }));
            !found && (enter_literals || !literal)
        });
        found
    }

    /// The first expression of the subtree for which `f` holds; `enter_literals` as for [`Cx::any`].
    pub fn find_expr(
        &self,
        node: impl Into<Node>,
        enter_literals: bool,
        mut f: impl FnMut(ExprId) -> bool,
    ) -> Option<ExprId> {
        let mut found = None;
        self.search(node.into(), enter_literals, &mut |node| {
            found = match node {
                Node::Expr(id) if f(id) => Some(id),
                _ => None,
            };
            found.is_some()
        });
        found
    }

    /// The white space that the line of this node begins with: what a fix that adds a line needs.
    pub fn indent(&self, node: impl Into<Node>) -> &'a str {
        let tree: &'a Tree = self.tree;
        let text = tree.text();
        let start = tree.span(node).start as usize;
        let line = self.line_start(start);
        let rest = text.get(line..).unwrap_or("");
        &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
    }

    /// The span of the whole lines that a node covers, with the last line break: what a fix that removes a line needs.
    pub fn lines(&self, node: impl Into<Node>) -> Span {
        let text = self.tree.text();
        let span = self.tree.span(node);
        let start = self.line_start(span.start as usize);
        let end = self.line_end(span.end as usize).map_or(text.len(), |newline| newline + 1);
        Span::new(start as u32, end as u32)
    }
}

/// Names.
impl<'a> Cx<'a> {
    /// What an identifier refers to.
    pub fn def(&self, ident: ExprId) -> Def {
        self.names.def(ident)
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

    /// The call of a method of what an identifier names, with the method's name and the arguments: for `f` in `f.Seek(0, 0)`.
    pub fn called_on(&self, ident: ExprId) -> Option<(ExprId, &'a str, &'a [ExprId])> {
        let Node::Expr(selector) = self.tree.parent(ident)? else { return None };
        let Node::Expr(call) = self.tree.parent(selector)? else { return None };
        let (base, name, args) = self.method_call(call)?;
        (base == ident).then_some((call, name, args))
    }

    /// The name by which a mend of this piece can call a package: the one the file gives it, else its last element.
    /// None where that name means something else here.
    pub fn name_for(&self, path: &'static str) -> Option<&'a str> {
        let scope = &self.file.scope;
        let imported = scope.import_of(path).and_then(|import| import.name.as_deref());
        let name = imported.filter(|name| !matches!(*name, "_" | ".")).or_else(|| path.rsplit('/').next())?;
        let taken = imported.is_none() && scope.lookup(name).is_some() || self.package.lookup(name).is_some();
        (!taken && !self.names.declares(self.tree, name)).then_some(name)
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
        self.same_text(a, b) && self.is_pure(a)
    }

    /// Whether two nodes are spelled alike, comments and white space aside, and their identifiers refer to the same things.
    pub fn same_text(&self, a: impl Into<Node>, b: impl Into<Node>) -> bool {
        let (a, b) = (a.into(), b.into());
        // Word by word: most differ early, and one may be a chain as long as the function.
        self.source(a).split_whitespace().eq(self.source(b).split_whitespace()) && self.idents(a) == self.idents(b)
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
