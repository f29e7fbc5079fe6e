//! Running text with `code` in it. Everything becomes text nodes.

pub use gopeer_engine::report::{sentence, visible};
use yew::prelude::*;

/// A line of text; what stands in backticks becomes code. Short code stays in one line: browsers would break it at a hyphen or
/// a bracket.
pub fn line(text: &str) -> Html {
    const SHORT: usize = 24;
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| {
            if at % 2 == 1 {
                html! { <code class={(part.len() <= SHORT).then_some("short")}>{ part.to_owned() }</code> }
            } else {
                part.into()
            }
        })
        .collect()
}

/// A number and its noun.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn names_keep_their_case_in_a_sentence() {
        assert_eq!(sentence("errors.Is looks along the chain"), "errors.Is looks along the chain.");
        assert_eq!(sentence("encoding/json omits both"), "encoding/json omits both.");
        assert_eq!(sentence("the driver rejects it."), "The driver rejects it.");
    }
}
