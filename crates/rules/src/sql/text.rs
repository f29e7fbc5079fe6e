//! The text of SQL and CQL statements, read without a parser.

/// The verb a statement starts with, in capitals.
pub(crate) fn verb(text: &str) -> Option<&'static str> {
    const VERBS: &[&str] =
        &["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "CREATE", "ALTER", "DROP", "TRUNCATE", "REPLACE", "MERGE"];
    let word = text.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next()?;
    let spaced = text.trim_start().get(word.len()..)?.starts_with(char::is_whitespace);
    VERBS.iter().copied().find(|verb| spaced && word.eq_ignore_ascii_case(verb))
}

/// The statement in capitals with quoted text turned into `_` and comments into spaces, so that what is left is syntax.
/// None where that cannot be told without knowing the database: backslashes in quotes, dollar quoting, several statements.
pub(crate) fn mask(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = if matches!(c, '\'' | '"' | '`') {
            let end = rest.get(1..)?.find(c)? + 2;
            if rest.get(..end)?.contains('\\') {
                return None;
            }
            out.push('_');
            end
        } else if rest.starts_with("--") {
            out.push(' ');
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            out.push(' ');
            rest.find("*/")? + 2
        } else if rest.starts_with("$$") || c == ';' && !rest.get(1..)?.trim().is_empty() {
            return None;
        } else {
            out.push(c.to_ascii_uppercase());
            c.len_utf8()
        };
        rest = rest.get(taken..)?;
    }
    Some(out)
}

/// A statement with one space for all white space between two words.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the masked statement holds the word.
pub(crate) fn has_word(masked: &str, word: &str) -> bool {
    masked.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|other| other == word)
}

/// Whether a statement gives rows; none where it cannot be read.
pub(crate) fn returns_rows(text: &str) -> Option<bool> {
    let (verb, masked) = (verb(text)?, mask(text)?);
    Some(matches!(verb, "SELECT" | "WITH") || ["RETURNING", "OUTPUT"].iter().any(|word| has_word(&masked, word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        assert_eq!(mask("select 'a?' -- ?\n, b").as_deref(), Some("SELECT _  \n, B"));
        assert_eq!(mask(r"select 'it\'s'"), None);
        assert_eq!(mask("select 1; select 2"), None);
        assert_eq!(mask("select 1;\n").as_deref(), Some("SELECT 1;\n"));
    }

    #[test]
    fn verbs() {
        assert_eq!(verb("\n\tselect 1"), Some("SELECT"));
        assert_eq!(verb("selection of"), None);
        assert_eq!(verb("delete"), None);
    }
}
