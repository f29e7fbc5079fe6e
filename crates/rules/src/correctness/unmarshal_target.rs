//! What is decoded or scanned into is not a pointer, or is a nil one.
//!
//! The target is passed as `any`, so the compiler accepts a copy; the decoder then returns an error on every call and the
//! value stays empty (encoding/json: `InvalidUnmarshalError`; database/sql: "destination not a pointer"). Likewise, a
//! `MarshalJSON` with a pointer receiver is not in the method set of a value (Go spec, "Method sets"), so a value is
//! encoded field by field instead.
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
//! ```go bad
//! type money struct{ cents int }
//!
//! func (m *money) MarshalJSON() ([]byte, error) { return []byte(strconv.Itoa(m.cents)), nil }
//!
//! func write(w io.Writer, m money) error {
//! 	return json.NewEncoder(w).Encode(m)
//! 	//                               ^ `m` is passed by value, so its `MarshalJSON` is not called
//! }
//! ```
//! ```diff fixed
//! -	return json.NewEncoder(w).Encode(m)
//! +	return json.NewEncoder(w).Encode(&m)
//! ```
//! ```go good
//! type user struct{ Name string }
//!
//! type amount struct{ cents int }
//!
//! func (a amount) MarshalJSON() ([]byte, error) { return []byte(strconv.Itoa(a.cents)), nil }
//!
//! func read(data []byte, into any, row *sql.Row, a amount) error {
//! 	if err := json.Unmarshal(data, into); err != nil {
//! 		return err
//! 	}
//! 	u := &user{}
//! 	if err := json.Unmarshal(data, u); err != nil {
//! 		return err
//! 	}
//! 	var p *user
//! 	p = new(user)
//! 	if err := row.Scan(&u.Name, new(int), into); err != nil {
//! 		return err
//! 	}
//! 	if _, err := json.Marshal(a); err != nil {
//! 		return err
//! 	}
//! 	if err := gob.NewDecoder(os.Stdin).Decode(nil); err != nil { // skips a value
//! 		return err
//! 	}
//! 	return json.Unmarshal(data, p)
//! }
//! ```
//! ```go good
//! import "go.mongodb.org/mongo-driver/v2/bson"
//! import "go.mongodb.org/mongo-driver/v2/mongo"
//!
//! func find(ctx context.Context, users *mongo.Collection) (bson.M, error) {
//! 	user := bson.M{}
//! 	err := users.FindOne(ctx, bson.M{"name": "ada"}).Decode(user)
//! 	return user, err
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::Mode;

pub static RULE: Rule = Rule {
    id: "correctness/unmarshal-target",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Errors, 1), (Concern::Api, 2)],
    equivalents: &["staticcheck:SA1014", "vet:unmarshal", "revive:marshal-receiver"],
    fix: FixKind::Safe,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

/// Functions that fill what one argument points to, by index of the argument.
const FILLS: &[(&[&str], usize)] = &[
    (
        &[
            "encoding/json.Decoder.Decode",
            "encoding/xml.Decoder.Decode",
            "github.com/gin-gonic/gin.Context.BindJSON",
            "github.com/gin-gonic/gin.Context.ShouldBindJSON",
            "github.com/gin-gonic/gin.Context.ShouldBind",
            "github.com/labstack/echo/v4.Context.Bind",
            "github.com/gofiber/fiber/v2.Ctx.BodyParser",
            "github.com/jmoiron/sqlx.DB.Get",
            "github.com/jmoiron/sqlx.DB.Select",
            "github.com/jmoiron/sqlx.Tx.Get",
            "github.com/jmoiron/sqlx.Tx.Select",
            "github.com/jmoiron/sqlx.Rows.StructScan",
            "github.com/jmoiron/sqlx.Row.StructScan",
            "github.com/spf13/viper.Unmarshal",
            "github.com/spf13/viper.Viper.Unmarshal",
        ],
        0,
    ),
    (
        &[
            "encoding/json.Unmarshal",
            "encoding/xml.Unmarshal",
            "encoding/asn1.Unmarshal",
            "github.com/kelseyhightower/envconfig.Process",
            "github.com/jmoiron/sqlx.DB.GetContext",
            "github.com/jmoiron/sqlx.DB.SelectContext",
            "github.com/jmoiron/sqlx.Tx.GetContext",
            "github.com/jmoiron/sqlx.Tx.SelectContext",
        ],
        1,
    ),
];

/// The same, where a map can be filled as it is.
const FILLS_MAPS: &[(&[&str], usize)] = &[
    (
        &[
            "gopkg.in/yaml.v3.Decoder.Decode",
            "gopkg.in/yaml.v3.Node.Decode",
            "go.mongodb.org/mongo-driver/mongo.Cursor.Decode",
            "go.mongodb.org/mongo-driver/mongo.SingleResult.Decode",
            "go.mongodb.org/mongo-driver/v2/mongo.Cursor.Decode",
            "go.mongodb.org/mongo-driver/v2/mongo.SingleResult.Decode",
        ],
        0,
    ),
    (
        &[
            "gopkg.in/yaml.v3.Unmarshal",
            "go.mongodb.org/mongo-driver/bson.Unmarshal",
            "go.mongodb.org/mongo-driver/v2/bson.Unmarshal",
        ],
        1,
    ),
];

