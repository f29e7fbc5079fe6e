//! Debian packages: the only system package manager that the set-up uses by itself.

use std::process::Command;

use crate::machine::{output, which};
use crate::step::Step;

/// Installs the first of `choices` that this Debian offers, renewing the package lists where they are missing or stale.
pub fn install(choices: &[&[&str]]) -> Result<(), String> {
    if which("apt-get").is_none() {
        return Err("this machine has no apt-get".to_owned());
    }
    let hope = choices.first().copied().unwrap_or_default().join(" ");
    let root = Root::find().ok_or_else(|| {
        format!("installing needs root: run `apt-get update && apt-get install -y {hope}` as root, then this again")
    })?;
    let update = || Step::new("apt-get update").run(&mut root.apt_get(&["update"]));
    let offered = || choices.iter().find(|packages| packages.iter().all(|package| has(package)));
    if offered().is_none() {
        update()?;
    }
    let packages = offered().ok_or_else(|| format!("this Debian does not offer the packages {hope}"))?;
    let args: Vec<&str> = ["install", "-y", "--no-install-recommends"].iter().chain(*packages).copied().collect();
    let step = Step::new(format!("apt-get install {}", packages.join(" ")));
    if step.run(&mut root.apt_get(&args))?.ok {
        return Ok(());
    }
    // A list can name a version that the server has since replaced.
    update()?;
    step.must(&mut root.apt_get(&args), "see what apt-get says above").map(drop)
}

/// Whether the package lists offer `package`.
fn has(package: &str) -> bool {
    let policy = output(Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C")).unwrap_or_default();
    policy.lines().any(|line| line.trim().strip_prefix("Candidate:").is_some_and(|version| version.trim() != "(none)"))
}

/// How this user becomes root without being asked anything.
enum Root {
    Already,
    Sudo,
}

impl Root {
    fn find() -> Option<Self> {
        if output(Command::new("id").arg("-u"))? == "0" {
            return Some(Self::Already);
        }
        output(Command::new("sudo").args(["-n", "true"])).map(|_| Self::Sudo)
    }

    fn apt_get(&self, args: &[&str]) -> Command {
        let mut command = match self {
            Self::Already => Command::new("env"),
            Self::Sudo => {
                let mut sudo = Command::new("sudo");
                sudo.args(["-n", "env"]);
                sudo
            }
        };
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]).args(args);
        command
    }
}
