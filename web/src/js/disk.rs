//! Files that the user opens or drops.

use gopeer_engine::config::is_config;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, File, FileList};

use crate::state::ReadFile;

/// Reading stops here: a folder of thousands was not meant.
const MOST_FILES: usize = 200;

/// The files of a drop, if there are any.
pub fn dropped(event: &DragEvent) -> Option<FileList> {
    event.data_transfer()?.files().filter(|files| files.length() > 0)
}

/// Reads files; those of a folder only where rules look at them, and its configuration.
pub async fn read_files(files: Vec<File>) -> Vec<ReadFile> {
    let mut read = Vec::new();
    for file in files {
        let path = folder_path(&file);
        let is_wanted = |path: &String| gopeer_engine::is_reviewed(path) || is_config(path);
        if path.as_ref().is_some_and(|path| !is_wanted(path)) || read.len() >= MOST_FILES {
            continue;
        }
        let name = path.unwrap_or_else(|| file.name());
        let bytes = file.size() as usize;
        let text = if bytes > gopeer_engine::MAX_FILE_BYTES { None } else { text(&file).await };
        read.push(ReadFile { name, bytes, text });
    }
    read
}

/// Path below the chosen folder, where the file came with one.
fn folder_path(file: &File) -> Option<String> {
    let path = Reflect::get(file, &JsValue::from_str("webkitRelativePath")).ok()?.as_string()?;
    path.split_once('/').map(|(_, below)| below.to_owned())
}

async fn text(file: &File) -> Option<String> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    let bytes = Uint8Array::new(buffer.unchecked_ref()).to_vec();
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}
