//! What readers say of findings: notes, and decisions with their reasons.
//!
//! A finding is found again by its rule, the declaration it is in and its message, as in a baseline: edits elsewhere may move it, and
//! its own line may be rewritten. Of several that are the same in all of these, the one whose line is as it was comes first.

use std::collections::BTreeSet;

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
    let same_line = |finding: &Finding, remark: &Remark| {
        finding.id == remark.finding && (remark.key == 0 || remark.key == finding.key())
    };
    let same_fact = |finding: &Finding, remark: &Remark| remark.key == finding.key() && remark.rule() == finding.rule;
    let mut left: Vec<&Remark> = remarks.iter().collect();
    for is_meant in [&same_line as &dyn Fn(&Finding, &Remark) -> bool, &same_fact] {
        left.retain(|remark| {
            let found =
                review.findings.iter_mut().find(|finding| finding.remark.is_none() && is_meant(finding, remark));
            found.map(|finding| finding.remark = Some((*remark).clone())).is_none()
        });
    }
    dismiss(persona, review);
}

fn dismiss(persona: &Persona, review: &mut Review) {
    let is_dismissed =
        |finding: &Finding| finding.remark.as_ref().is_some_and(|remark| remark.decision == Decision::Dismissed);
    let dismissed: BTreeSet<u32> =
        (0..).zip(&review.findings).filter(|(_, finding)| is_dismissed(finding)).map(|(at, _)| at).collect();
    if dismissed.is_empty() {
        return;
    }
    for section in &mut review.sections {
        let before = section.findings.len();
        section.findings.retain(|at| !dismissed.contains(at));
        section.hidden += (before - section.findings.len()) as u32;
        section.findings.iter_mut().for_each(|at| *at -= dismissed.range(..*at).count() as u32);
    }
    let (gone, kept) = std::mem::take(&mut review.findings).into_iter().partition(is_dismissed);
    review.findings = kept;
    persona.word(&mut review.findings);
    review.counts = count(review.findings.iter());
    review.verdict = verdict(persona, review);
    let gone: Vec<Finding> = gone;
    review.suppressed.splice(
        0..0,
        gone.into_iter().map(|Finding { id, rule, place, message, remark, .. }| Suppressed {
            rule,
            place,
            message,
            reason: remark.map(|remark| remark.text).unwrap_or_default(),
            by: SilencedBy::Dismissed,
            finding: id,
        }),
    );
}
