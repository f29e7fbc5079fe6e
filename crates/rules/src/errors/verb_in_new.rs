//! `errors.New` is given a text with formatting verbs.
//!
//! `errors.New` takes its text as it is (package `errors`, "New"), so the log shows `no row %d` instead of the number.
//! `fmt.Errorf` fills the verbs in.
//!
//! Limits: only constant texts are read.
//!
//! ```go bad
//! func find(id int) error {
//! 	return errors.New("no row %d")
//! 	//                ^^^^^^^^^^^ `errors.New` does not fill in `%d`
//! }
//! ```
//! ```go good
//! func check(share int) error {
//! 	if share > 100 {
//! 		return errors.New("share is over 100%") // a percent sign
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func check(share int) error {
//! 	return fmt.Errorf("no share of %d%%", share) // fills it in
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "errors/verb-in-new",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 2), (Concern::Correctness, 1)],
    equivalents: &["gopeer:errors/conventions", "revive:errorf"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(&["errors.New", "github.com/pkg/errors.New"], check)],
    examines: "texts given to errors.New",
};

fn check(cx: &mut Cx, call: Call) {
    let &[text] = call.args else { return };
    let Some(value) = cx.string_value(text) else { return };
    cx.examined();
    if let Some(verb) = verb(&value) {
        cx.report(text, format!("`errors.New` does not fill in `{verb}`"))
            .note("`fmt.Errorf` does, with the value as an argument");
    }
}

/// A verb that is not part of a word and not escaped.
fn verb(text: &str) -> Option<&'static str> {
    ["%d", "%s", "%v", "%q", "%w"].into_iter().find(|verb| {
        text.match_indices(verb).any(|(at, _)| {
            let before = text.get(..at).and_then(|head| head.chars().next_back());
            let after = text.get(at + 2..).and_then(|tail| tail.chars().next());
            !before.is_some_and(|c| c == '%' || c.is_ascii_digit()) && !after.is_some_and(char::is_alphanumeric)
        })
    })
}
