//! A GraphQL server hands out its whole schema.
//!
//! The playground is a page on which anybody can try queries. Introspection lists every type and field, also those that only
//! other clients use, which tells an attacker where to look. Switch both on with a setting that production does not have, or
//! put them behind a login. `handler.NewDefaultServer` switches introspection on as well (documentation of gqlgen).
//!
//! Limits: gqlgen alone is known. Silent where a condition decides. Introspection is reported as low, since some APIs are
//! public on purpose.
//!
//! ```go bad
//! import "github.com/99designs/gqlgen/graphql/handler"
//! import "github.com/99designs/gqlgen/graphql/handler/extension"
//! import "github.com/99designs/gqlgen/graphql/playground"
//! func routes(mux *http.ServeMux, srv *handler.Server) {
//! 	mux.Handle("/", playground.Handler("GraphQL", "/query"))
//! 	//              ^^^^^^^^^^^^^^^^^^ the GraphQL playground is open to everybody
//! 	srv.Use(extension.Introspection{})
//! 	//      ^^^^^^^^^^^^^^^^^^^^^^^^^ low: introspection hands out the whole schema
//! }
//! ```
//! ```go good
//! import "github.com/99designs/gqlgen/graphql/playground"
//! func routes(mux *http.ServeMux, debug bool) {
//! 	if debug { // a flag asks for it
//! 		mux.Handle("/", playground.Handler("GraphQL", "/query"))
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::report_surface;

pub static RULE: Rule = Rule {
    id: "security/graphql-schema-exposed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gopeer:security/debug-exposed"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(PLAYGROUND, check_playground),
        Hook::Call(DEFAULT_SERVER, check_default_server),
        Hook::Config(INTROSPECTION, check_introspection),
    ],
    examines: "GraphQL servers",
};

const PLAYGROUND: &[&str] = &[
    "github.com/99designs/gqlgen/graphql/playground.AltairHandler",
    "github.com/99designs/gqlgen/graphql/playground.ApolloSandboxHandler",
    "github.com/99designs/gqlgen/graphql/playground.Handler",
    "github.com/99designs/gqlgen/graphql/playground.HandlerWithHeaders",
];
const INTROSPECTION: &[&str] = &["github.com/99designs/gqlgen/graphql/handler/extension.Introspection"];
const CLOSE: &str = "switch it on with a setting that production does not have, or put it behind a login";
const DEFAULT_SERVER: &[&str] = &["github.com/99designs/gqlgen/graphql/handler.NewDefaultServer"];

fn check_playground(cx: &mut Cx, call: Call) {
    // The playground's own package calls it as well.
    if cx.is_qualified(call.fun)
        && let Some(report) = report_surface(cx, call.fun, "the GraphQL playground is open to everybody")
    {
        report.note(CLOSE);
    }
}

fn check_introspection(cx: &mut Cx, extension: Config) {
    introspection(cx, extension.expr);
}

fn check_default_server(cx: &mut Cx, call: Call) {
    if cx.is_qualified(call.fun) {
        introspection(cx, call.fun);
    }
}

fn introspection(cx: &mut Cx, at: ExprId) {
    if let Some(report) = report_surface(cx, at, "introspection hands out the whole schema") {
        report.severity(Severity::Low).note(CLOSE);
    }
}
