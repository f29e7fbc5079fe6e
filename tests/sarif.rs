//! What `gopeer review --format sarif` prints is valid against the SARIF 2.1.0 schema, and says what the review says.
//! Paths are told in Markdown too.
//!
//! The schema is the one that the crate `serde-sarif` ships (OASIS, sarif-schema-2.1.0.json); it is read from the
//! registry's copy of that crate, so the project carries no copy of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use gopeer_engine::guide::guides;
use gopeer_engine::protocol::{FileText, FixKind, Review};
use gopeer_engine::{Session, report, rule_infos};
use serde_json::Value;

const CODE: &str = r#"package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

func main() {
	time.Sleep(5) //nolint:duration-without-unit // the example needs one
	time.Sleep(7)
	err := http.ListenAndServe(":8080 ü", nil)
	if strings.Contains(err.Error(), "closed") {
		fmt.Println(fmt.Errorf("stop: %v", err))
	}
}
"#;

fn review() -> Review {
    let mut session = Session::new();
    session.open(vec![FileText { name: "cmd/my app/main.go".into(), text: CODE.into() }]);
    session.review("cloud-native").expect("cloud-native is built in")
}

fn schema() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package =
        packages.iter().find(|package| package["name"] == "serde-sarif").expect("a dependency of these tests");
    let manifest = PathBuf::from(package["manifest_path"].as_str().expect("a path"));
    let text =
        fs::read_to_string(manifest.with_file_name("src").join("schema.json")).expect("the crate ships the schema");
    let mut schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    // The published pattern of a language tag has a stray bracket, which strict readers of regular expressions refuse.
    for part in ["run", "toolComponent"] {
        let language = schema["definitions"][part]["properties"]["language"].as_object_mut().expect("a property");
        assert!(language.remove("pattern").is_some());
    }
    schema
}

#[test]
fn the_log_is_valid() {
    let mut log = report::sarif([&review()], &rule_infos());
    report::add_help(&mut log, &guides());
    let schema = jsonschema::validator_for(&schema()).expect("the schema is one");
    let faults: Vec<String> =
        schema.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let mut wrong = log;
    wrong["runs"][0]["results"][0]["locatons"] = Value::Null;
    assert!(!schema.is_valid(&wrong), "the schema refuses what it does not know");
}

#[test]
fn the_highest_rank_is_a_hundred() {
    let mut review = review();
    review.findings.iter_mut().for_each(|finding| finding.score = 64.0 * 3.0);
    let log = report::sarif([&review], &[]);
    let rank = log["runs"][0]["results"][0]["rank"].as_f64().expect("a number");
    assert!((rank - 100.0).abs() < 0.001, "{rank}");
}

#[test]
fn a_rule_with_a_guide_has_help() {
    let mut log = report::sarif([&review()], &rule_infos());
    report::add_help(&mut log, &guides());
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let rule = rules.iter().find(|rule| rule["id"] == "http/server-no-timeouts").expect("it is described");
    assert!(rule["helpUri"].as_str().is_some_and(|uri| uri.starts_with("https://")), "{rule:#}");
    assert!(rule["help"]["markdown"].as_str().is_some_and(|text| text.contains("](https://")), "{rule:#}");
}

/// A review with a path that ends in another file, and the messages of its steps.
fn with_a_path() -> (Review, [String; 3]) {
    const LOST: &str = "package main\n\nimport (\n\t\"context\"\n\t\"time\"\n)\n\nfunc load(ctx context.Context, slow bool) error {\n\t\
        ctx, cancel := context.WithTimeout(ctx, time.Second)\n\tif slow {\n\t\treturn ctx.Err()\n\t}\n\tcancel()\n\treturn nil\n}\n";
    let mut session = Session::new();
    session.open(vec![FileText { name: "load.go".into(), text: LOST.into() }]);
    let mut review = session.review("senior").expect("senior is built in");
    let lost = review.findings.iter_mut().find(|finding| finding.rule == "context/lost-cancel").expect("it is found");
    let messages: Vec<String> = lost.steps.iter().map(|step| step.message.clone()).collect();
    let messages = messages.try_into().expect("three steps: it is made, a branch is taken, it is left");
    lost.steps[2].place.file = "my app/other.go".into();
    (review, messages)
}

