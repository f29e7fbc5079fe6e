//! A retry sends a body that the first attempt has read.
//!
//! A request's body is a reader, and sending the request reads it to its end. The second attempt sends an empty body, or one that is cut
//! short: an object store accepts an empty object with 200, and the backup counts as complete. Build the body and the request anew for
//! each attempt, or rewind the reader first.
//!
//! Limits: a request whose body is a `bytes.Buffer`, `bytes.Reader` or `strings.Reader` made for it is not reported, and neither is a loop
//! that mentions the reader otherwise, or sets the body.
//!
//! ```go bad
//! func upload(ctx context.Context, c *http.Client, url string, f *os.File) error {
//! 	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, f)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	for attempt := 0; attempt < 3; attempt++ {
//! 		resp, err := c.Do(req)
//! 		//           ^^^^^^^^^ every attempt sends `req`, and the first one has already read its body, `f`
//! 		if err == nil {
//! 			return resp.Body.Close()
//! 		}
//! 	}
//! 	return errors.New("no attempt succeeded")
//! }
//! ```
//! ```go bad
//! func send(c *http.Client, urls []string, body io.Reader) error {
//! 	for _, url := range urls {
//! 		req, err := http.NewRequest(http.MethodPost, url, body)
//! 		//                                                ^^^^ every attempt sends `body`, which the first one has already read
//! 		if err != nil {
//! 			return err
//! 		}
//! 		if resp, err := c.Do(req); err == nil {
//! 			return resp.Body.Close()
//! 		}
//! 	}
//! 	return errors.New("no attempt succeeded")
//! }
//! ```
//! ```go good
//! func upload(ctx context.Context, c *http.Client, url string, data []byte) error {
//! 	for attempt := 0; attempt < 3; attempt++ {
//! 		req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(data)) // a new one each time
//! 		if err != nil {
//! 			return err
//! 		}
//! 		if resp, err := c.Do(req); err == nil {
//! 			return resp.Body.Close()
//! 		}
//! 	}
//! 	return errors.New("no attempt succeeded")
//! }
//! ```
//!
//! # Impact
//!
//! The second attempt sends nothing, and a server that accepts empty bodies answers 200: an empty object in the store,
//! an empty order. It happens only after a first failure, and the log shows a retry that worked. A test with a server
//! that fails once compares the two bodies.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: an `httptest` server answers 503 first; the body of the second request must equal
//!   the first
//!
//! # Options
//!
//! - Build the request anew for each attempt from bytes: works with every client, and the body is held in memory
//!   - senior, backend, cloud-native: no attempt depends on the one before
//! - Set `GetBody`, as `http.NewRequest` does for byte readers, and call it: no copy, but only for readers that can be
//!   created again
//!   - throughput: redirects and HTTP/2 retries use it as well
//! - Rewind a file with `Seek` before each attempt: for large files, and not from several goroutines
//!   - data: nothing is held in memory
//!
//! # References
//!
//! - [Package net/http, Request](https://pkg.go.dev/net/http#Request)
use gopeer_lint::Step;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/retry-consumed-body",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(MADE, check), Hook::Call(SENT, sent), Hook::Effect(Effects::REMOTE, handed)],
    examines: "requests with a body",
};

const MADE: &[&str] = &["net/http.NewRequest", "net/http.NewRequestWithContext"];

/// Functions that send the body that they are given last.
const SENT: &[&str] = &["net/http.Client.Post", "net/http.Post"];

fn check(cx: &mut Cx, call: Call) {
    let Some(&body) = call.args.last().filter(|&&body| !cx.is_builtin(body, "nil")) else { return };
    cx.examined();
    if used_again(cx, call.expr, body) {
        report_reader(cx, body);
        return;
    }
    let Some((request, declared)) = kept(cx, call.expr) else { return };
    if has_copy(cx, body) || cx.ty(body).is_unknown() {
        return;
    }
    let Some(send) = sent_again(cx, call.expr, declared, body) else { return };
    let name = cx.source(request);
    let steps = vec![
        (cx.span(call.fun), format!("`{name}` is made here, with one body")),
        (cx.span(send), "the next iteration sends it again".to_owned()),
    ];
    let message =
        format!("every attempt sends `{name}`, and the first one has already read its body, `{}`", cx.source(body));
    cx.report(send, message).steps(steps);
}

