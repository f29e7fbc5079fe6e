//! Checks Go text and says what was found, for the tests of the checker.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::rc::Rc;

use gopeer_api::Index;
use gopeer_sema::{Checked, Facts, FileScope, Names, PackageScope, Source, SourceFile};
use gopeer_syntax::ast::ExprId;
use gopeer_syntax::{Parser, Progress, Tree, cut};

/// A checked package of one file.
pub struct Package {
    trees: Vec<(u32, Tree)>,
    pub checked: Checked,
}

/// The standard library's index.
pub fn std_index() -> Rc<Index> {
    let mut index = Index::default();
    index.add(gopeer_api::embedded::module("std").expect("the index of the standard library is whole"));
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
    let pieces = trees.iter().map(|(_, tree)| tree).zip(&resolved).map(Into::into).collect();
    let source = Source {
        files: vec![SourceFile { scope: &scope, excluded: false, pieces }],
        whole: true,
        progress: Progress::default(),
    };
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

    /// The type whose field the last expression that reads so selects.
    pub fn selects_from(&self, text: &str) -> Option<String> {
        let (facts, _, id) = self.find(text).unwrap_or_else(|| panic!("no expression {text}"));
        facts.selection(id).map(|selection| self.checked.store.show(selection.recv))
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
}

/// Checks that each expression has the type, and the constant value if one is given.
pub fn types(text: &str, wanted: &[(&str, &str)]) {
    let package = check(text);
    assert_eq!(package.errors(), Vec::<String>::new());
    for (expr, wanted) in wanted {
        let ty = package.ty(expr);
        let value = package.value(expr);
        let found = if value == "none" { ty } else { format!("{ty} = {value}") };
        assert_eq!(&found, wanted, "{expr}");
    }
}

/// Checks that these are the errors.
pub fn errors(text: &str, wanted: &[&str]) {
    assert_eq!(check(text).errors(), wanted);
}
