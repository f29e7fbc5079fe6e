//! What can happen.

use std::rc::Rc;

use gopeer_engine::protocol::{Delta, FileText, PersonaCard, Response, Severity};
use gopeer_link::Shared;

use super::{Dialog, Earlier, Pane, Sample, Theme};

/// What can happen to the page.
#[derive(Clone, Debug)]
pub enum Action {
    /// To its files.
    Files(FilesAction),
    /// To the worker.
    Engine(EngineAction),
    /// In the review panel.
    Panel(PanelAction),
    /// To links.
    Link(LinkAction),
    /// To the rest.
    Page(PageAction),
}

/// Where text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Pasted into the editor.
    Paste,
    /// Opened or dropped.
    Disk,
    /// Chosen in the gallery.
    Sample,
}

/// A file of the user's disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// Its name, or its path below the dropped folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: usize,
    /// Its text; none where it is not text or too large to read.
    pub text: Option<String>,
}

/// Changes of files.
#[derive(Clone, Debug)]
pub enum FilesAction {
    /// The user typed in the editor.
    Edited {
        /// The file.
        file: u32,
        /// The edits, in order.
        deltas: Vec<Delta>,
    },
    /// The user typed in the plain text area.
    Replaced {
        /// The new text.
        text: String,
    },
    /// The user pasted over everything, or something that is not plain code for the place of the cursor.
    Pasted {
        /// The text.
        text: String,
        /// Whether it takes the place of all there is in the file.
        over_all: bool,
    },
    /// Files came from the disk.
    Read {
        /// The files.
        files: Vec<ReadFile>,
    },
    /// A sample came.
    SampleHere {
        /// The sample.
        sample: Sample,
        /// Its text.
        text: String,
    },
    /// Say what the files were before a change.
    Before {
        /// In the engine's words; empty where they are not compared any more.
        versions: Vec<u8>,
    },
    /// Show a file.
    Show {
        /// Its id.
        file: u32,
    },
    /// Add an empty file.
    Add,
    /// Have a reviewer of one's own review.
    Bring {
        /// Its file.
        file: FileText,
        /// Whether it is to be edited.
        edit: bool,
    },
    /// Rename a file.
    Rename {
        /// Its id.
        file: u32,
        /// The name.
        name: String,
    },
    /// Close a file.
    Close {
        /// Its id.
        file: u32,
    },
    /// Begin with nothing.
    Clear,
    /// Go back to the work that the toast keeps.
    Undo,
    /// Apply a fix of a finding.
    Fix {
        /// Id of the finding.
        finding: String,
        /// Which of its fixes.
        fix: usize,
    },
    /// Take up an earlier draft.
    Resume {
        /// Its key.
        key: String,
    },
    /// Call a draft by a name.
    NameDraft {
        /// Its key.
        key: String,
        /// The name; empty takes it away.
        name: String,
    },
}

/// What the worker and its clock say.
#[derive(Clone, Debug)]
pub enum EngineAction {
    /// It can take requests.
    Ready {
        /// Its version.
        version: String,
    },
    /// An answer.
    Answered {
        /// The answer.
        response: Box<Response>,
        /// The message that it came in.
        message: Rc<[u8]>,
    },
    /// It is at work on what was asked.
    Working,
    /// It knows more of imported packages than when it reviewed last.
    Learned,
    /// It has read a configuration among the files.
    Configured {
        /// Name of the file.
        file: String,
        /// The persona that it names.
        persona: Option<String>,
    },
    /// It has read a reviewer among the files.
    Brought {
        /// Name of the file.
        file: String,
        /// Who that is; none where the file has faults.
        card: Option<PersonaCard>,
    },
    /// The editor asks what the name at a place is.
    Inspect {
        /// Id of the file.
        file: u32,
        /// UTF-16 offset.
        at: u32,
        /// The editor's number for the answer.
        ticket: u32,
    },
    /// It will not answer any more.
    Died {
        /// What it said.
        report: String,
    },
    /// It has been silent too long.
    Overdue {
        /// The silence this is about.
        watch: u32,
    },
    /// The user has paused: time for a review.
    Due {
        /// Version at which the pause began.
        version: u64,
    },
    /// The user has read the crash report.
    Dismissed,
    /// The user wants another try.
    Retry,
}

