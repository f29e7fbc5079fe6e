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
//! - `go test -run {test} {package}`: build the value as production does, with the literal or `new`, and take the path
//!   that writes
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

pub static RULE: Rule = Rule {
    id: "correctness/nil-map-write",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Correctness, 2)],
    equivalents: &["staticcheck:SA5000", "nilaway"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Nil(check)],
    file: file!(),
    examines: "maps that can be nil",
};

fn check(cx: &mut Cx, nil: &Nil) {
    if !cx.is_nil_map(nil) || matches!(nil.origin, Origin::Failed { .. }) {
        return;
    }
    cx.examined();
    let Some(found) = cx.nil_use(nil).filter(|found| found.assigned != Reassigned::Otherwise) else { return };
    let (fix, late) = (made(cx, nil), made_late(cx, nil, found.at));
    let message = format!("`{}` is nil where this element is written", cx.nil_name(nil));
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
