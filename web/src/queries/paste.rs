//! What is pasted.

use gopeer_engine::MAX_FILE_BYTES;

/// Whether a pasted text is more than code for the place of the cursor: a link, several files, Markdown, a diff, or too much.
pub fn is_for_the_page(text: &str) -> bool {
    text.len() > MAX_FILE_BYTES
        || gopeer_link::is_link(text)
        || text.starts_with('\u{feff}')
        || text.contains('\0')
        || text.lines().any(|line| line.starts_with("```") || line.starts_with("@@ -") || is_file_mark(line))
}

/// A line `-- name --` of a txtar archive.
fn is_file_mark(line: &str) -> bool {
    line.strip_prefix("-- ").and_then(|rest| rest.trim_end().strip_suffix(" --")).is_some_and(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_code_goes_where_the_cursor_is() {
        assert!(!is_for_the_page("func f() {\n\tx--\n\ty := `a`\n}\n"));
        assert!(!is_for_the_page(""));
    }

    #[test]
    fn the_rest_is_for_the_page() {
        let long = "a".repeat(MAX_FILE_BYTES + 1);
        for text in [
            "see\n```go\nx\n```\n",
            "--- a/a.go\n+++ b/a.go\n@@ -1 +1 @@\n-a\n+b\n",
            "-- a.go --\npackage a\n",
            "\u{feff}package a",
            "a\0b",
            long.as_str(),
        ] {
            assert!(is_for_the_page(text));
        }
    }
}
