//! A request fills a row with fields that only the server may set.
//!
//! `ShouldBindJSON(&account)` sets each field that the body names, and not only those of the form: a client that sends
//! `"role": "admin"` or `"balance": 100000` is an administrator, or rich, as soon as the row is written. Nothing fails and nothing is
//! logged. Decode into a type with the fields that a client may set, and copy them; or keep the others out with the tag `json:"-"`.
//!
//! A map that takes every key of the body, and goes into `Updates` or `$set`, is worse: the client names the columns.
//!
//! Limits: the value must be filled and written in the same function. A row is known by the tags of its fields (`gorm`, `db`,
//! `bson`), what only the server may set by its name; in a row that was loaded before, its `ID` and its tenant count as well.
//! Functions that ask for a role or a permission, or whose name says that administrators call them, are left alone.
//!
//! ```go bad
//! import "github.com/gin-gonic/gin"
//! import "gorm.io/gorm"
//! type Account struct {
//! 	ID    uint   `gorm:"primaryKey" json:"id"`
//! 	Email string `json:"email"`
//! 	Role  string `json:"role"`
//! }
//! func create(c *gin.Context, db *gorm.DB) {
//! 	var account Account
//! 	if err := c.ShouldBindJSON(&account); err != nil {
//! 		//       ^^^^^^^^^^^^^^^^ the client sets `Role` of `account`, which `db.Create` stores
//! 		return
//! 	}
//! 	db.Create(&account)
//! }
//! ```
//! ```go good
//! import "github.com/gin-gonic/gin"
//! import "gorm.io/gorm"
//! type Account struct {
//! 	ID    uint   `gorm:"primaryKey" json:"id"`
//! 	Email string `json:"email"`
//! 	Role  string `json:"role"`
//! }
//! func create(c *gin.Context, db *gorm.DB) {
//! 	var account Account
//! 	if err := c.ShouldBindJSON(&account); err != nil {
//! 		return
//! 	}
//! 	account.Role = "customer" // whatever the client has sent
//! 	db.Create(&account)
//! }
//! ```
//!
//! ```go bad
//! import "encoding/json"
//! import "net/http"
//! import "gorm.io/gorm"
//! type Profile struct {
//! 	ID   uint `gorm:"primaryKey"`
//! 	Name string
//! }
//! func update(db *gorm.DB) http.HandlerFunc {
//! 	return func(w http.ResponseWriter, r *http.Request) {
//! 		var set map[string]any
//! 		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<10)).Decode(&set); err != nil {
//! 			//       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the client chooses which fields `db.Model(&Profile{}).Updates` sets, because `set` takes every key of the body
//! 			http.Error(w, "bad profile", http.StatusBadRequest)
//! 			return
//! 		}
//! 		if err := db.Model(&Profile{}).Updates(set).Error; err != nil {
//! 			http.Error(w, "cannot save", http.StatusInternalServerError)
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! import "encoding/json"
//! import "net/http"
//! import "gorm.io/gorm"
//! type Profile struct {
//! 	ID   uint `gorm:"primaryKey"`
//! 	Name string
//! }
//! func update(db *gorm.DB) http.HandlerFunc {
//! 	return func(w http.ResponseWriter, r *http.Request) {
//! 		var set map[string]any
//! 		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<10)).Decode(&set); err != nil {
//! 			http.Error(w, "bad profile", http.StatusBadRequest)
//! 			return
//! 		}
//! 		for key := range set {
//! 			if key != "name" {
//! 				delete(set, key) // what is not in the list is not stored
//! 			}
//! 		}
//! 		if err := db.Model(&Profile{}).Updates(set).Error; err != nil {
//! 			http.Error(w, "cannot save", http.StatusInternalServerError)
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! A client makes itself an administrator, or fills its own balance, with one more key in the JSON. The response is an ordinary 201, and no
//! log line differs; it shows, if at all, as rows whose role nobody granted. A test that posts `"role": "admin"` and reads the row back
//! fails until it is repaired.
//!
//! # Verify
//!
//! - `curl -s -X POST -H 'Content-Type: application/json' -d '{"role":"admin"}' http://localhost:8080/PATH`: against a local instance;
//!   the row must not have the role
//! - `go test -run {test} {package}`: a test that sends each field which only the server may set
//!
//! # Options
//!
//! - Decode into a type of its own, and copy the fields that a client may set: what is accepted is written down; one more type for each
//!   request
//!   - senior, backend, cloud-native, data: a new column is closed to clients until somebody opens it
//! - Keep the fields out with `json:"-"`: one line for each field; who adds a field has to remember it
//!   - throughput: nothing is copied
//!
//! # References
//!
//! - [OWASP, "Mass Assignment Cheat Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Mass_Assignment_Cheat_Sheet.html)
use gopeer_lint::prelude::*;

