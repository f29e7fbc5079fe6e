//! Marks in the comments of a program, taken out of it.
//!
//! ```text
//! code() // fault ID
//! code() // fault ID 2: what happens here   also the second step of the path
//! code() // step ID 1: what happens here    a step of the path
//! code() // right: why this is right
//! code() //-                                not in the repaired version
//! //+ code()                                only in the repaired version
//! ```

use crate::header::{Problem, problem};

/// One line of a program.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// Its number in the source, from 1.
    pub number: u32,
    /// The line without its marks.
    pub code: &'t str,
    /// Whether the faulty version has it.
    pub faulty: bool,
    /// Whether the repaired version has it.
    pub repaired: bool,
    /// The marks.
    pub marks: Vec<Mark<'t>>,
}

/// What is said about a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Mark<'t> {
    /// A fault is here.
    Fault(Step<'t>),
    /// The fault's path comes along here.
    Step(Step<'t>),
    /// It looks wrong and is right.
    Right(&'t str),
}

/// The place of a fault.
#[derive(Debug, PartialEq, Eq)]
pub struct Step<'t> {
    /// The fault's id.
    pub fault: &'t str,
    /// The place in the path; 0 if none is given.
    pub place: u32,
    /// What happens; empty if nothing is said.
    pub text: &'t str,
}

/// How a line comment begins in a file of this name.
pub fn sigil(name: &str) -> &'static str {
    let base = name.rsplit('/').next().unwrap_or(name);
    match base.rsplit('.').next().unwrap_or(base) {
        "go" | "mod" | "proto" => "//",
        "sql" => "--",
        _ => "#",
    }
}

/// Reads a line of the source.
pub fn read<'t>(number: u32, line: &'t str, sigil: &str) -> Result<Line<'t>, Problem> {
    if let Some(added) = line.trim_start().strip_prefix(sigil).and_then(|rest| rest.strip_prefix('+')) {
        let code = added.strip_prefix(' ').unwrap_or(added);
        return Ok(Line { number, code, faulty: false, repaired: true, marks: Vec::new() });
    }
    let removed = line.trim_end().strip_suffix('-').and_then(|rest| rest.strip_suffix(sigil));
    let removed = removed.filter(|rest| rest.is_empty() || rest.ends_with([' ', '\t']));
    let line = removed.unwrap_or(line);
    let separator = format!(" {sigil} ");
    let (code, comment) = split(line, &separator);
    let marks = comment.into_iter().flat_map(|comment| comment.split(separator.as_str()));
    let marks = marks.map(|text| mark(number, text.trim())).collect::<Result<_, _>>()?;
    let code = if removed.is_some() || comment.is_some() { code.trim_end() } else { code };
    Ok(Line { number, code, faulty: true, repaired: removed.is_none(), marks })
}

/// The code, and the comment in which marks begin.
fn split<'t>(line: &'t str, separator: &str) -> (&'t str, Option<&'t str>) {
    let starts = line.match_indices(separator).map(|(at, _)| (at, &line[at + separator.len()..]));
    let mut marked = starts.filter(|(_, rest)| ["fault ", "step ", "right:"].iter().any(|word| rest.starts_with(word)));
    marked.next().map_or((line, None), |(at, rest)| (&line[..at], Some(rest)))
}

fn mark(number: u32, text: &str) -> Result<Mark<'_>, Problem> {
    if let Some(reason) = text.strip_prefix("right:") {
        let reason = reason.trim();
        let empty = || problem(number, "say why this is right: `right: reason`");
        return if reason.is_empty() { Err(empty()) } else { Ok(Mark::Right(reason)) };
    }
    if let Some(text) = text.strip_prefix("fault ") {
        return Ok(Mark::Fault(step(text)));
    }
    let unknown = || {
        problem(
            number,
            format!("`{text}` is not a mark; the marks are `fault ID`, `step ID N: text` and `right: reason`"),
        )
    };
    let step = step(text.strip_prefix("step ").ok_or_else(unknown)?);
    let empty = || problem(number, format!("say what happens here: `step {} 1: text`", step.fault));
    if step.text.is_empty() { Err(empty()) } else { Ok(Mark::Step(step)) }
}

fn step(text: &str) -> Step<'_> {
    let (name, text) = text.split_once(':').unwrap_or((text, ""));
    let (fault, place) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
    match place.trim().parse() {
        Ok(place) => Step { fault, place, text: text.trim() },
        // Then the whole is no known fault, and is reported as that.
        Err(_) if !place.trim().is_empty() => Step { fault: name.trim(), place: 0, text: text.trim() },
        Err(_) => Step { fault, place: 0, text: text.trim() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_leave_the_code() {
        let line = read(7, "\tsend(x) // it is sent // fault lost 2: it is gone // right: indeed //-", "//").unwrap();
        assert_eq!((line.code, line.faulty, line.repaired), ("\tsend(x) // it is sent", true, false));
        let step = Step { fault: "lost", place: 2, text: "it is gone" };
        assert_eq!(line.marks, [Mark::Fault(step), Mark::Right("indeed")]);
    }

    #[test]
    fn lines_of_the_repaired_version() {
        let line = read(1, "\t//+ \tsend(ctx, x)", "//").unwrap();
        assert_eq!((line.code, line.faulty, line.repaired), ("\tsend(ctx, x)", false, true));
        let line = read(1, "USER root #-", "#").unwrap();
        assert_eq!((line.code, line.faulty, line.repaired), ("USER root", true, false));
        assert_eq!(read(1, "i-- // x--", "//").unwrap().code, "i-- // x--");
    }

    #[test]
    fn what_is_no_mark_is_a_problem() {
        assert!(read(1, "x() // fault a // strp a 1: text", "//").is_err());
        assert!(read(1, "x() // step a 1", "//").is_err());
        assert!(read(1, "x() // right:", "//").is_err());
    }
}
