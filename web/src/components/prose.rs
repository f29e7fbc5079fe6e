//! Running text with `code` in it. Everything becomes text nodes.

use gopeer_engine::persona::begins_with_name;
use yew::prelude::*;

use crate::queries;

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

/// Code in which the characters are written out that no reader sees, or that show it in another order than the compiler reads it:
/// those of the rule `security/trojan-source`, and of `web/editor/src/spell.ts`.
pub fn visible(code: &str) -> String {
    let mut seen = String::with_capacity(code.len());
    for c in code.chars() {
        match c {
            '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200B}'
            | '\u{2060}'
            | '\u{FEFF}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{3164}'
            | '\u{FFA0}' => seen.push_str(&format!("⟨U+{:04X}⟩", c as u32)),
            _ => seen.push(c),
        }
    }
    seen
}

/// Paragraphs and lists.
pub fn paragraphs(text: &str) -> Html {
    text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()).map(block).collect()
}

fn block(text: &str) -> Html {
    if !text.starts_with("- ") {
        return html! { <p>{ line(&text.replace('\n', " ")) }</p> };
    }
    let items = format!("\n{text}");
    let items = items.split("\n- ").skip(1).map(|item| html! { <li>{ line(&item.replace('\n', " ")) }</li> });
    html! { <ul>{ for items }</ul> }
}

/// A note as compilers write it, as a person would: with a capital letter, unless it begins with a name, and a full stop.
pub fn sentence(text: &str) -> String {
    let stop = if text.ends_with(['.', '?', '!', ':']) { "" } else { "." };
    let text = if begins_with_name(text) { text.to_owned() } else { queries::capitalised(text) };
    format!("{text}{stop}")
}

/// A number and its noun.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{sentence, visible};

    #[test]
    fn what_does_not_show_is_written_out() {
        assert_eq!(visible("role == \"admin\u{200b}\"\t// ✓"), "role == \"admin⟨U+200B⟩\"\t// ✓");
    }

    #[test]
    fn names_keep_their_case_in_a_sentence() {
        assert_eq!(sentence("errors.Is looks along the chain"), "errors.Is looks along the chain.");
        assert_eq!(sentence("encoding/json omits both"), "encoding/json omits both.");
        assert_eq!(sentence("the driver rejects it."), "The driver rejects it.");
    }
}
