//! A route and its handler do not fit together, or the router refuses it.
//!
//! `r.PathValue` gives an empty string for a name that the pattern does not have, and so does `c.Param`: the handler looks
//! for the row with the empty key. A pattern that is not valid, or that is there already, makes `ServeMux` and gin panic at
//! start, as soon as that line runs; chi and echo let the later route replace the earlier one. Patterns with methods and
//! wildcards need `go 1.22` in go.mod and match nothing before (net/http, "Patterns").
//!
//! Limits: patterns that are constants. Names are compared where a handler of the same file is added to a `ServeMux`, a
//! `gin.Engine` or an `echo.Echo`; groups and mounted routers may add names in front. That another file adds
//! the handler with other names is not known. Patterns that overlap and are not the same are left alone.
//!
//! ```go bad
//! func routes() *http.ServeMux {
//! 	mux := http.NewServeMux()
//! 	mux.HandleFunc("GET /orders/{id}", show)
//! 	mux.HandleFunc("GET /orders/{order}", list)
//! 	//             ^^^^^^^^^^^^^^^^^^^^^ `mux.HandleFunc` panics, because this pattern is there already
//! 	mux.HandleFunc("POST orders", create)
//! 	//             ^^^^^^^^^^^^^ `mux.HandleFunc` panics, because the path does not begin with `/`
//! 	mux.HandleFunc("DELETE/orders/{id}", remove)
//! 	//             ^^^^^^^^^^^^^^^^^^^^ nothing matches this pattern, because `DELETE` is taken for a host
//! 	return mux
//! }
//! ```
//! ```go bad
//! func routes(mux *http.ServeMux) {
//! 	mux.HandleFunc("GET /orders/{id}", show)
//! }
//!
//! func show(w http.ResponseWriter, r *http.Request) {
//! 	fmt.Fprintln(w, r.PathValue("orderID"))
//! 	//                          ^^^^^^^^^ `r.PathValue` is always empty here, because the pattern `GET /orders/{id}` has no `orderID`
//! }
//! ```
//! ```diff fixed
//! -	fmt.Fprintln(w, r.PathValue("orderID"))
//! +	fmt.Fprintln(w, r.PathValue("id"))
//! ```
//! ```go good
//! func routes() *http.ServeMux {
//! 	mux := http.NewServeMux()
//! 	mux.HandleFunc("GET /orders/{id}", show)
//! 	mux.HandleFunc("HEAD /orders/{id}", show)
//! 	mux.HandleFunc("/files/{path...}", show) // `show` asks for the names of all of its patterns
//! 	mux.HandleFunc("/{$}", list)
//! 	if debug() {
//! 		mux.HandleFunc("/debug", list)
//! 	} else {
//! 		mux.HandleFunc("/debug", hidden) // one or the other
//! 	}
//! 	return mux
//! }
//!
//! func show(w http.ResponseWriter, r *http.Request) {
//! 	fmt.Fprintln(w, r.PathValue("id"), r.PathValue("path"))
//! }
//! ```
//!
//! # Impact
//!
//! The program ends at its start with a panic that names the pattern, or a route answers as if nothing existed: each lookup
//! by the empty name finds nothing. Tests that call the handler with `SetPathValue` pass.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: build the routes and send a request through them, so that the pattern counts
//! - `go vet -httpmux {package}`: finds patterns that the version of Go in go.mod does not know
//!
//! # References
//!
//! - [Package net/http, ServeMux](https://pkg.go.dev/net/http#ServeMux)
//! - [Package net/http, Request.PathValue](https://pkg.go.dev/net/http#Request.PathValue)
use std::collections::{BTreeMap, BTreeSet, HashMap};

use gopeer_lint::FuncName;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "http/route-mismatch",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Correctness, 3), (Concern::Availability, 2)],
    equivalents: &["vet:httpmux"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::File(check)],
    examines: "routes",
};

const STD: &[&str] =
    &["net/http.Handle", "net/http.HandleFunc", "net/http.ServeMux.Handle", "net/http.ServeMux.HandleFunc"];
