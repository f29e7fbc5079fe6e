//! `--diff` and `--base`: the change to review, and what the files were before it.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use gopeer_diff::FileDiff;
use gopeer_engine::change::{Gaps, Rebuilt, rebuild};
use gopeer_engine::protocol::{FileText, Version};
use gopeer_engine::{PackageFiles, Sources, is_reviewed, outline};

use crate::args::ReviewArgs;
use crate::input::{self, Input, Package, Source, slashed};
use crate::module::Module;

/// What a change does to a package.
#[derive(Default)]
pub struct PackageChange {
    /// Its files before the change, those that the change touches.
    pub versions: Vec<Version>,
    /// What packages of its module were before the change, where it imports some that were different to their importers.
    pub imports: Option<Arc<dyn Sources>>,
}

/// What the paths name, as far as the change that is to be reviewed concerns it. All of it, if no change is.
pub fn input(args: &ReviewArgs) -> Result<Input, String> {
    let diffs = match (&args.diff, &args.base) {
        (Some(file), _) => gopeer_diff::parse(&input::text_of(file)?),
        (_, Some(base)) => since(base)?,
        _ => return Ok(input::packages(&args.paths)),
    };
    if let (Some(file), true) = (&args.diff, diffs.is_empty()) {
        let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
        return Err(format!("{name} is not a unified diff: make one with `git diff` or `diff -u`"));
    }
    let wanted: Vec<FileDiff> = diffs.into_iter().filter(|diff| names(diff).any(is_reviewed)).collect();
    match on_disk(&wanted, args.base.is_some()) {
        Ok(files) => Ok(of_files(args, files)),
        Err(why) if !args.paths.is_empty() => Err(why),
        Err(why) => Ok(alone(&wanted, &why)),
    }
}

fn names(diff: &FileDiff) -> impl Iterator<Item = &str> {
    diff.before.iter().chain(&diff.after).map(String::as_str)
}

