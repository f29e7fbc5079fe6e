//! Which lines of two versions of a text are the same.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

/// The lines that differ between two versions; lines count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Stretches of the old version and what is there in the new one, in order; lines from 0.
    hunks: Vec<(Range<u32>, Range<u32>)>,
}

impl Lines {
    /// Compares two texts as git does.
    pub fn between(before: &str, after: &str) -> Lines {
        let input = InternedInput::new(before, after);
        let mut diff = Diff::compute(Algorithm::Myers, &input);
        diff.postprocess_lines(&input);
        Lines { hunks: diff.hunks().map(|hunk| (hunk.before, hunk.after)).collect() }
    }

    /// The line of the old version that is this one of the new; none where the line is new.
    pub fn before(&self, after: u32) -> Option<u32> {
        moved(&self.hunks, after, |(before, after)| (after, before))
    }

    /// The line of the new version that is this one of the old; none where the line is gone.
    pub fn after(&self, before: u32) -> Option<u32> {
        moved(&self.hunks, before, |(before, after)| (before, after))
    }

    /// The stretches of new lines: the first of each, and the last.
    pub fn new_lines(&self) -> impl Iterator<Item = (u32, u32)> {
        self.hunks.iter().filter(|(_, after)| !after.is_empty()).map(|(_, after)| (after.start + 1, after.end))
    }
}

type Stretch = (Range<u32>, Range<u32>);

fn moved(hunks: &[Stretch], line: u32, from_to: fn(&Stretch) -> (&Range<u32>, &Range<u32>)) -> Option<u32> {
    let at = line.checked_sub(1)?;
    let next = hunks.partition_point(|hunk| from_to(hunk).0.end <= at);
    if hunks.get(next).is_some_and(|hunk| from_to(hunk).0.contains(&at)) {
        return None;
    }
    let Some((from, to)) = next.checked_sub(1).and_then(|last| hunks.get(last)).map(from_to) else { return Some(line) };
    Some(line - from.end + to.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_partners() {
        let lines = Lines::between("a\nb\nc\nd\ne\n", "x\na\nb\nD\nD2\ne\n");
        let before: Vec<Option<u32>> = (1..=6).map(|line| lines.before(line)).collect();
        assert_eq!(before, [None, Some(1), Some(2), None, None, Some(5)]);
        let after: Vec<Option<u32>> = (1..=5).map(|line| lines.after(line)).collect();
        assert_eq!(after, [Some(2), Some(3), None, None, Some(6)]);
        assert_eq!(lines.new_lines().collect::<Vec<_>>(), [(1, 1), (4, 5)]);
        assert_eq!(Lines::between("a\n", "a\n"), Lines::default());
        assert_eq!((Lines::default().before(7), Lines::default().before(0)), (Some(7), None));
    }
}
