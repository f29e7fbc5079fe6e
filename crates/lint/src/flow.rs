//! What a rule may ask about control flow.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use gopeer_flow::{BlockId, Body, Edge, Ending, Input, Op, Path, Point, When};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{DeclId, ExprId, Node, Stmt, StmtId};

use crate::asked::Asked;
use crate::{Confidence, Cx, FileInfo, FixKind, PackageView, PieceView, Rule, Scope, Severity};

/// A body, and what may still be spent on following it.
pub struct Followed {
    /// The body.
    pub body: Body,
    writes: HashMap<ExprId, Point>,
    fuel: Cell<u32>,
    /// What may be spent on evidence, which is asked for only where there is something to say.
    words: Cell<u32>,
}

/// What may be spent on a body: in operations and edges that are looked at.
fn allowance(body: &Body) -> u32 {
    const MOST: usize = 200_000;
    (64 * body.op_count() + 4096).min(MOST) as u32
}

impl Followed {
    fn new(body: Body) -> Followed {
        let allowance = allowance(&body);
        Followed { writes: body.writes(), fuel: Cell::new(allowance), words: Cell::new(allowance), body }
    }

    /// Right behind the assignment to an expression.
    pub fn after_write(&self, of: ExprId) -> Option<Point> {
        self.writes.get(&of).copied()
    }

    /// The blocks from which an operation that is `met` can be met. None once so much was asked that no more may be spent.
    fn leads_to(&self, met: impl Fn(&Op) -> bool) -> Option<Vec<bool>> {
        let left = self.words.get().checked_sub((self.body.op_count() + self.body.blocks().len()) as u32)?;
        self.words.set(left);
        Some(self.body.leads_to(met))
    }

    /// The shortest way from a point to a return that meets no operation which is `met`, as [`Body::way_out`] has it. None, too,
    /// once so much was asked of the body that no more may be spent on it.
    pub fn way_out(&self, from: Point, met: impl Fn(&Op) -> bool) -> Option<Path> {
        let mut fuel = self.fuel.get();
        let path = self.body.way_out(from, met, &mut fuel);
        self.fuel.set(fuel);
        path
    }

    /// Whether nothing more may be spent: what was asked last has no answer.
    pub fn is_spent(&self) -> bool {
        self.fuel.get() == 0
    }
}

/// The control flow of a function of a piece, for whoever works on the engine: as text, or as a graph for Graphviz.
pub fn printed(
    piece: &PieceView,
    file: &FileInfo,
    package: PackageView<'_>,
    function: DeclId,
    graph: bool,
) -> Option<String> {
    static NONE: Rule = Rule {
        id: "debug/flow",
        severity: Severity::Low,
        confidence: Confidence::High,
        concerns: &[],
        equivalents: &[],
        fix: FixKind::None,
        scope: Scope::Both,
        hooks: &[],
        file: file!(),
        examines: "functions",
    };
    let (asked, mut found, mut examined) = (Asked::default(), Vec::new(), 0);
    let cx = Cx::new(piece, file, package, &asked, &NONE, &mut found, &mut examined);
    let followed = cx.followed(function)?;
    Some(if graph { followed.body.dot(cx.tree) } else { followed.body.text(cx.tree) })
}

/// Evidence.
impl Cx<'_> {
    /// What decides that a way out of a body meets no operation which is `met`: the branches behind which none can be met any
    /// more while another branch leads to one, and where the body is left, which `leaves` says in words.
    pub fn steps(&self, of: &Followed, path: &Path, met: impl Fn(&Op) -> bool, leaves: String) -> Vec<(Span, String)> {
        let body = &of.body;
        let leads = of.leads_to(met).unwrap_or_default();
        let leads = |block: BlockId| leads.get(block.index()).copied().unwrap_or_default();
        let decides = |(block, edge): &&(_, Edge)| {
            let mut others = body.edges(*block).iter().filter(|other| other.to != edge.to);
            !leads(edge.to) && others.any(|other| leads(other.to))
        };
        let branches = path.edges.iter().filter(decides);
        let mut steps: Vec<_> =
            branches.filter_map(|(block, edge)| self.branch(body.ending(*block), edge.when)).collect();
        let end = match path.ending {
            Ending::Return(Some(stmt)) => self.span(stmt),
            _ => self.end_of(body.node),
        };
        steps.push((end, leaves));
        steps
    }

    /// A branch in words.
    fn branch(&self, ending: Ending, when: When) -> Option<(Span, String)> {
        let holds = |cond| match when {
            When::True => format!("`{}` is true", self.one_line(cond)),
            _ => format!("`{}` is false", self.one_line(cond)),
        };
        Some(match (ending, when) {
            (Ending::If(cond), _) => (self.span(cond), holds(cond)),
            (Ending::Case(case), When::True) => (self.span(case), "this case is taken".to_owned()),
            (Ending::Switch(stmt) | Ending::Select(stmt), When::Clause(at)) => {
                (self.clause(stmt, at)?, "this case is taken".to_owned())
            }
            (Ending::Switch(stmt), When::NoClause) => (self.keyword(stmt), "no case is taken".to_owned()),
            (Ending::Range(stmt), When::Done) => (self.keyword(stmt), "the loop ends".to_owned()),
            _ => return None,
        })
    }

    fn one_line(&self, node: impl Into<Node>) -> String {
        self.source(node).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn clause(&self, stmt: StmtId, at: u32) -> Option<Span> {
        let clauses = match self.stmt(stmt) {
            Stmt::Switch { clauses, .. } | Stmt::TypeSwitch { clauses, .. } | Stmt::Select { clauses } => clauses,
            _ => return None,
        };
        self.stmts(clauses).get(at as usize).map(|&clause| self.keyword(clause))
    }

    /// The keyword that a statement begins with.
    fn keyword(&self, stmt: StmtId) -> Span {
        let span = self.span(stmt);
        let keyword = self.source(stmt).split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        Span::new(span.start, span.start + keyword.len() as u32)
    }

    /// The brace that closes a body.
    fn end_of(&self, node: Node) -> Span {
        let end = self.span(node).end;
        Span::new(end.saturating_sub(1), end)
    }
}

impl Cx<'_> {
    /// The control flow of a declared function, a function literal, or the statements of a fragment.
    pub fn followed(&self, node: impl Into<Node>) -> Option<Rc<Followed>> {
        let node = node.into();
        if let Some(known) = self.asked.bodies.borrow().get(&node) {
            return known.clone();
        }
        let ends = |call| self.ends(call);
        let body = Body::of(Input { tree: self.tree, names: self.names, facts: self.facts, ends: &ends }, node);
        let followed = body.map(|body| Rc::new(Followed::new(body)));
        self.asked.bodies.borrow_mut().insert(node, followed.clone());
        followed
    }
}
