//! The review panel.

use std::collections::BTreeSet;
use std::rc::Rc;

use gopeer_engine::protocol::{Decision, Finding, Place, Remark};

use super::{Effect, Filter, Pane, PanelAction, State, engine, notes};
use crate::queries;

pub(super) fn reduce(state: &mut State, action: PanelAction) -> Vec<Effect> {
    match action {
        PanelAction::Persona(id) => {
            let before = std::mem::replace(&mut state.persona, id);
            if !state.has_reviewer() {
                state.persona = before;
                return Vec::new();
            }
            state.chosen = true;
            state.unfolded = false;
            if state.beside == state.persona {
                state.beside.clear();
            }
            vec![Effect::KeepPersona]
        }
        PanelAction::Beside(id) => {
            state.beside = super::known_persona(Some(&id)).unwrap_or_default().to_owned();
            engine::learned(state);
            Vec::new()
        }
        PanelAction::Select(id) => select(state, id, true),
        PanelAction::Pick(id) => {
            choose(state, id.clone());
            vec![Effect::ScrollTo { id }]
        }
        PanelAction::Step(by) => step(state, by),
        PanelAction::ShowStep { finding, step } => {
            let id = finding.or_else(|| state.selected.clone());
            id.map_or_else(Vec::new, |id| show_step(state, id, step))
        }
        PanelAction::Walk { finding, by } => walk(state, finding, by),
        PanelAction::Back => {
            state.pane = Pane::Findings;
            let card = state.selected.clone().map(|id| Effect::ScrollTo { id });
            card.into_iter().chain([Effect::Refocus { to: ".finding.is-selected [aria-current]" }]).collect()
        }
        PanelAction::Detail(id) => {
            toggle(Rc::make_mut(&mut state.detailed), id);
            Vec::new()
        }
        PanelAction::Unfold => {
            state.unfolded = !state.unfolded;
            Vec::new()
        }
        PanelAction::Severity(severity) => {
            toggle(&mut state.filter.severities, severity);
            Vec::new()
        }
        PanelAction::Questions => {
            state.filter.questions = !state.filter.questions;
            Vec::new()
        }
        PanelAction::Category(category) => {
            toggle(&mut state.filter.categories, category);
            Vec::new()
        }
        PanelAction::View { name, value } => {
            set(&mut state.filter, &name, value);
            Vec::new()
        }
        PanelAction::Unfilter => {
            state.filter = Filter { group: std::mem::take(&mut state.filter.group), ..Filter::default() };
            Vec::new()
        }
        PanelAction::Remark { finding, decision, text } => {
            remark(state, &finding, decision, text);
            Vec::new()
        }
        PanelAction::Note { file, line, text } => {
            if state.read_only() {
                return Vec::new();
            }
            notes::write(&mut state.work, file, line, text);
            vec![Effect::Mark]
        }
        PanelAction::Unremark(id) => {
            say(state, &id, None);
            Vec::new()
        }
        PanelAction::Say { question, said } => {
            if is_about_code(&question) {
                engine::learned(state);
            }
            let all = Rc::make_mut(&mut state.said);
            all.retain(|(known, _)| *known != question);
            all.extend((!said.is_empty()).then_some((question, said)));
            Vec::new()
        }
        PanelAction::Goto { file, from, to } => go_to(state, &file, "", from, to, true),
    }
}

/// Whether the answer to a question changes the review: it is not one of a reviewer's, which say whose they are.
pub(super) fn is_about_code(question: &str) -> bool {
    !question.contains(": ")
}

/// Puts an item in, or takes it out.
fn toggle<T: Ord>(set: &mut BTreeSet<T>, item: T) {
    if !set.remove(&item) {
        set.insert(item);
    }
}

/// Selects a finding and shows it in the code.
pub(super) fn select(state: &mut State, id: String, focus: bool) -> Vec<Effect> {
    let Some(place) = finding(state, &id).map(|finding| finding.place.clone()) else {
        return Vec::new();
    };
    choose(state, id.clone());
    state.pane = Pane::Code;
    let Place { file, range } = place;
    go_to(state, &file, &id, range.from, range.to, focus)
}

/// Another finding is selected: none of its steps is shown yet.
fn choose(state: &mut State, id: String) {
    state.selected = Some(id);
    state.step = None;
}

