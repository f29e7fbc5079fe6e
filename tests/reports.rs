//! Exports say what the review says, and what reads them gets it back: suggestion blocks give the fixed file, JSON the review, and no text
//! becomes markup.

use std::collections::BTreeSet;

use gopeer_engine::protocol::{Answer, Ask, Decision, FileText, Finding, FixKind, Remark, Review, SilencedBy};
use gopeer_engine::report::{
    Host, Texts, apply, code_quality, html, json, markdown, sarif, suggestions, text, tick, visible,
};
use gopeer_engine::{Session, rule_infos};
use gopeer_link::{Shared, SharedFile};

const CODE: &str = "package main

import \"time\"

func wait() {
\ttime.Sleep(5)
\ttime.Sleep(7) //nolint:duration-without-unit // <b>the example</b> needs one
}
";

fn reviewed(name: &str, text: &str) -> (Review, Texts) {
    let mut session = Session::new();
    session.open(vec![FileText { name: name.into(), text: text.into() }]);
    let texts = Texts::from([(name.to_owned(), text.to_owned())]);
    (session.review("senior").expect("senior is built in"), texts)
}

/// The lines of a file after the suggestions for it in a text: what a host makes of it. A heading names the first line of each block and
/// the last; GitLab's blocks say themselves how many lines they replace.
fn accepted(file: &str, text: &str, suggested: &str) -> Vec<String> {
    let mut lines: Vec<Option<Vec<String>>> = text.split('\n').map(|line| Some(vec![line.to_owned()])).collect();
    let mut at: Option<(usize, usize)> = None;
    let mut reading = suggested.lines();
    while let Some(line) = reading.next() {
        if let Some(heading) = line.strip_prefix(&format!("### `{file}`, line")) {
            let numbers: Vec<usize> =
                heading.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
            at = Some((numbers[0], *numbers.last().expect("a number")));
        }
        let fence = line.chars().take_while(|&c| c == '`').count();
        let Some(kind) = line[fence..].strip_prefix("suggestion").filter(|_| fence >= 3) else { continue };
        let (first, last) = at.take().expect("a heading with lines");
        if let Some(below) = kind.strip_prefix(":-0+") {
            assert_eq!(below.parse::<usize>().ok(), Some(last - first), "{line}");
        }
        let new: Vec<String> =
            reading.by_ref().take_while(|line| *line != "`".repeat(fence)).map(str::to_owned).collect();
        lines[first - 1..last].iter_mut().for_each(|line| *line = None);
        lines[first - 1] = Some(new);
    }
    lines.into_iter().flatten().flatten().collect()
}

/// The suggestion blocks of one finding.
fn suggestion(review: &Review, finding: &Finding, texts: &Texts, host: Host) -> String {
    suggestions(&Review { findings: vec![finding.clone()], ..review.clone() }, texts, host)
}

#[test]
fn suggestions_give_the_fixed_file_for_every_rule_with_a_fix() {
    let mut tried = BTreeSet::new();
    for info in rule_infos().into_iter().filter(|info| info.fix != FixKind::None) {
        for example in &info.bad {
            let (review, texts) = reviewed("main.go", example);
            for finding in review.findings.iter().filter(|finding| !finding.fixes.is_empty()) {
                let fixed = apply(example, "main.go", finding.fixes.first());
                for host in [Host::GitHub, Host::GitLab] {
                    let suggested = suggestion(&review, finding, &texts, host);
                    let given = accepted("main.go", example, &suggested);
                    assert_eq!(given.join("\n").trim_end(), fixed.trim_end(), "{}: {suggested}", finding.rule);
                }
                tried.insert(finding.rule.clone());
            }
        }
    }
    assert!(tried.len() > 60, "too few rules have fixes in their examples: {}", tried.len());
}

