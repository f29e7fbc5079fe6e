//! Who reviews.

use yew::prelude::*;

use super::icons;
use crate::queries::{REVIEWERS, reviewer};
use crate::state::State;
use crate::tasks::Tasks;

/// The switcher. What `static/js/own.js` draws offers reviewers of one's own.
pub fn switcher(state: &State, tasks: &Tasks) -> Html {
    let own = state.own.as_ref();
    let card = own.map(|own| &own.card);
    let built_in =
        REVIEWERS.iter().map(|reviewer| (reviewer.id, reviewer.name, reviewer.tagline, icons::reviewer(reviewer.id)));
    let brought = card
        .map(|card| (&*card.id, &*card.name, &*card.tagline, html! { card.name.chars().take(1).collect::<String>() }));
    let choices = built_in.chain(brought).zip(1..).map(|((id, name, tagline, avatar), key)| {
        let chosen = state.persona == id;
        let choose = {
            let (tasks, id) = (tasks.clone(), id.to_owned());
            move |_: Event| tasks.choose_reviewer(&id)
        };
        html! {
            <label class={classes!("reviewer", chosen.then_some("is-chosen"))} title={format!("{tagline} (key {key})")}>
                <input type="radio" name="reviewer" class="visually-hidden" checked={chosen} onchange={choose} />
                <span class="avatar">{ avatar }</span>
                <span class="reviewer-name">{ name.to_owned() }</span>
                <kbd aria-hidden="true">{ key }</kbd>
            </label>
        }
    });
    let chosen = card.filter(|card| card.id == state.persona);
    let tagline = chosen.map_or(reviewer(&state.persona).tagline, |card| &card.tagline);
    let text = own.map(|own| own.text.clone());
    html! {
        <fieldset class="reviewers">
            <legend class="visually-hidden">{ "Reviewer" }</legend>
            { for choices }
            <p class="tagline">{ tagline.to_owned() }</p>
            <gopeer-own chosen={state.persona.clone()} own={card.map(|card| card.id.clone())} name={card.map(|card| card.name.clone())} {text}
                locked={state.read_only().then_some("")} />
        </fieldset>
    }
}
