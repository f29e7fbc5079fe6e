//! Holds our control flow of a function against that of go/cfg, and finds the cause of each difference.
//!
//! Two things may differ: which calls are known never to return, and the graph that is built with this knowledge. So where the
//! two sides know different calls, a function is lowered once more with theirs: what still differs is a matter of the graph.

use std::collections::HashMap;

use gopeer_flow::{End, Ending, OpKind};
use gopeer_syntax::Span;
use gopeer_syntax::ast::ExprId;

use super::ours::{Call, Function, Known, Placed};
use super::theirs::{self, Kind};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Whether a call never returns.
    Call,
    /// Whether a node can be reached.
    Reached,
    /// Which node is the last that dominates another.
    Dominator,
    /// Whether a function never returns.
    Function,
}

/// Why the two sides differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// ctrlflow finds from its body, or knows by its name, that a function of the package never returns.
    OwnBody,
    /// The same of a function of another package.
    OtherBody,
    /// We find that of a function of the package, and ctrlflow does not.
    OurBody,
    /// Our facts say so of a function whose body does not show it.
    Facts,
    /// The call is part of another expression, where go/cfg does not look.
    InsideExpression,
    /// Calls of more than one of these causes.
    SeveralCalls,
    /// go/cfg sets the variables of a range once, before the loop.
    RangeVariable,
    /// To go/cfg a loop `for true` may end.
    ForTrue,
    /// To go/cfg a deferred call may recover even where nothing unwinds.
    Defer,
    /// None of these: a fault.
    Unexplained,
}

/// A difference.
#[derive(Clone, Debug)]
pub struct Difference {
    /// In what.
    pub what: What,
    /// Why.
    pub cause: Cause,
    /// Where in the file.
    pub at: Span,
    /// What each side says.
    pub says: String,
}

/// What comparing a function has shown.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Calls that never return on one side at least.
    pub calls: usize,
    /// Nodes compared.
    pub nodes: usize,
    /// Nodes that are reached on both sides, and of which the dominator is compared.
    pub reached: usize,
    /// Nodes that go/cfg reaches and of which lowering makes nothing.
    pub quiet: usize,
    /// Whether both sides say that it never returns.
    pub never: bool,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// Something that is compared: a node by its number, or the function.
type At = (What, usize);

/// Compares a function. None where it has no program of ours.
pub fn compare(function: &Function<'_>, theirs: &theirs::Function, known: &Known) -> Option<Compared> {
    let sides = Sides { function, theirs, known };
    let calls = sides.calls();
    let ours = sides.hold(&|id| known.calls.get(&id)?.end)?;
    let mut compared = Compared {
        calls: calls.len(),
        nodes: theirs.nodes.len(),
        reached: ours.common.iter().filter(|&&common| common).count(),
        quiet: ours.quiet,
        never: ours.never && theirs.never,
        differences: Vec::new(),
    };
    let disputed: HashMap<ExprId, Cause> = calls.into_iter().filter_map(|(id, cause)| Some((id, cause?))).collect();
    let found = &mut compared.differences;
    found.extend(sides.unknown_calls());
    found.extend(disputed.iter().map(|(&id, &cause)| sides.call(id, cause)));
    let all = ours.differences();
    if disputed.is_empty() {
        found.extend(all.into_iter().map(|at| ours.difference(at, ours.cause(at))));
        return Some(compared);
    }
    let told = sides.hold(&|id| sides.their_end(id))?;
    let of_graph = told.differences();
    found.extend(of_graph.iter().map(|&at| told.difference(at, told.cause(at))));
    for at in all.into_iter().filter(|at| !of_graph.contains(at)) {
        found.push(ours.difference(at, sides.which_calls(&disputed, at)?));
    }
    Some(compared)
}

/// A function on both sides.
struct Sides<'c> {
    function: &'c Function<'c>,
    theirs: &'c theirs::Function,
    known: &'c Known,
}

