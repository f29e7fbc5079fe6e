//! One finding, as a colleague would write it beside the line.

use gopeer_engine::protocol::{Decision, Finding, Fix, FixKind, Place, Related, Touched};
use yew::prelude::*;

use super::dialogs::rule;
use super::steps::{More, Steps};
use super::{icons, path, prose};
use crate::queries::{self, DiffLine, Hunk};
use crate::state::{Dialog, Drawn};
use crate::tasks::Tasks;

#[derive(PartialEq, Properties)]
pub struct Props {
    pub drawn: Drawn,
    pub index: usize,
    pub selected: bool,
    /// Which of its steps is shown.
    pub step: Option<usize>,
    pub detailed: bool,
    pub locked: bool,
    pub tasks: Tasks,
}

/// The card.
#[component]
pub fn FindingCard(props: &Props) -> Html {
    let Some(finding) = props.drawn.review.findings.get(props.index) else { return Html::default() };
    let name = queries::severity(finding.severity);
    let [details, severity, say] = ["details", "severity", "say"].map(|part| format!("{part}-{}", finding.id));
    html! {
        <article id={format!("finding-{}", finding.id)} data-rule={finding.rule.clone()} aria-labelledby={format!("{severity} {say}")}
            class={classes!("finding", format!("sev-{}", name.id), props.selected.then_some("is-selected"))}>
            { quoted(props, finding) }
            <div class="finding-body">
                <p class="finding-head">
                    <span id={severity} class="severity">{ icons::severity(finding.severity) }{ queries::severity_name(finding) }</span>
                    <span>{ queries::category_name(&finding.category) }</span>
                    { for queries::confidence_note(finding.confidence).map(|note| html! { <span>{ note }</span> }) }
                </p>
                <h3 id={say} class="say">{ prose::line(&finding.say) }</h3>
                if !says(&finding.say, &finding.message) {
                    <p class="fact">{ prose::line(&finding.message) }</p>
                }
                { path::list(finding, props.step, &props.tasks) }
                if finding.touched == Touched::Affected {
                    <p class="remark">{ prose::sentence(gopeer_engine::report::AFFECTED) }</p>
                }
                { remarks(finding, &props.tasks) }
                { actions(props, finding, &details) }
                <div id={details} hidden={!props.detailed}>
                    if props.detailed { { explained(props, finding) } }
                </div>
            </div>
        </article>
    }
}

/// Whether a sentence has the fact in it, which may begin with a capital there.
fn says(sentence: &str, fact: &str) -> bool {
    // Of our own English: what Unicode knows of other letters is many KB of tables.
    sentence.to_ascii_lowercase().contains(&fact.trim_end_matches('.').to_ascii_lowercase())
}

/// The line that is meant; a click shows it in the code.
fn quoted(props: &Props, finding: &Finding) -> Html {
    let place = &finding.place;
    let (line, range) = queries::excerpt(&props.drawn.work, place).unwrap_or_default();
    let part = |part: Option<&str>| prose::visible(part.unwrap_or_default());
    let (head, flagged, tail) = (line.get(..range.start), line.get(range.clone()), line.get(range.end..));
    let select = {
        let (tasks, id) = (props.tasks.clone(), finding.id.clone());
        move |_: MouseEvent| tasks.select_finding(id.clone())
    };
    html! {
        <button class="quoted" onclick={select} title="Show in the code">
            <span class="where">{ format!("{}:{}", place.file, place.range.line) }</span>
            <code>{ part(head) }<mark>{ part(flagged) }</mark>{ part(tail) }</code>
        </button>
    }
}

/// Remarks, and where else the same cause shows; many places are folded.
fn remarks(finding: &Finding, tasks: &Tasks) -> Html {
    const MOST_PLACES: usize = 3;
    let (placed, others): (Vec<&Related>, Vec<&Related>) =
        finding.related.iter().partition(|related| related.place.is_some());
    let folded = placed.len().saturating_sub(MOST_PLACES);
    let (first, rest) = placed.split_at(placed.len() - folded);
    let also = finding.also.clone();
    html! {
        <>
            { for others.into_iter().chain(first.iter().copied()).map(|related| remark(related, tasks)) }
            { many(rest.iter().copied().cloned().collect(), "related place", tasks, remark) }
            if also.len() > MOST_PLACES {
                { many(also, "place with the same cause", tasks, place) }
            } else if !also.is_empty() {
                <p class="remark">{ "The same cause: " }{ for also.iter().map(|also| html! { <>{ place(also, tasks) }{ " " }</> }) }</p>
            }
        </>
    }
}

/// Places under a title that counts them.
fn many<T: 'static>(items: Vec<T>, what: &str, tasks: &Tasks, draw: fn(&T, &Tasks) -> Html) -> Html {
    let title = match items.len() {
        0 => return Html::default(),
        1 => format!("1 more {what}"),
        many => format!("{many} more {}", what.replace("place", "places")),
    };
    let tasks = tasks.clone();
    let inside = move |()| {
        let items: Vec<Html> = items.iter().map(|item| html! { <li>{ draw(item, &tasks) }</li> }).collect();
        html! { <ul><Steps {items} /></ul> }
    };
    html! { <More {title} class="places" {inside} /> }
}

/// A place to go to.
pub fn place(place: &Place, tasks: &Tasks) -> Html {
    let text = format!("{}:{}", place.file, place.range.line);
    let (tasks, place) = (tasks.clone(), place.clone());
    let go = move |_: MouseEvent| tasks.go_to(&place);
    html! { <button class="link-button where" onclick={go}>{ text }</button> }
}

