//! What a function does with locks by itself: which it takes, what it calls and which fields it looks at while it holds which.

use std::collections::HashMap;
use std::rc::Rc;

use gopeer_flow::Use;
use gopeer_sema::types::{PkgId, Type, TypeId};
use gopeer_sema::{Def, ObjectKind, SelectionKind};
use gopeer_syntax::ast::{AssignOp, BinaryOp, Decl, DeclId, Expr, ExprId, Node, Stmt, UnaryOp};

use super::waits::{Serves, Wait};
use super::{Base, HeldLocks, Mode, Place, Taken};
use crate::races::is_receiver;
use crate::{Cx, FuncName};

/// What separates a field that is a struct from a field of it, in [`Access::field`].
pub(super) const PART: char = '/';

/// The fields of structs that are mutexes.
pub(super) type LocksOf = HashMap<TypeId, Rc<[Rc<str>]>>;

/// A function of the package, and what it does with locks by itself.
pub(super) type Facts = (FuncName, Rc<LockFacts>);

/// What a function does with locks by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LockFacts {
    /// Whether other packages can call it.
    pub(super) exported: bool,
    /// Whether it answers requests or handles messages, by what it is given: what calls it for each of them holds no lock.
    pub(super) handles: bool,
    /// Whether it is a method.
    pub(super) method: bool,
    /// Whether its name or its comment says that its callers hold a lock.
    pub(super) expects_lock: bool,
    /// Whether its comment says how to treat what it returns.
    pub(super) warns: bool,
    /// The locks that it takes, with what is held then.
    pub(super) takes: Vec<(Taken, Site)>,
    /// The functions of the package that it calls.
    pub(super) calls: Vec<CallSite>,
    /// The parameters that it calls, with what is held then.
    pub(super) invokes: Vec<(usize, Site)>,
    /// The functions of fields that it calls.
    pub(super) field_calls: Vec<(Rc<str>, Site)>,
    /// The functions that fields get.
    pub(super) binds: Vec<(Rc<str>, Bound)>,
    /// The functions that parameters of other functions get, by their indexes.
    pub(super) gives: Vec<(FuncName, usize, FuncName)>,
    /// The functions that it uses as values, with whether somebody calls them who holds no lock of the package.
    pub(super) values: Vec<(FuncName, bool)>,
    /// The fields that it looks at, of structs that have a lock.
    pub(super) accesses: Vec<Access>,
    /// What it waits for.
    pub(super) waits: Vec<(Wait, Site)>,
    /// What it does that others wait for.
    pub(super) serves: Vec<(Serves, Place, Site)>,
    /// The channels that it makes, with whether they have room.
    pub(super) channels: Vec<(Place, bool)>,
    /// Pairs of locks of one kind that it takes one after the other, as its caller says which is which: the two calls.
    pub(super) alike: Vec<(ExprId, ExprId)>,
}

/// What a field gets that holds a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bound {
    /// This function or method.
    To(FuncName),
    /// The parameter of this index.
    Param(usize),
}

/// Where something is done, and what is held then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Site {
    pub(super) at: ExprId,
    /// The locks that are held.
    pub(super) held: Vec<(Place, Mode)>,
    /// The locks of callers that may have been unlocked before.
    pub(super) released: Vec<Place>,
    /// Whether others may be held: a closure does it that somebody calls who may hold locks.
    pub(super) unknown: bool,
    /// Whether a goroutine does it that the function starts.
    pub(super) detached: bool,
    /// Whether goroutines do it that a loop starts.
    pub(super) many: bool,
    /// Whether it hangs on a parameter that is a `bool`, or is compared with nil.
    pub(super) conditional: bool,
    /// The closure that does it, if that is not called in place.
    pub(super) unit: Option<ExprId>,
    /// Whether it is done again and again, or when all else is done.
    pub(super) late: bool,
    /// Whether a `defer` does it.
    pub(super) deferred: bool,
    /// Whether the function is left after it, without another iteration of a loop around it.
    pub(super) last: bool,
}

