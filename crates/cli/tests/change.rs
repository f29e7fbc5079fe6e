//! Reviews of changes: `--base` and `--diff`.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use common::{folder_of, path};

const MOD: &str = "module example.com/m\n\ngo 1.24\n";

/// A file that is read and closed, a sleep that is too short on line 14.
const STORE: &str = "package store

import (
\t\"os\"
\t\"time\"
)

func Load(name string) ([]byte, error) {
\tf, err := os.Open(name)
\tif err != nil {
\t\treturn nil, err
\t}
\tdefer f.Close()
\ttime.Sleep(5)
\tdata := make([]byte, 100)
\t_, err = f.Read(data)
\treturn data, err
}
";

const USER: &str =
    "package user\n\nimport \"example.com/m/store\"\n\nfunc use() ([]byte, error) {\n\treturn store.Load(\"a\")\n}\n";

fn git(here: &Path, args: &[&str]) -> String {
    let config =
        ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "diff.noprefix=true", "-c", "color.ui=always"];
    let output = Command::new("git").current_dir(here).args(config).args(args).output().expect("git runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A repository with one commit.
fn repository() -> TempDir {
    let folder = folder_of(&[("go.mod", MOD), ("store/store.go", STORE), ("user/user.go", USER)]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "first"]);
    folder
}

fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).expect("written");
}

fn review(here: &Path, args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gopeer"));
    command
        .current_dir(here)
        .arg("review")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("it ends")
}

