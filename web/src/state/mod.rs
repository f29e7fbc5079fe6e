//! What the page knows, and the pure function that changes it.

mod action;
mod effect;
mod engine;
mod files;
mod follow;
mod link;
mod notes;
mod page;
mod panel;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::rc::Rc;

use gopeer_engine::persona::is_persona;
use gopeer_engine::protocol::{PersonaCard, Remark, Review, Severity};
use gopeer_link::Note;
use serde::{Deserialize, Serialize};

pub use action::{Action, EngineAction, FilesAction, LinkAction, PageAction, PanelAction, ReadFile, Source};
pub use effect::{Effect, Fetch};
pub use engine::{Crash, Engine, Status};
pub(crate) use files::fixed;
pub use link::{Opened, linkable};
pub use text::{apply, difference, normalised, units};

/// One file, as a tab shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Unique as long as the page is open, whatever the file is called.
    pub id: u32,
    /// Its name; unique among the open files.
    pub name: String,
    /// Its text, with `\n` as line end.
    pub text: Rc<str>,
}

impl File {
    /// Whether it is a reviewer.
    fn is_persona(&self) -> bool {
        is_persona(&self.name, &self.text)
    }
}

/// The open files.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// In tab order; never empty.
    pub files: Rc<Vec<File>>,
    /// Of a change: what its files were before it, in the engine's words; of other work nothing.
    pub before: Rc<Vec<u8>>,
    /// What people wrote on lines.
    pub notes: Rc<Vec<Note>>,
    /// Id of the file in the editor.
    pub active: u32,
    /// Rises with every change of any text or name.
    pub version: u64,
    /// Whether it is a sample that nobody has changed: no draft, and what is opened or pasted takes its place.
    pub is_sample: bool,
}

impl Work {
    /// The file in the editor.
    pub fn active_file(&self) -> &File {
        self.files.iter().find(|file| file.id == self.active).unwrap_or(&self.files[0])
    }

    /// Whether there is nothing to review.
    pub fn is_blank(&self) -> bool {
        self.files.iter().all(|file| file.text.trim().is_empty() || file.is_persona())
    }

    /// The file of that name.
    pub fn named(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name)
    }
}

/// A review and the work that it is about.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The review.
    pub review: Rc<Review>,
    /// The message that it came in: what exports are made of.
    pub message: Rc<[u8]>,
    /// The reviewed work: its places are true in this text, whatever was typed since.
    pub work: Work,
}

/// Equal only if it is the same answer: comparing every finding at each key would cost more than drawing them.
impl PartialEq for Drawn {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.review, &other.review)
    }
}

/// Which findings are shown; an empty set lets everything through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Only findings of these.
    pub severities: BTreeSet<Severity>,
    /// Only questions, or these as well as findings of the severities.
    pub questions: bool,
    /// Only these.
    pub categories: BTreeSet<String>,
    /// Only findings of this confidence.
    pub confidence: String,
    /// Only findings of this rule.
    pub rule: String,
    /// Only findings that have all of these words in them; case does not matter.
    pub text: String,
    /// By what findings are grouped: `rule`, `file` or `line`; the reviewer's sections where it is empty. It hides nothing.
    pub group: String,
    /// `quiet` shows only findings of critical and high severity, `strict` folds none away; empty is in between.
    pub strictness: String,
}

impl Filter {
    /// Whether everything is shown.
    pub fn is_open(&self) -> bool {
        let Filter { severities, questions, categories, confidence, rule, text, group: _, strictness } = self;
        strictness != "quiet"
            && severities.is_empty()
            && !questions
            && categories.is_empty()
            && [confidence, rule, text].into_iter().all(String::is_empty)
    }
}

/// A dialog.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// Samples and earlier drafts.
    Open,
    /// A link to what is shown, or to the finding of that id, and exports.
    Share(Option<String>),
    /// The page of one rule.
    Rule(String),
    /// Keys, limits, privacy.
    Help,
}

/// A message that goes away by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// One or two sentences.
    pub text: String,
    /// The work to go back to, valid until the next change.
    pub undo: Option<Work>,
    /// What was said of findings before.
    pub remarks: Rc<Vec<Remark>>,
    /// What was said of questions before.
    pub said: Rc<Vec<(String, String)>>,
    /// Id of the reviewer before, if that was one of the visitor's own: it may go with its file.
    pub own: Option<String>,
    /// Whether something was not done.
    pub warning: bool,
    /// Tells one toast from the next.
    pub number: u32,
}

/// Which half a phone shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The editor.
    Code,
    /// The review.
    Findings,
}

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Its name in the document and in storage.
    pub fn id(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of that name, or the system's.
    pub fn from_id(id: &str) -> Theme {
        [Theme::Light, Theme::Dark].into_iter().find(|theme| theme.id() == id).unwrap_or_default()
    }
}

/// The editor bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditorStatus {
    /// On its way; a plain text area stands in.
    Loading,
    /// There.
    Ready,
    /// It did not load: the plain text area stays.
    Plain,
}

