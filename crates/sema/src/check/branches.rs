//! Labels, and where `break`, `continue`, `goto` and `fallthrough` lead (Go spec, from "Labeled statements" to
//! "Fallthrough statements").

use std::collections::HashMap;

use gopeer_syntax::ast::{BranchKind, ExprId, Node, Stmt, StmtId, StmtList};

use super::Checker;
use crate::ErrorCode;

/// A label of a function.
struct Label {
    ident: ExprId,
    /// The labeled statement.
    at: StmtId,
    used: bool,
}

/// What is around a statement of a function.
#[derive(Clone, Copy, Default)]
pub(crate) struct Inside {
    a_loop: bool,
    can_break: bool,
}

impl Inside {
    /// What is around the statements of `stmt`.
    pub(crate) fn and(self, stmt: Stmt) -> Inside {
        Inside { a_loop: self.a_loop || is_loop(stmt), can_break: self.can_break || can_break(stmt) }
    }
}

/// What the blocks that a `goto` leads to declare.
#[derive(Default)]
struct Vars(HashMap<StmtId, Vec<(u32, ExprId)>>);

impl Checker<'_> {
    /// Checks the labels and branches of a function.
    pub(crate) fn branches(&self, labels: &[StmtId], branches: &[(StmtId, Inside)]) {
        let mut known: Vec<Label> = Vec::with_capacity(labels.len());
        let mut by_name: HashMap<&str, usize> = HashMap::with_capacity(labels.len());
        let mut vars = Vars::default();
        for &at in labels {
            let Stmt::Labeled { label, .. } = self.tree.stmt(at) else { continue };
            let name = self.tree.source(label);
            if by_name.contains_key(name) {
                self.error(label, ErrorCode::DuplicateDecl, format!("label {name} already defined"));
            } else if name != "_" {
                by_name.insert(name, known.len());
                known.push(Label { ident: label, at, used: false });
            }
        }
        for &(id, inside) in branches {
            let Stmt::Branch { kind, label } = self.tree.stmt(id) else { continue };
            match label {
                None => self.plain_branch(id, kind, inside),
                Some(label) => {
                    let target = by_name.get(self.tree.source(label)).and_then(|&at| known.get_mut(at));
                    let target = target.map(|known| {
                        known.used = true;
                        known.at
                    });
                    self.branch_to(id, kind, label, target, &mut vars);
                }
            }
        }
        for label in known.iter().filter(|label| !label.used) {
            let message = format!("label {} defined and not used", self.tree.source(label.ident));
            self.error(label.ident, ErrorCode::UnusedLabel, message);
        }
    }

    /// The statement around this one.
    fn around(&self, id: StmtId) -> Option<StmtId> {
        match self.tree.parent(id) {
            Some(Node::Stmt(outer)) => Some(outer),
            _ => None,
        }
    }

    fn plain_branch(&self, id: StmtId, kind: BranchKind, inside: Inside) {
        let wrong = match kind {
            BranchKind::Break if !inside.can_break => "break is not in a loop, switch, or select",
            BranchKind::Continue if !inside.a_loop => "continue is not in a loop",
            BranchKind::Fallthrough => match self.falls_through(id) {
                Some(wrong) => wrong,
                None => return,
            },
            _ => return,
        };
        self.error(id, ErrorCode::MisplacedBranch, wrong);
    }

    /// What is wrong with a `fallthrough`, which must end a clause of a switch other than the last.
    fn falls_through(&self, id: StmtId) -> Option<&'static str> {
        const MISPLACED: Option<&str> = Some("fallthrough statement out of place");
        let top = self.outermost_label(id);
        let Some(clause) = self.around(top) else { return MISPLACED };
        let Stmt::CaseClause { body, .. } = self.tree.stmt(clause) else { return MISPLACED };
        match self.around(clause).map(|switch| self.tree.stmt(switch)) {
            Some(Stmt::TypeSwitch { .. }) => Some("cannot fallthrough in type switch"),
            _ if self.last_stmt(body) != Some(top) => MISPLACED,
            Some(Stmt::Switch { clauses, .. }) if self.tree.stmts(clauses).last() == Some(&clause) => {
                Some("cannot fallthrough final case in switch")
            }
            _ => None,
        }
    }

    /// The statement with all labels that it has.
    fn outermost_label(&self, mut id: StmtId) -> StmtId {
        while let Some(outer) = self.around(id)
            && matches!(self.tree.stmt(outer), Stmt::Labeled { .. })
        {
            id = outer;
        }
        id
    }

    fn branch_to(&self, id: StmtId, kind: BranchKind, label: ExprId, target: Option<StmtId>, vars: &mut Vars) {
        let name = self.tree.source(label);
        let verb = match kind {
            BranchKind::Goto => return self.goto(id, label, target, vars),
            BranchKind::Break => "break",
            BranchKind::Continue => "continue",
            BranchKind::Fallthrough => return,
        };
        let Some(target) = target else {
            return self.error(label, ErrorCode::UndeclaredLabel, format!("{verb} label not defined: {name}"));
        };
        let fits = match self.tree.stmt(target) {
            Stmt::Labeled { stmt, .. } if kind == BranchKind::Break => can_break(self.tree.stmt(stmt)),
            Stmt::Labeled { stmt, .. } => is_loop(self.tree.stmt(stmt)),
            _ => false,
        };
        if !fits || !self.tree.span(target).contains(self.tree.span(id)) {
            self.error(label, ErrorCode::MisplacedBranch, format!("invalid {verb} label {name}"));
        }
    }

    /// A `goto` must not lead into a block, nor over a variable's declaration.
    fn goto(&self, id: StmtId, label: ExprId, target: Option<StmtId>, vars: &mut Vars) {
        let name = self.tree.source(label);
        let Some(target) = target.map(|target| self.outermost_label(target)) else {
            return self.error(label, ErrorCode::UndeclaredLabel, format!("label {name} not defined"));
        };
        let Some(block) = self.around(target) else { return };
        let mut from = id;
        loop {
            match self.around(from) {
                Some(outer) if outer == block => break,
                Some(outer) => from = outer,
                None => {
                    let message = format!("goto {name} jumps into block");
                    return self.error(label, ErrorCode::MisplacedBranch, message);
                }
            }
        }
        let (from, to) = (self.tree.span(from).start, self.tree.span(target).start);
        let vars = vars.0.entry(block).or_insert_with(|| self.vars_of(block));
        let last = vars.partition_point(|(start, _)| *start < to).checked_sub(1).and_then(|at| vars.get(at));
        if let Some(&(start, var)) = last
            && from < start
        {
            let message = format!("goto {name} jumps over declaration of {}", self.tree.source(var));
            self.error(label, ErrorCode::MisplacedBranch, message);
        }
    }

    /// The statements of a block that declare variables, by where they begin, each with the last variable.
    fn vars_of(&self, block: StmtId) -> Vec<(u32, ExprId)> {
        let var = |&id: &StmtId| Some((self.tree.span(id).start, self.declared_var(self.unlabeled(id))?));
        self.tree.stmts(self.list_of(block)).iter().filter_map(var).collect()
    }

    fn list_of(&self, block: StmtId) -> StmtList {
        match self.tree.stmt(block) {
            Stmt::Block(list) => list,
            Stmt::CaseClause { body, .. } | Stmt::CommClause { body, .. } => body,
            _ => StmtList::EMPTY,
        }
    }

    fn unlabeled(&self, mut id: StmtId) -> StmtId {
        while let Stmt::Labeled { stmt, .. } = self.tree.stmt(id) {
            id = stmt;
        }
        id
    }
}

fn is_loop(stmt: Stmt) -> bool {
    matches!(stmt, Stmt::For { .. } | Stmt::Range { .. })
}

fn can_break(stmt: Stmt) -> bool {
    is_loop(stmt) || matches!(stmt, Stmt::Switch { .. } | Stmt::TypeSwitch { .. } | Stmt::Select { .. })
}
