//! An element is written to a map that is nil on this path.
//!
//! A nil map can be read, but writing to it panics (Go spec, "Map types"). `var m map[K]V` declares one, and so does a struct
//! literal that leaves the field out. Make the map where it is declared, or on every path before the first write.
//!
//! Limits: a map counts as nil only where the function itself declares it without a value, sets it to nil, leaves its field out of a
//! literal, or tests it for nil; a struct that is passed to another function may get its map there.
//!
//! ```go bad
//! func count(words []string) map[string]int {
//! 	var counts map[string]int
//! 	for _, word := range words {
//! 		counts[word]++
//! //<^^^^^^^^^^^^ `counts` is nil where this element is written
//! 	}
//! 	return counts
//! }
//! ```
//! ```diff fixed
//! -	var counts map[string]int
//! +	counts := make(map[string]int)
//! ```
//! ```go bad
//! type Catalog struct {
//! 	region string
//! 	rooms  map[string]int
//! }
//!
//! func restore(region string, ids []string) *Catalog {
//! 	c := &Catalog{region: region}
//! 	for i, id := range ids {
//! 		c.rooms[id] = i
//! //<^^^^^^^^^^^ `c.rooms` is nil where this element is written
//! 	}
//! 	return c
//! }
//! ```
//! ```go good
//! func currencies(payments []string) map[string]bool {
//! 	var seen map[string]bool
//! 	for _, payment := range payments {
//! 		if seen == nil {
//! 			// Made when it is needed.
//! 			seen = make(map[string]bool)
//! 		}
//! 		seen[payment] = true
//! 	}
//! 	return seen
//! }
//!
//! func decode(data []byte) (map[string]int, error) {
//! 	var counts map[string]int
//! 	// The decoder makes the map.
//! 	if err := json.Unmarshal(data, &counts); err != nil {
//! 		return nil, err
//! 	}
//! 	counts["total"] = len(counts)
//! 	return counts, nil
//! }
//! ```
//!
//! # Idiom
//!
//! A nil map can be read and ranged over, and needs `make` or a literal before the first write. Slices differ: `append` works on nil.
//!
//! # Impact
//!
//! The first write panics with "assignment to entry in nil map". Reading such a map works, so everything looks well
//! until the path with the write is taken, often for the first element of a new kind. Outside of an HTTP handler the
//! panic ends the process.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: build the value as production does, and take the path that writes
//!
//! # Options
//!
//! - Make the map where it is declared: one place, and an allocation even if nothing is ever written
//!   - senior, data, backend: the value is ready when it exists
//! - Make the map before the write, `if m == nil`: the zero value of the struct stays usable, and each writer has to
//!   do it
//!   - throughput, cloud-native: no allocation for the empty case
//!
//! # References
//!
//! - [Go spec, "Map types"](https://go.dev/ref/spec#Map_types)
//! - [Go blog, "Go maps in action"](https://go.dev/blog/maps)
use gopeer_lint::prelude::*;
use gopeer_sema::SelectionKind;

pub static RULE: Rule = Rule {
    id: "correctness/nil-map-write",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Correctness, 2)],
    equivalents: &["staticcheck:SA5000", "nilaway"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Nil(check), Hook::Call(FILLS, check_filled)],
    examines: "maps that can be nil",
};

/// What fills a struct from a text, in which a map may be missing.
const FILLS: &[&str] = &[
    "encoding/json.Decoder.Decode",
    "encoding/json.Unmarshal",
    "gopkg.in/yaml.v2.Unmarshal",
    "gopkg.in/yaml.v3.Unmarshal",
];

