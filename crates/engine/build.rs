//! Reads the built-in personas when the engine is built: a fault in one is a fault of the build, and what runs in the
//! page needs no reader for them.

#![allow(dead_code, reason = "of the two modules only the reading is used here")]

#[path = "src/persona/load.rs"]
mod load;
#[path = "src/protocol.rs"]
mod protocol;

use std::path::PathBuf;

/// In the order of the page.
const PERSONAS: [&str; 5] = ["senior", "backend", "cloud-native", "data", "throughput"];

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let personas: Vec<load::Persona> = PERSONAS.iter().map(|id| read(id)).collect();
    let bytes = postcard::to_allocvec(&personas).expect("plain data");
    std::fs::write(out.join("personas.postcard"), bytes).expect("the output folder can be written");
    println!("cargo::rerun-if-changed=personas");
}

fn read(id: &str) -> load::Persona {
    let file = format!("personas/{id}.md");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    load::Persona::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}
