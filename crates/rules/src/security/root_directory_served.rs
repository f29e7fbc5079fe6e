//! A file server serves the whole file system.
//!
//! `http.Dir("/")` hands out every file that the process can read: keys, configuration, the environment in `/proc`. Serve
//! the one directory that is meant, or embed the files in the program (`embed`, `http.FS`).
//!
//! Limits: silent where a condition decides, and where a comment says that the place is closed to others.
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

use super::support::check_surface;

pub static RULE: Rule = Rule {
    id: "security/root-directory-served",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gosec:G111", "semgrep:fs-directory-listing", "gopeer:security/debug-exposed"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(&["net/http.Dir"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    if let &[root] = call.args
        && cx.string_value(root).as_deref() == Some("/")
    {
        check_surface(cx, call.expr, "the whole file system is served");
    }
}
