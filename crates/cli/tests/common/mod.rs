//! What the tests of the command share.

#![allow(dead_code, reason = "not every test needs all")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use tempfile::TempDir;

/// Runs the command.
pub fn gopeer(args: &[&str]) -> Assert {
    Command::cargo_bin("gopeer").expect("it is built").args(args).assert()
}

pub fn stdout(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stdout).into_owned()
}

pub fn stderr(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

/// A folder with these files.
pub fn folder_of(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("made");
        fs::write(path, text).expect("written");
    }
    folder
}

pub fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_string_lossy().into_owned()
}

/// The file and line of each compile error and undefined name that a review of a path finds, in that order.
pub fn errors(path: &str) -> Vec<String> {
    errors_from(Path::new("."), &[path])
}

/// The same for paths that are read from a folder.
pub fn errors_from(here: &Path, paths: &[&str]) -> Vec<String> {
    let mut command = Command::cargo_bin("gopeer").expect("it is built");
    let review = stdout(&command.current_dir(here).args(["review", "--format", "json"]).args(paths).assert());
    let review: serde_json::Value = serde_json::from_str(&review).expect("JSON");
    let findings = review["findings"].as_array().expect("an array").iter();
    let errors = findings.filter(|finding| {
        matches!(finding["rule"].as_str(), Some("correctness/compile-error" | "correctness/undefined-name"))
    });
    let place = |finding: &serde_json::Value| {
        let file = finding["place"]["file"].as_str().and_then(|file| file.rsplit('/').next());
        format!("{}:{}", file.unwrap_or_default(), finding["place"]["range"]["line"])
    };
    let mut places: Vec<String> = errors.map(place).collect();
    places.sort();
    places
}
