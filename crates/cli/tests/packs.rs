//! `gopeer pack`, and the packs of exercises that the page offers.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use common::{folder_of, gopeer, path, stderr, stdout};

const PACKS: [&str; 5] = ["senior", "backend", "cloud-native", "data", "throughput"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn source(pack: &str) -> String {
    root().join("exercises").join(pack).to_string_lossy().into_owned()
}

/// The faults are found by their rules or explained, and the repaired versions are silent: `gopeer pack check` says so.
#[test]
fn exercises_are_what_they_say() {
    let folders: Vec<String> = PACKS.iter().map(|pack| source(pack)).collect();
    let args: Vec<&str> = ["pack", "check"].into_iter().chain(folders.iter().map(String::as_str)).collect();
    let checked = gopeer(&args);
    assert_eq!(stdout(&checked), "");
    let checked = checked.code(0);
    assert!(stderr(&checked).contains("30 exercises with "), "{}", stderr(&checked));
}

#[test]
fn the_packs_of_the_page_are_built_from_their_sources() {
    for pack in PACKS {
        let built = stdout(&gopeer(&["pack", "build", &source(pack)]).code(0));
        let file = root().join("static/exercises").join(format!("{pack}.json"));
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert!(built == kept, "{} is out of date: run `cargo dev packs`", file.display());
    }
}

#[test]
fn exercises_are_of_a_readable_size() {
    for pack in PACKS {
        let built = stdout(&gopeer(&["pack", "build", &source(pack)]));
        let pack: Value = serde_json::from_str(&built).expect("JSON");
        let exercises = pack["exercises"].as_array().expect("an array");
        assert_eq!(exercises.len(), 6);
        for exercise in exercises {
            let files = exercise["files"].as_array().expect("an array").iter().filter(|file| file["name"] != "go.mod");
            let lines: usize = files.filter_map(|file| file["text"].as_str()).map(|text| text.lines().count()).sum();
            assert!((60..=200).contains(&lines), "{}: {lines} lines", exercise["id"]);
        }
    }
}

#[test]
fn a_new_pack_is_a_good_one() {
    let folder = folder_of(&[]);
    let pack = path(&folder, "mine");
    gopeer(&["pack", "new", &pack]).code(0);
    let checked = gopeer(&["pack", "check", &pack]);
    assert_eq!(
        (stdout(&checked), stderr(&checked)),
        (String::new(), "gopeer: 1 exercise with 1 fault: 0 found by rules, 1 explained by the author\n".to_owned())
    );
    gopeer(&["pack", "build", &pack, "-o", &path(&folder, "mine.json")]).code(0);
    let json: Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("mine.json")).expect("written")).expect("JSON");
    assert_eq!((&json["id"], &json["exercises"][0]["id"]), (&Value::from("mine"), &Value::from("visits")));
    let link = stdout(&gopeer(&["pack", "link", "--base", "https://example.org/go/", &pack]).code(0));
    let packed = link.trim_end().strip_prefix("https://example.org/go/workshop.html#pack.").expect("it opens the page");
    let linked: Value =
        serde_json::from_slice(&gopeer_link::unpack(&format!("#{packed}")).expect("whole")).expect("JSON");
    assert_eq!(linked, json);
    let again = gopeer(&["pack", "new", &pack]).code(2);
    assert!(stderr(&again).contains("already exists"));
}

/// What `check` prints about one exercise, without the path.
fn problems(source: &str) -> Vec<String> {
    let folder = folder_of(&[("pack.md", "# P\npersona: senior\n\nAbout.\n"), ("1-a.txtar", source)]);
    let checked = gopeer(&["pack", "check", &path(&folder, "")]).code(1);
    stdout(&checked)
        .lines()
        .map(|line| line.rsplit_once("1-a.txtar:").map_or(line, |(_, rest)| rest).to_owned())
        .collect()
}

#[test]
fn mistakes_are_reported_at_their_line() {
    let found = problems(
        "# T\nlevel: hard\n\nS.\n\n## a: One\nconcern: rice\nrule: none:\n\nWhy.\n\n-- a.go --\npackage a\n\nvar A = 1 // fault b // fault a // right: is it\nvar B = 2 // right:\n",
    );
    let starts = [
        "1: the repaired version is the same",
        "2: `level` is not a key of an exercise",
        "6: line 3 of a.go is part of it and cannot be marked as right",
        "6: one of its concerns does not exist",
        "6: name the rule that finds it, or say why none does",
        "6: give at least one hint",
        "7: there is no concern `rice`",
        "15: there is no fault `b`",
        "16: say why this is right",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (found, start) in found.iter().zip(starts) {
        assert!(found.starts_with(start), "{found}: wants {start}");
    }
}

#[test]
fn a_reviewer_that_nobody_knows_is_reported_at_its_line() {
    let folder = folder_of(&[
        ("pack.md", "# P\npersona: nobody\n\nAbout.\n"),
        ("1-a.txtar", include_str!("../src/pack/example.txtar")),
    ]);
    for command in ["build", "check"] {
        let said = stdout(&gopeer(&["pack", command, &path(&folder, "")]).code(1));
        assert!(
            said.contains("pack.md:2: there is no reviewer `nobody`: expected senior, backend,"),
            "{command}: {said}"
        );
    }
}

#[test]
fn claims_that_are_not_true_are_reported() {
    const RULE: &str = "correctness/duration-without-unit";
    let source = |rule: &str, before: &str, at: &str, repaired: &str| {
        let about = format!("# T\n\nS.\n\n## a: One\nconcern: correctness\nrule: {rule}\nhint: H\n\nWhy.\n\n");
        let files = "-- go.mod --\nmodule example.com/a\n\ngo 1.24\n-- a.go --\n// Package a waits.\npackage a\n\n";
        let head = format!("import \"time\"{before}\n\n// Wait waits.\nfunc Wait() {{ // right: it does\n");
        format!("{about}{files}{head}\ttime.Sleep(5){at} //-\n\t//+ \ttime.Sleep({repaired})\n}}\n")
    };
    let mark = " // fault a";
    let right = source(RULE, "", mark, "time.Second");
    let folder = folder_of(&[("a.txtar", &right)]);
    gopeer(&["pack", "check", &path(&folder, "a.txtar")]).code(0);
    let twice =
        folder_of(&[("pack.md", "# P\npersona: senior\n\nAbout.\n"), ("1-a.txtar", &right), ("2-a.txtar", &right)]);
    let built = stdout(&gopeer(&["pack", "build", &path(&twice, "")]).code(1));
    assert!(built.contains("2-a.txtar:1: another exercise of this pack is called `a`"), "{built}");
    assert_eq!(
        problems(&source("correctness/duration", "", mark, "time.Second"))[0],
        "5: there is no rule correctness/duration; `gopeer rules` lists them"
    );
    let elsewhere = problems(&source(RULE, mark, "", "time.Second"));
    assert!(
        elsewhere[0].starts_with("5: correctness/duration-without-unit finds nothing on the lines of `a`"),
        "{elsewhere:?}"
    );
    assert!(elsewhere[1].starts_with("24: a finding that no fault names: "), "{elsewhere:?}");
    let left = problems(&source(RULE, "", mark, "7"));
    assert!(left[0].starts_with("25: a finding in the repaired version: "), "{left:?}");
    let silent = problems(&source("none: nobody looks", "", mark, "time.Second"));
    assert!(silent[0].starts_with("24: a finding that no fault names: "), "a rule finds it after all: {silent:?}");
}
