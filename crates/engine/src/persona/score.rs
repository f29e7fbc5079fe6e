//! How much a finding matters to a persona.

use gopeer_lint::{Confidence, Rule};

use super::Persona;
use crate::protocol::Severity;
use crate::review::severity as severity_of;

/// The rank of a category that a persona does not name.
const CATEGORY: u8 = 5;
/// The rank of a concern that a persona does not name.
const CONCERN: u8 = 1;
/// The highest rank of a rule.
const HIGHEST: f32 = 3.0;

impl Persona {
    /// How much this persona cares for a rule, whatever its severity, from 0 (muted) to 3: a tenth of the category's rank ×
    /// the rank of the rule's first concern, doubled for rules to raise and halved for rules to lower.
    pub fn rank(&self, rule: &Rule) -> f32 {
        if self.mutes(rule, severity_of(rule)) { 0.0 } else { self.rank_unmuted(rule) }
    }

    fn rank_unmuted(&self, rule: &Rule) -> f32 {
        let listed = |list: &[String]| list.iter().any(|id| id == rule.id);
        let factor = match (listed(&self.raise), listed(&self.lower)) {
            (true, false) => 2.0,
            (false, true) => 0.5,
            _ => 1.0,
        };
        let category = self.categories.get(rule.category()).copied().unwrap_or(CATEGORY);
        // A critical finding is never muted, so it cannot rank 0 either.
        let concern = self.concern_rank(rule).max(1);
        (f32::from(category) / 10.0 * f32::from(concern) * factor).min(HIGHEST)
    }

    /// The score of a finding of this rule that is not muted: severity × confidence × rank.
    pub fn score(&self, rule: &Rule, severity: Severity, confidence: Confidence) -> f32 {
        severity_factor(severity) * confidence_factor(confidence) * self.rank_unmuted(rule)
    }

    /// Whether this persona leaves out findings of the rule that are so severe.
    pub fn mutes(&self, rule: &Rule, severity: Severity) -> bool {
        let muted = self.concern_rank(rule) == 0 || self.mute.iter().any(|id| id == rule.id);
        muted && severity != Severity::Critical
    }

    /// The rank of what the rule names as its first concern.
    fn concern_rank(&self, rule: &Rule) -> u8 {
        let named = rule.concerns.first().and_then(|(concern, _)| self.concerns.get(concern.id()));
        named.copied().unwrap_or(CONCERN)
    }
}

/// Steep, so that taste decides among findings of one severity and seldom between two: what will hurt comes before what is
/// worth a change unless the persona ranks it four times lower.
pub(crate) fn severity_factor(severity: Severity) -> f32 {
    match severity {
        Severity::Low => 1.0,
        Severity::Medium => 4.0,
        Severity::High => 16.0,
        Severity::Critical => 64.0,
    }
}

/// The highest score that a finding can have.
pub(crate) fn highest_score() -> f32 {
    severity_factor(Severity::Critical) * confidence_factor(Confidence::High) * HIGHEST
}

fn confidence_factor(confidence: Confidence) -> f32 {
    match confidence {
        Confidence::New | Confidence::Low => 0.5,
        Confidence::Medium => 0.8,
        Confidence::High => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use gopeer_lint::{Concern, FixKind, Scope, Severity as OfRule};

    use super::*;
    use crate::known::Known;

    fn rule(severity: OfRule) -> Rule {
        Rule {
            id: "sql/late-rows",
            severity,
            confidence: Confidence::High,
            concerns: &[(Concern::Leak, 3), (Concern::Latency, 1)],
            equivalents: &[],
            fix: FixKind::None,
            scope: Scope::Both,
            hooks: &[],
            examines: "nodes",
        }
    }

    fn persona(front: &str) -> Persona {
        let source = format!("+++\nid = \"x\"\nname = \"X\"\ntagline = \"t\"\n{front}\n+++\n");
        crate::persona::read(&source, Known::default()).expect("it is a persona")
    }

    #[test]
    fn ranks_multiply() {
        let high = rule(OfRule::High);
        let ranks = "[categories]\nsql = 8\n[concerns]\nleak = 2\nlatency = 0";
        let lists = |name: &str| format!("{name} = [\"sql/late-rows\"]\n{ranks}");
        assert_eq!(persona("").rank(&high), 0.5);
        assert_eq!(persona(ranks).rank(&high), 1.6);
        assert_eq!(persona(&lists("raise")).rank(&high), 3.0, "3 is the most");
        assert_eq!(persona(&lists("lower")).rank(&high), 0.8);
        assert_eq!(persona(ranks).score(&high, Severity::High, high.confidence), 25.6);
    }

    #[test]
    fn all_but_critical_findings_can_be_muted() {
        for front in ["mute = [\"sql/late-rows\"]", "[concerns]\nleak = 0"] {
            let persona = persona(front);
            let (high, critical) = (rule(OfRule::High), rule(OfRule::Critical));
            assert!(persona.mutes(&high, Severity::High) && persona.rank(&high) == 0.0, "{front}");
            assert!(!persona.mutes(&critical, Severity::Critical) && persona.rank(&critical) > 0.0, "{front}");
            assert!(persona.mutes(&critical, Severity::High), "a project may lower it");
        }
    }
}