use super::support::listed;

pub static RULE: Rule = Rule {
    id: "security/mass-assignment",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Security, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(BINDS, check)],
    examines: "values that requests fill",
};

const BINDS: &[&str] = &[
    "encoding/json.Decoder.Decode",
    "github.com/gin-gonic/gin.Context.Bind",
    "github.com/gin-gonic/gin.Context.BindJSON",
    "github.com/gin-gonic/gin.Context.ShouldBind",
    "github.com/gin-gonic/gin.Context.ShouldBindJSON",
    "github.com/labstack/echo/v4.Context.Bind",
    "github.com/gofiber/fiber/v2.Ctx.BodyParser",
];

fn check(cx: &mut Cx, bind: Call) {
    let Some(func) = cx.enclosing_func(bind.expr).filter(|&func| !cx.is_long(func)) else { return };
    let reads_body = bind.callee.name != "Decode" || bind.receiver.is_some_and(|decoder| decodes_body(cx, decoder));
    let (Some(&target), true) = (bind.args.first(), reads_body && cx.answers_requests(bind.expr)) else { return };
    let filled = match cx.expr(cx.unparen(target)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => cx.unparen(operand),
        _ => cx.unparen(target),
    };
    let Def::Local(declared) = cx.def(filled) else { return };
    match cx.under(filled) {
        Type::Map { .. } => check_map(cx, func, bind, declared),
        _ => check_row(cx, func, bind, (filled, declared)),
    }
}

/// What takes the names of fields or columns from a map, or from a document.
const TAKES_FIELDS: &[&str] = &[
    "go.mongodb.org/mongo-driver/mongo.Collection.FindOneAndUpdate",
    "go.mongodb.org/mongo-driver/mongo.Collection.InsertOne",
    "go.mongodb.org/mongo-driver/mongo.Collection.ReplaceOne",
    "go.mongodb.org/mongo-driver/mongo.Collection.UpdateByID",
    "go.mongodb.org/mongo-driver/mongo.Collection.UpdateMany",
    "go.mongodb.org/mongo-driver/mongo.Collection.UpdateOne",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.FindOneAndUpdate",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.InsertOne",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.ReplaceOne",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.UpdateByID",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.UpdateMany",
    "go.mongodb.org/mongo-driver/v2/mongo.Collection.UpdateOne",
    "gorm.io/gorm.DB.Create",
    "gorm.io/gorm.DB.UpdateColumns",
    "gorm.io/gorm.DB.Updates",
];

/// A map with whatever the body names, that is stored as it is.
fn check_map(cx: &mut Cx, func: Func, bind: Call, declared: ExprId) {
    let Some(write) = written_after(cx, func, bind, &|call| takes_fields(cx, call, declared)) else { return };
    cx.examined();
    if asks_who(cx, func) || !goes_unseen(cx, declared, &[cx.span(bind.expr), cx.span(write.expr)]) {
        return;
    }
    let (name, writes) = (cx.source(declared), cx.source(write.fun));
    let steps = [
        (cx.span(bind.fun), format!("each key of the body becomes one of `{name}`")),
        (cx.span(write.fun), "they are stored here".to_owned()),
    ];
    cx.report(
        bind.fun,
        format!("the client chooses which fields `{writes}` sets, because `{name}` takes every key of the body"),
    )
    .steps(steps)
    .note("decode into a type with the fields that a client may set, or refuse keys that are not in a list");
}

/// Whether a call makes the keys of a map the names of what it stores, also through functions of the package.
fn takes_fields(cx: &Cx, call: Call, map: ExprId) -> bool {
    let at = call.args.iter().position(|&arg| is_stored(cx, arg, map));
    at.is_some_and(|at| call.callee.is(TAKES_FIELDS) || cx.find_within(call, stores_keys, at).is_some())
}

