//! A number that was read from text is converted to a type that does not hold all of it, or a number becomes a character.
//!
//! A conversion between integer types never fails: what does not fit is cut off, and a negative number becomes a large unsigned one
//! (Go spec, Conversions). `strconv.Atoi` reads 64 bits, so after `int32(n)` the text `4294967297` is a 1. Let `strconv.ParseInt` or
//! `ParseUint` read as many bits as the type has; it returns an error for what does not fit. `string(n)` is the character of the
//! number `n`, not its digits. And `encoding/json` makes each number in a `map[string]any` a `float64`, which holds whole numbers up to
//! 2^53 only: an id that is taken from there is asked about.
//!
//! Limits: other numbers that come from elsewhere are not followed, nor are those that the function compares with something or gives to
//! another function of the package, which may check them, nor those whose error is ignored.
//!
//! ```go bad
//! import "strconv"
//!
//! func limit(text string) (int32, error) {
//! 	n, err := strconv.Atoi(text)
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	return int32(n), nil
//! 	//     ^^^^^^^^ `int32(n)` cuts off what `strconv.Atoi` reads beyond 32 bits
//! }
//! ```
//! ```diff fixed
//! -	n, err := strconv.Atoi(text)
//! +	n, err := strconv.ParseInt(text, 10, 32)
//! ```
//! ```go bad
//! import "strconv"
//!
//! func key(id int, text string) (string, uint) {
//! 	n, err := strconv.ParseInt(text, 10, 64)
//! 	if err != nil {
//! 		return string(id), 0
//! 		//     ^^^^^^^^^^ `string(id)` is the character with the number `id`, not its digits
//! 	}
//! 	return "", uint(n)
//! 	//         ^^^^^^^ low: `uint(n)` turns a negative number that `strconv.ParseInt` reads into a large one
//! }
//! ```
//! ```go good
//! import (
//! 	"math"
//! 	"strconv"
//! )
//!
//! func limits(a, b, c string) (int32, int32, uint16, int64, error) {
//! 	x, err := strconv.ParseInt(a, 10, 32) // as many bits as the type has
//! 	y, err := strconv.Atoi(b)
//! 	if err != nil || y < 0 || y > math.MaxInt32 { // checked
//! 		y = 0
//! 	}
//! 	z, err := strconv.Atoi(c)
//! 	if err != nil || !isPort(z) { // perhaps checked
//! 		z = 0
//! 	}
//! 	n, err := strconv.Atoi(a)
//! 	return int32(x), int32(y), uint16(z), int64(n), err
//! }
//!
//! func isPort(n int) bool { return n == n&0xffff }
//!
//! func letter(at byte, r rune) string { return string('a'+at) + string(r) } // characters are meant
//! ```
//!
//! # Impact
//!
//! The program goes on with another number than it was given: another customer's id, a limit of zero, a port that
//! nobody asked for. Nothing fails, and the log shows the wrong number as if that had been the input.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: give it the text `4294967297`, which must be an error
//! - `go vet -stringintconv {package}`: finds each `string(n)`, which makes a character of a number
//!
//! # References
//!
//! - [Go spec, "Conversions between numeric types"](https://go.dev/ref/spec#Conversions)
//! - [Package strconv, ParseInt](https://pkg.go.dev/strconv#ParseInt)
//! - [CWE-681: Incorrect Conversion between Numeric Types](https://cwe.mitre.org/data/definitions/681.html)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/lossy-conversion",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Correctness, 2), (Concern::Security, 1)],
    equivalents: &["gosec:G115", "gosec:G109", "vet:stringintconv"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(READS, check), Hook::Expr(&[ExprKind::Call], check_conversion)],
    examines: "conversions of numbers",
};

const READS: &[&str] = &["strconv.Atoi", "strconv.ParseInt", "strconv.ParseUint"];

/// Numbers with more uses are left alone, and so are those that stand deeper in an expression.
const MOST: usize = 64;

/// A number read from text, and what becomes of it.
fn check(cx: &mut Cx, read: Call) {
    let Some(Def::Local(declared)) = cx.kept_in(read.expr).map(|kept| cx.def(kept)) else { return };
    let Some((signed, bits)) = bits_read(cx, read) else { return };
    let uses: Vec<ExprId> = cx.names.uses(declared).filter(|&used| used != declared).take(MOST + 1).collect();
    if uses.len() > MOST || cx.is_reassigned(declared) || uses.iter().any(|&used| may_be_checked(cx, used)) {
        return;
    }
    let conversions: Vec<ExprId> = uses.iter().filter_map(|&used| converted(cx, used)).collect();
    for conversion in conversions {
        let Some(to) = integer(cx, conversion) else { continue };
        let Some(kept) = to.int_bits() else { continue };
        cx.examined();
        let (shown, name) = (cx.source(conversion), cx.source(read.fun));
        let (message, severity) = if kept < bits {
            (format!("`{shown}` cuts off what `{name}` reads beyond {kept} bits"), Severity::Medium)
        } else if signed && to.is_unsigned() {
            (format!("`{shown}` turns a negative number that `{name}` reads into a large one"), Severity::Low)
        } else {
            continue;
        };
        let severity = if cx.file.is_of_command() { Severity::Low } else { severity };
        let same = uses.iter().all(|&used| converted(cx, used).is_some_and(|other| cx.same_text(other, conversion)));
        let edit = reading(cx, read, to, kept).filter(|_| same);
        let report = cx.report(conversion, message).severity(severity);
        report.one_of("numbers in this file are converted without a check").fix("Read as many bits as are kept", edit);
        return;
    }
}

