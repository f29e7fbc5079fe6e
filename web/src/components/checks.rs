//! What the reviewer asks, what no tool can check, what was checked without a finding, and what is not shown.

use std::rc::Rc;

use gopeer_engine::protocol::{Review, SaidBy, SilencedBy, Suppressed};
use gopeer_engine::report::reason;
use yew::prelude::*;

use super::steps::{More, Steps};
use super::{finding, prose};
use crate::state::State;
use crate::tasks::Tasks;

/// What the reviewer asks, and what no tool can check: `static/js/checklist.js` draws it.
pub fn questions(state: &State, review: &Review) -> Html {
    let [questions, checklist] = [&review.questions, &review.checklist].map(|texts| texts.join("\n"));
    html! { <gopeer-checklist persona={review.persona.id.clone()} {questions} {checklist} said={said(state)} /> }
}

/// What was said of questions, a line each.
fn said(state: &State) -> String {
    lines(state.said.iter().map(|(question, said)| (question, said)))
}

fn lines<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    pairs.fold(String::new(), |lines, (one, other)| lines + one + "\t" + other + "\n")
}

/// Questions about what the code does not show, a comparison with another reviewer, and a way from a symptom to its cause:
/// `static/js/{context,compare,symptoms}.js` draw them.
pub fn tools(state: &State, review: &Review) -> Html {
    let said_by = |who| {
        let assumed = review.assumptions.iter().filter(move |assumption| assumption.by == who);
        lines(assumed.map(|assumption| (&assumption.question, &assumption.said)))
    };
    let (by_module, by_config) = (said_by(SaidBy::Module), said_by(SaidBy::Config));
    let dropped = review.suppressed.iter().filter(|silenced| silenced.by == SilencedBy::Answer);
    let dropped = dropped.fold(String::new(), |rules, silenced| rules + &silenced.rule + " ");
    let (rules, persona) = (rules(review), review.persona.id.clone());
    html! {
        <div class="tools">
            <gopeer-context said={said(state)} {by_module} {by_config} rules={rules.clone()} {dropped} />
            <gopeer-compare {persona} other={state.beside.clone()} rules={rules.clone()} />
            <gopeer-symptoms {rules} />
        </div>
    }
}

/// Production readiness, from what rules examined and found: `static/js/readiness.js` draws it.
pub fn readiness(review: &Review) -> Html {
    html! { <gopeer-readiness rules={rules(review)} /> }
}

/// `rule=places` for each rule that found nothing to change, and for each finding `rule=finding`, with its severity without the answers
/// where they change it.
fn rules(review: &Review) -> String {
    let mut rules = String::new();
    review.held.iter().for_each(|held| rules += &format!("{}={} ", held.rule, held.places));
    review.findings.iter().for_each(|finding| {
        let turn = match finding.was {
            Some(was) if was < finding.severity => "+",
            Some(_) => "-",
            None => "",
        };
        rules += &format!("{}={}={turn} ", finding.rule, finding.id);
    });
    rules
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
                <p class="muted">{ "What these rules examined in this code, and in how many places. They found nothing to change there." }</p>
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
