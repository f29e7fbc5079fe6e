//! The dialogs.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use super::drafts::Drafts;
use super::icons;
use crate::js;
use crate::queries;
use crate::state::{Dialog, Fetched, Sample, State};
use crate::tasks::Tasks;

/// The dialog that is open, if any.
pub fn dialog(state: &State, tasks: &Tasks) -> Html {
    let Some(dialog) = &state.dialog else { return Html::default() };
    let (key, title, wide, content) = match dialog {
        Dialog::Open => ("open", "Open".into(), true, open(state, tasks)),
        Dialog::Share(finding) => ("share", "Share this review".into(), false, share(state, finding.clone())),
        Dialog::Rule(id) => ("rule", rule(id, "title"), true, rule(id, "page")),
        Dialog::Help => ("help", "Help".into(), false, help(state, tasks)),
    };
    html! { <Modal key={key} {title} {wide} tasks={tasks.clone()}>{ content }</Modal> }
}

#[derive(PartialEq, Properties)]
struct ModalProps {
    title: Html,
    wide: bool,
    tasks: Tasks,
    children: Html,
}

/// The browser's own dialog: it keeps the focus in and gives it back.
#[component]
fn Modal(props: &ModalProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                let _ = dialog.show_modal();
            }
            move || dialog.iter().for_each(HtmlDialogElement::close)
        });
    }
    let close = {
        let tasks = props.tasks.clone();
        move || tasks.close_dialog()
    };
    let (on_button, on_escape, on_backdrop) = (close.clone(), close.clone(), close);
    let target = node.clone();
    let backdrop = move |event: MouseEvent| {
        let hit = event.target().and_then(|target| target.dyn_into::<HtmlDialogElement>().ok());
        if hit.is_some() && hit == target.cast::<HtmlDialogElement>() {
            on_backdrop();
        }
    };
    html! {
        <dialog ref={node} class={classes!("modal", props.wide.then_some("wide"))} aria-labelledby="modal-title"
            onclick={backdrop} oncancel={move |event: Event| { event.prevent_default(); on_escape(); }}>
            <div class="modal-box">
                <header class="modal-head">
                    <h2 id="modal-title">{ props.title.clone() }</h2>
                    <button class="button quiet icon-only" onclick={move |_: MouseEvent| on_button()} aria-label="Close">{ icons::close() }</button>
                </header>
                <div class="modal-body" tabindex="0">{ props.children.clone() }</div>
            </div>
        </dialog>
    }
}

fn open(state: &State, tasks: &Tasks) -> Html {
    let clear = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.clear()
    };
    html! {
        <>
            <div class="open-row">
                { picker("Choose files…", false, tasks) }
                { picker("Choose a folder…", true, tasks) }
                <button class="button" onclick={clear}>{ "Start over" }</button>
            </div>
            <p class="muted">{ "Go files, Markdown with Go code blocks, and txtar archives. You can also drop files onto the page. The limit is 1 MB per file and 4 MB in all." }</p>
            <Drafts earlier={state.earlier.clone()} tasks={tasks.clone()} />
            <h3>{ "Samples" }</h3>
            { gallery(state, tasks) }
        </>
    }
}

fn picker(label: &'static str, folder: bool, tasks: &Tasks) -> Html {
    let read = {
        let tasks = tasks.clone();
        move |event: Event| {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
                return;
            };
            let Some(list) = input.files() else { return };
            let files = (0..list.length()).filter_map(|index| list.get(index)).collect();
            let tasks = tasks.clone();
            spawn_local(async move {
                tasks.close_dialog();
                tasks.open_files(js::read_files(files).await);
            });
        }
    };
    html! {
        <label class="button file-button">{ label }
            <input type="file" class="visually-hidden" multiple={true} webkitdirectory={folder} onchange={read} />
        </label>
    }
}

/// The samples.
pub fn gallery(state: &State, tasks: &Tasks) -> Html {
    match &state.samples {
        Fetched::Here(samples) => {
            html! { <ul class="gallery">{ for samples.iter().map(|sample| card(sample, tasks)) }</ul> }
        }
        Fetched::Waiting => {
            html! { <div class="gallery" aria-busy="true"><div class="bone card" /><div class="bone card" /></div> }
        }
        Fetched::No | Fetched::Failed => Html::default(),
    }
}

fn card(sample: &Sample, tasks: &Tasks) -> Html {
    let take = {
        let (tasks, sample) = (tasks.clone(), sample.clone());
        move |_: MouseEvent| tasks.open_sample(sample.clone())
    };
    let reviewer = queries::reviewer(&sample.persona);
    html! {
        <li>
            <button class="sample" onclick={take}>
                <span class="sample-title">{ &sample.title }</span>
                <span class="sample-about">{ &sample.about }</span>
                <span class="sample-for">{ icons::reviewer(reviewer.id) }{ reviewer.name }</span>
            </button>
        </li>
    }
}

/// `static/js/share.js` draws it.
fn share(state: &State, finding: Option<String>) -> Html {
    let file = (state.work.files.len() > 1).then(|| state.work.active_file().name.clone());
    let noted = state.remarks.iter().any(|remark| !remark.text.is_empty()) || !state.work.notes.is_empty();
    let own = state.own.as_ref().filter(|own| own.card.id == state.persona).map(|own| own.card.name.clone());
    html! { <gopeer-share base={state.base.clone()} {finding} {file} noted={noted.then_some("")} {own} /> }
}

/// A part of what is known of a rule: `static/js/rule.js` draws it.
pub fn rule(id: &str, part: &'static str) -> Html {
    html! { <gopeer-rule rule={id.to_owned()} {part} /> }
}

/// `static/js/help.js` draws the texts: they are needed late or never.
fn help(state: &State, tasks: &Tasks) -> Html {
    let single_keys = {
        let (tasks, on) = (tasks.clone(), !state.single_keys);
        move |_: Event| tasks.use_single_keys(on)
    };
    html! {
        <>
            <gopeer-keys />
            <label class="tick">
                <input type="checkbox" checked={state.single_keys} onchange={single_keys} />
                <span>{ "Single-key shortcuts: 1 – 6 and ?" }</span>
            </label>
            <gopeer-help />
        </>
    }
}
