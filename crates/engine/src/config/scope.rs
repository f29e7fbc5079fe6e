//! Which configuration holds for a file, and what it leaves out.

use std::sync::Arc;

use fast_glob::glob_match;

use super::Config;

/// A configuration, and the files that it is about.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder whose files it is about, as their names have it.
    pub folder: String,
    /// The way to that folder from the one that the configuration stands in; empty for that one itself.
    pub below: String,
    /// The configuration.
    pub config: Arc<Config>,
}

impl Project {
    /// The files beside and below a configuration of this name.
    pub(crate) fn of(name: &str, config: Arc<Config>) -> Project {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        Project { folder: folder.to_owned(), below: String::new(), config }
    }

    /// Whether it leaves out a file of this name.
    pub fn excludes(&self, name: &str) -> bool {
        self.path(name).is_some_and(|path| self.config.excludes(&path))
    }

    /// The name of a file as patterns mean it; none where the configuration is not about it.
    fn path(&self, name: &str) -> Option<String> {
        let rest = match self.folder.as_str() {
            "" => name,
            folder => name.strip_prefix(folder)?.strip_prefix('/')?,
        };
        Some(if self.below.is_empty() { rest.to_owned() } else { format!("{}/{rest}", self.below) })
    }
}

/// The configuration that a file of this name is under, that of the innermost folder, and whether it leaves the file out.
pub(crate) fn around(projects: &[Project], name: &str) -> Option<(Arc<Config>, bool)> {
    let about = projects.iter().filter_map(|project| Some((project, project.path(name)?)));
    let (project, path) = about.max_by_key(|(project, _)| project.folder.len())?;
    Some((Arc::clone(&project.config), project.config.excludes(&path)))
}

impl Config {
    /// Whether the file with this path from the folder of the configuration is left out: it, or a folder that it is in, matches
    /// a pattern.
    pub fn excludes(&self, path: &str) -> bool {
        self.exclude.iter().any(|pattern| excludes(pattern, path))
    }
}

/// As git does (gitignore(5), "Pattern format"): a slash at the end means folders, one elsewhere ties the pattern to the
/// folder of the configuration.
fn excludes(pattern: &str, path: &str) -> bool {
    let (glob, folders_only) = match pattern.strip_suffix('/') {
        Some(folder) => (folder, true),
        None => (pattern, false),
    };
    let glob = match glob.strip_prefix('/') {
        Some(tied) => tied.to_owned(),
        None if glob.contains('/') => glob.to_owned(),
        None => format!("**/{glob}"),
    };
    let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    let file = (!folders_only).then_some(path);
    folders.chain(file).any(|part| glob_match(&glob, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_git() {
        for (pattern, out, in_) in [
            ("*.pb.go", &["a.pb.go", "x/y/a.pb.go"][..], &["a.go", "a.pb.go.txt"][..]),
            ("gen/", &["gen/a.go", "x/gen/y/a.go"], &["gen", "gener/a.go", "x/gen"]),
            ("gen", &["gen/a.go", "x/gen/a.go", "x/gen"], &["gen.go", "regen/a.go"]),
            ("/gen", &["gen/a.go", "gen"], &["x/gen/a.go"]),
            ("internal/gen", &["internal/gen/a.go"], &["x/internal/gen/a.go", "internal/a.go"]),
            ("**/mocks/*_mock.go", &["mocks/a_mock.go", "x/mocks/a_mock.go"], &["mocks/a.go", "mocks/x/a_mock.go"]),
            ("internal/**/gen", &["internal/gen/a.go", "internal/x/y/gen/a.go"], &["gen/a.go"]),
            ("cmd/*/main.go", &["cmd/a/main.go"], &["cmd/a/b/main.go"]),
            ("[ab].go", &["a.go", "x/b.go"], &["c.go"]),
            ("é?.go", &["éa.go"], &["é.go"]),
        ] {
            out.iter().for_each(|path| assert!(excludes(pattern, path), "{pattern} {path}"));
            in_.iter().for_each(|path| assert!(!excludes(pattern, path), "{pattern} {path}"));
        }
    }

    #[test]
    fn the_innermost_configuration_holds() {
        let project = |folder: &str, below: &str, exclude: &str| Project {
            folder: folder.to_owned(),
            below: below.to_owned(),
            config: Arc::new(Config { exclude: vec![exclude.to_owned()], ..Config::default() }),
        };
        let projects =
            [project("", "", "/a"), project("shop", "", "/a"), project("../store", "internal/store", "/internal")];
        let out = |name| around(&projects, name).is_some_and(|(_, out)| out);
        assert!(out("a/x.go") && out("shop/a/x.go") && out("../store/x.go"));
        assert!(!out("shop/b/a/x.go") && !out("shopping/x.go"));
        assert!(around(&projects[1..], "shopping/a.go").is_none());
    }

    #[test]
    fn patterns_cost_no_depth() {
        assert!(!excludes(&"{a,".repeat(50_000), "a.go"));
        assert!(!excludes(&"*a".repeat(2_000), &"a".repeat(1_999)));
    }
}
