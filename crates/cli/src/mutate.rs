//! Breaks working code on purpose, one statement at a time, and counts how often the review notices: for those who work on rules.
//!
//! A mutant is a file of which one release, or one check of an error or of nil, is taken out. One that does not compile any more is
//! none: the compiler finds it. Others are found if the review of the package has a finding that it did not have before. Where a review
//! says that a file is an example or the like, in which rules about production are silent, its mutants do not count.

use std::collections::{BTreeMap, BTreeSet};

use gopeer_engine::Session;
use gopeer_engine::protocol::{Delta, Review, SilencedBy};

use crate::input::{self, Package};
use crate::parallel::{Worker, outlines};

/// What was taken out.
struct Mutant {
    kind: &'static str,
    file: String,
    line: usize,
    delta: Delta,
}

/// How many mutants there are of a kind, and how many were found.
#[derive(Default)]
struct Tally {
    all: u32,
    found: u32,
}

/// Reviews mutants of the packages at these paths, `count` of each path, and prints how many were found.
pub fn run(paths: &[String], count: usize, seed: u64, list: bool) -> Result<String, String> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut out = String::new();
    for path in paths {
        let input = input::packages(std::slice::from_ref(path));
        let mut mutants: Vec<(usize, Mutant)> = Vec::new();
        for (at, package) in input.packages.iter().enumerate() {
            mutants.extend(texts(package).iter().flat_map(|(name, text)| candidates(name, text)).map(|one| (at, one)));
        }
        draw(&mut mutants, count, seed);
        mutants.sort_by_key(|(at, _)| *at);
        let outlines = outlines(&input.packages);
        let mut worker = Worker::default();
        let mut opened = None;
        let mut before = Vec::new();
        let mut silent = BTreeSet::new();
        let mut tried = Vec::new();
        for (at, mutant) in &mutants {
            if opened != Some(*at) {
                worker.open(&input.packages[*at], outlines[*at].as_ref());
                before = found(worker.session(), &mut silent)?;
                opened = Some(*at);
            }
            let news = try_mutant(worker.session(), mutant, &before, &mut silent)?;
            tried.extend(news.map(|news| (mutant, news)));
        }
        for (mutant, news) in tried.into_iter().filter(|(mutant, _)| !silent.contains(&mutant.file)) {
            let tally = tallies.entry(mutant.kind).or_default();
            tally.all += 1;
            tally.found += u32::from(!news.is_empty());
            if list {
                let news = if news.is_empty() { "-".to_owned() } else { news.join(", ") };
                out.push_str(&format!("{} {}:{} {news}\n", mutant.kind, mutant.file, mutant.line));
            }
        }
    }
    let total = tallies.values().fold((0, 0), |(all, found), tally| (all + tally.all, found + tally.found));
    let row = |what: &str, (all, found): (u32, u32)| {
        format!("{what:<12}{all:>6}{found:>6}{:>6.0} %\n", 100.0 * f64::from(found) / f64::from(all.max(1)))
    };
    out.extend(tallies.iter().map(|(kind, tally)| row(kind, (tally.all, tally.found))));
    out.push_str(&row("all", total));
    Ok(out)
}

/// The files that are neither tests nor generated.
fn texts(package: &Package) -> BTreeMap<String, String> {
    let files = package.files.iter().filter_map(|file| file.read().ok());
    let kept = files.filter(|file| !file.name.ends_with("_test.go") && file.text.is_ascii());
    kept.filter(|file| !file.text.starts_with("// Code generated")).map(|file| (file.name, file.text)).collect()
}

/// Keeps `count` of them, chosen by the seed.
fn draw<T>(all: &mut Vec<T>, count: usize, seed: u64) {
    fastrand::Rng::with_seed(seed).shuffle(all);
    all.truncate(count);
}

/// The findings of a session: rule and message. `silent` gets the files in which some are left out because of what the file is for.
fn found(session: &mut Session, silent: &mut BTreeSet<String>) -> Result<Vec<String>, String> {
    let review: Review = session.review("senior").map_err(|refusal| refusal.to_string())?;
    let left_out = review.suppressed.iter().filter(|silenced| silenced.by == SilencedBy::Purpose);
    silent.extend(left_out.map(|silenced| silenced.place.file.clone()));
    // That a function reads differently without a statement is no answer.
    let by_chance = |rule: &str| rule.starts_with("idiom/") || rule == "correctness/empty-branch";
    let said = review.findings.iter().filter(|finding| !by_chance(&finding.rule));
    let mut all: Vec<String> = said.map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
    all.sort();
    Ok(all)
}

