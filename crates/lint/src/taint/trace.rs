//! Where a value comes from: from what is dangerous back to what is from outside.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use gopeer_flow::{Point, Root};
use gopeer_sema::types::Type;
use gopeer_sema::{CallFacts, Def, Mode, SelectionKind};
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, UnaryOp};

use super::facts::{Kinds, Part, Role};
use super::guard::Cleared;
use super::reach::{Does, Event, Fields};
use super::text::{Piece, decides_host, formatted, is_within_address};
use super::{Flow, From};
use crate::purpose::Caller;
use crate::summary::{FuncName, What};
use crate::{Call, Cx, Object};

/// What is cleared where a condition holds, or where it does not.
type Guards = HashMap<(ExprId, bool), Rc<[Cleared]>>;

/// Whether an expression is a secret.
pub(super) type IsSecret = fn(&Cx, ExprId) -> bool;

/// What is traced in one piece.
pub(super) struct Tracer<'c, 'a> {
    pub(super) cx: &'c Cx<'a>,
    /// Whether an expression is a secret: where ways begin that lead to what others read.
    secret: Option<IsSecret>,
    pub(super) guards: RefCell<Guards>,
}

/// A value on the way: a result of an expression, or fields of it.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) at: ExprId,
    result: usize,
    fields: Fields,
    pub(super) kinds: Kinds,
    /// The class of input that it belongs to, if a source is met.
    pub(super) class: Option<Rc<str>>,
    /// The spot that gets its value from this one.
    pub(super) to: Option<usize>,
    pub(super) how: How,
}

/// How a value gets to the next spot.
#[derive(Clone, Debug)]
pub(super) enum How {
    /// The next is a part of it, or the same in another form.
    Part,
    /// It is put together with something.
    Joined,
    /// It is written there.
    Written(ExprId),
    /// A call puts it there.
    Filled(ExprId),
    /// A function of the package is called with it.
    Called(Rc<[(FuncName, ExprId, Rc<str>)]>),
}

/// Where the way begins.
#[derive(Clone, Debug)]
pub(super) struct Begin {
    /// The spot.
    pub(super) spot: usize,
    pub(super) from: From,
    /// The kinds of harm that it can do.
    pub(super) kinds: Kinds,
    /// What happens before, in functions of the package.
    pub(super) inner: Rc<[(FuncName, ExprId, Rc<str>)]>,
}

/// The way of one value.
#[derive(Default)]
pub(super) struct Trace {
    pub(super) spots: Vec<Spot>,
    pub(super) begins: Vec<Begin>,
    seen: HashMap<(ExprId, usize, Fields), Kinds>,
    /// Where the value is used, by the body, so that what was checked in between counts.
    anchors: Vec<(Node, Point)>,
}

/// What an address can do that another part of it cannot: the library escapes that.
const FIRST: Kinds = Kinds::URL.or(Kinds::REDIRECT).or(Kinds::ADDRESS).or(Kinds::PART);

const MOST_SPOTS: usize = 300;
const MOST_BEGINS: usize = 12;

impl<'c, 'a> Tracer<'c, 'a> {
    pub(super) fn new(cx: &'c Cx<'a>) -> Tracer<'c, 'a> {
        Tracer { cx, secret: None, guards: RefCell::default() }
    }

    /// The same, with what decides whether an expression is a secret.
    pub(super) fn of_secrets(cx: &'c Cx<'a>, secret: IsSecret) -> Tracer<'c, 'a> {
        Tracer { secret: Some(secret), ..Tracer::new(cx) }
    }

    /// Pays for something; false once nothing more may be spent on traces in this piece.
    pub(super) fn spend(&self, cost: u32) -> bool {
        let fuel = &self.cx.asked.fuel;
        let all = || 32 * self.cx.tree.text().len().min(1 << 16) as u32 + (1 << 15);
        let left = fuel.get().unwrap_or_else(all).saturating_sub(cost);
        fuel.set(Some(left));
        left > 0
    }

    /// Where the n-th result of an expression comes from.
    pub(super) fn trace_result(
        &self,
        value: ExprId,
        result: usize,
        fields: Fields,
        used: Option<(Node, Point)>,
    ) -> Trace {
        let mut trace = Trace { anchors: used.into_iter().collect(), ..Trace::default() };
        let at = self.cx.unparen(value);
        trace.spots.push(Spot { at, result, fields, kinds: Kinds::ANY, class: None, to: None, how: How::Part });
        self.run(trace)
    }

