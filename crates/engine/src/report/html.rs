//! A review as one HTML file: opens from disk, runs no script, loads nothing, and prints well. All text is escaped.

use std::collections::BTreeSet;

use super::{
    AFFECTED, Patch, Texts, all_patches, assumptions, excerpt, notes, reason, remarked, sentence, ticked, visible,
};
use crate::protocol::{Confidence, Finding, Fix, Place, Review, Severity, Suppressed, Ticked, Touched};

const STYLE: &str = include_str!("report.css");

/// Forbids everything but the style sheet inside, should text ever get where it is read as markup.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The review as a whole document; `link` opens it in the page.
pub fn html(review: &Review, texts: &Texts, link: Option<&str>) -> String {
    let title = format!("Review by {}", review.persona.name);
    let mut noted = BTreeSet::new();
    let sections = review.sections.iter().filter(|section| !section.findings.is_empty());
    let sections = sections.map(|section| {
        let findings = section.findings.iter().filter_map(|&at| review.findings.get(at as usize));
        let cards: String = findings.map(|finding| card(finding, texts, &mut noted)).collect();
        format!("<section>\n<h2>{}</h2>\n{cards}</section>\n", escaped(&section.title))
    });
    let link = link.map(|link| {
        format!("<p class=\"link\"><a href=\"{}\" rel=\"noreferrer\">Open this review</a></p>\n", escaped(link))
    });
    let parts = [
        format!("<h1>{}</h1>\n<p class=\"verdict\">{}</p>\n", escaped(&title), prose(&review.verdict)),
        counts(review),
        link.unwrap_or_default(),
        list("Assumptions", assumptions(review).iter().map(|text| prose(text))),
        sections.collect(),
        quiet(review),
        fixed(review),
        list("Questions for the author", review.questions.iter().map(|text| checked(review, text, ""))),
        list("What no tool can check", review.checklist.iter().map(|text| checked(review, text, "☐ "))),
        list("Notes", review.unparsed.iter().chain(&review.notes).map(|note| prose(&note.message))),
        silenced(&review.suppressed),
        format!("<footer>gopeer {}</footer>\n", escaped(&review.engine)),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        escaped(&title),
        parts.concat(),
    )
}

fn counts(review: &Review) -> String {
    let counts = review.counts;
    let each = [
        (counts.critical, Severity::Critical),
        (counts.high, Severity::High),
        (counts.medium, Severity::Medium),
        (counts.low, Severity::Low),
    ];
    let each = each.into_iter().filter(|(count, _)| *count > 0);
    let each = each.map(|(count, severity)| format!("<li class=\"{0}\">{count} {0}</li>", severity.name()));
    let each: String = each.collect();
    if each.is_empty() { each } else { format!("<ul class=\"counts\">{each}</ul>\n") }
}

fn card<'r>(finding: &'r Finding, texts: &Texts, noted: &mut BTreeSet<&'r str>) -> String {
    let label = if finding.confidence == Confidence::Low { "question" } else { finding.severity.name() };
    let mut remarks = String::new();
    for related in notes(finding, noted) {
        let at =
            related.place.as_ref().map(|place| format!(" <span class=\"at\">{}</span>", at(place))).unwrap_or_default();
        remarks += &format!("<p>{}{at}</p>\n", prose(&sentence(&related.message)));
    }
    if finding.touched == Touched::Affected {
        remarks += &format!("<p>{}</p>\n", sentence(AFFECTED));
    }
    remarks += &finding.also_at().map(|also| format!("<p>{}</p>\n", escaped(&sentence(&also)))).unwrap_or_default();
    let steps = finding
        .steps
        .iter()
        .map(|step| format!("<li>{} <span class=\"at\">{}</span></li>", prose(&step.in_full()), at(&step.place)));
    let steps: String = steps.collect();
    let steps = if steps.is_empty() { steps } else { format!("<ol>{steps}</ol>\n") };
    let remark = remarked(finding).map(|(label, said)| {
        let said = escaped(said).replace('\n', "<br>");
        format!("<p class=\"remark\"><strong>{label}</strong> {said}</p>\n")
    });
    // The persona's sentence has the fact in it, unless it says something else.
    let fact = if finding.say.to_ascii_lowercase().contains(&finding.message.to_ascii_lowercase()) {
        String::new()
    } else {
        format!("<p>{}</p>\n", prose(&finding.message))
    };
    format!(
        "<article class=\"{}\">\n<p class=\"head\"><strong class=\"label\">{label}</strong> <span class=\"at\">{}</span> \
         <code class=\"rule\">{}</code></p>\n<h3>{}</h3>\n{fact}{}{steps}{remarks}{}{}</article>\n",
        finding.severity.name(),
        at(&finding.place),
        escaped(&finding.rule),
        prose(&finding.say),
        code(finding, texts),
        finding.fixes.iter().map(|fix| fix_of(fix, texts)).collect::<String>(),
        remark.unwrap_or_default(),
    )
}

