//! A function that fills a value is given no pointer, or a nil pointer.
//!
//! The target is passed as `any`, so the compiler accepts a copy. The function has nothing to fill: it returns an error on each
//! call (encoding/json: `InvalidUnmarshalError`; database/sql: "destination not a pointer"), or panics, and the value
//! stays empty. Pass a pointer to the value.
//!
//! Limits: the functions that decode and scan are known for the standard library, yaml, the MongoDB driver, gin, echo, fiber,
//! sqlx, pgx, gocql, viper, env and envconfig. What an interface holds is not known here. Tests pass wrong targets on
//! purpose.
//!
//! ```go bad
//! type user struct{ Name string }
//!
//! func read(data []byte, rows *sql.Rows) (user, error) {
//! 	var u user
//! 	if err := json.Unmarshal(data, u); err != nil {
//! 	//                             ^ `u` is not a pointer, so `json.Unmarshal` cannot fill it
//! 		return u, err
//! 	}
//! 	var age int
//! 	err := rows.Scan(&u.Name, age)
//! 	//                        ^^^ `age` is not a pointer, so `rows.Scan` cannot fill it
//! 	return u, err
//! }
//! ```
//! ```diff fixed
//! -	if err := json.Unmarshal(data, u); err != nil {
//! +	if err := json.Unmarshal(data, &u); err != nil {
//! -	err := rows.Scan(&u.Name, age)
//! +	err := rows.Scan(&u.Name, &age)
//! ```
//! ```go bad
//! type user struct{ Name string }
//!
//! func read(r *http.Request) (*user, error) {
//! 	var u *user
//! 	err := json.NewDecoder(r.Body).Decode(u)
//! 	//                                    ^ `u` is nil, so `json.NewDecoder(r.Body).Decode` has nothing to fill
//! 	return u, err
//! }
//! ```
//! ```diff fixed
//! -	err := json.NewDecoder(r.Body).Decode(u)
//! +	err := json.NewDecoder(r.Body).Decode(&u)
//! ```
//! ```go bad
//! import "go.mongodb.org/mongo-driver/v2/bson"
//! import "go.mongodb.org/mongo-driver/v2/mongo"
//!
//! func find(ctx context.Context, users *mongo.Collection) (user struct{ Name string }, err error) {
//! 	result := users.FindOne(ctx, bson.M{"name": "ada"})
//! 	err = result.Decode(user)
//! 	//                  ^^^^ `user` is not a pointer, so `result.Decode` cannot fill it
//! 	return user, err
//! }
//! ```
//! ```diff fixed
//! -	err = result.Decode(user)
//! +	err = result.Decode(&user)
//! ```
//! ```go good
//! func read(data []byte, into any) error {
//! 	return json.Unmarshal(data, into) // may hold a pointer
//! }
//! ```
//! ```go good
//! func skip(r io.Reader) error {
//! 	return gob.NewDecoder(r).Decode(nil) // skips a value
//! }
//! ```
//! ```go good
//! import "go.mongodb.org/mongo-driver/v2/bson"
//! import "go.mongodb.org/mongo-driver/v2/mongo"
//!
//! func find(ctx context.Context, users *mongo.Collection) (bson.M, error) {
//! 	user := bson.M{}
//! 	err := users.FindOne(ctx, bson.M{"name": "ada"}).Decode(user) // a map is filled as it is
//! 	return user, err
//! }
//! ```
//!
//! # Impact
//!
//! Each call fails or fills nothing: `json: Unmarshal(non-pointer …)`, "destination not a pointer", or an empty value
//! that passes for real data if the error is dropped. Handlers answer 400 to valid requests. Any test of the success
//! path finds it.
//!
//! # Verify
//!
//! - `go vet -unmarshal {package}`: knows the decoders of the standard library
//! - `go test -run {test} {package}`: decode a known document and compare one field
//!
//! # References
//!
//! - [Package encoding/json, Unmarshal](https://pkg.go.dev/encoding/json#Unmarshal)
//! - [Package database/sql, Rows.Scan](https://pkg.go.dev/database/sql#Rows.Scan)
use gopeer_lint::prelude::*;
use gopeer_sema::Mode;

pub static RULE: Rule = Rule {
    id: "correctness/unmarshal-target",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Errors, 1), (Concern::Api, 2)],
    equivalents: &["staticcheck:SA1014", "vet:unmarshal"],
    fix: FixKind::Safe,
    scope: Scope::Production,
    hooks: &[
        Hook::Call(FILL_FIRST, |cx, call| check_fill(cx, call, 0)),
        Hook::Call(FILL_SECOND, |cx, call| check_fill(cx, call, 1)),
        Hook::Call(SCANS, check_scan),
    ],
    examines: "targets of decoding and scanning",
};

