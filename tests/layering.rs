//! Who may know whom: the table of ARCHITECTURE.md, held against what Cargo.toml files say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Our crates in the order of the data, each with those of ours that it may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("syntax", &[]),
    ("api", &[]),
    ("diff", &[]),
    ("sema", &["syntax", "api"]),
    ("flow", &["syntax", "sema"]),
    ("lint", &["syntax", "sema", "flow"]),
    ("rules", &["lint", "flow", "sema", "syntax"]),
    ("engine", &["syntax", "api", "diff", "sema", "flow", "lint", "rules"]),
    ("link", &[]),
    ("pack", &["diff"]),
    ("cli", &["diff", "engine", "link", "pack"]),
    ("web", &["engine", "link", "pack"]),
    ("oracle", &["syntax", "api", "sema", "flow", "lint", "engine"]),
    ("dev", &["syntax", "api", "diff", "sema", "flow", "lint", "rules", "engine", "link", "pack", "oracle"]),
    (
        "tests",
        &["syntax", "api", "diff", "sema", "flow", "lint", "rules", "engine", "link", "pack", "oracle", "cli", "web"],
    ),
];

/// Crates of others that only some of ours may depend on, by the start of their names.
const GUARDED: &[(&str, &[&str], &str)] = &[
    (
        "tree-sitter",
        &["syntax"],
        "rules must not see its nodes: their shapes are wrong for Go and their kinds are strings",
    ),
    (
        "serde",
        &["engine", "link", "pack", "cli", "web", "oracle", "dev", "tests"],
        "the protocol is the only thing that leaves the engine",
    ),
    ("toml", &["engine", "tests"], "personas, .gopeer.toml and facts are the only TOML"),
    ("web-sys", &["web"], "the engine also runs natively"),
    ("js-sys", &["web"], "the engine also runs natively"),
    ("wasm-bindgen", &["web"], "the engine also runs natively"),
    ("yew", &["web"], "only the page draws"),
    ("gloo", &["web"], "only the page draws"),
];

/// What the page runs in its worker or on its main thread: bound by the bans of clippy.toml.
const PURE: &[&str] = &["syntax", "api", "diff", "sema", "flow", "lint", "rules", "engine", "link", "pack"];

const BAN: &str = "deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types)";

#[test]
fn no_arrow_runs_up() {
    for (place, (name, known)) in LAYERS.iter().enumerate() {
        for other in *known {
            assert!(
                LAYERS[..place].iter().any(|(above, _)| above == other),
                "{name} knows {other}, which comes after it"
            );
        }
    }
}

#[test]
fn our_crates_know_only_what_the_table_allows() {
    let allowed: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (name, dependencies) in crates() {
        let Some(known) = allowed.get(name.as_str()) else {
            wrong.push(format!("{name} has no row in LAYERS (tests/layering.rs) and in ARCHITECTURE.md"));
            continue;
        };
        let ours = dependencies.iter().filter_map(|other| other.strip_prefix("gopeer-"));
        wrong.extend(ours.filter(|other| !known.contains(other)).map(|other| format!("{name} must not know {other}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn guarded_crates_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for (name, dependencies) in crates() {
        for (guarded, users, reason) in GUARDED.iter().filter(|(_, users, _)| !users.contains(&name.as_str())) {
            let hits = dependencies.iter().filter(|dependency| dependency.starts_with(guarded));
            wrong.extend(hits.map(|hit| format!("{name} uses {hit}; only {} may: {reason}", users.join(", "))));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_crates_are_under_the_ban() {
    for name in PURE {
        let file = root().join("crates").join(name).join("src/lib.rs");
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        assert!(text.contains(BAN), "{}: add `#![cfg_attr(not(test), {BAN})]`", file.display());
    }
}

/// Our packages without their prefix, each with what it depends on when it is built (not when it is tested).
fn crates() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let args = ["metadata", "--format-version=1", "--no-deps", "--offline"];
    let output = Command::new(cargo).args(args).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let crates: BTreeMap<_, _> = packages.iter().map(|package| (short_name(package), dependencies(package))).collect();
    assert!(crates.len() >= 10, "cargo metadata lists only {:?}", crates.keys());
    crates
}

fn short_name(package: &Value) -> String {
    let name = package["name"].as_str().expect("a name");
    name.strip_prefix("gopeer-").unwrap_or_else(|| panic!("{name} lacks the prefix gopeer-")).to_owned()
}

fn dependencies(package: &Value) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().expect("dependencies");
    let built = all.iter().filter(|dependency| dependency["kind"] != "dev");
    built.map(|dependency| dependency["name"].as_str().expect("a name").to_owned()).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the checkout")
}
