//! `gopeer rules` and `gopeer explain`.

use std::fmt::Write;

use gopeer_engine::protocol::{Confidence, FixKind, RuleInfo, Severity};
use gopeer_engine::{config, rule_infos};

use crate::args::ListFormat;
use crate::{CLEAN, print};

/// Prints all rules.
pub fn list(format: ListFormat) -> Result<u8, String> {
    let rules = rule_infos();
    let text = match format {
        ListFormat::Json => serde_json::to_string_pretty(&rules).map_err(|error| error.to_string())? + "\n",
        ListFormat::Text => {
            rules.iter().map(|rule| format!("{:<44} {:<9} {}\n", rule.id, severity(rule), rule.title)).collect()
        }
    };
    print(&text)?;
    Ok(CLEAN)
}

/// Prints one rule's documentation.
pub fn explain(id: &str) -> Result<u8, String> {
    let rules = rule_infos();
    let known = |rule: &&RuleInfo| rule.id == id || name(rule) == id;
    let rule = rules.iter().find(known).ok_or_else(|| unknown(id, &rules))?;
    print(&explained(rule))?;
    Ok(CLEAN)
}

fn name(rule: &RuleInfo) -> &str {
    rule.id.rsplit('/').next().unwrap_or(&rule.id)
}

/// Says that there is no such rule, and which one may be meant.
fn unknown(id: &str, rules: &[RuleInfo]) -> String {
    let known: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    match config::nearest(id, &known).as_slice() {
        [] => format!("there is no rule {id}; `gopeer rules` lists all of them"),
        near => format!("there is no rule {id}; did you mean {}? `gopeer rules` lists all of them", near.join(" or ")),
    }
}

fn explained(rule: &RuleInfo) -> String {
    let mut out = format!("{}\n\n{}\n\n{}\n\n", rule.id, rule.title, rule.why);
    let _ = writeln!(out, "severity: {}, confidence: {}, fix: {}", severity(rule), confidence(rule), fix(rule));
    let ranks: Vec<String> = rule.personas.iter().map(|(persona, rank)| format!("{persona} {rank:.1}")).collect();
    let _ = writeln!(out, "rank by reviewer, from 0 to 3: {}", ranks.join(", "));
    if !rule.equivalents.is_empty() {
        let _ = writeln!(out, "also known as: {}", rule.equivalents.join(", "));
    }
    if !rule.former_ids.is_empty() {
        let _ = writeln!(out, "formerly part of: {}", rule.former_ids.join(", "));
    }
    rule.bad.iter().for_each(|text| example(&mut out, "Found", text));
    if !rule.fixed.is_empty() {
        example(&mut out, "Fixed", &rule.fixed);
    }
    rule.good.iter().for_each(|text| example(&mut out, "Left alone", text));
    out
}

fn example(out: &mut String, title: &str, text: &str) {
    let indented: Vec<String> = text.trim_end().lines().map(|line| format!("    {line}")).collect();
    let _ = writeln!(out, "\n{title}:\n\n{}", indented.join("\n"));
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
