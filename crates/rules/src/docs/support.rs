//! Names and their doc comments.

use gopeer_lint::prelude::*;
use gopeer_syntax::Comment;

/// Methods of well-known interfaces, which document them.
pub(super) const INTERFACE_METHODS: &[&str] = &[
    "As",
    "Close",
    "Error",
    "Flush",
    "Format",
    "GoString",
    "Is",
    "Len",
    "Less",
    "LogValue",
    "MarshalBinary",
    "MarshalJSON",
    "MarshalText",
    "MarshalYAML",
    "Pop",
    "Push",
    "Read",
    "ReadFrom",
    "RoundTrip",
    "Scan",
    "Seek",
    "ServeHTTP",
    "String",
    "Swap",
    "Unwrap",
    "UnmarshalBinary",
    "UnmarshalJSON",
    "UnmarshalText",
    "UnmarshalYAML",
    "Value",
    "Write",
    "WriteTo",
];

/// Whether a name is exported.
pub(super) fn is_exported(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// The first doc comment of these nodes that is no directive.
pub(super) fn first_comment<'a>(cx: &Cx<'a>, documented: &[Node]) -> Option<&'a Comment> {
    let text = cx.tree.text();
    let mut comments = documented.iter().flat_map(|&node| cx.doc_comment(node));
    comments.find(|comment| !is_directive(comment.span.of(text)))
}

/// `//go:generate`, `//nolint` and the like.
fn is_directive(comment: &str) -> bool {
    comment.strip_prefix("//").is_some_and(|text| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.split_whitespace().next().is_some_and(|word| word.contains(':') || word == "nolint")
    })
}
