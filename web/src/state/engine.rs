//! The worker as the page sees it: what was asked, what is overdue, what is drawn.

use std::rc::Rc;

use gopeer_engine::protocol::{Answer, Ask, Delta, FileText, PersonaCard, Request, Response};

use super::{
    DEFAULT_PERSONA, Drawn, Effect, EngineAction, Fetch, Own, ProjectReviewer, State, files, known_persona, link, panel,
};
use crate::queries;

/// How long the worker may be silent while an answer is due, in milliseconds. However long a review takes, the worker says
/// every 100 ms that it is at work (`worker/mod.rs`).
const PATIENCE: u32 = 700;
/// How long the worker may take to start: its program comes over the network and is compiled.
const START_PATIENCE: u32 = 60_000;

/// Whether the worker can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// On its way.
    Starting,
    /// It can; with its version.
    Ready(String),
    /// It cannot be started.
    Failed,
}

/// What the user is told when the worker had to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// For a bug report; holds none of the user's code.
    pub report: String,
    /// Whether a second try failed too: the next one comes with the next edit.
    pub paused: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Purpose {
    Sync,
    Review { version: u64, persona: String },
    Colours { file: u32, version: u64 },
    Intake(files::Intake),
    Inspect { ticket: u32, version: u64 },
}

/// The worker.
#[derive(Clone, Debug, PartialEq)]
pub struct Engine {
    /// Whether it can be asked.
    pub status: Status,
    /// What went wrong last.
    pub crash: Option<Crash>,
    /// Why the engine does not take the files, in a sentence.
    pub refusal: Option<String>,
    pending: Vec<(u32, Purpose)>,
    next_id: u32,
    watch: u32,
    /// Version of the work that the worker has.
    synced: u64,
    /// What was last asked to be reviewed.
    asked: Option<(u64, String)>,
    coloured: Option<(u32, u64)>,
    due: bool,
    failures: u32,
    /// What failed last.
    failed: Option<(u64, String)>,
}

impl Default for Engine {
    fn default() -> Self {
        Engine {
            status: Status::Starting,
            crash: None,
            refusal: None,
            pending: Vec::new(),
            next_id: 1,
            watch: 0,
            synced: 0,
            asked: None,
            coloured: None,
            due: false,
            failures: 0,
            failed: None,
        }
    }
}

impl Engine {
    /// Whether a review is on its way.
    pub fn is_busy(&self) -> bool {
        self.due || self.pending.iter().any(|(_, purpose)| matches!(purpose, Purpose::Review { .. }))
    }

    /// Asks for colours again: the editor that had them is gone.
    pub(super) fn recolour(&mut self) {
        self.coloured = None;
    }

    fn is_ready(&self) -> bool {
        matches!(self.status, Status::Ready(_))
    }

    /// From now on the worker may be silent for so long, if it owes an answer.
    fn expect_sign(&mut self) -> Option<Effect> {
        self.watch += 1;
        (!self.pending.is_empty()).then_some(Effect::Watch { watch: self.watch, millis: PATIENCE })
    }

    fn ask(&mut self, purpose: Purpose, ask: Ask) -> Effect {
        let id = self.next_id;
        self.next_id += 1;
        self.pending.push((id, purpose));
        Effect::Ask(Request { id, ask })
    }
}

/// What to watch when the page opens: the worker's start.
pub(super) fn first_watch() -> Effect {
    Effect::Watch { watch: 0, millis: START_PATIENCE }
}

