//! Nobody looks at the status of a response: its body is decoded all the same, or a request counts as done.
//!
//! `Do` and `Get` give no error for a 404 or a 500. Its body is then read as if it were the answer: an error in JSON decodes into an empty
//! struct, so that a price is zero or a list empty, and a page of HTML becomes "invalid character '<'". A PUT or POST that the server
//! has refused counts as done, and nobody tries it again. Look at `StatusCode` first.
//!
//! Limits: a response that is passed on is left alone. Downloads that are only copied are left alone, too, and so is a GET whose body
//! nobody reads: it may only ask whether somebody answers.
//!
//! ```go bad
//! func price(client *http.Client, url string) (float64, error) {
//! 	resp, err := client.Get(url)
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	defer resp.Body.Close()
//! 	var price struct{ Value float64 }
//! 	if err := json.NewDecoder(resp.Body).Decode(&price); err != nil {
//! 	//        ^^^^^^^^^^^^^^^ the body is decoded whatever `resp.StatusCode` says
//! 		return 0, err
//! 	}
//! 	return price.Value, nil
//! }
//! ```
//! ```go bad
//! func notify(ctx context.Context, client *http.Client, url string) error {
//! 	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	resp, err := client.Do(req)
//! 	//           ^^^^^^^^^ nobody looks at `resp.StatusCode`: a PUT that the server refuses counts as done
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer resp.Body.Close()
//! 	_, err = io.Copy(io.Discard, resp.Body)
//! 	return err
//! }
//! ```
//! ```go good
//! func price(client *http.Client, url string) (float64, error) {
//! 	resp, err := client.Get(url)
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	defer resp.Body.Close()
//! 	if resp.StatusCode != http.StatusOK { // an error is no price
//! 		return 0, fmt.Errorf("price: %s", resp.Status)
//! 	}
//! 	var price struct{ Value float64 }
//! 	if err := json.NewDecoder(resp.Body).Decode(&price); err != nil {
//! 		return 0, err
//! 	}
//! 	return price.Value, nil
//! }
//! ```
//!
//! # Impact
//!
//! A 500 passes for success: what was to be stored or sent is lost, and nobody tries again. Where the body is decoded, an empty struct
//! may pass for real data, and a price become zero; where it is HTML, the log says "invalid character '<'" and nothing of the 502 behind it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with an `httptest` server that answers 500 and `{"error":"x"}`
//!
//! # References
//!
//! - [Package net/http, Response](https://pkg.go.dev/net/http#Response)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "http/response-status-unchecked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::REMOTE, check)],
    examines: "responses",
};

const DECODES: &[&str] = &["encoding/json.NewDecoder", "encoding/xml.NewDecoder"];
/// Readers that give what another one has.
const WRAPS: &[&str] = &["bufio.NewReader", "io.LimitReader", "io.TeeReader", "net/http.MaxBytesReader"];
const READS: &[&str] = &["io.ReadAll", "io/ioutil.ReadAll"];