/// Where a function stores a map that it is given, by its keys.
fn stores_keys(cx: &Cx, decl: DeclId, index: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into()).filter(|&func| !cx.is_long(func))?;
    let map = cx.param_at(func, index)?;
    let calls = cx.calls_within(func.body, false);
    let stores = |node: &Node| match *node {
        Node::Expr(call) => cx.call(call).is_some_and(|call| takes_fields(cx, call, map)).then_some(call),
        _ => None,
    };
    calls.iter().find_map(stores).filter(|&call| goes_unseen(cx, map, &[cx.span(call)]))
}

/// Whether a value is a map as a whole: itself, converted, or in `bson.M{"$set": fields}`.
fn is_stored(cx: &Cx, value: ExprId, map: ExprId) -> bool {
    let sets = |key| cx.string_value(key).is_some_and(|key| matches!(&*key, "$set" | "$setOnInsert"));
    match cx.expr(cx.unparen(value)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => is_stored(cx, operand, map),
        Expr::Call { fun, args, .. } if cx.is_type_expr(fun) => {
            cx.only(args).is_some_and(|arg| is_stored(cx, arg, map))
        }
        Expr::Composite { elems, .. } => cx.exprs(elems).iter().any(|&elem| match cx.expr(elem) {
            Expr::KeyValue { key, value } => sets(key) && is_stored(cx, value, map),
            // `bson.D{{"$set", fields}}`, with or without the names of the two
            Expr::Composite { elems: pair, .. } => match cx.exprs(pair) {
                &[key, value] => sets(part(cx, key)) && is_stored(cx, part(cx, value), map),
                _ => false,
            },
            _ => false,
        }),
        _ => cx.def(cx.unparen(value)) == Def::Local(map),
    }
}

/// The value of an element of a literal.
fn part(cx: &Cx, elem: ExprId) -> ExprId {
    match cx.expr(elem) {
        Expr::KeyValue { value, .. } => value,
        _ => elem,
    }
}

/// Whether the keys of a map are neither looked at, nor taken out, nor handed to a check, but for these places.
fn goes_unseen(cx: &Cx, map: ExprId, places: &[Span]) -> bool {
    let is_counted = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(around)) => match cx.expr(around) {
            Expr::Call { fun, .. } => cx.is_builtin(fun, "len"),
            Expr::Binary { .. } => true,
            _ => false,
        },
        _ => false,
    };
    let is_at_place = |used: ExprId| places.iter().any(|place| place.contains(cx.span(used)));
    cx.names.uses(map).all(|used| used == map || is_at_place(used) || is_counted(used))
}

/// A row with fields that only the server may set.
fn check_row(cx: &mut Cx, func: Func, bind: Call, (filled, declared): (ExprId, ExprId)) {
    let is_row = |arg: ExprId| match cx.expr(cx.unparen(arg)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => cx.def(cx.unparen(operand)) == Def::Local(declared),
        _ => cx.def(cx.unparen(arg)) == Def::Local(declared),
    };
    let fields = fields_of_server(cx, filled, is_loaded(cx, func, bind, &is_row));
    if fields.is_empty() || asks_who(cx, func) {
        return;
    }
    let stores = |call: Call| call.args.iter().any(|&arg| is_row(arg)) && cx.effects(call.expr).has(Effects::WRITE);
    let write = written_after(cx, func, bind, &stores);
    cx.examined();
    let Some(write) = write else { return };
    let between = |at: Span| cx.span(bind.expr).start < at.start && at.start < cx.span(write.expr).start;
    let is_set = |field: &&str| {
        cx.names.uses(declared).take(64).any(|used| match cx.tree.parent(used) {
            Some(Node::Expr(selector)) => {
                matches!(cx.expr(selector), Expr::Selector { name, .. } if cx.source(name) == *field)
                    && cx.is_target(selector)
                    && between(cx.span(selector))
            }
            _ => false,
        })
    };
    let open: Vec<&str> = fields.iter().copied().filter(|field| !is_set(field)).take(3).collect();
    if open.is_empty() {
        return;
    }
    let (name, writes) = (cx.source(filled), cx.source(write.fun));
    let steps = [
        (cx.span(bind.fun), format!("each field that the body names is set in `{name}`")),
        (cx.span(write.fun), "it is stored here".to_owned()),
    ];
    cx.report(bind.fun, format!("the client sets {} of `{name}`, which `{writes}` stores", listed(&open)))
        .steps(steps)
        .note("decode into a type with the fields that a client may set, or tag the others `json:\"-\"`");
}

