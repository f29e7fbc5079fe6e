//! `gopeer rules` and `gopeer explain`.

use std::fmt::Write;

use gopeer_engine::guide::{PLACEHOLDERS, guides};
use gopeer_engine::protocol::{Confidence, FixKind, Guide, RuleInfo};
use gopeer_engine::{add_fixed, config, rule_infos};
use serde::Serialize;

use crate::args::ListFormat;
use crate::{CLEAN, print};

/// A rule as `gopeer rules --format json` prints it.
#[derive(Serialize)]
struct Documented {
    #[serde(flatten)]
    rule: RuleInfo,
    guide: Guide,
}

/// Prints all rules.
pub fn list(format: ListFormat) -> Result<u8, String> {
    let mut rules = rule_infos();
    let text = match format {
        ListFormat::Json => {
            add_fixed(&mut rules);
            let mut guides = guides();
            let all: Vec<Documented> = rules
                .into_iter()
                .map(|rule| Documented { guide: guides.remove(&rule.id).unwrap_or_default(), rule })
                .collect();
            serde_json::to_string_pretty(&all).map_err(|error| error.to_string())? + "\n"
        }
        ListFormat::Text => {
            rules.iter().map(|rule| format!("{:<44} {:<9} {}\n", rule.id, rule.severity.name(), rule.title)).collect()
        }
    };
    print(&text)?;
    Ok(CLEAN)
}

/// Prints one rule's documentation.
pub fn explain(id: &str) -> Result<u8, String> {
    let mut rules = rule_infos();
    let known = |rule: &RuleInfo| rule.id == id || name(rule) == id;
    let at = rules.iter().position(known).ok_or_else(|| unknown(id, &rules))?;
    add_fixed(&mut rules[at..=at]);
    let rule = &rules[at];
    let guide = guides().remove(&rule.id).unwrap_or_default();
    print(&(explained(rule) + &guided(&guide)))?;
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
    let _ = writeln!(out, "severity: {}, confidence: {}, fix: {}", rule.severity.name(), confidence(rule), fix(rule));
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

/// What to expect, to run, to choose and to read. What a command leaves open is in capitals.
fn guided(guide: &Guide) -> String {
    let mut out = String::new();
    for (title, text) in [("For those new to Go", &guide.idiom), ("Impact", &guide.impact)] {
        if !text.is_empty() {
            let _ = writeln!(out, "\n{title}:\n\n    {text}");
        }
    }
    let mut section = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            let _ = writeln!(out, "\n{title}:\n\n{}", items.join("\n"));
        }
    };
    let commands = guide.verify.iter().map(|check| format!("    {}\n        {}", open(&check.command), check.shows));
    section("How to verify", commands.collect());
    let options = guide.options.iter().map(|repair| {
        let chosen = repair.chosen.iter().map(|(who, why)| format!("\n        {who}: {why}"));
        format!("    {}: {}{}", repair.title, repair.text, chosen.collect::<String>())
    });
    section("Options", options.collect());
    section("References", guide.references.iter().map(|to| format!("    {}: {}", to.title, to.url)).collect());
    out
}

/// The command with `{package}` as PACKAGE.
fn open(command: &str) -> String {
    let put = |text: String, name: &&str| text.replace(&format!("{{{name}}}"), &name.to_uppercase());
    PLACEHOLDERS.iter().fold(command.to_owned(), put)
}

fn example(out: &mut String, title: &str, text: &str) {
    let indented: Vec<String> = text.trim_end().lines().map(|line| format!("    {line}")).collect();
    let _ = writeln!(out, "\n{title}:\n\n{}", indented.join("\n"));
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