    /// Where what a call puts into what it is given comes from.
    pub(super) fn trace_filled(&self, call: ExprId, part: Part, fields: Fields) -> Trace {
        let mut trace = Trace::default();
        let kinds = Kinds::ANY;
        let base = Spot { at: call, result: usize::MAX, fields, kinds, class: None, to: None, how: How::Part };
        trace.spots.push(base.clone());
        let below = Rc::clone(&base.fields);
        Step { tracer: self, trace: &mut trace, at: 0 }.filled(call, part, base, below);
        self.run(trace)
    }

    /// Where a value comes from that can do harm of these kinds where it is used, at this point of its body.
    pub(super) fn trace(&self, value: ExprId, fields: Fields, kinds: Kinds, used: Option<(Node, Point)>) -> Trace {
        let mut trace = Trace { anchors: used.into_iter().collect(), ..Trace::default() };
        let at = self.cx.unparen(value);
        trace.spots.push(Spot { at, result: 0, fields, kinds, class: None, to: None, how: How::Part });
        self.run(trace)
    }

    fn run(&self, mut trace: Trace) -> Trace {
        let mut at = 0;
        while at < trace.spots.len() && trace.begins.len() < MOST_BEGINS {
            if trace.spots.len() > MOST_SPOTS || !self.spend(2) {
                // What is not followed to the end is not claimed.
                return Trace::default();
            }
            Step { tracer: self, trace: &mut trace, at }.expand();
            at += 1;
        }
        trace
    }
}

/// One spot that is looked at.
struct Step<'t, 'c, 'a> {
    tracer: &'t Tracer<'c, 'a>,
    trace: &'t mut Trace,
    at: usize,
}

impl<'a> Step<'_, '_, 'a> {
    fn spot(&self) -> &Spot {
        &self.trace.spots[self.at]
    }

    fn add(&mut self, mut spot: Spot) {
        spot.at = self.tracer.cx.unparen(spot.at);
        spot.to = Some(self.at);
        let key = (spot.at, spot.result, Rc::clone(&spot.fields));
        let known = self.trace.seen.entry(key).or_default();
        if !spot.kinds.without(*known).is_empty() {
            *known = known.or(spot.kinds);
            self.trace.spots.push(spot);
        }
    }

    /// The value comes from this expression.
    fn comes_from(&mut self, at: ExprId, fields: Fields, how: How) {
        let spot = self.spot();
        let next = Spot { at, result: 0, fields, how, ..spot.clone() };
        self.add(next);
    }

    fn comes_from_whole(&mut self, at: ExprId, how: How) {
        self.comes_from(at, Rc::new([]), how);
    }

    fn begin(&mut self, from: From, inner: Rc<[(FuncName, ExprId, Rc<str>)]>) {
        let kinds = self.spot().kinds;
        if !self.trace.begins.iter().any(|begin| begin.from == from && begin.kinds == kinds) {
            self.trace.begins.push(Begin { spot: self.at, from, kinds, inner });
        }
    }

    fn source(&mut self, class: &str, kinds: Kinds) {
        let spot = &mut self.trace.spots[self.at];
        spot.kinds = spot.kinds.and(kinds);
        if spot.kinds.is_empty() {
            return;
        }
        let class = spot.class.get_or_insert_with(|| Rc::from(class)).clone();
        self.begin(From::Outside(class), Rc::new([]));
    }

    /// Whether all of the value comes to where it is used, not a field of it.
    fn is_whole(&self) -> bool {
        let to = |spot: &&Spot| Some(&self.trace.spots[spot.to?]);
        std::iter::successors(Some(self.spot()), to).all(|spot| spot.fields.is_empty())
    }

