//! The `gopeer` command: the same engine as the page, for a terminal and for CI.

mod args;
mod baseline;
mod change;
mod config;
mod fix;
mod input;
mod libraries;
mod links;
mod module;
mod mutate;
mod pack;
mod parallel;
mod persona;
mod places;
mod rules;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue};
use gopeer_engine::config::is_config;
use gopeer_engine::guide::guides;
use gopeer_engine::protocol::{Confidence, FileText, Finding, Note, Review, RuleInfo, SaidBy};
use gopeer_engine::questions::Answers;
use gopeer_engine::report::{Host, Listed, Texts};
use gopeer_engine::{Persona, Session, report, rule_infos};
use gopeer_link::{Shared, SharedFile};

use args::{Args, Command, Debug, Format, ReviewArgs};
use baseline::Baseline;
use fix::Fixer;
use input::Input;
use parallel::{Reviewed, WithTexts};
use persona::DEFAULT;

/// Nothing was found.
const CLEAN: u8 = 0;
/// There are findings that are severe enough.
const FOUND: u8 = 1;
/// The command line, a configuration or some input is at fault; whatever could be read was reviewed.
const FAULT: u8 = 2;

fn main() -> ExitCode {
    let outcome = match parse().command {
        Command::Review(args) => review(&args),
        Command::Rules { format } => rules::list(format),
        Command::Explain { id } => rules::explain(&id),
        Command::Schema => config::schema(),
        Command::Open { link } => links::open(&link),
        Command::Debug { what: Debug::Cfg { place, dot } } => control_flow(&place, dot),
        Command::Debug { what: Debug::Mutate { count, seed, list, paths } } => {
            mutate::run(&paths, count, seed, list).and_then(|out| print(&out)).map(|()| CLEAN)
        }
        Command::Pack { what } => pack::run(&what),
        Command::Persona { what } => persona::run(&what),
        Command::Link { base, persona, assume, files } => links::make(&base, &persona, assume, &files),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            say(&format!("gopeer: {fault}"));
            ExitCode::from(FAULT)
        }
    }
}

/// Prints the control flow of a function.
fn control_flow(place: &str, graph: bool) -> Result<u8, String> {
    let (file, function) = place.rsplit_once(':').ok_or("write FILE:FUNCTION")?;
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let mut session = Session::new();
    session.open(vec![FileText { name: file.to_owned(), text }]);
    let flow = session.control_flow(file, function, graph).map_err(|refusal| refusal.to_string())?;
    print(&flow.ok_or_else(|| format!("{file} has no function {function}"))?)?;
    Ok(CLEAN)
}

/// The arguments. Whoever names paths as for `go vet` learns that `review` comes first here.
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
    let mut input = change::input(args)?;
    let personas = persona::chosen(args, &input).unwrap_or_else(|faults| {
        input.misconfigured.extend(faults);
        Vec::new()
    });
    if !input.misconfigured.is_empty() {
        input.misconfigured.iter().for_each(|fault| say(fault));
        return Ok(FAULT);
    }
    let mut reviewed = reviewed(args, &personas, &mut input)?;
    if matches!(args.format, Format::Sarif | Format::GitlabCodeQuality) {
        places::rename(&mut reviewed.reviews, &places::from_roots(&input.packages));
    }
    // If nothing could be read there is no review; if there was nothing to review there is one without findings.
    if input.faults.is_empty() || reviewed.reviews.iter().any(|review| review.stats.files > 0) {
        print(&rendered(args, &personas, &reviewed)?)?;
    }
    if reviewed.skipped > 0 {
        say(&format!("gopeer: skipped {} that gopeer does not review", counted(reviewed.skipped, "file")));
    }
    input.faults.iter().for_each(|fault| say(&format!("gopeer: {fault}")));
    let fails = |finding: &Finding| match args.fail_on {
        Some(least) => finding.severity >= least.severity() && finding.confidence != Confidence::Low,
        None => true,
    };
    let fails = reviewed.reviews.iter().flat_map(|review| &review.findings).any(fails);
    Ok(match (input.faults.is_empty(), fails) {
        (false, _) => FAULT,
        (_, true) => FOUND,
        _ => CLEAN,
    })
}

