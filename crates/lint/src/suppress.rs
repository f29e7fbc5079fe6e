//! Comments that silence findings: `//nolint`, `//nolint:id,id // reason`, `//lint:ignore id reason`, `#nosec G114 -- reason`.

use gopeer_syntax::ast::DeclId;
use gopeer_syntax::{Span, Tree};

use crate::{Rule, Severity};

/// A comment that silences findings in a stretch of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The lines it covers, as a span of the piece.
    pub covers: Span,
    /// Names of rules; empty for all that are less than critical.
    pub rules: Vec<String>,
    /// The reason given, or empty.
    pub reason: String,
}

impl Suppression {
    /// Whether it silences a finding of `rule` at `span`. One that names no rule, or `all`, does not silence critical findings:
    /// who wrote it did not have them in mind. A rule goes by its id, its name, its category, or the tool or
    /// check it is equivalent to, so that comments written for other linters keep working; also by the ids of rules that it
    /// was part of. `gopeer` means all rules.
    pub fn silences(&self, rule: &Rule, severity: Severity, span: Span) -> bool {
        let here = self.covers.start <= span.start && span.start < self.covers.end;
        let all = self.rules.is_empty() || self.rules.iter().any(|name| name == "all");
        here && (all && severity < Severity::Critical || self.rules.iter().any(|name| goes_by(rule, name)))
    }
}

fn goes_by(rule: &Rule, name: &str) -> bool {
    let equivalent = |known: &&str| {
        let (tool, check) = known.split_once(':').unwrap_or((known, known));
        // golangci-lint has a name of its own for `go vet`.
        let tool = if name == "govet" && tool == "vet" { name } else { tool };
        name == *known || name == tool || name == check
    };
    let id = |id: &str| name == id || id.split_once('/').is_some_and(|(_, own)| name == own);
    name == "gopeer"
        || name == rule.category()
        || id(rule.id)
        || rule.former_ids().any(id)
        || rule.equivalents.iter().any(equivalent)
}

/// Finds the suppressions of a piece, in order. A comment behind code covers its line; one on a line of its own covers the
/// next line, and where that starts a declaration (or one in its doc comment), the whole of it.
pub fn suppressions(tree: &Tree) -> Vec<Suppression> {
    let text = tree.text();
    let lines = || tree.comments().iter().filter(|comment| !comment.block);
    if !lines().any(|comment| parse(comment.body(text)).is_some()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut reach = Reach { tree, declared: declared(tree), below: None };
    for comment in lines().rev() {
        let covers = reach.covers(comment.span);
        found.extend(parse(comment.body(text)).map(|(rules, reason)| Suppression { covers, rules, reason }));
    }
    found.reverse();
    found
}

fn parse(body: &str) -> Option<(Vec<String>, String)> {
    // gosec's own: `#nosec G114 -- reason`.
    if let Some(rest) = body.trim_start().strip_prefix("#nosec") {
        let (checks, reason) = rest.split_once("--").unwrap_or((rest, ""));
        let is_check = |word: &&str| word.starts_with('G') && word.len() == 4;
        let mut names: Vec<String> = checks.split([' ', ',']).filter(is_check).map(str::to_owned).collect();
        if names.is_empty() {
            names.push("gosec".to_owned());
        }
        return Some((names, reason.trim().to_owned()));
    }
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

/// How far the comments of a piece reach, asked from the last to the first.
struct Reach<'t> {
    tree: &'t Tree,
    /// The declarations by where they begin.
    declared: Vec<(u32, DeclId)>,
    /// Where the line of the comment that was asked about last begins, and how far it reaches: lines of comments above each
    /// other reach equally far.
    below: Option<(usize, u32)>,
}

impl Reach<'_> {
    fn covers(&mut self, comment: Span) -> Span {
        let text = self.tree.text();
        let before = text.get(..comment.start as usize).unwrap_or("");
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let next = line_end(text, comment.end as usize);
        if !before.get(line..).unwrap_or("").trim().is_empty() {
            return Span::new(line as u32, next as u32);
        }
        let end = match self.below {
            Some((below, end)) if below == next => end,
            _ => self.after(next),
        };
        self.below = Some((line, end));
        Span::new(line as u32, end)
    }

    /// The end of the line at `next`, or of what is declared there.
    fn after(&mut self, mut next: usize) -> u32 {
        let text = self.tree.text();
        while text.get(next..).unwrap_or("").trim_start_matches([' ', '\t']).starts_with("//") {
            next = line_end(text, next);
        }
        let end = line_end(text, next) as u32;
        let first = self.declared.partition_point(|(start, _)| (*start as usize) < next);
        let here = self.declared.iter().skip(first).take_while(|(start, _)| *start < end);
        here.map(|(_, id)| *id).min().map_or(end, |id| self.tree.span(id).end.max(end))
    }
}

fn line_end(text: &str, from: usize) -> usize {
    text.get(from..).unwrap_or("").find('\n').map_or(text.len(), |at| from + at + 1)
}

fn declared(tree: &Tree) -> Vec<(u32, DeclId)> {
    let mut all: Vec<(u32, DeclId)> = tree.all_decls().map(|(id, _)| (tree.span(id).start, id)).collect();
    all.sort_unstable();
    all
}

