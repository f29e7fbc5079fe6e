//! The index that is shipped: its files are those of the manifest, small enough, and made from what stands beside them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use gopeer_api::{Facts, Index, Module, ObjectKind, Package, manifest};
use gopeer_oracle::go;
use sha2::{Digest, Sha256};

/// Packed bytes that the standard library and all modules together may take.
const STD: u64 = 110_000;
const ALL: u64 = 700_000;

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(path: &str) -> String {
    String::from_utf8(read(&folder(path))).expect("it is text")
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

const RENEW: &str = "run `cargo dev generate` and commit static/api";

#[test]
fn files_are_those_of_the_manifest() {
    let mut stems: Vec<String> = Vec::new();
    for entry in manifest::modules() {
        let bytes = read(&folder("static/api").join(format!("{}.bin.gz", entry.stem)));
        assert_eq!(hex(&bytes), entry.sha256, "{}: {RENEW}", entry.stem);
        assert_eq!(bytes.len() as u64, u64::from(entry.packed), "{}", entry.stem);
        stems.push(format!("{}.bin.gz", entry.stem));
    }
    let files = std::fs::read_dir(folder("static/api")).expect("it is committed");
    for file in files.map(|file| file.expect("it can be read").file_name().into_string().expect("it is ASCII")) {
        assert!(file == "index.tsv" || stems.contains(&file), "static/api/{file} is not in the manifest");
    }
}

#[test]
fn budgets_hold() {
    let size = |path: Option<&str>| -> u64 {
        let chosen = manifest::modules().iter().filter(|entry| path.is_none_or(|path| entry.path == path));
        chosen.map(|entry| u64::from(entry.packed)).sum()
    };
    assert!(size(Some("std")) <= STD, "the standard library takes {} bytes", size(Some("std")));
    assert!(size(None) <= ALL, "all modules take {} bytes", size(None));
}

#[test]
fn every_package_can_be_read() {
    for entry in manifest::modules() {
        let module: Module = gopeer_api::embedded::module(entry.stem).expect("it is whole");
        for package in module.packages() {
            let again = module.package(package.path()).map(|package| package.name().to_owned());
            assert_eq!(again.as_deref(), Some(package.name()), "{}", package.path());
            assert!(package.objects().is_sorted_by_key(|object| object.name()), "{}", package.path());
            let name = gopeer_api::package_name(package.path());
            assert!(!package.complete() || name == Some(package.name()), "{} is {}", package.path(), package.name());
        }
    }
}

/// Versions that `go.mod` asks for.
fn required() -> BTreeMap<String, String> {
    let text = text("crates/api/gen/go.mod");
    let lines = text.lines().map(|line| line.trim().trim_start_matches("require "));
    let pairs = lines.filter_map(|line| line.split(" //").next()?.split_once(' '));
    pairs.filter(|(_, version)| version.starts_with('v')).map(|(path, version)| (path.into(), version.into())).collect()
}

#[test]
fn versions_are_those_of_the_generator() {
    let required = required();
    let language = text("crates/api/gen/go.mod").lines().find_map(|line| Some(line.strip_prefix("go ")?.to_owned()));
    let language = language.expect("go.mod names a version of Go");
    let minor = language.rsplit_once('.').map_or(language.as_str(), |(minor, _)| minor);
    for entry in manifest::modules() {
        if entry.path == "std" {
            assert!(entry.version.starts_with(&format!("go{minor}.")), "std is of {}: {RENEW}", entry.version);
        } else {
            assert_eq!(required.get(entry.path).map(String::as_str), Some(entry.version), "{}: {RENEW}", entry.path);
        }
    }
}

/// Which build constraints hold rests on the same Go as what is known of its standard library.
#[test]
fn the_standard_library_is_that_of_the_go_we_speak_of() {
    let std = manifest::modules().iter().find(|entry| entry.path == "std").expect(RENEW);
    assert_eq!(std.version.split('.').nth(1), Some(gopeer_syntax::GO_MINOR.to_string().as_str()), "{RENEW}");
}

#[test]
fn the_generators_list_is_in_the_manifest() {
    let text = text("crates/api/gen/modules.go");
    let listed: Vec<&str> =
        text.lines().filter_map(|line| line.trim().strip_prefix("{path: \"")?.split('"').next()).collect();
    let written: Vec<&str> = manifest::modules().iter().map(|entry| entry.path).collect();
    assert_eq!(listed, written, "{RENEW}");
}

#[test]
fn facts_are_those_that_were_merged() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder("crates/api/facts"))
        .expect("it is committed")
        .map(|file| file.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let bytes: Vec<u8> = files.iter().flat_map(|file| read(file)).collect();
    let recorded = text("static/api/index.tsv");
    let recorded = recorded.lines().find_map(|line| line.strip_prefix("# facts "));
    assert_eq!(recorded, Some(hex(&bytes).as_str()), "{RENEW}");
}

