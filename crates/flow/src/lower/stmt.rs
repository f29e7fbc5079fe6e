//! Statements.

use gopeer_sema::value::Value;
use gopeer_syntax::ast::{
    AssignOp, BranchKind, Decl, DeclId, Expr, ExprId, ExprList, GroupKind, Stmt, StmtId, StmtList, UnaryOp,
};

use super::build::Draft;
use super::{Lower, Target};
use crate::{Ending, OpKind, When};

impl<'a> Lower<'a> {
    fn stmt(&self, id: StmtId) -> Stmt {
        self.input.tree.stmt(id)
    }

    pub(super) fn statements(&mut self, list: &[StmtId]) {
        list.iter().for_each(|&id| self.statement(id, None));
    }

    fn block(&mut self, list: StmtList) {
        let tree = self.input.tree;
        self.statements(tree.stmts(list));
    }

    /// `label` is that of a statement which stands directly behind it.
    fn statement(&mut self, id: StmtId, label: Option<&'a str>) {
        match self.stmt(id) {
            Stmt::Bad | Stmt::Empty | Stmt::CaseClause { .. } | Stmt::CommClause { .. } => {}
            Stmt::Expr(expr) => self.value(expr),
            Stmt::Send { chan, value } => {
                self.value(chan);
                self.value(value);
                self.build.op(OpKind::Send, chan);
            }
            Stmt::IncDec { operand, .. } => {
                self.value(operand);
                self.write(operand);
            }
            Stmt::Assign { lhs, op, rhs } => self.assign(lhs, op, rhs),
            Stmt::Go(call) => self.call(OpKind::Go, call),
            Stmt::Defer(call) => self.call(OpKind::Defer, call),
            Stmt::Return(results) => {
                self.values(results);
                let exit = self.build.exit();
                self.build.end(Ending::Return(Some(id)), &[(exit, When::Always)]);
            }
            Stmt::Branch { kind, label } => self.branch(kind, label),
            Stmt::Block(list) => self.block(list),
            Stmt::If { .. } => self.conditional(id),
            Stmt::Switch { init, tag, clauses } => self.switch(id, init, tag, clauses, label),
            Stmt::TypeSwitch { init, bind, guard, clauses } => {
                self.init(init);
                self.value(guard);
                // The variable is a new one each time.
                if let Some(bind) = bind {
                    self.write(bind);
                }
                let bodies = self.clauses(clauses, label);
                self.choose(Ending::Switch(id), clauses, &bodies);
            }
            Stmt::Select { clauses } => self.select(id, clauses, label),
            Stmt::For { init, cond, post, body } => self.loop_while(init, cond, post, body, label),
            Stmt::Range { key, value, subject, body, .. } => self.loop_over(id, [key, value], subject, body, label),
            Stmt::Labeled { label, stmt } => {
                let name = self.source(label);
                let here = self.label(name);
                self.build.jump(here);
                self.build.enter(here);
                self.statement(stmt, Some(name));
            }
            Stmt::Decl(decl) => self.declaration(decl),
        }
    }

    fn init(&mut self, init: Option<StmtId>) {
        if let Some(init) = init {
            self.statement(init, None);
        }
    }

    fn assign(&mut self, lhs: ExprList, op: AssignOp, rhs: ExprList) {
        let tree = self.input.tree;
        for &target in tree.exprs(lhs) {
            match op {
                AssignOp::Op(_) => self.value(target),
                _ => self.assignee(target),
            }
        }
        self.values(rhs);
        tree.exprs(lhs).iter().for_each(|&target| self.write(target));
    }

    fn declaration(&mut self, decl: DeclId) {
        let tree = self.input.tree;
        let Decl::Group { kind: GroupKind::Var, specs, .. } = tree.decl(decl) else { return };
        for &spec in tree.decls(specs) {
            let Decl::Value { names, values, .. } = tree.decl(spec) else { continue };
            self.values(values);
            for &name in tree.exprs(names) {
                match values.is_empty() {
                    true => self.build.op(OpKind::Zero, name),
                    false => self.write(name),
                }
            }
        }
    }

    fn label(&mut self, name: &'a str) -> Draft {
        let build = &mut self.build;
        *self.labels.entry(name).or_insert_with(|| build.block())
    }

