//! The review: verdict, filter, findings by section, and what else the reviewer has to say.

use std::collections::BTreeSet;
use std::rc::Rc;

use gopeer_engine::protocol::Review;
use yew::prelude::*;

use super::finding::FindingCard;
use super::steps::{More, Steps};
use super::{checks, dialogs, icons, notices, prose, reviewers};
use crate::queries::{self, Group};
use crate::state::{Drawn, Fetched, Filter, State, Status};
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
            message("No review", "The next review starts when you change the code.")
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
            <h2>{ "The review engine did not load" }</h2>
            <p>{ "Nothing can be reviewed without it. Your code is unchanged, and you can go on editing." }</p>
            <button class="button" onclick={retry}>{ "Try again" }</button>
        </div>
    }
}

fn waiting() -> Html {
    html! {
        <div class="waiting">
            <p class="visually-hidden" role="status">{ "Reviewing the code" }</p>
            <div class="bone wide" /><div class="bone" /><div class="bone card" /><div class="bone card" />
        </div>
    }
}

fn welcome(state: &State, tasks: &Tasks) -> Html {
    html! {
        <div class="welcome">
            <h2>{ "Paste Go code and have it reviewed" }</h2>
            <p>
                { "Five reviewers look at the same findings and rank them differently: for a Kafka engineer a lost message comes first, for a \
                   performance engineer a slow path. Everything runs in this page, and your code stays on your computer." }
            </p>
            <h3>{ "Or start with a sample" }</h3>
            if state.samples == Fetched::Failed {
                <p class="muted">{ "The samples could not be loaded. Check the network connection and reload the page." }</p>
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
            { notes(review, tasks) }
            // One child, however many there are: what is around it stays the same elements, with their focus.
            <>{ for filled.iter().map(|group| section(state, drawn, group, tasks)) }</>
            if filled.is_empty() && !state.filter.is_open() && !review.findings.is_empty() {
                <p class="no-match">{ "No finding matches the filter." }</p>
            }
            { fold(state, review, tasks) }
            // What people wrote on lines: `static/js/notes.js` draws it.
            if !state.work.notes.is_empty() { <gopeer-notes notes={queries::notes(&state.work)} /> }
            // What the change has fixed: `static/js/change.js` draws it.
            if review.change.is_some() { <gopeer-fixed fixed={queries::fixed(review)} /> }
            { quiet_sections(&empty) }
            { checks::tools(state, review) }
            { checks::questions(state, review) }
            { checks::readiness(review) }
            { checks::held(review) }
            { checks::suppressed(review, state.read_only(), tasks) }
        </>
    }
}

/// What the reader must know of the input; of many notes the first.
fn notes(review: &Rc<Review>, tasks: &Tasks) -> Html {
    const SHOWN: usize = 4;
    let all = || review.unparsed.iter().chain(&review.notes);
    let more = all().count().saturating_sub(SHOWN);
    let (rest, tasks_inside) = (review.clone(), tasks.clone());
    let inside = move |()| {
        let rest = rest.unparsed.iter().chain(&rest.notes).skip(SHOWN);
        html! { <Steps items={rest.map(|note| notices::note(note, &tasks_inside)).collect::<Vec<_>>()} /> }
    };
    html! {
        <>
            { for all().take(SHOWN).map(|note| notices::note(note, tasks)) }
            if more > 0 {
                <More title={prose::counted(more, "more note")} {inside} />
            }
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
                <div class="chips" role="group" aria-label="Filter by severity">{ for severities }{ questions(state, review, tasks) }</div>
                { categories(state, review, tasks) }
                { search(state, review) }
            }
        </header>
    }
}

fn questions(state: &State, review: &Review, tasks: &Tasks) -> Html {
    let count = queries::questions(review);
    if count == 0 {
        return Html::default();
    }
    let toggle = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.toggle_questions()
    };
    let pressed = state.filter.questions.to_string();
    html! { <button class="chip" aria-pressed={pressed} onclick={toggle}>{ prose::counted(count, "question") }</button> }
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

/// What else there is to filter and to group by: `static/js/filter.js` draws it.
fn search(state: &State, review: &Review) -> Html {
    let Filter { confidence, rule, text, group, strictness, .. } = &state.filter;
    let rules: BTreeSet<&str> = review.findings.iter().map(|finding| finding.rule.as_str()).collect();
    let rules = rules.into_iter().collect::<Vec<_>>().join(" ");
    html! {
        <gopeer-filter confidence={confidence.clone()} rule={rule.clone()} text={text.clone()} group={group.clone()}
            strictness={strictness.clone()} {rules} />
    }
}

fn section(state: &State, drawn: &Drawn, group: &Group, tasks: &Tasks) -> Html {
    let is_selected =
        |index: &usize| state.selected.as_ref() == drawn.review.findings.get(*index).map(|finding| &finding.id);
    let at_least = group.findings.iter().position(is_selected).map_or(0, |at| at + 1);
    let cards = group.findings.iter().filter_map(|&index| {
        let id = &drawn.review.findings.get(index)?.id;
        let detailed = state.detailed.contains(id);
        let selected = state.selected.as_ref() == Some(id);
        let step = state.step.filter(|_| selected);
        Some(html! {
            <FindingCard key={id.clone()} drawn={drawn.clone()} {index} {selected} {step}
                {detailed} locked={state.read_only()} tasks={tasks.clone()} />
        })
    });
    html! {
        <section key={group.title.clone()} class="group" aria-label={group.title.clone()}>
            <h2>{ &group.title }<span class="group-count">{ group.findings.len() }</span></h2>
            <Steps items={cards.collect::<Vec<_>>()} {at_least} />
        </section>
    }
}

fn fold(state: &State, review: &Review, tasks: &Tasks) -> Html {
    let folded = queries::folded(state, review);
    let beyond =
        review.findings.len() > review.show as usize && state.filter.is_open() && state.filter.strictness.is_empty();
    if !beyond {
        return Html::default();
    }
    let toggle = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.toggle_fold()
    };
    let text = if folded > 0 {
        format!("Show {}", prose::counted(folded, "lower-ranked finding"))
    } else {
        format!("Show only the first {}", review.show)
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
        lines.push(html! { <li>{ format!("Not examined, because no rule applies to this code: {}.", titles.join(", ")) }</li> });
    }
    if lines.is_empty() {
        return Html::default();
    }
    html! { <ul class="quiet-sections" aria-label="Sections without findings">{ for lines }</ul> }
}
