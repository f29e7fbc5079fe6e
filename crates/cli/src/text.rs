//! A review for the terminal: excerpts with underlines, notes and help, as Rust's compiler prints them.

use std::collections::HashMap;
use std::fmt::Write;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use gopeer_engine::protocol::{Finding, Fix, LibraryPlace, Place, Review, Severity, Touched};
use gopeer_engine::report::AFFECTED;

use crate::parallel::Reviewed;

/// The reviews, one after the other, in colour; `anstream` removes the colour where there is no terminal.
pub fn render(reviewed: &Reviewed) -> String {
    reviewed.reviews.iter().map(|review| one(review, reviewed)).collect::<Vec<_>>().join("\n")
}

type Texts = HashMap<String, String>;

fn one(review: &Review, reviewed: &Reviewed) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}\n", review.persona.name, review.verdict);
    for section in review.sections.iter().filter(|section| !section.findings.is_empty()) {
        let _ = writeln!(out, "— {} —\n", section.title);
        for found in section.findings.iter().filter_map(|&at| review.findings.get(at as usize)) {
            let _ = writeln!(out, "{}\n", finding(found, &reviewed.texts));
        }
    }
    if let Some(fixed) = review.change.as_ref().map(|change| &change.fixed).filter(|fixed| !fixed.is_empty()) {
        let _ = writeln!(out, "— Fixed by the change —\n");
        for Finding { place, message, rule, .. } in fixed {
            let _ = writeln!(out, "- {} {message} [{rule}]", position(place));
        }
        out.push('\n');
    }
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
    let _ = writeln!(out, "{}", summary(review, reviewed.skipped));
    out
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

fn finding(finding: &Finding, texts: &Texts) -> String {
    let text = texts.get(&finding.place.file).map_or("", String::as_str);
    let also = finding.also_at();
    let level = match finding.severity {
        Severity::Critical => Level::ERROR.with_name("critical"),
        Severity::High => Level::ERROR.with_name("high"),
        Severity::Medium => Level::WARNING.with_name("medium"),
        Severity::Low => Level::INFO.with_name("low"),
    };
    let steps = numbered(finding);
    let mut snippet =
        with_steps(&steps, &finding.place.file, text).annotation(AnnotationKind::Primary.span(span(&finding.place)));
    let second = finding.related.iter().filter_map(|related| Some((related.place.as_ref()?, &related.message)));
    for (place, message) in second.take(MOST_PLACES) {
        snippet = snippet.annotation(AnnotationKind::Context.span(span(place)).label(message));
    }
    let mut main = level.primary_title(finding.say.as_str()).id(finding.rule.as_str()).element(snippet);
    for (file, text) in elsewhere(finding, texts) {
        main = main.element(with_steps(&steps, file, text));
    }
    for related in finding.related.iter().filter(|related| related.place.is_none()) {
        main = main.element(Level::NOTE.message(related.message.as_str()));
    }
    if finding.touched == Touched::Affected {
        main = main.element(Level::NOTE.message(AFFECTED));
    }
    if let Some(also) = &also {
        main = main.element(Level::NOTE.message(also.as_str()));
    }
    let mut report = vec![main];
    report.extend(finding.fixes.iter().map(|fix| help(fix, &finding.place.file, text)));
    Renderer::styled().render(&report)
}

/// The steps with their numbers: a path may come back to a line.
fn numbered(finding: &Finding) -> Vec<(&Place, String)> {
    let steps = finding.steps.iter().enumerate();
    steps.map(|(at, step)| (&step.place, format!("{}. {}", at + 1, step.in_full()))).collect()
}

/// An excerpt of a file, with those steps that are in it as labels.
fn with_steps<'a>(steps: &'a [(&Place, String)], file: &'a str, text: &'a str) -> Snippet<'a, Annotation<'a>> {
    let here = steps.iter().filter(|(place, _)| place.file == file);
    let labels = here.map(|(place, label)| AnnotationKind::Context.span(span(place)).label(label));
    Snippet::source(text).path(file).annotations(labels)
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

fn help<'a>(fix: &'a Fix, file: &'a str, text: &'a str) -> Group<'a> {
    let patches = fix.edits.iter().map(|edit| Patch::new(span(&edit.place), edit.insert.as_str()));
    Level::HELP.secondary_title(fix.title.as_str()).element(Snippet::source(text).path(file).patches(patches))
}

fn span(place: &Place) -> std::ops::Range<usize> {
    place.range.start as usize..place.range.end as usize
}

fn summary(review: &Review, skipped: usize) -> String {
    let counts = review.counts;
    let stats = review.stats;
    let silenced = match review.suppressed.len() {
        0 => String::new(),
        _ => format!(", {}", review.not_shown()),
    };
    let aside = [(skipped, "skipped"), (stats.excluded as usize, "excluded")];
    let aside = aside.into_iter().filter(|(count, _)| *count > 0).map(|(count, how)| format!("{count} {how}"));
    let aside: Vec<String> = aside.collect();
    let aside = if aside.is_empty() { String::new() } else { format!(" ({})", aside.join(", ")) };
    format!(
        "{} critical, {} high, {} medium, {} low{silenced}; {} checks found nothing. {} files{aside}, {} lines, {:.0} ms.",
        counts.critical,
        counts.high,
        counts.medium,
        counts.low,
        review.held.len(),
        stats.files,
        stats.lines,
        stats.millis
    )
}

#[cfg(test)]
mod tests {
    use gopeer_engine::Session;
    use gopeer_engine::protocol::FileText;

    use super::*;

    const CODE: &str = "package store

import (
\t\"context\"
\t\"time\"
)

func load(ctx context.Context, slow bool) error {
\tctx, cancel := context.WithTimeout(ctx, time.Second)
\tif slow {
\t\treturn ctx.Err()
\t}
\tcancel()
\treturn nil
}
";

    #[test]
    fn the_steps_of_a_path_are_numbered_labels_also_in_another_file() {
        let files = ["load.go", "wait.go"].map(|name| FileText { name: name.to_owned(), text: CODE.to_owned() });
        let texts: Texts = files.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
        let mut session = Session::new();
        session.open(files.into());
        let review = session.review("senior").expect("a review");
        let mut found =
            review.findings.iter().find(|found| found.rule == "context/lost-cancel").expect("found").clone();
        let print = |found: &Finding| anstream::adapter::strip_str(&finding(found, &texts)).to_string();
        let text = print(&found);
        for (number, step) in found.steps.iter().enumerate() {
            let label = format!("{}. {}", number + 1, step.message);
            assert!(text.contains(&label), "{label}: {text}");
        }
        assert!(found.steps.len() > 1 && !text.contains("wait.go"), "{text}");

        found.steps[1].place.file = "wait.go".to_owned();
        let text = print(&found);
        let place = text.find("::: wait.go").or(text.find("--> wait.go")).expect("the other file is named");
        assert!(text[place..].contains("2. `slow` is true") && !text[..place].contains("2. "), "{text}");
    }
}
