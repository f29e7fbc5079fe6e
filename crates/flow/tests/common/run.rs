//! Runs programs, as the specification has it and as their blocks have it: what is called in which order, if every choice is
//! taken from the same list.

use gopeer_flow::{BlockId, Body, Ending, OpKind};
use gopeer_syntax::Tree;

use super::program::{Branch, Clause, Cond, Line, On, Program, Stmt};

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Return,
    Unwind,
    Stop,
    /// It waits for ever.
    Wait,
    /// It has taken too many steps.
    TooLong,
}

/// What a run has done, and how it ended.
pub type Trace = (Vec<String>, End);

/// How many steps a run may take.
const STEPS: u32 = 400;

/// A list of choices.
#[derive(Clone)]
struct Choices(u64);

impl Choices {
    /// One of `count`.
    fn take(&mut self, count: usize) -> usize {
        if count < 2 {
            return 0;
        }
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }
}

/// Goes through the blocks of a body.
pub fn walk(body: &Body, tree: &Tree, seed: u64) -> Trace {
    let (mut choices, mut trace, mut at) = (Choices(seed), Vec::new(), BlockId::ENTRY);
    for _ in 0..STEPS {
        for op in body.ops(at) {
            let text = tree.source(op.at);
            match op.kind {
                OpKind::Call | OpKind::Recv => trace.push(text.to_owned()),
                OpKind::Defer => trace.push(format!("defer {text}")),
                OpKind::Make => trace.push(format!("make {text}")),
                _ => {}
            }
        }
        let edges = body.edges(at);
        match body.ending(at) {
            Ending::Return(_) => return (trace, End::Return),
            Ending::Unwind(_) => return (trace, End::Unwind),
            Ending::Stop(_) => return (trace, End::Stop),
            Ending::Select(_) if edges.is_empty() => return (trace, End::Wait),
            _ => at = edges[choices.take(edges.len())].to,
        }
    }
    (trace, End::TooLong)
}

/// Runs a program.
pub fn run(program: &Program, seed: u64) -> Trace {
    let mut run = Run { choices: Choices(seed), trace: Vec::new(), steps: 0 };
    let end = match run.list(&program.lines) {
        Flow::End(end) => end,
        _ => End::Return,
    };
    (run.trace, end)
}

enum Flow {
    Next,
    Branch(Branch, Option<u32>),
    End(End),
}

struct Run {
    choices: Choices,
    trace: Vec<String>,
    steps: u32,
}

impl Run {
    fn note(&mut self, what: String) {
        self.trace.push(what);
    }

