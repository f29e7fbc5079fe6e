//! Questions about what code does not show, such as how often a message may take effect. An answer raises, lowers or leaves out the findings
//! that it matters for. Which ones is data: `questions.md`, which the page fetches with the first answer.

use gopeer_lint::Build;

use crate::protocol::{Assumption, SaidBy, Severity};

/// The name of the file that the page fetches.
pub const FILE: &str = "questions.md";
/// The text of the file, for programs that carry it.
pub const TEXT: &str = include_str!("../questions.md");
/// Its headings: which questions and answers there are, without what they do.
pub const HEADINGS: &str = include_str!(concat!(env!("OUT_DIR"), "/questions.md"));
/// The question whose answers are versions of Go: they are no table, rules know what depends on them.
pub(crate) const GO: &str = "go";

/// What a reader answered: ids of a question and of one of its answers.
pub type Answers = [(String, String)];

/// All questions with their answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// In the order of the file.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// What links and the command line call it.
    pub id: String,
    /// Two words for it.
    pub title: String,
    /// Its answers; at most one of them is given.
    pub answers: Vec<Answer>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What links and the command line call it.
    pub id: String,
    /// What the reader says with it.
    pub label: String,
    /// What it makes of findings.
    pub effects: Vec<Effect>,
}

/// What an answer makes of the findings of some rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// In which direction.
    pub turn: Turn,
    /// Ids of the rules.
    pub rules: Vec<String>,
    /// Why, without a full stop.
    pub why: String,
}

/// The directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// One severity higher.
    Raise,
    /// One severity lower.
    Lower,
    /// Not shown.
    Drop,
}

impl Questions {
    /// Reads the file: a heading for each question and, one level lower, for each of its answers, with what it does as a list. Lines of
    /// other kinds are for people.
    pub fn read(text: &str) -> Questions {
        let mut questions: Vec<Question> = Vec::new();
        for line in text.lines() {
            if let Some((id, title)) = heading(line, "# ") {
                questions.push(Question { id, title, answers: Vec::new() });
            } else if let Some((id, label)) = heading(line, "## ")
                && let Some(question) = questions.last_mut()
            {
                question.answers.push(Answer { id, label, effects: Vec::new() });
            } else if let Some(effect) = effect(line)
                && let Some(answer) = questions.last_mut().and_then(|question| question.answers.last_mut())
            {
                answer.effects.push(effect);
            }
        }
        Questions { questions }
    }

    /// An answer written `question=answer`, or what is wrong with it.
    pub fn answer(&self, text: &str) -> Result<(String, String), String> {
        let (asked, said) = text.split_once('=').ok_or("write QUESTION=ANSWER, such as delivery=at-least-once")?;
        self.question(asked)?.answer(said)?;
        Ok((asked.to_owned(), said.to_owned()))
    }

    /// The question of this id, or that there is none.
    pub fn question(&self, id: &str) -> Result<&Question, String> {
        let ids = || self.questions.iter().map(|question| question.id.as_str()).collect::<Vec<_>>().join(", ");
        let found = self.questions.iter().find(|question| question.id == id);
        found.ok_or_else(|| format!("there is no question `{id}`, only {}", ids()))
    }

    /// Those that were given: what the reader `said`, and for other questions what the project says in its `file`; of several to one
    /// question the last. Others are passed over.
    pub(crate) fn given(&self, said: &Answers, file: &Answers) -> Given<'_> {
        let given = self.questions.iter().filter_map(|question| {
            let of = |answers, by| Some((answer_to(answers, &question.id)?, by));
            let (id, by) = of(said, SaidBy::Reader).or_else(|| of(file, SaidBy::Config))?;
            Some((question, question.answer(id).ok()?, by))
        });
        Given(given.collect())
    }
}

