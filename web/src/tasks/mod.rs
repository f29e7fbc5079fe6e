//! The named ways in which components change the state.

use gopeer_engine::protocol::{Place, Severity};
use yew::Callback;

use crate::state::{
    Action, Dialog, EngineAction, FilesAction, LinkAction, PageAction, Pane, PanelAction, ReadFile, Sample, Theme,
};

/// A handle that every component may hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Tasks(Callback<Action>);

impl Tasks {
    /// Tasks that report to `dispatch`.
    pub fn new(dispatch: Callback<Action>) -> Self {
        Self(dispatch)
    }

    fn files(&self, action: FilesAction) {
        self.0.emit(Action::Files(action));
    }

    fn panel(&self, action: PanelAction) {
        self.0.emit(Action::Panel(action));
    }

    fn link(&self, action: LinkAction) {
        self.0.emit(Action::Link(action));
    }

    fn page(&self, action: PageAction) {
        self.0.emit(Action::Page(action));
    }

    /// The plain text area holds this now.
    pub fn replace_text(&self, text: String) {
        self.files(FilesAction::Replaced { text });
    }

    /// Takes a pasted text apart, or opens the link that it is.
    pub fn take_paste(&self, text: String, over_all: bool) {
        if gopeer_link::is_link(&text) {
            self.open_link(text);
        } else {
            self.files(FilesAction::Pasted { text, over_all });
        }
    }

    /// Opens files of the disk.
    pub fn open_files(&self, files: Vec<ReadFile>) {
        if !files.is_empty() {
            self.files(FilesAction::Read { files });
        }
    }

    /// Shows a file in the editor.
    pub fn show_file(&self, file: u32) {
        self.files(FilesAction::Show { file });
    }

    /// Adds an empty file.
    pub fn add_file(&self) {
        self.files(FilesAction::Add);
    }

    /// Renames a file.
    pub fn rename_file(&self, file: u32, name: String) {
        self.files(FilesAction::Rename { file, name });
    }

    /// Closes a file.
    pub fn close_file(&self, file: u32) {
        self.files(FilesAction::Close { file });
    }

    /// Starts over with an empty file.
    pub fn clear(&self) {
        self.files(FilesAction::Clear);
        self.close_dialog();
    }

    /// Takes back what the toast names.
    pub fn undo(&self) {
        self.files(FilesAction::Undo);
    }

    /// Applies a fix.
    pub fn apply_fix(&self, finding: String, fix: usize) {
        self.files(FilesAction::Fix { finding, fix });
    }

    /// Takes up an earlier draft.
    pub fn resume(&self, key: String) {
        self.files(FilesAction::Resume { key });
    }

    /// Calls a draft by a name.
    pub fn name_draft(&self, key: String, name: String) {
        self.files(FilesAction::NameDraft { key, name });
    }

    /// Asks another reviewer.
    pub fn choose_reviewer(&self, id: &str) {
        self.panel(PanelAction::Persona(id.to_owned()));
    }

    /// Selects a finding and shows its code.
    pub fn select_finding(&self, id: String) {
        self.panel(PanelAction::Select(id));
    }

    /// Selects a finding and shows its card.
    pub fn pick_finding(&self, id: String) {
        self.panel(PanelAction::Pick(id));
    }

    /// Goes to the next or previous finding.
    pub fn step(&self, by: i32) {
        self.panel(PanelAction::Step(by));
    }

    /// Shows a step of a finding's path in the code; of the selected finding if none is named.
    pub fn show_step(&self, finding: Option<String>, step: usize) {
        self.panel(PanelAction::ShowStep { finding, step });
    }

    /// Goes to the next or previous step of a finding's path; of the selected finding if none is named.
    pub fn walk(&self, finding: Option<String>, by: i32) {
        self.panel(PanelAction::Walk { finding, by });
    }

    /// Goes back from the code to the selected finding.
    pub fn back(&self) {
        self.panel(PanelAction::Back);
    }

    /// Opens or closes a finding's details.
    pub fn toggle_detail(&self, id: String) {
        self.panel(PanelAction::Detail(id));
    }

    /// Shows or hides what the reviewer leaves out.
    pub fn toggle_fold(&self) {
        self.panel(PanelAction::Unfold);
    }

    /// Switches a severity in the filter.
    pub fn toggle_severity(&self, severity: Severity) {
        self.panel(PanelAction::Severity(severity));
    }

    /// Switches questions in the filter.
    pub fn toggle_questions(&self) {
        self.panel(PanelAction::Questions);
    }

    /// Switches a category in the filter.
    pub fn toggle_category(&self, category: String) {
        self.panel(PanelAction::Category(category));
    }

    /// Shows everything.
    pub fn clear_filter(&self) {
        self.panel(PanelAction::Unfilter);
    }

    /// Shows a place in the code.
    pub fn go_to(&self, place: &Place) {
        let (from, to) = (place.range.from, place.range.to);
        self.panel(PanelAction::Goto { file: place.file.clone(), from, to });
    }

    /// Follows a link, given as fragment or whole.
    pub fn open_link(&self, text: String) {
        self.link(LinkAction::Hash(text));
    }

    /// Goes back to the reader's own draft.
    pub fn leave_link(&self) {
        self.link(LinkAction::Leave);
    }

    /// Makes what the link brought the reader's own.
    pub fn edit_copy(&self) {
        self.link(LinkAction::EditCopy);
    }

    /// Puts the message about a broken link away.
    pub fn dismiss_broken_link(&self) {
        self.link(LinkAction::Dismissed);
    }

    /// Takes back what was said of a finding.
    pub fn unremark(&self, finding: String) {
        self.panel(PanelAction::Unremark(finding));
    }

    /// Copies a report.
    pub fn copy_report(&self, text: String) {
        self.page(PageAction::CopyReport(text));
    }

    /// Opens a dialog.
    pub fn open_dialog(&self, dialog: Dialog) {
        self.page(PageAction::Dialog(Some(dialog)));
    }

    /// Closes the dialog.
    pub fn close_dialog(&self) {
        self.page(PageAction::Dialog(None));
    }

    /// Does what a single key stands for.
    pub fn press(&self, key: String) {
        self.page(PageAction::Key(key));
    }

    /// Switches single-key shortcuts on or off.
    pub fn use_single_keys(&self, on: bool) {
        self.page(PageAction::SingleKeys(on));
    }

    /// Light, dark, or as the system.
    pub fn choose_theme(&self, theme: Theme) {
        self.page(PageAction::Theme(theme));
    }

    /// Shows the other half on a phone.
    pub fn show_pane(&self, pane: Pane) {
        self.page(PageAction::Pane(pane));
    }

    /// Moves the divider.
    pub fn split(&self, percent: f64) {
        self.page(PageAction::Split(percent.clamp(0.0, 100.0) as u8));
    }

    /// Opens a sample.
    pub fn open_sample(&self, sample: Sample) {
        self.page(PageAction::Sample(sample));
    }

    /// Puts a message away.
    pub fn dismiss_toast(&self, number: u32) {
        self.page(PageAction::Untoast(number));
    }

    /// Puts the crash report away.
    pub fn dismiss_crash(&self) {
        self.0.emit(Action::Engine(EngineAction::Dismissed));
    }

    /// Starts the engine again.
    pub fn retry_engine(&self) {
        self.0.emit(Action::Engine(EngineAction::Retry));
    }
}
