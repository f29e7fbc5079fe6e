//! The page, and what its modules in `static/js` ask of it.

use gopeer_web::components;
use wasm_bindgen::prelude::*;

/// What a link to the page as it is would hold, as bytes for the codec; `finding` is the id of the one that it points at.
#[wasm_bindgen]
pub fn shared(finding: &str) -> Vec<u8> {
    components::shared(finding)
}

/// The message with the review that is drawn, for `report.rs`.
#[wasm_bindgen]
pub fn reviewed() -> Vec<u8> {
    components::reviewed()
}

/// Whether what is shown came from a link, and nobody has changed it since.
#[wasm_bindgen(js_name = isLink)]
pub fn is_link() -> bool {
    components::is_link()
}

/// Shows what is shared, or says why it does not.
#[wasm_bindgen]
pub fn open(shared: &[u8], refused: &str) {
    components::open(shared, refused);
}

/// Says something of a finding: 1 accepts it, 2 dismisses it, 0 is a note; a note without text takes back what was said.
#[wasm_bindgen]
pub fn remark(finding: &str, decision: u8, text: &str) {
    components::remark(finding, decision, text);
}

/// Says what the files were before a change, as [`gopeer_web::report::compare`] gives it.
#[wasm_bindgen]
pub fn compare(versions: Vec<u8>) {
    components::compare(versions);
}

/// Writes a note on a line, from 1; one without text takes it away.
#[wasm_bindgen]
pub fn note(file: &str, line: u32, text: &str) {
    components::note(file, line, text);
}

/// Sets a filter, or what findings are grouped by.
#[wasm_bindgen]
pub fn view(name: &str, value: &str) {
    components::view(name, value);
}

/// Compares the reviewer with another one, or with none.
#[wasm_bindgen]
pub fn beside(persona: &str) {
    components::beside(persona);
}

/// Shows a place in the code, in UTF-16 units.
#[wasm_bindgen]
pub fn go(file: &str, from: u32, to: u32) {
    components::go(file, from, to);
}

/// Says something of a question: the id of an answer, or `[x]` or `[ ]` and a note; nothing takes it back.
#[wasm_bindgen]
pub fn say(question: &str, said: &str) {
    components::say(question, said);
}

/// Has a reviewer of one's own review, and opens its file if it is to be edited.
#[wasm_bindgen]
pub fn bring(name: &str, text: &str, edit: bool) {
    components::bring(name, text, edit);
}

fn main() {
    components::start();
}