    fn branch(&mut self, kind: BranchKind, label: Option<ExprId>) {
        let label = label.map(|label| self.source(label));
        let named = |target: &&Target| label.is_none_or(|label| target.label == Some(label));
        let to = match kind {
            BranchKind::Break => self.targets.iter().rev().find(named).map(|target| target.leave),
            BranchKind::Continue => self.targets.iter().rev().filter(named).find_map(|target| target.again),
            BranchKind::Goto => label.map(|label| self.label(label)),
            BranchKind::Fallthrough => self.next_case,
        };
        // The compiler rejects a branch that leads nowhere.
        if let Some(to) = to {
            self.build.jump(to);
        }
    }

    /// An `if`, with all that is chained to it by `else if`.
    fn conditional(&mut self, id: StmtId) {
        let (mut at, after) = (Some(id), self.build.block());
        while let Some(Stmt::If { init, cond, then, els }) = at.map(|id| self.stmt(id)) {
            self.init(init);
            let (holds, not) = (self.build.block(), self.build.block());
            self.condition(cond, holds, not);
            self.build.enter(holds);
            self.statement(then, None);
            self.build.jump(after);
            self.build.enter(not);
            at = els;
        }
        if let Some(last) = at {
            self.statement(last, None);
        }
        self.build.jump(after);
        self.build.enter(after);
    }

    /// Lowers what `inside` lowers with `leave` for `break` and `again` for `continue`.
    fn inside(&mut self, label: Option<&'a str>, leave: Draft, again: Option<Draft>, inside: impl FnOnce(&mut Self)) {
        self.targets.push(Target { label, leave, again });
        inside(self);
        self.targets.pop();
    }

    /// Lowers the statements of clauses, and gives the block in which each begins, and the one after all.
    fn clauses(&mut self, clauses: StmtList, label: Option<&'a str>) -> Clauses {
        let tree = self.input.tree;
        let from = self.build.current();
        let starts: Vec<Draft> = tree.stmts(clauses).iter().map(|_| self.build.block()).collect();
        let after = self.build.block();
        let outer = self.next_case;
        self.inside(label, after, None, |lower| {
            for (at, &clause) in tree.stmts(clauses).iter().enumerate() {
                lower.build.enter(starts[at]);
                lower.next_case = starts.get(at + 1).copied();
                match lower.stmt(clause) {
                    Stmt::CaseClause { body, .. } => lower.block(body),
                    Stmt::CommClause { comm, body } => {
                        lower.communicated(comm);
                        lower.block(body);
                    }
                    _ => {}
                }
                lower.build.jump(after);
            }
        });
        self.next_case = outer;
        self.build.enter(from);
        Clauses { starts, after }
    }

    fn default_of(&self, clauses: StmtList) -> Option<usize> {
        self.input.tree.stmts(clauses).iter().position(|&clause| match self.stmt(clause) {
            Stmt::CaseClause { default, .. } => default,
            Stmt::CommClause { comm, .. } => comm.is_none(),
            _ => false,
        })
    }

    /// Ends the current block by a choice among clauses.
    fn choose(&mut self, ending: Ending, clauses: StmtList, made: &Clauses) {
        let mut edges: Vec<(Draft, When)> =
            made.starts.iter().enumerate().map(|(at, &start)| (start, When::Clause(at as u32))).collect();
        if self.default_of(clauses).is_none() {
            edges.push((made.after, When::NoClause));
        }
        self.build.end(ending, &edges);
        self.build.enter(made.after);
    }

    fn switch(
        &mut self,
        id: StmtId,
        init: Option<StmtId>,
        tag: Option<ExprId>,
        clauses: StmtList,
        label: Option<&'a str>,
    ) {
        self.init(init);
        if let Some(tag) = tag {
            self.value(tag);
        }
        let made = self.clauses(clauses, label);
        // Constant cases make one choice: a hundred thousand of them are no chain.
        if tag.is_some() && self.are_constant(clauses) {
            return self.choose(Ending::Switch(id), clauses, &made);
        }
        let tree = self.input.tree;
        for (at, &clause) in tree.stmts(clauses).iter().enumerate() {
            let Stmt::CaseClause { exprs, .. } = self.stmt(clause) else { continue };
            for &case in tree.exprs(exprs) {
                let next = self.build.block();
                match tag {
                    None => self.condition(case, made.starts[at], next),
                    Some(_) => {
                        self.value(case);
                        self.build.end(Ending::Case(case), &[(made.starts[at], When::True), (next, When::False)]);
                    }
                }
                self.build.enter(next);
            }
        }
        let rest = self.default_of(clauses).map_or(made.after, |at| made.starts[at]);
        self.build.jump(rest);
        self.build.enter(made.after);
    }

