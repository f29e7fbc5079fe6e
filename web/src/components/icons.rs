//! Drawings, in the colour of the text around them.

use gopeer_engine::protocol::Severity;
use yew::prelude::*;

fn line(path: &'static str) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false" fill="none" stroke="currentColor"
            stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"><path d={path} /></svg>
    }
}

/// The name mark: a review comment that looks at you.
pub fn mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="mark-bubble" d="M8 2h16a6 6 0 0 1 6 6v11a6 6 0 0 1-6 6h-8.5L9 30.2c-.7.6-1.7.1-1.7-.8V25A6 6 0 0 1 2 19V8a6 6 0 0 1 6-6Z" />
            <circle class="mark-eye" cx="11" cy="13" r="5.2" /><circle class="mark-eye" cx="21.4" cy="13" r="5.2" />
            <circle class="mark-pupil" cx="12.8" cy="14.2" r="2.5" /><circle class="mark-pupil" cx="23.2" cy="14.2" r="2.5" />
        </svg>
    }
}

/// What stands for a reviewer.
pub fn reviewer(id: &str) -> Html {
    line(match id {
        "backend" => "M5 2.8h7l3 3v11.4H5zM12 2.8v3h3M7.4 11.2l1.9 1.9 3.4-3.8",
        "cloud-native" => "M6 15.5h8.2a3.3 3.3 0 0 0 .5-6.5A5 5 0 0 0 5.3 8.2 3.7 3.7 0 0 0 6 15.5",
        "data" => {
            "M4 5c0-1.2 2.7-2.2 6-2.2s6 1 6 2.2-2.7 2.2-6 2.2S4 6.2 4 5M4 5v10c0 1.2 2.7 2.2 6 2.2s6-1 6-2.2V5M4 10c0 1.2 2.7 2.2 6 2.2s6-1 6-2.2"
        }
        "throughput" => "M3.5 15.5a7.5 7.5 0 1 1 13 0M10 12.5l3.2-4.5M10 5v1M4.9 8l.9.5M15.1 8l-.9.5",
        _ => {
            "M6.3 13.3a3 3 0 1 0 0-6 3 3 0 0 0 0 6M13.7 13.3a3 3 0 1 0 0-6 3 3 0 0 0 0 6M9.3 10.3h1.4M3.3 9.8l-1-3M16.7 9.8l1-3"
        }
    })
}

/// A severity as a shape, so that it does not hang on colour alone.
pub fn severity(severity: Severity) -> Html {
    let shape = match severity {
        Severity::Critical => html! { <path d="M6 .6 11.4 6 6 11.4.6 6z" /> },
        Severity::High => html! { <rect x="1.3" y="1.3" width="9.4" height="9.4" rx="2" /> },
        Severity::Medium => html! { <circle cx="6" cy="6" r="4.8" /> },
        Severity::Low => html! { <circle class="hollow" cx="6" cy="6" r="4" /> },
    };
    html! { <svg class="shape" viewBox="0 0 12 12" aria-hidden="true" focusable="false">{ shape }</svg> }
}

/// Open a file.
pub fn open() -> Html {
    line("M2.8 15.5v-11h5l1.7 2h7.7v9z")
}

/// Give a name.
pub fn pen() -> Html {
    line("M4 16l.8-3.4 8.7-8.7a1.6 1.6 0 0 1 2.3 0l.3.3a1.6 1.6 0 0 1 0 2.3l-8.7 8.7zM12.2 5.2l2.6 2.6")
}

/// Share.
pub fn share() -> Html {
    line("M10 12.5V3M6.7 6 10 2.7 13.3 6M4 10.5v6h12v-6")
}

/// A link.
pub fn link() -> Html {
    line(
        "M8.3 11.7a3.2 3.2 0 0 0 4.6.2l2.6-2.6a3.2 3.2 0 0 0-4.6-4.6l-1.2 1.2M11.7 8.3a3.2 3.2 0 0 0-4.6-.2l-2.6 2.6a3.2 3.2 0 0 0 4.6 4.6l1.2-1.2",
    )
}

/// The theme.
pub fn theme() -> Html {
    html! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6" />
            <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />
        </svg>
    }
}

/// Help.
pub fn help() -> Html {
    line("M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15M7.9 7.9a2.2 2.2 0 1 1 3 2.1c-.6.3-.9.7-.9 1.4M10 14h.01")
}

/// Close.
pub fn close() -> Html {
    line("M5.5 5.5l9 9M14.5 5.5l-9 9")
}

/// Add.
pub fn add() -> Html {
    line("M10 4.5v11M4.5 10h11")
}

/// Points at what opens.
pub fn chevron() -> Html {
    line("M7.5 5.5 12 10l-4.5 4.5")
}

/// Points back.
pub fn back() -> Html {
    line("M12 5.5 7.5 10l4.5 4.5")
}

/// Held.
pub fn check() -> Html {
    line("M4.5 10.5l3.7 3.7 7.3-8")
}
