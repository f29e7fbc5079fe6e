//! The sources of a pack: a txtar file for each exercise, and `pack.md`.

use std::collections::BTreeMap;

use crate::archive::{self, Entry};
use crate::concern::is_concern;
use crate::header::{self, Problem, Section, problem};
use crate::marks::{self, Line, Mark, Step};
use crate::model::{Exercise, FORMAT, Fault, File, Pack, Place, Remark};
use crate::valid;

/// An exercise, and where its lines are in the source.
#[derive(Debug)]
pub struct Source {
    /// The exercise.
    pub exercise: Exercise,
    /// Its files as the learner sees them.
    pub faulty: Vec<Text>,
    /// All files of the repaired version.
    pub repaired: Vec<Text>,
    /// The line in the source of the heading of each fault, by the fault's id.
    pub headings: BTreeMap<String, u32>,
}

/// A file without marks.
#[derive(Debug)]
pub struct Text {
    /// Its name and text.
    pub file: File,
    /// The number in the source of each of its lines.
    pub lines: Vec<u32>,
}

impl Text {
    fn of(name: &str, lines: &[Line], wanted: fn(&Line) -> bool) -> Text {
        let lines = || lines.iter().filter(|line| wanted(line));
        let text = lines().map(|line| format!("{}\n", line.code)).collect();
        Text { file: File { name: name.to_owned(), text }, lines: lines().map(|line| line.number).collect() }
    }

    /// The line in the source of a line of the file; the first where there is none.
    pub fn source(&self, line: u32) -> u32 {
        let at = line.checked_sub(1).and_then(|at| self.lines.get(at as usize));
        at.or(self.lines.first()).copied().unwrap_or(1)
    }
}

/// Reads the source of an exercise. `id` names it within its pack.
pub fn read(id: &str, text: &str) -> Result<Source, Vec<Problem>> {
    let (comment, entries) = archive::parse(text);
    let (head, sections) = header::parse(&comment).map_err(|problem| vec![problem])?;
    let mut problems = head.strangers(&[]);
    let mut reader = Reader { faults: Vec::new(), headings: BTreeMap::new(), right: Vec::new(), problems: Vec::new() };
    for section in &sections {
        reader.heading(section);
    }
    let (mut faulty, mut repaired) = (Vec::new(), Vec::new());
    for entry in &entries {
        let lines = reader.file(entry);
        faulty.push(Text::of(entry.name, &lines, |line| line.faulty));
        repaired.push(Text::of(entry.name, &lines, |line| line.repaired));
    }
    // A file all of whose lines are of one version is not in the other.
    faulty.retain(|text| !text.lines.is_empty());
    repaired.retain(|text| !text.lines.is_empty());
    problems.append(&mut reader.problems);
    let files: Vec<File> = faulty.iter().map(|text| text.file.clone()).collect();
    let changed = repaired.iter().map(|text| &text.file).filter(|file| !files.contains(file)).cloned().collect();
    let exercise = Exercise {
        id: id.to_owned(),
        title: head.title.to_owned(),
        story: head.text.trim().to_owned(),
        files,
        repaired: changed,
        faults: reader.finished(),
        right: reader.right,
    };
    let headings = reader.headings;
    let at = |fault: &str| headings.get(fault).copied().unwrap_or(head.line);
    problems.extend(valid::exercise(&exercise).into_iter().map(|(fault, message)| problem(at(&fault), message)));
    problems.sort_by_key(|problem| problem.line);
    if problems.is_empty() { Ok(Source { exercise, faulty, repaired, headings }) } else { Err(problems) }
}

/// Reads `pack.md`: a pack without exercises.
pub fn read_pack(id: &str, text: &str) -> Result<Pack, Vec<Problem>> {
    let lines: Vec<(u32, &str)> = (1..).zip(text.lines()).collect();
    let (head, faults) = header::parse(&lines).map_err(|problem| vec![problem])?;
    let mut problems = head.strangers(&["persona"]);
    problems.extend(faults.first().map(|section| problem(section.line, "faults belong in the files of exercises")));
    let persona = head.values("persona").last().map(|(_, persona)| persona.to_owned());
    if persona.is_none() {
        problems.push(problem(head.line, "say below the title who reviews: `persona: senior`"));
    }
    let pack = Pack {
        format: FORMAT,
        id: id.to_owned(),
        title: head.title.to_owned(),
        persona: persona.unwrap_or_default(),
        about: head.text.trim().to_owned(),
        exercises: Vec::new(),
    };
    if problems.is_empty() { Ok(pack) } else { Err(problems) }
}

