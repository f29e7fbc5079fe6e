//! Our own files, fetched late, and the clipboard.

use gopeer_engine::protocol::{Confidence, FixKind, RuleInfo, Severity};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::value::{self, list};
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
    list(&json(&RULES.with(String::clone)).await?, rule)
}

/// The gallery.
pub async fn samples() -> Option<Vec<Sample>> {
    list(&json(&SAMPLES.with(String::clone)).await?, sample)
}

/// The text of a sample.
pub async fn sample_text(sample: &Sample) -> Option<String> {
    text(&format!("{}{}", SAMPLE_FOLDER.with(String::clone), sample.url)).await
}

async fn json(address: &str) -> Option<JsValue> {
    js_sys::JSON::parse(&text(address).await?).ok()
}

fn sample(value: &JsValue) -> Option<Sample> {
    let text = |name| value::text(value, name);
    Some(Sample {
        file: text("file")?,
        title: text("title")?,
        persona: text("persona")?,
        about: text("about")?,
        url: text("url")?,
    })
}

fn rule(value: &JsValue) -> Option<RuleInfo> {
    let text = |name| value::text(value, name);
    let texts = |name| value::texts(value, name);
    Some(RuleInfo {
        id: text("id")?,
        title: text("title")?,
        why: text("why")?,
        category: text("category")?,
        severity: match text("severity")?.as_str() {
            "critical" => Severity::Critical,
            "high" => Severity::High,
            "medium" => Severity::Medium,
            _ => Severity::Low,
        },
        confidence: match text("confidence")?.as_str() {
            "high" => Confidence::High,
            "medium" => Confidence::Medium,
            _ => Confidence::Low,
        },
        fix: match text("fix")?.as_str() {
            "safe" => FixKind::Safe,
            "suggested" => FixKind::Suggested,
            _ => FixKind::None,
        },
        equivalents: texts("equivalents")?,
        personas: list(&value::field(value, "personas")?, |pair| {
            Some((value::text(pair, "0")?, value::number(pair, "1")? as f32))
        })?,
        bad: texts("bad")?,
        fixed: text("fixed")?,
        good: texts("good")?,
    })
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
