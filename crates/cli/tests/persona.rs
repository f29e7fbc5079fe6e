//! Reviewers of one's own: `--persona ./team.md`, and `gopeer persona`.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use common::folder_of;

const MOD: &str = "module example.com/shop\n\ngo 1.26\n";
const MAIN: &str = "package main\n\nimport \"time\"\n\nfunc main() {\n\ttime.Sleep(2 * time.Second)\n}\n";
const TEAM: &str = "+++\nid = \"shop\"\nname = \"Shop\"\ntagline = \"t\"\n\n[verdict]\nhigh = \"No: {first}.\"\n\n[[rules]]\nname = \"sleep\"\ncall = \"time.Sleep\"\nseverity = \"high\"\nmessage = \"`{call}` is not for us\"\n+++\n";

fn run(here: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gopeer")).current_dir(here).args(args).output().expect("it runs")
}

fn review(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_file_reviews() {
    let folder =
        folder_of(&[("go.mod", MOD), ("main.go", MAIN), ("p/p.go", &MAIN.replace("main", "p")), ("team.md", TEAM)]);
    let here = folder.path();
    let output = run(here, &["review", "--persona", "./team.md", "--format", "json", "./..."]);
    let review = review(&output);
    assert_eq!((output.status.code(), review["persona"]["name"].as_str()), (Some(1), Some("Shop")), "{output:?}");
    assert_eq!(review["verdict"], "No: `time.Sleep` is not for us.");
    let rules: Vec<&Value> =
        review["findings"].as_array().expect("an array").iter().map(|found| &found["rule"]).collect();
    assert_eq!(rules, ["team/sleep", "team/sleep"]);
    let sarif = run(here, &["review", "--persona", "team.md", "--format", "sarif", "main.go"]);
    let sarif: Value = serde_json::from_slice(&sarif.stdout).expect("JSON");
    let at = sarif["runs"][0]["results"][0]["ruleIndex"].as_u64().expect("the rule is described") as usize;
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][at]["id"], "team/sleep");
}

#[test]
fn a_project_names_its_file_and_grades_its_rules() {
    let config = "persona = \"docs/team.md\"\n[rules]\n\"team/sleep\" = \"low\"\n";
    let folder = folder_of(&[
        ("go.mod", MOD),
        ("main.go", MAIN),
        ("p/p.go", "package p\n"),
        ("docs/team.md", TEAM),
        (".gopeer.toml", config),
    ]);
    for (here, path) in [("", "."), ("p", "..")] {
        let review = review(&run(&folder.path().join(here), &["review", "--format", "json", path]));
        assert_eq!(review["persona"]["id"], "shop");
        assert_eq!(review["findings"][0]["severity"], "low");
    }
    fs::remove_file(folder.path().join("docs/team.md")).expect("it is there");
    let output = run(folder.path(), &["review", "."]);
    assert!(output.status.code() == Some(2) && said(&output).contains("cannot read"), "{output:?}");
}

#[test]
fn a_baseline_knows_its_findings() {
    let folder = folder_of(&[("go.mod", MOD), ("main.go", MAIN), ("team.md", TEAM)]);
    let args = ["review", "--persona", "./team.md", "--baseline", "known.json", "."];
    let first = run(folder.path(), &args);
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert!(fs::read_to_string(folder.path().join("known.json")).expect("written").contains("team/sleep"));
    fs::write(folder.path().join("main.go"), format!("{MAIN}\nfunc more() {{ time.Sleep(1) }}\n")).expect("written");
    assert_eq!(run(folder.path(), &args).status.code(), Some(1));
}

#[test]
fn faults_have_their_line() {
    let folder = folder_of(&[("main.go", MAIN), ("team.md", &TEAM.replace("severity", "severe"))]);
    let ranked = TEAM.replace("[verdict]", "[concerns]\nleek = 2\nlatency = 7\n\n[verdict]");
    fs::write(folder.path().join("ranked.md"), ranked).expect("written");
    for (file, lines) in [
        ("team.md", &["team.md:12:1: unknown field `severe`, expected one of `name`, `call`"][..]),
        (
            "ranked.md",
            &[
                "ranked.md:7:1: there is no concern `leek` (did you mean leak?)",
                "ranked.md:8:11: expected the rank of a concern, 0 to 3, not 7",
            ],
        ),
        ("none.md", &["gopeer: cannot read none.md", "cannot read none.md"][1..]),
    ] {
        for args in [&["review", "--persona", file, "main.go"][..], &["persona", "check", file]] {
            let output = run(folder.path(), args);
            assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{output:?}");
            let said = said(&output);
            let said: Vec<&str> = said.lines().collect();
            assert!(
                said.len() == lines.len() && said.iter().zip(lines).all(|(said, line)| said.starts_with(line)),
                "{said:#?}"
            );
        }
    }
    let output = run(folder.path(), &["review", "--persona", "shop", "main.go"]);
    assert!(said(&output).contains("or the path of a file such as ./team.md"), "{output:?}");
}

#[test]
fn one_starts_from_a_built_in_reviewer() {
    let folder = folder_of(&[("main.go", MAIN)]);
    let here = folder.path();
    for from in ["senior", "backend", "cloud-native", "data", "throughput"] {
        let file = format!("{from}.md");
        assert_eq!(run(here, &["persona", "new", "--from", from, &file]).status.code(), Some(0));
        let output = run(here, &["persona", "check", &file]);
        assert!(String::from_utf8_lossy(&output.stdout).contains(&format!("(our-{from})")), "{output:?}");
    }
    let nameless = run(here, &["persona", "new", "team"]);
    assert!(nameless.status.code() == Some(2) && said(&nameless).contains("ends in .md"), "{nameless:?}");
    let again = run(here, &["persona", "new", "data.md"]);
    assert!(again.status.code() == Some(2) && said(&again).contains("already exists"), "{again:?}");
}

#[test]
fn a_link_has_the_file() {
    let folder = folder_of(&[("main.go", MAIN), ("team.md", TEAM)]);
    let link = run(folder.path(), &["link", "--persona", "team.md", "main.go"]);
    let link = String::from_utf8_lossy(&link.stdout).into_owned();
    let opened = run(folder.path(), &["open", link.trim()]);
    let text = String::from_utf8_lossy(&opened.stdout).into_owned();
    assert!(text.starts_with("# reviewer shop,") && text.contains("-- team.md --\n+++\nid = \"shop\""), "{text}");
}
