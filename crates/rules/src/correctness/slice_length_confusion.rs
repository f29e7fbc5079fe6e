//! A slice is made with a length where a capacity was meant, or the other way round.
//!
//! `make([]T, n)` makes n zero elements, and `append` adds after them: the result is twice as long as expected and begins with n empty
//! records, which are stored, sent or divided by. `copy` copies as many elements as the shorter slice has
//! (Go spec, "Appending to and copying slices"): into a slice of length 0, whatever its capacity, it copies nothing.
//!
//! Limits: a constant length is taken for a prefix that is meant; so are zero bytes, slices that are indexed or sliced anywhere, slices
//! that are passed on before they grow, and slices that a function cuts (`values = last(values, n)`).
//!
//! ```go bad
//! func ids(orders []order) []string {
//! 	ids := make([]string, len(orders))
//! 	//                    ^^^^^^^^^^^ `ids` starts with `len(orders)` zero elements, and `append` adds after them
//! 	for _, order := range orders {
//! 		ids = append(ids, order.ID)
//! 	}
//! 	return ids
//! }
//!
//! type order struct{ ID string }
//! ```
//! ```diff fixed
//! -	ids := make([]string, len(orders))
//! +	ids := make([]string, 0, len(orders))
//! ```
//! ```go bad
//! func snapshot(values []float64) []float64 {
//! 	saved := make([]float64, 0, len(values))
//! 	copy(saved, values)
//! 	//   ^^^^^ the length of `saved` is 0, so `copy` copies nothing
//! 	return saved
//! }
//! ```
//! ```go good
//! func squares(values []int) []int {
//! 	out := make([]int, len(values), len(values)+1)
//! 	for i, v := range values {
//! 		out[i] = v * v // filled by index
//! 	}
//! 	return append(out, 0)
//! }
//!
//! func graph(rates <-chan float64, width int) {
//! 	shown := make([]float64, width) // begins as a flat line, and keeps its length
//! 	for rate := range rates {
//! 		shown = append(shown, rate)
//! 		shown = last(shown, width)
//! 		draw(shown)
//! 	}
//! }
//!
//! func snapshot(values []float64) []float64 {
//! 	saved := make([]float64, 0, len(values))
//! 	copy(saved[:len(values)], values) // a slice of that length
//! 	return saved[:len(values)]
//! }
//! ```
//!
//! # Idiom
//!
//! `make([]T, n)` has n zero elements, for assignment by index; `make([]T, 0, n)` has none and room for n, for `append`.
//!
//! # Impact
//!
//! The result begins with zero elements that get stored, sent or averaged, or a `copy` moves nothing and the data is
//! gone. Row counts double, and the first half has empty ids. A test that compares `len(result)` with the number of
//! inputs finds it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with two inputs the result must have two elements, and the first must not be zero
//!
//! # Options
//!
//! - Give it capacity, `make([]T, 0, n)`: `append` fills it without growing; order is that of the appends
//!   - senior, backend, data: works even if some inputs are skipped
//! - Keep the length and assign by index: nothing grows, and goroutines can each own an index, but skipped inputs leave
//!   zeros
//!   - throughput, cloud-native: results of parallel calls need no lock
//!
//! # References
//!
//! - [Go spec, "Appending to and copying slices"](https://go.dev/ref/spec#Appending_and_copying_slices)
//! - [Go blog, "Go Slices: usage and internals"](https://go.dev/blog/slices-intro)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/slice-length-confusion",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3)],
    equivalents: &["makezero", "vet:appends"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "slices made with a length",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    let args = cx.exprs(args);
    match *args {
        [_, len] if cx.is_builtin(fun, "make") => check_make(cx, call, len),
        [to, _] if cx.is_builtin(fun, "copy") => check_copy(cx, to),
        _ => {}
    }
}

