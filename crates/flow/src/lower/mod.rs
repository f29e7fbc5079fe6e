//! Lowers the tree of a body to blocks (Go spec, "Statements" and "Order of evaluation").
//!
//! Expressions nest four hundred levels at most and are lowered recursively, but for what may be longer: left operands and chains
//! of `else if`, which are loops.

mod build;
mod expr;
mod stmt;

use std::collections::HashMap;

use gopeer_sema::types::Store;
use gopeer_sema::{Facts, Names};
use gopeer_syntax::Tree;
use gopeer_syntax::ast::{Decl, Expr, ExprId, Node, Stmt};

use crate::{Body, Ending, When};
use build::Builder;

/// How a call ends what is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The process ends, and deferred calls do not run: `os.Exit`, `log.Fatal`.
    Exit,
    /// The function is left, or the goroutine ends, and deferred calls run: `panic`, `runtime.Goexit`, `t.Fatal`.
    Unwind,
}

/// What is known of the piece that a body is in.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// What its identifiers refer to.
    pub names: &'a Names,
    /// Its types and constants.
    pub facts: &'a Facts,
    /// What its types are.
    pub store: &'a Store,
    /// How a call ends what is running, where that is known.
    pub ends: &'a dyn Fn(ExprId) -> Option<End>,
}

impl Body {
    /// The program of a `Decl::Func` with a body, of an `Expr::FuncLit`, or of the statements of a fragment.
    pub fn of(input: Input<'_>, node: Node) -> Option<Body> {
        let tree = input.tree;
        let block = |body| match tree.stmt(body) {
            Stmt::Block(list) => Some(list),
            _ => None,
        };
        let statements = match node {
            Node::Decl(id) => match tree.decl(id) {
                Decl::Func { body: Some(body), .. } => block(body),
                Decl::Stmts(list) => Some(list),
                _ => None,
            },
            Node::Expr(id) => match tree.expr(id) {
                Expr::FuncLit { body, .. } => block(body),
                _ => None,
            },
            _ => None,
        }?;
        let mut lower =
            Lower { input, build: Builder::default(), targets: Vec::new(), labels: HashMap::new(), next_case: None };
        lower.statements(tree.stmts(statements));
        let exit = lower.build.exit();
        lower.build.end(Ending::Return(None), &[(exit, When::Always)]);
        Some(lower.build.finish(node))
    }
}

/// Where `break` and `continue` lead inside a statement.
struct Target<'a> {
    label: Option<&'a str>,
    leave: build::Draft,
    /// None in `switch` and `select`.
    again: Option<build::Draft>,
}

struct Lower<'a> {
    input: Input<'a>,
    build: Builder,
    targets: Vec<Target<'a>>,
    /// The blocks that labels stand before.
    labels: HashMap<&'a str, build::Draft>,
    /// Where `fallthrough` leads.
    next_case: Option<build::Draft>,
}

impl<'a> Lower<'a> {
    fn source(&self, node: impl Into<Node>) -> &'a str {
        let tree: &'a Tree = self.input.tree;
        tree.source(node)
    }
}
