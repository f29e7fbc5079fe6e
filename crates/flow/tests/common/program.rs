//! Random bodies of functions: how they are made, and how they are written as Go.

use std::collections::BTreeSet;
use std::fmt::Write;

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// A condition: calls that are joined. Each call has a number of its own.
#[derive(Clone, Debug)]
pub enum Cond {
    Call(u32),
    Not(Box<Cond>),
    And(Box<[Cond; 2]>),
    Or(Box<[Cond; 2]>),
}

/// A statement, and the number of its label.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: u32,
    pub stmt: Stmt,
}

/// A clause of a switch or select; of the cases of a switch on constants or types, the conditions only say how many.
#[derive(Clone, Debug)]
pub struct Clause {
    pub cases: Vec<Cond>,
    pub body: Vec<Line>,
    pub falls: bool,
}

/// What a switch compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Constants,
    Calls,
    Conditions,
    Types,
}

/// Where a branch leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    Break,
    Continue,
    Goto,
}

#[derive(Clone, Debug)]
pub enum Stmt {
    Call(u32),
    Value(Cond),
    Defer(u32),
    Literal(u32),
    Return(Option<Cond>),
    Panic,
    Exit,
    Block(Vec<Line>),
    If(Cond, Vec<Line>, Option<Box<Line>>),
    For(Option<Cond>, Option<u32>, Vec<Line>),
    Range(u32, Vec<Line>),
    /// What it compares, its tag, its clauses, and which of them is `default`.
    Switch(On, u32, Vec<Clause>, Option<usize>),
    /// Its clauses, each with the number of the channel, and which of them is `default`.
    Select(Vec<(u32, Clause)>, Option<usize>),
    /// Before names are given, which of the possible targets; afterwards the label, if it is written.
    Branch(Branch, u8, Option<u32>),
}

/// The body of a function.
#[derive(Clone)]
pub struct Program {
    pub lines: Vec<Line>,
    labels: BTreeSet<u32>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file())
    }
}

fn line(stmt: Stmt) -> Line {
    Line { id: 0, stmt }
}

fn conds() -> impl Strategy<Value = Cond> {
    Just(Cond::Call(0)).prop_recursive(3, 6, 2, |inner| {
        let both = (inner.clone(), inner.clone()).prop_map(|(a, b)| Box::new([a, b]));
        prop_oneof![
            inner.prop_map(|cond| Cond::Not(Box::new(cond))),
            both.clone().prop_map(Cond::And),
            both.prop_map(Cond::Or),
        ]
    })
}

fn simple() -> impl Strategy<Value = Stmt> {
    use Branch::{Break, Continue, Goto};
    let branch = prop_oneof![3 => Just(Break), 2 => Just(Continue), 2 => Just(Goto)];
    prop_oneof![
        6 => Just(Stmt::Call(0)),
        1 => conds().prop_map(Stmt::Value),
        1 => Just(Stmt::Defer(0)),
        1 => Just(Stmt::Literal(0)),
        1 => weighted(0.5, conds()).prop_map(Stmt::Return),
        1 => Just(Stmt::Panic),
        1 => Just(Stmt::Exit),
        6 => (branch, any::<u8>()).prop_map(|(branch, pick)| Stmt::Branch(branch, pick, None)),
    ]
}

fn lists(stmts: impl Strategy<Value = Stmt>) -> impl Strategy<Value = Vec<Line>> {
    vec(stmts.prop_map(line), 0..4)
}

fn clauses(list: impl Strategy<Value = Vec<Line>>) -> impl Strategy<Value = (Vec<Clause>, Option<usize>)> {
    let clause = (vec(conds(), 1..3), list, any::<bool>());
    let clause = clause.prop_map(|(cases, body, falls)| Clause { cases, body, falls });
    (vec(clause, 0..4), 0usize..6).prop_map(|(clauses, pick)| {
        let default = (pick < clauses.len()).then_some(pick);
        (clauses, default)
    })
}

