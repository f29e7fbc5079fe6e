//! The page.

use wasm_bindgen::prelude::*;

/// What a link to the page as it is would hold, as bytes for the codec: for `static/js/embed.js`.
#[wasm_bindgen]
pub fn shown() -> Vec<u8> {
    gopeer_web::components::shown()
}

fn main() {
    gopeer_web::components::start();
}
