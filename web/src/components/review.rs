//! The review: verdict, filter, findings by section, and what else the reviewer has to say.

use std::rc::Rc;

use gopeer_engine::protocol::Review;
use yew::prelude::*;

use super::finding::FindingCard;
use super::{checks, dialogs, icons, notices, prose, reviewers};
use crate::queries::{self, Group};
use crate::state::{Drawn, Fetched, State, Status};
use crate::tasks::Tasks;

#[derive(PartialEq, Properties)]
pub struct Props {
    pub state: Rc<State>,
    pub tasks: Tasks,
}

/// The right half.
#[component]
pub fn ReviewPane(Props { state, tasks }: &Props) -> Html {
    let stale = queries::is_stale(state);
    html! {
        <section class="review-pane" aria-label="Review">
            { reviewers::switcher(state, tasks) }
            { notices::crash(state, tasks) }
            <div class={classes!("review", stale.then_some("is-stale"))} aria-busy={stale.to_string()}>
                { content(state, tasks) }
            </div>
        </section>
    }
}

fn content(state: &Rc<State>, tasks: &Tasks) -> Html {
    if let Some(refusal) = &state.engine.refusal {
        return message("Not reviewed", refusal);
    }
    if state.work.is_blank() && state.opening.is_none() {
        return welcome(state, tasks);
    }
    match (&state.drawn, &state.engine.status) {
        (Some(drawn), _) => reviewed(state, drawn, tasks),
        (None, Status::Failed) => failed(tasks),
        (None, _) if state.engine.crash.as_ref().is_some_and(|crash| crash.paused) => {
            message("No review", "The next change of the code starts one.")
        }
        (None, _) => waiting(),
    }
}

fn message(title: &'static str, text: &str) -> Html {
    html! { <div class="plain-message"><h2>{ title }</h2><p>{ text.to_owned() }</p></div> }
}

fn failed(tasks: &Tasks) -> Html {
    let retry = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.retry_engine()
    };
    html! {
        <div class="plain-message">
            <h2>{ "The reviewers did not come" }</h2>
            <p>{ "The engine could not be loaded, so nothing is reviewed. The code stays as it is and can be edited." }</p>
            <button class="button" onclick={retry}>{ "Try again" }</button>
        </div>
    }
}

fn waiting() -> Html {
    html! {
        <div class="waiting">
            <p class="visually-hidden" role="status">{ "Reading the code" }</p>
            <div class="bone wide" /><div class="bone" /><div class="bone card" /><div class="bone card" />
        </div>
    }
}

fn welcome(state: &State, tasks: &Tasks) -> Html {
    html! {
        <div class="welcome">
            <h2>{ "Paste Go code and five reviewers read it" }</h2>
            <p>
                { "Each weighs the same findings differently: what a Kafka engineer calls lost data, a performance engineer calls a slow path. \
                   They work inside this page; the code stays on this computer." }
            </p>
            <h3>{ "Or start from a sample" }</h3>
            if state.samples == Fetched::Failed {
                <p class="muted">{ "The samples could not be fetched." }</p>
            }
            { dialogs::gallery(state, tasks) }
        </div>
    }
}

fn reviewed(state: &Rc<State>, drawn: &Drawn, tasks: &Tasks) -> Html {
    let review = &drawn.review;
    let groups = queries::groups(state, review);
    let (filled, empty): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(|group| !group.findings.is_empty());
    html! {
        <>
            { verdict(state, review, tasks) }
            { for review.unparsed.iter().chain(&review.notes).map(|note| notices::note(note, tasks)) }
            { for filled.iter().map(|group| section(state, drawn, group, tasks)) }
            { fold(state, review, tasks) }
            { quiet_sections(&empty) }
            { checks::questions(state, review, tasks) }
            { checks::held(state, review) }
            { checks::suppressed(review, tasks) }
        </>
    }
}

