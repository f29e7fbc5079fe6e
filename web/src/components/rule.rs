//! The documentation of a rule.

use gopeer_engine::protocol::{FixKind, RuleInfo};
use yew::prelude::*;

use super::prose;
use crate::queries::{self, REVIEWERS};

/// A bad and a good example.
pub fn examples(info: &RuleInfo) -> Html {
    html! {
        <>
            { for info.bad.first().map(|code| example("Before", "bad", code)) }
            if !info.fixed.is_empty() {
                { example("After", "good", &info.fixed) }
            }
            { for info.good.first().map(|code| example("Fine as it is", "good", code)) }
        </>
    }
}

fn example(title: &'static str, class: &'static str, code: &str) -> Html {
    html! {
        <figure class={classes!("example", class)}>
            <figcaption>{ title }</figcaption>
            <pre tabindex="0"><code>{ code.trim_end().to_owned() }</code></pre>
        </figure>
    }
}

/// The whole page of a rule, without its heading.
pub fn page(info: &RuleInfo) -> Html {
    let fix = match info.fix {
        FixKind::None => "none",
        FixKind::Suggested => "suggested, to be read first",
        FixKind::Safe => "safe",
    };
    let weights = info.personas.iter().map(|(id, weight)| {
        let name = REVIEWERS.iter().find(|known| known.id == id).map_or(id.as_str(), |known| known.name);
        let said = match weight {
            w if *w >= 2.5 => "among the first",
            w if *w >= 1.5 => "important",
            w if *w > 0.0 => "mentioned",
            _ => "left to others",
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
                    <div><dt>{ "Also known as" }</dt><dd>{ info.equivalents.join(", ") }</dd></div>
                }
                if !info.former_ids.is_empty() {
                    <div><dt>{ "Once part of" }</dt><dd>{ info.former_ids.join(", ") }</dd></div>
                }
            </dl>
            { prose::paragraphs(&info.why) }
            { examples(info) }
            <h3>{ "Who cares how much" }</h3>
            <ul class="weights">{ for weights }</ul>
            <h3>{ "Silence it" }</h3>
            <p>{ "Where the code is right all the same, say why beside it:" }</p>
            <pre tabindex="0"><code>{ format!("//lint:ignore {} reason", info.id) }</code></pre>
        </>
    }
}