/// Sets a filter, or what findings are grouped by.
fn set(filter: &mut Filter, name: &str, value: String) {
    let set = match name {
        "confidence" => &mut filter.confidence,
        "rule" => &mut filter.rule,
        "text" => &mut filter.text,
        "strictness" => &mut filter.strictness,
        _ => &mut filter.group,
    };
    *set = value;
}

/// Says something of a finding, instead of what was said before; a note without text takes that back.
fn remark(state: &mut State, id: &str, decision: u8, text: String) {
    let Some(found) = finding(state, id).filter(|_| !state.read_only()) else { return };
    let before = found.remark.as_ref().map_or_else(String::new, |remark| remark.finding.clone());
    let said = decision != 0 || !text.is_empty();
    let remark = Remark { finding: id.to_owned(), key: found.key(), decision: decision_of(decision), text };
    say(state, &before, said.then_some(remark));
}

/// Puts a remark in the place of the one of that id.
fn say(state: &mut State, before: &str, remark: Option<Remark>) {
    let remarks = Rc::make_mut(&mut state.remarks);
    remarks.retain(|remark| remark.finding != before);
    remarks.extend(remark);
    engine::learned(state);
}

/// A decision by its number in links.
pub(super) fn decision_of(number: u8) -> Decision {
    match number {
        1 => Decision::Accepted,
        2 => Decision::Dismissed,
        _ => Decision::Open,
    }
}

fn finding<'a>(state: &'a State, id: &str) -> Option<&'a Finding> {
    state.drawn.as_ref()?.review.findings.iter().find(|finding| finding.id == id)
}

fn go_to(state: &mut State, file: &str, id: &str, from: u32, to: u32, focus: bool) -> Vec<Effect> {
    let Some(known) = state.work.named(file) else {
        return Vec::new();
    };
    state.work.active = known.id;
    state.pane = Pane::Code;
    vec![Effect::Reveal { id: id.to_owned(), from, to, focus }]
}

fn step(state: &mut State, by: i32) -> Vec<Effect> {
    let order = queries::visible_ids(state);
    if order.is_empty() {
        return Vec::new();
    }
    let now = state.selected.as_ref().and_then(|id| order.iter().position(|known| known == id));
    let next = neighbour(now, by, order.len());
    let Some(id) = order.get(next).cloned() else {
        return Vec::new();
    };
    let pane = state.pane;
    let mut effects = select(state, id.clone(), false);
    // On a phone one steps through the list that one sees.
    state.pane = pane;
    state.announced = queries::position(state, &id, next + 1, order.len());
    effects.push(Effect::ScrollTo { id });
    effects
}

/// The one beside, in a ring: after the last comes the first.
fn neighbour(now: Option<usize>, by: i32, count: usize) -> usize {
    match now {
        Some(at) => (at as i32 + by).rem_euclid(count as i32) as usize,
        None if by > 0 => 0,
        None => count - 1,
    }
}

fn walk(state: &mut State, wanted: Option<String>, by: i32) -> Vec<Effect> {
    let steps = |id: &String| finding(state, id).map(|finding| finding.steps.len());
    let chosen = wanted.or_else(|| state.selected.clone()).filter(|id| steps(id).is_some());
    let Some(id) = chosen.or_else(|| queries::visible_ids(state).into_iter().find(|id| steps(id) > Some(0))) else {
        return Vec::new();
    };
    let Some(count @ 1..) = steps(&id) else {
        state.announced = "This finding has no steps.".to_owned();
        return Vec::new();
    };
    let now = state.step.filter(|_| state.selected.as_ref() == Some(&id));
    let next = neighbour(now, by, count);
    show_step(state, id, next)
}

/// Shows a step in the code. The focus stays, so that the same key or button leads on.
fn show_step(state: &mut State, id: String, at: usize) -> Vec<Effect> {
    let Some(finding) = finding(state, &id) else { return Vec::new() };
    let Some(step) = finding.steps.get(at).cloned() else { return Vec::new() };
    state.announced = queries::step_position(finding, at);
    state.selected = Some(id.clone());
    state.step = Some(at);
    let Place { file, range } = step.place;
    let mut effects = go_to(state, &file, "", range.from, range.to, false);
    effects.extend([Effect::ScrollTo { id }, Effect::Refocus { to: ".path-bar .next" }]);
    effects
}
