//! The commands of `cargo dev` that need the engine natively. `cargo dev <command> …` builds this binary and hands the
//! arguments on (see `LAB` in main.rs: a new command is a name there and a line here).

mod bench;
mod gallery;

use std::process::ExitCode;

use gopeer_oracle::{corpus, oracle, programs};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let args: Vec<String> = args.collect();
    match run(&command, &args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, args: &[String]) -> Result<(), String> {
    match command {
        "bench" => bench::run(args),
        "corpus" => corpus::run(args),
        "oracle" => oracle(args),
        "prove" => programs::run(args),
        "rules" => rules(args),
        other => Err(format!("gopeer-lab has no command `{other}`")),
    }
}

/// Writes the documentation of all rules as JSON, the file from which the page shows its rule pages, and what the page of all
/// rules needs besides.
fn rules(args: &[String]) -> Result<(), String> {
    let [file, gallery] = args else { return Err("`rules` takes the two files to write".to_owned()) };
    let rules = gopeer_engine::rule_infos();
    let json = serde_json::to_string(&rules).map_err(|error| error.to_string())?;
    for (file, json) in [(file, json), (gallery, gallery::gallery(&rules).to_string())] {
        std::fs::write(file, json).map_err(|error| format!("{file} cannot be written: {error}"))?;
    }
    Ok(())
}
