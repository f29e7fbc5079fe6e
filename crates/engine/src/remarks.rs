//! What readers say of findings: notes, and decisions with their reasons.
//!
//! A finding is found again by its rule, the declaration it is in and its message, as in a baseline: edits elsewhere may move it, and
//! its own line may be rewritten. Of several that are the same in all of these, the one whose line is as it was comes first.

use crate::persona::Persona;
use crate::place::fnv;
use crate::protocol::{Decision, Finding, Remark, Review, SilencedBy, Suppressed};
use crate::review::{count, verdict};

impl Finding {
    /// Hash of the declaration it is in and of its message: with the rule it tells the finding from others when lines have moved or
    /// were rewritten.
    pub fn key(&self) -> u32 {
        fnv(self.within.bytes().chain([b'\n']).chain(self.message.bytes()))
    }
}

/// Puts the remarks beside their findings, and those that are dismissed among what is not shown. What belongs to no finding of this
/// review is left out of it.
pub fn apply(persona: &Persona, review: &mut Review, remarks: &[Remark]) {
    if remarks.is_empty() {
        return;
    }
    let keys: Vec<u32> = review.findings.iter().map(Finding::key).collect();
    let same_line = |finding: &Finding, key: u32, remark: &Remark| {
        finding.id == remark.finding && (remark.key == 0 || remark.key == key)
    };
    let same_fact = |finding: &Finding, key: u32, remark: &Remark| remark.key == key && remark.rule() == finding.rule;
    let mut left: Vec<&Remark> = remarks.iter().collect();
    for is_meant in [&same_line as &dyn Fn(&Finding, u32, &Remark) -> bool, &same_fact] {
        left.retain(|remark| {
            let mut findings = review.findings.iter_mut().zip(&keys);
            let found = findings.find(|(finding, key)| finding.remark.is_none() && is_meant(finding, **key, remark));
            found.map(|(finding, _)| finding.remark = Some((*remark).clone())).is_none()
        });
    }
    dismiss(persona, review);
}

fn dismiss(persona: &Persona, review: &mut Review) {
    let is_dismissed =
        |finding: &Finding| finding.remark.as_ref().is_some_and(|remark| remark.decision == Decision::Dismissed);
    // Where each finding goes, or that it goes.
    let places: Vec<Option<u32>> = review
        .findings
        .iter()
        .scan(0, |next, finding| {
            let place = (!is_dismissed(finding)).then_some(*next);
            *next += u32::from(place.is_some());
            Some(place)
        })
        .collect();
    if places.iter().all(Option::is_some) {
        return;
    }
    for section in &mut review.sections {
        let before = section.findings.len();
        section.findings = section.findings.iter().filter_map(|at| *places.get(*at as usize)?).collect();
        section.hidden += (before - section.findings.len()) as u32;
    }
    for finding in std::mem::take(&mut review.findings) {
        if !is_dismissed(&finding) {
            review.findings.push(finding);
            continue;
        }
        let Finding { rule, place, message, remark, .. } = finding;
        let Remark { finding, text: reason, .. } = remark.unwrap_or_default();
        review.suppressed.push(Suppressed { rule, place, message, reason, by: SilencedBy::Dismissed, finding });
    }
    persona.word(&mut review.findings);
    review.counts = count(review.findings.iter());
    review.verdict = verdict(persona, review);
}
