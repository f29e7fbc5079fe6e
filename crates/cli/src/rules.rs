//! `gopeer rules` and `gopeer explain`.

use anstream::println;
use gopeer_engine::protocol::{Confidence, FixKind, RuleInfo, Severity};
use gopeer_engine::rule_infos;

use crate::CLEAN;
use crate::args::ListFormat;

/// Prints all rules.
pub fn list(format: ListFormat) -> Result<u8, String> {
    let rules = rule_infos();
    match format {
        ListFormat::Json => println!("{}", serde_json::to_string_pretty(&rules).map_err(|error| error.to_string())?),
        ListFormat::Text => {
            rules.iter().for_each(|rule| println!("{:<44} {:<9} {}", rule.id, severity(rule), rule.title))
        }
    }
    Ok(CLEAN)
}

/// Prints one rule's documentation.
pub fn explain(id: &str) -> Result<u8, String> {
    let rules = rule_infos();
    let known = |rule: &&RuleInfo| rule.id == id || rule.id.rsplit('/').next() == Some(id);
    let rule = rules.iter().find(known).ok_or_else(|| format!("there is no rule {id}: `gopeer rules` lists them"))?;
    println!("{}\n\n{}\n\n{}\n", rule.id, rule.title, rule.why);
    println!("severity {}, confidence {}, fix {}", severity(rule), confidence(rule), fix(rule));
    let weights: Vec<String> = rule.personas.iter().map(|(persona, weight)| format!("{persona} {weight:.1}")).collect();
    println!("weights: {}", weights.join(", "));
    if !rule.equivalents.is_empty() {
        println!("also known as: {}", rule.equivalents.join(", "));
    }
    rule.bad.iter().for_each(|text| example("Found", text));
    if !rule.fixed.is_empty() {
        example("Mended", &rule.fixed);
    }
    rule.good.iter().for_each(|text| example("Left alone", text));
    Ok(CLEAN)
}

fn example(title: &str, text: &str) {
    let indented: Vec<String> = text.trim_end().lines().map(|line| format!("    {line}")).collect();
    println!("\n{title}:\n\n{}", indented.join("\n"));
}

fn severity(rule: &RuleInfo) -> &'static str {
    match rule.severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

fn confidence(rule: &RuleInfo) -> &'static str {
    match rule.confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

fn fix(rule: &RuleInfo) -> &'static str {
    match rule.fix {
        FixKind::None => "none",
        FixKind::Suggested => "suggested",
        FixKind::Safe => "safe",
    }
}
