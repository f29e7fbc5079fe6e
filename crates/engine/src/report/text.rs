//! A review as plain text: excerpts with underlines, notes and help, as Rust's compiler prints them.

use std::collections::BTreeSet;
use std::fmt::Write;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::{AFFECTED, Texts, assumptions, labelled, notes, reason, remarked};
use crate::protocol::review::counted;
use crate::protocol::{Edit, Finding, Fix, LibraryPlace, Place, Review, Severity, SilencedBy, Ticked, Touched};

/// The review, in colour for terminals or without; `skipped` files were named that are of no kind that is reviewed.
pub fn text(review: &Review, texts: &Texts, skipped: usize, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let (mut out, mut noted) = (String::new(), BTreeSet::new());
    let _ = writeln!(out, "{}: {}\n", review.persona.name, review.verdict);
    // What go.mod says is where it is; what a reader said may be forgotten.
    if review.changed_by_answers().is_some() {
        let _ = writeln!(out, "{}\n", assumptions(review).join(" "));
    }
    for section in review.sections.iter().filter(|section| !section.findings.is_empty()) {
        let _ = writeln!(out, "— {} —\n", section.title);
        for found in section.findings.iter().filter_map(|&at| review.findings.get(at as usize)) {
            let _ = writeln!(out, "{}\n", finding(found, texts, &renderer, &mut noted));
        }
    }
    if let Some(fixed) = review.change.as_ref().map(|change| &change.fixed).filter(|fixed| !fixed.is_empty()) {
        let _ = writeln!(out, "— Fixed by the change —\n");
        for Finding { place, message, rule, .. } in fixed {
            let _ = writeln!(out, "- {} {message} [{rule}]", position(place));
        }
        out.push('\n');
    }
    said(&mut out, review);
    // The verdict on code without findings points to them.
    if review.findings.is_empty() && !review.questions.is_empty() {
        let _ = writeln!(out, "— Questions —\n\n- {}\n", review.questions.join("\n- "));
    }
    for note in review.unparsed.iter().chain(&review.notes) {
        let at = note.place.as_ref().map(|place| format!("{}: ", position(place))).unwrap_or_default();
        let _ = writeln!(out, "note: {at}{}", note.message);
    }
    if let Some(sources) = sources(review) {
        let _ = writeln!(out, "{sources}");
    }
    let _ = writeln!(out, "{}", summary(review, skipped));
    out
}

/// What a reader said of what is not among the findings: of those that they dismissed, of questions and of the checklist.
fn said(out: &mut String, review: &Review) {
    let dismissed = review.suppressed.iter().filter(|silenced| silenced.by == SilencedBy::Dismissed);
    let dismissed = dismissed.map(|silenced| {
        format!("{} {} [{}]: {}", position(&silenced.place), silenced.message, silenced.rule, reason(silenced))
    });
    let ticked = review
        .ticked
        .iter()
        .map(|Ticked { text, done, note }| labelled(&format!("[{}] {text}", if *done { "x" } else { " " }), note));
    for (title, lines) in [("Dismissed", dismissed.collect::<Vec<_>>()), ("Checklist", ticked.collect())] {
        if !lines.is_empty() {
            let _ = writeln!(out, "— {title} —\n\n- {}\n", lines.join("\n- "));
        }
    }
}

/// Where the types of the imported libraries come from, in one line.
fn sources(review: &Review) -> Option<String> {
    let places = [
        (LibraryPlace::ModuleCache, "the module cache"),
        (LibraryPlace::Vendor, "vendor"),
        (LibraryPlace::Index, "gopeer's index"),
    ];
    let count = |place| review.sources.iter().filter(|source| source.from == place).count();
    let counts = places.into_iter().map(|(place, name)| (count(place), name)).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, name)| format!("{count} from {name}")).collect();
    (!counts.is_empty()).then(|| format!("Library types: {}.", counts.join(", ")))
}

fn position(place: &Place) -> String {
    format!("{}:{}:{}", place.file, place.range.line, place.range.column)
}

/// A finding that stands for many lists all their places; at most this many are shown.
const MOST_PLACES: usize = 3;

fn finding<'r>(finding: &'r Finding, texts: &Texts, renderer: &Renderer, noted: &mut BTreeSet<&'r str>) -> String {
    let notes = notes(finding, noted);
    let text = texts.get(&finding.place.file).map(String::as_str);
    let also = finding.also_at();
    let level = match finding.severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::INFO,
    };
    let level = level.with_name(finding.severity.name());
    let steps = numbered(finding);
    let mut main = Group::with_title(level.primary_title(finding.say.as_str()).id(finding.rule.as_str()));
    if let Some(text) = text {
        let second = notes.iter().filter_map(|related| Some((related.place.as_ref()?, &related.message)));
        let second =
            second.take(MOST_PLACES).map(|(place, message)| (AnnotationKind::Context, place, message.as_str()));
        let meant = (AnnotationKind::Primary, &finding.place, "");
        let labels = labels(&steps, &finding.place.file).chain([meant]).chain(second);
        main = main.element(excerpt(&finding.place.file, text, labels.collect()));
    }
    for (file, text) in elsewhere(finding, texts) {
        main = main.element(excerpt(file, text, labels(&steps, file).collect()));
    }
    for related in notes.iter().filter(|related| related.place.is_none()) {
        main = main.element(Level::NOTE.message(related.message.as_str()));
    }
    if finding.touched == Touched::Affected {
        main = main.element(Level::NOTE.message(AFFECTED));
    }
    let remark = remarked(finding).map(|(label, said)| labelled(&label.to_ascii_lowercase(), said));
    if let Some(remark) = &remark {
        main = main.element(Level::NOTE.message(remark.as_str()));
    }
    if let Some(also) = &also {
        main = main.element(Level::NOTE.message(also.as_str()));
    }
    let mut report = vec![main];
    report.extend(finding.fixes.iter().map(|fix| help(fix, &finding.place.file, text.unwrap_or_default())));
    renderer.render(&report)
}

