//! Long lists, drawn a part at a time, so that no turn of the main thread takes long; and what is drawn once it is opened.

use gloo::timers::callback::Timeout;
use web_sys::HtmlDetailsElement;
use yew::prelude::*;

use super::icons;

/// How many items are drawn in one turn.
const STEP: usize = 10;

#[derive(Properties)]
pub struct StepsProps {
    pub items: Vec<Html>,
    /// So many are drawn at once: one of them is to be scrolled to.
    #[prop_or_default]
    pub at_least: usize,
}

/// Comparing the items would cost more than drawing them.
impl PartialEq for StepsProps {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

/// The items; the first at once, the others in turns that follow.
#[component]
pub fn Steps(StepsProps { items, at_least }: &StepsProps) -> Html {
    let drawn = use_state(|| STEP);
    let wanted = items.len().max(STEP);
    let next = if *drawn > wanted { wanted } else { wanted.min(*drawn + STEP) };
    {
        let drawn = drawn.clone();
        use_effect_with((*drawn, next), move |(now, next)| {
            let next = *next;
            let timer = (*now != next).then(|| Timeout::new(0, move || drawn.set(next)));
            move || drop(timer)
        });
    }
    items.iter().take((*drawn).max(*at_least)).cloned().collect()
}

#[derive(Properties)]
pub struct MoreProps {
    pub title: String,
    #[prop_or("more")]
    pub class: &'static str,
    /// Draws what is inside.
    pub inside: Callback<(), Html>,
}

impl PartialEq for MoreProps {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

/// Something folded away under its title; it is drawn when it is opened.
#[component]
pub fn More(MoreProps { title, class, inside }: &MoreProps) -> Html {
    let open = use_state(|| false);
    let toggle = {
        let open = open.clone();
        move |event: Event| open.set(event.target_dyn_into::<HtmlDetailsElement>().is_some_and(|more| more.open()))
    };
    html! {
        <details class={*class} ontoggle={toggle}>
            <summary>{ icons::chevron() }{ title }</summary>
            if *open { { inside.emit(()) } }
        </details>
    }
}
