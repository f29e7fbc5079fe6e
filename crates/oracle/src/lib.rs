//! Ours against Go's own: syntax against go/parser ([`corpus`]), types against go/types ([`types`]), control flow against
//! go/cfg and the ctrlflow pass ([`flow`]), planted faults against the race detector ([`programs`]).
//!
//! `cargo dev corpus` and `cargo dev oracle` compare over all of Go and popular modules; the tests of this crate compare over a
//! part that is quick. The Go programs at the other side are in `go/`.

pub mod corpus;
pub mod flow;
pub mod go;
mod options;
pub mod programs;
pub mod theirs;
pub mod types;

/// `cargo dev oracle`: compares types and control flow, and prints the tables.
pub fn oracle(args: &[String]) -> Result<(), String> {
    let options = options::Options::parse(args)?;
    if !options.flow {
        types::run(&options)?;
    }
    if options.broken == 0 {
        println!();
        flow::run(&options)?;
    }
    Ok(())
}
