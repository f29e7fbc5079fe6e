//! From the new version of a file to the old one.

use crate::{FileDiff, LineKind};

/// A text is not the version that a diff is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The first line that differs, from 1.
    pub line: u32,
}

impl FileDiff {
    /// The old version, from the new one.
    pub fn reverse(&self, after: &str) -> Result<String, Mismatch> {
        let mut out = String::with_capacity(after.len());
        let mut lines = after.split_inclusive('\n');
        let mut number = 0;
        for hunk in &self.hunks {
            while number < hunk.after {
                number += 1;
                out.push_str(lines.next().ok_or(Mismatch { line: number })?);
            }
            for line in &hunk.lines {
                if line.kind == LineKind::Gone {
                    push(&mut out, &line.text);
                    continue;
                }
                number += 1;
                let here = lines.next().filter(|here| is_same(here, &line.text)).ok_or(Mismatch { line: number })?;
                if line.kind == LineKind::Same {
                    push(&mut out, here);
                }
            }
        }
        lines.for_each(|line| push(&mut out, line));
        Ok(out)
    }
}

/// Adds a line; one before it that had no end gets one.
fn push(out: &mut String, line: &str) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(line);
}

fn is_same(a: &str, b: &str) -> bool {
    a.trim_end_matches(['\n', '\r']) == b.trim_end_matches(['\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn the_old_version_comes_back() {
        let (before, after) = ("a\nb\nc\nd\ne\nf\n", "a\nB\nB2\nc\nd\ne\nf\ng");
        let text = "--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n+B2\n c\n@@ -6 +7,2 @@\n f\n+g\n\\ No newline at end of file\n";
        let diff = &parse(text)[0];
        assert_eq!(diff.reverse(after).as_deref(), Ok(before));
        assert_eq!(diff.reverse(before), Err(Mismatch { line: 2 }));
        assert_eq!(diff.reverse("a\nB\n"), Err(Mismatch { line: 3 }));
    }
}
