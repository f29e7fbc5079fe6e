//! `cargo dev bench growth`: cost grows with size, not with its square. Each shape is reviewed at a size and at eight times
//! that size, in one run; user CPU may grow twelvefold at most.

mod broken;
mod shapes;

use std::cell::RefCell;
use std::fmt;
use std::hint::black_box;
use std::time::Duration;

use gopeer_engine::Session;
use gopeer_engine::protocol::{Delta, FileText};
use gopeer_syntax::Parser;
use nix::sys::resource::{UsageWho, getrusage};

/// How much larger the large text is.
const LARGER: usize = 8;
/// How much more it may cost.
const LIMIT: f64 = 12.0;
/// A measure is repeated until it has taken so long together: a single one may be below what the clock can tell.
const ENOUGH: Duration = Duration::from_millis(24);
/// What is repeated so often tells no more.
const REPEATS: u32 = 20;
/// A shape that seems to cost too much is measured so often before that is believed; the quickest counts.
const ROUNDS: usize = 5;
/// What is below this at the large size is too little to compare.
const NOTHING: Duration = Duration::from_millis(2);

/// Text of one kind that can be as large as one likes.
struct Shape {
    name: &'static str,
    /// The small size.
    n: usize,
    files: fn(usize) -> Vec<FileText>,
}

impl Shape {
    /// The shape that an argument names, if it is this one: by its name, or as `NAME=N` at a size of one's own. Whether
    /// what grows a little too much levels off, as caches do, or is a square, shows at larger sizes.
    fn chosen(self, argument: &str) -> Option<Shape> {
        let (name, n) = argument.split_once('=').unwrap_or((argument, ""));
        (name == self.name).then(|| Shape { n: n.parse().unwrap_or(self.n), ..self })
    }

    /// Whether the text does not parse. The grammar's parse without our guard may take minutes then.
    fn is_broken(&self) -> bool {
        self.name.starts_with("broken: ")
    }
}

/// What one size of a shape costs.
struct Cost {
    /// The grammar's parse of the whole text, and nothing of ours. Nothing where that is not measured.
    parse: Duration,
    /// All that the page asks for when it opens the files: the review, the colours, what a name means.
    review: Duration,
    /// A letter typed in the middle of the first file, and all of that again: the mean of two lines, because what follows a
    /// letter in a function is less than what follows one in the declaration beside it.
    edit: Duration,
}

/// Measures all shapes, or those of these names.
pub fn run(names: &[String]) -> Result<(), String> {
    let all = || shapes::all().into_iter().chain(broken::all());
    let named = |name: &String| all().find_map(|shape| shape.chosen(name)).ok_or_else(|| format!("no shape {name:?}"));
    let chosen = match names {
        [] => all().collect(),
        names => names.iter().map(named).collect::<Result<Vec<Shape>, String>>()?,
    };
    println!(
        "user CPU in ms at n and {LARGER}n; growth of parse (tree-sitter alone), review and edit, at most {LIMIT}\n"
    );
    println!(
        "{:<28}{:>7} {:>9}{:>9}{:>9}{:>8}{:>8}{:>8}",
        "", "n", "n ms", "8n ms", "edit ms", "parse", "review", "edit"
    );
    let mut over = Vec::new();
    for shape in chosen {
        // The stack of the command's workers: what does not fit there ends the bench.
        let measured = std::thread::scope(|scope| scope.spawn(|| Growth::of(&shape)).join());
        let growth = measured.map_err(|_| format!("{}: panicked", shape.name))?;
        println!("{:<28}{:>7} {growth}", shape.name, shape.n);
        if growth.is_too_much() {
            over.push(shape.name);
        }
    }
    if over.is_empty() { Ok(()) } else { Err(format!("cost grows faster than size: {}", over.join(", "))) }
}

/// What a shape costs at both sizes.
struct Growth {
    small: Cost,
    large: Cost,
}

impl Growth {
    fn of(shape: &Shape) -> Growth {
        let both = || Growth { small: cost(shape, 1), large: cost(shape, LARGER) };
        let mut best = both();
        for _ in 1..ROUNDS {
            if best.is_too_much() {
                let again = both();
                best = Growth { small: best.small.min(again.small), large: best.large.min(again.large) };
            }
        }
        best
    }