#[test]
fn facts_arrive_at_functions_and_methods() {
    let facts = |stem, package: &str, name: &str| {
        let module: Module = gopeer_api::embedded::module(stem).expect("it is whole");
        let (name, method) = name.split_once('.').map_or((name, None), |(ty, method)| (ty, Some(method)));
        let object = module.package(package).and_then(|package| package.lookup(name)).expect("it is declared");
        match (object.kind(), method) {
            (ObjectKind::Type(decl), Some(method)) => decl.method(method).expect("it is declared").facts(),
            _ => object.facts(),
        }
    };
    assert!(facts("std", "os", "Exit").has(Facts::EXITS));
    assert!(facts("std", "testing", "TB.Fatal").has(Facts::UNWINDS));
    assert!(facts("std", "sync", "Mutex.Lock").has(Facts::BLOCKS));
    assert!(facts("std", "sync", "WaitGroup.Go").has(Facts::SPAWNS));
    assert!(facts("std", "strings", "TrimSpace").has(Facts::PURE));
    assert!(facts("pgx5", "github.com/jackc/pgx/v5", "Tx.Commit").has(Facts::MUST_CHECK.and(Facts::BLOCKS)));
    assert!(facts("pgx5", "github.com/jackc/pgx/v5", "Conn.Query").has(Facts::MUST_CLOSE));
    assert_eq!(facts("std", "fmt", "Println"), Facts::NEVER_FAILS);
    assert_eq!(facts("std", "fmt", "Fprintln"), Facts::default());
}

#[test]
fn a_moved_module_serves_both_paths() {
    let stem = |import| manifest::module_for(import).map(|entry| entry.stem);
    assert_eq!(stem("github.com/Shopify/sarama"), stem("github.com/IBM/sarama"));
    let mut index = Index::default();
    index.add(gopeer_api::embedded::module("sarama").expect("it is whole"));
    for import in ["github.com/IBM/sarama/mocks", "github.com/Shopify/sarama/mocks"] {
        assert_eq!(index.package(import).map(|package| package.path()), Some("github.com/IBM/sarama/mocks"));
    }
    assert!(index.package("github.com/Shopify/saramago").is_none());
}

/// The generator, if what it needs is here: Go of the version that the index was made with, with a C compiler (the
/// standard library is seen with cgo), and the generator's own dependencies.
fn generator() -> Option<Command> {
    if !go::is_there() {
        return None;
    }
    let entry = manifest::modules().iter().find(|entry| entry.path == "std").expect(RENEW);
    let tools = Command::new("go").args(["env", "GOVERSION", "CGO_ENABLED"]).output();
    let tools =
        tools.map(|output| String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" "));
    if tools.ok() != Some(format!("{} 1", entry.version)) {
        eprintln!("skipped: this test needs Go {} and a C compiler", entry.version);
        return None;
    }
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(program()).arg(".").current_dir(folder("crates/api/gen"));
    let built = go.output().expect("go runs");
    let log = String::from_utf8_lossy(&built.stderr);
    if !built.status.success() && (log.contains("dial tcp") || log.contains("GOPROXY=off")) {
        eprintln!("skipped: the generator's dependencies are out of reach\n{log}");
        return None;
    }
    assert!(built.status.success(), "{log}");
    let mut generator = Command::new(program());
    generator.current_dir(folder("crates/api/gen"));
    Some(generator)
}

