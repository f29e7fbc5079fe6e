//! The libraries that a module is built with, where their source is on the machine: in `vendor` or in Go's module cache, in
//! the versions that go.mod names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gopeer_engine::protocol::{LibraryPlace, LibrarySource};

use crate::module::{below, directives, folder};

/// Where libraries are found.
#[derive(Default, PartialEq, Eq)]
pub struct Libraries {
    /// The folder `vendor` that the build uses, and the versions of its modules, by path.
    vendor: Option<(PathBuf, BTreeMap<String, String>)>,
    /// Modules in the module cache by path: their versions, and their folders.
    cached: BTreeMap<String, (String, PathBuf)>,
}

impl Libraries {
    /// The libraries of modules that are built together, given by the texts of their go.mod; `roots` are the folders whose
    /// `vendor` the build may use.
    pub fn of(mods: &[String], roots: &[&Path]) -> Libraries {
        let flags = go_env("GOFLAGS").unwrap_or_default();
        let vendor = roots.iter().map(|root| root.join("vendor")).find(|vendor| vendor.is_dir());
        let vendor = vendor.filter(|_| !flags.contains("-mod=mod")).map(|vendor| {
            let listed = fs::read_to_string(vendor.join("modules.txt")).unwrap_or_default();
            (vendor, vendored(&listed))
        });
        // Another go.mod may name other versions.
        let cache = module_cache().filter(|cache| cache.is_dir() && !flags.contains("-modfile"));
        let cached = cache.map(|cache| in_cache(&cache, mods)).unwrap_or_default();
        Libraries { vendor, cached }
    }

    /// The folder of a package, and the library that it belongs to.
    pub fn find(&self, import: &str) -> Option<(PathBuf, LibrarySource)> {
        self.in_vendor(import).or_else(|| self.in_cache(import))
    }

    fn in_vendor(&self, import: &str) -> Option<(PathBuf, LibrarySource)> {
        let (vendor, versions) = self.vendor.as_ref()?;
        let folder = folder(vendor, import)?;
        let module = prefixes(import).find_map(|path| versions.get_key_value(path));
        let (module, version) = module.map_or((import, ""), |(path, version)| (path, version));
        let (module, version) = (module.to_owned(), version.to_owned());
        Some((folder, LibrarySource { module, version, from: LibraryPlace::Vendor }))
    }

    /// A package belongs to the module with the longest path that has it (Go Modules Reference, "Resolving a package to a
    /// module").
    fn in_cache(&self, import: &str) -> Option<(PathBuf, LibrarySource)> {
        prefixes(import).find_map(|path| {
            let (version, root) = self.cached.get(path)?;
            let folder = folder(root, below(import, path)?)?;
            let (module, version) = (path.to_owned(), version.clone());
            Some((folder, LibrarySource { module, version, from: LibraryPlace::ModuleCache }))
        })
    }
}

/// An import path and the paths above it, the longest first.
fn prefixes(import: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(import), |path| Some(path.rsplit_once('/')?.0))
}

/// The modules of a `vendor/modules.txt` with their versions: lines such as `# example.com/lib v1.2.3`, perhaps with `=>` and
/// what replaces it.
fn vendored(listed: &str) -> BTreeMap<String, String> {
    let module = |line: &str| {
        let words: Vec<&str> = line.strip_prefix("# ")?.split_whitespace().collect();
        let version = words.last().filter(|word| word.starts_with('v') && words.len() > 1);
        Some(((*words.first()?).to_owned(), version.map_or(String::new(), |version| (*version).to_owned())))
    };
    listed.lines().filter_map(module).collect()
}

/// The modules that go.mod files name, as far as the module cache has them. From Go 1.17 on a go.mod names all modules that a
/// build needs (Go Modules Reference, "Module graph pruning"); before it, and where several disagree, the version that is
/// built is not certain.
fn in_cache(cache: &Path, mods: &[String]) -> BTreeMap<String, (String, PathBuf)> {
    if mods.iter().any(|text| gopeer_engine::go_minor(text).is_none_or(|minor| minor < 17)) {
        return BTreeMap::new();
    }
    let mut named: BTreeMap<&str, Option<(&str, &str)>> = BTreeMap::new();
    for text in mods {
        let replaced = replacements(text);
        for words in directives(text, "require") {
            let [path, version, ..] = words.as_slice() else { continue };
            let by = replaced.iter().find(|(old, of, _)| old == path && of.is_none_or(|of| of == *version));
            let this = by.map_or(Some((*path, *version)), |(_, _, by)| *by);
            named.entry(path).and_modify(|known| *known = known.filter(|known| Some(*known) == this)).or_insert(this);
        }
    }
    let found = |(path, by): (&str, Option<(&str, &str)>)| {
        let (module, version) = by?;
        let root = cache.join(format!("{}@{}", escaped(module), escaped(version)));
        root.is_dir().then(|| (path.to_owned(), (version.to_owned(), root)))
    };
    named.into_iter().filter_map(found).collect()
}

/// What a go.mod replaces: a path, the version if only that one, and the module that replaces it; none for a folder.
type Replacement<'t> = (&'t str, Option<&'t str>, Option<(&'t str, &'t str)>);

fn replacements(text: &str) -> Vec<Replacement<'_>> {
    let mut found = Vec::new();
    for words in directives(text, "replace") {
        match words.as_slice() {
            [old, "=>", by @ ..] => found.push((*old, None, module_of(by))),
            [old, of, "=>", by @ ..] => found.push((*old, Some(*of), module_of(by))),
            _ => {}
        }
    }
    found
}

fn module_of<'t>(words: &[&'t str]) -> Option<(&'t str, &'t str)> {
    match words {
        [path, version] => Some((path, version)),
        _ => None,
    }
}

/// A path or version as the module cache spells it: an exclamation mark and the small letter for a capital one (Go Modules
/// Reference, "Module cache").
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(c.to_ascii_lowercase());
    }
    escaped
}

/// The folder of the module cache (`go help environment`).
fn module_cache() -> Option<PathBuf> {
    if let Some(cache) = go_env("GOMODCACHE") {
        return Some(PathBuf::from(cache));
    }
    let paths = go_env("GOPATH").unwrap_or_default();
    let first = std::env::split_paths(&paths).next().filter(|path| !path.as_os_str().is_empty());
    Some(first.or_else(|| Some(home()?.join("go")))?.join("pkg/mod"))
}

/// A setting of the go command: of the environment, or as `go env -w` keeps it.
fn go_env(name: &str) -> Option<String> {
    let set = |value: &String| !value.is_empty();
    if let Some(value) = std::env::var(name).ok().filter(set) {
        return Some(value);
    }
    let kept = std::env::var_os("GOENV").map(PathBuf::from).or_else(|| {
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
        Some(config.or_else(|| Some(home()?.join(".config")))?.join("go/env"))
    });
    let text = fs::read_to_string(kept?).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    value.map(str::to_owned).filter(set)
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}
