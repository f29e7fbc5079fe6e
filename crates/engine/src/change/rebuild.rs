//! Go files as far as a diff shows them: the text of its hunks, each inside as much of a declaration as it takes to read it.

use std::collections::BTreeMap;

use gopeer_diff::{FileDiff, Side, SideLine, Sides};
use gopeer_syntax::{UNSEEN, brackets};

use crate::protocol::{FileText, Version};

/// What stands for lines that a diff does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gaps {
    /// As many lines, so that all others have their numbers.
    Padded,
    /// A line or two, which say what is missing.
    Short,
}

/// A change, as far as a diff shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// The files after the change.
    pub files: Vec<FileText>,
    /// What they were before it.
    pub before: Vec<Version>,
    /// A sentence for each file that cannot be read in this way.
    pub notes: Vec<String>,
}

/// The files of a diff that are reviewed, as `is_wanted` says by name. A series of patches is put together.
pub fn rebuild(diffs: &[FileDiff], gaps: Gaps, is_wanted: impl Fn(&str) -> bool) -> Rebuilt {
    // A hunk of a few bytes may be at line half a million of its file, in each of ten thousand files.
    const MOST: usize = 4_000_000;
    let mut left = MOST;
    let mut rebuilt = Rebuilt::default();
    for patches in by_file(diffs) {
        let (Some(first), Some(last)) = (patches.first(), patches.last()) else { continue };
        let name = last.after.as_ref().or(first.before.as_ref());
        let Some(name) = name.filter(|name| is_wanted(name)) else { continue };
        // A file that was renamed, and nothing more.
        if patches.iter().all(|patch| patch.hunks.is_empty() && !patch.binary) {
            continue;
        }
        if patches.iter().any(|patch| patch.binary) {
            rebuilt.notes.push(format!("{name} was not reviewed: the diff does not show enough of it."));
            continue;
        }
        let hunks = patches.iter().flat_map(|patch| &patch.hunks);
        let lines = hunks
            .map(|hunk| (hunk.after.max(hunk.before) as usize).saturating_add(hunk.lines.len()))
            .max()
            .unwrap_or(0);
        if lines > left {
            rebuilt.notes.push(format!("{name} was not reviewed: the diff is too large."));
            continue;
        }
        left -= lines;
        let sides = Sides::of(patches.iter().copied());
        let is_whole = |side: &Side| side.is_ended && side.lines.iter().all(|line| line.text.is_some());
        // Only Go can be read in part.
        if !(name.ends_with(".go") || is_whole(&sides.before) && is_whole(&sides.after)) {
            rebuilt.notes.push(format!("{name} was not reviewed: the diff does not show enough of it."));
            continue;
        }
        let file = |name: &String, side| FileText { name: name.clone(), text: text(side, gaps) };
        rebuilt.files.extend(last.after.as_ref().map(|name| file(name, &sides.after)));
        let before = first.before.as_ref().map(|name| file(name, &sides.before));
        rebuilt.before.push(Version { now: last.after.clone(), before, moved: false });
    }
    rebuilt
}

/// The patches of each file, in the order of a series; a file that is renamed stays the same.
fn by_file(diffs: &[FileDiff]) -> Vec<Vec<&FileDiff>> {
    let mut files: Vec<Vec<&FileDiff>> = Vec::new();
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for diff in diffs {
        let known = diff.before.as_deref().and_then(|name| last.remove(name));
        let at = known.unwrap_or(files.len());
        match files.get_mut(at) {
            Some(file) => file.push(diff),
            None => files.push(vec![diff]),
        }
        last.extend(diff.after.as_deref().map(|name| (name, at)));
    }
    files
}

