//! The bar at the top.

use yew::prelude::*;

use super::icons;
use crate::state::{Dialog, State, Theme};
use crate::tasks::Tasks;

/// Name, and what concerns the page as a whole.
pub fn bar(state: &State, tasks: &Tasks) -> Html {
    let dialog = |dialog: Dialog| {
        let tasks = tasks.clone();
        Callback::from(move |_: MouseEvent| tasks.open_dialog(dialog.clone()))
    };
    let (next, name) = match state.theme {
        Theme::Auto => (Theme::Light, "system"),
        Theme::Light => (Theme::Dark, "light"),
        Theme::Dark => (Theme::Auto, "dark"),
    };
    let theme = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.choose_theme(next)
    };
    html! {
        <header class="top">
            <div class="brand">{ icons::mark() }<h1>{ "gopeer" }</h1></div>
            <p class="promise">{ "Go code review in your browser. Your code never leaves this tab." }</p>
            <div class="top-actions">
                <button class="button quiet" aria-label="Open" onclick={dialog(Dialog::Open)}>{ icons::open() }<span>{ "Open" }</span></button>
                <button class="button quiet icon-only" onclick={theme} title={format!("Theme: {name}")}
                    aria-label={format!("Theme: {name}. Switch to {}", next.id())}>{ icons::theme() }</button>
                <button class="button quiet icon-only help-button" onclick={dialog(Dialog::Help)} title="Help and shortcuts"
                    aria-label="Help and shortcuts">{ icons::help() }</button>
                <button class="button primary" onclick={dialog(Dialog::Share(None))} disabled={state.work.is_blank()}>
                    { icons::share() }<span>{ "Share" }</span>
                </button>
            </div>
        </header>
    }
}
