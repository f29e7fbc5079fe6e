//! Calls that control does not come back from.

use gopeer_flow::End;
use gopeer_sema::CallFacts;
use gopeer_syntax::ast::{DeclId, Expr, ExprId};

use crate::summary::{Answer, Find, What};
use crate::{Cx, words};

/// Words in the names of functions that do not return, for those of which nothing else is known.
const WORDS: &[&str] = &[
    "abort", "die", "dief", "exit", "exitf", "fail", "failf", "failnow", "fatal", "fatalf", "fatalln", "goexit",
    "panic", "panicf", "panicln",
];

impl Cx<'_> {
    /// How a call ends what is running, if the language, the project or the index says that it does.
    pub fn ends(&self, call: ExprId) -> Option<End> {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return None };
        if self.is_builtin(fun, "panic") {
            return Some(End::Unwind);
        }
        let callee = self.callee(call)?;
        if self.file.project.exits.iter().any(|exit| callee.is(&[exit])) {
            return Some(End::Exit);
        }
        let facts = self.known(&callee)?.facts;
        if facts.has(CallFacts::EXITS) {
            Some(End::Exit)
        } else if facts.has(CallFacts::UNWINDS) {
            Some(End::Unwind)
        } else {
            None
        }
    }

    /// Whether a call may not come back: it is known to end what is running, or its name says so, and no body in the package shows
    /// otherwise. For rules that stay silent where this holds.
    pub fn may_end(&self, call: ExprId) -> bool {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return false };
        let name = self.source(fun).rsplit('.').next().unwrap_or_default();
        self.ends(call).is_some()
            || words(name).iter().any(|word| WORDS.contains(&word.as_str())) && !self.comes_back(call)
    }

    /// Whether a call calls a function of the package that returns, and nothing in it may end what is running.
    fn comes_back(&self, call: ExprId) -> bool {
        self.ask(call, What::Ends) == Some(Answer::Ends(None))
            && self.ask(call, What::Finds(Find(first_end), 0)) == Some(Answer::At(None))
    }
}

/// The first call of a function that may not come back.
fn first_end(cx: &Cx<'_>, func: DeclId, _: usize) -> Option<ExprId> {
    cx.find_expr(func, true, |id| cx.may_end(id))
}
