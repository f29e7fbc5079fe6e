//! Links: made, opened, left. What a link brings never touches the reader's own draft.

use std::rc::Rc;

use gopeer_engine::intake::archive;
use gopeer_engine::protocol::{FileText, Finding, Severity};
use gopeer_link::{self as codec, Shared, SharedFile};

use super::{
    DEFAULT_PERSONA, Dialog, Effect, Filter, LinkAction, State, Work, files, known_persona, normalised, page, panel,
};

/// A link that is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// What the link holds.
    pub shared: Shared,
    /// The reader's own work, to go back to.
    pub draft: Work,
    persona: String,
    filter: Filter,
    focused: bool,
}

/// What the clipboard did with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Not asked.
    No,
    /// It has the link.
    Yes,
    /// It was refused: the user copies by hand.
    Refused,
}

/// What a link is to hold, besides reviewer and filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Id of the finding that it points at.
    pub finding: Option<String>,
    /// Only the open file.
    pub only_open: bool,
    /// Not the words that people wrote beside the code.
    pub without_notes: bool,
}

/// The share dialog.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareDialog {
    /// What the link holds.
    pub wanted: Wanted,
    /// The whole address, or why there is none; none of both while it is made.
    pub link: Option<Result<String, String>>,
    /// Whether it was copied.
    pub copied: Copied,
}

pub(super) fn reduce(state: &mut State, action: LinkAction) -> Vec<Effect> {
    match action {
        LinkAction::Hash(hash) => follow_hash(state, &hash),
        LinkAction::Unpacked { link, shared } => unpacked(state, &link, shared),
        LinkAction::Leave => leave(state),
        LinkAction::EditCopy => edit_copy(state),
        LinkAction::Share(wanted) => share(state, wanted),
        LinkAction::Save => save(state),
        LinkAction::Packed { wanted, fragment } => {
            if let Some(Dialog::Share(share)) = &mut state.dialog
                && share.wanted == wanted
            {
                share.link = Some(fragment.map(|fragment| format!("{}#{fragment}", state.base)));
            }
            Vec::new()
        }
        LinkAction::Copy => match &state.dialog {
            Some(Dialog::Share(ShareDialog { link: Some(Ok(link)), .. })) => {
                vec![Effect::CopyLink { text: link.clone() }]
            }
            _ => Vec::new(),
        },
        LinkAction::Copied(done) => {
            if let Some(Dialog::Share(share)) = &mut state.dialog {
                share.copied = if done { Copied::Yes } else { Copied::Refused };
            }
            Vec::new()
        }
        LinkAction::Dismissed => {
            state.broken_link = None;
            Vec::new()
        }
    }
}

/// Does what the fragment says: a reviewer, or a link.
pub(super) fn follow_hash(state: &mut State, hash: &str) -> Vec<Effect> {
    let hash = hash.trim_start_matches('#');
    state.opening = None;
    if let Some(persona) = hash.strip_prefix("persona=") {
        if let Some(known) = known_persona(Some(persona)).filter(|known| *known != state.persona) {
            state.persona = known.to_owned();
            state.chosen = true;
        }
        return if state.opened.is_some() { leave_to(state, Some(persona)) } else { Vec::new() };
    }
    if hash.is_empty() {
        return if state.opened.is_some() { leave(state) } else { Vec::new() };
    }
    let link: Rc<str> = hash.into();
    state.opening = Some(link.clone());
    vec![Effect::Unpack { link }]
}

/// What a link holds is here. Only the newest one counts.
fn unpacked(state: &mut State, link: &str, shared: Result<Box<Shared>, String>) -> Vec<Effect> {
    if state.opening.take_if(|opening| **opening == *link).is_none() {
        return Vec::new();
    }
    match shared {
        Ok(shared) if !shared.files.is_empty() => open(state, *shared),
        Ok(_) => state.broken_link = Some("This link contains no files.".to_owned()),
        Err(reason) => state.broken_link = Some(reason),
    }
    page::need_welcome(state)
}

fn open(state: &mut State, shared: Shared) {
    let (draft, persona, filter) = match state.opened.take() {
        Some(opened) => (opened.draft.clone(), opened.persona.clone(), opened.filter.clone()),
        None => (state.work.clone(), state.persona.clone(), state.filter.clone()),
    };
    state.broken_link = None;
    state.dialog = None;
    let text = |file: &SharedFile| normalised(&file.text).into_owned();
    let shown = shared.files.iter().map(|file| FileText { name: file.name.clone(), text: text(file) });
    files::begin(state, shown.collect());
    if let Some(file) = state.work.files.get(shared.active as usize) {
        state.work.active = file.id;
    }
    state.persona = known_persona(Some(&shared.persona)).unwrap_or(DEFAULT_PERSONA).to_owned();
    state.filter = filter_of(&shared);
    state.opened = Some(Opened { shared, draft, persona, filter, focused: false }.into());
}

fn filter_of(shared: &Shared) -> Filter {
    let wanted = |severity: &Severity| shared.filter.severities.iter().any(|name| name == severity_id(*severity));
    let all = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
    Filter {
        severities: all.into_iter().filter(wanted).collect(),
        questions: shared.filter.severities.iter().any(|name| name == QUESTION),
        categories: shared.filter.categories.iter().cloned().collect(),
    }
}

/// Stands among the severities of a link's filter.
const QUESTION: &str = "question";

fn severity_id(severity: Severity) -> &'static str {
    crate::queries::severity(severity).id
}

fn leave(state: &mut State) -> Vec<Effect> {
    leave_to(state, None)
}

