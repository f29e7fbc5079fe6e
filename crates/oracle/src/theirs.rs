//! The Go side: runs a program of go/ over packages, and keeps what it wrote for the next time.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::go;

/// Which packages are asked for.
pub struct Request<'a> {
    /// Where `go list` runs.
    pub dir: &'a Path,
    /// What it is asked for.
    pub patterns: &'a [String],
    /// Whether with test files.
    pub tests: bool,
    /// Whether the packages know each other, as those of a folder do.
    pub whole: bool,
}

/// What the program says of a package.
pub enum Answer {
    /// The import path as `go list` has it (`sort_test [sort.test]`), and the file that it wrote.
    Facts(String, PathBuf),
    /// It is left out: the import path, and why.
    Skipped(String, String),
}

/// What go/types says; `index` is what our side knows of other packages.
pub fn types(request: &Request<'_>, index: &[String]) -> Result<Vec<Answer>, String> {
    ask("typefacts", request, index)
}

/// What go/cfg and ctrlflow say.
pub fn flow(request: &Request<'_>) -> Result<Vec<Answer>, String> {
    ask("flowfacts", request, &[])
}

/// Has the program write what is not there yet.
fn ask(program: &str, request: &Request<'_>, index: &[String]) -> Result<Vec<Answer>, String> {
    let program = go::build(program)?;
    let version = go::output(Command::new("go").args(["env", "GOVERSION"]))?;
    let written = std::fs::read(&program).map_err(|error| format!("{}: {error}", program.display()))?;
    let key = hash(&(version.trim(), &written, index));
    let cache = go::target().join("oracle").join(format!("{}-{key:016x}", version.trim()));
    let manifest =
        cache.join(format!("{:016x}.list", hash(&(request.dir, request.patterns, request.tests, request.whole))));
    if let Ok(text) = std::fs::read_to_string(&manifest) {
        return answers(&text);
    }
    let out = cache.join(format!("{:016x}", hash(&(request.dir, request.tests, request.whole))));
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut command = Command::new(program);
    command.arg("-dir").arg(request.dir).arg("-out").arg(&out);
    if !index.is_empty() {
        let known = cache.join("index.txt");
        std::fs::write(&known, index.join("\n")).map_err(|error| format!("{}: {error}", known.display()))?;
        command.arg("-index").arg(&known);
    }
    if request.tests {
        command.arg("-tests");
    }
    if request.whole {
        command.arg("-whole");
    }
    if request.dir.starts_with(copies()) {
        // Their go.mod and go.sum may be completed: they are ours.
        command.env("GOFLAGS", "-mod=mod");
    }
    let text = go::output(command.args(request.patterns))?;
    std::fs::write(&manifest, &text).map_err(|error| format!("{}: {error}", manifest.display()))?;
    answers(&text)
}

fn answers(text: &str) -> Result<Vec<Answer>, String> {
    let answer = |line: &str| match line.splitn(3, '\t').collect::<Vec<_>>()[..] {
        ["ok", path, file] => Ok(Answer::Facts(path.to_owned(), file.into())),
        ["skip", path, why] => Ok(Answer::Skipped(path.to_owned(), why.to_owned())),
        _ => Err(format!("the Go program says `{line}`")),
    };
    text.lines().map(answer).collect()
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// The folder in which `go list` knows a module (`path@version`) and all it needs: a copy of it, with what is missing of
/// its go.sum added, as the module cache cannot be written.
pub fn module(module: &str) -> Result<PathBuf, String> {
    let source = go::download(&[module])?.pop().ok_or("no folder")?;
    let copy = copies().join(module);
    if !copy.join("go.mod").is_file() {
        copy_folder(&source, &copy).map_err(|error| format!("{} cannot be copied: {error}", source.display()))?;
    }
    Ok(copy)
}

fn copies() -> PathBuf {
    go::target().join("oracle/modules")
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::write(&target, std::fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
