//! The sample gallery of the page: every sample is good Go with faults that its reviewer finds, and with clean functions
//! where nobody has anything to say.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gopeer_engine::protocol::{FileText, Finding, Review};
use gopeer_engine::{Session, intake, report};

/// Findings that a sample's own reviewer makes at least.
const FINDINGS: usize = 4;

struct Sample {
    file: String,
    persona: String,
    files: Vec<FileText>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/samples")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The samples as `index.json` lists them.
fn samples() -> Vec<Sample> {
    let index: Vec<BTreeMap<String, String>> =
        serde_json::from_str(&read(&folder().join("index.json"))).expect("index.json is a list of samples");
    let samples = index.into_iter().map(|mut entry| {
        let mut take = |key: &str| {
            entry.remove(key).filter(|value| !value.is_empty()).unwrap_or_else(|| panic!("{key} is missing"))
        };
        let (file, persona) = (take("file"), take("persona"));
        let (_title, _about) = (take("title"), take("about"));
        let (files, _) = intake::intake(&file, &read(&folder().join(&file)));
        Sample { file, persona, files }
    });
    samples.collect()
}

fn review(sample: &Sample) -> Review {
    review_as(sample, &sample.persona)
}

fn review_as(sample: &Sample, persona: &str) -> Review {
    let mut session = Session::new();
    session.open(sample.files.clone());
    session.review(persona).unwrap_or_else(|_| panic!("{}: no persona {persona}", sample.file))
}

fn show(finding: &Finding) -> String {
    format!("{}:{} {}: {}", finding.place.file, finding.place.range.line, finding.rule, finding.message)
}

/// How many places the findings of each rule name.
fn counts(review: &Review) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for finding in &review.findings {
        *counts.entry(finding.rule.as_str()).or_default() += 1 + finding.also.len();
    }
    counts
}

/// Each fix that a card offers, options to choose from among them, applied alone: the files parse and compile as before, the finding is
/// gone, and no rule finds more.
#[test]
fn fixes_of_samples_clear_their_findings() {
    let mut faults = Vec::new();
    let mut tried = 0;
    for sample in samples() {
        let before = review(&sample);
        let had = counts(&before);
        for (finding, fix) in
            before.findings.iter().flat_map(|finding| finding.fixes.iter().map(move |fix| (finding, fix)))
        {
            tried += 1;
            let fixed =
                |file: &FileText| FileText { text: report::apply(&file.text, &file.name, [fix]), ..file.clone() };
            let files = sample.files.iter().map(fixed).collect();
            let after = review(&Sample { file: sample.file.clone(), persona: sample.persona.clone(), files });
            let has = counts(&after);
            let more = has.iter().find(|(rule, count)| **count > had.get(*rule).copied().unwrap_or(0));
            if !after.unparsed.is_empty()
                || has.get(finding.rule.as_str()) >= had.get(finding.rule.as_str())
                || more.is_some()
            {
                faults.push(format!("{}: {:?} of {}: {more:?}", sample.file, fix.title, show(finding)));
            }
        }
    }
    assert!(tried >= 25, "only {tried}");
    assert!(faults.is_empty(), "{} of {tried}:\n{}", faults.len(), faults.join("\n"));
}

/// How many findings of each review were chosen by reading.
const FIRST: usize = 5;

/// What each reviewer puts first, as the golden file has it.
fn first_findings() -> String {
    let mut all = String::new();
    for sample in samples() {
        for persona in gopeer_engine::persona::builtin() {
            all += &format!("{}, {}\n", sample.file, persona.id);
            for finding in review_as(&sample, &persona.id).findings.iter().take(FIRST) {
                all += &format!("\t{} {}:{}\n", finding.rule, finding.place.file, finding.place.range.line);
            }
        }
    }
    all
}

/// One snippet, five first sentences: `tests/openings` has code and, for each reviewer, the rule that its verdict opens with, and why.
#[test]
fn each_verdict_opens_with_what_its_reviewer_cares_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("openings");
    let mut files: Vec<PathBuf> =
        folder.read_dir().expect("it is a folder").map(|entry| entry.expect("it is an entry").path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    for file in &files {
        let text = read(file);
        let code = text.split("```go\n").nth(1).and_then(|rest| rest.split("```").next()).expect("it has code");
        let mut session = Session::new();
        session.open(vec![FileText { name: "main.go".to_owned(), text: code.to_owned() }]);
        for persona in gopeer_engine::persona::builtin() {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("- {}: `", persona.id)));
            let (rule, why) =
                line.and_then(|line| line.split_once("`, because ")).expect("it names a rule and says why");
            assert!(!why.is_empty());
            let review = session.review(&persona.id).unwrap_or_else(|_| panic!("no persona {}", persona.id));
            // It may begin with a capital there.
            let said = |finding: &&Finding| finding.message.get(1..).is_some_and(|fact| review.verdict.contains(fact));
            let opens = review.findings.iter().find(said).map_or("nothing", |finding| &finding.rule);
            if opens != rule {
                wrong.push(format!("{}, {}: {opens}, not {rule}: {}", file.display(), persona.id, review.verdict));
            }
        }
    }
    assert!(files.len() >= 10 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The order is chosen by reading: where a change of ranks or rules alters it, read the reviews before changing the file.
#[test]
fn each_reviewer_puts_first_what_was_chosen_by_reading() {
    let (chosen, ours) = (include_str!("samples/first.txt"), first_findings());
    let differ = similar::TextDiff::from_lines(chosen, &ours);
    assert!(chosen == ours, "{}", differ.unified_diff().context_radius(FIRST).header("chosen", "ours"));
}

#[test]
fn the_index_names_every_file_and_every_reviewer_twice() {
    let samples = samples();
    assert!(samples.len() >= 10);
    let listed: BTreeSet<String> = samples.iter().map(|sample| sample.file.clone()).collect();
    let present = std::fs::read_dir(folder()).expect("the folder is there").flatten();
    let present: BTreeSet<String> =
        present.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name != "index.json").collect();
    assert_eq!(listed, present);
    for persona in gopeer_engine::persona::builtin() {
        let count = samples.iter().filter(|sample| sample.persona == persona.id).count();
        assert!(count >= 2, "{} has {count} samples", persona.id);
    }
}

