//! Reading unified diffs: of `diff -u` (POSIX, "diff", "Diff -u or -U Output Format"), of git (git-diff, "Generating patch text
//! with -p"), and what surrounds them in mail and on web pages.

use std::iter::Peekable;
use std::str::SplitInclusive;

/// What a diff says of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDiff {
    /// The name before; none where the file is new.
    pub before: Option<String>,
    /// The name after; none where the file is deleted.
    pub after: Option<String>,
    /// The changed stretches, in order.
    pub hunks: Vec<Hunk>,
    /// Whether the content is binary, and so not shown.
    pub binary: bool,
}

/// A changed stretch with the lines around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// How many lines of the old file come before it.
    pub before: u32,
    /// How many lines of the new file come before it.
    pub after: u32,
    /// What `diff -p` and git print after the second `@@`: a line above that says what the hunk is in.
    pub heading: String,
    /// The lines.
    pub lines: Vec<HunkLine>,
}

/// A line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HunkLine {
    /// In which of the two files it is.
    pub kind: LineKind,
    /// Its text with its line end; the last line of a file may have none.
    pub text: String,
}

/// In which of the two files a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// In both.
    Same,
    /// Only in the old one.
    Gone,
    /// Only in the new one.
    New,
}

/// Whether a text is a diff, whatever surrounds it.
pub fn is_diff(text: &str) -> bool {
    let marks = ["@@ -", "rename from ", "deleted file mode ", "new file mode "];
    text.lines().any(|line| marks.iter().any(|mark| line.starts_with(mark))) && !parse(text).is_empty()
}

/// The files of a diff, in its order. A series of patches may have a file several times. What is not a diff is skipped, and a hunk
/// that ends early is taken as far as it goes.
pub fn parse(text: &str) -> Vec<FileDiff> {
    // Where a header ends in \r\n, the diff has been converted as a whole.
    let converted = text.lines().any(|line| line.starts_with("@@ -")) && text.split('\n').any(is_converted_header);
    let unified = if converted { text.replace("\r\n", "\n") } else { String::new() };
    let text = if converted { &unified } else { text };
    let mut reader = Reader { lines: text.split_inclusive('\n').peekable(), files: Vec::new(), open: false };
    while let Some(line) = reader.lines.next() {
        reader.line(line);
    }
    reader.files.retain(|file| file.before.is_some() || file.after.is_some());
    reader.files
}

fn is_converted_header(line: &str) -> bool {
    line.starts_with("@@ -") && line.ends_with('\r')
}

struct Reader<'t> {
    lines: Peekable<SplitInclusive<'t, char>>,
    files: Vec<FileDiff>,
    /// Whether the last file's header has begun and none of its hunks.
    open: bool,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        let line = line.trim_end_matches(['\n', '\r']);
        if let Some(names) = line.strip_prefix("diff --git ") {
            let (before, after) = git_names(names).unzip();
            self.files.push(FileDiff { before, after, ..FileDiff::default() });
            self.open = true;
        } else if let Some(old) = line.strip_prefix("--- ")
            && let Some(new) = self.lines.peek().and_then(|next| next.strip_prefix("+++ ")).map(str::to_owned)
        {
            self.lines.next();
            self.names(old, new.trim_end_matches(['\n', '\r']));
        } else if let Some(range) = line.strip_prefix("@@ -") {
            self.hunk(range);
        } else if self.open {
            self.extended(line);
        }
    }

    /// The two lines before the hunks of a file.
    fn names(&mut self, old: &str, new: &str) {
        let (before, after) = without_prefixes(name(old), name(new));
        match self.files.last_mut().filter(|_| self.open) {
            // Git has named a renamed file already, without prefixes.
            Some(file) if file.before.is_some() && file.after.is_some() && file.before != file.after => {}
            Some(file) => (file.before, file.after) = (before, after),
            None => self.files.push(FileDiff { before, after, ..FileDiff::default() }),
        }
        self.open = true;
    }

    /// A line of git's extended header.
    fn extended(&mut self, line: &str) {
        let Some(file) = self.files.last_mut() else { return };
        if line.starts_with("new file mode ") {
            file.before = None;
        } else if line.starts_with("deleted file mode ") {
            file.after = None;
        } else if let Some(name) = line.strip_prefix("rename from ").or(line.strip_prefix("copy from ")) {
            file.before = Some(unquoted(name));
        } else if let Some(name) = line.strip_prefix("rename to ").or(line.strip_prefix("copy to ")) {
            file.after = Some(unquoted(name));
        } else if line.starts_with("Binary files ") || line == "GIT binary patch" {
            file.binary = true;
        }
    }

    /// A hunk, from its ranges on: `1,2 +3,4 @@ heading`.
    fn hunk(&mut self, header: &str) {
        let Some((ranges, heading)) = header.split_once(" @@") else { return };
        let Some((old, new)) = ranges.split_once(" +") else { return };
        let (Some((before, mut gone)), Some((after, mut come))) = (range(old), range(new)) else { return };
        let mut hunk = Hunk { before, after, heading: heading.trim().to_owned(), lines: Vec::new() };
        while let Some(next) = self.lines.peek().copied() {
            let (kind, text) = match next.as_bytes().first() {
                Some(b'\\') => {
                    // Of the line before it: it has no line end.
                    hunk.lines.last_mut().iter_mut().for_each(|line| {
                        line.text.truncate(line.text.trim_end_matches(['\n', '\r']).len());
                    });
                    self.lines.next();
                    continue;
                }
                Some(b' ') if gone > 0 && come > 0 => (LineKind::Same, next.get(1..)),
                // Mail and editors take the blank from an empty line.
                Some(b'\n' | b'\r') if gone > 0 && come > 0 => (LineKind::Same, Some(next)),
                Some(b'-') if gone > 0 => (LineKind::Gone, next.get(1..)),
                Some(b'+') if come > 0 => (LineKind::New, next.get(1..)),
                _ => break,
            };
            gone -= u32::from(kind != LineKind::New);
            come -= u32::from(kind != LineKind::Gone);
            hunk.lines.push(HunkLine { kind, text: text.unwrap_or_default().to_owned() });
            self.lines.next();
        }
        if self.files.is_empty() {
            // A hunk that was copied alone.
            let name = Some("main.go".to_owned());
            self.files.push(FileDiff { before: name.clone(), after: name, ..FileDiff::default() });
        }
        self.open = false;
        if let Some(file) = self.files.last_mut() {
            file.hunks.push(hunk);
        }
    }
}

