//! Who reviews.

use yew::prelude::*;

use super::icons;
use crate::queries::{REVIEWERS, reviewer};
use crate::state::State;
use crate::tasks::Tasks;

/// The switcher.
pub fn switcher(state: &State, tasks: &Tasks) -> Html {
    let choices = REVIEWERS.iter().zip(1..).map(|(reviewer, key)| {
        let chosen = state.persona == reviewer.id;
        let choose = {
            let (tasks, id) = (tasks.clone(), reviewer.id);
            move |_: Event| tasks.choose_reviewer(id)
        };
        html! {
            <label class={classes!("reviewer", chosen.then_some("is-chosen"))} title={format!("{} (key {key})", reviewer.tagline)}>
                <input type="radio" name="reviewer" class="visually-hidden" checked={chosen} onchange={choose} />
                <span class="avatar">{ icons::reviewer(reviewer.id) }</span>
                <span class="reviewer-name">{ reviewer.name }</span>
                <kbd aria-hidden="true">{ key }</kbd>
            </label>
        }
    });
    html! {
        <fieldset class="reviewers">
            <legend class="visually-hidden">{ "Reviewer" }</legend>
            { for choices }
            <p class="tagline">{ reviewer(&state.persona).tagline }</p>
        </fieldset>
    }
}
