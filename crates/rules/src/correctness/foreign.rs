//! Values that somebody else put in: what a context, a cache or a token keeps, and what was decoded.

use gopeer_lint::prelude::*;

/// Functions that give what somebody else put in.
const SOURCES: &[&str] = &[
    "context.Context.Value",
    "plugin.Plugin.Lookup",
    "github.com/gin-gonic/gin.Context.MustGet",
    "github.com/gin-gonic/gin.Context.Value",
    "github.com/labstack/echo/v4.Context.Get",
    "github.com/gofiber/fiber/v2.Ctx.Locals",
    "github.com/spf13/viper.Get",
    "github.com/spf13/viper.Viper.Get",
];

/// Methods that give that, and whether there is something: with the second result thrown away, it may be nil.
const LOOKUPS: &[&str] = &[
    "sync.Map.Load",
    "sync.Map.LoadAndDelete",
    "github.com/gin-gonic/gin.Context.Get",
    "github.com/hashicorp/golang-lru.Cache.Get",
    "github.com/hashicorp/golang-lru.Cache.Peek",
    "github.com/hashicorp/golang-lru/v2.Cache.Get",
];

/// Functions that decode text into what their first or second argument points to.
const DECODERS: &[&str] = &[
    "encoding/json.Unmarshal",
    "encoding/json.Decoder.Decode",
    "github.com/gin-gonic/gin.Context.BindJSON",
    "github.com/gin-gonic/gin.Context.ShouldBindJSON",
    "gopkg.in/yaml.v3.Unmarshal",
    "gopkg.in/yaml.v3.Decoder.Decode",
];

/// What a writer of responses can do besides, unless a middleware has wrapped it.
const OF_WRITERS: &[&str] = &["net/http.Flusher", "net/http.Hijacker", "net/http.Pusher", "io.ReaderFrom"];

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A `context.Context`.
    Context,
    /// A token, a cache.
    Elsewhere,
    /// A panic, which may be of any type though it is not nil.
    Panic,
    /// What JSON is decoded to: an `any`, or the map or slice of `any` in it.
    Decoded,
}

/// Where a value that is asserted to be of type `ty` comes from, if somebody else put it in.
pub(super) fn origin_of(cx: &Cx, base: ExprId, ty: TypeId) -> Option<Origin> {
    let base = cx.unparen(base);
    if cx.type_is(cx.ty(base), &["github.com/golang-jwt/jwt/v5.Claims"]) {
        let Expr::Selector { base: token, .. } = cx.expr(base) else { return None };
        return (!holds_claims(cx, token, ty)).then_some(Origin::Elsewhere);
    }
    if cx.type_is(cx.ty(base), &["net/http.ResponseWriter"]) {
        return cx.type_is(ty, OF_WRITERS).then_some(Origin::Elsewhere);
    }
    if !is_any(cx, cx.ty(base)) {
        return None;
    }
    match cx.expr(base) {
        Expr::Call { .. } => given_by(cx, base),
        Expr::Index { base: holder, .. } => holds_decoded(cx, holder).then_some(Origin::Decoded),
        Expr::Ident => of_local(cx, base),
        _ => None,
    }
}

/// Where a local has its value from.
fn of_local(cx: &Cx, local: ExprId) -> Option<Origin> {
    let Def::Local(declaring) = cx.def(local) else { return None };
    if is_decoded_into(cx, declaring) {
        return Some(Origin::Decoded);
    }
    if cx.is_reassigned(local) {
        return None;
    }
    if let Some(Node::Stmt(stmt)) = cx.tree.parent(declaring)
        && let Stmt::Range { value: Some(value), subject, .. } = cx.stmt(stmt)
    {
        return (value == declaring && holds_decoded(cx, subject)).then_some(Origin::Decoded);
    }
    let (value, index) = cx.origin(local)?;
    let value = cx.unparen(value);
    if cx.is_compared_with_nil(local) && !is_recover(cx, value) {
        return None;
    }
    match cx.expr(value) {
        _ if index == 0 && cx.calls(value, LOOKUPS) => drops_ok(cx, local).then_some(Origin::Elsewhere),
        Expr::Call { .. } => given_by(cx, value),
        Expr::Index { base: holder, .. } if index == 0 && !has_ok(cx, local) => {
            holds_decoded(cx, holder).then_some(Origin::Decoded)
        }
        _ => None,
    }
}

