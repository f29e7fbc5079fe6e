//! The static site: `dist/`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::machine::{lab, path_with, root};
use crate::step::Step;
use crate::tools;
use crate::wasm::{Clang, TARGET, Toolchain, headers};

/// Where the site is written to.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Builds the site: Trunk compiles the wasm modules, and its last hook does what Trunk does not.
pub fn build(debug: bool) -> Result<(), String> {
    let toolchain = Toolchain::find().ok_or("the wasm32 standard library is missing: run `cargo dev setup`")?;
    let clang = Clang::find().ok_or("a clang for wasm32 is missing: run `cargo dev setup`")?;
    // For this target by name: otherwise what only its standard library needs is not fetched.
    let mut fetch = toolchain.cargo();
    Step::new("cargo fetch")
        .must(fetch.args(["fetch", "--target", TARGET]).current_dir(root()), "check the network")?;

    let rules = rule_pages()?;
    let mut trunk = Command::new("trunk");
    trunk.args(["build", "--offline=true"]).arg(format!("--release={}", !debug)).current_dir(root());
    trunk.env("PATH", path_with(toolchain.path().into_iter().chain(tools::folders()?))).env_remove("NO_COLOR");
    toolchain.set_env(&mut trunk);
    clang.set_env(&mut trunk, &headers()?);
    trunk.env("GOPEER_RULES", rules);
    Step::new("build the site").must(&mut trunk, "see the lines above").map(drop)
}

/// Writes the documentation of all rules, which the last hook copies into the site.
fn rule_pages() -> Result<PathBuf, String> {
    let file = root().join("target/site/rules.json");
    fs::create_dir_all(root().join("target/site")).map_err(|error| format!("target/site cannot be made: {error}"))?;
    Step::new("write rules.json")
        .must(lab("dev", "rules").arg(&file), "the engine must build natively, with gcc or clang")?;
    Ok(file)
}
