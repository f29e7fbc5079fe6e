//! A function calls itself on every path.
//!
//! It never returns: the stack grows until the process ends, which no `recover` stops (runtime: "stack overflow" is fatal). What is
//! meant is mostly another function of the same name: of a field, of an embedded type, of a package. Methods that formatting and encoding
//! call do the same by a detour: `String` with `%v` of its own receiver, `MarshalJSON` with `json.Marshal` of it. Convert the value
//! to a type without the method first: `type plain Card; json.Marshal(plain(c))`.
//!
//! Limits: a call under a condition is not reported, even if the condition always holds.
//!
//! ```go bad
//! type Card struct{ Number string }
//!
//! func (c Card) MarshalJSON() ([]byte, error) {
//! 	c.Number = "****"
//! 	return json.Marshal(c)
//! 	//     ^^^^^^^^^^^^ `json.Marshal` calls `MarshalJSON` of `c` again, without end
//! }
//! ```
//! ```go bad
//! type store struct{ db *sql.DB }
//!
//! func (s *store) Close() error {
//! 	slog.Info("closing")
//! 	return s.Close()
//! 	//     ^^^^^^^ `Close` calls itself on every path, without end
//! }
//! ```
//! ```go good
//! type Card struct{ Number string }
//!
//! func (c Card) MarshalJSON() ([]byte, error) {
//! 	type plain Card // has no methods
//! 	c.Number = "****"
//! 	return json.Marshal(plain(c))
//! }
//!
//! func (c *Card) String() string { return fmt.Sprintf("card %v", *c) } // the method is of *Card
//! ```
//! ```go good
//! func depth(n *node) int {
//! 	if n == nil {
//! 		return 0
//! 	}
//! 	return 1 + depth(n.next)
//! }
//!
//! type node struct{ next *node }
//! ```
//!
//! # Impact
//!
//! The first call ends the process with "goroutine stack exceeds 1000000000-byte limit" and "fatal error: stack
//! overflow"; `recover` does not see it, so one request takes all others with it. The stack in the log repeats this
//! function over and over.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: one call is enough, and the test binary dies instead of failing
//!
//! # References
//!
//! - [Package runtime/debug, SetMaxStack](https://pkg.go.dev/runtime/debug#SetMaxStack)
//! - [Package encoding/json, Marshaler](https://pkg.go.dev/encoding/json#Marshaler)
use std::collections::HashSet;

use gopeer_flow::{BlockId, Ending, Op, OpKind, When};
use gopeer_lint::Followed;
use gopeer_lint::prelude::*;

use super::printers::{format, printed};

pub static RULE: Rule = Rule {
    id: "correctness/infinite-recursion",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Correctness, 3)],
    equivalents: &["staticcheck:SA5007", "revive:unconditional-recursion"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Decl(&[DeclKind::Func], check)],
    examines: "functions",
};

fn check(cx: &mut Cx, decl: DeclId) {
    let Decl::Func { recv, name, body: Some(_), .. } = cx.decl(decl) else { return };
    cx.examined();
    let receiver = cx.params(recv).first().copied();
    let name = cx.source(name);
    let is_method = !recv.is_empty();
    let Some(followed) = cx.followed(decl) else { return };
    let body = &followed.body;
    let calls = || body.blocks().flat_map(|(block, _)| body.ops(block)).filter(|op| op.kind == OpKind::Call);
    let by_detour = is_method && DETOURS.contains(&name);
    let again: HashSet<ExprId> = calls()
        .map(|op| op.at)
        .filter(|&call| calls_itself(cx, call, name, receiver) || by_detour && detour(cx, call, name, receiver))
        .collect();
    if again.is_empty() || !is_always_met(cx, &followed, &again) {
        return;
    }
    let Some(call) = again.into_iter().min_by_key(|&call| cx.span(call).start) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let message = match calls_itself(cx, call, name, receiver) {
        true => format!("`{name}` calls itself on every path, without end"),
        false => {
            let value = receiver.and_then(|(value, _)| value).map_or("the receiver", |value| cx.source(value));
            format!("`{}` calls `{name}` of `{value}` again, without end", cx.callee_text(call))
        }
    };
    cx.report(fun, message);
}

type Receiver = Option<(Option<ExprId>, ExprId)>;