    fn expand(&mut self) {
        let cx = self.tracer.cx;
        let Spot { at, result, ref fields, .. } = *self.spot();
        let fields = Rc::clone(fields);
        // What a call fills is not what it gives.
        if result == usize::MAX {
            return;
        }
        if cx.facts.value(at).is_some() || cx.string_value(at).is_some() {
            return;
        }
        // Of what is read from a reader nothing is left to read.
        if self.spot().kinds == Kinds::READER && matches!(cx.under(at), Type::Basic(_) | Type::Slice(_)) {
            return;
        }
        if fields.is_empty() {
            let ty = cx.results(at).and_then(|types| types.get(result).copied()).unwrap_or(cx.ty(at));
            // What is added may be any number.
            if self.spot().kinds != Kinds::COUNTER && !cx.carries_text(ty) {
                return;
            }
        }
        if self.spot().kinds == Kinds::SECRET
            && self.is_whole()
            && self.tracer.secret.is_some_and(|is_secret| is_secret(cx, at))
        {
            return self.begin(From::Outside(Rc::from("secret")), Rc::new([]));
        }
        if fields.first().is_some_and(|field| self.field_is_source(at, field)) {
            return;
        }
        match cx.expr(at) {
            Expr::Ident => self.variable(at),
            Expr::Selector { base, name } => self.selector(at, base, cx.source(name)),
            Expr::Index { base, args } if cx.facts.mode(base) != Mode::Type => {
                let key = self.tracer.key(args).into_iter();
                let below: Vec<Rc<str>> = key.chain(fields.iter().cloned()).take(4).collect();
                self.comes_from(base, below.into(), How::Part);
            }
            Expr::Slice { base, .. } | Expr::Star(base) | Expr::TypeAssert { base, .. } => {
                self.comes_from(base, fields, How::Part)
            }
            Expr::Unary { op: UnaryOp::Addr | UnaryOp::Recv, operand } => self.comes_from(operand, fields, How::Part),
            Expr::Binary { op: BinaryOp::Add, .. } => self.concatenation(at),
            Expr::Composite { ty, elems } => self.composite(at, ty, cx.exprs(elems)),
            Expr::Call { .. } => self.call(at),
            _ => {}
        }
    }

    fn selector(&mut self, at: ExprId, base: ExprId, name: &str) {
        let cx = self.tracer.cx;
        let selection = cx.facts.selection(at);
        if cx.is_qualified(at) || selection.is_some_and(|known| known.kind != SelectionKind::Field) {
            return;
        }
        for role in cx.roles_of_field(at, name).iter() {
            match role {
                // What is done with an entry of an archive before, its callers know.
                Role::Source(class @ "archive", kinds) if self.is_callers(base) || self.is_made(base) => {
                    self.classify(class);
                    self.lose(Kinds::ALL.without(kinds));
                    return self.comes_from(base, Rc::new([Rc::from(name)]), How::Part);
                }
                Role::Source(class, kinds) => {
                    self.checked(at, None);
                    return self.source(class, kinds);
                }
                Role::Carries(class) => {
                    // A client writes a path there; with a host the service would be a proxy.
                    if class == "url" && name == "URL" && self.spot().class.is_none() && self.is_of_host() {
                        self.lose(Kinds::URL);
                    }
                    self.classify(class);
                    return self.comes_from_whole(base, How::Part);
                }
                _ => {}
            }
        }
        // What else a request has is not what its client writes.
        if cx.is_request(cx.ty(base)) {
            return;
        }
        let fields = &self.spot().fields;
        let next: Vec<Rc<str>> = std::iter::once(Rc::from(name)).chain(fields.iter().cloned()).take(4).collect();
        self.comes_from(base, next.into(), How::Part);
    }

    /// Whether what is asked of an address is all of it, or its host.
    fn is_of_host(&self) -> bool {
        self.spot().fields.first().is_none_or(|field| matches!(&**field, "Host" | "Scheme"))
    }

    /// Whether a header of an archive is made here, not read.
    fn is_made(&self, header: ExprId) -> bool {
        let cx = self.tracer.cx;
        let Some((made, _)) = cx.origin(header) else { return false };
        match cx.expr(cx.unparen(made)) {
            Expr::Call { .. } => cx.callee_word(made) == "FileInfoHeader",
            Expr::Composite { .. } | Expr::Unary { op: UnaryOp::Addr, .. } => true,
            _ => false,
        }
    }

    /// Whether a value is a parameter of a function that only its package calls.
    fn is_callers(&self, value: ExprId) -> bool {
        let (tracer, cx) = (self.tracer, self.tracer.cx);
        let Def::Local(declared) = cx.def(value) else { return false };
        let Some(Node::Decl(decl)) = tracer.body_of(declared) else { return false };
        cx.declares_parameter(declared) && cx.func_name(decl).is_some_and(|name| !name.starts_with(char::is_uppercase))
    }

    /// A field of a value that is input from outside by itself, where the function that is called with the value takes it out.
    fn field_is_source(&mut self, at: ExprId, field: &str) -> bool {
        let cx = self.tracer.cx;
        let Some((path, recv)) = cx.store.qualified_name(cx.deref(cx.ty(at))) else { return false };
        let roles = cx.roles(&Object { path, recv: Some(recv), name: field });
        let source = roles.iter().find_map(|role| match role {
            Role::Source(class @ "archive", kinds) => Some((class, kinds)),
            _ => None,
        });
        let Some((class, kinds)) = source.filter(|_| !self.is_callers(at) && !self.is_made(at)) else { return false };
        self.checked(at, Some(field));
        self.source(class, kinds);
        true
    }

