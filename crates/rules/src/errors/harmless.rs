//! Errors that are no loss where they are discarded.

use gopeer_lint::prelude::*;
use gopeer_sema::Mode;

use super::encodes::always_encodes;
use super::ignorable::is_ignorable;
use super::support::waits;

/// Functions whose failure leaves a usable zero value, or means a broken machine.
const HARMLESS: &[&str] = &[
    "os.Hostname",
    "os.Getwd",
    "os.Executable",
    "os.UserHomeDir",
    "path/filepath.Abs",
    // What is not a boolean is not true.
    "strconv.ParseBool",
    "mime.ParseMediaType",
    "net.SplitHostPort",
    "database/sql.Result.RowsAffected",
    "database/sql/driver.Result.RowsAffected",
    // Sniffing takes what there is.
    "io.ReadFull",
    // Fails with its context alone.
    "golang.org/x/sync/semaphore.Weighted.Acquire",
    // Takes as long for a name that is not known as for others.
    "golang.org/x/crypto/bcrypt.CompareHashAndPassword",
];

/// Whether the error of a value is no loss where it is discarded.
pub(super) fn is_harmless(cx: &Cx, value: ExprId) -> bool {
    let Expr::Call { args, .. } = cx.expr(value) else {
        // `_ = err` keeps the compiler quiet about a name; a conversion or literal is no failure.
        return !matches!(cx.expr(value), Expr::Ident);
    };
    let Some(callee) = cx.callee(value) else { return false };
    is_ignorable(cx, value)
        || callee.is(HARMLESS)
        || callee.path == "syscall"
        || callee.is(&["path/filepath.Rel"]) && is_walked(cx, value, cx.exprs(args))
        || callee.name.starts_with("Set") && callee.name.ends_with("Deadline")
        || callee.path.starts_with("github.com/spf13/pflag") && callee.name.starts_with("Get")
        || is_constant_parse(cx, callee.path, cx.exprs(args))
        || callee.is(&["encoding/json.Marshal", "encoding/json.MarshalIndent"])
            && cx.exprs(args).first().is_some_and(|&arg| always_encodes(cx, cx.ty(arg)))
}

/// Whether a function that walks a folder calls this, given the folder: what lies below it has a path from there.
fn is_walked(cx: &Cx, rel: ExprId, args: &[ExprId]) -> bool {
    const WALKS: &[&str] = &["path/filepath.Walk", "path/filepath.WalkDir"];
    let walk = cx.tree.ancestors(rel).find_map(|node| match node {
        Node::Expr(id) => cx.call(id).filter(|call| call.callee.is(WALKS)),
        _ => None,
    });
    let Some((walk, &root)) = walk.zip(args.first()) else { return false };
    walk.args.first().is_some_and(|&walked| cx.same_pure(walked, root))
}

/// Packages whose functions parse texts.
const PARSERS: &[&str] = &[
    "encoding/base64",
    "encoding/hex",
    "html/template",
    "net",
    "net/http",
    "net/netip",
    "net/url",
    "regexp",
    "strconv",
    "text/template",
    "time",
    "math/big",
];

/// What parses constants fails on each run or on none.
fn is_constant_parse(cx: &Cx, path: &str, args: &[ExprId]) -> bool {
    let constant = |&arg: &ExprId| cx.constant_value(arg).is_some() || matches!(cx.facts.mode(arg), Mode::Nil);
    PARSERS.contains(&path) && !args.is_empty() && args.iter().all(constant)
}

/// Whether a call that fails leaves a zero value, and loses no data: it parses, or prepares what a later call needs.
pub(super) fn leaves_zero(cx: &Cx, call: ExprId) -> bool {
    let prepares = |name: &str| ["Mkdir", "New", "ReadAll", "Unmarshal"].iter().any(|start| name.starts_with(start));
    cx.callee(call).is_some_and(|callee| prepares(callee.name) || PARSERS.contains(&callee.path) && !waits(cx, call))
}
