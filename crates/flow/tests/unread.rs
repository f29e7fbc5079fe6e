//! Values that nothing reads.

mod common;

use std::collections::BTreeSet;

use common::program::programs;
use common::{File, function};
use gopeer_flow::{Before, BlockId, Body, Input, OpKind, Shared, When};
use gopeer_sema::Def;
use gopeer_syntax::ast::{Decl, Expr, ExprId};
use proptest::prelude::*;

fn unread(file: &File, body: &Body, results: &[ExprId]) -> Vec<ExprId> {
    let ends = |_| None;
    let input =
        Input { tree: &file.tree, names: &file.names, facts: &file.facts, store: &file.checked.store, ends: &ends };
    let shared = Shared::of(&file.tree, &file.names);
    body.unread(input, (&shared, &Before::of(body)), results, &mut 1_000_000)
}

/// The statements of a body that give values which nothing reads.
fn statements(text: &str) -> Vec<String> {
    let file = File::new(text);
    let results: Vec<ExprId> = match file.tree.decl(file.tree.roots()[0]) {
        Decl::Func { ty, .. } => match file.tree.expr(ty) {
            Expr::FuncType { results, .. } => {
                let fields = file.tree.fields(results).iter();
                fields.flat_map(|&field| file.tree.exprs(file.tree.field(field).names).to_vec()).collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let source = |&ident: &ExprId| {
        let parent = file.tree.parent(ident).expect("it stands in a statement");
        file.tree.source(parent).lines().next().unwrap_or_default().to_owned()
    };
    unread(&file, &file.body(), &results).iter().map(source).collect()
}

#[test]
fn the_next_value_comes_before_anybody_reads() {
    assert_eq!(statements(&function("n = 1\nn = 2\ng(n)")), ["n = 1"]);
    assert_eq!(statements(&function("n = 1\nif a {\nn = 2\n}\ng(n)")), [""; 0]);
    assert_eq!(statements(&function("n = 1\nif a {\nn = 2\n} else {\nn = 3\n}\ng(n)")), ["n = 1"]);
    assert_eq!(statements(&function("for a {\ng(n)\nn = 1\n}\nn = 2")), ["n = 2"]);
}

#[test]
fn a_named_result_is_read_by_a_bare_return_and_by_what_is_deferred() {
    let f = |body: &str| format!("package p\n\nfunc h() (int, error)\n\nfunc f() (n int, err error) {{\n{body}\n}}\n");
    assert_eq!(statements(&f("n, err = h()\nreturn")), [""; 0]);
    assert_eq!(statements(&f("n, err = h()\nreturn n, nil")), ["n, err = h()"]);
    assert_eq!(statements(&f("defer func() { recover() }()\nn, err = h()\nreturn n, nil")), [""; 0]);
    assert_eq!(statements(&f("defer func() { println(err) }()\n_, err = h()\n_, err = h()\nreturn")), ["_, err = h()"]);
}

#[test]
fn what_others_see_is_left_alone() {
    assert_eq!(statements(&function("p := &n\nn = 1\nprintln(*p)")), [""; 0]);
    assert_eq!(statements(&function("p := func() { println(n) }\nn = 1\np()")), [""; 0]);
    // Its own variables a closure does not share.
    assert_eq!(statements(&function("p := func() { n := 1; println(n) }\nn = 1\np()")), ["n = 1"]);
}

/// The writes of a body behind which no path leads to a read before the next write.
fn by_search(file: &File, body: &Body) -> BTreeSet<ExprId> {
    let is_read = |block: BlockId, op: usize, declared: ExprId| {
        let (mut open, mut seen) = (vec![(block, op)], BTreeSet::new());
        while let Some((block, op)) = open.pop() {
            let mut ops = body.ops(block)[op..].iter().filter(|op| file.names.def(op.at) == Def::Local(declared));
            match ops.next().map(|op| op.kind) {
                Some(OpKind::Read) => return true,
                Some(_) => {}
                None => {
                    let edges = body.edges(block).iter().filter(|edge| edge.when != When::Unwind);
                    open.extend(edges.filter(|edge| seen.insert(edge.to)).map(|edge| (edge.to, 0)));
                }
            }
        }
        false
    };
    let mut found = BTreeSet::new();
    for (block, _) in body.blocks() {
        for (at, op) in body.ops(block).iter().enumerate() {
            if let (OpKind::Write | OpKind::Zero, Def::Local(declared)) = (op.kind, file.names.def(op.at))
                && !is_read(block, at + 1, declared)
            {
                found.insert(op.at);
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn a_search_from_each_write_says_the_same(program in programs()) {
        // Some of the calls become assignments to two variables, and reads of them.
        let line = |line: &str| match line.strip_prefix("g(").and_then(|rest| rest.strip_suffix(')')) {
            Some(number) => match number.parse::<u32>().unwrap_or_default() % 4 {
                0 => format!("a = h({number})\n"),
                1 => format!("b = h({number})\n"),
                2 => "h(a)\n".to_owned(),
                _ => "h(b)\n".to_owned(),
            },
            None => format!("{line}\n"),
        };
        let text: String = program.file().lines().map(line).collect();
        let text = text.replace("func f() (r bool) {", "func f() (r bool) {\nvar a, b int");
        let file = File::new(&text);
        let body = file.body();
        let found: BTreeSet<ExprId> = unread(&file, &body, &[]).into_iter().collect();
        prop_assert_eq!(found, by_search(&file, &body), "{}\n{}", text, body.text(&file.tree));
    }
}
