//! The five personas against the catalogue: what weighs most there comes first here, and no two reviewers speak alike.
//!
//! `catalogue/ranks.tsv` and `catalogue/weights.tsv` are the outcome to reach: how much a persona cares for a category
//! (1 to 10), and for a rule within it (1 to 3; 0 for a rule that is not meant for it).

use std::collections::{BTreeMap, BTreeSet};

use gopeer_engine::persona::builtin;
use gopeer_engine::protocol::FileText;
use gopeer_engine::{Persona, Session};
use gopeer_lint::Rule;

const RANKS: &str = include_str!("catalogue/ranks.tsv");
const WEIGHTS: &str = include_str!("catalogue/weights.tsv");

/// Numbers by row name, one for each persona.
type Table = BTreeMap<&'static str, BTreeMap<&'static str, f32>>;

fn table(text: &'static str) -> Table {
    let mut lines = text.lines().map(|line| line.split('\t'));
    let header: Vec<_> = lines.next().expect("a table has a header").skip(1).collect();
    lines
        .map(|mut cells| {
            let name = cells.next().expect("a row has a name");
            let numbers = cells.map(|cell| cell.parse::<f32>().expect("a cell is a number"));
            (name, header.iter().copied().zip(numbers).collect())
        })
        .collect()
}

/// The rules of today that the catalogue knows, which has to be nearly all.
fn rules() -> Vec<&'static Rule> {
    let weights = table(WEIGHTS);
    let (known, unknown): (Vec<_>, Vec<_>) = gopeer_rules::all().partition(|rule| weights.contains_key(rule.id));
    assert!(known.len() >= 30, "only {} rules are in the catalogue", known.len());
    assert!(unknown.is_empty(), "not in tests/catalogue/weights.tsv: {unknown:?}");
    known
}

/// A pair of rules of which the catalogue puts the first higher for a persona: ids, by which factor, and the two weights
/// that the persona's file comes to.
struct Pair {
    ids: (&'static str, &'static str),
    factor: f32,
    ours: (f32, f32),
}

impl Pair {
    fn agrees(&self) -> bool {
        self.ours.0 > self.ours.1
    }
}

/// All pairs that the catalogue tells apart.
fn pairs(persona: &Persona) -> Vec<Pair> {
    let (ranks, weights) = (table(RANKS), table(WEIGHTS));
    let id = persona.id.as_str();
    let rules: Vec<(&Rule, f32)> =
        rules().into_iter().map(|rule| (rule, ranks[rule.category()][id] * weights[rule.id][id])).collect();
    let mut pairs = Vec::new();
    for (first, wanted) in &rules {
        for (second, less) in rules.iter().filter(|(_, less)| wanted > less) {
            pairs.push(Pair {
                ids: (first.id, second.id),
                factor: wanted / less,
                ours: (persona.weight(first), persona.weight(second)),
            });
        }
    }
    pairs
}

#[test]
fn categories_weigh_what_the_catalogue_says() {
    for persona in builtin() {
        let ranks: BTreeMap<String, f32> = table(RANKS)
            .into_iter()
            .map(|(category, by_persona)| (category.to_owned(), by_persona[persona.id.as_str()]))
            .collect();
        assert_eq!(persona.categories, ranks, "{}", persona.id);
    }
}

#[test]
fn clear_preferences_of_the_catalogue_hold() {
    let mut wrong = Vec::new();
    for persona in builtin() {
        let clear = pairs(&persona).into_iter().filter(|pair| pair.factor >= 1.5);
        wrong.extend(clear.filter(|pair| !pair.agrees()).map(|Pair { ids: (first, second), ours, .. }| {
            format!("{}: {first} ({}) stands not above {second} ({})", persona.id, ours.0, ours.1)
        }));
    }
    assert!(wrong.is_empty(), "{} pairs:\n{}", wrong.len(), wrong.join("\n"));
}

/// Kendall's tau over the pairs that the catalogue tells apart.
#[test]
fn the_whole_order_is_close_to_the_catalogues() {
    for persona in builtin() {
        let pairs = pairs(&persona);
        let agree = pairs.iter().filter(|pair| pair.agrees()).count();
        let against = pairs.iter().filter(|pair| pair.ours.0 < pair.ours.1).count();
        let tau = (agree as f32 - against as f32) / pairs.len() as f32;
        println!("{}: tau {tau:.3} over {} pairs", persona.id, pairs.len());
        assert!(tau >= 0.9, "{}: tau {tau:.3}", persona.id);
    }
}

