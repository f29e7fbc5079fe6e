//! The browser: carries out effects, and speaks to the worker, the editor, the storage and the network.

mod codec;
mod disk;
mod editor;
mod engine;
mod net;
mod runner;
mod storage;

pub use disk::{dropped, read_files};
pub use runner::{PLAIN, Runner, listen};
pub use storage::start;

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Window};

/// The window; there is one wherever the page runs.
pub fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The element of that id.
pub fn element(id: &str) -> Option<HtmlElement> {
    window().document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// A panic of the page itself: says so in plain HTML, for nothing of Yew runs any more.
pub fn show_panics() {
    std::panic::set_hook(Box::new(|info| {
        let report = info.to_string();
        web_sys::console::error_1(&report.as_str().into());
        let Some(document) = window().document() else { return };
        let Some((body, section)) = document.body().zip(document.create_element("section").ok()) else { return };
        section.set_class_name("fatal");
        let _ = section.set_attribute("role", "alert");
        for (tag, text) in [
            ("h1", "The page has stopped"),
            ("p", "This is a bug in gopeer. Reload the page; your draft is saved in this browser."),
            ("pre", report.as_str()),
        ] {
            if let Ok(part) = document.create_element(tag) {
                part.set_text_content(Some(text));
                let _ = section.append_child(&part);
            }
        }
        let _ = body.append_child(&section);
    }));
}
