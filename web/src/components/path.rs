//! The path on which a finding happens: in its card, and as a bar under the code of a phone, which shows no card beside it.

use gopeer_engine::protocol::{Finding, Step};
use yew::prelude::*;

use super::{icons, prose};
use crate::queries;
use crate::state::State;
use crate::tasks::Tasks;

/// The steps of a finding; each leads to its line.
pub fn list(finding: &Finding, shown: Option<usize>, tasks: &Tasks) -> Html {
    if finding.steps.is_empty() {
        return Html::default();
    }
    let goroutines = goroutines(finding);
    let lanes = lanes(goroutines.len());
    let step = |(at, step): (usize, &Step)| {
        let Step { place, goroutine, .. } = step;
        let lane = goroutines.iter().position(|known| Some(*known) == goroutine.as_deref());
        let lane = lane.filter(|_| lanes.is_some()).map(|lane| format!("lane-{}", lane + 1));
        let show = {
            let (tasks, id) = (tasks.clone(), finding.id.clone());
            move |_: MouseEvent| tasks.show_step(Some(id.clone()), at)
        };
        html! {
            <li>
                <button class={classes!("step", lane)} onclick={show} aria-current={(shown == Some(at)).then_some("step")}>
                    <span class="step-number">{ at + 1 }</span>
                    <span class="step-say">{ said(step) }</span>
                    { " " }<span class="where">{ format!("{}:{}", place.file, place.range.line) }</span>
                </button>
            </li>
        }
    };
    let title = format!("path-{}", finding.id);
    html! {
        <>
            <p id={title.clone()} class="path-title">{ "How it happens" }<kbd>{ "F9" }</kbd></p>
            <ol class={classes!("path", lanes.clone())} role="list" aria-labelledby={title}>{ for finding.steps.iter().enumerate().map(step) }</ol>
        </>
    }
}

/// What happens at a step, after the goroutine that does it.
fn said(step: &Step) -> Html {
    let sentence = prose::sentence(&step.in_full());
    match sentence.split_once(": ").filter(|_| step.goroutine.is_some()) {
        Some((by, what)) => {
            html! { <><span class="step-by">{ prose::line(by) }{ ":" }</span>{ " " }{ prose::line(what) }</> }
        }
        None => prose::line(&sentence),
    }
}

/// The goroutines that take steps, in the order of their first ones.
fn goroutines(finding: &Finding) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for goroutine in finding.steps.iter().filter_map(|step| step.goroutine.as_deref()) {
        if !all.contains(&goroutine) {
            all.push(goroutine);
        }
    }
    all
}

/// The class of a list with a lane for each of so many goroutines. More than four would leave no room for what is said.
fn lanes(goroutines: usize) -> Option<String> {
    (2..=4).contains(&goroutines).then(|| format!("lanes-{goroutines}"))
}

/// The step that is shown, with the ones beside it and the way back to the card.
pub fn bar(state: &State, tasks: &Tasks) -> Html {
    let Some((finding, at)) = queries::shown_step(state) else { return Html::default() };
    let button = |class: &'static str, label: &'static str, content: Html, act: fn(&Tasks)| {
        let tasks = tasks.clone();
        let act = move |_: MouseEvent| act(&tasks);
        html! { <button class={class} onclick={act} title={label} aria-label={label}>{ content }</button> }
    };
    html! {
        <div class="path-bar" role="group" aria-label="Steps of the finding">
            { button("button quiet back", "Back to the finding", html! { <>{ icons::back() }{ "Finding" }</> }, Tasks::back) }
            <p class="path-count">{ format!("Step {} of {}", at + 1, finding.steps.len()) }</p>
            { button("button previous", "Previous step", icons::back(), |tasks| tasks.walk(None, -1)) }
            { button("button next", "Next step", icons::chevron(), |tasks| tasks.walk(None, 1)) }
            <p class="path-say">{ prose::line(&prose::sentence(&finding.steps[at].in_full())) }</p>
        </div>
    }
}