/// Functions that fill what their first argument points to.
const FILL_FIRST: &[&str] = &[
    "encoding/json.Decoder.Decode",
    "encoding/xml.Decoder.Decode",
    "github.com/caarlos0/env/v11.Parse",
    "github.com/gin-gonic/gin.Context.BindJSON",
    "github.com/gin-gonic/gin.Context.ShouldBind",
    "github.com/gin-gonic/gin.Context.ShouldBindJSON",
    "github.com/gin-gonic/gin.Context.ShouldBindQuery",
    "github.com/gin-gonic/gin.Context.ShouldBindUri",
    "github.com/gofiber/fiber/v2.Ctx.BodyParser",
    "github.com/jmoiron/sqlx.DB.Get",
    "github.com/jmoiron/sqlx.DB.Select",
    "github.com/jmoiron/sqlx.Row.StructScan",
    "github.com/jmoiron/sqlx.Rows.StructScan",
    "github.com/jmoiron/sqlx.Tx.Get",
    "github.com/jmoiron/sqlx.Tx.Select",
    "github.com/labstack/echo/v4.Context.Bind",
    "github.com/spf13/viper.Unmarshal",
    "github.com/spf13/viper.Viper.Unmarshal",
    "go.mongodb.org/mongo-driver/mongo.Cursor.Decode",
    "go.mongodb.org/mongo-driver/mongo.SingleResult.Decode",
    "go.mongodb.org/mongo-driver/v2/mongo.Cursor.Decode",
    "go.mongodb.org/mongo-driver/v2/mongo.SingleResult.Decode",
    "gopkg.in/yaml.v3.Decoder.Decode",
    "gopkg.in/yaml.v3.Node.Decode",
];

/// The same of their second argument.
const FILL_SECOND: &[&str] = &[
    "encoding/asn1.Unmarshal",
    "encoding/json.Unmarshal",
    "encoding/xml.Unmarshal",
    "github.com/jmoiron/sqlx.DB.GetContext",
    "github.com/jmoiron/sqlx.DB.SelectContext",
    "github.com/jmoiron/sqlx.Tx.GetContext",
    "github.com/jmoiron/sqlx.Tx.SelectContext",
    "github.com/kelseyhightower/envconfig.Process",
    "go.mongodb.org/mongo-driver/bson.Unmarshal",
    "go.mongodb.org/mongo-driver/v2/bson.Unmarshal",
    "gopkg.in/yaml.v3.Unmarshal",
];

/// Functions all of whose arguments are filled, and to which nil says that a value is of no interest.
const SCANS: &[&str] = &[
    "database/sql.Row.Scan",
    "database/sql.Rows.Scan",
    "encoding/gob.Decoder.Decode",
    "fmt.Scan",
    "fmt.Scanln",
    "github.com/gocql/gocql.Iter.Scan",
    "github.com/gocql/gocql.Query.Scan",
    "github.com/jackc/pgx/v5.Row.Scan",
    "github.com/jackc/pgx/v5.Rows.Scan",
    "github.com/jmoiron/sqlx.Row.Scan",
];

/// Libraries that fill a map as it is.
const FILL_MAPS: &[&str] = &["gopkg.in/yaml.v3", "go.mongodb.org/mongo-driver/"];

fn check_fill(cx: &mut Cx, call: Call, index: usize) {
    let Some(&target) = call.args.get(index) else { return };
    let fills_maps = FILL_MAPS.iter().any(|path| call.callee.path.starts_with(path));
    if !(fills_maps && matches!(cx.under(target), Type::Map { .. })) {
        check_target(cx, call, target);
    }
}

fn check_scan(cx: &mut Cx, call: Call) {
    if matches!(cx.expr(call.expr), Expr::Call { spread: true, .. }) {
        return;
    }
    for &target in call.args {
        if !cx.is_builtin(target, "nil") && cx.declared_method(cx.ty(target), &["Scan"]).is_none() {
            check_target(cx, call, target);
        }
    }
}

fn check_target(cx: &mut Cx, call: Call, target: ExprId) {
    let ty = cx.ty(target);
    let (text, name) = (cx.source(target), cx.callee_text(call.expr));
    let message = match cx.store.under(ty) {
        Type::Unknown | Type::Interface(_) | Type::Union(_) | Type::Tuple(_) => return,
        _ if matches!(cx.store.get(ty), Type::Param(_)) => return,
        Type::Pointer(_) if !is_nil_pointer(cx, target) => return cx.examined(),
        Type::Pointer(_) | Type::Basic(Basic::UntypedNil) => {
            format!("`{text}` is nil, so `{name}` has nothing to fill")
        }
        _ => format!("`{text}` is not a pointer, so `{name}` cannot fill it"),
    };
    cx.examined();
    let (start, is_addressable) = (cx.span(target).start, cx.facts.mode(target) == Mode::Variable);
    // What others do is theirs to say: some panic.
    let known = ["encoding/", "database/sql", "fmt"].iter().any(|path| call.callee.path.starts_with(path));
    let note = if known { "the call returns an error each time" } else { "the value stays as it is" };
    let report = cx.report(target, message).note(note);
    if is_addressable {
        report.fix("Pass a pointer", [(Span::new(start, start), "&".to_owned())]);
    }
}

/// Whether the local was declared without a value and has got none since.
fn is_nil_pointer(cx: &Cx, arg: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(cx.unparen(arg)) else { return false };
    let Some(Node::Decl(spec)) = cx.tree.parent(declaring) else { return false };
    matches!(cx.decl(spec), Decl::Value { values, .. } if values.is_empty()) && !cx.is_reassigned(arg)
}
