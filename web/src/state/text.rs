//! Text and its changes.

use std::borrow::Cow;

use gopeer_engine::protocol::Delta;

/// Text as the page holds it: no byte-order mark, `\n` as line end. Editors count a line end as one unit, so offsets
/// would differ otherwise.
pub fn normalised(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

/// The text after the deltas, which apply one after another; none where one lies outside.
pub fn apply(text: &str, deltas: &[Delta]) -> Option<String> {
    let mut text = text.to_owned();
    for delta in deltas {
        let from = byte_of(&text, delta.from)?;
        let to = byte_of(&text, delta.to)?;
        if from > to {
            return None;
        }
        text.replace_range(from..to, &delta.insert);
    }
    Some(text)
}

/// The smallest single change from one text to another; none where they are equal.
pub fn difference(old: &str, new: &str) -> Option<Delta> {
    if old == new {
        return None;
    }
    let prefix = common(old.chars(), new.chars());
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix = common(old_rest.chars().rev(), new_rest.chars().rev());
    let from = units(&old[..prefix]);
    let to = from + units(&old_rest[..old_rest.len() - suffix]);
    Some(Delta { from, to, insert: new_rest[..new_rest.len() - suffix].to_owned() })
}

/// UTF-16 units of a text.
pub fn units(text: &str) -> u32 {
    let units = if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() };
    u32::try_from(units).unwrap_or(u32::MAX)
}

fn common(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

/// The byte at which a UTF-16 unit begins; none inside a surrogate pair or past the end.
pub(super) fn byte_of(text: &str, unit: u32) -> Option<usize> {
    let unit = unit as usize;
    if text.is_ascii() {
        return (unit <= text.len()).then_some(unit);
    }
    let mut seen = 0;
    for (byte, char) in text.char_indices() {
        if seen >= unit {
            return (seen == unit).then_some(byte);
        }
        seen += char.len_utf16();
    }
    (seen == unit).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(from: u32, to: u32, insert: &str) -> Delta {
        Delta { from, to, insert: insert.to_owned() }
    }

    #[test]
    fn deltas_count_utf16_units_and_apply_in_order() {
        let text = "a😀b\n日本";
        assert_eq!(apply(text, &[delta(1, 3, "x"), delta(1, 2, "yz")]).as_deref(), Some("ayzb\n日本"));
        assert_eq!(apply(text, &[delta(7, 7, "!")]).as_deref(), Some("a😀b\n日本!"));
        assert_eq!(apply(text, &[delta(2, 3, "")]), None, "inside a surrogate pair");
        assert_eq!(apply(text, &[delta(8, 8, "")]), None, "past the end");
        assert_eq!(apply(text, &[delta(3, 1, "")]), None, "backwards");
    }

    #[test]
    fn a_difference_leads_from_one_text_to_the_other() {
        let texts = ["", "a", "aa", "ab", "a😀b", "a😁b", "日本", "日😀本\n", "aaaa", "aa\naa"];
        for old in texts {
            for new in texts {
                match difference(old, new) {
                    None => assert_eq!(old, new),
                    Some(delta) => assert_eq!(apply(old, &[delta]).as_deref(), Some(new), "{old:?} to {new:?}"),
                }
            }
        }
    }

    #[test]
    fn line_ends_and_marks_are_normalised() {
        assert_eq!(normalised("\u{feff}a\r\nb\rc\n"), "a\nb\nc\n");
        assert!(matches!(normalised("a\n"), Cow::Borrowed(_)));
    }
}
