//! The review panel.

use std::collections::BTreeSet;
use std::rc::Rc;

use gopeer_engine::protocol::{Finding, Place};

use super::{Dialog, Effect, Fetch, Fetched, Pane, PanelAction, State};
use crate::queries;

pub(super) fn reduce(state: &mut State, action: PanelAction) -> Vec<Effect> {
    match action {
        PanelAction::Persona(id) => {
            let Some(known) = super::known_persona(Some(&id)) else { return Vec::new() };
            state.persona = known.to_owned();
            state.chosen = true;
            state.unfolded = false;
            vec![Effect::KeepPersona]
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
            need_rules(state)
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
        PanelAction::Unfilter => {
            state.filter = super::Filter::default();
            Vec::new()
        }
        PanelAction::Tick(entry) => {
            toggle(Rc::make_mut(&mut state.ticks), entry);
            Vec::new()
        }
        PanelAction::Goto { file, from, to } => go_to(state, &file, "", from, to, true),
    }
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

/// Opens the documentation of a rule.
pub(super) fn show_rule(state: &mut State, rule: String) -> Vec<Effect> {
    state.dialog = Some(Dialog::Rule(rule));
    need_rules(state)
}

/// Fetches the rules' documentation where it is not here yet.
pub(super) fn need_rules(state: &mut State) -> Vec<Effect> {
    if matches!(state.rules, Fetched::No | Fetched::Failed) {
        state.rules = Fetched::Waiting;
        return vec![Effect::Fetch(Fetch::Rules)];
    }
    Vec::new()
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