/// Programs that Go's grammar allows, and whose branches lead somewhere.
pub fn programs() -> impl Strategy<Value = Program> {
    let stmts = simple().prop_recursive(4, 40, 4, |inner| {
        let list = lists(inner.clone()).boxed();
        let on = prop_oneof![Just(On::Constants), Just(On::Calls), Just(On::Conditions), Just(On::Types)];
        let chained = (conds(), list.clone(), weighted(0.5, list.clone()))
            .prop_map(|(cond, then, els)| Stmt::If(cond, then, els.map(|els| Box::new(line(Stmt::Block(els))))));
        let chained = chained.boxed();
        prop_oneof![
            1 => list.clone().prop_map(Stmt::Block),
            3 => chained.clone(),
            1 => (conds(), list.clone(), chained)
                .prop_map(|(cond, then, els)| Stmt::If(cond, then, Some(Box::new(line(els))))),
            3 => (weighted(0.7, conds()), weighted(0.5, Just(0)), list.clone())
                .prop_map(|(cond, post, body)| Stmt::For(cond, post, body)),
            2 => list.clone().prop_map(|body| Stmt::Range(0, body)),
            3 => (on, clauses(list.clone()))
                .prop_map(|(on, (clauses, default))| Stmt::Switch(on, 0, clauses, default)),
            2 => clauses(list).prop_map(|(clauses, default)| {
                Stmt::Select(clauses.into_iter().map(|clause| (0, clause)).collect(), default)
            }),
        ]
    });
    vec(stmts.prop_map(line), 0..6).prop_map(|mut lines: Vec<Line>| {
        let mut naming = Naming::default();
        naming.list(&mut lines);
        Program { lines, labels: naming.labels }
    })
}

/// Gives every call and statement its number, and has branches lead to what is around them.
#[derive(Default)]
struct Naming {
    last: u32,
    labels: BTreeSet<u32>,
    /// The statements around that `break` may leave, and whether they are loops.
    around: Vec<(u32, bool)>,
    /// The statements of the lists around.
    listed: Vec<u32>,
}

impl Naming {
    fn number(&mut self, number: &mut u32) {
        self.last += 1;
        *number = self.last;
    }

    fn list(&mut self, lines: &mut [Line]) {
        let outer = self.listed.len();
        for line in &mut *lines {
            self.number(&mut line.id);
            self.listed.push(line.id);
        }
        lines.iter_mut().for_each(|line| self.line(line));
        self.listed.truncate(outer);
    }

    fn inside(&mut self, id: u32, is_loop: bool, lines: &mut [Line]) {
        self.around.push((id, is_loop));
        self.list(lines);
        self.around.pop();
    }

    fn line(&mut self, Line { id, stmt }: &mut Line) {
        match stmt {
            Stmt::Call(call) | Stmt::Defer(call) | Stmt::Literal(call) => self.number(call),
            Stmt::Value(cond) | Stmt::Return(Some(cond)) => self.cond(cond),
            Stmt::Return(None) | Stmt::Panic | Stmt::Exit => {}
            Stmt::Block(lines) => self.list(lines),
            Stmt::If(cond, then, els) => {
                self.cond(cond);
                self.list(then);
                if let Some(els) = els {
                    self.line(els);
                }
            }
            Stmt::For(cond, post, body) => {
                cond.iter_mut().for_each(|cond| self.cond(cond));
                post.iter_mut().for_each(|post| self.number(post));
                self.inside(*id, true, body);
            }
            Stmt::Range(subject, body) => {
                self.number(subject);
                self.inside(*id, true, body);
            }
            Stmt::Switch(on, tag, clauses, _) => {
                self.number(tag);
                let last = clauses.len().saturating_sub(1);
                for (at, clause) in clauses.iter_mut().enumerate() {
                    clause.falls &= at < last && *on != On::Types;
                    clause.cases.iter_mut().for_each(|case| self.cond(case));
                    self.inside(*id, false, &mut clause.body);
                }
            }
            Stmt::Select(clauses, _) => {
                for (chan, clause) in clauses {
                    self.number(chan);
                    clause.falls = false;
                    self.inside(*id, false, &mut clause.body);
                }
            }
            Stmt::Branch(branch, pick, label) => {
                let mut targets: Vec<u32> = match branch {
                    Branch::Break => self.around.iter().map(|(id, _)| *id).collect(),
                    Branch::Continue => self.around.iter().filter(|(_, again)| *again).map(|(id, _)| *id).collect(),
                    Branch::Goto => self.listed.clone(),
                };
                targets.reverse();
                // The innermost target needs no label.
                let bare = usize::from(*branch != Branch::Goto && !targets.is_empty());
                match usize::from(*pick) % (targets.len() + bare).max(1) {
                    _ if targets.is_empty() => *stmt = Stmt::Block(Vec::new()),
                    0 if bare == 1 => {}
                    at => *label = Some(targets[at - bare]),
                }
                if let Stmt::Branch(_, _, Some(label)) = stmt {
                    self.labels.insert(*label);
                }
            }
        }
    }

    fn cond(&mut self, cond: &mut Cond) {
        match cond {
            Cond::Call(call) => self.number(call),
            Cond::Not(inner) => self.cond(inner),
            Cond::And(both) | Cond::Or(both) => both.iter_mut().for_each(|side| self.cond(side)),
        }
    }
}

