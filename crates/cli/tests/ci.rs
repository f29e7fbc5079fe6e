//! What is in `ci/`, for GitHub, GitLab and pre-commit: see `tests/ci/run.mjs`.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

#[test]
fn the_scripts_of_ci_do_what_docs_ci_says() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ci/run.mjs");
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap"]).arg(tests).env("GOPEER", env!("CARGO_BIN_EXE_gopeer"));
    let output = match node.output() {
        Ok(output) => output,
        Err(error) if std::env::var("CI").is_ok_and(|ci| ci == "true") => panic!("node does not run: {error}"),
        Err(_) => return eprintln!("skipped: node is not here"),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("\n# fail 0\n"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!said.contains("\n# pass 0\n"), "no test ran: {said}");
}