#[test]
fn code_with_a_fence_in_it_stays_inside_the_block() {
    let code = PATH.replace("time.Second)", "time.Second) // ```");
    let (review, texts) = reviewed("main.go", &code);
    let finding = review.findings.iter().find(|finding| !finding.fixes.is_empty()).expect("a fix");
    let suggested = suggestion(&review, finding, &texts, Host::GitHub);
    assert!(suggested.contains("\n````suggestion\n") && suggested.contains("// ```"), "{suggested}");
    assert_eq!(accepted("main.go", &code, &suggested).join("\n"), apply(&code, "main.go", finding.fixes.first()));
}

#[test]
fn without_a_fix_nothing_is_suggested() {
    let (review, texts) = reviewed("main.go", "package main\n\nfunc main() {}\n");
    assert_eq!(suggestions(&review, &texts, Host::GitHub), "No finding has a fix that could be suggested.\n");
}

/// A review with a note and an accepted finding, and with one that a comment silences; with text in it that looks like markup.
fn with_remarks() -> (Review, Texts) {
    let (mut review, texts) = reviewed("a<i>b.go", CODE);
    let [finding, ..] = &mut review.findings[..] else { panic!("{review:?}") };
    let said = "Ann: </p><script>alert(1)</script> & `x`".to_owned();
    finding.remark =
        Some(Remark { finding: finding.id.clone(), key: finding.key(), decision: Decision::Accepted, text: said });
    finding.say.push_str(" </style><img src=x onerror=alert(1)>");
    (review, texts)
}

#[test]
fn json_reads_back() {
    let (review, texts) = with_remarks();
    let files = texts.iter().map(|(name, text)| SharedFile { name: name.clone(), text: text.clone() }).collect();
    let shared = Shared { files, persona: "senior".into(), ..Shared::default() };
    let value = json(&review, Some(&shared)).expect("plain data");
    let written = value.to_string();
    assert_eq!(serde_json::from_str::<Review>(&written).expect("it reads what it wrote"), review);
    let back: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(serde_json::from_value::<Shared>(back["shared"].clone()).expect("what is shared"), shared);
    assert_eq!(json(&review, None::<&Shared>).expect("plain data").get("shared"), None);
}

/// What <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format> says of the format.
fn quality_schema() -> serde_json::Value {
    serde_json::json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "additionalProperties": false,
            "properties": {
                "description": { "type": "string", "minLength": 1 },
                "check_name": { "type": "string", "pattern": "^[a-z]+/[a-z0-9-]+$" },
                "fingerprint": { "type": "string", "minLength": 1 },
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": {
                    "required": ["path", "lines"],
                    "properties": {
                        "path": { "type": "string", "pattern": "^[^./]" },
                        "lines": { "required": ["begin"], "properties": { "begin": { "type": "integer", "minimum": 1 } } },
                    },
                },
            },
        },
    })
}

#[test]
fn the_code_quality_report_is_what_gitlab_reads() {
    let mut session = Session::new();
    let files = ["a/main.go", "a/other.go"].map(|name| FileText { name: name.into(), text: TWO.into() });
    session.open(files.to_vec());
    let reviews = ["senior", "data"].map(|persona| session.review(persona).expect("it is built in"));
    let report = code_quality(&reviews);
    let schema = jsonschema::validator_for(&quality_schema()).expect("the schema is one");
    assert!(schema.is_valid(&report), "{report:#}");
    let issues = report.as_array().expect("an array");
    let prints: BTreeSet<&str> = issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
    assert_eq!(prints.len(), issues.len(), "GitLab shows one of those that share a fingerprint: {report:#}");
    let sleeps = issues.iter().filter(|issue| issue["check_name"] == "correctness/duration-without-unit");
    assert_eq!(sleeps.count(), 4, "each finding, and once for both reviewers: {report:#}");
    let first = &issues[0];
    let Finding { place, .. } = &reviews[0].findings[0];
    assert_eq!(
        (&first["location"]["path"], &first["location"]["lines"]["begin"]),
        (&place.file.as_str().into(), &place.range.line.into())
    );
    // Text above moves a finding, and GitLab still knows it.
    let texts = files.map(|file| FileText { text: TWO.replace("func a", "// Moved.\n\nfunc a"), ..file });
    session.open(texts.to_vec());
    let moved = code_quality([&session.review("senior").expect("it is built in")]);
    let known = moved.as_array().expect("an array").iter().filter_map(|issue| issue["fingerprint"].as_str());
    assert!(known.clone().count() >= 4 && known.clone().all(|print| prints.contains(print)), "{moved:#}");
}