pub(super) fn reduce(state: &mut State, action: EngineAction) -> Vec<Effect> {
    match action {
        EngineAction::Ready { version } => {
            state.engine.status = Status::Ready(version);
            Vec::new()
        }
        EngineAction::Answered { response, message } => answered(state, *response, message),
        EngineAction::Learned => {
            learned(state);
            Vec::new()
        }
        EngineAction::Configured { file, persona } => {
            configured(state, file, persona.as_deref());
            learned(state);
            Vec::new()
        }
        EngineAction::Brought { file, card } => {
            brought(state, file, card);
            learned(state);
            Vec::new()
        }
        EngineAction::Working => state.engine.expect_sign().into_iter().collect(),
        EngineAction::Inspect { file, at, ticket } => vec![inspect(state, file, at, ticket)],
        EngineAction::Died { report } => replace(state, &report),
        EngineAction::Overdue { watch } if watch != state.engine.watch => Vec::new(),
        EngineAction::Overdue { .. } => replace(state, "The engine did not answer in time."),
        EngineAction::Due { version } => {
            if version == state.work.version {
                state.engine.due = false;
            }
            Vec::new()
        }
        EngineAction::Dismissed => {
            state.engine.crash = None;
            Vec::new()
        }
        EngineAction::Retry => {
            state.engine = Engine { next_id: state.engine.next_id, watch: state.engine.watch + 1, ..Engine::default() };
            let watch = Effect::Watch { watch: state.engine.watch, millis: START_PATIENCE };
            vec![Effect::ReplaceEngine, watch]
        }
    }
}

/// A review would say something else now.
pub(super) fn learned(state: &mut State) {
    // What waits for the next edit goes on waiting.
    if state.engine.failures < 2 {
        state.engine.asked = None;
    }
}

/// A project's reviewer reviews, unless the visitor or a link chose one. Of several the first counts.
fn configured(state: &mut State, file: String, persona: Option<&str>) {
    if state.opened.is_some() || state.project.as_ref().is_some_and(|project| project.file != file) {
        return;
    }
    files::leave_project(state);
    let persona = match (known_persona(persona), &state.own) {
        (Some(known), _) => known.to_owned(),
        // A path: one of the files.
        _ if !persona.is_some_and(|path| path.ends_with(".md")) => return,
        (None, Some(own)) => own.card.id.clone(),
        (None, None) if state.awaits_reviewer() => String::new(),
        (None, None) => return,
    };
    if !state.chosen {
        state.persona.clone_from(&persona);
    }
    state.project = Some(ProjectReviewer { file, persona });
}

/// A reviewer among the files is as the file says now. One with faults stays as it was, if it ever was.
fn brought(state: &mut State, file: String, card: Option<PersonaCard>) {
    let follows = state.own.as_ref().is_some_and(|own| own.card.id == state.persona);
    let text = state.work.named(&file).map(|file| file.text.clone());
    let Some((card, text)) = card.zip(text.clone()) else {
        state.faulty = text;
        if state.own.is_none() && !state.has_reviewer() {
            state.persona = DEFAULT_PERSONA.to_owned();
        }
        return;
    };
    if follows || !state.has_reviewer() {
        state.persona.clone_from(&card.id);
    }
    state.own = Some(Own { file, card, text });
}

/// Sends an edit, when the worker has the text that it is about.
pub(super) fn edited(state: &mut State, name: &str, deltas: Vec<Delta>, before: u64) -> Vec<Effect> {
    let engine = &mut state.engine;
    if !engine.is_ready() || engine.synced != before || engine.refusal.is_some() {
        return Vec::new();
    }
    engine.synced = state.work.version;
    vec![engine.ask(Purpose::Sync, Ask::Edit { file: name.to_owned(), deltas })]
}

/// Asks the worker to take text apart. None where there is no worker.
pub(super) fn intake(state: &mut State, intake: files::Intake, name: String, text: String) -> Option<Effect> {
    let engine = &mut state.engine;
    engine.is_ready().then(|| engine.ask(Purpose::Intake(intake), Ask::Intake { name, text }))
}

/// Asks what a name is. Where no review of the text is there yet, nothing is known.
fn inspect(state: &mut State, file: u32, at: u32, ticket: u32) -> Effect {
    let version = state.work.version;
    let current = state.engine.is_ready() && state.drawn.as_ref().is_some_and(|drawn| drawn.work.version == version);
    match state.work.files.iter().find(|known| known.id == file).filter(|_| current) {
        Some(known) => {
            let ask = Ask::Inspect { file: known.name.clone(), at };
            state.engine.ask(Purpose::Inspect { ticket, version }, ask)
        }
        None => Effect::Inspected { ticket, found: None },
    }
}