    /// A field that is input from outside by itself may have been checked before: what is there, or the field of it that is named.
    fn checked(&mut self, at: ExprId, field: Option<&str>) {
        let (tracer, cx) = (self.tracer, self.tracer.cx);
        let (mut root, mut fields) = (at, Vec::from_iter(field.map(Rc::from)));
        while let Expr::Selector { base, name } = cx.expr(cx.unparen(root)) {
            fields.push(Rc::from(cx.source(name)));
            root = base;
        }
        fields.reverse();
        let Def::Local(declared) = cx.def(root) else { return };
        let Some(body) = tracer.body_of(root) else { return };
        let point = cx.followed(body).and_then(|followed| tracer.point_of(&followed, root));
        let used = self.trace.anchors.iter().filter(|(of, _)| *of == body).map(|(_, used)| *used);
        let mut kinds = self.spot().kinds;
        for point in point.into_iter().chain(used) {
            kinds = kinds.and(tracer.walk(body, (declared, &fields), point, kinds, true).kinds());
        }
        self.trace.spots[self.at].kinds = kinds;
    }

    fn classify(&mut self, class: &str) {
        self.trace.spots[self.at].class.get_or_insert_with(|| Rc::from(class));
    }

    /// A variable: what gives it a value before it is read here.
    fn variable(&mut self, ident: ExprId) {
        let (tracer, cx) = (self.tracer, self.tracer.cx);
        let Def::Local(declared) = cx.def(ident) else { return };
        let Some(home) = tracer.body_of(declared) else { return };
        let Some(mut body) = tracer.body_of(ident) else { return };
        let Some(mut point) = cx.followed(body).and_then(|followed| tracer.point_of(&followed, ident)) else { return };
        let (fields, mut kinds) = (Rc::clone(&self.spot().fields), self.spot().kinds);
        let mut bodies = vec![body];
        for _ in 0..8 {
            // What was checked between here and where the value is used counts too.
            let used = self.trace.anchors.iter().find(|(of, used)| *of == body && *used != point).copied();
            if let Some((_, used)) = used {
                kinds = kinds.and(tracer.walk(body, (declared, &fields), used, kinds, true).kinds());
            }
            let met = tracer.walk(body, (declared, &fields), point, kinds, true);
            for (event, kinds) in &met.events {
                self.event(event, *kinds, &fields);
            }
            kinds = met.entry;
            if kinds.is_empty() {
                break;
            }
            if body == home {
                self.trace.spots[self.at].kinds = kinds;
                self.entry(declared, home);
                break;
            }
            // A closure: what is around it, where it is made.
            let Node::Expr(literal) = body else { break };
            let Some(outer) = tracer.body_of(literal) else { break };
            let Some(made) = cx.followed(outer).and_then(|followed| followed.after_make(literal)) else { break };
            if !self.trace.anchors.iter().any(|(of, _)| *of == outer) {
                self.trace.anchors.push((outer, made));
            }
            (body, point) = (outer, made);
            bodies.push(body);
        }
        // Other closures may give it a value at any time.
        let kinds = self.spot().kinds;
        let closures: Vec<ExprId> = cx.shared().closures(Root(declared)).collect();
        for closure in closures.into_iter().map(Node::Expr).filter(|closure| !bodies.contains(closure)).take(8) {
            for event in tracer.events(closure, declared).all().filter(|event| event.touches(&fields)) {
                self.event(event, kinds, &fields);
            }
        }
    }

