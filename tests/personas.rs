//! The five personas: they rank categories as the catalogue does (`catalogue/ranks.tsv`), and no two speak alike. Which
//! findings each of them puts first is in tests/samples.rs.

use std::collections::{BTreeMap, BTreeSet};

use gopeer_engine::persona::{Verdict, builtin};
use gopeer_engine::protocol::{Confidence, Counts, FileText, Finding, Review, Severity};
use gopeer_engine::{Persona, Session};
use gopeer_lint::Rule;

const RANKS: &str = include_str!("catalogue/ranks.tsv");

/// Numbers by row name, one for each persona.
type Table = BTreeMap<&'static str, BTreeMap<&'static str, u8>>;

fn table(text: &'static str) -> Table {
    let mut lines = text.lines().map(|line| line.split('\t'));
    let header: Vec<_> = lines.next().expect("a table has a header").skip(1).collect();
    lines
        .map(|mut cells| {
            let name = cells.next().expect("a row has a name");
            let numbers = cells.map(|cell| cell.parse::<u8>().expect("a cell is a number"));
            (name, header.iter().copied().zip(numbers).collect())
        })
        .collect()
}

#[test]
fn categories_rank_as_in_the_catalogue() {
    for persona in builtin() {
        let ranks: BTreeMap<String, u8> = table(RANKS)
            .into_iter()
            .map(|(category, by_persona)| (category.to_owned(), by_persona[persona.id.as_str()]))
            .collect();
        assert_eq!(persona.categories, ranks, "{}", persona.id);
    }
}

/// A persona is what it ranks; single rules are the exception.
#[test]
fn few_rules_are_raised_lowered_or_muted() {
    for Persona { id, raise, lower, mute, .. } in builtin() {
        let count = raise.len() + lower.len() + mute.len();
        assert!(count <= 10, "{id}: {count} rules are ranked one by one");
    }
}

fn review(persona: &str, name: &str, text: &str) -> Review {
    let mut session = Session::new();
    session.open(vec![FileText { name: name.to_owned(), text: text.to_owned() }]);
    session.review(persona).expect("the persona is built in")
}

const SERVICE: &str = include_str!("catalogue/service.go");

#[test]
fn five_reviewers_begin_with_five_things() {
    let firsts: BTreeMap<String, String> = builtin()
        .into_iter()
        .map(|persona| {
            let review = review(&persona.id, "service.go", SERVICE);
            let first = review.findings.first().expect("the service has faults").rule.clone();
            (persona.id, first)
        })
        .collect();
    println!("{firsts:#?}");
    assert_eq!(firsts.values().collect::<BTreeSet<_>>().len(), 5, "{firsts:#?}");
}

#[test]
fn facts_are_the_same_and_words_differ() {
    let reviews: Vec<_> = builtin().iter().map(|persona| review(&persona.id, "service.go", SERVICE)).collect();
    let facts: BTreeSet<u32> = reviews.iter().map(|review| review.digest).collect();
    assert_eq!(facts.len(), 1, "the facts depend on the reviewer");
    let verdicts: BTreeSet<&str> = reviews.iter().map(|review| review.verdict.as_str()).collect();
    assert_eq!(verdicts.len(), 5, "{verdicts:#?}");
    let own = |review: &Review| -> BTreeSet<String> {
        let own = |finding: &Finding| finding.say.to_lowercase().replace(&finding.message.to_lowercase(), "");
        review.findings.iter().map(own).filter(|own| own != ".").collect()
    };
    let (mut all, mut total) = (BTreeSet::new(), 0);
    for review in &reviews {
        let own = own(review);
        assert!(own.len() >= 4, "{} has little to say: {own:#?}", review.persona.id);
        total += own.len();
        all.extend(own);
    }
    assert_eq!(all.len(), total, "two personas say the same");
    for review in &reviews {
        let mut placed: Vec<u32> =
            review.sections.iter().flat_map(|section| section.findings.iter().copied()).collect();
        placed.sort_unstable();
        assert_eq!(placed, (0..review.findings.len() as u32).collect::<Vec<_>>(), "{}", review.persona.id);
    }
}