fn json(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// `rule file:line touched` of findings.
fn told(findings: &Value) -> Vec<String> {
    let one = |finding: &Value| {
        let (place, text) = (&finding["place"], |key: &str| finding[key].as_str().unwrap_or_default().to_owned());
        let file = place["file"].as_str().unwrap_or_default();
        format!("{} {file}:{} {}", text("rule"), place["range"]["line"], text("touched"))
    };
    let mut all: Vec<String> = findings.as_array().expect("an array").iter().map(one).collect();
    all.sort();
    all
}

fn with(json: &Value, rule: &str) -> Vec<String> {
    told(json).into_iter().filter(|found| found.starts_with(rule)).collect()
}

#[test]
fn a_review_is_about_the_lines_that_changed() {
    let folder = repository();
    let second = "\nfunc Wait() {\n\ttime.Sleep(7)\n}\n";
    write(&folder, "store/store.go", &format!("{STORE}{second}"));
    let output = review(folder.path(), &["--base", "HEAD", "--format", "json"], "");
    let found = json(&output);
    assert_eq!(output.status.code(), Some(1));
    let sleeps = with(&found["findings"], "correctness/duration");
    assert_eq!(sleeps.len(), 1, "{found:#}");
    assert!(sleeps[0].ends_with("store/store.go:21 changed"), "{sleeps:?}");
    let unchanged = told(&found["change"]["unchanged"]);
    assert!(unchanged.iter().any(|found| found.ends_with("store/store.go:14 unchanged")), "{unchanged:?}");
    assert_eq!(
        found["change"]["files"],
        serde_json::json!([{"before": "store/store.go", "after": "store/store.go", "lines": [[19, 22]]}])
    );
    let verdict = found["verdict"].as_str().unwrap_or_default();
    assert!(verdict.contains("change") && verdict.contains("1 other finding is on an unchanged line"), "{verdict}");
    // Nothing changed: nothing to say, and the exit code says so.
    write(&folder, "store/store.go", STORE);
    let output = review(folder.path(), &["--base", "HEAD", "--format", "json"], "");
    assert_eq!((output.status.code(), json(&output)["findings"].clone()), (Some(0), serde_json::json!([])));
}

#[test]
fn old_lines_that_a_change_makes_wrong_are_found_and_what_it_repairs_is_listed() {
    let folder = repository();
    let changed = STORE.replace("\tdefer f.Close()\n", "").replace("time.Sleep(5)", "time.Sleep(5 * time.Second)");
    write(&folder, "store/store.go", &changed);
    let found = json(&review(folder.path(), &["--base", "HEAD", "--format", "json"], ""));
    let leaks = with(&found["findings"], "resources/");
    assert_eq!(leaks.len(), 1, "{found:#}");
    assert!(leaks[0].ends_with("store/store.go:9 affected"), "{leaks:?}");
    let fixed = told(&found["change"]["fixed"]);
    assert_eq!(fixed.len(), 1, "{fixed:?}");
    assert!(fixed[0].ends_with("store/store.go:14 fixed"), "{fixed:?}");
    let text = String::from_utf8(review(folder.path(), &["--base", "HEAD"], "").stdout).expect("text");
    assert!(text.contains("this line is unchanged; the change makes it wrong"), "{text}");
    assert!(text.contains("— Fixed by the change —") && text.contains("The change fixes 1 finding"), "{text}");
}

#[test]
fn a_signature_that_changes_makes_its_callers_wrong() {
    let folder = repository();
    write(&folder, "store/store.go", &STORE.replace("name string)", "name string, wait bool)"));
    let found = json(&review(folder.path(), &["--base", "HEAD", "--format", "json"], ""));
    let errors = with(&found["findings"], "correctness/compile-error");
    assert_eq!(errors, ["correctness/compile-error user/user.go:6 affected"]);
}

#[test]
fn a_diff_that_is_applied_here_says_the_same_as_its_base() {
    let folder = repository();
    write(&folder, "store/store.go", &STORE.replace("\tdefer f.Close()\n", ""));
    let diff = git(folder.path(), &["diff", "--no-color"]);
    let by_base = json(&review(folder.path(), &["--base", "HEAD", "--format", "json"], ""));
    let by_diff = json(&review(folder.path(), &["--diff", "-", "--format", "json"], &diff));
    assert_eq!((told(&by_base["findings"]), &by_base["change"]), (told(&by_diff["findings"]), &by_diff["change"]));
    assert!(!told(&by_diff["findings"]).is_empty());
    // From a folder below, where git shows the same names.
    let below = json(&review(&folder.path().join("store"), &["--diff", "-", "--format", "json"], &diff));
    assert_eq!(told(&below["findings"]).len(), told(&by_diff["findings"]).len(), "{below:#}");
}

#[test]
fn new_files_and_renamed_ones_and_both_forms_of_the_base() {
    let folder = repository();
    git(folder.path(), &["branch", "old"]);
    write(&folder, "store/more.go", "package store\n\nimport \"time\"\n\nfunc more() {\n\ttime.Sleep(9)\n}\n");
    git(folder.path(), &["mv", "store/store.go", "store/load.go"]);
    let found = json(&review(folder.path(), &["--base", "old", "--format", "json"], ""));
    let sleeps = with(&found["findings"], "correctness/duration");
    assert_eq!(sleeps.len(), 1, "a file that git does not track is new, one that was renamed is not: {sleeps:?}");
    assert!(sleeps[0].ends_with("store/more.go:6 changed"));
    // The other branch goes on: from the common ancestor it is not part of the change.
    git(folder.path(), &["stash", "-q", "-u"]);
    git(folder.path(), &["checkout", "-q", "old"]);
    write(&folder, "user/user.go", &format!("{USER}\nvar count = 1\n"));
    git(folder.path(), &["commit", "-qam", "other"]);
    git(folder.path(), &["checkout", "-q", "-"]);
    let files =
        |base: &str| json(&review(folder.path(), &["--base", base, "--format", "json"], ""))["change"]["files"].clone();
    assert!(files("old").as_array().is_none_or(Vec::is_empty), "{}", files("old"));
    assert_eq!(files("old..")[0]["after"], "user/user.go");
    let refused = review(folder.path(), &["--base", "nowhere"], "");
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_diff_without_its_files_is_reviewed_as_far_as_it_goes() {
    let elsewhere = folder_of(&[]);
    let new = "diff --git a/w/w.go b/w/w.go\nnew file mode 100644\n--- /dev/null\n+++ b/w/w.go\n@@ -0,0 +1,7 @@\n+package w\n+\n+import \"time\"\n+\n+func W() {\n+\ttime.Sleep(5)\n+}\n";
    let old = "diff --git a/s/s.go b/s/s.go\n--- a/s/s.go\n+++ b/s/s.go\n@@ -40,6 +40,10 @@ func Old() {\n \tx := open()\n }\n \n+func New() {\n+\ttime.Sleep(6)\n+}\n+\n func Last() {\n \ta()\n \tb()\n";
    let found = json(&review(elsewhere.path(), &["--diff", "-", "--format", "json"], &[new, old].concat()));
    let sleeps: Vec<String> = with(&found["findings"], "correctness/duration");
    let places: Vec<&str> = sleeps.iter().filter_map(|found| found.split(' ').nth(1)).collect();
    assert_eq!(places, ["s/s.go:44", "w/w.go:6"], "{found:#}");
    assert_eq!(told(&found["findings"]).len(), sleeps.len(), "nothing is said of functions that are not shown whole");
    let notes = found["notes"].to_string();
    assert!(
        notes.contains("Only what the diff shows") && notes.contains("s/s.go: lines 1 to 39, from line 50 on"),
        "{notes}"
    );
}

#[test]
fn sarif_says_what_is_new_what_stays_and_what_is_gone() {
    let folder = repository();
    let changed = STORE.replace("\tdefer f.Close()\n", "").replace("time.Sleep(5)", "time.Sleep(5 * time.Second)");
    write(&folder, "store/store.go", &format!("{changed}\nfunc Get() {{ time.Sleep(3) }}\n"));
    let log = json(&review(folder.path(), &["--base", "HEAD", "--format", "sarif"], ""));
    let results = log["runs"][0]["results"].as_array().cloned().unwrap_or_default();
    let states: Vec<&str> = results.iter().filter_map(|result| result["baselineState"].as_str()).collect();
    assert_eq!(states.len(), results.len());
    assert!(states.contains(&"new") && states.contains(&"absent"), "{states:?}");
}

#[test]
fn what_is_no_diff_is_refused() {
    let folder = repository();
    let output = review(folder.path(), &["--diff", "go.mod"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("go.mod is not a unified diff"));
    let absent = review(folder.path(), &["--diff", &path(&folder, "absent")], "");
    assert_eq!(absent.status.code(), Some(2));
}
