//! What several tests of the whole share. The tests stand beside this file.

/// Whether Go is installed. Where it is missing, tests that need it pass and say so, unless `GOPEER_REQUIRE_GO` is 1, as
/// `.ci/run` has it.
pub fn go_is_there() -> bool {
    let there = std::process::Command::new("go").arg("version").output().is_ok_and(|go| go.status.success());
    let required = std::env::var("GOPEER_REQUIRE_GO").is_ok_and(|value| value == "1");
    assert!(there || !required, "Go is missing, and GOPEER_REQUIRE_GO is 1");
    if !there {
        eprintln!("skipped: this test needs Go");
    }
    there
}
