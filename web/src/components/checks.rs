//! What the reviewer asks, what no tool can check, what was checked without a finding, and what is not shown.

use std::rc::Rc;

use gopeer_engine::protocol::{Review, Suppressed};
use gopeer_engine::report::reason;
use yew::prelude::*;

use super::steps::{More, Steps};
use super::{finding, prose};
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
                    <h2>{ "Questions for the author" }</h2>
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

/// Production readiness, from what rules examined and found: `static/js/readiness.js` draws it.
pub fn readiness(review: &Review) -> Html {
    let mut rules = String::new();
    review.held.iter().for_each(|held| rules += &format!("{}={} ", held.rule, held.places));
    review.findings.iter().for_each(|finding| rules += &format!("{}={} ", finding.rule, finding.id));
    html! { <gopeer-readiness {rules} /> }
}

/// Rules that met what they examine and found nothing wrong.
pub fn held(review: &Rc<Review>) -> Html {
    if review.held.is_empty() {
        return Html::default();
    }
    let title = format!("Checked without a finding: {}", prose::counted(review.held.len(), "rule"));
    let review = review.clone();
    let inside = move |()| {
        let rules = review.held.iter().map(|held| {
            html! { <li title={held.rule.clone()}><span>{ prose::line(&prose::sentence(&held.examines)) }</span><span class="muted">{ held.places }</span></li> }
        });
        html! {
            <>
                <p class="muted">{ "What rules examined in this code, and how much of it. They found nothing to change there." }</p>
                <ul class="held">{ for rules }</ul>
            </>
        }
    };
    html! { <More {title} {inside} /> }
}

/// Findings that are not shown, each with the reason.
pub fn suppressed(review: &Rc<Review>, locked: bool, tasks: &Tasks) -> Html {
    if review.suppressed.is_empty() {
        return Html::default();
    }
    let title = format!("Not shown: {}", prose::counted(review.suppressed.len(), "finding"));
    let (review, tasks) = (review.clone(), tasks.clone());
    let inside = move |()| {
        let items: Vec<Html> = review.suppressed.iter().map(|suppressed| hidden(suppressed, locked, &tasks)).collect();
        html! {
            <>
                <p class="muted">{ prose::sentence(&review.not_shown()) }</p>
                <ul class="silenced"><Steps {items} /></ul>
            </>
        }
    };
    html! { <More {title} {inside} /> }
}

fn hidden(suppressed: &Suppressed, locked: bool, tasks: &Tasks) -> Html {
    let restore = {
        let (tasks, remark) = (tasks.clone(), suppressed.finding.clone());
        move |_: MouseEvent| tasks.unremark(remark.clone())
    };
    let reason = reason(suppressed);
    html! {
        <li>
            { finding::place(&suppressed.place, tasks) }
            <span>{ prose::line(&suppressed.message) }</span>
            <span class="muted"><code>{ &suppressed.rule }</code>{ ": " }{ reason }</span>
            if !suppressed.finding.is_empty() && !locked {
                <button class="link-button" onclick={restore}>{ "Show again" }</button>
            }
        </li>
    }
}
