//! `cargo dev packs`: writes the packs of exercises that the page offers, and compiles what is in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::machine::{root, which};

/// Builds the packs that `names` lists, or all, and compiles both versions of each of their exercises.
///
/// # Errors
/// If Go is missing, a source is wrong, or a program does not compile.
pub fn run(names: &[String]) -> Result<(), String> {
    if which("go").is_none() {
        return Err("`cargo dev packs` needs Go: see https://go.dev/dl".to_owned());
    }
    let sources = sources()?;
    if let Some(name) =
        names.iter().find(|name| !sources.iter().any(|source| source.file_name() == Some(name.as_ref())))
    {
        return Err(format!("there is no pack `{name}` in exercises/"));
    }
    let mut wrong = Vec::new();
    for source in sources {
        let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !names.is_empty() && !names.contains(&name) {
            continue;
        }
        let pack = build(&source, &root().join("static/exercises").join(format!("{name}.json")))?;
        for exercise in list(&pack, "exercises") {
            let id = text(exercise, "id");
            let folder = root().join("target/packs").join(&name).join(id);
            for (version, files) in [("faulty", faulty(exercise)), ("repaired", repaired(exercise))] {
                match compile(&folder.join(version), &files, version == "repaired") {
                    Ok(()) => println!("{name}/{id}: the {version} version compiles"),
                    Err(why) => wrong.push(format!("{name}/{id}, {version}: {why}")),
                }
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn sources() -> Result<Vec<PathBuf>, String> {
    let folder = root().join("exercises");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut sources: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect();
    sources.sort();
    Ok(sources)
}

/// Writes a pack with the command that trainers use, and reads it.
fn build(source: &Path, pack: &Path) -> Result<Value, String> {
    let mut gopeer = Command::new("cargo");
    gopeer
        .args(["run", "--quiet", "--package", "gopeer-cli", "--", "pack", "build"])
        .arg(source)
        .arg("--output")
        .arg(pack);
    must(gopeer.current_dir(root()))?;
    let json = fs::read_to_string(pack).map_err(|error| format!("{}: {error}", pack.display()))?;
    serde_json::from_str(&json).map_err(|error| format!("{}: {error}", pack.display()))
}

fn faulty(exercise: &Value) -> Vec<(&str, &str)> {
    list(exercise, "files").iter().map(|file| (text(file, "name"), text(file, "text"))).collect()
}

fn repaired(exercise: &Value) -> Vec<(&str, &str)> {
    let changed: Vec<_> =
        list(exercise, "repaired").iter().map(|file| (text(file, "name"), text(file, "text"))).collect();
    let kept = faulty(exercise).into_iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    kept.chain(changed.iter().copied()).collect()
}

/// Compiles a module with its tests. Vet would object to some planted faults, so that only the repaired version has to pass it.
fn compile(folder: &Path, files: &[(&str, &str)], vet: bool) -> Result<(), String> {
    let _ = fs::remove_dir_all(folder);
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(|error| error.to_string())?;
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut go = Command::new("go");
    go.args(if vet { &["vet", "./..."][..] } else { &["test", "-vet=off", "-run=-", "./..."] });
    must(go.current_dir(folder).env("GOFLAGS", "-mod=mod").env("GOWORK", "off"))
}

fn must(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}
