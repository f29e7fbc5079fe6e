//! The answers of learners, put together in one table for their trainer.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::concern::CONCERNS;
use crate::model::{Exercise, FORMAT, Fault, Pack};
use crate::score::{Mark, Score, score};

/// What one learner hands in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Answers {
    /// The version of the format, that of packs.
    pub format: u32,
    /// The pack's id.
    pub pack: String,
    /// Who it is: chosen by chance when the learner begins, so that the same person is recognized under a corrected name.
    pub id: String,
    /// The name that the learner has given.
    pub learner: String,
    /// When it was handed in, in milliseconds since 1970: the newer of two replaces the older.
    pub at: u64,
    /// By the id of the exercise.
    pub exercises: BTreeMap<String, Answer>,
}

/// The answer to an exercise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Answer {
    /// What was marked at each check, before the answers were shown. The last one counts.
    pub tries: Vec<Try>,
}

/// What was marked when the learner checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Try {
    /// The marks.
    pub marks: Vec<Mark>,
    /// How many hints had been taken by then.
    pub hints: u32,
}

/// What many learners have found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The names of the columns: exercise, fault, how many found it, and each learner.
    pub head: Vec<String>,
    /// A row for the whole pack, then one for each exercise with the scores, followed by one for each of its faults.
    pub rows: Vec<Vec<String>>,
    /// For each row what learners have marked, and why: for a fault the marks on its lines, for an exercise those where nothing is wrong.
    pub why: Vec<Vec<Why>>,
    /// What was left out, and why: one sentence each.
    pub skipped: Vec<String>,
}

/// A mark, and who has made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The learner, as in the head of the table.
    pub learner: String,
    /// Name of the file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is threatened there, in words.
    pub concern: String,
    /// Why, in the learner's words; may be empty.
    pub text: String,
}

impl Why {
    /// All of it on one line.
    fn line(&self) -> String {
        let Why { learner, file, line, concern, text } = self;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let colon = if text.is_empty() { "" } else { ": " };
        format!("{learner}, {file}:{line}, {concern}{colon}{text}")
    }
}

/// Puts answers together. Each comes with the name of the file or link that it was in. What cannot be read is named and skipped, and of
/// several answers of one learner the newest counts.
pub fn merge(pack: &Pack, texts: &[(String, String)]) -> Table {
    let mut table = Table::default();
    let mut newest: BTreeMap<String, Answers> = BTreeMap::new();
    for (name, text) in texts {
        match read(pack, text) {
            Err(why) => table.skipped.push(format!("{name}: {why}.")),
            Ok(answers) => match newest.get(&answers.id) {
                Some(known) if *known == answers => {
                    table.skipped.push(format!("{name}: {} has handed this in already.", answers.learner));
                }
                Some(known) if known.at >= answers.at => {
                    table.skipped.push(format!("{name}: there is a newer answer of {}.", answers.learner));
                }
                older => {
                    if older.is_some() {
                        table.skipped.push(format!("{name} replaces an older answer of {}.", answers.learner));
                    }
                    newest.insert(answers.id.clone(), answers);
                }
            },
        }
    }
    let mut learners: Vec<Answers> = newest.into_values().collect();
    learners.sort_by(|a, b| (&a.learner, &a.id).cmp(&(&b.learner, &b.id)));
    let names = names(&learners);
    table.rows.push(totals(pack, &learners));
    table.why.push(Vec::new());
    for exercise in &pack.exercises {
        table.rows.extend(rows(exercise, &learners));
        table.why.extend(whys(exercise, &learners, &names));
    }
    table.head = ["Exercise", "Fault", "Found by"].map(str::to_owned).into_iter().chain(names).collect();
    table
}