    /// Something gives the variable, or a part of it, a value.
    fn event(&mut self, event: &Event, kinds: Kinds, fields: &Fields) {
        let cx = self.tracer.cx;
        // What is left of the fields that are asked for, below those that are written.
        let below: Fields = fields.get(event.fields.len()..).unwrap_or_default().into();
        let spot = self.spot();
        let base = Spot { kinds, ..spot.clone() };
        match event.does {
            Does::Write { target, value, result } => {
                let mut kinds = kinds;
                // The keys of a map of secrets are their names.
                if matches!(cx.tree.parent(target), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Range { key, .. } if key == Some(target)))
                {
                    kinds = kinds.without(Kinds::SECRET);
                }
                if let [.., last] = &event.fields[..]
                    && &**last != "Host"
                    && let Expr::Selector { base, .. } = cx.expr(cx.unparen(target))
                    && cx.has_type(base, &["net/url.URL"])
                {
                    kinds = kinds.without(FIRST);
                }
                if kinds.is_empty() {
                    return;
                }
                self.add(Spot { at: value, result, fields: below, kinds, how: How::Written(target), ..base });
            }
            Does::Call { call, part } => self.filled(call, part, base, below),
        }
    }

    /// A call may put something into what it is given.
    fn filled(&mut self, call: ExprId, part: Part, base: Spot, below: Fields) {
        let cx = self.tracer.cx;
        let Some(found) = cx.call(call) else { return };
        if cx.function_of(&found).is_some() {
            if let Some(flows) = cx.ask_taint(&found, What::TaintFills(part, below)) {
                self.flows(&found, &flows, base, |_| How::Filled(call));
            }
            return;
        }
        for role in cx.roles(&found.callee).iter() {
            match role {
                Role::Into(target, from) if target == part => {
                    for at in given(&found, from) {
                        let how = How::Filled(call);
                        self.add(Spot { at, result: 0, fields: Rc::new([]), how, ..base.clone() });
                    }
                }
                Role::Fills(index, class) if Part::Arg(index) == part => {
                    // It begins at the call.
                    let class = base.class.clone().unwrap_or_else(|| Rc::from(class));
                    let how = How::Filled(call);
                    let spot =
                        Spot { at: call, result: usize::MAX, class: Some(Rc::clone(&class)), how, ..base.clone() };
                    let (from, kinds) = (From::Outside(class), spot.kinds.and(Kinds::ALL));
                    if kinds.is_empty() {
                        return;
                    }
                    self.trace.spots.push(Spot { to: Some(self.at), ..spot });
                    let spot = self.trace.spots.len() - 1;
                    self.trace.begins.push(Begin { spot, from, kinds, inner: Rc::new([]) });
                }
                _ => {}
            }
        }
    }

    /// What a function of the package does with what it is given, and what it has from outside.
    fn flows(&mut self, call: &Call<'a>, flows: &[Flow], base: Spot, how: impl Fn(&Flow) -> How) {
        for flow in flows {
            let kinds = base.kinds.through(flow.kinds);
            if kinds.is_empty() {
                continue;
            }
            match &flow.from {
                From::Outside(class) => {
                    let class = base.class.clone().unwrap_or_else(|| Rc::clone(class));
                    let spot = Spot { at: call.expr, result: usize::MAX, kinds, how: how(flow), ..base.clone() };
                    self.trace.spots.push(Spot { to: Some(self.at), ..spot });
                    let spot = self.trace.spots.len() - 1;
                    let begin = Begin { spot, from: From::Outside(class), kinds, inner: Rc::clone(&flow.steps) };
                    self.trace.begins.push(begin);
                }
                From::Given(part, fields) => {
                    let class = base.class.clone().or_else(|| flow.class.clone());
                    for at in given(call, *part).into_iter().take(1) {
                        let fields = Rc::clone(fields);
                        self.add(Spot {
                            at,
                            result: 0,
                            fields,
                            kinds,
                            class: class.clone(),
                            how: how(flow),
                            ..base.clone()
                        });
                    }
                }
            }
        }
    }

    /// The function is entered with it.
    fn entry(&mut self, declared: ExprId, home: Node) {
        let cx = self.tracer.cx;
        if let Some(Node::Stmt(stmt)) = cx.tree.parent(declared)
            && let Stmt::TypeSwitch { guard, .. } = cx.stmt(stmt)
            && let Expr::TypeAssert { base, .. } = cx.expr(cx.unparen(guard))
        {
            let fields = Rc::clone(&self.spot().fields);
            return self.comes_from(base, fields, How::Part);
        }
        if !cx.declares_parameter(declared) {
            return;
        }
        let Some(func) = cx.as_func(home) else { return };
        let Expr::FuncType { params, .. } = cx.expr(func.ty) else { return };
        let index = cx.params(params).iter().position(|(name, _)| *name == Some(declared));
        let serves = cx.caller(func) == Some(Caller::Client);
        // Only a server asks a request for these; its address and headers a client sets too, but no token to read it there.
        let of_server = || match self.spot().class.as_deref() {
            Some("header") => self.spot().kinds == Kinds::TOKEN,
            class => matches!(class, Some("query" | "form" | "variable" | "cookie")),
        };
        if (serves || of_server()) && cx.is_request(cx.ty(declared)) {
            return self.source("request", Kinds::ALL);
        }
        if serves
            && (index.is_some_and(|index| index > 0) && cx.is_message(cx.ty(declared))
                || cx.is_rpc_request(func, declared))
        {
            return self.source("rpc", Kinds::ALL);
        }
        match home {
            Node::Decl(_) => {
                let part = index.map_or(Part::Receiver, Part::Arg);
                let fields = Rc::clone(&self.spot().fields);
                self.begin(From::Given(part, fields), Rc::new([]));
            }
            Node::Expr(literal) => {
                if let Some(index) = index {
                    self.called_with(literal, index);
                }
            }
            _ => {}
        }
    }

    /// What a function literal is called with, where it is written or by the variable that it was given to.
    fn called_with(&mut self, literal: ExprId, index: usize) {
        let cx = self.tracer.cx;
        let mut calls = Vec::new();
        match cx.tree.parent(cx.with_parens(literal)) {
            Some(Node::Expr(call)) if matches!(cx.expr(call), Expr::Call { fun, .. } if cx.unparen(fun) == literal) => {
                calls.push(call);
            }
            Some(Node::Stmt(stmt)) => {
                if let Stmt::Assign { lhs, .. } = cx.stmt(stmt)
                    && let Some(name) = cx.only(lhs)
                    && let Def::Local(name) = cx.def(name)
                {
                    let call = |used: ExprId| match cx.tree.parent(used) {
                        Some(Node::Expr(call)) if matches!(cx.expr(call), Expr::Call { fun, .. } if fun == used) => {
                            Some(call)
                        }
                        _ => None,
                    };
                    calls.extend(cx.names.uses(name).filter_map(call).take(8));
                }
            }
            _ => {}
        }
        let fields = Rc::clone(&self.spot().fields);
        for call in calls {
            if let Expr::Call { args, .. } = cx.expr(call)
                && let Some(&arg) = cx.exprs(args).get(index)
            {
                self.comes_from(arg, Rc::clone(&fields), How::Part);
            }
        }
    }

    fn concatenation(&mut self, at: ExprId) {
        let cx = self.tracer.cx;
        let mut terms = Vec::new();
        let mut left = at;
        while let Expr::Binary { op: BinaryOp::Add, lhs, rhs } = cx.expr(cx.unparen(left)) {
            terms.push(rhs);
            left = lhs;
        }
        terms.push(left);
        terms.reverse();
        let piece = |&term: &ExprId| match cx.string_value(term) {
            Some(text) => Piece::Text(text.into_owned()),
            None => Piece::Value(term),
        };
        let pieces: Vec<Piece> = terms.iter().map(piece).collect();
        self.joined(&pieces);
    }

    /// A text that is put together from pieces.
    fn joined(&mut self, pieces: &[Piece]) {
        let all = self.spot().kinds;
        // What begins with a text of the program is no option.
        let named = |pieces: &[Piece]| pieces.first().and_then(Piece::text).is_some_and(|text| !text.is_empty());
        for (at, piece) in pieces.iter().enumerate() {
            let Piece::Value(value) = *piece else { continue };
            let before = &pieces[..at];
            let mut kinds = all;
            if !decides_host(before.iter().map(Piece::text)) {
                kinds = kinds.without(Kinds::URL.or(Kinds::REDIRECT));
            }
            if named(before) {
                kinds = kinds.without(Kinds::ARGUMENT);
            }
            if kinds.has(Kinds::ADDRESS) {
                let part = if is_within_address(before) { Kinds::PART } else { Kinds::default() };
                kinds = kinds.without(Kinds::ADDRESS.or(Kinds::PART)).or(part);
            }
            if !kinds.is_empty() {
                let next =
                    Spot { at: value, result: 0, fields: Rc::new([]), kinds, how: How::Joined, ..self.spot().clone() };
                self.add(next);
            }
        }
    }

    fn composite(&mut self, at: ExprId, ty: Option<ExprId>, elems: &[ExprId]) {
        let cx = self.tracer.cx;
        let fields = Rc::clone(&self.spot().fields);
        let structure = match (cx.under(at), ty.map(|ty| cx.under(ty))) {
            (Type::Struct(structure), _) | (_, Some(Type::Struct(structure))) => Some(structure),
            _ => None,
        };
        let is_struct = structure.is_some();
        let of_url = cx.has_type(at, &["net/url.URL"]);
        for (index, &elem) in elems.iter().enumerate() {
            let (key, value) = match cx.expr(elem) {
                Expr::KeyValue { key, value } => (Some(cx.source(key)), value),
                _ => (structure.as_ref().and_then(|of| Some(cx.store.text(of.fields.get(index)?.name))), elem),
            };
            let constant = match cx.expr(elem) {
                Expr::KeyValue { key, .. } if !is_struct => cx.string_value(key).map(|key| format!("[{key}]")),
                _ => None,
            };
            let named = if is_struct { key } else { constant.as_deref() };
            let below: Fields = match (fields.first(), named) {
                (Some(first), Some(key)) if **first != *key => continue,
                (Some(_), _) if is_struct || named.is_some() => fields.get(1..).unwrap_or_default().into(),
                _ => Rc::clone(&fields),
            };
            let mut kinds = self.spot().kinds;
            if of_url && key.is_some_and(|key| key != "Host") {
                kinds = kinds.without(FIRST);
            }
            if !kinds.is_empty() {
                let next = Spot { at: value, result: 0, fields: below, kinds, how: How::Joined, ..self.spot().clone() };
                self.add(next);
            }
        }
    }

    fn call(&mut self, at: ExprId) {
        let cx = self.tracer.cx;
        let Expr::Call { fun, args, .. } = cx.expr(at) else { return };
        let args = cx.exprs(args);
        let (fields, result) = (Rc::clone(&self.spot().fields), self.spot().result);
        if cx.facts.mode(fun) == Mode::Type {
            if let Some(&arg) = args.first() {
                self.comes_from(arg, fields, How::Part);
            }
            return;
        }
        if cx.is_builtin(fun, "append") || cx.is_builtin(fun, "min") || cx.is_builtin(fun, "max") {
            args.iter().for_each(|&arg| self.comes_from(arg, Rc::clone(&fields), How::Joined));
            return;
        }
        let Some(call) = cx.call(at) else { return self.closure(fun, result) };
        if cx.function_of(&call).is_some() {
            if let Some(flows) = cx.ask_taint(&call, What::TaintResult(result, fields)) {
                let base = Spot { result: 0, ..self.spot().clone() };
                self.flows(&call, &flows, base, |flow| How::Called(Rc::clone(&flow.steps)));
            }
            return;
        }
        self.library(&call);
    }

    /// A variable that holds a closure is called.
    fn closure(&mut self, fun: ExprId, result: usize) {
        let cx = self.tracer.cx;
        let literal = cx.literal_of(fun);
        let Some(func) = cx.as_func(Node::Expr(literal)) else { return };
        let fields = Rc::clone(&self.spot().fields);
        let returned: Vec<ExprId> = cx.returned(func.body).filter_map(|results| results.get(result).copied()).collect();
        returned.into_iter().take(8).for_each(|value| self.comes_from(value, Rc::clone(&fields), How::Part));
    }

    fn library(&mut self, call: &Call<'a>) {
        let cx = self.tracer.cx;
        let roles = cx.roles(&call.callee);
        let mut flows = Vec::new();
        for role in roles.iter() {
            match role {
                Role::Clean(kinds) => {
                    // What can name no host is escaped.
                    let kinds = if kinds.has(Kinds::URL) { kinds.or(FIRST) } else { kinds };
                    // What is made of it all anew shows no secret either.
                    let secret = if kinds.and(Kinds::ALL) == Kinds::ALL { Kinds::SECRET } else { Kinds::default() };
                    let spot = &mut self.trace.spots[self.at];
                    spot.kinds = spot.kinds.without(kinds.or(secret));
                }
                Role::Source(class, kinds) => return self.source(class, kinds),
                Role::Carries(class) => {
                    self.classify(class);
                    flows.push(Part::Receiver);
                }
                Role::As(class) => self.classify(class),
                Role::Flow(part) => flows.push(part),
                _ => {}
            }
        }
        if self.spot().kinds.is_empty() {
            return;
        }
        if !flows.is_empty() {
            for part in flows {
                let how = if part == Part::Receiver { How::Part } else { How::Joined };
                given(call, part).into_iter().take(1).for_each(|at| self.comes_from_whole(at, how.clone()));
            }
            return;
        }
        if call.receiver.is_some_and(|stream| call.callee.name == "Recv" && cx.is_server_stream(stream)) {
            return self.source("rpc", Kinds::ALL);
        }
        if cx.is_getter(call) {
            if let Some(receiver) = call.receiver {
                let field: Fields = Rc::new([Rc::from(call.callee.name.trim_start_matches("Get"))]);
                self.comes_from(receiver, field, How::Part);
            }
            return;
        }
        if cx.known(&call.callee).is_some_and(|known| known.facts.has(CallFacts::PURE)) {
            self.pure(call);
        }
    }

    /// A function that does nothing but give its result: what it is given is in there.
    fn pure(&mut self, call: &Call<'a>) {
        let cx = self.tracer.cx;
        let first = FIRST.or(Kinds::ARGUMENT);
        let mut replaces = false;
        match (call.callee.path, call.callee.name) {
            ("fmt", "Sprintf") => {
                let format = call.args.first().and_then(|&format| cx.string_value(format));
                let spread = matches!(cx.expr(call.expr), Expr::Call { spread: true, .. });
                if let Some(format) = format.filter(|_| !spread) {
                    return self.joined(&formatted(&format, &call.args[1..]));
                }
            }
            ("path" | "path/filepath", "Clean" | "Join") if cx.is_rooted(call.args) => self.lose(Kinds::PATH),
            ("strings" | "bytes", "Replace" | "ReplaceAll") => {
                let what = call.args.get(1).copied();
                let masks = self.tracer.secret.is_some_and(|is_secret| what.is_some_and(|what| is_secret(cx, what)));
                self.lose(if masks { Kinds::SECRET } else { cx.removed(what) });
                replaces = true;
            }
            _ => {}
        }
        // Only the first says which host it is, or that it is an option.
        let joins = matches!(call.callee.name, "JoinPath" | "Join") && call.callee.path != "strings";
        let fields = Rc::clone(&self.spot().fields);
        if let Some(receiver) = call.receiver {
            self.comes_from(receiver, Rc::clone(&fields), How::Part);
        }
        for (index, &arg) in call.args.iter().enumerate() {
            let later = joins && (index > 0 || call.receiver.is_some());
            let kinds = if later { self.spot().kinds.without(first) } else { self.spot().kinds };
            // What is replaced is gone.
            let replaced = replaces && index == 1;
            if !kinds.is_empty() && !replaced {
                let fields = Rc::clone(&fields);
                let next = Spot { at: arg, result: 0, fields, kinds, how: How::Joined, ..self.spot().clone() };
                self.add(next);
            }
        }
    }

    fn lose(&mut self, kinds: Kinds) {
        let spot = &mut self.trace.spots[self.at];
        spot.kinds = spot.kinds.without(kinds);
    }
}

