//! The edit that adds an import.

use gopeer_syntax::ast::{Decl, DeclId, GroupKind};
use gopeer_syntax::{Span, Tree};

use crate::document::{Document, PieceState};

/// The edit (in bytes of the file) that imports `path`; none where the file has it, or is a fragment.
pub(crate) fn add(document: &Document, path: &str) -> Option<(Span, String)> {
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
        let mut lines = vec![format!("\t\"{path}\""), format!("\t{}", old.join("\n\t"))];
        lines.sort();
        return (whole.offset(piece.start), format!("import (\n{}\n)", lines.join("\n")));
    }
    let spec_path = |&spec: &DeclId| match tree.decl(spec) {
        Decl::Import { path, .. } => tree.source(path).trim_matches(['"', '`']),
        _ => "",
    };
    // Before the first standard-library import that sorts after it, else after the last that sorts before it.
    let standard = |path: &str| !path.split('/').next().unwrap_or("").contains('.');
    match specs.iter().find(|spec| standard(spec_path(spec)) && spec_path(spec) > path) {
        Some(&next) => (at(tree.span(next).start, piece), format!("\"{path}\"\n\t")),
        None => match specs.iter().rfind(|spec| standard(spec_path(spec))) {
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
