//! The command as people and scripts use it: exit codes, formats, faults.

mod common;

use std::fs;

use assert_cmd::Command;
use tempfile::TempDir;

use common::{errors, folder_of, gopeer, path, stderr, stdout};

const FAULTY: &str = "package main\n\nimport \"time\"\n\nfunc main() {\n\ttime.Sleep(5)\n}\n";
const CLEAN: &str = "package clean\n\nvar answer = 42\n";

/// A module with two packages, one of them faulty, and a folder that the go command ignores.
fn module() -> TempDir {
    folder_of(&[("main.go", FAULTY), ("clean/clean.go", CLEAN), ("testdata/x.go", FAULTY)])
}

#[test]
fn exit_codes() {
    let folder = module();
    gopeer(&["review", &path(&folder, "clean")]).code(0);
    gopeer(&["review", &path(&folder, "main.go")]).code(1);
    gopeer(&["review", &path(&folder, "absent.go")]).code(2);
    gopeer(&["review"]).code(2);
    gopeer(&["review", "--persona", "nobody", "x.go"]).code(2);
    gopeer(&["explain", "no/such-rule"]).code(2);
}

#[test]
fn a_fault_names_the_file() {
    let folder = module();
    let fault = gopeer(&["review", &path(&folder, "absent.go")]).code(2);
    assert!(stderr(&fault).contains("cannot read") && stderr(&fault).contains("absent.go"));
    assert_eq!(stdout(&fault), "");
    fs::write(folder.path().join("nul.go"), b"package p\0").expect("written");
    assert!(stderr(&gopeer(&["review", &path(&folder, "nul.go")]).code(2)).contains("NUL"));
}