/// Reviews, applies fixes and removes known findings, as the arguments say. What goes wrong is added to the input's faults.
fn reviewed(args: &ReviewArgs, personas: &[Persona], input: &mut Input) -> Result<Reviewed, String> {
    let names = || places::from_roots(&input.packages);
    let baseline = args.baseline.as_deref().map(|file| Baseline::read(file, names())).transpose()?.flatten();
    let with_texts = match args.format {
        Format::Json if args.with_code => WithTexts::All,
        Format::Json | Format::Sarif | Format::GitlabCodeQuality if args.fix.is_none() => WithTexts::None,
        _ => WithTexts::Shown,
    };
    let new = || {
        let mut reviewed = parallel::review(&input.packages, personas, &args.assume, with_texts);
        if let Some(baseline) = &baseline {
            baseline.take_known(personas, &mut reviewed.reviews);
        }
        reviewed
    };
    let mut reviewed = new();
    if let Some(which) = args.fix {
        let mut fixer = Fixer::new(&input.packages, which, args.force);
        for _ in 0..fix::ROUNDS {
            if !fixer.round(&reviewed) {
                break;
            }
            reviewed = new();
        }
        fixer.done.iter().for_each(|done| say(&format!("gopeer: fixed {done}")));
        let (fixed, files) = (counted(fixer.done.len(), "finding"), counted(fixer.changed.len(), "file"));
        say(&format!("gopeer: fixed {fixed} in {files}"));
        reviewed.faults.append(&mut fixer.faults);
    }
    if let (Some(file), None) = (&args.baseline, &baseline) {
        let baseline = Baseline::of(&reviewed.reviews, names());
        baseline.write(file)?;
        baseline.take_known(personas, &mut reviewed.reviews);
        say(&format!("gopeer: wrote {} to {}", counted(baseline.count(), "finding"), file.display()));
    }
    for review in &mut reviewed.reviews {
        review.stats.files += input.excluded;
        review.stats.excluded += input.excluded;
        let note = |message: &String| Note { message: message.clone(), place: None };
        review.notes.splice(0..0, input.notes.iter().map(note));
    }
    reviewed.skipped = input.skipped.len();
    input.faults.append(&mut reviewed.faults);
    Ok(reviewed)
}

/// `1 file`, `2 files`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn rendered(
    args: &ReviewArgs,
    personas: &[Persona],
    Reviewed { reviews, texts, skipped, .. }: &Reviewed,
) -> Result<String, String> {
    if let (Some(_), [first, second]) = (&args.compare, &reviews[..]) {
        let made = report::compare(&Listed::of(first), &Listed::of(second), args.first);
        return Ok(report::comparison(&made));
    }
    let each = |render: &dyn Fn(&Review) -> String| reviews.iter().map(render).collect::<Vec<_>>().join("\n");
    Ok(match args.format {
        Format::Text => each(&|review| report::text(review, texts, *skipped, true)),
        Format::Json => json(reviews, texts, &args.assume)? + "\n",
        Format::Sarif => sarif(personas, reviews),
        Format::Markdown => each(&|review| report::markdown(review, texts, None)),
        Format::GithubSuggestions => each(&|review| report::suggestions(review, texts, Host::GitHub)),
        Format::GitlabSuggestions => each(&|review| report::suggestions(review, texts, Host::GitLab)),
        Format::GitlabCodeQuality => format!("{:#}\n", report::code_quality(reviews)),
        Format::Html => match &reviews[..] {
            [one] => report::html(one, texts, None),
            _ => return Err("an HTML report covers one reviewer: name one with --persona".to_owned()),
        },
    })
}

/// The log, with help for each rule that it describes.
fn sarif(personas: &[Persona], reviews: &[Review]) -> String {
    let mut rules = rule_infos();
    rules.extend(personas.iter().flat_map(|persona| &persona.rules).map(RuleInfo::from));
    let mut log = report::sarif(reviews, &rules);
    report::add_help(&mut log, &guides());
    format!("{log:#}\n")
}

/// One persona's review is an object, those of all an array; with the code, if there is any, the page shows the same.
fn json(reviews: &[Review], texts: &Texts, answers: &Answers) -> Result<String, String> {
    let mut files: Vec<SharedFile> =
        texts.iter().map(|(name, text)| SharedFile { name: name.clone(), text: text.clone() }).collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let value = |review: &Review| {
        let (persona, engine) = (review.persona.id.clone(), review.engine.clone());
        let mut shared = Shared { files: files.clone(), persona, engine, digest: review.digest, ..Shared::default() };
        // The configuration of a module is rarely among the files.
        let is_there = texts.keys().any(|name| is_config(name));
        let of_project = review.assumptions.iter().filter(|said| said.by == SaidBy::Config && !is_there);
        let of_project = of_project.map(|assumption| (assumption.question.clone(), assumption.answer.clone()));
        shared.say(&answers.iter().cloned().chain(of_project).collect::<Vec<_>>());
        report::json(review, Some(&shared).filter(|shared| !shared.files.is_empty()))
    };
    let mut values = reviews.iter().map(value).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    Ok(match values.len() {
        1 => format!("{:#}", values.remove(0)),
        _ => format!("{:#}", serde_json::Value::Array(values)),
    })
}

/// Prints to standard output, in colour where that is wanted. The reader may stop before the end, as `head` does.
fn print(text: &str) -> Result<(), String> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write: {error}")),
        _ => Ok(()),
    }
}

/// Prints a line to standard error, and does not care whether that is open.
fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
