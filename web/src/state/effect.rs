//! What must happen in the world after a step.

use std::rc::Rc;

use gopeer_engine::protocol::{Delta, Inspection, Request};

use super::{Sample, Theme};

/// Files of our own site that are fetched late.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetch {
    /// The gallery.
    Samples,
    /// One sample.
    Sample(Sample),
    /// What packs and opens links: nothing waits for it, but it is there when the network has gone.
    Codec,
}

/// One thing to do; the runner in `js` does it.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Post to the worker.
    Ask(Request),
    /// End the worker and start another.
    ReplaceEngine,
    /// Say [`Overdue`](super::EngineAction::Overdue) after that time, instead of any earlier such promise.
    Watch {
        /// Which silence.
        watch: u32,
        /// How long it may last, in milliseconds.
        millis: u32,
    },
    /// Say [`Due`](super::EngineAction::Due) after a pause, instead of any earlier such promise.
    ReviewLater {
        /// Version of the work.
        version: u64,
    },
    /// Bring the active file into the editor.
    Show,
    /// Let the editor forget a file.
    Forget {
        /// Its id.
        file: u32,
    },
    /// Change a file in the editor, as one step to undo.
    Apply {
        /// Its id.
        file: u32,
        /// What changes.
        delta: Delta,
    },
    /// Insert text at the cursor as if it were typed.
    Insert {
        /// The text.
        text: String,
    },
    /// Colour a file.
    Colour {
        /// Its id.
        file: u32,
        /// As the engine sends them.
        tokens: Vec<u32>,
    },
    /// Tell the editor what it asked for.
    Inspected {
        /// Its number for the answer.
        ticket: u32,
        /// None where nothing is known.
        found: Option<Box<Inspection>>,
    },
    /// Draw the findings of the active file.
    Mark,
    /// Bring a place of the active file into view.
    Reveal {
        /// Id of the finding, or empty.
        id: String,
        /// UTF-16 offset.
        from: u32,
        /// UTF-16 offset.
        to: u32,
        /// Whether the editor takes the focus.
        focus: bool,
    },
    /// Bring a place of the active file into view, where the reader has not scrolled since it came.
    Glance {
        /// UTF-16 offset.
        at: u32,
    },
    /// Bring a finding's card into view, or the step in it that is shown.
    ScrollTo {
        /// Id of the finding.
        id: String,
    },
    /// Move the focus, where what had it is out of sight: a phone shows one pane.
    Refocus {
        /// A CSS selector of what takes it.
        to: &'static str,
    },
    /// Show the review from its beginning: it will be of other code.
    TopOfReview,
    /// Keep the work in the browser.
    Save,
    /// Keep what was saved so far as an earlier draft; later saves go to a new one.
    NewDraft,
    /// Read the list of drafts.
    ListDrafts,
    /// Keep the name of a draft.
    NameDraft {
        /// The draft's key.
        key: String,
        /// The name; empty takes it away.
        name: String,
    },
    /// Write the address's fragment.
    Address {
        /// The fragment without `#`.
        hash: String,
    },
    /// Open a link.
    Unpack {
        /// The link, as it came.
        link: Rc<str>,
    },
    /// Copy a report.
    CopyReport {
        /// The report.
        text: String,
    },
    /// Fetch from our own site.
    Fetch(Fetch),
    /// Take the toast away after a while.
    Untoast {
        /// Which.
        number: u32,
    },
    /// Show and keep the theme.
    Theme(Theme),
    /// Show and keep the divider.
    Split(u8),
    /// Keep the reviewer for the next visit.
    KeepPersona,
    /// Keep for the next visit whether single keys are shortcuts.
    KeepSingleKeys(bool),
}
