//! Reads a persona file. The build script reads the built-in ones with this file too (see `build.rs`), so it knows
//! nothing of the engine but the protocol.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::protocol::Severity;

/// A reviewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// Short name, as in links and on the command line.
    pub id: String,
    /// Name in the page.
    pub name: String,
    /// What this reviewer looks at first.
    pub tagline: String,
    /// How many findings are shown before the rest is folded.
    #[serde(default = "default_show")]
    pub show: u32,
    /// Rank of each category, 1 to 10; those not named rank 5.
    #[serde(default)]
    pub categories: BTreeMap<String, u8>,
    /// Rank of each concern by name, 0 to 3; those not named rank 1.
    #[serde(default)]
    pub concerns: BTreeMap<String, u8>,
    /// Ids of rules that count double.
    #[serde(default)]
    pub raise: Vec<String>,
    /// Ids of rules that count half.
    #[serde(default)]
    pub lower: Vec<String>,
    /// Ids of rules whose findings are left out, unless they are critical.
    #[serde(default)]
    pub mute: Vec<String>,
    /// The verdict's sentence, by the worst severity found.
    #[serde(default)]
    pub verdict: Verdict,
    /// A finding's sentence, by rule id, by the rule's category, by its first concern, or by severity; the first of these that
    /// is there speaks, once a review. Findings of low confidence are asked: by `question`, `question-2` and so on, in turn.
    #[serde(default)]
    pub voice: BTreeMap<String, String>,
    /// The headings, in order.
    #[serde(default)]
    pub sections: Vec<SectionSpec>,
    /// Who this is. From the file's text.
    #[serde(default)]
    pub about: String,
    /// What this reviewer asks.
    #[serde(default)]
    pub questions: Vec<Topic>,
    /// Checks that no tool can make.
    #[serde(default)]
    pub checklist: Vec<Topic>,
}

/// The verdict's sentences by the worst severity found, with placeholders in braces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Verdict {
    /// There are critical findings.
    pub critical: String,
    /// The worst is high.
    pub high: String,
    /// The worst is medium.
    pub medium: String,
    /// The worst is low.
    pub low: String,
    /// Nothing was found.
    pub none: String,
}

/// A heading, and which findings belong under it: those that match every condition given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SectionSpec {
    /// The heading.
    pub title: String,
    /// Severities; empty for all.
    pub severities: Vec<Severity>,
    /// Categories; with `concerns` and `rules`, one match is enough, and none given is a match.
    pub categories: Vec<String>,
    /// Names of a rule's first-named concerns.
    pub concerns: Vec<String>,
    /// Rule ids.
    pub rules: Vec<String>,
}

/// A question or check, and the categories it belongs to; none for always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The text.
    pub text: String,
    /// Categories of code that make it matter.
    pub categories: Vec<String>,
}

/// Why a text is no persona.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonaError {
    /// No `+++` line opens and closes the front matter.
    NoFrontMatter,
    /// The front matter is not what a persona needs.
    FrontMatter(String),
    /// A rank outside its range: what is ranked, the rank, the lowest and the highest one.
    Rank(String, u8, u8, u8),
    /// A concern that does not exist.
    NoSuchConcern(String),
}

impl fmt::Display for PersonaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PersonaError::NoFrontMatter => f.write_str("A persona begins with front matter between two lines of +++."),
            PersonaError::FrontMatter(error) => write!(f, "The persona's front matter cannot be read: {error}"),
            PersonaError::Rank(name, rank, least, most) => {
                write!(f, "The rank of {name} is {rank}, and ranks go from {least} to {most} there.")
            }
            PersonaError::NoSuchConcern(name) => write!(f, "There is no concern {name}."),
        }
    }
}

impl std::error::Error for PersonaError {}

impl Persona {
    /// Reads a persona file: TOML between `+++` lines, then Markdown with who it is, `## Questions` and `## Checklist`.
    pub fn parse(source: &str) -> Result<Persona, PersonaError> {
        let source = source.replace("\r\n", "\n");
        let body = source.trim_start().strip_prefix("+++\n").ok_or(PersonaError::NoFrontMatter)?;
        let (front, text) = body.split_once("\n+++").ok_or(PersonaError::NoFrontMatter)?;
        let mut persona: Persona =
            toml::from_str(front).map_err(|error| PersonaError::FrontMatter(error.to_string()))?;
        check_ranks(&persona.categories, 1, 10)?;
        check_ranks(&persona.concerns, 0, 3)?;
        persona.read_text(text);
        Ok(persona)
    }

    /// Whether all concerns it names are in the list that `known` knows.
    pub fn check_concerns(&self, known: impl Fn(&str) -> bool) -> Result<(), PersonaError> {
        let mut named = self.concerns.keys().chain(self.sections.iter().flat_map(|section| &section.concerns));
        match named.find(|name| !known(name)) {
            Some(name) => Err(PersonaError::NoSuchConcern(name.clone())),
            None => Ok(()),
        }
    }

    fn read_text(&mut self, text: &str) {
        let mut heading = "";
        for line in text.lines().map(str::trim) {
            if let Some(title) = line.strip_prefix("## ") {
                heading = title;
                continue;
            }
            match (heading, line.strip_prefix("- ")) {
                ("Questions", Some(item)) => self.questions.push(topic(item)),
                ("Checklist", Some(item)) => self.checklist.push(topic(item)),
                ("", None) if !line.is_empty() => {
                    let space = if self.about.is_empty() { "" } else { " " };
                    self.about.push_str(space);
                    self.about.push_str(line);
                }
                _ => {}
            }
        }
    }
}

fn check_ranks(ranks: &BTreeMap<String, u8>, least: u8, most: u8) -> Result<(), PersonaError> {
    match ranks.iter().find(|(_, rank)| !(least..=most).contains(*rank)) {
        Some((name, rank)) => Err(PersonaError::Rank(name.clone(), *rank, least, most)),
        None => Ok(()),
    }
}

/// An item may begin with categories in brackets: `[kafka sql] Which …?`
fn topic(item: &str) -> Topic {
    let tagged = item.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (tags, text) = tagged.unwrap_or(("", item));
    Topic { text: text.trim().to_owned(), categories: tags.split_whitespace().map(str::to_owned).collect() }
}

fn default_show() -> u32 {
    10
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "+++\nid = \"x\"\nname = \"X\"\ntagline = \"t\"\n[concerns]\nleak = 2\n+++\nWho.\nAnd why.\n\n## Questions\n- [kafka sql] Which?\n- Always?\n";

    #[test]
    fn reads_front_matter_and_text() {
        let persona = Persona::parse(SMALL).expect("it is a persona");
        assert_eq!(persona.about, "Who. And why.");
        assert_eq!(
            persona.questions[0],
            Topic { text: "Which?".into(), categories: vec!["kafka".into(), "sql".into()] }
        );
        assert!(persona.questions[1].categories.is_empty());
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(Persona::parse("hello"), Err(PersonaError::NoFrontMatter));
        let misspelt = Persona::parse(&SMALL.replace("leak", "leek")).expect("it is a persona");
        assert_eq!(misspelt.check_concerns(|name| name == "leak"), Err(PersonaError::NoSuchConcern("leek".into())));
        let beyond = Persona::parse(&SMALL.replace("leak = 2", "leak = 4"));
        assert_eq!(beyond, Err(PersonaError::Rank("leak".into(), 4, 0, 3)));
        assert!(matches!(Persona::parse("+++\nid = 3\n+++\n"), Err(PersonaError::FrontMatter(_))));
    }
}