#[test]
fn files_name_only_what_exists_and_say_all_there_is_to_say() {
    let rules: BTreeSet<&str> = gopeer_rules::all().map(|rule| rule.id).collect();
    let categories: BTreeSet<&str> = table(RANKS).into_keys().collect();
    for persona in builtin() {
        let id = &persona.id;
        let voiced = persona.voice.keys().filter(|name| name.contains('/'));
        let listed = [&persona.raise, &persona.lower, &persona.mute].into_iter().flatten();
        let named = voiced.chain(listed).chain(persona.sections.iter().flat_map(|section| &section.rules));
        let gone: Vec<_> = named.filter(|rule| !rules.contains(rule.as_str())).collect();
        assert!(gone.is_empty(), "{id} names rules that do not exist: {gone:?}");
        let topics = persona.questions.iter().chain(&persona.checklist).flat_map(|topic| &topic.categories);
        let named = topics.chain(persona.sections.iter().flat_map(|section| &section.categories));
        let gone: Vec<_> = named.filter(|category| !categories.contains(category.as_str())).collect();
        assert!(gone.is_empty(), "{id} names categories that do not exist: {gone:?}");

        let mut plain = persona.voice.keys().filter(|key| !key.contains('/') && !key.starts_with("question"));
        assert_eq!(plain.find(|key| !categories.contains(key.as_str())), None, "{id} speaks of no such category");
        let is_silent = |rule: &&Rule| [rule.id, rule.category()].iter().all(|key| !persona.voice.contains_key(*key));
        assert_eq!(gopeer_rules::all().find(is_silent).map(|rule| rule.id), None, "{id} has no words for it");
        assert!(persona.voice.contains_key("question"), "{id} asks nothing");
        let own = persona.voice.iter().filter(|(key, words)| key.contains('/') && *words != "{message}.");
        assert!(own.count() >= 40, "{id} has little of its own to say");
        assert!(persona.voice.values().all(|say| say.contains("{message}")), "{id} leaves the fact out");
        let verdicts = [
            &persona.verdict.critical,
            &persona.verdict.high,
            &persona.verdict.medium,
            &persona.verdict.low,
            &persona.verdict.none,
        ];
        assert!(verdicts.iter().all(|verdict| !verdict.is_empty()), "{id} lacks a verdict");
        assert!(persona.sections.iter().all(|section| !section.title.is_empty()), "{id}");
        assert!(persona.questions.len() >= 5 && persona.checklist.len() >= 5, "{id} asks too little");
        assert_eq!(persona.about.matches(['.', '?']).count(), 2, "{id}: {}", persona.about);
    }
}

/// What each reviewer says of each rule; `--nocapture` prints it, for reading. No words lie about unused.
#[test]
fn every_sentence_is_said_of_some_rule() {
    for persona in builtin() {
        let mut said = BTreeSet::new();
        println!("\n# {}", persona.name);
        for rule in gopeer_rules::all() {
            let severity = match rule.severity {
                gopeer_lint::Severity::Low => Severity::Low,
                gopeer_lint::Severity::Medium => Severity::Medium,
                gopeer_lint::Severity::High => Severity::High,
                gopeer_lint::Severity::Critical => Severity::Critical,
            };
            let words = persona.words(rule, severity);
            println!("{:<45} {words}", rule.id);
            said.insert(words);
        }
        // A category may have a sentence that no rule needs today.
        let spoken = persona.voice.iter().filter(|(key, _)| key.contains('/'));
        let unsaid: Vec<_> = spoken.filter(|(_, words)| !said.contains(words.as_str())).collect();
        assert!(unsaid.is_empty(), "{} never says {unsaid:#?}", persona.id);
    }
}

/// The words of a text in runs of this many.
const RUN: usize = 5;

fn runs(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(RUN).map(|run| run.join(" ")).collect()
}

/// A card shows the message, the reviewer's sentence, and how it fails in production: none of them repeats another.
#[test]
fn no_sentence_repeats_what_the_rule_says() {
    let guides = gopeer_engine::guide::guides();
    let infos = gopeer_engine::rule_infos();
    for persona in builtin() {
        for info in &infos {
            let Some(words) = persona.voice.get(&info.id) else { continue };
            let impact = guides.get(&info.id).map_or("", |guide| guide.impact.as_str());
            let texts = [impact, &info.title].map(runs);
            let twice: Vec<_> = runs(words).into_iter().filter(|run| texts.iter().any(|of| of.contains(run))).collect();
            assert!(twice.is_empty(), "{} repeats {twice:?} of {}", persona.id, info.id);
        }
    }
}

