//! Reviewers: what they weigh, how they speak, what they ask. A persona is a Markdown file with TOML front matter.

use std::collections::BTreeMap;

mod load;
mod read;
mod score;
#[cfg(feature = "docs")]
mod template;
mod voice;

pub use load::{BUILTIN, Condition, Files, Persona, SectionSpec, TeamRule, Test, Topic, Verdict};
pub use read::{not_toml, read};
pub(crate) use score::{highest_score, severity_factor};
#[cfg(feature = "docs")]
pub use template::template;
pub use voice::begins_with_name;

/// What the built-in personas say of findings: a file of the site, which the page's engine reads once it is there.
#[cfg(feature = "docs")]
pub const VOICES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/voices.postcard"));

/// The built-in personas, in the order of the page. The build script has read their files, so that the page's engine
/// carries no TOML.
pub fn builtin() -> Vec<Persona> {
    let personas = include_bytes!(concat!(env!("OUT_DIR"), "/personas.postcard"));
    #[cfg_attr(not(feature = "docs"), expect(unused_mut, reason = "the page's engine gets the voices later"))]
    let mut personas: Vec<Persona> = postcard::from_bytes(personas).unwrap_or_default();
    #[cfg(feature = "docs")]
    give_voices(&mut personas, VOICES);
    personas
}

/// Gives personas what they say of findings, from the bytes of the file of voices.
pub(crate) fn give_voices(personas: &mut [Persona], voices: &[u8]) {
    let voices: Vec<(String, BTreeMap<String, String>)> = postcard::from_bytes(voices).unwrap_or_default();
    for (id, voice) in voices {
        if let Some(persona) = personas.iter_mut().find(|persona| persona.id == id) {
            persona.voice = voice;
        }
    }
}

/// Whether a file is that of a reviewer: a Markdown file that begins with front matter in TOML.
pub fn is_persona(name: &str, text: &str) -> bool {
    name.ends_with(".md") && text.trim_start_matches('\u{feff}').trim_start().starts_with("+++")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_are_there() {
        let ids: Vec<_> = builtin().into_iter().map(|persona| persona.id).collect();
        assert_eq!(ids, BUILTIN);
    }
}
