//! Makes files of what people paste or drop: Markdown with fenced code, txtar archives, plain Go.
//!
//! Plain text passes as it is, to the byte. What is taken apart is said in a note.

use gopeer_diff::{is_diff, parse};

use crate::change::{Gaps, Rebuilt, rebuild};
use crate::document::is_reviewed;
use crate::protocol::FileText;

/// The files in `text`, at least one, and a sentence for each thing done to get them. `name` is the name that the text
/// came with, or empty for a paste.
pub fn intake(name: &str, text: &str) -> (Vec<FileText>, Vec<String>) {
    if let Some(files) = txtar(text) {
        let note = format!("Unpacked {} from a txtar archive.", count(files.len()));
        return (files, vec![note]);
    }
    if !name.ends_with(".go")
        && !starts_as_go(text)
        && let Some(files) = fenced(text)
    {
        let note = format!("Took {} out of Markdown fences; the text around them is left out.", count(files.len()));
        return (files, vec![note]);
    }
    let name = if name.is_empty() { guess_name(text).to_owned() } else { name.to_owned() };
    (vec![FileText { name, text: text.to_owned() }], Vec::new())
}

/// The change that a text is, if it is a diff of files that are reviewed.
pub fn change(name: &str, text: &str) -> Option<Rebuilt> {
    if name.ends_with(".go") || starts_as_go(text) || !is_diff(text) {
        return None;
    }
    let rebuilt = rebuild(&parse(text), Gaps::Short, is_reviewed);
    (!rebuilt.files.is_empty()).then_some(rebuilt)
}

fn count(files: usize) -> String {
    if files == 1 { "one file".to_owned() } else { format!("{files} files") }
}

/// The files of a txtar archive (golang.org/x/tools/txtar): each begins with a line `-- name --`; text before the first
/// is a comment. None where there is no such line.
fn txtar(text: &str) -> Option<Vec<FileText>> {
    let mut files: Vec<FileText> = Vec::new();
    for line in text.split_inclusive('\n') {
        match marker(line) {
            Some(name) => files.push(FileText { name: unique(name, &files), text: String::new() }),
            None => {
                if let Some(file) = files.last_mut() {
                    file.text.push_str(line);
                }
            }
        }
    }
    (!files.is_empty()).then_some(files)
}

/// One text that holds files, as [`intake`] takes it apart again: one file as it is, several as a txtar archive.
pub fn archive(files: &[FileText]) -> String {
    if let [file] = files {
        return file.text.clone();
    }
    let mut text = String::new();
    for file in files {
        text.extend(["-- ", &file.name, " --\n", &file.text]);
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}

fn marker(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix("-- ")?.strip_suffix(" --")?.trim();
    (!name.is_empty()).then_some(name)
}

/// The Go (or unnamed) code blocks of a Markdown text (CommonMark, "Fenced code blocks"). None unless a fence opens and
/// something is in it.
fn fenced(text: &str) -> Option<Vec<FileText>> {
    let mut files: Vec<FileText> = Vec::new();
    let mut open: Option<(&str, Option<String>)> = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        match &mut open {
            Some((fence, block)) if trimmed.starts_with(*fence) && trimmed.trim_matches(['`', '~']).is_empty() => {
                if let Some(text) = block.take().filter(|text| !text.trim().is_empty()) {
                    let name = unique(guess_name(&text), &files);
                    files.push(FileText { name, text });
                }
                open = None;
            }
            Some((_, block)) => block.iter_mut().for_each(|block| block.push_str(line)),
            None => open = opening(trimmed).map(|(fence, go)| (fence, go.then(String::new))),
        }
    }
    if let Some((_, Some(text))) = open.filter(|(_, block)| block.as_ref().is_some_and(|text| !text.trim().is_empty()))
    {
        files.push(FileText { name: unique(guess_name(&text), &files), text });
    }
    (!files.is_empty()).then_some(files)
}

/// Whether the text is a Go file from its first words on: then a fence inside it belongs to a string.
fn starts_as_go(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("//"));
    first.is_some_and(|line| line.starts_with("package "))
}

fn opening(line: &str) -> Option<(&str, bool)> {
    let fence = ["```", "~~~"].into_iter().find(|fence| line.starts_with(fence))?;
    let language = line.trim_start_matches(['`', '~']).trim().split([' ', ',']).next().unwrap_or("");
    Some((fence, matches!(language.to_ascii_lowercase().as_str(), "" | "go" | "golang" | "dockerfile")))
}

fn guess_name(text: &str) -> &'static str {
    let first =
        text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', '/'])).unwrap_or("");
    if first.starts_with("FROM ") {
        "Dockerfile"
    } else if first.starts_with("module ") {
        "go.mod"
    } else if text.contains("\"testing\"") && text.contains("func Test") {
        "main_test.go"
    } else {
        "main.go"
    }
}

/// `name`, or `name` with a number where a file of that name is there already.
fn unique(name: &str, files: &[FileText]) -> String {
    let taken = |name: &str| files.iter().any(|file| file.name == name);
    if !taken(name) {
        return name.to_owned();
    }
    let (stem, ending) =
        name.rsplit_once('.').map_or((name, String::new()), |(stem, ending)| (stem, format!(".{ending}")));
    (2..).map(|n| format!("{stem}{n}{ending}")).find(|name| !taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        intake("", text).0.into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn plain_go_passes_as_it_is() {
        let text = "\u{feff}package p\r\n\r\nfunc f() {}\r\n";
        let (files, notes) = intake("", text);
        assert_eq!(files, [FileText { name: "main.go".into(), text: text.into() }]);
        assert!(notes.is_empty());
    }

    #[test]
    fn markdown_gives_its_go_blocks() {
        let text = "Look:\n\n```go\npackage a\n```\nand\n```sh\nls\n```\n\n~~~\nx := 1\n~~~\n";
        let (files, notes) = intake("", text);
        let texts: Vec<_> = files.iter().map(|file| file.text.as_str()).collect();
        assert_eq!(texts, ["package a\n", "x := 1\n"]);
        assert_eq!(notes.len(), 1);
        assert_eq!(names(text), ["main.go", "main2.go"]);
    }

    #[test]
    fn an_unclosed_fence_runs_to_the_end() {
        assert_eq!(intake("", "```go\nx := 1\n").0[0].text, "x := 1\n");
    }

    #[test]
    fn raw_strings_in_a_go_file_are_no_fences() {
        let text = "package p\nvar s = `\n```go\nx\n```\n`\n";
        assert_eq!(intake("a.go", text).0[0].text, text);
        assert_eq!(intake("", text).0[0].text, text);
    }

    #[test]
    fn txtar_gives_its_files() {
        assert_eq!(names("-- a.go --\npackage a\n-- b/b.go --\npackage b\n-- a.go --\n"), ["a.go", "b/b.go", "a2.go"]);
    }

    #[test]
    fn an_archive_holds_what_it_was_made_of() {
        let file = |name: &str, text: &str| FileText { name: name.into(), text: text.into() };
        let files = [file("a.go", "package a\n"), file("b/empty.go", ""), file("go.mod", "module m\n")];
        assert_eq!(intake("", &archive(&files)).0, files);
        assert_eq!(archive(&files[..1]), files[0].text);
        assert_eq!(intake("", &archive(&[file("a.go", "x"), file("b.go", "y")])).0[0].text, "x\n", "a line ends");
    }

    #[test]
    fn names_are_guessed() {
        assert_eq!(names("FROM golang:1.26\n"), ["Dockerfile"]);
        assert_eq!(names("module x\n\ngo 1.26\n"), ["go.mod"]);
    }
}