/// `json.Unmarshal(data, &c)`, and then `c.labels[key] = value` without a look at whether there is a map.
fn check_filled(cx: &mut Cx, fill: Call) {
    const MOST: usize = 64;
    let Some(&given) = fill.args.last() else { return };
    let Expr::Unary { op: UnaryOp::Addr, operand } = cx.expr(cx.unparen(given)) else { return };
    let Def::Local(declared) = cx.def(operand) else { return };
    let is_zero = matches!(cx.tree.parent(declared), Some(Node::Decl(spec)) if matches!(cx.decl(spec), Decl::Value { values, .. } if values.is_empty()));
    let others = cx.names.uses(declared).filter(|&used| used != declared && used != operand);
    let uses: Vec<ExprId> = others.take(MOST + 1).collect();
    if !is_zero || uses.len() > MOST {
        return;
    }
    cx.examined();
    let element = |map: ExprId| match cx.tree.parent(map) {
        Some(Node::Expr(index)) if matches!(cx.expr(index), Expr::Index { .. }) => Some(index),
        _ => None,
    };
    let (end, func) = (cx.span(fill.expr).end, cx.enclosing_func(fill.expr).map(|func| func.node));
    let maps =
        || uses.iter().filter_map(|&used| field_of(cx, used)).filter(|&map| matches!(cx.under(map), Type::Map { .. }));
    let is_written = |map: &ExprId| {
        element(*map).is_some_and(|index| cx.is_target(index))
            && cx.span(*map).start > end
            && cx.enclosing_func(*map).map(|func| func.node) == func
    };
    let Some(map) = maps().find(is_written) else { return };
    // Who does anything else with it before may make it, or ask for it.
    let decides = |&used: &ExprId| match field_of(cx, used) {
        Some(other) => cx.same_text(other, map) && element(other).is_none(),
        None => true,
    };
    if uses.iter().filter(|&&used| cx.span(used).start < cx.span(map).start).any(decides) {
        return;
    }
    let (name, by) = (cx.source(map), cx.source(fill.fun));
    cx.report(map, format!("`{name}` is nil here if what `{by}` reads has no such map, and then this write panics"))
        .question();
}

/// The field of a variable that is selected where it is mentioned.
fn field_of(cx: &Cx, used: ExprId) -> Option<ExprId> {
    let Some(Node::Expr(selector)) = cx.tree.parent(used) else { return None };
    let is_field = cx.facts.selection(selector).is_some_and(|selected| selected.kind == SelectionKind::Field);
    matches!(cx.expr(selector), Expr::Selector { base, .. } if base == used && is_field).then_some(selector)
}

fn check(cx: &mut Cx, nil: &Nil) {
    if !cx.is_nil_map(nil) || matches!(nil.origin, Origin::Failed { .. }) {
        return;
    }
    cx.examined();
    let Some(found) = cx.nil_use(nil).filter(|found| found.assigned != Reassigned::Otherwise) else { return };
    let (fix, late) = (made(cx, nil), made_late(cx, nil, found.at));
    let message = format!("`{}` is nil where this element is written, which panics", cx.nil_name(nil));
    let before = format!("Make the map before the write, `if {} == nil`", cx.source(nil.place));
    let report = cx.report(found.at, message).steps(found.steps);
    let report = report.fix("Make the map where it is declared", fix).fix(before, late);
    // What decides whether the map is made may decide as well whether it is written to.
    if found.assigned == Reassigned::Sometimes {
        report.question();
    }
}

/// The edit that makes the map where it is declared alone: `var m map[K]V`.
fn made(cx: &Cx, nil: &Nil) -> Option<(Span, String)> {
    let Some(Node::Decl(spec)) = cx.tree.parent(nil.place) else { return None };
    let Decl::Value { names, ty: Some(ty), .. } = cx.decl(spec) else { return None };
    let Some(Node::Decl(group)) = cx.tree.parent(spec) else { return None };
    let alone = cx.only(names).is_some() && cx.source(group).starts_with("var ") && !cx.source(group).contains('(');
    let text = format!("{} := make({})", cx.source(nil.place), cx.source(ty));
    (alone && nil.origin == Origin::Declared).then(|| (cx.span(group), text))
}

/// The edit that makes it right before an element is written, where that is not done each time.
fn made_late(cx: &Cx, nil: &Nil, at: ExprId) -> Option<(Span, String)> {
    let Some(Node::Decl(spec)) = cx.tree.parent(nil.place) else { return None };
    let Decl::Value { ty: Some(ty), .. } = cx.decl(spec) else { return None };
    let write = cx.enclosing_stmt(at).filter(|&write| cx.place_in_list(write).is_some())?;
    let is_sometimes = cx.tree.parent(write) != cx.enclosing_stmt(nil.place).and_then(|stmt| cx.tree.parent(stmt));
    let (name, start, indent) = (cx.source(nil.place), cx.span(write).start, cx.indent(write));
    let made = format!("if {name} == nil {{\n{indent}\t{name} = make({})\n{indent}}}\n{indent}", cx.source(ty));
    (is_sometimes && nil.origin == Origin::Declared).then(|| (Span::new(start, start), made))
}
