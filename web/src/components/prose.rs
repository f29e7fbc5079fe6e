//! Running text with `code` in it. Everything becomes text nodes.

use yew::prelude::*;

use crate::queries;

/// A line of text; what stands in backticks becomes code.
pub fn line(text: &str) -> Html {
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| {
            if at % 2 == 1 {
                html! { <code>{ part.to_owned() }</code> }
            } else {
                part.into()
            }
        })
        .collect()
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

/// A note as compilers write it, as a person would: with a capital letter and a full stop.
pub fn sentence(text: &str) -> String {
    let stop = if text.ends_with(['.', '?', '!', ':']) { "" } else { "." };
    format!("{}{stop}", queries::capitalised(text))
}

/// A number and its noun.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
