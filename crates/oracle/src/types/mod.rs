//! `cargo dev oracle`: our checker against go/types, over Go's own packages and popular modules.
//!
//! Each identifier's object, each expression's type and each constant's value is compared. What depends on packages outside
//! the index cannot be known to us: go/types is run a second time without those packages, and what it then does not know
//! either is counted apart.

mod broken;
mod canon;
mod compare;
mod facts;
pub mod ours;
pub mod report;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gopeer_api::Module;

use broken::Outcome;
use compare::Tally;
use facts::TheirFacts;
use ours::{Package, Text};

use crate::options::Options;
use crate::theirs::{self, Answer, Request};

/// Compares, and prints the table.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let modules = ours::index();
    if options.broken > 0 {
        return break_code(options, &modules);
    }
    let mut total = Tally::default();
    println!("{}", report::HEAD);
    for (name, dir, patterns) in options.sources()? {
        let tally =
            compare(&Request { dir: &dir, patterns: &patterns, tests: options.tests, whole: options.whole }, &modules)?;
        println!("{}", report::row(&name, &tally));
        total.add(tally);
    }
    println!("{}", report::row("all", &total));
    match &options.list {
        Some(cause) => print!("{}", report::samples(&total, cause)),
        None => print!("{}", report::causes(&total, options.top)),
    }
    if total.panics.is_empty() { Ok(()) } else { Err(format!("we panicked at {}", total.panics.join(", "))) }
}

/// How many percent of the expressions outside the damaged declaration keep their type at least.
pub const KEPT: f64 = 97.0;

fn break_code(options: &Options, modules: &[Module]) -> Result<(), String> {
    let sources = options.sources()?;
    let requests: Vec<Request> = sources
        .iter()
        .map(|(_, dir, patterns)| Request { dir, patterns, tests: options.tests, whole: false })
        .collect();
    let outcome = damage(&requests, options.broken, options.seed, modules)?;
    print!("{}", outcome.report());
    match (outcome.panics.len(), outcome.file.percent()) {
        (0, KEPT..) => Ok(()),
        (0, _) => Err(format!("less than {KEPT} % keep their type")),
        (panics, _) => Err(format!("{panics} panics")),
    }
}

/// Damages `count` files of the packages that are asked for.
pub fn damage(requests: &[Request], count: usize, seed: u64, modules: &[Module]) -> Result<Outcome, String> {
    let mut packages = Vec::new();
    for request in requests {
        for answer in theirs::types(request, &ours::index_lines(modules))? {
            if let Answer::Facts(_, file) = answer {
                let theirs = read(&file)?;
                packages.push(broken::Whole { texts: texts(&theirs)?, path: theirs.path });
            }
        }
    }
    broken::run(&packages, count, seed, modules)
}

/// Compares the packages of a request.
pub fn compare(request: &Request<'_>, modules: &[Module]) -> Result<Tally, String> {
    let answers = theirs::types(request, &ours::index_lines(modules))?;
    if request.whole {
        return compare_whole(&answers, modules);
    }
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Tally::default());
    let work = || -> Result<(), String> {
        while let Some(answer) = answers.get(next.fetch_add(1, Ordering::Relaxed)) {
            let tested = tested(answer, &answers, modules)?;
            let (tally, _) = compare_one(answer, modules, tested.as_slice())?;
            total.lock().map_err(|_| "a thread has panicked")?.add(tally);
        }
        Ok(())
    };
    on_all_cores(&work)?;
    total.into_inner().map_err(|_| "a thread has panicked".to_owned())
}

/// Compares packages that know those before them; go/typefacts names them in the order of their imports.
fn compare_whole(answers: &[Answer], modules: &[Module]) -> Result<Tally, String> {
    let (mut total, mut known) = (Tally::default(), Vec::new());
    for answer in answers {
        let (tally, package) = compare_one(answer, modules, &known)?;
        total.add(tally);
        known.extend(package);
    }
    Ok(total)
}

/// The package that a test package of its own (`sort_test`) tests, with its test files.
fn tested(answer: &Answer, answers: &[Answer], modules: &[Module]) -> Result<Option<Package>, String> {
    let Answer::Facts(path, _) = answer else { return Ok(None) };
    let Some((name, variant)) = path.split_once("_test [") else { return Ok(None) };
    let wanted = [format!("{name} [{variant}"), name.to_owned()];
    let find = |wanted: &String| {
        answers.iter().find_map(|answer| match answer {
            Answer::Facts(path, file) if path == wanted => Some(file),
            _ => None,
        })
    };
    let Some(file) = wanted.iter().find_map(find) else { return Ok(None) };
    let theirs = read(file)?;
    Ok(Some(Package::check(&theirs.path, texts(&theirs)?, modules)))
}

/// Runs the same work on each core until all have finished.
pub(crate) fn on_all_cores(work: &(impl Fn() -> Result<(), String> + Sync)) -> Result<(), String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let spawn = |_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let started: Result<Vec<_>, _> = (0..threads).map(spawn).collect();
        let started = started.map_err(|error| error.to_string())?;
        started.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread has panicked")?)
    })
}

/// As much as a main thread has.
const STACK: usize = 8 << 20;

fn compare_one(answer: &Answer, modules: &[Module], known: &[Package]) -> Result<(Tally, Option<Package>), String> {
    let file = match answer {
        Answer::Skipped(path, why) => {
            return Ok((Tally { skipped: vec![format!("{path}: {why}")], ..Tally::default() }, None));
        }
        Answer::Facts(_, file) => file,
    };
    let theirs = read(file)?;
    let texts = texts(&theirs)?;
    let work = || {
        let package = Package::check_in_module(&theirs.path, texts, modules, known);
        (compare::compare(&theirs, &package), Some(package))
    };
    let panicked = || Tally { panics: vec![theirs.path.clone()], packages: 1, ..Tally::default() };
    Ok(catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| (panicked(), None)))
}

fn read(file: &Path) -> Result<TheirFacts, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    TheirFacts::read(&bytes).ok_or(format!("{} is damaged", file.display()))
}

fn texts(theirs: &TheirFacts) -> Result<Vec<Text>, String> {
    let read = |name: &String| {
        let bytes = std::fs::read(name).map_err(|error| format!("{name}: {error}"))?;
        Ok(Text { name: name.clone(), text: String::from_utf8_lossy(&bytes).into_owned() })
    };
    theirs.files.iter().map(|file| read(&file.name)).collect()
}
