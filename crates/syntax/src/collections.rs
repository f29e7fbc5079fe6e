//! Collections in vectors: what they keep mostly comes in order, and each map of the standard library is kilobytes of wasm
//! of its own.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::sort::sort_by;

/// Values by key. To put in what belongs at the end is cheap.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sorted<K, V>(Vec<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Sorted<K, V> {
        Sorted(Vec::new())
    }
}

impl<K: Ord, V> Sorted<K, V> {
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        match self.0.last() {
            Some((last, _)) if last.borrow() < key => Err(self.0.len()),
            _ => self.0.binary_search_by(|(known, _)| known.borrow().cmp(key)),
        }
    }

    /// The key's value.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(self.place(key).ok()?).map(|(_, value)| value)
    }

    /// The key's value, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// Puts a value in place of the one that the key has.
    pub fn insert(&mut self, key: K, value: V) {
        match self.place(&key) {
            Ok(place) => {
                if let Some(slot) = self.0.get_mut(place) {
                    slot.1 = value;
                }
            }
            Err(place) => self.0.insert(place, (key, value)),
        }
    }

    /// Changes the key's value; a key that has none gets the default one before.
    pub fn update(&mut self, key: K, change: impl FnOnce(&mut V))
    where
        V: Default,
    {
        let place = self.place(&key).unwrap_or_else(|place| {
            self.0.insert(place, (key, V::default()));
            place
        });
        if let Some((_, value)) = self.0.get_mut(place) {
            change(value);
        }
    }

    /// Takes the key and its value away.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Ok(place) = self.place(key) {
            self.0.remove(place);
        }
    }

    /// All, in order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Of several values of one key the last one counts.
impl<K: Ord, V> FromIterator<(K, V)> for Sorted<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Sorted<K, V> {
        let mut all: Vec<(K, V)> = all.into_iter().collect();
        sort_by(&mut all, |(a, _), (b, _)| a.cmp(b));
        all.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        Sorted(all)
    }
}

/// Which of many numbered things are marked.
#[derive(Default)]
pub struct Marks(Vec<bool>);

impl Marks {
    /// Whether one is marked.
    pub fn has(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or_default()
    }

    /// Marks one; false if it is marked already.
    pub fn set(&mut self, index: usize) -> bool {
        if self.0.len() <= index {
            self.0.resize(index + 1, false);
        }
        self.0.get_mut(index).is_some_and(|mark| !std::mem::replace(mark, true))
    }
}

/// Different things, numbered as they come.
pub struct Interner<T> {
    items: Vec<T>,
    table: Table,
}

impl<T> Default for Interner<T> {
    fn default() -> Interner<T> {
        Interner { items: Vec::new(), table: Table::default() }
    }
}

impl<T: Eq + Hash> Interner<T> {
    /// The number of what equals `item`.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, item: &Q) -> Option<u32>
    where
        T: Borrow<Q>,
    {
        let is = |number: u32| self.items.get(number as usize).is_some_and(|known| known.borrow() == item);
        self.table.find(hash(item), &is)
    }

    /// The number of `item`, and whether it is new.
    pub fn insert(&mut self, item: T) -> (u32, bool) {
        if let Some(known) = self.get(&item) {
            return (known, false);
        }
        self.table.push(hash(&item));
        self.items.push(item);
        (self.items.len() as u32 - 1, true)
    }

    /// All, in the order of their numbers.
    pub fn items(&self) -> &[T] {
        &self.items
    }
}

fn hash<Q: Hash + ?Sized>(item: &Q) -> u64 {
    let mut hasher = DefaultHasher::new();
    item.hash(&mut hasher);
    hasher.finish()
}

/// Finds numbered things by their hashes. One map for all types of things: each of its own is kilobytes of wasm.
#[derive(Default)]
struct Table {
    /// The last number of each hash.
    last: HashMap<u64, u32>,
    /// By number: the one before that has the same hash.
    before: Vec<Option<u32>>,
}

impl Table {
    fn find(&self, hash: u64, is: &dyn Fn(u32) -> bool) -> Option<u32> {
        let before = |number: &u32| self.before.get(*number as usize).copied().flatten();
        std::iter::successors(self.last.get(&hash).copied(), before).find(|&number| is(number))
    }

    /// Gives the next number to a hash.
    fn push(&mut self, hash: u64) {
        let before = self.last.insert(hash, self.before.len() as u32);
        self.before.push(before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_once() {
        let mut interner = Interner::default();
        for round in 0..2 {
            for number in 0..5_000_u32 {
                let word = format!("{:x}", number.wrapping_mul(2_654_435_761));
                assert_eq!(interner.get(word.as_str()), (round > 0).then_some(number));
                assert_eq!(interner.insert(word.clone()), (number, round == 0));
                assert_eq!(interner.items().get(number as usize), Some(&word));
            }
        }
    }

    #[test]
    fn sorted_keeps_the_order() {
        let mut sorted: Sorted<String, u32> = Sorted::default();
        for key in ["b", "d", "a", "c", "b"] {
            sorted.update(key.to_owned(), |count| *count += 1);
        }
        sorted.remove("d");
        sorted.insert("c".to_owned(), 7);
        let all: Vec<(&str, u32)> = sorted.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        assert_eq!(all, [("a", 1), ("b", 2), ("c", 7)]);
        let same: Sorted<String, u32> =
            [("c", 1), ("b", 2), ("c", 7), ("a", 1)].map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        assert_eq!(sorted, same);
        assert_eq!((sorted.get("b"), sorted.get("x")), (Some(&2), None));
    }
}