/// The row for the whole pack: of how many faults each learner has found how many, and what was reached on average, where an exercise
/// that was not tried counts nothing.
fn totals(pack: &Pack, learners: &[Answers]) -> Vec<String> {
    let all: usize = pack.exercises.iter().map(|exercise| exercise.faults.len()).sum();
    let total = |learner: &Answers| {
        let scores = pack.exercises.iter().filter_map(|exercise| Some(last(exercise, learner)?.1));
        let (found, percent) = scores.fold((0, 0), |(found, percent), score| {
            let hit = score.faults.iter().filter(|outcome| !outcome.marks.is_empty()).count();
            (found + hit, percent + score.percent as usize)
        });
        format!("{} %, {found} of {all} faults", percent.checked_div(pack.exercises.len()).unwrap_or(0))
    };
    let tried = |learner: &&Answers| pack.exercises.iter().any(|exercise| last(exercise, learner).is_some());
    let some = learners.iter().filter(tried).count();
    let mut row = vec!["All exercises".to_owned(), String::new(), format!("{some} of {} tried", learners.len())];
    row.extend(learners.iter().map(total));
    row
}

/// The last try of a learner, and its score.
fn last<'a>(exercise: &Exercise, learner: &'a Answers) -> Option<(&'a Try, Score)> {
    let last = learner.exercises.get(&exercise.id)?.tries.last()?;
    Some((last, score(exercise, &last.marks)))
}

fn read(pack: &Pack, text: &str) -> Result<Answers, String> {
    let answers: Answers = serde_json::from_str(text).map_err(|_| "this is no answer, or it is damaged".to_owned())?;
    if answers.format != FORMAT {
        return Err(format!("this answer has format {}, and this page reads {FORMAT}", answers.format));
    }
    if answers.pack != pack.id {
        return Err(format!("this is an answer to another pack, {}", answers.pack));
    }
    Ok(answers)
}

/// The names, with a number where two learners have the same.
fn names(learners: &[Answers]) -> Vec<String> {
    let mut used = BTreeSet::new();
    let unique = |answers: &Answers| {
        let name = if answers.learner.trim().is_empty() { "nameless" } else { answers.learner.trim() };
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| used.insert(name.clone()));
        free.unwrap_or_default()
    };
    learners.iter().map(unique).collect()
}

fn rows(exercise: &Exercise, learners: &[Answers]) -> Vec<Vec<String>> {
    let tries: Vec<Option<(&Try, Score)>> = learners.iter().map(|learner| last(exercise, learner)).collect();
    let scored = |(last, score): &(&Try, Score)| {
        let hints = if last.hints == 0 { String::new() } else { format!(", hints: {}", last.hints) };
        let alarms = score.false_alarms.len();
        let alarms = if alarms == 0 { String::new() } else { format!(", false alarms: {alarms}") };
        format!("{} %{alarms}{hints}", score.percent)
    };
    let tried = tries.iter().flatten().count();
    let mut first = vec![exercise.title.clone(), String::new(), format!("{tried} of {} tried", learners.len())];
    first.extend(tries.iter().map(|one| one.as_ref().map(scored).unwrap_or_default()));
    let faults = exercise.faults.iter().enumerate().map(|(at, fault)| row(exercise, fault, at, &tries, tried));
    std::iter::once(first).chain(faults).collect()
}

fn row(exercise: &Exercise, fault: &Fault, at: usize, tries: &[Option<(&Try, Score)>], tried: usize) -> Vec<String> {
    let outcome = |(_, score): &(&Try, Score)| match &score.faults[at] {
        outcome if outcome.named => "found",
        outcome if !outcome.marks.is_empty() => "other concern",
        _ => "missed",
    };
    let outcomes: Vec<&str> = tries.iter().map(|one| one.as_ref().map_or("", outcome)).collect();
    let found = outcomes.iter().filter(|outcome| matches!(**outcome, "found" | "other concern")).count();
    let found = if tried == 0 { String::new() } else { format!("{found} of {tried}") };
    let mut row = vec![exercise.title.clone(), fault.title.clone(), found];
    row.extend(outcomes.into_iter().map(str::to_owned));
    row
}

