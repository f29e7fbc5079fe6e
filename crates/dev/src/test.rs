//! `cargo dev test`: every check in order, then a summary.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::machine::{build_program, is_ci, output, path_with, root, which};
use crate::step::{Ran, Step};
use crate::{npm, site, tools};

/// One kind of check; the quick ones come first.
struct Stage {
    name: &'static str,
    /// Whether words choose among its tests; a run that only names tests skips the other stages.
    takes_words: bool,
    run: fn(&[String]) -> Result<Count, String>,
}

const STAGES: &[Stage] = &[
    Stage { name: "format", takes_words: false, run: format },
    Stage { name: "lint", takes_words: false, run: lint },
    Stage { name: "unit", takes_words: true, run: unit },
    Stage { name: "site", takes_words: true, run: |_| site::build(&site::Build::default()).map(|()| Count::default()) },
    Stage { name: "npm", takes_words: true, run: |_| npm::build().map(|()| Count::default()) },
    Stage { name: "browser", takes_words: true, run: browser },
];

/// Tests by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u32,
    failed: u32,
    ignored: u32,
}

struct Outcome {
    name: &'static str,
    count: Count,
    error: Option<String>,
    time: Duration,
}

/// Sets up and runs the stages that `words` choose.
pub fn run(words: &[String]) -> Result<ExitCode, String> {
    let (stages, words) = choose(words);
    if is_ci() && which("go").is_none() {
        return Err(
            "Go is missing, and with CI=true no test may be skipped: install it from https://go.dev/dl".to_owned()
        );
    }
    tools::setup(tools::Goal::Test)?;
    let outcomes: Vec<Outcome> = stages.into_iter().map(|stage| stage.outcome(&words)).collect();
    Ok(summary(&outcomes))
}

