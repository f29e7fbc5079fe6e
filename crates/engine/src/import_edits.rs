//! The edits that add an import that a fix needs, and remove one that it leaves unused.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use gopeer_sema::{Def, has_host};
use gopeer_syntax::ast::{Decl, DeclId, ExprId, GroupKind};
use gopeer_syntax::{Span, Tree};

use crate::document::{Document, PieceState};

/// The imports of a document, and where it uses them.
pub(crate) struct ImportEdits<'d> {
    document: &'d Document,
    /// All uses, in order, each with the index of its import; gathered when the first fix asks.
    uses: OnceCell<Vec<(Span, u32)>>,
    /// By import: how many uses it has.
    counts: OnceCell<Vec<u32>>,
    /// The edits that add an import, as far as they were asked for.
    added: BTreeMap<&'static str, Option<(Span, String)>>,
    /// The line of each import by its path; gathered when the first fix asks.
    lines: OnceCell<HashMap<String, Span>>,
}

impl<'d> ImportEdits<'d> {
    pub(crate) fn of(document: &'d Document) -> ImportEdits<'d> {
        let (uses, counts, lines) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        ImportEdits { document, uses, counts, added: BTreeMap::new(), lines }
    }

    /// The edits (in bytes of the file) that go with the edits of a fix: they import `needed`, and remove the imports that
    /// the fix leaves unused, which Go refuses.
    pub(crate) fn follow(&mut self, needed: &[&'static str], own: &[(Span, String)]) -> Vec<(Span, String)> {
        let mut dropped = self.drop_unused(own);
        let mut edits = Vec::new();
        // Several that go to one place stand there as gofmt orders them.
        let mut needed = needed.to_vec();
        needed.sort_unstable();
        for path in needed {
            let document = self.document;
            let Some((at, text)) = self.added.entry(path).or_insert_with(|| add(document, path)).clone() else {
                continue;
            };
            // Where the new import would stand inside a line that goes, it takes that line's place.
            match dropped.iter_mut().find(|(line, instead)| line.contains(at) && instead.is_empty()) {
                Some((line, instead)) => {
                    let whole = line.of(&document.text).starts_with("import");
                    *instead = if whole { format!("import \"{path}\"\n") } else { format!("\t\"{path}\"\n") };
                }
                None => edits.push((at, text)),
            }
        }
        edits.extend(dropped);
        edits
    }

    /// The edits that remove the imports whose every use is replaced by `edits`.
    fn drop_unused(&mut self, edits: &[(Span, String)]) -> Vec<(Span, String)> {
        let document = self.document;
        let replaced: BTreeMap<u32, BTreeSet<u32>> = self.replaced(edits);
        let mut lines = Vec::new();
        for (index, spans) in replaced {
            let Some(import) = document.info.scope.imports.get(index as usize) else { continue };
            let named = import.name.as_deref().is_some_and(|name| edits.iter().any(|(_, text)| uses_name(text, name)));
            if !named && spans.len() as u32 == self.count(index) {
                lines.extend(self.lines.get_or_init(|| spec_lines(document)).get(&import.path));
            }
        }
        lines.into_iter().map(|line: Span| (line, String::new())).collect()
    }

    /// The uses of imports inside edits, by import.
    fn replaced(&self, edits: &[(Span, String)]) -> BTreeMap<u32, BTreeSet<u32>> {
        let uses = self.uses.get_or_init(|| uses(self.document));
        let mut replaced: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (edit, _) in edits {
            let first = uses.partition_point(|(span, _)| span.start < edit.start);
            let inside = uses.iter().skip(first).take_while(|(span, _)| span.start < edit.end);
            for &(span, import) in inside.filter(|(span, _)| edit.contains(*span)) {
                replaced.entry(import).or_default().insert(span.start);
            }
        }
        replaced
    }

    fn count(&self, import: u32) -> u32 {
        let count = || {
            let mut counts = vec![0; self.document.info.scope.imports.len()];
            for (_, import) in self.uses.get_or_init(|| uses(self.document)) {
                if let Some(count) = counts.get_mut(*import as usize) {
                    *count += 1;
                }
            }
            counts
        };
        self.counts.get_or_init(count).get(import as usize).copied().unwrap_or_default()
    }
}

/// The edit that imports `path`; none where the file has it, or is a fragment.
fn add(document: &Document, path: &str) -> Option<(Span, String)> {
    let scope = &document.info.scope;
    if scope.is_fragment() || scope.imports(path) {
        return None;
    }
    let first = document.pieces.iter().find_map(|piece| Some((piece, import_group(&piece.tree)?)));
    match first {
        Some((piece, group)) => Some(into_group(piece, group, path)),
        None => after_package(document, path),
    }
}

/// All uses of imports, in order, each with the index of its import.
fn uses(document: &Document) -> Vec<(Span, u32)> {
    let of_piece = |piece: &PieceState| -> Vec<(Span, u32)> {
        let Some(examined) = &piece.examined else { return Vec::new() };
        let used = |id: ExprId| match examined.names.def(id) {
            Def::Import(import) => Some((piece.tree.span(id).offset(piece.start), import)),
            _ => None,
        };
        (0..piece.tree.expr_count() as u32).filter_map(|id| used(ExprId(id))).collect()
    };
    let mut uses: Vec<(Span, u32)> = document.pieces.iter().flat_map(of_piece).collect();
    uses.sort_unstable_by_key(|(span, _)| (span.start, span.end));
    uses
}

/// Whether `name.` stands in the text as a word of its own.
fn uses_name(text: &str, name: &str) -> bool {
    let word = |c: char| c == '_' || c.is_alphanumeric();
    text.match_indices(name).any(|(at, _)| {
        !text.get(..at).unwrap_or("").ends_with(word) && text.get(at + name.len()..).unwrap_or("").starts_with('.')
    })
}

/// By path, the line of the first import spec in its group, or the whole declaration where it is the only one there.
fn spec_lines(document: &Document) -> HashMap<String, Span> {
    let mut lines = HashMap::new();
    for piece in &document.pieces {
        let Some(group) = import_group(&piece.tree) else { continue };
        let Decl::Group { specs, .. } = piece.tree.decl(group) else { continue };
        let specs = piece.tree.decls(specs);
        for &spec in specs {
            let node = if specs.len() == 1 { group } else { spec };
            if let Some(line) = whole_line(&document.text, piece.tree.span(node).offset(piece.start)) {
                lines.entry(import_path(&piece.tree, spec).to_owned()).or_insert(line);
            }
        }
    }
    lines
}

/// A span with the white space before it and the line's end after it.
fn whole_line(text: &str, span: Span) -> Option<Span> {
    let before = text.get(..span.start as usize)?;
    let start = before.len() - before.chars().rev().take_while(|c| matches!(c, ' ' | '\t')).count();
    let after = text.get(span.end as usize..)?;
    let end = span.end as usize + usize::from(after.starts_with('\n'));
    Some(Span::new(start as u32, end as u32))
}

fn import_path(tree: &Tree, spec: DeclId) -> &str {
    match tree.decl(spec) {
        Decl::Import { path, .. } => tree.source(path).trim_matches(['"', '`']),
        _ => "",
    }
}

fn import_group(tree: &Tree) -> Option<DeclId> {
    tree.roots().iter().copied().find(|&root| matches!(tree.decl(root), Decl::Group { kind: GroupKind::Import, .. }))
}

fn into_group(piece: &PieceState, group: DeclId, path: &str) -> (Span, String) {
    let tree = &*piece.tree;
    let whole = tree.span(group);
    let Decl::Group { specs, parens, .. } = tree.decl(group) else { return (whole, String::new()) };
    let specs = tree.decls(specs);
    if !parens {
        // `import "a"` becomes a group of two.
        let old: Vec<&str> = specs.iter().map(|&spec| tree.source(spec)).collect();
        let mut lines = [format!("\t\"{path}\""), format!("\t{}", old.join("\n\t"))];
        lines.sort_by(Ord::cmp);
        return (whole.offset(piece.start), format!("import (\n{}\n)", lines.join("\n")));
    }
    let spec_path = |&spec: &DeclId| import_path(tree, spec);
    // Before the first standard-library import that sorts after it, else after the last that sorts before it.
    match specs.iter().find(|spec| !has_host(spec_path(spec)) && spec_path(spec) > path) {
        Some(&next) => (at(tree.span(next).start, piece), format!("\"{path}\"\n\t")),
        None => match specs.iter().rfind(|spec| !has_host(spec_path(spec))) {
            Some(&last) => (at(tree.span(last).end, piece), format!("\n\t\"{path}\"")),
            None => (at(tree.span(group).end.saturating_sub(1), piece), format!("\t\"{path}\"\n")),
        },
    }
}

fn after_package(document: &Document, path: &str) -> Option<(Span, String)> {
    document.pieces.iter().find_map(|piece| {
        let tree = &*piece.tree;
        let clause = tree.roots().iter().find(|&&root| matches!(tree.decl(root), Decl::Package { .. }))?;
        Some((at(tree.span(*clause).end, piece), format!("\n\nimport \"{path}\"")))
    })
}

fn at(offset: u32, piece: &PieceState) -> Span {
    Span::new(offset + piece.start, offset + piece.start)
}

#[cfg(test)]
mod tests {
    use crate::Session;
    use crate::protocol::FileText;
    use crate::report::apply;

    /// What the first fix of the only finding of `rule` makes of a file.
    #[track_caller]
    fn check(rule: &str, before: &str, after: &str) {
        let mut session = Session::new();
        session.open(vec![FileText { name: "a.go".into(), text: before.into() }]);
        let review = session.review("senior").expect("senior is built in");
        let found: Vec<_> = review.findings.iter().filter(|finding| finding.rule == rule).collect();
        assert_eq!(found.len(), 1, "{:?}", review.findings);
        assert_eq!(apply(before, "a.go", found[0].fixes.first()), after);
    }

    const DEPRECATED: &str = "correctness/deprecated-api";

    #[test]
    fn an_import_without_a_use_goes() {
        check(
            DEPRECATED,
            "package p\n\nimport (\n\t\"fmt\"\n\t\"io/ioutil\"\n\t\"os\"\n)\n\nfunc f() {\n\tfmt.Println(ioutil.ReadFile(os.Args[0]))\n}\n",
            "package p\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc f() {\n\tfmt.Println(os.ReadFile(os.Args[0]))\n}\n",
        );
    }

    #[test]
    fn a_new_import_may_take_its_place() {
        check(
            DEPRECATED,
            "package p\n\nimport \"io/ioutil\"\n\nvar x, err = ioutil.ReadFile(\"x\")\n",
            "package p\n\nimport \"os\"\n\nvar x, err = os.ReadFile(\"x\")\n",
        );
        check(
            DEPRECATED,
            "package p\n\nimport (\n\t\"fmt\"\n\t\"io/ioutil\"\n)\n\nvar x = fmt.Sprint(ioutil.ReadFile(\"x\"))\n",
            "package p\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nvar x = fmt.Sprint(os.ReadFile(\"x\"))\n",
        );
    }
}
