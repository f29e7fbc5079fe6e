//! How a persona says things.

use gopeer_lint::{Confidence, Rule};

use super::{Persona, SectionSpec, Verdict};
use crate::protocol::{Counts, Severity};

impl Verdict {
    fn of(&self, severity: Severity) -> &str {
        match severity {
            Severity::Low => &self.low,
            Severity::Medium => &self.medium,
            Severity::High => &self.high,
            Severity::Critical => &self.critical,
        }
    }
}

impl Persona {
    /// The persona's wording of a finding's message: that of the rule, else of its first concern, else of the severity.
    /// What is not certain is a question.
    pub fn say(&self, rule: &Rule, severity: Severity, confidence: Confidence, message: &str) -> String {
        let concern = rule.concerns.first().map(|(concern, _)| concern.id());
        let keys = match confidence {
            Confidence::New | Confidence::Low => [Some("question"), None, None],
            _ => [Some(rule.id), concern, Some(name(severity))],
        };
        match keys.into_iter().flatten().find_map(|key| self.voice.get(key)) {
            Some(template) => sentence(&template.replace("{message}", message)),
            None => format!("{}.", sentence(message)),
        }
    }

    /// The verdict over findings that are counted so and of which the first says `first`.
    pub fn verdict(&self, counts: &Counts, first: &str) -> String {
        let template = match worst(counts) {
            Some(severity) => self.verdict.of(severity),
            None => &self.verdict.none,
        };
        let total = counts.critical + counts.high + counts.medium + counts.low;
        let filled = template
            .replace("{count}", &total.to_string())
            .replace("{critical}", &counts.critical.to_string())
            .replace("{high}", &counts.high.to_string())
            .replace("{medium}", &counts.medium.to_string())
            .replace("{low}", &counts.low.to_string())
            .replace("{first}", first);
        sentence(&filled)
    }

    /// The index of the section a finding belongs to: the first that matches, else the last.
    pub fn section_of(&self, rule: &Rule, severity: Severity) -> usize {
        let found = self.sections.iter().position(|section| matches(section, rule, severity));
        found.unwrap_or(self.sections.len().saturating_sub(1))
    }
}

/// The severity as persona files call it.
fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

fn matches(section: &SectionSpec, rule: &Rule, severity: Severity) -> bool {
    let severe = section.severities.is_empty() || section.severities.contains(&severity);
    let any = section.categories.is_empty() && section.concerns.is_empty() && section.rules.is_empty();
    let first_concern = rule.concerns.first().map(|(concern, _)| concern.id());
    severe
        && (any
            || section.categories.iter().any(|category| category == rule.category())
            || section.concerns.iter().any(|concern| Some(concern.as_str()) == first_concern)
            || section.rules.iter().any(|id| id == rule.id))
}

fn worst(counts: &Counts) -> Option<Severity> {
    let Counts { critical, high, medium, low } = *counts;
    [(critical, Severity::Critical), (high, Severity::High), (medium, Severity::Medium), (low, Severity::Low)]
        .into_iter()
        .find(|(count, _)| *count > 0)
        .map(|(_, severity)| severity)
}

/// The text with a capital first letter, unless it begins with a name in backquotes.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
