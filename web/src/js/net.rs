//! Our own files, fetched late, and the clipboard.

use gopeer_engine::protocol::RuleInfo;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::window;
use crate::state::Sample;

#[wasm_bindgen]
extern "C" {
    /// Address of the rules' documentation.
    #[wasm_bindgen(thread_local_v2, js_namespace = gopeer, js_name = rules)]
    static RULES: String;
    /// Address of the gallery.
    #[wasm_bindgen(thread_local_v2, js_namespace = gopeer, js_name = samples)]
    static SAMPLES: String;
    /// Address of the folder in which samples lie.
    #[wasm_bindgen(thread_local_v2, js_namespace = gopeer, js_name = sampleFolder)]
    static SAMPLE_FOLDER: String;
}

/// The rules' documentation.
pub async fn rules() -> Option<Vec<RuleInfo>> {
    json(&RULES.with(String::clone)).await
}

/// The gallery.
pub async fn samples() -> Option<Vec<Sample>> {
    json(&SAMPLES.with(String::clone)).await
}

/// The text of a sample.
pub async fn sample_text(sample: &Sample) -> Option<String> {
    text(&format!("{}{}", SAMPLE_FOLDER.with(String::clone), sample.url)).await
}

async fn json<T: DeserializeOwned>(address: &str) -> Option<T> {
    serde_wasm_bindgen::from_value(js_sys::JSON::parse(&text(address).await?).ok()?).ok()
}

async fn text(address: &str) -> Option<String> {
    let response: Response = JsFuture::from(window().fetch_with_str(address)).await.ok()?.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// Puts text on the clipboard; false where the browser refuses, or has none because the page came over plain http.
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| !clipboard.is_undefined());
    there && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
