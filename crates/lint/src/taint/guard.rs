//! Branches after which a value does no harm: it is compared with constants, looked up in a list of what is allowed, or given to a
//! function that checks it.

use std::rc::Rc;

use gopeer_flow::{Ending, When};
use gopeer_sema::types::{Basic, Type, TypeId};
use gopeer_sema::{Def, Mode, SelectionKind};
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::From;
use super::facts::{Kinds, Part, Role};
use super::reach::Fields;
use super::trace::Tracer;
use crate::summary::{Answer, What};
use crate::words;

/// A variable, or fields of it, that a branch clears of doing harm.
#[derive(Clone, Debug)]
pub(super) struct Cleared {
    root: ExprId,
    fields: Fields,
    kinds: Kinds,
}

/// How many conditions are looked at for one: each says what the one before means.
const DEEP: usize = 4;

impl<'a> Tracer<'_, 'a> {
    /// The kinds of harm that a variable, or the fields of it, cannot do once an edge is taken.
    pub(super) fn guarded(&self, ending: Ending, when: When, (declared, fields): (ExprId, &[Rc<str>])) -> Kinds {
        let cleared = match (ending, when) {
            (Ending::If(cond), When::True | When::False) => self.cleared(cond, when == When::True),
            (Ending::Case(case), When::True) => self.cleared_by_case(case),
            (Ending::Switch(stmt), When::Clause(at)) => self.cleared_by_clause(stmt, at),
            (Ending::Range(stmt), When::Done) => self.cleared_by_loop(stmt),
            _ => return Kinds::default(),
        };
        let is_it = |of: &&Cleared| of.root == declared && fields.starts_with(&of.fields);
        cleared.iter().filter(is_it).fold(Kinds::default(), |kinds, of| kinds.or(of.kinds))
    }

    /// What is cleared where a condition holds, or where it does not.
    fn cleared(&self, cond: ExprId, holds: bool) -> Rc<[Cleared]> {
        let key = (cond, holds);
        if let Some(known) = self.guards.borrow().get(&key) {
            return Rc::clone(known);
        }
        // A condition that is asked for by itself says nothing.
        self.guards.borrow_mut().insert(key, Rc::new([]));
        let mut found = Vec::new();
        self.by_condition(cond, holds, DEEP, &mut found);
        let found: Rc<[Cleared]> = found.into();
        self.guards.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    fn by_condition(&self, cond: ExprId, holds: bool, deep: usize, found: &mut Vec<Cleared>) {
        let cx = self.cx;
        let cond = cx.unparen(cond);
        let Some(deep) = deep.checked_sub(1).filter(|_| self.spend(4)) else { return };
        match cx.expr(cond) {
            Expr::Unary { op: UnaryOp::Not, operand } => self.by_condition(operand, !holds, deep, found),
            Expr::Binary { op: BinaryOp::LogicalAnd, lhs, rhs } if holds => {
                self.by_condition(lhs, holds, deep, found);
                self.by_condition(rhs, holds, deep, found);
            }
            Expr::Binary { op: BinaryOp::LogicalOr, lhs, rhs } if !holds => {
                self.by_condition(lhs, holds, deep, found);
                self.by_condition(rhs, holds, deep, found);
            }
            Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } => {
                self.by_comparison(lhs, rhs, (op == BinaryOp::Equal) == holds, deep, found);
            }
            // `slices.Index(allowed, name) >= 0`.
            Expr::Binary { op: BinaryOp::GreaterEqual, lhs, .. } if holds => self.by_call(lhs, true, found),
            Expr::Binary { op: BinaryOp::Less, lhs, .. } if !holds => self.by_call(lhs, true, found),
            // A set: `allowed[name]`.
            Expr::Index { args, .. } if holds => {
                cx.exprs(args).iter().for_each(|&key| self.clear(key, Kinds::ALL, found));
            }
            Expr::Call { .. } => self.by_call(cond, holds, found),
            Expr::Ident => self.by_flag(cond, holds, deep, found),
            _ => {}
        }
    }

    /// A variable of type `bool`: what it was given says what it means.
    fn by_flag(&self, flag: ExprId, holds: bool, deep: usize, found: &mut Vec<Cleared>) {
        let cx = self.cx;
        let definitions = self.definitions(flag).unwrap_or_default();
        for &(value, result) in definitions.iter().take(4) {
            let value = cx.unparen(value);
            match cx.expr(value) {
                // `_, ok := allowed[name]`
                Expr::Index { args, .. } if result == 1 && holds => {
                    cx.exprs(args).iter().for_each(|&key| self.clear(key, Kinds::ALL, found));
                }
                Expr::Call { .. } => self.by_call(value, holds, found),
                Expr::Ident if cx.is_builtin(value, if holds { "true" } else { "false" }) => {
                    // Set in an `if` of a loop: `if name == allowed { found = true }`.
                    let is_if = |node: &Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(*id), Stmt::If { .. }));
                    if let Some(Node::Stmt(around)) = cx.tree.ancestors(value).take(6).find(is_if)
                        && let Stmt::If { cond, .. } = cx.stmt(around)
                    {
                        self.by_condition(cond, true, deep, found);
                    }
                }
                Expr::Binary { .. } | Expr::Unary { .. } if result == 0 => {
                    self.by_condition(value, holds, deep, found);
                }
                _ => {}
            }
        }
    }

    fn by_comparison(&self, lhs: ExprId, rhs: ExprId, equal: bool, deep: usize, found: &mut Vec<Cleared>) {
        let cx = self.cx;
        let (tested, with) = if cx.string_value(lhs).is_some() { (rhs, lhs) } else { (lhs, rhs) };
        if cx.is_builtin(with, "nil") {
            return self.by_nil(tested, equal, found);
        }
        if cx.is_builtin(with, "true") || cx.is_builtin(with, "false") {
            return self.by_condition(tested, cx.is_builtin(with, "true") == equal, deep, found);
        }
        if equal && !is_number(cx.under(tested)) {
            self.clear(tested, Kinds::ALL, found);
            self.clear(with, Kinds::ALL, found);
        }
    }

    /// `err == nil` after a check that gives an error, and `v != nil` after a lookup that gives nothing for what it does not know.
    fn by_nil(&self, tested: ExprId, is_nil: bool, found: &mut Vec<Cleared>) {
        let cx = self.cx;
        let of_error = cx.ty(tested) == TypeId::ERROR || cx.ty(tested).is_unknown() && cx.source(tested) == "err";
        let calls = match cx.expr(cx.unparen(tested)) {
            Expr::Call { .. } => vec![(tested, 0)],
            Expr::Ident => self.definitions(tested).unwrap_or_default(),
            _ => return,
        };
        for &(value, _) in calls.iter().take(4) {
            let value = cx.unparen(value);
            match cx.expr(value) {
                Expr::Call { .. } if of_error == is_nil => self.by_call(value, true, found),
                Expr::Index { args, .. } if !is_nil => {
                    cx.exprs(args).iter().for_each(|&key| self.clear(key, Kinds::ALL, found));
                }
                _ => {}
            }
        }
    }

    /// What a call has checked that answers `true`, or no error (`holds`), or `false`.
    fn by_call(&self, call: ExprId, holds: bool, found: &mut Vec<Cleared>) {
        let cx = self.cx;
        let Expr::Call { args, .. } = cx.expr(cx.unparen(call)) else { return };
        let args = cx.exprs(args);
        let roles = cx.callee(call).map(|callee| cx.roles(&callee));
        for role in roles.into_iter().flat_map(|roles| roles.iter()) {
            match role {
                Role::Guard(index, kinds) if holds => {
                    args.get(index).into_iter().for_each(|&arg| self.clear(arg, kinds, found));
                }
                Role::Denies(index) if !holds => {
                    let kinds = args.get(index + 1).map(|&what| self.denied(what)).unwrap_or_default();
                    args.get(index).into_iter().for_each(|&arg| self.clear(arg, kinds, found));
                }
                Role::Prefix(index) if holds => {
                    if let (Some(&arg), Some(&prefix)) = (args.get(index), args.get(index + 1)) {
                        self.clear(arg, self.by_prefix(arg, prefix), found);
                    }
                }
                Role::Suffix(index) if holds => {
                    let of_host = |text: std::borrow::Cow<str>| text.starts_with('.') && text.len() > 2;
                    let is_host = args.get(index).is_some_and(|&arg| self.is_host(arg));
                    if is_host && args.get(index + 1).and_then(|&end| cx.string_value(end)).is_some_and(of_host) {
                        self.clear(args[index], Kinds::URL.or(Kinds::REDIRECT), found);
                    }
                }
                _ => {}
            }
        }
        if roles.is_none_or(|roles| roles.is_empty()) && !self.is_of_std(call) {
            self.by_name(call, args, holds, found);
        }
        // What a function of the package checks before it returns no error.
        let flows = cx.call(call).filter(|_| holds).and_then(|call| cx.ask_taint(&call, What::TaintCleared));
        for flow in flows.iter().flat_map(|flows| flows.iter()) {
            if let From::Given(Part::Arg(index), _) = flow.from {
                args.get(index).into_iter().for_each(|&arg| self.clear(arg, flow.kinds, found));
            }
        }
    }

    fn is_of_std(&self, call: ExprId) -> bool {
        self.cx.callee(call).is_some_and(|callee| !self.cx.is_own(&callee) && !gopeer_sema::has_host(callee.path))
    }

    /// A function that says by its name, or by what it answers, that it checks what it is given.
    fn by_name(&self, call: ExprId, args: &[ExprId], holds: bool, found: &mut Vec<Cleared>) {
        const CHECKS: &[&str] = &[
            "accept",
            "accepts",
            "allow",
            "allowed",
            "allows",
            "check",
            "checked",
            "contains",
            "ensure",
            "exist",
            "exists",
            "has",
            "in",
            "is",
            "known",
            "legal",
            "lookup",
            "match",
            "matches",
            "must",
            "registered",
            "safe",
            "sanitize",
            "supported",
            "trusted",
            "valid",
            "validate",
            "validated",
            "validator",
            "verify",
            "whitelisted",
        ];
        const DENIES: &[&str] = &[
            "bad",
            "blacklisted",
            "blocked",
            "dangerous",
            "denied",
            "denies",
            "disallowed",
            "escape",
            "escapes",
            "forbidden",
            "illegal",
            "invalid",
            "malformed",
            "malicious",
            "outside",
            "private",
            "reject",
            "rejected",
            "suspicious",
            "traversal",
            "unsafe",
            "unsupported",
        ];
        const NOTHING: &[&str] = &["blank", "empty", "nil", "null", "set", "zero"];
        let cx = self.cx;
        let name = words(cx.callee_text(call));
        let has = |list: &[&str]| name.iter().any(|word| list.contains(&word.as_str()));
        let answers = cx.results(call).and_then(|results| results.first().copied()) == Some(TypeId::from(Basic::Bool));
        let denies = has(DENIES) && answers;
        // A question about this text alone, which a function of the package answers: `if !localPath(next)`.
        let asks = || answers && args.len() == 1 && cx.callee(call).is_some_and(|callee| cx.is_own(&callee));
        // What is found under it is there.
        let finds = || has(&["find", "get", "lookup"]) && self.gives_struct(call);
        if has(NOTHING) || !(denies && !holds || !denies && holds && (has(CHECKS) || asks() || finds())) {
            return;
        }
        if cx.ask(call, What::ChecksNothing) == Some(Answer::Is(true)) {
            return;
        }
        let receiver = cx.method_call(call).map(|(receiver, ..)| receiver);
        for given in args.iter().copied().chain(receiver) {
            let from = found.len();
            self.clear(given, Kinds::ALL, found);
            if let Some(checked) = self.checked_fields(call, given) {
                let whole = found.split_off(from);
                let below = |of: &Cleared, name: &Rc<str>| {
                    let fields = of.fields.iter().chain([name]).cloned().collect();
                    Cleared { root: of.root, fields, kinds: of.kinds }
                };
                found.extend(whole.iter().flat_map(|of| checked.iter().map(move |name| below(of, name))));
            }
        }
    }

    /// The fields of a struct that a function of the package checks which is given it; none if that may be all.
    fn checked_fields(&self, call: ExprId, given: ExprId) -> Option<Vec<Rc<str>>> {
        const MOST: usize = 24;
        let cx = self.cx;
        let Type::Struct(fields) = cx.store.under(cx.deref(cx.ty(given))) else { return None };
        let names = fields.fields.iter().map(|field| cx.store.text(field.name));
        let ignored = |name: &&str| cx.ask(call, What::Ignores((*name).into())) == Some(Answer::Is(true));
        // What an embedded struct has is also named without it.
        let plain = fields.fields.len() <= MOST && !fields.fields.iter().any(|field| field.embedded);
        let some = plain && names.clone().any(|name| ignored(&name));
        some.then(|| names.filter(|name| !ignored(name)).map(Rc::from).collect())
    }

    /// Whether a call gives a struct, and whether that is there.
    fn gives_struct(&self, call: ExprId) -> bool {
        let cx = self.cx;
        match cx.results(call).as_deref() {
            Some(&[found, _]) => matches!(cx.store.under(cx.deref(found)), Type::Struct(_) | Type::Unknown),
            Some([_, _, ..]) => false,
            _ => cx.ty(call).is_unknown() && cx.assignment_of(call).is_some_and(|(targets, ..)| targets.len() == 2),
        }
    }

    /// The kinds of harm that a value cannot do which does not contain this.
    fn denied(&self, what: ExprId) -> Kinds {
        let text = match self.cx.string_value(what) {
            Some(text) => text.into_owned(),
            None if self.cx.ty(what).is_unknown() => return Kinds::ALL,
            None => self.cx.source(what).to_owned(),
        };
        match &*text {
            ".." | "../" => Kinds::PATH,
            "//" | "://" => Kinds::REDIRECT.or(Kinds::URL),
            text if text.contains(['/', '\\']) => Kinds::PATH,
            text if text.contains(['<', '\'', ';', '"']) => Kinds::ALL.without(Kinds::PATH),
            _ => Kinds::default(),
        }
    }

    /// The kinds of harm that a value with this prefix cannot do.
    fn by_prefix(&self, value: ExprId, prefix: ExprId) -> Kinds {
        let cx = self.cx;
        let text = cx.string_value(prefix);
        if let Some(text) = &text
            && let Some((_, rest)) = text.split_once("://")
        {
            return if rest.contains('/') { Kinds::URL.or(Kinds::REDIRECT) } else { Kinds::default() };
        }
        // Whatever shares the beginning of its name is beside the folder, and before `..` is removed nothing is said.
        let source = cx.source(prefix).to_ascii_lowercase();
        let ends = text.map_or(source.ends_with("\"/\"") || source.contains("separator"), |text| text.ends_with('/'));
        if ends && self.is_clean(value, DEEP) { Kinds::PATH } else { Kinds::default() }
    }

    /// Whether `..` has been removed from a path.
    fn is_clean(&self, path: ExprId, deep: usize) -> bool {
        const CLEANS: &[&str] = &[
            "path/filepath.Clean",
            "path/filepath.Join",
            "path/filepath.Abs",
            "path/filepath.EvalSymlinks",
            "path.Clean",
            "path.Join",
        ];
        let cx = self.cx;
        let path = cx.unparen(path);
        let Some(deep) = deep.checked_sub(1) else { return false };
        if cx.calls(path, CLEANS) {
            return true;
        }
        match cx.expr(path) {
            Expr::Ident => {
                let made = self.definitions(path).unwrap_or_default();
                !made.is_empty() && made.iter().all(|&(value, _)| self.is_clean(value, deep))
            }
            // With a separator at the end.
            Expr::Binary { op: BinaryOp::Add, lhs, .. } => self.is_clean(lhs, deep),
            _ => false,
        }
    }

    fn is_host(&self, expr: ExprId) -> bool {
        let name = words(self.cx.source(expr));
        name.iter().any(|word| matches!(word.as_str(), "host" | "hostname" | "domain"))
    }

    fn cleared_by_case(&self, case: ExprId) -> Rc<[Cleared]> {
        let cx = self.cx;
        let mut found = Vec::new();
        for node in cx.tree.ancestors(case).take(2) {
            if let Node::Stmt(id) = node
                && let Some(Node::Stmt(switch)) = cx.tree.parent(id)
                && let Stmt::Switch { tag: Some(tag), .. } = cx.stmt(switch)
            {
                self.clear(tag, Kinds::ALL, &mut found);
            }
        }
        found.into()
    }

    fn cleared_by_clause(&self, switch: StmtId, clause: u32) -> Rc<[Cleared]> {
        let cx = self.cx;
        let mut found = Vec::new();
        if let Stmt::Switch { tag: Some(tag), clauses, .. } = cx.stmt(switch)
            && let Some(&clause) = cx.stmts(clauses).get(clause as usize)
            && matches!(cx.stmt(clause), Stmt::CaseClause { default: false, .. })
        {
            self.clear(tag, Kinds::ALL, &mut found);
        }
        found.into()
    }

    /// A loop over the letters of a text that leaves the function for some of them.
    fn cleared_by_loop(&self, range: StmtId) -> Rc<[Cleared]> {
        let cx = self.cx;
        let mut found = Vec::new();
        if let Stmt::Range { subject, body, .. } = cx.stmt(range)
            && !cx.ty(subject).is_unknown()
            && cx.carries_text(cx.ty(subject))
            && !matches!(cx.under(subject), Type::Map { .. } | Type::Struct(_))
            && cx.returned(body).next().is_some()
        {
            self.clear(subject, Kinds::ALL, &mut found);
        }
        found.into()
    }

    /// Adds the variables that an expression is made of, so that it says something of them.
    fn clear(&self, expr: ExprId, kinds: Kinds, found: &mut Vec<Cleared>) {
        if !kinds.is_empty() {
            self.subjects(expr, kinds, DEEP, found);
        }
    }

    fn subjects(&self, expr: ExprId, kinds: Kinds, deep: usize, found: &mut Vec<Cleared>) {
        const KEEPS: &[&str] = &["strings", "bytes", "net/url", "path", "path/filepath", "net", "net/http"];
        const PARTS: &[&str] = &["Base", "Ext", "Dir", "Split", "Port", "Query", "Get", "Index", "Count"];
        let cx = self.cx;
        let (mut at, mut fields) = (cx.unparen(expr), Vec::new());
        let Some(deep) = deep.checked_sub(1) else { return };
        for _ in 0..16 {
            at = match cx.expr(at) {
                Expr::Paren(inner) | Expr::Star(inner) => inner,
                Expr::Unary { op: UnaryOp::Addr, operand } => operand,
                Expr::TypeAssert { base, .. } => base,
                Expr::Selector { base, name } => {
                    let is_field = cx.facts.selection(at).is_none_or(|known| known.kind == SelectionKind::Field);
                    if !is_field || cx.is_qualified(at) {
                        return;
                    }
                    // What is known of its host is known of the address.
                    match cx.has_type(base, &["net/url.URL"]) {
                        true if cx.source(name) == "Host" => fields.clear(),
                        true => return,
                        false => fields.push(Rc::from(cx.source(name))),
                    }
                    base
                }
                Expr::Index { base, args } => match self.key(args) {
                    Some(key) => {
                        fields.push(key);
                        base
                    }
                    None => return,
                },
                Expr::Call { fun, args, .. } if cx.facts.mode(fun) == Mode::Type => match cx.only(args) {
                    Some(inner) => inner,
                    None => return,
                },
                Expr::Call { args, .. } => {
                    let Some(call) = cx.call(at) else { return };
                    if !KEEPS.contains(&call.callee.path) || PARTS.contains(&call.callee.name) {
                        return;
                    }
                    let given = cx.exprs(args).iter().copied().chain(call.receiver);
                    given.for_each(|given| self.subjects(given, kinds, deep, found));
                    return;
                }
                Expr::Ident => break,
                _ => return,
            };
        }
        let Def::Local(root) = cx.def(at) else { return };
        // Who may send a request says nothing about what is in it.
        if cx.is_request(cx.ty(at)) {
            return;
        }
        fields.reverse();
        if fields.is_empty()
            && let Some((made, _)) = cx.origin(at)
            && matches!(cx.expr(cx.unparen(made)), Expr::Call { .. })
        {
            self.subjects(made, kinds, deep, found);
        }
        found.push(Cleared { root, fields: fields.into(), kinds });
    }
}

fn is_number(ty: Type) -> bool {
    matches!(ty, Type::Basic(basic) if !basic.is_string())
}