impl Question {
    /// Its answer of this id, or that it has none.
    pub fn answer(&self, id: &str) -> Result<&Answer, String> {
        let named = |answer: &Answer| format!("{} ({})", answer.id, answer.label);
        let ids = || self.answers.iter().map(named).collect::<Vec<_>>().join(", ");
        let found = self.answers.iter().find(|answer| answer.id == id);
        found.ok_or_else(|| format!("`{}` has no answer `{id}`, only {}", self.id, ids()))
    }
}

/// `# id: text`
fn heading(line: &str, mark: &str) -> Option<(String, String)> {
    let (id, text) = line.strip_prefix(mark)?.split_once(": ")?;
    Some((id.to_owned(), text.to_owned()))
}

/// `- raise category/name category/name: why`
fn effect(line: &str) -> Option<Effect> {
    let (turn, rest) = line.strip_prefix("- ")?.split_once(' ')?;
    let turn = match turn {
        "raise" => Turn::Raise,
        "lower" => Turn::Lower,
        "drop" => Turn::Drop,
        _ => return None,
    };
    let (rules, why) = rest.split_once(": ")?;
    Some(Effect { turn, rules: rules.split(' ').map(str::to_owned).collect(), why: why.to_owned() })
}

/// The id of the last answer to a question.
fn answer_to<'a>(answers: &'a Answers, question: &str) -> Option<&'a str> {
    let (_, answer) = answers.iter().rfind(|(asked, _)| asked == question)?;
    Some(answer)
}

/// The version of Go that an answer names, for code without a go.mod: that of the reader, or else that of the project.
pub(crate) fn build(said: &Answers, file: &Answers) -> Build {
    let version = answer_to(said, GO).or_else(|| answer_to(file, GO));
    let minor = version.and_then(|version| version.strip_prefix("1.")?.parse().ok());
    Build { go_minor: minor, language: minor, ..Build::default() }
}

/// The version of Go that a go.mod names.
pub(crate) fn from_module(language: u32) -> Assumption {
    Assumption {
        question: GO.to_owned(),
        answer: format!("1.{language}"),
        said: format!("Go 1.{language}"),
        by: SaidBy::Module,
    }
}

/// Answers that were given, each with its question and with who gave it.
#[derive(Default)]
pub(crate) struct Given<'q>(Vec<(&'q Question, &'q Answer, SaidBy)>);

/// What answers make of a finding.
pub(crate) enum Judged {
    /// Nothing.
    AsItIs,
    /// Another severity, and why.
    Moved(Severity, String),
    /// It is not shown, for that reason.
    Dropped(String),
}

impl<'q> Given<'q> {
    /// What a review lists.
    pub(crate) fn assumptions(&self) -> impl Iterator<Item = Assumption> {
        self.0.iter().map(|(question, answer, by)| Assumption {
            question: question.id.clone(),
            answer: answer.id.clone(),
            said: answer.label.clone(),
            by: *by,
        })
    }

    /// What the answers make of a finding of a rule.
    pub(crate) fn judge(&self, rule: &str, severity: Severity) -> Judged {
        const ALL: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
        let effects = || {
            let of = |&(_, answer, by): &(_, &'q Answer, SaidBy)| {
                answer.effects.iter().map(move |effect| (answer, by, effect))
            };
            self.0.iter().flat_map(of).filter(|(_, _, effect)| effect.rules.iter().any(|id| id == rule))
        };
        if let Some((answer, by, effect)) = effects().find(|(_, _, effect)| effect.turn == Turn::Drop) {
            return Judged::Dropped(because(answer, by, effect));
        }
        let up = effects().filter(|(_, _, effect)| effect.turn == Turn::Raise).count();
        let down = effects().count() - up;
        let now = (severity as usize + up).saturating_sub(down).min(ALL.len() - 1);
        let (turn, verb) = if up > down { (Turn::Raise, "raised") } else { (Turn::Lower, "lowered") };
        match ALL.get(now).copied().filter(|now| *now != severity) {
            Some(now) => {
                let why = effects().filter(|(_, _, effect)| effect.turn == turn);
                let why =
                    why.map(|(answer, by, effect)| because(answer, by, effect)).collect::<Vec<_>>().join("; and ");
                Judged::Moved(now, format!("{verb} from {} to {}, because {why}", severity.name(), now.name()))
            }
            None => Judged::AsItIs,
        }
    }
}

