//! The module that reads `.gopeer.toml`, fetched when such a file is among the files: the engine carries no TOML.

use gopeer_engine::config::{self, Known};
use wasm_bindgen::prelude::*;

/// The bytes of what the text says, or of why it says nothing. Ids of rules and personas are a line each.
#[wasm_bindgen]
pub fn read(text: &str, rules: &str, personas: &str) -> Vec<u8> {
    let (rules, personas): (Vec<&str>, Vec<&str>) = (rules.lines().collect(), personas.lines().collect());
    let read = config::read(text, Known { rules: &rules, personas: &personas });
    postcard::to_allocvec(&read).unwrap_or_default()
}

fn main() {}