#[test]
fn html_has_no_markup_of_ours_but_what_is_meant() {
    let (review, texts) = with_remarks();
    let page = html(&review, &texts, Some("https://example.org/#v1.\"><script>"));
    for never in ["<script", "<img", "<i>", "javascript:"] {
        assert!(!page.contains(never), "{never}: {page}");
    }
    assert_eq!(page.matches("</style>").count(), 1);
    assert_eq!(page.matches("&lt;script&gt;alert(1)").count(), 1);
    for there in [
        "a&lt;i&gt;b.go:6",
        "<strong>Accepted</strong> Ann:",
        "&lt;b&gt;the example&lt;/b&gt; needs one",
        "default-src 'none'",
    ] {
        assert!(page.contains(there), "{there}: {page}");
    }
    // Every element that is opened is closed, in order: a reader of XML would agree, but for the void ones.
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let name = tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap_or_default();
        match tag.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "{page}"),
            None if ["!doctype", "meta", "br"].contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn markdown_has_headings_a_table_code_the_link_and_reasons() {
    let (review, texts) = with_remarks();
    let said = markdown(&review, &texts, Some("https://example.org/#v1.abc"));
    for section in &review.sections {
        assert!(said.contains(&format!("## {}\n", section.title)), "{said}");
    }
    for there in [
        "[Open this review](https://example.org/#v1.abc)",
        "| Severity | Place | Finding | Rule |",
        "  ```go\n  \ttime.Sleep(5)\n  ```\n",
        "**Accepted**: Ann: ",
        "## Not shown",
        "\\<b>the example\\</b> needs one",
    ] {
        assert!(said.contains(there), "{there}: {said}");
    }
    let (review, texts) = reviewed("load.go", PATH);
    let said = markdown(&review, &texts, None);
    assert!(
        said.contains(
            "  ```diff\n   \tctx, cancel := context.WithTimeout(ctx, time.Second)\n  +\tdefer cancel()\n  ```\n"
        ),
        "{said}"
    );
}

#[test]
fn plain_text_is_plain() {
    let (review, texts) = with_remarks();
    let plain = text(&review, &texts, 0, false);
    assert!(
        plain.contains("time.Sleep(5)") && plain.contains("note: accepted: Ann:") && !plain.contains('\u{1b}'),
        "{plain}"
    );
    assert!(text(&review, &texts, 0, true).contains('\u{1b}'));
    let without = text(&review, &Texts::default(), 0, false);
    assert!(without.contains("duration-without-unit") && !without.contains("time.Sleep(5)\n"), "{without}");
}

/// Excerpts are cut from the file, and far from its beginning they have the lines of the file, also where a fix adds an import.
#[test]
fn excerpts_have_the_lines_of_the_file() {
    let far = "// One line of many.\n".repeat(2_000);
    let code = format!(
        "package p\n\nimport \"os\"\n\n{far}func drop(name string) {{\n\tos.Rename(name, name+\".old\")\n}}\n\nvar _ = drop\n"
    );
    let (review, texts) = reviewed("main.go", &code);
    let plain = text(&review, &texts, 0, false);
    let line = 2_006;
    assert!(
        code.lines().nth(line - 1).is_some_and(|code| code == "\tos.Rename(name, name+\".old\")"),
        "the line that is meant"
    );
    for part in [
        format!("{line} |     os.Rename(name, name+\".old\")\n"),
        "\"log/slog\"".to_owned(),
        format!("{line} ~     if err := os.Rename(name, name+\".old\"); err != nil {{"),
    ] {
        assert!(plain.contains(&part), "no {part:?} in\n{plain}");
    }
}

