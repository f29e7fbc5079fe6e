//! The module that reads `.gopeer.toml` and reviewers, fetched when such a file is among the files: the engine carries no TOML.

use gopeer_engine::config::{Known, Read};
use gopeer_engine::persona;
use wasm_bindgen::prelude::*;

/// The bytes of what a file of this name says, or of why it says nothing. Ids of rules and personas are a line each.
#[wasm_bindgen]
pub fn read(name: &str, text: &str, rules: &str, personas: &str) -> Vec<u8> {
    let (rules, personas): (Vec<&str>, Vec<&str>) = (rules.lines().collect(), personas.lines().collect());
    postcard::to_allocvec(&Read::of(name, text, &rules, &personas)).unwrap_or_default()
}

/// What the file of a reviewer says, a line each: what kind of thing it is, the thing, and a rank or a message; none where it has
/// faults.
#[wasm_bindgen]
pub fn profile(text: &str) -> String {
    let Ok(persona) = persona::read(text, Known::default()) else { return String::new() };
    let mut lines = vec![["about", &persona.about, ""].join("\t")];
    for (kind, ranks) in [("category", &persona.categories), ("concern", &persona.concerns)] {
        lines.extend(ranks.iter().map(|(name, rank)| format!("{kind}\t{name}\t{rank}")));
    }
    lines.extend(persona.sections.iter().map(|section| format!("heading\t{}", section.title)));
    lines.extend(persona.rules.iter().map(|rule| format!("rule\t{}\t{}", rule.id, rule.message)));
    for (kind, topics) in [("question", &persona.questions), ("check", &persona.checklist)] {
        lines.extend(topics.iter().map(|topic| format!("{kind}\t{}", topic.text)));
    }
    lines.join("\n")
}

fn main() {}
