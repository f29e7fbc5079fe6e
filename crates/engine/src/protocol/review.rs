//! What a review is.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A range of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Range {
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// First UTF-16 code unit.
    pub from: u32,
    /// UTF-16 code unit after the last.
    pub to: u32,
    /// Line of the first character, from 1.
    pub line: u32,
    /// Column of the first character, from 1, in Unicode scalar values.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column of the end (exclusive).
    pub end_column: u32,
}

/// A range and its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Place {
    /// Name of the file.
    pub file: String,
    /// Where in it.
    pub range: Range,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a thought.
    Low,
    /// Worth a change.
    Medium,
    /// Will hurt.
    High,
    /// Loses data, races, deadlocks, or lets an attacker in.
    Critical,
}

impl Severity {
    /// Its name, as the protocol, persona files and `.gopeer.toml` have it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// How sure the rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Phrased as a question.
    Low,
    /// Usually right.
    Medium,
    /// Right.
    High,
}

/// Whether a fix may be applied unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    /// The rule has no automatic fix.
    None,
    /// Look at it first.
    Suggested,
    /// Keeps the meaning of correct code.
    Safe,
}

/// One text replacement of a fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Edit {
    /// What is replaced.
    pub place: Place,
    /// By what.
    pub insert: String,
}

/// A fix: edits that do not overlap, applied together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Fix {
    /// Imperative sentence: what applying it does.
    pub title: String,
    /// Safe or suggested.
    pub kind: FixKind,
    /// The edits.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// The files that it edits, each once, in the order of their names.
    pub fn files(&self) -> BTreeSet<&str> {
        self.edits.iter().map(|edit| edit.place.file.as_str()).collect()
    }
}

/// A second place or remark that explains a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Related {
    /// The remark.
    pub message: String,
    /// Where, if anywhere.
    pub place: Option<Place>,
}

/// A step of the way on which something happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Step {
    /// What happens.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Which goroutine does it, in words, where several are involved.
    pub goroutine: Option<String>,
}

impl Step {
    /// What happens, and where several goroutines are involved, which one does it.
    pub fn in_full(&self) -> String {
        match &self.goroutine {
            Some(goroutine) => format!("{goroutine}: {}", self.message),
            None => self.message.clone(),
        }
    }
}

/// One finding, framed by the persona.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Finding {
    /// Stable while the code around it is: rule, hash of the flagged text and its line, ordinal among equals.
    pub id: String,
    /// Id of the rule, `category/name`.
    pub rule: String,
    /// The rule's category.
    pub category: String,
    /// How bad.
    pub severity: Severity,
    /// How bad it would be without the reader's answers, where they change that; a remark in `related` says why.
    #[serde(default)]
    pub was: Option<Severity>,
    /// How sure.
    pub confidence: Confidence,
    /// Where.
    pub place: Place,
    /// The fact, the same for every persona.
    pub message: String,
    /// The fact as the persona puts it: with its own sentence where that was not said before in the review.
    pub say: String,
    /// Remarks and second places.
    pub related: Vec<Related>,
    /// The way on which it happens, from where it begins to where it ends; empty where it takes no way to see it.
    pub steps: Vec<Step>,
    /// Where else the same cause shows: this finding stands for all, in whatever files they are.
    pub also: Vec<Place>,
    /// What the findings that are one have in common; only the engine asks.
    #[serde(skip)]
    pub cause: Option<String>,
    /// The rule's own question, where it asks; only the engine looks.
    #[serde(skip)]
    pub asks: Option<String>,
    /// Fixes, best first.
    pub fixes: Vec<Fix>,
    /// The persona's score; findings are sorted by it, highest first (critical findings before all others).
    pub score: f32,
    /// FNV-1a hash of the trimmed text of the flagged lines: finds the place again when lines have moved.
    pub snippet: u32,
    /// The top-level declaration that it is in: `Load`, `Store.Load`; empty outside of any.
    pub within: String,
    /// What a change under review has to do with it.
    #[serde(default)]
    pub touched: Touched,
    /// What a reader said of it.
    #[serde(default)]
    pub remark: Option<Remark>,
}

/// What a reader says of one finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Remark {
    /// [`Finding::id`] when it was written.
    pub finding: String,
    /// [`Finding::key`], or 0 where only the id is known.
    pub key: u32,
    /// What was decided.
    pub decision: Decision,
    /// A note, or the reason for the decision; may be empty.
    pub text: String,
}