#[test]
fn a_decision_without_words_is_a_label() {
    let (mut review, texts) = reviewed("load.go", PATH);
    for finding in &mut review.findings {
        finding.remark = Some(Remark { decision: Decision::Accepted, ..Remark::default() });
    }
    assert!(suggestions(&review, &texts, Host::GitHub).contains("\n\nAccepted\n\n"));
    assert!(text(&review, &texts, 0, false).contains("note: accepted\n"));
    assert!(markdown(&review, &texts, None).contains("  - **Accepted**\n"));
}

#[test]
fn what_is_silenced_has_its_reason_in_every_format_for_people() {
    let (review, texts) = with_remarks();
    assert_eq!(review.suppressed.iter().map(|silenced| silenced.by).collect::<Vec<_>>(), [SilencedBy::Comment]);
    assert!(html(&review, &texts, None).contains("Not shown"));
    assert!(markdown(&review, &texts, None).contains("needs one"));
}

const TWO: &str =
    "package main\n\nimport \"time\"\n\nfunc a() {\n\ttime.Sleep(5)\n}\n\nfunc b() {\n\ttime.Sleep(5)\n}\n";

fn remarked(code: &str, remarks: &[Remark]) -> Review {
    let mut session = Session::new();
    session.open(vec![FileText { name: "main.go".to_owned(), text: code.to_owned() }]);
    match session.answer(Ask::Review {
        persona: "senior".to_owned(),
        remarks: remarks.to_vec(),
        answers: Vec::new(),
        beside: String::new(),
    }) {
        Answer::Review { review, .. } => *review,
        other => panic!("{other:?}"),
    }
}

fn sleeps(review: &Review) -> Vec<&Finding> {
    review.findings.iter().filter(|finding| finding.rule.ends_with("duration-without-unit")).collect()
}

fn of(finding: &Finding, decision: Decision, text: &str) -> Remark {
    Remark { finding: finding.id.clone(), key: finding.key(), decision, text: text.to_owned() }
}

#[test]
fn what_is_dismissed_is_listed_with_its_reason_and_counted_no_more() {
    let before = remarked(TWO, &[]);
    let [_, second] = sleeps(&before)[..] else { panic!("{before:#?}") };
    let after = remarked(TWO, &[of(second, Decision::Dismissed, "ticks of the test clock")]);
    let [left] = sleeps(&after)[..] else { panic!("{after:#?}") };
    assert_eq!(left.within, "a");
    let [silenced] = &after.suppressed[..] else { panic!("{after:#?}") };
    assert_eq!((silenced.by, silenced.reason.as_str()), (SilencedBy::Dismissed, "ticks of the test clock"));
    assert_eq!((&silenced.finding, silenced.place.range.line), (&second.id, 10));
    let sum = |review: &Review| review.counts.critical + review.counts.high + review.counts.medium + review.counts.low;
    assert_eq!(sum(&after) + 1, sum(&before));
    let listed: Vec<u32> = after.sections.iter().flat_map(|section| section.findings.clone()).collect();
    assert_eq!(
        BTreeSet::from_iter(&listed),
        BTreeSet::from_iter(&(0..after.findings.len() as u32).collect::<Vec<_>>())
    );
    assert_eq!(after.digest, before.digest, "the same was found");
    assert!(after.not_shown().contains("1 finding dismissed"), "{}", after.not_shown());
}