impl<'c> Sides<'c> {
    /// The calls in the function that never return on one side at least, and why the sides differ where they do.
    fn calls(&self) -> HashMap<ExprId, Option<Cause>> {
        let theirs = self.theirs.ends.iter().filter_map(|span| self.known.places.get(span).copied());
        let live = |id: ExprId| {
            let span = self.function.span(id);
            self.theirs.nodes.iter().any(|node| node.live && contains(node.span, span))
        };
        let inside = |id: ExprId, call: &Call| call.within == Some(self.function.node) && live(id);
        let ours = self.known.calls.iter().filter(|(id, call)| call.end.is_some() && inside(**id, call));
        theirs.chain(ours.map(|(&id, _)| id)).map(|id| (id, self.call_cause(id))).collect()
    }

    /// Calls of theirs that are none to us.
    fn unknown_calls(&self) -> impl Iterator<Item = Difference> {
        let unknown = self.theirs.ends.iter().filter(|span| !self.known.places.contains_key(span));
        let says = || "to us it is no call".to_owned();
        unknown.map(move |&at| Difference { what: What::Call, cause: Cause::Unexplained, at, says: says() })
    }

    fn call_cause(&self, id: ExprId) -> Option<Cause> {
        let call = self.known.calls.get(&id)?;
        match (call.end.is_some(), self.their_end(id).is_some()) {
            (true, true) | (false, false) => None,
            (false, true) if call.own => Some(Cause::OwnBody),
            (false, true) => Some(Cause::OtherBody),
            (true, false) if call.by_body => Some(Cause::OurBody),
            (true, false) if call.statement => Some(Cause::Facts),
            (true, false) => Some(Cause::InsideExpression),
        }
    }

    /// How a call ends what is running, where ctrlflow says that it does. It does not say how.
    fn their_end(&self, id: ExprId) -> Option<End> {
        let ours = self.known.calls.get(&id).and_then(|call| call.end);
        self.theirs.ends.contains(&self.function.span(id)).then_some(ours.unwrap_or(End::Unwind))
    }

    fn call(&self, id: ExprId, cause: Cause) -> Difference {
        let says = match self.their_end(id) {
            Some(_) => "only ctrlflow knows that it never returns",
            None => "only we know that it never returns",
        };
        Difference { what: What::Call, cause, at: self.function.span(id), says: says.to_owned() }
    }

    /// The cause of the disputed calls on which a difference rests: it is gone once only those are as theirs.
    fn which_calls(&self, disputed: &HashMap<ExprId, Cause>, at: At) -> Option<Cause> {
        let mut causes: Vec<Cause> = disputed.values().copied().collect();
        causes.sort_unstable();
        causes.dedup();
        for &cause in &causes {
            let ends = |id: ExprId| match disputed.get(&id) {
                Some(&other) if other == cause => self.their_end(id),
                _ => self.known.calls.get(&id)?.end,
            };
            if !self.hold(&ends)?.differences().contains(&at) {
                return Some(cause);
            }
        }
        Some(Cause::SeveralCalls)
    }

    /// Lowers the function and holds it against theirs.
    fn hold(&self, ends: &dyn Fn(ExprId) -> Option<End>) -> Option<Held<'_>> {
        let body = self.function.lower(ends)?;
        let nodes = &self.theirs.nodes;
        let placed = Placed::new(self.function, nodes, &body);
        let both = |node: usize| nodes[node].live && placed.points[node].is_some();
        let common: Vec<bool> = (0..nodes.len()).map(both).collect();
        let missing = |node: &usize| nodes[*node].live && placed.points[*node].is_none();
        let quiet = |&node: &usize| nodes[node].kind != Kind::Return && self.known.is_quiet(nodes[node].span);
        let (quiet, lost): (Vec<usize>, Vec<usize>) = (0..nodes.len()).filter(missing).partition(quiet);
        let unexpected = (0..nodes.len()).filter(|&node| !nodes[node].live && placed.points[node].is_some());
        let reach = lost.into_iter().chain(unexpected).collect();
        let defers = body.blocks().any(|(block, _)| body.ops(block).iter().any(|op| op.kind == OpKind::Defer));
        let leaves = |block: &Ending| match block {
            Ending::Return(_) => true,
            // A deferred call may recover.
            Ending::Unwind(_) => defers,
            _ => false,
        };
        let never = !body.blocks().any(|(_, block)| leaves(&block.ending));
        Some(Held { sides: self, placed, common, reach, quiet: quiet.len(), never, defers })
    }
}

