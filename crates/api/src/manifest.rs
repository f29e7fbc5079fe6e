//! Which modules the index has, and which of them knows an import path.

/// A module of the index: one file of `static/api`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Module path; `std` for the standard library.
    pub path: &'static str,
    /// The version that was indexed.
    pub version: &'static str,
    /// The file's name without `.bin.gz`.
    pub stem: &'static str,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: &'static str,
    /// Bytes of the file.
    pub packed: u32,
    prefixes: &'static [&'static str],
}

const ENTRIES: &[Entry] = include!(concat!(env!("OUT_DIR"), "/manifest.in"));

/// All modules.
pub fn modules() -> &'static [Entry] {
    ENTRIES
}

/// The module that knows the package of this import path, if one does: the one with the longest path in common. A path
/// whose first element has no dot belongs to the standard library (`go help packages`).
pub fn module_for(import: &str) -> Option<&'static Entry> {
    if !import.split('/').next().is_some_and(|first| first.contains('.')) {
        return ENTRIES.iter().find(|entry| entry.path == "std");
    }
    let serves =
        |prefix: &&str| import.strip_prefix(*prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let longest =
        |entry: &&Entry| entry.prefixes.iter().filter(|prefix| serves(prefix)).map(|prefix| prefix.len()).max();
    ENTRIES.iter().filter(|entry| longest(entry).is_some()).max_by_key(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_library_is_known_by_its_paths() {
        assert_eq!(module_for("net/http").map(|entry| entry.path), Some("std"));
        assert_eq!(module_for("example.com/nothing/of/the/kind"), None);
    }
}
