//! The share dialog.

use gopeer_link::{Level, meter};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::state::{Copied, ShareDialog, State};
use crate::tasks::Tasks;

/// What the dialog shows.
pub fn content(state: &State, share: &ShareDialog, tasks: &Tasks) -> Html {
    let finding = share
        .finding
        .as_ref()
        .and_then(|id| state.drawn.as_ref()?.review.findings.iter().find(|finding| finding.id == *id));
    let intro = match finding {
        Some(finding) => format!("The link opens this review at {} in {}.", finding.rule, finding.place.file),
        None => "The link holds the code, the reviewer and the filter. It is packed into the address itself: no server keeps it.".to_owned(),
    };
    let only = {
        let tasks = tasks.clone();
        move |event: Event| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                tasks.share_only_open(input.checked());
            }
        }
    };
    html! {
        <>
            <p>{ intro }</p>
            if state.work.files.len() > 1 {
                <label class="tick"><input type="checkbox" checked={share.only_open} onchange={only} />
                    <span>{ format!("Only {}", state.work.active_file().name) }</span></label>
            }
            { match &share.link {
                None => html! { <div class="bone card" aria-busy="true" /> },
                Some(Ok(link)) => made(link, share.copied, tasks),
                Some(Err(reason)) => html! { <p class="note" role="alert">{ reason }</p> },
            } }
        </>
    }
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
        Copied::Refused => "The browser does not allow copying: the link is selected above, copy it by hand.",
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
        </>
    }
}
