//! Comments that silence findings: `//nolint`, `//nolint:id,id // reason`, `//lint:ignore id reason`.

use gopeer_syntax::{Span, Tree};

use crate::Rule;

/// A comment that silences findings in a stretch of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The lines it covers, as a span of the piece.
    pub covers: Span,
    /// Names of rules; empty for all.
    pub rules: Vec<String>,
    /// The reason given, or empty.
    pub reason: String,
}

impl Suppression {
    /// Whether it silences a finding of `rule` at `span`. A rule goes by its id, its name, its category, or the tool or
    /// check it is equivalent to, so that comments written for other linters keep working.
    pub fn silences(&self, rule: &Rule, span: Span) -> bool {
        let here = self.covers.start <= span.start && span.start < self.covers.end;
        here && (self.rules.is_empty() || self.rules.iter().any(|name| goes_by(rule, name)))
    }
}

fn goes_by(rule: &Rule, name: &str) -> bool {
    let equivalent = |known: &&str| {
        let (tool, check) = known.split_once(':').unwrap_or((known, known));
        name == *known || name == tool || name == check
    };
    name == rule.id || name == rule.name() || name == rule.category() || rule.equivalents.iter().any(equivalent)
}

/// Finds the suppressions of a piece. A comment behind code covers its line; one on a line of its own covers the next
/// line, and where that starts a declaration (or one in its doc comment), the whole of it.
pub fn suppressions(tree: &Tree) -> Vec<Suppression> {
    let text = tree.text();
    tree.comments()
        .iter()
        .filter(|comment| !comment.block)
        .filter_map(|comment| {
            let (rules, reason) = parse(comment.body(text))?;
            Some(Suppression { covers: covers(tree, comment.span), rules, reason })
        })
        .collect()
}

fn parse(body: &str) -> Option<(Vec<String>, String)> {
    if let Some(rest) = body.strip_prefix("nolint") {
        let (list, reason) = rest.split_once("//").unwrap_or((rest, ""));
        let names = match list.trim().strip_prefix(':') {
            Some(names) => {
                names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
            }
            None if list.trim().is_empty() => Vec::new(),
            None => return None,
        };
        return Some((names, reason.trim().to_owned()));
    }
    let rest = body.strip_prefix("lint:ignore ")?.trim();
    let (names, reason) = rest.split_once(char::is_whitespace)?;
    Some((names.split(',').map(str::to_owned).collect(), reason.trim().to_owned()))
}

fn covers(tree: &Tree, comment: Span) -> Span {
    let text = tree.text();
    let line_start = text.get(..comment.start as usize).unwrap_or("").rfind('\n').map_or(0, |at| at + 1);
    let alone = text.get(line_start..comment.start as usize).unwrap_or("").trim().is_empty();
    let line_end = |from: usize| text.get(from..).unwrap_or("").find('\n').map_or(text.len(), |at| from + at + 1);
    let this = line_end(comment.end as usize);
    if !alone {
        return Span::new(line_start as u32, this as u32);
    }
    let mut next = this;
    while text.get(next..).unwrap_or("").trim_start_matches([' ', '\t']).starts_with("//") {
        next = line_end(next);
    }
    let end = line_end(next);
    let declared =
        tree.all_decls().map(|(id, _)| tree.span(id)).find(|span| (next..end).contains(&(span.start as usize)));
    Span::new(line_start as u32, declared.map_or(end as u32, |span| span.end.max(end as u32)))
}
