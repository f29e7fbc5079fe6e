//! gin runs in debug mode.
//!
//! In debug mode gin prints every route with its handler, and parses HTML templates again for each request (documentation of
//! gin). Take the mode from the environment (`GIN_MODE=release`), or set `gin.ReleaseMode`.
//!
//! Limits: silent where a condition decides. That debug is gin's default when nothing sets a mode is not reported, since the
//! environment may set one.
//!
//! ```go bad
//! import "github.com/gin-gonic/gin"
//! func engine() *gin.Engine {
//! 	gin.SetMode(gin.DebugMode)
//! 	//          ^^^^^^^^^^^^^ gin runs in debug mode
//! 	return gin.New()
//! }
//! ```
//! ```go good
//! import "github.com/gin-gonic/gin"
//! func engine(debug bool) *gin.Engine {
//! 	if debug {
//! 		gin.SetMode(gin.DebugMode) // a flag asks for it
//! 	}
//! 	return gin.New()
//! }
//! ```
//! ```go good
//! import "github.com/gin-gonic/gin"
//! func engine(mode string) *gin.Engine {
//! 	gin.SetMode(mode) // a setting decides
//! 	return gin.New()
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::report_surface;

pub static RULE: Rule = Rule {
    id: "security/gin-debug-mode",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gopeer:security/debug-exposed"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["github.com/gin-gonic/gin.SetMode"], check), Hook::Call(&["os.Setenv"], check_environment)],
    examines: "modes of gin",
};

fn check(cx: &mut Cx, call: Call) {
    if let &[mode] = call.args
        && (cx.string_value(mode).as_deref() == Some("debug")
            || cx.denotes(mode, &["github.com/gin-gonic/gin.DebugMode"]))
    {
        report(cx, mode);
    }
}

fn check_environment(cx: &mut Cx, call: Call) {
    if let &[name, mode] = call.args
        && cx.string_value(name).as_deref() == Some("GIN_MODE")
        && cx.string_value(mode).as_deref() == Some("debug")
    {
        report(cx, mode);
    }
}

fn report(cx: &mut Cx, mode: ExprId) {
    if let Some(report) = report_surface(cx, mode, "gin runs in debug mode") {
        report.note("set `gin.ReleaseMode`, or leave the mode to the environment variable `GIN_MODE`");
    }
}
