//! A pattern or template that never changes is compiled again in each iteration of a loop, or for each request.
//!
//! Compiling a regular expression costs far more than most matches with it, and parsing a template or loading a time zone
//! costs more still. The result does not change and is safe for concurrent use. Compile it once, in a package variable, or with
//! `sync.OnceValue` if the program has to start fast.
//!
//! Limits: functions that a handler or a loop calls are not looked into, and neither are function literals in a loop, unless
//! they handle requests.
//!
//! ```go bad
//! func count(lines []string) int {
//! 	n := 0
//! 	for _, line := range lines {
//! 		re := regexp.MustCompile(`^\d+$`)
//! 		//    ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `regexp.MustCompile` does the same work in each iteration
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
//! func isNumber(text string) bool { return digits.MatchString(text) } // compiled when the program starts
//! ```
//! ```go good
//! func find(text string, patterns []string) (n int) {
//! 	for _, pattern := range patterns {
//! 		re := regexp.MustCompile(pattern) // another pattern in each iteration
//! 		n += len(re.FindAllString(text, -1))
//! 	}
//! 	return n
//! }
//! ```
//! ```go good
//! func letters(text string) (n int) {
//! 	for _, word := range regexp.MustCompile(`\s+`).Split(text, -1) {
//! 		n += len(word) // what a loop goes through is evaluated once
//! 	}
//! 	return n
//! }
//! ```
//!
//! # Verify
//!
//! - `go test -run none -bench {test} -cpuprofile cpu.out {package} && go tool pprof -top cpu.out`: `regexp.compile` or
//!   `text/template/parse` near the top
//!
//! # References
//!
//! - [Package regexp](https://pkg.go.dev/regexp)
//! - [Package sync, OnceValue](https://pkg.go.dev/sync#OnceValue)
use gopeer_lint::Caller;
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::support::{repeating_loop, runs_few_times};

pub static RULE: Rule = Rule {
    id: "performance/repeated-setup",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 3), (Concern::Allocation, 2)],
    equivalents: &["staticcheck:SA6000"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(SETUP, check)],
    examines: "patterns and templates that are compiled",
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
    "text/template.ParseFS",
    "text/template.ParseGlob",
    "html/template.New",
    "html/template.ParseFiles",
    "html/template.ParseFS",
    "html/template.ParseGlob",
    "time.LoadLocation",
    VALIDATOR,
];

/// Keeps what it finds out of each type.
const VALIDATOR: &str = "github.com/go-playground/validator/v10.New";

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let pattern = call.args.get(usize::from(call.callee.name == "ParseFS")).copied();
    let is_same = match call.callee.name {
        _ if call.callee.is(&[VALIDATOR]) => true,
        "New" => parses_constant(cx, call.expr),
        _ => is_constant(cx, pattern),
    };
    if !is_same || runs_once(cx, call.expr) {
        return;
    }
    let looping = repeating_loop(cx, call.expr);
    // A handler repeats it, whatever loop is around its literal.
    let (often, title, edits) = match (looping, cx.handler(call.expr)) {
        // An entry of a map comes once.
        (Some(around), _) if picks_key(cx, call.expr, around) => return,
        (Some(around), _) if !runs_few_times(cx, around) => {
            ("in each iteration", "Do it once, before the loop", move_before(cx, call.expr, around))
        }
        (_, Some((_, caller))) => {
            let often = if caller == Caller::Queue { "for each message" } else { "for each request" };
            (often, "Do it once, in a package variable", move_to_package(cx, call.expr))
        }
        _ => return,
    };
    // A page about an error is seldom asked for.
    let func = cx.enclosing_decl(call.expr).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    let severity = if func.contains("Error") || func.contains("allback") { Severity::Low } else { RULE.severity };
    let name = cx.source(call.fun);
    let report = cx
        .report(call.expr, format!("`{name}` does the same work {often}"))
        .note("the result never changes and is safe for concurrent use: make it once")
        .severity(severity);
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
    let kept = || {
        let value = cx.initial_value(arg).filter(|_| !cx.is_reassigned(arg));
        value.is_some_and(|value| cx.string_value(value).is_some())
    };
    named || kept() || !matches!(cx.expr(arg), Expr::Binary { .. }) && cx.string_value(arg).is_some()
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

/// Whether the node stands in a case, or in a branch, for one key of the map that the loop goes through.
fn picks_key(cx: &Cx, node: ExprId, around: StmtId) -> bool {
    let Stmt::Range { key: Some(key), subject, .. } = cx.stmt(around) else { return false };
    if !matches!(cx.under(subject), Type::Map { .. }) {
        return false;
    }
    let asks_key = |asked: ExprId| cx.find_expr(asked, false, |id| cx.def(id) == Def::Local(key)).is_some();
    let ancestors = cx.tree.ancestors(node).take_while(|&ancestor| ancestor != around.into());
    ancestors.filter_map(|ancestor| if let Node::Stmt(id) = ancestor { Some(id) } else { None }).any(|id| {
        match cx.stmt(id) {
            Stmt::Switch { tag: Some(tag), .. } => asks_key(tag),
            Stmt::If { cond, .. } => {
                matches!(cx.expr(cond), Expr::Binary { op: BinaryOp::Equal, lhs, .. } if asks_key(lhs))
            }
            _ => false,
        }
    })
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
