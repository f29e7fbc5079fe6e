//! What follows from a step, whatever the step was: the editor, the worker and the storage keep up with the state.

use super::{EditorStatus, Effect, State, difference, engine, files, notes};

pub(super) fn follow(old: &State, state: &mut State, from_editor: bool) -> Vec<Effect> {
    let mut effects = editor(old, state, from_editor);
    let changed = old.work.version != state.work.version;
    if changed {
        notes::follow(&old.work, &mut state.work);
        // The path leads through the code as it was.
        state.step = None;
        if state.project.as_ref().is_some_and(|project| state.work.named(&project.file).is_none()) {
            files::leave_project(state);
        }
        state.own.take_if(|own| state.work.named(&own.file).is_none());
        if state.own.is_none() {
            // A reviewer that has gone with its file.
            let id = std::mem::take(&mut state.persona);
            state.ask_reviewer(&id);
        }
        state.toast.take_if(|toast| old.toast.as_ref().is_some_and(|before| before.number == toast.number));
    }
    if old.drawn.is_some() && state.drawn.is_none() {
        effects.push(state.review_from_top());
    }
    effects.extend(engine::follow(state, changed && from_editor));
    effects.extend(engine::watch(&old.engine, state));
    if marks_changed(old, state) {
        effects.push(Effect::Mark);
    }
    let toast = |state: &State| state.toast.as_ref().map(|toast| toast.number);
    if let Some(number) = toast(state).filter(|_| toast(old) != toast(state)) {
        effects.push(Effect::Untoast { number });
    }
    if old.drawn != state.drawn {
        state.announced.clear();
    }
    let kept = |state: &State| {
        let said = (state.said.clone(), state.remarks.clone(), state.work.notes.clone());
        (state.work.version, state.work.active, state.persona.clone(), said)
    };
    if state.opened.is_none() && old.opened.is_none() && kept(old) != kept(state) {
        effects.push(Effect::Save);
    }
    if state.opened.is_none() && state.opening.is_none() && (old.persona != state.persona || old.opened.is_some()) {
        effects.push(Effect::Address { hash: format!("persona={}", state.persona) });
    }
    effects
}

/// The editor follows the state, except where the state followed the editor.
fn editor(old: &State, state: &State, from_editor: bool) -> Vec<Effect> {
    if state.editor != EditorStatus::Ready {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if !from_editor {
        for file in state.work.files.iter() {
            let before = old.work.files.iter().find(|before| before.id == file.id);
            let delta = before.and_then(|before| difference(&before.text, &file.text));
            effects.extend(delta.map(|delta| Effect::Apply { file: file.id, delta }));
        }
    }
    let aside = state.opened.as_ref().map(|opened| &opened.draft);
    for before in old.work.files.iter() {
        let mut kept = state.work.files.iter().chain(aside.iter().flat_map(|work| work.files.iter()));
        if !kept.any(|file| file.id == before.id) {
            effects.push(Effect::Forget { file: before.id });
        }
    }
    let other = old.work.active != state.work.active || old.editor != state.editor || old.opening.is_some();
    if other && state.opening.is_none() {
        effects.push(Effect::Show);
    }
    effects
}

fn marks_changed(old: &State, state: &State) -> bool {
    state.editor == EditorStatus::Ready
        && (old.drawn != state.drawn
            || old.work.active != state.work.active
            || (&old.selected, old.step) != (&state.selected, state.step)
            || old.filter != state.filter
            || old.unfolded != state.unfolded
            || old.editor != state.editor)
}
