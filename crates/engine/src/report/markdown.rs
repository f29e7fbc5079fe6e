//! A review as Markdown: for pull requests, tickets, mail.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{
    AFFECTED, Patch, Texts, assumptions, excerpt, labelled, notes, patches, reason, remarked, ticked, visible,
};
use crate::protocol::{Finding, Place, Review, Severity, Ticked, Touched};

/// The review as a Markdown document, under the persona's headings; `link` opens it in the page.
pub fn markdown(review: &Review, texts: &Texts, link: Option<&str>) -> String {
    let (mut out, mut noted) = (String::new(), BTreeSet::new());
    let _ = writeln!(out, "# Review by {}\n\n{}\n", review.persona.name, review.verdict);
    if let Some(link) = link {
        let _ = writeln!(out, "[Open this review]({link})\n");
    }
    list(&mut out, "Assumptions", "-", &assumptions(review));
    table(&mut out, review);
    for section in &review.sections {
        let _ = writeln!(out, "## {}\n", section.title);
        if section.findings.is_empty() {
            let _ = writeln!(out, "{}\n", section.quiet());
        }
        for finding in section.findings.iter().filter_map(|&at| review.findings.get(at as usize)) {
            one(&mut out, finding, texts, &mut noted);
        }
    }
    let fixed = review.change.iter().flat_map(|change| &change.fixed);
    let fixed = fixed.map(|Finding { place, message, rule, .. }| format!("{} {message} (`{rule}`)", position(place)));
    list(&mut out, "Fixed by the change", "-", &fixed.collect::<Vec<_>>());
    list(&mut out, "Questions", "-", &checked(review, &review.questions, ""));
    list(&mut out, "No tool can check", "-", &checked(review, &review.checklist, "[ ] "));
    let notes: Vec<String> = review.unparsed.iter().chain(&review.notes).map(|note| as_said(&note.message)).collect();
    list(&mut out, "Notes", "-", &notes);
    let silenced = review.suppressed.iter().map(|silenced| {
        let (place, message, rule) = (position(&silenced.place), &silenced.message, &silenced.rule);
        format!("{place} {message} (`{rule}`): {}", as_said(&reason(silenced)))
    });
    list(&mut out, "Not shown", "-", &silenced.collect::<Vec<_>>());
    if !review.suppressed.is_empty() {
        let _ = writeln!(out, "{}.\n", review.not_shown());
    }
    let _ = writeln!(out, "_gopeer {}_", review.engine);
    out
}

/// All findings at a glance, best first.
fn table(out: &mut String, review: &Review) {
    if review.findings.is_empty() {
        return;
    }
    let _ = writeln!(out, "| Severity | Place | Finding | Rule |\n|---|---|---|---|");
    for finding in &review.findings {
        let place = &finding.place;
        let at = quoted(&format!("{}:{}", place.file, place.range.line));
        let cells = [label(finding.severity), &at, &finding.message, &format!("`{}`", finding.rule)];
        let _ = writeln!(out, "| {} |", cells.map(|cell| in_one_line(cell).replace('|', "\\|")).join(" | "));
    }
    out.push('\n');
}

fn one<'r>(out: &mut String, finding: &'r Finding, texts: &Texts, noted: &mut BTreeSet<&'r str>) {
    let _ = writeln!(out, "- **{}** {} {}", label(finding.severity), position(&finding.place), finding.say);
    if let Some((label, said)) = remarked(finding) {
        let _ = writeln!(out, "  - {}", labelled(&format!("**{label}**"), &as_said(said)));
    }
    for related in notes(finding, noted) {
        let place = related.place.as_ref().map(|place| format!(" (line {})", place.range.line)).unwrap_or_default();
        let _ = writeln!(out, "  - {}{place}", related.message);
    }
    for (at, step) in finding.steps.iter().enumerate() {
        let Place { file, range } = &step.place;
        let at_line = match *file == finding.place.file {
            true => format!("line {}", range.line),
            false => quoted(&format!("{file}:{}", range.line)),
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
    code(out, finding, texts);
}

/// The code that is meant, or what its first fix makes of it.
fn code(out: &mut String, finding: &Finding, texts: &Texts) {
    let fix = finding.fixes.first();
    let text = texts.get(&finding.place.file);
    let patches = fix.zip(text).map_or_else(Vec::new, |(fix, text)| patches(&finding.place.file, text, fix));
    let (kind, lines): (_, String) = match patches.is_empty() {
        false => {
            ("diff", patches.iter().flat_map(Patch::lines).map(|(sign, line)| format!("{sign}{line}\n")).collect())
        }
        true => ("go", excerpt(texts, &finding.place).iter().map(|(_, line)| format!("{line}\n")).collect()),
    };
    if !lines.is_empty() {
        let (lines, fence) = (visible(&lines), fence(&lines));
        let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
        let _ = writeln!(out, "  {fence}{kind}\n{indented}  {fence}\n");
    }
}

/// Questions, or entries of the checklist, with what the reader said of them; `open` begins those of which nothing was said.
fn checked(review: &Review, texts: &[String], open: &str) -> Vec<String> {
    let one = |text: &String| match ticked(review, text) {
        None => format!("{open}{text}"),
        Some(Ticked { done, note, .. }) => {
            let mark = if *done { "[x]" } else { "[ ]" };
            let note = if note.is_empty() { String::new() } else { format!("\n  - **Note**: {}", as_said(note)) };
            format!("{mark} {text}{note}")
        }
    };
    texts.iter().map(one).collect()
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

fn position(Place { file, range }: &Place) -> String {
    quoted(&format!("{file}:{}:{}", range.line, range.column))
}

/// A code span, also of text with backquotes in it.
pub(super) fn quoted(text: &str) -> String {
    match longest_run(text) {
        0 => format!("`{text}`"),
        run => format!("{0} {text} {0}", "`".repeat(run + 1)),
    }
}

/// The fence of a code block of that text: longer than any run of backquotes in it.
pub(super) fn fence(text: &str) -> String {
    "`".repeat((longest_run(text) + 1).max(3))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// What somebody wrote, which is no markup.
pub(super) fn as_said(text: &str) -> String {
    in_one_line(text).replace('<', "\\<")
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        other => other.name(),
    }
}