    fn list(&mut self, lines: &[Line]) -> Flow {
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            at = match self.line(line) {
                Flow::Next => at + 1,
                Flow::Branch(Branch::Goto, Some(label)) if lines.iter().any(|line| line.id == label) => {
                    lines.iter().position(|line| line.id == label).unwrap_or_default()
                }
                other => return other,
            };
        }
        Flow::Next
    }

    fn line(&mut self, line: &Line) -> Flow {
        self.steps += 1;
        if self.steps > STEPS {
            return Flow::End(End::TooLong);
        }
        match &line.stmt {
            Stmt::Call(call) => self.note(format!("g({call})")),
            Stmt::Value(cond) => self.value(cond),
            Stmt::Defer(call) => self.note(format!("defer g({call})")),
            Stmt::Literal(call) => self.note(format!("make func() {{ g({call}) }}")),
            Stmt::Return(cond) => {
                cond.iter().for_each(|cond| self.value(cond));
                return Flow::End(End::Return);
            }
            Stmt::Panic => {
                self.note("panic(1)".to_owned());
                return Flow::End(End::Unwind);
            }
            Stmt::Exit => {
                self.note("exit()".to_owned());
                return Flow::End(End::Stop);
            }
            Stmt::Block(lines) => return self.list(lines),
            Stmt::If(cond, then, els) => {
                return match (self.cond(cond), els) {
                    (true, _) => self.list(then),
                    (false, Some(els)) => self.line(els),
                    (false, None) => Flow::Next,
                };
            }
            Stmt::For(cond, post, body) => return self.loop_while(line.id, cond.as_ref(), *post, body),
            Stmt::Range(subject, body) => {
                self.note(format!("h({subject})"));
                return self.loop_over(line.id, body);
            }
            Stmt::Switch(on, tag, clauses, default) => return self.switch(line.id, *on, *tag, clauses, *default),
            Stmt::Select(clauses, default) => return self.select(line.id, clauses, *default),
            Stmt::Branch(branch, _, label) => return Flow::Branch(*branch, *label),
        }
        Flow::Next
    }

    /// A condition that is no condition: only its operators choose.
    fn value(&mut self, cond: &Cond) {
        match cond {
            Cond::Call(call) => self.note(format!("g({call})")),
            _ => {
                self.cond(cond);
            }
        }
    }

    fn cond(&mut self, cond: &Cond) -> bool {
        match cond {
            Cond::Call(call) => {
                self.note(format!("g({call})"));
                self.choices.take(2) == 0
            }
            Cond::Not(inner) => !self.cond(inner),
            Cond::And(both) => self.cond(&both[0]) && self.cond(&both[1]),
            Cond::Or(both) => self.cond(&both[0]) || self.cond(&both[1]),
        }
    }

    /// An iteration of a loop. Gives what leaves the loop.
    fn turn(&mut self, id: u32, body: &[Line]) -> Option<Flow> {
        self.steps += 1;
        if self.steps > STEPS {
            return Some(Flow::End(End::TooLong));
        }
        let here = |label: Option<u32>| label.is_none_or(|label| label == id);
        match self.list(body) {
            Flow::Next => None,
            Flow::Branch(Branch::Continue, label) if here(label) => None,
            Flow::Branch(Branch::Break, label) if here(label) => Some(Flow::Next),
            other => Some(other),
        }
    }

    fn loop_while(&mut self, id: u32, cond: Option<&Cond>, post: Option<u32>, body: &[Line]) -> Flow {
        while cond.is_none_or(|cond| self.cond(cond)) {
            if let Some(flow) = self.turn(id, body) {
                return flow;
            }
            if let Some(post) = post {
                self.note(format!("g({post})"));
            }
        }
        Flow::Next
    }

    fn loop_over(&mut self, id: u32, body: &[Line]) -> Flow {
        while self.choices.take(2) == 0 {
            if let Some(flow) = self.turn(id, body) {
                return flow;
            }
        }
        Flow::Next
    }

    fn switch(&mut self, id: u32, on: On, tag: u32, clauses: &[Clause], default: Option<usize>) -> Flow {
        let cased = || clauses.iter().enumerate().filter(|(at, _)| default != Some(*at));
        let chosen = match on {
            On::Constants | On::Types => {
                self.note(format!("{}({tag})", if on == On::Types { "w" } else { "h" }));
                let none = usize::from(default.is_none());
                Some(self.choices.take(clauses.len() + none)).filter(|&at| at < clauses.len())
            }
            On::Calls => {
                self.note(format!("h({tag})"));
                let mut cases = cased().flat_map(|(at, clause)| clause.cases.iter().map(move |case| (at, case)));
                let case = cases.find(|(_, case)| {
                    self.note(format!("h({})", case.first()));
                    self.choices.take(2) == 0
                });
                case.map(|(at, _)| at).or(default)
            }
            On::Conditions => {
                let mut cases = cased().flat_map(|(at, clause)| clause.cases.iter().map(move |case| (at, case)));
                cases.find(|(_, case)| self.cond(case)).map(|(at, _)| at).or(default)
            }
        };
        let Some(mut at) = chosen else { return Flow::Next };
        loop {
            match self.list(&clauses[at].body) {
                Flow::Next if clauses[at].falls => at += 1,
                flow => return left(id, flow),
            }
        }
    }

    fn select(&mut self, id: u32, clauses: &[(u32, Clause)], default: Option<usize>) -> Flow {
        for (_, (chan, _)) in clauses.iter().enumerate().filter(|(at, _)| default != Some(*at)) {
            self.note(format!("k({chan})"));
        }
        if clauses.is_empty() {
            return Flow::End(End::Wait);
        }
        let chosen = self.choices.take(clauses.len());
        let (chan, clause) = &clauses[chosen];
        if default != Some(chosen) {
            self.note(format!("<-k({chan})"));
        }
        left(id, self.list(&clause.body))
    }
}

/// What a switch or select makes of how its clause ends.
fn left(id: u32, flow: Flow) -> Flow {
    match flow {
        Flow::Branch(Branch::Break, label) if label.is_none_or(|label| label == id) => Flow::Next,
        other => other,
    }
}