/// Something fetched when first needed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Fetched<T> {
    /// Not asked for.
    #[default]
    No,
    /// On its way.
    Waiting,
    /// Here.
    Here(T),
    /// Did not come.
    Failed,
}

/// An entry of the sample gallery.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sample {
    /// Name of the file.
    pub file: String,
    /// What it is.
    pub title: String,
    /// Id of the persona it is made for.
    pub persona: String,
    /// One or two sentences.
    pub about: String,
    /// Its hashed name in the site.
    pub url: String,
}

/// A reviewer that `.gopeer.toml` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectReviewer {
    /// Name of the file.
    pub file: String,
    /// Id of the persona; empty where that is one of the files, and has not been read yet.
    pub persona: String,
}

/// A reviewer that a file brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Own {
    /// Name of the file.
    pub file: String,
    /// Who that is.
    pub card: PersonaCard,
    /// The file's text.
    pub text: Rc<str>,
}

/// What is kept in the browser.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Milliseconds since 1970.
    pub saved: f64,
    /// Names and texts, in tab order.
    pub files: Vec<(String, String)>,
    /// What [`versions`](Self::versions) holds, as drafts had it before: a list of numbers, which is four times as long.
    #[serde(default)]
    pub before: Vec<u8>,
    /// Of a change: what its files were before it, in the engine's words, a character for each byte.
    #[serde(default)]
    pub versions: String,
    /// Index of the file in the editor.
    pub active: u32,
    /// Who reviews.
    pub persona: String,
    /// Ticked checklist entries, as drafts had them before [`said`](Self::said).
    #[serde(default)]
    pub ticks: Vec<String>,
    /// What was said of questions.
    #[serde(default)]
    pub said: Vec<(String, String)>,
    /// Whether it is a sample that nobody has changed: this tab shows it again after a reload, and no list has it.
    #[serde(default)]
    pub is_sample: bool,
    /// What was said of findings.
    #[serde(default)]
    pub remarks: Vec<Remark>,
    /// What was written on lines.
    #[serde(default)]
    pub notes: Vec<Note>,
}

/// An earlier draft in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// Its key in storage.
    pub key: String,
    /// What the user calls it; empty where they call it nothing.
    pub name: String,
    /// The draft.
    pub draft: Rc<Draft>,
}

/// What the page knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The files that are shown.
    pub work: Work,
    /// The link that is open, with the reader's own draft beside it.
    pub opened: Option<Rc<Opened>>,
    /// The link that is being opened: until that is done, the worker and the editor wait.
    pub opening: Option<Rc<str>>,
    /// Why a link could not be opened.
    pub broken_link: Option<String>,
    /// Id of the reviewer.
    pub persona: String,
    /// Id of the reviewer that it is compared with; empty where there is none.
    pub beside: String,
    /// Whether the visitor chose the reviewer, now or on an earlier visit. That choice goes before a project's.
    pub chosen: bool,
    /// The reviewer that a configuration among the files names.
    pub project: Option<ProjectReviewer>,
    /// The reviewer that a file among the files brings, once it has been read.
    pub own: Option<Own>,
    /// The text of the reviewer that was last found to have faults.
    faulty: Option<Rc<str>>,
    /// The worker.
    pub engine: Engine,
    /// The newest review of what is shown.
    pub drawn: Option<Drawn>,
    /// What was said of findings.
    pub remarks: Rc<Vec<Remark>>,
    /// Which findings are shown.
    pub filter: Filter,
    /// Id of the selected finding.
    pub selected: Option<String>,
    /// Which step of the selected finding's path is shown, from 0.
    pub step: Option<usize>,
    /// The finding or the step that was stepped to, for a screen reader.
    pub announced: String,
    /// Version of a text that was pasted as a whole: its first review brings the first finding into view.
    pub pasted: Option<u64>,
    /// Ids of findings whose details are open.
    pub detailed: Rc<BTreeSet<String>>,
    /// Whether findings beyond the reviewer's cut-off are shown.
    pub unfolded: bool,
    /// What was said of questions: a question about what the code does not show, with the id of its answer; and `persona: text` of a
    /// reviewer's question or of a checklist's entry, with `[x]` or `[ ]` and a note.
    pub said: Rc<Vec<(String, String)>>,
    /// The open dialog.
    pub dialog: Option<Dialog>,
    /// The message at the foot.
    pub toast: Option<Toast>,
    /// What a phone shows.
    pub pane: Pane,
    /// Whether other code came while a phone showed the editor: its review is then shown from the top.
    pub unread: bool,
    /// Light or dark.
    pub theme: Theme,
    /// Width of the code in percent.
    pub split: u8,
    /// Whether single keys are shortcuts.
    pub single_keys: bool,
    /// The editor.
    pub editor: EditorStatus,
    /// The gallery.
    pub samples: Fetched<Rc<Vec<Sample>>>,
    /// Earlier drafts, newest first.
    pub earlier: Rc<Vec<Earlier>>,
    /// Whether the draft could be written.
    pub kept: bool,
    /// Address of the page without its fragment.
    pub base: String,
    next_file: u32,
    next_version: u64,
    next_toast: u32,
}