fn given_by(cx: &Cx, call: ExprId) -> Option<Origin> {
    match cx.callee(call) {
        Some(callee) if callee.is(&["context.Context.Value"]) => Some(Origin::Context),
        Some(callee) if callee.is(SOURCES) => Some(Origin::Elsewhere),
        _ => is_recover(cx, call).then_some(Origin::Panic),
    }
}

/// Whether a value is asked of a context by a key that is no text: the package that declares the key puts the value in.
pub(super) fn has_key_of_project(cx: &Cx, base: ExprId) -> bool {
    let value = cx.initial_value(base).unwrap_or(base);
    let Some(Call { args: &[key], .. }) = cx.call(value) else { return false };
    cx.string_value(key).is_none() || !matches!(cx.store.get(cx.ty(key)), Type::Basic(_))
}

/// Whether what holds a decoded value comes from outside as far as the function shows: it decodes something, or gives a pointer
/// to the holder to a call; or the holder is a session or the claims of a token.
pub(super) fn comes_from_outside(cx: &Cx, base: ExprId) -> bool {
    let decodes = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.calls(id, DECODERS));
    let in_function = |func: Func| !cx.within(func.body, true, decodes).is_empty();
    cx.enclosing_func(base).is_some_and(in_function) || is_given_out(cx, base) || is_session(cx, base)
}

/// The local at the root of `m["a"].(map[string]any)["b"]`, and of a local that got such a value.
fn root_of(cx: &Cx, base: ExprId) -> ExprId {
    /// Few values are nested deeper.
    const STEPS: usize = 20;
    let mut root = cx.unparen(base);
    for _ in 0..STEPS {
        root = cx.unparen(match cx.expr(root) {
            Expr::Index { base, .. } | Expr::TypeAssert { base, .. } => base,
            Expr::Ident => match cx.origin(root).map(|(value, _)| (value, cx.expr(cx.unparen(value)))) {
                Some((value, Expr::Index { .. } | Expr::TypeAssert { .. })) => value,
                _ => return root,
            },
            _ => return root,
        });
    }
    root
}

/// Whether a call gets a pointer to the value, and may fill it.
fn is_given_out(cx: &Cx, base: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(root_of(cx, base)) else { return false };
    let is_address = |used| matches!(cx.tree.parent(used), Some(Node::Expr(addr)) if matches!(cx.expr(addr), Expr::Unary { op: UnaryOp::Addr, .. }));
    cx.names.uses(declaring).any(is_address)
}

/// A `map[any]any`, as sessions are, and a map of a type of its own, as claims are.
fn is_session(cx: &Cx, base: ExprId) -> bool {
    let root = root_of(cx, base);
    let is_named = matches!(cx.store.get(cx.ty(root)), Type::Named(..));
    is_named || matches!(cx.under(root), Type::Map { key, .. } if is_any(cx, key))
}

fn is_recover(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.expr(call), Expr::Call { fun, .. } if cx.is_builtin(fun, "recover"))
}

/// Whether a pointer to the local is given to a decoder.
fn is_decoded_into(cx: &Cx, declaring: ExprId) -> bool {
    cx.once(declaring, decoding).is_some()
}

/// The call that decodes into a local.
fn decoding(cx: &Cx, declaring: Node) -> Option<Node> {
    let Node::Expr(declaring) = declaring else { return None };
    cx.names.uses(declaring).find_map(|used| {
        let Node::Expr(addr) = cx.tree.parent(used)? else { return None };
        let Expr::Unary { op: UnaryOp::Addr, .. } = cx.expr(addr) else { return None };
        cx.tree.parent(addr).filter(|&call| matches!(call, Node::Expr(call) if cx.calls(call, DECODERS)))
    })
}

