//! What a machine needs: one table, one way to be present, one way to be installed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::apt;
use crate::machine::{cache, is_ci, output, root, which};
use crate::step::Step;
use crate::wasm::{Clang, TARGET, Toolchain};

/// Newer Trunks want a newer rustc than Debian 12 and rustup's stable had when this was pinned.
const TRUNK: &str = "0.22.0-beta.1";
const OLDEST_NODE: u32 = 18;
/// A mirror that does not answer must not hold the set-up for long: there is another way.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// How tools are built: quickly. They only drive others, and Trunk's own release profile takes 20 minutes on two cores.
const QUICK_PROFILE: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
];

/// Where Debian puts it.
const NGINX_BROTLI: &str = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so";

/// What a tool is needed for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// To build and serve the page.
    Serve,
    /// To test everything, which includes building the page.
    Test,
}

/// One thing that a machine needs.
pub struct Tool {
    name: &'static str,
    goal: Goal,
    /// Which one is here, if the right one is.
    present: fn() -> Option<String>,
    install: fn() -> Result<(), String>,
    /// What to do by hand where `install` cannot.
    advice: &'static str,
    /// What is lost where nothing brings it; none where nothing works without it.
    without: Option<&'static str>,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "wasm32 standard library",
        goal: Goal::Serve,
        present: || Toolchain::find().map(|toolchain| toolchain.name().to_owned()),
        install: install_std,
        advice: "run `rustup target add wasm32-unknown-unknown` where rustup can download",
        without: None,
    },
    Tool {
        name: "its source, to build it small",
        goal: Goal::Serve,
        present: || (Toolchain::find()? != Toolchain::Beside).then(|| "here".to_owned()),
        install: || which("rustup").map_or(Ok(()), |_| rustup(["component", "add", "rust-src"])),
        advice: "run `rustup component add rust-src` where rustup can download",
        without: Some("the modules of the page are larger"),
    },
    Tool {
        name: "clang for wasm32",
        goal: Goal::Serve,
        present: || Clang::find().map(|clang| clang.cc.display().to_string()),
        install: || apt::install(&[&["clang-19", "llvm-19"], &["clang", "llvm"]]),
        advice: "install LLVM's clang, 14 or newer, with llvm-ar (`brew install llvm`, `dnf install clang llvm`)",
        without: None,
    },
    Tool {
        name: "Node.js and npm",
        goal: Goal::Serve,
        present: node,
        install: || apt::install(&[&["nodejs", "npm"]]),
        advice: "install Node.js 18 or newer with npm from https://nodejs.org",
        without: None,
    },
    Tool {
        name: "Trunk",
        goal: Goal::Serve,
        present: || pinned("trunk", "trunk", TRUNK),
        // Without its defaults: they look for updates of Trunk itself.
        install: || {
            cargo_install(
                "trunk",
                "trunk",
                TRUNK,
                &["--locked", "--no-default-features"],
                "some 4 minutes on two cores",
            )
        },
        advice: "its crates come from crates.io: check the network and `cargo --version` (1.85 or newer)",
        without: None,
    },
    Tool {
        name: "wasm-bindgen",
        goal: Goal::Serve,
        present: || pinned("wasm-bindgen", "wasm-bindgen", &locked_version("wasm-bindgen").ok()?),
        install: || {
            // Without --locked: the lock file of 0.2.130 names a crate version that the registry does not have.
            let version = locked_version("wasm-bindgen")?;
            cargo_install("wasm-bindgen", "wasm-bindgen-cli", &version, &[], "about a minute on two cores")
        },
        advice: "its crates come from crates.io: check the network",
        without: None,
    },
    Tool {
        name: "node packages of web/editor",
        goal: Goal::Serve,
        present: || node_packages("web/editor"),
        install: || npm_ci("web/editor"),
        advice: "they come from registry.npmjs.org: check the network and `npm config get registry`",
        without: None,
    },
    Tool {
        name: "rustfmt and clippy",
        goal: Goal::Test,
        present: || {
            output(Command::new("rustfmt").arg("--version"))?;
            output(Command::new("cargo").args(["clippy", "--version"]))
        },
        install: || {
            let mut rustup = Command::new("rustup");
            Step::new("rustup component add").must(rustup.args(["component", "add", "rustfmt", "clippy"]), "").map(drop)
        },
        advice: "run `rustup component add rustfmt clippy`",
        without: None,
    },
    Tool {
        name: "Chromium",
        goal: Goal::Test,
        present: || chromium().map(|file| file.display().to_string()),
        install: || apt::install(&[&["chromium"]]),
        advice: "install Chromium or Chrome, or name its program in $CHROMIUM",
        without: None,
    },
    Tool {
        name: "Firefox",
        goal: Goal::Test,
        present: || or_skipped(firefox()),
        install: || apt::install(&[&["firefox-esr"], &["firefox"]]),
        advice: "install Firefox, or name its program in $FIREFOX",
        without: None,
    },
    Tool {
        name: "WebKit",
        goal: Goal::Test,
        present: || or_skipped(which("WebKitWebDriver").filter(|_| which("Xvfb").is_some())),
        install: || apt::install(&[&["webkit2gtk-driver", "xvfb"]]),
        advice: "install WebKitGTK's WebKitWebDriver and Xvfb; the page is tested with them",
        without: None,
    },
    Tool {
        name: "nginx with brotli",
        goal: Goal::Test,
        present: || or_skipped(server("nginx").filter(|_| Path::new(NGINX_BROTLI).is_file())),
        install: || apt::install(&[&["nginx", "libnginx-mod-http-brotli-static"]]),
        advice: "install nginx with the module ngx_http_brotli_static_module; docs/hosting/nginx.conf is tested with it",
        without: None,
    },
    Tool {
        name: "Caddy",
        goal: Goal::Test,
        present: || or_skipped(server("caddy")),
        install: || apt::install(&[&["caddy"]]),
        advice: "install Caddy 2; docs/hosting/Caddyfile is tested with it",
        without: None,
    },
    Tool {
        name: "node packages of tests/e2e",
        goal: Goal::Test,
        present: || node_packages("tests/e2e"),
        install: || npm_ci("tests/e2e"),
        advice: "they come from registry.npmjs.org: check the network and `npm config get registry`",
        without: None,
    },
];