/// What is done in the review panel.
#[derive(Clone, Debug)]
pub enum PanelAction {
    /// Another reviewer.
    Persona(String),
    /// Compare the reviewer with another one, or with none if it is empty.
    Beside(String),
    /// Select a finding from the panel: the code follows.
    Select(String),
    /// Select a finding from the code: the panel follows.
    Pick(String),
    /// Go to the next (1) or previous (-1) finding.
    Step(i32),
    /// Show a step of a finding's path.
    ShowStep {
        /// Id of the finding; none for the selected one.
        finding: Option<String>,
        /// Which of its steps, from 0.
        step: usize,
    },
    /// Go to the next (1) or previous (-1) step of a finding's path.
    Walk {
        /// Id of the finding; none for the selected one, or else the first that has a path.
        finding: Option<String>,
        /// How far.
        by: i32,
    },
    /// Go back from the code to the card of the selected finding.
    Back,
    /// Open or close the details of a finding.
    Detail(String),
    /// Show findings beyond the cut-off, or not.
    Unfold,
    /// Switch a severity in the filter.
    Severity(Severity),
    /// Switch questions in the filter.
    Questions,
    /// Switch a category in the filter.
    Category(String),
    /// Set a filter, or what findings are grouped by.
    View {
        /// `confidence`, `rule`, `text`, `strictness` or `group`.
        name: String,
        /// What it is set to; empty takes it away.
        value: String,
    },
    /// Show everything.
    Unfilter,
    /// Say something of a finding.
    Remark {
        /// Its id.
        finding: String,
        /// 1 accepts it, 2 dismisses it, 0 is a note.
        decision: u8,
        /// The note, or the reason; a note without text takes back what was said.
        text: String,
    },
    /// Write a note on a line, instead of the one that is there.
    Note {
        /// Name of the file.
        file: String,
        /// The line, from 1.
        line: u32,
        /// The note; empty takes it away.
        text: String,
    },
    /// Take back what was said, by the id in the remark.
    Unremark(String),
    /// Say something of a question, or take it back.
    Say {
        /// The question.
        question: String,
        /// What is said; empty takes back what was.
        said: String,
    },
    /// Go to a place.
    Goto {
        /// Name of the file.
        file: String,
        /// UTF-16 offset.
        from: u32,
        /// UTF-16 offset.
        to: u32,
    },
}

/// What is done with links.
#[derive(Clone, Debug)]
pub enum LinkAction {
    /// The fragment of the address changed, or the user pasted a link.
    Hash(String),
    /// A link was opened, or not.
    Unpacked {
        /// The link.
        link: Rc<str>,
        /// What it holds, or why that cannot be said.
        shared: Result<Box<Shared>, String>,
    },
    /// Leave the link for one's own draft.
    Leave,
    /// Make the linked files one's draft.
    EditCopy,
    /// Show what is shared, or say why not.
    Open {
        /// The bytes of a link's state.
        shared: Vec<u8>,
        /// A sentence; empty where it can be shown.
        refused: String,
    },
    /// The message about a broken link was read.
    Dismissed,
}

/// What is done with the rest of the page.
#[derive(Clone, Debug)]
pub enum PageAction {
    /// The page is drawn for the first time.
    Started,
    /// Open a dialog, or close it.
    Dialog(Option<Dialog>),
    /// Light or dark.
    Theme(Theme),
    /// What a phone shows.
    Pane(Pane),
    /// Move the divider, in percent.
    Split(u8),
    /// The editor came, or not.
    Editor(bool),
    /// The gallery came, or not.
    Samples(Option<Rc<Vec<Sample>>>),
    /// A sample was chosen.
    Sample(Sample),
    /// A sample did not come.
    SampleFailed,
    /// The drafts in storage.
    Earlier(Rc<Vec<Earlier>>),
    /// Whether the draft was written.
    Kept(bool),
    /// A toast's time is over.
    Untoast(u32),
    /// Something was copied, or not.
    ReportCopied(bool),
    /// A key was pressed where nothing is typed.
    Key(String),
    /// Whether single keys are shortcuts.
    SingleKeys(bool),
    /// Copy a text that is on the page.
    CopyReport(String),
}
