//! Every answer to a question about what code does not show changes a review, and what it changes says why.

use std::collections::{BTreeMap, BTreeSet};

use gopeer_engine::config::Read;
use gopeer_engine::protocol::{FileText, Finding, Review, Severity, SilencedBy};
use gopeer_engine::questions::{self, Answer, Effect, Questions, Turn};
use gopeer_engine::report::{self, Texts};
use gopeer_engine::{Session, merge, persona, rule_infos};
use gopeer_lint::doc::{self, ExampleKind};

fn table() -> Questions {
    Questions::read(questions::TEXT)
}

fn review(files: &[(&str, &str)], answers: &[(&str, &str)]) -> Review {
    let mut session = Session::new();
    session.open(files.iter().map(|(name, text)| FileText { name: (*name).into(), text: (*text).into() }).collect());
    session.set_answers(answers.iter().map(|(question, answer)| ((*question).into(), (*answer).into())).collect());
    session.review("senior").expect("senior is built in")
}

/// The findings of a rule, with the rules that the answers left out.
fn of<'r>(review: &'r Review, rule: &str) -> (Vec<&'r Finding>, usize) {
    let dropped =
        review.suppressed.iter().filter(|silenced| silenced.by == SilencedBy::Answer && silenced.rule == rule);
    (review.findings.iter().filter(|finding| finding.rule == rule).collect(), dropped.count())
}

#[test]
fn the_table_names_rules_that_there_are_and_directions_that_can_be_seen() {
    let infos = rule_infos();
    let severity: BTreeMap<&str, Severity> = infos.iter().map(|info| (info.id.as_str(), info.severity)).collect();
    let mut ids = BTreeSet::new();
    for question in table().questions {
        assert!(ids.insert(question.id.clone()) && !question.answers.is_empty(), "{question:?}");
        for answer in question.answers {
            let mut rules = BTreeSet::new();
            for effect in &answer.effects {
                for rule in &effect.rules {
                    let is = severity.get(rule.as_str()).unwrap_or_else(|| panic!("there is no rule {rule}"));
                    assert!(rules.insert(rule), "{rule} twice under {}", answer.id);
                    assert!(effect.turn != Turn::Raise || *is < Severity::Critical, "{rule} cannot be raised");
                    assert!(effect.turn != Turn::Lower || *is > Severity::Low, "{rule} cannot be lowered");
                }
                assert!(!effect.why.ends_with('.') && effect.why.len() > 10, "{effect:?}");
            }
            assert!(!answer.effects.is_empty() || question.id == "go", "{} changes nothing", answer.id);
        }
    }
}

/// The files of the bad examples of each rule.
fn examples() -> BTreeMap<&'static str, Vec<Vec<(String, String)>>> {
    let of_rule = |(rule, source): (&'static gopeer_lint::Rule, &str)| {
        let bad = doc::parse(source).examples.into_iter().filter(|example| example.kind == ExampleKind::Bad);
        let files = bad.map(|example| {
            let module = example.go.map(|go| ("go.mod".to_owned(), format!("module a\n\ngo {go}\n")));
            module.into_iter().chain([(example.file, doc::markers(&example.text).0)]).collect()
        });
        (rule.id, files.collect())
    };
    gopeer_rules::sources().map(of_rule).collect()
}

/// How many findings of a rule an answer changes in these files; each says why.
fn changed(files: &[(String, String)], rule: &str, (question, answer): (&str, &Answer), effect: &Effect) -> usize {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let review = review(&files, &[(question, &answer.id)]);
    let (findings, dropped) = of(&review, rule);
    if effect.turn == Turn::Drop {
        assert!(
            findings.is_empty() && (dropped == 0 || review.not_shown().contains("because of the answers")),
            "{rule}"
        );
        return dropped;
    }
    let moved = findings.iter().filter(|finding| finding.was.is_some());
    let said = moved.inspect(|finding| {
        let raised = finding.was < Some(finding.severity);
        assert_eq!(raised, effect.turn == Turn::Raise, "{} {rule}", answer.id);
        let reason = &finding.related[0].message;
        assert!(reason.contains(&answer.label) && reason.contains(&effect.why), "{rule}: {reason}");
    });
    said.count()
}

