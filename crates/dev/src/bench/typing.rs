//! `cargo dev bench typing`: what one letter costs in the page's worker, in a package of real size.

use std::path::{Path, PathBuf};

use gopeer_engine::protocol::FileText;

use super::goroot;

/// Types into the files of one folder, `database/sql` of Go's own source if none is given. Unlike the other measures it says
/// milliseconds: what a keystroke may take is a matter of eyes and screens.
pub(super) fn run(args: &[String]) -> Result<(), String> {
    let folder = match args {
        [] => goroot()?.join("database/sql"),
        [folder] => PathBuf::from(folder),
        _ => return Err("`bench typing` takes one folder".to_owned()),
    };
    let files = package(&folder)?;
    let lines: usize = files.iter().map(|file| file.text.lines().count()).sum();
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let corpus = top.join("target/typing-corpus.json");
    let json = serde_json::to_string(&files).map_err(|error| error.to_string())?;
    std::fs::write(&corpus, json).map_err(|error| format!("{} cannot be written: {error}", corpus.display()))?;
    let output = std::process::Command::new("node").arg(top.join("tests/e2e/typing.mjs")).arg(&corpus).output();
    let output = output.map_err(|error| format!("node cannot be started: {error}"))?;
    let measured: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("the browser did not measure: {}", String::from_utf8_lossy(&output.stderr)))?;
    let number = |key: &str| measured[key].as_f64().unwrap_or(f64::NAN);
    println!(
        "{}: {lines} lines; {} letters and their reviews in the page's worker",
        folder.display(),
        measured["reviews"]
    );
    println!(
        "median {:.1} ms, 95th percentile {:.1} ms, worst {:.1} ms",
        number("median"),
        number("p95"),
        number("worst")
    );
    Ok(())
}

/// The files of a folder that are no tests.
fn package(folder: &Path) -> Result<Vec<FileText>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    let mut files: Vec<FileText> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_source = name.ends_with(".go") && !name.ends_with("_test.go");
            Some(FileText { text: std::fs::read_to_string(entry.path()).ok().filter(|_| is_source)?, name })
        })
        .collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    if files.is_empty() { Err(format!("no Go files in {}", folder.display())) } else { Ok(files) }
}
