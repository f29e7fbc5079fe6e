//! What rules say of the idiom, impact, verification, repairs and references (`engine::guide`) is whole, well formed and said once.

use std::collections::{BTreeMap, BTreeSet};

use gopeer_api::Index;
use gopeer_engine::guide::{PLACEHOLDERS, guides, markdown};
use gopeer_engine::persona::builtin;
use gopeer_engine::protocol::Guide;
use gopeer_lint::{Severity, doc};

/// What is wrong with each rule's guide, so that one run shows all.
fn check_all(check: impl Fn(&str, &Guide) -> Vec<String>) {
    let guides = guides();
    assert!(!guides.is_empty(), "there is no guide");
    let faults: Vec<String> = guides
        .iter()
        .flat_map(|(id, guide)| check(id, guide).into_iter().map(move |fault| format!("{id}: {fault}")))
        .collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// All sentences that a guide has in its own words.
fn sentences(guide: &Guide) -> Vec<&str> {
    let impact = guide.idiom.split_inclusive(". ").chain(guide.impact.split_inclusive(". ")).map(str::trim);
    let shows = guide.verify.iter().map(|check| check.shows.as_str());
    let repairs = guide.options.iter().flat_map(|repair| {
        [repair.title.as_str(), repair.text.as_str()]
            .into_iter()
            .chain(repair.chosen.iter().map(|(_, why)| why.as_str()))
    });
    impact.chain(shows).chain(repairs).filter(|sentence| !sentence.is_empty()).collect()
}

#[test]
fn severe_rules_say_what_happens_and_how_to_verify_it() {
    let guides = guides();
    let severe = gopeer_rules::all().filter(|rule| rule.severity >= Severity::High);
    let complete = |id: &str| guides.get(id).is_some_and(|guide| !guide.impact.is_empty() && !guide.verify.is_empty());
    let missing: Vec<&str> = severe.map(|rule| rule.id).filter(|id| !complete(id)).collect();
    assert!(
        missing.is_empty(),
        "{} rules of high or critical severity without impact or verification: {missing:#?}",
        missing.len()
    );
}

/// What the reader of guides does not understand, it leaves out.
#[test]
fn nothing_is_left_out() {
    let guides = guides();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (rule, source) in gopeer_rules::sources() {
        let written = words(&doc::parse(source).guide);
        let read = guides.get(rule.id).map(markdown).unwrap_or_default();
        assert_eq!(words(&read), written, "{}", rule.id);
    }
}

#[test]
fn commands_leave_open_what_is_known() {
    check_all(|_, guide| {
        let open = guide.verify.iter().flat_map(|check| check.command.split('{').skip(1));
        let named = open.map(|rest| rest.split_once('}').map_or(rest, |(name, _)| name));
        // `{{.Name}}` of a template, and `{"json": …}` or `{ print $1 }`, are none.
        let placeholders = named.filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()));
        placeholders
            .filter(|name| !PLACEHOLDERS.contains(name))
            .map(|name| format!("no placeholder: {{{name}}}"))
            .collect()
    });
}

#[test]
fn references_are_addresses() {
    check_all(|_, guide| {
        let whole = |url: &str| {
            url.strip_prefix("https://").and_then(|rest| rest.split('/').next()).is_some_and(|host| host.contains('.'))
                && url.chars().all(|c| c.is_ascii_graphic() && !"\"<>`".contains(c))
        };
        let urls: Vec<&str> = guide.references.iter().map(|reference| reference.url.as_str()).collect();
        let twice = urls.iter().collect::<BTreeSet<_>>().len() < urls.len();
        let mut faults: Vec<String> =
            urls.iter().filter(|url| !whole(url)).map(|url| format!("no address: {url}")).collect();
        faults.extend(twice.then(|| "one address twice".to_owned()));
        faults
            .extend(guide.references.iter().filter(|to| to.title.len() < 5).map(|to| format!("no title: {}", to.url)));
        faults
    });
}

