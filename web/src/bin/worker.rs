//! The worker that holds the engine.

use gopeer_engine::{TYPES, Types};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

fn main() {
    gopeer_web::worker::serve(|| Box::pin(async { types().await.ok() }));
}

/// What only this reaches becomes a wasm module of its own, which is loaded by the first call (`web/build/worker.mjs`).
#[wasm_split(types, fallible)]
fn types() -> Result<&'static Types, SplitLoaderError> {
    Ok(&TYPES)
}
