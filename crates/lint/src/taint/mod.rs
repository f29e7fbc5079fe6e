//! Input from outside that gets to where it can do harm: a stranger's request that names a file, a program or a host.
//!
//! It is looked for backwards. From an argument that can do harm (a sink) all that gives it its value is traced: through variables,
//! fields, closures and calls, past what makes it harmless, to input from outside (a source). What functions and fields of
//! libraries do with such input is a table, `taint` in `crates/api/facts`; what those of the package do is asked of their bodies.
//!
//! The parameter of a function is no source by itself: who calls it decides. The function's summary says that what it is given gets
//! to a sink, and the call is one then. Flags, the environment and files are no sources either: who sets them runs the program.

mod facts;
mod guard;
mod mac;
mod reach;
mod sinks;
mod steps;
mod text;
mod trace;

use std::rc::Rc;

use gopeer_flow::Point;
use gopeer_sema::types::{Type, TypeId};
use gopeer_sema::{Def, SelectionKind};
use gopeer_syntax::ast::{BinaryOp, Decl, DeclId, Expr, ExprId, Node, Stmt};

use crate::summary::{Answer, FuncName, What};
use crate::{Call, Cx, Step};
pub use facts::Kinds;
pub(crate) use reach::Events;
use reach::{Does, Fields};
pub(crate) use sinks::Sink;
use trace::{Begin, Trace, Tracer};

/// Input from outside that gets to where it can do harm.
#[derive(Clone, Debug)]
pub struct Taint {
    /// The harm.
    pub kind: Kinds,
    /// The call that does it, or that calls a function of the package in which it is done.
    pub call: ExprId,
    /// The argument.
    pub at: ExprId,
    /// The fields of it that do, where it is a struct.
    pub fields: Rc<[Rc<str>]>,
    /// What does the harm: `exec.Command`.
    pub sink: Rc<str>,
    /// The function of the package in which it is done, if it is not here.
    pub within: Option<FuncName>,
    /// Where the input is read.
    pub source: ExprId,
    /// The class of the input: `query`.
    pub class: Rc<str>,
    /// The way from there to the harm.
    pub steps: Vec<Step>,
}

/// What is known of one piece.
#[derive(Debug, Default)]
pub(crate) struct Taints {
    /// The kinds of harm of what was looked at.
    sinks: Vec<Kinds>,
    found: Vec<Taint>,
}

/// What a function of the package does with input from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaintFlow {
    /// Where it comes from.
    pub from: TaintFrom,
    /// The kinds of harm that it can do.
    pub kinds: Kinds,
    /// The class of input that it is, where the function says that of what it is given.
    pub class: Option<Rc<str>>,
    /// What does the harm, and where; empty if the function gives it back.
    pub sink: Rc<str>,
    /// The way through functions of the package.
    pub steps: Rc<[InnerStep]>,
}

/// A step in a function of the package.
type InnerStep = (FuncName, ExprId, Rc<str>);

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TaintFrom {
    /// From outside: the class of input.
    Outside(Rc<str>),
    /// From what the function is given: these fields of it.
    Given(TaintPart, Fields),
}

/// A part of a call.
pub use facts::Part as TaintPart;

use TaintFlow as Flow;
use TaintFrom as From;

impl Taint {
    /// Where the harm is done, if that is another function of the package, with a blank before it.
    pub fn place(&self) -> String {
        self.within.as_ref().map_or(String::new(), |within| format!(" in `{within}`"))
    }

    /// What the input is, in words: `a query parameter of the request`.
    pub fn origin(&self) -> &'static str {
        steps::origin(&self.class)
    }
}

/// More returns of a function are not looked at.
const MOST_RETURNS: usize = 16;

const NO_FIELDS: fn() -> Fields = || Rc::new([]);

/// Asking.
impl<'a> Cx<'a> {
    /// The function of the package that a call calls; of a method of an interface the only one of this name that can be called so.
    pub(crate) fn function_of(&self, call: &Call<'_>) -> Option<FuncName> {
        let (callee, functions) = (call.callee, self.functions?);
        let name = self.own_function(callee)?;
        if callee.recv.is_none() || functions.declares(&name) {
            return Some(name);
        }
        functions.only_method(callee.name).filter(|only| functions.takes(only, call.args.len()))
    }

    /// Asks what a function of the package does with input from outside.
    pub(crate) fn ask_taint(&self, call: &Call<'_>, what: What) -> Option<Rc<[Flow]>> {
        match self.ask_function(self.function_of(call)?, what)? {
            Answer::Taint(flows) => Some(flows),
            _ => None,
        }
    }

