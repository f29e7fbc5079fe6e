//! Both versions of a file, as far as the hunks of a diff show them.

use crate::{FileDiff, LineKind};

/// No source file has more lines; a damaged hunk may say anything.
const MOST_LINES: u32 = 500_000;

/// How many lines `diff -u` and git show around a change.
const USUAL: usize = 3;

/// Both versions of a file, as far as a diff shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// The old version.
    pub before: Side,
    /// The new version.
    pub after: Side,
}

/// One version of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// The lines, up to the last that is known.
    pub lines: Vec<SideLine>,
    /// Whether the last of them is the last line of the file.
    pub is_ended: bool,
}

/// A line of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SideLine {
    /// Its text with its line end; none where the diff does not show it.
    pub text: Option<String>,
    /// What the diff says the line is in; it says so at the first line of a hunk.
    pub heading: Option<String>,
}

impl Sides {
    /// Puts together what a series of patches says of one file.
    pub fn of<'d>(patches: impl IntoIterator<Item = &'d FileDiff>) -> Sides {
        let mut built = Built::default();
        for (at, patch) in patches.into_iter().enumerate() {
            built.is_ended |= at == 0 && patch.before.is_none() || patch.after.is_none();
            let context = patch.hunks.iter().map(|hunk| leading(hunk.lines.iter().map(|line| line.kind))).max();
            for hunk in patch.hunks.iter().filter(|hunk| hunk.after < MOST_LINES && hunk.before < MOST_LINES) {
                let trailing = leading(hunk.lines.iter().rev().map(|line| line.kind));
                let cut = hunk.lines.last().is_some_and(|line| !line.text.ends_with('\n'));
                built.hunk(hunk);
                // With the usual three lines around changes, fewer after the last mean that the file ends there.
                built.is_ended |= cut || context == Some(USUAL) && trailing < USUAL;
            }
        }
        let side = |cells: &[usize]| Side {
            lines: cells.iter().filter_map(|&cell| built.cells.get(cell).cloned()).collect(),
            is_ended: built.is_ended,
        };
        Sides { before: side(&built.before), after: side(&built.after) }
    }
}

fn leading(kinds: impl Iterator<Item = LineKind>) -> usize {
    kinds.take_while(|kind| *kind == LineKind::Same).count()
}

/// Lines that both versions share are one cell: what a later patch shows of it is known of the earlier version too.
#[derive(Default)]
struct Built {
    cells: Vec<SideLine>,
    before: Vec<usize>,
    after: Vec<usize>,
    is_ended: bool,
}

impl Built {
    fn cell(&mut self, text: Option<String>) -> usize {
        self.cells.push(SideLine { text, heading: None });
        self.cells.len() - 1
    }

    fn hunk(&mut self, hunk: &crate::Hunk) {
        let start = hunk.after as usize;
        let old = hunk.lines.iter().filter(|line| line.kind != LineKind::New).count();
        while self.after.len() < start + old {
            let cell = self.cell(None);
            self.before.push(cell);
            self.after.push(cell);
        }
        let mut known = self.after.get(start..start + old).unwrap_or_default().to_vec().into_iter();
        let mut new = Vec::new();
        for line in &hunk.lines {
            if line.kind == LineKind::New {
                new.push(self.cell(Some(line.text.clone())));
                continue;
            }
            let Some(cell) = known.next() else { break };
            if let Some(known) = self.cells.get_mut(cell) {
                known.text.get_or_insert_with(|| line.text.clone());
            }
            if line.kind == LineKind::Same {
                new.push(cell);
            }
        }
        if let Some(first) = new.first().and_then(|&cell| self.cells.get_mut(cell)) {
            first.heading.get_or_insert_with(|| hunk.heading.clone());
        }
        if let Some(first) = self.after.get(start).and_then(|&cell| self.cells.get_mut(cell)) {
            first.heading.get_or_insert_with(|| hunk.heading.clone());
        }
        self.after.splice(start..start + old, new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn shown(side: &Side) -> String {
        let line = |line: &SideLine| line.text.as_deref().map_or('?'.to_string(), |text| text.trim_end().to_owned());
        let lines: Vec<String> = side.lines.iter().map(line).collect();
        lines.join(" ") + if side.is_ended { "." } else { "" }
    }

    fn sides(text: &str) -> (String, String) {
        let sides = Sides::of(&parse(text));
        (shown(&sides.before), shown(&sides.after))
    }

    #[test]
    fn hunks_leave_gaps() {
        let text = "--- a/x\n+++ b/x\n@@ -3,3 +3,4 @@\n c\n-d\n+D\n+D2\n e\n@@ -8,3 +9,2 @@\n h\n-i\n j\n";
        assert_eq!(sides(text), ("? ? c d e ? ? h i j".into(), "? ? c D D2 e ? ? h j".into()));
    }

    #[test]
    fn a_series_is_put_together() {
        let first = "--- a/x\n+++ b/x\n@@ -3,3 +3,4 @@\n c\n+n\n d\n e\n";
        let second = "--- a/x\n+++ b/x\n@@ -1,4 +1,3 @@\n a\n-b\n c\n n\n@@ -7,3 +6,3 @@\n f\n-g\n+G\n h\n";
        assert_eq!(sides(&[first, second].concat()), ("a b c d e f g h".into(), "a c n d e f G h".into()));
    }

    #[test]
    fn the_end_is_known_where_the_context_is_short() {
        let (_, after) = sides("--- a/x\n+++ b/x\n@@ -3,4 +3,5 @@\n c\n d\n e\n+n\n f\n");
        assert_eq!(after, "? ? c d e n f.");
        assert_eq!(sides("--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n"), (".".into(), "a b.".into()));
    }

    #[test]
    fn a_damaged_hunk_does_no_harm() {
        assert_eq!(
            sides("--- a/x\n+++ b/x\n@@ -4000000000,1 +4000000000,1 @@\n-a\n+b\n"),
            (String::new(), String::new())
        );
    }
}
