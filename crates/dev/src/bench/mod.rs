//! `cargo dev bench`: what reviewing costs, as ratios within one run. Seconds depend on the machine; ratios much less.

mod changes;
mod growth;
mod typing;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gopeer_api::Index;
use gopeer_engine::Session;
use gopeer_engine::protocol::{Delta, FileText};
use gopeer_lint::{Answers, Dispatch, FileInfo, Functions, PackageView, PieceView};
use gopeer_sema::{Checked, FileScope, Names, PackageScope, Source, SourceFile};
use gopeer_syntax::{Parser, Progress, Tree, cut};

/// Each measure is taken this often, in turn with the others; the quickest counts.
const ROUNDS: usize = 3;
/// How much Go source is read, in bytes: enough to be typical, little enough for a minute.
const ENOUGH: usize = 12 << 20;

/// Measures over Go's own source, or the folder given, then how soon a link is open, and how cost grows; with `start`,
/// `growth`, `changes` or `typing`, that alone.
pub fn run(args: &[String]) -> Result<(), String> {
    let root = match args {
        [first, shapes @ ..] if first == "growth" => return growth::run(shapes),
        [first, words @ ..] if first == "changes" => return changes::run(words),
        [first, folder @ ..] if first == "typing" => return typing::run(folder),
        [first] if first == "start" => return from_a_link(),
        [] => goroot()?,
        [folder] => PathBuf::from(folder),
        _ => return Err("`bench` takes one folder, `start`, `growth` and words that name shapes, `changes` and words that name modules, or `typing` and a folder".to_owned()),
    };
    let files = sources(&root)?;
    let bytes: usize = files.iter().map(|file| file.text.len()).sum();
    println!("{} files, {:.1} MB of {}; one thread, best of {ROUNDS}\n", files.len(), mega(bytes), root.display());

    let [bare, lowered, reviewed] =
        best([&|| bare_parse(&files), &|| cut_parse_lower(&files), &|| review(&files, Session::new())]);
    row("bare tree-sitter parse", bare, bytes, bare);
    row("cut, parse, lower", lowered, bytes, bare);
    row(&format!("review, {} rules", gopeer_rules::all().count()), reviewed, bytes, bare);
    edits(&files)?;
    in_wasm(&files)?;
    by_rule(&files, bare);
    println!();
    let started = from_a_link();
    println!();
    growth::run(&[]).and(started)
}

/// How soon somebody who follows a link sees the code and its review: the built site, or the one in `$GOPEER_DIST`.
fn from_a_link() -> Result<(), String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/e2e/start.mjs");
    let status = std::process::Command::new("node").arg(script).status();
    let status = status.map_err(|error| format!("node cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err("a link opens too slowly: see above".to_owned()) }
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
    let held = |key: &str| mega(measured[key].as_u64().unwrap_or(0) as usize);
    println!(
        "memory of the worker: {:.1} MB after the largest sample, {:.1} MB after these",
        held("sample"),
        held("memory")
    );
    Ok(())
}

/// What resolving names costs, and each rule alone; the dearest first.
fn by_rule(files: &[FileText], bare: Duration) {
    let start = Instant::now();
    let mut index = Index::default();
    if let Some(std) = gopeer_api::embedded::module("std") {
        index.add(std);
    }
    let index = Rc::new(index);
    let prepared: Vec<Prepared> = files.iter().map(|file| Prepared::new(file, &index)).collect();
    let resolving: Duration = prepared.iter().map(|file| file.resolving).sum();
    let checking: Duration = prepared.iter().map(|file| file.checking).sum();
    println!(
        "\nshare of the bare parse ({:.0} ms to prepare)\n{:<44}{:>6.1} %",
        start.elapsed().as_secs_f64() * 1e3,
        "names",
        100.0 * ratio(resolving, bare)
    );
    println!("{:<44}{:>6.1} %", "types", 100.0 * ratio(checking, bare));
    let mut costs: Vec<(Duration, &str)> = gopeer_rules::all()
        .map(|rule| {
            let dispatch = Dispatch::new([rule]);
            let start = Instant::now();
            for file in &prepared {
                let answers = Answers::default();
                let pieces = file.pieces.iter().map(|piece| (piece.clone(), &file.info, 0));
                let functions = Functions::new(pieces, file.package(), &answers);
                let package = PackageView { functions: Some(&functions), ..file.package() };
                for piece in &file.pieces {
                    black_box(dispatch.run_piece(piece, &file.info, package));
                }
                black_box(dispatch.run_file(&file.pieces, &file.info, package));
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
    scope: PackageScope,
    checked: Checked,
    pieces: Vec<PieceView>,
    resolving: Duration,
    checking: Duration,
}

impl Prepared {
    fn new(file: &FileText, index: &Rc<Index>) -> Prepared {
        let mut parser = Parser::new();
        let pieces = cut(&file.text);
        let trees: Vec<Arc<Tree>> =
            pieces.iter().map(|piece| Arc::new(parser.parse(piece.span.of(&file.text)))).collect();
        let scope = PackageScope::of(trees.iter().map(|tree| &**tree));
        let of_file = FileScope::of(trees.iter().map(|tree| &**tree));
        let info = FileInfo { name: file.name.clone(), scope: of_file, ..FileInfo::default() };
        let start = Instant::now();
        let names: Vec<Arc<Names>> =
            trees.iter().map(|tree| Arc::new(Names::resolve(tree, &info.scope, &scope))).collect();
        let resolving = start.elapsed();
        let both = trees.iter().zip(&names).map(|(tree, names)| (&**tree, &**names).into()).collect();
        let source = Source {
            files: vec![SourceFile { scope: &info.scope, excluded: false, pieces: both }],
            whole: false,
            progress: Progress::default(),
        };
        let start = Instant::now();
        let checked = Checked::new("", "", &source, Rc::clone(index));
        let checking = start.elapsed();
        let views = pieces.iter().zip(trees.iter().zip(names)).zip(checked.facts.iter().flatten());
        let pieces = views
            .map(|((piece, (tree, names)), facts)| PieceView {
                start: piece.span.start,
                tree: Arc::clone(tree),
                names,
                facts: Rc::clone(facts),
            })
            .collect();
        Prepared { scope, checked, pieces, resolving, checking, info }
    }

    fn package(&self) -> PackageView<'_> {
        PackageView { scope: &self.scope, store: &self.checked.store, functions: None }
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

fn review(files: &[FileText], mut session: Session) {
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
        best([&|| review(std::slice::from_ref(longest), Session::new()), &|| {
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
