//! The `gopeer` command: the same engine as the page, for a terminal and for CI.

mod args;
mod input;
mod libraries;
mod links;
mod module;
mod parallel;
mod places;
mod rules;
mod text;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue};
use gopeer_engine::protocol::Review;
use gopeer_engine::{report, rule_infos};

use args::{Args, Command, Format, ReviewArgs};
use parallel::Reviewed;

/// Nothing was found.
const CLEAN: u8 = 0;
/// There are findings.
const FOUND: u8 = 1;
/// The command line or an input is at fault; what could be read was reviewed.
const FAULT: u8 = 2;

fn main() -> ExitCode {
    let outcome = match parse().command {
        Command::Review(args) => review(&args),
        Command::Rules { format } => rules::list(format),
        Command::Explain { id } => rules::explain(&id),
        Command::Open { link } => links::open(&link),
        Command::Link { base, persona, files } => links::make(&base, persona.id(), &files),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            say(&format!("gopeer: {fault}"));
            ExitCode::from(FAULT)
        }
    }
}

/// The arguments. Who names paths as for `go vet` is told what stands before them here.
fn parse() -> Args {
    Args::try_parse().unwrap_or_else(|mut error| {
        let command = std::env::args().nth(1).unwrap_or_default();
        if error.kind() == clap::error::ErrorKind::InvalidSubcommand && command.contains(['.', '/']) {
            let tip = format!("to review it, write `gopeer review {command}`");
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        }
        error.exit()
    })
}

fn review(args: &ReviewArgs) -> Result<u8, String> {
    let mut input = input::packages(&args.paths);
    let mut reviewed = parallel::review(&input.packages, &args.persona.ids(), matches!(args.format, Format::Text));
    input.faults.append(&mut reviewed.faults);
    if matches!(args.format, Format::Sarif) {
        places::name_from_root(&mut reviewed.reviews, &input.packages);
    }
    reviewed.skipped = input.skipped.len();
    // What cannot be read has no review; what has nothing to review has one without findings.
    if input.faults.is_empty() || reviewed.reviews.iter().any(|review| review.stats.files > 0) {
        print(&rendered(args.format, &reviewed)?)?;
    }
    if reviewed.skipped > 0 {
        let files = if reviewed.skipped == 1 { "file" } else { "files" };
        say(&format!("gopeer: skipped {} {files} that gopeer does not review", reviewed.skipped));
    }
    input.faults.iter().for_each(|fault| say(&format!("gopeer: {fault}")));
    let clean = reviewed.reviews.iter().all(|review| review.findings.is_empty());
    Ok(match (input.faults.is_empty(), clean) {
        (false, _) => FAULT,
        (_, false) => FOUND,
        _ => CLEAN,
    })
}

fn rendered(format: Format, reviewed: &Reviewed) -> Result<String, String> {
    let reviews = &reviewed.reviews;
    Ok(match format {
        Format::Text => text::render(reviewed),
        Format::Json => json(reviews)? + "\n",
        Format::Sarif => format!("{:#}\n", report::sarif(reviews, &rule_infos())),
        Format::Markdown => reviews.iter().map(|review| report::markdown(review) + "\n").collect(),
    })
}

/// One persona's review is an object, those of all an array.
fn json(reviews: &[Review]) -> Result<String, String> {
    let text = match reviews {
        [one] => serde_json::to_string_pretty(one),
        all => serde_json::to_string_pretty(all),
    };
    text.map_err(|error| error.to_string())
}

/// Prints to standard output, in colours where they are wanted. Who reads may stop before the end.
fn print(text: &str) -> Result<(), String> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write: {error}")),
        _ => Ok(()),
    }
}

/// Prints a line to standard error; where that is closed nobody wants to know.
fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
