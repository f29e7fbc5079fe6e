//! Paths of the command line to packages of files.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use gopeer_engine::config::Project;
use gopeer_engine::protocol::FileText;
use gopeer_engine::{ModuleFolder, intake, is_reviewed};
use ignore::{DirEntry, Walk, WalkBuilder};

use crate::change::PackageChange;
use crate::config;
use crate::module::Module;

/// The most that one file or standard input may have, in bytes: no source file is that large, and a pipe may never end.
const MAX_BYTES: u64 = 64 << 20;

/// Files that are reviewed together.
pub struct Package {
    /// The files.
    pub files: Vec<Source>,
    /// Whether these are all Go files of their folder.
    pub whole: bool,
    /// The folder of the files, where it has an import path.
    pub folder: Option<Folder>,
    /// What the change under review does to it.
    pub change: Option<PackageChange>,
}

impl Package {
    fn is_excluded(&self) -> bool {
        let project = self.folder.as_ref().and_then(|folder| folder.project.as_ref());
        let excludes = |source: &Source| match source {
            Source::Text(_) => false,
            Source::File { name, .. } => project.is_some_and(|project| project.excludes(&slashed(name))),
        };
        self.files.iter().all(excludes)
    }
}

/// A file of a package.
pub enum Source {
    /// One that has been read.
    Text(FileText),
    /// One of a folder.
    File {
        /// As the review calls it: in the words of the user.
        name: PathBuf,
        /// Where it is, whatever it is called.
        real: PathBuf,
    },
}

impl Source {
    /// Reads the file. An error is a sentence that names it.
    pub fn read(&self) -> Result<FileText, String> {
        match self {
            Source::Text(file) => Ok(file.clone()),
            Source::File { name, .. } => read(name),
        }
    }

    /// What the review calls the file.
    pub fn name(&self) -> String {
        match self {
            Source::Text(file) => file.name.clone(),
            Source::File { name, .. } => slashed(name),
        }
    }
}

/// A folder inside a module.
pub struct Folder {
    /// What the engine has to know about it.
    pub location: ModuleFolder,
    /// The module.
    pub module: Arc<Module>,
    /// What the module's configuration makes of its files.
    pub project: Option<Project>,
}

/// What the paths of the command line name.
#[derive(Default)]
pub struct Input {
    /// The packages.
    pub packages: Vec<Package>,
    /// A sentence for each path that cannot be read or has nothing to review, with its name.
    pub faults: Vec<String>,
    /// A sentence for each fault of a configuration, with its place: nothing is reviewed under another one than was meant.
    pub misconfigured: Vec<String>,
    /// What every reader of the review must know of the input.
    pub notes: Vec<String>,
    /// How many files of packages are left out with all others of their package.
    pub excluded: u32,
    /// Files of kinds that are not reviewed, such as YAML and SQL: a list of changed files contains them too.
    pub skipped: BTreeSet<PathBuf>,
    /// Files of folders, by what the folder is, whatever it was called.
    listed: BTreeMap<PathBuf, Listed>,
    /// What was read at once: archives and standard input.
    seen: BTreeSet<PathBuf>,
}

/// The files of one folder.
struct Listed {
    /// As the user called it first.
    name: PathBuf,
    files: BTreeSet<OsString>,
}

/// Reads the paths: a file belongs to the package of its folder, a folder is a package, `folder/...` means all packages below
/// it, a `.txtar` archive its files, and `-` standard input. What is named twice is taken once.
pub fn packages(paths: &[String]) -> Input {
    let mut input = Input::default();
    for path in paths {
        if let Err(fault) = input.take(path, paths.len() == 1) {
            input.faults.push(fault);
        }
    }
    let mut modules: Vec<Arc<Module>> = Vec::new();
    for (real, listed) in std::mem::take(&mut input.listed) {
        let folder = input.in_module(&real, &listed.name, &mut modules);
        let package = package(&real, &listed, folder);
        if package.is_excluded() {
            input.excluded += package.files.len() as u32;
        } else {
            input.packages.push(package);
        }
    }
    // The packages of a module one after the other, without those of modules nested in it.
    input.packages.sort_by_key(|package| {
        let module = package.folder.as_ref().map(|folder| &folder.module)?;
        modules.iter().position(|known| known == module)
    });
    input
}