const METHODS: &[&str] = &["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
const ROUTERS: &[&str] = &["github.com/gin-gonic/gin", "github.com/go-chi/chi/v5", "github.com/labstack/echo/v4"];
const READS: &[&str] = &[
    "github.com/gin-gonic/gin.Context.Param",
    "github.com/labstack/echo/v4.Context.Param",
    "net/http.Request.PathValue",
];
/// The patterns that handlers of the file are added with, by their names.
type Patterns = BTreeMap<FuncName, Vec<String>>;

fn check(file: &mut FileCx) {
    if !file.file.imports_any(&["net/http"]) && !file.file.imports_any(ROUTERS) && !file.file.scope.is_fragment() {
        return;
    }
    let mut patterns = Patterns::new();
    file.each_piece(|cx| check_routes(cx, &mut patterns));
    if patterns.is_empty() {
        return;
    }
    file.each_piece(|cx| {
        for &decl in cx.tree.roots() {
            let name = gopeer_lint::func_name(cx.tree, decl);
            if let Some(patterns) = name.and_then(|name| patterns.get(&*name)) {
                check_names(cx, decl, patterns);
            }
        }
    });
}

/// A call that adds a route.
struct Route<'a> {
    call: Call<'a>,
    pattern: ExprId,
    text: String,
}

fn check_routes(cx: &mut Cx, patterns: &mut Patterns) {
    let mut seen: HashMap<(Option<Node>, &str, String), ExprId> = HashMap::new();
    let calls = cx.tree.all_exprs().filter(|(_, expr)| matches!(expr, Expr::Call { .. }));
    let mut routes: Vec<Route> = calls.filter_map(|(id, _)| route(cx, id)).collect();
    routes.sort_by_key(|route| cx.span(route.call.fun).start);
    for route in routes {
        cx.examined();
        let adds = cx.source(route.call.fun);
        if route.call.callee.path == "net/http"
            && let Some(message) = fault(cx, &route)
        {
            cx.report(route.pattern, message);
            continue;
        }
        let list = cx.enclosing_stmt(route.call.expr).and_then(|stmt| cx.tree.parent(stmt));
        let first = *seen.entry((list, adds, shape(&route.text))).or_insert(route.pattern);
        if first != route.pattern && !is_new(cx, &route) {
            let at = cx.span(first);
            let message = match route.call.callee.path {
                "net/http" | "github.com/gin-gonic/gin" => {
                    format!("`{adds}` panics, because this pattern is there already")
                }
                _ => format!("`{adds}` replaces the route that was added with this pattern before"),
            };
            cx.report(route.pattern, message).note_at(at, "the same pattern");
        }
        let Some(&handler) = route.call.args.last().filter(|_| is_whole(cx, &route)) else { continue };
        if let Expr::FuncLit { body, .. } = cx.expr(handler) {
            check_names(cx, body, &[route.text]);
        } else {
            add(cx, handler, &route.text, patterns);
        }
    }
}

/// The route with a constant pattern that a call adds.
fn route<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Route<'a>> {
    let call = cx.call(call)?;
    let by_method =
        || METHODS.contains(&call.callee.name.to_ascii_uppercase().as_str()) && ROUTERS.contains(&call.callee.path);
    if call.args.len() < 2 || !call.callee.is(STD) && !by_method() {
        return None;
    }
    let pattern = call.args[0];
    let text = cx.string_value(pattern)?.into_owned();
    Some(Route { call, pattern, text })
}

/// Whether the pattern is all that a handler goes by: nothing can be added in front.
fn is_whole(cx: &Cx, route: &Route) -> bool {
    const WHOLE: &[&str] = &["github.com/gin-gonic/gin.Engine", "github.com/labstack/echo/v4.Echo"];
    route.call.callee.path == "net/http" || route.call.receiver.is_some_and(|router| cx.has_type(router, WHOLE))
}

/// Whether the router may be another one than before.
fn is_new(cx: &Cx, route: &Route) -> bool {
    route.call.receiver.is_some_and(|router| matches!(cx.def(router), Def::Local(_)) && cx.is_reassigned(router))
}

/// The functions and methods of the package that a handler is made of.
fn add(cx: &Cx, handler: ExprId, pattern: &str, patterns: &mut Patterns) {
    cx.any(handler, false, |node| {
        let name = match node {
            Node::Expr(id) => cx.object(id).and_then(|object| cx.own_function(object)),
            _ => None,
        };
        if let Some(name) = name {
            patterns.entry(name).or_default().push(pattern.to_owned());
        }
        false
    });
}