#[test]
fn what_a_reader_said_is_in_every_format() {
    let before = remarked(TWO, &[]);
    let [first, second] = sleeps(&before)[..] else { panic!("{before:#?}") };
    let said = [of(first, Decision::Accepted, "seconds"), of(second, Decision::Dismissed, "ticks of the clock")];
    let mut review = remarked(TWO, &said);
    let check = review.checklist[0].clone();
    tick(&mut review, &[(format!("senior: {check}"), "[x] see ADR 7".to_owned())]);
    let texts = Texts::from([("main.go".to_owned(), TWO.to_owned())]);
    for report in [markdown(&review, &texts, None), html(&review, &texts, None), text(&review, &texts, 0, false)] {
        for part in ["seconds", "ticks of the clock", "see ADR 7"] {
            assert!(report.contains(part), "{part}: {report}");
        }
    }
    let plain = text(&review, &texts, 0, false);
    assert!(plain.contains(&format!("— Checklist —\n\n- [x] {check}: see ADR 7\n")), "{plain}");
    assert!(plain.contains("— Dismissed —\n\n- main.go:10:"), "{plain}");
    let log = sarif([&review], &[]);
    let results = log["runs"][0]["results"].as_array().expect("results");
    assert!(results.iter().any(|result| result["properties"]["note"] == "seconds"), "{log:#}");
    let reasons: Vec<_> = results.iter().map(|result| &result["suppressions"][0]["justification"]).collect();
    assert!(reasons.contains(&&"ticks of the clock".into()), "{log:#}");
}

#[test]
fn a_remark_follows_its_finding_through_edits() {
    let before = remarked(TWO, &[]);
    let [_, second] = sleeps(&before)[..] else { panic!("{before:#?}") };
    let remarks = [of(second, Decision::Open, "Ask Ann.")];
    let of_b = |code: &str| {
        let after = remarked(code, &remarks);
        let marked: Vec<String> =
            after.findings.iter().filter(|found| found.remark.is_some()).map(|found| found.within.clone()).collect();
        marked
    };
    assert_eq!(of_b(TWO), ["b"]);
    assert_eq!(of_b(&TWO.replace("import", "// more\n\nimport")), ["b"], "lines above");
    assert_eq!(of_b(&TWO.replace("func a() {\n\ttime.Sleep(5)", "func a() {")), ["b"], "its equal is gone");
    assert_eq!(of_b(&TWO.replace("func b() {\n\ttime", "func b() {\n\tprintln(); time")), ["b"], "its line");
    assert_eq!(
        of_b(&TWO.replace("func b() {\n\ttime.Sleep(5)", "func b() {")),
        [""; 0],
        "it does not go over to its equal"
    );
}

const PATH: &str = "package store

import (
\t\"context\"
\t\"time\"
)

func load(ctx context.Context, slow bool) error {
\tctx, cancel := context.WithTimeout(ctx, time.Second)
\tif slow {
\t\treturn ctx.Err()
\t}
\tcancel()
\treturn nil
}
";

#[test]
fn the_steps_of_a_path_are_numbered_labels_also_in_another_file() {
    let (mut review, mut texts) = reviewed("load.go", PATH);
    texts.insert("wait.go".to_owned(), PATH.to_owned());
    review.findings.retain(|found| found.rule == "context/lost-cancel");
    review.sections.retain(|section| !section.findings.is_empty());
    review.sections.iter_mut().for_each(|section| section.findings = vec![0]);
    let print = |review: &Review| text(review, &texts, 0, false);
    let plain = print(&review);
    let steps = &review.findings[0].steps;
    for (number, step) in steps.iter().enumerate() {
        let label = format!("{}. {}", number + 1, step.message);
        assert!(plain.contains(&label), "{label}: {plain}");
    }
    assert!(steps.len() > 1 && !plain.contains("wait.go"), "{plain}");

    review.findings[0].steps[1].place.file = "wait.go".to_owned();
    let plain = print(&review);
    let place = plain.find("::: wait.go").or(plain.find("--> wait.go")).expect("the other file is named");
    assert!(plain[place..].contains("2. `slow` is true") && !plain[..place].contains("2. "), "{plain}");
}

#[test]
fn what_does_not_show_is_written_out() {
    assert_eq!(visible("role == \"admin\u{200b}\"\t// ✓"), "role == \"admin⟨U+200B⟩\"\t// ✓");
}