/// A part of a call: the arguments from an index on, or the receiver.
pub(super) fn given(call: &Call<'_>, part: Part) -> Vec<ExprId> {
    match part {
        Part::Receiver => call.receiver.into_iter().collect(),
        Part::Arg(index) => call.args.get(index..).unwrap_or_default().to_vec(),
    }
}

impl Cx<'_> {
    /// Whether the first of the parts of a path begins with a slash, so that no `..` can lead out of what it is appended to.
    fn is_rooted(&self, args: &[ExprId]) -> bool {
        let Some(&first) = args.first() else { return false };
        let mut first = self.unparen(first);
        let joins = args.len() > 1;
        while let Expr::Binary { op: BinaryOp::Add, lhs, .. } = self.expr(first) {
            first = self.unparen(lhs);
        }
        self.string_value(first).is_some_and(|text| if joins { text == "/" } else { text.starts_with('/') })
            || !joins && self.source(first).contains("Separator")
    }

    /// The kinds of harm that a text cannot do from which this was removed, or in which it was replaced.
    fn removed(&self, what: Option<ExprId>) -> Kinds {
        match what.and_then(|what| self.string_value(what)).as_deref() {
            Some("/" | "\\") => Kinds::PATH,
            Some("<" | ">") => Kinds::HTML.or(Kinds::MARKUP),
            Some("'" | "\"" | "`") => Kinds::SQL.or(Kinds::CQL).or(Kinds::COMMAND),
            _ => Kinds::default(),
        }
    }

    /// Whether a type is a message of Protocol Buffers.
    fn is_message(&self, ty: gopeer_sema::types::TypeId) -> bool {
        self.has_methods(ty, &["ProtoReflect"]) || self.has_methods(ty, &["ProtoMessage"])
    }

    /// Whether a value is a stream on which a server receives what its client sends.
    fn is_server_stream(&self, stream: ExprId) -> bool {
        let ty = self.ty(stream);
        self.has_methods(ty, &["RecvMsg", "SendMsg", "SetTrailer"]) && !self.has_methods(ty, &["CloseSend"])
    }

    /// Whether a call gets a field of a message: `req.GetName()`.
    fn is_getter(&self, call: &Call<'_>) -> bool {
        let named = call.callee.name.starts_with("Get") && call.args.is_empty();
        named && call.receiver.is_some_and(|receiver| self.is_message(self.ty(receiver)))
    }
}
