//! Our side: the functions of a package, what rules know of the calls in them, and where the nodes of go/cfg are in a body.

use std::collections::HashMap;
use std::rc::Rc;

use gopeer_flow::{BlockId, Body, Dominators, End, Ending, Input, Point};
use gopeer_lint::{Answers, Cx, FileInfo, Functions, PackageView, PieceView};
use gopeer_sema::{Def, Mode, ObjectKind};
use gopeer_syntax::ast::{Decl, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};
use gopeer_syntax::{Span, Tree};

use super::theirs;
use crate::types::ours::{File, Package, Piece};

/// A function or literal with a body.
#[derive(Clone, Copy)]
pub struct Function<'p> {
    /// The package.
    pub package: &'p Package,
    /// Index of its file.
    pub file: usize,
    /// Index of the piece.
    pub index: usize,
    /// The declaration or literal.
    pub node: Node,
    /// The block of its statements.
    pub block: StmtId,
}

/// A call in a piece.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The function or literal whose statement it is part of.
    pub within: Option<Node>,
    /// How it ends what is running, as far as rules know.
    pub end: Option<End>,
    /// Whether that would rest on the body of what it calls, not on what is known of libraries.
    pub by_body: bool,
    /// Whether what it calls belongs to the package.
    pub own: bool,
    /// Whether it is a statement.
    pub statement: bool,
}

/// What is known of a piece.
pub struct Known {
    /// The calls, but for those that are put off or start a goroutine.
    pub calls: HashMap<ExprId, Call>,
    /// The calls by where they are in the file.
    pub places: HashMap<Span, ExprId>,
    /// What lowering makes operations of, by where it starts in the file.
    acting: Vec<Span>,
}

/// The functions of a package, by the index of the file and where the body starts in it.
pub fn functions(package: &Package) -> HashMap<(usize, u32), Function<'_>> {
    let mut found = HashMap::new();
    for (file, pieces) in package.files.iter().map(|file| &file.pieces).enumerate() {
        for (index, piece) in pieces.iter().enumerate() {
            for (node, block) in bodies(&piece.tree) {
                let start = piece.start + piece.tree.span(block).start;
                found.insert((file, start), Function { package, file, index, node, block });
            }
        }
    }
    found
}

fn bodies(tree: &Tree) -> Vec<(Node, StmtId)> {
    let declared = tree.all_decls().filter_map(|(id, decl)| match decl {
        Decl::Func { body: Some(body), .. } => Some((Node::Decl(id), body)),
        _ => None,
    });
    let literals = tree.all_exprs().filter_map(|(id, expr)| match expr {
        Expr::FuncLit { body, .. } => Some((Node::Expr(id), body)),
        _ => None,
    });
    declared.chain(literals).collect()
}

/// What is known of the pieces of a package, by the indices of file and piece.
pub fn known(package: &Package) -> HashMap<(usize, usize), Known> {
    let info = |file: &File| FileInfo { name: file.name.clone(), scope: file.scope.clone(), ..FileInfo::default() };
    let infos: Vec<FileInfo> = package.files.iter().map(info).collect();
    let views: Vec<(usize, usize, PieceView)> = views(package).collect();
    let alone = PackageView { scope: &package.scope, store: &package.checked.store, functions: None };
    let answers = Answers::default();
    let pieces = views.iter().map(|(file, _, view)| (view.clone(), &infos[*file], 0));
    let functions = Functions::new(pieces, alone, &answers);
    let others = PackageView { functions: Some(&functions), ..alone };
    let known = |(file, index, view): &(usize, usize, PieceView)| {
        let gather = |cx: &Cx<'_>| Known::gather(cx, view.start, &package.path);
        ((*file, *index), gopeer_lint::ask(view, &infos[*file], others, gather))
    };
    views.iter().map(known).collect()
}

/// The pieces as rules see them.
fn views(package: &Package) -> impl Iterator<Item = (usize, usize, PieceView)> {
    let all = package.files.iter().enumerate();
    let pieces =
        all.flat_map(|(file, of)| of.pieces.iter().enumerate().map(move |(index, piece)| (file, index, piece)));
    pieces.filter_map(|(file, index, piece)| {
        let facts = Rc::clone(package.facts(file, index)?);
        let (tree, names) = (piece.tree.clone(), piece.names.clone());
        Some((file, index, PieceView { start: piece.start, tree, names, facts }))
    })
}

