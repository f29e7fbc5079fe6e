//! What calls do to a response.

use gopeer_sema::Def;
use gopeer_syntax::ast::ExprId;

use super::Effects;
use crate::{Call, Cx};

/// What a call does to a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing, or nothing that is known.
    None,
    /// It sets headers.
    Headers,
    /// It sends a status, with the headers.
    Status,
    /// It sends a part of the body, and before the first part whatever status and headers are set.
    Body,
    /// It sends a whole response: headers, status and body.
    Whole,
}

impl Reply {
    /// Whether a response begins that something may still be added to.
    pub fn begins(self) -> bool {
        matches!(self, Reply::Status | Reply::Body)
    }

    /// Whether it is too late for it once the response has begun.
    pub fn is_fixed(self) -> bool {
        matches!(self, Reply::Headers | Reply::Status | Reply::Whole)
    }
}

impl Cx<'_> {
    /// What a call does to the response that a variable holds, given by the identifier that declares it.
    pub fn reply(&self, call: ExprId, response: ExprId) -> Reply {
        let is_response = |expr: ExprId| self.def(self.unparen(expr)) == Def::Local(response);
        let Some(found) = self.call(call) else { return Reply::None };
        if let Some(receiver) = found.receiver {
            if found.callee.path == "net/http" && is_response(receiver) {
                return self.reply_of_method(found);
            }
            if found.callee.recv == Some("Header") {
                let of = self.call(receiver).and_then(|header| header.receiver);
                let sets = matches!(found.callee.name, "Add" | "Del" | "Set") && of.is_some_and(is_response);
                return if sets && !self.is_trailer(found) { Reply::Headers } else { Reply::None };
            }
            if self.writes_through(receiver, response)
                && matches!(found.callee.name, "Encode" | "Write" | "WriteString")
            {
                return Reply::Body;
            }
        }
        if !found.args.iter().take(3).any(|&arg| is_response(arg)) {
            return Reply::None;
        }
        self.reply_by_argument(found)
    }

    fn reply_of_method(&self, call: Call<'_>) -> Reply {
        match (call.callee.name, call.args) {
            ("WriteHeader", [status]) => match self.int_value(*status) {
                Some(100..200) => Reply::None,
                _ => Reply::Status,
            },
            ("Write", _) => Reply::Body,
            _ => Reply::None,
        }
    }

    /// `json.NewEncoder(w)`: what is made of the response writes to it.
    fn writes_through(&self, receiver: ExprId, response: ExprId) -> bool {
        let Some(made) = self.call(receiver) else { return false };
        made.callee.name.starts_with("New")
            && matches!(made.args, [only] if self.def(self.unparen(*only)) == Def::Local(response))
    }

    /// A function is given the response.
    fn reply_by_argument(&self, call: Call<'_>) -> Reply {
        const PRINTS: &[&str] = &["fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "io.Copy", "io.WriteString"];
        let effects = self.effects(call.expr);
        if call.callee.is(PRINTS) {
            return Reply::Body;
        }
        if self.own_function(call.callee).is_none() {
            return match effects {
                _ if call.callee.is(&["net/http.Handler.ServeHTTP"]) => Reply::Body,
                _ if effects.has(Effects::RESPOND) => Reply::Whole,
                _ if effects.has(Effects::HEADERS) => Reply::Headers,
                _ => Reply::None,
            };
        }
        match self.done_by(call) {
            Some(done) if done.always_responds => {
                if done.begins_with("Write") {
                    Reply::Body
                } else {
                    Reply::Whole
                }
            }
            _ => Reply::None,
        }
    }

    /// Trailers are sent after the body.
    fn is_trailer(&self, call: Call<'_>) -> bool {
        let key = call.args.first().map(|&key| self.source(key)).unwrap_or_default();
        key.contains("Trailer")
            || self.enclosing_func(call.expr).is_some_and(|func| {
                self.once(func.body, |cx, node| cx.source(node).contains("Trailer").then_some(node)).is_some()
            })
    }
}
