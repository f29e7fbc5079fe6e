//! `cargo dev bench`: what reviewing costs, as ratios within one run. Seconds depend on the machine; ratios much less.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gopeer_engine::Session;
use gopeer_engine::protocol::{Delta, FileText};
use gopeer_lint::{Dispatch, FileInfo, PieceView};
use gopeer_sema::{FileScope, Names, PackageScope};
use gopeer_syntax::{Parser, cut};

/// Each measure is taken this often, in turn with the others; the quickest counts.
const ROUNDS: usize = 3;
/// How much Go source is read, in bytes: enough to be typical, little enough for a minute.
const ENOUGH: usize = 12 << 20;

/// Measures over Go's own source, or the folder given.
pub fn run(args: &[String]) -> Result<(), String> {
    let root = match args {
        [] => goroot()?,
        [folder] => PathBuf::from(folder),
        _ => return Err("`bench` takes one folder at most".to_owned()),
    };
    let files = sources(&root)?;
    let bytes: usize = files.iter().map(|file| file.text.len()).sum();
    println!("{} files, {:.1} MB of {}; one thread, best of {ROUNDS}\n", files.len(), mega(bytes), root.display());

    let [bare, lowered, reviewed] = best([&|| bare_parse(&files), &|| cut_parse_lower(&files), &|| review(&files)]);
    row("bare tree-sitter parse", bare, bytes, bare);
    row("cut, parse, lower", lowered, bytes, bare);
    row("review (all rules)", reviewed, bytes, bare);
    edits(&files)?;
    in_wasm(&files)?;
    by_rule(&files, bare);
    Ok(())
}

/// How many bytes the page is given to open: a large package.
const A_SESSION: usize = 1 << 20;

/// The built engine in Chromium's worker against the native one, over the same files as one session.
fn in_wasm(files: &[FileText]) -> Result<(), String> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let dist = top.join("dist");
    if !dist.join("index.html").is_file() {
        println!("\nwasm: not measured, dist/ holds no site (`cargo dev build` writes it)");
        return Ok(());
    }
    let mut room = A_SESSION;
    let chosen: Vec<FileText> = files
        .iter()
        .filter(|file| {
            let fits = file.text.len() < room.min(A_SESSION / 4) && !file.text.contains('\0');
            room -= if fits { file.text.len() } else { 0 };
            fits
        })
        .cloned()
        .collect();
    let bytes: usize = chosen.iter().map(|file| file.text.len()).sum();
    // The page knows files by their own names, so they are one package there and here.
    let chosen: Vec<FileText> =
        chosen.into_iter().enumerate().map(|(at, file)| FileText { name: format!("file{at}.go"), ..file }).collect();
    let [native] = best([&|| {
        let mut session = Session::new();
        session.open(chosen.clone());
        black_box(session.review("senior").ok());
    }]);
    let corpus = top.join("target/bench-corpus.json");
    let json = serde_json::to_string(&chosen).map_err(|error| error.to_string())?;
    std::fs::write(&corpus, json).map_err(|error| format!("{} cannot be written: {error}", corpus.display()))?;
    let output = std::process::Command::new("node")
        .arg(top.join("tests/e2e/bench.mjs"))
        .arg(&corpus)
        .output()
        .map_err(|error| format!("node cannot be started: {error}"))?;
    let measured: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("the browser did not measure: {}", String::from_utf8_lossy(&output.stderr)))?;
    let time = |key: &str| Duration::from_secs_f64(measured[key].as_f64().unwrap_or(0.0) / 1e3);
    println!("\n{} files as one session", chosen.len());
    row("review, native", native, bytes, native);
    row("review, wasm in Chromium", time("review"), bytes, native);
    row("keystroke, wasm in Chromium", time("edit"), bytes, native);
    Ok(())
}

/// What resolving names costs, and each rule alone; the dearest first.
fn by_rule(files: &[FileText], bare: Duration) {
    let start = Instant::now();
    let prepared: Vec<Prepared> = files.iter().map(Prepared::new).collect();
    let resolving: Duration = prepared.iter().map(|file| file.resolving).sum();
    println!(
        "\nshare of the bare parse ({:.0} ms to prepare)\n{:<44}{:>6.1} %",
        start.elapsed().as_secs_f64() * 1e3,
        "names",
        100.0 * ratio(resolving, bare)
    );
    let mut costs: Vec<(Duration, &str)> = gopeer_rules::all()
        .map(|rule| {
            let dispatch = Dispatch::new([rule]);
            let start = Instant::now();
            for file in &prepared {
                for piece in &file.pieces {
                    black_box(dispatch.run_piece(piece, &file.info, &file.package));
                }
                black_box(dispatch.run_file(&file.pieces, &file.info, &file.package));
            }
            (start.elapsed(), rule.id)
        })
        .collect();
    costs.sort();
    for (cost, rule) in costs.iter().rev().take(12) {
        println!("{rule:<44}{:>6.1} %", 100.0 * ratio(*cost, bare));
    }
}

/// A file as rules see it.
struct Prepared {
    info: FileInfo,
    package: PackageScope,
    pieces: Vec<PieceView>,
    resolving: Duration,
}

