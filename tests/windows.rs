//! What is said of a few lines of a function holds for the whole of it: a diff shows no more.

use std::collections::{BTreeMap, BTreeSet};

use gopeer_diff::{FileDiff, Hunk, HunkLine, LineKind};
use gopeer_engine::Session;
use gopeer_engine::change::{Gaps, LOCAL, rebuild};
use gopeer_engine::protocol::FileText;
use gopeer_lint::doc::{self, Example};

/// How many lines a window has above and below its middle, as in a diff.
const AROUND: usize = 3;

/// The hunk that shows these lines of a text, with the line above that names what they are in.
fn hunk(text: &str, first: usize, last: usize) -> FileDiff {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_head = |line: &&&str| line.starts_with(|c: char| c.is_ascii_alphabetic());
    let heading = lines[..first].iter().rev().find(is_head).map_or("", |line| line.trim_end());
    let shown = lines[first..=last].iter().map(|line| HunkLine { kind: LineKind::New, text: (*line).to_owned() });
    let hunk = Hunk { before: first as u32, after: first as u32, heading: heading.to_owned(), lines: shown.collect() };
    let name = Some("main.go".to_owned());
    FileDiff { before: name.clone(), after: name, hunks: vec![hunk], binary: false }
}

/// The rules with the lines where they find something, and the first line of what they say.
fn found(session: &mut Session, name: &str, text: &str) -> BTreeSet<(String, u32)> {
    session.open(vec![FileText { name: name.to_owned(), text: text.to_owned() }]);
    let review = session.review("senior").expect("senior is built in");
    let mut found: BTreeSet<(String, u32)> = BTreeSet::new();
    for finding in review.findings {
        let related = finding.related.into_iter().filter_map(|related| related.place);
        for place in [finding.place].into_iter().chain(finding.also).chain(related) {
            found.insert((finding.rule.clone(), place.range.line));
        }
    }
    found.extend(review.suppressed.into_iter().map(|silenced| (silenced.rule, silenced.place.range.line)));
    found
}

/// All examples of all rules, good and bad, that are Go.
fn examples() -> Vec<Example> {
    let docs = gopeer_rules::sources().map(|(_, source)| doc::parse(source));
    docs.flat_map(|doc| doc.examples).filter(|example| example.file.ends_with(".go")).collect()
}

#[test]
fn what_is_said_of_a_part_of_a_function_holds_for_the_whole() {
    let mut session = Session::new();
    let (mut said, mut wrong): (BTreeMap<String, usize>, BTreeMap<String, Vec<String>>) = Default::default();
    for example in examples() {
        let (text, _) = doc::markers(&example.text);
        let whole = found(&mut session, &example.file, &text);
        let count = text.lines().count();
        for middle in (1..count).step_by(3) {
            let (first, last) = (middle.saturating_sub(AROUND), (middle + AROUND).min(count - 1));
            let part = &rebuild(&[hunk(&text, first, last)], Gaps::Padded, |_| true).files[0].text;
            if !part.contains("//gopeer:unseen") {
                continue;
            }
            for (rule, line) in found(&mut session, &example.file, part) {
                *said.entry(rule.clone()).or_default() += 1;
                if !whole.contains(&(rule.clone(), line)) {
                    wrong.entry(rule).or_default().push(format!("line {line} of\n{part}\nin\n{text}"));
                }
            }
        }
    }
    for (rule, wrong) in &wrong {
        println!("{rule}: wrong in {} of {}: {}", wrong.len(), said[rule], wrong[0]);
    }
    assert!(wrong.is_empty(), "{} rules say of a part what does not hold for the whole", wrong.len());
    let silent: Vec<&&str> = LOCAL.iter().filter(|rule| !said.contains_key(**rule)).collect();
    assert!(silent.is_empty(), "no example shows in part what these find: {silent:?}");
}