fn leave_to(state: &mut State, persona: Option<&str>) -> Vec<Effect> {
    if let Some(opened) = state.opened.take() {
        state.work = Work { version: state.version(), ..opened.draft.clone() };
        state.persona = known_persona(persona).map_or_else(|| opened.persona.clone(), str::to_owned);
        state.filter = opened.filter.clone();
        state.drawn = None;
        state.selected = None;
    }
    page::need_welcome(state)
}

fn edit_copy(state: &mut State) -> Vec<Effect> {
    if state.opened.take().is_none() {
        return Vec::new();
    }
    // Other numbers: the editor made the shown files read-only.
    let copies = state.work.files.iter().map(|file| FileText { name: file.name.clone(), text: file.text.to_string() });
    let active = state.work.files.iter().position(|file| file.id == state.work.active).unwrap_or(0);
    let copies = copies.collect();
    files::begin(state, copies);
    state.work.active = state.work.files[active].id;
    state.toast("You are now editing your own copy. Your earlier draft is under Open.", None, false);
    vec![Effect::NewDraft, Effect::Save]
}

/// After a review of a link: goes to the finding that it points at.
pub(super) fn focus(state: &mut State) -> Vec<Effect> {
    let Some(opened) = state.opened.clone().filter(|opened| !opened.focused) else {
        return Vec::new();
    };
    let focused = |state: &mut State| state.opened = Some(Opened { focused: true, ..(*opened).clone() }.into());
    let (Some(focus), Some(drawn)) = (&opened.shared.focus, &state.drawn) else {
        focused(state);
        return Vec::new();
    };
    let partial = drawn.review.partial;
    if state.selected.is_some() {
        // Who chose a finding while types were on their way stays there.
        focused(state);
        return Vec::new();
    }
    // A rule that was split from another has another name in the same category: then the code that is flagged tells.
    let category = |rule: &str| rule.split('/').next().map(str::to_owned);
    let renamed =
        |finding: &Finding| finding.snippet == focus.snippet && category(&finding.rule) == category(&focus.rule);
    let same =
        |finding: &&Finding| finding.place.file == focus.file && (finding.rule == focus.rule || renamed(finding));
    let distance = |finding: &&Finding| {
        let moved = finding.snippet != focus.snippet;
        (finding.rule != focus.rule, moved, finding.place.range.line.abs_diff(focus.line))
    };
    let found = drawn.review.findings.iter().filter(same).min_by_key(distance);
    // Before types are there the nearest may be another one.
    if partial && found.is_none_or(|found| distance(&found) != (false, false, 0)) {
        return Vec::new();
    }
    let found = found.map(|found| found.id.clone());
    focused(state);
    let Some(id) = found else {
        state.toast("This version of gopeer does not report the finding that the link points to.", None, true);
        return Vec::new();
    };
    let pane = super::Pane::Findings;
    state.unfolded = true;
    let mut effects = panel::select(state, id.clone(), false);
    state.pane = pane;
    std::rc::Rc::make_mut(&mut state.detailed).insert(id.clone());
    effects.extend(panel::need_rules(state));
    effects.push(Effect::ScrollTo { id });
    effects
}

fn share(state: &mut State, wanted: Wanted) -> Vec<Effect> {
    let mut shared = shared(state, wanted.finding.as_deref());
    if wanted.only_open {
        shared = shared.only_open_file();
    }
    if wanted.without_notes {
        shared = shared.without_notes();
    }
    state.dialog = Some(Dialog::Share(ShareDialog { wanted: wanted.clone(), link: None, copied: Copied::No }));
    vec![Effect::Pack { shared: Box::new(shared), wanted }]
}

/// The code as a file: for what no link can carry. The page opens it again.
fn save(state: &State) -> Vec<Effect> {
    let only_open = matches!(&state.dialog, Some(Dialog::Share(share)) if share.wanted.only_open);
    let open = state.work.active;
    let files = state.work.files.iter().filter(|file| !only_open || file.id == open);
    let files: Vec<FileText> =
        files.map(|file| FileText { name: file.name.clone(), text: file.text.to_string() }).collect();
    let name = match &files[..] {
        [one] => one.name.rsplit('/').next().unwrap_or_default().to_owned(),
        _ => "review.txtar".to_owned(),
    };
    vec![Effect::SaveFile { name, text: archive(&files) }]
}

/// What a link to the page as it is holds, without a finding that it points at.
pub fn linkable(state: &State) -> Shared {
    shared(state, None)
}

fn shared(state: &State, finding: Option<&str>) -> Shared {
    let review = state.drawn.as_ref().map(|drawn| &drawn.review);
    let found = review.and_then(|review| review.findings.iter().find(|known| Some(known.id.as_str()) == finding));
    let (notes, verdicts) = match &state.opened {
        Some(opened) => (opened.shared.notes.clone(), opened.shared.verdicts.clone()),
        None => Default::default(),
    };
    let severities = state.filter.severities.iter().map(|severity| severity_id(*severity));
    let questions = state.filter.questions.then_some(QUESTION);
    Shared {
        files: state
            .work
            .files
            .iter()
            .map(|file| SharedFile { name: file.name.clone(), text: file.text.to_string() })
            .collect(),
        active: state.work.files.iter().position(|file| file.id == state.work.active).unwrap_or(0) as u32,
        persona: state.persona.clone(),
        filter: codec::Filter {
            severities: severities.chain(questions).map(str::to_owned).collect(),
            categories: state.filter.categories.iter().cloned().collect(),
        },
        focus: found.map(|finding| codec::Focus {
            rule: finding.rule.clone(),
            file: finding.place.file.clone(),
            line: finding.place.range.line,
            snippet: finding.snippet,
        }),
        engine: gopeer_engine::VERSION.to_owned(),
        digest: review.map_or(0, |review| review.digest),
        notes,
        verdicts,
        ..Shared::default()
    }
}
