//! Message authentication codes: what `crypto/hmac` makes of a secret, also as text, and through functions of the package.

use gopeer_syntax::ast::{DeclId, Expr, ExprId, Node};

use crate::Cx;
use crate::summary::{Answer, What};

impl Cx<'_> {
    /// Whether an expression is a code that `crypto/hmac` makes.
    pub fn is_mac(&self, expr: ExprId) -> bool {
        const FAR: usize = 6;
        let mut at = self.unparen(expr);
        for _ in 0..FAR {
            let next = match self.expr(at) {
                Expr::Ident if !self.is_reassigned(at) => self.initial_value(at),
                Expr::Call { fun, args, .. } if self.is_type_expr(fun) => self.only(args),
                Expr::Call { args, .. } => {
                    if let Some((hash, "Sum", _)) = self.method_call(at) {
                        return self.initial_value(hash).is_some_and(|made| self.calls(made, &["crypto/hmac.New"]));
                    }
                    let Some(callee) = self.callee(at) else { return false };
                    match callee.name {
                        "EncodeToString" | "Sprintf" => self.exprs(args).last().copied(),
                        _ => return matches!(self.ask(at, What::GivesMac), Some(Answer::Is(true))),
                    }
                }
                _ => None,
            };
            let Some(next) = next else { return false };
            at = self.unparen(next);
        }
        false
    }

    /// Whether all that a function returns as its first result is such a code.
    pub(crate) fn gives_mac(&self, decl: DeclId) -> bool {
        let Some(func) = self.as_func(Node::Decl(decl)) else { return false };
        let mut returned = self.returned(func.body).peekable();
        returned.peek().is_some() && returned.all(|results| results.first().is_some_and(|&first| self.is_mac(first)))
    }
}
