//! Calls that control does not come back from.

use gopeer_flow::End;
use gopeer_sema::CallFacts;
use gopeer_syntax::ast::{Expr, ExprId};

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

    /// Whether a call may not come back: it is known to end what is running, or its name says so. For rules that stay silent
    /// where this holds.
    pub fn may_end(&self, call: ExprId) -> bool {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return false };
        let name = self.source(fun).rsplit('.').next().unwrap_or_default();
        self.ends(call).is_some() || words(name).iter().any(|word| WORDS.contains(&word.as_str()))
    }
}
