//! Reviewers: what they weigh, how they speak, what they ask. A persona is a Markdown file with TOML front matter.

mod load;
mod score;
mod voice;

pub use load::{Persona, PersonaError, RuleTuning, SectionSpec, Topic, Wording};

/// The built-in personas, in the order of the page.
pub fn builtin() -> Vec<Persona> {
    const SOURCES: [&str; 5] = [
        include_str!("../../personas/senior.md"),
        include_str!("../../personas/backend.md"),
        include_str!("../../personas/cloud-native.md"),
        include_str!("../../personas/data.md"),
        include_str!("../../personas/throughput.md"),
    ];
    SOURCES.iter().filter_map(|source| Persona::parse(source).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_are_there() {
        let ids: Vec<_> = builtin().into_iter().map(|persona| persona.id).collect();
        assert_eq!(ids, ["senior", "backend", "cloud-native", "data", "throughput"]);
    }
}
