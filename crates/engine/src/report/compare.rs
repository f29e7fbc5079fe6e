//! Two reviewers beside each other: what both raise, and what only one of them does.
//!
//! All reviewers have the same findings. One raises those that are among the first of its list; a finding that it mutes is not in it.

use std::collections::HashMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::protocol::{Confidence, Finding, Place, Review, Severity};

/// What a reviewer says of files, best first, as far as comparisons need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Id of the reviewer.
    pub persona: String,
    /// How many findings it shows unasked.
    pub show: u32,
    /// Its findings.
    pub findings: Vec<Outline>,
}

/// A finding in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Its id, the same for all reviewers.
    pub id: String,
    /// Id of its rule.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// Whether it is a question.
    pub question: bool,
    /// The fact.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// What two reviewers make of the same findings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Id of the first reviewer.
    pub persona: String,
    /// Id of the second.
    pub other: String,
    /// What both raise, in the first one's order.
    pub both: Vec<Pair>,
    /// What only the first raises.
    pub only_first: Vec<Pair>,
    /// What only the second raises.
    pub only_second: Vec<Pair>,
    /// How many findings neither raises.
    pub neither: usize,
}

/// A finding, and where it is in the lists of both, from 1; none where it is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// The finding.
    pub finding: Outline,
    /// In the first list.
    pub first: Option<usize>,
    /// In the second.
    pub second: Option<usize>,
}

impl Listed {
    /// The list of a review.
    pub fn of(review: &Review) -> Listed {
        let findings = review.findings.iter().map(outline).collect();
        Listed { persona: review.persona.id.clone(), show: review.show, findings }
    }
}

/// A finding in a line.
pub fn outline(finding: &Finding) -> Outline {
    Outline {
        id: finding.id.clone(),
        rule: finding.rule.clone(),
        severity: finding.severity,
        question: finding.confidence == Confidence::Low,
        message: finding.message.clone(),
        place: finding.place.clone(),
    }
}

/// Compares two lists. The first `most` findings of each are raised, or as many as each reviewer shows unasked if that is 0.
pub fn compare(first: &Listed, second: &Listed, most: usize) -> Comparison {
    let places = |list: &Listed| -> HashMap<String, usize> {
        list.findings.iter().zip(1..).map(|(finding, place)| (finding.id.clone(), place)).collect()
    };
    let (in_first, in_second) = (places(first), places(second));
    let raises = |list: &Listed, place: Option<usize>| {
        let most = if most == 0 { list.show as usize } else { most };
        place.is_some_and(|place| place <= most)
    };
    let new = second.findings.iter().filter(|finding| !in_first.contains_key(&finding.id));
    let mut made =
        Comparison { persona: first.persona.clone(), other: second.persona.clone(), ..Comparison::default() };
    for finding in first.findings.iter().chain(new) {
        let place = |places: &HashMap<String, usize>| places.get(&finding.id).copied();
        let pair = Pair { finding: finding.clone(), first: place(&in_first), second: place(&in_second) };
        match (raises(first, pair.first), raises(second, pair.second)) {
            (true, true) => made.both.push(pair),
            (true, false) => made.only_first.push(pair),
            (false, true) => made.only_second.push(pair),
            (false, false) => made.neither += 1,
        }
    }
    made.only_second.sort_by_key(|pair| pair.second);
    made
}

/// A comparison as plain text.
pub fn comparison(made: &Comparison) -> String {
    let (a, b) = (&made.persona, &made.other);
    let counts = (made.both.len(), made.only_first.len(), made.only_second.len());
    let mut out =
        format!("Both raise {}, only {a} {}, only {b} {}; {} neither.\n", counts.0, counts.1, counts.2, made.neither);
    let groups = [
        (format!("Only {a}"), &made.only_first),
        (format!("Only {b}"), &made.only_second),
        ("Both".to_owned(), &made.both),
    ];
    for (title, pairs) in groups.into_iter().filter(|(_, pairs)| !pairs.is_empty()) {
        let _ = writeln!(out, "\n— {title} —\n");
        for Pair { finding, first, second } in pairs {
            let at = |place: &Option<usize>| place.map_or("left out".to_owned(), |place| place.to_string());
            let Outline { rule, severity, message, place: Place { file, range }, .. } = finding;
            let severity = if finding.question { "question" } else { severity.name() };
            let places = format!("{a}: {}, {b}: {}", at(first), at(second));
            let _ = writeln!(out, "{severity} {file}:{}:{} {message} [{rule}] ({places})", range.line, range.column);
        }
    }
    out
}
