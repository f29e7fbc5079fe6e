//! The documentation of a rule.

use gopeer_engine::protocol::{FixKind, RuleInfo};
use yew::prelude::*;

use super::prose;
use crate::queries::{self, REVIEWERS};

/// A bad and a good example.
pub fn examples(info: &RuleInfo) -> Html {
    html! {
        <>
            { for info.bad.first().map(|code| example("Flagged", "bad", code)) }
            if !info.fixed.is_empty() {
                { example("Fixed", "good", &info.fixed) }
            }
            { for info.good.first().map(|code| example("Not flagged", "good", code)) }
        </>
    }
}

fn example(title: &'static str, class: &'static str, code: &str) -> Html {
    html! {
        <figure class={classes!("example", class)}>
            <figcaption>{ title }</figcaption>
            <pre tabindex="0"><code>{ prose::visible(code.trim_end()) }</code></pre>
        </figure>
    }
}

/// The whole page of a rule, without its heading.
pub fn page(info: &RuleInfo) -> Html {
    let fix = match info.fix {
        FixKind::None => "none",
        FixKind::Suggested => "suggested: check it first",
        FixKind::Safe => "safe to apply",
    };
    let weights = info.personas.iter().map(|(id, weight)| {
        let name = REVIEWERS.iter().find(|known| known.id == id).map_or(id.as_str(), |known| known.name);
        let said = match weight {
            w if *w >= 2.5 => "top priority",
            w if *w >= 1.5 => "important",
            w if *w > 0.0 => "minor",
            _ => "does not report it",
        };
        html! { <li><span>{ name.to_owned() }</span><span class="muted">{ said }</span></li> }
    });
    html! {
        <>
            <dl class="facts">
                <div><dt>{ "Severity" }</dt><dd>{ queries::severity(info.severity).name }</dd></div>
                <div><dt>{ "Category" }</dt><dd>{ queries::category_name(&info.category) }</dd></div>
                <div><dt>{ "Fix" }</dt><dd>{ fix }</dd></div>
                if !info.equivalents.is_empty() {
                    <div><dt>{ "Similar checks" }</dt><dd>{ info.equivalents.join(", ") }</dd></div>
                }
                if !info.former_ids.is_empty() {
                    <div><dt>{ "Formerly part of" }</dt><dd>{ info.former_ids.join(", ") }</dd></div>
                }
            </dl>
            { prose::paragraphs(&info.why) }
            { examples(info) }
            <h3>{ "How much each reviewer cares" }</h3>
            <ul class="weights">{ for weights }</ul>
            <h3>{ "Silence this rule" }</h3>
            <p>{ "If the code is right as it is, say why in a comment on the line or the line above:" }</p>
            <pre tabindex="0"><code>{ format!("//lint:ignore {} reason", info.id) }</code></pre>
        </>
    }
}