/// Whether a decoder reads the body of a request.
fn decodes_body(cx: &Cx, decoder: ExprId) -> bool {
    let made = cx.initial_value(decoder).unwrap_or(decoder);
    let is_body = |id| match cx.expr(id) {
        Expr::Selector { base, name } => cx.source(name) == "Body" && cx.has_type(base, &["net/http.Request"]),
        _ => false,
    };
    cx.find_expr(made, false, is_body).is_some()
}

/// The fields of a row that a client can name and that only the server may set. In a row that was loaded, the keys are such: they
/// say which row is written, and whose it is.
fn fields_of_server<'a>(cx: &Cx<'a>, row: ExprId, loaded: bool) -> Vec<&'a str> {
    const OF_SERVER: &[&str] = &[
        "admin",
        "balance",
        "credit",
        "credits",
        "owner",
        "permission",
        "permissions",
        "plan",
        "privilege",
        "privileges",
        "role",
        "roles",
        "superuser",
        "verified",
    ];
    let Type::Struct(fields) = cx.store.under(cx.deref(cx.ty(row))) else { return Vec::new() };
    let tag = |field: &gopeer_sema::types::Field| field.tag.map(|tag| cx.store.text(tag)).unwrap_or_default();
    let is_row = |field| ["gorm:\"", "db:\"", "bson:\""].iter().any(|mark| tag(field).contains(mark));
    if !fields.fields.iter().any(is_row) {
        return Vec::new();
    }
    let is_open = |field: &&gopeer_sema::types::Field| {
        let name = cx.store.text(field.name);
        let words = words(name);
        let is_key = || loaded && (words == ["id"] || words.iter().any(|word| word == "tenant"));
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && !tag(field).contains("json:\"-\"")
            && (words.iter().any(|word| OF_SERVER.contains(&word.as_str())) || is_key())
    };
    fields.fields.iter().filter(is_open).map(|field| cx.store.text(field.name)).collect()
}

/// Whether a function is for administrators, or asks who calls it.
fn asks_who(cx: &Cx, func: Func) -> bool {
    const ASKS: &[&str] = &[
        "admin",
        "allowed",
        "authorize",
        "authorized",
        "can",
        "forbidden",
        "permission",
        "permissions",
        "role",
        "superuser",
    ];
    let says = |text: &str| words(text).iter().any(|word| ASKS.contains(&word.as_str()));
    let asks = |cx: &Cx, node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. }));
    let conds = cx.within(func.body, false, asks);
    let cond = |node: &Node| match *node {
        Node::Stmt(id) => match cx.stmt(id) {
            Stmt::If { cond, .. } => says(cx.source(cond)),
            _ => false,
        },
        _ => false,
    };
    cx.enclosing_decl(func.node).and_then(|decl| cx.func_name(decl)).is_some_and(says)
        || conds.iter().take(64).any(cond)
}

/// Whether a row has been read from storage before the body fills it.
fn is_loaded(cx: &Cx, func: Func, bind: Call, is_row: &dyn Fn(ExprId) -> bool) -> bool {
    let before = cx.span(bind.expr).start;
    let loads = |call: Call| call.args.iter().any(|&arg| is_row(arg)) && cx.effects(call.expr).has(Effects::QUERY);
    cx.calls_within(func.body, false).iter().filter(|node| cx.tree.span(**node).start < before).any(
        |&node| match node {
            Node::Expr(call) => cx.call(call).is_some_and(loads),
            _ => false,
        },
    )
}

/// The first call after another one that stores what that has filled.
fn written_after<'a>(cx: &Cx<'a>, func: Func, bind: Call<'a>, stores: &dyn Fn(Call<'a>) -> bool) -> Option<Call<'a>> {
    let calls = cx.calls_within(func.body, false);
    let after = cx.span(bind.expr).end;
    calls.iter().filter(|node| cx.tree.span(**node).start > after).find_map(|&node| {
        let Node::Expr(call) = node else { return None };
        cx.call(call).filter(|&call| stores(call))
    })
}
