//! The review panel.

use gopeer_engine::protocol::{Confidence, Counts, Finding, Place, Review, Severity};
use gopeer_link::Note;
use serde::Serialize;

use super::{SEVERITIES, severity};
use crate::state::{Drawn, State, Work, units};

/// A section of the persona with the findings that are shown in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The heading.
    pub title: String,
    /// Indices of the shown findings, best first.
    pub findings: Vec<usize>,
    /// What is said where there are none at all; none where some are filtered out.
    pub quiet: Option<Quiet>,
}

/// What is said of a section without findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Quiet {
    /// One sentence.
    pub text: String,
    /// Whether rules examined something that belongs there, and nothing was found.
    pub held: bool,
    /// Whether no rule found anything to examine.
    pub unexamined: bool,
}

/// Whether a finding is shown: the filter lets it through and the reviewer's cut-off does not fold it away.
pub fn visible(state: &State, review: &Review, index: usize) -> bool {
    let Some(finding) = review.findings.get(index) else { return false };
    passes(state, finding) && !cut_off(state, review, index)
}

/// Whether a finding is a question: no severity counts it.
fn is_question(finding: &Finding) -> bool {
    finding.confidence == Confidence::Low
}

/// How many findings are questions.
pub fn questions(review: &Review) -> usize {
    review.findings.iter().filter(|finding| is_question(finding)).count()
}

fn passes(state: &State, finding: &Finding) -> bool {
    let filter = &state.filter;
    let wanted = if is_question(finding) { filter.questions } else { filter.severities.contains(&finding.severity) };
    let is_severe = matches!(finding.severity, Severity::Critical | Severity::High) && !is_question(finding);
    (filter.strictness != "quiet" || is_severe)
        && (filter.severities.is_empty() && !filter.questions || wanted)
        && (filter.categories.is_empty() || filter.categories.contains(&finding.category))
        && (filter.confidence.is_empty() || filter.confidence == confidence_id(finding.confidence))
        && (filter.rule.is_empty() || filter.rule == finding.rule)
        && (filter.text.is_empty() || has_words(finding, &filter.text))
}

fn confidence_id(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// Whether all of these words are in what is said of a finding.
fn has_words(Finding { rule, place, message, say, .. }: &Finding, words: &str) -> bool {
    let all = [rule, &place.file, message, say].map(|text| text.to_ascii_lowercase());
    words.to_ascii_lowercase().split_whitespace().all(|word| all.iter().any(|text| text.contains(word)))
}

/// Who filters looks for something: then nothing is folded.
fn cut_off(state: &State, review: &Review, index: usize) -> bool {
    index >= review.show as usize && !state.unfolded && state.filter.is_open() && state.filter.strictness != "strict"
}

/// The persona's sections, or the groups that were chosen instead.
pub fn groups(state: &State, review: &Review) -> Vec<Group> {
    if !state.filter.group.is_empty() {
        return groups_by(state, review);
    }
    let group = |section: &gopeer_engine::protocol::Section| {
        let all = section.findings.iter().map(|index| *index as usize);
        let findings: Vec<usize> = all.filter(|index| visible(state, review, *index)).collect();
        let quiet = section.findings.is_empty().then(|| Quiet {
            text: section.quiet(),
            held: section.places > 0 && section.hidden == 0,
            unexamined: section.places == 0 && section.hidden == 0,
        });
        Group { title: section.title.clone(), findings, quiet }
    };
    review.sections.iter().map(group).collect()
}

/// Findings by what was chosen: rules in the order of their best findings, files and lines in theirs.
fn groups_by(state: &State, review: &Review) -> Vec<Group> {
    let by = state.filter.group.as_str();
    let title = |finding: &Finding| match by {
        "rule" => finding.rule.clone(),
        "file" => finding.place.file.clone(),
        _ => format!("{}:{}", finding.place.file, finding.place.range.line),
    };
    // Put in order one by one: another instance of the library's sort would be two hundredths of the page.
    let mut shown: Vec<usize> = Vec::new();
    for index in (0..review.findings.len()).filter(|index| visible(state, review, *index)) {
        let Place { file, range } = &review.findings[index].place;
        let before = |other: &usize| {
            let place = &review.findings[*other].place;
            by == "rule" || (&place.file, place.range.start) <= (file, range.start)
        };
        shown.insert(shown.partition_point(before), index);
    }
    let mut groups: Vec<Group> = Vec::new();
    for index in shown {
        let Some(title) = review.findings.get(index).map(title) else { continue };
        // Those of one file or line follow each other; rules are few.
        let known = if by == "rule" {
            groups.iter().position(|group| group.title == title)
        } else {
            groups.len().checked_sub(1)
        };
        let known = known.and_then(|at| groups.get_mut(at)).filter(|group| group.title == title);
        match known {
            Some(group) => group.findings.push(index),
            None => groups.push(Group { title, findings: vec![index], quiet: None }),
        }
    }
    groups
}

/// How many findings the reviewer's cut-off folds away.
pub fn folded(state: &State, review: &Review) -> usize {
    (0..review.findings.len()).filter(|index| cut_off(state, review, *index)).count()
}

/// Ids of the shown findings in the order of the panel.
pub fn visible_ids(state: &State) -> Vec<String> {
    let Some(Drawn { review, .. }) = &state.drawn else { return Vec::new() };
    let shown = groups(state, review).into_iter().flat_map(|group| group.findings);
    shown.filter_map(|index| review.findings.get(index)).map(|finding| finding.id.clone()).collect()
}

/// Where the first shown finding of the open file begins, in UTF-16 units.
pub fn first_place(state: &State) -> Option<u32> {
    let review = &state.drawn.as_ref()?.review;
    let open = &state.work.active_file().name;
    let mut shown = groups(state, review).into_iter().flat_map(|group| group.findings);
    let at = shown.find(|index| review.findings[*index].place.file == *open)?;
    Some(review.findings[at].place.range.from)
}

/// How the severity of a finding is called.
pub fn severity_name(finding: &Finding) -> &'static str {
    if is_question(finding) { "Question" } else { severity(finding.severity).name }
}