    fn is_too_much(&self) -> bool {
        ratio(self.small.review, self.large.review).max(ratio(self.small.edit, self.large.edit)) > LIMIT
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Growth { small, large } = self;
        for time in [small.review, large.review, large.edit] {
            write!(f, "{:>9.1}", time.as_secs_f64() * 1e3)?;
        }
        for (small, large) in [(small.parse, large.parse), (small.review, large.review), (small.edit, large.edit)] {
            write!(f, "{:>8.1}", ratio(small, large))?;
        }
        f.write_str(if self.is_too_much() { "  too much" } else { "" })
    }
}

impl Cost {
    fn min(self, other: Cost) -> Cost {
        Cost {
            parse: self.parse.min(other.parse),
            review: self.review.min(other.review),
            edit: self.edit.min(other.edit),
        }
    }
}

fn cost(shape: &Shape, times: usize) -> Cost {
    let files = (shape.files)(shape.n * times);
    let first = files.first().map_or("", |file| file.name.as_str());
    let middle = files.first().map_or(0, |file| super::middle(&file.text)) as u32;
    let look = |session: &mut Session| {
        black_box(session.review("senior").ok());
        black_box(session.tokens(first).ok());
        black_box(session.inspect(first, middle).ok());
    };
    let mut parser = Parser::new();
    let parsed = if shape.is_broken() { &[][..] } else { &files };
    let parse = measure(|| (), |()| parsed.iter().for_each(|file| _ = black_box(parser.parse_bare(&file.text))));
    // The session has read what is known of the standard library, which costs the same for any text, and forgets the files.
    let session = RefCell::new(Session::new());
    let forget = || {
        let warm = FileText { name: "warm.go".to_owned(), text: "package p\n\nimport \"fmt\"\n".to_owned() };
        session.borrow_mut().open(vec![warm]);
        black_box(session.borrow_mut().review("senior").ok());
        files.clone()
    };
    let review = measure(forget, |files| {
        session.borrow_mut().open(files);
        look(&mut session.borrow_mut());
    });
    let next = files.first().map_or(0, |file| next_line(&file.text, middle));
    let mut typed = 0;
    let edits = measure(
        || (),
        |()| {
            let mut session = session.borrow_mut();
            for at in [next + typed, middle] {
                black_box(session.edit(first, &[Delta { from: at, to: at, insert: " ".to_owned() }]).ok());
                look(&mut session);
            }
            typed += 1;
        },
    );
    Cost { parse, review, edit: edits / 2 }
}

/// The end of the first line that is not blank after the end of a line, in UTF-16 units; of that line itself, if it is the last.
fn next_line(text: &str, end: u32) -> u32 {
    let rest: String = char::decode_utf16(text.encode_utf16().skip(end as usize)).flatten().collect();
    let blank = rest.len() - rest.trim_start().len();
    let line = rest.get(blank..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    end + rest.get(..blank).into_iter().chain([line]).map(|text| text.encode_utf16().count() as u32).sum::<u32>()
}

/// User CPU of `work`; what it needs is made before, outside the measure.
fn measure<I>(mut input: impl FnMut() -> I, mut work: impl FnMut(I)) -> Duration {
    let mut total = Duration::ZERO;
    for count in 1..=REPEATS {
        let input = input();
        let start = user();
        work(input);
        total += user().saturating_sub(start);
        if total >= ENOUGH {
            return total / count;
        }
    }
    total / REPEATS
}

/// The CPU time that this process has spent in its own code.
fn user() -> Duration {
    getrusage(UsageWho::RUSAGE_SELF).map_or(Duration::ZERO, |usage| {
        let time = usage.user_time();
        Duration::from_secs(time.tv_sec() as u64) + Duration::from_micros(time.tv_usec() as u64)
    })
}

fn ratio(small: Duration, large: Duration) -> f64 {
    if large < NOTHING { 1.0 } else { large.as_secs_f64() / small.as_secs_f64().max(1e-6) }
}