/// A persona is what it weighs; single rules are the exception.
#[test]
fn few_rules_are_boosted() {
    let rules = rules().len();
    for persona in builtin() {
        let boosted: Vec<_> =
            persona.rules.iter().filter(|(_, tuning)| tuning.boost != 1.0).map(|(id, _)| id).collect();
        println!("{}: {} boosted of {rules}: {boosted:?}", persona.id, boosted.len());
        assert!(boosted.len() * 5 <= rules, "{}: {} of {rules} rules are boosted", persona.id, boosted.len());
    }
}

#[test]
fn each_has_five_rules_of_its_own() {
    let weights = table(WEIGHTS);
    for persona in builtin() {
        let own = rules().into_iter().filter(|rule| {
            let mut others = weights[rule.id].clone();
            let mine = others.remove(persona.id.as_str()).expect("the table has all personas");
            mine == 3.0 && mine > others.values().sum::<f32>() / others.len() as f32
        });
        let own: Vec<_> = own.map(|rule| rule.id).collect();
        println!("{}: {own:?}", persona.id);
        assert!(own.len() >= 5, "{}: only {own:?}", persona.id);
    }
}

fn review(persona: &str, name: &str, text: &str) -> gopeer_engine::protocol::Review {
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
    for finding in &reviews[0].findings {
        let words: BTreeSet<&str> = reviews
            .iter()
            .flat_map(|review| review.findings.iter().filter(|other| other.id == finding.id))
            .map(|finding| finding.say.as_str())
            .collect();
        assert!(words.len() >= 3, "{}: {words:#?}", finding.rule);
    }
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
        let named = persona.rules.keys().chain(persona.sections.iter().flat_map(|section| &section.rules));
        let gone: Vec<_> = named.filter(|rule| !rules.contains(rule.as_str())).collect();
        assert!(gone.is_empty(), "{id} names rules that do not exist: {gone:?}");
        let topics = persona.questions.iter().chain(&persona.checklist).flat_map(|topic| &topic.categories);
        let named = topics.chain(persona.sections.iter().flat_map(|section| &section.categories));
        let gone: Vec<_> = named.filter(|category| !categories.contains(category.as_str())).collect();
        assert!(gone.is_empty(), "{id} names categories that do not exist: {gone:?}");

        let wordings =
            [&persona.say.critical, &persona.say.high, &persona.say.medium, &persona.say.low, &persona.say.question];
        let own = persona.rules.values().map(|tuning| &tuning.say).filter(|say| !say.is_empty());
        let mut spoken = wordings.into_iter().chain(persona.voice.values()).chain(own);
        assert!(spoken.all(|say| say.contains("{message}")), "{id} leaves the fact out");
        let verdicts = [
            &persona.verdict.critical,
            &persona.verdict.high,
            &persona.verdict.medium,
            &persona.verdict.low,
            &persona.verdict.none,
        ];
        assert!(verdicts.iter().all(|verdict| !verdict.is_empty()), "{id} lacks a verdict");
        assert!(persona.sections.iter().all(|section| !section.title.is_empty() && !section.empty.is_empty()), "{id}");
        assert!(persona.questions.len() >= 5 && persona.checklist.len() >= 5, "{id} asks too little");
        assert_eq!(persona.about.matches(['.', '?']).count(), 2, "{id}: {}", persona.about);
    }
}

#[test]
fn nobody_is_lectured() {
    const BANNED: &[&str] = &["you", "your", "just", "simply", "should", "obviously", "please"];
    for persona in builtin() {
        let Persona { about, tagline, verdict, say, voice, sections, questions, checklist, rules, .. } = &persona;
        let spoken = [about, tagline, &verdict.critical, &verdict.high, &verdict.medium, &verdict.low, &verdict.none];
        let said = [&say.critical, &say.high, &say.medium, &say.low, &say.question];
        let texts = spoken
            .into_iter()
            .chain(said)
            .chain(voice.values())
            .chain(sections.iter().flat_map(|section| [&section.title, &section.empty]));
        let topics = questions.iter().chain(checklist).map(|topic| &topic.text);
        for text in texts.chain(topics).chain(rules.values().map(|tuning| &tuning.say)) {
            let lower = text.to_lowercase();
            let word = lower.split(|c: char| !c.is_alphabetic()).find(|word| BANNED.contains(word));
            assert!(word.is_none(), "{} says {word:?}: {text}", persona.id);
        }
    }
}