fn verdict(state: &State, review: &Review, tasks: &Tasks) -> Html {
    let severities = queries::counts(review.counts).into_iter().filter(|(_, count)| *count > 0).map(|(severity, count)| {
        let name = queries::severity(severity);
        let chosen = state.filter.severities.contains(&severity);
        let toggle = {
            let tasks = tasks.clone();
            move |_: MouseEvent| tasks.toggle_severity(severity)
        };
        html! {
            <button class={classes!("chip", format!("sev-{}", name.id))} aria-pressed={chosen.to_string()} onclick={toggle}>
                { icons::severity(severity) }{ format!("{count} {}", name.name.to_ascii_lowercase()) }
            </button>
        }
    });
    html! {
        <header class="verdict">
            <p class="verdict-line">
                if review.partial { <span class="so-far">{ "So far: " }</span> }
                { prose::line(&review.verdict) }
            </p>
            if !review.findings.is_empty() {
                <div class="chips" role="group" aria-label="Filter by severity">{ for severities }</div>
                { categories(state, review, tasks) }
            }
        </header>
    }
}

fn categories(state: &State, review: &Review, tasks: &Tasks) -> Html {
    let all = queries::categories(review);
    if all.len() < 2 {
        return Html::default();
    }
    let chips = all.into_iter().map(|(category, count)| {
        let chosen = state.filter.categories.contains(&category);
        let name = queries::category_name(&category);
        let toggle = {
            let tasks = tasks.clone();
            move |_: MouseEvent| tasks.toggle_category(category.clone())
        };
        html! {
            <button class="chip plain" aria-pressed={chosen.to_string()} onclick={toggle}>{ name }<span class="chip-count">{ count }</span></button>
        }
    });
    let clear = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.clear_filter()
    };
    html! {
        <div class="chips" role="group" aria-label="Filter by category">
            { for chips }
            if !state.filter.is_open() {
                <button class="link-button" onclick={clear}>{ "Show all" }</button>
            }
        </div>
    }
}

fn section(state: &State, drawn: &Drawn, group: &Group, tasks: &Tasks) -> Html {
    let cards = group.findings.iter().filter_map(|&index| {
        let id = &drawn.review.findings.get(index)?.id;
        let rule = &drawn.review.findings[index].rule;
        let detailed = state.detailed.contains(id);
        let rules = queries::rule(state, rule).filter(|_| detailed).cloned().map(Rc::new);
        Some(html! {
            <FindingCard key={id.clone()} drawn={drawn.clone()} {index} selected={state.selected.as_ref() == Some(id)}
                {detailed} info={rules} locked={state.read_only()} tasks={tasks.clone()} />
        })
    });
    html! {
        <section class="group" aria-label={group.title.clone()}>
            <h2>{ &group.title }<span class="group-count">{ group.findings.len() }</span></h2>
            { for cards }
        </section>
    }
}

fn fold(state: &State, review: &Review, tasks: &Tasks) -> Html {
    let folded = queries::folded(state, review);
    let beyond = review.findings.len() > review.show as usize && state.filter.is_open();
    if !beyond {
        return Html::default();
    }
    let toggle = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.toggle_fold()
    };
    let text = if folded > 0 {
        format!("{} that this reviewer ranks lower", prose::counted(folded, "more finding"))
    } else {
        format!("Only the first {}", review.show)
    };
    html! { <button class="button fold" onclick={toggle}>{ text }</button> }
}

/// Sections without findings, as single lines: silence is an answer too.
fn quiet_sections(groups: &[Group]) -> Html {
    let quiet = groups.iter().filter_map(|group| Some((group.title.as_str(), group.quiet.as_ref()?)));
    let (others, examined): (Vec<_>, Vec<_>) = quiet.partition(|(_, quiet)| quiet.unexamined);
    let line = |(title, quiet): (&str, &queries::Quiet)| {
        let mark = if quiet.held { icons::check() } else { Html::default() };
        html! { <li>{ mark }<span><strong>{ title.to_owned() }</strong>{ " " }{ prose::line(&quiet.text) }</span></li> }
    };
    let mut lines: Vec<Html> = examined.into_iter().map(line).collect();
    if !others.is_empty() {
        let titles: Vec<&str> = others.into_iter().map(|(title, _)| title).collect();
        lines.push(html! { <li>{ format!("No rule found anything to examine for: {}.", titles.join(", ")) }</li> });
    }
    if lines.is_empty() {
        return Html::default();
    }
    html! { <ul class="quiet-sections" aria-label="Sections without findings">{ for lines }</ul> }
}
