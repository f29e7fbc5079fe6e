//! What the page has to say about itself.

use gopeer_engine::protocol::Note;
use yew::prelude::*;

use super::{finding, icons, prose};
use crate::queries;
use crate::state::State;
use crate::tasks::Tasks;

/// Above everything: an open link, or one that could not be opened.
pub fn banners(state: &State, tasks: &Tasks) -> Html {
    html! { <>{ opened(state, tasks) }{ broken(state, tasks) }</> }
}

fn opened(state: &State, tasks: &Tasks) -> Html {
    if state.opened.is_none() {
        return Html::default();
    }
    let copy = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.edit_copy()
    };
    let leave = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.leave_link()
    };
    html! {
        <aside class="banner" aria-label="Shared review">
            <p>
                <strong>{ "Shared review" }</strong>{ " You can read it but not change it. Your own draft is untouched." }
                { for queries::linked_differs(state) }
            </p>
            <div class="banner-actions">
                <button class="button small" onclick={copy}>{ "Edit a copy" }</button>
                <button class="button quiet small" onclick={leave}>{ "Back to my draft" }</button>
            </div>
        </aside>
    }
}

fn broken(state: &State, tasks: &Tasks) -> Html {
    let Some(message) = &state.broken_link else { return Html::default() };
    let dismiss = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.dismiss_broken_link()
    };
    html! {
        <aside class="banner warning" role="alert">
            <p><strong>{ "This link could not be opened." }</strong>{ " " }{ message.clone() }{ " Your own draft is unchanged." }</p>
            <div class="banner-actions"><button class="button small" onclick={dismiss}>{ "Dismiss" }</button></div>
        </aside>
    }
}

/// The engine had to be replaced.
pub fn crash(state: &State, tasks: &Tasks) -> Html {
    let Some(crash) = &state.engine.crash else { return Html::default() };
    let dismiss = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.dismiss_crash()
    };
    let copy = {
        let (tasks, report) = (tasks.clone(), crash.report.clone());
        move |_: MouseEvent| tasks.copy_report(report.clone())
    };
    let after = if crash.paused {
        "It failed again on this code. The next review starts when you change the code."
    } else {
        "It was restarted. Your code is unchanged."
    };
    html! {
        <aside class="crash" role="alert">
            <h2>{ "The review engine stopped" }</h2>
            <p>{ after }{ " This is a bug in gopeer. The report contains none of your code." }</p>
            <details class="more"><summary>{ icons::chevron() }{ "Report" }</summary><pre tabindex="0" class="report">{ crash.report.clone() }</pre></details>
            <div class="banner-actions">
                <button class="button small" onclick={copy}>{ "Copy report" }</button>
                <button class="button quiet small" onclick={dismiss}>{ "Dismiss" }</button>
            </div>
        </aside>
    }
}

/// Something about the input.
pub fn note(note: &Note, tasks: &Tasks) -> Html {
    let place = note.place.as_ref().map(|at| finding::place(at, tasks));
    html! { <p class="note">{ prose::line(&note.message) }{ " " }{ for place }</p> }
}

/// A message that goes away by itself.
pub fn toast(state: &State, tasks: &Tasks) -> Html {
    let content = state.toast.as_ref().map(|toast| {
        let undo = {
            let tasks = tasks.clone();
            move |_: MouseEvent| tasks.undo()
        };
        let dismiss = {
            let (tasks, number) = (tasks.clone(), toast.number);
            move |_: MouseEvent| tasks.dismiss_toast(number)
        };
        html! {
            <div class={classes!("toast", toast.warning.then_some("warning"))} key={toast.number}>
                <p>{ prose::line(&toast.text) }</p>
                if toast.undo.is_some() {
                    <button class="button small" onclick={undo}>{ "Undo" }</button>
                }
                <button class="button quiet icon-only small" onclick={dismiss} aria-label="Dismiss">{ icons::close() }</button>
            </div>
        }
    });
    html! { <div class="toasts" role="status" aria-live="polite">{ for content }</div> }
}
