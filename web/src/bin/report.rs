//! The module of exports and QR codes, fetched when the share dialog is opened. Each function throws a sentence for the user.

use gopeer_web::report;
use wasm_bindgen::prelude::*;

/// See [`report::render`].
#[wasm_bindgen]
pub fn render(format: &str, message: &[u8], shared: &[u8], rules: &str, link: &str) -> Result<String, String> {
    report::render(format, message, shared, rules, link)
}

/// See [`report::suggestion`].
#[wasm_bindgen]
pub fn suggestion(host: &str, message: &[u8], shared: &[u8], finding: &str, fix: usize) -> Result<String, String> {
    report::suggestion(host, message, shared, finding, fix)
}

/// See [`report::reopen`].
#[wasm_bindgen]
pub fn reopen(json: &str) -> Result<Vec<u8>, String> {
    report::reopen(json)
}

/// See [`report::secrets`].
#[wasm_bindgen]
pub fn secrets(message: &[u8]) -> String {
    report::secrets(message)
}

/// See [`report::pare`].
#[wasm_bindgen]
pub fn pare(shared: &[u8], only_open: bool, without_notes: bool, without_own: bool) -> Result<Vec<u8>, String> {
    report::pare(shared, only_open, without_notes, without_own)
}

/// See [`report::versions`].
#[wasm_bindgen]
pub fn versions(shared: &[u8]) -> Result<String, String> {
    report::versions(shared)
}

/// See [`report::compare`].
#[wasm_bindgen]
pub fn compare(shared: &[u8], files: &str) -> Result<Vec<u8>, String> {
    report::compare(shared, files)
}

/// See [`report::archive`].
#[wasm_bindgen]
pub fn archive(shared: &[u8]) -> Result<String, String> {
    report::archive(shared)
}

/// See [`report::outline`].
#[wasm_bindgen]
pub fn outline(message: &[u8]) -> String {
    report::outline(message)
}

/// See [`report::compare_reviewers`].
#[wasm_bindgen]
pub fn compare_reviewers(message: &[u8], most: usize) -> String {
    report::compare_reviewers(message, most)
}

/// See [`report::meter`].
#[wasm_bindgen]
pub fn meter(length: usize, files: usize) -> String {
    report::meter(length, files)
}

/// See [`report::qr`].
#[wasm_bindgen]
pub fn qr(text: &str) -> Result<String, String> {
    report::qr(text)
}

fn main() {}
