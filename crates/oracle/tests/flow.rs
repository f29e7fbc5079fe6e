//! Our control flow agrees with go/cfg and the ctrlflow pass. Needs Go; without it this test passes and says so, unless
//! GOPEER_REQUIRE_GO is 1. The whole table over all of Go and popular modules is `cargo dev oracle --flow`.

use gopeer_oracle::flow::{self, report};
use gopeer_oracle::theirs::Request;
use gopeer_oracle::{go, types};

/// Packages of Go's own source tree: with `goto`, much `select` and `defer`, large switches, and calls that never return.
const PACKAGES: [&str; 8] =
    ["context", "encoding/json", "fmt", "go/parser", "net/http", "strconv", "testing", "text/template"];

#[test]
fn agrees_over_go_itself() {
    if !go::is_there() {
        return;
    }
    let patterns: Vec<String> = PACKAGES.iter().map(|&path| path.to_owned()).collect();
    let request = Request { dir: &std::env::temp_dir(), patterns: &patterns, tests: false, whole: false };
    let tally = flow::compare_all(&request, false, &types::ours::index()).expect("a comparison");
    let report = format!("{}\n{}\n{}", report::HEAD, tally.row("all"), tally.causes(None, 20));
    assert_eq!((tally.packages, tally.skipped.len(), tally.faults().as_str()), (PACKAGES.len(), 0, ""), "{report}");
    assert!(tally.functions > 2_000 && tally.reached > 15_000 && tally.calls > 150, "{report}");
    // Of what lowering makes nothing there is little: cases that are constant, above all.
    assert!(tally.quiet * 10 < tally.nodes, "{report}");
}
