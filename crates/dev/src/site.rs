//! The static site: `dist/`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::machine::{build_program, path_with, program, root};
use crate::step::Step;
use crate::tools;
use crate::wasm::{Clang, TARGET, Toolchain, headers};

/// Said where a wasm module cannot be built.
pub const NO_STD: &str = "the wasm32 standard library is missing: run `cargo dev setup`";
/// The same of its C parts.
pub const NO_CLANG: &str = "a clang for wasm32 is missing: run `cargo dev setup`";

/// Where the site is written to.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// How the site is built.
#[derive(Default)]
pub struct Build {
    /// Quickly, and large.
    pub debug: bool,
    /// The address that the site will have, for the preview of links to it.
    pub base_url: Option<String>,
    /// Whether the one-file edition is written as well.
    pub single: bool,
}

/// Builds the site: Trunk compiles the wasm modules, and its last hook does what Trunk does not.
pub fn build(how: &Build) -> Result<(), String> {
    let toolchain = Toolchain::find().ok_or(NO_STD)?;
    let clang = Clang::find().ok_or(NO_CLANG)?;
    // For this target by name: otherwise what only its standard library needs is not fetched.
    let mut fetch = toolchain.cargo();
    Step::new("cargo fetch")
        .must(fetch.args(["fetch", "--target", TARGET]).current_dir(root()), "check the network")?;

    let rules = rule_pages()?;
    let mut trunk = Command::new("trunk");
    trunk.args(["build", "--offline=true"]).arg(format!("--release={}", !how.debug)).current_dir(root());
    trunk.env("PATH", path_with(toolchain.path().into_iter().chain(tools::folders()?))).env_remove("NO_COLOR");
    toolchain.set_env(&mut trunk);
    clang.set_env(&mut trunk, &headers()?);
    trunk.env("GOPEER_SITE", rules).env("GOPEER_BASE_URL", how.base_url.as_deref().unwrap_or_default());
    Step::new("build the site").must(&mut trunk, "see the lines above")?;
    if how.single { single() } else { Ok(()) }
}

/// Writes the site that was built as one file, `dist/gopeer.html`.
fn single() -> Result<(), String> {
    let mut node = Command::new("node");
    node.arg("web/build/single.mjs").args([dist(), dist().join("gopeer.html")]).current_dir(root());
    Step::new("write dist/gopeer.html").must(&mut node, "see the lines above").map(drop)
}

/// Writes the documentation of all rules, which the last hook copies into the site.
pub fn rule_pages() -> Result<PathBuf, String> {
    let folder = root().join("target/site");
    fs::create_dir_all(&folder).map_err(|error| format!("target/site cannot be made: {error}"))?;
    let builds = "the engine must build natively, with gcc or clang";
    Step::new("build gopeer-lab").must(&mut build_program("gopeer-lab"), builds)?;
    let mut write = Command::new(program("gopeer-lab"));
    Step::new("write rules.json").must(write.arg("rules").arg(&folder), "see the lines above")?;
    Ok(folder)
}
