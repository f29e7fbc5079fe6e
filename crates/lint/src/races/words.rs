//! A race in words: which goroutine does what, and where.

use gopeer_syntax::Span;
use gopeer_syntax::ast::{Expr, Node};

use super::scene::{Placed, Scene};
use super::{Between, Race};
use crate::Step;

impl<'a> Scene<'_, 'a> {
    /// The statement of an access.
    pub(super) fn span_of_stmt(&self, of: &Placed) -> Span {
        match of.access.at {
            Node::Stmt(stmt) => self.cx.span(stmt),
            node => self.cx.enclosing_stmt(node).map_or(self.cx.span(node), |stmt| self.cx.span(stmt)),
        }
    }

    pub(super) fn span(&self, of: &Placed) -> Span {
        match of.access.at {
            Node::Stmt(stmt) => self.cx.span(stmt),
            node => self.cx.span(node),
        }
    }

    /// What is said of two accesses, of which the first is that of the goroutine, if one of them is of the function around it.
    pub(super) fn race(&self, between: Between, at: usize, one: &Placed<'a>, other: &Placed<'a>) -> Race {
        let name = match one.access.at {
            Node::Expr(at) => format!("`{}`", self.cx.source(at)),
            _ => String::new(),
        };
        let other_first = match between {
            Between::Turns | Between::Spawner => false,
            Between::Reader => true,
            _ => other.access.does.is_write() && !one.access.does.is_write(),
        };
        let (first, second) = if other_first { (other, one) } else { (one, other) };
        // What is mixed is the plain access.
        let (first, second) = if first.access.does.is_atomic() { (second, first) } else { (first, second) };
        let stmt = match first.access.at {
            Node::Stmt(stmt) => Some(stmt),
            node => self.cx.enclosing_stmt(node),
        };
        Race {
            stmt,
            at: self.span(first),
            does: first.access.does,
            other: second.access.does,
            between,
            home: self.cx.func_in_words_of(self.home),
            steps: self.steps(between, at, (one, other), &name),
            name,
        }
    }

    fn steps(&self, between: Between, at: usize, (one, other): (&Placed<'a>, &Placed<'a>), name: &str) -> Vec<Step> {
        let home = self.cx.func_in_words_of(self.home);
        let (starts, first, second) = match between {
            Between::Turns => ("starts a goroutine here in each iteration", "a goroutine", "another goroutine"),
            Between::Requests => ("registers what each request runs", "a request", "another request"),
            Between::Subtests => ("starts subtests that run at the same time", "a subtest", "another subtest"),
            Between::Goroutines => ("starts a goroutine here", "a goroutine", "another goroutine"),
            Between::Spawner | Between::Reader => ("starts the goroutine here", "the goroutine", home.as_str()),
        };
        let start = Step::from((self.start(between, at), starts.to_owned())).by(home.as_str());
        let does = |of: &Placed<'a>, then: &str| Step::from((self.span(of), self.done(of, name) + then));
        let unordered = "; nothing orders the two";
        vec![start, does(one, "").by(first), does(other, unordered).by(second)]
    }

    /// What an access does.
    fn done(&self, of: &Placed<'a>, name: &str) -> String {
        match of.access.at {
            Node::Stmt(_) if of.access.does.is_write() => format!("returns here, which sets {name}"),
            Node::Stmt(_) => format!("returns here, which reads {name}"),
            Node::Expr(at) => format!("{} `{}` here", of.access.does.verb(), self.cx.source(at)),
            _ => String::new(),
        }
    }

    /// Where the goroutine is started; of what is registered, or run by others, where it begins.
    fn start(&self, between: Between, at: usize) -> Span {
        let (cx, spawn) = (self.cx, &self.started[at].spawn);
        let keyword = |span: Span, length: u32| Span::new(span.start, (span.start + length).min(span.end));
        match spawn.at {
            _ if between == Between::Requests => keyword(cx.span(spawn.runs), 4),
            Node::Stmt(stmt) => keyword(cx.span(stmt), 2),
            _ => match cx.expr(spawn.call) {
                Expr::Call { fun, .. } => cx.span(fun),
                _ => cx.span(spawn.call),
            },
        }
    }
}