#[test]
fn text_shows_the_place_without_colours_in_a_pipe() {
    let folder = module();
    let text = stdout(&gopeer(&["review", &path(&folder, "main.go")]).code(1));
    assert!(text.contains("main.go:6:13"), "{text}");
    assert!(
        text.contains("time.Sleep(5)") && text.contains("^") && text.contains("[correctness/duration-without-unit]"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "no escapes where there is no terminal");
}

#[test]
fn dots_mean_all_packages_below() {
    let folder = module();
    let all = stdout(&gopeer(&["review", "--format", "json", &path(&folder, "...")]).code(1));
    let review: serde_json::Value = serde_json::from_str(&all).expect("JSON");
    assert_eq!(review["stats"]["files"], 2, "testdata is left out");
    gopeer(&["review", &path(&folder, "testdata/...")]).code(1);
}

#[test]
fn an_archive_is_its_files() {
    let folder = module();
    fs::write(folder.path().join("two.txtar"), format!("-- a.go --\n{FAULTY}-- clean/b.go --\n{CLEAN}"))
        .expect("written");
    let found = stdout(&gopeer(&["review", "--format", "json", &path(&folder, "two.txtar")]).code(1));
    let review: serde_json::Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!(review["stats"]["files"], 2);
    assert_eq!(review["findings"][0]["place"]["file"], "a.go");
}

const STORE: &str = "package store\n\ntype Row struct{ ID int }\n\nfunc Load() (*Row, error) { return nil, nil }\n";

/// A use of that package that does not fit what it declares.
const USE: &str = "package main\n\nimport \"example.com/shop/store\"\n\nfunc main() {\n\trow, _ := store.Load()\n\tvar id string = row.ID\n\t_ = id\n}\n";

#[test]
fn packages_of_an_archive_with_a_go_mod_know_each_other() {
    let folder = module();
    let archive =
        format!("-- go.mod --\nmodule example.com/shop\n\ngo 1.26\n-- main.go --\n{USE}-- store/row.go --\n{STORE}");
    let archives = [archive.clone(), archive.replace("module example.com/shop\n", "")];
    for (archive, found) in archives.iter().zip([&["main.go:7"][..], &[]]) {
        fs::write(folder.path().join("shop.txtar"), archive).expect("written");
        assert_eq!(errors(&path(&folder, "shop.txtar")), found);
    }
}

#[test]
fn standard_input_may_be_a_fragment() {
    let mut command = Command::cargo_bin("gopeer").expect("it is built");
    let found =
        command.args(["review", "--format", "json", "-"]).write_stdin("```go\ntime.Sleep(5)\n```\n").assert().code(1);
    let review: serde_json::Value = serde_json::from_str(&stdout(&found)).expect("JSON");
    assert_eq!(review["findings"][0]["rule"], "correctness/duration-without-unit");
}

#[test]
fn every_persona_reviews() {
    let folder = module();
    let all = stdout(&gopeer(&["review", "--persona", "all", "--format", "json", &path(&folder, "main.go")]).code(1));
    let reviews: serde_json::Value = serde_json::from_str(&all).expect("JSON");
    let ids: Vec<_> =
        reviews.as_array().expect("an array").iter().map(|review| review["persona"]["id"].clone()).collect();
    assert_eq!(ids, ["senior", "backend", "cloud-native", "data", "throughput"]);
    let markdown = stdout(&gopeer(&["review", "--format", "markdown", &path(&folder, "main.go")]).code(1));
    assert!(markdown.starts_with("# Review by Senior"), "{markdown}");
    let html = stdout(&gopeer(&["review", "--format", "html", &path(&folder, "main.go")]).code(1));
    assert!(html.starts_with("<!doctype html>") && html.contains("main.go:"), "{html}");
    for host in ["github", "gitlab"] {
        let suggested =
            stdout(&gopeer(&["review", "--format", &format!("{host}-suggestions"), &path(&folder, "main.go")]).code(1));
        assert!(suggested.contains("suggest"), "{suggested}");
    }
    let with_code = stdout(&gopeer(&["review", "--format", "json", "--with-code", &path(&folder, "main.go")]).code(1));
    let with_code: serde_json::Value = serde_json::from_str(&with_code).expect("JSON");
    assert_eq!(with_code["shared"]["persona"], "senior");
    let text = std::fs::read_to_string(path(&folder, "main.go")).expect("it is there");
    assert_eq!(with_code["shared"]["files"][0]["text"], text.as_str());
    let sarif = stdout(&gopeer(&["review", "--format", "sarif", &path(&folder, "main.go")]).code(1));
    assert!(sarif.contains("\"version\": \"2.1.0\""));
}

#[test]
fn rules_are_listed_and_explained() {
    let list = stdout(&gopeer(&["rules", "--format", "json"]).code(0));
    let rules: Vec<serde_json::Value> = serde_json::from_str(&list).expect("JSON");
    assert!(rules.len() >= 30, "{} rules", rules.len());
    for rule in &rules {
        for key in ["id", "title", "category", "severity", "confidence", "fix", "equivalents"] {
            assert!(!rule[key].is_null(), "{rule}: {key}");
        }
        assert_eq!(rule["personas"].as_array().map(Vec::len), Some(5));
    }
    let text = stdout(&gopeer(&["explain", "duration-without-unit"]).code(0));
    assert!(
        text.contains("correctness/duration-without-unit") && text.contains("Found:") && text.contains("Left alone:"),
        "{text}"
    );
    for part in
        ["Impact:", "How to verify:", "go test -run TEST -v PACKAGE", "References:", "https://pkg.go.dev/time#Duration"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_wrong_id_leads_to_the_right_one() {
    for (id, meant) in [
        ("duration-without-units", "correctness/duration-without-unit"),
        ("correctness/duration-witout-unit", "correctness/duration-without-unit"),
        ("waitgroup", "concurrency/waitgroup-add-in-goroutine"),
    ] {
        let fault = stderr(&gopeer(&["explain", id]).code(2));
        assert!(fault.contains("did you mean") && fault.contains(meant), "{fault}");
    }
    assert!(!stderr(&gopeer(&["explain", "qqqqqq"]).code(2)).contains("did you mean"));
}

#[test]
fn links_go_there_and_back() {
    let folder = module();
    let link = stdout(
        &gopeer(&["link", "--base", "https://example.org/g/", "--persona", "data", &path(&folder, "main.go")]).code(0),
    );
    assert!(link.starts_with("https://example.org/g/#v2."), "{link}");
    let opened = stdout(&gopeer(&["open", link.trim()]).code(0));
    assert!(opened.contains("reviewer data") && opened.contains(FAULTY.trim_end()), "{opened}");
    let remark = |finding: &str, decision, text: &str| gopeer_link::Remark {
        finding: finding.to_owned(),
        decision,
        text: text.to_owned(),
        ..Default::default()
    };
    let remarks = vec![remark("sql/n-plus-one:1:1", 2, "one\nrow"), remark("http/client-no-timeout:2:1", 1, "")];
    let shared = gopeer_link::Shared { remarks, ..gopeer_link::decode(link.trim()).expect("whole") };
    let noted = stdout(&gopeer(&["open", &gopeer_link::encode(&shared).expect("small")]).code(0));
    let said = "# dismissed sql/n-plus-one:1:1: one row\n# accepted http/client-no-timeout:2:1\n";
    assert!(noted.contains(said), "{noted}");
    let cut = &link.trim()[..link.len() - 20];
    assert!(!stderr(&gopeer(&["open", cut]).code(2)).is_empty());
}

#[test]
fn control_flow_is_printed() {
    let folder = folder_of(&[("a.go", "package p\n\ntype s struct{}\n\nfunc (*s) f(a bool) {\n\tfor a {\n\t}\n}\n")]);
    let place = |function: &str| format!("{}:{function}", path(&folder, "a.go"));
    let text = stdout(&gopeer(&["debug", "cfg", &place("s.f")]).code(0));
    assert!(text.contains("if a -> true b1, false b2"), "{text}");
    let graph = stdout(&gopeer(&["debug", "cfg", "--dot", &place("s.f")]).code(0));
    assert!(graph.starts_with("digraph {") && graph.contains("b1 -> b2 [label=\"false\"]"), "{graph}");
    let fault = stderr(&gopeer(&["debug", "cfg", &place("f")]).code(2));
    assert!(fault.contains("has no function f"), "{fault}");
}

#[test]
fn mutants_count_where_no_rule_is_silent_on_purpose() {
    let text = "import (\n\t\"net/http\"\n\t\"sync\"\n)\n\nvar mu sync.Mutex\nvar n int\n\nfunc count() int {\n\tmu.Lock()\n\tdefer mu.Unlock()\n\t\
        n++\n\treturn n\n}\n\nfunc serve() error {\n\tcount()\n\treturn http.ListenAndServe(\":80\", nil)\n}\n";
    let folder = folder_of(&[
        ("go.mod", "module example.com/shop\n\ngo 1.26\n"),
        ("shop/a.go", &format!("package shop\n\n{text}")),
        ("examples/a.go", &format!("package examples\n\n{text}")),
    ]);
    let said = stdout(&gopeer(&["debug", "mutate", "--list", &path(&folder, "...")]).code(0));
    let listed: Vec<&str> = said.lines().filter(|line| line.contains(".go:")).collect();
    assert!(listed.len() == 1 && listed[0].contains("shop/a.go:13 concurrency/missing-unlock"), "{said}");
}

#[test]
fn what_the_code_does_not_show_can_be_said() {
    let consumer = "package main\n\nimport (\n\t\"context\"\n\n\t\"github.com/segmentio/kafka-go\"\n)\n\nfunc writer() *kafka.Writer {\n\t\
        return &kafka.Writer{Addr: kafka.TCP(\"b:9092\"), Topic: \"orders\", RequiredAcks: kafka.RequireNone}\n}\n\n\
        func send(ctx context.Context, b []byte) error {\n\treturn writer().WriteMessages(ctx, kafka.Message{Value: b})\n}\n";
    let folder = folder_of(&[("main.go", consumer)]);
    let review = |assume: &str| {
        let main = path(&folder, "main.go");
        let out = gopeer(&["review", "--format", "json", "--with-code", "--assume", assume, &main]);
        serde_json::from_str::<serde_json::Value>(&stdout(&out)).expect("JSON")
    };
    let acks = |review: &serde_json::Value| {
        let findings = review["findings"].as_array().expect("an array").iter();
        let mut acks = findings.filter(|finding| finding["rule"] == "kafka/weak-acks");
        let found = acks.next().expect("it is found");
        (found["was"].clone(), found["severity"].clone())
    };
    let (strict, loose) = (review("delivery=at-least-once"), review("delivery=at-most-once"));
    assert_eq!(acks(&strict), ("high".into(), "critical".into()));
    assert_eq!(acks(&loose), ("high".into(), "medium".into()));
    assert_eq!(strict["assumptions"][0]["said"], "at least once");
    assert_eq!(strict["shared"]["more"].as_array().map(Vec::len), Some(1), "the page opens it with the answers");
    let text = stdout(&gopeer(&["review", "--assume", "delivery=at-least-once", &path(&folder, "main.go")]));
    assert!(text.contains("You said: at least once. Because of the answers: 1 finding raised."), "{text}");
    assert!(text.contains("raised from high to critical, because you said “at least once”"), "{text}");
    let link = stdout(&gopeer(&["link", "--assume", "load=once", &path(&folder, "main.go")]).code(0));
    assert!(stdout(&gopeer(&["open", link.trim()])).contains("# said: load: once"));
    for (wrong, right) in [("delivery=often", "exactly-once"), ("speed=high", "delivery"), ("load", "QUESTION=ANSWER")]
    {
        let fault = gopeer(&["review", "--assume", wrong, &path(&folder, "main.go")]).code(2);
        assert!(stderr(&fault).contains(right), "{}", stderr(&fault));
    }
}

#[test]
fn two_reviewers_are_compared() {
    let folder = folder_of(&[(
        "main.go",
        "package main\n\nfunc main() { println(get_x()) }\n\nfunc get_x() int { return 1 }\n",
    )]);
    let out =
        gopeer(&["review", "--persona", "senior", "--compare", "data", "--first", "3", &path(&folder, "main.go")]);
    let text = stdout(&out);
    assert!(text.starts_with("Both raise ") && text.contains("(senior: 1, data: "), "{text}");
    gopeer(&["review", "--compare", "data", "--format", "json", &path(&folder, "main.go")]).code(2);
    gopeer(&["review", "--persona", "all", "--compare", "data", &path(&folder, "main.go")]).code(2);
}
