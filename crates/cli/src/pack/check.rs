//! Whether an exercise is what it says: faults are found where they are marked, and the repaired version has none.

use std::fmt;

use gopeer_engine::Session;
use gopeer_engine::protocol::{FileText, Finding, Review, Severity};
use gopeer_pack::{Fault, Problem, Source, Text};

use crate::counted;

/// From here on a finding must be a planted fault, and may not be in the repaired version. A hint of low severity is worth a thought,
/// and no learner has to think of it.
const LEAST: Severity = Severity::Medium;

/// What was checked.
#[derive(Default)]
pub struct Counts {
    exercises: usize,
    found: usize,
    explained: usize,
    missed: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let exercises = counted(self.exercises, "exercise");
        let faults = counted(self.found + self.explained + self.missed, "fault");
        write!(
            f,
            "{exercises} with {faults}: {} found by rules, {} explained by the author",
            self.found, self.explained
        )?;
        if self.missed == 0 { Ok(()) } else { write!(f, ", {} missed", self.missed) }
    }
}

/// What is not true of an exercise, in the eyes of this reviewer.
pub fn exercise(source: &Source, persona: &str, counts: &mut Counts) -> Result<Vec<Problem>, String> {
    let mut session = Session::new();
    let faulty = review(&mut session, &source.faulty, persona)?;
    let mut problems = Vec::new();
    counts.exercises += 1;
    for fault in &source.exercise.faults {
        if fault.rule.is_empty() {
            counts.explained += 1;
        } else if faulty.findings.iter().any(|finding| finding.rule == fault.rule && is_at(fault, finding)) {
            counts.found += 1;
        } else {
            counts.missed += 1;
            let line = source.headings.get(&fault.id).copied().unwrap_or(1);
            problems.push(Problem { line, message: missed(&session, fault) });
        }
    }
    for finding in faulty.findings.iter().filter(|finding| finding.severity >= LEAST) {
        let mut here = source.exercise.faults.iter().filter(|fault| is_at(fault, finding));
        if !here.any(|fault| !fault.rule.is_empty()) {
            let what = "a finding that no fault names";
            problems.push(at(&source.faulty, finding, what));
        }
    }
    let repaired = review(&mut session, &source.repaired, persona)?;
    let left = repaired.findings.iter().filter(|finding| finding.severity >= LEAST);
    problems.extend(left.map(|finding| at(&source.repaired, finding, "a finding in the repaired version")));
    problems.sort_by_key(|problem| problem.line);
    Ok(problems)
}

fn review(session: &mut Session, texts: &[Text], persona: &str) -> Result<Review, String> {
    let file = |text: &Text| FileText { name: text.file.name.clone(), text: text.file.text.clone() };
    session.open(texts.iter().map(file).collect());
    session.review(persona).map_err(|refusal| refusal.to_string())
}

fn missed(session: &Session, fault: &Fault) -> String {
    let Fault { id, rule, .. } = fault;
    if !session.rule_ids().contains(&rule.as_str()) {
        return format!("there is no rule {rule}; `gopeer rules` lists them");
    }
    format!("{rule} finds nothing on the lines of `{id}`; if no rule can find it, write `rule: none: reason`")
}

/// Whether a finding is on one of the lines that count as the fault. One finding may have several places with one cause, and where its
/// evidence leads through another function, the last step is where the harm is done.
fn is_at(fault: &Fault, finding: &Finding) -> bool {
    let end = finding.steps.last().map(|step| &step.place);
    let mut lines = std::iter::once(&finding.place).chain(&finding.also).chain(end);
    lines.any(|place| fault.is_at(&place.file, place.range.line))
}

fn at(texts: &[Text], finding: &Finding, what: &str) -> Problem {
    let text = texts.iter().find(|text| text.file.name == finding.place.file);
    let line = text.map_or(1, |text| text.source(finding.place.range.line));
    Problem { line, message: format!("{what}: {} ({})", finding.message, finding.rule) }
}
