//! `context.WithValue` gets a key of a built-in type, or carries a dependency instead of request data.
//!
//! Keys are compared by type and value, so a plain string or number that one package sets answers for the same string of any
//! other: a middleware can overwrite the user that another one authenticated. The documentation of `WithValue` asks for a key
//! type of your own; an unexported `type userKey struct{}` cannot collide. A database pool or client does not belong in a context
//! at all: no signature shows it, and a missing one is found by a panic. The code that reads the value changes together with the
//! key, often in other files, so there is no fix.
//!
//! Limits: of dependencies, the pools and clients of database/sql, sqlx, pgx, gocql, go-redis and net/http are known.
//!
//! ```go bad
//! func withUser(ctx context.Context, u *User) context.Context {
//! 	return context.WithValue(ctx, "user", u)
//! 	//                            ^^^^^^ the key `"user"` is of a built-in type
//! }
//! ```
//! ```go bad
//! const traceKey = "trace"
//!
//! func withTrace(ctx context.Context, id string) context.Context {
//! 	return context.WithValue(ctx, traceKey, id)
//! 	//                            ^^^^^^^^ the key `traceKey` is of a built-in type
//! }
//! ```
//! ```go bad
//! type dbKey struct{}
//!
//! func withDB(ctx context.Context, db *sql.DB) context.Context {
//! 	return context.WithValue(ctx, dbKey{}, db)
//! 	//                                     ^^ `db` is a dependency
//! }
//! ```
//! ```go good
//! type ctxKey string
//!
//! const userKey ctxKey = "user"
//!
//! func withUser(ctx context.Context, u *User) context.Context {
//! 	return context.WithValue(ctx, userKey, u) // a type of its own: no other package has an equal key
//! }
//! ```
//! ```go good
//! var tenantKey = new(int)
//!
//! func withTenant(ctx context.Context, tenant string) context.Context {
//! 	return context.WithValue(ctx, tenantKey, tenant) // a pointer is unique
//! }
//! ```
//! ```go good
//! import "golang.org/x/oauth2"
//!
//! func withClient(ctx context.Context, client *http.Client) context.Context {
//! 	return context.WithValue(ctx, oauth2.HTTPClient, client) // that package asks for the client this way
//! }
//! ```
//!
//! # Idiom
//!
//! Context values carry data about a request, such as a trace id, through code that does not know of it. Keys have an unexported type of
//! their own, and a pair of functions sets and gets the value.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: without the value, the function should fail to compile or say what it lacks, not
//!   panic
//!
//! # Options
//!
//! - Pass the dependency as a parameter or a field: the signature shows it, and a test passes a fake
//!   - senior, backend, throughput, data: what is needed is named
//! - Keep request data in the context under an unexported key type, with a getter: crosses layers that need not know of
//!   it
//!   - cloud-native: trace and tenant travel with the request
//!
//! # References
//!
//! - [Package context, WithValue](https://pkg.go.dev/context#WithValue)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "context/value-misuse",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Api, 2), (Concern::Security, 1)],
    equivalents: &["staticcheck:SA1029", "revive:context-keys-type"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    examines: "values put into contexts",
};

const BASIC: &[&str] = &[
    "bool",
    "byte",
    "complex128",
    "complex64",
    "float32",
    "float64",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "rune",
    "string",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
];

const DEPENDENCIES: &[&str] = &[
    "database/sql.DB",
    "github.com/jmoiron/sqlx.DB",
    "github.com/jackc/pgx/v5/pgxpool.Pool",
    "github.com/gocql/gocql.Session",
    "github.com/redis/go-redis/v9.Client",
    "net/http.Client",
];

fn check(file: &mut FileCx) {
    let calls = file.pieces.iter().any(|piece| piece.tree.text().contains(".WithValue("));
    if !calls {
        return;
    }
    let mut basic = Vec::new();
    file.each_piece(|cx| basic_values(cx, &mut basic));
    file.each_piece(|cx| {
        let tree = cx.tree;
        for (id, expr) in tree.all_exprs() {
            if let Expr::Call { .. } = expr
                && let Some(Call { callee: name, args: [_, key, value], .. }) = cx.call(id)
                && name.is(&["context.WithValue"])
            {
                cx.examined();
                check_call(cx, *key, *value, &basic);
            }
        }
    });
}

fn check_call(cx: &mut Cx, key: ExprId, value: ExprId, basic: &[String]) {
    if is_basic(cx, key, basic) {
        cx.report(
            key,
            format!(
                "the key `{}` is of a built-in type, so an equal key of any other package means the same value",
                cx.source(key)
            ),
        )
        .note("declare an unexported key type, such as `type userKey struct{}`, and export functions that set and get");
    } else if is_anonymous(cx, key) {
        cx.report(key, format!("the key `{}` is of an unnamed type, which every package shares", cx.source(key)))
            .note("declare a key type of its own");
    } else if !cx.is_qualified(key) && cx.has_type(value, DEPENDENCIES) {
        cx.report(
            value,
            format!("`{}` is a dependency, and as a context value no signature shows it", cx.source(value)),
        )
        .note("pass it as a parameter or keep it in the struct whose methods need it");
    }
}

/// Adds the names of this piece's package-level constants and variables that are plainly of a built-in type.
fn basic_values(cx: &Cx, names: &mut Vec<String>) {
    for &root in cx.tree.roots() {
        let Decl::Group { kind: GroupKind::Const | GroupKind::Var, specs, .. } = cx.decl(root) else { continue };
        for &spec in cx.tree.decls(specs) {
            let Decl::Value { names: declared, ty, values, .. } = cx.decl(spec) else { continue };
            for (at, &name) in cx.exprs(declared).iter().enumerate() {
                let value = cx.exprs(values).get(at);
                if ty.map_or_else(|| value.is_some_and(|&value| is_literal(cx, value)), |ty| is_basic_type(cx, ty)) {
                    names.push(cx.source(name).to_owned());
                }
            }
        }
    }
}

fn is_basic(cx: &Cx, key: ExprId, basic: &[String]) -> bool {
    let key = cx.unparen(key);
    if !cx.ty(key).is_unknown() {
        return matches!(cx.store.get(cx.ty(key)), Type::Basic(_));
    }
    match cx.expr(key) {
        Expr::Literal(_) => true,
        Expr::Call { fun, .. } => is_basic_type(cx, fun),
        Expr::Ident => match cx.def(key) {
            Def::Package(_) => basic.iter().any(|name| name == cx.source(key)),
            Def::Local(_) => match cx.local_type(key) {
                Some(local) => !local.pointer && is_basic_type(cx, local.ty),
                None => cx.initial_value(key).is_some_and(|value| is_literal(cx, value)),
            },
            _ => false,
        },
        _ => false,
    }
}

fn is_literal(cx: &Cx, value: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(value)), Expr::Literal(_))
}

fn is_basic_type(cx: &Cx, ty: ExprId) -> bool {
    cx.expr(ty) == Expr::Ident && cx.def(ty) == Def::Universe && BASIC.contains(&cx.source(ty))
}

fn is_anonymous(cx: &Cx, key: ExprId) -> bool {
    match cx.expr(cx.unparen(key)) {
        Expr::Composite { ty: Some(ty), .. } => matches!(cx.expr(ty), Expr::StructType { .. }),
        _ => false,
    }
}
