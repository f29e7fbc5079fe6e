//! The text contains characters that make it look like other code.
//!
//! Bidirectional control characters reorder what is shown, so that a comment can look like code and code like a comment
//! ("Trojan Source", CVE-2021-42574). Zero-width characters make two strings differ that look the same, and the Hangul
//! fillers are letters that do not show, so that they can be a name of their own. In a string that needs one, write it as an
//! escape (`\u202e`), which everybody can see.
//!
//! Limits: joiners (U+200C, U+200D) and direction marks (U+200E, U+200F) are left alone, since emoji and several scripts
//! need them.
//!
//! ```go bad
//! func check(role string) bool {
//! 	return role == "admin​"
//! 	//                   ^ the text contains U+200B, a zero-width character that does not show
//! }
//! ```
//! ```go good
//! // Grüße: 日本語, ελληνικά, עברית, 👩‍💻. Other scripts are as good as ASCII.
//! var stop = "\u202e" // on purpose, and visible
//! ```
//!
//! # Impact
//!
//! What reviewers see is not what the compiler reads: a check can sit in a comment, or a string can differ from the one
//! it seems to equal. Diffs and editors that do not mark such characters show nothing. Most cases are copied text,
//! which makes the deliberate one hard to spot.
//!
//! # Verify
//!
//! - `grep -nP '[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}\x{FEFF}]' {file}`: each line with such a character
//! - `sed -n '{line}p' {file} | cat -A`: shows the bytes of this line
//!
//! # References
//!
//! - [Trojan Source](https://trojansource.codes/)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/trojan-source",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Clarity, 1)],
    equivalents: &["gosec:G116", "bidichk", "staticcheck:ST1018"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Piece(check)],
    examines: "declarations with characters beyond ASCII",
};

fn check(cx: &mut Cx) {
    let tree = cx.tree;
    let text = tree.text();
    if text.is_ascii() {
        return;
    }
    cx.examined();
    for (at, c) in text.char_indices() {
        // A byte order mark in front is allowed (Go spec, "Source code representation"), and Windows writes it.
        let Some(what) = deception(c).filter(|_| (at, c) != (0, '\u{FEFF}')) else { continue };
        let span = Span::new(at as u32, (at + c.len_utf8()) as u32);
        cx.report_span(span, format!("the text contains U+{:04X}, {what}", c as u32))
            .note("write it as an escape if it is meant, and remove it if it is not");
    }
}

fn deception(c: char) -> Option<&'static str> {
    match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => Some("which changes the order in which the text is shown"),
        '\u{200B}' | '\u{2060}' | '\u{FEFF}' => Some("a zero-width character that does not show"),
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => Some("a letter that does not show"),
        _ => None,
    }
}
