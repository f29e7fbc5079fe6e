//! One tab for each file.

use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::icons;
use super::rename::RenameBox;
use crate::state::{File, State};
use crate::tasks::Tasks;

#[derive(Properties)]
pub struct Props {
    pub state: std::rc::Rc<State>,
    pub tasks: Tasks,
}

/// Tabs are redrawn only when what they show changes.
impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        let shown = |state: &State| {
            let files: Vec<(u32, String)> = state.work.files.iter().map(|file| (file.id, file.name.clone())).collect();
            (files, state.work.active, state.read_only(), state.drawn.clone())
        };
        std::rc::Rc::ptr_eq(&self.state, &other.state) || shown(&self.state) == shown(&other.state)
    }
}

/// The row of tabs.
#[component]
pub fn Tabs(Props { state, tasks }: &Props) -> Html {
    let renaming = use_state(|| None::<u32>);
    let add = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.add_file()
    };
    let tabs = state.work.files.iter().map(|file| match *renaming == Some(file.id) {
        true => rename_box(file, tasks, renaming.clone()),
        false => tab(file, state, tasks, renaming.clone()),
    });
    html! {
        <div class="tabs">
            <ul class="tab-list" aria-label="Files">{ for tabs }</ul>
            if !state.read_only() {
                <button class="button quiet icon-only small" onclick={add} title="New file" aria-label="New file">
                    { icons::add() }
                </button>
            }
        </div>
    }
}

fn tab(file: &File, state: &State, tasks: &Tasks, renaming: UseStateHandle<Option<u32>>) -> Html {
    let id = file.id;
    let active = state.work.active == id;
    let show = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.show_file(id)
    };
    let rename = {
        let renaming = renaming.clone();
        move |_: MouseEvent| renaming.set(Some(id))
    };
    let rename_key = move |event: KeyboardEvent| {
        if event.key() == "F2" {
            event.prevent_default();
            renaming.set(Some(id));
        }
    };
    let close = {
        let tasks = tasks.clone();
        move |_: MouseEvent| tasks.close_file(id)
    };
    let found = state
        .drawn
        .as_ref()
        .map_or(0, |drawn| drawn.review.findings.iter().filter(|finding| finding.place.file == file.name).count());
    let editable = !state.read_only();
    html! {
        <li key={id} class={classes!("tab", active.then_some("is-active"))}>
            <button class="tab-name" onclick={show} aria-current={active.then_some("true")}
                ondblclick={editable.then(|| Callback::from(rename.clone()))}
                onkeydown={editable.then(|| Callback::from(rename_key))}
                title={if editable { "Double-click or press F2 to rename" } else { "" }}>
                { &file.name }
                if found > 0 {
                    <span class="tab-count" aria-label={super::prose::counted(found, "finding")}>{ found }</span>
                }
            </button>
            if editable {
                <button class="tab-close" onclick={close} title={format!("Close {}", file.name)}
                    aria-label={format!("Close {}", file.name)}>{ icons::close() }</button>
            }
        </li>
    }
}

fn rename_box(file: &File, tasks: &Tasks, renaming: UseStateHandle<Option<u32>>) -> Html {
    let id = file.id;
    let done = {
        let tasks = tasks.clone();
        move |name: String| {
            tasks.rename_file(id, name);
            renaming.set(None);
        }
    };
    let label = format!("New name of {}", file.name);
    html! { <li key={id} class="tab is-active"><RenameBox name={file.name.clone()} {label} {done} /></li> }
}