fn package(real: &Path, listed: &Listed, folder: Option<Folder>) -> Package {
    let of_package = |entry: &PathBuf| is_go(entry) && !entry.is_dir();
    let given = |entry: PathBuf| entry.file_name().is_some_and(|name| listed.files.contains(name));
    let whole = entries(real).is_ok_and(|all| all.into_iter().filter(of_package).all(given));
    let source = |file: &OsString| Source::File { name: listed.name.join(file), real: real.join(file) };
    Package { files: listed.files.iter().map(source).collect(), whole, folder, change: None }
}

impl Input {
    /// The persona that the first configuration asks for that names one, and the folder of that configuration.
    pub fn persona(&self) -> Option<(&Path, &str)> {
        self.packages.iter().filter_map(|package| package.folder.as_ref()).find_map(|folder| {
            let persona = folder.project.as_ref()?.config.persona.as_deref()?;
            Some((folder.module.root.as_path(), persona))
        })
    }

    /// The place of a folder in its module; `modules` holds each module once.
    fn in_module(&mut self, real: &Path, name: &Path, modules: &mut Vec<Arc<Module>>) -> Option<Folder> {
        let root = Module::root_around(real)?;
        let module = match modules.iter().find(|known| known.root == root) {
            Some(known) => Arc::clone(known),
            None => {
                let config = config::of_module(root).unwrap_or_else(|faults| {
                    self.misconfigured.extend(faults);
                    None
                });
                modules.push(Arc::new(Module::at(root, config)?));
                Arc::clone(modules.last()?)
            }
        };
        let (import_path, build) = (module.import_path(real)?, Arc::clone(&module.build));
        let folder = slashed(name).trim_end_matches('/').to_owned();
        let below = slashed(real.strip_prefix(root).ok()?);
        let config = module.config.as_ref().map(Arc::clone);
        let project = config.map(|config| Project { folder: folder.clone(), below, config });
        Some(Folder { location: ModuleFolder { folder, import_path, build }, module, project })
    }

