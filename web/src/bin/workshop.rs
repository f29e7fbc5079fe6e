//! The module that checks packs of exercises and scores answers, fetched when a workshop begins.

use gopeer_pack::{CONCERNS, Exercise, Mark};
use wasm_bindgen::prelude::*;

/// Why the text is no pack of exercises: a sentence for whoever has opened the file. Nothing if it is one.
#[wasm_bindgen]
pub fn fault(pack: &str) -> Option<String> {
    gopeer_pack::from_json(pack).err()
}

/// What a mark can say that is threatened: pairs of id and words, as JSON.
#[wasm_bindgen]
pub fn concerns() -> String {
    json(&CONCERNS)
}

/// The score of these marks, as JSON. Both are JSON; throws if they are none.
#[wasm_bindgen]
pub fn score(exercise: &str, marks: &str) -> Result<String, String> {
    let marks: Vec<Mark> = serde_json::from_str(marks).map_err(|error| error.to_string())?;
    Ok(json(&gopeer_pack::score(&read(exercise)?, &marks)))
}

/// The repaired version of a file beside the faulty one, as JSON: rows, or null if the repair leaves it alone.
#[wasm_bindgen]
pub fn compare(exercise: &str, file: &str) -> Result<String, String> {
    Ok(json(&read(exercise)?.compare(file)))
}

/// The answers of many learners in one table, as JSON with the table as CSV and Markdown. `answers` is a list of pairs: where it comes
/// from, and its text.
#[wasm_bindgen]
pub fn merge(pack: &str, answers: &str) -> Result<String, String> {
    let answers: Vec<(String, String)> = serde_json::from_str(answers).map_err(|error| error.to_string())?;
    let table = gopeer_pack::merge(&gopeer_pack::from_json(pack)?, &answers);
    Ok(json(&(&table, table.csv(), table.markdown())))
}

fn read(exercise: &str) -> Result<Exercise, String> {
    serde_json::from_str(exercise).map_err(|error| error.to_string())
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn main() {}
