//! Where what a variable holds at a `return` may come from.

mod common;

use gopeer_flow::{Before, Input, Origin, Root};
use gopeer_sema::Def;
use gopeer_syntax::ast::{Expr, ExprId, Stmt};

use common::{File, Unknown};

/// What tells of `err` at the last `return` of the body of `func f(b bool) (err error)`, each as a word.
fn origins(body: &str) -> Vec<&'static str> {
    let file = File::new(&format!(
        "package p\n\nfunc g() error {{ return nil }}\n\nfunc h(*error) {{}}\n\nfunc f(b bool) (err error) {{\n{body}\n}}\n"
    ));
    let (body, tree) = (file.body(), &file.tree);
    let ends = |_| None;
    let input = Input { tree, names: &file.names, facts: &file.facts, store: &file.checked.store, ends: &ends };
    let is_err = |id: &ExprId| {
        tree.expr(*id) == Expr::Ident && tree.source(*id) == "err" && file.names.def(*id) == Def::Local(*id)
    };
    let declared = tree.all_exprs().map(|(id, _)| id).filter(is_err).min_by_key(|&id| tree.span(id).start);
    let last = body.returns().into_iter().max_by_key(|&(stmt, _)| tree.span(stmt).start).expect("a return");
    assert!(matches!(tree.stmt(last.0), Stmt::Return(_)));
    let mut fuel = 10_000;
    let root = Root(declared.expect("a variable"));
    let found = body.origins(&Before::of(&body), last.1, root, (input, &Unknown), &mut fuel).expect("enough fuel");
    let word = |origin: &Origin| match origin {
        Origin::Entry => "entry",
        Origin::Zero(_) => "zero",
        Origin::Written(_) => "written",
        Origin::Nil(_) => "nil",
        Origin::NotNil(_) => "not nil",
        Origin::Unknown => "unknown",
    };
    found.iter().map(word).collect()
}

#[test]
fn a_test_tells_more_than_the_assignment_before_it() {
    assert_eq!(origins("err = g()\nif err != nil {\nreturn err\n}\nreturn err"), ["nil"]);
    assert_eq!(origins("err = g()\nif nil == err {\nreturn nil\n}\nreturn err"), ["not nil"]);
    assert_eq!(origins("err = g()\nif !(err == nil) || b {\nreturn nil\n}\nreturn err"), ["nil"]);
}

#[test]
fn what_is_assigned_after_a_test_counts() {
    assert_eq!(
        origins("err = g()\nif err != nil {\nreturn err\n}\nif b {\nerr = g()\n}\nreturn err"),
        ["written", "nil"]
    );
}

#[test]
fn paths_begin_where_the_body_does() {
    assert_eq!(origins("return err"), ["entry"]);
    assert_eq!(origins("for b {\nif err = g(); err == nil {\nbreak\n}\n}\nreturn err"), ["entry", "nil", "not nil"]);
}

#[test]
fn another_variable_of_that_name_tells_nothing() {
    assert_eq!(origins("err = g()\nif err := g(); err != nil {\nreturn err\n}\nreturn err"), ["written"]);
}

#[test]
fn an_address_may_be_written_through() {
    assert_eq!(origins("h(&err)\nreturn err"), ["unknown"]);
}
