//! The way of input from outside, in words.

use std::rc::Rc;

use gopeer_syntax::ast::{Expr, ExprId};

use super::facts::Kinds;
use super::sinks::Sink;
use super::trace::{Begin, How, Trace};
use super::{From, InnerStep};
use crate::summary::FuncName;
use crate::{Cx, Step};

/// What input of a class is.
pub(super) fn origin(class: &str) -> &'static str {
    match class {
        "query" => "a query parameter of the request",
        "form" => "a form value of the request",
        "variable" => "a path parameter of the request",
        "url" => "the URL of the request",
        "header" => "a header of the request",
        "host" => "the `Host` header of the request",
        "cookie" => "a cookie of the request",
        "body" => "part of the body of the request",
        "file" => "the name that the client gives an uploaded file",
        "message" => "part of a consumed message",
        "rpc" => "part of the request message",
        "secret" => "a secret",
        "archive" => "the name of an entry of an archive",
        _ => "the request",
    }
}

/// What the way of input of a class begins with.
fn first_step(class: &str) -> String {
    match origin(class) {
        whole @ "the request" => format!("this comes from {whole}"),
        part => format!("this is {part}"),
    }
}

/// What is done with input at a sink.
fn harm(sink: &Sink) -> String {
    let name = &sink.name;
    match sink.kinds {
        Kinds::COMMAND => format!("`{name}` runs it"),
        Kinds::ARGUMENT => format!("`{name}` passes it to the program"),
        Kinds::PATH => format!("`{name}` uses it as a path"),
        Kinds::ADDRESS | Kinds::PART => format!("it is in the address that `{name}` asks"),
        Kinds::URL => format!("it names the host for `{name}`"),
        Kinds::HTML | Kinds::MARKUP => format!("`{name}` leaves it unescaped"),
        Kinds::COUNTER => format!("`{name}` gets it in a statement that adds to a column"),
        Kinds::LABEL => format!("`{name}` makes it the value of a label"),
        Kinds::READER => format!("`{name}` reads it, however long it is"),
        Kinds::TOKEN => format!("`{name}` does not verify its signature"),
        Kinds::SECRET => format!("`{name}` makes it part of its text"),
        Kinds::REDIRECT => format!("`{name}` sends the client there"),
        _ => format!("`{name}` takes it as the text of a statement"),
    }
}

impl Trace {
    /// The class of what a way begins with.
    pub(super) fn class(&self, begin: &Begin) -> Option<Rc<str>> {
        match &begin.from {
            From::Outside(_) => None,
            From::Given(..) => self.spots[begin.spot].class.clone(),
        }
    }

    /// Where input is read: the whole expression that takes it out of the request.
    pub(super) fn source(&self, begin: &Begin) -> ExprId {
        let mut spot = &self.spots[begin.spot];
        while matches!(spot.how, How::Part)
            && let Some(to) = spot.to
        {
            spot = &self.spots[to];
        }
        spot.at
    }

    /// The spots from where a way begins to where it ends.
    fn way(&self, begin: &Begin) -> impl Iterator<Item = &super::trace::Spot> {
        std::iter::successors(Some(&self.spots[begin.spot]), |spot| Some(&self.spots[spot.to?]))
    }
}

impl Cx<'_> {
    /// The way in another function of the package, for those who call it.
    pub(super) fn inner_steps(&self, of: &FuncName, trace: &Trace, begin: &Begin) -> Vec<InnerStep> {
        let mut steps: Vec<InnerStep> = begin.inner.to_vec();
        if let From::Outside(class) = &begin.from
            && begin.inner.is_empty()
        {
            steps.push((of.clone(), trace.source(begin), first_step(class).into()));
        }
        for spot in trace.way(begin) {
            if let How::Called(inner) = &spot.how {
                steps.extend(inner.iter().cloned());
            }
        }
        steps
    }

    /// The way to where it is used.
    pub(super) fn outer_steps(&self, trace: &Trace, begin: &Begin) -> Vec<Step> {
        let mut steps: Vec<Step> =
            begin.inner.iter().map(|(of, at, text)| Step::within(of.clone(), *at, &**text)).collect();
        let source = trace.source(begin);
        if let From::Outside(class) = &begin.from
            && begin.inner.is_empty()
        {
            steps.push((self.span(source), first_step(class)).into());
        }
        let first = self.enclosing_stmt(source);
        for spot in trace.way(begin) {
            match &spot.how {
                How::Written(target) if self.enclosing_stmt(*target) != first => {
                    steps.push((self.span(*target), format!("it goes into `{}`", self.source(*target))).into());
                }
                How::Filled(call) if *call != source => {
                    let filled = spot.to.map(|to| trace.spots[to].at).filter(|&at| self.expr(at) == Expr::Ident);
                    let filled = filled.map_or("its argument".to_owned(), |at| format!("`{}`", self.source(at)));
                    let text = format!("`{}` fills {filled} with it", self.callee_text(*call));
                    steps.push((self.span(*call), text).into());
                }
                How::Called(inner) => {
                    steps.extend(inner.iter().map(|(of, at, text)| Step::within(of.clone(), *at, &**text)));
                }
                _ => {}
            }
        }
        // The way may name the source once more.
        steps.dedup();
        steps.truncate(MOST - 1);
        steps
    }

    /// The way with its end: the harm.
    pub(super) fn steps_to(&self, sink: &Sink, trace: &Trace, begin: &Begin) -> Vec<Step> {
        let mut steps = self.outer_steps(trace, begin);
        steps.push((self.span(sink.at), self.use_at(sink)).into());
        steps.extend(sink.inner.iter().map(|(of, at, text)| Step::within(of.clone(), *at, &**text)));
        steps.truncate(MOST);
        steps
    }

    /// What is done with input there: harm, or the call of a function that does it.
    pub(super) fn use_at(&self, sink: &Sink) -> String {
        match &sink.within {
            None => harm(sink),
            Some(_) => format!("`{}` is called with it", self.callee_text(sink.call)),
        }
    }
}

/// How many steps tell a way.
const MOST: usize = 8;