    fn are_constant(&self, clauses: StmtList) -> bool {
        let tree = self.input.tree;
        let constant =
            |&case: &ExprId| self.input.facts.value(case).is_some() || matches!(tree.expr(case), Expr::Literal(_));
        tree.stmts(clauses).iter().all(|&clause| match self.stmt(clause) {
            Stmt::CaseClause { exprs, .. } => tree.exprs(exprs).iter().all(constant),
            _ => true,
        })
    }

    fn select(&mut self, id: StmtId, clauses: StmtList, label: Option<&'a str>) {
        let tree = self.input.tree;
        for &clause in tree.stmts(clauses) {
            if let Stmt::CommClause { comm: Some(comm), .. } = self.stmt(clause) {
                self.communication(comm);
            }
        }
        let made = self.clauses(clauses, label);
        let edges: Vec<(Draft, When)> =
            made.starts.iter().enumerate().map(|(at, &start)| (start, When::Clause(at as u32))).collect();
        self.build.end(Ending::Select(id), &edges);
        self.build.enter(made.after);
    }

    /// What is evaluated of a case of `select` before one is chosen: channels and values to send.
    fn communication(&mut self, comm: StmtId) {
        match self.stmt(comm) {
            Stmt::Send { chan, value } => {
                self.value(chan);
                self.value(value);
            }
            Stmt::Expr(receive) => self.received_from(receive),
            Stmt::Assign { rhs, .. } => {
                let tree = self.input.tree;
                tree.exprs(rhs).iter().for_each(|&receive| self.received_from(receive));
            }
            _ => {}
        }
    }

    fn received_from(&mut self, receive: ExprId) {
        match self.input.tree.expr(self.unparen(receive)) {
            Expr::Unary { op: UnaryOp::Recv, operand } => self.value(operand),
            _ => self.value(receive),
        }
    }

    /// What happens once a case of `select` was chosen, before its statements.
    fn communicated(&mut self, comm: Option<StmtId>) {
        let tree = self.input.tree;
        match comm.map(|comm| self.stmt(comm)) {
            Some(Stmt::Send { chan, .. }) => self.build.op(OpKind::Send, chan),
            Some(Stmt::Expr(receive)) => self.build.op(OpKind::Recv, self.unparen(receive)),
            Some(Stmt::Assign { lhs, rhs, .. }) => {
                for &receive in tree.exprs(rhs) {
                    self.build.op(OpKind::Recv, self.unparen(receive));
                }
                for &target in tree.exprs(lhs) {
                    self.assignee(target);
                    self.write(target);
                }
            }
            _ => {}
        }
    }

    fn loop_while(
        &mut self,
        init: Option<StmtId>,
        cond: Option<ExprId>,
        post: Option<StmtId>,
        body: StmtId,
        label: Option<&'a str>,
    ) {
        self.init(init);
        let (head, turn, next, after) =
            (self.build.block(), self.build.block(), self.build.block(), self.build.block());
        self.build.jump(head);
        self.build.enter(head);
        match cond.filter(|&cond| !self.is_true(cond)) {
            Some(cond) => self.condition(cond, turn, after),
            None => self.build.jump(turn),
        }
        self.build.enter(turn);
        self.inside(label, after, Some(next), |lower| lower.statement(body, None));
        self.build.jump(next);
        self.build.enter(next);
        self.init(post);
        self.build.jump(head);
        self.build.enter(after);
    }

    /// Whether a condition is written as `true`.
    fn is_true(&self, cond: ExprId) -> bool {
        matches!(self.input.facts.value(cond), Some(Value::Bool(true))) && self.source(cond) == "true"
    }

    fn loop_over(
        &mut self,
        id: StmtId,
        variables: [Option<ExprId>; 2],
        subject: ExprId,
        body: StmtId,
        label: Option<&'a str>,
    ) {
        self.value(subject);
        let (head, turn, after) = (self.build.block(), self.build.block(), self.build.block());
        self.build.jump(head);
        self.build.enter(head);
        self.build.end(Ending::Range(id), &[(turn, When::More), (after, When::Done)]);
        self.build.enter(turn);
        for variable in variables.into_iter().flatten() {
            self.assignee(variable);
            self.write(variable);
        }
        self.inside(label, after, Some(head), |lower| lower.statement(body, None));
        self.build.jump(head);
        self.build.enter(after);
    }
}

/// The blocks in which clauses begin, and the one after all.
struct Clauses {
    starts: Vec<Draft>,
    after: Draft,
}
