//! `cargo dev oracle --flow`: our control flow against golang.org/x/tools/go/cfg, and which calls and functions never return against
//! its ctrlflow pass, over Go's own packages and popular modules.
//!
//! Of each function and literal, the statements and conditions that are go/cfg's nodes are compared: which of them can be
//! reached, and which is the last that dominates another. Two trees of dominators are the same if these are.

pub mod compare;
mod ours;
pub mod report;
mod theirs;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gopeer_api::Module;

use compare::compare;
use report::Tally;

use crate::options::Options;
use crate::theirs::{Answer, Request};
use crate::types::on_all_cores;
use crate::types::ours::{self as checked, Package, Text};

/// Compares, and prints the table.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let modules = checked::index();
    let mut total = Tally::default();
    println!("{}", report::HEAD);
    for (name, dir, patterns) in options.sources()? {
        let request = Request { dir: &dir, patterns: &patterns, tests: options.tests, whole: false };
        let tally = compare_all(&request, options.whole, &modules)?;
        println!("{}", tally.row(&name));
        total.add(tally);
    }
    println!("{}", total.row("all"));
    print!("{}", total.causes(options.list.as_deref(), options.top));
    match total.faults() {
        faults if faults.is_empty() => Ok(()),
        faults => Err(faults),
    }
}

/// Compares the packages of a request; if `whole`, they know each other.
pub fn compare_all(request: &Request<'_>, whole: bool, modules: &[Module]) -> Result<Tally, String> {
    let answers = crate::theirs::flow(request)?;
    if whole {
        let (mut total, mut known) = (Tally::default(), Vec::new());
        for answer in &answers {
            let (tally, package) = compare_one(answer, modules, &known)?;
            total.add(tally);
            known.extend(package);
        }
        return Ok(total);
    }
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Tally::default());
    let work = || -> Result<(), String> {
        while let Some(answer) = answers.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (tally, _) = compare_one(answer, modules, &[])?;
            total.lock().map_err(|_| "a thread has panicked")?.add(tally);
        }
        Ok(())
    };
    on_all_cores(&work)?;
    total.into_inner().map_err(|_| "a thread has panicked".to_owned())
}

fn compare_one(answer: &Answer, modules: &[Module], known: &[Package]) -> Result<(Tally, Option<Package>), String> {
    let file = match answer {
        Answer::Skipped(path, why) => {
            return Ok((Tally { skipped: vec![format!("{path}: {why}")], ..Tally::default() }, None));
        }
        Answer::Facts(_, file) => file,
    };
    let theirs = theirs::Package::read(&text(file)?).ok_or(format!("{} is damaged", file.display()))?;
    let read = |file: &theirs::File| Ok(Text { name: file.name.clone(), text: text(Path::new(&file.name))? });
    let texts = theirs.files.iter().map(read).collect::<Result<_, String>>()?;
    let work = || {
        let package = Package::check_in_module(&theirs.path, texts, modules, known);
        (compare_package(&theirs, &package), Some(package))
    };
    let panicked = || Tally { packages: 1, panics: vec![theirs.path.clone()], ..Tally::default() };
    Ok(catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| (panicked(), None)))
}

fn compare_package(theirs: &theirs::Package, package: &Package) -> Tally {
    let mut tally = Tally { packages: 1, files: theirs.files.len(), ..Tally::default() };
    let (functions, known) = (ours::functions(package), ours::known(package));
    for (at, file) in theirs.files.iter().enumerate() {
        for function in &file.functions {
            let compared = functions
                .get(&(at, function.start))
                .and_then(|ours| compare(ours, function, known.get(&(at, ours.index))?));
            tally.note(&package.files[at], function.start, compared);
        }
    }
    tally
}

fn text(file: &Path) -> Result<String, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
