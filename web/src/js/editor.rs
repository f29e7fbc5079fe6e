//! The editor bundle: `web/editor/src/main.ts`.

use std::rc::Rc;

use gopeer_engine::protocol::{Delta, Inspection, TOKEN_CLASSES};
use js_sys::{Array, Function, Object, Reflect, Uint32Array};
use serde::Serialize;
use serde_wasm_bindgen::{from_value, to_value};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::queries::{Mark, StepMark};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = gopeer, js_name = loadEditor, catch)]
    async fn load_editor() -> Result<JsValue, JsValue>;

    type Editor;
    #[wasm_bindgen(method, catch)]
    fn show(this: &Editor, file: u32, name: &str, text: &str, read_only: bool) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn forget(this: &Editor, file: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn apply(this: &Editor, file: u32, from: u32, to: u32, insert: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn insert(this: &Editor, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn colour(this: &Editor, file: u32, tokens: Uint32Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn mark(this: &Editor, file: u32, marks: JsValue, steps: JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn inspected(this: &Editor, ticket: u32, found: JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn reveal(this: &Editor, id: &str, from: u32, to: u32, focus: bool) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn glance(this: &Editor, at: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn focus(this: &Editor, from: u32) -> Result<(), JsValue>;
}

/// What the editor tells.
pub struct Hooks {
    /// The user changed a file.
    pub changed: Box<dyn Fn(u32, Vec<Delta>)>,
    /// The user pointed at a finding.
    pub picked: Box<dyn Fn(String)>,
    /// The user pointed at a step of the selected finding's path, by its number.
    pub step_picked: Box<dyn Fn(u32)>,
    /// The user pastes, perhaps over all there is; true when the page takes the text.
    pub pasted: Box<dyn Fn(String, bool) -> bool>,
    /// What is the name at this place of a file? With the editor's number for the answer.
    pub inspect: Box<dyn Fn(u32, u32, u32)>,
    /// Show a place of a file.
    pub go_to: Box<dyn Fn(String, u32, u32)>,
}

/// The editor; lives as long as the page.
pub struct Handle(Editor);

impl Handle {
    /// Loads the bundle and puts an editor into `host`.
    pub async fn load(host: HtmlElement, hooks: Hooks) -> Result<Handle, JsValue> {
        let module = load_editor().await?;
        let constructor: Function = Reflect::get(&module, &"Editor".into())?.dyn_into()?;
        let classes: Array = TOKEN_CLASSES.iter().map(|name| JsValue::from_str(name)).collect();
        let arguments: Array = [JsValue::from(host), listeners(hooks)?.into(), classes.into()].into_iter().collect();
        Ok(Handle(Reflect::construct(&constructor, &arguments)?.unchecked_into()))
    }

    /// Shows a file.
    pub fn show(&self, file: &crate::state::File, read_only: bool) {
        report(self.0.show(file.id, &file.name, &file.text, read_only));
    }

    /// Forgets a file.
    pub fn forget(&self, file: u32) {
        report(self.0.forget(file));
    }

    /// Changes a file as one step to undo.
    pub fn apply(&self, file: u32, delta: &Delta) {
        report(self.0.apply(file, delta.from, delta.to, &delta.insert));
    }

    /// Types text at the cursor.
    pub fn insert(&self, text: &str) {
        report(self.0.insert(text));
    }

    /// Colours a file.
    pub fn colour(&self, file: u32, tokens: &[u32]) {
        report(self.0.colour(file, Uint32Array::from(tokens)));
    }

    /// Draws findings, and the steps of the selected one.
    pub fn mark(&self, file: u32, marks: &[Mark], steps: &[StepMark]) {
        report(self.0.mark(file, plain(&marks), plain(&steps)));
    }

    /// Says what the name is that it asked about.
    pub fn inspected(&self, ticket: u32, found: Option<&Inspection>) {
        report(self.0.inspected(ticket, plain(&found)));
    }

    /// Brings a place into view.
    pub fn reveal(&self, id: &str, from: u32, to: u32, focus: bool) {
        report(self.0.reveal(id, from, to, focus));
    }

    /// Scrolls to a place, unless the reader has scrolled already.
    pub fn glance(&self, at: u32) {
        report(self.0.glance(at));
    }

    /// Takes the focus over from the plain text area.
    pub fn focus(&self, from: u32) {
        report(self.0.focus(from));
    }
}

fn plain(value: &impl Serialize) -> JsValue {
    to_value(value).unwrap_or_default()
}

/// A fault of the editor must not stop the page.
fn report(result: Result<(), JsValue>) {
    if let Err(error) = result {
        web_sys::console::error_1(&error);
    }
}

fn listeners(hooks: Hooks) -> Result<Object, JsValue> {
    let hooks = Rc::new(hooks);
    let heard = hooks.clone();
    let changed = Closure::<dyn Fn(u32, JsValue)>::new(move |file, deltas| {
        if let Ok(deltas) = from_value(deltas) {
            (heard.changed)(file, deltas);
        }
    });
    let heard = hooks.clone();
    let picked = Closure::<dyn Fn(String)>::new(move |id| (heard.picked)(id));
    let heard = hooks.clone();
    let step_picked = Closure::<dyn Fn(u32)>::new(move |number| (heard.step_picked)(number));
    let heard = hooks.clone();
    let inspect = Closure::<dyn Fn(u32, u32, u32)>::new(move |file, at, ticket| (heard.inspect)(file, at, ticket));
    let heard = hooks.clone();
    let go_to = Closure::<dyn Fn(String, u32, u32)>::new(move |file, from, to| (heard.go_to)(file, from, to));
    let pasted = Closure::<dyn Fn(String, bool) -> bool>::new(move |text, over_all| (hooks.pasted)(text, over_all));
    let object = Object::new();
    for (name, listener) in [
        ("changed", changed.into_js_value()),
        ("picked", picked.into_js_value()),
        ("stepPicked", step_picked.into_js_value()),
        ("pasted", pasted.into_js_value()),
        ("inspect", inspect.into_js_value()),
        ("goTo", go_to.into_js_value()),
    ] {
        Reflect::set(&object, &name.into(), &listener)?;
    }
    Ok(object)
}
