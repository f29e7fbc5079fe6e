//! Reviews in the formats that other programs and people read: for the command and for the page.

use std::collections::{BTreeSet, HashMap};

mod compare;
mod html;
mod markdown;
mod patch;
mod quality;
mod sarif;
mod suggest;
mod text;

pub use compare::{Comparison, Listed, Outline, Pair, compare, comparison, outline};
pub use html::html;
pub use markdown::markdown;
pub use quality::code_quality;
pub use sarif::{add_help, add_notes, sarif};
pub use suggest::{Host, comments, suggestions};
pub use text::text;

use patch::{Patch, all_patches, patches};
use serde::Serialize;
use serde_json::Value;

use crate::persona::begins_with_name;
use crate::protocol::{
    Assumption, Decision, Finding, Fix, Place, Related, Remark, Review, SilencedBy, Suppressed, Ticked,
};

/// The texts of the files that findings are in, by name. Without them excerpts and suggestions are left out.
pub type Texts = HashMap<String, String>;

/// What is said of a finding on a line that a change leaves alone and makes wrong.
pub const AFFECTED: &str = "this line is unchanged; the change makes it wrong";

/// The review as JSON: the engine's own protocol, and under `shared` what the page needs to show the same again.
pub fn json(review: &Review, shared: Option<&impl Serialize>) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(review)?;
    if let Some(shared) = shared {
        value["shared"] = serde_json::to_value(shared)?;
    }
    Ok(value)
}

/// `text` of `file` after `fixes`. A fix whose edits overlap those of one before it is left out whole.
pub fn apply<'f>(text: &str, file: &str, fixes: impl IntoIterator<Item = &'f Fix>) -> String {
    let mut taken: Vec<(usize, usize, &str)> = Vec::new();
    for fix in fixes {
        let edits: Vec<(usize, usize, &str)> = fix
            .edits
            .iter()
            .filter(|edit| edit.place.file == file)
            .map(|edit| (edit.place.range.start as usize, edit.place.range.end as usize, edit.insert.as_str()))
            .filter(|edit| !taken.contains(edit))
            .collect();
        if !edits.iter().any(|edit| taken.iter().any(|other| overlap(edit, other))) {
            taken.extend(edits);
        }
    }
    taken.sort_by_key(|(start, end, _)| (*start, *end));
    let mut fixed = text.to_owned();
    for (start, end, insert) in taken.into_iter().rev() {
        if fixed.is_char_boundary(start) && fixed.is_char_boundary(end) && start <= end {
            fixed.replace_range(start..end, insert);
        }
    }
    fixed
}

fn overlap(a: &(usize, usize, &str), b: &(usize, usize, &str)) -> bool {
    a.0 < b.1 && b.0 < a.1 || (a.0 == b.0 && a.1 == b.1)
}

/// The lines that a place touches, and the number of the first; a few of many.
fn excerpt<'t>(texts: &'t Texts, place: &Place) -> Vec<(u32, &'t str)> {
    const MOST: usize = 12;
    let text = texts.get(&place.file).map_or("", String::as_str);
    let Some(before) = text.get(..place.range.start as usize) else { return Vec::new() };
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let lines = text.get(start..).unwrap_or_default().lines();
    (place.range.line..=place.range.end_line).zip(lines).take(MOST).collect()
}

/// Puts into a review what its reader said of the reviewer's questions and of the checklist: pairs of `persona: text`, and `[x]` or `[ ]`
/// with a note.
pub fn tick(review: &mut Review, said: &[(String, String)]) {
    let texts = review.questions.iter().chain(&review.checklist);
    let ticked = texts.filter_map(|text| {
        let key = format!("{}: {text}", review.persona.id);
        let (_, said) = said.iter().find(|(question, _)| *question == key)?;
        let (mark, note) = said.split_at_checked(3)?;
        Some(Ticked { text: text.clone(), done: mark == "[x]", note: note.trim().to_owned() })
    });
    review.ticked = ticked.collect();
}

/// What a reader said of a question or of an entry of the checklist.
fn ticked<'r>(review: &'r Review, text: &str) -> Option<&'r Ticked> {
    review.ticked.iter().find(|ticked| ticked.text == text)
}

/// What a review takes for granted and what the answers change, a sentence each.
fn assumptions(review: &Review) -> Vec<String> {
    let said = review.assumptions.iter().map(Assumption::sentence);
    said.chain(review.changed_by_answers()).collect()
}

/// Why a finding is not shown, in words.
pub fn reason(silenced: &Suppressed) -> String {
    let or = |otherwise: &str| if silenced.reason.is_empty() { otherwise.to_owned() } else { silenced.reason.clone() };
    match silenced.by {
        SilencedBy::Comment => or("silenced without a reason"),
        SilencedBy::Config => "turned off in .gopeer.toml".to_owned(),
        SilencedBy::Purpose => format!("in {}", silenced.reason),
        SilencedBy::Unchanged => "on an unchanged line".to_owned(),
        SilencedBy::Baseline => "known from the baseline".to_owned(),
        SilencedBy::Answer => silenced.reason.clone(),
        SilencedBy::Dismissed => format!("dismissed: {}", or("no reason given")),
    }
}

/// What a reader said of a finding, as a label and their words.
fn remarked(finding: &Finding) -> Option<(&'static str, &str)> {
    let Remark { decision, text, .. } = finding.remark.as_ref()?;
    let label = match decision {
        Decision::Open => "Note",
        Decision::Accepted => "Accepted",
        Decision::Dismissed => "Dismissed",
    };
    Some((label, text))
}

/// The notes on a finding, without those that are among `said`: a report says each of them once.
fn notes<'r>(finding: &'r Finding, said: &mut BTreeSet<&'r str>) -> Vec<&'r Related> {
    let is_new = |related: &&'r Related| related.place.is_some() || said.insert(&related.message);
    finding.related.iter().filter(is_new).collect()
}

/// A note as a person would write it: with a capital letter, unless it begins with a name, and a full stop.
pub fn sentence(note: &str) -> String {
    let stop = if note.ends_with(['.', '?', '!', ':']) { "" } else { "." };
    match note.split_at_checked(1).filter(|_| !begins_with_name(note)) {
        Some((first, rest)) => format!("{}{rest}{stop}", first.to_ascii_uppercase()),
        None => format!("{note}{stop}"),
    }
}

/// A label, and after it what was said, if anything was.
fn labelled(label: &str, said: &str) -> String {
    if said.is_empty() { label.to_owned() } else { format!("{label}: {said}") }
}

/// Code in which the characters are written out that no reader sees, or that show it in another order than the compiler reads it:
/// those of the rule `security/trojan-source`, and of `web/editor/src/spell.ts`.
pub fn visible(code: &str) -> String {
    let mut seen = String::with_capacity(code.len());
    for c in code.chars() {
        match c {
            '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200B}'
            | '\u{2060}'
            | '\u{FEFF}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{3164}'
            | '\u{FFA0}' => seen.push_str(&format!("⟨U+{:04X}⟩", c as u32)),
            _ => seen.push(c),
        }
    }
    seen
}
