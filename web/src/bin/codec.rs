//! The module that packs and opens links, fetched when the first link is needed.

use wasm_bindgen::prelude::*;

/// The fragment for the bytes of a state. Throws a sentence for the user.
#[wasm_bindgen]
pub fn pack(state: &[u8]) -> Result<String, String> {
    gopeer_link::pack(state).map_err(|error| error.to_string())
}

/// The bytes of the state in a link. Throws a sentence for the user.
#[wasm_bindgen]
pub fn unpack(link: &str) -> Result<Vec<u8>, String> {
    gopeer_link::unpack(link).map_err(|error| error.to_string())
}

fn main() {}
