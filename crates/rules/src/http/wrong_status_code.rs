//! The status of a response contradicts what has happened.
//!
//! Clients, proxies, retries and alerts go by the status alone. A failure under 200 can be cached, and nobody tries it again;
//! a missing row or bad input under 500 is tried again in vain, and wakes whoever is on call; what is written after 204 or
//! 304 is dropped (RFC 9110, "Status Codes"). `WriteHeader` panics below 100 and above 999.
//!
//! Limits: statuses that are constants. A failure counts as one under `if err != nil` where the answer holds the error; a
//! body with a code of its own (`"code"`, `"status"`, `"success"`, `"ok"`) is taken for the project's protocol, and so is
//! GraphQL. Bad input is what a JSON decoder or a framework cannot read from the request.
//!
//! ```go bad
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	order, err := load(r.PathValue("id"))
//! 	if errors.Is(err, sql.ErrNoRows) {
//! 		http.Error(w, "no such order", http.StatusInternalServerError)
//! 		//                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the client gets status 500 for something that does not exist
//! 		return
//! 	}
//! 	if err != nil {
//! 		http.Error(w, "try again later", http.StatusOK)
//! 		//                               ^^^^^^^^^^^^^ the client gets status 200 for a failure
//! 		return
//! 	}
//! 	json.NewEncoder(w).Encode(order)
//! }
//!
//! func create(w http.ResponseWriter, r *http.Request) {
//! 	var order Order
//! 	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
//! 		http.Error(w, "not an order", http.StatusInternalServerError)
//! 		//                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the client gets status 500 for a mistake in its request
//! 		return
//! 	}
//! 	w.WriteHeader(http.StatusNoContent)
//! 	json.NewEncoder(w).Encode(order)
//! //<^^^^^^^^^^^^^^^^^^^^^^^^^ `json.NewEncoder(w).Encode` writes no body, because status 204 has none
//! }
//! ```
//! ```go bad
//! func list(c *gin.Context) {
//! 	orders, err := load(c.Query("of"))
//! 	if err != nil {
//! 		c.JSON(http.StatusOK, gin.H{"error": err.Error()})
//! 		//     ^^^^^^^^^^^^^ the client gets status 200 for a failure
//! 		return
//! 	}
//! 	c.JSON(http.StatusOK, orders)
//! }
//! ```
//! ```go good
//! func list(c *gin.Context) {
//! 	orders, err := load(c.Query("of"))
//! 	if err != nil {
//! 		c.JSON(http.StatusOK, gin.H{"code": 1017, "message": err.Error()}) // this protocol has codes of its own
//! 		return
//! 	}
//! 	c.JSON(http.StatusOK, orders)
//! }
//!
//! func gone(w http.ResponseWriter, r *http.Request) {
//! 	w.WriteHeader(http.StatusNoContent)
//! 	if _, err := w.Write(nil); err != nil { // nothing is lost: this only sends the headers
//! 		log.Print(err)
//! 	}
//! }
//!
//! func healthy(w http.ResponseWriter, r *http.Request) {
//! 	cached, err := load("status")
//! 	if err != nil {
//! 		w.WriteHeader(http.StatusOK) // nothing is said of the error
//! 		return
//! 	}
//! 	fmt.Fprintln(w, cached)
//! }
//! ```
//!
//! # Impact
//!
//! A client takes the error for its data. Load balancers and retries go by the status: what cannot succeed is sent again and
//! again, and error budgets are spent on typing mistakes of users.
//!
//! # Verify
//!
//! - `curl -si http://localhost:8080/PATH`: compare the first line with the body
//! - `go test -run {test} {package}`: assert the status for a missing row, for bad input and for a failing store
//!
//! # References
//!
//! - [RFC 9110, "Status Codes"](https://www.rfc-editor.org/rfc/rfc9110#name-status-codes)
//! - [Package net/http, ResponseWriter](https://pkg.go.dev/net/http#ResponseWriter)
use gopeer_lint::Reply;
use gopeer_lint::prelude::*;

use super::support::{STATUSES, WRITES, condition_of, source_of, written};
use crate::errors::support::is_error;

pub static RULE: Rule = Rule {
    id: "http/wrong-status-code",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Api, 3), (Concern::Correctness, 2), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(STD, std), Hook::Call(WRITES, framework), Hook::Call(STATUSES, framework)],
    examines: "statuses of responses",
};

const STD: &[&str] = &["net/http.Error", "net/http.ResponseWriter.WriteHeader"];
/// What says that something is not there.
const ABSENT: &[&str] = &[
    "database/sql.ErrNoRows",
    "github.com/go-redis/redis/v8.Nil",
    "github.com/gocql/gocql.ErrNotFound",
    "github.com/jackc/pgx/v4.ErrNoRows",
    "github.com/jackc/pgx/v5.ErrNoRows",
    "github.com/redis/go-redis/v9.Nil",
    "go.mongodb.org/mongo-driver/mongo.ErrNoDocuments",
    "go.mongodb.org/mongo-driver/v2/mongo.ErrNoDocuments",
    "gorm.io/gorm.ErrRecordNotFound",
];
/// What reads the request, and fails where it makes no sense.
const READS: &[&str] = &[
    "github.com/gin-gonic/gin.Context.ShouldBind",
    "github.com/gin-gonic/gin.Context.ShouldBindJSON",
    "github.com/gin-gonic/gin.Context.ShouldBindQuery",
    "github.com/gin-gonic/gin.Context.ShouldBindUri",
    "github.com/gofiber/fiber/v2.Ctx.BodyParser",
    "github.com/gofiber/fiber/v2.Ctx.QueryParser",
    "github.com/labstack/echo/v4.Context.Bind",
];