/// The text of one version.
fn text(side: &Side, gaps: Gaps) -> String {
    let (mut out, mut open, mut number, mut rest) = (String::new(), Vec::new(), 1, side.lines.as_slice());
    while !rest.is_empty() {
        let unseen = rest.iter().take_while(|line| line.text.is_none()).count();
        let (_, shown) = rest.split_at(unseen);
        let (island, after) = shown.split_at(shown.iter().take_while(|line| line.text.is_some()).count());
        let lines: String = island.iter().filter_map(|line| line.text.as_deref()).collect();
        if unseen > 0 {
            let opening = opening(island, &lines);
            let mark = format!("{UNSEEN} {number}-{}", number + unseen - 1);
            out.push_str(&gap(&closing(&open), &opening, &mark, if gaps == Gaps::Padded { unseen } else { 2 }));
            open.clear();
            follow(&mut open, &opening);
        }
        out.push_str(&lines);
        follow(&mut open, &lines);
        number += unseen + island.len();
        rest = after;
    }
    if !side.is_ended {
        out.push_str(&format!("{}{UNSEEN} {number}-\n", closing(&open)));
    }
    out
}

/// What stands for lines that are not shown: the end of the declaration before them, and the beginning of the one after them.
fn gap(closing: &str, opening: &str, mark: &str, lines: usize) -> String {
    match lines {
        0 | 1 if closing.is_empty() => format!("{opening} {mark}\n").trim_start().to_owned(),
        0 | 1 => format!("{closing}; {opening} {mark}\n"),
        _ => {
            let blank = "\n".repeat(lines - 2);
            let mark_again = if opening.is_empty() { "" } else { UNSEEN };
            format!("{closing}{mark}\n{blank}{opening}{mark_again}\n")
        }
    }
}

/// Follows the brackets that a text opens and closes.
fn follow(open: &mut Vec<u8>, text: &str) {
    for (_, bracket) in brackets(text) {
        match bracket {
            b'(' | b'[' | b'{' => open.push(bracket),
            _ => drop(open.pop()),
        }
    }
}

fn closing(open: &[u8]) -> String {
    let close = |bracket: &u8| match bracket {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    };
    open.iter().rev().map(close).collect()
}

/// What has to come before lines out of the middle of a declaration, so that they parse: its head, as far as the diff names it,
/// and the blocks that they close.
fn opening(island: &[SideLine], lines: &str) -> String {
    let heading = island.first().and_then(|line| line.heading.as_deref()).unwrap_or_default();
    let first = lines.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut levels = levels(lines);
    if levels.is_empty() && !first.starts_with([' ', '\t']) {
        return String::new();
    }
    // What ends at the beginning of a line is the declaration.
    levels.pop_if(|level| level.at_margin);
    let mut out = head(heading);
    for level in levels.iter().rev() {
        let in_call = out.ends_with('(') && level.opener == "{";
        out.extend([if in_call { "func() " } else { " " }, level.opener]);
    }
    out + " "
}

/// The head of a declaration that begins before what is shown.
fn head(heading: &str) -> String {
    let is = |word: &str| heading.starts_with(word);
    let opens = heading.ends_with('{') || heading.ends_with('(') && !is("func");
    if opens && ["func", "type", "var", "const", "import"].into_iter().any(is) {
        heading.to_owned()
    } else {
        "func _() {".to_owned()
    }
}

/// A bracket that lines close, and do not open.
struct Level {
    /// What may have opened it.
    opener: &'static str,
    /// Whether it is closed at the beginning of a line.
    at_margin: bool,
}

