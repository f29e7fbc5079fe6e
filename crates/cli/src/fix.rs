//! `--fix`: applies the fixes of a review to the files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io::{Error, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use gopeer_engine::protocol::{Edit, Finding, Fix, FixKind};
use tempfile::NamedTempFile;

use crate::args::Fixes;
use crate::input::{Package, Source, slashed};
use crate::parallel::Reviewed;

/// One fix may make another possible; this is the most rounds that are made.
pub const ROUNDS: usize = 10;

/// What fixes files, over several rounds.
pub struct Fixer {
    which: Fixes,
    /// Whether files with uncommitted changes may be changed.
    force: bool,
    /// Where the files are, by their names in the review.
    files: HashMap<String, PathBuf>,
    /// Whether a file may be changed, by its name; filled when git is asked.
    allowed: BTreeMap<String, bool>,
    /// Findings that were fixed, by file and id: if one is found again, its fix did not help.
    tried: BTreeSet<(String, String)>,
    /// Names of the files that were changed.
    pub changed: BTreeSet<String>,
    /// What was done, as `file:line: title`; lines are those of its round.
    pub done: Vec<String>,
    /// A sentence for each file that a fix would change and that may not be changed.
    pub faults: Vec<String>,
}

impl Fixer {
    /// A fixer for the files of these packages. What came from an archive or standard input has no file to change.
    pub fn new(packages: &[Package], which: Fixes, force: bool) -> Fixer {
        let file = |source: &Source| match source {
            Source::File { name, real } => Some((slashed(name), fs::canonicalize(real).ok()?)),
            Source::Text(_) => None,
        };
        Fixer {
            which,
            force,
            files: packages.iter().flat_map(|package| &package.files).filter_map(file).collect(),
            allowed: BTreeMap::new(),
            tried: BTreeSet::new(),
            changed: BTreeSet::new(),
            done: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Applies the fixes that do not overlap; false if there was nothing to do.
    pub fn round(&mut self, reviewed: &Reviewed) -> bool {
        let mut wanted: BTreeMap<&str, Vec<(&Finding, &Fix)>> = BTreeMap::new();
        for finding in reviewed.reviews.iter().flat_map(|review| &review.findings) {
            if let Some(fix) = self.wanted(finding) {
                wanted.entry(&finding.place.file).or_default().push((finding, fix));
            }
        }
        self.ask_git(wanted.keys().copied());
        wanted.retain(|name, _| self.allowed.get(*name) == Some(&true));
        let before = self.done.len();
        for (name, wanted) in wanted {
            let chosen = compatible(wanted);
            let edits = chosen.iter().flat_map(|(_, fix)| &fix.edits).collect();
            match self.change(name, edits, reviewed) {
                Ok(()) => self.note(name, &chosen),
                Err(fault) => self.refuse(name, &fault),
            }
        }
        self.done.len() > before
    }

    /// The first fix of a finding that may be applied and has not been tried.
    fn wanted<'r>(&self, finding: &'r Finding) -> Option<&'r Fix> {
        let file = &finding.place.file;
        if !self.files.contains_key(file) || self.tried.contains(&(file.clone(), finding.id.clone())) {
            return None;
        }
        let may = |fix: &&Fix| {
            let kind = fix.kind == FixKind::Safe || self.which == Fixes::All;
            kind && !fix.edits.is_empty() && fix.edits.iter().all(|edit| edit.place.file == *file)
        };
        finding.fixes.iter().find(may)
    }

