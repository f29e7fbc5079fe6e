//! How much a finding matters to a persona.

use gopeer_lint::{Confidence, Rule, Severity};

use super::Persona;

/// Weight of a category that a persona does not name.
const CATEGORY: f32 = 5.0;

impl Persona {
    /// How much this persona cares for a rule, whatever its severity: category weight × mean weight of the rule's
    /// concerns (by their strength) × boost.
    pub fn weight(&self, rule: &Rule) -> f32 {
        let category = self.categories.get(rule.category()).copied().unwrap_or(CATEGORY);
        let boost = self.rules.get(rule.id).map_or(1.0, |tuning| tuning.boost);
        category * self.concern_factor(rule) * boost
    }

    /// The score of a finding of this rule.
    pub fn score(&self, rule: &Rule) -> f32 {
        severity_factor(rule.severity) * confidence_factor(rule.confidence) * self.weight(rule)
    }

    /// Whether this persona leaves the rule out.
    pub fn mutes(&self, rule: &Rule) -> bool {
        self.rules.get(rule.id).is_some_and(|tuning| tuning.mute)
    }

    fn concern_factor(&self, rule: &Rule) -> f32 {
        let weight = |id: &str| self.concerns.get(id).copied().unwrap_or(1.0);
        let strength: f32 = rule.concerns.iter().map(|(_, strength)| f32::from(*strength)).sum();
        let weighed: f32 =
            rule.concerns.iter().map(|(concern, strength)| f32::from(*strength) * weight(concern.id())).sum();
        if strength > 0.0 { weighed / strength } else { 1.0 }
    }
}

fn severity_factor(severity: Severity) -> f32 {
    match severity {
        Severity::Low => 1.0,
        Severity::Medium => 2.0,
        Severity::High => 4.0,
        Severity::Critical => 8.0,
    }
}

fn confidence_factor(confidence: Confidence) -> f32 {
    match confidence {
        Confidence::Low => 0.5,
        Confidence::Medium => 0.8,
        Confidence::High => 1.0,
    }
}