/// For each row of an exercise what was marked.
fn whys(exercise: &Exercise, learners: &[Answers], names: &[String]) -> Vec<Vec<Why>> {
    let mut all = vec![Vec::new(); exercise.faults.len() + 1];
    for (learner, name) in learners.iter().zip(names) {
        let Some((last, score)) = last(exercise, learner) else { continue };
        let why = |at: usize| {
            let Mark { file, line, concern, text } = last.marks.get(at)?.clone();
            let known = CONCERNS.iter().find(|(id, _)| *id == concern);
            let concern = known.map_or(concern.clone(), |(_, words)| (*words).to_owned());
            Some(Why { learner: name.clone(), file, line, concern, text })
        };
        let alarms = score.false_alarms.iter().map(|alarm| alarm.mark).collect();
        let of_rows = std::iter::once(alarms).chain(score.faults.into_iter().map(|outcome| outcome.marks));
        all.iter_mut()
            .zip(of_rows)
            .for_each(|(row, marks): (_, Vec<usize>)| row.extend(marks.into_iter().filter_map(why)));
    }
    all
}

impl Table {
    /// The table for a spreadsheet, with what learners wrote in one column more. What would be a formula there is made text.
    pub fn csv(&self) -> String {
        let cell = |text: &String| {
            let text =
                if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.clone() };
            format!("\"{}\"", text.replace('"', "\"\""))
        };
        let whys = self.why.iter().map(|row| row.iter().map(Why::line).collect::<Vec<_>>().join("\n"));
        let last = std::iter::once("Why".to_owned()).chain(whys);
        let line = |(row, last): (&Vec<String>, String)| {
            row.iter().chain([&last]).map(cell).collect::<Vec<_>>().join(",") + "\r\n"
        };
        self.lines().zip(last).map(line).collect()
    }

    /// The table in Markdown, and what learners wrote as a list.
    pub fn markdown(&self) -> String {
        const SPECIAL: &str = "\\|*_[]<>#`";
        let escaped = |c: char| if SPECIAL.contains(c) { format!("\\{c}") } else { c.to_string() };
        let cell = |text: &String| text.replace(['\n', '\r'], " ").chars().map(escaped).collect::<String>();
        let line = |row: &Vec<String>| format!("| {} |\n", row.iter().map(cell).collect::<Vec<_>>().join(" | "));
        let rule = format!("|{}\n", " --- |".repeat(self.head.len()));
        let mut lines = self.lines().map(line);
        let table = lines.next().unwrap_or_default() + &rule + &lines.collect::<String>();
        let marked = self.rows.iter().zip(&self.why).filter(|(_, why)| !why.is_empty());
        let list = marked.map(|(row, why)| {
            let about = if row[1].is_empty() { "marked where nothing is wrong" } else { &row[1] };
            let why = why.iter().map(|why| format!("  - {}\n", cell(&why.line()))).collect::<String>();
            format!("- {}: {}\n{why}", cell(&row[0]), cell(&about.to_owned()))
        });
        let list: String = list.collect();
        if list.is_empty() { table } else { format!("{table}\n{list}") }
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.head).chain(&self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> Pack {
        let source = "# T\n\nS.\n\n## a: One\nconcern: race\nrule: none: no\nhint: h\n\nWhy.\n\n## b: Two\nconcern: leak\nrule: none: no\nhint: h\n\nWhy.\n\n-- a.go --\npackage a\nvar a = 1 // fault a //-\nvar b = 2 // fault b\nvar c = 3 // right: yes\n";
        let exercises = vec![crate::read("x", source).expect("it is right").exercise];
        Pack { exercises, ..crate::read_pack("p", "# P\npersona: senior\n\nAbout.\n").expect("it is right") }
    }

    fn answer(id: &str, learner: &str, at: u64, marks: &[(u32, &str)]) -> String {
        let mark = |(line, concern): &(u32, &str)| {
            format!(r#"{{"file":"a.go","line":{line},"concern":"{concern}","text":"t"}}"#)
        };
        let marks: Vec<String> = marks.iter().map(mark).collect();
        let tries = format!(r#"[{{"marks":[],"hints":0}},{{"marks":[{}],"hints":1,"percent":100}}]"#, marks.join(","));
        format!(
            r#"{{"format":1,"kind":"gopeer-answers","pack":"p","id":"{id}","learner":"{learner}","at":{at},"exercises":{{"x":{{"tries":{tries},"shown":true}}}}}}"#
        )
    }

    fn merged(texts: &[String]) -> Table {
        let texts: Vec<_> = (1..).zip(texts).map(|(at, text)| (format!("answer {at}"), text.clone())).collect();
        merge(&pack(), &texts)
    }

    #[test]
    fn who_missed_what() {
        let table =
            merged(&[answer("2", "Ben", 5, &[(2, "leak"), (4, "race")]), answer("1", "Anna", 5, &[(3, "leak")])]);
        assert_eq!(table.head, ["Exercise", "Fault", "Found by", "Anna", "Ben"]);
        let rows = [
            ["All exercises", "", "2 of 2 tried", "50 %, 1 of 2 faults", "0 %, 1 of 2 faults"],
            ["T", "", "2 of 2 tried", "50 %, hints: 1", "0 %, false alarms: 1, hints: 1"],
            ["T", "One", "1 of 2", "missed", "other concern"],
            ["T", "Two", "1 of 2", "found", "missed"],
        ];
        assert_eq!(table.rows, rows);
        assert_eq!(table.skipped, Vec::<String>::new());
        let why = |at: usize| table.why[at].iter().map(Why::line).collect::<Vec<_>>();
        assert_eq!((why(0), table.why.len()), (vec![], rows.len()));
        assert_eq!(why(1), ["Ben, a.go:4, Data race: t"], "where nothing is wrong");
        assert_eq!(why(2), ["Ben, a.go:2, Leak: goroutine, connection, file, timer: t"]);
        assert_eq!(why(3), ["Anna, a.go:3, Leak: goroutine, connection, file, timer: t"]);
    }

    #[test]
    fn the_newest_answer_counts_and_damaged_ones_are_named() {
        let old = answer("1", "Anna", 5, &[]);
        let new = answer("1", "Anna", 6, &[(2, "race")]);
        let texts = [old.clone(), new.clone(), new.clone(), old, new[..90].to_owned(), new.replace("\"p\"", "\"q\"")];
        let table = merged(&texts);
        assert_eq!((table.head.len(), table.rows[2][3].as_str()), (4, "found"));
        let skipped = [
            "answer 2 replaces an older answer of Anna.",
            "answer 3: Anna has handed this in already.",
            "answer 4: there is a newer answer of Anna.",
            "answer 5: this is no answer, or it is damaged.",
            "answer 6: this is an answer to another pack, q.",
        ];
        assert_eq!(table.skipped, skipped);
    }

    #[test]
    fn names_are_text_in_every_format() {
        let table = merged(&[answer("1", "=1+1", 1, &[]), answer("2", "=1+1", 1, &[]), answer("3", "a|<b>", 1, &[])]);
        assert_eq!(table.head[3..], ["=1+1", "=1+1 (2)", "a|<b>"]);
        assert!(
            table
                .csv()
                .starts_with("\"Exercise\",\"Fault\",\"Found by\",\"'=1+1\",\"'=1+1 (2)\",\"a|<b>\",\"Why\"\r\n")
        );
        let markdown = table.markdown();
        assert!(
            markdown
                .starts_with("| Exercise | Fault | Found by | =1+1 | =1+1 (2) | a\\|\\<b\\> |\n| --- | --- | --- |")
        );
        assert_eq!(markdown.lines().count(), 6);
    }

    #[test]
    fn what_learners_wrote_is_text_in_every_format() {
        let said = answer("1", "=Ann", 1, &[(2, "race")]).replace("\"t\"", r#""a \"b\"\n`<i>` | c""#);
        let table = merged(&[said]);
        let csv = table.csv();
        assert!(csv.contains(",\"found\",\"'=Ann, a.go:2, Data race: a \"\"b\"\" `<i>` | c\"\r\n"), "{csv}");
        assert!(csv.lines().all(|line| line.starts_with('"')), "a row for each line: {csv}");
        let markdown = table.markdown();
        let list = "\n\n- T: One\n  - =Ann, a.go:2, Data race: a \"b\" \\`\\<i\\>\\` \\| c\n";
        assert!(markdown.ends_with(list), "{markdown}");
    }
}