fn program() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("gopeer-api-gen")
}

/// Reads the standard library with go/types and compares: every declaration, and the bytes that are written.
#[test]
fn the_standard_library_is_as_go_types_has_it() {
    let Some(mut generator) = generator() else { return };
    let dump = generator.args(["-dump", "std"]).output().expect("it was built");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let module = gopeer_api::embedded::module("std").expect("it is whole");
    let mut ours = String::new();
    module.packages().for_each(|package| gopeer_api::text::package(package, &mut ours));
    let theirs = String::from_utf8_lossy(&dump.stdout);
    let differ = ours.lines().zip(theirs.lines()).find(|(ours, theirs)| ours != theirs);
    assert_eq!(differ, None, "{RENEW}");
    assert_eq!(ours.lines().count(), theirs.lines().count(), "{RENEW}");

    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gopeer-api");
    std::fs::create_dir_all(&out).expect("there is room");
    let written =
        Command::new(program()).args(["-out"]).arg(&out).arg("std").current_dir(folder("crates/api/gen")).output();
    let log = written.expect("it was built");
    assert!(log.status.success(), "{}", String::from_utf8_lossy(&log.stderr));
    let same = read(&out.join("std.bin.gz")) == read(&folder("static/api/std.bin.gz"));
    std::fs::remove_dir_all(&out).expect("it is ours");
    assert!(same, "{RENEW}");
}

/// Each name in a fact is one that the index has, with that fact: nothing is misspelled, and nothing waits for `generate`.
#[test]
fn facts_name_what_the_index_has() {
    let mut index = Index::default();
    index.read_embedded();
    for file in ["std.toml", "clients.toml"] {
        let tables: BTreeMap<String, BTreeMap<String, toml::Value>> =
            toml::from_str(&text(&format!("crates/api/facts/{file}"))).expect("it is TOML");
        for (path, table) in tables {
            let package = index.package(&path).unwrap_or_else(|| panic!("{file}: {path}"));
            for (fact, names) in table {
                let Some(bit) = Facts::NAMES.iter().position(|name| *name == fact) else { continue };
                for name in names.as_array().expect("a fact is a list of names") {
                    let name = name.as_str().expect("it is a name");
                    let facts = facts_of(package, name).unwrap_or_default();
                    assert!(facts.has(Facts::from_bits(1 << bit)), "{file}: {fact} of {path}.{name}: {RENEW}");
                    let both = Facts::MUST_CHECK.and(Facts::NEVER_FAILS);
                    assert!(!facts.has(both), "{file}: {path}.{name} never fails, and yet must be checked");
                }
            }
        }
    }
}

fn facts_of(package: Package<'_>, name: &str) -> Option<Facts> {
    let Some((ty, method)) = name.split_once('.') else { return Some(package.lookup(name)?.facts()) };
    let ObjectKind::Type(decl) = package.lookup(ty)?.kind() else { return None };
    decl.method(method).map(|method| method.facts())
}

#[test]
fn what_is_kept_is_found() {
    let std = gopeer_api::embedded::module("std").expect("it is whole");
    assert_eq!(std.default_setting("bufio", "Writer"), Some("writer: Flush"));
    assert_eq!(std.taint("os/exec", None, "Command"), Some("exec 0"));
    assert_eq!(std.taint("net/http", Some("Request"), "URL"), Some("carries url"));
    assert_eq!(std.taint("net/http", Some("Request"), "Url"), None);
}
