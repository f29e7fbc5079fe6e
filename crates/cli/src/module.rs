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
    /// Modules that are built with it from their folders: their paths, and the folders.
    beside: Vec<(String, PathBuf)>,
}

impl Module {
    /// The module of the innermost go.mod at or above a folder (canonical); none where there is none, or it names no module.
    pub fn around(folder: &Path) -> Option<Module> {
        let root = folder.ancestors().find(|above| is_root(above))?;
        let text = fs::read_to_string(root.join("go.mod")).ok()?;
        let path = gopeer_engine::module_path(&text)?;
        let path = if path == "std" { String::new() } else { path.to_owned() };
        let mut beside = replaced(root, &text);
        beside.extend(workspace(root));
        Some(Module { root: root.to_owned(), path, go_minor: gopeer_engine::go_minor(&text), beside })
    }

    /// The import path of a folder (canonical) inside. What stands in `vendor` goes by its own (`go help vendor`).
    pub fn import_path(&self, folder: &Path) -> Option<String> {
        let below = slashed(folder.strip_prefix(&self.root).ok()?);
        match below.strip_prefix("vendor/") {
            Some(vendored) => Some(vendored.to_owned()),
            None => Some(format!("{}/{below}", self.path).trim_matches('/').to_owned()),
        }
    }

    /// The Go files of a package of this module, of one beside it, or of one in its `vendor`: all, or none where one cannot
    /// be read.
    pub fn files(&self, import: &str) -> Vec<FileText> {
        let below = if self.path.is_empty() { Some(import) } else { below(import, &self.path) };
        let own = below.and_then(|below| folder(&self.root, below));
        let vendored = || folder(&self.root, &format!("vendor/{import}"));
        let Some(folder) = own.or_else(|| self.beside(import)).or_else(vendored) else { return Vec::new() };
        // A link that leads nowhere is a file that cannot be read.
        let is_file = |entry: &PathBuf| fs::metadata(entry).map_or(true, |meta| meta.is_file());
        let files = entries(&folder).unwrap_or_default().into_iter().filter(|entry| is_go(entry) && is_file(entry));
        files.map(|file| read(&file)).collect::<Result<_, _>>().unwrap_or_default()
    }

    fn beside(&self, import: &str) -> Option<PathBuf> {
        self.beside.iter().find_map(|(path, root)| folder(root, below(import, path)?))
    }
}

/// A folder below that of a module, unless it belongs to a module of its own.
fn folder(root: &Path, below: &str) -> Option<PathBuf> {
    let mut folder = root.to_owned();
    for part in Path::new(below).components() {
        folder.push(matches!(part, Component::Normal(_)).then_some(part)?);
        if is_root(&folder) {
            return None;
        }
    }
    folder.is_dir().then_some(folder)
}

/// The modules that a go.mod replaces by folders (Go Modules Reference, "replace directive").
fn replaced(root: &Path, text: &str) -> Vec<(String, PathBuf)> {
    let replace = |words: Vec<&str>| {
        let arrow = words.iter().position(|word| *word == "=>")?;
        let by = words.get(arrow + 1).filter(|by| by.starts_with(['.', '/']))?;
        Some(((*words.first()?).to_owned(), fs::canonicalize(root.join(by)).ok()?))
    };
    directives(text, "replace").into_iter().filter_map(replace).collect()
}

/// The modules of the workspace that a module is of (Go Modules Reference, "Workspaces").
fn workspace(root: &Path) -> Vec<(String, PathBuf)> {
    let file = match std::env::var_os("GOWORK") {
        Some(off) if off == "off" => None,
        Some(file) if !file.is_empty() => Some(PathBuf::from(file)),
        _ => root.ancestors().map(|above| above.join("go.work")).find(|file| file.is_file()),
    };
    let read = |file: PathBuf| Some((fs::read_to_string(&file).ok()?, file));
    let Some((text, file)) = file.and_then(read) else { return Vec::new() };
    let root_of = |words: Vec<&str>| fs::canonicalize(file.with_file_name(words.first()?)).ok();
    let used: Vec<PathBuf> = directives(&text, "use").into_iter().filter_map(root_of).collect();
    if !used.iter().any(|used| used == root) {
        return Vec::new();
    }
    let module = |used: PathBuf| {
        let text = fs::read_to_string(used.join("go.mod")).ok()?;
        Some((gopeer_engine::module_path(&text)?.to_owned(), used))
    };
    used.into_iter().filter_map(module).collect()
}

/// What stands behind a word at the beginning of a line, alone or in parentheses, without quotes and comments (Go Modules
/// Reference, "Lexical elements").
fn directives<'t>(text: &'t str, verb: &str) -> Vec<Vec<&'t str>> {
    let (mut found, mut inside) = (Vec::new(), false);
    for line in text.lines() {
        let words = line.split("//").next().unwrap_or("").split_whitespace();
        let words: Vec<&str> = words.map(|word| word.trim_matches(['"', '`'])).collect();
        match words.as_slice() {
            [first, "("] if *first == verb => inside = true,
            [")"] => inside = false,
            [first, rest @ ..] if *first == verb && !inside => found.push(rest.to_vec()),
            [_, ..] if inside => found.push(words),
            _ => {}
        }
    }
    found
}

fn is_root(folder: &Path) -> bool {
    folder.join("go.mod").is_file()
}

/// What follows the prefix of an import path, if it is the path or ends at a slash of it.
fn below<'i>(import: &'i str, prefix: &str) -> Option<&'i str> {
    let rest = import.strip_prefix(prefix)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}
