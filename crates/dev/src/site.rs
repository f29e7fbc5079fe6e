//! The static site: `dist/`.

use std::path::PathBuf;
use std::process::Command;

use crate::machine::{path_with, root};
use crate::step::Step;
use crate::tools;
use crate::wasm::{Clang, Toolchain, headers};

/// Where the site is written to.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Builds the site: Trunk compiles the two wasm modules, and its last hook does what Trunk does not.
pub fn build(debug: bool) -> Result<(), String> {
    let toolchain = Toolchain::find().ok_or("the wasm32 standard library is missing: run `cargo dev setup`")?;
    let clang = Clang::find().ok_or("a clang for wasm32 is missing: run `cargo dev setup`")?;
    let mut fetch = toolchain.cargo();
    Step::new("cargo fetch").must(fetch.arg("fetch").current_dir(root()), "check the network")?;

    let mut trunk = Command::new("trunk");
    trunk.args(["build", "--offline=true"]).arg(format!("--release={}", !debug)).current_dir(root());
    trunk.env("PATH", path_with(toolchain.path().into_iter().chain(tools::folders()?))).env_remove("NO_COLOR");
    toolchain.set_env(&mut trunk);
    clang.set_env(&mut trunk, &headers()?);
    Step::new("build the site").must(&mut trunk, "see the lines above").map(drop)
}
