//! Our own files, fetched late, and the clipboard.

use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::window;
use crate::state::Sample;

// `static/js/boot.js` has these.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = gopeer, js_name = loadSamples, catch)]
    async fn load_samples() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = gopeer, js_name = loadSample, catch)]
    async fn load_sample(name: &str) -> Result<JsValue, JsValue>;
}

/// The gallery.
pub async fn samples() -> Option<Vec<Sample>> {
    read(load_samples().await)
}

/// The text of a sample.
pub async fn sample_text(sample: &Sample) -> Option<String> {
    load_sample(&sample.url).await.ok()?.as_string()
}

fn read<T: DeserializeOwned>(loaded: Result<JsValue, JsValue>) -> Option<T> {
    serde_wasm_bindgen::from_value(loaded.ok()?).ok()
}

/// Puts text on the clipboard; false where the browser refuses, or has none because the page came over plain http.
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| !clipboard.is_undefined());
    there && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
