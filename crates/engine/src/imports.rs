//! The edits that add an import a mend needs, and remove one it leaves without a use.

use gopeer_sema::{Def, has_host};
use gopeer_syntax::ast::{Decl, DeclId, ExprId, GroupKind};
use gopeer_syntax::{Span, Tree};

use crate::document::{Document, PieceState};

/// The edits (in bytes of the file) that go with the edits of a mend: they import `needed`, and remove the imports that
/// the mend leaves without a use, which Go refuses.
pub(crate) fn follow(document: &Document, needed: &[&'static str], own: &[(Span, String)]) -> Vec<(Span, String)> {
    let mut dropped = drop_unused(document, own);
    let mut edits = Vec::new();
    for path in needed {
        let Some((at, text)) = add(document, path) else { continue };
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

/// The edits that remove the imports whose every use is replaced by `edits`.
fn drop_unused(document: &Document, edits: &[(Span, String)]) -> Vec<(Span, String)> {
    let imports = document.info.scope.imports.iter().enumerate();
    imports
        .filter(|(index, import)| {
            let named = import.name.as_deref().is_some_and(|name| edits.iter().any(|(_, text)| uses_name(text, name)));
            let mut uses = uses(document, *index as u32).peekable();
            !named && uses.peek().is_some() && uses.all(|at| edits.iter().any(|(span, _)| span.contains(at)))
        })
        .filter_map(|(_, import)| spec_line(document, &import.path))
        .map(|line| (line, String::new()))
        .collect()
}

fn uses(document: &Document, import: u32) -> impl Iterator<Item = Span> + '_ {
    document.pieces.iter().flat_map(move |piece| {
        let names = piece.examined.as_ref().map(|examined| &*examined.names);
        let count = if names.is_some() { piece.tree.expr_count() } else { 0 };
        let refers = move |id: &ExprId| names.is_some_and(|names| names.def(*id) == Def::Import(import));
        (0..count as u32).map(ExprId).filter(refers).map(|id| piece.tree.span(id).offset(piece.start))
    })
}

/// Whether `name.` stands in the text as a word of its own.
fn uses_name(text: &str, name: &str) -> bool {
    let word = |c: char| c == '_' || c.is_alphanumeric();
    text.match_indices(name).any(|(at, _)| {
        !text.get(..at).unwrap_or("").ends_with(word) && text.get(at + name.len()..).unwrap_or("").starts_with('.')
    })
}

/// The line of the import spec in its group, or the whole declaration where it is the only one there.
fn spec_line(document: &Document, path: &str) -> Option<Span> {
    document.pieces.iter().find_map(|piece| {
        let group = import_group(&piece.tree)?;
        let Decl::Group { specs, .. } = piece.tree.decl(group) else { return None };
        let specs = piece.tree.decls(specs);
        let spec = specs.iter().copied().find(|&spec| import_path(&piece.tree, spec) == path)?;
        let node = if specs.len() == 1 { group } else { spec };
        let span = piece.tree.span(node).offset(piece.start);
        let before = document.text.get(..span.start as usize)?;
        let start = before.len() - before.chars().rev().take_while(|c| matches!(c, ' ' | '\t')).count();
        let after = document.text.get(span.end as usize..)?;
        let end = span.end as usize + usize::from(after.starts_with('\n'));
        Some(Span::new(start as u32, end as u32))
    })
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