#[test]
fn each_answer_changes_each_of_its_rules() {
    let examples = examples();
    let (mut tried, mut idle) = (0, Vec::new());
    for question in table().questions {
        for answer in &question.answers {
            for effect in &answer.effects {
                for rule in &effect.rules {
                    let mut examples = examples[rule.as_str()].iter();
                    let changes = examples.any(|files| changed(files, rule, (&question.id, answer), effect) > 0);
                    if !changes {
                        idle.push(format!("{} {} {rule}", question.id, answer.id));
                    }
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 100 && idle.is_empty(), "of {tried}: {idle:?}");
}

const LOOPS: &str = "package p\n\nimport (\n\t\"net/http\"\n\t\"time\"\n)\n\nfunc all(urls []string) {\n\tfor _, url := range urls {\n\t\tgo func() {\n\t\t\t\
    if resp, err := http.Get(url); err == nil {\n\t\t\t\tresp.Body.Close()\n\t\t\t}\n\t\t}()\n\t}\n}\n\n\
    func tick() time.Time {\n\tticker := time.NewTicker(time.Second)\n\treturn <-ticker.C\n}\n";

#[test]
fn the_version_of_go_decides_what_loops_and_timers_do() {
    let found = |files: &[(&str, &str)], version: &str| {
        let review = review(files, &[("go", version)]);
        ["concurrency/loop-variable-capture", "resources/timer-leak"].map(|rule| of(&review, rule).0.len())
    };
    let code = [("a.go", LOOPS)];
    assert_eq!(["1.21", "1.22", "1.23", "1.24"].map(|version| found(&code, version)), [[1, 1], [0, 1], [0, 0], [0, 0]]);
    assert_eq!(found(&code, "x"), [0, 0], "unknown is silent");
    let json = "package p\n\nimport \"time\"\n\ntype T struct {\n\tAt time.Time `json:\"at,omitempty\"`\n}\n";
    let said = |version| format!("{:?}", review(&[("a.go", json)], &[("go", version)]).findings);
    assert_ne!(said("1.23"), said("1.24"), "from then on there is omitzero");
    let module = [("go.mod", "module example.com/a\n\ngo 1.22\n"), ("a.go", LOOPS)];
    assert_eq!(found(&module, "1.21"), [0, 1], "go.mod knows better");
    let assumed = review(&module, &[("go", "1.21")]).assumptions;
    assert_eq!(assumed.iter().map(|assumed| assumed.sentence()).collect::<Vec<_>>(), ["go.mod says: Go 1.22."]);
}

const WRITER: &str = "package p\n\nimport \"github.com/segmentio/kafka-go\"\n\nvar writer = &kafka.Writer{Addr: kafka.TCP(\"b:9092\"), Topic: \"orders\", RequiredAcks: kafka.RequireNone}\n";

#[test]
fn what_the_project_says_of_a_rule_holds() {
    let answers = [("delivery", "at-least-once")];
    let severity = |config: &str| {
        let review = review(&[("go.mod", "module a\n"), (".gopeer.toml", config), ("a.go", WRITER)], &answers);
        let (found, _) = of(&review, "kafka/weak-acks");
        (found[0].severity, found[0].was)
    };
    assert_eq!(severity(""), (Severity::Critical, Some(Severity::High)));
    assert_eq!(severity("[rules]\n\"kafka/weak-acks\" = \"low\"\n"), (Severity::Low, None));
}

#[test]
fn reports_list_what_was_said_ticked_and_noted() {
    let mut reviewed = review(&[("a.go", WRITER)], &[("delivery", "at-least-once"), ("load", "high")]);
    let [first, second] = [0, 1].map(|at| reviewed.checklist[at].clone());
    let said = [(&first, "[x] Ann <b>"), (&second, "[ ] later")]
        .map(|(text, said)| (format!("senior: {text}"), said.to_owned()));
    let others =
        [("data: no".to_owned(), "[x]".to_owned()), (format!("senior: {}", reviewed.questions[0]), "é".to_owned())];
    report::tick(&mut reviewed, &[&said[..], &others[..]].concat());
    assert_eq!(
        reviewed.ticked.iter().map(|ticked| (ticked.done, &*ticked.note)).collect::<Vec<_>>(),
        [(true, "Ann <b>"), (false, "later")]
    );
    let texts = Texts::from([("a.go".to_owned(), WRITER.to_owned())]);
    let markdown = report::markdown(&reviewed, &texts, None);
    for part in [
        "## Assumptions\n\n- You said: thousands of requests or messages per second.\n- You said: at least once.\n- Because of the answers: 1 finding raised.\n",
        "  - raised from high to critical, because you said “at least once”: a message may be lost here\n",
        &format!("- [x] {first}\n  - **Note**: Ann \\<b>\n- [ ] {second}\n  - **Note**: later\n"),
    ] {
        assert!(markdown.contains(part), "{part}\n---\n{markdown}");
    }
    let html = report::html(&reviewed, &texts, None);
    for part in [
        "<h2>Assumptions</h2>",
        "You said: at least once.",
        "Raised from high to critical",
        "<em>Ann &lt;b&gt;</em>",
        "☑ ",
    ] {
        assert!(html.contains(part), "{part}\n---\n{html}");
    }
    assert!(
        report::text(&reviewed, &texts, 0, false)
            .contains("You said: at least once. Because of the answers: 1 finding raised.")
    );
    let json = report::json(&reviewed, None::<&()>).expect("JSON");
    assert_eq!(json["assumptions"][1]["answer"], "at-least-once");
    assert_eq!(json["ticked"][0]["note"], "Ann <b>");
}

#[test]
fn reviews_of_several_packages_list_each_assumption_once() {
    let one = |answers| review(&[("a.go", WRITER)], answers);
    let senior = persona::builtin().into_iter().next().expect("there are five");
    let answers = [("delivery", "at-least-once")];
    let whole = merge(&senior, vec![one(&answers), one(&answers)]);
    assert_eq!(whole.assumptions.len(), 1);
    assert!(whole.changed_by_answers().is_some_and(|said| said.contains("raised")), "{whole:?}");
    assert_eq!(one(&[]).changed_by_answers(), None);
    let none = one(&[("platform", "kubernetes")]);
    assert_eq!(none.changed_by_answers().as_deref(), Some("No finding depends on the answers."));
}

#[test]
fn reviewers_are_compared_by_what_they_put_first() {
    let code = "package p\n\nimport \"time\"\n\ntype T_x int\n\nfunc (this T_x) m() { time.Sleep(5) }\n\nfunc E() {}\n";
    let mut session = Session::new();
    session.open(vec![FileText { name: "a.go".to_owned(), text: code.to_owned() }]);
    let quiet = "+++\nid = \"quiet\"\nname = \"Quiet\"\ntagline = \"t\"\nshow = 4\nmute = [\"idiom/naming\"]\n[concerns]\ncorrectness = 3\n+++\n";
    let read = Read::of("quiet.md", quiet, &session.rule_ids(), &session.persona_ids());
    let Ok(Read::Persona(quiet)) = read else { panic!("{read:?}") };
    session.add_persona(*quiet);
    let reviews = session.reviews(&["senior", "quiet"]).expect("both are there");
    let [senior, quiet] = [0, 1].map(|at| report::Listed::of(&reviews[at]));
    let ids = |list: &report::Listed| list.findings.iter().map(|finding| finding.id.clone()).collect::<BTreeSet<_>>();
    let all = ids(&senior).union(&ids(&quiet)).count();
    for most in [1, 2, 0] {
        let made = report::compare(&senior, &quiet, most);
        let (both, only) = (made.both.len(), made.only_first.len() + made.only_second.len());
        assert_eq!(both + only + made.neither, all, "each is counted once");
        let shown = |list: &report::Listed| list.findings.len().min(if most == 0 { list.show as usize } else { most });
        assert_eq!((both + made.only_first.len(), both + made.only_second.len()), (shown(&senior), shown(&quiet)));
        for pair in made.only_first.iter().filter(|pair| pair.second.is_none()) {
            assert!(!ids(&quiet).contains(&pair.finding.id), "left out means that it is not in the list");
        }
    }
    let muted = report::compare(&senior, &quiet, 0);
    assert!(muted.only_first.iter().any(|pair| pair.second.is_none()), "style is muted: {muted:?}");
    let text = report::comparison(&muted);
    assert!(
        text.starts_with("Both raise ") && text.contains("— Only senior —") && text.contains("quiet: left out)"),
        "{text}"
    );
}

/// The rules of a node of the symptoms, and of all below it; each list is checked.
fn rules_of(node: &serde_json::Value, known: &BTreeSet<String>, questions: &mut usize) -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    for rule in node["rules"].as_array().into_iter().flatten().filter_map(|rule| rule.as_str()) {
        let found = known.iter().filter(|id| *id == rule || rule.ends_with('/') && id.starts_with(rule));
        let before = rules.len();
        rules.extend(found.cloned());
        assert!(rules.len() > before, "{rule} is no rule, or named before: {node}");
    }
    let answers = node["answers"].as_array().map_or(&[][..], |answers| answers);
    assert!(answers.is_empty() == node["question"].is_null(), "{node}");
    assert!(!answers.is_empty() || node["command"].is_string() && !rules.is_empty(), "it ends in a command: {node}");
    assert!(node["command"].is_null() == node["shows"].is_null(), "{node}");
    let below: Vec<BTreeSet<String>> = answers.iter().map(|answer| rules_of(answer, known, questions)).collect();
    *questions += below.len();
    rules.extend(below.iter().flatten().cloned());
    assert!(below.iter().all(|answer| answer.len() < rules.len()), "an answer that leaves all candidates: {node}");
    rules
}

#[test]
fn symptoms_name_rules_that_there_are_and_each_answer_leaves_fewer() {
    let text = include_str!("../static/symptoms.json");
    let symptoms: Vec<serde_json::Value> = serde_json::from_str(text).expect("JSON");
    let known: BTreeSet<String> = rule_infos().into_iter().map(|info| info.id).collect();
    let mut answers = 0;
    for symptom in &symptoms {
        assert!(rules_of(symptom, &known, &mut answers).len() > 5, "{symptom}");
    }
    assert!(symptoms.len() == 6 && answers > 20, "{answers}");
}