/// How many lines come before a range such as `3,4`, and how many lines it has.
fn range(text: &str) -> Option<(u32, u32)> {
    let (start, count) = text.split_once(',').unwrap_or((text, "1"));
    let (start, count) = (start.parse::<u32>().ok()?, count.trim().parse::<u32>().ok()?);
    // An empty range names the line before it.
    Some((if count == 0 { start } else { start.checked_sub(1)? }, count))
}

/// The name in a line `--- name`, which may have a time after a tab.
fn name(text: &str) -> Option<String> {
    let name = unquoted(text.split('\t').next().unwrap_or(text).trim_end());
    (name != "/dev/null").then_some(name)
}

/// The two names of a line `diff --git a/name b/name`. Only the same name twice can be told apart for certain; the other lines name
/// what was renamed.
fn git_names(text: &str) -> Option<(String, String)> {
    // The names are about as long as each other; a line may be very long.
    const ABOUT: usize = 100;
    let is_near = |at: &usize| at.abs_diff(text.len() - at) < ABOUT;
    let middle = text.match_indices(' ').map(|(at, _)| at).filter(is_near).find(|&at| {
        let (old, new) = text.split_at(at);
        let (old, new) = (old.trim_matches('"'), new.trim().trim_matches('"'));
        old == new || old.split_once('/').is_some_and(|(_, old)| new.split_once('/').is_some_and(|(_, new)| old == new))
    })?;
    let (old, new) = text.split_at(middle);
    let (before, after) = without_prefixes(Some(unquoted(old)), Some(unquoted(new.trim())));
    Some((before?, after?))
}

/// Takes `a/` and `b/` from names, or two folders that were compared.
fn without_prefixes(before: Option<String>, after: Option<String>) -> (Option<String>, Option<String>) {
    fn below(name: &str) -> Option<(&str, &str)> {
        name.split_once('/')
    }
    let lone = |name: &str| match below(name) {
        Some((prefix, rest)) if prefix.len() == 1 && "abciow".contains(prefix) => rest.to_owned(),
        _ => name.to_owned(),
    };
    match (before, after) {
        (Some(old), Some(new)) => match (below(&old), below(&new)) {
            (Some((a, from)), Some((b, to))) if a != b && (from == to || a.len() == 1 && b.len() == 1) => {
                (Some(from.to_owned()), Some(to.to_owned()))
            }
            // What was kept beside the file, such as main.go.orig.
            _ if old.starts_with(&new) => (Some(new.clone()), Some(new)),
            _ => (Some(old), Some(new)),
        },
        (old, new) => (old.as_deref().map(lone), new.as_deref().map(lone)),
    }
}

