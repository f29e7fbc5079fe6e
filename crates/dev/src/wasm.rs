//! The compilers for wasm32-unknown-unknown, and the environment in which cargo finds them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::machine::{output, root, which};

/// The target of the wasm modules.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// Where the standard library's source is, below the folder that a toolchain is installed in.
const STD_SOURCE: &str = "lib/rustlib/src/rust/library/std/Cargo.toml";
const OLDEST_CLANG: u32 = 14;
const NEWEST_CLANG: u32 = 40;

/// Where the standard library for wasm32 comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// The `rustc` on PATH builds it from rustup's component `rust-src`.
    Source,
    /// It lies beside the `rustc` on PATH, made for speed: the modules are larger than their budgets.
    Beside,
    /// Debian's `rustc-web` and `cargo-web` build it from `rust-web-src`.
    Debian,
}

impl Toolchain {
    /// The best one that this machine has.
    pub fn find() -> Option<Self> {
        let print = |what: &[&str]| output(Command::new("rustc").arg("--print").args(what)).map(PathBuf::from);
        let beside = print(&["target-libdir", "--target", TARGET]).is_some_and(|folder| folder.is_dir());
        let source = print(&["sysroot"]).is_some_and(|folder| folder.join(STD_SOURCE).is_file());
        let debian = [DEBIAN_CARGO, DEBIAN_RUSTC].iter().all(|file| Path::new(file).exists())
            && Path::new("/usr").join(STD_SOURCE).is_file();
        match (beside, source, debian && linker().is_some()) {
            (true, true, _) => Some(Self::Source),
            (true, false, _) => Some(Self::Beside),
            (false, _, true) => Some(Self::Debian),
            (false, _, false) => None,
        }
    }

    /// How to call it in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "built from rust-src",
            Self::Beside => "beside rustc",
            Self::Debian => "built from Debian's rust-web-src",
        }
    }

    /// The cargo that builds with it.
    pub fn cargo(self) -> Command {
        let mut cargo = Command::new(if self == Self::Debian { DEBIAN_CARGO } else { "cargo" });
        self.set_env(&mut cargo);
        cargo
    }

    /// Lets `command` and the cargo that it starts use this toolchain. Two compilers must not share a target folder,
    /// and this one is not the native one.
    pub fn set_env(self, command: &mut Command) {
        command.env("CARGO_TARGET_DIR", root().join("target/wasm"));
        if self == Self::Beside {
            return;
        }
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
            // Sorting and formatting in their small editions: 4 % of the engine.
            .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size");
        if self == Self::Source {
            return;
        }
        command
            .env("CARGO", DEBIAN_CARGO)
            .env("RUSTC", DEBIAN_RUSTC)
            // Set by `cargo run` for rustup's compiler; Debian's has other libraries.
            .env_remove("LD_LIBRARY_PATH");
        if let Some(linker) = linker() {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
    }

    /// Folders that must come first on PATH.
    pub fn path(self) -> Option<PathBuf> {
        (self == Self::Debian).then(|| PathBuf::from("/usr/bin"))
    }
}

/// A C compiler for wasm32 and its archiver.
pub struct Clang {
    /// The compiler.
    pub cc: PathBuf,
    /// The archiver of the same version.
    pub ar: PathBuf,
}

impl Clang {
    /// The newest one here that knows the target.
    pub fn find() -> Option<Self> {
        versioned("clang", "llvm-ar").map(|(cc, ar)| Self { cc, ar }).find(Self::knows_target)
    }

    fn knows_target(&self) -> bool {
        output(Command::new(&self.cc).arg("--print-targets")).is_some_and(|targets| targets.contains("wasm32"))
    }

    /// Lets C build scripts compile for wasm32. tree-sitter-go includes <stdlib.h>, which the target has not;
    /// `headers` is the folder of stand-ins that tree-sitter-language ships. They export each function for grammars
    /// that come as modules of their own; ours is linked in, and what nothing exports is dropped where it is not used.
    pub fn set_env(&self, command: &mut Command, headers: &Path) {
        command
            .env("CC_wasm32_unknown_unknown", &self.cc)
            .env("AR_wasm32_unknown_unknown", &self.ar)
            .env("CFLAGS_wasm32_unknown_unknown", format!("-isystem {} -DTS_WASM_EXPORT(name)=", headers.display()));
    }
}

fn linker() -> Option<PathBuf> {
    versioned("wasm-ld", "wasm-ld").map(|(linker, _)| linker).next()
}

/// Pairs of programs of the same LLVM version, newest first; Debian puts the version into their names, and Homebrew
/// keeps them off PATH.
fn versioned(first: &'static str, second: &'static str) -> impl Iterator<Item = (PathBuf, PathBuf)> {
    let suffixes = (OLDEST_CLANG..NEWEST_CLANG).rev().map(|version| format!("-{version}")).chain([String::new()]);
    let on_path = suffixes
        .filter_map(move |suffix| Some((which(&format!("{first}{suffix}"))?, which(&format!("{second}{suffix}"))?)));
    let brew = ["/opt/homebrew", "/usr/local"].into_iter().map(move |prefix| {
        let folder = Path::new(prefix).join("opt/llvm/bin");
        (folder.join(first), folder.join(second))
    });
    on_path.chain(brew.filter(|(first, second)| first.is_file() && second.is_file()))
}

/// Folder of the C headers that tree-sitter-language ships for this target.
pub fn headers() -> Result<PathBuf, String> {
    let text = output(
        Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["metadata", "--format-version=1", "--filter-platform", TARGET])
            .current_dir(root()),
    )
    .ok_or("`cargo metadata` fails: run it in the checkout to see why")?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages
        .iter()
        .find(|package| package["name"] == "tree-sitter-language")
        .and_then(|package| {
            Path::new(package["manifest_path"].as_str()?).parent().map(|crate_| crate_.join("wasm/include"))
        })
        .filter(|folder| folder.is_dir())
        .ok_or_else(|| {
            "tree-sitter-language has no folder wasm/include any more: see crates/dev/src/wasm.rs".to_owned()
        })
}
