//! Reading go.mod (Go modules reference, "go.mod files"): one directive a line, or several in parentheses.

use std::collections::BTreeMap;

use gopeer_lint::Build;
use gopeer_lint::prelude::*;

/// A directive with its words: `require`, `example.com/mod v1.2.3`.
pub(super) struct Directive<'t> {
    /// The keyword: `go`, `require`, `replace`.
    pub keyword: &'t str,
    /// The words after it, quotes taken off, with their places; comments are not among them.
    pub words: Vec<(&'t str, Span)>,
    /// The comment behind it.
    pub comment: &'t str,
}

/// The directives of a go.mod file, in order.
pub(super) fn directives(text: &str) -> Vec<Directive<'_>> {
    let mut found = Vec::new();
    let mut block = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words = words(code, start);
        start += line.len() as u32;
        let first = words.first().map(|(word, _)| *word);
        let keyword = match (block, first) {
            (_, None) => continue,
            (Some(_), Some(")")) => {
                block = None;
                continue;
            }
            (Some(keyword), Some(_)) => keyword,
            (None, Some(keyword)) => {
                words.remove(0);
                if words.first().is_some_and(|(word, _)| *word == "(") {
                    block = Some(keyword);
                    continue;
                }
                keyword
            }
        };
        found.push(Directive { keyword, words, comment: comment.trim() });
    }
    found
}

/// The path that a go.mod file gives its module.
pub fn module_path(text: &str) -> Option<&str> {
    first_word(text, "module")
}

/// What a go.mod file says that its module is built with.
pub fn build(text: &str) -> Build {
    let mut requires = BTreeMap::new();
    let all = directives(text);
    for directive in &all {
        if let ("require", [(path, _), (version, _), ..]) = (directive.keyword, directive.words.as_slice()) {
            requires.insert((*path).to_owned(), (*version).to_owned());
        }
    }
    for directive in all.iter().filter(|directive| directive.keyword == "replace") {
        directive.words.first().and_then(|(path, _)| requires.remove(*path));
    }
    Build { go_minor: go_minor(text), language: language(text), requires }
}

/// The minor version of the Go that a go.mod file asks for: 26 of `go 1.26.3`, 27 if `toolchain go1.27.0` stands beside it.
pub fn go_minor(text: &str) -> Option<u32> {
    let toolchain = first_word(text, "toolchain").and_then(|name| name.strip_prefix("go"));
    language(text).max(toolchain.and_then(minor))
}

/// The minor version of the language that a go.mod file names: 26 of `go 1.26.3`.
fn language(text: &str) -> Option<u32> {
    first_word(text, "go").and_then(minor)
}

fn minor(release: &str) -> Option<u32> {
    release.strip_prefix("1.")?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn first_word<'t>(text: &'t str, keyword: &str) -> Option<&'t str> {
    let directive = directives(text).into_iter().find(|directive| directive.keyword == keyword)?;
    directive.words.first().map(|(word, _)| *word)
}

fn words(code: &str, start: u32) -> Vec<(&str, Span)> {
    code.split_whitespace()
        .map(|word| {
            // A word is a slice of the line: its distance from the line's start is its place.
            let at = start + (word.as_ptr() as usize - code.as_ptr() as usize) as u32;
            (word.trim_matches(['"', '`']), Span::new(at, at + word.len() as u32))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_and_blocks() {
        let text = "module a\ngo 1.22 // why\nrequire (\n\tb v1.0.0\n\t// c v2.0.0\n)\nreplace \"d\" => ../d\n";
        let found = directives(text);
        let shown: Vec<String> = found
            .iter()
            .map(|d| {
                format!(
                    "{}|{}|{}",
                    d.keyword,
                    d.words.iter().map(|(_, s)| s.of(text)).collect::<Vec<_>>().join(" "),
                    d.comment
                )
            })
            .collect();
        assert_eq!((module_path(text), module_path("module (\n\t\"x.org/y\" // z\n)\n")), (Some("a"), Some("x.org/y")));
        assert_eq!((go_minor(text), go_minor("go 1.27rc1\n"), go_minor("module a\n")), (Some(22), Some(27), None));
        let build = build(text);
        assert_eq!(
            (build.go_minor, build.version_of("b/c/d"), build.version_of("c")),
            (Some(22), Some("v1.0.0"), None)
        );
        assert_eq!(go_minor("go 1.25\ntoolchain go1.27.0\n"), Some(27));
        assert_eq!(shown, ["module|a|", "go|1.22|why", "require|b v1.0.0|", "replace|\"d\" => ../d|"]);
    }
}