/// So that a review which several rules find something for does not sound like a form.
#[test]
fn no_two_rules_get_the_same_sentence() {
    const ALIKE: [&str; 2] = ["correctness/compile-error", "correctness/undefined-name"];
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    for persona in builtin() {
        for (key, words) in persona.voice.iter().filter(|(key, _)| !ALIKE.contains(&key.as_str())) {
            let own = words.replace("{message}", "").to_lowercase();
            if !own.chars().any(char::is_alphanumeric) {
                continue;
            }
            let before = said.insert(own, format!("{} of {key}", persona.id));
            assert_eq!(before, None, "{} says the same of {key}", persona.id);
        }
    }
}

#[test]
fn a_sentence_is_said_once_and_questions_take_turns() {
    let twice = |call: &str| format!("package p\n\nimport \"os\"\n\nfunc f() {{ {call} }}\n\nfunc g() {{ {call} }}\n");
    let said = review("senior", "p.go", &twice("f, _ := os.Open(os.Args[1]); defer f.Close()"));
    let says: Vec<&str> = said.findings.iter().map(|finding| finding.say.as_str()).collect();
    assert_eq!(says.len(), 2, "{says:#?}");
    assert!(says[0].starts_with(says[1]) && says[0].len() > says[1].len(), "{says:#?}");

    let mut asked = said.findings;
    asked.iter_mut().for_each(|finding| finding.confidence = Confidence::Low);
    let persona = builtin().into_iter().find(|persona| persona.id == "senior").expect("it is built in");
    persona.word(&mut asked);
    let says: Vec<&str> = asked.iter().map(|finding| finding.say.as_str()).collect();
    let (first, own) = says[0].split_once("? ").expect("the first is asked, with the reviewer's sentence");
    assert!(!own.is_empty() && says[1].ends_with('?') && !says[1].starts_with(first), "{says:#?}");
}

/// A finding of a lower severity may rank first; the verdict is about the worst.
#[test]
fn the_verdict_opens_with_the_worst() {
    for persona in builtin() {
        let review = review(&persona.id, "service.go", SERVICE);
        let worst = review.counts.worst().expect("the service has faults");
        let first = review.findings.iter().find(|finding| finding.severity == worst).expect("it is counted");
        let fact = first.message.get(1..).expect("a message begins with a letter or a backquote");
        assert!(review.verdict.contains(fact), "{}: {}", persona.id, review.verdict);
    }
}

/// The counts are of what is certain; what is asked is said beside them.
#[test]
fn the_verdict_is_sentences_and_says_what_is_open() {
    const STATED: &str = "func read() { f, _ := os.Open(os.Args[1]); f.Close() }\n";
    const ASKED: &str = "func folder(dir string) error { return os.MkdirAll(dir, 0o777) }\n";
    let verdict = |code: &str| review("senior", "p.go", &format!("package p\n\nimport \"os\"\n\n{code}")).verdict;
    let certain = verdict(STATED);
    assert!(!certain.contains("open."), "{certain}");
    let both = verdict(&format!("{STATED}\n{ASKED}"));
    assert_eq!(both, format!("{certain} One question is open."));
    for persona in builtin() {
        let verdict = persona.verdict(&Counts { high: 1, ..Counts::default() }, "the handler goes on");
        assert!(verdict.contains(". The handler goes on. "), "{verdict}");
    }
}

/// Where an answer decides, the verdict asks, without what the persona says besides.
#[test]
fn a_verdict_that_waits_for_an_answer_has_the_question() {
    for persona in builtin() {
        let verdict = persona.undecided("`WHERE id = ?` has no index. Is that intended? An index costs a write.");
        assert!(verdict.ends_with(" `WHERE id = ?` has no index. Is that intended?"), "{verdict}");
    }
}

#[test]
fn nobody_is_lectured() {
    const BANNED: &[&str] = &["just", "simply", "obviously", "please"];
    for persona in builtin() {
        let Persona { about, tagline, verdict, voice, sections, questions, checklist, .. } = &persona;
        let Verdict { critical, high, medium, low, none, asked } = verdict;
        let spoken = [about, tagline, critical, high, medium, low, none, asked];
        let texts = spoken.into_iter().chain(voice.values()).chain(sections.iter().map(|section| &section.title));
        let topics = questions.iter().chain(checklist).map(|topic| &topic.text);
        for text in texts.chain(topics) {
            let lower = text.to_lowercase();
            let word = lower.split(|c: char| !c.is_alphabetic()).find(|word| BANNED.contains(word));
            assert!(word.is_none(), "{} says {word:?}: {text}", persona.id);
        }
    }
}
