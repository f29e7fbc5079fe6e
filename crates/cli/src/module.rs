//! The module that a folder belongs to, and the folders of its packages.

use std::fs;
use std::path::{Component, Path, PathBuf};

use gopeer_engine::protocol::FileText;

use crate::input::{entries, is_go, read, slashed};

/// A module.
#[derive(PartialEq, Eq)]
pub struct Module {
    /// The folder of its go.mod.
    root: PathBuf,
    /// Its path; empty for Go's own source, whose packages go without the name of the module `std`.
    path: String,
    /// The minor version of the Go that it asks for.
    pub go_minor: Option<u32>,
}

impl Module {
    /// The module of the innermost go.mod at or above a folder (canonical); none where there is none, or it names no module.
    pub fn around(folder: &Path) -> Option<Module> {
        let root = folder.ancestors().find(|above| is_root(above))?;
        let text = fs::read_to_string(root.join("go.mod")).ok()?;
        let path = gopeer_engine::module_path(&text)?;
        let path = if path == "std" { String::new() } else { path.to_owned() };
        Some(Module { root: root.to_owned(), path, go_minor: gopeer_engine::go_minor(&text) })
    }

    /// The import path of a folder (canonical) inside. What stands in `vendor` goes by its own (`go help vendor`).
    pub fn import_path(&self, folder: &Path) -> Option<String> {
        let below = slashed(folder.strip_prefix(&self.root).ok()?);
        match below.strip_prefix("vendor/") {
            Some(vendored) => Some(vendored.to_owned()),
            None => Some(format!("{}/{below}", self.path).trim_matches('/').to_owned()),
        }
    }

    /// The Go files of a package of this module, or of one in its `vendor`: all, or none where one cannot be read.
    pub fn files(&self, import: &str) -> Vec<FileText> {
        let below = if self.path.is_empty() { Some(import) } else { below(import, &self.path) };
        let own = below.and_then(|below| self.folder(below));
        let Some(folder) = own.or_else(|| self.folder(&format!("vendor/{import}"))) else { return Vec::new() };
        let files = entries(&folder).unwrap_or_default().into_iter().filter(|entry| is_go(entry) && entry.is_file());
        files.map(|file| read(&file)).collect::<Result<_, _>>().unwrap_or_default()
    }

    /// A folder inside, unless it belongs to a module of its own.
    fn folder(&self, below: &str) -> Option<PathBuf> {
        let mut folder = self.root.clone();
        for part in Path::new(below).components() {
            folder.push(matches!(part, Component::Normal(_)).then_some(part)?);
            if is_root(&folder) {
                return None;
            }
        }
        folder.is_dir().then_some(folder)
    }
}

fn is_root(folder: &Path) -> bool {
    folder.join("go.mod").is_file()
}

/// What follows the prefix of an import path, if it is the path or ends at a slash of it.
fn below<'i>(import: &'i str, prefix: &str) -> Option<&'i str> {
    let rest = import.strip_prefix(prefix)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}
