//! A rule's header comment: its documentation page and its examples.
//!
//! The first paragraph is the title. Fenced blocks are examples: ` ```go bad `, ` ```go good `, ` ```diff fixed `; other
//! languages (`dockerfile`, `gomod`, `txtar`) serve rules that look at other files. A word `file=NAME` in the fence gives
//! the example's file a name, and `go=1.22` says what its go.mod asks for. In a bad example a comment line that holds carets marks what the line above it must be
//! flagged for: `//   ^^^^ part of the message`. Where the finding is not as severe as the rule says, the message follows its
//! severity: `//   ^^^^ low: part of the message`. From a heading on (`# Impact`), the header is the rule's guide, which `engine` reads.

use crate::Severity;

/// The documentation of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doc {
    /// The first paragraph, on one line.
    pub title: String,
    /// The other paragraphs, as Markdown.
    pub why: String,
    /// Examples, in order.
    pub examples: Vec<Example>,
    /// The sections under headings, as they are: impact, verification, repairs and references.
    pub guide: String,
}

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExampleKind {
    /// Gives exactly the marked findings.
    Bad,
    /// The lines that mending the bad example before it removes (`-`) and adds (`+`).
    Fixed,
    /// Looks alike and is silent.
    Good,
    /// Ought to be found and is not: a limit of the rule. Only in `tests/variants`.
    Missed,
    /// A program with a planted fault. Only in `tests/programs`.
    Faulty,
    /// The same program without the fault.
    Repaired,
    /// A Go test that fails with the faulty program and passes with the repaired one: the fault is real.
    Proof,
}

/// One example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub kind: ExampleKind,
    /// Language of the fence.
    pub language: String,
    /// Name of the example's file.
    pub file: String,
    /// The Go that it is for, if that matters: `1.22`.
    pub go: Option<String>,
    /// The text, markers included.
    pub text: String,
}

/// A finding that a bad example must give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Line of the flagged text, from 1, in the text without markers.
    pub line: u32,
    /// First flagged column, from 1, in characters.
    pub column: u32,
    /// How many characters.
    pub width: u32,
    /// The severity; that of the rule if none is given.
    pub severity: Option<Severity>,
    /// Part of the message.
    pub message: String,
}

/// Reads the header comment (`//!` lines at the top) of a rule's source file.
pub fn parse(source: &str) -> Doc {
    let header = source.lines().map_while(|line| line.strip_prefix("//!"));
    read(header.map(|line| line.strip_prefix(' ').unwrap_or(line)))
}

/// Reads a Markdown file of the same form: the variants of a rule.
pub fn parse_markdown(text: &str) -> Doc {
    read(text.lines())
}

fn read<'t>(lines: impl Iterator<Item = &'t str>) -> Doc {
    let mut doc = Doc::default();
    let mut prose = String::new();
    let mut open: Option<Example> = None;
    for line in lines {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(_), Some(example)) => doc.examples.push(example),
            (Some(info), None) => match fence(info) {
                Some(example) => open = Some(example),
                None => prose.push_str(line),
            },
            (None, Some(mut example)) => {
                example.text.push_str(line);
                example.text.push('\n');
                open = Some(example);
            }
            (None, None) => {
                prose.push_str(line);
                prose.push('\n');
            }
        }
    }
    if let Some(at) = prose.find("\n# ") {
        doc.guide = prose.split_off(at + 1);
    }
    let (title, why) = prose.trim().split_once("\n\n").unwrap_or((prose.trim(), ""));
    doc.title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    doc.why = why.trim().to_owned();
    doc
}

fn fence(info: &str) -> Option<Example> {
    let mut words = info.split_whitespace();
    let language = words.next()?.to_owned();
    let kind = match words.next()? {
        "bad" => ExampleKind::Bad,
        "fixed" => ExampleKind::Fixed,
        "good" => ExampleKind::Good,
        "missed" => ExampleKind::Missed,
        "faulty" => ExampleKind::Faulty,
        "repaired" => ExampleKind::Repaired,
        "proof" => ExampleKind::Proof,
        _ => return None,
    };
    let go = words.clone().find_map(|word| word.strip_prefix("go=")).map(str::to_owned);
    let named = words.find_map(|word| word.strip_prefix("file=")).map(str::to_owned);
    let file = named.unwrap_or_else(|| match language.as_str() {
        "dockerfile" => "Dockerfile".to_owned(),
        "gomod" => "go.mod".to_owned(),
        _ => "example.go".to_owned(),
    });
    Some(Example { kind, language, file, go, text: String::new() })
}