fn because(answer: &Answer, by: SaidBy, effect: &Effect) -> String {
    let who = match by {
        SaidBy::Config => ".gopeer.toml says",
        SaidBy::Reader | SaidBy::Module => "you said",
    };
    format!("{who} “{}”: {}", answer.label, effect.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# load: Load\n\nHow much?\n\n## once: runs once\n\n- lower a/b a/c: it ends\n- drop a/d: nobody sees it\n\n\
        # delivery: Delivery\n\n## strict: exactly once\n\n- raise a/b: it counts twice\n- raise a/e: it is lost\n";

    fn answers(given: &[(&str, &str)]) -> Vec<(String, String)> {
        given.iter().map(|(question, answer)| ((*question).to_owned(), (*answer).to_owned())).collect()
    }

    fn judged(given: &[(&str, &str)], rule: &str, severity: Severity) -> String {
        let questions = Questions::read(TEXT);
        match questions.given(&answers(given), &[]).judge(rule, severity) {
            Judged::AsItIs => String::new(),
            Judged::Moved(severity, why) => format!("{}: {why}", severity.name()),
            Judged::Dropped(why) => why,
        }
    }

    #[test]
    fn answers_move_findings_and_say_why() {
        let once = [("load", "once")];
        let low = "low: lowered from medium to low, because you said “runs once”: it ends";
        assert_eq!(judged(&once, "a/b", Severity::Medium), low);
        assert_eq!(judged(&once, "a/d", Severity::High), "you said “runs once”: nobody sees it");
        assert_eq!(judged(&once, "a/c", Severity::Low), "", "there is nothing lower");
        assert_eq!(judged(&once, "a/e", Severity::High), "");
        assert_eq!(judged(&[("delivery", "strict")], "a/e", Severity::Critical), "", "there is nothing higher");
        assert_eq!(judged(&[("load", "never"), ("more", "once")], "a/b", Severity::High), "", "no such answer");
    }

    #[test]
    fn opposite_answers_cancel_out() {
        let both = [("load", "once"), ("delivery", "strict")];
        assert_eq!(judged(&both, "a/b", Severity::Medium), "");
        assert!(judged(&both, "a/e", Severity::High).starts_with("critical: raised"));
    }

    #[test]
    fn the_last_answer_to_a_question_counts() {
        let questions = Questions::read(TEXT);
        let given = answers(&[("load", "no"), ("load", "once")]);
        let said: Vec<String> = questions.given(&given, &[]).assumptions().map(|assumption| assumption.said).collect();
        assert_eq!(said, ["runs once"]);
        assert_eq!(build(&answers(&[("go", "1.21")]), &[]).language, Some(21));
        assert_eq!(build(&answers(&[("go", "2"), ("go", "1.x")]), &[]), Build::default());
    }

    #[test]
    fn what_the_reader_says_wins_over_the_file() {
        let questions =
            Questions::read("# load: Load\n\n## once: runs once\n\n- lower a/b: it ends\n\n## high: much\n");
        let (once, high) = (answers(&[("load", "once")]), answers(&[("load", "high")]));
        let said = |said: &Answers, file: &Answers| {
            let given = questions.given(said, file);
            given.assumptions().map(|assumption| assumption.sentence()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(said(&[], &once), ".gopeer.toml says: runs once.");
        assert_eq!(said(&high, &once), "You said: much.");
        let Judged::Moved(_, why) = questions.given(&[], &once).judge("a/b", Severity::High) else { panic!("moved") };
        assert_eq!(why, "lowered from high to medium, because .gopeer.toml says “runs once”: it ends");
        let versions = [answers(&[("go", "1.23")]), answers(&[("go", "1.21")])];
        assert_eq!(build(&versions[0], &versions[1]).language, Some(23));
        assert_eq!(build(&[], &versions[1]).language, Some(21));
    }
}