impl Prepared {
    fn new(file: &FileText) -> Prepared {
        let mut parser = Parser::new();
        let trees: Vec<_> = cut(&file.text)
            .iter()
            .map(|piece| (piece.span.start, Arc::new(parser.parse(piece.span.of(&file.text)))))
            .collect();
        let scope = FileScope::of(trees.iter().map(|(_, tree)| &**tree));
        let package = PackageScope::of(trees.iter().map(|(_, tree)| &**tree));
        let info = FileInfo { name: file.name.clone(), scope, generated: false };
        let start = Instant::now();
        let pieces = trees
            .into_iter()
            .map(|(start, tree)| PieceView {
                start,
                names: Arc::new(Names::resolve(&tree, &info.scope, &package)),
                tree,
            })
            .collect();
        Prepared { package, pieces, resolving: start.elapsed(), info }
    }
}

fn row(what: &str, time: Duration, bytes: usize, unit: Duration) {
    let speed = mega(bytes) / time.as_secs_f64();
    println!("{what:<28}{:>9.0} ms {speed:>7.1} MB/s {:>6.2} x", time.as_secs_f64() * 1e3, ratio(time, unit));
}

fn best<const N: usize>(measures: [&dyn Fn(); N]) -> [Duration; N] {
    let mut best = [Duration::MAX; N];
    for _ in 0..ROUNDS {
        for (slot, measure) in best.iter_mut().zip(measures) {
            let start = Instant::now();
            measure();
            *slot = (*slot).min(start.elapsed());
        }
    }
    best
}

fn bare_parse(files: &[FileText]) {
    let mut parser = Parser::new();
    for file in files {
        black_box(parser.parse_bare(&file.text));
    }
}

fn cut_parse_lower(files: &[FileText]) {
    let mut parser = Parser::new();
    for file in files {
        for piece in cut(&file.text) {
            black_box(parser.parse(piece.span.of(&file.text)));
        }
    }
}

fn review(files: &[FileText]) {
    let mut session = Session::new();
    for file in files {
        session.open(vec![file.clone()]);
        black_box(session.review("senior").ok());
    }
}

/// One letter typed into the middle of the longest file, against reviewing that file from nothing.
fn edits(files: &[FileText]) -> Result<(), String> {
    let longest = files.iter().max_by_key(|file| file.text.len()).ok_or("no files")?;
    let middle = middle(&longest.text) as u32;
    let [full, edited] = {
        let mut typed = Session::new();
        typed.open(vec![longest.clone()]);
        typed.review("senior").map_err(|refusal| refusal.to_string())?;
        let typed = std::cell::RefCell::new(typed);
        best([&|| review(std::slice::from_ref(longest)), &|| {
            let delta = Delta { from: middle, to: middle, insert: " ".to_owned() };
            let mut session = typed.borrow_mut();
            black_box(session.edit(&longest.name, &[delta]).ok());
            black_box(session.review("senior").ok());
        }])
    };
    println!("\nlongest file, {} lines", longest.text.lines().count());
    row("review from nothing", full, longest.text.len(), full);
    row("review after one keystroke", edited, longest.text.len(), full);
    Ok(())
}

/// The end of a line near the middle, in UTF-16 units.
fn middle(text: &str) -> usize {
    let half = text.len() / 2;
    let at = text.bytes().skip(half).position(|byte| byte == b'\n').map_or(0, |more| half + more);
    text.get(..at).map_or(0, |before| before.encode_utf16().count())
}

/// Go files below `root`, spread evenly over it, up to [`ENOUGH`] bytes; test data is left out, it is broken on purpose.
fn sources(root: &Path) -> Result<Vec<FileText>, String> {
    let mut paths = Vec::new();
    collect(root, &mut paths)?;
    let total: usize = paths.iter().map(|(_, size)| size).sum();
    let step = (total / ENOUGH).max(1);
    let read = |path: &PathBuf| {
        Some(FileText { name: path.to_string_lossy().into_owned(), text: std::fs::read_to_string(path).ok()? })
    };
    let files: Vec<FileText> = paths.iter().step_by(step).filter_map(|(path, _)| read(path)).collect();
    if files.is_empty() { Err(format!("no Go files below {}", root.display())) } else { Ok(files) }
}

fn collect(folder: &Path, paths: &mut Vec<(PathBuf, usize)>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("testdata") {
                collect(&path, paths)?;
            }
        } else if path.extension().is_some_and(|ending| ending == "go") {
            paths.push((path, entry.metadata().map_or(0, |meta| meta.len() as usize)));
        }
    }
    Ok(())
}

fn goroot() -> Result<PathBuf, String> {
    let output = std::process::Command::new("go").args(["env", "GOROOT"]).output();
    let output = output.map_err(|_| "Go is missing: install it, or name a folder of Go files".to_owned())?;
    Ok(Path::new(String::from_utf8_lossy(&output.stdout).trim()).join("src"))
}

fn ratio(time: Duration, unit: Duration) -> f64 {
    time.as_secs_f64() / unit.as_secs_f64()
}

fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