fn code(finding: &Finding, texts: &Texts) -> String {
    let lines = excerpt(texts, &finding.place);
    let lines = lines.iter().map(|(number, line)| format!("<span class=\"number\">{number}</span>{}\n", escaped(line)));
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("<pre>{lines}</pre>\n") }
}

fn fix_of(fix: &Fix, texts: &Texts) -> String {
    let line = |(sign, line): (char, &str)| {
        let (element, sign) = match sign {
            '-' => ("del", '−'),
            '+' => ("ins", '+'),
            _ => ("span", ' '),
        };
        format!("<{element}><b>{sign}</b> {}</{element}>", escaped(line))
    };
    // A block for each stretch; its lines are blocks themselves, and need no line ends.
    let block = |patch: Patch| format!("<pre class=\"diff\">{}</pre>\n", patch.lines().map(line).collect::<String>());
    let diff: String = all_patches(fix, texts).into_iter().map(block).collect();
    format!("<p class=\"fix\"><strong>Fix:</strong> {}</p>\n{diff}", prose(&fix.title))
}

/// What is said of the sections that have no findings.
fn quiet(review: &Review) -> String {
    let quiet = review.sections.iter().filter(|section| section.findings.is_empty());
    list(
        "Sections without findings",
        quiet.map(|section| format!("<strong>{}.</strong> {}", escaped(&section.title), escaped(&section.quiet()))),
    )
}

fn fixed(review: &Review) -> String {
    let fixed = review.change.iter().flat_map(|change| &change.fixed);
    list("Fixed by the change", fixed.map(|found| entry(&found.place, &found.message, &found.rule, "")))
}

/// A question, or an entry of the checklist, with what the reader said of it; `open` begins it where nothing was said.
fn checked(review: &Review, text: &str, open: &str) -> String {
    match ticked(review, text) {
        None => format!("{open}{}", prose(text)),
        Some(Ticked { done, note, .. }) => {
            let mark = if *done { "☑" } else { "☐" };
            let note = if note.is_empty() { String::new() } else { format!("<br><em>{}</em>", escaped(note)) };
            format!("{mark} {}{note}", prose(text))
        }
    }
}

/// Everything that is not shown, with its reason.
fn silenced(all: &[Suppressed]) -> String {
    list(
        "Not shown",
        all.iter().map(|silenced| entry(&silenced.place, &silenced.message, &silenced.rule, &reason(silenced))),
    )
}

fn entry(place: &Place, message: &str, rule: &str, why: &str) -> String {
    let why = if why.is_empty() { String::new() } else { format!(": <em>{}</em>", escaped(why)) };
    format!("<span class=\"at\">{}</span> {} (<code>{}</code>){why}", at(place), prose(message), escaped(rule))
}

fn list(title: &str, items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("<li>{item}</li>\n")).collect();
    if items.is_empty() {
        items
    } else {
        format!("<section class=\"list\">\n<h2>{title}</h2>\n<ul>\n{items}</ul>\n</section>\n")
    }
}

fn at(place: &Place) -> String {
    escaped(&format!("{}:{}", place.file, place.range.line))
}

/// Text in which backquotes mark code.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) })
        .collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
