//! How a persona says things.

use std::collections::{BTreeMap, BTreeSet};

use gopeer_lint::Rule;

use super::{Persona, SectionSpec, Verdict};
use crate::protocol::{Confidence, Counts, Finding, PersonaCard, Severity};

/// The fact alone.
const FACT: &str = "{message}.";

impl Verdict {
    fn of(&self, severity: Severity) -> &str {
        match severity {
            Severity::Low => &self.low,
            Severity::Medium => &self.medium,
            Severity::High => &self.high,
            Severity::Critical => &self.critical,
        }
    }
}

impl Persona {
    /// Who this is, for the page.
    pub fn card(&self) -> PersonaCard {
        PersonaCard {
            id: self.id.clone(),
            name: self.name.clone(),
            tagline: self.tagline.clone(),
            about: self.about.clone(),
        }
    }

    /// Words the findings of a review, which are in its order. A sentence of the persona's own is said once a review, at
    /// the first finding that calls for it; the others get the fact alone. What is not certain is always a question.
    pub fn word(&self, findings: &mut [Finding]) {
        let rules: BTreeMap<&str, &Rule> = gopeer_rules::all().map(|rule| (rule.id, rule)).collect();
        let mut said: BTreeSet<&str> = BTreeSet::new();
        let mut questions = self.questions_in_turn();
        for finding in findings {
            let rule = rules.get(finding.rule.as_str());
            let words = rule.map_or(FACT, |rule| self.words(rule, finding.severity));
            let words = if said.insert(words) { words } else { FACT };
            let words = match finding.confidence {
                Confidence::Low => match &finding.asks {
                    Some(question) => asked(question, words),
                    None => asked(questions.next().unwrap_or(FACT), words),
                },
                _ => words.to_owned(),
            };
            finding.say = sentence(&words.replace("{message}", &finding.message));
        }
    }

    /// The ways to ask, again and again.
    fn questions_in_turn(&self) -> impl Iterator<Item = &str> {
        let questions = self.voice.iter().filter(|(key, _)| key.starts_with("question"));
        questions.map(|(_, words)| words.as_str()).cycle()
    }

    /// The sentence for findings of a rule, with `{message}` for the fact: that of the rule, else of its category, of its first
    /// concern, or of the severity.
    pub fn words(&self, rule: &Rule, severity: Severity) -> &str {
        let concern = rule.concerns.first().map(|(concern, _)| concern.id());
        let keys = [Some(rule.id), Some(rule.category()), concern, Some(severity.name())];
        keys.into_iter().flatten().find_map(|key| self.voice.get(key)).map_or(FACT, String::as_str)
    }

    /// The verdict over findings that are counted so and of which the first says `first`.
    pub fn verdict(&self, counts: &Counts, first: &str) -> String {
        let template = match counts.worst() {
            Some(severity) => self.verdict.of(severity),
            None => &self.verdict.none,
        };
        let total = counts.critical + counts.high + counts.medium + counts.low;
        let filled = template
            .replace("{count}", &total.to_string())
            .replace("{critical}", &counts.critical.to_string())
            .replace("{high}", &counts.high.to_string())
            .replace("{medium}", &counts.medium.to_string())
            .replace("{low}", &counts.low.to_string())
            .replace(". {first}", &format!(". {}", sentence(first)))
            .replace("{first}", first);
        sentence(&filled)
    }

    /// The verdict where the answer to a question decides: `said` is the finding as it is worded, and begins with the question.
    pub fn undecided(&self, said: &str) -> String {
        let mut quoted = false;
        let end = said.find(|c| {
            quoted ^= c == '`';
            c == '?' && !quoted
        });
        self.verdict.asked.replace("{question}", end.map_or(said, |end| &said[..=end]))
    }

    /// The index of the section a finding belongs to: the first that matches, else the last.
    pub fn section_of(&self, rule: &Rule, severity: Severity) -> usize {
        let found = self.sections.iter().position(|section| matches(section, rule, severity));
        found.unwrap_or(self.sections.len().saturating_sub(1))
    }
}

/// The question, with what `words` say after the fact.
fn asked(question: &str, words: &str) -> String {
    let own = words.strip_prefix(FACT).unwrap_or_default();
    format!("{question}{own}")
}

fn matches(section: &SectionSpec, rule: &Rule, severity: Severity) -> bool {
    let severe = section.severities.is_empty() || section.severities.contains(&severity);
    let any = section.categories.is_empty() && section.concerns.is_empty() && section.rules.is_empty();
    let first_concern = rule.concerns.first().map(|(concern, _)| concern.id());
    severe
        && (any
            || section.categories.iter().any(|category| category == rule.category())
            || section.concerns.iter().any(|concern| Some(concern.as_str()) == first_concern)
            || section.rules.iter().any(|id| id == rule.id))
}

/// Whether a text begins with a name that keeps its case: `errors.Is`, `gRPC`, `x509`, what is in backquotes. It knows no
/// Unicode: the page asks as well, and the tables are many KB.
pub fn begins_with_name(text: &str) -> bool {
    const NAMES: [&str; 10] = ["const", "defer", "func", "goto", "init", "iota", "main", "nil", "struct", "var"];
    let word = text.split_whitespace().next().unwrap_or_default();
    let word = word.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != ')');
    let plain = word.chars().all(|c| c.is_ascii_lowercase() || !c.is_ascii() || matches!(c, '-' | '\''));
    !plain || NAMES.contains(&word)
}

/// The text with a capital first letter, unless it begins with a name.
fn sentence(text: &str) -> String {
    match text.chars().next() {
        Some(first) if !begins_with_name(text) => first.to_uppercase().chain(text.chars().skip(1)).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn names_keep_their_case() {
        for kept in [
            "errors.Is looks",
            "`x` is",
            "gRPC runs",
            "x509 is",
            "math/rand is",
            "init reads",
            "f() fails",
            "Go is",
            "",
        ] {
            assert_eq!(sentence(kept), kept);
        }
        for (text, sentence_) in
            [("any key: x", "Any key: x"), ("both", "Both"), ("an RSA key", "An RSA key"), ("émigré", "Émigré")]
        {
            assert_eq!(sentence(text), sentence_);
        }
    }
}