/// Brings everything that `goal` needs onto this machine; what is there already is left alone.
pub fn setup(goal: Goal) -> Result<(), String> {
    for tool in TOOLS.iter().filter(|tool| tool.goal <= goal) {
        tool.ensure()?;
    }
    match fs::remove_dir_all(tools_target()) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("{} cannot be removed: {error}", tools_target().display()))
        }
        _ => Ok(()),
    }
}

/// Folders in which the pinned tools lie, for PATH.
pub fn folders() -> Result<Vec<PathBuf>, String> {
    let bindgen = locked_version("wasm-bindgen")?;
    Ok(vec![
        pinned_folder("trunk", TRUNK).join("bin"),
        pinned_folder("wasm-bindgen", &bindgen).join("bin"),
        root().join("web/editor/node_modules/.bin"),
    ])
}

/// The browser of the tests.
pub fn chromium() -> Option<PathBuf> {
    browser("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])
}

/// The browser that takes the way from a paste to a link as well.
pub fn firefox() -> Option<PathBuf> {
    browser("FIREFOX", &["firefox-esr", "firefox"])
}

/// The program that the variable names, or the first of those that are on PATH.
fn browser(variable: &str, programs: &[&str]) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from).filter(|file| file.is_file());
    named.or_else(|| programs.iter().copied().find_map(which))
}

/// Says where a program is. Away from Debian, and where nobody counts on every test, its tests are left out without it.
fn or_skipped(program: Option<PathBuf>) -> Option<String> {
    let skipped = || (which("apt-get").is_none() && !is_ci()).then(|| "not here, so its tests are skipped".to_owned());
    program.map(|file| file.display().to_string()).or_else(skipped)
}

/// A web server; Debian keeps some off the PATH of those who are not root.
fn server(name: &str) -> Option<PathBuf> {
    which(name).or_else(|| Some(Path::new("/usr/sbin").join(name)).filter(|file| file.is_file()))
}