fn remark(related: &Related, tasks: &Tasks) -> Html {
    let place = related.place.as_ref().map(|at| place(at, tasks));
    html! { <p class="remark">{ prose::line(&prose::sentence(&related.message)) }{ " " }{ for place }</p> }
}

fn actions(props: &Props, finding: &Finding, details: &str) -> Html {
    let toggle = {
        let (tasks, id) = (props.tasks.clone(), finding.id.clone());
        move |_: MouseEvent| tasks.toggle_detail(id.clone())
    };
    let share = {
        let (tasks, id) = (props.tasks.clone(), finding.id.clone());
        move |_: MouseEvent| tasks.open_dialog(Dialog::Share(Some(id.clone())))
    };
    let label = if finding.fixes.is_empty() { "Why it matters" } else { "Why it matters and how to fix it" };
    html! {
        <div class="finding-actions">
            <button class="disclose" onclick={toggle} aria-expanded={props.detailed.to_string()} aria-controls={details.to_owned()}>
                { icons::chevron() }{ label }
            </button>
            { said(props, finding) }
            <button class="button quiet icon-only small" onclick={share} title="Link to this finding"
                aria-label="Link to this finding">{ icons::link() }</button>
        </div>
    }
}

/// What the reader says of it: `static/js/remark.js` draws it.
fn said(props: &Props, finding: &Finding) -> Html {
    let remark = finding.remark.clone().unwrap_or_default();
    let accepted = (remark.decision == Decision::Accepted).then_some("");
    html! {
        <gopeer-remark finding={finding.id.clone()} {accepted} text={remark.text} noted={finding.remark.is_some().then_some("")}
            locked={props.locked.then_some("")} />
    }
}

fn explained(props: &Props, finding: &Finding) -> Html {
    let page = {
        let (tasks, rule) = (props.tasks.clone(), finding.rule.clone());
        move |_: MouseEvent| tasks.open_dialog(Dialog::Rule(rule.clone()))
    };
    html! {
        <div class="details">
            { rule(&finding.rule, "why") }
            if finding.fixes.len() > 1 { <h4 class="fixes">{ format!("{} ways to repair it", finding.fixes.len()) }</h4> }
            { for finding.fixes.iter().enumerate().map(|(at, fix)| fix_preview(props, finding, at, fix)) }
            { guide(props, finding) }
            { rule(&finding.rule, "examples") }
            <p class="rule-line"><code>{ &finding.rule }</code><button class="link-button" onclick={page}>{ "Rule page" }</button></p>
        </div>
    }
}

/// Impact, verification, repairs and references: `static/js/guide.js` draws them.
fn guide(props: &Props, finding: &Finding) -> Html {
    let Place { file, range } = &finding.place;
    let (before, after) = queries::around(&props.drawn.work, &finding.place).unwrap_or_default();
    let of = [&props.drawn.review.persona.id, file, &range.line.to_string(), &finding.within, before, after].join("\0");
    let fixes = finding.fixes.iter().map(|fix| fix.title.as_str()).collect::<Vec<_>>().join("\0");
    html! { <gopeer-guide rule={finding.rule.clone()} {of} {fixes} /> }
}

/// What a repair gains and costs, and who chooses it, if it is an option of the rule: `static/js/guide.js` draws it.
fn option(props: &Props, finding: &Finding, fix: &Fix) -> Html {
    let persona = props.drawn.review.persona.id.clone();
    html! { <gopeer-option rule={finding.rule.clone()} {persona} fix={fix.title.clone()} /> }
}

fn fix_preview(props: &Props, finding: &Finding, at: usize, fix: &Fix) -> Html {
    let apply = {
        let (tasks, id) = (props.tasks.clone(), finding.id.clone());
        move |_: MouseEvent| tasks.apply_fix(id.clone(), at)
    };
    let hunks = queries::hunks(&props.drawn.work, fix);
    let advice = match fix.kind {
        FixKind::Safe => "Correct code behaves as before.",
        FixKind::Suggested | FixKind::None => "A suggestion: check that it is what you want.",
    };
    html! {
        <div class="fix">
            <p class="fix-title"><strong>{ prose::line(&fix.title) }</strong></p>
            { option(props, finding, fix) }
            { for hunks.iter().map(diff) }
            <p class="fix-foot">
                <button class="button primary small" onclick={apply} disabled={props.locked || hunks.is_empty()}
                    aria-label={format!("Apply fix: {}", fix.title.replace('`', ""))}>{ "Apply fix" }</button>
                // `static/js/suggest.js` draws it.
                if !hunks.is_empty() { <gopeer-suggest finding={finding.id.clone()} fix={at.to_string()} /> }
                <span class="muted">{ if props.locked { "This review is read-only. Edit a copy to apply the fix." } else { advice } }</span>
            </p>
        </div>
    }
}

fn diff(hunk: &Hunk) -> Html {
    let line = |line: &DiffLine| {
        let (class, sign, said, text) = match line {
            DiffLine::Same(text) => ("same", " ", "", text),
            DiffLine::Gone(text) => ("gone", "−", "removed: ", text),
            DiffLine::New(text) => ("new", "+", "added: ", text),
        };
        html! {
            <span class={classes!("diff-line", class)}>
                <span class="visually-hidden">{ said }</span><span class="sign" aria-hidden="true">{ sign }</span>{ prose::visible(text) }{ "\n" }
            </span>
        }
    };
    let around = hunk.lines.iter().take_while(|line| matches!(line, DiffLine::Same(_))).count();
    html! {
        <figure class="diff">
            <figcaption>{ format!("{}:{}", hunk.file, hunk.line + around) }</figcaption>
            <pre tabindex="0">{ for hunk.lines.iter().map(line) }</pre>
        </figure>
    }
}