fn sent(cx: &mut Cx, call: Call) {
    let Some(&body) = call.args.last() else { return };
    cx.examined();
    if used_again(cx, call.expr, body) {
        report_reader(cx, body);
    }
}

/// A function of the package that sends the reader which it is given.
fn handed(cx: &mut Cx, call: Call) {
    let is_reader = |arg: &ExprId| cx.has_type(*arg, COPIED) || cx.has_type(*arg, &["io.Reader"]);
    if !cx.is_own(&call.callee) || cx.enclosing_loop(call.expr).is_none() || !call.args.iter().any(is_reader) {
        return;
    }
    let sent = call.args.iter().enumerate().filter(|(_, arg)| is_reader(arg)).find_map(|(index, &arg)| {
        let inner = used_again(cx, call.expr, arg).then(|| cx.find_within(call, sends_given, index))??;
        Some((arg, inner))
    });
    cx.examined();
    let Some((body, (within, at))) = sent else { return };
    let again = (cx.span(body), "the next attempt gets what is left of it".to_owned());
    report_reader(cx, body)
        .question()
        .steps([Step::within(within, at, "this request reads it to its end"), again.into()]);
}

/// Where a function makes a parameter the body of a request.
fn sends_given(cx: &Cx, decl: DeclId, index: usize) -> Option<ExprId> {
    let given = cx.param_at(cx.as_func(decl.into())?, index)?;
    let is_body = |call: &Call| call.args.last().is_some_and(|&body| cx.def(cx.unparen(body)) == Def::Local(given));
    cx.calls_of(MADE).into_iter().chain(cx.calls_of(SENT)).find(is_body).map(|call| call.expr)
}

fn report_reader<'c>(cx: &'c mut Cx, body: ExprId) -> Report<'c> {
    let name = cx.source(body);
    cx.report(body, format!("every attempt sends `{name}`, which the first one has already read"))
}

/// Whether a loop gives the same reader to each of its requests, and does nothing else with it.
fn used_again(cx: &Cx, call: ExprId, body: ExprId) -> bool {
    let Some(looping) = cx.enclosing_loop(call) else { return false };
    let Def::Local(declared) = cx.def(body) else { return false };
    let span = cx.span(looping);
    let used_otherwise = || cx.names.uses(declared).any(|used| used != body && span.contains(cx.span(used)));
    // Under another name, it may be sought back to its start: `seeker, ok := reader.(io.Seeker)`.
    let asserted = |used| {
        let Node::Expr(assertion) = cx.tree.parent(used)? else { return None };
        let Node::Stmt(stmt) = cx.tree.parent(assertion)? else { return None };
        match (cx.expr(assertion), cx.stmt(stmt)) {
            (Expr::TypeAssert { .. }, Stmt::Assign { lhs, .. }) => Some(cx.def(*cx.exprs(lhs).first()?)),
            _ => None,
        }
    };
    let used_inside =
        |alias| matches!(alias, Def::Local(alias) if cx.names.uses(alias).any(|used| span.contains(cx.span(used))));
    let used_by_alias = || cx.names.uses(declared).filter_map(asserted).any(used_inside);
    !span.contains(cx.span(declared))
        && !used_otherwise()
        && !used_by_alias()
        && may_hold_text(cx, body)
        && comes_again(cx, call)
}

/// Whether a reader may hold something: a variable that is declared and nothing else is nil.
fn may_hold_text(cx: &Cx, body: ExprId) -> bool {
    !matches!(cx.origin(body), Some((value, _)) if cx.is_builtin(value, "nil"))
}

