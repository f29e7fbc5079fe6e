//! A GraphQL server hands out its whole schema.
//!
//! The playground is a page on which anybody can try queries, and introspection lists every type and field, those that no
//! client of one's own uses included: a map for an attacker. Switch both on by a setting of the environment that needs
//! them, or put them behind a login.
//!
//! Limits: silent where a condition decides, and where a comment says that the place is closed to others.
//!
//! ```go bad
//! import "github.com/99designs/gqlgen/graphql/handler"
//! import "github.com/99designs/gqlgen/graphql/handler/extension"
//! import "github.com/99designs/gqlgen/graphql/playground"
//! func routes(mux *http.ServeMux, srv *handler.Server) {
//! 	mux.Handle("/", playground.Handler("GraphQL", "/query"))
//! 	//              ^^^^^^^^^^^^^^^^^^ the GraphQL playground is open to everybody
//! 	srv.Use(extension.Introspection{})
//! 	//      ^^^^^^^^^^^^^^^^^^^^^^^^^ introspection hands out the whole schema
//! }
//! ```
//! ```go good
//! import "github.com/99designs/gqlgen/graphql/playground"
//! func routes(mux *http.ServeMux, debug bool) {
//! 	if debug { // somebody asked for it
//! 		mux.Handle("/", playground.Handler("GraphQL", "/query"))
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::check_surface;

pub static RULE: Rule = Rule {
    id: "security/graphql-schema-exposed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gopeer:security/debug-exposed"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(PLAYGROUND, check_playground), Hook::Config(INTROSPECTION, check_introspection)],
    file: file!(),
};

const PLAYGROUND: &[&str] = &["github.com/99designs/gqlgen/graphql/playground.Handler"];
const INTROSPECTION: &[&str] = &["github.com/99designs/gqlgen/graphql/handler/extension.Introspection"];

fn check_playground(cx: &mut Cx, call: Call) {
    // The playground's own package calls it as well.
    if cx.is_qualified(call.fun) {
        check_surface(cx, call.fun, "the GraphQL playground is open to everybody");
    }
}

fn check_introspection(cx: &mut Cx, extension: Config) {
    check_surface(cx, extension.expr, "introspection hands out the whole schema");
}
