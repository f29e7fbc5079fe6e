//! The programs of `tests/programs/goroutines` that bring a proof: a Go test which must fail with the faulty program and pass with the
//! repaired one, under the race detector.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use gopeer_lint::doc::{self, ExampleKind};

use crate::go;

/// How many tests run at the same time: they mostly wait.
const AT_ONCE: usize = 4;

const GO_MOD: &str = "module example.com/program\n\ngo 1.22\n\nrequire golang.org/x/sync v0.10.0\n";

struct Program {
    name: String,
    faulty: String,
    repaired: String,
    proof: String,
}

/// `cargo dev prove [WORD…]`: runs the proofs of all programs, or of those whose names contain a word.
///
/// # Errors
///
/// Where a proof does not hold, or Go is missing.
pub fn run(words: &[String]) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/programs/goroutines");
    let is_wanted = |program: &Program| words.is_empty() || words.iter().any(|word| program.name.contains(word));
    let programs: Vec<Program> = files(&folder)?.iter().filter_map(|path| read(path)).filter(is_wanted).collect();
    let (next, wrong) = (Mutex::new(programs.iter()), Mutex::new(Vec::new()));
    let work = |_| loop {
        let Some(program) = next.lock().expect("no thread panics").next() else { break };
        match prove(program) {
            Ok(how) => println!("{}: {how}", program.name),
            Err(why) => wrong.lock().expect("no thread panics").push(format!("{}: {why}", program.name)),
        }
    };
    std::thread::scope(|scope| (0..AT_ONCE).for_each(|at| drop(scope.spawn(move || work(at)))));
    let wrong = wrong.into_inner().expect("no thread panics");
    println!("{} programs, {} proofs hold", programs.len(), programs.len() - wrong.len());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let list = |folder: &Path| -> Result<Vec<PathBuf>, String> {
        let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        Ok(paths)
    };
    let folders = list(folder)?.into_iter().filter(|path| path.is_dir());
    Ok(folders.map(|folder| list(&folder)).collect::<Result<Vec<_>, _>>()?.concat())
}

/// The program of a file, if it brings a proof.
fn read(path: &Path) -> Option<Program> {
    let doc = doc::parse_markdown(&fs::read_to_string(path).ok()?);
    let text = |kind| doc.examples.iter().find(|example| example.kind == kind).map(|example| example.text.clone());
    Some(Program {
        name: path.file_stem()?.to_string_lossy().into_owned(),
        faulty: doc::faults(&text(ExampleKind::Faulty)?).0,
        repaired: text(ExampleKind::Repaired)?,
        proof: text(ExampleKind::Proof)?,
    })
}

/// How the faulty program fails.
fn prove(program: &Program) -> Result<String, String> {
    let faulty = test(program, "faulty", &program.faulty)?;
    let Some(how) = faulty else { return Err("the faulty program passes".to_owned()) };
    match test(program, "repaired", &program.repaired)? {
        None => Ok(how),
        Some(how) => Err(format!("the repaired program fails: {how}")),
    }
}

/// Runs the test with one of the programs; how it fails, if it does.
fn test(program: &Program, which: &str, text: &str) -> Result<Option<String>, String> {
    let folder = go::target().join("programs").join(&program.name).join(which);
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).map_err(|error| error.to_string());
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    write("go.mod", GO_MOD)?;
    write("program.go", text)?;
    write("program_test.go", &program.proof)?;
    let mut go = Command::new("go");
    go.args(["test", "-race", "-count=1", "-timeout=10s", "-mod=mod", "."]).current_dir(&folder);
    let done = go.output().map_err(|error| format!("`go` cannot be started, install Go 1.26: {error}"))?;
    let out = [done.stdout, done.stderr].map(|out| String::from_utf8_lossy(&out).into_owned()).concat();
    if out.contains("[build failed]") || out.contains("[setup failed]") {
        return Err(format!("the {which} program does not build:\n{out}"));
    }
    Ok((!done.status.success()).then(|| reason(&out)))
}

/// The line of the output that says why a test failed.
fn reason(out: &str) -> String {
    const SIGNS: [&str; 5] = ["DATA RACE", "fatal error:", "panic:", "_test.go:", "--- FAIL"];
    let line = |sign: &&str| out.lines().find(|line| line.contains(*sign));
    SIGNS.iter().find_map(line).unwrap_or("it fails").trim().to_owned()
}