    /// Whether a function that says by its name that it checks what it is given asks for no more than that there is something, or
    /// how long it is.
    pub(crate) fn checks_nothing(&self, decl: DeclId) -> bool {
        const NOTHING: &[&str] =
            &["errors.New", "fmt.Errorf", "strings.TrimSpace", "unicode/utf8.RuneCountInString", "fmt.Sprintf"];
        !self.any(decl, true, |node| match node {
            Node::Stmt(id) => {
                matches!(
                    self.stmt(id),
                    Stmt::Range { .. } | Stmt::For { .. } | Stmt::Switch { .. } | Stmt::TypeSwitch { .. }
                )
            }
            Node::Expr(id) => match self.expr(id) {
                Expr::Call { fun, .. } => !self.is_builtin(fun, "len") && !self.calls(id, NOTHING),
                Expr::Index { .. } | Expr::FuncLit { .. } => true,
                Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } => {
                    let is_text = |side| self.string_value(side).is_some_and(|text| !text.is_empty());
                    let is_number = matches!(self.under(lhs), Type::Basic(basic) if !basic.is_string());
                    let is_nothing =
                        self.is_builtin(rhs, "nil") || self.string_value(rhs).is_some_and(|text| text.is_empty());
                    is_text(lhs) || is_text(rhs) || !is_number && !is_nothing
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether a function asks no more of the field of this name than that it is there, or how long it is. What it is given as a whole
    /// may be handed on to who asks.
    pub(crate) fn ignores(&self, decl: DeclId, field: &str) -> bool {
        let Some(func) = self.as_func(decl.into()) else { return false };
        let Decl::Func { recv, .. } = self.decl(decl) else { return false };
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return false };
        let given: Vec<ExprId> =
            self.params(recv).into_iter().chain(self.params(params)).filter_map(|(name, _)| name).collect();
        !self.any(func.body, true, |node| match node {
            Node::Expr(id) if self.expr(id) == Expr::Ident => {
                matches!(self.def(id), Def::Local(declared) if given.contains(&declared))
                    && !self.is_left_alone(id, field)
            }
            _ => false,
        })
    }

    /// Whether a mention of a struct is one of another field than this, or asks whether that is empty. An interface, or a value
    /// whose type is a parameter, may hold the struct.
    fn is_left_alone(&self, ident: ExprId, field: &str) -> bool {
        const OTHERS: &[&str] = &["context.Context", "net/http.ResponseWriter"];
        match self.store.under(self.deref(self.ty(ident))) {
            Type::Struct(_) => {}
            Type::Interface(_) | Type::Param(_) | Type::Unknown => return self.has_type(ident, OTHERS),
            _ => return true,
        }
        let Some(Node::Expr(selector)) = self.tree.parent(ident) else { return false };
        let Expr::Selector { name, .. } = self.expr(selector) else { return false };
        if self.source(name) != field {
            return matches!(self.facts.selection(selector), Some(known) if known.kind == SelectionKind::Field);
        }
        let is_empty = |side| self.string_value(side).is_some_and(|text| text.is_empty());
        match self.tree.parent(selector) {
            Some(Node::Expr(around)) => match self.expr(around) {
                Expr::Call { fun, .. } => self.is_builtin(fun, "len"),
                Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } => is_empty(lhs) || is_empty(rhs),
                _ => false,
            },
            _ => false,
        }
    }

    /// Input from outside that gets to where it can do harm in this piece: of these kinds. Counts what is looked at as examined.
    pub fn taints(&mut self, kinds: Kinds) -> Vec<Taint> {
        let find = || Rc::new(self.find_taints(Kinds::ANY, &Tracer::new(self)));
        let taints = Rc::clone(self.asked.taints.get_or_init(find));
        taints.sinks.iter().filter(|kind| kinds.has(kind.wide())).for_each(|_| self.examined());
        taints.found.iter().filter(|taint| kinds.has(taint.kind)).cloned().collect()
    }

    /// Secrets that get to where somebody reads them who should not. Counts what is looked at as examined.
    pub fn leaked_secrets(&mut self, is_secret: fn(&Cx, ExprId) -> bool) -> Vec<Taint> {
        let Taints { sinks, found } = self.find_taints(Kinds::SECRET, &Tracer::of_secrets(self, is_secret));
        sinks.iter().for_each(|_| self.examined());
        found
    }

    fn find_taints(&self, kinds: Kinds, tracer: &Tracer<'_, 'a>) -> Taints {
        let mut found: Vec<Taint> = Vec::new();
        let sinks = self.sinks();
        // Who runs the daemon asks its plugins.
        let of_plugin = kinds == Kinds::ANY && self.file.imports_any(&["github.com/docker/go-plugins-helpers"]);
        let sinks = || sinks.iter().filter(|sink| !of_plugin && kinds.has(sink.kinds));
        for sink in sinks() {
            let trace = tracer.trace(sink.at, Rc::clone(&sink.fields), sink.kinds, tracer.used(sink.call));
            let outside = |begin: &&Begin| matches!(begin.from, From::Outside(_)) && sink.takes(begin);
            let Some(begin) = trace.begins.iter().find(outside) else { continue };
            let taint = self.taint(sink, &trace, begin);
            // One input that does the same harm several times is one fault.
            let same = |known: &Taint| known.kind == taint.kind && known.source == taint.source;
            if !found.iter().any(same) {
                found.push(taint);
            }
        }
        Taints { sinks: sinks().map(|sink| sink.kinds).collect(), found }
    }

    /// Whether something in the piece uses what this text names as the path of a file.
    pub fn names_file(&self, text: &str) -> bool {
        const FILES: &[&str] = &["os.Stat", "os.Lstat", "crypto/tls.LoadX509KeyPair"];
        let is_it = |at: ExprId| self.source(at) == text;
        self.sinks().iter().any(|sink| sink.kinds == Kinds::PATH && is_it(sink.at))
            || self.calls_of(FILES).iter().any(|call| call.args.iter().any(|&arg| is_it(arg)))
    }

    /// What a value of the piece is, in words, if it comes from outside and can do harm of these kinds, and the way to it.
    pub fn tainted(&self, value: ExprId, kinds: Kinds) -> Option<(&'static str, Vec<Step>)> {
        let trace = Tracer::new(self).trace(value, NO_FIELDS(), kinds, None);
        trace.begins.iter().find_map(|begin| match &begin.from {
            From::Outside(class) => Some((steps::origin(class), self.outer_steps(&trace, begin))),
            From::Given(..) => None,
        })
    }

    /// What comes out of a function as a result.
    pub(crate) fn taint_of_result(&self, of: &FuncName, func: DeclId, result: usize, fields: &Fields) -> Rc<[Flow]> {
        let tracer = Tracer::new(self);
        let mut flows = Vec::new();
        let named = self.as_func(func.into()).and_then(|func| self.results_of(func).get(result)?.0);
        for (stmt, results) in self.returns_of(func) {
            let followed = self.followed(func);
            let point = followed.and_then(|followed| followed.at_return(stmt));
            let used = point.map(|point| (Node::Decl(func), point));
            // A result of several that one call gives.
            let (value, nth) = match *results {
                [one] if result > 0 => (one, result),
                [] => match named {
                    Some(name) => (name, 0),
                    None => continue,
                },
                _ => match results.get(result) {
                    Some(&value) => (value, 0),
                    None => continue,
                },
            };
            let trace = tracer.trace_result(value, nth, Rc::clone(fields), used);
            self.add_flows(of, &trace, Kinds::ANY, "", &[], &mut flows);
        }
        flows.into()
    }

    fn returns_of(&self, func: DeclId) -> Vec<(gopeer_syntax::ast::StmtId, &'a [ExprId])> {
        let is_return: crate::Wanted =
            |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_)));
        let returns = self.within(func, false, is_return);
        let stmt = |node: &Node| match *node {
            Node::Stmt(stmt) => match self.stmt(stmt) {
                Stmt::Return(results) => Some((stmt, self.exprs(results))),
                _ => None,
            },
            _ => None,
        };
        returns.iter().filter_map(stmt).take(MOST_RETURNS).collect()
    }

    /// What a function puts into what it is given.
    pub(crate) fn taint_filled(&self, of: &FuncName, decl: DeclId, part: TaintPart, fields: &Fields) -> Rc<[Flow]> {
        let mut flows = Vec::new();
        if let Some(declared) = self.given_to(decl, part) {
            let tracer = Tracer::new(self);
            for event in tracer.events(Node::Decl(decl), declared).all() {
                let whole = event.fields.is_empty() && !event.weak;
                if !event.touches(fields) || whole {
                    continue;
                }
                let below: Fields = fields.get(event.fields.len()..).unwrap_or_default().into();
                let trace = match event.does {
                    Does::Write { value, result, .. } => tracer.trace_result(value, result, below, None),
                    Does::Call { call, part } => tracer.trace_filled(call, part, below),
                };
                self.add_flows(of, &trace, Kinds::ANY, "", &[], &mut flows);
            }
        }
        flows.retain(|flow: &Flow| !matches!(&flow.from, From::Given(from, _) if *from == part));
        flows.into()
    }

    /// The identifier that declares what a function is given.
    fn given_to(&self, decl: DeclId, part: TaintPart) -> Option<ExprId> {
        let Decl::Func { recv, .. } = self.decl(decl) else { return None };
        match part {
            TaintPart::Receiver => self.params(recv).first()?.0,
            TaintPart::Arg(index) => self.param_at(self.as_func(decl.into())?, index),
        }
    }

    /// Where what a function is given can do harm.
    pub(crate) fn taint_sinks(&self, of: &FuncName, decl: DeclId) -> Rc<[Flow]> {
        let tracer = Tracer::new(self);
        let mut flows = Vec::new();
        for sink in self.sinks().iter() {
            if self.enclosing_decl(sink.call) != Some(decl) {
                continue;
            }
            let trace = tracer.trace(sink.at, Rc::clone(&sink.fields), sink.kinds, tracer.used(sink.call));
            let mut after: Vec<InnerStep> = vec![(of.clone(), sink.at, self.use_at(sink).into())];
            after.extend(sink.inner.iter().cloned());
            self.add_flows(of, &trace, sink.kinds.wide(), &sink.name, &after, &mut flows);
        }
        flows.retain(|flow: &Flow| matches!(flow.from, From::Given(..)));
        flows.into()
    }

    /// Adds what a trace found to what a function does.
    fn add_flows(
        &self,
        of: &FuncName,
        trace: &Trace,
        kinds: Kinds,
        sink: &str,
        after: &[InnerStep],
        flows: &mut Vec<Flow>,
    ) {
        const MOST: usize = 16;
        for begin in &trace.begins {
            let kinds = begin.kinds.and(kinds);
            let known = |flow: &Flow| flow.from == begin.from && kinds.without(flow.kinds).is_empty();
            if kinds.is_empty() || flows.len() >= MOST || flows.iter().any(known) {
                continue;
            }
            let class = trace.class(begin);
            let mut steps = self.inner_steps(of, trace, begin);
            steps.extend(after.iter().cloned());
            steps.truncate(6);
            flows.push(Flow { from: begin.from.clone(), kinds, class, sink: sink.into(), steps: steps.into() });
        }
    }

    /// The harm that what a function is given cannot do once it has returned no error, or has not said no: each such `return` is behind
    /// a check. One that names nothing may return anything.
    pub(crate) fn taint_cleared(&self, decl: DeclId) -> Rc<[Flow]> {
        let (tracer, followed) = (Tracer::new(self), self.followed(decl));
        let results = self.as_func(decl.into()).map(|func| self.results_of(func)).unwrap_or_default();
        let gives_error = results.last().is_some_and(|&(_, ty)| self.ty(ty) == TypeId::ERROR);
        // What is no error and is there has been found.
        let fails = |last: ExprId| gives_error && self.is_something(last) || self.is_builtin(last, "false");
        let succeeds = |results: &[ExprId]| results.last().is_none_or(|&last| !fails(last));
        let all = self.returns_of(decl);
        if all.len() == MOST_RETURNS {
            return Rc::new([]);
        }
        let returns = all.into_iter().filter(|(_, results)| succeeds(results));
        let points: Option<Vec<Point>> = returns.map(|(stmt, _)| followed.as_ref()?.at_return(stmt)).collect();
        let points = points.filter(|points| !points.is_empty());
        let cleared = |index: usize| {
            let declared = self.given_to(decl, TaintPart::Arg(index))?;
            let left = |&point: &Point| tracer.walk(decl.into(), (declared, &[]), point, Kinds::ALL, true).kinds();
            let kinds = points.as_ref()?.iter().map(left).fold(Kinds::ALL, |kinds, left| kinds.without(left));
            let from = From::Given(TaintPart::Arg(index), NO_FIELDS());
            (!kinds.is_empty()).then(|| Flow { from, kinds, class: None, sink: "".into(), steps: Rc::new([]) })
        };
        const MOST: usize = 8;
        (0..MOST).filter_map(cleared).collect()
    }

    fn taint(&self, sink: &Sink, trace: &Trace, begin: &Begin) -> Taint {
        let class = match &begin.from {
            From::Outside(class) => Rc::clone(class),
            From::Given(..) => Rc::from("request"),
        };
        Taint {
            kind: if sink.kinds == Kinds::ADDRESS { Kinds::PART } else { sink.kinds },
            call: sink.call,
            at: sink.at,
            fields: Rc::clone(&sink.fields),
            sink: Rc::clone(&sink.name),
            within: sink.within.clone(),
            source: trace.source(begin),
            steps: self.steps_to(sink, trace, begin),
            class,
        }
    }
}

impl<'a> Tracer<'_, 'a> {
    /// The point where a call is made.
    fn used(&self, call: ExprId) -> Option<(Node, Point)> {
        let body = self.body_of(call)?;
        let followed = self.cx.followed(body)?;
        let point =
            followed.after_call(call).or_else(|| followed.after_defer(call)).or_else(|| followed.after_start(call))?;
        Some((body, Point { op: point.op.saturating_sub(1), ..point }))
    }
}
