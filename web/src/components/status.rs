//! The bar at the foot, and the phone's tabs.

use yew::prelude::*;

use super::prose;
use crate::queries;
use crate::state::{Pane, State, Status};
use crate::tasks::Tasks;

/// Time, size, version, and where the draft is.
pub fn bar(state: &State, tasks: &Tasks) -> Html {
    let help = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.open_dialog(crate::state::Dialog::Help)
    };
    let work = match &state.drawn {
        Some(drawn) => {
            let stats = &drawn.review.stats;
            let lines = prose::counted(stats.lines as usize, "line");
            format!("{lines} reviewed in {} ms", millis(stats.millis))
        }
        None => prose::counted(state.work.files.iter().map(|file| file.text.lines().count()).sum(), "line"),
    };
    let engine = match &state.engine.status {
        Status::Starting => "loading the engine".to_owned(),
        Status::Ready(_) if state.drawn.as_ref().is_some_and(|drawn| drawn.review.partial) => {
            "loading types".to_owned()
        }
        Status::Ready(version) => format!("engine {version}"),
        Status::Failed => "engine not available".to_owned(),
    };
    let kept = match (state.read_only(), state.kept) {
        (true, _) => "shared review",
        (false, true) => "draft saved in this browser",
        (false, false) => "draft not saved: this browser blocks storage",
    };
    html! {
        <footer class="status">
            <span class="status-work">{ work }</span><span class="status-engine">{ engine }</span><span class="status-kept">{ kept }</span>
            <button class="link-button status-help" onclick={help}>{ "Shortcuts and limits" }</button>
        </footer>
    }
}

fn millis(millis: f32) -> String {
    // By hand: the formatting of floats would be a fiftieth of the whole page.
    let tenths = (millis * 10.0).round() as u32;
    if tenths < 100 { format!("{}.{}", tenths / 10, tenths % 10) } else { (tenths / 10).to_string() }
}

/// Code or findings, where both do not fit.
pub fn phone_tabs(state: &State, tasks: &Tasks) -> Html {
    let tab = |pane: Pane, name: Html| {
        let go = {
            let tasks = tasks.clone();
            move |_: MouseEvent| tasks.show_pane(pane)
        };
        let here = state.pane == pane;
        html! {
            <button class={classes!("phone-tab", here.then_some("is-active"))} aria-current={here.then_some("page")} onclick={go}>{ name }</button>
        }
    };
    let count = state.drawn.as_ref().map_or(0, |drawn| drawn.review.findings.len());
    let findings = html! {
        <>{ if state.work.is_blank() { "Start" } else { "Findings" } }if count > 0 { <span class="tab-count" aria-label={queries::summary(state)}>{ count }</span> }</>
    };
    html! {
        <nav class="phone-tabs" aria-label="Code or findings">
            { tab(Pane::Code, html! { "Code" }) }{ tab(Pane::Findings, findings) }
        </nav>
    }
}
