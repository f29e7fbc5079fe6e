//! A pattern or template that never changes is compiled again on each turn of a loop or for each request.
//!
//! Compiling a regular expression costs far more than most matches with it, and parsing a template or loading a time
//! zone far more still. The result is safe for concurrent use, so once is enough: a package variable, or
//! `sync.OnceValue` where starting up must stay cheap.
//!
//! Limits: what a handler calls is not looked into. Large literals and reads of the environment are not counted as set-up.
//!
//! ```go bad
//! func count(lines []string) int {
//! 	n := 0
//! 	for _, line := range lines {
//! 		re := regexp.MustCompile(`^\d+$`)
//! 		//    ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `regexp.MustCompile` does the same work on each turn of the loop
//! 		if re.MatchString(line) {
//! 			n++
//! 		}
//! 	}
//! 	return n
//! }
//! ```
//! ```diff fixed
//! +	re := regexp.MustCompile(`^\d+$`)
//! -		re := regexp.MustCompile(`^\d+$`)
//! ```
//! ```go bad
//! func page(w http.ResponseWriter, r *http.Request) {
//! 	slug := regexp.MustCompile("^[a-z-]+$")
//! 	//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `regexp.MustCompile` does the same work for each request
//! 	if !slug.MatchString(r.URL.Path) {
//! 		http.NotFound(w, r)
//! 	}
//! }
//! ```
//! ```diff fixed
//! +var slug = regexp.MustCompile("^[a-z-]+$")
//! +
//! -	slug := regexp.MustCompile("^[a-z-]+$")
//! ```
//! ```go bad
//! import "html/template"
//!
//! func page(w http.ResponseWriter, r *http.Request) {
//! 	t := template.Must(template.New("page").Parse("<p>{{.}}</p>"))
//! 	//                 ^^^^^^^^^^^^^^^^^^^^ `template.New` does the same work for each request
//! 	t.Execute(w, r.URL.Path)
//! }
//! ```
//! ```go good
//! var digits = regexp.MustCompile(`^\d+$`)
//!
//! func count(lines, patterns []string) (n int) {
//! 	for _, pattern := range patterns {
//! 		re := regexp.MustCompile(pattern) // depends on the input
//! 		n += len(re.FindAllString(lines[0], -1))
//! 	}
//! 	for _, word := range regexp.MustCompile(`\s+`).Split(lines[0], -1) {
//! 		n += len(word) // the subject of the loop is evaluated once
//! 	}
//! 	return n
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::support::repeating_loop;

pub static RULE: Rule = Rule {
    id: "performance/repeated-setup",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 3), (Concern::Allocation, 2)],
    equivalents: &["staticcheck:SA6000"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(SETUP, check)],
    file: file!(),
};

const SETUP: &[&str] = &[
    "regexp.MustCompile",
    "regexp.Compile",
    "regexp.MustCompilePOSIX",
    "regexp.CompilePOSIX",
    "regexp.MatchString",
    "regexp.Match",
    "regexp.MatchReader",
    "text/template.New",
    "text/template.ParseFiles",
    "text/template.ParseGlob",
    "html/template.New",
    "html/template.ParseFiles",
    "html/template.ParseGlob",
    "time.LoadLocation",
];

fn check(cx: &mut Cx, Call { expr: call, fun, callee, args, .. }: Call) {
    cx.examined();
    if !is_constant(cx, args.first().copied())
        || callee.name == "New" && !parses_constant(cx, call)
        || runs_once(cx, call)
    {
        return;
    }
    let callee = cx.source(fun);
    if let Some(around) = repeating_loop(cx, call) {
        let edits = move_before(cx, call, around);
        tell(
            cx,
            call,
            format!("`{callee}` does the same work on each turn of the loop"),
            "Do it once, before the loop",
            edits,
        );
    } else if cx.answers_requests(call) {
        let edits = move_to_package(cx, call);
        tell(
            cx,
            call,
            format!("`{callee}` does the same work for each request"),
            "Do it once, in a package variable",
            edits,
        );
    }
}

