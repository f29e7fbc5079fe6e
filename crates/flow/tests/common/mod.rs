//! Bodies of functions that tests write down.

#![allow(dead_code, reason = "each test uses a part")]

pub mod program;
pub mod run;

use std::rc::Rc;

use gopeer_api::Index;
use gopeer_flow::{Body, Calls, End, Input};
use gopeer_sema::{CallFacts, Checked, Facts, FileScope, Names, PackageScope, Source, SourceFile};
use gopeer_syntax::ast::{Expr, ExprId, Node};
use gopeer_syntax::{Parser, Progress, Tree, cut};

/// Nothing is known of calls.
pub struct Unknown;

impl Calls for Unknown {
    fn facts(&self, _: ExprId) -> CallFacts {
        CallFacts::default()
    }
    fn is_known(&self, _: ExprId) -> bool {
        false
    }
    fn is_library(&self, _: ExprId) -> bool {
        false
    }
    fn never_nil(&self, _: ExprId) -> bool {
        false
    }
    fn means_error(&self, _: ExprId) -> Option<ExprId> {
        None
    }
    fn may_end(&self, _: ExprId) -> bool {
        false
    }
    fn never_closes(&self, _: ExprId) -> bool {
        false
    }
}

/// A file: the last of its declarations is looked at.
pub struct File {
    pub tree: Tree,
    pub names: Names,
    pub facts: Rc<Facts>,
    pub checked: Checked,
}

impl File {
    pub fn new(text: &str) -> File {
        let mut parser = Parser::new();
        let mut trees: Vec<Tree> = cut(text).iter().map(|piece| parser.parse(piece.span.of(text))).collect();
        let (scope, package) = (FileScope::of(trees.iter()), PackageScope::of(trees.iter()));
        let mut names: Vec<Names> = trees.iter().map(|tree| Names::resolve(tree, &scope, &package)).collect();
        let pieces = trees.iter().zip(&names).map(Into::into).collect();
        let source = Source {
            files: vec![SourceFile { scope: &scope, excluded: false, pieces }],
            whole: false,
            progress: Progress::default(),
        };
        let mut checked = Checked::new("example.com/p", "p", &source, Rc::new(Index::default()));
        let facts = checked.facts.remove(0).pop().expect("the function has facts");
        let (tree, names) = (trees.pop().expect("there is a piece"), names.pop().expect("there is a piece"));
        File { tree, names, facts, checked }
    }

    /// The body of the declaration. Calls of `exit` end the process, of `panic` they unwind.
    pub fn body(&self) -> Body {
        let ends = |call| {
            let Expr::Call { fun, .. } = self.tree.expr(call) else { return None };
            match self.tree.source(fun) {
                "exit" => Some(End::Exit),
                "panic" => Some(End::Unwind),
                _ => None,
            }
        };
        let input =
            Input { tree: &self.tree, names: &self.names, facts: &self.facts, store: &self.checked.store, ends: &ends };
        Body::of(input, Node::Decl(self.tree.roots()[0])).expect("it has a body")
    }
}

/// The text of the body of `func f(…) { body }`, with `a`, `b`, `c` of type `bool`, `n` of `int`, `ch` a channel of integers.
pub fn text(body: &str) -> String {
    let file = File::new(&function(body));
    file.body().text(&file.tree)
}

pub fn function(body: &str) -> String {
    format!(
        "package p\n\nfunc exit() {{}}\n\nfunc g(int) bool {{ return true }}\n\nfunc f(a, b, c bool, n int, ch chan int) {{\n{body}\n}}\n"
    )
}