impl Remark {
    /// Id of the rule.
    pub fn rule(&self) -> &str {
        self.finding.split(':').next().unwrap_or_default()
    }
}

/// What a reader decided about a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Nothing yet.
    #[default]
    Open,
    /// It will be dealt with.
    Accepted,
    /// It is left as it is, and not shown.
    Dismissed,
}

/// What a change has to do with a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Touched {
    /// Nothing: it was there before, or it is not a change that is reviewed.
    #[default]
    Unchanged,
    /// It is on a line that the change adds or rewrites.
    Changed,
    /// It is on a line that was there before, and the change makes that line wrong.
    Affected,
    /// The change has removed it. Its place is in the file as it was before.
    Fixed,
}

impl Finding {
    /// Where else its cause shows, in words; the first places by name.
    pub fn also_at(&self) -> Option<String> {
        const NAMED: usize = 3;
        let named = self.also.iter().take(NAMED).map(|place| format!("{}:{}", place.file, place.range.line));
        let named = named.collect::<Vec<_>>().join(", ");
        match self.also.len() {
            0 => None,
            places @ ..=NAMED => Some(format!("the same cause in {}: {named}", counted(places, "more place"))),
            places => Some(format!("the same cause in {places} more places, among them {named}")),
        }
    }
}

/// `1 file`, `2 files`.
pub(crate) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A heading of the persona and what belongs under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Section {
    /// The heading.
    pub title: String,
    /// Indices into [`Review::findings`], best first.
    pub findings: Vec<u32>,
    /// How many of its rules met what they examine here and found nothing to change.
    pub rules: u32,
    /// How many places they examined.
    pub places: u32,
    /// How many of its findings are not shown: silenced, left out, or known from a baseline.
    pub hidden: u32,
}

impl Section {
    /// What can be said of a section without findings: what its rules examined, and no more.
    pub fn quiet(&self) -> String {
        match (self.hidden, self.places) {
            (0, 0) => "No rule found anything to examine here.".to_owned(),
            (0, places) => format!(
                "Nothing to change in {} that {} examined.",
                counted(places as usize, "place"),
                counted(self.rules as usize, "rule")
            ),
            (hidden, _) => format!("{} not shown.", counted(hidden as usize, "finding")),
        }
    }
}

/// A finding that is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Suppressed {
    /// Id of the rule.
    pub rule: String,
    /// Where.
    pub place: Place,
    /// The fact that would have been said.
    pub message: String,
    /// The reason that the comment gives, or empty; what the file is, where that decides: `an example`.
    pub reason: String,
    /// By what.
    pub by: SilencedBy,
    /// [`Remark::finding`], where a reader dismissed it.
    #[serde(default)]
    pub finding: String,
}

/// Why a finding is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum SilencedBy {
    /// A comment beside it.
    Comment,
    /// `.gopeer.toml`, which turns the rule off.
    Config,
    /// What the file is for: the rule is about code that runs in production.
    Purpose,
    /// A change under review leaves its line alone, and it was there before.
    Unchanged,
    /// A baseline, which knows it from before.
    Baseline,
    /// A reader, who dismissed it.
    Dismissed,
    /// A reader's answer to a question.
    Answer,
}

/// Who says what code does not show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum SaidBy {
    /// The reader.
    #[default]
    Reader,
    /// The project, in its `.gopeer.toml`.
    Config,
    /// The module, in its go.mod.
    Module,
}

/// Something that code does not show and that a review takes for granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Assumption {
    /// Id of the question.
    pub question: String,
    /// Id of the answer.
    pub answer: String,
    /// The answer in words, such as `at least once`.
    pub said: String,
    /// Who says so.
    pub by: SaidBy,
}

impl Assumption {
    /// Who says what, in a sentence.
    pub fn sentence(&self) -> String {
        let who = match self.by {
            SaidBy::Reader => "You said",
            SaidBy::Config => ".gopeer.toml says",
            SaidBy::Module => "go.mod says",
        };
        format!("{who}: {}.", self.said)
    }
}

/// What a reader said of a question of the review or of an entry of its checklist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Ticked {
    /// The question or entry.
    pub text: String,
    /// Whether it is ticked.
    pub done: bool,
    /// A note; may be empty.
    pub note: String,
}

/// A rule that met what it examines and found nothing wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Held {
    /// Id of the rule.
    pub rule: String,
    /// What it examined, in the plural: `TLS versions`.
    pub examines: String,
    /// How many of them.
    pub places: u32,
    /// Index of the section that its findings would stand in.
    pub section: u32,
}

