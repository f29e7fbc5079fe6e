//! Configurations among the files of a session, and the schema for editors.

mod files;

use gopeer_engine::Session;
use gopeer_engine::config::{Known, read, schema};
use gopeer_engine::protocol::{Delta, FileText, Review};
use serde_json::{Value, json};

use files::{open, review};

const SLEEP: &str = "correctness/duration-without-unit";
const MAIN: &str = "package main\n\nimport \"time\"\n\nfunc main() {\n\ttime.Sleep(5)\n}\n";

fn found(review: &Review) -> Vec<&str> {
    review.findings.iter().map(|finding| finding.place.file.as_str()).collect()
}

fn replace(session: &mut Session, file: &str, text: &str) {
    let to = session.text(file).expect("it is open").encode_utf16().count() as u32;
    session.edit(file, &[Delta { from: 0, to, insert: text.into() }]).expect("the edit fits");
}

#[test]
fn an_edit_of_the_configuration_tells() {
    let mut session = open(&[(".gopeer.toml", ""), ("main.go", MAIN), ("gen/main.go", MAIN)]);
    assert_eq!(found(&review(&mut session)), ["gen/main.go", "main.go"]);
    replace(&mut session, ".gopeer.toml", "exclude = [\"gen/\"]\n");
    let excluded = review(&mut session);
    assert_eq!((found(&excluded), excluded.stats.excluded), (vec!["main.go"], 1));
    assert_eq!(excluded.stats.examined, 0, "nothing that was examined changed");
    replace(&mut session, ".gopeer.toml", "exclude = [\n");
    let broken = review(&mut session);
    assert_eq!(found(&broken), ["gen/main.go", "main.go"]);
    let note = &broken.notes[0];
    assert_eq!(note.message, ".gopeer.toml is not used: unclosed array, expected `]`.");
    assert_eq!(note.place.as_ref().map(|place| (place.file.as_str(), place.range.line)), Some((".gopeer.toml", 1)));
    session.open(vec![FileText { name: "main.go".into(), text: MAIN.into() }]);
    assert_eq!(review(&mut session).notes, [], "it is there no more");
}

#[test]
fn the_configuration_of_a_folder_is_about_that_folder() {
    let off = format!("[rules]\n\"{SLEEP}\" = \"off\"\n");
    let mut session = open(&[("a/.gopeer.toml", &off), ("a/b/main.go", MAIN), ("main.go", MAIN)]);
    let review = review(&mut session);
    assert_eq!((found(&review), review.suppressed.len()), (vec!["main.go"], 1));
}

#[test]
fn a_section_claims_only_what_was_examined() {
    let off = format!("[rules]\n\"{SLEEP}\" = \"off\"\n");
    let silenced = review(&mut open(&[(".gopeer.toml", &off), ("main.go", MAIN)]));
    let said: Vec<String> = silenced.sections.iter().map(|section| section.quiet()).collect();
    assert_eq!(said.iter().filter(|said| said.starts_with("1 finding not shown")).count(), 1, "{said:#?}");
    let blank = review(&mut open(&[("main.go", "package main\n")]));
    assert!(blank.sections.iter().all(|section| section.places > 0 || section.quiet().starts_with("No rule found")));
    assert!(blank.sections.iter().any(|section| section.places == 0), "security has nothing to look at here");
}

#[test]
fn what_ends_the_program_is_looked_up_anew() {
    let main =
        "package main\n\nimport \"example.com/shop/must\"\n\nfunc main() {\n\tdefer println()\n\tmust.Exit()\n}\n";
    let must = "package must\n\nfunc Exit() { end() }\n";
    let go_mod = "module example.com/shop\n\ngo 1.26\n";
    let mut session = open(&[(".gopeer.toml", ""), ("go.mod", go_mod), ("main.go", main), ("must/must.go", must)]);
    let ends = |review: Review| review.findings.iter().any(|finding| finding.rule == "errors/exit-after-defer");
    assert!(!ends(review(&mut session)));
    replace(&mut session, ".gopeer.toml", "exits = [\"example.com/shop/must.Exit\"]");
    assert!(ends(review(&mut session)));
    replace(&mut session, ".gopeer.toml", "");
    assert!(!ends(review(&mut session)));
}

#[test]
fn a_project_has_its_own_handlers() {
    let shop = "package shop\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/shop/web\"\n)\n\nfunc Show(c *web.Context) {\n\tfmt.Println(\"shown\")\n}\n";
    let web = "package web\n\ntype Context struct{}\n";
    let go_mod = "module example.com/shop\n\ngo 1.26\n";
    let mut session = open(&[(".gopeer.toml", ""), ("go.mod", go_mod), ("shop.go", shop), ("web/web.go", web)]);
    let prints = |review: Review| review.findings.iter().any(|it| it.rule == "observability/unstructured-log");
    assert!(!prints(review(&mut session)));
    replace(&mut session, ".gopeer.toml", "handlers = [\"example.com/shop/web.Context\"]");
    assert!(prints(review(&mut session)));
}

#[test]
fn a_severity_of_the_project_decides_the_order() {
    let leak = "package main\n\nimport (\n\t\"net/http\"\n\t\"time\"\n)\n\nfunc main() {\n\ttime.Sleep(5)\n\thttp.ListenAndServe(\":80\", nil)\n}\n";
    let first = |level: &str| {
        let mut session =
            open(&[(".gopeer.toml", &format!("[rules]\n\"{SLEEP}\" = \"{level}\"\n")), ("main.go", leak)]);
        review(&mut session).findings[0].rule.clone()
    };
    assert_eq!(first("critical"), SLEEP);
    assert_ne!(first("low"), SLEEP);
}

