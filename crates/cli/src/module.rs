//! The module that a folder belongs to, and the folders of its packages.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use gopeer_engine::config::Config;
use gopeer_engine::protocol::FileText;
use gopeer_engine::{Build, PackageFiles, Sources};

use crate::input::{entries, is_go, read, slashed};
use crate::libraries::Libraries;

/// A module.
#[derive(PartialEq, Eq)]
pub struct Module {
    /// The folder of its go.mod.
    pub root: PathBuf,
    /// Its path; empty for Go's own source, whose packages go without the name of the module `std`.
    path: String,
    /// What its go.mod says that it is built with.
    pub build: Arc<Build>,
    /// Modules that are built with it from their folders: their paths, and the folders.
    beside: Vec<(String, PathBuf)>,
    /// The libraries that it is built with.
    libraries: Libraries,
    /// What its `.gopeer.toml` says.
    pub config: Option<Arc<Config>>,
}

impl Module {
    /// The folder of the innermost go.mod at or above a folder (canonical).
    pub fn root_around(folder: &Path) -> Option<&Path> {
        folder.ancestors().find(|above| is_root(above))
    }

    /// The module whose go.mod is in a folder, under this configuration; none where it names no module.
    pub fn at(root: &Path, config: Option<Arc<Config>>) -> Option<Module> {
        let text = fs::read_to_string(root.join("go.mod")).ok()?;
        let path = gopeer_engine::module_path(&text)?;
        let path = if path == "std" { String::new() } else { path.to_owned() };
        let (build, mut beside) = (Arc::new(gopeer_engine::build(&text)), replaced(root, &text));
        let workspace = Workspace::around(root);
        let (mut mods, mut roots) = (vec![text], vec![root]);
        if let Some(Workspace { folder, modules }) = &workspace {
            mods = modules.iter().filter_map(|(_, root)| fs::read_to_string(root.join("go.mod")).ok()).collect();
            roots = vec![folder];
            beside.extend(modules.iter().cloned());
        }
        let libraries = Libraries::of(&mods, &roots);
        Some(Module { root: root.to_owned(), path, build, beside, libraries, config })
    }

    /// The import path of a folder (canonical) inside. What is in `vendor` has its own (`go help vendor`).
    pub fn import_path(&self, folder: &Path) -> Option<String> {
        let below = slashed(folder.strip_prefix(&self.root).ok()?);
        match below.strip_prefix("vendor/") {
            Some(vendored) => Some(vendored.to_owned()),
            None => Some(format!("{}/{below}", self.path).trim_matches('/').to_owned()),
        }
    }

    fn beside(&self, import: &str) -> Option<PathBuf> {
        self.beside.iter().find_map(|(path, root)| folder(root, below(import, path)?))
    }
}

/// The packages of this module, of those beside it, and of the libraries whose source is on the machine.
impl Sources for Module {
    fn find(&self, import: &str) -> Option<PackageFiles> {
        let below = if self.path.is_empty() { Some(import) } else { below(import, &self.path) };
        let own = below.and_then(|below| folder(&self.root, below)).or_else(|| self.beside(import));
        let (folder, library) = match own {
            Some(folder) => (folder, None),
            None => self.libraries.find(import).map(|(folder, library)| (folder, Some(library)))?,
        };
        // A link that leads nowhere is a file that cannot be read.
        let is_file = |entry: &PathBuf| fs::metadata(entry).map_or(true, |meta| meta.is_file());
        let files = entries(&folder).ok()?.into_iter().filter(|entry| is_go(entry) && is_file(entry));
        Some(PackageFiles { files: files.map(|file| file.to_string_lossy().into_owned()).collect(), library })
    }

    fn read(&self, file: &str) -> Option<FileText> {
        read(Path::new(file)).ok()
    }
}

/// A folder below that of a module, unless it belongs to a module of its own.
pub fn folder(root: &Path, below: &str) -> Option<PathBuf> {
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

/// A workspace (Go Modules Reference, "Workspaces").
struct Workspace {
    /// The folder of its go.work.
    folder: PathBuf,
    /// The paths of its modules, and their folders.
    modules: Vec<(String, PathBuf)>,
}

impl Workspace {
    /// The workspace that a module is of.
    fn around(root: &Path) -> Option<Workspace> {
        let file = match std::env::var_os("GOWORK") {
            Some(off) if off == "off" => None,
            Some(file) if !file.is_empty() => Some(PathBuf::from(file)),
            _ => root.ancestors().map(|above| above.join("go.work")).find(|file| file.is_file()),
        }?;
        let text = fs::read_to_string(&file).ok()?;
        let root_of = |words: Vec<&str>| fs::canonicalize(file.with_file_name(words.first()?)).ok();
        let used: Vec<PathBuf> = directives(&text, "use").into_iter().filter_map(root_of).collect();
        if !used.iter().any(|used| used == root) {
            return None;
        }
        let module = |used: PathBuf| {
            let text = fs::read_to_string(used.join("go.mod")).ok()?;
            Some((gopeer_engine::module_path(&text)?.to_owned(), used))
        };
        Some(Workspace { folder: file.parent()?.to_owned(), modules: used.into_iter().filter_map(module).collect() })
    }
}

/// What follows a word at the beginning of a line, alone or in parentheses, without quotes and comments (Go Modules
/// Reference, "Lexical elements").
pub fn directives<'t>(text: &'t str, verb: &str) -> Vec<Vec<&'t str>> {
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
pub fn below<'i>(import: &'i str, prefix: &str) -> Option<&'i str> {
    let rest = import.strip_prefix(prefix)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}
