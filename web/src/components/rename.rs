//! Where something gets another name.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct Props {
    pub name: String,
    pub label: AttrValue,
    /// Gets the name that is written there in the end; Escape brings the old one back.
    pub done: Callback<String>,
}

/// A field with the name as it is. It has the focus, and is done when it loses it.
#[component]
pub fn RenameBox(Props { name, label, done }: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                let _ = input.focus();
                input.select();
            }
        });
    }
    let input = |event: &Event| event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let leave = {
        let done = done.clone();
        move |event: FocusEvent| input(&event).iter().for_each(|input| done.emit(input.value()))
    };
    let old = name.clone();
    let key = move |event: KeyboardEvent| {
        let Some(input) = input(&event) else { return };
        match event.key().as_str() {
            "Enter" => {
                let _ = input.blur();
            }
            "Escape" => {
                // It closes this field, not the dialog around it.
                event.prevent_default();
                event.stop_propagation();
                input.set_value(&old);
                let _ = input.blur();
            }
            _ => {}
        }
    };
    html! {
        <input ref={node} class="rename" value={name.clone()} aria-label={label.clone()} placeholder={label.clone()} onblur={leave} onkeydown={key} spellcheck="false" />
    }
}
