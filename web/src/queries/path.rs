//! The path of the selected finding.

use gopeer_engine::protocol::{Finding, Step};
use serde::Serialize;

use super::panel::{current, visible};
use crate::state::{Drawn, State};

/// The step that is shown: of which finding, and which it is, from 0.
pub fn shown_step(state: &State) -> Option<(&Finding, usize)> {
    let findings = &state.drawn.as_ref()?.review.findings;
    let finding = findings.iter().find(|finding| Some(&finding.id) == state.selected.as_ref())?;
    let at = state.step.filter(|at| *at < finding.steps.len())?;
    Some((finding, at))
}

/// A step, for those who do not see it: which it is, where, and what happens there.
pub fn step_position(finding: &Finding, at: usize) -> String {
    let Some(step @ Step { place, .. }) = finding.steps.get(at) else { return String::new() };
    let (number, count) = (at + 1, finding.steps.len());
    format!("Step {number} of {count}, {} line {}: {}", place.file, place.range.line, super::spoken(&step.in_full()))
}

/// A step as the editor draws it: `Step` in `web/editor/src/path.ts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepMark {
    number: usize,
    from: u32,
    to: u32,
    say: String,
    shown: bool,
}

/// The steps of the selected finding that are in the active file, for the editor.
pub fn step_marks(state: &State) -> Vec<StepMark> {
    let Some(Drawn { review, .. }) = current(state) else { return Vec::new() };
    let selected = review.findings.iter().position(|finding| Some(&finding.id) == state.selected.as_ref());
    let Some(selected) = selected.filter(|index| visible(state, review, *index)) else { return Vec::new() };
    let open = &state.work.active_file().name;
    let steps = review.findings[selected].steps.iter().enumerate();
    let here = steps.filter(|(_, step)| step.place.file == *open);
    here.map(|(at, step)| StepMark {
        number: at + 1,
        from: step.place.range.from,
        to: step.place.range.to,
        say: super::spoken(&step.in_full()),
        shown: state.step == Some(at),
    })
    .collect()
}
