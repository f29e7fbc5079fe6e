//! The drafts that this browser keeps: the local history.

use std::rc::Rc;

use yew::prelude::*;

use super::rename::RenameBox;
use super::{icons, prose};
use crate::state::{Draft, Earlier};
use crate::tasks::Tasks;

#[derive(PartialEq, Properties)]
pub struct Props {
    pub earlier: Rc<Vec<Earlier>>,
    pub tasks: Tasks,
}

/// Newest first; those with nothing in them are left out.
#[component]
pub fn Drafts(Props { earlier, tasks }: &Props) -> Html {
    let naming = use_state(|| None::<String>);
    let worth = |draft: &Draft| draft.files.iter().any(|(_, text)| !text.trim().is_empty());
    let rows = earlier.iter().filter(|earlier| worth(&earlier.draft)).map(|earlier| {
        if naming.as_ref() == Some(&earlier.key) {
            return name_box(earlier, tasks, naming.clone());
        }
        row(earlier, tasks, naming.clone())
    });
    let rows: Vec<Html> = rows.collect();
    if rows.is_empty() {
        return Html::default();
    }
    html! { <><h3>{ "Drafts in this browser" }</h3><ul class="rows">{ for rows }</ul></> }
}

fn row(Earlier { key, name, draft }: &Earlier, tasks: &Tasks, naming: UseStateHandle<Option<String>>) -> Html {
    let resume = {
        let (tasks, key) = (tasks.clone(), key.clone());
        move |_: MouseEvent| tasks.resume(key.clone())
    };
    let rename = {
        let key = key.clone();
        move |_: MouseEvent| naming.set(Some(key.clone()))
    };
    let lines = draft.files.iter().map(|(_, text)| text.lines().count()).sum();
    let files: Vec<&str> = draft.files.iter().map(|(name, _)| name.as_str()).take(3).collect();
    let files = files.join(", ");
    let saved = js_sys::Date::new(&draft.saved.into()).to_locale_string("default", &js_sys::Object::new());
    let called = if name.is_empty() { files.clone() } else { name.clone() };
    let label = format!("Name this draft: {called}");
    html! {
        <li key={key.clone()} class="draft">
            <button class="row-button" onclick={resume}>
                <span>{ called }if !name.is_empty() { <span class="muted">{ format!(" ({files})") }</span> }</span>
                <span class="muted">{ format!("{}, {}", prose::counted(lines, "line"), String::from(saved)) }</span>
            </button>
            <button class="button quiet icon-only small" onclick={rename} title="Name this draft" aria-label={label}>{ icons::pen() }</button>
        </li>
    }
}

fn name_box(Earlier { key, name, .. }: &Earlier, tasks: &Tasks, naming: UseStateHandle<Option<String>>) -> Html {
    let done = {
        let (tasks, key) = (tasks.clone(), key.clone());
        move |name: String| {
            tasks.name_draft(key.clone(), name);
            naming.set(None);
        }
    };
    html! { <li key={key.clone()} class="draft"><RenameBox name={name.clone()} label="Name of the draft" {done} /></li> }
}
