//! What the source of a library says is deprecated (go.dev/wiki/Deprecated).

use std::collections::HashMap;

use gopeer_sema::receiver_base;
use gopeer_syntax::ast::{Decl, DeclId, Expr, Node};
use gopeer_syntax::{Comment, Parser, Tree, cut};

/// The mark of such a paragraph.
const MARK: &str = "Deprecated:";

/// The longest advice, in bytes.
const LONGEST: usize = 160;

/// Adds the deprecated names of a file, methods as `Type.Method`, each with the first sentence of what is said of it.
pub(crate) fn collect(text: &str, parser: &mut Parser, found: &mut HashMap<String, String>) {
    if !text.contains(MARK) {
        return;
    }
    let marked = cut(text).into_iter().map(|piece| piece.span.of(text)).filter(|piece| piece.contains(MARK));
    for piece in marked {
        let tree = parser.parse(piece);
        for &root in tree.roots() {
            declaration(&tree, root, found);
        }
    }
}

fn declaration(tree: &Tree, root: DeclId, found: &mut HashMap<String, String>) {
    let whole = advice(tree, tree.comments_above(root));
    match tree.decl(root) {
        Decl::Func { recv, name, .. } => {
            let base = receiver_base(tree, recv).map(|(base, _)| format!("{}.", tree.source(base)));
            note(found, [base.unwrap_or_default(), tree.source(name).to_owned()].concat(), whole);
        }
        Decl::Group { specs, .. } => {
            for &spec in tree.decls(specs) {
                let own = advice(tree, tree.comments_above(spec)).or_else(|| advice(tree, beside(tree, spec.into())));
                let said = own.or_else(|| whole.clone());
                match tree.decl(spec) {
                    Decl::Type { name, ty, .. } => {
                        note(found, tree.source(name).to_owned(), said);
                        methods(tree, tree.source(name), ty, found);
                    }
                    Decl::Value { names, .. } => {
                        let names = tree.exprs(names).iter().map(|&name| tree.source(name).to_owned());
                        names.for_each(|name| note(found, name, said.clone()));
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// The methods of an interface.
fn methods(tree: &Tree, of: &str, ty: gopeer_syntax::ast::ExprId, found: &mut HashMap<String, String>) {
    let Expr::InterfaceType { elems } = tree.expr(ty) else { return };
    for &field in tree.fields(elems) {
        for &name in tree.exprs(tree.field(field).names) {
            note(found, format!("{of}.{}", tree.source(name)), advice(tree, tree.comments_above(field)));
        }
    }
}

fn note(found: &mut HashMap<String, String>, name: String, advice: Option<String>) {
    found.extend(advice.map(|advice| (name, advice)));
}

/// The comment behind a node, on its line.
fn beside(tree: &Tree, node: Node) -> &[Comment] {
    let end = tree.span(node).end;
    let comments = tree.comments();
    let at = comments.partition_point(|comment| comment.span.start < end);
    let on_line = |comment: &Comment| {
        tree.text().get(end as usize..comment.span.start as usize).is_some_and(|between| !between.contains('\n'))
    };
    let count = usize::from(comments.get(at).is_some_and(on_line));
    comments.get(at..at + count).unwrap_or_default()
}

/// The first sentence of the paragraph that begins with the mark.
fn advice(tree: &Tree, comments: &[Comment]) -> Option<String> {
    let text: Vec<&str> = comments.iter().flat_map(|comment| comment.body(tree.text()).split('\n')).collect();
    let mut paragraphs = text.split(|line| line.trim().is_empty());
    let said = paragraphs.find_map(|lines| lines.first()?.trim().strip_prefix(MARK).map(|first| (first, lines)))?;
    let (first, lines) = said;
    let rest = lines.iter().skip(1).copied();
    let words: Vec<&str> = std::iter::once(first).chain(rest).flat_map(str::split_whitespace).collect();
    let text = words.join(" ");
    let sentence = text.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let end = (0..=LONGEST.min(sentence.len())).rev().find(|&at| sentence.is_char_boundary(at)).unwrap_or(0);
    let short = sentence.get(..end).unwrap_or_default();
    Some(if end < sentence.len() { format!("{short}...") } else { short.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_of_documentation_deprecate() {
        let text = "package p\n\n// Old is.\n//\n// Deprecated: Use New. It is\n// better.\nfunc Old() {}\n\n\
            // M is not Deprecated: at all.\nfunc (t *T) M() {}\n\n/*\nGone went.\n\nDeprecated: Use\nM instead.\n*/\nfunc (t T) Gone() {}\n\n\
            // Deprecated: all of these.\nvar (\n\ta, b int\n\t// Deprecated: c has its own.\n\tc int\n)\n\n\
            type I interface {\n\t// Deprecated: Use N.\n\tM()\n\tN()\n}\n\nconst (\n\tX = 1 // Deprecated: Use Y.\n\tY = 2\n)\n";
        let mut found = HashMap::new();
        collect(text, &mut Parser::new(), &mut found);
        let mut found: Vec<(&str, &str)> = found.iter().map(|(name, advice)| (&**name, &**advice)).collect();
        found.sort();
        assert_eq!(
            found,
            [
                ("I.M", "Use N"),
                ("Old", "Use New"),
                ("T.Gone", "Use M instead"),
                ("X", "Use Y"),
                ("a", "all of these"),
                ("b", "all of these"),
                ("c", "c has its own"),
            ]
        );
    }
}