fn tell(cx: &mut Cx, call: ExprId, message: String, title: &str, edits: Option<[(Span, String); 2]>) {
    let report = cx.report(call, message).note("its result never changes and is safe for concurrent use: make it once");
    if let Some(edits) = edits {
        report.fix(title, edits);
    }
}

fn is_constant(cx: &Cx, arg: Option<ExprId>) -> bool {
    let Some(mut arg) = arg else { return false };
    while let Expr::Binary { op: BinaryOp::Add, lhs, rhs } = cx.expr(cx.unparen(arg)) {
        if !is_constant_operand(cx, rhs) {
            return false;
        }
        arg = lhs;
    }
    is_constant_operand(cx, arg)
}

fn is_constant_operand(cx: &Cx, arg: ExprId) -> bool {
    let arg = cx.unparen(arg);
    let named = cx.expr(arg) == Expr::Ident && cx.def(arg) == Def::Package(ObjectKind::Const);
    named || !matches!(cx.expr(arg), Expr::Binary { .. }) && cx.string_value(arg).is_some()
}

/// Whether what is chained to `template.New(…)` ends in parsing text that never changes.
fn parses_constant(cx: &Cx, new: ExprId) -> bool {
    let mut node = new;
    while let Some(Node::Expr(selector)) = cx.tree.parent(node)
        && let Expr::Selector { base, name } = cx.expr(selector)
        && base == node
        && let Some(Node::Expr(call)) = cx.tree.parent(selector)
        && let Expr::Call { args, .. } = cx.expr(call)
    {
        if cx.source(name).starts_with("Parse") {
            return is_constant(cx, cx.exprs(args).first().copied());
        }
        node = call;
    }
    false
}

/// Whether the call stands in a literal given to a `sync.Once` or one of the like.
fn runs_once(cx: &Cx, call: ExprId) -> bool {
    cx.tree.ancestors(call).any(|node| matches!(node, Node::Expr(outer) if cx.runs_once(outer)))
}

/// The statement `name := call` that the call is all of.
fn definition(cx: &Cx, call: ExprId) -> Option<(StmtId, ExprId)> {
    let Node::Stmt(stmt) = cx.tree.parent(call)? else { return None };
    let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = cx.stmt(stmt) else { return None };
    cx.only(rhs)?;
    let name = cx.only(lhs)?;
    let alone = cx.place_in_list(stmt).is_some() && !cx.is_reassigned(name) && is_unique(cx, name);
    alone.then_some((stmt, name))
}

/// Whether nothing else in this piece or package goes by the name of a local.
fn is_unique(cx: &Cx, name: ExprId) -> bool {
    let text = cx.source(name);
    let others = cx.tree.all_exprs().filter(|&(id, expr)| expr == Expr::Ident && id != name && cx.source(id) == text);
    cx.package.lookup(text).is_none() && others.into_iter().all(|(id, _)| cx.def(id) == Def::Local(name))
}

fn move_before(cx: &Cx, call: ExprId, innermost: StmtId) -> Option<[(Span, String); 2]> {
    let (stmt, _) = definition(cx, call)?;
    let around = std::iter::successors(Some(innermost), |&inner| repeating_loop(cx, inner)).last()?;
    let start = cx.span(around).start;
    let alone = cx.place_in_list(around).is_some();
    let moved = format!("{}\n{}", cx.source(stmt), cx.indent(around));
    alone.then(|| [(Span::new(start, start), moved), (cx.lines(stmt), String::new())])
}

fn move_to_package(cx: &Cx, call: ExprId) -> Option<[(Span, String); 2]> {
    let (stmt, name) = definition(cx, call)?;
    let start = cx.start_with_doc(cx.enclosing_decl(call)?);
    let moved = format!("var {} = {}\n\n", cx.source(name), cx.source(call));
    Some([(Span::new(start, start), moved), (cx.lines(stmt), String::new())])
}