impl Tool {
    fn ensure(&self) -> Result<(), String> {
        if let Some(which) = (self.present)() {
            println!("✓ {}: {which}", self.name);
            return Ok(());
        }
        let failed = |why: String| format!("{} is missing: {why}; {}", self.name, self.advice);
        (self.install)().map_err(failed)?;
        match ((self.present)(), self.without) {
            (Some(_), _) => Ok(()),
            (None, Some(lost)) => {
                println!("- {}: not here, so {lost}; {}", self.name, self.advice);
                Ok(())
            }
            (None, None) => Err(failed("the installation succeeded, but it is still not found".to_owned())),
        }
    }
}

fn install_std() -> Result<(), String> {
    if which("rustup").is_some() {
        rustup(["target", "add", TARGET])?;
        if Toolchain::find().is_some() {
            return Ok(());
        }
        println!("  rustup cannot download it here; Debian's toolchain builds it from source");
    }
    let debian = |lld| ["rustc-web", "cargo-web", "rust-web-src", lld];
    apt::install(&[&debian("lld-19"), &debian("lld")])
}

/// Adds something to the toolchain. Whether it is there then is for the caller to see.
fn rustup(add: [&str; 3]) -> Result<(), String> {
    let mut rustup = Command::new("rustup");
    rustup.args(add).env("RUSTUP_MAX_RETRIES", "0");
    Step::new(format!("rustup {}", add.join(" "))).limit(RUSTUP_LIMIT).run(&mut rustup).map(drop)
}

fn node() -> Option<String> {
    which("npm")?;
    let version = output(Command::new("node").arg("--version"))?;
    let major: u32 = version.trim_start_matches('v').split('.').next()?.parse().ok()?;
    (major >= OLDEST_NODE).then_some(version)
}

fn pinned_folder(tool: &str, version: &str) -> PathBuf {
    cache().join(format!("{tool}-{version}"))
}

/// The version of a program, if it is the wanted one: the one that we installed, or the one on PATH.
fn pinned(tool: &str, program: &str, version: &str) -> Option<String> {
    let is_wanted = |program: &Path| {
        let said = output(Command::new(program).arg("--version"));
        said.is_some_and(|said| said.split_whitespace().any(|word| word == version))
    };
    let ours = pinned_folder(tool, version).join("bin").join(program);
    [Some(ours), which(program)].into_iter().flatten().any(|program| is_wanted(&program)).then(|| version.to_owned())
}

/// One folder for the builds of all tools, because they share dependencies; a fixed one, so that an interrupted build
/// continues where it stopped.
fn tools_target() -> PathBuf {
    cache().join("build")
}

fn cargo_install(tool: &str, package: &str, version: &str, flags: &[&str], long: &str) -> Result<(), String> {
    let folder = pinned_folder(tool, version);
    let mut cargo = Command::new("cargo");
    cargo.args(["install", package, "--version", version, "--force"]).args(flags).envs(QUICK_PROFILE);
    cargo.arg("--root").arg(&folder).arg("--target-dir").arg(tools_target()).current_dir(std::env::temp_dir());
    Step::new(format!("cargo install {package} {version} ({long})")).must(&mut cargo, "see the lines above").map(drop)
}

/// npm leaves its own copy of the lock file behind when it is through.
fn node_packages(folder: &str) -> Option<String> {
    let folder = root().join(folder);
    let wanted = folder.join("package-lock.json");
    let changed = |file: &Path| file.metadata().and_then(|data| data.modified()).ok();
    let installed = changed(&folder.join("node_modules/.package-lock.json"))?;
    (installed >= changed(&wanted)?).then(|| "as in package-lock.json".to_owned())
}

fn npm_ci(folder: &str) -> Result<(), String> {
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(root().join(folder));
    Step::new(format!("npm ci in {folder}")).must(&mut npm, "see the lines above").map(drop)
}

/// The version of a crate that Cargo.lock holds us to.
fn locked_version(package: &str) -> Result<String, String> {
    let text =
        fs::read_to_string(root().join("Cargo.lock")).map_err(|error| format!("Cargo.lock cannot be read: {error}"))?;
    let after = text.split_once(&format!("name = \"{package}\"\nversion = \"")).map(|(_, after)| after);
    let version = after.and_then(|after| after.split('"').next());
    version.map(str::to_owned).ok_or_else(|| format!("Cargo.lock does not name {package}: run `cargo fetch`"))
}