/// The suppressions of a piece, found by place.
pub struct Suppressions {
    /// In order of their comments, and so of where they begin to cover.
    all: Vec<Suppression>,
    /// A tree over them: the furthest end of those below each node. The root is 1, the children of `n` are `2n` and `2n + 1`.
    furthest: Vec<u32>,
}

impl Suppressions {
    /// Those of a tree.
    pub fn of(tree: &Tree) -> Suppressions {
        let all = suppressions(tree);
        let leaves = all.len().next_power_of_two();
        let mut furthest = vec![0; 2 * leaves];
        for (leaf, one) in furthest.iter_mut().skip(leaves).zip(&all) {
            *leaf = one.covers.end;
        }
        for node in (1..leaves).rev() {
            furthest[node] = furthest[2 * node].max(furthest[2 * node + 1]);
        }
        Suppressions { all, furthest }
    }

    /// The first that silences a finding of `rule` at `span`.
    pub fn silencer(&self, rule: &Rule, severity: Severity, span: Span) -> Option<&Suppression> {
        let mut from = 0;
        while let Some(at) = self.next(from, span.start) {
            let one = self.all.get(at)?;
            if one.covers.start > span.start {
                return None;
            }
            if one.silences(rule, severity, span) {
                return Some(one);
            }
            from = at + 1;
        }
        None
    }

    /// The first from index `from` on that covers something beyond `offset`.
    fn next(&self, from: usize, offset: u32) -> Option<usize> {
        let leaves = self.furthest.len() / 2;
        let reaches = |node: usize| self.furthest.get(node).is_some_and(|&end| end > offset);
        let mut node = leaves + from;
        if from >= leaves {
            return None;
        }
        // Up and to the right until something below reaches, then down to the first of it.
        while !reaches(node) {
            while node % 2 == 1 {
                node /= 2;
            }
            if node == 0 {
                return None;
            }
            node += 1;
        }
        while node < leaves {
            node *= 2;
            node += usize::from(!reaches(node));
        }
        Some(node - leaves)
    }
}

#[cfg(test)]
mod tests {
    use gopeer_syntax::Parser;

    use super::*;

    static RULE: Rule = Rule { id: "test/rule", ..Rule::NONE };

    #[test]
    fn a_rule_goes_by_its_names_and_by_those_of_what_it_was_part_of() {
        static SPLIT: Rule = Rule { id: "test/part", equivalents: &["gopeer:test/whole", "vet:part"], ..RULE };
        for name in ["test/part", "part", "test", "test/whole", "whole", "vet:part", "vet", "gopeer"] {
            assert!(goes_by(&SPLIT, name), "{name}");
        }
        assert!(!goes_by(&SPLIT, "test/rule") && !goes_by(&RULE, "whole") && goes_by(&RULE, "gopeer"));
    }

    #[test]
    fn a_comment_that_names_no_rule_leaves_critical_findings_open() {
        let named = vec!["rule".to_owned()];
        let span = Span::new(0, 1);
        let silences = |rules: &[String], severity| {
            Suppression { covers: span, rules: rules.to_vec(), reason: String::new() }.silences(&RULE, severity, span)
        };
        for rules in [Vec::new(), vec!["all".to_owned()]] {
            assert!(silences(&rules, Severity::High) && !silences(&rules, Severity::Critical), "{rules:?}");
        }
        assert!(silences(&named, Severity::Critical));
    }

    #[test]
    fn reads_gosec() {
        let names = |body: &str| parse(body).map(|(names, _)| names);
        assert_eq!(names(" #nosec G114 -- a test").as_deref(), Some(&["G114".to_owned()][..]));
        assert_eq!(names("#nosec G107,G402").map(|names| names.len()), Some(2));
        assert_eq!(names("#nosec").as_deref(), Some(&["gosec".to_owned()][..]));
    }

    #[test]
    fn the_first_that_silences_is_found_among_many() {
        let line = |at: usize| match at % 5 {
            0 => "\ta() //nolint\n",
            1 => "\tb() //nolint:other\n",
            2 => "\t//nolint:rule // for two\n\t//nolint:other\n\tc()\n",
            3 => "\t//nolint:test\n\tvar d struct {\n\t\te int\n\t}\n",
            _ => "\tf()\n",
        };
        let text: String = (0..33).map(line).collect();
        let text = format!("//nolint:other\nfunc f() {{\n{text}}}\n");
        let tree = Parser::new().parse(&text);
        let (all, index) = (suppressions(&tree), Suppressions::of(&tree));
        assert!(all.is_sorted_by_key(|one| one.covers.start));
        let mut silenced = 0;
        for start in 0..text.len() as u32 {
            let span = Span::new(start, start + 1);
            let plain = all.iter().find(|one| one.silences(&RULE, RULE.severity, span));
            silenced += u32::from(plain.is_some());
            assert_eq!(index.silencer(&RULE, RULE.severity, span), plain, "{start}");
        }
        assert!((100..text.len() as u32 - 100).contains(&silenced));
    }
}
