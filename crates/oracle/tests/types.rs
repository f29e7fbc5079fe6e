//! Our checker agrees with go/types. Needs Go; without it these tests pass and say so, unless GOPEER_REQUIRE_GO is 1.
//! The whole table over all of Go and popular modules is `cargo dev oracle`.

use gopeer_oracle::go;
use gopeer_oracle::theirs::Request;
use gopeer_oracle::types::{self, report};

/// Packages of Go's own source tree that import little outside the index: generic ones, large tables, many interfaces.
const PACKAGES: [&str; 15] = [
    "bufio",
    "container/heap",
    "container/list",
    "container/ring",
    "context",
    "encoding/json",
    "errors",
    "go/ast",
    "maps",
    "net/url",
    "slices",
    "sort",
    "strconv",
    "strings",
    "text/template",
];

/// How many percent agree at least, of what can be known.
const AGREE: f64 = 99.9;

/// Go's own packages, as go/types is asked for them.
fn ask<R>(asked: impl FnOnce(&Request<'_>) -> R) -> R {
    let patterns: Vec<String> = PACKAGES.iter().map(|&path| path.to_owned()).collect();
    asked(&Request { dir: &std::env::temp_dir(), patterns: &patterns, tests: false, whole: false })
}

#[test]
fn agrees_over_go_itself() {
    if !go::is_there() {
        return;
    }
    let tally = ask(|request| types::compare(request, &types::ours::index())).expect("a comparison");
    let report = format!("{}\n{}\n{}", report::HEAD, report::row("all", &tally), report::causes(&tally, 20));
    assert_eq!((tally.packages, tally.skipped.len(), tally.panics.len()), (PACKAGES.len(), 0, 0), "{report}");
    assert_eq!(tally.error_count(), 0, "{report}");
    let counts = [tally.types, tally.objects, tally.values];
    assert!(counts.iter().all(|count| count.percent() >= AGREE), "{report}");
    // Little of it hangs on packages that the index lacks.
    let [all, lost] = [tally.types.known(), tally.types.unknown_dependency];
    assert!(all > 40_000 && lost * 10 < all, "{all} expressions, {lost} of them cannot be known");
}

#[test]
fn damage_stays_where_it_is() {
    if !go::is_there() {
        return;
    }
    let outcome = ask(|request| types::damage(std::slice::from_ref(request), 100, 3, &types::ours::index()));
    let outcome = outcome.expect("an outcome");
    assert_eq!((outcome.damages, outcome.panics.len()), (100, 0), "{}", outcome.report());
    assert!(outcome.file.percent() >= types::KEPT, "{}", outcome.report());
}
