//! Reviews in the formats that other programs and people read.

mod markdown;
mod sarif;

pub use markdown::markdown;
pub use sarif::sarif;

use crate::protocol::Fix;

/// What is said of a finding on a line that a change leaves alone and makes wrong.
pub const AFFECTED: &str = "this line is unchanged; the change makes it wrong";

/// `text` of `file` after `fixes`. A fix whose edits overlap those of one before it is left out whole.
pub fn apply<'f>(text: &str, file: &str, fixes: impl IntoIterator<Item = &'f Fix>) -> String {
    let mut taken: Vec<(usize, usize, &str)> = Vec::new();
    for fix in fixes {
        let edits: Vec<(usize, usize, &str)> = fix
            .edits
            .iter()
            .filter(|edit| edit.place.file == file)
            .map(|edit| (edit.place.range.start as usize, edit.place.range.end as usize, edit.insert.as_str()))
            .filter(|edit| !taken.contains(edit))
            .collect();
        if !edits.iter().any(|edit| taken.iter().any(|other| overlap(edit, other))) {
            taken.extend(edits);
        }
    }
    taken.sort_by_key(|(start, end, _)| (*start, *end));
    let mut fixed = text.to_owned();
    for (start, end, insert) in taken.into_iter().rev() {
        if fixed.is_char_boundary(start) && fixed.is_char_boundary(end) && start <= end {
            fixed.replace_range(start..end, insert);
        }
    }
    fixed
}

fn overlap(a: &(usize, usize, &str), b: &(usize, usize, &str)) -> bool {
    a.0 < b.1 && b.0 < a.1 || (a.0 == b.0 && a.1 == b.1)
}