/// Brings the worker up to date and asks for what is missing; `typed` waits for a pause.
pub(super) fn follow(state: &mut State, typed: bool) -> Vec<Effect> {
    let mut effects = Vec::new();
    if !state.engine.is_ready() || state.opening.is_some() {
        return effects;
    }
    let version = state.work.version;
    if state.engine.synced != version {
        let named = |file: &super::File| FileText { name: file.name.clone(), text: file.text.to_string() };
        let files = state.work.files.iter().map(named).collect();
        state.engine.synced = version;
        state.engine.refusal = None;
        effects.push(state.engine.ask(Purpose::Sync, Ask::Open { files, before: state.work.before.to_vec() }));
    }
    if typed {
        state.engine.due = true;
        effects.push(Effect::ReviewLater { version });
    } else if !state.engine.due {
        effects.extend(ask_colours(state));
        effects.extend(ask_review(state));
    }
    effects
}

/// After a step: watches the worker while something is asked of it.
pub(super) fn watch(old: &Engine, state: &mut State) -> Option<Effect> {
    let owes_as_before = old.pending == state.engine.pending;
    if owes_as_before || !state.engine.is_ready() { None } else { state.engine.expect_sign() }
}

fn ask_colours(state: &mut State) -> Option<Effect> {
    let file = state.work.active_file();
    let wanted = (file.id, state.work.version);
    let engine = &mut state.engine;
    if engine.coloured == Some(wanted) || engine.refusal.is_some() || file.text.is_empty() {
        return None;
    }
    engine.coloured = Some(wanted);
    let purpose = Purpose::Colours { file: wanted.0, version: wanted.1 };
    let name = file.name.clone();
    Some(engine.ask(purpose, Ask::Tokens { file: name }))
}

fn ask_review(state: &mut State) -> Option<Effect> {
    let wanted = (state.work.version, state.persona.clone());
    let in_flight = state.engine.is_busy() || !state.has_reviewer();
    let engine = &mut state.engine;
    if in_flight || engine.asked.as_ref() == Some(&wanted) || engine.refusal.is_some() {
        return None;
    }
    engine.asked = Some(wanted.clone());
    if state.work.is_blank() {
        state.drawn = None;
        return None;
    }
    let (version, persona) = wanted;
    let remarks = state.remarks.to_vec();
    let answers = state.said.iter().filter(|(question, _)| panel::is_about_code(question)).cloned().collect();
    let ask = Ask::Review { persona: persona.clone(), remarks, answers, beside: state.beside.clone() };
    Some(state.engine.ask(Purpose::Review { version, persona }, ask))
}

