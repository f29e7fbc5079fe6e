//! Headers or a status are set after the response has begun.
//!
//! The first `WriteHeader` or `Write` sends the status and the headers. What is set later is dropped without an error: the client gets
//! the first status, and the log says "superfluous response.WriteHeader call". So a failure can go out as `200 OK`, and a
//! `Content-Type`, a cookie or a cache policy is missing (net/http, ResponseWriter).
//!
//! Limits: trailers and informational statuses (1xx) are left alone, and so is a status that is written because writing the body
//! failed. What a function of the package writes counts if it is given the response.
//!
//! ```go bad
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	body, err := load(r)
//! 	if err != nil {
//! 		http.Error(w, "no such order", http.StatusNotFound)
//! 		return
//! 	}
//! 	w.WriteHeader(http.StatusOK)
//! 	w.Header().Set("Content-Type", "application/json")
//! 	//<^^^^^^^^^^^^^^ `w.Header().Set` has no effect: `w.WriteHeader` has already sent the headers
//! 	w.Write(body)
//! }
//! ```
//! ```go bad
//! func export(w http.ResponseWriter, r *http.Request) {
//! 	fmt.Fprintln(w, "id,total")
//! 	if err := write(w, r); err != nil {
//! 		w.WriteHeader(http.StatusInternalServerError)
//! //^^^^^^^^^^^^^ `w.WriteHeader` has no effect: `fmt.Fprintln` has already sent the status
//! 	}
//! }
//! ```
//! ```go good
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	body, err := load(r)
//! 	if err != nil {
//! 		w.WriteHeader(http.StatusNotFound)
//! 		return // what follows is another response
//! 	}
//! 	w.Header().Set("Content-Type", "application/json")
//! 	w.WriteHeader(http.StatusOK)
//! 	w.Write(body)
//! 	w.Header().Set(http.TrailerPrefix+"Checksum", "x")
//! }
//!
//! func list(w http.ResponseWriter, r *http.Request) {
//! 	// If encoding fails, nothing has been written.
//! 	if err := json.NewEncoder(w).Encode(r.URL.Query()); err != nil {
//! 		http.Error(w, "encode", http.StatusInternalServerError)
//! 	}
//! }
//! ```
//!
//! # Verify
//!
//! - `curl -si http://localhost:8080/PATH`: look for the header or status that was set too late
//! - `go test -run {test} {package}`: `httptest.ResponseRecorder` keeps the first status and the headers of that moment
//!
//! # References
//!
//! - [Package net/http, ResponseWriter](https://pkg.go.dev/net/http#ResponseWriter)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, Reply, State, Values, Watch};

pub static RULE: Rule = Rule {
    id: "http/response-write-order",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Errors, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Func(check)],
    examines: "handlers",
};

/// What comes after the response has begun.
struct Late {
    /// What began it.
    first: ExprId,
    late: ExprId,
    reply: Reply,
}

fn check(cx: &mut Cx, func: Func) {
    let Some(response) = cx.param_of(func, "net/http.ResponseWriter").filter(|&param| !cx.is_reassigned(param)) else {
        return;
    };
    let calls = cx.calls_within(func.body, false);
    let writes = calls.iter().any(|&node| matches!(node, Node::Expr(call) if cx.reply(call, response).begins()));
    if !writes {
        return;
    }
    cx.examined();
    for Late { first, late, reply } in late_replies(cx, func, response) {
        let Expr::Call { fun, .. } = cx.expr(late) else { continue };
        let (name, begun) = (cx.callee_text(late), cx.callee_text(first));
        let begun = if begun == name { "an earlier call of it".to_owned() } else { format!("`{begun}`") };
        let what = if reply == Reply::Headers { "headers" } else { "status" };
        let sent = (cx.span(first), "the status and the headers are sent here".to_owned());
        let late = (cx.span(late), format!("the {what} cannot be changed any more here"));
        let message = match reply {
            Reply::Whole => format!("`{name}` cannot change the status: {begun} has already sent it"),
            _ => format!("`{name}` has no effect: {begun} has already sent the {what}"),
        };
        cx.report(fun, message).steps([sent, late]).note(
            "the client sees the first status and the first headers; the log says \"superfluous response.WriteHeader call\" for a status, \
             and nothing for a header",
        );
    }
}

fn late_replies(cx: &Cx, func: Func, response: ExprId) -> Vec<Late> {
    let Some(followed) = cx.followed(func.node) else { return Vec::new() };
    let mut start = cx.start(&followed, followed.entry());
    let mut watch = Replies { cx, response, begun: Vec::new(), late: Vec::new() };
    cx.follow(&followed, &mut start, &mut watch);
    watch.late
}

/// Watches for what comes too late on the paths of a handler. A state counts which of `begun` began the response.
struct Replies<'c, 'a> {
    cx: &'c Cx<'a>,
    response: ExprId,
    begun: Vec<ExprId>,
    late: Vec<Late>,
}

impl Watch for Replies<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let first = (state.count as usize).checked_sub(1).and_then(|at| self.begun.get(at).copied());
        let Some(first) = first.filter(|_| op.kind == OpKind::Call) else { return Next::Go };
        let reply = self.cx.reply(op.at, self.response);
        if !reply.is_fixed() {
            return Next::Go;
        }
        if self.late.iter().all(|known| known.late != op.at && known.first != first) {
            self.late.push(Late { first, late: op.at, reply });
        }
        Next::Stop
    }

    fn after(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) {
        if op.kind == OpKind::Call && state.count == 0 && self.cx.reply(op.at, self.response).begins() {
            self.begun.push(op.at);
            state.count = self.begun.len() as u32;
            // Of what failed nobody knows how much was sent.
            self.cx.assume_result(values, state, op.at, true);
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}
