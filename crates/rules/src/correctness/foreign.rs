//! Values that somebody else put in: what a context, a cache or a token keeps, and what was decoded.

use gopeer_lint::prelude::*;

/// Methods that give what somebody else put in.
const SOURCES: &[&str] = &[
    "context.Context.Value",
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

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A context, a token or a cache.
    Elsewhere,
    /// A map or slice of `any`, as JSON is decoded to.
    Decoded,
}

/// Where a value that is asserted to be of type `ty` comes from, if somebody else put it in.
pub(super) fn origin_of(cx: &Cx, base: ExprId, ty: TypeId) -> Option<Origin> {
    let base = cx.unparen(base);
    if cx.type_is(cx.ty(base), &["github.com/golang-jwt/jwt/v5.Claims"]) {
        let Expr::Selector { base: token, .. } = cx.expr(base) else { return None };
        return (!holds_claims(cx, token, ty)).then_some(Origin::Elsewhere);
    }
    if !is_any(cx, cx.ty(base)) {
        return None;
    }
    match cx.expr(base) {
        Expr::Call { .. } => cx.calls(base, SOURCES).then_some(Origin::Elsewhere),
        Expr::Index { base: map, .. } => holds_decoded(cx, map).then_some(Origin::Decoded),
        Expr::Ident => {
            let (value, index) = cx.origin(base)?;
            let value = cx.unparen(value);
            let once = !cx.is_reassigned(base);
            let looked_up = index == 0 && cx.calls(value, LOOKUPS) && drops_ok(cx, base);
            let read = cx.calls(value, SOURCES) && !cx.is_compared_with_nil(base);
            (once && (looked_up || read)).then_some(Origin::Elsewhere)
        }
        _ => None,
    }
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

/// Whether `map` is a `map[string]any` (or `jwt.MapClaims`).
fn holds_decoded(cx: &Cx, map: ExprId) -> bool {
    match cx.under(map) {
        Type::Map { key, value } => {
            is_any(cx, value) && matches!(cx.store.under(key), Type::Basic(basic) if basic.is_string())
        }
        _ => false,
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
