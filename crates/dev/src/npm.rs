//! The npm package of the engine: `target/npm/`.

use std::path::PathBuf;
use std::process::Command;

use crate::machine::{path_with, root};
use crate::step::Step;
use crate::wasm::{self, Clang, TARGET, Toolchain};
use crate::{site, tools};

/// Where the package is written to.
pub fn folder() -> PathBuf {
    root().join("target/npm")
}

/// Builds the package: cargo compiles its wasm module, and `web/build/npm.mjs` puts the rest around it.
pub fn build() -> Result<(), String> {
    let toolchain = Toolchain::find().ok_or(site::NO_STD)?;
    let clang = Clang::find().ok_or(site::NO_CLANG)?;
    let mut cargo = toolchain.cargo();
    cargo.args(["build", "--package", "gopeer-web", "--bin", "npm", "--profile", "web", "--target", TARGET]);
    clang.set_env(&mut cargo, &wasm::headers()?);
    Step::new("build the package's module").must(cargo.current_dir(root()), "see the lines above")?;
    let voices = site::rule_pages()?.join("voices.bin");
    let module = root().join("target/wasm").join(TARGET).join("web/npm.wasm");
    let mut node = Command::new("node");
    node.arg("web/build/npm.mjs").args([module, voices, folder()]).current_dir(root());
    Step::new("write target/npm").must(node.env("PATH", path_with(tools::folders()?)), "see the lines above").map(drop)
}
