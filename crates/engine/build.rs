//! Reads the built-in personas when the engine is built: a fault in one is a fault of the build, and what runs in the
//! page needs no reader for them. Takes out of the questions what their answers do, for those who ask only which there are.

#![allow(dead_code, unused_imports, reason = "of these modules only the reading is used here")]

#[path = "src/known.rs"]
mod known;
#[path = "src/persona/load.rs"]
mod load;
#[path = "src/protocol/mod.rs"]
mod protocol;
#[path = "src/persona/read.rs"]
mod read;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use known::Known;

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut personas: Vec<load::Persona> = load::BUILTIN.iter().map(|id| persona(id)).collect();
    let voices: Vec<_> = personas.iter_mut().map(|persona| (persona.id.clone(), take_voice(persona))).collect();
    write(&out.join("personas.postcard"), &personas);
    write(&out.join("voices.postcard"), &voices);
    let questions = std::fs::read_to_string("questions.md").expect("questions.md is there");
    let headings: String =
        questions.lines().filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    std::fs::write(out.join("questions.md"), headings).expect("the output folder can be written");
    println!("cargo::rerun-if-changed=personas");
    println!("cargo::rerun-if-changed=questions.md");
}

/// Takes the sentences, which the page's engine reads from a file of their own. A question stays: what is not certain is
/// never put as a fact.
fn take_voice(persona: &mut load::Persona) -> BTreeMap<String, String> {
    let mut questions = persona.voice.clone();
    questions.retain(|key, _| key == "question");
    std::mem::replace(&mut persona.voice, questions)
}

fn write(file: &Path, data: &impl serde::Serialize) {
    let bytes = postcard::to_allocvec(data).expect("plain data");
    std::fs::write(file, bytes).expect("the output folder can be written");
}

/// Whether it names rules and concerns that there are is tested: the build script knows none.
fn persona(id: &str) -> load::Persona {
    let file = format!("personas/{id}.md");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    read::read(&text, Known::default()).unwrap_or_else(|faults| panic!("{file}: {faults:#?}"))
}