/// The brackets that lines close, and do not open, in order; and a `switch` that they are inside of.
fn levels(lines: &str) -> Vec<Level> {
    let mut brackets = brackets(lines).into_iter().peekable();
    let (mut levels, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    let mut clauses = None;
    for line in lines.split_inclusive('\n') {
        let code = line.trim_start();
        if depth == 0 && (code.starts_with("case ") || code.starts_with("default:")) {
            clauses = Some(if code.contains("<-") { "select {" } else { "switch {" });
        }
        while let Some((at, bracket)) = brackets.next_if(|(at, _)| (*at as usize) < start + line.len()) {
            match bracket {
                b'(' | b'[' | b'{' => depth += 1,
                _ if depth > 0 => depth -= 1,
                close => {
                    let rest = lines.get(at as usize + 1..).unwrap_or_default().trim_start();
                    let opener = match close {
                        b')' => "_(",
                        b']' => "_[",
                        _ if rest.starts_with("else") => "if _ {",
                        _ => clauses.unwrap_or("{"),
                    };
                    levels.push(Level { opener, at_margin: at as usize == start });
                    clauses = None;
                }
            }
        }
        start += line.len();
    }
    levels.extend(clauses.map(|opener| Level { opener, at_margin: false }));
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopeer_diff::parse;

    fn after(hunks: &str) -> String {
        let diff = format!("--- a/a.go\n+++ b/a.go\n{hunks}");
        rebuild(&parse(&diff), Gaps::Short, |_| true).files[0].text.clone()
    }

    #[test]
    fn a_hunk_gets_the_head_and_the_end_of_its_declaration() {
        let text = after("@@ -9,2 +9,3 @@ func (s *S) F(x int) error {\n \ta()\n+\tb()\n \tif x > 0 {\n");
        assert_eq!(
            text,
            "//gopeer:unseen 1-8\nfunc (s *S) F(x int) error { //gopeer:unseen\n\ta()\n\tb()\n\tif x > 0 {\n}}//gopeer:unseen 12-\n"
        );
    }

    #[test]
    fn blocks_that_end_in_a_hunk_are_opened() {
        let text =
            after("@@ -9,5 +9,6 @@ func F() {\n \t\t\ta()\n+\t\t\tb()\n \t\t} else {\n \t\t\tc()\n \t\t}\n \t})\n");
        assert!(text.contains("func F() { _(func() { if _ { //gopeer:unseen\n"), "{text}");
        let text = after("@@ -9,4 +9,5 @@ func F() {\n \t\ta()\n+\t\tb()\n \tcase 2:\n \t\tc()\n \t}\n");
        assert!(text.contains("func F() { switch { //gopeer:unseen\n"), "{text}");
        let text = after("@@ -9,4 +9,5 @@ func F() {\n \ta()\n }\n+\n+func G() {}\n \n");
        assert!(text.contains("func F() { //gopeer:unseen\n\ta()\n}\n\nfunc G() {}\n"), "{text}");
    }

    #[test]
    fn what_begins_with_the_hunk_needs_no_head() {
        let text = after("@@ -9,2 +9,3 @@ func F() {\n \n+// G is.\n func G() {}\n");
        assert_eq!(text, "//gopeer:unseen 1-8\n\n\n// G is.\nfunc G() {}\n//gopeer:unseen 12-\n");
    }

    #[test]
    fn padded_files_keep_the_numbers_of_lines() {
        let diff = "--- a/a.go\n+++ b/a.go\n@@ -9,2 +9,3 @@ func F() {\n \ta()\n+\tb()\n \tc()\n@@ -20 +21,2 @@ func G() {\n \td()\n+\te()\n";
        let rebuilt = rebuild(&parse(diff), Gaps::Padded, |_| true);
        let line = |name: &str| rebuilt.files[0].text.lines().position(|line| line.trim() == name).map(|at| at + 1);
        assert_eq!([line("a()"), line("b()"), line("d()"), line("e()")], [Some(9), Some(10), Some(21), Some(22)]);
    }

    #[test]
    fn whole_files_are_as_they_are() {
        let diff = "--- /dev/null\n+++ b/a.go\n@@ -0,0 +1,2 @@\n+package a\n+var x int\n";
        let rebuilt = rebuild(&parse(diff), Gaps::Short, |_| true);
        assert_eq!(rebuilt.files, [FileText { name: "a.go".into(), text: "package a\nvar x int\n".into() }]);
        assert_eq!(rebuilt.before, [Version { now: Some("a.go".into()), before: None, moved: false }]);
        let docker = "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -3 +3 @@\n-USER a\n+USER b\n";
        let rebuilt = rebuild(&parse(docker), Gaps::Short, |_| true);
        assert!(rebuilt.files.is_empty() && rebuilt.notes[0].starts_with("Dockerfile was not reviewed"));
    }
}
