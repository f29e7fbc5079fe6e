//! `.gopeer.toml`, and what the command makes of a review: exit codes, baselines, fixes.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use common::{folder_of, gopeer, stdout};

const MOD: &str = "module example.com/shop\n\ngo 1.26\n";
/// A rule whose fix is a suggestion.
const SLEEP: &str = "correctness/duration-without-unit";
const FAULTY: &str = "package main\n\nimport \"time\"\n\nfunc main() {\n\ttime.Sleep(5) // seconds\n}\n";

fn run(here: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gopeer"));
    command.current_dir(here).args(["review", "--format", "json"]).args(args).output().expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn review(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// `file rule severity` of each finding, in the order of the text.
fn findings(output: &Output) -> Vec<String> {
    let review = review(output);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = review["findings"].as_array().expect("an array").iter();
    let mut found: Vec<String> = found
        .map(|found| format!("{} {} {}", text(&found["place"]["file"]), text(&found["rule"]), text(&found["severity"])))
        .collect();
    found.sort();
    found
}

fn module(config: &str) -> TempDir {
    folder_of(&[("go.mod", MOD), (".gopeer.toml", config), ("main.go", FAULTY), ("gen/gen.go", FAULTY)])
}

#[test]
fn a_project_leaves_out_what_it_wants() {
    let folder = module("exclude = [\"gen/\"]\n");
    for (here, args) in [("", &["./..."][..]), ("", &["main.go", "gen/gen.go"]), ("gen", &[".", "../main.go"])] {
        let output = run(&folder.path().join(here), args);
        let found = findings(&output);
        assert!(found.len() == 1 && found[0].ends_with(&format!("main.go {SLEEP} high")), "{args:?}: {found:?}");
        assert_eq!(review(&output)["stats"]["excluded"], 1, "{args:?}");
    }
    let text = gopeer(&["review", &folder.path().join("...").to_string_lossy()]).code(1);
    assert!(stdout(&text).contains("files (1 excluded)"), "{}", stdout(&text));
    assert_eq!(run(folder.path(), &["gen"]).status.code(), Some(0), "nothing is left");
}

#[test]
fn a_file_that_is_left_out_declares_what_it_declares() {
    let folder = folder_of(&[
        ("go.mod", MOD),
        (".gopeer.toml", "exclude = [\"*_gen.go\"]\n"),
        ("p/use.go", "package p\n\nvar x int = made\n"),
        ("p/p_gen.go", "package p\n\nimport \"time\"\n\nvar made = \"\"\n\nfunc f() { time.Sleep(5) }\n"),
    ]);
    assert_eq!(findings(&run(folder.path(), &["./..."])), ["p/use.go correctness/compile-error high"]);
}

/// A producer that waits for nobody.
const WRITER: &str = "package p\n\nimport \"github.com/segmentio/kafka-go\"\n\nvar w = &kafka.Writer{Addr: kafka.TCP(\"b:9092\"), Topic: \"t\", RequiredAcks: kafka.RequireNone}\n";

#[test]
fn a_project_says_what_its_code_does_not_show() {
    let config = "[assume]\ndelivery = \"at-least-once\"\nload = \"high\"\n";
    let folder = folder_of(&[("go.mod", MOD), (".gopeer.toml", config), ("a.go", WRITER), ("b/b.go", "package b\n")]);
    let run = |args: &[&str]| review(&run(folder.path(), &[args, &["./..."]].concat()));
    let acks = |review: &Value| review["findings"][0]["severity"].clone();
    let of_file = run(&["--with-code"]);
    assert_eq!(acks(&of_file), "critical");
    let said = |review: &Value| {
        let all = review["assumptions"].as_array().expect("an array").iter();
        all.map(|said| format!("{} {} {}", said["by"], said["question"], said["said"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    let [version, load, delivery] = &said(&of_file)[..] else { panic!("{of_file}") };
    assert_eq!((&**version, &**delivery), ("module go Go 1.26", "config delivery at least once"));
    assert!(load.starts_with("config load thousands"), "{load}");
    assert_eq!(of_file["shared"]["more"].as_array().map(Vec::len), Some(1), "the page opens it with the answers");
    let won = run(&["--assume", "delivery=at-most-once"]);
    assert_eq!(acks(&won), "medium");
    assert!(said(&won).contains(&"reader delivery at most once".to_owned()), "{won}");
    let text = stdout(&gopeer(&["review", &folder.path().to_string_lossy()]).code(1));
    assert!(text.contains(".gopeer.toml says: at least once."), "{text}");
    assert!(text.contains("raised from high to critical, because .gopeer.toml says “at least once”"), "{text}");
    fs::write(folder.path().join(".gopeer.toml"), "[assume]\n\nload = \"much\"\n").expect("written");
    let fault = self::run(folder.path(), &["."]);
    assert_eq!(fault.status.code(), Some(2));
    assert!(
        self::said(&fault).starts_with(".gopeer.toml:3:8: `load` has no answer `much`, only once"),
        "{}",
        self::said(&fault)
    );
}

#[test]
fn a_project_ranks_rules_and_turns_them_off() {
    for (level, found, silenced) in [("low", 1, 0), ("critical", 1, 0), ("off", 0, 1)] {
        let folder = module(&format!("exclude = [\"gen\"]\n[rules]\n\"{SLEEP}\" = \"{level}\"\n"));
        let output = run(folder.path(), &["./..."]);
        let expected: Vec<String> = (0..found).map(|_| format!("main.go {SLEEP} {level}")).collect();
        assert_eq!(findings(&output), expected);
        let review = review(&output);
        let suppressed = review["suppressed"].as_array().expect("an array");
        assert_eq!(suppressed.len(), silenced, "what is off is counted");
        assert!(suppressed.iter().all(|silenced| silenced["by"] == "config"), "{suppressed:?}");
        assert_eq!(review["counts"][level].as_u64().unwrap_or_default(), found, "{level}");
    }
}

#[test]
fn a_project_has_its_reviewer() {
    let folder = module("persona = \"data\"\n");
    assert_eq!(review(&run(folder.path(), &["./..."]))["persona"]["id"], "data");
    assert_eq!(review(&run(folder.path(), &["--persona", "backend", "./..."]))["persona"]["id"], "backend");
}

#[test]
fn a_project_names_what_ends_it() {
    let must = "package must\n\nfunc Exit() { end() }\n";
    let main =
        "package main\n\nimport \"example.com/shop/must\"\n\nfunc main() {\n\tdefer println()\n\tmust.Exit()\n}\n";
    let folder = folder_of(&[("go.mod", MOD), (".gopeer.toml", ""), ("must/must.go", must), ("main.go", main)]);
    let rule = |output| findings(&output).iter().any(|found| found.contains("exit-after-defer"));
    assert!(!rule(run(folder.path(), &["."])), "the name of the function alone says too little");
    fs::write(folder.path().join(".gopeer.toml"), "exits = [\"example.com/shop/must.Exit\"]\n").expect("written");
    assert!(rule(run(folder.path(), &["."])));
}

#[test]
fn faults_of_a_configuration_have_their_line() {
    let folder = module("persona = \"date\"\n\n[rules]\n\"duration-without-unit\" = \"off\"\n");
    let output = run(folder.path(), &["./..."]);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true));
    let said = said(&output);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with(".gopeer.toml:1:11: there is no reviewer `date`"), "{said}");
    assert!(
        lines[1].starts_with(&format!(
            ".gopeer.toml:4:1: there is no rule `duration-without-unit` (did you mean {SLEEP}?)"
        )),
        "{said}"
    );
    let nested = folder_of(&[
        ("go.mod", MOD),
        ("a.go", FAULTY),
        ("b/go.mod", MOD),
        ("b/b.go", FAULTY),
        ("b/.gopeer.toml", "x = 1\n"),
    ]);
    let output = run(nested.path(), &["./..."]);
    assert!(
        output.status.code() == Some(2) && self::said(&output).starts_with("b/.gopeer.toml:1:1: unknown field `x`"),
        "{output:?}"
    );
}

#[test]
fn an_archive_brings_its_configuration() {
    let archive =
        format!("-- .gopeer.toml --\nexclude = [\"gen/\"]\n-- main.go --\n{FAULTY}-- gen/gen.go --\n{FAULTY}");
    let folder = folder_of(&[("shop.txtar", &archive), ("bad.txtar", &archive.replace("exclude", "omit"))]);
    assert_eq!(findings(&run(folder.path(), &["shop.txtar"])), [format!("main.go {SLEEP} high")]);
    let output = run(folder.path(), &["bad.txtar"]);
    assert_eq!(findings(&output).len(), 2);
    let note = review(&output)["notes"][0].clone();
    assert!(note["message"].as_str().is_some_and(|said| said.contains("unknown field `omit`")), "{note}");
    assert_eq!(note["place"]["range"]["line"], 1);
}

#[test]
fn the_schema_has_what_the_reader_knows() {
    let schema: Value = serde_json::from_str(&stdout(&gopeer(&["schema"]).code(0))).expect("JSON");
    let keys: Vec<&String> = schema["properties"].as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["assume", "exclude", "exits", "handlers", "persona", "rules"]);
    assert_eq!(schema["additionalProperties"], false);
    let rules = schema["properties"]["rules"]["propertyNames"]["anyOf"][0]["enum"].as_array().expect("an array");
    assert!(rules.len() >= 30 && rules.contains(&SLEEP.into()));
    assert_eq!(schema["properties"]["persona"]["anyOf"][0]["enum"].as_array().map(Vec::len), Some(5));
    assert_eq!(schema["properties"]["assume"]["properties"]["load"]["enum"], serde_json::json!(["once", "high"]));
    for property in schema["properties"].as_object().expect("an object").values() {
        assert!(property["description"].is_string(), "{property}");
    }
}

#[test]
fn the_exit_code_asks_how_severe_it_is() {
    let folder = folder_of(&[("main.go", FAULTY)]);
    for (least, code) in [("low", 1), ("medium", 1), ("high", 1), ("critical", 0)] {
        assert_eq!(run(folder.path(), &["--fail-on", least, "main.go"]).status.code(), Some(code), "{least}");
    }
    assert_eq!(run(folder.path(), &["--fail-on", "worst", "main.go"]).status.code(), Some(2));
}

#[test]
fn questions_do_not_count_where_it_is_asked_how_severe_a_finding_is() {
    const ASKED: &str = "package bill\n\nfunc cents(price float64) int64 {\n\treturn int64(price * 100)\n}\n";
    let folder = folder_of(&[("bill.go", ASKED)]);
    let all = run(folder.path(), &["bill.go"]);
    assert_eq!(findings(&all), ["bill.go correctness/money-as-float medium"]);
    assert_eq!(all.status.code(), Some(1));
    assert_eq!(run(folder.path(), &["--fail-on", "low", "bill.go"]).status.code(), Some(0));
}

#[test]
fn a_baseline_shows_what_is_new() {
    let folder = folder_of(&[("go.mod", MOD), ("main.go", FAULTY)]);
    let args = ["--persona", "all", "--baseline", "known.json", "./..."];
    let first = run(folder.path(), &args);
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert!(said(&first).contains("wrote 1 finding to known.json"), "{}", said(&first));
    let write = |text: &str| fs::write(folder.path().join("main.go"), text).expect("written");
    let new = || {
        let output = run(folder.path(), &["--baseline", "known.json", "./..."]);
        (output.status.code(), findings(&output).len(), review(&output)["sections"].clone())
    };
    write(&FAULTY.replace("func main", "// Moved.\n\nvar x int\n\nfunc main"));
    assert_eq!(new().1, 0, "it may move");
    write(&FAULTY.replace("seconds\n", "seconds\n\ttime.Sleep(5) // seconds\n"));
    let (code, found, sections) = new();
    assert_eq!((code, found), (Some(1), 1), "it was there once");
    let listed: Vec<&Value> = sections
        .as_array()
        .expect("an array")
        .iter()
        .flat_map(|section| section["findings"].as_array().expect("an array"))
        .collect();
    assert_eq!(listed, [0], "what is left stands in a section");
    write(&FAULTY.replace("}\n", "}\n\nfunc other() {\n\ttime.Sleep(5) // seconds\n}\n"));
    assert_eq!(new().1, 1, "another function is another place");
    for corrupt in ["", "[]", "{\"gopeer_baseline\": 2, \"findings\": []}", "{\"findings\": 1}"] {
        fs::write(folder.path().join("known.json"), corrupt).expect("written");
        let output = run(folder.path(), &args);
        assert!(output.status.code() == Some(2) && said(&output).contains("known.json"), "{corrupt}: {output:?}");
        assert_eq!(fs::read_to_string(folder.path().join("known.json")).expect("read"), corrupt, "it is left alone");
    }
}

/// A repository in which all is committed.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = folder_of(files);
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "x"]);
    folder
}