/// Runs the examples of one rule, which need nothing but cargo and a C compiler.
pub fn rule(id: &str) -> Result<ExitCode, String> {
    let mut tests = cargo(&["test", "--quiet", "--package", "gopeer-tests", "--test", "rules"]);
    let status =
        tests.env("GOPEER_RULE", id).status().map_err(|error| format!("`cargo` cannot be started: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Stages named in `words` (or those that fit where none is), and the words that name tests.
fn choose(words: &[String]) -> (Vec<&'static Stage>, Vec<String>) {
    let names_stage = |word: &&String| STAGES.iter().any(|stage| stage.name == word.as_str());
    let (named, words): (Vec<&String>, Vec<&String>) = words.iter().partition(names_stage);
    let chosen = |stage: &&Stage| match (named.is_empty(), words.is_empty()) {
        (false, _) => named.iter().any(|name| *name == stage.name),
        (true, false) => stage.takes_words,
        (true, true) => true,
    };
    (STAGES.iter().filter(chosen).collect(), words.into_iter().cloned().collect())
}

impl Stage {
    fn outcome(&self, words: &[String]) -> Outcome {
        let started = Instant::now();
        let (count, error) = match (self.run)(words) {
            Ok(count) => (count, None),
            Err(error) => (Count::default(), Some(error)),
        };
        if let Some(error) = &error {
            eprintln!("error: {error}");
        }
        Outcome { name: self.name, count, error, time: started.elapsed() }
    }
}

impl Outcome {
    fn ok(&self) -> bool {
        self.error.is_none() && self.count.failed == 0
    }

    /// A stage that fails as a whole is one failure, so that no red run says "0 failed".
    fn failures(&self) -> u32 {
        self.count.failed.max(u32::from(!self.ok()))
    }
}

fn summary(outcomes: &[Outcome]) -> ExitCode {
    println!();
    for outcome in outcomes {
        let mark = if outcome.ok() { "✓ ok    " } else { "✗ failed" };
        let Count { passed, ignored, .. } = outcome.count;
        let tests = match (passed, outcome.count.failed, ignored) {
            (0, 0, 0) => String::new(),
            (passed, failed, 0) => format!("  {passed} passed, {failed} failed"),
            (passed, failed, ignored) => format!("  {passed} passed, {failed} failed, {ignored} ignored"),
        };
        println!("{mark} {:<8} {:>7.1} s{tests}", outcome.name, outcome.time.as_secs_f32());
    }
    let passed: u32 = outcomes.iter().map(|outcome| outcome.count.passed).sum();
    let failed: u32 = outcomes.iter().map(Outcome::failures).sum();
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn cargo(args: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(args).current_dir(root());
    cargo
}

/// All Rust files that git tracks: `cargo fmt` does not see modules that a macro declares, such as the rules.
fn format(_: &[String]) -> Result<Count, String> {
    let listed = output(Command::new("git").args(["ls-files", "*.rs"]).current_dir(root()));
    let files = listed.ok_or("`git ls-files` fails: the format of the files cannot be checked")?;
    // A file that was removed and is not committed yet is still listed.
    let files = files.lines().filter(|file| root().join(file).is_file());
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--color=never"]).args(files).current_dir(root());
    Step::new("rustfmt").must(&mut rustfmt, "run `rustfmt $(git ls-files '*.rs')`").map(|_| Count::default())
}

fn lint(_: &[String]) -> Result<Count, String> {
    let args = ["clippy", "--workspace", "--all-targets", "--features", "gopeer-dev/lab", "--", "-D", "warnings"];
    Step::new("cargo clippy").must(&mut cargo(&args), "fix what clippy reports above").map(|_| Count::default())
}

fn unit(words: &[String]) -> Result<Count, String> {
    let mut command = cargo(&["test", "--workspace", "--features", "gopeer-dev/lab", "--no-fail-fast"]);
    if is_ci() {
        command.env("GOPEER_REQUIRE_GO", "1");
    }
    command.arg("--").args(words);
    let ran = Step::new("cargo test").run(&mut command)?;
    let text = ran.text();
    let count = text.lines().filter_map(cargo_result).fold(Count::default(), Count::plus);
    verdict(&ran, &text, count, words)
}

fn browser(words: &[String]) -> Result<Count, String> {
    // The rehearsal of a workshop makes a pack with it.
    Step::new("build the command").must(&mut build_program("gopeer"), "see the lines above")?;
    let mut node = Command::new("node");
    node.arg("tests/e2e/run.mjs").args(words).current_dir(root());
    node.env("PATH", path_with(tools::folders()?));
    for (name, browser) in [("CHROMIUM", tools::chromium()), ("FIREFOX", tools::firefox())] {
        node.envs(browser.map(|browser| (name, browser)));
    }
    let ran = Step::new("browser tests").run(&mut node)?;
    let text = ran.text();
    let count = text.lines().rev().find_map(closing_line);
    let count = count.ok_or_else(|| {
        ran.show_tail();
        "tests/e2e/run.mjs ended without its line `N passed, N failed`".to_owned()
    })?;
    verdict(&ran, &text, count, words)
}

/// Believes a run only if its exit code and its count agree, and if it ran anything.
fn verdict(ran: &Ran, text: &str, count: Count, words: &[String]) -> Result<Count, String> {
    failures(text).iter().for_each(|line| println!("  | {line}"));
    match (ran.ok, count) {
        (false, Count { failed: 0, .. }) => {
            ran.show_tail();
            Err("the tests could not be built, or did not run to the end: see above".to_owned())
        }
        (true, Count { passed: 0, failed: 0, .. }) if words.is_empty() => Err("no test ran".to_owned()),
        _ => Ok(count),
    }
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; …`
fn cargo_result(line: &str) -> Option<Count> {
    counts(line.strip_prefix("test result: ")?.split_once(". ")?.1, "; ")
}

/// `12 passed, 0 failed`
fn closing_line(line: &str) -> Option<Count> {
    counts(line.trim(), ", ").filter(|_| line.contains(" failed"))
}

fn counts(line: &str, separator: &str) -> Option<Count> {
    let mut count = Count::default();
    let mut known = false;
    for part in line.split(separator) {
        let (number, word) = part.split_once(' ')?;
        let slot = match word {
            "passed" => &mut count.passed,
            "failed" => &mut count.failed,
            "ignored" | "skipped" => &mut count.ignored,
            _ => continue,
        };
        *slot = number.parse().ok()?;
        known = true;
    }
    known.then_some(count)
}

impl Count {
    fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            ignored: self.ignored + other.ignored,
        }
    }
}

/// What failed tests say about themselves, anywhere in the log: cargo's `---- name stdout ----` blocks without
/// backtraces, and the browser tests' `not ok` lines with what is indented under them.
fn failures(text: &str) -> Vec<&str> {
    let (mut block, mut indented) = (false, false);
    let shown = |line: &&str| {
        let begins = line.starts_with("---- ") && line.ends_with(" ----");
        block = begins || block && !["failures:", "stack backtrace:"].contains(line);
        indented = line.starts_with("not ok ") || indented && line.starts_with("  ");
        block || indented
    };
    text.lines().filter(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> (Vec<&'static str>, Vec<String>) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let (stages, words) = choose(&words);
        (stages.iter().map(|stage| stage.name).collect(), words)
    }

    #[test]
    fn words_choose_stages_or_tests() {
        assert_eq!(names(&[]).0, ["format", "lint", "unit", "site", "npm", "browser"]);
        assert_eq!(names(&["lint", "format"]).0, ["format", "lint"]);
        assert_eq!(names(&["lost_cancel"]), (vec!["unit", "site", "npm", "browser"], vec!["lost_cancel".to_owned()]));
        assert_eq!(names(&["unit", "x"]), (vec!["unit"], vec!["x".to_owned()]));
    }

    #[test]
    fn cargo_counts_add_up() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(cargo_result(line), Some(Count { passed: 12, failed: 2, ignored: 1 }));
        assert_eq!(cargo_result("running 3 tests"), None);
    }

    #[test]
    fn only_a_closing_line_closes() {
        assert_eq!(closing_line("31 passed, 2 failed"), Some(Count { passed: 31, failed: 2, ignored: 0 }));
        assert_eq!(closing_line("31 passed, 2 failed, 4 skipped"), Some(Count { passed: 31, failed: 2, ignored: 4 }));
        assert_eq!(closing_line("all passed"), None);
        assert_eq!(closing_line("it passed, somehow"), None);
    }

    #[test]
    fn failed_tests_speak_and_others_do_not() {
        let log =
            "test a ... ok\n\nfailures:\n\n---- b stdout ----\nwrong\nstack backtrace:\n   0: x\n\nfailures:\n    b\n";
        assert_eq!(failures(log), ["---- b stdout ----", "wrong"]);
        let log = "ok paste\n  12 KB\nnot ok undo\n  text differs\nok share\n  x\n";
        assert_eq!(failures(log), ["not ok undo", "  text differs"]);
    }

    #[test]
    fn a_stage_that_breaks_is_one_failure() {
        let broken =
            Outcome { name: "lint", count: Count::default(), error: Some(String::new()), time: Duration::ZERO };
        assert_eq!(broken.failures(), 1);
    }
}