impl Known {
    /// Asks what a rule may ask.
    fn gather(cx: &Cx<'_>, start: u32, path: &str) -> Known {
        let tree = cx.tree;
        let place = |id: ExprId| tree.span(id).offset(start);
        let mut known = Known { calls: HashMap::new(), places: HashMap::new(), acting: Vec::new() };
        let ends: HashMap<Node, _> = bodies(tree).into_iter().map(|(node, _)| (node, cx.ends_within(node))).collect();
        for (id, expr) in tree.all_exprs() {
            if acts(cx, id, expr) {
                known.acting.push(place(id));
            }
            let parent = match tree.parent(id) {
                Some(Node::Stmt(stmt)) => Some(tree.stmt(stmt)),
                _ => None,
            };
            if !matches!(expr, Expr::Call { .. }) || matches!(parent, Some(Stmt::Go(_) | Stmt::Defer(_))) {
                continue;
            }
            let within = around(tree, id).find(|node| ends.contains_key(node));
            let call = Call {
                within,
                end: within.and_then(|node| ends.get(&node)).and_then(|ends| ends(id)),
                by_body: cx.ends(id).is_none(),
                own: cx.callee(id).is_some_and(|callee| callee.path == path),
                statement: matches!(parent, Some(Stmt::Expr(_))),
            };
            known.calls.insert(id, call);
            known.places.insert(place(id), id);
        }
        known.acting.sort_by_key(|span| span.start);
        known
    }

    /// Whether lowering makes nothing of what is in this span of the file.
    pub fn is_quiet(&self, span: Span) -> bool {
        let from = self.acting.partition_point(|acting| acting.start < span.start);
        let within = self.acting[from..].iter().take_while(|acting| acting.start < span.end);
        !within.into_iter().any(|acting| acting.end <= span.end)
    }
}

/// What is around an expression, from the inside out.
fn around(tree: &Tree, id: ExprId) -> impl Iterator<Item = Node> {
    std::iter::successors(tree.parent(id), |&node| tree.parent(node))
}

/// Whether evaluating an expression is an operation, or has one that no other expression stands for.
fn acts(cx: &Cx<'_>, id: ExprId, expr: Expr) -> bool {
    let acts = match expr {
        Expr::Bad | Expr::FuncLit { .. } | Expr::Unary { op: UnaryOp::Recv, .. } => true,
        Expr::Call { fun, .. } => cx.facts.mode(fun) != Mode::Type,
        Expr::Ident => matches!(cx.names.def(id), Def::Local(_) | Def::Package(ObjectKind::Var)),
        _ => false,
    };
    // A type is no operation, and a constant is computed by the compiler.
    let still = |id: ExprId| cx.facts.value(id).is_some() || cx.facts.mode(id) == Mode::Type;
    let in_still =
        || around(cx.tree, id).map_while(|node| if let Node::Expr(id) = node { Some(id) } else { None }).any(still);
    acts && !still(id) && !in_still()
}

impl<'p> Function<'p> {
    /// Its piece.
    pub fn piece(&self) -> &'p Piece {
        &self.package.files[self.file].pieces[self.index]
    }

    /// Its program, where these calls end what is running.
    pub fn lower(&self, ends: &dyn Fn(ExprId) -> Option<End>) -> Option<Body> {
        let piece = self.piece();
        let facts = self.package.facts(self.file, self.index)?;
        Body::of(
            Input { tree: &piece.tree, names: &piece.names, facts, store: &self.package.checked.store, ends },
            self.node,
        )
    }

    /// Where something is in the file.
    pub fn span(&self, node: impl Into<Node>) -> Span {
        let piece = self.piece();
        piece.tree.span(node).offset(piece.start)
    }

    /// Whether this place of the file is in or behind a loop of the function that is written `for true`.
    pub fn is_after_for_true(&self, at: u32) -> bool {
        let tree = &self.piece().tree;
        let inside = self.span(self.block);
        tree.all_stmts().any(|(id, stmt)| {
            let start = self.span(id).start;
            let endless = matches!(stmt, Stmt::For { cond: Some(cond), .. } if tree.source(cond) == "true");
            endless && inside.start < start && start < at && at <= inside.end
        })
    }
}