/// The steps with their numbers: a path may come back to a line.
fn numbered(finding: &Finding) -> Vec<(&Place, String)> {
    let steps = finding.steps.iter().enumerate();
    steps.map(|(at, step)| (&step.place, format!("{}. {}", at + 1, step.in_full()))).collect()
}

/// What an excerpt says of a place: nothing of the one that is meant.
type Label<'a> = (AnnotationKind, &'a Place, &'a str);

/// The steps of a path that are in a file.
fn labels<'a>(steps: &'a [(&Place, String)], file: &'a str) -> impl Iterator<Item = Label<'a>> {
    let here = steps.iter().filter(move |(place, _)| place.file == file);
    here.map(|(place, label)| (AnnotationKind::Context, *place, label.as_str()))
}

/// An excerpt of a file with its labels.
fn excerpt<'a>(file: &'a str, text: &'a str, labels: Vec<Label<'a>>) -> Snippet<'a, Annotation<'a>> {
    let window = Window::of(text, labels.iter().map(|(_, place, _)| *place));
    let labels = labels.into_iter().map(|(kind, place, label)| {
        let annotation = kind.span(window.span(place));
        if label.is_empty() { annotation } else { annotation.label(label) }
    });
    Snippet::source(window.text).line_start(window.line).path(file).annotations(labels)
}

/// The lines of a file around what is shown of it. The renderer reads all it is given: with whole files, a report would cost the
/// number of its findings times their length.
struct Window<'a> {
    text: &'a str,
    /// Where it begins in the file: the offset in bytes, and the line, from 1.
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    /// Lines around, as many as the renderer shows at most.
    const AROUND: usize = 4;

    fn of<'p>(text: &'a str, places: impl Iterator<Item = &'p Place> + Clone) -> Self {
        let first = places.clone().min_by_key(|place| place.range.start);
        let last = places.map(|place| place.range.end as usize).max();
        let (Some(first), Some(last)) = (first, last) else { return Window { text, start: 0, line: 1 } };
        let above = text[..first.range.start as usize].rmatch_indices('\n').map(|(at, _)| at + 1);
        let (above, start) = (0..).zip(above).nth(Self::AROUND).unwrap_or((first.range.line as usize - 1, 0));
        let end = text[last..].match_indices('\n').map(|(at, _)| last + at).nth(Self::AROUND).unwrap_or(text.len());
        Window { text: &text[start..end], start, line: first.range.line as usize - above }
    }

    fn span(&self, place: &Place) -> std::ops::Range<usize> {
        place.range.start as usize - self.start..place.range.end as usize - self.start
    }
}

/// The other files that the path leads through, in the order of its steps.
fn elsewhere<'a>(finding: &'a Finding, texts: &'a Texts) -> Vec<(&'a str, &'a str)> {
    let mut files: Vec<(&str, &str)> = Vec::new();
    for file in finding.steps.iter().map(|step| step.place.file.as_str()) {
        let known = file == finding.place.file || files.iter().any(|(known, _)| *known == file);
        files.extend(texts.get(file).filter(|_| !known).map(|text| (file, text.as_str())));
    }
    files
}

/// A repair, with an excerpt for what it changes and others for what it changes far from there: an import, mostly.
fn help<'a>(fix: &'a Fix, file: &'a str, text: &'a str) -> Group<'a> {
    let mut here: Vec<&Edit> = fix.edits.iter().filter(|edit| edit.place.file == file && !text.is_empty()).collect();
    here.sort_by_key(|edit| edit.place.range.start);
    let near =
        |one: &&Edit, next: &&Edit| next.place.range.line <= one.place.range.end_line + 2 * Window::AROUND as u32;
    let patched = here.chunk_by(near).map(|edits| {
        let window = Window::of(text, edits.iter().map(|edit| &edit.place));
        let patches = edits.iter().map(|edit| Patch::new(window.span(&edit.place), edit.insert.as_str()));
        Snippet::source(window.text).line_start(window.line).path(file).patches(patches)
    });
    Level::HELP.secondary_title(fix.title.as_str()).elements(patched)
}

fn summary(review: &Review, skipped: usize) -> String {
    let counts = review.counts;
    let stats = review.stats;
    let asked = match review.asked().count() {
        0 => String::new(),
        asked => format!(", {}", counted(asked, "question")),
    };
    let silenced = match review.suppressed.len() {
        0 => String::new(),
        _ => format!(", {}", review.not_shown()),
    };
    let aside = [(skipped, "skipped"), (stats.excluded as usize, "excluded")];
    let aside = aside.into_iter().filter(|(count, _)| *count > 0).map(|(count, how)| format!("{count} {how}"));
    let aside: Vec<String> = aside.collect();
    let aside = if aside.is_empty() { String::new() } else { format!(" ({})", aside.join(", ")) };
    format!(
        "{} critical, {} high, {} medium, {} low{asked}{silenced}; {} checks found nothing. {}{aside}, {}, {:.0} ms.",
        counts.critical,
        counts.high,
        counts.medium,
        counts.low,
        review.held.len(),
        counted(stats.files as usize, "file"),
        counted(stats.lines as usize, "line"),
        stats.millis
    )
}
