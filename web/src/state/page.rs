//! The rest of the page.

use super::{Dialog, EditorStatus, Effect, Fetch, Fetched, PageAction, Pane, PanelAction, State, engine, panel};
use crate::queries::REVIEWERS;

pub(super) fn reduce(state: &mut State, action: PageAction) -> Vec<Effect> {
    match action {
        PageAction::Started => return started(state),
        PageAction::Dialog(dialog) => return show(state, dialog),
        PageAction::Theme(theme) => {
            state.theme = theme;
            return vec![Effect::Theme(theme)];
        }
        PageAction::Pane(pane) => {
            state.pane = pane;
            if pane == Pane::Findings && std::mem::take(&mut state.unread) {
                return vec![Effect::TopOfReview];
            }
        }
        PageAction::Split(split) => {
            state.split = split.clamp(25, 75);
            return vec![Effect::Split(state.split)];
        }
        PageAction::Key(key) if state.single_keys => return shortcut(state, &key),
        PageAction::Key(_) => {}
        PageAction::SingleKeys(on) => {
            state.single_keys = on;
            return vec![Effect::KeepSingleKeys(on)];
        }
        PageAction::Editor(ready) => {
            state.editor = if ready { EditorStatus::Ready } else { EditorStatus::Plain };
            state.engine.recolour();
        }
        PageAction::Samples(samples) => state.samples = samples.map_or(Fetched::Failed, Fetched::Here),
        PageAction::Sample(sample) => return vec![Effect::Fetch(Fetch::Sample(sample))],
        PageAction::SampleFailed => {
            state.toast("This sample could not be loaded. Check the network connection and try again.", None, true)
        }
        PageAction::Earlier(earlier) => state.earlier = earlier,
        PageAction::Kept(kept) => state.kept = kept,
        PageAction::Untoast(number) => {
            state.toast.take_if(|toast| toast.number == number);
        }
        PageAction::CopyReport(text) => return vec![Effect::CopyReport { text }],
        PageAction::ReportCopied(true) => state.toast("Copied.", None, false),
        PageAction::ReportCopied(false) => {
            state.toast("The browser does not allow copying. Select the text and copy it yourself.", None, true);
        }
    }
    Vec::new()
}

/// Keys that work wherever nothing is typed.
fn shortcut(state: &mut State, key: &str) -> Vec<Effect> {
    if key == "?" {
        return show(state, Some(Dialog::Help));
    }
    let number = key.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let own = state.own.iter().map(|own| own.card.id.as_str());
    let mut reviewers = REVIEWERS.iter().map(|reviewer| reviewer.id).chain(own);
    match number.and_then(|number| reviewers.nth(number)).map(str::to_owned) {
        Some(id) => panel::reduce(state, PanelAction::Persona(id)),
        None => Vec::new(),
    }
}

fn started(state: &mut State) -> Vec<Effect> {
    let mut effects = vec![engine::first_watch(), Effect::Theme(state.theme), Effect::Split(state.split)];
    match &state.opening {
        Some(link) => effects.push(Effect::Unpack { link: link.clone() }),
        None => effects.extend(need_welcome(state)),
    }
    effects
}

/// Fetches what an empty page shows, where it is empty.
pub(super) fn need_welcome(state: &mut State) -> Vec<Effect> {
    if state.work.is_blank() { need_samples(state) } else { Vec::new() }
}

/// Fetches the gallery where it is not here yet.
fn need_samples(state: &mut State) -> Vec<Effect> {
    if matches!(state.samples, Fetched::No | Fetched::Failed) {
        state.samples = Fetched::Waiting;
        return vec![Effect::Fetch(Fetch::Samples)];
    }
    Vec::new()
}

fn show(state: &mut State, dialog: Option<Dialog>) -> Vec<Effect> {
    let mut effects = Vec::new();
    if dialog == Some(Dialog::Open) {
        effects.push(Effect::ListDrafts);
        effects.extend(need_samples(state));
    }
    state.dialog = dialog;
    effects
}
