//! Which paths are taken to be possible.

mod common;

use common::{File, Unknown};
use gopeer_flow::{
    BlockId, Dominators, Ground, Input, Live, Next, Op, OpKind, Point, Shared, State, Val, Values, Watch,
};
use gopeer_syntax::ast::{Expr, Node, StmtId};

/// Looks for a call of `found`. Behind the write of a variable `err`, that is not nil, and stays known.
struct Looks {
    follows_error: bool,
}

impl Watch for Looks {
    fn op(&mut self, values: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let tree = values.input.tree;
        match (op.kind, tree.expr(op.at)) {
            (OpKind::Call, Expr::Call { fun, .. }) if tree.source(fun) == "found" => Next::Found,
            _ => Next::Go,
        }
    }

    fn after(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) {
        if self.follows_error && op.kind == OpKind::Write && values.input.tree.source(op.at) == "err" {
            let error = values.eval(op.at, state);
            let test = values.test(error, Val::NIL, false);
            state.beside = Some(error);
            assert!(state.assume(test, true, values));
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

fn reaches(body: &str, steady: bool, follows_error: bool) -> bool {
    let text = format!(
        "package p\n\nvar ready bool\n\nfunc found() {{}}\n\nfunc other() (*int, error) {{ return nil, nil }}\n\nfunc f(a, b bool, p, q *int) {{\n{body}\n}}\n"
    );
    let file = File::new(&text);
    let body = file.body();
    let input =
        Input { tree: &file.tree, names: &file.names, facts: &file.facts, store: &file.checked.store, ends: &|_| None };
    let (live, dominators) = (Live::of(&body, input), Dominators::of(&body));
    let shared = Shared::of(&file.tree, &file.names);
    let ground = Ground { body: &body, live: &live, dominators: &dominators, shared: &shared };
    let mut values = Values::new(input, &Unknown);
    let start = Point { block: BlockId::ENTRY, op: 0 };
    let mut state = ground.state(start, &mut values);
    state.steady = steady;
    let mut fuel = 10_000;
    let found = ground.follow(start, state, &mut values, &mut Looks { follows_error }, &mut fuel).is_some();
    assert!(fuel > 0);
    found
}

#[test]
fn flags_made_of_several_conditions_decide() {
    assert!(reaches("both := a && b\nif both { if a { found() } }", false, false));
    assert!(!reaches("both := a && b\nif both { if !a { found() } }", false, false));
    assert!(!reaches("one := !a || b\nif !one { if !a { found() } }", false, false));
}

#[test]
fn what_equals_two_values_makes_them_equal() {
    assert!(reaches("if p == nil { if q == nil { found() } }", false, false));
    assert!(!reaches("if p == q { return }\nif p == nil { if q == nil { found() } }", false, false));
}

#[test]
fn steady_conditions_outlive_calls() {
    let body = "if ready { other(); if !ready { found() } }";
    assert!(reaches(body, false, false));
    assert!(!reaches(body, true, false));
    // What is assigned in between is another matter.
    assert!(reaches("if ready { ready = a; other(); if !ready { found() } }", true, false));
}

#[test]
fn what_came_with_the_subject_stays_known() {
    let body = "x, err := other()\n_ = x\nif a { other() }\nok := err == nil\nif ok { found() }";
    assert!(reaches(body, false, false));
    assert!(!reaches(body, false, true));
}

#[test]
fn sizes_are_not_evaluated() {
    let text = "package p\n\nimport \"unsafe\"\n\nfunc f(p *struct{ n [4]int }) uintptr { return unsafe.Sizeof(*p) + unsafe.Sizeof(p.n) }\n";
    let file = File::new(text);
    let body = file.body();
    let derefs = body.blocks().flat_map(|(id, _)| body.ops(id)).filter(|op| op.kind == OpKind::Deref).count();
    assert_eq!(derefs, 0);
    assert!(matches!(body.node, Node::Decl(_)));
}