fn check_make(cx: &mut Cx, made: ExprId, len: ExprId) {
    let Type::Slice(element) = cx.under(made) else { return };
    cx.examined();
    if cx.constant_value(len).is_some() || is_byte(cx, element) {
        return;
    }
    let Some(Def::Local(declared)) = cx.kept_in(made).map(|kept| cx.def(kept)) else { return };
    let is_declared_here = cx.initial_value(declared).map(|value| cx.unparen(value)) == Some(made);
    if !is_declared_here || cx.once(declared, grows_first).is_none() {
        return;
    }
    let start = cx.span(len).start;
    let (name, count) = (cx.source(declared), cx.source(len));
    cx.report(len, format!("`{name}` starts with `{count}` zero elements, and `append` adds after them"))
        .suggest("Start with length 0", [(Span::new(start, start), "0, ".to_owned())]);
}

fn is_byte(cx: &Cx, element: TypeId) -> bool {
    cx.store.under(element) == Type::Basic(Basic::Uint8)
}

/// Where a local first gets elements by `x = append(x, element)`, if nothing is done with it before, and nothing gets at its elements
/// by index.
fn grows_first(cx: &Cx, declared: Node) -> Option<Node> {
    let Node::Expr(declared) = declared else { return None };
    let uses = || cx.names.uses(declared).filter(|&used| used != declared);
    let is_indexed = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(above)) => match cx.expr(above) {
            Expr::Index { base, .. } | Expr::Slice { base, .. } => base == used,
            Expr::Unary { op: UnaryOp::Addr, .. } => true,
            _ => false,
        },
        _ => false,
    };
    if uses().any(is_indexed) || uses().any(|used| is_cut(cx, used)) {
        return None;
    }
    // The target of `x = append(x, …)` is written before its argument.
    let first = uses().min_by_key(|&used| cx.span(used).start)?;
    let Node::Stmt(stmt) = cx.tree.parent(first)? else { return None };
    let (target, _) = cx.appended_to(stmt)?;
    (target == first).then_some(Node::Expr(first))
}

/// Whether a variable is given to a function whose result it gets: `values = last(values, width)` lets the zeros move out.
fn is_cut(cx: &Cx, used: ExprId) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(used) else { return false };
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return false };
    let kept = || cx.kept_in(call).is_some_and(|kept| cx.def(kept) == cx.def(used));
    cx.exprs(args).contains(&used) && !cx.is_builtin(fun, "append") && kept()
}

fn check_copy(cx: &mut Cx, to: ExprId) {
    let to = cx.unparen(to);
    let Def::Local(declared) = cx.def(to) else { return };
    if !matches!(cx.under(to), Type::Slice(_)) || !is_empty(cx, declared) || cx.is_reassigned(to) {
        return;
    }
    let name = cx.source(to);
    cx.report(to, format!("the length of `{name}` is 0, so `copy` copies nothing"))
        .note("`copy` does not make its destination longer: use `slices.Clone` or `append`, or make it with a length");
}

/// Whether a slice has no elements where it is declared.
fn is_empty(cx: &Cx, declared: ExprId) -> bool {
    let Some(value) = cx.initial_value(declared) else { return is_zero(cx, declared) };
    match cx.expr(cx.unparen(value)) {
        Expr::Composite { elems, .. } => elems.is_empty(),
        Expr::Call { fun, args, .. } => {
            cx.is_builtin(fun, "make") && cx.exprs(args).get(1).is_some_and(|&len| cx.int_value(len) == Some(0))
        }
        _ => false,
    }
}

/// Whether a variable is declared without a value.
fn is_zero(cx: &Cx, declared: ExprId) -> bool {
    match cx.tree.parent(declared) {
        Some(Node::Decl(spec)) => matches!(cx.decl(spec), Decl::Value { values, .. } if values.is_empty()),
        Some(Node::Field(_)) => cx.enclosing_func(declared).is_some_and(|func| cx.is_result(func, declared)),
        _ => false,
    }
}
