//! What must be true of an exercise, whether it comes from its source or from a file that somebody has dropped on the page.

use std::collections::BTreeSet;

use crate::concern::is_concern;
use crate::model::{Exercise, FORMAT, Fault, Pack};

/// Reads a pack. The error is a sentence for whoever has opened the file.
pub fn from_json(text: &str) -> Result<Pack, String> {
    let pack: Pack =
        serde_json::from_str(text).map_err(|error| format!("This is not a pack of exercises: {error}."))?;
    if pack.format != FORMAT {
        return Err(format!("This pack has format {}; this page reads format {FORMAT}.", pack.format));
    }
    if pack.exercises.is_empty() {
        return Err("This pack has no exercises.".to_owned());
    }
    let mut ids = BTreeSet::new();
    for one in &pack.exercises {
        if !ids.insert(&one.id) {
            return Err(format!("This pack has two exercises `{}`.", one.id));
        }
        if let Some((fault, message)) = exercise(one).first() {
            let fault = if fault.is_empty() { String::new() } else { format!(", fault `{fault}`") };
            return Err(format!("This pack is damaged: exercise `{}`{fault}: {message}.", one.id));
        }
    }
    Ok(pack)
}

/// What is wrong with an exercise, each with the id of the fault that it is about; empty where it is about the whole.
pub fn exercise(exercise: &Exercise) -> Vec<(String, String)> {
    let mut wrong: Vec<(String, String)> = Vec::new();
    let mut whole = |is_so: bool, message: &str| {
        if !is_so {
            wrong.push((String::new(), message.to_owned()));
        }
    };
    whole(!exercise.title.is_empty(), "the title is empty");
    whole(!exercise.story.is_empty(), "say below the title what the program is for");
    whole(exercise.files.iter().any(|file| file.name.ends_with(".go")), "there is no Go file");
    whole(!exercise.faults.is_empty(), "there is no fault: begin one with `## id: What is wrong`");
    whole(!exercise.right.is_empty(), "mark at least one line that looks wrong and is right: `// right: reason`");
    whole(
        !exercise.repaired.is_empty(),
        "the repaired version is the same: mark lines with `//-` and add lines with `//+`",
    );
    let names = || exercise.files.iter().chain(&exercise.repaired).map(|file| file.name.as_str());
    whole(names().all(is_plain), "names of files are relative paths with `/`, without `..`");
    let unique: BTreeSet<&str> = exercise.files.iter().map(|file| file.name.as_str()).collect();
    whole(unique.len() == exercise.files.len(), "two files have one name");
    let lines =
        |name: &str| exercise.files.iter().find(|file| file.name == name).map_or(0, |file| file.text.lines().count());
    whole(
        exercise.right.iter().all(|one| is_line(one.line, lines(&one.file))),
        "`right` is about a line that does not exist",
    );
    for fault in &exercise.faults {
        let is_right =
            |(file, line): (&str, u32)| exercise.right.iter().any(|one| one.file == file && one.line == line);
        if let Some((file, line)) = fault.lines().find(|&place| is_right(place)) {
            wrong
                .push((fault.id.clone(), format!("line {line} of {file} is part of it and cannot be marked as right")));
        }
        let is_there = fault.lines().all(|(file, line)| is_line(line, lines(file)));
        let messages = faults(fault).into_iter().chain((!is_there).then_some("one of its lines does not exist"));
        wrong.extend(messages.map(|message| (fault.id.clone(), message.to_owned())));
    }
    wrong
}

fn faults(fault: &Fault) -> Vec<&'static str> {
    let checks = [
        (!fault.id.is_empty() && !fault.title.is_empty(), "a fault begins with `## id: What is wrong`"),
        (!fault.concerns.is_empty(), "say what it threatens: `concern: race`"),
        (fault.concerns.iter().all(|id| is_concern(id)), "one of its concerns does not exist"),
        (
            fault.rule.is_empty() || fault.rule.split('/').count() == 2,
            "a rule is named by its category and name: `rule: category/name`",
        ),
        (
            fault.rule.is_empty() != fault.unfound.is_empty(),
            "name the rule that finds it, or say why none does: `rule: none: reason`",
        ),
        (!fault.explanation.is_empty(), "explain below its keys, after an empty line, why it is wrong"),
        (!fault.places.is_empty(), "mark the line where it is: `// fault id`"),
        (!fault.hints.is_empty(), "give at least one hint: `hint: text`"),
    ];
    checks.into_iter().filter(|(is_so, _)| !is_so).map(|(_, message)| message).collect()
}

fn is_line(line: u32, lines: usize) -> bool {
    (1..=lines).contains(&(line as usize))
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.contains('\\')
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}
