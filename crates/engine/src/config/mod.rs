//! What projects say of their reviews: `.gopeer.toml` beside go.mod.
//!
//! The page fetches the reader when such a file is among the files, and hands the session what it read.

mod read;
mod scope;

pub use crate::known::{Fault, Known, nearest};
pub use read::read;
pub use scope::Project;
pub(crate) use scope::around;

use gopeer_lint::Concern;
use gopeer_syntax::Span;
use serde::{Deserialize, Serialize};

use crate::persona::{self, Persona};
use crate::place::Places;
use crate::protocol::{Range, Severity};
#[cfg(feature = "docs")]
use crate::questions::{self, Question, Questions};

/// The name of the file.
pub const FILE: &str = ".gopeer.toml";

/// What a project says of its reviews: `.gopeer.toml` beside its go.mod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Id of the persona that reviews where none is asked for, or the path of its file.
    pub persona: Option<String>,
    /// Patterns of the files and folders that are not reviewed, as .gitignore has them.
    pub exclude: Vec<String>,
    /// Qualified names of types that make a function with such a parameter a handler of requests.
    pub handlers: Vec<String>,
    /// Qualified names of functions and methods that end the program.
    pub exits: Vec<String>,
    /// What the project makes of rules, in the order of their ids.
    pub rules: Vec<(String, Level)>,
    /// What the project says of what its code does not show: ids of questions and answers.
    pub assume: Vec<(String, String)>,
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

/// What a file says that is read when a session has it: a configuration, or a persona.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Read {
    /// A project's configuration.
    Config(Config),
    /// A reviewer.
    Persona(Box<Persona>),
}

impl Read {
    /// Reads such a file, which may name these rules and personas.
    pub fn of(name: &str, text: &str, rules: &[&str], personas: &[&str]) -> Result<Read, Vec<Fault>> {
        let concerns: Vec<&str> = Concern::ALL.iter().map(|concern| concern.id()).collect();
        let known = Known { rules, personas, concerns: &concerns };
        if is_config(name) {
            read(text, known).map(Read::Config)
        } else {
            persona::read(text, known).map(|persona| Read::Persona(Box::new(persona)))
        }
    }
}

/// The JSON schema of the file, for editors, with the ids of rules and personas.
#[cfg(feature = "docs")]
pub fn schema(known: Known<'_>) -> serde_json::Value {
    let mut schema = schemars::schema_for!(read::File).to_value();
    schema["additionalProperties"] = false.into();
    schema["properties"]["persona"]["anyOf"] = serde_json::json!([{ "enum": known.personas }, { "pattern": "\\.md$" }]);
    let of_team = serde_json::json!({ "pattern": "^team/[a-z][a-z0-9-]{0,39}$" });
    schema["properties"]["assume"]["additionalProperties"] = false.into();
    schema["properties"]["assume"]["properties"] = answers();
    schema["properties"]["rules"]["propertyNames"] = serde_json::json!({ "anyOf": [{ "enum": known.rules }, of_team] });
    schema
}

/// For each question its answers.
#[cfg(feature = "docs")]
fn answers() -> serde_json::Value {
    let of = |Question { id, title, answers }: Question| {
        let ids: Vec<&str> = answers.iter().map(|answer| answer.id.as_str()).collect();
        (id, serde_json::json!({ "description": title, "enum": ids }))
    };
    Questions::read(questions::HEADINGS).questions.into_iter().map(of).collect()
}
