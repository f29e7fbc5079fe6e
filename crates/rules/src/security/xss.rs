//! Input from outside becomes part of an HTML page.
//!
//! A `<script>` in it runs in the browser of whoever opens the link, with the cookies of your site. `html/template` escapes
//! what it puts in, for the context that it is in; `fmt.Fprintf`, `text/template` and conversions to `template.HTML` do not.
//! An answer without a content type gets the one that its first bytes look like (documentation of `http.ResponseWriter`), so text that
//! begins with input can become HTML. Set `Content-Type: text/plain` for what is no page.
//!
//! Input is followed through variables, fields, closures and the functions of the package, as for `security/command-injection`.
//!
//! Limits: what was stored in a database before is not followed.
//!
//! ```go bad
//! func hello(w http.ResponseWriter, r *http.Request) {
//! 	name := r.FormValue("name")
//! 	fmt.Fprintf(w, "<h1>Hello, %s</h1>", name)
//! 	//                                   ^^^^ `name` contains a form value of the request and becomes part of HTML
//! }
//! ```
//! ```go bad
//! import "html/template"
//!
//! type page struct {
//! 	Bio template.HTML
//! }
//!
//! func profile(w http.ResponseWriter, r *http.Request) page {
//! 	return page{Bio: template.HTML(r.FormValue("bio"))}
//! 	//                             ^^^^^^^^^^^^^^^^^^ contains a form value of the request and becomes part of HTML
//! }
//! ```
//! ```go good
//! import "html/template"
//!
//! var page = template.Must(template.New("page").Parse(`<h1>Hello, {{.}}</h1>`))
//!
//! func hello(w http.ResponseWriter, r *http.Request) {
//! 	page.Execute(w, r.FormValue("name")) // escapes it
//! }
//!
//! func escaped(w http.ResponseWriter, r *http.Request) {
//! 	fmt.Fprintf(w, "<h1>Hello, %s</h1>", html.EscapeString(r.FormValue("name")))
//! }
//!
//! func plain(w http.ResponseWriter, r *http.Request) {
//! 	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
//! 	fmt.Fprintf(w, "Hello, %s", r.FormValue("name"))
//! }
//!
//! func greet(w http.ResponseWriter, r *http.Request) {
//! 	fmt.Fprintf(w, "Hello, %s", r.FormValue("name")) // begins as text, and is sent as text
//! }
//! ```
//!
//! # Impact
//!
//! A link with a script in it runs in the browser of whoever opens it, with the session of that user: it reads what
//! they see and acts as them. The server's log shows one long parameter. A test sends `<script>` and expects it back
//! escaped.
//!
//! # Verify
//!
//! - `curl -s 'http://localhost:8080/PATH?PARAM=%3Cscript%3Ealert(1)%3C/script%3E' | grep -c '<script>alert'`: has to
//!   print 0
//! - `go test -run {test} {package}`: the same with `httptest.NewRecorder`, and the content type asserted
//!
//! # Options
//!
//! - Render with `html/template`: escapes by context, attributes and scripts included
//!   - senior, backend, cloud-native: escaping cannot be forgotten in the next template
//! - Answer as JSON or as plain text with its content type: nothing to escape, and a client has to draw it
//!   - throughput, data: the service returns data
//!
//! # References
//!
//! - [Package html/template](https://pkg.go.dev/html/template)
//! - [OWASP, "Cross Site Scripting Prevention Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html)
use gopeer_lint::prelude::*;

use super::tainted::named;

pub static RULE: Rule = Rule {
    id: "security/xss",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Security, 3)],
    equivalents: &[
        "gosec:G203",
        "gosec:G705",
        "semgrep:no-fprintf-to-responsewriter",
        "semgrep:import-text-template",
        "semgrep:unsafe-template-type",
    ],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "texts that are written to browsers",
};

fn check(cx: &mut Cx) {
    for taint in cx.taints(Kinds::HTML.or(Kinds::MARKUP)) {
        let (name, place, origin) = (named(cx, &taint), taint.place(), taint.origin());
        // Of a function of the package that leaves all unescaped, such as one that renders templates, all callers speak.
        let cause = match &taint.within {
            Some(within) => crate::cause::in_package(cx, within.as_ref()),
            None => crate::cause::in_function(cx, taint.at),
        };
        let writes =
            matches!(taint.sink.rsplit('.').next(), Some("Write" | "WriteString" | "Fprint" | "Fprintf" | "Fprintln"));
        // What stands around it in another function does not show.
        let certain = taint.kind == Kinds::MARKUP || if taint.within.is_some() { !writes } else { is_html(cx, &taint) };
        if !certain && taint.within.is_none() && begins_with_text(cx, &taint) {
            continue;
        }
        if certain {
            cx.report(taint.at, format!("{name} contains {origin} and becomes part of HTML{place}"))
                .steps(taint.steps)
                .one_cause(cause)
                .note("write it with `html/template`, which escapes what it puts in, or escape it with `html.EscapeString`");
        } else {
            cx.report(taint.at, format!("{name} contains {origin} and is written to an answer without a content type{place}, so an answer that begins like HTML is sent as HTML"))
                .severity(Severity::Medium)
                .steps(taint.steps)
                .one_cause(cause)
                .note("set the content type before the first write: `w.Header().Set(\"Content-Type\", \"text/plain; charset=utf-8\")`");
        }
    }
}

/// Whether what is written is certainly HTML: it is converted to that, or text around it has tags.
fn is_html(cx: &Cx, taint: &Taint) -> bool {
    let callee = cx.callee(taint.call);
    if callee.is_some_and(|callee| {
        callee.path.ends_with("/template") || callee.name.starts_with("HTML") || callee.name == "Data"
    }) {
        return true;
    }
    let Some(func) = cx.enclosing_func(taint.call) else { return false };
    let has_tag = |cx: &Cx, node: Node| match node {
        Node::Expr(id) if matches!(cx.expr(id), Expr::Literal(LiteralKind::String | LiteralKind::RawString)) => {
            let text = cx.source(id);
            text.match_indices('<')
                .any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!'))
                || text.contains("text/html")
        }
        _ => false,
    };
    !cx.within(func.body, false, has_tag).is_empty()
}

/// Whether the answer begins with a text of its own.
fn begins_with_text(cx: &Cx, taint: &Taint) -> bool {
    let Some(Call { callee, args, .. }) = cx.call(taint.call) else { return true };
    let first = match callee.name {
        "Fprintf" | "Fprint" | "Fprintln" | "WriteString" => args.get(1),
        _ => args.first(),
    };
    let Some(&first) = first else { return true };
    let mut first = cx.unparen(first);
    loop {
        first = match cx.expr(first) {
            Expr::Binary { op: BinaryOp::Add, lhs, .. } => cx.unparen(lhs),
            Expr::Call { fun, args, .. } if cx.is_type_expr(fun) || cx.calls(first, &["fmt.Sprintf", "fmt.Sprint"]) => {
                match cx.exprs(args).first() {
                    Some(&inner) => cx.unparen(inner),
                    None => return true,
                }
            }
            _ => break,
        };
    }
    cx.string_value(first).is_some_and(|text| !text.is_empty() && !text.starts_with('%'))
}
