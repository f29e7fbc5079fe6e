//! A small set.

use serde::{Deserialize, Serialize};

/// A handful of things, each once. The standard library's sets are for many things, and a tenth of the page in code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Set<T>(Vec<T>);

impl<T> Default for Set<T> {
    fn default() -> Self {
        Set(Vec::new())
    }
}

impl<T: PartialEq> Set<T> {
    /// Whether it is in.
    pub fn contains<Q: ?Sized + PartialEq<T>>(&self, wanted: &Q) -> bool {
        self.0.iter().any(|known| *wanted == *known)
    }

    /// Whether nothing is in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// Puts it in.
    pub fn insert(&mut self, item: T) {
        if !self.contains(&item) {
            self.0.push(item);
        }
    }

    /// Puts it in, or takes it out.
    pub fn toggle(&mut self, item: T) {
        match self.0.iter().position(|known| *known == item) {
            Some(at) => drop(self.0.remove(at)),
            None => self.0.push(item),
        }
    }
}

impl<T: PartialEq> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = Set::default();
        items.into_iter().for_each(|item| set.insert(item));
        set
    }
}
