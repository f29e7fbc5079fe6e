//! Where what a variable holds may come from: backwards from a point of a body to all that gives it a value, past the branches after
//! which it does no harm.

use std::collections::HashMap;
use std::rc::Rc;

use gopeer_flow::{BlockId, Point};
use gopeer_sema::{Def, SelectionKind};
use gopeer_syntax::ast::{AssignOp, Decl, Expr, ExprId, ExprList, Node, Stmt, UnaryOp};

use super::facts::{Kinds, Part, Role};
use super::trace::Tracer;
use crate::flow::Followed;

/// The fields that lead from a variable to what is asked of it.
pub(super) type Fields = Rc<[Rc<str>]>;

/// What gives a variable, or a part of it, a value.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The fields of the variable that get it.
    pub(super) fields: Vec<Rc<str>>,
    /// Whether the variable keeps something of what it held.
    pub(super) weak: bool,
    pub(super) does: Does,
}

impl Event {
    /// Whether it concerns what these fields lead to, or a part of that.
    pub(super) fn touches(&self, fields: &[Rc<str>]) -> bool {
        self.fields.iter().zip(fields).all(|(one, other)| one == other)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Does {
    /// What is written, and which result of this expression it is.
    Write { target: ExprId, value: ExprId, result: usize },
    /// A call that is given it, and as what.
    Call { call: ExprId, part: Part },
}

/// What gives one variable a value in one body: by the block, with the number of the operation.
#[derive(Debug, Default)]
pub(crate) struct Events(HashMap<BlockId, Vec<(u32, Event)>>);

impl Events {
    pub(super) fn all(&self) -> impl Iterator<Item = &Event> {
        let mut blocks: Vec<_> = self.0.iter().collect();
        blocks.sort_by_key(|(block, _)| **block);
        blocks.into_iter().flat_map(|(_, events)| events.iter().map(|(_, event)| event))
    }
}

/// What a walk meets.
pub(super) struct Met {
    /// What gives it a value, with the kinds for which that still matters.
    pub(super) events: Vec<(Event, Kinds)>,
    /// The kinds for which the walk comes to where the body begins.
    pub(super) entry: Kinds,
}

impl Met {
    /// The kinds for which anything is met.
    pub(super) fn kinds(&self) -> Kinds {
        self.events.iter().fold(self.entry, |kinds, (_, of)| kinds.or(*of))
    }
}

impl<'a> Tracer<'_, 'a> {
    /// The function, or the fragment, whose body a node is in.
    pub(super) fn body_of(&self, node: impl Into<Node>) -> Option<Node> {
        let node = node.into();
        match self.cx.enclosing_func(node) {
            Some(func) => Some(func.node),
            None => self.cx.tree.roots().first().map(|&root| Node::Decl(root)),
        }
    }

    /// The point where an identifier is read.
    pub(super) fn point_of(&self, of: &Followed, ident: ExprId) -> Option<Point> {
        of.at_read(ident).or_else(|| {
            // Its address is given to a call.
            let call = self.cx.tree.ancestors(ident).take(6).find_map(|node| match node {
                Node::Expr(call) => of.after_call(call),
                _ => None,
            })?;
            Some(Point { op: call.op.saturating_sub(1), ..call })
        })
    }

    /// What gives a variable a value in a body.
    pub(super) fn events(&self, body: Node, declared: ExprId) -> Rc<Events> {
        if let Some(known) = self.cx.asked.given.borrow().get(&(body, declared)) {
            return Rc::clone(known);
        }
        let mut events = Events::default();
        if let Some(followed) = self.cx.followed(body) {
            for used in self.cx.names.uses(declared) {
                self.spend(1);
                if self.body_of(used) == Some(body)
                    && let Some((point, event)) = self.event_of(&followed, used)
                {
                    events.0.entry(point.block).or_default().push((point.op.saturating_sub(1), event));
                }
            }
        }
        events.0.values_mut().for_each(|list| list.sort_by_key(|(op, _)| *op));
        let events = Rc::new(events);
        self.cx.asked.given.borrow_mut().insert((body, declared), Rc::clone(&events));
        events
    }

    /// What a mention of a variable does to it.
    fn event_of(&self, of: &Followed, used: ExprId) -> Option<(Point, Event)> {
        const DEEP: usize = 12;
        let cx = self.cx;
        let (mut at, mut fields, mut weak) = (used, Vec::new(), false);
        for _ in 0..DEEP {
            let around = match cx.tree.parent(at)? {
                Node::Expr(around) => around,
                Node::Stmt(stmt) => {
                    let (value, result) = match cx.stmt(stmt) {
                        Stmt::Assign { lhs, op, rhs } => {
                            let (lhs, rhs) = (cx.exprs(lhs), cx.exprs(rhs));
                            let index = cx.tree.place(lhs, at).filter(|&index| lhs.get(index) == Some(&at))?;
                            weak |= matches!(op, AssignOp::Op(_));
                            if lhs.len() == rhs.len() { (*rhs.get(index)?, 0) } else { (*rhs.first()?, index) }
                        }
                        Stmt::Range { key, value, subject, .. } if key == Some(at) || value == Some(at) => (subject, 0),
                        Stmt::Send { chan, value } if chan == at => {
                            let does = Does::Write { target: at, value, result: 0 };
                            return Some((of.after_send(chan)?, Event { fields, weak: true, does }));
                        }
                        _ => return None,
                    };
                    let does = Does::Write { target: at, value, result };
                    return Some((of.after_write(at)?, Event { fields, weak, does }));
                }
                Node::Decl(decl) => {
                    let Decl::Value { names, values, .. } = cx.decl(decl) else { return None };
                    let (names, values) = (cx.exprs(names), cx.exprs(values));
                    let index = cx.tree.place(names, at)?;
                    let (value, result) =
                        if names.len() == values.len() { (*values.get(index)?, 0) } else { (*values.first()?, index) };
                    let does = Does::Write { target: at, value, result };
                    return Some((of.after_write(at)?, Event { fields, weak, does }));
                }
                Node::Field(_) => return None,
            };
            match cx.expr(around) {
                Expr::Paren(_) | Expr::Star(_) | Expr::Unary { op: UnaryOp::Addr, .. } => {}
                Expr::Index { base, args } if base == at => match self.key(args) {
                    Some(key) => fields.push(key),
                    None => weak = true,
                },
                Expr::Slice { base, .. } if base == at => weak = true,
                Expr::Selector { base, name } if base == at => {
                    let method = cx.facts.selection(around).is_some_and(|known| known.kind != SelectionKind::Field);
                    if let Some(Node::Expr(call)) = cx.tree.parent(around)
                        && matches!(cx.expr(call), Expr::Call { fun, .. } if fun == around)
                    {
                        return self.call_event(of, call, Part::Receiver, fields);
                    }
                    if method {
                        return None;
                    }
                    fields.push(Rc::from(cx.source(name)));
                }
                Expr::Call { fun, args, .. } if fun != at => {
                    let index = cx.tree.place(cx.exprs(args), at)?;
                    return self.call_event(of, around, Part::Arg(index), fields);
                }
                _ => return None,
            }
            at = around;
        }
        None
    }

    /// The constant key of an index expression, as if it was a field.
    pub(super) fn key(&self, args: ExprList) -> Option<Rc<str>> {
        let key = self.cx.string_value(self.cx.only(args)?)?;
        Some(format!("[{key}]").into())
    }

    fn call_event(&self, of: &Followed, call: ExprId, part: Part, fields: Vec<Rc<str>>) -> Option<(Point, Event)> {
        let cx = self.cx;
        let point = of.after_call(call).or_else(|| of.after_defer(call))?;
        let fills = match cx.call(call) {
            Some(found) if cx.function_of(&found).is_some() => true,
            Some(found) => cx.roles(&found.callee).any(|role| match role {
                Role::Into(target, _) => target == part,
                Role::Fills(index, _) => Part::Arg(index) == part,
                _ => false,
            }),
            None => false,
        };
        fills.then_some((point, Event { fields, weak: true, does: Does::Call { call, part } }))
    }

    /// Walks backwards from a point to all that gives a variable, or the fields of it, a value. `guarded` says whether branches behind
    /// which it does no harm end the walk.
    pub(super) fn walk(
        &self,
        body: Node,
        (declared, fields): (ExprId, &[Rc<str>]),
        from: Point,
        kinds: Kinds,
        guarded: bool,
    ) -> Met {
        let mut met = Met { events: Vec::new(), entry: Kinds::default() };
        let Some(followed) = self.cx.followed(body) else { return met };
        let events = self.events(body, declared);
        let before = followed.before();
        let mut seen: HashMap<BlockId, Kinds> = HashMap::new();
        let mut open = vec![(from.block, from.op, kinds)];
        while let Some((block, end, kinds)) = open.pop() {
            if !self.spend(2) {
                return Met { events: Vec::new(), entry: Kinds::default() };
            }
            let mut ends = false;
            let list = events.0.get(&block).map(Vec::as_slice).unwrap_or_default();
            for (_, event) in list.iter().rev().filter(|(op, _)| *op < end) {
                self.spend(1);
                if !event.touches(fields) {
                    continue;
                }
                met.events.push((event.clone(), kinds));
                if !event.weak && event.fields.len() <= fields.len() {
                    ends = true;
                    break;
                }
            }
            if ends {
                continue;
            }
            if block == BlockId::ENTRY {
                met.entry = met.entry.or(kinds);
            }
            for (from, edge) in before.into(block) {
                let ending = followed.body.ending(from);
                let left =
                    if guarded { kinds.without(self.guarded(ending, edge.when, (declared, fields))) } else { kinds };
                let known = seen.entry(from).or_default();
                let new = left.without(*known);
                if !new.is_empty() {
                    *known = known.or(left);
                    open.push((from, u32::MAX, left));
                }
            }
        }
        met
    }

    /// What a variable may hold where it is read: expressions, and which of their results. None where it may be something else too.
    pub(super) fn definitions(&self, ident: ExprId) -> Option<Vec<(ExprId, usize)>> {
        let Def::Local(declared) = self.cx.def(ident) else { return None };
        let body = self.body_of(ident)?;
        let followed = self.cx.followed(body)?;
        let point = followed.at_read(ident)?;
        let met = self.walk(body, (declared, &[]), point, Kinds::ALL, false);
        let value = |(event, _): &(Event, Kinds)| match event.does {
            Does::Write { value, result, .. } if !event.weak && event.fields.is_empty() => Some((value, result)),
            _ => None,
        };
        // `var found bool`: what it holds there is known.
        let is_zero = || match self.cx.tree.parent(declared) {
            Some(Node::Decl(decl)) => matches!(self.cx.decl(decl), Decl::Value { values, .. } if values.is_empty()),
            _ => false,
        };
        (met.entry.is_empty() || is_zero()).then(|| met.events.iter().filter_map(value).collect())
    }
}
