//! A review as Markdown: for pull requests, tickets, mail.

use std::fmt::Write;

use super::AFFECTED;
use crate::protocol::{Finding, Place, Review, Severity, Touched};

/// The review as a Markdown document, under the persona's headings.
pub fn markdown(review: &Review) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# Review by {}\n\n{}\n", review.persona.name, review.verdict);
    for section in &review.sections {
        let _ = writeln!(out, "## {}\n", section.title);
        if section.findings.is_empty() {
            let _ = writeln!(out, "{}\n", section.quiet());
        }
        for finding in section.findings.iter().filter_map(|&at| review.findings.get(at as usize)) {
            one(&mut out, finding);
        }
    }
    let fixed = review.change.iter().flat_map(|change| &change.fixed);
    let fixed = fixed.map(|Finding { place: Place { file, range }, message, rule, .. }| {
        format!("`{file}:{}:{}` {message} (`{rule}`)", range.line, range.column)
    });
    list(&mut out, "Fixed by the change", "-", &fixed.collect::<Vec<_>>());
    list(&mut out, "Questions", "-", &review.questions);
    list(&mut out, "No tool can check", "- [ ]", &review.checklist);
    let notes: Vec<String> = review.unparsed.iter().chain(&review.notes).map(|note| note.message.clone()).collect();
    list(&mut out, "Notes", "-", &notes);
    if !review.suppressed.is_empty() {
        let _ = writeln!(out, "{}.\n", review.not_shown());
    }
    let _ = writeln!(out, "_gopeer {}_", review.engine);
    out
}

fn one(out: &mut String, finding: &Finding) {
    let range = finding.place.range;
    let _ = writeln!(
        out,
        "- **{}** `{}:{}:{}` {}",
        label(finding.severity),
        finding.place.file,
        range.line,
        range.column,
        finding.say
    );
    for related in &finding.related {
        let place = related.place.as_ref().map(|place| format!(" (line {})", place.range.line)).unwrap_or_default();
        let _ = writeln!(out, "  - {}{place}", related.message);
    }
    for (at, step) in finding.steps.iter().enumerate() {
        let Place { file, range } = &step.place;
        let at_line = match *file == finding.place.file {
            true => format!("line {}", range.line),
            false => format!("`{file}:{}`", range.line),
        };
        let _ = writeln!(out, "  {}. {} ({at_line})", at + 1, step.in_full());
    }
    if finding.touched == Touched::Affected {
        let _ = writeln!(out, "  - {AFFECTED}");
    }
    if let Some(also) = finding.also_at() {
        let _ = writeln!(out, "  - {also}");
    }
    for fix in &finding.fixes {
        let _ = writeln!(out, "  - Fix: {}", fix.title);
    }
    let _ = writeln!(out, "  - Rule `{}`\n", finding.rule);
}

fn list(out: &mut String, title: &str, bullet: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "## {title}\n");
    for item in items {
        let _ = writeln!(out, "{bullet} {item}");
    }
    out.push('\n');
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "CRITICAL",
    }
}