    /// Finds out which files may be changed: those without uncommitted changes, so that `git diff` shows what the fixes did.
    fn ask_git<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        let mut folders: BTreeMap<PathBuf, Vec<&str>> = BTreeMap::new();
        for name in names.filter(|name| !self.allowed.contains_key(*name)).collect::<Vec<_>>() {
            if self.force {
                self.allowed.insert(name.to_owned(), true);
            } else if let Some(folder) = self.files.get(name).and_then(|file| file.parent()) {
                folders.entry(folder.to_owned()).or_default().push(name);
            }
        }
        for (folder, names) in folders {
            let file = |name: &str| self.files.get(name).and_then(|file| file.file_name());
            let all_clean = is_clean(&folder, names.iter().filter_map(|name| file(name)));
            let clean: Vec<bool> = names.iter().map(|name| all_clean || is_clean(&folder, file(name))).collect();
            for (name, clean) in names.into_iter().zip(clean) {
                match clean {
                    true => drop(self.allowed.insert(name.to_owned(), true)),
                    false => self
                        .refuse(name, "it has uncommitted changes or is not tracked by git; commit it, or use --force"),
                }
            }
        }
    }

    fn change(&self, name: &str, edits: Vec<&Edit>, reviewed: &Reviewed) -> Result<(), String> {
        let (Some(file), Some(text)) = (self.files.get(name), reviewed.texts.get(name)) else {
            return Err("it was not read".to_owned());
        };
        let bytes = fs::read(file).map_err(|error| error.to_string())?;
        if bytes != text.as_bytes() {
            return Err("it has changed since it was reviewed, or is not UTF-8".to_owned());
        }
        let text = applied(text, edits).ok_or("the fix reaches beyond its text")?;
        write(file, &text).map_err(|error| error.to_string())
    }

    fn note(&mut self, name: &str, done: &[(&Finding, &Fix)]) {
        self.changed.insert(name.to_owned());
        for (finding, fix) in done {
            self.tried.insert((name.to_owned(), finding.id.clone()));
            self.done.push(format!("{name}:{}: {}", finding.place.range.line, fix.title));
        }
    }

    fn refuse(&mut self, name: &str, why: &str) {
        self.allowed.insert(name.to_owned(), false);
        self.faults.push(format!("{name} is not fixed: {why}"));
    }
}

/// Those fixes of one file that can be applied together; earlier ones win.
fn compatible<'r>(wanted: Vec<(&'r Finding, &'r Fix)>) -> Vec<(&'r Finding, &'r Fix)> {
    // The edited ranges by where they begin.
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    let mut fits = |fix: &Fix| {
        let range = |edit: &Edit| (edit.place.range.start, edit.place.range.end);
        // Edits that touch are in conflict too: two insertions at one place mean different things in either order.
        let free = |(start, end)| taken.range(..=end).next_back().is_none_or(|(_, taken)| *taken < start);
        let fits = fix.edits.iter().map(range).all(free);
        if fits {
            for (start, end) in fix.edits.iter().map(range) {
                taken.entry(start).and_modify(|taken| *taken = end.max(*taken)).or_insert(end);
            }
        }
        fits
    };
    wanted.into_iter().filter(|(_, fix)| fits(fix)).collect()
}

/// The text with the edits; none where they overlap or reach beyond it.
fn applied(text: &str, mut edits: Vec<&Edit>) -> Option<String> {
    edits.sort_by_key(|edit| (edit.place.range.start, edit.place.range.end));
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        let range = edit.place.range;
        out.push_str(text.get(at..range.start as usize)?);
        out.push_str(&edit.insert);
        at = range.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Replaces a file as a whole: nobody reads half of it, and it keeps its permissions.
fn write(file: &Path, text: &str) -> Result<(), Error> {
    let mut new = NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
    new.write_all(text.as_bytes())?;
    fs::set_permissions(new.path(), fs::metadata(file)?.permissions())?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// Whether the last commit has these files of a folder as they are.
fn is_clean<'f>(folder: &Path, files: impl IntoIterator<Item = &'f OsStr>) -> bool {
    let status = ["status", "--porcelain", "--ignored", "--untracked-files=all", "--"];
    let mut git = Command::new("git");
    git.args(["--no-optional-locks", "--literal-pathspecs", "-C"]).arg(folder).args(status).args(files);
    git.output().is_ok_and(|output| output.status.success() && output.stdout.is_empty())
}