    fn take(&mut self, path: &str, alone: bool) -> Result<(), String> {
        if path == "-" {
            return self.take_text(Path::new(path), alone);
        }
        if path.is_empty() {
            // Of a variable that is not set; the folder that the command runs in is `.`.
            return Err("a path is empty: name files, folders, or folder/... for all packages below".to_owned());
        }
        if let Some(root) = path.strip_suffix("...") {
            return self.walk(Path::new(root), None).then_some(()).ok_or_else(|| nothing_in(path));
        }
        let (path, given) = (without_dots(Path::new(path)), path);
        let meta = fs::metadata(or_here(&path)).map_err(|error| unreadable(&path, &error))?;
        if meta.is_dir() {
            return self.walk(&path, Some(1)).then_some(()).ok_or_else(|| nothing_in(given));
        }
        if given.ends_with(".txtar") || !meta.is_file() {
            return self.take_text(&path, alone);
        }
        if !is_reviewed(&slashed(&path)) {
            self.skipped.insert(path);
            return Ok(());
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let real = fs::canonicalize(or_here(&folder)).map_err(|error| unreadable(&folder, &error))?;
        self.listed(real, &folder).files.extend(path.file_name().map(OsString::from));
        Ok(())
    }

    /// Takes what is to be read at once, unless it is there. Files inside are called by what they are in, unless it is alone.
    fn take_text(&mut self, path: &Path, alone: bool) -> Result<(), String> {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(real) {
            return Ok(());
        }
        let FileText { name, text } = if path == Path::new("-") { standard_input()? } else { read(path)? };
        let files = intake::intake(&name, &text).0;
        // What else is reviewed may have files of these names.
        let outer = if name.is_empty() { "-" } else { &name };
        let source = |file: FileText| {
            let inside = !alone && file.name != name;
            let name = if inside { format!("{outer}/{}", file.name) } else { file.name };
            Source::Text(FileText { name, ..file })
        };
        let files = files.into_iter().map(source).collect();
        self.packages.push(Package { files, whole: false, folder: None, change: None });
        Ok(())
    }

    /// Takes the packages of a folder, down to a depth, without what git ignores and what the go command leaves out of `...`
    /// (`go help packages`). False where it looked everywhere and found none.
    fn walk(&mut self, root: &Path, depth: Option<usize>) -> bool {
        let faults = self.faults.len();
        let mut folders: BTreeMap<PathBuf, BTreeSet<OsString>> = BTreeMap::new();
        for entry in walker(root, depth) {
            match entry {
                Ok(entry) => {
                    let path = without_dots(entry.path());
                    match is_file(&path) {
                        Ok(true) if is_ours(&path) => {
                            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                            folders.entry(folder).or_default().extend(path.file_name().map(OsString::from));
                        }
                        Err(error) if is_go(&path) => self.faults.push(unreadable(&path, &error)),
                        _ => {}
                    }
                }
                Err(error) => self.faults.push(unwalkable(root, error)),
            }
        }
        folders.retain(|_, files| files.iter().any(|file| is_go(Path::new(file))));
        for (folder, files) in &folders {
            match fs::canonicalize(or_here(folder)) {
                Ok(real) => self.listed(real, folder).files.extend(files.iter().cloned()),
                Err(error) => self.faults.push(unreadable(folder, &error)),
            }
        }
        !folders.is_empty() || self.faults.len() > faults
    }

    fn listed(&mut self, real: PathBuf, name: &Path) -> &mut Listed {
        self.listed.entry(real).or_insert_with(|| Listed { name: name.to_owned(), files: BTreeSet::new() })
    }
}

/// Goes through a folder in the order of names.
fn walker(root: &Path, depth: Option<usize>) -> Walk {
    let is_folder = |entry: &DirEntry| entry.file_type().is_some_and(|kind| kind.is_dir());
    let mut builder = WalkBuilder::new(or_here(root));
    builder.max_depth(depth).hidden(false).ignore(false).sort_by_file_name(Ord::cmp);
    builder.filter_entry(move |entry| entry.depth() == 0 || !is_folder(entry) || !is_left_out(entry.file_name()));
    builder.build()
}

/// Whether a path is a file, perhaps by a link.
fn is_file(path: &Path) -> std::io::Result<bool> {
    fs::metadata(or_here(path)).map(|meta| meta.is_file())
}

fn is_left_out(folder: &std::ffi::OsStr) -> bool {
    let name = folder.to_string_lossy();
    name.starts_with(['.', '_']) || matches!(&*name, "testdata" | "vendor" | "node_modules")
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", or_here(path).display())
}

/// What the walk of a folder says of an entry that it cannot read.
fn unwalkable(root: &Path, mut error: ignore::Error) -> String {
    let mut path = root.to_owned();
    loop {
        match error {
            ignore::Error::WithDepth { err, .. } => error = *err,
            ignore::Error::WithPath { path: at, err } => (path, error) = (without_dots(&at), *err),
            ignore::Error::Io(io) => return unreadable(&path, &io),
            other => return format!("cannot read {}: {other}", or_here(&path).display()),
        }
    }
}

fn nothing_in(path: &str) -> String {
    format!("no Go files in {path}: name files, folders, or folder/... for all packages below")
}

/// One file, under the name that its path has here.
pub fn read(path: &Path) -> Result<FileText, String> {
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    Ok(FileText { name: slashed(path), text: text(file, &shown)? })
}

/// The text of a file, or of standard input where that is `-`.
pub fn text_of(path: &Path) -> Result<String, String> {
    Ok(if path == Path::new("-") { standard_input()? } else { read(path)? }.text)
}

fn standard_input() -> Result<FileText, String> {
    Ok(FileText { name: String::new(), text: text(std::io::stdin().lock(), "standard input")? })
}

fn text(from: impl Read, shown: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot read {shown}: {error}"))?;
    if bytes.contains(&0) {
        return Err(format!("{shown} is not text: it has NUL bytes"));
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("{shown} is larger than {} MB, the limit for one file", MAX_BYTES >> 20));
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// A path without its `.`: `./a` is `a`, and the folder that the command runs in is the empty path.
fn without_dots(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// What is in a folder, by name.
pub fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries: Vec<PathBuf> = entries.collect::<Result<_, _>>()?;
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
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// A path as files are named: with slashes, and without `.`.
pub fn slashed(path: &Path) -> String {
    without_dots(path).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}
