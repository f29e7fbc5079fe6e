//! A file server serves the whole file system, or whatever directory the process runs in.
//!
//! `http.Dir("/")` hands out every file that the process can read: keys, configuration, the environment in `/proc`.
//! `http.Dir(".")` hands out the working directory, which in development and in many images is the source with `.env` and
//! `.git`. Serve one directory that holds nothing else, or embed the files in the program (`embed`, `http.FS`).
//!
//! Limits: the directory must be a constant. Silent where a condition decides. The working directory is reported as a
//! question, unless to serve files is what the program is for, by the names around.
//!
//! ```go bad
//! func routes(mux *http.ServeMux) {
//! 	mux.Handle("/files/", http.FileServer(http.Dir("/")))
//! 	//                                    ^^^^^^^^^^^^^ the whole file system is served
//! }
//! ```
//! ```go good
//! func routes(mux *http.ServeMux) {
//! 	mux.Handle("/static/", http.FileServer(http.Dir("/srv/static"))) // one directory
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::report_surface;

pub static RULE: Rule = Rule {
    id: "security/root-directory-served",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gosec:G111", "semgrep:fs-directory-listing", "gopeer:security/debug-exposed"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(DIRECTORIES, check), Hook::Call(STATIC, check_static)],
    examines: "file servers",
};

/// What makes a file system of a directory.
const DIRECTORIES: &[&str] = &["net/http.Dir", "os.DirFS"];
const STATIC: &[&str] = &[
    "github.com/gin-gonic/gin.RouterGroup.Static",
    "github.com/gofiber/fiber/v2.App.Static",
    "github.com/labstack/echo/v4.Echo.Static",
    "github.com/labstack/echo/v4.Group.Static",
];

fn check(cx: &mut Cx, call: Call) {
    // os.DirFS has other uses than to be served.
    let served =
        |cx: &Cx, node| matches!(node, Node::Expr(outer) if cx.calls(outer, &["net/http.FS", "net/http.FileServerFS"]));
    if let &[root] = call.args
        && (call.callee.name == "Dir" || cx.around(call.expr, served).is_some())
    {
        report(cx, call.expr, root);
    }
}

fn check_static(cx: &mut Cx, call: Call) {
    if let Some(&root) = call.args.get(1) {
        report(cx, root, root);
    }
}

/// Whether a program serves the directory that it is started in, because that is its purpose: the file server is all that it
/// serves, or its names say so.
fn is_file_server(cx: &Cx, at: ExprId) -> bool {
    let serves =
        |node: Node| matches!(node, Node::Expr(id) if cx.calls(id, &["net/http.ListenAndServe", "net/http.Serve"]));
    let function = cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    let package = cx.file.scope.package.as_deref().unwrap_or_default();
    let is_named = |name: &str| {
        let words = words(name);
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
        has(&["fileserver"]) || has(&["file", "files"]) && has(&["server", "serve"])
    };
    cx.tree.ancestors(at).any(serves) || [function, package, &cx.file.name].into_iter().any(is_named)
}

fn report(cx: &mut Cx, at: ExprId, root: ExprId) {
    let (message, is_certain) = match cx.string_value(root).as_deref() {
        Some("/") => ("the whole file system is served", true),
        Some("." | "./" | "") => ("the working directory of the process is served", false),
        _ => return,
    };
    if !is_certain && is_file_server(cx, at) {
        return cx.examined();
    }
    if let Some(report) = report_surface(cx, at, message) {
        let report = report.note("serve one directory that holds nothing else, or embed the files in the program");
        if !is_certain {
            report.question();
        }
    }
}
