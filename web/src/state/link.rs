//! Links: made, opened, left. What a link brings never touches the reader's own draft.

use std::rc::Rc;

use gopeer_engine::protocol::{Decision, FileText, Finding, Remark, Severity};
use gopeer_link::{self as codec, Shared, SharedFile};

use crate::queries;

use super::{Dialog, Drawn, Effect, Filter, LinkAction, State, Work, files, known_persona, normalised, page, panel};

/// A link that is open.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What the link holds.
    pub shared: Rc<Shared>,
    /// The reader's own work, to go back to.
    pub draft: Work,
    persona: String,
    filter: Filter,
    remarks: Rc<Vec<Remark>>,
    said: Rc<Vec<(String, String)>>,
    focused: bool,
}

/// Equal only if it is the same link, opened once: what it holds never changes.
impl PartialEq for Opened {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared) && self.focused == other.focused
    }
}

pub(super) fn reduce(state: &mut State, action: LinkAction) -> Vec<Effect> {
    match action {
        LinkAction::Hash(hash) => follow_hash(state, &hash),
        LinkAction::Unpacked { link, shared } => unpacked(state, &link, shared),
        LinkAction::Leave => leave(state),
        LinkAction::EditCopy => edit_copy(state),
        LinkAction::Open { refused, .. } if !refused.is_empty() => {
            state.toast(refused, None, true);
            Vec::new()
        }
        LinkAction::Open { shared, .. } => {
            opened(state, Shared::from_bytes(&shared).map_err(|error| error.to_string()))
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
    if let Some(rule) = hash.strip_prefix("rule/") {
        state.dialog = Some(Dialog::Rule(rule.to_owned()));
        return Vec::new();
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
    opened(state, shared.map(|shared| *shared))
}

fn opened(state: &mut State, shared: Result<Shared, String>) -> Vec<Effect> {
    match shared {
        Ok(shared) if !shared.files.is_empty() => open(state, shared),
        Ok(_) => state.broken_link = Some("This link contains no files.".to_owned()),
        Err(reason) => state.broken_link = Some(reason),
    }
    page::need_welcome(state)
}

fn open(state: &mut State, shared: Shared) {
    let shared = Rc::new(shared);
    let own = state.opened.take().unwrap_or_else(|| {
        let (draft, persona) = (state.work.clone(), state.persona.clone());
        let (filter, remarks, said) = (state.filter.clone(), state.remarks.clone(), state.said.clone());
        Opened { shared: shared.clone(), draft, persona, filter, remarks, said, focused: false }.into()
    });
    state.broken_link = None;
    state.dialog = None;
    let text = |file: &SharedFile| normalised(&file.text).into_owned();
    let shown = shared.files.iter().map(|file| FileText { name: file.name.clone(), text: text(file) });
    files::begin(state, shown.collect());
    state.work.before = Rc::new(shared.before.clone());
    state.work.notes = Rc::new(shared.notes.clone());
    state.remarks = Rc::new(remarks_of(&shared));
    state.said = Rc::new(shared.said());
    if let Some(file) = state.work.files.get(shared.active as usize) {
        state.work.active = file.id;
    }
    state.ask_reviewer(&shared.persona);
    state.filter = filter_of(&shared);
    state.opened = Some(Opened { shared, focused: false, ..(*own).clone() }.into());
}

fn filter_of(shared: &Shared) -> Filter {
    let named = |wanted: &str| shared.filter.severities.iter().any(|name| name == wanted);
    let wanted = |severity: &Severity| named(severity_id(*severity));
    let all = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
    Filter {
        severities: all.into_iter().filter(wanted).collect(),
        questions: named(QUESTION),
        categories: shared.filter.categories.iter().cloned().collect(),
        confidence: shared.view.confidences.first().cloned().unwrap_or_default(),
        rule: shared.view.rules.first().cloned().unwrap_or_default(),
        text: shared.view.text.clone(),
        group: shared.view.group.clone(),
        strictness: STRICTNESS.into_iter().find(|known| named(known)).unwrap_or_default().to_owned(),
    }
}

/// What a link says of findings. Those of the first format know no keys.
fn remarks_of(shared: &Shared) -> Vec<Remark> {
    let first = shared.verdicts.iter().map(|mark| Remark {
        finding: mark.finding.clone(),
        key: 0,
        decision: if mark.accepted { Decision::Accepted } else { Decision::Dismissed },
        text: mark.reason.clone(),
    });
    let remarks = shared.remarks.iter().map(|remark| Remark {
        finding: remark.finding.clone(),
        key: remark.key,
        decision: panel::decision_of(remark.decision),
        text: remark.text.clone(),
    });
    first.chain(remarks).collect()
}

/// More findings are not listed in a link: the list would be most of it, and a state has only so many entries.
const FOUND: usize = 1_000;

/// Among the severities of a link's filter.
const QUESTION: &str = "question";
/// The same of how strict the review is.
const STRICTNESS: [&str; 2] = ["quiet", "strict"];

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
        state.remarks = opened.remarks.clone();
        state.said = opened.said.clone();
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
    let (work, remarks, said) = (state.work.clone(), state.remarks.clone(), state.said.clone());
    files::begin(state, copies);
    state.work.before = work.before;
    state.work.notes = work.notes;
    state.remarks = remarks;
    state.said = said;
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
    effects.push(Effect::ScrollTo { id });
    effects
}

/// What a link to the page as it is holds; it points at the finding of that id, if there is one.
pub fn linkable(state: &State, finding: &str) -> Shared {
    let review = state.drawn.as_ref().map(|drawn| &drawn.review);
    let found = review.and_then(|review| review.findings.iter().find(|known| known.id == finding));
    let severities = state.filter.severities.iter().map(|severity| severity_id(*severity));
    let questions = state.filter.questions.then_some(QUESTION);
    let Filter { confidence, rule, text, group, strictness, .. } = &state.filter;
    let strictness = Some(strictness.as_str()).filter(|strictness| !strictness.is_empty());
    let one = |value: &String| Some(value.clone()).filter(|value| !value.is_empty()).into_iter().collect();
    let mut shared = Shared {
        files: state
            .work
            .files
            .iter()
            .map(|file| SharedFile { name: file.name.clone(), text: file.text.to_string() })
            .collect(),
        active: state.work.files.iter().position(|file| file.id == state.work.active).unwrap_or(0) as u32,
        persona: state.persona.clone(),
        filter: codec::Filter {
            severities: severities.chain(questions).chain(strictness).map(str::to_owned).collect(),
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
        notes: state.work.notes.to_vec(),
        verdicts: Vec::new(),
        view: codec::View { confidences: one(confidence), rules: one(rule), text: text.clone(), group: group.clone() },
        remarks: state.remarks.iter().filter(|remark| applies(state, remark)).map(said).collect(),
        before: state.work.before.to_vec(),
        found: review.map(|review| queries::numbers(review)).filter(|found| found.len() <= FOUND).unwrap_or_default(),
        more: state.opened.as_ref().map(|opened| opened.shared.more.clone()).unwrap_or_default(),
    };
    shared.say(&state.said);
    shared
}

/// Whether something was said of what is shown: what belongs to code that is gone is nobody else's business.
fn applies(state: &State, remark: &Remark) -> bool {
    state.drawn.as_ref().is_some_and(|Drawn { review, .. }| {
        review.findings.iter().any(|finding| finding.remark.as_ref() == Some(remark))
            || review.suppressed.iter().any(|silenced| silenced.finding == remark.finding)
    })
}

fn said(Remark { finding, key, decision, text }: &Remark) -> codec::Remark {
    let decision = match decision {
        Decision::Open => 0,
        Decision::Accepted => 1,
        Decision::Dismissed => 2,
    };
    codec::Remark { finding: finding.clone(), key: *key, decision, text: text.clone() }
}