/// Where the page begins.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Address without its fragment.
    pub base: String,
    /// The fragment.
    pub hash: String,
    /// The draft of this tab.
    pub draft: Option<Draft>,
    /// Chosen theme.
    pub theme: Theme,
    /// Width of the code in percent.
    pub split: Option<u8>,
    /// The reviewer chosen last.
    pub persona: Option<String>,
    /// Whether single keys are no shortcuts.
    pub no_single_keys: bool,
}

impl State {
    /// The page as it opens.
    pub fn new(start: Start) -> State {
        let blank = File { id: 1, name: "main.go".to_owned(), text: "".into() };
        let mut state = State {
            work: Work {
                files: Rc::new(vec![blank]),
                before: Rc::default(),
                notes: Rc::default(),
                active: 1,
                version: 1,
                is_sample: false,
            },
            opened: None,
            opening: None,
            broken_link: None,
            persona: known_persona(start.persona.as_deref()).unwrap_or(DEFAULT_PERSONA).to_owned(),
            beside: String::new(),
            chosen: start.persona.is_some(),
            project: None,
            own: None,
            faulty: None,
            engine: Engine::default(),
            drawn: None,
            remarks: Rc::default(),
            filter: Filter::default(),
            selected: None,
            step: None,
            announced: String::new(),
            pasted: None,
            detailed: Rc::default(),
            unfolded: false,
            said: Rc::default(),
            dialog: None,
            toast: None,
            pane: Pane::Code,
            unread: false,
            theme: start.theme,
            split: start.split.unwrap_or(56).clamp(25, 75),
            single_keys: !start.no_single_keys,
            editor: EditorStatus::Loading,
            samples: Fetched::No,
            earlier: Rc::default(),
            kept: true,
            base: start.base,
            next_file: 2,
            next_version: 2,
            next_toast: 1,
        };
        if let Some(draft) = start.draft {
            files::restore(&mut state, &draft);
        }
        // Its effect comes with the page's first, in `page::started`.
        let _ = link::follow_hash(&mut state, &start.hash);
        if state.work.is_blank() && state.opening.is_none() {
            // A phone shows one pane: there is more to see beside the empty one.
            state.pane = Pane::Findings;
        }
        state
    }

    /// Whether the text may be changed.
    pub fn read_only(&self) -> bool {
        self.opened.is_some()
    }

    /// Whether the reviewer is known: where it is one of the files, that one has been read.
    fn has_reviewer(&self) -> bool {
        known_persona(Some(&self.persona)).is_some() || self.own.as_ref().is_some_and(|own| own.card.id == self.persona)
    }

    /// Whether a reviewer is among the files that may not have been read as it is.
    fn awaits_reviewer(&self) -> bool {
        self.work.files.iter().any(|file| file.is_persona() && self.faulty.as_ref() != Some(&file.text))
    }

    /// Has the reviewer of this id review, if there is one: one of the files may be it.
    fn ask_reviewer(&mut self, id: &str) {
        let persona = match (known_persona(Some(id)), &self.own) {
            (Some(known), _) => known,
            (None, Some(own)) => &own.card.id,
            (None, None) if self.awaits_reviewer() => id,
            (None, None) => DEFAULT_PERSONA,
        };
        self.persona = persona.to_owned();
    }

    fn toast(&mut self, text: impl Into<String>, undo: Option<Work>, warning: bool) {
        let (remarks, said, number) = (self.remarks.clone(), self.said.clone(), self.next_toast);
        let own = self.own.as_ref().filter(|own| own.card.id == self.persona).map(|own| own.card.id.clone());
        self.toast = Some(Toast { text: text.into(), undo, remarks, said, own, warning, number });
        self.next_toast += 1;
    }

    /// A review of other code is read from its top.
    fn review_from_top(&mut self) -> Effect {
        self.unread = true;
        Effect::TopOfReview
    }

    fn version(&mut self) -> u64 {
        self.next_version += 1;
        self.next_version - 1
    }
}

/// Who reviews where nobody says otherwise.
pub const DEFAULT_PERSONA: &str = "senior";

/// The id as a static name, if there is such a reviewer.
pub fn known_persona(id: Option<&str>) -> Option<&'static str> {
    crate::queries::REVIEWERS.iter().map(|reviewer| reviewer.id).find(|known| Some(*known) == id)
}

/// The next state, and what must happen in the world.
pub fn reduce(old: &State, action: Action) -> (State, Vec<Effect>) {
    let mut state = old.clone();
    let from_editor = matches!(action, Action::Files(FilesAction::Edited { .. }));
    let mut effects = match action {
        Action::Files(action) => files::reduce(&mut state, action),
        Action::Engine(action) => engine::reduce(&mut state, action),
        Action::Panel(action) => panel::reduce(&mut state, action),
        Action::Link(action) => link::reduce(&mut state, action),
        Action::Page(action) => page::reduce(&mut state, action),
    };
    effects.extend(follow::follow(old, &mut state, from_editor));
    (state, effects)
}
