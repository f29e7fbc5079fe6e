//! Programs in Go that say how things really are. Where Go is missing, tests that need one pass and say so, unless
//! GOPEER_REQUIRE_GO is 1.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The program made of `tests/NAME/oracle.go`; none where Go is missing.
pub fn build(name: &str) -> Option<PathBuf> {
    let there = Command::new("go").arg("version").output().is_ok_and(|go| go.status.success());
    let required = std::env::var("GOPEER_REQUIRE_GO").is_ok_and(|value| value == "1");
    assert!(there || !required, "Go is missing, and GOPEER_REQUIRE_GO is 1");
    if !there {
        eprintln!("skipped: this test needs Go");
        return None;
    }
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name).join("oracle.go");
    let built = Command::new("go").args(["build", "-o"]).arg(&program).arg(source).status();
    assert!(built.is_ok_and(|status| status.success()), "the oracle does not build");
    Some(program)
}
