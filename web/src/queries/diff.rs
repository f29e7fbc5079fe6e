//! What a fix would change, line by line.

use gopeer_engine::protocol::Fix;

use crate::state::{Work, fixed};

/// A line of a preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffLine {
    /// As it is.
    Same(String),
    /// Goes.
    Gone(String),
    /// Comes.
    New(String),
}

/// Adjacent changed lines, with a line of context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Name of the file.
    pub file: String,
    /// Number of the first line, from 1.
    pub line: usize,
    /// The lines.
    pub lines: Vec<DiffLine>,
}

/// Lines that stand around a change.
const AROUND: usize = 1;
/// Fixes change few lines; beyond this a comparison line by line is not worth its cost.
const MOST: usize = 400;

/// What a fix changes; empty where it does not fit the text.
pub fn hunks(work: &Work, fix: &Fix) -> Vec<Hunk> {
    let Some(after) = fixed(work, fix) else { return Vec::new() };
    let pairs = work.files.iter().zip(&after).filter(|(old, new)| old.text != new.text);
    pairs.flat_map(|(old, new)| compare(&old.name, &old.text, &new.text)).collect()
}

fn compare(file: &str, old: &str, new: &str) -> Vec<Hunk> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (gone, come) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let script = if gone.len().max(come.len()) > MOST { replace(gone, come) } else { shortest(gone, come) };
    let mut lines: Vec<DiffLine> = old[head.saturating_sub(AROUND)..head].iter().map(|line| same(line)).collect();
    let first = head - lines.len() + 1;
    lines.extend(script);
    lines.extend(old[old.len() - tail..].iter().take(AROUND).map(|line| same(line)));
    split(file, first, lines)
}

fn same(line: &str) -> DiffLine {
    DiffLine::Same(line.to_owned())
}

fn replace(gone: &[&str], come: &[&str]) -> Vec<DiffLine> {
    let gone = gone.iter().map(|line| DiffLine::Gone((*line).to_owned()));
    gone.chain(come.iter().map(|line| DiffLine::New((*line).to_owned()))).collect()
}

/// The textbook longest common subsequence.
fn shortest(old: &[&str], new: &[&str]) -> Vec<DiffLine> {
    let width = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push(same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            lines.push(DiffLine::Gone(old[i].to_owned()));
            i += 1;
        } else {
            lines.push(DiffLine::New(new[j].to_owned()));
            j += 1;
        }
    }
    lines
}

/// Cuts where many lines in a row stay as they are.
fn split(file: &str, first: usize, lines: Vec<DiffLine>) -> Vec<Hunk> {
    let near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        lines[from..lines.len().min(at + AROUND + 1)].iter().any(|line| !matches!(line, DiffLine::Same(_)))
    };
    let kept: Vec<bool> = (0..lines.len()).map(near).collect();
    let (mut hunks, mut number, mut open) = (Vec::<Hunk>::new(), first, false);
    for (line, kept) in lines.into_iter().zip(kept) {
        let here = number;
        if !matches!(line, DiffLine::New(_)) {
            number += 1;
        }
        match hunks.last_mut().filter(|_| open) {
            Some(hunk) if kept => hunk.lines.push(line),
            _ if kept => hunks.push(Hunk { file: file.to_owned(), line: here, lines: vec![line] }),
            _ => {}
        }
        open = kept;
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let line = |line: &DiffLine| match line {
            DiffLine::Same(text) => format!(" {text}"),
            DiffLine::Gone(text) => format!("-{text}"),
            DiffLine::New(text) => format!("+{text}"),
        };
        let hunk = |hunk: Hunk| format!("@{}{}", hunk.line, hunk.lines.iter().map(line).collect::<String>());
        compare("a.go", old, new).into_iter().map(hunk).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_what_changes_and_its_neighbours_is_shown() {
        assert_eq!(shown("a\nb\nc\nd\n", "a\nb\nx\nd\n"), "@2 b-c+x d");
        assert_eq!(shown("a\n", "a\nb\n"), "@1 a+b");
        assert_eq!(shown("a\nb\n", "b\n"), "@1-a b");
        assert_eq!(shown("1\n2\n3\n4\n5\n6\n7\n", "x\n2\n3\n4\n5\n6\ny\n"), "@1-1+x 2 @6 6-7+y");
        assert_eq!(shown("", "a\n"), "@1+a");
    }
}