fn git(folder: &TempDir, args: &[&str]) {
    assert!(Command::new("git").current_dir(folder.path()).args(args).status().expect("git runs").success());
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).expect("read")
}

#[test]
fn fixes_are_applied_where_git_can_undo_them() {
    let folder = repository(&[("go.mod", MOD), ("a/a.go", FAULTY), ("b/b.go", FAULTY), (".gitignore", "c\n")]);
    for name in ["c/c.go", "d/d.go"] {
        fs::create_dir_all(folder.path().join(name).parent().expect("it has one")).expect("made");
        fs::write(folder.path().join(name), FAULTY).expect("written");
    }
    fs::write(folder.path().join("b/b.go"), FAULTY.replace("5", "6")).expect("written");
    let safe = run(folder.path(), &["--fix", "a"]);
    assert!(said(&safe).contains("fixed 0 findings in 0 files"), "a suggestion is not safe: {}", said(&safe));
    let output = run(folder.path(), &["--fix=all", "./...", "c"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    for (name, is_fixed) in [("a/a.go", true), ("b/b.go", false), ("c/c.go", false), ("d/d.go", false)] {
        assert_eq!(
            !read(&folder, name).contains("Sleep(5)") && !read(&folder, name).contains("Sleep(6)"),
            is_fixed,
            "{name}"
        );
        let refused = said(&output).contains(&format!("{name} is not fixed: it has uncommitted changes"));
        assert_eq!(refused, !is_fixed, "{name}: {}", said(&output));
    }
    assert!(said(&output).contains("fixed a/a.go:6: "), "{}", said(&output));
    assert!(!findings(&output).iter().any(|found| found.starts_with("a/a.go")), "what is fixed is found no more");
    let forced = run(folder.path(), &["--fix=all", "--force", "./...", "c"]);
    assert_eq!((forced.status.code(), findings(&forced).len()), (Some(0), 0), "{forced:?}");
    let none = folder_of(&[("a.go", FAULTY)]);
    assert_eq!(run(none.path(), &["--fix=all", "a.go"]).status.code(), Some(2), "without git nothing can be undone");
    assert_eq!(read(&none, "a.go"), FAULTY);
    assert_eq!(run(none.path(), &["--force", "a.go"]).status.code(), Some(2), "nothing is forced without --fix");
}

#[test]
fn fixes_that_need_the_same_import_follow_each_other() {
    let read_all = "package p\n\nimport \"io\"\n\nfunc f(err error) bool {\n\tif err == io.ErrNoProgress {\n\t\treturn true\n\t}\n\treturn err == io.ErrUnexpectedEOF\n}\n";
    let folder = repository(&[("go.mod", MOD), ("p/a.go", read_all)]);
    let output = run(folder.path(), &["--persona", "all", "--fix", "./..."]);
    let text = read(&folder, "p/a.go");
    assert!(
        text.contains("if errors.Is(err, io.ErrNoProgress)")
            && text.contains("return errors.Is(err, io.ErrUnexpectedEOF)"),
        "{text}"
    );
    assert_eq!(text.matches("\"errors\"").count(), 1, "{text}");
    assert!(said(&output).contains("fixed 2 findings in 1 file\n"), "{}", said(&output));
}

#[cfg(unix)]
#[test]
fn a_fixed_file_keeps_its_permissions_and_its_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = repository(&[("real/a.go", FAULTY), ("p/b.go", "package main\n")]);
    let (real, link) = (folder.path().join("real/a.go"), folder.path().join("p/a.go"));
    fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).expect("changed");
    symlink(&real, &link).expect("made");
    run(folder.path(), &["--fix=all", "p"]);
    assert!(!read(&folder, "real/a.go").contains("Sleep(5)"), "{}", read(&folder, "real/a.go"));
    assert_eq!(fs::metadata(&real).expect("it is there").permissions().mode() & 0o777, 0o600);
    assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
}

#[test]
fn what_is_not_utf_8_is_left_alone() {
    let folder = folder_of(&[("go.mod", MOD)]);
    let text = [FAULTY.as_bytes(), b"\n// caf\xe9\n"].concat();
    fs::write(folder.path().join("a.go"), &text).expect("written");
    let output = run(folder.path(), &["--fix=all", "--force", "a.go"]);
    assert!(output.status.code() == Some(2) && said(&output).contains("a.go is not fixed: it"), "{output:?}");
    assert_eq!(fs::read(folder.path().join("a.go")).expect("read"), text);
}