/// A reference into the documentation of a package names what the index has there.
#[test]
fn references_name_what_packages_have() {
    let mut index = Index::default();
    index.read_embedded();
    check_all(|_, guide| {
        let paths = guide.references.iter().filter_map(|to| to.url.strip_prefix("https://pkg.go.dev/"));
        let named = paths.filter_map(|path| path.split_once('#'));
        named
            .filter(|(path, name)| !super::has(&index, &format!("{path}.{name}")))
            .map(|(path, name)| format!("{path} has no {name}"))
            .collect()
    });
}

/// One address has one title, so that readers know it again.
#[test]
fn an_address_has_one_title() {
    let mut titles = BTreeMap::new();
    for guide in guides().into_values() {
        for reference in guide.references {
            let title = titles.entry(reference.url.clone()).or_insert_with(|| reference.title.clone());
            assert_eq!(*title, reference.title, "{}", reference.url);
        }
    }
}

/// The idiom is short, and there for what newcomers meet most.
#[test]
fn idioms_are_short() {
    check_all(|_, guide| {
        let count = guide.idiom.split_inclusive(". ").count();
        let is_right = guide.idiom.is_empty() || guide.idiom.ends_with('.') && count <= 3;
        (!is_right).then(|| format!("the idiom is one to three sentences, not {count}")).into_iter().collect()
    });
    assert!(guides().values().filter(|guide| !guide.idiom.is_empty()).count() >= 60);
}

#[test]
fn options_are_choices_between_repairs() {
    let personas: BTreeSet<String> = builtin().into_iter().map(|persona| persona.id).collect();
    check_all(|_, guide| {
        let mut faults = Vec::new();
        if guide.options.len() == 1 || guide.options.len() > 3 {
            faults.push(format!("{} options; two or three are a choice", guide.options.len()));
        }
        let named =
            || guide.options.iter().flat_map(|repair| repair.chosen.iter()).flat_map(|(who, _)| who.split(", "));
        faults.extend(named().filter(|who| !personas.contains(*who)).map(|who| format!("no reviewer: {who}")));
        let (count, distinct) = (named().count(), named().collect::<BTreeSet<_>>().len());
        faults.extend((count != distinct).then(|| "a reviewer chooses twice".to_owned()));
        faults.extend((!guide.options.is_empty() && count == 0).then(|| "no reviewer chooses".to_owned()));
        faults
    });
}

#[test]
fn nothing_is_said_twice() {
    let guides = guides();
    let mut first = BTreeMap::new();
    let mut faults = Vec::new();
    for (id, guide) in &guides {
        // The same repair has the same title.
        let is_title = |sentence: &&str| guide.options.iter().any(|option| option.title == *sentence);
        for sentence in sentences(guide).into_iter().filter(|sentence| !is_title(sentence)) {
            if let Some(other) = first.insert(sentence.to_lowercase(), id) {
                faults.push(format!("{id} and {other}: {sentence}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} sentences twice:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn sentences_keep_their_style() {
    const TABOO: [&str; 10] =
        ["just", "simply", "please", "told", "mend", "mended", "stands", "in vain", "gives up", "for ever"];
    check_all(|_, guide| {
        let mut faults = Vec::new();
        let count = guide.impact.split_inclusive(". ").filter(|sentence| !sentence.trim().is_empty()).count();
        if !guide.impact.is_empty() && (!guide.impact.ends_with('.') || !(2..=4).contains(&count)) {
            faults.push(format!("the impact is two to four sentences, not {count}"));
        }
        for sentence in sentences(guide) {
            let words: Vec<&str> = sentence.split(|c: char| !c.is_alphabetic() && c != '-').collect();
            let plain = format!(" {} ", words.join(" ").to_lowercase());
            faults.extend(
                TABOO
                    .iter()
                    .filter(|word| plain.contains(&format!(" {word} ")))
                    .map(|word| format!("{word:?} is not said: {sentence}")),
            );
            if sentence.matches('`').count() % 2 == 1 {
                faults.push(format!("an open backquote: {sentence}"));
            }
            if sentence.chars().count() > 320 {
                faults.push(format!("longer than 320 characters: {sentence}"));
            }
        }
        let open = guide.verify.iter().map(|check| &check.shows).chain(guide.options.iter().map(|repair| &repair.text));
        faults.extend(
            open.filter(|text| text.ends_with('.')).map(|text| format!("an item has no full stop at its end: {text}")),
        );
        faults
    });
}
