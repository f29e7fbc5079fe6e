//! A channel has a buffer of a large number that nothing explains.
//!
//! A large buffer hides for a while that the receiver is slower than the sender: the values wait where nobody counts them, they are lost
//! when the process ends, and once it is full the sender blocks after all. A small buffer has a reason that can be named: the number
//! of workers or of results, a burst that was measured. Give the number a name, or take it from what it stands for.
//!
//! ```go bad
//! func newQueue() chan Event {
//! 	return make(chan Event, 10000)
//! 	//                      ^^^^^ nothing says why this channel has room for 10000 values
//! }
//! ```
//! ```go good
//! // burst is what one import adds at once.
//! const burst = 10000
//!
//! func newQueue(parts []Part) (chan Event, chan Part) {
//! 	return make(chan Event, burst), make(chan Part, len(parts))
//! }
//!
//! func newLog() chan Event {
//! 	// Room for what comes in while the file is rotated.
//! 	return make(chan Event, 4096)
//! }
//! ```
use gopeer_lint::Capacity;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/channel-buffer-choice",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "capacities of channels",
};

const LARGE: u32 = 1000;

fn check(cx: &mut Cx, call: ExprId) {
    let Some(Capacity::Const(room)) = cx.made_capacity(call) else { return };
    let Expr::Call { args, .. } = cx.expr(call) else { return };
    let &[_, number] = cx.exprs(args) else { return };
    cx.examined();
    let bare = matches!(cx.expr(cx.unparen(number)), Expr::Literal(_));
    // Who takes a place in one of empty structs says how many may have one.
    if room < LARGE || !bare || cx.carries_nothing(call) || cx.comments_at(call).next().is_some() {
        return;
    }
    cx.report(number, format!("nothing says why this channel has room for {room} values"))
        .one_cause("large buffers that nothing explains");
}
