//! Where things are: the checkout, the tool cache, programs on PATH.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where pinned tools are installed: shared by all checkouts of this user, or inside `target/` for a user without a home.
pub fn cache() -> PathBuf {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("XDG_CACHE_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(|| root().join("target/cache"))
        .join("gopeer")
}

/// Whether this runs unattended, where a missing tool is a failure and not a reason to skip.
pub fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// The file that running `program` would start.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(format!("{program}{}", env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
}

/// PATH with `folders` in front.
pub fn path_with(folders: impl IntoIterator<Item = PathBuf>) -> OsString {
    let old = env::var_os("PATH").unwrap_or_default();
    let all: Vec<PathBuf> = folders.into_iter().chain(env::split_paths(&old)).collect();
    env::join_paths(all).unwrap_or(old)
}

/// What `command` prints, trimmed, if it can be started and succeeds.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Builds one of our programs natively, into `target/debug`. Its features are those that the whole workspace asks for, so that what
/// the tests compiled is not compiled again.
pub fn build_program(name: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--workspace", "--features", "gopeer-dev/lab", "--bin", name]);
    cargo.arg("--target-dir").arg(root().join("target")).current_dir(root());
    cargo
}

/// The program that `build_program` builds.
pub fn program(name: &str) -> PathBuf {
    root().join("target/debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// A command of `gopeer-lab`, this crate's second binary, which has the engine; cargo builds it first where it must.
pub fn lab(profile: &str, command: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--profile", profile, "--package", "gopeer-dev", "--features", "lab"]);
    cargo.args(["--bin", "gopeer-lab", "--", command]).current_dir(root());
    cargo
}
