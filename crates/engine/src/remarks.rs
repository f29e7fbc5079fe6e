//! What readers say of findings: notes, and decisions with their reasons.
//!
//! A finding is found again by its rule, the declaration it is in and its message, as in a baseline: edits elsewhere may move it, and
//! its own line may be rewritten. Of several that are the same in all of these, the one whose line is as it was comes first.

use std::collections::HashMap;

use crate::persona::Persona;
use crate::place::fnv;
use crate::protocol::{Decision, Finding, Remark, Review, SilencedBy, Suppressed};
use crate::review::take_out;

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
    let meant = meant(&review.findings, remarks);
    for (finding, remark) in review.findings.iter_mut().zip(meant) {
        finding.remark = remark.cloned();
    }
    take_out(persona, review, |finding| {
        let remark = finding.remark.as_ref().filter(|remark| remark.decision == Decision::Dismissed)?;
        Some(Suppressed {
            rule: finding.rule.clone(),
            place: finding.place.clone(),
            message: finding.message.clone(),
            reason: remark.text.clone(),
            by: SilencedBy::Dismissed,
            finding: remark.finding.clone(),
        })
    });
}

/// The remark that is meant for each of the findings, if there is one.
fn meant<'r>(findings: &[Finding], remarks: &'r [Remark]) -> Vec<Option<&'r Remark>> {
    let keys: Vec<u32> = findings.iter().map(Finding::key).collect();
    let mut meant: Vec<Option<&Remark>> = vec![None; findings.len()];
    let mut by_id: HashMap<&str, usize> = HashMap::new();
    // Of the same rule and key, the first one at the end.
    let mut by_fact: HashMap<(&str, u32), Vec<usize>> = HashMap::new();
    for (at, (finding, key)) in findings.iter().zip(&keys).enumerate().rev() {
        by_id.insert(&finding.id, at);
        by_fact.entry((&finding.rule, *key)).or_default().push(at);
    }
    let mut left = Vec::new();
    for remark in remarks {
        let at = by_id.get(remark.finding.as_str()).filter(|&&at| remark.key == 0 || remark.key == keys[at]);
        match at.filter(|&&at| meant[at].is_none()) {
            Some(&at) => meant[at] = Some(remark),
            None => left.push(remark),
        }
    }
    for remark in left {
        let same = by_fact.get_mut(&(remark.rule(), remark.key)).into_iter();
        let free = same.flat_map(|same| std::iter::from_fn(|| same.pop())).find(|&at| meant[at].is_none());
        if let Some(at) = free {
            meant[at] = Some(remark);
        }
    }
    meant
}