#[test]
fn findings_know_their_declaration() {
    let text = "package p\n\nimport \"time\"\n\ntype S[T any] struct{}\n\nfunc (s *S[T]) Wait() { time.Sleep(5) }\n\nvar (\n\ta = 1\n\tb = func() { time.Sleep(5) }\n)\n";
    let mut session = open(&[("a.go", text)]);
    let review = review(&mut session);
    let mut within: Vec<&str> =
        review.findings.iter().filter(|finding| finding.rule == SLEEP).map(|finding| finding.within.as_str()).collect();
    within.sort_unstable();
    assert_eq!(within, ["S.Wait", "b"]);
}

/// What the schema takes the reader takes, and the other way round.
#[test]
fn the_schema_says_what_the_reader_says() {
    let known = Known { rules: &["kafka/weak-acks", "sql/late-rows"], personas: &["senior", "data"], concerns: &[] };
    let schema = jsonschema::validator_for(&schema(known)).expect("it is a schema");
    for (text, value) in [
        ("", json!({})),
        ("persona = \"data\"", json!({ "persona": "data" })),
        ("persona = \"date\"", json!({ "persona": "date" })),
        ("persona = 1", json!({ "persona": 1 })),
        ("exclude = [\"gen/\"]", json!({ "exclude": ["gen/"] })),
        ("exclude = \"gen/\"", json!({ "exclude": "gen/" })),
        ("exits = [\"p.Exit\"]", json!({ "exits": ["p.Exit"] })),
        ("handlers = [1]", json!({ "handlers": [1] })),
        ("rules = { \"sql/late-rows\" = \"off\" }", json!({ "rules": { "sql/late-rows": "off" } })),
        ("rules = { \"sql/late-rows\" = \"critical\" }", json!({ "rules": { "sql/late-rows": "critical" } })),
        ("rules = { \"sql/late-rows\" = \"none\" }", json!({ "rules": { "sql/late-rows": "none" } })),
        ("rules = { \"sql/rows\" = \"off\" }", json!({ "rules": { "sql/rows": "off" } })),
        ("assume = { load = \"high\" }", json!({ "assume": { "load": "high" } })),
        ("assume = { load = \"much\" }", json!({ "assume": { "load": "much" } })),
        ("assume = { speed = \"high\" }", json!({ "assume": { "speed": "high" } })),
        ("assume = [\"load\"]", json!({ "assume": ["load"] })),
        ("omit = []", json!({ "omit": [] })),
    ] {
        let value: Value = value;
        assert_eq!(schema.is_valid(&value), read(text, known).is_ok(), "{text}");
    }
}

#[test]
fn a_comment_that_names_no_rule_leaves_critical_findings_open() {
    let main = |comment: &str| {
        format!(
            "package main\n\nimport (\n\t\"crypto/tls\"\n\t\"time\"\n)\n\n//{comment}\nfunc main() {{\n\ttime.Sleep(5)\n\t_ = tls.Config{{InsecureSkipVerify: true}}\n}}\n"
        )
    };
    let found = |comment: &str| {
        let review = review(&mut open(&[("main.go", &main(comment))]));
        let rules: Vec<String> = review.findings.iter().map(|finding| finding.rule.clone()).collect();
        (rules, review.suppressed.len())
    };
    let open = vec!["security/tls-verification-disabled".to_owned()];
    for comment in ["nolint", "nolint:all", "nolint:all // it is a demo"] {
        assert_eq!(found(comment), (open.clone(), 1), "{comment}");
    }
    assert_eq!(found("nolint:all,tls-verification-disabled"), (vec![], 2));
}

#[test]
fn what_nothing_examined_is_not_praised() {
    let other = review(&mut open(&[("values.yaml", "password: hunter2\n")]));
    assert_eq!(other.verdict, "Nothing was reviewed: gopeer reads Go source, go.mod and Dockerfiles.");
    assert!(other.notes[0].message.starts_with("values.yaml was not reviewed"), "{:?}", other.notes);
    let both = review(&mut open(&[("values.yaml", "a: b\n"), ("main.go", MAIN)]));
    assert_eq!((both.counts.high, both.stats.reviewed, both.notes.len()), (1, 1, 1));
}

#[test]
fn a_function_that_is_too_large_to_be_followed_is_named() {
    let text = |n: usize| {
        let made: String = (0..n).map(|i| format!("\t_, f{i} := context.WithCancel(c)\n")).collect();
        let called: String = (0..n).rev().map(|i| format!("\tf{i}()\n")).collect();
        format!("package p\n\nimport \"context\"\n\nfunc f(c context.Context) {{\n{made}{called}}}\n")
    };
    let notes = |n: usize| review(&mut open(&[("a.go", &text(n))])).notes;
    assert_eq!(notes(40), [], "a large one is followed");
    let notes = notes(1_500);
    assert!(matches!(&notes[..], [note] if note.message.starts_with("This function is too large")), "{notes:?}");
    assert_eq!(notes[0].place.as_ref().map(|place| place.range.line), Some(5));
}
