//! What files that people write may name, and how it is said what is wrong with them. The build script reads the built-in personas
//! with this file too (see `build.rs`), so it knows nothing of the engine.

use serde::{Deserialize, Serialize};

/// The names that such a file may use. Names of a kind whose list is empty are not checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'k> {
    /// Ids of all rules.
    pub rules: &'k [&'k str],
    /// Ids of all personas.
    pub personas: &'k [&'k str],
    /// Names of all concerns.
    pub concerns: &'k [&'k str],
}

/// Something wrong with such a file.
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
    /// A fault at bytes of the text. What the message quotes may have been written with escapes: a terminal must not obey it.
    pub fn at(span: std::ops::Range<usize>, message: impl Into<String>) -> Fault {
        Fault {
            start: span.start as u32,
            end: span.end as u32,
            message: message.into().replace(is_control, "\u{fffd}"),
        }
    }
}

/// The category of the rules that a persona brings: their ids are `team/NAME`.
pub const TEAM: &str = "team";

/// Whether an id may be that of a rule which a persona brings.
pub fn is_team_rule(id: &str) -> bool {
    id.split_once('/').is_some_and(|(category, name)| category == TEAM && is_id(name))
}

/// Whether a text is a name as ids have it: lower-case letters, digits and hyphens after a letter, 40 at most.
pub fn is_id(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase();
    text.len() <= 40 && text.starts_with(letter) && text.chars().all(|c| letter(c) || c.is_ascii_digit() || c == '-')
}

/// Whether a name is written `path.Name` or `path.Type.Method`.
pub fn is_qualified(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let mut parts = last.split('.').rev();
    let is_ident = |part: &str| part.chars().all(|c| c == '_' || c.is_alphanumeric()) && !part.is_empty();
    parts.next().is_some_and(is_ident) && parts.next().is_some_and(|package| !package.is_empty())
}

/// Whether a terminal or a page may take a character for something else than text: it controls, or reorders what is around it.
pub fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
        let alike = known.iter().map(|id| (strsim::jaro_winkler(name(id), &wanted), *id));
        let best = alike.max_by(|(a, _), (b, _)| a.total_cmp(b));
        near.extend(best.filter(|(alike, _)| *alike >= ALIKE).map(|(_, id)| id));
    }
    near
}

/// What to say of a name that is not known.
pub fn unknown(kind: &str, id: &str, known: &[&str]) -> String {
    match nearest(id, known).as_slice() {
        [] => format!("there is no {kind} `{id}`"),
        near => format!("there is no {kind} `{id}` (did you mean {}?)", near.join(" or ")),
    }
}
