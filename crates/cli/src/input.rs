//! Paths of the command line to packages of files.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use gopeer_engine::intake;
use gopeer_engine::protocol::FileText;

/// Files that are reviewed together.
pub struct Package {
    /// The files.
    pub files: Vec<FileText>,
    /// Whether these are all Go files of their folder.
    pub whole: bool,
    /// The folder as the names of the files have it, and its import path, where there is a go.mod above.
    pub import_path: Option<(String, String)>,
}

/// Reads the paths: a file stands in the package of its folder, a folder is a package, `folder/...` is all packages
/// below it, a `.txtar` archive is its files, `-` is standard input. An error is a sentence that names the path.
pub fn packages(paths: &[String]) -> Result<Vec<Package>, String> {
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    let mut packages = Vec::new();
    for path in paths {
        if path == "-" {
            packages.push(Package { files: standard_input()?, whole: false, import_path: None });
        } else if path.ends_with(".txtar") {
            let archive = read(Path::new(path))?;
            packages.push(Package {
                files: intake::intake(&archive.name, &archive.text).0,
                whole: false,
                import_path: None,
            });
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
    for (folder, files) in folders {
        let whole =
            entries(&folder).is_ok_and(|all| all.iter().filter(|path| is_go(path)).all(|path| files.contains(path)));
        let files = files.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
        packages.push(Package { files, whole, import_path: import_path(&folder) });
    }
    Ok(packages)
}

/// The folder as the names of its files have it, and the import path that the go.mod above gives it (`go help modules`).
/// The packages of the module `std`, Go's own source, go without its name.
fn import_path(folder: &Path) -> Option<(String, String)> {
    let here = fs::canonicalize(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).ok()?;
    let root = here.ancestors().find(|above| above.join("go.mod").is_file())?;
    let text = fs::read_to_string(root.join("go.mod")).ok()?;
    let module = Some(gopeer_engine::module_path(&text)?).filter(|module| *module != "std").unwrap_or_default();
    let path = format!("{module}/{}", slashed(here.strip_prefix(root).ok()?));
    Some((slashed(folder).trim_end_matches('/').to_owned(), path.trim_matches('/').to_owned()))
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

fn add(path: &Path, folders: &mut BTreeMap<PathBuf, Vec<PathBuf>>) -> Result<(), String> {
    let meta = fs::metadata(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if meta.is_file() {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        folders.entry(folder).or_default().push(path.to_owned());
        return Ok(());
    }
    let files = entries(path)?.into_iter().filter(|entry| entry.is_file() && is_ours(entry)).collect::<Vec<_>>();
    if files.iter().any(|file| is_go(file)) {
        folders.entry(path.to_owned()).or_default().extend(files);
    }
    Ok(())
}

/// Folders that the go command leaves out of `...` are left out here too (`go help packages`).
fn walk(root: &Path, folders: &mut BTreeMap<PathBuf, Vec<PathBuf>>) -> Result<(), String> {
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

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let fault = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(fault)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(fault)?;
    entries.sort();
    Ok(entries)
}

fn is_go(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "go")
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.ends_with(".go") || name == "go.mod" || name == "Dockerfile" || name == "Containerfile"
}

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}