/// Something the reader must know about the input itself: a place that is not analyzed, a fragment, a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Note {
    /// One sentence.
    pub message: String,
    /// Where, if anywhere.
    pub place: Option<Place>,
}

/// Counts by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Counts {
    /// Critical findings.
    pub critical: u32,
    /// High findings.
    pub high: u32,
    /// Medium findings.
    pub medium: u32,
    /// Low findings.
    pub low: u32,
}

impl Counts {
    /// The worst severity that was found.
    pub fn worst(&self) -> Option<Severity> {
        let Counts { critical, high, medium, low } = *self;
        [(critical, Severity::Critical), (high, Severity::High), (medium, Severity::Medium), (low, Severity::Low)]
            .into_iter()
            .find(|(count, _)| *count > 0)
            .map(|(_, severity)| severity)
    }
}

/// How much work the review was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Stats {
    /// Files in the session.
    pub files: u32,
    /// Those of them that the project's configuration leaves out.
    pub excluded: u32,
    /// Those of them that rules looked at.
    pub reviewed: u32,
    /// Lines in them.
    pub lines: u32,
    /// Bytes in them.
    pub bytes: u32,
    /// Top-level pieces in them.
    pub pieces: u32,
    /// Pieces parsed for this review; the rest came from the cache.
    pub parsed: u32,
    /// Pieces whose types were checked for this review.
    pub checked: u32,
    /// Pieces examined by rules for this review; the rest came from the cache.
    pub examined: u32,
    /// Questions about functions that were answered by looking at their bodies; the rest came from the cache.
    pub solved: u32,
    /// Milliseconds the worker took, filled in by whoever has a clock.
    pub millis: f32,
}

impl Stats {
    /// Both together.
    pub fn plus(&self, other: &Stats) -> Stats {
        Stats {
            files: self.files + other.files,
            excluded: self.excluded + other.excluded,
            reviewed: self.reviewed + other.reviewed,
            lines: self.lines + other.lines,
            bytes: self.bytes.saturating_add(other.bytes),
            pieces: self.pieces + other.pieces,
            parsed: self.parsed + other.parsed,
            checked: self.checked + other.checked,
            examined: self.examined + other.examined,
            solved: self.solved + other.solved,
            millis: self.millis + other.millis,
        }
    }
}

/// Who reviews.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct PersonaCard {
    /// `senior`, `backend`, `cloud-native`, `data`, `throughput`, or a user's own.
    pub id: String,
    /// Name in the page.
    pub name: String,
    /// One line: what this reviewer looks at first.
    pub tagline: String,
    /// Who this is, two sentences.
    pub about: String,
}

/// A whole review.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Review {
    /// Version of engine and rules, e.g. `0.1.0`.
    pub engine: String,
    /// Who reviews.
    pub persona: PersonaCard,
    /// One sentence, in the persona's voice.
    pub verdict: String,
    /// Counts of `findings`.
    pub counts: Counts,
    /// All findings, best first.
    pub findings: Vec<Finding>,
    /// How many of `findings` the persona shows opened; the rest is folded.
    pub show: u32,
    /// The persona's sections, in its order; each finding stands in exactly one.
    pub sections: Vec<Section>,
    /// Findings that are not shown.
    pub suppressed: Vec<Suppressed>,
    /// What is taken for granted.
    #[serde(default)]
    pub assumptions: Vec<Assumption>,
    /// The persona's questions, those that fit the code first.
    pub questions: Vec<String>,
    /// Checks that no tool can make.
    pub checklist: Vec<String>,
    /// What a reader said of questions and checks; whoever renders a review adds it.
    #[serde(default)]
    pub ticked: Vec<Ticked>,
    /// What was checked and held.
    pub held: Vec<Held>,
    /// About the input itself.
    pub notes: Vec<Note>,
    /// What is not Go that can be parsed, and so was not reviewed.
    pub unparsed: Vec<Note>,
    /// Where what is known of the libraries that the files import comes from, each module once, where sources are looked for.
    #[serde(default)]
    pub sources: Vec<LibrarySource>,
    /// Whether types, or what is known of packages, are still to come: there may be more to find then.
    pub partial: bool,
    /// Digest over rule ids and snippets: tells whether two reviews found the same. Zero where something is still to come or
    /// could not be loaded: such a review cannot be compared.
    pub digest: u32,
    /// Of a review of a change: what there is besides the findings of the change.
    #[serde(default)]
    pub change: Option<Box<Change>>,
    /// The work done.
    pub stats: Stats,
}

