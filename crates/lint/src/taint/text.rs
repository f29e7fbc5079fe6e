//! Texts that are put together.

use gopeer_syntax::ast::ExprId;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Written out.
    Text(String),
    /// Put in.
    Value(ExprId),
}

impl Piece {
    /// The text that is written out.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Piece::Text(text) => Some(text),
            Piece::Value(_) => None,
        }
    }
}

/// The pieces of a format. Values that are written as numbers are left out; where verbs and arguments do not pair off in order, all
/// values are put in at the beginning.
pub(super) fn formatted(format: &str, args: &[ExprId]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut left = args.iter();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match chars.find(|c| !matches!(c, '+' | '-' | '#' | ' ' | '.' | '0'..='9')) {
            Some('%') => text.push('%'),
            Some('s' | 'v' | 'q') => match left.next() {
                Some(&value) => {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(Piece::Value(value));
                }
                None => break,
            },
            Some('*' | '[') => return args.iter().map(|&arg| Piece::Value(arg)).collect(),
            Some(_) => {
                left.next();
                text.push('0');
            }
            None => break,
        }
    }
    pieces.push(Piece::Text(text));
    pieces
}

/// Whether the host of an address is not settled by what comes before: nothing does, or a scheme. None stands for a value.
pub(super) fn decides_host<'t>(before: impl Iterator<Item = Option<&'t str>>) -> bool {
    let mut valued = false;
    let mut text = String::new();
    for piece in before {
        match piece {
            Some(part) => text.push_str(part),
            None if text.is_empty() || text.ends_with("://") => {
                valued = true;
                text.clear();
            }
            None => return false,
        }
    }
    match text.split_once("://") {
        // `https://api.` and whatever follows up to a slash is one name.
        Some((_, rest)) => !rest.contains(['/', '?', '#', ':']),
        None => text == "//" || text.is_empty() && !valued,
    }
}

/// Whether what follows is a part of the path or of the query of an address: its text goes on, behind a slash or in a query.
pub(super) fn is_within_address(before: &[Piece]) -> bool {
    let text: String = before.iter().map(|piece| piece.text().unwrap_or("host")).collect();
    let rest = text.split_once("://").map_or(&*text, |(_, rest)| rest);
    before.last().and_then(Piece::text).is_some_and(|last| !last.is_empty()) && rest.contains(['/', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decides(parts: &[&str]) -> bool {
        decides_host(parts.iter().map(|&part| (part != "$").then_some(part)))
    }

    #[test]
    fn only_the_beginning_of_an_address_is_its_host() {
        assert!(decides(&[]));
        assert!(decides(&["https://"]));
        assert!(decides(&["$", "://"]));
        assert!(decides(&["https://api."]));
        assert!(!decides(&["https://example.com/"]));
        assert!(!decides(&["http://localhost:"]));
        assert!(!decides(&["$"]));
        assert!(!decides(&["/"]));
        assert!(!decides(&["https://", "$", ":"]));
    }
}
