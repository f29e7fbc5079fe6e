//! `cargo dev`: every task of this repository, for people and for CI.

mod apt;
mod generate;
mod machine;
mod new_rule;
mod npm;
mod packs;
mod serve;
mod site;
mod step;
mod test;
mod tools;
mod wasm;

use std::process::ExitCode;

use lexopt::prelude::*;

const USAGE: &str = "\
cargo dev <command>

  serve  [--port N] [--mount /a/b/] [--no-build] [--debug] [--wrong-wasm-mime]
                           set up, build, and serve the page on 127.0.0.1 (port 8080)
  test   [WORD…]           set up and run all stages: format, lint, unit, site, npm, browser
                           the name of a stage runs that stage; other words choose tests by name
         --rule CATEGORY/NAME
                           run one rule's examples and variants, and nothing else
  build  [--debug] [--base-url https://…/] [--single]
                           set up and write the static site to dist/; with the address that it will have, links to it
                           get a preview; --single also writes dist/gopeer.html, one file that opens from disk
  npm                      set up and write the npm package of the engine to target/npm/
  setup  [--for serve|test|all]
                           install what is missing
  new-rule CATEGORY/NAME   create the file of a new rule
  generate [MODULE…]       rewrite the index of Go packages (static/api; needs Go)
  corpus, oracle, bench […]
                           compare the engine with Go's own, and measure it (builds gopeer-lab)
  packs  [NAME…]           write static/exercises from exercises/, and compile both versions of each exercise (needs Go and the network)
  prove  [WORD…]           run the programs of tests/programs that bring a Go test as the proof of their fault
";

/// Commands of the second binary, which needs the engine and therefore a C compiler.
const LAB: [&str; 4] = ["corpus", "oracle", "bench", "prove"];

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, String> {
    let mut args = lexopt::Parser::from_env();
    let command = match args.next().map_err(text)? {
        Some(Value(command)) => command.string().map_err(text)?,
        Some(Short('h') | Long("help")) => String::from("help"),
        Some(other) => return Err(text(other.unexpected())),
        None => String::new(),
    };
    match command.as_str() {
        "setup" => setup(args)?,
        "build" => build(args)?,
        "npm" => package(args)?,
        "serve" => serve(args)?,
        "test" => return run_tests(args),
        "generate" => generate::run(&words(args)?)?,
        "packs" => packs::run(&words(args)?)?,
        "new-rule" => new_rule::run(&words(args)?)?,
        "help" => print!("{USAGE}"),
        lab if LAB.contains(&lab) => return run_lab(lab, args),
        "" => return Err(format!("a command is missing\n\n{USAGE}")),
        other => return Err(format!("there is no command `{other}`\n\n{USAGE}")),
    }
    Ok(ExitCode::SUCCESS)
}

fn setup(mut args: lexopt::Parser) -> Result<(), String> {
    let mut goal = tools::Goal::Test;
    while let Some(arg) = args.next().map_err(text)? {
        goal = match arg {
            Long("for") => match args.value().and_then(|value| value.string()).map_err(text)?.as_str() {
                "serve" => tools::Goal::Serve,
                "test" | "all" => tools::Goal::Test,
                other => return Err(format!("--for takes serve, test or all, not `{other}`")),
            },
            other => return Err(text(other.unexpected())),
        };
    }
    tools::setup(goal)
}

fn build(mut args: lexopt::Parser) -> Result<(), String> {
    let mut how = site::Build::default();
    while let Some(arg) = args.next().map_err(text)? {
        match arg {
            Long("debug") => how.debug = true,
            Long("single") => how.single = true,
            Long("base-url") => how.base_url = Some(args.value().and_then(|value| value.string()).map_err(text)?),
            other => return Err(text(other.unexpected())),
        }
    }
    tools::setup(tools::Goal::Serve)?;
    site::build(&how)
}

fn package(mut args: lexopt::Parser) -> Result<(), String> {
    if let Some(arg) = args.next().map_err(text)? {
        return Err(text(arg.unexpected()));
    }
    tools::setup(tools::Goal::Serve)?;
    npm::build()
}

fn serve(mut args: lexopt::Parser) -> Result<(), String> {
    let mut site = serve::Site { folder: site::dist(), mount: String::from("/"), wrong_wasm_mime: false };
    let (mut port, mut debug, mut build) = (8080, false, true);
    while let Some(arg) = args.next().map_err(text)? {
        match arg {
            Long("port") => port = args.value().and_then(|value| value.parse()).map_err(text)?,
            Long("mount") => site.mount = serve::mount(&args.value().and_then(|value| value.string()).map_err(text)?),
            Long("wrong-wasm-mime") => site.wrong_wasm_mime = true,
            Long("debug") => debug = true,
            Long("no-build") => build = false,
            other => return Err(text(other.unexpected())),
        }
    }
    if build {
        tools::setup(tools::Goal::Serve)?;
        site::build(&site::Build { debug, ..Default::default() })?;
    }
    if !site.folder.join("index.html").is_file() {
        return Err(String::from("there is no site in dist/: run `cargo dev build`"));
    }
    serve::serve(site, port)
}

fn run_tests(mut args: lexopt::Parser) -> Result<ExitCode, String> {
    let mut words = Vec::new();
    while let Some(arg) = args.next().map_err(text)? {
        match arg {
            Value(word) => words.push(word.string().map_err(text)?),
            Long("rule") => return test::rule(&args.value().and_then(|value| value.string()).map_err(text)?),
            other => return Err(text(other.unexpected())),
        }
    }
    test::run(&words)
}

fn words(mut args: lexopt::Parser) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    while let Some(arg) = args.next().map_err(text)? {
        match arg {
            Value(word) => words.push(word.string().map_err(text)?),
            other => return Err(text(other.unexpected())),
        }
    }
    Ok(words)
}

fn run_lab(command: &str, mut args: lexopt::Parser) -> Result<ExitCode, String> {
    if ["cc", "gcc", "clang"].into_iter().find_map(machine::which).is_none() {
        return Err(format!("`cargo dev {command}` builds tree-sitter and needs a C compiler: install gcc or clang"));
    }
    // Costs are measured in the profile that users get; the others must survive a panic.
    let profile = if command == "bench" { "release" } else { "lab" };
    let mut cargo = machine::lab(profile, command);
    cargo.args(args.raw_args().map_err(text)?);
    let status = cargo.status().map_err(|error| format!("`cargo` cannot be started: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(error: lexopt::Error) -> String {
    error.to_string()
}
