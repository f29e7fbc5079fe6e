//! What projects say of their reviews: `.gopeer.toml` beside go.mod.
//!
//! The page fetches the reader when such a file is among the files, and hands the session what it read.

mod read;
mod scope;

pub use read::{Known, read};
pub use scope::Project;
pub(crate) use scope::around;

use gopeer_syntax::Span;
use serde::{Deserialize, Serialize};

use crate::place::Places;
use crate::protocol::{Range, Severity};

/// The name of the file.
pub const FILE: &str = ".gopeer.toml";

/// What a project says of its reviews: `.gopeer.toml` beside its go.mod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Id of the persona that reviews where none is asked for.
    pub persona: Option<String>,
    /// Patterns of the files and folders that are not reviewed, as .gitignore has them.
    pub exclude: Vec<String>,
    /// Qualified names of types that make a function with such a parameter a handler of requests.
    pub handlers: Vec<String>,
    /// Qualified names of functions and methods that end the program.
    pub exits: Vec<String>,
    /// What the project makes of rules, in the order of their ids.
    pub rules: Vec<(String, Level)>,
}

impl Config {
    /// What the project makes of a rule, if it says so.
    pub fn level(&self, rule: &str) -> Option<Level> {
        let at = self.rules.binary_search_by(|(id, _)| id.as_str().cmp(rule)).ok()?;
        self.rules.get(at).map(|(_, level)| *level)
    }
}

/// What a project makes of a rule: a severity of its own, or nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub enum Level {
    /// Findings are not shown; the review counts them.
    Off,
    /// Worth a thought.
    Low,
    /// Worth a change.
    Medium,
    /// Will hurt.
    High,
    /// Loses data, races, deadlocks, or lets an attacker in.
    Critical,
}

impl Level {
    /// The severity; none where the rule is off.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Off => None,
            Level::Low => Some(Severity::Low),
            Level::Medium => Some(Severity::Medium),
            Level::High => Some(Severity::High),
            Level::Critical => Some(Severity::Critical),
        }
    }
}

/// Why a text is no configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// First byte of the place.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// One sentence, without a full stop.
    pub message: String,
}

impl Fault {
    /// Where it is in the text.
    pub fn range(&self, text: &str) -> Range {
        Places::new("", text).range(Span::new(self.start, self.end))
    }
}

/// Whether a file of this name is a configuration.
pub fn is_config(name: &str) -> bool {
    name.rsplit('/').next() == Some(FILE)
}

/// Those of the known ids that may be meant by one that is not known: those that have its name in theirs, or else the one
/// whose name is nearest.
pub fn nearest<'k>(id: &str, known: &[&'k str]) -> Vec<&'k str> {
    /// From so much on two names are alike, of 1.
    const ALIKE: f64 = 0.8;
    /// So many are worth reading.
    const MANY: usize = 5;
    /// Shorter names are in too many others.
    const SHORT: usize = 3;
    fn name(id: &str) -> &str {
        id.rsplit('/').next().unwrap_or(id)
    }
    let wanted = name(id).to_lowercase();
    let mut near: Vec<&str> =
        known.iter().copied().filter(|id| wanted.len() >= SHORT && id.contains(&wanted)).take(MANY).collect();
    if near.is_empty() {
        let alike = |id: &&str| strsim::jaro_winkler(name(id), &wanted);
        let best = known.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)));
        near.extend(best.filter(|id| alike(id) >= ALIKE));
    }
    near
}

/// The JSON schema of the file, for editors, with the ids of rules and personas.
#[cfg(feature = "docs")]
pub fn schema(known: Known<'_>) -> serde_json::Value {
    let mut schema = schemars::schema_for!(read::File).to_value();
    schema["additionalProperties"] = false.into();
    schema["properties"]["persona"]["enum"] = known.personas.into();
    schema["properties"]["rules"]["propertyNames"] = serde_json::json!({ "enum": known.rules });
    schema
}
