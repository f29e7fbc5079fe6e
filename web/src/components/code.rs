//! The code: tabs and editor. Until the editor has loaded, and where it cannot, a plain text area.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{HtmlTextAreaElement, InputEvent};
use yew::prelude::*;

use super::path;
use super::tabs::Tabs;
use crate::js::PLAIN;
use crate::queries;
use crate::state::{EditorStatus, State};
use crate::tasks::Tasks;

/// Id of the editor's host.
pub const HOST: &str = "editor";

const HINT: &str = "Paste Go code or drop files here. Fragments work too.";

#[derive(PartialEq, Properties)]
pub struct Props {
    pub state: Rc<State>,
    pub tasks: Tasks,
}

/// The left half.
#[component]
pub fn Code(Props { state, tasks }: &Props) -> Html {
    let ready = state.editor == EditorStatus::Ready;
    let blank = state.work.active_file().text.is_empty();
    html! {
        <section class="code-pane" aria-label="Code">
            <div class="code-head">
                <Tabs state={state.clone()} tasks={tasks.clone()} />
                if ready && state.opening.is_none() { { change(state) } }
            </div>
            <div class="code-body">
                <div id={HOST} class="editor-host" hidden={!ready} />
                if !ready && state.opening.is_none() { { plain(state, tasks) } }
                if blank && ready {
                    <p class="code-hint" aria-hidden="true">{ HINT }</p>
                }
            </div>
            { path::bar(state, tasks) }
        </section>
    }
}

/// What the files were before, beside what they are: `static/js/change.js` draws it.
fn change(state: &State) -> Html {
    let file = state.work.active_file();
    // Other versions are at another place in memory: those before them are still there when they come.
    let before = &state.work.before;
    let before = (!before.is_empty()).then(|| (Rc::as_ptr(before) as usize).to_string());
    let fixed = state.drawn.as_ref().map(|drawn| queries::fixed(&drawn.review));
    let flag = |on: bool| on.then_some("");
    html! {
        <gopeer-change file={file.id.to_string()} name={file.name.clone()} {before} {fixed}
            locked={flag(state.read_only())} blank={flag(state.work.is_blank())} />
    }
}

fn plain(state: &State, tasks: &Tasks) -> Html {
    let file = state.work.active_file();
    let input = {
        let tasks = tasks.clone();
        move |event: InputEvent| {
            if let Some(area) = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok()) {
                tasks.replace_text(area.value());
            }
        }
    };
    let paste = {
        let (tasks, locked) = (tasks.clone(), state.read_only());
        move |event: Event| {
            let text = pasted(&event).unwrap_or_default();
            let over_all =
                event.target().and_then(|target| target.dyn_into().ok()).is_some_and(|area| covers_all(&area));
            if !locked && !text.is_empty() && (over_all || queries::is_for_the_page(&text)) {
                event.prevent_default();
                tasks.take_paste(text, over_all);
            }
        }
    };
    html! {
        <textarea id={PLAIN} class="plain-editor" value={file.text.to_string()} oninput={input} onpaste={paste}
            readonly={state.read_only()} spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"
            aria-label={format!("Code of {}", file.name)}
            placeholder={HINT} />
    }
}

/// Whether what is outside of the selection is blank.
fn covers_all(area: &HtmlTextAreaElement) -> bool {
    let units: Vec<u16> = area.value().encode_utf16().collect();
    let at = |place: Result<Option<u32>, _>| place.ok().flatten().map_or(0, |at| at as usize);
    let (from, to) = (at(area.selection_start()), at(area.selection_end()));
    let blank = |units: Option<&[u16]>| units.is_some_and(|units| String::from_utf16_lossy(units).trim().is_empty());
    blank(units.get(..from)) && blank(units.get(to..))
}

fn pasted(event: &Event) -> Option<String> {
    let data = js_sys::Reflect::get(event, &"clipboardData".into()).ok()?;
    data.dyn_into::<web_sys::DataTransfer>().ok()?.get_data("text/plain").ok()
}
