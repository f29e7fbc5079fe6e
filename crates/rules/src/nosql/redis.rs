//! Commands of go-redis.

use gopeer_lint::prelude::*;

/// Whether a package is go-redis, under its name of today or the one before version 9.
pub(super) fn is_go_redis(path: &str) -> bool {
    path.starts_with("github.com/redis/go-redis/") || path.starts_with("github.com/go-redis/redis/")
}

/// Whether the type is one of go-redis's commands: a pointer to a type of its package whose name ends in `Cmd`.
pub(super) fn is_command(cx: &Cx, ty: TypeId) -> bool {
    let Type::Pointer(elem) = cx.store.get(ty) else { return false };
    cx.store.qualified_name(elem).is_some_and(|(path, name)| is_go_redis(path) && name.ends_with("Cmd"))
}

/// Whether a command is queued, to be run with others, instead of run: `pipe.Get(ctx, key)`, `script.Run(ctx, pipe, keys)`.
pub(super) fn is_queued(cx: &Cx, call: ExprId) -> bool {
    let named = |ty| cx.store.qualified_name(ty).filter(|(_, name)| name.contains("Pipeline"));
    let is_given = || {
        let args = cx.call(call).map_or(&[][..], |call| call.args);
        args.iter().any(|&arg| named(cx.ty(arg)).is_some_and(|(path, _)| is_go_redis(path)))
    };
    cx.receiver_type(call).and_then(named).is_some() || is_given()
}