#[test]
fn samples_are_read_whole() {
    for sample in samples() {
        let lines: usize = sample.files.iter().map(|file| file.text.lines().count()).sum();
        assert!((60..=200).contains(&lines), "{} has {lines} lines", sample.file);
        let review = review(&sample);
        assert!(review.notes.is_empty(), "{}: {:#?}", sample.file, review.notes);
    }
}

#[test]
fn each_reviewer_finds_faults() {
    let mut poor = Vec::new();
    for sample in samples() {
        let findings: Vec<_> = review(&sample).findings.iter().map(show).collect();
        println!("{} for {}: {} findings\n  {}", sample.file, sample.persona, findings.len(), findings.join("\n  "));
        if findings.len() < FINDINGS {
            poor.push(sample.file);
        }
    }
    assert!(poor.is_empty(), "fewer than {FINDINGS} findings: {poor:?}");
}

/// First and last line of the function whose header starts with `header`.
fn lines_of(text: &str, header: &str) -> Option<(u32, u32)> {
    let first = text.lines().position(|line| line.starts_with(header))?;
    let length = text.lines().skip(first).position(|line| line == "}")?;
    Some((first as u32 + 1, (first + length) as u32 + 1))
}

/// `samples/clean.json` lists, for each Go file, the headers of functions that have nothing wrong with them.
#[test]
fn clean_functions_are_left_alone() {
    let clean = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/clean.json"));
    let mut clean: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        serde_json::from_str(&clean).expect("clean.json names functions");
    for sample in samples() {
        let listed = clean.remove(&sample.file).unwrap_or_else(|| panic!("{} has no clean functions", sample.file));
        let findings = review(&sample).findings;
        for (name, headers) in listed {
            let file = sample
                .files
                .iter()
                .find(|file| file.name == name)
                .unwrap_or_else(|| panic!("no file {name} in {}", sample.file));
            for header in headers {
                let (first, last) = lines_of(&file.text, &header).unwrap_or_else(|| panic!("{name}: no {header}"));
                let inside = |finding: &&Finding| {
                    finding.place.file == name && (first..=last).contains(&finding.place.range.line)
                };
                let found: Vec<_> = findings.iter().filter(inside).map(show).collect();
                assert!(found.is_empty(), "{header} is clean, but: {found:#?}");
            }
        }
    }
    assert!(clean.is_empty(), "no such samples: {:?}", clean.keys());
}

#[test]
fn samples_are_formatted() {
    let Some(gofmt) = gofmt() else { return };
    for file in samples().into_iter().flat_map(|sample| sample.files).filter(|file| file.name.ends_with(".go")) {
        assert_eq!(formatted(&gofmt, &file.text), file.text, "{} is not as gofmt leaves it", file.name);
    }
}

/// The path of gofmt, which comes with Go; where there is none the test is skipped, unless `GOPEER_REQUIRE_GO` is set.
fn gofmt() -> Option<PathBuf> {
    let root = Command::new("go").args(["env", "GOROOT"]).output().ok().filter(|output| output.status.success());
    let path = root.map(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).join("bin/gofmt"));
    let found = path.filter(|path| path.exists());
    if found.is_none() {
        assert!(std::env::var_os("GOPEER_REQUIRE_GO").is_none(), "Go is not installed");
        println!("skipped: Go is not installed");
    }
    found
}

fn formatted(gofmt: &Path, text: &str) -> String {
    let mut child = Command::new(gofmt).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("gofmt starts");
    child.stdin.take().expect("stdin is piped").write_all(text.as_bytes()).expect("gofmt reads");
    let output = child.wait_with_output().expect("gofmt ends");
    assert!(output.status.success(), "gofmt rejects the text");
    String::from_utf8(output.stdout).expect("gofmt writes UTF-8")
}