struct Reader {
    /// Each fault with the numbered steps of its path.
    faults: Vec<(Fault, Vec<(u32, Remark)>)>,
    headings: BTreeMap<String, u32>,
    right: Vec<Remark>,
    problems: Vec<Problem>,
}

impl Reader {
    fn heading(&mut self, section: &Section) {
        let Some((id, title)) = section.title.split_once(':') else {
            return self.problems.push(problem(section.line, "a fault begins with `## id: What is wrong`"));
        };
        self.problems.extend(section.strangers(&["concern", "rule", "hint"]));
        let concerns =
            section.values("concern").flat_map(|(line, list)| list.split(',').map(move |id| (line, id.trim())));
        let concerns: Vec<(u32, &str)> = concerns.collect();
        let strange = concerns.iter().filter(|(_, id)| !is_concern(id));
        self.problems.extend(strange.map(|(line, id)| problem(*line, format!("there is no concern `{id}`"))));
        let rule = section.values("rule").last();
        if rule.is_none() {
            let message =
                "name the rule that finds it, `rule: category/name`, or say why none does: `rule: none: reason`";
            self.problems.push(problem(section.line, message));
        }
        let rule = rule.map_or("", |(_, rule)| rule);
        let unfound = rule.strip_prefix("none").map(|reason| reason.trim_start_matches(':').trim());
        let fault = Fault {
            id: id.trim().to_owned(),
            title: title.trim().to_owned(),
            concerns: concerns.into_iter().map(|(_, id)| id.to_owned()).collect(),
            rule: if unfound.is_some() { String::new() } else { rule.to_owned() },
            unfound: unfound.unwrap_or_default().to_owned(),
            explanation: section.text.trim().to_owned(),
            places: Vec::new(),
            path: Vec::new(),
            hints: section.values("hint").map(|(_, hint)| hint.to_owned()).collect(),
        };
        if self.headings.insert(fault.id.clone(), section.line).is_some() {
            self.problems.push(problem(section.line, format!("there are two faults `{}`", fault.id)));
        }
        self.faults.push((fault, Vec::new()));
    }

    fn file<'t>(&mut self, entry: &Entry<'t>) -> Vec<Line<'t>> {
        let sigil = marks::sigil(entry.name);
        let mut lines = Vec::new();
        let mut number = 0;
        for &(source, line) in &entry.lines {
            match marks::read(source, line, sigil) {
                Ok(line) => {
                    number += u32::from(line.faulty);
                    for mark in &line.marks {
                        self.mark(mark, source, Place { file: entry.name.to_owned(), line: number });
                    }
                    lines.push(line);
                }
                Err(problem) => self.problems.push(problem),
            }
        }
        lines
    }

    fn mark(&mut self, mark: &Mark, source: u32, Place { file, line }: Place) {
        let (step, is_fault) = match mark {
            Mark::Right(text) => return self.right.push(Remark { file, line, text: (*text).to_owned() }),
            Mark::Fault(step) => (step, true),
            Mark::Step(step) => (step, false),
        };
        let Step { fault, place, text } = step;
        let Some((known, path)) = self.faults.iter_mut().find(|(known, _)| known.id == *fault) else {
            let message =
                format!("there is no fault `{fault}`; describe it above the files: `## {fault}: What is wrong`");
            return self.problems.push(problem(source, message));
        };
        if is_fault {
            known.places.push(Place { file: file.clone(), line });
        }
        if !text.is_empty() {
            path.push((*place, Remark { file, line, text: (*text).to_owned() }));
        }
    }

    fn finished(&mut self) -> Vec<Fault> {
        let finished = |(mut fault, mut path): (Fault, Vec<(u32, Remark)>)| {
            path.sort_by_key(|(place, _)| *place);
            fault.path = path.into_iter().map(|(_, step)| step).collect();
            fault
        };
        std::mem::take(&mut self.faults).into_iter().map(finished).collect()
    }
}