/// Whether a local is defined together with an `ok` that is kept.
fn has_ok(cx: &Cx, value: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(value) else { return false };
    let Some(Node::Stmt(stmt)) = cx.tree.parent(declaring) else { return false };
    matches!(cx.stmt(stmt), Stmt::Assign { lhs, .. } if matches!(cx.exprs(lhs), [_, ok] if cx.source(*ok) != "_"))
}

fn drops_ok(cx: &Cx, value: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(value) else { return false };
    let Some(Node::Stmt(stmt)) = cx.tree.parent(declaring) else { return false };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return false };
    matches!(cx.exprs(lhs), [_, ok] if cx.source(*ok) == "_") && !cx.is_compared_with_nil(value)
}

/// Whether the token was parsed here into claims of this type, and the error of that is looked at: `jwt.ParseWithClaims(text,
/// &claims{}, key)`, and `jwt.Parse`, which makes a `jwt.MapClaims` (package jwt).
fn holds_claims(cx: &Cx, token: ExprId, ty: TypeId) -> bool {
    const WITH_CLAIMS: &[&str] =
        &["github.com/golang-jwt/jwt/v5.ParseWithClaims", "github.com/golang-jwt/jwt/v5.Parser.ParseWithClaims"];
    const PLAIN: &[&str] = &["github.com/golang-jwt/jwt/v5.Parse", "github.com/golang-jwt/jwt/v5.Parser.Parse"];
    let Some((call, 0)) = cx.origin(token).filter(|_| !cx.is_reassigned(token)) else { return false };
    let Expr::Call { args, .. } = cx.expr(cx.unparen(call)) else { return false };
    let same = match cx.exprs(args) {
        [_, claims, ..] if cx.calls(call, WITH_CLAIMS) => cx.ty(*claims) == ty,
        _ => cx.calls(call, PLAIN) && cx.type_is(ty, &["github.com/golang-jwt/jwt/v5.MapClaims"]),
    };
    let Some(Node::Stmt(define)) = cx.tree.parent(call) else { return false };
    let Stmt::Assign { lhs, .. } = cx.stmt(define) else { return false };
    same && matches!(cx.exprs(lhs), &[_, err] if cx.is_compared_with_nil(err))
}

fn is_any(cx: &Cx, ty: TypeId) -> bool {
    match cx.store.get(ty) {
        Type::Interface(interface) => interface.methods.is_empty() && interface.embeds.is_empty(),
        _ => false,
    }
}

/// Whether a value is a `map[string]any` (or `jwt.MapClaims`), a `map[any]any`, or a `[]any` that was decoded: others are lists
/// of arguments.
fn holds_decoded(cx: &Cx, holder: ExprId) -> bool {
    match cx.under(holder) {
        Type::Map { key, value } => {
            let is_text = matches!(cx.store.under(key), Type::Basic(basic) if basic.is_string());
            is_any(cx, value) && (is_text || is_any(cx, key))
        }
        Type::Slice(elem) => is_any(cx, elem) && was_decoded(cx, holder),
        _ => false,
    }
}

/// Whether a list was asserted out of what was decoded, or is decoded into.
fn was_decoded(cx: &Cx, list: ExprId) -> bool {
    let is_asserted = |value| matches!(cx.expr(cx.unparen(value)), Expr::TypeAssert { .. });
    match cx.def(list) {
        Def::Local(declaring) => {
            is_decoded_into(cx, declaring) || cx.origin(list).is_some_and(|(value, _)| is_asserted(value))
        }
        _ => is_asserted(list),
    }
}

/// Whether decoders put such values into an `any`: a private map of pointers to structs is filled by its own package.
pub(super) fn is_decoded_to(cx: &Cx, ty: TypeId) -> bool {
    match cx.store.get(ty) {
        Type::Basic(_) => true,
        Type::Slice(elem) | Type::Map { value: elem, .. } => is_any(cx, elem),
        _ => cx.type_is(ty, &["encoding/json.Number"]),
    }
}
