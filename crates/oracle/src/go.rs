//! The `go` command: where it is, what it builds, and the modules that it fetches.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether Go is installed. Where it is missing, tests that need it pass and say so, unless `GOPEER_REQUIRE_GO` is 1, as
/// `.ci/run` has it.
///
/// # Panics
///
/// Where Go is missing and required.
pub fn is_there() -> bool {
    let there = Command::new("go").arg("version").output().is_ok_and(|go| go.status.success());
    let required = std::env::var("GOPEER_REQUIRE_GO").is_ok_and(|value| value == "1");
    assert!(there || !required, "Go is missing, and GOPEER_REQUIRE_GO is 1");
    if !there {
        eprintln!("skipped: this test needs Go");
    }
    there
}

/// The folder of what is built.
pub fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target")
}

/// Builds the program of this name in crates/oracle/go, and returns its path.
pub fn build(name: &str) -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("go").join(name);
    let program = target().join(name);
    let mut go = Command::new("go");
    output(go.args(["build", "-o"]).arg(&program).arg(".").current_dir(source))?;
    Ok(program)
}

/// Go's own folder.
pub fn root() -> Result<PathBuf, String> {
    Ok(output(Command::new("go").args(["env", "GOROOT"]))?.trim().into())
}

/// Fetches modules (`path@version`), or finds them in the module cache; says where each is.
pub fn download(modules: &[&str]) -> Result<Vec<PathBuf>, String> {
    modules.iter().map(|module| download_one(module)).collect()
}

fn download_one(module: &str) -> Result<PathBuf, String> {
    let mut go = Command::new("go");
    // Outside of any module, so that none decides over versions.
    let json = output(go.args(["mod", "download", "-json", module]).current_dir(std::env::temp_dir()))?;
    let answer: serde_json::Value = serde_json::from_str(&json).map_err(|error| format!("{module}: {error}"))?;
    answer["Dir"].as_str().map(PathBuf::from).ok_or(format!("`go mod download {module}` names no folder"))
}

/// What the command prints; what it complains of where it fails.
pub fn output(go: &mut Command) -> Result<String, String> {
    let done = go
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("`go` cannot be started, install Go 1.26: {error}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(format!("{go:?} failed:\n{}", String::from_utf8_lossy(&done.stderr)))
}
