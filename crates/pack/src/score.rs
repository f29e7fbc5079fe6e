//! The score of what a learner has marked.
//!
//! A fault that is named by a fitting concern counts 2, by another concern 1, and a false alarm takes 1 away. What is left, but at least
//! nothing, is compared with 2 for each fault. A guess pays only if it is right more often than every other or third time, and whoever marks
//! every line has nothing. Marks on a fault that another mark has hit count neither way.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{Exercise, Fault};

/// For a fault that is hit, with the right concern.
const NAMED: u32 = 2;
/// For a fault that is hit, with another concern.
const HIT: u32 = 1;
/// What a false alarm takes away.
const FALSE_ALARM: u32 = 1;

/// What a learner has marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Name of the file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is threatened there: the id of a concern.
    pub concern: String,
    /// Why, in the learner's words; may be empty, and does not count.
    #[serde(default)]
    pub text: String,
}

/// How the marks fit the faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// What was reached, in percent.
    pub percent: u32,
    /// For each fault of the exercise, in order.
    pub faults: Vec<Outcome>,
    /// Marks where nothing is wrong.
    pub false_alarms: Vec<FalseAlarm>,
}

/// What became of a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Which marks are on its lines, as places in the list of marks. It is missed if there are none.
    pub marks: Vec<usize>,
    /// Whether one of them names a fitting concern.
    pub named: bool,
}

/// A mark where nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FalseAlarm {
    /// Its place in the list of marks.
    pub mark: usize,
    /// Why the line is right, where the author says it; otherwise empty.
    pub right: String,
}

/// Compares marks with the faults of an exercise.
pub fn score(exercise: &Exercise, marks: &[Mark]) -> Score {
    let mut faults = vec![Outcome::default(); exercise.faults.len()];
    let mut false_alarms = Vec::new();
    // Marks that fit a fault's concern first: where two faults share a line, the concern decides.
    let fits = |mark: &Mark| exercise.faults.iter().any(|fault| is_at(fault, mark) && is_named(fault, mark));
    let (named, others): (Vec<usize>, Vec<usize>) = (0..marks.len()).partition(|&at| fits(&marks[at]));
    for at in named.into_iter().chain(others) {
        let mark = &marks[at];
        let here = || (0..faults.len()).filter(|&place| is_at(&exercise.faults[place], mark));
        // The fault that it names, or one that no mark has hit, or one that was hit before.
        let best =
            here().min_by_key(|&place| (!is_named(&exercise.faults[place], mark), !faults[place].marks.is_empty()));
        match best {
            Some(place) => {
                faults[place].marks.push(at);
                faults[place].named |= is_named(&exercise.faults[place], mark);
            }
            None => false_alarms.push(at),
        }
    }
    false_alarms.sort_unstable();
    let lines: BTreeSet<_> = false_alarms.iter().map(|&at| (&marks[at].file, marks[at].line)).collect();
    let percent = percent(&faults, lines.len() as u32);
    let right = |mark: &Mark| exercise.right.iter().find(|right| right.file == mark.file && right.line == mark.line);
    let reason = |mark: &Mark| right(mark).map(|right| right.text.clone()).unwrap_or_default();
    let false_alarms = false_alarms.into_iter().map(|mark| FalseAlarm { mark, right: reason(&marks[mark]) }).collect();
    Score { percent, faults, false_alarms }
}

fn percent(faults: &[Outcome], false_alarms: u32) -> u32 {
    let points = |outcome: &Outcome| match outcome {
        outcome if outcome.named => NAMED,
        outcome if !outcome.marks.is_empty() => HIT,
        _ => 0,
    };
    let reached: u32 = faults.iter().map(points).sum();
    let all = NAMED * faults.len() as u32;
    (reached.saturating_sub(false_alarms * FALSE_ALARM) * 100).checked_div(all).unwrap_or(0)
}

fn is_at(fault: &Fault, mark: &Mark) -> bool {
    fault.is_at(&mark.file, mark.line)
}

fn is_named(fault: &Fault, mark: &Mark) -> bool {
    is_at(fault, mark) && fault.concerns.contains(&mark.concern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    const SOURCE: &str = "# T\n\nStory.\n\n## a: One\nconcern: race\nrule: none: no\nhint: h\n\nWhy.\n\n## b: Two\nconcern: leak, latency\nrule: none: no\nhint: h\n\nWhy.\n\n-- a.go --\npackage a // step b 1: it begins\nvar a = 1 // fault a //-\nvar b = 2 // fault b 2: it ends // fault a\nvar c = 3 // right: it is\nvar d = 4\nvar e = 5\n//+ var f = 6\n";

    fn exercise() -> Exercise {
        read("x", SOURCE).expect("it is right").exercise
    }

    fn marks(list: &[(u32, &str)]) -> Vec<Mark> {
        list.iter()
            .map(|&(line, concern)| Mark { file: "a.go".into(), line, concern: concern.into(), text: String::new() })
            .collect()
    }

    fn percent(list: &[(u32, &str)]) -> u32 {
        score(&exercise(), &marks(list)).percent
    }

    #[test]
    fn what_is_named_counts_twice() {
        assert_eq!(percent(&[]), 0);
        assert_eq!(percent(&[(2, "race")]), 50);
        assert_eq!(percent(&[(2, "api")]), 25);
        assert_eq!(percent(&[(2, "api"), (2, "race")]), 50);
        assert_eq!(percent(&[(2, "race"), (1, "latency")]), 100, "a step of the path is a hit");
        assert_eq!(percent(&[(3, "leak"), (3, "race")]), 100, "two faults on one line");
    }

    #[test]
    fn false_alarms_take_away_and_are_explained() {
        let score = score(&exercise(), &marks(&[(2, "race"), (4, "api"), (5, "api"), (5, "docs")]));
        assert_eq!(score.percent, 0, "one fault named, two lines marked that are right");
        let right: Vec<_> = score.false_alarms.iter().map(|alarm| (alarm.mark, alarm.right.as_str())).collect();
        assert_eq!(right, [(1, "it is"), (2, ""), (3, "")]);
    }

    #[test]
    fn marking_everything_does_not_pay() {
        let mut source = SOURCE.to_owned();
        (0..60).for_each(|line| source.push_str(&format!("var x{line} = 1\n")));
        let exercise = read("x", &source).expect("it is right").exercise;
        for (concern, _) in crate::CONCERNS {
            let all: Vec<_> = (1..=66).map(|line| (line, *concern)).collect();
            assert_eq!(score(&exercise, &marks(&all)).percent, 0, "{concern}");
        }
    }

    #[test]
    fn a_mark_where_nothing_is_wrong_never_helps() {
        for before in [&[][..], &[(2, "race")], &[(2, "api"), (3, "leak")], &[(4, "race")]] {
            for line in [4, 5, 6] {
                let after: Vec<_> = before.iter().copied().chain([(line, "leak")]).collect();
                assert!(percent(&after) <= percent(before), "{before:?} and line {line}");
            }
        }
    }
}
