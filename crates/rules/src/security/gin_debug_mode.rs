//! gin is set to its debug mode.
//!
//! In debug mode gin prints every route with its handler, warnings and the errors of templates, and reads templates anew
//! for each request. Take the mode from the environment (`GIN_MODE=release`), or set `gin.ReleaseMode`.
//!
//! Limits: silent where a condition decides, and where a comment says that the place is closed to others.
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
//! func engine(debug bool, mode string) *gin.Engine {
//! 	gin.SetMode(mode) // a setting decides
//! 	if debug {
//! 		gin.SetMode(gin.DebugMode) // somebody asked for it
//! 	}
//! 	return gin.New()
//! }
//! ```
//! ```go good
//! import "github.com/gin-gonic/gin"
//! func engine() *gin.Engine {
//! 	gin.SetMode(gin.ReleaseMode)
//! 	return gin.New()
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::check_surface;

pub static RULE: Rule = Rule {
    id: "security/gin-debug-mode",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gopeer:security/debug-exposed"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(&["github.com/gin-gonic/gin.SetMode"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    if let &[mode] = call.args
        && (cx.string_value(mode).as_deref() == Some("debug")
            || cx.denotes(mode, &["github.com/gin-gonic/gin.DebugMode"]))
    {
        check_surface(cx, mode, "gin runs in debug mode");
    }
}
