//! Constants are to us what they are to go/constant and go/types. Needs Go; without it these tests pass and say so, unless
//! GOPEER_REQUIRE_GO is 1. GOPEER_SEED chooses other expressions.

mod check;
mod generate;
#[path = "../common/oracle.rs"]
mod program;

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use check::Fault;
use generate::{Generator, Sample};
use gopeer_sema::value::Value;
use gopeer_syntax::ast::LiteralKind;

const EXPRESSIONS: usize = 40_000;

/// The program, built once; none where Go is missing.
fn oracle() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(|| program::build("value_oracle")).as_deref()
}

fn ask(program: &Path, arguments: &[&str], input: Stdio) -> String {
    let done =
        Command::new(program).args(arguments).stdin(input).stderr(Stdio::inherit()).output().expect("the oracle");
    assert!(done.status.success(), "the oracle failed");
    String::from_utf8(done.stdout).expect("UTF-8")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> String {
    let bytes = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"));
    String::from_utf8(bytes.collect()).expect("Go source")
}

/// A value as the oracle writes it.
fn exact(value: &Value) -> String {
    value.as_bytes().map_or_else(|| value.to_string(), hex)
}

/// Whether go/constant has gone over to rounded floats, whose exact text looks so.
fn is_rounded(text: &str) -> bool {
    text.contains("0x.")
}

/// A complex number may come of parts that were too large, or Go may see an error where the value is beyond us.
fn may_be_unknown(answer: &str) -> bool {
    is_rounded(answer) || answer == "invalid" || answer.contains("complex")
}

fn samples(seed: u64) -> Vec<Sample> {
    let mut generator = Generator::new(seed);
    (0..EXPRESSIONS).map(|_| generator.sample()).collect()
}

#[test]
fn random_expressions() {
    let Some(program) = oracle() else { return };
    let seed = std::env::var("GOPEER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let samples = samples(seed);
    let questions: String = samples.iter().map(|sample| hex(sample.source.as_bytes()) + "\n").collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expressions.txt");
    std::fs::write(&file, questions).expect("a file of questions");
    let answers = ask(program, &["expressions"], File::open(&file).expect("the file of questions").into());
    assert_eq!(answers.lines().count(), samples.len());

    let (mut valid, mut invalid, mut too_large) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (sample, answer) in samples.iter().zip(answers.lines()) {
        let ours = match &sample.outcome {
            _ if is_rounded(answer) => Err(Fault::Unknown),
            Ok((ty, value)) => Ok(format!("{}\t{}", ty.name(), exact(value))),
            Err(fault) => Err(*fault),
        };
        match ours {
            Err(Fault::Unknown) if may_be_unknown(answer) => too_large += 1,
            Err(Fault::Invalid) if answer == "invalid" => invalid += 1,
            Ok(ours) if ours == answer => valid += 1,
            ours => wrong.push(format!("{}\n  Go:   {answer}\n  ours: {ours:?}", sample.source)),
        }
    }
    println!("{valid} valid and {invalid} invalid expressions compared, {too_large} too large, seed {seed}");
    assert!(wrong.is_empty(), "{} differ, the shortest:\n{}", wrong.len(), shortest(wrong));
    assert!(valid > EXPRESSIONS / 2 && invalid > EXPRESSIONS / 50, "{valid} valid, {invalid} invalid");
    assert!(too_large < EXPRESSIONS / 50, "{too_large} of {EXPRESSIONS} are too large for us");
}

fn shortest(mut texts: Vec<String>) -> String {
    texts.sort_by_key(String::len);
    texts.truncate(8);
    texts.join("\n")
}

#[test]
fn literals_of_real_code() {
    let Some(program) = oracle() else { return };
    let root = Command::new("go").args(["env", "GOROOT"]).output().expect("go env").stdout;
    let root = PathBuf::from(String::from_utf8(root).expect("UTF-8").trim());
    let mut compared = 0;
    for package in ["go/constant", "math", "math/cmplx", "regexp/syntax", "strconv", "syscall", "time", "unicode/utf8"]
    {
        let folder = root.join("src").join(package);
        let answers = ask(program, &["literals", &folder.display().to_string()], Stdio::null());
        for answer in answers.lines() {
            let [token, text, expected] = answer.split('\t').collect::<Vec<_>>()[..] else { panic!("{answer}") };
            let text = unhex(text);
            let kind = match token {
                "INT" => LiteralKind::Int,
                "FLOAT" => LiteralKind::Float,
                "IMAG" => LiteralKind::Imaginary,
                "CHAR" => LiteralKind::Rune,
                _ if text.starts_with('`') => LiteralKind::RawString,
                _ => LiteralKind::String,
            };
            let ours = exact(&Value::literal(kind, &text));
            assert!(ours == expected || is_rounded(expected), "{package}: {text} is {expected}, ours is {ours}");
            compared += 1;
        }
    }
    println!("{compared} literals compared");
    assert!(compared > 10_000, "only {compared} literals");
}
