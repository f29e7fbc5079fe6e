//! What a path does with a value that is nil.

use gopeer_flow::{Ending, Next, Op, OpKind, Root, State, Symbol, Use, Val, Values, Watch, When};
use gopeer_sema::types::{Lookup, PkgId, Type};
use gopeer_sema::{Def, SelectionKind};
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId};

use super::{Harm, Nil, Origin};
use crate::summary::{Answer, What};
use crate::{Cx, words};

/// Watches a nil value until it does harm.
pub(super) struct NilWatch<'c, 'a> {
    pub(super) cx: &'c Cx<'a>,
    pub(super) nil: &'c Nil<'a>,
    /// What was found, and whether it is put off.
    pub(super) harm: Option<(ExprId, Harm, bool)>,
}

impl Watch for NilWatch<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let Some(subject) = state.subject else { return self.before(values, state, op) };
        match op.kind {
            OpKind::Deref => match base_of(self.cx, op.at) {
                Some(base) if self.is_subject(values, state, subject, base) => match self.nil.returned {
                    true => Next::Stop,
                    false => self.found(op, Harm::Dereferenced),
                },
                _ => Next::Go,
            },
            OpKind::Call | OpKind::Defer | OpKind::Go => self.call(values, state, subject, op),
            OpKind::Write | OpKind::Zero => self.write(values, state, subject, op),
            OpKind::Addr if state.holding(values).contains(&values.eval(op.at, state)) => Next::Stop,
            OpKind::Read => self.read(values, state, subject, op.at),
            // Whoever sends, or closes the channel, may have set the field before.
            OpKind::Recv if state.holding(values).len() > 1 && self.is_in_memory() => Next::Stop,
            // A closure that has the struct may set the field.
            OpKind::Make if matches!(self.nil.origin, Origin::Unset(_)) => {
                match self.cx.shared().mentions(op.at, Root(self.nil.root)) {
                    true => Next::Stop,
                    false => Next::Go,
                }
            }
            _ => Next::Go,
        }
    }

    fn enters(&mut self, values: &mut Values<'_>, state: &mut State, ending: Ending, when: When) -> Next {
        let Some(subject) = state.subject else {
            if let (Origin::Tested { cond, holds }, Ending::If(at)) = (self.nil.origin, ending)
                && at == cond
                && (when == When::True) == holds
            {
                let possible = self.cx.make_nil(self.nil, values, state);
                return match state.subject {
                    Some(subject) if possible && !self.succeeded_in_library(values, state, subject) => Next::Go,
                    _ => Next::Stop,
                };
            }
            return Next::Go;
        };
        let given = matches!(self.nil.origin, Origin::Returned { .. });
        let made_up = !given && self.succeeded(values, state, subject);
        if state.excludes(subject, Val::NIL) || made_up || self.asks_otherwise(ending) {
            return Next::Stop;
        }
        Next::Go
    }

    fn after(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) {
        let writes = matches!(op.kind, OpKind::Write | OpKind::Zero) && op.at == self.nil.written_last();
        if writes && state.subject.is_none() && !matches!(self.nil.origin, Origin::Tested { .. }) {
            self.cx.make_nil(self.nil, values, state);
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

/// Whether an expression reads like a logger: `log`, `s.logger`, `zap.L()`.
fn is_logger(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    words(last)
        .iter()
        .any(|word| matches!(word.as_str(), "log" | "logger" | "logging" | "lg" | "klog" | "slog" | "glog"))
}

/// The pointer that is followed.
fn base_of(cx: &Cx, at: ExprId) -> Option<ExprId> {
    match cx.expr(at) {
        Expr::Selector { base, .. } | Expr::Star(base) => Some(base),
        _ => None,
    }
}

impl NilWatch<'_, '_> {
    /// Whether the path has come to know that the call which gave the value did not fail.
    fn succeeded(&self, values: &mut Values<'_>, state: &State, subject: Val) -> bool {
        let Symbol::Made { at, older: false, .. } = *values.symbol(subject) else { return false };
        if !matches!(self.cx.expr(at), Expr::Call { .. }) || !self.cx.returns_error(at) {
            return false;
        }
        let last = self.cx.last_result(at);
        let error = values.made(at, last);
        last > 0 && state.knows(error, Val::NIL)
    }

    /// Whether the value is what a library returned without an error: then the test for nil was one too many.
    fn succeeded_in_library(&self, values: &mut Values<'_>, state: &State, subject: Val) -> bool {
        let of_library = match *values.symbol(subject) {
            Symbol::Made { at, .. } => self.cx.is_library_call(at),
            _ => false,
        };
        of_library && self.succeeded(values, state, subject)
    }

    /// Whether a condition asks something else of the variable than whether it is nil: it may know more.
    fn asks_otherwise(&self, ending: Ending) -> bool {
        let (Ending::If(cond) | Ending::Case(cond)) = ending else { return false };
        let cx = self.cx;
        let plain = match cx.expr(cond) {
            Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } => {
                cx.is_builtin(lhs, "nil") || cx.is_builtin(rhs, "nil")
            }
            _ => false,
        };
        !plain && (cx.mentions_place(cond, self.nil) || self.asks_companion(cond))
    }

    /// Whether a condition asks for another result of the call that gave the value and an error: it may tell as well whether it failed.
    fn asks_companion(&self, cond: ExprId) -> bool {
        let (Origin::Failed { error, .. }, Some(Node::Stmt(stmt))) =
            (self.nil.origin, self.cx.tree.parent(self.nil.place))
        else {
            return false;
        };
        let Stmt::Assign { lhs, .. } = self.cx.stmt(stmt) else { return false };
        let others = self.cx.exprs(lhs).iter().filter(|&&other| other != self.nil.place && other != error);
        others.copied().any(|other| self.cx.source(other) != "_" && self.cx.names_in(cond, other))
    }

    fn found(&mut self, op: Op, harm: Harm) -> Next {
        self.harm = Some((op.at, harm, op.kind == OpKind::Defer));
        Next::Found
    }

    /// Before the condition: where the value is dereferenced, it is not nil.
    fn before(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        if op.kind != OpKind::Deref {
            return Next::Go;
        }
        let Some(base) = base_of(self.cx, op.at) else { return Next::Go };
        let (val, place) = (values.eval(base, state), values.eval(self.nil.place, state));
        if val != place {
            return Next::Go;
        }
        let nil = values.test(val, Val::NIL, true);
        if state.assume(nil, false, values) { Next::Go } else { Next::Stop }
    }

    /// Whether an expression gives what is followed. Where that is nil itself, others that are nil are no concern.
    fn is_subject(&self, values: &mut Values<'_>, state: &State, subject: Val, expr: ExprId) -> bool {
        let expr = self.cx.unparen(expr);
        values.eval(expr, state) == subject && (subject != Val::NIL || self.cx.def(expr) == Def::Local(self.nil.root))
    }

    fn write(&mut self, values: &mut Values<'_>, state: &State, subject: Val, op: Op) -> Next {
        if let Expr::Index { base, .. } = self.cx.expr(op.at) {
            let is_map = matches!(self.cx.under(base), Type::Map { .. });
            return match is_map && self.is_subject(values, state, subject, base) {
                true => self.found(op, Harm::Written),
                false => Next::Go,
            };
        }
        let gone = match subject {
            Val::NIL => self.cx.def(op.at) == Def::Local(self.nil.root),
            _ if matches!(self.cx.expr(op.at), Expr::Star(_)) => {
                base_of(self.cx, op.at).is_some_and(|base| state.holding(values).contains(&values.eval(base, state)))
            }
            _ => state.holding(values).contains(&values.eval(op.at, state)),
        };
        if gone { Next::Stop } else { Next::Go }
    }

    /// What the subject is a field of is given away: others may set the field.
    fn read(&mut self, values: &mut Values<'_>, state: &State, subject: Val, ident: ExprId) -> Next {
        let held = state.holding(values);
        let val = values.eval(ident, state);
        if self.nil.returned && val == subject {
            let func = self.cx.enclosing_func(self.nil.place);
            let returned = func.is_some_and(|func| self.cx.is_returned_as_interface(func, ident));
            return if returned { self.found(Op { kind: OpKind::Read, at: ident }, Harm::Returned) } else { Next::Go };
        }
        if Some(val) == state.beside && self.is_kept(ident) {
            return Next::Stop;
        }
        if val == subject || !held.contains(&val) {
            return Next::Go;
        }
        match values.input.use_of(ident) {
            Use::Assigned(_) | Use::Kept | Use::Converted(_) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn call(&mut self, values: &mut Values<'_>, state: &State, subject: Val, op: Op) -> Next {
        let cx = self.cx;
        let Expr::Call { fun, args, .. } = cx.expr(op.at) else { return Next::Go };
        let fun = cx.unparen(fun);
        if self.is_subject(values, state, subject, fun) {
            return self.found(op, Harm::Called);
        }
        let held = state.holding(values);
        if let Expr::Selector { base, name } = cx.expr(fun)
            && cx.facts.selection(fun).is_some_and(|selection| selection.kind == SelectionKind::Method)
        {
            let receiver = values.eval(base, state);
            if self.is_subject(values, state, subject, base) {
                return self.method(op, base, name);
            }
            if held.contains(&receiver) {
                return Next::Stop;
            }
        }
        let logs = self.only_looks(op.at);
        let given = |&arg: &ExprId| {
            let val = values.eval(arg, state);
            // A copy of the struct around it changes nothing.
            let copied = val != subject && matches!(cx.store.under(cx.ty(arg)), Type::Struct(_));
            Some(val) == state.beside || held.contains(&val) && !copied
        };
        if cx.exprs(args).iter().any(given) && !logs {
            return Next::Stop;
        }
        // Who had the lock, or is waited for, may have set the field.
        let waits = || cx.callee(op.at).is_some_and(|callee| callee.path == "sync" && !callee.name.ends_with("Unlock"));
        let others = !cx.is_library_call(op.at) || waits();
        if others && held.len() > 1 && self.is_in_memory() || !logs && self.may_not_return(op.at) {
            return Next::Stop;
        }
        Next::Go
    }

    /// Whether an error, or its text, is put where it may be looked at later.
    fn is_kept(&self, ident: ExprId) -> bool {
        let input = self.cx.names_input();
        let by = match input.use_of(ident) {
            Use::Method { call, .. } => input.use_of(call),
            other => other,
        };
        match by {
            Use::Assigned(target) => {
                self.cx.expr(target) != Expr::Ident || matches!(input.use_of(ident), Use::Method { .. })
            }
            Use::Kept => true,
            _ => false,
        }
    }

    /// Whether others than the function can reach what is followed.
    fn is_in_memory(&self) -> bool {
        let mut at = self.nil.place;
        while let Expr::Selector { base, .. } = self.cx.expr(at) {
            if self.cx.is_pointer(self.cx.ty(base)) && !matches!(self.nil.origin, Origin::Unset(_)) {
                return true;
            }
            at = self.cx.unparen(base);
        }
        false
    }

    /// Whether a call does nothing with what it is given but write it down, or look at it.
    fn only_looks(&self, call: ExprId) -> bool {
        const PACKAGES: &[&str] = &["errors", "fmt", "log", "log/slog", "strings", "strconv", "time", "os", "bytes"];
        const WORDS: &[&str] = &[
            "debug", "error", "info", "log", "logf", "print", "printf", "println", "trace", "warn", "warning",
            "debugf", "errorf", "infof", "tracef", "warnf", "warningf", "errorw", "infow", "warnw", "debugw",
            "errorln", "warnln", "infoln", "v", "string", "any", "len", "cap",
        ];
        const CHECKS: &[&str] = &["assert", "check", "equal", "expect", "must", "nil", "no", "require"];
        let Expr::Call { fun, .. } = self.cx.expr(call) else { return false };
        let words = words(self.cx.callee_word(call));
        if words.iter().any(|word| CHECKS.contains(&word.as_str())) {
            return false;
        }
        let by_name = words.last().is_some_and(|word| WORDS.contains(&word.as_str()));
        let logger = match self.cx.expr(self.cx.unparen(fun)) {
            Expr::Selector { base, .. } => is_logger(self.cx.source(base)) || self.cx.is_library_call(call),
            Expr::Ident => self.cx.is_library_call(call),
            _ => false,
        };
        by_name && logger || self.cx.callee(call).is_some_and(|callee| PACKAGES.contains(&callee.path))
    }

    /// Whether a branch ends with a call of which nothing is known: it may not come back.
    fn may_not_return(&self, call: ExprId) -> bool {
        let cx = self.cx;
        let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return false };
        let known = cx.callee(call).is_some_and(|callee| cx.known(&callee).is_some());
        let comes_back = cx.ask(call, What::Ends) == Some(Answer::Ends(None));
        if known || comes_back || !matches!(cx.stmt(stmt), Stmt::Expr(_)) || cx.next_stmt(stmt).is_some() {
            return false;
        }
        let block = match cx.tree.parent(stmt) {
            Some(Node::Stmt(around)) if matches!(cx.stmt(around), Stmt::Block(_)) => cx.tree.parent(around),
            other => other,
        };
        matches!(block, Some(Node::Stmt(around)) if matches!(cx.stmt(around), Stmt::If { .. } | Stmt::CaseClause { .. }))
    }

    fn method(&mut self, op: Op, base: ExprId, name: ExprId) -> Next {
        let cx = self.cx;
        let ty = cx.ty(base);
        if self.nil.returned {
            return Next::Go;
        }
        if !matches!(cx.store.under(ty), Type::Interface(_) | Type::Pointer(_)) {
            return Next::Go;
        }
        if matches!(cx.store.under(ty), Type::Interface(_)) {
            return self.found(op, Harm::Method);
        }
        let symbol = cx.store.symbol(cx.source(name));
        let needs = match cx.store.lookup(ty, PkgId::SELF, symbol) {
            Lookup::Method { method, path, .. } => !method.pointer || !path.is_empty(),
            _ => return Next::Stop,
        };
        // What is generated for protocol buffers allows for nil.
        if !needs && cx.source(name).starts_with("Get") {
            return Next::Stop;
        }
        let harm = if needs || self.follows_receiver(op.at) { Harm::Method } else { Harm::UnknownMethod };
        match harm == Harm::Method || matches!(self.nil.origin, Origin::Failed { .. }) {
            true => self.found(op, harm),
            false => Next::Stop,
        }
    }

    /// Whether a method of the standard library needs its receiver: most do.
    fn follows_receiver(&self, call: ExprId) -> bool {
        const SAFE: &[&str] = &["go/ast", "go/types", "html/template", "log/slog", "net", "text/template", "testing"];
        const SAFE_TYPES: &[(&str, &str)] = &[
            ("bytes", "Buffer"),
            ("crypto/x509", "CertPool"),
            ("crypto/x509", "Certificate"),
            ("math/big", "Float"),
            ("math/big", "Int"),
            ("math/big", "Rat"),
            ("net/url", "Userinfo"),
            ("os", "File"),
            ("os", "ProcessState"),
            ("runtime", "Func"),
            ("time", "Location"),
        ];
        let Some(callee) = self.cx.callee(call) else { return false };
        let Some(recv) = callee.recv else { return false };
        let std = !self.cx.is_own(&callee) && !gopeer_sema::has_host(callee.path);
        std && !SAFE.contains(&callee.path) && !SAFE_TYPES.contains(&(callee.path, recv))
    }
}
