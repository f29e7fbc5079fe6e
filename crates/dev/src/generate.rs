//! `cargo dev generate`: rewrites the index of Go packages with crates/api/gen.

use std::process::Command;

use crate::machine::{output, root, which};

/// Writes the index of the modules that `words` name, or of all. Naming modules leaves the files of the others as they are.
///
/// # Errors
/// If Go is missing or older than the generator asks for, a module cannot be fetched, or a name is not in modules.go.
pub fn run(words: &[String]) -> Result<(), String> {
    let folder = root().join("crates/api/gen");
    if which("go").is_none() {
        return Err("`cargo dev generate` needs Go: see https://go.dev/dl".to_owned());
    }
    let version = output(Command::new("go").args(["env", "GOVERSION"]).current_dir(&folder)).unwrap_or_default();
    println!("index of the standard library of {version}, and of the modules of crates/api/gen/modules.go");
    let status = Command::new("go").args(["run", "."]).args(words).current_dir(&folder).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("the generator failed: its output says why".to_owned()),
        Err(error) => Err(format!("`go` cannot be started: {error}")),
    }
}
