//! One finding, as a colleague would write it beside the line.

use std::rc::Rc;

use gopeer_engine::protocol::{Finding, Fix, FixKind, Related, RuleInfo};
use yew::prelude::*;

use super::{icons, prose, rule};
use crate::queries::{self, DiffLine, Hunk};
use crate::state::{Dialog, Drawn, Wanted};
use crate::tasks::Tasks;

#[derive(PartialEq, Properties)]
pub struct Props {
    pub drawn: Drawn,
    pub index: usize,
    pub selected: bool,
    pub detailed: bool,
    pub info: Option<Rc<RuleInfo>>,
    pub locked: bool,
    pub tasks: Tasks,
}

/// The card.
#[component]
pub fn FindingCard(props: &Props) -> Html {
    let Some(finding) = props.drawn.review.findings.get(props.index) else { return Html::default() };
    let name = queries::severity(finding.severity);
    let details = format!("details-{}", finding.id);
    html! {
        <article id={format!("finding-{}", finding.id)} data-rule={finding.rule.clone()}
            class={classes!("finding", format!("sev-{}", name.id), props.selected.then_some("is-selected"))}>
            { quoted(props, finding) }
            <div class="finding-body">
                <p class="finding-head">
                    <span class="severity">{ icons::severity(finding.severity) }{ name.name }</span>
                    <span>{ queries::category_name(&finding.category) }</span>
                    { for queries::confidence_note(finding.confidence).map(|note| html! { <span>{ note }</span> }) }
                </p>
                <p class="say">{ prose::line(&finding.say) }</p>
                if !says(&finding.say, &finding.message) {
                    <p class="fact">{ prose::line(&finding.message) }</p>
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
    sentence.to_lowercase().contains(&fact.trim_end_matches('.').to_lowercase())
}

/// The line that is meant; a click shows it in the code.
fn quoted(props: &Props, finding: &Finding) -> Html {
    let place = &finding.place;
    let (line, range) = queries::excerpt(&props.drawn.work, place).unwrap_or_default();
    let (head, flagged, tail) = (line.get(..range.start), line.get(range.clone()), line.get(range.end..));
    let select = {
        let (tasks, id) = (props.tasks.clone(), finding.id.clone());
        move |_: MouseEvent| tasks.select_finding(id.clone())
    };
    html! {
        <button class="quoted" onclick={select} title="Show in the code">
            <span class="where">{ format!("{}:{}", place.file, place.range.line) }</span>
            <code>{ head.unwrap_or_default().to_owned() }<mark>{ flagged.unwrap_or_default().to_owned() }</mark>{ tail.unwrap_or_default().to_owned() }</code>
        </button>
    }
}

/// Remarks; of a finding that stands for many, the places of the others on request.
fn remarks(finding: &Finding, tasks: &Tasks) -> Html {
    const MOST_PLACES: usize = 3;
    let (placed, others): (Vec<&Related>, Vec<&Related>) =
        finding.related.iter().partition(|related| related.place.is_some());
    let placed: Html = if placed.len() > MOST_PLACES {
        html! {
            <details class="places">
                <summary>{ format!("The other {} places", placed.len()) }</summary>
                { for placed.into_iter().map(|related| remark(related, tasks)) }
            </details>
        }
    } else {
        placed.into_iter().map(|related| remark(related, tasks)).collect()
    };
    html! { <>{ for others.into_iter().map(|related| remark(related, tasks)) }{ placed }</> }
}

fn remark(related: &Related, tasks: &Tasks) -> Html {
    let place = related.place.clone().map(|place| {
        let tasks = tasks.clone();
        let text = format!("{}:{}", place.file, place.range.line);
        let go = move |_: MouseEvent| tasks.go_to(&place);
        html! { <button class="link-button where" onclick={go}>{ text }</button> }
    });
    html! { <p class="remark">{ prose::line(&prose::sentence(&related.message)) }{ " " }{ for place }</p> }
}

fn actions(props: &Props, finding: &Finding, details: &str) -> Html {
    let toggle = {
        let (tasks, id) = (props.tasks.clone(), finding.id.clone());
        move |_: MouseEvent| tasks.toggle_detail(id.clone())
    };
    let share = {
        let (tasks, id) = (props.tasks.clone(), finding.id.clone());
        move |_: MouseEvent| tasks.share(Wanted { finding: Some(id.clone()), ..Wanted::default() })
    };
    let label = if finding.fixes.is_empty() { "Why it matters" } else { "Why it matters, and the fix" };
    html! {
        <div class="finding-actions">
            <button class="disclose" onclick={toggle} aria-expanded={props.detailed.to_string()} aria-controls={details.to_owned()}>
                { icons::chevron() }{ label }
            </button>
            <button class="button quiet icon-only small" onclick={share} title="Link to this finding"
                aria-label="Link to this finding">{ icons::link() }</button>
        </div>
    }
}

fn explained(props: &Props, finding: &Finding) -> Html {
    let page = {
        let (tasks, rule) = (props.tasks.clone(), finding.rule.clone());
        move |_: MouseEvent| tasks.open_dialog(Dialog::Rule(rule.clone()))
    };
    html! {
        <div class="details">
            if let Some(info) = &props.info { { prose::paragraphs(&info.why) } }
            { for finding.fixes.iter().enumerate().map(|(at, fix)| mend(props, finding, at, fix)) }
            if let Some(info) = &props.info { { rule::examples(info) } }
            <p class="rule-line"><code>{ &finding.rule }</code><button class="link-button" onclick={page}>{ "Rule page" }</button></p>
        </div>
    }
}

fn mend(props: &Props, finding: &Finding, at: usize, fix: &Fix) -> Html {
    let apply = {
        let (tasks, id) = (props.tasks.clone(), finding.id.clone());
        move |_: MouseEvent| tasks.apply_fix(id.clone(), at)
    };
    let hunks = queries::hunks(&props.drawn.work, fix);
    let advice = match fix.kind {
        FixKind::Safe => "Keeps the meaning of correct code.",
        FixKind::Suggested | FixKind::None => "A suggestion: read it first.",
    };
    html! {
        <div class="fix">
            <p class="fix-title"><strong>{ prose::line(&fix.title) }</strong></p>
            { for hunks.iter().map(diff) }
            <p class="fix-foot">
                <button class="button primary small" onclick={apply} disabled={props.locked || hunks.is_empty()}>{ "Apply fix" }</button>
                <span class="muted">{ if props.locked { "Edit a copy to apply it." } else { advice } }</span>
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
                <span class="visually-hidden">{ said }</span><span class="sign" aria-hidden="true">{ sign }</span>{ text.clone() }{ "\n" }
            </span>
        }
    };
    html! {
        <figure class="diff">
            <figcaption>{ format!("{}:{}", hunk.file, hunk.line) }</figcaption>
            <pre tabindex="0">{ for hunk.lines.iter().map(line) }</pre>
        </figure>
    }
}
