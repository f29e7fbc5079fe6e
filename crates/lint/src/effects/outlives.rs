//! Goroutines that go on after the handler which starts them has returned.

use gopeer_flow::OpKind;
use gopeer_sema::Def;
use gopeer_syntax::ast::{Expr, ExprId, Node};

use crate::{Call, Caller, Cx, Func, Spawn, words};

impl<'a> Cx<'a> {
    /// The goroutines that a function which answers requests starts with `go`, and for which it does not wait as far as that shows.
    pub fn outliving(&self, func: Func) -> Vec<Spawn<'a>> {
        if self.caller(func) != Some(Caller::Client) {
            return Vec::new();
        }
        let mut spawns: Vec<Spawn> = self
            .spawns_in(func.body)
            .filter(|spawn| {
                matches!(spawn.at, Node::Stmt(_))
                    && self.enclosing_func(spawn.at).map(|around| around.node) == Some(func.node)
            })
            .take(16)
            .collect();
        if spawns.is_empty() {
            return spawns;
        }
        let Some(followed) = self.followed(func.node) else { return Vec::new() };
        // What waits, waits at its end.
        let waits = followed.ops().filter(|(_, op)| match op.kind {
            OpKind::Recv => true,
            OpKind::Call | OpKind::Defer => {
                let word = self.callee_word(op.at);
                word.contains("Wait") || word.contains("ServeHTTP")
            }
            _ => false,
        });
        let last = waits.map(|(_, op)| self.span(op.at).start).max();
        spawns.retain(|spawn| last.is_none_or(|last| last < self.tree.span(spawn.at).start));
        spawns
    }

    /// Whether an expression is the context of the request that a function answers, or one made of it.
    pub fn is_request_context(&self, func: Func, expr: ExprId) -> bool {
        const FAR: usize = 4;
        let mut expr = self.unparen(expr);
        for _ in 0..FAR {
            match self.expr(expr) {
                Expr::Call { .. } => match self.call(expr) {
                    Some(call) if call.callee.is(&["net/http.Request.Context"]) => return true,
                    Some(call) if call.callee.name == "WithoutCancel" || self.may_end_otherwise(&call) => return false,
                    Some(call) => match call.args.first() {
                        Some(&parent) if self.has_type(parent, &["context.Context"]) => expr = self.unparen(parent),
                        _ => return false,
                    },
                    None => return false,
                },
                Expr::Ident => {
                    let Def::Local(declared) = self.def(expr) else { return false };
                    if !self.span(func.body).contains(self.span(declared)) {
                        // Of an HTTP handler, a context beside the request is somebody else's.
                        return self.param_of(func, "context.Context") == Some(declared)
                            && self.param_of(func, "net/http.Request").is_none();
                    }
                    if self.is_reassigned(expr) {
                        return false;
                    }
                    let Some(made) = self.defining_call(expr) else { return false };
                    expr = made;
                }
                _ => return false,
            }
        }
        false
    }

    /// Whether a context that a function makes of another may have an end of its own, `newCancelContext(ctx, stop)`.
    fn may_end_otherwise(&self, call: &Call) -> bool {
        const WORDS: &[&str] = &["async", "background", "cancel", "detach", "detached", "join", "merge"];
        call.callee.path != "context" && words(call.callee.name).iter().any(|word| WORDS.contains(&word.as_str()))
    }
}