/// One of our programs against theirs.
struct Held<'c> {
    sides: &'c Sides<'c>,
    placed: Placed,
    /// Which nodes can be reached on both sides.
    common: Vec<bool>,
    /// The nodes that only one side reaches.
    reach: Vec<usize>,
    quiet: usize,
    never: bool,
    defers: bool,
}

impl Held<'_> {
    fn differences(&self) -> Vec<At> {
        let reach = self.reach.iter().map(|&node| (What::Reached, node));
        let nodes = (0..self.common.len()).filter(|&node| self.common[node] && !self.agree(node, None));
        let never = (self.never != self.sides.theirs.never).then_some((What::Function, 0));
        reach.chain(nodes.map(|node| (What::Dominator, node))).chain(never).collect()
    }

    /// Whether both sides have the same last dominator of a node, leaving out nodes of this kind.
    fn agree(&self, node: usize, without: Option<Kind>) -> bool {
        let [theirs, ours] = self.parents(node, without);
        theirs == ours
    }

    fn parents(&self, node: usize, without: Option<Kind>) -> [Option<usize>; 2] {
        let nodes = &self.sides.theirs.nodes;
        let wanted = |other: usize| self.common[other] && without != Some(nodes[other].kind);
        let theirs = std::iter::successors(nodes[node].parent, |&parent| nodes[parent].parent).find(|&at| wanted(at));
        [theirs, self.placed.parent(node, &wanted)]
    }

    /// The cause of a difference that does not rest on calls.
    fn cause(&self, (what, node): At) -> Cause {
        let Sides { function, theirs, .. } = self.sides;
        let place = match what {
            What::Call | What::Function => function.span(function.block).end,
            What::Reached | What::Dominator => theirs.nodes[node].span.start,
        };
        match what {
            What::Dominator if self.agree(node, Some(Kind::RangeVariable)) => Cause::RangeVariable,
            _ if function.is_after_for_true(place) => Cause::ForTrue,
            What::Function if self.never && self.defers => Cause::Defer,
            _ => Cause::Unexplained,
        }
    }

    fn difference(&self, (what, node): At, cause: Cause) -> Difference {
        let Sides { function, theirs, .. } = self.sides;
        let side = |ours: bool| if ours { "us" } else { "go/cfg" };
        let (at, says) = match what {
            What::Call | What::Function => {
                (function.span(function.block), format!("it never returns only to {}", side(self.never)))
            }
            What::Reached => (theirs.nodes[node].span, format!("reached only to {}", side(!theirs.nodes[node].live))),
            What::Dominator => {
                let [theirs, ours] = self.parents(node, None).map(|parent| match parent {
                    Some(parent) => format!("`{}`", self.text(parent)),
                    None => "the start".to_owned(),
                });
                (self.sides.theirs.nodes[node].span, format!("theirs behind {theirs}, ours behind {ours}"))
            }
        };
        Difference { what, cause, at, says }
    }

    fn text(&self, node: usize) -> &str {
        let file = &self.sides.function.package.files[self.sides.function.file];
        self.sides.theirs.nodes[node].span.of(&file.text).lines().next().unwrap_or_default()
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::ours::{functions, known};
    use crate::types::ours::{Package, Text};

    /// What is found to differ in the body of a function, if go/cfg has these nodes: text, kind, and the number of the node before
    /// it in the tree, none for what cannot be reached. A node whose text begins with `!` is a call that never returns.
    fn differ(body: &str, nodes: &[(&str, Kind, Option<i32>)], never: bool) -> Vec<(What, Cause)> {
        let text = format!(
            "package p\n\nimport \"os\"\n\nfunc own() {{}}\n\nfunc fail() int {{ return 0 }}\n\nfunc f(a, b bool, xs []int, ch chan int) {{\n{body}\n}}\n"
        );
        let package =
            Package::check("p", vec![Text { name: "p.go".into(), text: text.clone() }], &crate::types::ours::index());
        let start = text.find("func f(").and_then(|at| Some(at + text[at..].find('{')?)).expect("a body");
        let mut theirs = theirs::Function { start: start as u32, never, nodes: Vec::new(), ends: Vec::new() };
        for &(node, kind, parent) in nodes {
            let shown = node.trim_start_matches('!');
            let from = if shown == "}" { text.rfind('}') } else { text[start..].find(shown).map(|at| start + at) };
            let from = from.expect("the node is there") as u32;
            let span = Span::new(from, from + shown.len() as u32);
            let parent_of = parent.and_then(|parent| usize::try_from(parent).ok());
            theirs.nodes.push(theirs::Node { span, kind, live: parent.is_some(), parent: parent_of });
            if node.starts_with('!') {
                theirs.ends.push(span);
            }
        }
        let ours = functions(&package)[&(0, theirs.start)];
        let compared = compare(&ours, &theirs, &known(&package)[&(0, ours.index)]).expect("it has a program");
        compared.differences.iter().map(|difference| (difference.what, difference.cause)).collect()
    }

    const P: Kind = Kind::Plain;

    #[test]
    fn what_agrees_has_no_difference() {
        let nodes =
            [("a && !b", P, Some(-1)), ("xs = nil", P, Some(0)), ("own()", P, Some(0)), ("}", Kind::Return, Some(2))];
        assert_eq!(differ("if a && !b {\nxs = nil\n}\nown()", &nodes, false), []);
        let nodes = [("a", P, Some(-1)), ("!panic(0)", P, Some(0))];
        assert_eq!(differ("if a {\n}\npanic(0)", &nodes, true), []);
    }

    #[test]
    fn what_has_no_cause_is_unexplained() {
        let body = "if a {\nxs = nil\n}\nown()\nreturn";
        let nodes = |assign, call| {
            [("a", P, Some(-1)), ("xs = nil", P, assign), ("own()", P, call), ("return", Kind::Return, Some(2))]
        };
        assert_eq!(differ(body, &nodes(Some(0), Some(0)), false), []);
        assert_eq!(differ(body, &nodes(Some(0), Some(1)), false), [(What::Dominator, Cause::Unexplained)]);
        assert_eq!(differ(body, &nodes(None, Some(0)), false), [(What::Reached, Cause::Unexplained)]);
        assert_eq!(differ(body, &nodes(Some(0), Some(0)), true), [(What::Function, Cause::Unexplained)]);
    }

    #[test]
    fn what_go_cfg_simplifies_is_a_cause() {
        let range = [
            ("xs", P, Some(-1)),
            ("i", Kind::RangeVariable, Some(0)),
            ("own()", P, Some(1)),
            ("}", Kind::Return, Some(1)),
        ];
        let found = differ("for i := range xs {\nown()\n}", &range, false);
        assert_eq!(found, [(What::Dominator, Cause::RangeVariable)]);
        let endless = [("true", P, Some(-1)), ("own()", P, Some(0)), ("}", Kind::Return, Some(0))];
        assert_eq!(
            differ("for true {\nown()\n}", &endless, false),
            [(What::Reached, Cause::ForTrue), (What::Function, Cause::ForTrue)]
        );
        let deferred = [("defer own()", P, Some(-1)), ("own()\n}", P, Some(0))];
        let found = differ("defer own()\nfor {\nown()\n}", &deferred, false);
        assert_eq!(found, [(What::Function, Cause::Defer)]);
    }

    #[test]
    fn what_rests_on_calls_names_them() {
        let nodes = [
            ("a", P, Some(-1)),
            ("!own()", P, Some(0)),
            ("xs = nil", P, Some(0)),
            ("ch = nil", P, Some(2)),
            ("}", Kind::Return, Some(3)),
        ];
        let own = differ("if a {\nown()\n} else {\nxs = nil\n}\nch = nil", &nodes, false);
        assert_eq!(own, [(What::Call, Cause::OwnBody), (What::Dominator, Cause::OwnBody)]);
        let nodes = [("os.Exit(1)", P, Some(-1)), ("}", Kind::Return, Some(0))];
        let facts = differ("os.Exit(1)", &nodes, false);
        assert_eq!(facts, [(What::Call, Cause::Facts), (What::Reached, Cause::Facts), (What::Function, Cause::Facts)]);
    }
}