/// A call of a function of the package.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CallSite {
    pub(super) callee: FuncName,
    /// Its name alone.
    pub(super) name: Rc<str>,
    pub(super) site: Site,
    /// What its receiver and its parameters are here.
    pub(super) given: Vec<(Base, Place)>,
    /// Those of them that were made here, so that nobody else has them.
    pub(super) fresh: Vec<Base>,
    /// Whether it is called, or deferred, and no goroutine of its own.
    pub(super) waits: bool,
    /// Whether it does not show what its receiver is here.
    pub(super) opaque: bool,
}

/// A field of a struct with a lock is looked at or assigned to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Access {
    /// The field, by the type that declares it: `Store.items`.
    pub(super) field: Rc<str>,
    /// The struct.
    pub(super) owner: Place,
    /// The locks of the struct: their fields.
    pub(super) locks: Rc<[Rc<str>]>,
    pub(super) writes: bool,
    /// Whether what it holds is changed, an element or what it points to, and not the field as a whole.
    pub(super) inside: bool,
    /// Whether the new value is made from the old one: `s.n++`.
    pub(super) counts: bool,
    /// Whether it is set where it was found to be nil.
    pub(super) lazy: bool,
    /// Whether it is returned as it is, and is a map, a slice or a pointer.
    pub(super) returned: bool,
    /// Whether the struct was made here, so that nobody else has it.
    pub(super) fresh: bool,
    /// Whether others have the struct as well as this function: it belongs to the receiver, or to a variable of the package.
    pub(super) shared: bool,
    /// Whether it is only compared with nil.
    pub(super) nil_test: bool,
    /// Whether it is a slice, and only its length is asked for.
    pub(super) sized: bool,
    pub(super) site: Site,
}

impl LockFacts {
    /// Whether a function calls its parameter of this index without a lock, and has no other means to keep such calls apart.
    pub(crate) fn calls_freely(&self, index: usize) -> bool {
        let calls = |(invoked, site): &(usize, Site)| *invoked == index && site.held.is_empty() && !site.unknown;
        self.takes.is_empty() && self.waits.is_empty() && self.invokes.iter().any(calls)
    }

    /// The fields of its receiver that a function looks at, and the lock beside them that it holds then; none that it changes. What it calls
    /// with the lock held counts.
    pub(crate) fn looks(&self, of: &dyn Fn(&FuncName) -> Option<Rc<LockFacts>>) -> Vec<(Rc<str>, Rc<str>)> {
        let name = |field: &Rc<str>| -> Rc<str> { field.rsplit('.').next().unwrap_or_default().into() };
        let lock_of = |site: &Site| {
            let own =
                site.held.iter().find(|(lock, _)| lock.base == Base::Receiver && lock.path.matches('.').count() == 1);
            own.filter(|_| site.counts()).map(|(lock, _)| Rc::from(lock.name()))
        };
        let reads = |access: &&Access| is_receiver(&access.owner) && !access.field.contains(PART);
        let mut found = Vec::new();
        for access in self.accesses.iter().filter(reads) {
            found.extend(lock_of(&access.site).map(|lock| (name(&access.field), lock)));
        }
        for call in &self.calls {
            let itself = call.given.iter().any(|(base, there)| *base == Base::Receiver && is_receiver(there));
            let (Some(lock), true) = (lock_of(&call.site), itself && call.waits) else { continue };
            let facts = of(&call.callee);
            let accesses = facts.iter().flat_map(|facts| &facts.accesses).filter(reads);
            found.extend(accesses.map(|access| (name(&access.field), Rc::clone(&lock))));
            if facts.is_some_and(|facts| facts.accesses.iter().any(|access| access.writes)) {
                return Vec::new();
            }
        }
        if self.accesses.iter().any(|access| access.writes) { Vec::new() } else { found }
    }
}

/// The type that a function is a method of.
pub(super) fn owner(name: &FuncName) -> Option<&str> {
    name.rsplit_once('.').map(|(owner, _)| owner)
}

