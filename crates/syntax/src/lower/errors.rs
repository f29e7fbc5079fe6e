//! What did not parse, in the Go compiler's words.

use super::{Lower, MAX_DEPTH};
use crate::SyntaxError;

impl Lower<'_> {
    /// Records the error or missing token under the cursor.
    pub(super) fn record_error(&mut self) {
        let node = self.cursor.node();
        let span = self.span();
        let found = describe(self.text, span.start as usize);
        let message = if node.is_missing() {
            format!("syntax error: unexpected {found}, expected {}", expected(node.kind()))
        } else {
            format!("syntax error: unexpected {found}")
        };
        self.errors.push(SyntaxError { span, message });
    }

    pub(super) fn too_deep(&mut self) {
        if self.errors.last().is_some_and(|last| last.message == TOO_DEEP) {
            return;
        }
        self.errors.push(SyntaxError { span: self.span(), message: TOO_DEEP.to_owned() });
        const { assert!(MAX_DEPTH == 400, "the message names the limit") }
    }
}

pub(crate) const TOO_DEEP: &str = "nested too deep: more than 400 levels are not examined";

/// What stands at `at`, as the Go compiler names it: `newline`, `name foo`, `keyword else`, `literal 1`, `}`.
fn describe(text: &str, at: usize) -> String {
    let rest = text.get(at..).unwrap_or_default();
    let code = rest.trim_start_matches([' ', '\t', '\r']);
    let Some(first) = code.chars().next() else { return "end of input".to_owned() };
    let word_end = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
    let (word, _) = code.split_at(word_end);
    match first {
        '\n' => "newline".to_owned(),
        '0'..='9' => format!("literal {word}"),
        '"' | '`' | '\'' => format!("literal {}", quoted(code, first)),
        _ if KEYWORDS.contains(&word) => format!("keyword {word}"),
        _ if !word.is_empty() => format!("name {word}"),
        '/' if code.starts_with("//") || code.starts_with("/*") => "comment".to_owned(),
        ';' => "semicolon".to_owned(),
        ',' => "comma".to_owned(),
        other => {
            OPERATORS.iter().find(|op| code.starts_with(**op)).map_or_else(|| other.to_string(), |op| (*op).to_owned())
        }
    }
}

/// The literal at the start of `code`, cut short.
fn quoted(code: &str, quote: char) -> &str {
    const SHOWN: usize = 24;
    let end = code.char_indices().skip(1).find(|&(i, c)| c == quote || c == '\n' || i >= SHOWN);
    end.and_then(|(i, c)| code.get(..if c == quote { i + 1 } else { i })).unwrap_or(code)
}

/// The grammar's name for a missing token or node, in the compiler's words.
fn expected(kind: &str) -> &str {
    match kind {
        "identifier" | "field_identifier" | "type_identifier" | "package_identifier" | "label_name" => "name",
        "\n" | ";" | "\0" => "newline or semicolon",
        "interpreted_string_literal_content" | "\"" => "closing quote",
        other => other,
    }
}

pub(crate) const KEYWORDS: [&str; 25] = [
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// Operators of more than one character, longest first.
const OPERATORS: [&str; 26] = [
    "<<=", ">>=", "&^=", "...", ":=", "++", "--", "<-", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "&^", "+=",
    "-=", "*=", "/=", "%=", "&=", "|=", "^=", "~",
];