/// A finding that was stepped to, for those who do not see it: which it is, where, and what it says.
pub fn position(state: &State, id: &str, number: usize, count: usize) -> String {
    let review = state.drawn.as_ref().map(|drawn| &drawn.review);
    let Some(finding) = review.and_then(|review| review.findings.iter().find(|finding| finding.id == id)) else {
        return String::new();
    };
    let (name, place) = (severity_name(finding), &finding.place);
    format!("Finding {number} of {count}. {name}, {} line {}: {}", place.file, place.range.line, spoken(&finding.say))
}

/// A sentence without the marks around code in it, which a screen reader would read out.
pub(super) fn spoken(text: &str) -> String {
    text.replace('`', "")
}

/// Categories of all findings with their counts, in alphabetical order.
pub fn categories(review: &Review) -> Vec<(String, usize)> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for Finding { category, .. } in &review.findings {
        let before = counted.iter().take_while(|(known, _)| known < category).count();
        match counted.get_mut(before).filter(|(known, _)| known == category) {
            Some((_, count)) => *count += 1,
            None => counted.insert(before, (category.clone(), 1)),
        }
    }
    counted
}

/// What the change has fixed, for `static/js/change.js`: a line each with the severity, the rule, where it was before the change, and
/// the message.
pub fn fixed(review: &Review) -> String {
    let line = |finding: &Finding| {
        let Place { file, range } = &finding.place;
        let [number, from, to] = [range.line, range.from, range.to].map(|number| number.to_string());
        [severity(finding.severity).id, &finding.rule, file, &number, &from, &to, &finding.message].join("\0")
    };
    let fixed = review.change.iter().flat_map(|change| &change.fixed);
    fixed.map(line).collect::<Vec<_>>().join("\n")
}

/// What people wrote on lines, for `static/js/notes.js`: of each the file, the line, where it begins in UTF-16 units, and the text, one
/// after the other.
pub fn notes(work: &Work) -> String {
    let parts = |note: &Note| {
        let text = work.named(&note.file).map_or("", |file| &file.text);
        let before = text.split_inclusive('\n').take(note.line.saturating_sub(1) as usize).map(units).sum::<u32>();
        [note.file.clone(), note.line.to_string(), before.to_string(), note.text.clone()].join("\0")
    };
    work.notes.iter().map(parts).collect::<Vec<_>>().join("\0")
}

/// Severities with their counts, worst first.
pub fn counts(counts: Counts) -> [(Severity, u32); 4] {
    let numbers = [counts.critical, counts.high, counts.medium, counts.low];
    std::array::from_fn(|at| (SEVERITIES[at], numbers[at]))
}

/// One line for those who do not see the panel: "7 findings, 2 severe", and what the filter leaves of them.
pub fn summary(state: &State) -> String {
    let Some(Drawn { review, .. }) = &state.drawn else { return String::new() };
    let severe = review.counts.critical + review.counts.high;
    let so_far = if review.partial { " so far" } else { "" };
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let questions = questions(review);
    let all = match (review.findings.len() - questions, questions) {
        (0, 0) => return format!("No findings{so_far}"),
        (findings, 0) => counted(findings, "finding"),
        (findings, questions) => format!("{} and {}", counted(findings, "finding"), counted(questions, "question")),
    };
    if state.filter.is_open() {
        return format!("{all}{so_far}, {severe} severe");
    }
    match visible_ids(state).len() {
        0 => format!("No finding matches the filter. {all}{so_far} in all"),
        shown => format!("The filter shows {shown} of {all}{so_far}"),
    }
}

/// Whether the review is of an older text than the one shown.
pub fn is_stale(state: &State) -> bool {
    state
        .drawn
        .as_ref()
        .is_some_and(|drawn| drawn.work.version != state.work.version || drawn.review.persona.id != state.persona)
}

