//! Labels, and where `break`, `continue`, `goto` and `fallthrough` lead (Go spec, from "Labeled statements" to
//! "Fallthrough statements").

use gopeer_syntax::ast::{BranchKind, ExprId, Node, Stmt, StmtId, StmtList};

use super::Checker;
use crate::ErrorCode;

/// A label of a function.
struct Label<'a> {
    name: &'a str,
    ident: ExprId,
    /// The labeled statement.
    at: StmtId,
    used: bool,
}

impl Checker<'_> {
    /// Checks the labels and branches of a function.
    pub(crate) fn branches(&self, labels: &[StmtId], branches: &[StmtId]) {
        let mut known: Vec<Label> = Vec::with_capacity(labels.len());
        for &at in labels {
            let Stmt::Labeled { label, .. } = self.tree.stmt(at) else { continue };
            let name = self.tree.source(label);
            if known.iter().any(|other| other.name == name) {
                self.error(label, ErrorCode::DuplicateDecl, format!("label {name} already defined"));
            } else if name != "_" {
                known.push(Label { name, ident: label, at, used: false });
            }
        }
        for &id in branches {
            let Stmt::Branch { kind, label } = self.tree.stmt(id) else { continue };
            match label {
                None => self.plain_branch(id, kind),
                Some(label) => {
                    let target = known.iter_mut().find(|known| known.name == self.tree.source(label));
                    let target = target.map(|known| {
                        known.used = true;
                        known.at
                    });
                    self.branch_to(id, kind, label, target);
                }
            }
        }
        for label in known.iter().filter(|label| !label.used) {
            let message = format!("label {} defined and not used", label.name);
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

    fn is_inside(&self, id: StmtId, what: impl Fn(StmtId, Stmt) -> bool) -> bool {
        std::iter::successors(self.around(id), |&id| self.around(id)).any(|id| what(id, self.tree.stmt(id)))
    }

    fn plain_branch(&self, id: StmtId, kind: BranchKind) {
        let wrong = match kind {
            BranchKind::Break if !self.is_inside(id, |_, stmt| can_break(stmt)) => {
                "break is not in a loop, switch, or select"
            }
            BranchKind::Continue if !self.is_inside(id, |_, stmt| is_loop(stmt)) => "continue is not in a loop",
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

    fn branch_to(&self, id: StmtId, kind: BranchKind, label: ExprId, target: Option<StmtId>) {
        let name = self.tree.source(label);
        let verb = match kind {
            BranchKind::Goto => return self.goto(id, label, target),
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
        if !fits || !self.is_inside(id, |id, _| id == target) {
            self.error(label, ErrorCode::MisplacedBranch, format!("invalid {verb} label {name}"));
        }
    }

    /// A `goto` must not lead into a block, nor over a variable's declaration.
    fn goto(&self, id: StmtId, label: ExprId, target: Option<StmtId>) {
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
        let list = self.tree.stmts(self.list_of(block));
        let passed = list.iter().skip_while(|&&id| id != from).skip(1).take_while(|&&id| id != target);
        let forward = self.tree.span(from).start < self.tree.span(target).start;
        if forward && let Some(var) = passed.filter_map(|&id| self.declared_var(self.unlabeled(id))).last() {
            let message = format!("goto {name} jumps over declaration of {}", self.tree.source(var));
            self.error(label, ErrorCode::MisplacedBranch, message);
        }
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
