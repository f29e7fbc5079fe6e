//! Our parser agrees with go/parser. Needs Go; without it these tests pass and say so, unless GOPEER_REQUIRE_GO is 1.
//! The whole table over all of Go and popular modules is `cargo dev corpus`.

use std::path::{Path, PathBuf};

use gopeer_oracle::{corpus, go};

/// Packages of Go's own source tree: large ones, generic ones, odd ones, and what tests Go's own parsers.
const PACKAGES: [&str; 12] = [
    "go/parser",
    "go/types",
    "internal/types/testdata",
    "iter",
    "maps",
    "net/http",
    "os/exec",
    "reflect",
    "runtime/pprof",
    "slices",
    "strconv",
    "testing",
];

fn check(folders: &[PathBuf], at_least: usize) {
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| corpus::go_files(folder).expect("Go files")).collect();
    assert!(files.len() >= at_least, "only {} files", files.len());
    let tally = corpus::compare(&files).expect("a comparison");
    assert!(tally.problems.is_empty(), "{}", tally.problems.join("\n\n"));
    assert!(tally.rejected * 10 <= tally.files, "go/parser rejects {} of {} files", tally.rejected, tally.files);
}

#[test]
fn odd_code() {
    if go::is_there() {
        check(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/odd")], 2);
    }
}

#[test]
fn go_itself() {
    if go::is_there() {
        let src = go::root().expect("GOROOT").join("src");
        check(&PACKAGES.map(|package| src.join(package)), 500);
    }
}