/// Whether what is read has a sign, and how many bits; none where that does not show, where the text is a short piece of another, or
/// where nobody looks at the error, so that the text is known to be a number that fits.
fn bits_read(cx: &Cx, read: Call) -> Option<(bool, u32)> {
    let is_piece = |&text: &ExprId| matches!(cx.expr(cx.unparen(text)), Expr::Slice { hi: Some(_), .. });
    let unconverted = |&text: &ExprId| match cx.expr(cx.unparen(text)) {
        Expr::Call { fun, args, .. } if cx.is_type_expr(fun) => cx.only(args).unwrap_or(text),
        _ => text,
    };
    let is_known = || match cx.tree.parent(read.expr) {
        Some(Node::Stmt(stmt)) => {
            matches!(cx.stmt(stmt), Stmt::Assign { lhs, .. } if cx.exprs(lhs).last().is_some_and(|&error| cx.source(error) == "_"))
        }
        _ => false,
    };
    if read.args.first().map(unconverted).is_some_and(|text| is_piece(&text)) || is_known() {
        return None;
    }
    let bits = match read.args.get(2) {
        Some(&bits) => cx.int_value(bits)?,
        None => 0,
    };
    Some((read.callee.name != "ParseUint", if bits == 0 { 64 } else { u32::try_from(bits).ok()? }))
}

/// The conversion to an integer type whose operand is this.
fn converted(cx: &Cx, used: ExprId) -> Option<ExprId> {
    let Some(Node::Expr(call)) = cx.tree.parent(used) else { return None };
    let Expr::Call { fun, .. } = cx.expr(call) else { return None };
    (cx.is_type_expr(fun) && integer(cx, call).is_some()).then_some(call)
}

fn integer(cx: &Cx, expr: ExprId) -> Option<Basic> {
    match cx.under(expr) {
        Type::Basic(basic) if basic.is_integer() => Some(basic),
        _ => None,
    }
}

/// Whether a use of a number may be a check of it: a comparison, a switch, another name for it, or a function of the package that gets
/// it before it is converted.
fn may_be_checked(cx: &Cx, used: ExprId) -> bool {
    let mut is_converted = false;
    for node in cx.tree.ancestors(used).take(MOST) {
        let Node::Expr(id) = node else {
            return matches!(node, Node::Stmt(stmt) if !is_converted && !matches!(cx.stmt(stmt), Stmt::Return(_) | Stmt::Expr(_)));
        };
        match cx.expr(id) {
            Expr::Binary { op, .. } if op.is_comparison() => return true,
            Expr::Call { fun, .. } if cx.is_type_expr(fun) => is_converted = true,
            Expr::Call { .. } if !is_converted => return cx.callee(id).is_none_or(|callee| cx.is_own(&callee)),
            _ => {}
        }
    }
    true
}

/// The edit that reads what fits.
fn reading(cx: &Cx, read: Call, to: Basic, bits: u32) -> Option<(Span, String)> {
    let (package, _) = cx.source(read.fun).rsplit_once('.')?;
    let text = cx.source(*read.args.first()?);
    let base = read.args.get(1).map_or("10", |&base| cx.source(base));
    let kind = if to.is_unsigned() { "Uint" } else { "Int" };
    Some((cx.span(read.expr), format!("{package}.Parse{kind}({text}, {base}, {bits})")))
}

/// A conversion of one number: to an id, or to a string.
fn check_conversion(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    let Some(number) = cx.only(args).filter(|_| cx.is_type_expr(fun)) else { return };
    match cx.under(call) {
        Type::Basic(Basic::String) => check_text(cx, call, number),
        _ => check_id(cx, call, number),
    }
}

/// An id that is taken as a `float64` out of JSON, which `encoding/json` makes of each number.
fn check_id(cx: &mut Cx, call: ExprId, number: ExprId) {
    const DECODES: &[&str] = &["encoding/json.Decoder.Decode", "encoding/json.Unmarshal"];
    let (Some(to), Type::Basic(Basic::Float64)) = (integer(cx, call), cx.under(number)) else { return };
    let number = cx.unparen(number);
    let taken = if cx.expr(number) == Expr::Ident { cx.origin(number).map(|(made, _)| made) } else { Some(number) };
    let Some(Expr::TypeAssert { base, .. }) = taken.map(|taken| cx.expr(cx.unparen(taken))) else { return };
    let Expr::Index { base: decoded, args } = cx.expr(cx.unparen(base)) else { return };
    let Some(key) = cx.only(args).and_then(|key| cx.string_value(key)) else { return };
    let Def::Local(declared) = cx.def(decoded) else { return };
    let fills = |used: ExprId| {
        let around = |node: &Node| matches!(*node, Node::Expr(call) if cx.calls(call, DECODES));
        cx.tree.ancestors(used).take(2).any(|node| around(&node))
    };
    let is_id = words(&key).last().is_some_and(|word| word == "id");
    if is_id && to.int_bits() == Some(64) && cx.names.uses(declared).take(MOST).any(fills) {
        cx.examined();
        let (shown, cause) = (cx.source(call), crate::cause::in_function(cx, call));
        cx.report(call, format!("`{shown}` is not exact for ids above 2^53: JSON numbers become `float64`"))
            .question()
            .one_cause(cause)
            .note("decode into a struct with an integer field, or call `UseNumber`");
    }
}

/// A conversion of a number to a string.
fn check_text(cx: &mut Cx, call: ExprId, number: ExprId) {
    cx.examined();
    let Some(Basic::Int | Basic::Int16 | Basic::Int64 | Basic::Uint | Basic::Uint16 | Basic::Uint32 | Basic::Uint64) =
        integer(cx, number)
    else {
        return;
    };
    let (shown, number) = (cx.source(call), cx.source(number));
    cx.report(call, format!("`{shown}` is the character with the number `{number}`, not its digits"))
        .note("`strconv.Itoa` and `fmt.Sprint` write digits; `string(rune(n))` says that a character is meant");
}