/// Takes the markers out of a faulty program, ` // fault: category/name`: the plain text, and the lines that a rule must have a finding
/// in, with its id.
pub fn faults(text: &str) -> (String, Vec<(u32, String)>) {
    const MARKER: &str = " // fault: ";
    let mut plain = String::new();
    let mut faults = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let (code, rule) = line.split_once(MARKER).map_or((line, None), |(code, rule)| (code, Some(rule)));
        plain.push_str(code);
        plain.push('\n');
        faults.extend(rule.map(|rule| (number, rule.trim().to_owned())));
    }
    (plain, faults)
}

/// Takes the markers out of a bad example: the plain text, and what must be found in it.
pub fn markers(text: &str) -> (String, Vec<Marker>) {
    let mut plain = String::new();
    let mut found = Vec::new();
    let mut line = 0;
    for raw in text.lines() {
        match marker(raw) {
            Some((first, marker)) => {
                let column = if first { indent(&plain) } else { marker.column };
                found.push(Marker { line, column, ..marker });
            }
            None => {
                plain.push_str(raw);
                plain.push('\n');
                line += 1;
            }
        }
    }
    (plain, found)
}

/// The column in which the last line begins.
fn indent(plain: &str) -> u32 {
    let line = plain.lines().next_back().unwrap_or_default();
    line.chars().take_while(|c| c.is_whitespace()).count() as u32 + 1
}

/// The marker that a line is, and whether it marks where the line above begins. Its own line is not known yet.
fn marker(line: &str) -> Option<(bool, Marker)> {
    let trimmed = line.trim_start();
    let after = trimmed.strip_prefix("//").or_else(|| trimmed.strip_prefix('#'))?;
    let carets = after.trim_start();
    let (first, carets) = carets.strip_prefix('<').map_or((false, carets), |rest| (true, rest));
    let width = carets.chars().take_while(|&c| c == '^').count();
    if width == 0 {
        return None;
    }
    let column = (line.chars().count() - carets.chars().count() + 1) as u32;
    let (severity, message) = graded(carets[width..].trim());
    Some((first, Marker { line: 0, column, width: width as u32, severity, message: message.to_owned() }))
}

/// The severity before a message, and the message.
fn graded(text: &str) -> (Option<Severity>, &str) {
    const SEVERITIES: [(&str, Severity); 4] = [
        ("low: ", Severity::Low),
        ("medium: ", Severity::Medium),
        ("high: ", Severity::High),
        ("critical: ", Severity::Critical),
    ];
    let graded = |&(word, severity)| Some((Some(severity), text.strip_prefix(word)?));
    SEVERITIES.iter().find_map(graded).unwrap_or((None, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header() {
        let doc = parse(
            "//! A title\n//! over two lines.\n//!\n//! Why.\n//!\n//! ```go bad\n//! x()\n//! ```\n//! ```diff fixed\n//! -x()\n//! ```\n//!\n//! # Impact\n//! It hurts.\nuse a;\n//! not this\n",
        );
        assert_eq!(doc.title, "A title over two lines.");
        assert_eq!(doc.why, "Why.");
        assert_eq!(doc.guide, "# Impact\nIt hurts.\n");
        assert_eq!(doc.examples.len(), 2);
        assert_eq!(doc.examples[0].text, "x()\n");
        assert_eq!(doc.examples[1].kind, ExampleKind::Fixed);
    }

    #[test]
    fn carets_mark_the_line_above() {
        let (plain, found) = markers("func f() {\n\tcancel()\n\t//^^^ is lost\n}\n");
        assert_eq!(plain, "func f() {\n\tcancel()\n}\n");
        assert_eq!(found, [Marker { line: 2, column: 4, width: 3, severity: None, message: "is lost".into() }]);
        let (_, found) = markers("func f() {\n\tcancel()\n//<^^^ is lost\n}\n");
        assert_eq!((found[0].line, found[0].column), (2, 2));
    }

    #[test]
    fn a_severity_may_precede_the_message() {
        let (_, found) = markers("cancel()\n//^^^^ low: `cancel`: is lost\nexit()\n//^^ lower: than that\n");
        let found: Vec<_> = found.iter().map(|marker| (marker.severity, marker.message.as_str())).collect();
        assert_eq!(found, [(Some(Severity::Low), "`cancel`: is lost"), (None, "lower: than that")]);
    }
}