fn std(cx: &mut Cx, call: Call) {
    let status = if call.callee.name == "Error" { call.args.get(2) } else { call.args.first() };
    let Some((status, code)) = status.and_then(|&status| Some((status, cx.int_value(status)?))) else { return };
    if !(100..=999).contains(&code) {
        cx.examined();
        let sets = cx.source(call.fun);
        cx.report(status, format!("`{sets}` panics, because {code} is no status")).severity(Severity::High);
        return;
    }
    if code == 204 || code == 304 {
        check_empty(cx, call, code);
    }
    judge(cx, call, status, code, &[]);
}

fn framework(cx: &mut Cx, call: Call) {
    let written = written(cx, call);
    let status = written.map_or(call.args.first().copied(), |written| written.status);
    let Some((status, code)) = status.and_then(|status| Some((status, cx.int_value(status)?))) else { return };
    let body = written.map_or(&[][..], |written| written.body);
    if matches!(code, 204 | 304) && body.iter().any(|&part| is_content(cx, part)) {
        let writer = cx.source(call.fun);
        cx.report(call.fun, format!("`{writer}` writes no body, because status {code} has none"));
    }
    judge(cx, call, status, code, body);
}

/// Compares a status with the condition under which it is sent.
fn judge(cx: &mut Cx, call: Call, status: ExprId, code: i64, body: &[ExprId]) {
    cx.examined();
    let Some(cond) = condition_of(cx, call.expr) else { return };
    let error = cx.nil_test(cond).filter(|(error, is_nil)| !is_nil && is_error(cx, *error));
    match (code, error) {
        (200..300, Some((error, _)))
            if call.callee.name == "Error" || body.iter().any(|&part| tells(cx, part, error)) =>
        {
            report(cx, status, code, "a failure");
        }
        (500, None) if says_absent(cx, cond) => report(cx, status, code, "something that does not exist"),
        (500, Some((error, _))) if source_of(cx, call.expr, error).is_some_and(|read| is_input(cx, read)) => {
            report(cx, status, code, "a mistake in its request");
        }
        _ => {}
    }
}

fn report(cx: &mut Cx, status: ExprId, code: i64, what: &str) {
    cx.report(status, format!("the client gets status {code} for {what}"))
        .one_of("statuses in this file say something other than what happened");
}

/// Whether a body holds an error, and no code of its own.
fn tells(cx: &Cx, body: ExprId, error: ExprId) -> bool {
    const OWN: &[&str] = &["code", "status", "success", "ok", "errors"];
    let Def::Local(declared) = cx.def(error) else { return false };
    let is_own = |id: ExprId| match cx.expr(id) {
        Expr::KeyValue { key, .. } => {
            let key = cx.source(key).trim_matches('"').to_ascii_lowercase();
            OWN.iter().any(|own| key.contains(own))
        }
        _ => false,
    };
    cx.mentions(body, declared) && cx.find_expr(body, false, is_own).is_none()
}

/// Whether a condition says that an error means that something is not there.
fn says_absent(cx: &Cx, cond: ExprId) -> bool {
    match cx.expr(cx.unparen(cond)) {
        Expr::Binary { op: BinaryOp::Equal, rhs, .. } => cx.denotes(rhs, ABSENT),
        _ => {
            let is = cx.call(cond).filter(|call| call.callee.is(&["errors.Is"]));
            is.and_then(|is| is.args.get(1).copied()).is_some_and(|target| cx.denotes(target, ABSENT))
        }
    }
}

/// Whether a call reads the request.
fn is_input(cx: &Cx, read: ExprId) -> bool {
    let Some(call) = cx.call(read) else { return false };
    if call.callee.is(READS) {
        return true;
    }
    let decoder = call.receiver.filter(|_| call.callee.is(&["encoding/json.Decoder.Decode"]));
    let made = decoder.and_then(|decoder| cx.call(cx.initial_value(decoder).unwrap_or(decoder)));
    let reader = made.and_then(|made| made.args.first().copied()).map(|reader| cx.expr(cx.unparen(reader)));
    matches!(reader, Some(Expr::Selector { base, name }) if cx.source(name) == "Body" && cx.has_type(base, &["net/http.Request"]))
}

/// Whether something is to be sent as a body: not nil, and no empty text or literal.
fn is_content(cx: &Cx, part: ExprId) -> bool {
    match cx.expr(cx.unparen(part)) {
        Expr::Composite { elems, .. } => !elems.is_empty(),
        _ => !cx.is_builtin(part, "nil") && cx.string_value(part).is_none_or(|text| !text.is_empty()),
    }
}

/// What is written after a status that has no body.
fn check_empty(cx: &mut Cx, call: Call, code: i64) {
    const NEAR: usize = 8;
    let Some(Def::Local(response)) = call.receiver.map(|response| cx.def(cx.unparen(response))) else { return };
    let Some(stmt) = cx.enclosing_stmt(call.expr) else { return };
    let rest = cx.place_in_list(stmt).and_then(|place| cx.siblings(stmt).get(place + 1..)).unwrap_or_default();
    let writes = |id: ExprId| cx.reply(id, response) == Reply::Body;
    let Some(late) = rest.iter().take(NEAR).find_map(|&next| cx.find_expr(next, false, writes)) else { return };
    let Expr::Call { fun, args, .. } = cx.expr(late) else { return };
    if cx.exprs(args).last().is_some_and(|&body| !is_content(cx, body)) {
        return;
    }
    let writer = cx.callee_text(late);
    cx.report(fun, format!("`{writer}` writes no body, because status {code} has none"));
}
