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
    /// The hash by which the file is named in a built site.
    hash: &'static str,
    /// SHA-256 of the file, in hexadecimal. For tests: hashes do not pack, and the page needs no more than their beginning.
    #[cfg(feature = "embedded")]
    pub sha256: &'static str,
    /// Bytes of the file.
    #[cfg(feature = "embedded")]
    pub packed: u32,
    prefixes: &'static [&'static str],
}

impl Entry {
    /// The name of its file in a built site, which tells its content as all names there do.
    pub fn file(&self) -> String {
        [self.stem, "-", self.hash, ".bin"].concat()
    }
}

const ENTRIES: &[Entry] = include!(concat!(env!("OUT_DIR"), "/manifest.in"));

/// Packages whose name does not follow from their import path.
pub(crate) const NAMES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/names.in"));

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
    let longest =
        |entry: &&Entry| entry.prefixes.iter().filter_map(|prefix| below(import, prefix).map(|_| prefix.len())).max();
    ENTRIES.iter().filter(|entry| longest(entry).is_some()).max_by_key(longest)
}

/// The path under which the index knows a package that is imported by another one: `github.com/IBM/sarama` for
/// `github.com/Shopify/sarama`.
pub(crate) fn renamed(import: &str) -> Option<String> {
    let entry = module_for(import)?;
    let rest =
        entry.prefixes.iter().filter(|prefix| **prefix != entry.path).find_map(|prefix| below(import, prefix))?;
    Some([entry.path, rest].concat())
}

/// What follows the prefix, if it is the path or ends at a slash of it.
fn below<'a>(import: &'a str, prefix: &str) -> Option<&'a str> {
    import.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_library_is_known_by_its_paths() {
        assert_eq!(module_for("net/http").map(|entry| entry.path), Some("std"));
        assert_eq!(module_for("example.com/nothing/of/the/kind"), None);
    }

    #[test]
    fn the_longest_path_wins() {
        let module = |import| module_for(import).map(|entry| entry.path);
        assert_eq!(module("github.com/twmb/franz-go/pkg/kgo"), Some("github.com/twmb/franz-go"));
        assert_eq!(module("github.com/twmb/franz-go/pkg/kadm"), Some("github.com/twmb/franz-go/pkg/kadm"));
        assert_eq!(module("github.com/twmb/franz-goat"), None);
    }

    #[test]
    fn a_moved_module_is_known_by_its_old_path() {
        assert_eq!(renamed("github.com/Shopify/sarama/mocks").as_deref(), Some("github.com/IBM/sarama/mocks"));
        assert_eq!(renamed("github.com/IBM/sarama"), None);
    }
}
