//! Paths of the command line to packages of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use gopeer_engine::protocol::FileText;
use gopeer_engine::{ModuleFolder, intake};

use crate::module::Module;

/// Files that are reviewed together.
pub struct Package {
    /// The files.
    pub files: Vec<FileText>,
    /// Whether these are all Go files of their folder.
    pub whole: bool,
    /// The folder of the files, where it has an import path.
    pub folder: Option<Folder>,
}

/// A folder inside a module.
pub struct Folder {
    /// What the engine is told of it.
    pub told: ModuleFolder,
    /// The module.
    pub module: Arc<Module>,
}

/// The files to be read, by their folders.
type Folders = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// Reads the paths: a file stands in the package of its folder, a folder is a package, `folder/...` is all packages
/// below it, a `.txtar` archive is its files, `-` is standard input. An error is a sentence that names the path.
pub fn packages(paths: &[String]) -> Result<Vec<Package>, String> {
    let mut folders = Folders::new();
    let mut packages = Vec::new();
    for path in paths {
        if path == "-" {
            packages.push(Package { files: standard_input()?, whole: false, folder: None });
        } else if path.ends_with(".txtar") {
            let archive = read(Path::new(path))?;
            let files = intake::intake(&archive.name, &archive.text).0;
            packages.push(Package { files, whole: false, folder: None });
        } else if let Some(root) = path.strip_suffix("...") {
            let root = if root.is_empty() { "." } else { root };
            walk(Path::new(root), &mut folders)?;
        } else {
            add(Path::new(path), &mut folders)?;
        }
    }
    if folders.is_empty() && packages.is_empty() {
        return Err(format!(
            "no Go files in {}: name files, folders, or folder/... for all packages below",
            paths.join(" ")
        ));
    }
    let mut modules: Vec<Arc<Module>> = Vec::new();
    for (folder, files) in folders {
        let whole =
            entries(&folder).is_ok_and(|all| all.iter().filter(|path| is_go(path)).all(|path| files.contains(path)));
        let files = files.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
        packages.push(Package { files, whole, folder: in_module(&folder, &mut modules) });
    }
    // Those of a module one after the other: nested ones stand between.
    packages.sort_by_key(|package| {
        let module = package.folder.as_ref().map(|folder| &folder.module)?;
        modules.iter().position(|known| known == module)
    });
    Ok(packages)
}

/// Where a folder stands in its module; each module stands in `modules` once.
fn in_module(folder: &Path, modules: &mut Vec<Arc<Module>>) -> Option<Folder> {
    let module = Module::around(folder)?;
    let module = match modules.iter().find(|known| ***known == module) {
        Some(known) => Arc::clone(known),
        None => {
            modules.push(Arc::new(module));
            Arc::clone(modules.last()?)
        }
    };
    let (import_path, go_minor) = (module.import_path(folder)?, module.go_minor);
    let folder = slashed(folder).trim_end_matches('/').to_owned();
    Some(Folder { told: ModuleFolder { folder, import_path, go_minor }, module })
}

/// One file, under the name that its path has here.
pub fn read(path: &Path) -> Result<FileText, String> {
    let bytes = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if bytes.contains(&0) {
        return Err(format!("{} is not text: it has NUL bytes", path.display()));
    }
    Ok(FileText { name: slashed(path), text: String::from_utf8_lossy(&bytes).into_owned() })
}

fn standard_input() -> Result<Vec<FileText>, String> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|error| format!("cannot read standard input: {error}"))?;
    if bytes.contains(&0) {
        return Err("standard input is not text: it has NUL bytes".to_owned());
    }
    Ok(intake::intake("", &String::from_utf8_lossy(&bytes)).0)
}

fn add(path: &Path, folders: &mut Folders) -> Result<(), String> {
    let meta = fs::metadata(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let path = without_dots(path);
    if meta.is_file() {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        folders.entry(folder).or_default().insert(path);
        return Ok(());
    }
    let files = entries(&path)?.into_iter().filter(|entry| entry.is_file() && is_ours(entry)).collect::<Vec<_>>();
    if files.iter().any(|file| is_go(file)) {
        folders.entry(path).or_default().extend(files);
    }
    Ok(())
}

/// A path without its `.`: `./a` is `a`, and the folder that the command runs in is the empty path.
fn without_dots(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// Folders that the go command leaves out of `...` are left out here too (`go help packages`).
fn walk(root: &Path, folders: &mut Folders) -> Result<(), String> {
    let mut stack = vec![root.to_owned()];
    while let Some(folder) = stack.pop() {
        add(&folder, folders)?;
        for entry in entries(&folder)?.into_iter().filter(|entry| entry.is_dir() && !entry.is_symlink()) {
            let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if !name.starts_with(['.', '_']) && !matches!(name.as_str(), "testdata" | "vendor" | "node_modules") {
                stack.push(entry);
            }
        }
    }
    Ok(())
}

/// What is in a folder, by name.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let here = folder_or_here(folder);
    let fault = |error: std::io::Error| format!("cannot read {}: {error}", here.display());
    let mut entries: Vec<PathBuf> = fs::read_dir(here)
        .map_err(fault)?
        .map(|entry| entry.map(|entry| folder.join(entry.file_name())))
        .collect::<Result<_, _>>()
        .map_err(fault)?;
    entries.sort();
    Ok(entries)
}

/// Whether a file belongs to the package of its folder. The go command leaves out names with `_` or `.` in front (`go help
/// packages`).
pub fn is_go(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.ends_with(".go") && !name.starts_with(['_', '.'])
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    is_go(path) || name == "go.mod" || name == "Dockerfile" || name == "Containerfile"
}

/// The folder that the command runs in, for the empty path.
pub fn folder_or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// A path as files are named: with slashes, and without `.`.
pub fn slashed(path: &Path) -> String {
    without_dots(path).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}
