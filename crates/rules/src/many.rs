//! Of many findings of one kind in a file, one is enough.

/// Above this many of a kind in one file, the first stands for all.
const TOLD_ONE_BY_ONE: usize = 3;

/// Leaves the first where there are many, and says for how many others it stands.
pub(crate) fn first_of_many<T>(found: &mut Vec<T>) -> usize {
    if found.len() <= TOLD_ONE_BY_ONE {
        return 0;
    }
    let others = found.len() - 1;
    found.truncate(1);
    others
}
