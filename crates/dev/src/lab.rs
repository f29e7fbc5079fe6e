//! The commands of `cargo dev` that need the engine natively. `cargo dev <command> …` builds this binary in release
//! mode and hands the arguments on (see `LAB` in main.rs: a new command is a name there and a line here).

use std::process::ExitCode;

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

fn run(command: &str, _args: &[String]) -> Result<(), String> {
    Err(format!("gopeer-lab has no command `{command}`"))
}
