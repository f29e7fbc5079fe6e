//! Checks Go text and says what was found, for the tests of the checker.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::rc::Rc;

use gopeer_api::Index;
use gopeer_sema::{Checked, Facts, FileScope, Names, PackageScope, Source, SourceFile};
use gopeer_syntax::ast::{Expr, ExprId};
use gopeer_syntax::{Parser, Tree, cut};

/// A checked package of one file.
pub struct Package {
    trees: Vec<(u32, Tree)>,
    pub checked: Checked,
}

/// The standard library's index, if it is built; else an empty one.
pub fn std_index() -> Rc<Index> {
    let mut index = Index::default();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../static/api/std.bin.gz");
    if let Ok(bytes) = std::fs::read(path) {
        let raw = miniz_oxide::inflate::decompress_to_vec(&bytes[10..bytes.len() - 8]).expect("a gzip file");
        index.add(gopeer_api::Module::read(&raw).expect("the index of the standard library is whole"));
    }
    Rc::new(index)
}

/// Checks one file. A text without package clause gets one.
pub fn check(text: &str) -> Package {
    let text = if text.contains("package ") { text.to_owned() } else { format!("package p\n\n{text}") };
    let mut parser = Parser::new();
    let trees: Vec<(u32, Tree)> =
        cut(&text).iter().map(|piece| (piece.span.start, parser.parse(piece.span.of(&text)))).collect();
    let scope = FileScope::of(trees.iter().map(|(_, tree)| tree));
    let names = PackageScope::of(trees.iter().map(|(_, tree)| tree));
    let resolved: Vec<Names> = trees.iter().map(|(_, tree)| Names::resolve(tree, &scope, &names)).collect();
    let pieces = trees.iter().map(|(_, tree)| tree).zip(&resolved).collect();
    let source = Source { files: vec![SourceFile { scope: &scope, excluded: false, pieces }], whole: true };
    let checked = Checked::new("p", "p", &source, std_index());
    Package { trees, checked }
}

impl Package {
    fn find(&self, text: &str) -> Option<(&Facts, &Tree, ExprId)> {
        for ((_, tree), facts) in self.trees.iter().zip(self.checked.facts.first()?) {
            let last =
                tree.all_exprs().filter(|(id, _)| tree.source(*id) == text).max_by_key(|(id, _)| tree.span(*id).start);
            if let Some((id, _)) = last {
                return Some((facts, tree, id));
            }
        }
        None
    }

    /// The type of the last expression that reads so, as text.
    pub fn ty(&self, text: &str) -> String {
        let (facts, _, id) = self.find(text).unwrap_or_else(|| panic!("no expression {text}"));
        self.checked.store.show(facts.type_of(id))
    }

    /// The constant value of the last expression that reads so.
    pub fn value(&self, text: &str) -> String {
        let (facts, _, id) = self.find(text).unwrap_or_else(|| panic!("no expression {text}"));
        facts.value(id).map_or("none".to_owned(), ToString::to_string)
    }

    /// All compile errors: what they point at, and what they say.
    pub fn errors(&self) -> Vec<String> {
        let mut found = Vec::new();
        for ((_, tree), facts) in self.trees.iter().zip(&self.checked.facts[0]) {
            for error in &facts.errors {
                found.push(format!("{}: {}", error.span.of(tree.text()), error.message));
            }
        }
        found
    }

    /// Whether some call's callee is this expression: for looking at what is around.
    pub fn has(&self, text: &str) -> bool {
        self.find(text).is_some_and(|(_, tree, id)| tree.expr(id) != Expr::Bad)
    }
}