/// Compares the names that a handler asks for with those of its patterns.
fn check_names(cx: &mut Cx, handler: impl Into<Node>, patterns: &[String]) {
    let names: BTreeSet<&str> = patterns.iter().flat_map(|pattern| names(pattern)).collect();
    for &node in cx.calls_within(handler, true).iter() {
        let Node::Expr(call) = node else { continue };
        let Some(call) = cx.call(call).filter(|call| call.callee.is(READS)) else { continue };
        let &[arg] = call.args else { continue };
        let Some(name) = cx.string_value(arg) else { continue };
        if names.contains(&*name) || cx.package_mentions(&["SetPathValue"]) == Some(true) {
            continue;
        }
        let (reads, pattern) = (cx.source(call.fun), &patterns[0]);
        let which = if patterns.len() == 1 {
            format!("the pattern `{pattern}` has")
        } else {
            "the patterns of the handler have".to_owned()
        };
        let only = names.first().filter(|_| names.len() == 1);
        let edit = only.map(|only| (cx.span(arg), format!("\"{only}\"")));
        cx.report(arg, format!("`{reads}` is always empty here, because {which} no `{name}`"))
            .fix("Use the name in the pattern", edit);
    }
}

/// The names of the wildcards: `{id}` and `{path...}` in net/http, `:id` and `*path` in gin and echo.
fn names(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split('/').filter_map(|segment| {
        let braced = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'));
        let braced = braced.map(|name| name.strip_suffix("...").unwrap_or(name));
        let starred = || segment.strip_prefix('*').map(|name| if name.is_empty() { "*" } else { name });
        let braced = braced.filter(|name| *name != "$");
        braced.or_else(|| segment.strip_prefix(':')).or_else(starred)
    })
}

/// The pattern without the names of its wildcards.
fn shape(pattern: &str) -> String {
    pattern.split('/').map(bare).collect::<Vec<_>>().join("/")
}

fn bare(segment: &str) -> &str {
    match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some("$") => segment,
        Some(name) if name.ends_with("...") => "{...}",
        // In chi, a wildcard can be a part of a segment, `{a}-{b}`, and have an expression, `{id:[0-9]+}`.
        Some(name) if !name.contains(['{', ':']) => "{}",
        _ => segment,
    }
}

/// What is wrong with a pattern of `ServeMux`.
fn fault(cx: &Cx, route: &Route) -> Option<String> {
    const WILDCARDS: u32 = 22;
    let (pattern, adds) = (&route.text, cx.source(route.call.fun));
    let (method, rest) = pattern.split_once([' ', '\t']).unwrap_or(("", pattern));
    let rest = rest.trim_start_matches([' ', '\t']);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if METHODS.contains(&host) && rest.contains('/') {
        return Some(format!(
            "nothing matches this pattern, because `{host}` is taken for a host; a space has to follow the method"
        ));
    }
    if METHODS.contains(&method.to_ascii_uppercase().as_str()) && !METHODS.contains(&method) {
        return Some(format!("nothing matches this pattern, because methods are in capitals, and `{method}` is not"));
    }
    if cx.file.language().is_some_and(|language| language < WILDCARDS) {
        let newer = METHODS.contains(&method) || path.split('/').any(|segment| segment.starts_with('{'));
        return newer.then(|| {
            "nothing matches this pattern, because methods and wildcards need `go 1.22` in go.mod".to_owned()
        });
    }
    let why = match segments_fault(path) {
        _ if !rest.contains('/') => "the path does not begin with `/`",
        _ if host.contains('{') => "the host has a wildcard",
        why => why?,
    };
    Some(format!("`{adds}` panics, because {why}"))
}

fn segments_fault(path: &str) -> Option<&'static str> {
    let mut seen = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let Some(at) = segment.find('{') else { continue };
        let is_last = segments.peek().is_none();
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match name {
            None if at > 0 => return Some("a wildcard has to be a whole segment"),
            None => return Some("a wildcard has to end with `}`, and to be a whole segment"),
            Some("") => return Some("a wildcard has no name"),
            Some("$") if is_last => {}
            Some("$") => return Some("`{$}` is not at the end"),
            Some(name) if name.ends_with("...") && !is_last => return Some("a wildcard with `...` is not at the end"),
            Some(name) if seen.contains(&name) => return Some("two wildcards have the same name"),
            Some(name) => seen.push(name),
        }
    }
    None
}