#[test]
fn a_note_on_a_line_is_a_result_for_people() {
    let mut log = report::sarif([&review()], &rule_infos());
    let before = log["runs"][0]["results"].as_array().expect("results").len();
    report::add_notes(&mut log, [("cmd/my app/main.go", 12, "Seconds?\n<b>")]);
    let schema = jsonschema::validator_for(&schema()).expect("the schema is one");
    assert!(schema.is_valid(&log), "{log:#}");
    let results = log["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), before + 1);
    let note = &results[before];
    assert_eq!([&note["kind"], &note["level"], &note["message"]["text"]], ["review", "none", "Seconds?\n<b>"]);
    let place = &note["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&"cmd/my%20app/main.go".into(), &12.into())
    );
}

#[test]
fn a_path_is_a_code_flow() {
    let (review, messages) = with_a_path();
    let log = report::sarif([&review], &rule_infos());
    let schema = jsonschema::validator_for(&schema()).expect("the schema is one");
    assert!(schema.is_valid(&log), "{log:#}");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let flows: Vec<&Value> = results.iter().filter_map(|result| result.get("codeFlows")).collect();
    let [flow] = flows[..] else { panic!("one result has a path: {flows:?}") };
    let steps = flow[0]["threadFlows"][0]["locations"].as_array().expect("steps");
    let told = steps.iter().map(|step| {
        let place = &step["location"]["physicalLocation"];
        (
            place["artifactLocation"]["uri"].as_str().expect("a file"),
            place["region"]["startLine"].as_u64().expect("a line"),
            step["location"]["message"]["text"].as_str().expect("a message"),
        )
    });
    let [first, second, third] = messages.each_ref().map(String::as_str);
    let expected = [("load.go", 9, first), ("load.go", 10, second), ("my%20app/other.go", 11, third)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[test]
fn each_goroutine_has_a_thread_flow() {
    let (mut review, [first, second, third]) = with_a_path();
    let lost = review.findings.iter_mut().find(|finding| finding.rule == "context/lost-cancel").expect("it is found");
    for (step, goroutine) in lost.steps.iter_mut().zip(["the caller", "a worker", "the caller"]) {
        step.goroutine = Some(goroutine.to_owned());
    }
    let log = report::sarif([&review], &rule_infos());
    let schema = jsonschema::validator_for(&schema()).expect("the schema is one");
    assert!(schema.is_valid(&log), "{log:#}");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let flow = results.iter().find_map(|result| result.get("codeFlows")).expect("one result has a path");
    let lanes = flow[0]["threadFlows"].as_array().expect("flows").iter().map(|lane| {
        let told = lane["locations"].as_array().expect("steps").iter().map(|step| {
            let order = step["executionOrder"].as_u64().expect("an order");
            (order, step["location"]["message"]["text"].as_str().expect("a message"))
        });
        (lane["message"]["text"].as_str().expect("who it is"), told.collect::<Vec<_>>())
    });
    let expected =
        [("the caller", vec![(1, first.as_str()), (3, third.as_str())]), ("a worker", vec![(2, second.as_str())])];
    assert_eq!(lanes.collect::<Vec<_>>(), expected);
    let text = report::markdown(&review, &report::Texts::default(), None);
    assert!(text.contains(&format!("  2. a worker: {second} (line 10)\n")), "{text}");
}

#[test]
fn a_path_is_an_ordered_list_in_markdown() {
    let (review, [first, second, third]) = with_a_path();
    let list = format!("  1. {first} (line 9)\n  2. {second} (line 10)\n  3. {third} (`my app/other.go:11`)\n");
    let text = report::markdown(&review, &report::Texts::default(), None);
    assert!(text.contains(&list), "{text}");
}

/// The text after a fix of a log, by lines and columns alone: what readers of SARIF go by.
fn replaced(text: &str, fix: &Value) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // Columns count code points (the log's `columnKind`); after the last line there is one more.
    let offset = |line: &Value, column: &Value| {
        let (line, column) =
            (line.as_u64().expect("a line") as usize - 1, column.as_u64().expect("a column") as usize - 1);
        let before: usize = lines[..line].iter().map(|line| line.len()).sum();
        before + lines.get(line).map_or(0, |line| line.chars().take(column).map(char::len_utf8).sum())
    };
    let [change] = &fix["artifactChanges"].as_array().expect("changes")[..] else { panic!("one file: {fix:#}") };
    let replacements = change["replacements"].as_array().expect("replacements").iter().map(|replacement| {
        let region = &replacement["deletedRegion"];
        let (start, end) =
            (offset(&region["startLine"], &region["startColumn"]), offset(&region["endLine"], &region["endColumn"]));
        (start, end, replacement["insertedContent"]["text"].as_str().expect("a text"))
    });
    let mut replacements: Vec<_> = replacements.collect();
    replacements.sort_by_key(|(start, end, _)| (*start, *end));
    let mut fixed = text.to_owned();
    replacements.into_iter().rev().for_each(|(start, end, insert)| fixed.replace_range(start..end, insert));
    fixed
}

#[test]
fn fixes_give_the_fixed_file_for_every_rule_with_a_fix() {
    let mut tried = BTreeSet::new();
    for info in rule_infos().into_iter().filter(|info| info.fix != FixKind::None) {
        for example in &info.bad {
            let mut session = Session::new();
            // What is outside ASCII has more bytes than columns.
            let text = example.replace("\t", "/* ü🙂 */\t");
            let texts = [example, &text];
            for text in texts {
                session.open(vec![FileText { name: "main.go".into(), text: text.clone() }]);
                let review = session.review("senior").expect("senior is built in");
                let log = report::sarif([&review], &[]);
                for (finding, result) in
                    review.findings.iter().zip(log["runs"][0]["results"].as_array().expect("results"))
                {
                    assert_eq!(finding.fixes.len(), result["fixes"].as_array().map_or(0, Vec::len));
                    for (fix, written) in finding.fixes.iter().zip(result["fixes"].as_array().into_iter().flatten()) {
                        assert_eq!(
                            replaced(text, written),
                            report::apply(text, "main.go", [fix]),
                            "{}: {written:#}",
                            finding.rule
                        );
                        tried.insert(finding.rule.clone());
                    }
                }
            }
        }
    }
    assert!(tried.len() > 60, "too few rules have fixes in their examples: {}", tried.len());
}

#[test]
fn results_rules_fixes_and_suppressions_are_there() {
    let review = review();
    assert!(review.findings.len() >= 3, "the example has findings: {:?}", review.findings);
    assert_eq!(review.suppressed.len(), 1);
    let log = report::sarif([&review], &rule_infos());
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), review.findings.len() + review.suppressed.len());
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let fixes = results.iter().filter(|result| result.get("fixes").is_some()).count();
    assert_eq!(fixes, review.findings.iter().filter(|finding| !finding.fixes.is_empty()).count());
    assert!(fixes > 0);
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "cmd/my%20app/main.go");
    assert_eq!(results[results.len() - 1]["suppressions"][0]["justification"], "the example needs one");
}
