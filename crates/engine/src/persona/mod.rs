//! Reviewers: what they weigh, how they speak, what they ask. A persona is a Markdown file with TOML front matter.

mod load;
mod score;
mod voice;

pub use load::{Persona, PersonaError, SectionSpec, Topic, Verdict};
pub(crate) use score::{highest_score, severity_factor};
pub use voice::begins_with_name;

/// The built-in personas, in the order of the page. The build script has read their files, so that the page's engine
/// carries no TOML.
pub fn builtin() -> Vec<Persona> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/personas.postcard"))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_are_there() {
        let ids: Vec<_> = builtin().into_iter().map(|persona| persona.id).collect();
        assert_eq!(ids, ["senior", "backend", "cloud-native", "data", "throughput"]);
        for persona in builtin() {
            assert_eq!(persona.check_concerns(|name| gopeer_lint::Concern::parse(name).is_some()), Ok(()));
        }
    }
}
