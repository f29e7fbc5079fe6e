//! `cargo dev corpus`: our parser against go/parser, over Go's own source tree and popular modules.
//!
//! Every file that go/parser accepts must give the same shape and the same places here (see `shape`), without a panic and without a `Bad` node.

pub mod shape;
mod theirs;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gopeer_syntax::ast::{Decl, Expr, Stmt, Tree};
use gopeer_syntax::{Parser, cut};

use crate::go;
use theirs::{Oracle, Verdict};

/// Popular modules, pinned so that the table says the same tomorrow.
pub const MODULES: [&str; 11] = [
    "github.com/IBM/sarama@v1.61.1",
    "github.com/gin-gonic/gin@v1.12.0",
    "github.com/gocql/gocql@v1.7.0",
    "github.com/jackc/pgx/v5@v5.12.0",
    "github.com/prometheus/client_golang@v1.25.0",
    "github.com/segmentio/kafka-go@v0.4.51",
    "github.com/stretchr/testify@v1.12.1",
    "go.uber.org/zap@v1.28.0",
    "golang.org/x/text@v0.43.0",
    "google.golang.org/grpc@v1.85.0",
    "k8s.io/client-go@v0.37.2",
];

/// How many threads compare files, each with a Go process at its side.
const THREADS: usize = 2;

/// How many differences are listed.
const LISTED: usize = 40;

/// Compares over the paths given, or over Go's source tree and [`MODULES`], and prints the table.
pub fn run(args: &[String]) -> Result<(), String> {
    let sources = if args.is_empty() {
        standard_sources()?
    } else {
        args.iter().map(|path| (path.clone(), path.into())).collect()
    };
    println!(
        "{:<48}{:>7}{:>11}{:>9}{:>8}{:>6}{:>8}",
        "source", "files", "lines", "rejected", "panics", "bad", "differ"
    );
    let mut total = Tally::default();
    for (name, root) in sources {
        let tally = compare(&go_files(&root)?)?;
        println!("{}", tally.row(&name));
        total.add(tally);
    }
    println!("{}", total.row("all"));
    for problem in total.problems.iter().take(LISTED) {
        println!("\n{problem}");
    }
    if total.problems.is_empty() { Ok(()) } else { Err(format!("{} files do not agree", total.problems.len())) }
}

fn standard_sources() -> Result<Vec<(String, PathBuf)>, String> {
    let goroot = go::root()?.join("src");
    let mut sources = vec![(goroot.display().to_string(), goroot)];
    sources.extend(MODULES.iter().map(|name| (*name).to_owned()).zip(go::download(&MODULES)?));
    Ok(sources)
}

/// What comparing some files has shown.
#[derive(Default)]
pub struct Tally {
    /// Files compared.
    pub files: usize,
    /// Their lines.
    pub lines: usize,
    /// Files that go/parser does not accept; they must only not panic.
    pub rejected: usize,
    /// Files at which our parser panicked.
    pub panics: usize,
    /// Accepted files in which we have `Bad` nodes or syntax errors.
    pub bad: usize,
    /// Accepted files with another shape.
    pub differ: usize,
    /// What is wrong with which file.
    pub problems: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.files += other.files;
        self.lines += other.lines;
        self.rejected += other.rejected;
        self.panics += other.panics;
        self.bad += other.bad;
        self.differ += other.differ;
        self.problems.extend(other.problems);
    }

    fn row(&self, name: &str) -> String {
        let Tally { files, lines, rejected, panics, bad, differ, .. } = self;
        format!("{name:<48}{files:>7}{lines:>11}{rejected:>9}{panics:>8}{bad:>6}{differ:>8}")
    }
}

/// The Go files in a folder and those within, or the file itself.
pub fn go_files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries =
                std::fs::read_dir(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            open.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
        } else if path.extension().is_some_and(|ext| ext == "go") {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() { Err(format!("there is no Go file in {}", root.display())) } else { Ok(found) }
}

/// Compares the files with go/parser.
pub fn compare(files: &[PathBuf]) -> Result<Tally, String> {
    let oracle = theirs::build_shape()?;
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        let work = || -> Result<(), String> {
            let (mut oracle, mut parser) = (Oracle::start(&oracle)?, Parser::new());
            while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                let tally = compare_file(file, &mut oracle, &mut parser)?;
                total.lock().map_err(|_| "a thread has panicked")?.add(tally);
            }
            Ok(())
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread has panicked")?)
    })?;
    let mut total = total.into_inner().map_err(|_| "a thread has panicked")?;
    total.problems.sort();
    Ok(total)
}

fn compare_file(file: &Path, oracle: &mut Oracle, parser: &mut Parser) -> Result<Tally, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let verdict = oracle.ask(file)?;
    let mut tally = Tally { files: 1, lines: text.lines().count(), ..Tally::default() };
    // In a build that aborts on a panic this never returns, and there is no table at all.
    let parsed = catch_unwind(AssertUnwindSafe(|| parse(parser, &text)));
    let problem = match (parsed, verdict) {
        (Err(_), _) => {
            tally.panics = 1;
            Some("panicked".to_owned())
        }
        (Ok(_), Verdict::Rejected) => {
            tally.rejected = 1;
            None
        }
        (Ok(pieces), Verdict::Shape(theirs)) => {
            let fault = fault(&pieces);
            let difference = difference(&theirs, &shape::shape(&pieces, true));
            tally.bad = fault.is_some().into();
            tally.differ = difference.is_some().into();
            fault.or(difference)
        }
    };
    tally.problems = problem.map(|problem| format!("{}: {problem}", file.display())).into_iter().collect();
    Ok(tally)
}

fn parse(parser: &mut Parser, text: &str) -> Vec<Tree> {
    cut(text).iter().map(|piece| parser.parse(piece.span.of(text))).collect()
}

/// The first thing that did not parse.
fn fault(pieces: &[Tree]) -> Option<String> {
    pieces.iter().find_map(|tree| {
        let error = tree.errors().first().map(|error| (error.message.clone(), error.span));
        let decl = || tree.all_decls().find(|(_, decl)| *decl == Decl::Bad).map(|(id, _)| tree.span(id));
        let stmt = || tree.all_stmts().find(|(_, stmt)| *stmt == Stmt::Bad).map(|(id, _)| tree.span(id));
        let expr = || tree.all_exprs().find(|(_, expr)| *expr == Expr::Bad).map(|(id, _)| tree.span(id));
        let bad = || decl().or_else(stmt).or_else(expr).map(|span| ("a Bad node without an error".to_owned(), span));
        let (message, span) = error.or_else(bad)?;
        let before = tree.text().get(..span.start as usize).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let shown: String = tree.text().get(line..).unwrap_or_default().chars().take(160).collect();
        Some(format!("{message}, in a piece's line {}:\n{shown}", before.matches('\n').count() + 1))
    })
}

/// Where two shapes part.
fn difference(theirs: &str, ours: &str) -> Option<String> {
    if theirs == ours {
        return None;
    }
    let same = theirs.bytes().zip(ours.bytes()).take_while(|(a, b)| a == b).count();
    let window = |text: &str| {
        let from = same.saturating_sub(60);
        String::from_utf8_lossy(text.as_bytes().get(from..text.len().min(same + 60)).unwrap_or_default()).into_owned()
    };
    Some(format!("another shape\n  go/parser: {}\n  gopeer:    {}", window(theirs), window(ours)))
}