/// What is found in a mutant and was not before; none if it does not compile.
fn try_mutant(
    session: &mut Session,
    mutant: &Mutant,
    before: &[String],
    silent: &mut BTreeSet<String>,
) -> Result<Option<Vec<String>>, String> {
    let text = session.text(&mutant.file).ok_or("a file is missing")?;
    let taken = text.get(mutant.delta.from as usize..mutant.delta.to as usize).unwrap_or_default().to_owned();
    let back =
        Delta { from: mutant.delta.from, to: mutant.delta.from + mutant.delta.insert.len() as u32, insert: taken };
    session.edit(&mutant.file, std::slice::from_ref(&mutant.delta)).map_err(|refusal| refusal.to_string())?;
    let mut after = found(session, silent)?;
    session.edit(&mutant.file, &[back]).map_err(|refusal| refusal.to_string())?;
    for known in before {
        if let Ok(at) = after.binary_search(known) {
            after.remove(at);
        }
    }
    let compiles = !after.iter().any(|finding| finding.starts_with("correctness/compile-error"));
    Ok(compiles.then_some(after))
}

/// The mutants of a file.
fn candidates(name: &str, text: &str) -> Vec<Mutant> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let starts: Vec<usize> = lines
        .iter()
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some(start)
        })
        .collect();
    let mut all = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((kind, insert, count)) = release(line).or_else(|| check(&lines[at..])) else { continue };
        // What is deferred as well happens without this statement, too.
        let deferred = format!("defer {}", line.trim());
        let above = lines[..at].iter().rev().take_while(|line| !line.starts_with("func "));
        if above.into_iter().any(|line| line.trim() == deferred) {
            continue;
        }
        let end = starts[at] + lines[at..at + count].iter().map(|line| line.len()).sum::<usize>() - 1;
        let from = starts[at] + indent(line);
        let delta = Delta { from: from as u32, to: end as u32, insert };
        all.push(Mutant { kind, file: name.to_owned(), line: at + 1, delta });
    }
    all
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A statement that releases something: what it is, what stands for it, and how many lines it has.
fn release(line: &str) -> Option<(&'static str, String, usize)> {
    let stmt = line.trim();
    let stmt = stmt.strip_prefix("defer ").unwrap_or(stmt);
    let callee = stmt.strip_suffix("()").or_else(|| stmt.strip_suffix("(nil)"))?;
    let plain = callee.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    if !plain {
        return None;
    }
    match callee.rsplit_once('.') {
        Some((_, "Unlock" | "RUnlock")) => Some(("unlock", String::new(), 1)),
        Some((_, "Close")) => Some(("close", String::new(), 1)),
        Some((_, "Rollback")) => Some(("rollback", String::new(), 1)),
        Some((_, "Flush")) => Some(("flush", String::new(), 1)),
        Some((_, "Stop" | "End")) => Some(("stop", String::new(), 1)),
        // The compiler would say that it is not used.
        None if callee.starts_with("cancel") => Some(("cancel", format!("_ = {callee}"), 1)),
        _ => None,
    }
}

/// A check that leaves the function or an iteration of a loop.
fn check(lines: &[&str]) -> Option<(&'static str, String, usize)> {
    let first = lines.first()?;
    let cond = first.trim().strip_prefix("if ")?.strip_suffix(" {")?;
    let (kind, of) = match cond.strip_suffix(" != nil") {
        Some("err") => ("error check", "err"),
        _ => ("nil check", cond.strip_suffix(" == nil").filter(|of| *of != "err")?),
    };
    if !of.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_') {
        return None;
    }
    let close = format!("{}}}", &first[..indent(first)]);
    let end = lines.iter().take(12).position(|line| line.trim_end() == close)?;
    let last = lines.get(end.checked_sub(1)?)?.trim();
    let leaves = ["return", "continue", "break", "panic("].iter().any(|word| last.starts_with(word));
    leaves.then(|| (kind, String::new(), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_taken_out() {
        let text = "func f() {\n\tdefer f.Close()\n\tif err != nil {\n\t\treturn\n\t}\n\ts.mu.Unlock()\n\tx.y().Close()\n\tdefer cancel()\n}\n";
        let mutants: Vec<(&str, usize, String)> = candidates("a.go", text)
            .into_iter()
            .map(|one| {
                let mut text = text.to_owned();
                text.replace_range(one.delta.from as usize..one.delta.to as usize, &one.delta.insert);
                (one.kind, one.line, text.lines().nth(one.line - 1).unwrap_or_default().to_owned())
            })
            .collect();
        let expected =
            [("close", 2, "\t"), ("error check", 3, "\t"), ("unlock", 6, "\t"), ("cancel", 8, "\t_ = cancel")];
        assert_eq!(mutants, expected.map(|(kind, line, text)| (kind, line, text.to_owned())));
    }
}