/// Methods all of whose arguments are filled, and to which nil says that a value is of no interest.
const SCANS: &[&str] = &[
    "encoding/gob.Decoder.Decode",
    "database/sql.Row.Scan",
    "database/sql.Rows.Scan",
    "github.com/jmoiron/sqlx.Row.Scan",
    "github.com/jackc/pgx/v5.Row.Scan",
    "github.com/jackc/pgx/v5.Rows.Scan",
    "github.com/gocql/gocql.Query.Scan",
    "github.com/gocql/gocql.Iter.Scan",
    "fmt.Scan",
    "fmt.Scanln",
];

/// Functions that encode their first argument, and the method that they ask it for.
const ENCODES: &[(&[&str], &str)] = &[
    (&["encoding/json.Marshal", "encoding/json.MarshalIndent", "encoding/json.Encoder.Encode"], "MarshalJSON"),
    (&["encoding/xml.Marshal", "encoding/xml.MarshalIndent", "encoding/xml.Encoder.Encode"], "MarshalXML"),
    (&["gopkg.in/yaml.v3.Marshal", "gopkg.in/yaml.v3.Encoder.Encode"], "MarshalYAML"),
];

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { args, spread: false, .. } = cx.expr(call) else { return };
    let args = cx.exprs(args);
    // Tests pass wrong targets on purpose.
    if args.is_empty() {
        return;
    }
    let Some(callee) = cx.callee(call) else { return };
    if callee.is(SCANS) {
        return args.iter().for_each(|&arg| check_target(cx, call, arg, false, true));
    }
    for (table, maps) in [(FILLS, false), (FILLS_MAPS, true)] {
        if let Some((_, index)) = table.iter().find(|(names, _)| callee.is(names)) {
            if let Some(&arg) = args.get(*index) {
                check_target(cx, call, arg, maps, false);
            }
            return;
        }
    }
    if let Some((_, method)) = ENCODES.iter().find(|(names, _)| callee.is(names)) {
        check_encoded(cx, args[0], method);
    }
}

fn check_target(cx: &mut Cx, call: ExprId, arg: ExprId, maps: bool, scan: bool) {
    let ty = cx.ty(arg);
    let under = cx.store.under(ty);
    let nil = match under {
        Type::Basic(Basic::UntypedNil) if scan => return,
        Type::Basic(Basic::UntypedNil) => true,
        Type::Unknown | Type::Interface(_) | Type::Union(_) | Type::Tuple(_) => return,
        Type::Map { .. } if maps => return,
        Type::Pointer(_) => {
            cx.examined();
            if !is_nil_pointer(cx, arg) {
                return;
            }
            true
        }
        _ => {
            cx.examined();
            if scan && cx.declared_method(ty, &["Scan"]).is_some() || matches!(cx.store.get(ty), Type::Param(_)) {
                return;
            }
            false
        }
    };
    let name = cx.callee_text(call);
    let target = cx.source(arg);
    let message = if nil {
        format!("`{target}` is nil, so `{name}` has nothing to fill")
    } else {
        format!("`{target}` is not a pointer, so `{name}` cannot fill it")
    };
    report(cx, arg, message, "the call returns an error each time");
}

/// Whether the local was declared without a value and has got none since.
fn is_nil_pointer(cx: &Cx, arg: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(cx.unparen(arg)) else { return false };
    let Some(Node::Decl(spec)) = cx.tree.parent(declaring) else { return false };
    matches!(cx.decl(spec), Decl::Value { values, .. } if values.is_empty()) && !cx.is_reassigned(arg)
}

fn check_encoded(cx: &mut Cx, arg: ExprId, method: &str) {
    let ty = cx.ty(arg);
    let Some(pointer) = cx.declared_method(ty, &[method]) else { return };
    cx.examined();
    // The method itself passes a value, so as not to be called again.
    let inside = cx.enclosing_decl(arg).and_then(|decl| cx.func_name(decl)) == Some(method);
    if pointer && !inside {
        let value = cx.source(arg);
        let message = format!("`{value}` is passed by value, so its `{method}` is not called");
        report(cx, arg, message, "the method has a pointer receiver");
    }
}

fn report(cx: &mut Cx, arg: ExprId, message: String, note: &str) {
    let start = cx.span(arg).start;
    let addressable = cx.facts.mode(arg) == Mode::Variable;
    let report = cx.report(arg, message).note(note);
    if addressable {
        report.fix("Pass a pointer", [(Span::new(start, start), "&".to_owned())]);
    }
}