fn answered(state: &mut State, Response { id, answer }: Response, message: Rc<[u8]>) -> Vec<Effect> {
    let Some(at) = state.engine.pending.iter().position(|(asked, _)| *asked == id) else {
        return Vec::new();
    };
    let (_, purpose) = state.engine.pending.remove(at);
    match (purpose, answer) {
        (Purpose::Review { version, persona }, Answer::Review { review, .. }) => {
            if version != state.work.version || persona != state.persona {
                return Vec::new();
            }
            // A review of what failed may have left out what it failed over: an import that was not there yet.
            if state.engine.failed != Some((version, persona)) {
                state.engine.failures = 0;
            }
            if !review.partial && state.engine.crash.take().is_some() {
                state.toast("The review engine stopped and was started again. This review is complete.", None, false);
            }
            let completes = !review.partial && state.drawn.as_ref().is_some_and(|drawn| drawn.review.partial);
            state.drawn = Some(Drawn { review: Rc::new(*review), message, work: state.work.clone() });
            let mut effects = glance(state);
            effects.push(Effect::Fetch(Fetch::Codec));
            effects.extend(link::focus(state));
            // The complete review may have more findings above the one that is read.
            let selected = state.selected.clone().filter(|_| completes && state.pane == super::Pane::Findings);
            effects.extend(selected.map(|id| Effect::ScrollTo { id }));
            effects
        }
        (Purpose::Colours { file, version }, Answer::Tokens { tokens, .. }) if version == state.work.version => {
            vec![Effect::Colour { file, tokens }]
        }
        (Purpose::Inspect { ticket, version }, Answer::Inspection { found, .. }) if version == state.work.version => {
            vec![Effect::Inspected { ticket, found }]
        }
        (purpose @ Purpose::Inspect { .. }, _) => purpose.unanswered().into_iter().collect(),
        (Purpose::Intake(_), Answer::Intake { files, before, notes }) if !before.is_empty() => {
            files::change_here(state, files, before, &notes)
        }
        (Purpose::Intake(intake), Answer::Intake { files, notes, .. }) => {
            files::taken_apart(state, intake, files, &notes)
        }
        (Purpose::Sync, Answer::Refused { message }) => {
            state.engine.refusal = Some(message);
            state.drawn = None;
            Vec::new()
        }
        (_, Answer::Refused { message }) => {
            state.toast(message, None, true);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// After the first review of a pasted text: the editor shows the first finding.
fn glance(state: &mut State) -> Vec<Effect> {
    let whole = state.drawn.as_ref().is_some_and(|drawn| !drawn.review.partial);
    match state.pasted.take_if(|_| whole) {
        Some(version) if version == state.work.version => {
            queries::first_place(state).map(|at| Effect::Glance { at }).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Ends the worker and begins again with the text as it is. What failed once is tried once more; what fails twice
/// waits for the next edit, so that no text can keep the page restarting.
fn replace(state: &mut State, report: &str) -> Vec<Effect> {
    let old = &state.engine;
    if old.status == Status::Starting && old.failures > 0 || old.status == Status::Failed {
        state.engine.status = Status::Failed;
        state.engine.crash = Some(Crash { report: described(state, report), paused: true });
        return Vec::new();
    }
    let failures = old.failures + 1;
    let failed = (state.work.version, state.persona.clone());
    let failures = if old.failed.as_ref().is_some_and(|before| *before != failed) { 1 } else { failures };
    let asked = (failures > 1).then(|| failed.clone());
    let unanswered = old.pending.iter().filter_map(|(_, purpose)| purpose.unanswered()).collect::<Vec<_>>();
    let crash = Crash { report: described(state, report), paused: asked.is_some() };
    state.engine = Engine {
        crash: Some(crash),
        next_id: old.next_id,
        watch: old.watch + 1,
        coloured: asked.is_some().then_some((state.work.active, state.work.version)),
        asked,
        failures,
        failed: Some(failed),
        ..Engine::default()
    };
    let mut effects = unanswered;
    effects.extend([Effect::ReplaceEngine, Effect::Watch { watch: state.engine.watch, millis: START_PATIENCE }]);
    effects
}

fn described(state: &State, report: &str) -> String {
    let version = match &state.engine.status {
        Status::Ready(version) => version,
        _ => gopeer_engine::VERSION,
    };
    let asked: Vec<&str> = state.engine.pending.iter().map(|(_, purpose)| purpose.name()).collect();
    let sizes: Vec<String> = state.work.files.iter().map(|file| format!("{} bytes", file.text.len())).collect();
    format!(
        "gopeer {version}\n{report}\nReviewer: {}\nAsked for: {}\nFiles: {}\n",
        state.persona,
        if asked.is_empty() { "nothing".to_owned() } else { asked.join(", ") },
        sizes.join(", "),
    )
}

impl Purpose {
    fn name(&self) -> &'static str {
        match self {
            Purpose::Sync => "text",
            Purpose::Review { .. } => "review",
            Purpose::Colours { .. } => "colours",
            Purpose::Intake(_) => "intake",
            Purpose::Inspect { .. } => "name",
        }
    }

    /// What to answer whoever still waits.
    fn unanswered(&self) -> Option<Effect> {
        match self {
            Purpose::Inspect { ticket, .. } => Some(Effect::Inspected { ticket: *ticket, found: None }),
            _ => None,
        }
    }
}
