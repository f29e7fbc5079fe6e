//! The `gopeer` command: the same engine as the page, for a terminal and for CI.

mod args;
mod input;
mod links;
mod module;
mod parallel;
mod rules;
mod text;

use std::process::ExitCode;

use anstream::{eprintln, print, println};
use clap::Parser;
use gopeer_engine::protocol::Review;
use gopeer_engine::{report, rule_infos};

use args::{Args, Command, Format, ReviewArgs};

/// Nothing was found.
const CLEAN: u8 = 0;
/// There are findings.
const FOUND: u8 = 1;
/// The command line or an input is at fault; nothing was reviewed.
const FAULT: u8 = 2;

fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        Command::Review(args) => review(&args),
        Command::Rules { format } => rules::list(format),
        Command::Explain { id } => rules::explain(&id),
        Command::Open { link } => links::open(&link),
        Command::Link { base, persona, files } => links::make(&base, persona.id(), &files),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            eprintln!("gopeer: {fault}");
            ExitCode::from(FAULT)
        }
    }
}

fn review(args: &ReviewArgs) -> Result<u8, String> {
    let packages = input::packages(&args.paths)?;
    let reviews = parallel::review(&packages, &args.persona.ids());
    match args.format {
        Format::Text => print!("{}", text::render(&reviews, &packages)),
        Format::Json => println!("{}", json(&reviews)?),
        Format::Sarif => println!("{:#}", report::sarif(&reviews, &rule_infos())),
        Format::Markdown => reviews.iter().for_each(|review| println!("{}", report::markdown(review))),
    }
    Ok(if reviews.iter().all(|review| review.findings.is_empty()) { CLEAN } else { FOUND })
}

/// One persona's review is an object, those of all an array.
fn json(reviews: &[Review]) -> Result<String, String> {
    let text = match reviews {
        [one] => serde_json::to_string_pretty(one),
        all => serde_json::to_string_pretty(all),
    };
    text.map_err(|error| error.to_string())
}
