//! What a rule's header says besides its documentation and examples: the idiom, how its finding fails in production, how to verify it,
//! which repairs there are, and where to read more. The page and the command load it when somebody asks; the engine's module has none of it.
//!
//! ```text
//! # Idiom
//! Two or three sentences for those new to Go: how Go programs do it.
//! # Impact
//! Two to four sentences.
//! # Verify
//! - `go test -race -run {test} {package}`: what the output shows
//! # Options
//! - First repair: what it gains and costs
//!   - senior, data: why these reviewers choose it
//! # References
//! - [Go spec, "Close"](https://go.dev/ref/spec#Close)
//! ```

use std::collections::BTreeMap;

use gopeer_lint::doc;

use crate::protocol::{Check, Guide, Reference, Repair};

/// What a command of "Verify" may leave open; the page fills it in from the finding.
pub const PLACEHOLDERS: [&str; 6] = ["package", "test", "func", "file", "line", "query"];

/// The guides of all rules that have one, by the rule's id.
pub fn guides() -> BTreeMap<String, Guide> {
    let read = gopeer_rules::sources().map(|(rule, source)| (rule.id.to_owned(), guide(&doc::parse(source).guide)));
    read.filter(|(_, guide)| *guide != Guide::default()).collect()
}

/// Reads the sections. What is not of their form is left out; a test renders the guide again and compares ([`markdown`]).
pub fn guide(text: &str) -> Guide {
    let mut guide = Guide::default();
    for section in format!("\n{text}").split("\n# ").skip(1) {
        let (title, body) = section.split_once('\n').unwrap_or((section, ""));
        match title.trim() {
            "Idiom" => guide.idiom = words(body),
            "Impact" => guide.impact = words(body),
            "Verify" => guide.verify = items(body).iter().filter_map(|(item, _)| check(item)).collect(),
            "Options" => guide.options = items(body).iter().filter_map(|(item, inner)| repair(item, inner)).collect(),
            "References" => guide.references = items(body).iter().filter_map(|(item, _)| reference(item)).collect(),
            _ => {}
        }
    }
    guide
}

/// The option that a fix makes into an edit, by its title: they have the same words, and what stands in backquotes may differ, as names
/// of the code do. `static/js/guide.js` has the same.
pub fn option_of<'g>(guide: &'g Guide, title: &str) -> Option<&'g Repair> {
    let words = |text: &str| text.split('`').step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let same = |option: &&Repair| words(&option.title) == words(title);
    let options = || guide.options.iter();
    options().find(|option| option.title == title).or_else(|| options().find(same))
}

/// The guide in the form in which a header has it, each paragraph and item on one line.
pub fn markdown(guide: &Guide) -> String {
    let section = |title: &str, lines: Vec<String>| {
        if lines.is_empty() { String::new() } else { format!("# {title}\n{}\n", lines.join("\n")) }
    };
    let repair = |repair: &Repair| {
        let chosen = repair.chosen.iter().map(|(who, why)| format!("\n  - {who}: {why}"));
        format!("- {}: {}{}", repair.title, repair.text, chosen.collect::<String>())
    };
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty()).into_iter().collect();
    [
        section("Idiom", text(&guide.idiom)),
        section("Impact", text(&guide.impact)),
        section("Verify", guide.verify.iter().map(|check| format!("- `{}`: {}", check.command, check.shows)).collect()),
        section("Options", guide.options.iter().map(repair).collect()),
        section("References", guide.references.iter().map(|to| format!("- [{}]({})", to.title, to.url)).collect()),
    ]
    .concat()
}

/// The items of a list on one line each, with the items inside of them.
fn items(body: &str) -> Vec<(String, Vec<String>)> {
    let mut items: Vec<(String, Vec<String>)> = Vec::new();
    for line in body.lines() {
        if let Some(item) = line.strip_prefix("- ") {
            items.push((item.trim().to_owned(), Vec::new()));
        } else if let Some((item, inner)) = items.last_mut() {
            match (line.strip_prefix("  - "), inner.last_mut()) {
                (Some(text), _) => inner.push(text.trim().to_owned()),
                (None, Some(last)) => join(last, line),
                (None, None) => join(item, line),
            }
        }
    }
    items
}

fn join(text: &mut String, line: &str) {
    let line = line.trim();
    if !line.is_empty() {
        text.push(' ');
        text.push_str(line);
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(item: &str) -> Option<Check> {
    let (command, shows) = item.strip_prefix('`')?.split_once("`: ")?;
    Some(Check { command: command.to_owned(), shows: shows.to_owned() })
}

fn repair(item: &str, inner: &[String]) -> Option<Repair> {
    let (title, text) = item.split_once(": ")?;
    let chosen = inner.iter().filter_map(|choice| choice.split_once(": "));
    let chosen = chosen.map(|(who, why)| (who.to_owned(), why.to_owned())).collect();
    Some(Repair { title: title.to_owned(), text: text.to_owned(), chosen })
}

fn reference(item: &str) -> Option<Reference> {
    let (title, url) = item.strip_prefix('[')?.strip_suffix(')')?.split_once("](")?;
    Some(Reference { title: title.to_owned(), url: url.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Idiom\nIt is done so.\n# Impact\nIt fails.\n# Verify\n- `go test {package}`: that it fails\n# Options\n- Stop: it is over\n  - senior, data: it is \
                        plain\n- Go on: it lasts\n# References\n- [Go spec](https://go.dev/ref/spec)\n";

    #[test]
    fn sections() {
        let read = guide(TEXT);
        assert_eq!(read.options[0].chosen, [("senior, data".to_owned(), "it is plain".to_owned())]);
        assert_eq!(markdown(&read), TEXT);
    }

    #[test]
    fn lines_are_joined() {
        let read = guide("# Options\n- Stop: it is\n  over\n  - senior: it is\n    plain\n");
        assert_eq!(markdown(&read), "# Options\n- Stop: it is over\n  - senior: it is plain\n");
    }
}