/// What this engine finds that the one that made the link did not, and the other way round.
pub fn linked_differs(state: &State) -> Option<String> {
    let (opened, drawn) = state.opened.as_ref().zip(state.drawn.as_ref())?;
    let (was, persona) = (opened.shared.digest, &opened.shared.persona);
    let is = drawn.review.digest;
    if was == 0 || is == 0 || was == is || *persona != drawn.review.persona.id || is_stale(state) {
        return None;
    }
    let (mut new, mut gone) = (0, opened.shared.found.clone());
    for number in numbers(&drawn.review) {
        match gone.iter().position(|known| *known == number) {
            Some(at) => drop(gone.swap_remove(at)),
            None => new += 1,
        }
    }
    let counts =
        if opened.shared.found.is_empty() { String::new() } else { format!(": {new} new, {} gone", gone.len()) };
    Some(format!(" This version of gopeer reports different findings than the version that made the link{counts}."))
}

/// A number for each finding, by which another version of gopeer counts those that it has as well.
pub fn numbers(review: &Review) -> Vec<u16> {
    let number = |finding: &Finding| (finding.key() ^ gopeer_link::snippet(&finding.rule)) as u16;
    review.findings.iter().map(number).collect()
}

/// The first line of a place and where in it the place lies, in bytes.
pub fn excerpt(work: &Work, place: &Place) -> Option<(String, std::ops::Range<usize>)> {
    let text = &work.named(&place.file)?.text;
    let (start, end) = (place.range.start as usize, place.range.end as usize);
    let head = text.get(..start)?;
    let from = head.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(from..)?.lines().next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    let (line, from) = (line.trim(), from + indent);
    let begin = start.saturating_sub(from).min(line.len());
    let finish = end.saturating_sub(from).clamp(begin, line.len());
    Some(shortened(line, begin..finish))
}

/// The function around a place: its text before what is meant, and from there on.
pub fn around<'w>(work: &'w Work, place: &Place) -> Option<(&'w str, &'w str)> {
    let (before, after) = work.named(&place.file)?.text.split_at_checked(place.range.start as usize)?;
    let from = before.rfind("\nfunc ").unwrap_or(0);
    let to = after.find("\n}\n").unwrap_or(after.len());
    Some((&before[from..], &after[..to]))
}

/// The line without its head where that would push what is meant out of sight.
fn shortened(line: &str, range: std::ops::Range<usize>) -> (String, std::ops::Range<usize>) {
    const FAR: usize = 36;
    const KEPT: usize = 14;
    if range.start <= FAR {
        return (line.to_owned(), range);
    }
    let cut = (range.start - KEPT..range.start).find(|at| line.is_char_boundary(*at)).unwrap_or(range.start);
    let moved = |at: usize| at - cut + '…'.len_utf8();
    (format!("…{}", &line[cut..]), moved(range.start)..moved(range.end))
}

/// A finding as the editor draws it, a stretch of changed lines, or a note on a line: `Mark` in `web/editor/src/findings.ts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Mark {
    id: String,
    from: u32,
    to: u32,
    severity: &'static str,
    label: &'static str,
    say: String,
    rule: String,
    selected: bool,
}

/// The review, where it is of the text that is shown: only then its places are true there.
pub(super) fn current(state: &State) -> Option<&Drawn> {
    state.drawn.as_ref().filter(|drawn| drawn.work.version == state.work.version)
}

/// The shown findings of the active file, for the editor.
pub fn marks(state: &State) -> Vec<Mark> {
    let active = state.work.active_file();
    let notes = state.work.notes.iter().filter(|note| note.file == active.name);
    let notes = notes.map(|&Note { line, ref text, .. }| Mark {
        from: line,
        to: line,
        severity: "note",
        say: text.clone(),
        ..Mark::default()
    });
    let Some(Drawn { review, .. }) = current(state) else { return notes.collect() };
    let shown = (0..review.findings.len()).filter(|index| visible(state, review, *index));
    let here = shown.map(|index| &review.findings[index]).filter(|finding| finding.place.file == active.name);
    let found = here.map(|finding| Mark {
        id: finding.id.clone(),
        from: finding.place.range.from,
        to: finding.place.range.to,
        severity: severity(finding.severity).id,
        label: severity_name(finding),
        say: finding.say.clone(),
        rule: finding.rule.clone(),
        selected: state.selected.as_ref() == Some(&finding.id),
    });
    let changed = review.change.iter().flat_map(|change| &change.files);
    let changed = changed.filter(|file| file.after.as_ref() == Some(&active.name)).flat_map(|file| &file.lines);
    let changed = changed.map(|&(from, to)| Mark { from, to, severity: "changed", ..Mark::default() });
    found.chain(changed).chain(notes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_stays_in_sight() {
        assert_eq!(shortened("a := b", 5..6), ("a := b".to_owned(), 5..6));
        let line = format!("{}日本 := flagged", "x".repeat(40));
        let at = line.find("flagged").unwrap_or_default();
        let (short, range) = shortened(&line, at..line.len());
        assert_eq!(&short[range], "flagged");
        assert!(short.starts_with('…') && short.len() < 40, "{short}");
    }
}
