//! Sorting in one copy. Each use of the standard library's sorts is 4 to 7 KB of wasm of its own, made for millions of
//! things; here the part that depends on the type is a comparison and a swap.

use std::cmp::Ordering;

/// Sorts by a key; equals keep their order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts; equals keep their order.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places = places(items.len(), &|a, b| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    for at in 0..places.len() {
        // Whatever lies here goes where it belongs, until what belongs here lies here.
        while let Some(&to) = places.get(at).filter(|&&to| to != at) {
            items.swap(at, to);
            places.swap(at, to);
        }
    }
}

/// Where each thing belongs, by merging; empty where all lie there already.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    if (1..count).all(|at| compare(at - 1, at) != Ordering::Greater) {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..count).collect();
    let mut width = 1;
    while width < count {
        let merged = order.chunks(width * 2).flat_map(|both| merge(both, width, compare)).collect();
        order = merged;
        width *= 2;
    }
    let mut places = vec![0; count];
    for (place, &from) in order.iter().enumerate() {
        if let Some(slot) = places.get_mut(from) {
            *slot = place;
        }
    }
    places
}

fn merge(both: &[usize], width: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let (mut left, mut right) = both.split_at_checked(width).unwrap_or((both, &[]));
    let mut merged = Vec::with_capacity(both.len());
    while let (Some((&a, rest_a)), Some((&b, rest_b))) = (left.split_first(), right.split_first()) {
        if compare(a, b) == Ordering::Greater {
            merged.push(b);
            right = rest_b;
        } else {
            merged.push(a);
            left = rest_a;
        }
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        let mut seed = 1_u32;
        for count in 0..200 {
            let mut next = || {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                seed >> 28
            };
            let items: Vec<(u32, usize)> = (0..count).map(|at| (next(), at)).collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by_key(&mut ours, |&(key, _)| key);
            theirs.sort_by_key(|&(key, _)| key);
            assert_eq!(ours, theirs);
            sort_by(&mut ours, |a, b| b.cmp(a));
            theirs.sort_by(|a, b| b.cmp(a));
            assert_eq!(ours, theirs);
        }
    }
}
