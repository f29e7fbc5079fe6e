//! The share dialog.

use gopeer_link::{Level, meter};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::state::{Copied, ShareDialog, State, Wanted};
use crate::tasks::Tasks;

/// What the dialog shows.
pub fn content(state: &State, share: &ShareDialog, tasks: &Tasks) -> Html {
    let wanted = &share.wanted;
    let finding = wanted
        .finding
        .as_ref()
        .and_then(|id| state.drawn.as_ref()?.review.findings.iter().find(|finding| finding.id == *id));
    let intro = match finding {
        Some(finding) => format!("The link opens this review at {} in {}.", finding.rule, finding.place.file),
        None => "The link contains the code, the reviewer and the filter. All of it is in the address itself; no server stores it.".to_owned(),
    };
    let noted = state.opened.as_ref().is_some_and(|opened| opened.shared != opened.shared.without_notes());
    let save = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.save_file()
    };
    html! {
        <>
            <p>{ intro }</p>
            if state.work.files.len() > 1 {
                { tick(format!("Only {}", state.work.active_file().name), wanted.only_open, tasks, {
                    let wanted = wanted.clone();
                    move |only_open| Wanted { only_open, ..wanted.clone() }
                }) }
            }
            if noted {
                { tick("Without the notes".to_owned(), wanted.without_notes, tasks, {
                    let wanted = wanted.clone();
                    move |without_notes| Wanted { without_notes, ..wanted.clone() }
                }) }
            }
            { match &share.link {
                None => html! { <div class="bone card" aria-busy="true" /> },
                Some(Ok(link)) => made(link, share.copied, tasks),
                Some(Err(reason)) => html! { <p class="note" role="alert">{ reason }</p> },
            } }
            <p class="muted">{ "For code of any size, save it as a file and open that file here. " }
                <button class="link-button" onclick={save}>{ "Save the code as a file" }</button></p>
        </>
    }
}

/// Something to choose; what is chosen makes another link.
fn tick(text: String, checked: bool, tasks: &Tasks, wanted: impl Fn(bool) -> Wanted + 'static) -> Html {
    let tasks = tasks.clone();
    let change = move |event: Event| {
        if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
            tasks.share(wanted(input.checked()));
        }
    };
    html! { <label class="tick"><input type="checkbox" {checked} onchange={change} /><span>{ text }</span></label> }
}

fn made(link: &str, copied: Copied, tasks: &Tasks) -> Html {
    let copy = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.copy_link()
    };
    let mark = |event: FocusEvent| {
        if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
            input.select();
        }
    };
    let reading = meter(link.chars().count());
    let level = match reading.level {
        Level::Qr => "good",
        Level::Chat => "good",
        Level::Web => "fair",
        Level::TooLong => "poor",
    };
    let said = match copied {
        Copied::No => "",
        Copied::Yes => "Copied.",
        Copied::Refused => "The browser does not allow copying. Copy the link above by hand.",
    };
    html! {
        <>
            <div class="link-row">
                <input class="field" readonly={true} value={link.to_owned()} onfocus={mark} aria-label="Link" />
                <button class="button primary" onclick={copy}>{ "Copy link" }</button>
            </div>
            <p class="said" role="status">{ said }</p>
            <div class={classes!("meter", level)}>
                <meter min="0" max="8000" value={reading.length.min(8000).to_string()} aria-label="Length of the link">{ reading.length }</meter>
                <p><strong>{ format!("{} characters.", reading.length) }</strong>{ " " }{ reading.sentence }</p>
            </div>
            // `static/js/snippet.js` draws it.
            <gopeer-embed link={link.to_owned()} />
        </>
    }
}
