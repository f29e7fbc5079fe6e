//! What the reviewer asks, what no tool can check, what was checked and held, and what the code silences.

use gopeer_engine::protocol::{Review, SilencedBy};
use yew::prelude::*;

use super::{icons, prose};
use crate::queries;
use crate::state::State;
use crate::tasks::Tasks;

/// Questions and checklist.
pub fn questions(state: &State, review: &Review, tasks: &Tasks) -> Html {
    let entry = |text: &String| {
        let key = format!("{}: {text}", review.persona.id);
        let ticked = state.ticks.contains(&key);
        let tick = {
            let tasks = tasks.clone();
            move |_: Event| tasks.tick(key.clone())
        };
        html! {
            <li><label class="tick"><input type="checkbox" checked={ticked} onchange={tick} /><span>{ prose::line(text) }</span></label></li>
        }
    };
    html! {
        <>
            if !review.questions.is_empty() {
                <section class="group" aria-label="Questions">
                    <h2>{ "Questions to the author" }</h2>
                    <ul class="ticks">{ for review.questions.iter().map(entry) }</ul>
                </section>
            }
            if !review.checklist.is_empty() {
                <section class="group" aria-label="Checklist">
                    <h2>{ "What no tool can check" }</h2>
                    <ul class="ticks">{ for review.checklist.iter().map(entry) }</ul>
                </section>
            }
        </>
    }
}

/// Rules that met what they examine and found nothing wrong.
pub fn held(state: &State, review: &Review) -> Html {
    if review.held.is_empty() {
        return Html::default();
    }
    let rules = review.held.iter().map(|held| {
        let title = queries::rule(state, &held.rule).map_or(&held.title, |rule| &rule.title);
        html! {
            <li><span>{ prose::line(title) }</span><span class="muted">{ prose::counted(held.places as usize, "place") }</span></li>
        }
    });
    html! {
        <details class="more">
            <summary>{ icons::chevron() }{ format!("Checked, and it held: {}", prose::counted(review.held.len(), "rule")) }</summary>
            <ul class="held">{ for rules }</ul>
        </details>
    }
}

/// Findings that are not shown, each with the reason.
pub fn suppressed(review: &Review, tasks: &Tasks) -> Html {
    if review.suppressed.is_empty() {
        return Html::default();
    }
    let items = review.suppressed.iter().map(|suppressed| {
        let go = {
            let (tasks, place) = (tasks.clone(), suppressed.place.clone());
            move |_: MouseEvent| tasks.go_to(&place)
        };
        let place = &suppressed.place;
        let reason = match suppressed.by {
            SilencedBy::Config => "off in .gopeer.toml",
            SilencedBy::Purpose => &format!("in {}", suppressed.reason),
            SilencedBy::Comment if suppressed.reason.is_empty() => "no reason given",
            SilencedBy::Comment => &suppressed.reason,
        };
        html! {
            <li>
                <button class="link-button where" onclick={go}>{ format!("{}:{}", place.file, place.range.line) }</button>
                <span>{ prose::line(&suppressed.message) }</span>
                <span class="muted"><code>{ &suppressed.rule }</code>{ ": " }{ reason.to_owned() }</span>
            </li>
        }
    });
    html! {
        <details class="more">
            <summary>{ icons::chevron() }{ format!("Not shown: {}", prose::counted(review.suppressed.len(), "finding")) }</summary>
            <ul class="silenced">{ for items }</ul>
        </details>
    }
}
