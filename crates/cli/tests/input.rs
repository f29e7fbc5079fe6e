//! What people and scripts give the command, and where its output goes.
#![cfg(unix)]

mod common;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use common::{errors_from, folder_of, gopeer, path, stderr, stdout};

const FAULTY: &str = "package main\n\nimport \"time\"\n\nfunc main() {\n\ttime.Sleep(5) // seconds\n}\n";
const CLEAN: &str = "package clean\n\nvar answer = 42\n";

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gopeer"))
}

/// The files that findings are in, each once, from a folder.
fn files(here: &Path, args: &[&str]) -> (Option<i32>, Vec<String>, String) {
    let output = command().current_dir(here).args(["review", "--format", "json"]).args(args).output().expect("it runs");
    found(output)
}

fn found(output: Output) -> (Option<i32>, Vec<String>, String) {
    let review: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let findings = review["findings"].as_array().cloned().unwrap_or_default();
    let mut files: Vec<String> =
        findings.iter().filter_map(|finding| Some(finding["place"]["file"].as_str()?.to_owned())).collect();
    files.sort();
    files.dedup();
    (output.status.code(), files, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_reviewed() {
    let folder = folder_of(&[("main.go", FAULTY), ("clean/clean.go", CLEAN), ("b/b.go", FAULTY), ("nul/a.go", "\0")]);
    symlink("nowhere", folder.path().join("b/broken.go")).expect("made");
    let (code, files, said) = files(folder.path(), &["absent", "./..."]);
    assert_eq!((code, files), (Some(2), vec!["b/b.go".to_owned(), "main.go".to_owned()]));
    for fault in ["cannot read absent:", "cannot read b/broken.go:", "nul/a.go is not text"] {
        assert!(said.contains(fault), "{said}");
    }
    let text = gopeer(&["review", &path(&folder, "...")]).code(2);
    assert!(stdout(&text).contains("main.go:6:13"), "text is printed too");
    let nothing = gopeer(&["review", &path(&folder, "nul")]).code(2);
    assert_eq!(stdout(&nothing), "", "nothing was reviewed");
}

#[test]
fn a_folder_without_permission_ends_nothing() {
    let folder = folder_of(&[("main.go", FAULTY), ("locked/a.go", FAULTY), ("open/secret.go", FAULTY)]);
    let mode = |name: &str, mode| {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).expect("changed");
    };
    mode("", 0o755);
    mode("locked", 0);
    mode("open/secret.go", 0);
    let mut command = command();
    if fs::read_dir(folder.path().join("locked")).is_ok() {
        // Root may read everything.
        command.uid(65534);
    }
    let output = command.current_dir(folder.path()).args(["review", "--format", "json", "./..."]).output();
    mode("locked", 0o755);
    let (code, files, said) = found(output.expect("it runs"));
    assert_eq!((code, files), (Some(2), vec!["main.go".to_owned()]), "{said}");
    assert!(said.contains("cannot read locked:") && said.contains("cannot read open/secret.go:"), "{said}");
}

#[test]
fn of_files_that_cannot_be_read_no_name_is_missed() {
    let folder = folder_of(&[
        ("p/use.go", "package p\n\nvar x = declared\n"),
        ("p/nul.go", "\0"),
        ("q/use.go", "package q\n\nvar x = declared\n"),
    ]);
    symlink("nowhere", folder.path().join("q/broken.go")).expect("made");
    assert_eq!(errors_from(folder.path(), &["./..."]), [""; 0]);
    fs::remove_file(folder.path().join("q/broken.go")).expect("removed");
    fs::create_dir(folder.path().join("q/folder.go")).expect("made");
    assert_eq!(errors_from(folder.path(), &["./..."]), ["use.go:3"], "a folder is no file of the package");
    let use_of_it = "package r\n\nimport \"x/q\"\n\nvar y = q.Declared\n";
    let module = folder_of(&[("go.mod", "module x\n"), ("q/q.go", "package q\n"), ("r/r.go", use_of_it)]);
    assert_eq!(errors_from(module.path(), &["r"]), ["r.go:5"]);
    symlink("nowhere", module.path().join("q/broken.go")).expect("made");
    assert_eq!(errors_from(module.path(), &["r"]), [""; 0]);
}

/// A module with a test outside its package, which must know it.
fn module() -> TempDir {
    let test = "package store_test\n\nimport \"example.com/shop/store\"\n\nvar id string = store.Row{}.ID\n";
    folder_of(&[
        ("shop/go.mod", "module example.com/shop\n\ngo 1.26\n"),
        ("shop/store/row.go", "package store\n\ntype Row struct{ ID int }\n"),
        ("shop/store/row_test.go", test),
        ("elsewhere/x.txt", ""),
    ])
}

#[test]
fn what_git_ignores_is_left_out() {
    let folder = folder_of(&[
        (".git/HEAD", ""),
        (".git/info/exclude", "mine.go\n"),
        (".gitignore", "gen/\n*.pb.go\n"),
        ("a/a.go", FAULTY),
        ("a/a.pb.go", FAULTY),
        ("a/mine.go", FAULTY),
        ("gen/gen.go", FAULTY),
    ]);
    let reviewed = |path: &str| files(folder.path(), &[path]).1;
    assert_eq!(reviewed("./..."), ["a/a.go"]);
    assert_eq!(reviewed("a"), ["a/a.go"]);
    assert_eq!(reviewed("gen"), ["gen/gen.go"], "a folder that is named is reviewed");
    assert_eq!(reviewed("a/mine.go"), ["a/mine.go"], "and so is a file");
    fs::remove_dir_all(folder.path().join(".git")).expect("removed");
    assert_eq!(reviewed("./...").len(), 4, "without a repository there is nothing that ignores");
}

#[test]
fn a_folder_of_several_names_is_one() {
    let folder = module();
    symlink(folder.path().join("shop/store"), folder.path().join("elsewhere/link")).expect("made");
    let (store, real) = (folder.path().join("shop/store"), path(&folder, "shop/store"));
    let link = path(&folder, "elsewhere/link");
    for paths in [
        &[".", "../store"][..],
        &["../store", "./"],
        &[&real, "."],
        &[&link, &real, "../../shop/store/row.go"],
        &["row.go", "../store/row_test.go"],
        &["../...", "."],
        &["./", "../store/...", "row.go"],
    ] {
        assert_eq!(errors_from(&store, paths), ["row_test.go:5"], "{paths:?}");
    }
    assert_eq!(errors_from(Path::new(&link), &[".", &real]), ["row_test.go:5"], "from a folder that is a link");
}

#[test]
fn files_are_called_as_the_user_calls_them() {
    let folder = folder_of(&[("a/a.go", FAULTY), ("b/b.go", CLEAN)]);
    let (here, real) = (folder.path().join("b"), path(&folder, "a"));
    for (paths, name) in [
        (&["../a", "../b/../a"][..], "../a/a.go"),
        (&["../b/../a/a.go"], "../b/../a/a.go"),
        (&["../a/./"], "../a/a.go"),
        (&[&real], &path(&folder, "a/a.go")),
    ] {
        assert_eq!(files(&here, paths).1, [name], "{paths:?}");
    }
}

#[test]
fn what_has_nothing_to_review_is_said() {
    let folder = folder_of(&[("a.go", FAULTY), ("README.md", "# A\n"), ("empty/x.txt", "")]);
    for (path, fault) in [("empty", "no Go files in empty"), ("empty/...", "no Go files in")] {
        let (code, files, said) = files(folder.path(), &[path, "a.go"]);
        assert_eq!((code, files), (Some(2), vec!["a.go".to_owned()]), "{path}");
        assert!(said.contains(fault), "{said}");
    }
}

#[test]
fn files_that_are_not_reviewed_are_skipped_and_counted() {
    let folder = folder_of(&[("a.go", FAULTY), ("clean.go", CLEAN), ("README.md", "# A\n"), ("schema.sql", "-- x\n")]);
    let said = "skipped 2 files that gopeer does not review";
    let (code, found, stderr) = files(folder.path(), &["README.md", "a.go", "schema.sql", "./README.md"]);
    assert_eq!((code, found), (Some(1), vec!["a.go".to_owned()]));
    assert!(stderr.contains(said), "{stderr}");
    let (code, found, stderr) = files(folder.path(), &["README.md", "schema.sql", "clean.go"]);
    assert_eq!((code, found, stderr), (Some(0), vec![], format!("gopeer: {said}\n")));
    let text = gopeer(&["review", &path(&folder, "README.md"), &path(&folder, "clean.go")]).code(0);
    assert!(stdout(&text).contains("1 file (1 skipped)"), "{}", stdout(&text));
    let nothing = gopeer(&["review", "--format", "sarif", &path(&folder, "README.md")]).code(0);
    assert!(stdout(&nothing).contains("\"results\": []"), "a log without results is one too");
    let absent = files(folder.path(), &["absent.yaml"]);
    assert_eq!(absent.0, Some(2), "a file that is not there is a fault");
}

#[test]
fn who_forgets_a_word_is_told() {
    assert!(stderr(&gopeer(&["./..."]).code(2)).contains("gopeer review ./..."));
    assert!(stderr(&gopeer(&["review", ""]).code(2)).contains("a path is empty"));
}

#[test]
fn archives_may_have_files_of_one_name() {
    let folder = folder_of(&[
        ("one.txtar", &format!("-- a.go --\n{FAULTY}")),
        ("two.txtar", "-- a.go --\npackage a\n"),
        ("a.go", "package a\n"),
    ]);
    let archives = ["one.txtar", "two.txtar", "./one.txtar", "a.go"];
    assert_eq!(files(folder.path(), &archives).1, ["one.txtar/a.go"]);
    let text = command().current_dir(folder.path()).arg("review").args(archives).output().expect("it runs");
    assert!(String::from_utf8_lossy(&text.stdout).contains("time.Sleep(5)"), "{text:?}");
}

#[test]
fn a_pipe_may_never_end() {
    let endless = File::open("/dev/zero").expect("it is there");
    let output = command().args(["review", "-"]).stdin(endless).output().expect("it ends");
    assert_eq!(output.status.code(), Some(2));
    let mut yes = Command::new("yes").stdout(Stdio::piped()).spawn().expect("it runs");
    let pipe = yes.stdout.take().expect("a pipe");
    let output = command().args(["review", "-"]).stdin(pipe).output().expect("it ends");
    let _ = yes.kill();
    let _ = yes.wait();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard input is larger than 64 MB"), "{output:?}");
}

#[test]
fn a_pipe_is_a_file() {
    let folder = folder_of(&[("a.go", FAULTY)]);
    let file = File::open(folder.path().join("a.go")).expect("it is there");
    let mut cat = Command::new("cat").stdin(file).stdout(Stdio::piped()).spawn().expect("it runs");
    let pipe = cat.stdout.take().expect("a pipe");
    let output = command().args(["review", "/dev/stdin"]).stdin(pipe).output().expect("it runs");
    let _ = cat.wait();
    assert!(String::from_utf8_lossy(&output.stdout).contains("time.Sleep(5)"), "{output:?}");
}

#[test]
fn who_reads_may_stop_before_the_end() {
    for args in [&["rules", "--format", "json"][..], &["explain", "duration-without-unit"]] {
        let mut child = command().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        BufReader::with_capacity(16, child.stdout.take().expect("a pipe")).read_line(&mut line).expect("read");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{args:?}");
    }
    let full = File::options().write(true).open("/dev/full").expect("it is there");
    let output = command().arg("rules").stdout(full).stderr(Stdio::piped()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("gopeer: cannot write: "), "{output:?}");
}

#[test]
fn sarif_names_files_from_the_root_of_the_repository() {
    let folder = folder_of(&[("repo/cmd/my app/main.go", FAULTY), ("repo/lib/lib.go", CLEAN), ("repo/.git/HEAD", "")]);
    let uris = |here: &str, path: &str| {
        let mut command = command();
        command.current_dir(folder.path().join(here)).args(["review", "--format", "sarif", path]);
        let log: Value = serde_json::from_slice(&command.output().expect("it runs").stdout).expect("JSON");
        let result = log["runs"][0]["results"].as_array().and_then(|results| {
            results.iter().find(|result| result["ruleId"] == "correctness/duration-without-unit").cloned()
        });
        let result = result.expect("it is found");
        let fix = result["fixes"][0]["artifactChanges"][0]["artifactLocation"]["uri"].clone();
        assert_eq!(fix, result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
        fix.as_str().unwrap_or_default().to_owned()
    };
    let real = path(&folder, "repo/cmd/my app");
    for (here, path) in [
        ("repo", "./..."),
        ("repo/lib", "../cmd/..."),
        ("repo/cmd/my app", "."),
        ("repo/cmd/my app", "main.go"),
        ("", "repo/..."),
        ("repo", &real),
    ] {
        assert_eq!(uris(here, path), "cmd/my%20app/main.go", "{here} {path}");
    }
    fs::remove_dir_all(folder.path().join("repo/.git")).expect("removed");
    assert_eq!(uris("repo", &real), "cmd/my%20app/main.go", "without one from the folder the command runs in");
}

#[test]
fn marks_of_windows_are_no_findings() {
    let folder = folder_of(&[("a.go", &format!("\u{feff}{}", CLEAN.replace('\n', "\r\n")))]);
    let all = gopeer(&["review", &path(&folder, "a.go")]).code(0);
    assert_eq!(stderr(&all), "");
}