/// Where the nodes of go/cfg begin in a body.
pub struct Placed {
    /// Where each begins; none where the body has nothing of it.
    pub points: Vec<Option<Point>>,
    dominators: Dominators,
    /// The nodes that begin in each block, in order.
    blocks: Vec<Vec<usize>>,
}

impl Placed {
    /// Finds the nodes: an operation, or the end of a block, belongs to the innermost node around it.
    pub fn new(function: &Function<'_>, nodes: &[theirs::Node], body: &Body) -> Placed {
        let finder = Finder::new(nodes);
        let mut points = vec![None; nodes.len()];
        for (block, _) in body.blocks() {
            let ops = body.ops(block).iter().map(|op| Some(function.span(op.at)));
            let last = ending(function, body.ending(block));
            for (op, span) in ops.chain([last]).enumerate() {
                if let Some(node) = span.and_then(|span| finder.around(nodes, span)) {
                    // Blocks are in reverse postorder: the first is where the node begins.
                    points[node].get_or_insert(Point { block, op: op as u32 });
                }
            }
        }
        let mut order: Vec<usize> = (0..nodes.len()).filter(|&node| points[node].is_some()).collect();
        order.sort_by_key(|&node| points[node]);
        let mut blocks = vec![Vec::new(); body.blocks().len()];
        for node in order {
            if let Some(point) = points[node] {
                blocks[point.block.index()].push(node);
            }
        }
        Placed { points, dominators: Dominators::of(body), blocks }
    }

    /// The last node among the `wanted` that dominates a node strictly.
    pub fn parent(&self, node: usize, wanted: &dyn Fn(usize) -> bool) -> Option<usize> {
        let point = self.points[node]?;
        let last = |block: BlockId, limit: Option<Point>| {
            let before = |&&other: &&usize| limit.is_none_or(|limit| self.points[other] < Some(limit));
            self.blocks[block.index()].iter().rev().filter(before).copied().find(|&other| wanted(other))
        };
        let above = std::iter::successors(self.dominators.parent(point.block), |&block| self.dominators.parent(block));
        last(point.block, Some(point)).or_else(|| above.into_iter().find_map(|block| last(block, None)))
    }
}

/// Where the end of a block is written.
fn ending(function: &Function<'_>, ending: Ending) -> Option<Span> {
    let tree = &function.piece().tree;
    match ending {
        Ending::If(expr) | Ending::Case(expr) | Ending::Unwind(expr) | Ending::Stop(expr) => Some(function.span(expr)),
        Ending::Switch(stmt) => match tree.stmt(stmt) {
            Stmt::Switch { tag, .. } => tag.map(|tag| function.span(tag)),
            Stmt::TypeSwitch { guard, .. } => Some(function.span(guard)),
            _ => None,
        },
        Ending::Range(stmt) => match tree.stmt(stmt) {
            Stmt::Range { subject, .. } => Some(function.span(subject)),
            _ => None,
        },
        Ending::Return(Some(stmt)) => Some(function.span(stmt)),
        Ending::Return(None) => {
            let end = function.span(function.block).end;
            Some(Span::new(end.saturating_sub(1), end))
        }
        Ending::Jump | Ending::Select(_) | Ending::Exit => None,
    }
}

/// Finds the innermost node around a span.
struct Finder {
    /// The nodes by where they start, outer ones first.
    order: Vec<usize>,
    /// The node directly around each.
    around: Vec<Option<usize>>,
}

impl Finder {
    fn new(nodes: &[theirs::Node]) -> Finder {
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by_key(|&node| (nodes[node].span.start, u32::MAX - nodes[node].span.end));
        let mut around = vec![None; nodes.len()];
        let mut open: Vec<usize> = Vec::new();
        for &node in &order {
            while open.pop_if(|outer| nodes[*outer].span.end <= nodes[node].span.start).is_some() {}
            around[node] = open.last().copied();
            open.push(node);
        }
        Finder { order, around }
    }

    fn around(&self, nodes: &[theirs::Node], span: Span) -> Option<usize> {
        let before = self.order.partition_point(|&node| nodes[node].span.start <= span.start);
        let last = self.order[..before].last().copied();
        std::iter::successors(last, |&node| self.around[node]).find(|&node| span.end <= nodes[node].span.end)
    }
}