/// A name without quotes and escapes, which git writes for unusual characters (git-config, `core.quotePath`).
fn unquoted(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) else { return name.to_owned() };
    let (mut bytes, mut rest) = (Vec::new(), inner.as_bytes());
    while let [first, others @ ..] = rest {
        rest = others;
        match (first, others) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', others @ ..]) => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = others;
            }
            (b'\\', [escaped, others @ ..]) => {
                bytes.push(match escaped {
                    b'n' => b'\n',
                    b't' => b'\t',
                    other => *other,
                });
                rest = others;
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, then the lines of the hunks with their signs.
    fn read(text: &str) -> String {
        let sign = |line: &HunkLine| match line.kind {
            LineKind::Same => format!(" {}", line.text),
            LineKind::Gone => format!("-{}", line.text),
            LineKind::New => format!("+{}", line.text),
        };
        let hunk = |hunk: &Hunk| {
            let lines: String = hunk.lines.iter().map(sign).collect();
            format!("@{},{} {}|{lines}", hunk.before, hunk.after, hunk.heading)
        };
        let name = |name: &Option<String>| name.clone().unwrap_or("none".to_owned());
        let file = |file: FileDiff| {
            let hunks: String = file.hunks.iter().map(hunk).collect();
            format!("{} > {}\n{hunks}", name(&file.before), name(&file.after))
        };
        parse(text).into_iter().map(file).collect()
    }

    #[test]
    fn git_writes_names_hunks_and_headings() {
        let text = "diff --git a/x/a.go b/x/a.go\nindex 1..2 100644\n--- a/x/a.go\n+++ b/x/a.go\n\
                    @@ -3,3 +3,4 @@ func F() {\n \ta\n-\tb\n+\tc\n+\td\n \te\n";
        assert_eq!(read(text), "x/a.go > x/a.go\n@2,2 func F() {| \ta\n-\tb\n+\tc\n+\td\n \te\n");
    }

    #[test]
    fn files_come_go_and_move() {
        let new =
            "diff --git a/n.go b/n.go\nnew file mode 100644\n--- /dev/null\n+++ b/n.go\n@@ -0,0 +1 @@\n+package n\n";
        assert_eq!(read(new), "none > n.go\n@0,0 |+package n\n");
        let gone = "diff --git a/n.go b/n.go\ndeleted file mode 100644\n--- a/n.go\n+++ /dev/null\n@@ -1 +0,0 @@\n-package n\n";
        assert_eq!(read(gone), "n.go > none\n@0,0 |-package n\n");
        let moved = "diff --git a/o b.go b/n.go\nsimilarity index 100%\nrename from o b.go\nrename to n.go\n";
        assert_eq!(read(moved), "o b.go > n.go\n");
        let both = "diff --git a/b/o.go b/c/o.go\nrename from b/o.go\nrename to c/o.go\n--- a/b/o.go\n+++ b/c/o.go\n@@ -1 +1 @@\n-a\n+b\n";
        assert_eq!(read(both), "b/o.go > c/o.go\n@0,0 |-a\n+b\n");
        let mode = "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n";
        assert_eq!(read(mode), "run.sh > run.sh\n");
    }

    #[test]
    fn mail_around_a_patch_is_skipped() {
        let text = "From 12 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\nWords.\n---\n a.go | 2 +-\n 1 file changed\n\n\
                    diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -1,2 +1,2 @@\n package a\n-var x = 1\n+var x = 2\n-- \n2.39.2\n\n";
        assert_eq!(read(text), "a.go > a.go\n@0,0 | package a\n-var x = 1\n+var x = 2\n");
        assert!(is_diff(text) && !is_diff("package a\n") && !is_diff("--- a\n+++ b\n"));
    }

    #[test]
    fn other_programs_write_other_names() {
        let text = "diff -ru old/p/a.go new/p/a.go\n--- old/p/a.go\t2024-01-01 10:00:00\n+++ new/p/a.go\t2024-01-02\n@@ -1 +1 @@\n-a\n+b\n";
        assert_eq!(read(text), "p/a.go > p/a.go\n@0,0 |-a\n+b\n");
        assert_eq!(read("--- a.go.orig\n+++ a.go\n@@ -1 +1 @@\n-a\n+b\n"), "a.go > a.go\n@0,0 |-a\n+b\n");
        assert_eq!(read("--- main.go\n+++ main.go\n@@ -1 +1 @@\n-a\n+b\n"), "main.go > main.go\n@0,0 |-a\n+b\n");
        let quoted = "diff --git \"a/\\303\\244.go\" \"b/\\303\\244.go\"\n--- \"a/\\303\\244.go\"\n+++ \"b/\\303\\244.go\"\n@@ -1 +1 @@\n-a\n+b\n";
        assert_eq!(read(quoted), "ä.go > ä.go\n@0,0 |-a\n+b\n");
    }

    #[test]
    fn line_ends_are_kept() {
        let text = "--- a/a.go\n+++ b/a.go\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n";
        assert_eq!(read(text), "a.go > a.go\n@0,0 | a\n-b+b\n");
        let windows = "--- a/a.go\n+++ b/a.go\n@@ -1 +1 @@\n-a\r\n+b\r\n";
        assert_eq!(read(windows), "a.go > a.go\n@0,0 |-a\r\n+b\r\n");
        assert_eq!(read(&windows.replace("\r\n", "\n").replace('\n', "\r\n")), "a.go > a.go\n@0,0 |-a\n+b\n");
        assert_eq!(read("--- a/a.go\n+++ b/a.go\n@@ -1,3 +1,2 @@\n a\n\n-b\n"), "a.go > a.go\n@0,0 | a\n \n-b\n");
    }

    #[test]
    fn what_is_cut_off_or_odd_does_no_harm() {
        assert_eq!(read("@@ -1,9 +1,9 @@\n a\n+b\n"), "main.go > main.go\n@0,0 | a\n+b\n");
        for text in [
            "@@ -0,1 +0,1 @@\n a\n",
            "@@ -1 +x @@\n",
            "@@ -99999999999 +1 @@\n",
            "diff --git \n@@ -1 +1 @@",
            "--- \n+++ \n",
        ] {
            read(text);
        }
    }
}
