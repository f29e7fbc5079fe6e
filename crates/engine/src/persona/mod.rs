//! Reviewers: what they weigh, how they speak, what they ask. A persona is a Markdown file with TOML front matter.

mod builtin;
mod load;
mod score;
mod voice;

pub use builtin::builtin;
pub use load::{Persona, PersonaError, RuleTuning, SectionSpec, Table, Topic, Wording};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_are_there() {
        let ids: Vec<_> = builtin().into_iter().map(|persona| persona.id).collect();
        assert_eq!(ids, ["senior", "backend", "cloud-native", "data", "throughput"]);
        for persona in builtin() {
            let source = std::fs::read_to_string(format!("personas/{}.md", persona.id)).expect("it is there");
            assert_eq!(Ok(&persona), Persona::parse(&source).as_ref());
            assert_eq!(persona.check_concerns(|name| gopeer_lint::Concern::parse(name).is_some()), Ok(()));
        }
    }
}