impl Program {
    /// The file with the function. `g`, `h`, `k` and `w` give a bool, an int, a channel and an interface.
    pub fn file(&self) -> String {
        let mut out =
            "package p\n\nfunc exit() {}\n\nfunc g(int) bool { return true }\n\nfunc h(int) int { return 0 }\n\n\
            func k(int) chan int { return nil }\n\nfunc w(int) any { return nil }\n\nfunc f() (r bool) {\n"
                .to_owned();
        self.list(&mut out, &self.lines);
        out.push_str("}\n");
        out
    }

    fn list(&self, out: &mut String, lines: &[Line]) {
        for line in lines {
            if self.labels.contains(&line.id) {
                let _ = writeln!(out, "l{}:", line.id);
            }
            self.stmt(out, &line.stmt);
            out.push('\n');
        }
    }

    fn braced(&self, out: &mut String, lines: &[Line]) {
        out.push_str("{\n");
        self.list(out, lines);
        out.push('}');
    }

    fn stmt(&self, out: &mut String, stmt: &Stmt) {
        let _ = match stmt {
            Stmt::Call(call) => write!(out, "g({call})"),
            Stmt::Value(cond) => write!(out, "_ = {}", cond.text()),
            Stmt::Defer(call) => write!(out, "defer g({call})"),
            Stmt::Literal(call) => write!(out, "_ = func() {{ g({call}) }}"),
            Stmt::Return(cond) => write!(out, "return {}", cond.as_ref().map_or(String::new(), Cond::text)),
            Stmt::Panic => write!(out, "panic(1)"),
            Stmt::Exit => write!(out, "exit()"),
            Stmt::Branch(branch, _, label) => {
                let label = label.map_or(String::new(), |label| format!(" l{label}"));
                write!(out, "{}{label}", format!("{branch:?}").to_lowercase())
            }
            _ => {
                self.compound(out, stmt);
                Ok(())
            }
        };
    }

    fn compound(&self, out: &mut String, stmt: &Stmt) {
        match stmt {
            Stmt::Block(lines) => self.braced(out, lines),
            Stmt::If(cond, then, els) => {
                let _ = write!(out, "if {} ", cond.text());
                self.braced(out, then);
                if let Some(els) = els {
                    out.push_str(" else ");
                    self.stmt(out, &els.stmt);
                }
            }
            Stmt::For(cond, post, body) => {
                let cond = cond.as_ref().map_or(String::new(), Cond::text);
                let _ = match post {
                    Some(post) => write!(out, "for ; {cond}; g({post}) "),
                    None => write!(out, "for {cond} "),
                };
                self.braced(out, body);
            }
            Stmt::Range(subject, body) => {
                let _ = write!(out, "for range h({subject}) ");
                self.braced(out, body);
            }
            Stmt::Switch(on, tag, clauses, default) => {
                let _ = match on {
                    On::Constants | On::Calls => writeln!(out, "switch h({tag}) {{"),
                    On::Conditions => writeln!(out, "switch {{"),
                    On::Types => writeln!(out, "switch w({tag}).(type) {{"),
                };
                for (at, clause) in clauses.iter().enumerate() {
                    let cases = clause.cases.iter().map(|case| on.case(case)).collect::<Vec<_>>().join(", ");
                    let head = if *default == Some(at) { "default".to_owned() } else { format!("case {cases}") };
                    self.clause(out, &head, clause);
                }
                out.push('}');
            }
            Stmt::Select(clauses, default) => {
                out.push_str("select {\n");
                for (at, (chan, clause)) in clauses.iter().enumerate() {
                    let head = if *default == Some(at) { "default".to_owned() } else { format!("case <-k({chan})") };
                    self.clause(out, &head, clause);
                }
                out.push('}');
            }
            _ => {}
        }
    }

    fn clause(&self, out: &mut String, head: &str, clause: &Clause) {
        let _ = writeln!(out, "{head}:");
        self.list(out, &clause.body);
        if clause.falls {
            out.push_str("fallthrough\n");
        }
    }
}

impl On {
    fn case(self, case: &Cond) -> String {
        let number = case.first();
        match self {
            On::Constants => number.to_string(),
            On::Calls => format!("h({number})"),
            On::Conditions => case.text(),
            On::Types => format!("[{number}]int"),
        }
    }
}

impl Cond {
    /// Its first call.
    pub fn first(&self) -> u32 {
        match self {
            Cond::Call(call) => *call,
            Cond::Not(inner) => inner.first(),
            Cond::And(both) | Cond::Or(both) => both[0].first(),
        }
    }

    fn text(&self) -> String {
        match self {
            Cond::Call(call) => format!("g({call})"),
            Cond::Not(inner) => format!("!({})", inner.text()),
            Cond::And(both) => format!("({} && {})", both[0].text(), both[1].text()),
            Cond::Or(both) => format!("({} || {})", both[0].text(), both[1].text()),
        }
    }
}
