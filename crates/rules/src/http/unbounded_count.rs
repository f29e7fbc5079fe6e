//! A client decides how many rows are loaded, or how much is allocated, without a limit.
//!
//! `?limit=100000000` loads the whole table into memory, and `make([]byte, n)` takes what there is, or panics where `n` is negative. One request
//! is enough for an out-of-memory kill, which takes all others along. Compare the number with the most that a client may ask for, or let
//! `min(n, most)` do it.
//!
//! Limits: looked at are numbers that a request holds or that `strconv` reads out of it, where the same function uses them; a comparison with
//! anything but 0 and 1 counts as a limit.
//!
//! ```go bad
//! func list(db *sql.DB) http.HandlerFunc {
//! 	return func(w http.ResponseWriter, r *http.Request) {
//! 		limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
//! 		if err != nil || limit <= 0 {
//! 			limit = 50
//! 		}
//! 		rows, err := db.QueryContext(r.Context(), `SELECT id FROM orders ORDER BY id LIMIT $1`, limit)
//! 		//                                                                                      ^^^^^ the client decides by `limit` how many rows are loaded, without a limit
//! 		if err != nil {
//! 			http.Error(w, "orders", http.StatusInternalServerError)
//! 			return
//! 		}
//! 		defer rows.Close()
//! 		write(w, rows)
//! 	}
//! }
//! ```
//! ```go good
//! func list(db *sql.DB) http.HandlerFunc {
//! 	return func(w http.ResponseWriter, r *http.Request) {
//! 		limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
//! 		if err != nil || limit <= 0 || limit > 200 {
//! 			limit = 50
//! 		}
//! 		rows, err := db.QueryContext(r.Context(), `SELECT id FROM orders ORDER BY id LIMIT $1`, limit)
//! 		if err != nil {
//! 			http.Error(w, "orders", http.StatusInternalServerError)
//! 			return
//! 		}
//! 		defer rows.Close()
//! 		write(w, rows)
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "http/unbounded-count",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Security, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "numbers from clients",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    let (sizes, does) = match cx.is_builtin(fun, "make") {
        true => (cx.exprs(args).get(1..).unwrap_or_default().to_vec(), "how much is allocated"),
        false => (limit(cx, cx.exprs(args)).into_iter().collect(), "how many rows are loaded"),
    };
    for size in sizes {
        let count = unconverted(cx, size);
        if cx.constant_value(count).is_some() {
            continue;
        }
        cx.examined();
        let names = names(cx, count);
        let sources = || names.iter().filter_map(|&name| given(cx, name));
        let Some((_, steps)) = sources().find_map(|source| cx.tainted(source, Kinds::ALL)) else { continue };
        if names.iter().any(|&name| is_bounded(cx, call, name)) {
            continue;
        }
        let name = cx.source(count);
        cx.report(size, format!("the client decides by `{name}` {does}, without a limit"))
            .steps(steps)
            .note("compare it with the most that a client may ask for, or use `min`");
        return;
    }
}

/// The value for the LIMIT of a statement that is written out, among the arguments that follow its text.
fn limit(cx: &Cx, args: &[ExprId]) -> Option<ExprId> {
    let (at, text) = args.iter().enumerate().find_map(|(at, &arg)| {
        let text = cx.string_value(arg)?;
        text.contains("LIMIT ").then_some((at, text))
    })?;
    let (before, after) = text.rsplit_once("LIMIT ")?;
    let place = match after.trim_start().strip_prefix('$') {
        Some(number) => number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?,
        None if after.trim_start().starts_with('?') => before.matches('?').count() + 1,
        None => return None,
    };
    args.get(at + place).copied()
}

/// What is converted to another type of number.
fn unconverted(cx: &Cx, value: ExprId) -> ExprId {
    let under = |value: &ExprId| match cx.expr(cx.unparen(*value)) {
        Expr::Call { fun, args, .. } if cx.is_type_expr(fun) => cx.only(args),
        _ => None,
    };
    std::iter::successors(Some(cx.unparen(value)), under).take(4).last().unwrap_or(value)
}

/// A number, and the local that it is assigned from, where it has a default: `size = n`.
fn names(cx: &Cx, count: ExprId) -> Vec<ExprId> {
    let Def::Local(declared) = cx.def(count) else { return vec![count] };
    let assigned = |used: ExprId| {
        let Node::Stmt(stmt) = cx.tree.parent(used)? else { return None };
        match cx.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Assign, rhs } if cx.only(lhs) == Some(used) => cx.only(rhs),
            _ => None,
        }
    };
    let values = cx.names.uses(declared).filter_map(assigned).map(|value| unconverted(cx, value));
    std::iter::once(count).chain(values.filter(|&value| cx.expr(value) == Expr::Ident)).take(8).collect()
}

/// What a number comes from that may be input: the text that it was read from, or the message that it is a field of.
fn given(cx: &Cx, count: ExprId) -> Option<ExprId> {
    const READS: &[&str] = &["strconv.Atoi", "strconv.ParseInt", "strconv.ParseUint"];
    match cx.expr(count) {
        Expr::Ident => {
            let (made, _) = cx.origin(count)?;
            let call = cx.call(unconverted(cx, made)).filter(|call| call.callee.is(READS))?;
            call.args.first().copied()
        }
        Expr::Selector { base, .. } if !cx.is_qualified(count) => Some(base).filter(|_| !is_limited_by_tag(cx, count)),
        _ => None,
    }
}

/// Whether a tag of the field tells a validator how large it may be.
fn is_limited_by_tag(cx: &Cx, selector: ExprId) -> bool {
    let Expr::Selector { base, name } = cx.expr(selector) else { return false };
    let Type::Struct(structure) = cx.store.under(cx.deref(cx.ty(base))) else { return true };
    let field = structure.fields.iter().find(|field| cx.store.text(field.name) == cx.source(name));
    let tag = field.and_then(|field| field.tag).map(|tag| cx.store.text(tag)).unwrap_or_default();
    ["max=", "lte=", "lt=", "oneof="].iter().any(|limit| tag.contains(limit))
}

/// Whether the function compares a number with more than 0 and 1, or lets something else decide what it is.
fn is_bounded(cx: &Cx, call: ExprId, count: ExprId) -> bool {
    let Some(decl) = cx.enclosing_decl(call) else { return true };
    let is_count = |id: ExprId| cx.same_text(unconverted(cx, id), count);
    let limits = |id: ExprId| !matches!(cx.int_value(id), Some(..=1));
    let bounds = |id: ExprId| match cx.expr(id) {
        Expr::Binary { op, lhs, rhs } if op.is_comparison() => {
            is_count(lhs) && limits(rhs) || is_count(rhs) && limits(lhs)
        }
        Expr::Call { fun, args, .. } => {
            let allocates = cx.is_builtin(fun, "make");
            id != call && !allocates && !cx.is_type_expr(fun) && cx.exprs(args).iter().any(|&arg| is_count(arg))
        }
        _ => false,
    };
    cx.find_expr(decl, true, bounds).is_some()
}
