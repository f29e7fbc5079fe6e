//! The third module: packs and opens links. Most visits need it late or never, so it is fetched late.

use gopeer_link::Shared;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Codec;
    #[wasm_bindgen(js_namespace = gopeer, js_name = loadCodec, catch)]
    async fn load_codec() -> Result<Codec, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn unpack(this: &Codec, link: &str) -> Result<Vec<u8>, JsValue>;
}

/// Fetches the module, so that it is there even if the network is not.
pub async fn prepare() {
    let _ = load_codec().await;
}

/// What a link holds, or why that cannot be said.
pub async fn unpack(link: &str) -> Result<Shared, String> {
    let state = load().await?.unpack(link).map_err(reason)?;
    Shared::from_bytes(&state).map_err(|error| error.to_string())
}

async fn load() -> Result<Codec, String> {
    load_codec().await.map_err(|_| {
        "The code that makes and opens links could not be loaded. Check the network connection and try again."
            .to_owned()
    })
}

/// The codec throws sentences for the user; were it something else, the link would be at fault.
fn reason(error: JsValue) -> String {
    error.as_string().unwrap_or_else(|| gopeer_link::LinkError::Damaged.to_string())
}