impl<'a> Cx<'a> {
    pub(crate) fn lock_facts(&self, func: DeclId) -> LockFacts {
        let Decl::Func { recv, body: Some(body), .. } = self.decl(func) else { return LockFacts::default() };
        let name = self.func_name(func).unwrap_or_default();
        let mut facts = LockFacts {
            exported: name.starts_with(char::is_uppercase) || matches!(name, "main" | "init"),
            handles: self.as_func(Node::Decl(func)).is_some_and(|func| self.caller(func).is_some()),
            method: !recv.is_empty(),
            expects_lock: self.expects_lock(func),
            warns: self.warns_of_result(func),
            ..LockFacts::default()
        };
        // What tests do says nothing about what callers hold.
        if self.file.is_test() {
            return facts;
        }
        let mut locks = HashMap::new();
        let wanted = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => {
                matches!(
                    cx.expr(id),
                    Expr::Call { .. }
                        | Expr::Selector { .. }
                        | Expr::Ident
                        | Expr::KeyValue { .. }
                        | Expr::Unary { op: UnaryOp::Recv, .. }
                )
            }
            Node::Stmt(id) => matches!(cx.stmt(id), Stmt::Select { .. }),
            _ => false,
        };
        for node in self.within(body, true, wanted).iter().filter(|&&node| !self.never_runs(node)) {
            let expr = match *node {
                Node::Expr(expr) => expr,
                Node::Stmt(select) => {
                    facts.waits.extend(self.select_waits(select).map(|(wait, at)| (wait, self.site(at))));
                    continue;
                }
                _ => continue,
            };
            facts.waits.extend(self.wait_at(expr).map(|wait| (wait, self.site(expr))));
            facts.serves.extend(self.serves_at(expr).map(|(serves, on)| (serves, on, self.site(expr))));
            facts.serves.extend(self.counted_at(expr));
            match self.expr(expr) {
                Expr::Call { .. } => self.add_call(expr, &mut facts),
                _ if self.is_called(expr) => {}
                Expr::KeyValue { key, value } => facts.binds.extend(self.bound(key, value)),
                Expr::Selector { .. } => {
                    facts.binds.extend(self.assigned_to(expr).and_then(|value| self.bound(expr, value)));
                    facts.accesses.extend(self.field_access(expr, &mut locks));
                    facts.values.extend(self.function_value(expr));
                }
                _ => facts.values.extend(self.function_value(expr)),
            }
        }
        facts
    }

    /// That a function literal is done, for what waits for the group which starts it: `g.Go(func() error { … })`.
    fn counted_at(&self, call: ExprId) -> Option<(Serves, Place, Site)> {
        let spawn = self.spawn(Node::Expr(call))?;
        let group = self.place(spawn.group?)?;
        self.as_func(Node::Expr(spawn.runs))?;
        let site = Site { held: Vec::new(), detached: true, late: true, unit: Some(spawn.runs), ..self.site(call) };
        Some((Serves::Done, group, site))
    }

    pub(crate) fn is_called(&self, expr: ExprId) -> bool {
        matches!(self.tree.parent(expr), Some(Node::Expr(call)) if matches!(self.expr(call), Expr::Call { fun, .. } if fun == expr))
    }

    fn add_call(&self, call: ExprId, facts: &mut LockFacts) {
        facts.channels.extend(self.channel_made(call));
        if self.lock_call(call).is_some() {
            facts.takes.extend(self.taken_at(call).map(|taken| (taken, self.site(call))));
            facts.alike.extend(self.alike_before(call));
            return;
        }
        if let Some(field) = self.function_field(self.callee_expr(call)) {
            // Where a flag is asked, who set that may be past the other lock.
            if !self.is_under_flag(call) {
                facts.field_calls.push((field, self.site(call)));
            }
            return;
        }
        let Some(found) = self.call(call) else {
            let called = self.parameter_called(call).filter(|_| !self.is_go(call));
            facts.invokes.extend(called.map(|index| (index, self.site(call))));
            return;
        };
        for (callee, arg) in self.formatters(call) {
            let name = callee.rsplit('.').next().unwrap_or_default().into();
            let given = self.place(arg).map(|place| (Base::Receiver, place));
            facts.calls.push(CallSite {
                callee,
                name,
                site: self.site(call),
                fresh: given.iter().filter(|_| self.is_fresh(arg)).map(|(base, _)| base.clone()).collect(),
                opaque: given.is_none(),
                given: given.into_iter().collect(),
                waits: true,
            });
        }
        let Some(callee) = self.own_function(found.callee) else { return };
        let functions = found.args.iter().enumerate().filter_map(|(at, &arg)| Some((at, self.own_value(arg)?)));
        facts.gives.extend(functions.map(|(at, value)| (callee.clone(), at, value)));
        let receiver =
            found.receiver.and_then(|receiver| Some((Base::Receiver, receiver, self.receiver_place(found)?)));
        let args = found.args.iter().enumerate();
        let args = args.filter_map(|(index, &arg)| Some((Base::Param(index), arg, self.place(arg)?)));
        let given: Vec<_> = receiver.into_iter().chain(args).collect();
        facts.calls.push(CallSite {
            callee,
            name: found.callee.name.into(),
            site: self.site(call),
            fresh: given.iter().filter(|(_, arg, _)| self.is_fresh(*arg)).map(|(base, ..)| base.clone()).collect(),
            given: given.into_iter().map(|(base, _, place)| (base, place)).collect(),
            waits: !self.is_go(call),
            opaque: found.receiver.is_some() && self.receiver_place(found).is_none(),
        });
    }

    /// Whether a call is in an `if` that asks for a flag alone.
    fn is_under_flag(&self, call: ExprId) -> bool {
        let span = self.span(call);
        let asks = |node: Node| match node {
            Node::Stmt(id) => {
                matches!(self.stmt(id), Stmt::If { cond, then, .. } if self.span(then).contains(span) && self.asks_flag(cond))
            }
            _ => false,
        };
        self.tree.ancestors(call).any(asks)
    }

    fn callee_expr(&self, call: ExprId) -> ExprId {
        match self.expr(call) {
            Expr::Call { fun, .. } => self.unparen(fun),
            _ => call,
        }
    }

    /// The field of a struct of the package that an expression selects, or that a key of a literal names, if it holds a function.
    fn function_field(&self, expr: ExprId) -> Option<Rc<str>> {
        let name = match self.expr(expr) {
            Expr::Selector { name, .. } => name,
            Expr::Ident => expr,
            _ => return None,
        };
        let selection = self.facts.selection(expr).filter(|selection| selection.kind == SelectionKind::Field)?;
        let owner = selection.owner.filter(|&owner| self.store.named(owner).pkg == PkgId::SELF)?;
        matches!(self.under(expr), Type::Signature(_))
            .then(|| format!("{}.{}", self.store.named_path(owner).1, self.source(name)).into())
    }

    /// The function of the package that a value is.
    fn own_value(&self, value: ExprId) -> Option<FuncName> {
        let value = self.unparen(value);
        let names = matches!(self.expr(value), Expr::Ident | Expr::Selector { .. });
        names.then(|| self.function_value(value)).flatten().map(|(name, _)| name)
    }

    /// What a field that holds a function gets.
    fn bound(&self, field: ExprId, value: ExprId) -> Option<(Rc<str>, Bound)> {
        let field = self.function_field(field)?;
        let bound = self.own_value(value).map(Bound::To).or_else(|| match self.place(value)? {
            Place { base: Base::Param(index), path, .. } if path.is_empty() => Some(Bound::Param(index)),
            _ => None,
        })?;
        Some((field, bound))
    }

    /// What is assigned to an expression.
    fn assigned_to(&self, target: ExprId) -> Option<ExprId> {
        let Node::Stmt(stmt) = self.tree.parent(target)? else { return None };
        let Stmt::Assign { lhs, rhs, .. } = self.stmt(stmt) else { return None };
        let (lhs, rhs) = (self.exprs(lhs), self.exprs(rhs));
        rhs.get(self.tree.place(lhs, target)?).copied().filter(|_| lhs.len() == rhs.len())
    }

    /// The parameter of the declared function that a call calls.
    fn parameter_called(&self, call: ExprId) -> Option<usize> {
        let Expr::Call { fun, .. } = self.expr(call) else { return None };
        match self.place(fun)? {
            Place { base: Base::Param(index), path, .. } if path.is_empty() => Some(index),
            _ => None,
        }
    }

    fn site(&self, at: ExprId) -> Site {
        let HeldLocks { held, released, unknown, free, detached, deferred: unlocks, .. } = self.held_at(at);
        // What is held where a goroutine is started may be so until it has ended.
        let unit = self.unit_of(at);
        let spawn = unit.filter(|_| detached).and_then(|literal| self.spawn_of(literal));
        let unknown = unknown && !free || spawn.is_some_and(|spawn| !self.held_at(spawn.call).held.is_empty());
        // When a deferred call runs, a lock is held only if a `defer` before it is what unlocks it.
        let runs_last = self.is_deferred(at);
        let held = held.into_iter().filter(|held| !runs_last || unlocks.contains(&held.lock));
        let held = held.map(|held| (held.lock, held.mode)).collect();
        let conditional = self.hangs_on_parameter(at);
        let ranges =
            matches!(self.tree.parent(at), Some(Node::Stmt(stmt)) if matches!(self.stmt(stmt), Stmt::Range { .. }));
        let deferred = self.enclosing_defer(at).is_some();
        let late = ranges || deferred || self.enclosing_loop(at).is_some();
        Site {
            at,
            held,
            released,
            unknown,
            detached,
            many: spawn.is_some_and(|spawn| self.enclosing_loop(spawn.call).is_some()),
            conditional,
            unit,
            late,
            deferred,
            last: self.leaves_after(at),
        }
    }

    /// Whether a block in a loop that an expression is in ends with a `return`.
    pub(crate) fn leaves_after(&self, at: ExprId) -> bool {
        fn leaves(cx: &Cx, node: Node) -> bool {
            matches!(cx.list_of(node).last().map(|&last| cx.stmt(last)), Some(Stmt::Return(_)))
        }
        let stops = |cx: &Cx, node: Node| cx.is_loop(node) || cx.as_func(node).is_some() || leaves(cx, node);
        self.enclosing_loop(at).is_some() && self.around(at, stops).is_some_and(|node| leaves(self, node))
    }

    /// Whether what an expression names, or points to, was made by the function, or by a constructor for it: nobody else has it yet.
    pub fn is_fresh(&self, expr: ExprId) -> bool {
        let Some(root) = self.begins_with(expr) else { return self.makes_new(expr) };
        let Def::Local(declared) = self.def(root) else { return false };
        match self.tree.parent(declared) {
            Some(Node::Field(_)) => false,
            // `var s Store` has no value that it comes from.
            parent => match self.origin(declared) {
                Some((value, _)) => self.makes_new(value),
                None => matches!(parent, Some(Node::Decl(_))),
            },
        }
    }

    fn makes_new(&self, value: ExprId) -> bool {
        let value = self.unparen(value);
        match self.expr(value) {
            Expr::Unary { op: UnaryOp::Addr, operand } => {
                matches!(self.expr(self.unparen(operand)), Expr::Composite { .. })
            }
            Expr::Composite { .. } => true,
            Expr::Call { .. } => self.constructs(value),
            _ => false,
        }
    }

    /// Whether a call calls what makes something new, by its name.
    pub(super) fn constructs(&self, call: ExprId) -> bool {
        const WORDS: &[&str] = &["build", "clone", "copy", "create", "init", "make", "new", "open", "parse"];
        let name = self.callee_word(call);
        crate::words(name).first().is_some_and(|first| WORDS.contains(&first.as_str()))
    }

    /// Whether the name or the comment of a function says that its callers hold a lock.
    pub(crate) fn expects_lock(&self, func: DeclId) -> bool {
        const NAMES: &[&str] = &["locked", "nolock", "unlocked", "unsafe"];
        const WORDS: &[&str] = &[
            "concurrent",
            "concurrently",
            "guarded",
            "held",
            "hold",
            "holding",
            "holds",
            "lock",
            "locked",
            "locking",
            "mutex",
            "synchronized",
            "unsafe",
        ];
        let says = |text: &str, list: &[&str]| crate::words(text).iter().any(|word| list.contains(&word.as_str()));
        let name = self.func_name(func).unwrap_or_default();
        says(name, NAMES)
            || name.to_lowercase().contains("nolock")
            || self.doc_comment(func).iter().any(|comment| says(comment.body(self.tree.text()), WORDS))
    }

    /// Whether the comment of a function says that what it returns must not be changed, or is shared.
    fn warns_of_result(&self, func: DeclId) -> bool {
        const WORDS: &[&str] = &[
            "caller",
            "callers",
            "immutable",
            "modify",
            "modified",
            "mutate",
            "mutated",
            "only",
            "readonly",
            "reference",
            "shared",
        ];
        let says = |text: &str| crate::words(text).iter().any(|word| WORDS.contains(&word.as_str()));
        self.doc_comment(func).iter().any(|comment| says(comment.body(self.tree.text())))
    }

    /// A function of the package that is used as a value, with whether it is given to a library, which holds no lock of the package.
    pub(crate) fn function_value(&self, expr: ExprId) -> Option<(FuncName, bool)> {
        match self.expr(expr) {
            Expr::Ident => {
                let object = self.store.object(self.facts.object(expr)?);
                let selected = matches!(self.tree.parent(expr), Some(Node::Expr(around))
                    if matches!(self.expr(around), Expr::Selector { .. }));
                if object.kind != ObjectKind::Func || selected {
                    return None;
                }
            }
            _ => {
                self.facts.selection(expr).filter(|selection| selection.kind != SelectionKind::Field)?;
            }
        }
        let name = self.own_function(self.object(expr)?)?;
        let to_library = match self.names_input().use_of(expr) {
            Use::Argument { call, .. } => self.is_given_to_library(call),
            _ => false,
        };
        Some((name, to_library))
    }

    /// The access to a field of a struct with a lock that a selector is.
    fn field_access(&self, selector: ExprId, known: &mut LocksOf) -> Option<Access> {
        let locks = self.locks_beside(selector, known)?;
        let place = self.place(selector)?;
        let (path, name) = place.path.rsplit_once('.')?;
        let owner = Place { path: path.into(), class: None, ..place.clone() };
        let itself = locks.iter().any(|lock| **lock == *name) || self.guards_itself(selector);
        if itself || self.is_len_of_array(selector) || self.is_only_named(selector) {
            return None;
        }
        let Expr::Selector { base, .. } = self.expr(selector) else { return None };
        let field = match (place.class?, self.part_selected(selector)) {
            (_, Some(part)) if self.guards_itself(part) => return None,
            // A part of a struct that is a field is a field as well.
            (class, Some(part)) => format!("{class}{PART}{}", self.callee_word(part)).into(),
            (class, None) => class,
        };
        Some(Access {
            field,
            owner,
            locks,
            writes: self.is_written(selector) || self.is_written_by_pointer(selector),
            inside: !self.is_target(selector)
                && (self.is_written(selector)
                    || self.is_written_through(selector)
                    || self.is_written_by_pointer(selector)),
            counts: self.is_counted(selector),
            lazy: self.is_target(selector) && self.is_lazy(selector),
            returned: self.is_handed_out(selector),
            fresh: self.is_fresh(base),
            shared: self.is_of_shared(base),
            nil_test: self.is_nil_test(selector),
            sized: self.is_len(selector) && matches!(self.under(selector), Type::Slice(_)),
            site: self.site(selector),
        })
    }

    /// Whether what an expression begins with is, or comes out of, the receiver or a variable of the package.
    pub(crate) fn is_of_shared(&self, expr: ExprId) -> bool {
        const DEEP: usize = 4;
        let mut at = expr;
        for turn in 0..DEEP {
            let Some(root) = self.begins_with(at) else { return false };
            let Def::Local(declared) = self.def(root) else { return true };
            let subject = match self.tree.parent(declared) {
                Some(Node::Field(_)) => {
                    return match self.place(declared).map(|place| place.base) {
                        Some(Base::Receiver) => true,
                        // What comes out of a parameter may have been copied for the function.
                        Some(Base::Param(_)) => turn == 0,
                        _ => false,
                    };
                }
                Some(Node::Stmt(stmt)) => match self.stmt(stmt) {
                    Stmt::Range { subject, .. } => Some(subject),
                    _ => self.origin(declared).map(|(value, _)| value),
                },
                _ => self.origin(declared).map(|(value, _)| value),
            };
            match subject {
                Some(subject) => at = subject,
                None => return false,
            }
        }
        false
    }

    /// The identifier that a chain of fields and elements begins with.
    pub(super) fn begins_with(&self, expr: ExprId) -> Option<ExprId> {
        const DEEP: usize = 16;
        let mut expr = self.unparen(expr);
        for _ in 0..DEEP {
            expr = self.unparen(match self.expr(expr) {
                Expr::Selector { base, .. }
                | Expr::Star(base)
                | Expr::Index { base, .. }
                | Expr::Slice { base, .. } => base,
                Expr::Unary { op: UnaryOp::Addr, operand } => operand,
                Expr::TypeAssert { base, .. } => base,
                Expr::Ident => return Some(expr),
                _ => return None,
            });
        }
        None
    }

    /// Whether a field of what a pointer field points to is assigned to: `s.current.name = name`.
    fn is_written_through(&self, field: ExprId) -> bool {
        let Some(Node::Expr(around)) = self.tree.parent(field) else { return false };
        matches!(self.expr(around), Expr::Selector { base, .. } if base == field)
            && matches!(self.under(field), Type::Pointer(_))
            && self.is_written(around)
    }

    /// Whether a pointer to an element of a field is kept in a local, and a field of what it points to is assigned to:
    /// `b := &s.items[i]; b.n = n`.
    fn is_written_by_pointer(&self, field: ExprId) -> bool {
        const MOST: usize = 32;
        let Some(Node::Expr(element)) = self.tree.parent(field) else { return false };
        let Some(Node::Expr(address)) = self.tree.parent(element) else { return false };
        let is_element = matches!(self.expr(element), Expr::Index { base, .. } if base == field);
        // An element with a lock of its own is for that to guard.
        if !is_element
            || !matches!(self.expr(address), Expr::Unary { op: UnaryOp::Addr, .. })
            || self.guards_itself(element)
        {
            return false;
        }
        let Some(Def::Local(declared)) = self.kept_in(address).map(|kept| self.def(self.unparen(kept))) else {
            return false;
        };
        let written = |used: ExprId| match self.tree.parent(used) {
            Some(Node::Expr(around)) => {
                matches!(self.expr(around), Expr::Selector { base, .. } if base == used) && self.is_written(around)
            }
            _ => false,
        };
        self.names.uses(declared).take(MOST).any(written)
    }

    /// Whether a field is returned that others can change, or look at while it is changed: a map, a slice, or a pointer to a struct without
    /// a lock of its own.
    fn is_handed_out(&self, field: ExprId) -> bool {
        let shares = match self.under(field) {
            Type::Map { .. } | Type::Slice(_) => true,
            Type::Pointer(to) => match self.store.under(to) {
                Type::Struct(of) => {
                    let own = !self.is_of_library(to) && self.type_path(to).is_some();
                    let is_lock = |ty| self.type_path(self.deref(ty)).is_some_and(|path| path.starts_with("sync"));
                    own && of.hidden.is_none() && !of.fields.iter().any(|field| is_lock(field.ty))
                }
                _ => false,
            },
            _ => false,
        };
        shares && matches!(self.names_input().use_of(field), Use::Returned(_))
    }

    pub(crate) fn is_counted(&self, expr: ExprId) -> bool {
        let Some(Node::Stmt(stmt)) = self.tree.parent(expr) else { return false };
        matches!(self.stmt(stmt), Stmt::IncDec { .. } | Stmt::Assign { op: AssignOp::Op(_), .. })
    }

    fn is_nil_test(&self, expr: ExprId) -> bool {
        let Some(Node::Expr(around)) = self.tree.parent(expr) else { return false };
        match self.expr(around) {
            Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, rhs, .. } => self.is_builtin(rhs, "nil"),
            _ => false,
        }
    }

    /// The fields that are mutexes of the struct which a selector selects a field of; none if there are none.
    pub(super) fn locks_beside(&self, selector: ExprId, known: &mut LocksOf) -> Option<Rc<[Rc<str>]>> {
        let selection = self.facts.selection(selector).filter(|selection| selection.kind == SelectionKind::Field)?;
        let (of, own) = match selection.owner {
            Some(owner) => (self.store.named(owner).underlying, self.store.named(owner).pkg == PkgId::SELF),
            None => (self.deref(selection.recv), selection.path.len() == 1),
        };
        let locks = known.entry(of).or_insert_with(|| self.locks_of(of));
        (own && !locks.is_empty()).then(|| Rc::clone(locks))
    }

    /// The fields of a struct that are mutexes.
    fn locks_of(&self, of: TypeId) -> Rc<[Rc<str>]> {
        let Type::Struct(of) = self.store.get(of) else { return [].into() };
        // One that is pointed to belongs to something else, too, and may be for that.
        let is_mutex = |ty| self.type_is(ty, &["sync.Mutex", "sync.RWMutex"]);
        of.fields.iter().filter(|field| is_mutex(field.ty)).map(|field| self.store.text(field.name).into()).collect()
    }

    /// Whether a field is of a type that may be used by several goroutines at once, or only leads to a field of a struct inside.
    fn guards_itself(&self, field: ExprId) -> bool {
        let ty = self.deref(self.ty(field));
        let of_sync = |ty: TypeId| matches!(self.type_path(self.deref(ty)), Some("sync" | "sync/atomic"));
        if ty.is_unknown() || of_sync(ty) {
            return true;
        }
        let Type::Struct(of) = self.store.under(ty) else { return false };
        of.fields.iter().any(|field| of_sync(field.ty))
    }

    /// Whether only the length of an array is asked for, which never changes.
    fn is_len_of_array(&self, field: ExprId) -> bool {
        self.is_len(field) && matches!(self.under(field), Type::Array { .. })
    }

    fn is_len(&self, field: ExprId) -> bool {
        let Some(Node::Expr(around)) = self.tree.parent(field) else { return false };
        matches!(self.expr(around), Expr::Call { fun, .. } if self.is_builtin(fun, "len"))
    }

    /// Whether only the size of a field is asked for, by package unsafe, or where it is: `p = &s.f`.
    fn is_only_named(&self, field: ExprId) -> bool {
        let Some(Node::Expr(around)) = self.tree.parent(field) else { return false };
        match self.expr(around) {
            // A function of the package that gets the address is looked at itself.
            Expr::Unary { op: UnaryOp::Addr, .. } => {
                let given = self.tree.parent(around);
                let own = |call| self.call(call).is_some_and(|call| self.is_own(&call.callee));
                self.kept_in(around).is_some() || matches!(given, Some(Node::Expr(call)) if own(call))
            }
            _ => self.callee(around).is_some_and(|callee| callee.path == "unsafe"),
        }
    }

    /// The selector of a field of the struct that a field holds, if no more than that is looked at: `s.stats.count`.
    fn part_selected(&self, field: ExprId) -> Option<ExprId> {
        match self.names_input().use_of(field) {
            Use::Field(part) if matches!(self.under(field), Type::Struct(_)) => Some(part),
            _ => None,
        }
    }

    /// Whether a field, or what it holds, is changed where it is mentioned: `s.n++`, `s.items[k] = v`, `delete(s.items, k)`.
    fn is_written(&self, field: ExprId) -> bool {
        const DEEP: usize = 8;
        let mut expr = field;
        for _ in 0..DEEP {
            if self.is_target(expr) {
                return true;
            }
            let Some(Node::Expr(around)) = self.tree.parent(expr) else { return false };
            let inside = match self.expr(around) {
                Expr::Paren(_) => true,
                Expr::Index { base, .. } => base == expr,
                // What a pointer points to is another's.
                Expr::Selector { base, .. } => base == expr && !matches!(self.under(expr), Type::Pointer(_)),
                Expr::Call { fun, args, .. } => {
                    let first = self.exprs(args).first() == Some(&expr);
                    return first && ["delete", "clear", "copy"].iter().any(|name| self.is_builtin(fun, name));
                }
                _ => false,
            };
            if !inside {
                return false;
            }
            expr = around;
        }
        false
    }
}