/// What a review of a change says besides the findings on changed lines and on those that the change makes wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Change {
    /// The files that it changes.
    pub files: Vec<ChangedFile>,
    /// The findings that were there before and still are, on lines that it leaves alone; best first.
    pub unchanged: Vec<Finding>,
    /// The findings that it has removed, with their places before it; best first.
    pub fixed: Vec<Finding>,
}

/// A file that a change adds, rewrites, renames or deletes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct ChangedFile {
    /// Its name before; none where it is new.
    pub before: Option<String>,
    /// Its name after; none where it is deleted.
    pub after: Option<String>,
    /// The stretches of new lines, in order: the first line of each and the last, from 1.
    pub lines: Vec<(u32, u32)>,
}

impl Change {
    /// What else there is, in a sentence.
    pub fn besides(&self) -> String {
        let fixed = counted(self.fixed.len(), "finding");
        let others = match self.unchanged.len() {
            1 => "1 other finding is on an unchanged line".to_owned(),
            more => format!("{more} other findings are on unchanged lines"),
        };
        match (self.fixed.len(), self.unchanged.len()) {
            (0, 0) => "This review covers only the change.".to_owned(),
            (0, _) => format!("This review covers only the change: {others}."),
            (_, 0) => format!("The change fixes {fixed}."),
            _ => format!("The change fixes {fixed}; {others}."),
        }
    }
}

impl Review {
    /// The findings that are questions: the counts leave them out.
    pub fn asked(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.confidence == Confidence::Low)
    }

    /// Lists what a change has nothing to do with among what is not shown: for the page.
    pub(crate) fn fold_change(&mut self) {
        let Some(change) = &mut self.change else { return };
        let unchanged = std::mem::take(&mut change.unchanged).into_iter();
        self.suppressed.extend(unchanged.map(|Finding { rule, place, message, .. }| {
            let (reason, by) = ("on an unchanged line".to_owned(), SilencedBy::Unchanged);
            Suppressed { rule, place, message, reason, by, finding: String::new() }
        }));
    }

    /// What the answers of the reader and of the project change, in a sentence; none where there are none.
    pub fn changed_by_answers(&self) -> Option<String> {
        if self.assumptions.iter().all(|assumption| assumption.by == SaidBy::Module) {
            return None;
        }
        let moved = |up: bool| {
            self.findings.iter().filter(|finding| finding.was.is_some_and(|was| (was < finding.severity) == up)).count()
        };
        let dropped = self.suppressed.iter().filter(|silenced| silenced.by == SilencedBy::Answer).count();
        let changes = [(moved(true), "raised"), (moved(false), "lowered"), (dropped, "left out")];
        let changes = changes.into_iter().filter(|(number, _)| *number > 0);
        let changes: Vec<String> =
            changes.map(|(number, how)| format!("{} {how}", counted(number, "finding"))).collect();
        Some(if changes.is_empty() {
            "No finding depends on the answers.".to_owned()
        } else {
            format!("Because of the answers: {}.", changes.join(", "))
        })
    }

    /// How many findings are not shown, and why.
    pub fn not_shown(&self) -> String {
        let reasons = [
            (SilencedBy::Comment, "silenced by comments"),
            (SilencedBy::Config, "turned off in .gopeer.toml"),
            (SilencedBy::Purpose, "left out because they are not in production code"),
            (SilencedBy::Unchanged, "on unchanged lines"),
            (SilencedBy::Baseline, "known from the baseline"),
            (SilencedBy::Dismissed, "dismissed"),
            (SilencedBy::Answer, "left out because of the answers"),
        ];
        let number = |by| self.suppressed.iter().filter(|silenced| silenced.by == by).count();
        let counts = reasons.into_iter().map(|(by, why)| (number(by), why)).filter(|(number, _)| *number > 0);
        counts.map(|(number, why)| format!("{} {why}", counted(number, "finding"))).collect::<Vec<_>>().join(", ")
    }
}

/// A module that is imported, and where its types and deprecations are known from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct LibrarySource {
    /// The module's path.
    pub module: String,
    /// The version that was read; empty where `vendor` does not say it.
    pub version: String,
    /// Where it was read.
    pub from: LibraryPlace,
}

/// Where a library is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum LibraryPlace {
    /// Go's module cache, in the version that go.mod names.
    ModuleCache,
    /// The folder `vendor` of the module.
    Vendor,
    /// gopeer's index, in the version that was indexed.
    Index,
}