/// Whether a call calls the function that it stands in; of a method, on the same receiver.
fn calls_itself(cx: &Cx, call: ExprId, name: &str, receiver: Receiver) -> bool {
    let Expr::Call { fun, .. } = cx.expr(call) else { return false };
    let fun = cx.unparen(fun);
    match (cx.expr(fun), receiver) {
        (Expr::Ident, None) => cx.source(fun) == name && matches!(cx.def(fun), Def::Package(_)),
        (Expr::Selector { base, name: called }, Some((Some(value), ty))) => {
            let declares = cx.callee(call).and_then(|callee| callee.recv) == type_name(cx, ty);
            cx.source(called) == name && cx.def(base) == Def::Local(value) && declares && is_kept(cx, value)
        }
        _ => false,
    }
}

/// Whether nothing else is assigned to a variable.
fn is_kept(cx: &Cx, declared: ExprId) -> bool {
    !cx.names.uses(declared).any(|used| cx.is_target(used))
}

fn type_name<'a>(cx: &Cx<'a>, ty: ExprId) -> Option<&'a str> {
    let name = cx.source(cx.pointee(ty));
    name.split('[').next()
}

/// Methods that formatting and encoding call.
const DETOURS: &[&str] = &["Error", "MarshalJSON", "String", "UnmarshalJSON"];

/// Whether a call calls the method by a detour: it formats or encodes a value of the receiver's type.
fn detour(cx: &Cx, call: ExprId, name: &str, receiver: Receiver) -> bool {
    let Some((_, receiver)) = receiver else { return false };
    match name {
        "MarshalJSON" => argument(cx, call, &["encoding/json.Marshal", "encoding/json.MarshalIndent"], 0)
            .is_some_and(|arg| has_method(cx, arg, receiver)),
        "UnmarshalJSON" => {
            argument(cx, call, &["encoding/json.Unmarshal"], 1).is_some_and(|arg| has_method(cx, arg, receiver))
        }
        _ => {
            let of_fmt = cx.callee(call).is_some_and(|callee| callee.is_of_package("fmt"));
            // What package fmt asks first.
            let first: &[&str] = if name == "String" { &["Error", "Format"] } else { &["Format"] };
            let other = || cx.declared_method(cx.deref(cx.ty(receiver)), first).is_some();
            let Some(printed) = printed(cx, call).filter(|_| of_fmt && !other()) else { return false };
            if !printed.by_format {
                return printed.rest.iter().chain([&printed.first]).any(|&arg| has_method(cx, arg, receiver));
            }
            let Some(format) = format(cx, &printed) else { return false };
            // `%#v` prints the value in Go's syntax.
            let sharp = |span: Span| span.of(cx.tree.text()).contains('#');
            let calls = |letter: char| matches!(letter, 'v' | 's' | 'q' | 'x' | 'X');
            let mut verbs = format.verbs.iter().filter(|verb| calls(verb.letter) && (verb.plain || !sharp(verb.span)));
            verbs.any(|verb| printed.rest.get(verb.arg).is_some_and(|&arg| has_method(cx, arg, receiver)))
        }
    }
}

fn argument(cx: &Cx, call: ExprId, functions: &[&str], at: usize) -> Option<ExprId> {
    let call = cx.call(call).filter(|call| call.callee.is(functions))?;
    call.args.get(at).copied()
}

/// Whether a value has the method that is declared with this receiver: of a pointer, only pointers have it.
fn has_method(cx: &Cx, arg: ExprId, receiver: ExprId) -> bool {
    let (ty, of) = (cx.ty(arg), cx.ty(receiver));
    !of.is_unknown() && (ty == of || cx.deref(ty) == of)
}

/// Whether every path meets one of these calls: none returns, panics, or goes on for ever without one.
fn is_always_met(cx: &Cx, followed: &Followed, calls: &HashSet<ExprId>) -> bool {
    let body = &followed.body;
    let met = |op: &Op| op.kind == OpKind::Call && calls.contains(&op.at);
    let mut entered = HashSet::from([BlockId::ENTRY]);
    let mut open = vec![BlockId::ENTRY];
    while let Some(block) = open.pop() {
        let ops = body.ops(block);
        let before = ops.iter().take_while(|op| !met(op));
        if before.clone().any(|op| op.kind == OpKind::Havoc || op.kind == OpKind::Call && cx.may_end(op.at)) {
            return false;
        }
        if before.count() < ops.len() {
            continue;
        }
        let leaves = matches!(
            body.ending(block),
            Ending::Return(_) | Ending::Unwind(_) | Ending::Stop(_) | Ending::Exit | Ending::Select(_)
        );
        if leaves || body.edges(block).iter().any(|edge| edge.when == When::Unwind) {
            return false;
        }
        for edge in body.edges(block) {
            // Blocks are in reverse postorder: only a loop leads back.
            if edge.to <= block {
                return false;
            }
            if entered.insert(edge.to) {
                open.push(edge.to);
            }
        }
    }
    true
}