/// What git shows of the change since a revision.
fn since(base: &str) -> Result<Vec<FileDiff>, String> {
    let root = git(&["rev-parse", "--show-toplevel"])?;
    let from = match base.split_once("..") {
        None => git(&["merge-base", base, "HEAD"]).map_err(|error| {
            let advice = "fetch more of the history (in CI often fetch-depth: 0), or use --base REV..";
            format!("git finds no common ancestor of {base} and HEAD: {advice}\n{error}")
        })?,
        Some((revision, "")) => revision.to_owned(),
        Some(_) => {
            return Err(format!("--base {base}: the change ends in the working tree, so write one revision, or REV.."));
        }
    };
    // Whatever is configured.
    let form = ["--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "-M", "-U3"];
    let files = ["*.go", "*go.mod", "*Dockerfile", "*Containerfile"];
    let root = root.trim();
    let diff = ["-C", root, "diff"].into_iter().chain(form).chain([from.trim(), "--"]).chain(files);
    let mut diffs = gopeer_diff::parse(&git(&diff.collect::<Vec<_>>())?);
    // What git does not track is new.
    let others = ["-C", root, "ls-files", "-z", "--others", "--exclude-standard", "--"].into_iter().chain(files);
    let others = git(&others.collect::<Vec<_>>())?;
    let new = |name: &str| FileDiff { after: Some(name.to_owned()), ..FileDiff::default() };
    diffs.extend(others.split('\0').filter(|name| !name.is_empty()).map(new));
    Ok(diffs)
}

fn git(args: &[&str]) -> Result<String, String> {
    let output = Command::new("git").arg("--no-optional-locks").args(args).output();
    let output = output.map_err(|error| format!("git could not be run: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("git {}: {}", args.join(" "), said.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A file of a change that is on the disk, or was.
struct Changed {
    /// Where it is; none where it is deleted.
    now: Option<PathBuf>,
    /// Where it was, and its text; none where it is new.
    before: Option<(PathBuf, String)>,
    /// Its text.
    text: String,
}

/// The files of a diff that has been applied here. An error says why these are not its files.
fn on_disk(diffs: &[FileDiff], from_git: bool) -> Result<Vec<Changed>, String> {
    let here = fs::canonicalize(".").map_err(|error| error.to_string())?;
    // The names that git gives count from the top of the checkout.
    let roots = here.ancestors().filter(|above| !from_git && *above == here || above.join(".git").exists());
    let mut why = None;
    for root in roots {
        match below(root, diffs) {
            Ok(files) => return Ok(files),
            Err(fault) => drop(why.get_or_insert(fault)),
        }
    }
    Err(why.unwrap_or_default())
}

fn below(root: &Path, diffs: &[FileDiff]) -> Result<Vec<Changed>, String> {
    let mut files: Vec<Changed> = Vec::new();
    let mut by_before: HashMap<PathBuf, usize> = HashMap::new();
    // The last of a series comes first.
    for diff in diffs.iter().rev() {
        if diff.binary {
            continue;
        }
        let later = diff.after.as_ref().map(|name| root.join(name));
        let known = later.as_ref().and_then(|path| by_before.remove(path));
        let text = match (known.and_then(|at| files[at].before.take()), &later, &diff.after) {
            (Some((_, text)), ..) => text,
            (None, Some(path), Some(name)) => {
                input::read(path)
                    .map_err(|fault| if path.exists() { fault } else { format!("{name} does not exist here") })?
                    .text
            }
            _ => String::new(),
        };
        let before = diff.before.as_ref().map(|name| match diff.reverse(&text) {
            Ok(before) => Ok((root.join(name), before)),
            Err(at) => Err(format!("{name} does not match the diff: line {} differs from its new version", at.line)),
        });
        let before = before.transpose()?;
        let at = known.unwrap_or(files.len());
        by_before.extend(before.as_ref().map(|(path, _)| (path.clone(), at)));
        match files.get_mut(at) {
            Some(file) => file.before = before,
            None => files.push(Changed { now: later, before, text }),
        }
    }
    Ok(files)
}

/// The packages that a change touches, or all that are named.
fn of_files(args: &ReviewArgs, files: Vec<Changed>) -> Input {
    let named = !args.paths.is_empty();
    let everything = || {
        let root = fs::canonicalize(".")
            .ok()
            .and_then(|here| here.ancestors().find(|above| above.join(".git").exists()).map(relative));
        vec![format!("{}...", root.flatten().unwrap_or_default())]
    };
    let mut input = input::packages(&if named { args.paths.clone() } else { everything() });
    let names: HashMap<PathBuf, PathBuf> = input.packages.iter().filter_map(folder_of).collect();
    let name = |path: &Path| {
        let folder = path.parent().and_then(|folder| names.get(folder));
        folder.map_or_else(|| slashed(path), |folder| slashed(&folder.join(path.file_name().unwrap_or_default())))
    };
    let mut by_folder: HashMap<&Path, Vec<Version>> = HashMap::new();
    for file in &files {
        let before = file.before.as_ref().map(|(path, text)| FileText { name: name(path), text: text.clone() });
        let (now, was) = (folder(&file.now), file.before.as_ref().and_then(|(path, _)| path.parent()));
        if let (Some(was), Some(before)) = (was, before.clone().filter(|_| now != was)) {
            let moved = file.now.is_some();
            by_folder.entry(was).or_default().push(Version { now: None, before: Some(before), moved });
        }
        if let (Some(folder), Some(path)) = (now, &file.now) {
            by_folder.entry(folder).or_default().push(Version { now: Some(name(path)), before, moved: false });
        }
    }
    let mut affected = Affected::of(&files, &input.packages);
    for package in &mut input.packages {
        let versions =
            folder_of(package).and_then(|(real, _)| by_folder.get(real.as_path()).cloned()).unwrap_or_default();
        let imports = affected.imports(package);
        package.change = Some(PackageChange { versions, imports });
    }
    let is_concerned = |package: &Package| {
        package.change.as_ref().is_some_and(|change| !change.versions.is_empty() || change.imports.is_some())
    };
    input.packages.retain(|package| named || is_concerned(package));
    if !named {
        (input.excluded, input.skipped) = (0, BTreeSet::new());
    }
    input
}

fn folder(file: &Option<PathBuf>) -> Option<&Path> {
    file.as_ref()?.parent()
}

/// The way from the folder that the command runs in up to one above it.
fn relative(above: &Path) -> Option<String> {
    let here = fs::canonicalize(".").ok()?;
    Some("../".repeat(here.strip_prefix(above).ok()?.components().count()))
}

/// The folder of a package, and what the review calls it.
fn folder_of(package: &Package) -> Option<(PathBuf, PathBuf)> {
    package.files.iter().find_map(|source| match source {
        Source::File { name, real } => Some((real.parent()?.to_owned(), name.parent()?.to_owned())),
        Source::Text(_) => None,
    })
}

/// The packages that import what a change makes different, directly or by others.
struct Affected {
    /// By import path.
    packages: BTreeSet<String>,
    /// The files that the change touches, as they were: none where one is new.
    files: Arc<HashMap<PathBuf, Option<String>>>,
    /// What the modules were.
    modules: Vec<(Arc<Module>, Arc<dyn Sources>)>,
}

impl Affected {
    fn of(files: &[Changed], packages: &[Package]) -> Affected {
        let mut folders: BTreeSet<&Path> = BTreeSet::new();
        for file in files {
            let before = file.before.as_ref();
            let moved = before.map(|(path, _)| path) != file.now.as_ref();
            if moved || before.is_some_and(|(_, before)| differ(before, &file.text)) {
                folders.extend(folder(&file.now));
                folders.extend(before.and_then(|(path, _)| path.parent()));
            }
        }
        let path_of = |folder: &Path| {
            let of_module = packages.iter().filter_map(|package| Some(&package.folder.as_ref()?.module));
            of_module.filter(|module| folder.starts_with(&module.root)).find_map(|module| module.import_path(folder))
        };
        let mut changed: BTreeSet<String> = folders.into_iter().filter_map(path_of).collect();
        let imports: Vec<(&Package, Vec<String>)> = match changed.is_empty() {
            true => Vec::new(),
            false => packages.iter().map(|package| (package, texts(package))).collect(),
        };
        let mut affected = BTreeSet::new();
        // Until nobody imports one that was not there before.
        while !changed.is_empty() {
            let quoted: Vec<String> = changed.iter().map(|path| format!("\"{path}\"")).collect();
            let imports_one = |texts: &[String]| texts.iter().any(|text| quoted.iter().any(|path| text.contains(path)));
            let importers = imports.iter().filter(|(_, texts)| imports_one(texts));
            let importers =
                importers.filter_map(|(package, _)| Some(package.folder.as_ref()?.location.import_path.clone()));
            changed = importers.filter(|path| !affected.contains(path)).collect();
            affected.extend(changed.iter().cloned());
        }
        let mut before: HashMap<PathBuf, Option<String>> = HashMap::new();
        for file in files {
            before.extend(file.now.iter().map(|path| (path.clone(), None)));
        }
        before.extend(files.iter().filter_map(|file| file.before.clone()).map(|(path, text)| (path, Some(text))));
        Affected { packages: affected, files: Arc::new(before), modules: Vec::new() }
    }

    fn imports(&mut self, package: &Package) -> Option<Arc<dyn Sources>> {
        let folder = package.folder.as_ref()?;
        if !self.packages.contains(&folder.location.import_path) {
            return None;
        }
        if let Some((_, before)) = self.modules.iter().find(|(module, _)| Arc::ptr_eq(module, &folder.module)) {
            return Some(Arc::clone(before));
        }
        let before = Before { module: Arc::clone(&folder.module), files: Arc::clone(&self.files) };
        let before: Arc<dyn Sources> = Arc::new(before);
        self.modules.push((Arc::clone(&folder.module), Arc::clone(&before)));
        Some(before)
    }
}

fn texts(package: &Package) -> Vec<String> {
    package.files.iter().filter_map(|source| Some(source.read().ok()?.text)).collect()
}

/// Whether a file is not the same to those that import its package.
fn differ(before: &str, after: &str) -> bool {
    let (before, after) = (Outside::of(before), Outside::of(after));
    let named = |import: &&String| {
        let name = import.split_whitespace().next().unwrap_or_default().trim_matches('"').rsplit('/').next();
        name.is_none_or(|name| after.declarations.iter().any(|line| line.contains(name)))
    };
    before.declarations != after.declarations
        || before.imports.symmetric_difference(&after.imports).any(|import| named(&import))
}

/// What others can see of a file.
struct Outside {
    imports: BTreeSet<String>,
    declarations: Vec<String>,
}

impl Outside {
    fn of(text: &str) -> Outside {
        let mut outside = Outside { imports: BTreeSet::new(), declarations: Vec::new() };
        let mut importing = false;
        for line in outline(text).lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")) {
            let import = line.strip_prefix("import").filter(|rest| rest.starts_with([' ', '(', '"']));
            importing |= import.is_some_and(|rest| rest.contains('('));
            match import {
                Some(rest) if !importing => drop(outside.imports.insert(rest.trim().to_owned())),
                _ if importing => drop(outside.imports.insert(line.to_owned())),
                _ => outside.declarations.push(line.to_owned()),
            }
            importing &= !line.starts_with(')');
        }
        outside
    }
}

/// A module before the change.
struct Before {
    module: Arc<Module>,
    files: Arc<HashMap<PathBuf, Option<String>>>,
}

impl Sources for Before {
    fn find(&self, path: &str) -> Option<PackageFiles> {
        let mut found = self.module.find(path)?;
        let folder = found.files.first().and_then(|file| Path::new(file).parent()).map(Path::to_owned);
        found.files.retain(|file| self.files.get(Path::new(file)) != Some(&None));
        let was_here = |(path, text): &(&PathBuf, &Option<String>)| {
            text.is_some() && path.parent() == folder.as_deref() && input::is_go(path)
        };
        let gone = self.files.iter().filter(was_here).map(|(path, _)| path.to_string_lossy().into_owned());
        let gone: BTreeSet<String> = gone.filter(|path| !found.files.contains(path)).collect();
        found.files.extend(gone);
        found.files.sort();
        Some(found)
    }

    fn read(&self, file: &str) -> Option<FileText> {
        match self.files.get(Path::new(file)) {
            Some(text) => Some(FileText { name: file.to_owned(), text: text.clone()? }),
            None => self.module.read(file),
        }
    }
}

/// The files as far as the diff shows them.
fn alone(diffs: &[FileDiff], why: &str) -> Input {
    let Rebuilt { files, before, notes } = rebuild(diffs, Gaps::Padded, is_reviewed);
    let mut input = Input::default();
    let because = if why.is_empty() { String::new() } else { format!(" ({why})") };
    input.notes.push(format!("Only what the diff shows was reviewed, without the rest of its files{because}."));
    input.notes.extend(notes);
    let files = files.into_iter().map(Source::Text).collect();
    let change = Some(PackageChange { versions: before, imports: None });
    input.packages.push(Package { files, whole: false, folder: None, change });
    input
}