/// Readers of which `net/http` takes a copy with the request.
const COPIED: &[&str] = &["bytes.Buffer", "bytes.Reader", "strings.Reader"];

/// Whether `net/http` takes a copy of a reader with the request.
fn has_copy(cx: &Cx, body: ExprId) -> bool {
    cx.has_type(body, COPIED) || cx.denotes(body, &["net/http.NoBody"])
}

/// The local variable that gets a request.
fn kept(cx: &Cx, call: ExprId) -> Option<(ExprId, ExprId)> {
    let Node::Stmt(stmt) = cx.tree.parent(call)? else { return None };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return None };
    let &request = cx.exprs(lhs).first()?;
    match cx.def(request) {
        Def::Local(declared) => Some((request, declared)),
        _ => None,
    }
}

/// The call in a loop that sends a request which was made before the loop, where nothing renews its body.
fn sent_again(cx: &Cx, made: ExprId, declared: ExprId, body: ExprId) -> Option<ExprId> {
    let mut send = None;
    for used in cx.names.uses(declared).filter(|&used| used != declared) {
        let Some(looping) = cx.enclosing_loop(used).filter(|&looping| !cx.span(looping).contains(cx.span(made))) else {
            continue;
        };
        let Some(Node::Expr(around)) = cx.tree.parent(used) else { return None };
        match cx.expr(around) {
            Expr::Call { fun, .. } if fun != used => {
                send = send.or(Some((around, looping)).filter(|&(call, _)| sends(cx, call)));
            }
            // Headers may be set again.
            Expr::Selector { name, .. } if !matches!(cx.source(name), "Body" | "GetBody" | "Clone" | "WithContext") => {
            }
            _ => return None,
        }
    }
    let (send, looping) = send?;
    let mentions_body = cx.any(looping, true, |node| match node {
        Node::Expr(id) => cx.expr(id) == Expr::Ident && is_part_of(cx, body, id),
        _ => false,
    });
    (!mentions_body && comes_again(cx, send)).then_some(send)
}

/// Whether an identifier names a variable that a body is made of: of `d.Payload`, `d.ID` is no part.
fn is_part_of(cx: &Cx, body: ExprId, ident: ExprId) -> bool {
    let Def::Local(declared) = cx.def(ident) else { return false };
    let used = selected(cx, ident);
    let holds = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let overlaps = |part: &str| holds(part, used) || holds(used, part);
    let readable = |id: ExprId| {
        cx.def(id) == Def::Local(declared) && !cx.has_type(id, &["context.Context"]) && overlaps(selected(cx, id))
    };
    cx.find_expr(body, true, readable).is_some()
}

/// An identifier with the fields that are selected of it.
fn selected<'a>(cx: &Cx<'a>, ident: ExprId) -> &'a str {
    let mut whole = ident;
    while let Some(Node::Expr(around)) = cx.tree.parent(whole)
        && matches!(cx.expr(around), Expr::Selector { base, .. } if base == whole)
    {
        whole = around;
    }
    cx.source(whole)
}

/// Whether a call sends a request: a client's, or a function of the project that is given one.
fn sends(cx: &Cx, call: ExprId) -> bool {
    const SENDS: &[&str] = &["net/http.Client.Do", "net/http.RoundTripper.RoundTrip", "net/http.Transport.RoundTrip"];
    let named = || {
        words(cx.callee_text(call))
            .iter()
            .any(|word| matches!(word.as_str(), "do" | "send" | "once" | "try" | "attempt"))
    };
    let own = || cx.callee(call).is_some_and(|callee| cx.is_own(&callee));
    cx.calls(call, SENDS) || own() && (named() || cx.effects(call).has(Effects::REMOTE))
}

/// Whether a call may be reached again after it was made.
fn comes_again(cx: &Cx, call: ExprId) -> bool {
    let followed = cx.enclosing_func(call).and_then(|func| cx.followed(func.node));
    followed.is_some_and(|followed| followed.comes_again(call))
}