fn check(cx: &mut Cx, call: Call) {
    let Some(response) = cx.first_target(call.expr).filter(|&local| cx.has_type(local, &["net/http.Response"])) else {
        return;
    };
    // A function of the package may look at the status itself.
    if !cx.declared_effects(&call.callee).has(Effects::REMOTE) {
        return;
    }
    cx.examined();
    let (mut decoded, mut unread) = (None, true);
    for used in cx.names.uses(response).take(64).filter(|&used| used != response) {
        let Some(Node::Expr(selector)) = cx.tree.parent(used) else { return };
        match cx.expr(selector) {
            Expr::Selector { name, .. } => match cx.source(name) {
                "Body" => {
                    decoded = decoded.or_else(|| decoding(cx, selector));
                    unread &= is_thrown_away(cx, selector);
                }
                "Header" | "Close" | "Request" | "ContentLength" => {}
                _ => return,
            },
            // A comparison with nil says nothing of the status.
            Expr::Binary { .. } => {}
            _ => return,
        }
    }
    let name = cx.source(response);
    let Some(decode) = decoded else {
        if let Some(method) = changing(cx, call).filter(|_| unread) {
            let status = if name == "_" { "the status".to_owned() } else { format!("`{name}.StatusCode`") };
            let message = format!("nobody looks at {status}: a {method} that the server refuses counts as done");
            let reason = cx.enclosing_stmt(call.expr).and_then(|stmt| cx.explanation(stmt, &["best effort"]));
            cx.report(call.fun, message).excused(reason).note("a status of 400 or more gives no error");
        }
        return;
    };
    let (gets, reads) = (cx.span(call.fun), cx.span(decode));
    cx.report(decode, format!("the body is decoded whatever `{name}.StatusCode` says"))
        .steps([
            (gets, "this returns no error for a status such as 404".to_owned()),
            (reads, "the body of an error is read as the answer here".to_owned()),
        ])
        .note("the body of an error may decode into zero values; if it does not decode, the error does not name the status");
}

/// Whether a body is only closed, or read to its end for the sake of the connection.
fn is_thrown_away(cx: &Cx, body: ExprId) -> bool {
    let Some(Node::Expr(user)) = cx.tree.parent(body) else { return false };
    let to_nowhere = |&writer: &ExprId| cx.denotes(writer, &["io.Discard", "io/ioutil.Discard"]);
    let discards = |call: Call| call.callee.is(&["io.Copy"]) && call.args.first().is_some_and(to_nowhere);
    matches!(cx.expr(user), Expr::Selector { name, .. } if cx.source(name) == "Close")
        || cx.call(user).is_some_and(discards)
}

/// The method of a request that changes something on the server.
fn changing<'a>(cx: &Cx<'a>, call: Call<'a>) -> Option<std::borrow::Cow<'a, str>> {
    if matches!(call.callee.name, "Post" | "PostForm") {
        return Some("POST".into()).filter(|_| !call.args.iter().any(|&url| only_counts(cx, url)));
    }
    let (made, _) = cx.origin(*call.args.first()?)?;
    let made = cx.call(made).filter(|made| made.callee.path == "net/http")?;
    let from = usize::from(made.callee.name.ends_with("WithContext"));
    let (method, url) = made.args.get(from).zip(made.args.get(from + 1))?;
    if only_counts(cx, *url) {
        return None;
    }
    cx.string_value(*method).filter(|method| matches!(&**method, "DELETE" | "PATCH" | "POST" | "PUT"))
}

/// Whether an address is that of a place which counts how the program is used: what is lost there does no harm.
fn only_counts(cx: &Cx, url: ExprId) -> bool {
    const COUNTS: &[&str] = &["analytics", "collector", "heartbeat", "stats", "telemetry", "usage"];
    words(cx.source(url)).iter().any(|word| COUNTS.contains(&word.as_str()))
}

/// The function that decodes the body: a decoder that reads it, perhaps up to a limit, or all of it, which is unmarshaled.
fn decoding(cx: &Cx, body: ExprId) -> Option<ExprId> {
    let around = |expr: ExprId| match cx.tree.parent(expr) {
        Some(Node::Expr(call)) => cx.call(call),
        _ => None,
    };
    let mut call = around(body)?;
    while call.callee.is(WRAPS) {
        call = around(call.expr)?;
    }
    if call.callee.is(DECODES) {
        return Some(call.fun);
    }
    let read = cx.first_target(call.expr).filter(|_| call.callee.is(READS))?;
    let unmarshals = |used: ExprId| {
        let Some(Node::Expr(around)) = cx.tree.parent(used) else { return None };
        cx.call(around)
            .filter(|call| call.callee.name == "Unmarshal" && call.callee.path.starts_with("encoding/"))
            .map(|call| call.fun)
    };
    cx.names.uses(read).take(16).find_map(unmarshals)
}
