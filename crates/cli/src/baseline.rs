//! `--baseline`: the findings that were known before, so that a review shows only new ones.
//!
//! A finding is identified by its rule, its file, the declaration it is in and its message, so it may move, and so may the lines
//! around it. Findings that are the same in all of these are counted.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use gopeer_engine::protocol::{Finding, Review};
use gopeer_engine::{Persona, retain};
use serde::{Deserialize, Serialize};

/// The version of the file's format.
const FORMAT: u32 = 1;

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// [`FORMAT`].
    gopeer_baseline: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    key: Key,
    count: u32,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Key {
    file: String,
    within: String,
    rule: String,
    message: String,
}

/// Findings that are known, and how often.
#[derive(Default)]
pub struct Baseline {
    known: BTreeMap<Key, u32>,
    /// The names of files from the roots of their repositories.
    names: HashMap<String, String>,
}

impl Baseline {
    /// Reads a file; none where there is none. `names` are the names of files from the roots of their repositories.
    pub fn read(path: &Path, names: HashMap<String, String>) -> Result<Option<Baseline>, String> {
        let shown = path.display();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("cannot read {shown}: {error}")),
        };
        let advice = "name another file, or delete this one to have it written again";
        let file: File = serde_json::from_str(&text)
            .map_err(|error| format!("{shown} is not a gopeer baseline ({error}): {advice}"))?;
        if file.gopeer_baseline != FORMAT {
            let format = file.gopeer_baseline;
            return Err(format!(
                "{shown} has format {format}, and this version of gopeer reads format {FORMAT}: {advice}"
            ));
        }
        let mut known = BTreeMap::new();
        for Entry { key, count } in file.findings {
            *known.entry(key).or_default() += count;
        }
        Ok(Some(Baseline { known, names }))
    }

    /// All findings of these reviews; what several reviewers found is listed once.
    pub fn of(reviews: &[Review], names: HashMap<String, String>) -> Baseline {
        let mut all = Baseline { known: BTreeMap::new(), names };
        for review in reviews {
            let mut of_one: BTreeMap<Key, u32> = BTreeMap::new();
            review.findings.iter().for_each(|finding| *of_one.entry(all.key(finding)).or_default() += 1);
            for (key, count) in of_one {
                let known = all.known.entry(key).or_default();
                *known = count.max(*known);
            }
        }
        all
    }

    /// Writes it to a file.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let findings = self.known.iter().map(|(key, count)| Entry { key: key.clone(), count: *count }).collect();
        let file = File { gopeer_baseline: FORMAT, findings };
        let text = serde_json::to_string_pretty(&file).map_err(|error| error.to_string())? + "\n";
        fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    /// How many findings are in it.
    pub fn count(&self) -> usize {
        self.known.values().map(|count| *count as usize).sum()
    }

    /// Takes what is known out of the reviews of these personas.
    pub fn take_known(&self, personas: &[Persona], reviews: &mut [Review]) {
        for (persona, review) in personas.iter().zip(reviews) {
            let mut left = self.known.clone();
            let is_new = |finding: &Finding| match left.get_mut(&self.key(finding)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            };
            retain(persona, review, is_new);
        }
    }

    fn key(&self, finding: &Finding) -> Key {
        let file = self.names.get(&finding.place.file).unwrap_or(&finding.place.file).clone();
        let (rule, within, message) = (finding.rule.clone(), finding.within.clone(), finding.message.clone());
        Key { file, within, rule, message }
    }
}
