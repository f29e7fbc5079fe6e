//! `cargo dev oracle --broken N`: takes a token or a line out of real files and looks at what is still known.
//!
//! Nothing may panic, and what stands outside the damaged declaration is to keep its type, as far as it does not depend on it.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gopeer_api::Module;
use gopeer_syntax::ast::Expr;
use gopeer_syntax::{Span, cut};

use super::canon::{Canon, UNKNOWN};
use super::ours::{Package, Text};

/// A package as it is, before it is damaged.
pub struct Whole {
    /// Its import path.
    pub path: String,
    /// Its files.
    pub texts: Vec<Text>,
}

/// What is left of the types of expressions outside the damaged declarations.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How often something was taken out.
    pub damages: usize,
    /// In the damaged files: expressions that had a type, and that still have it.
    pub file: Kept,
    /// In the whole packages.
    pub package: Kept,
    /// Damages at which we panicked.
    pub panics: Vec<String>,
    /// Those that cost most types in their file: how many, and what was taken out.
    pub worst: Vec<(usize, String)>,
    /// The longest check.
    pub slowest: Duration,
}

/// How many expressions keep their type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// That had a type.
    pub of: usize,
    /// That still have it.
    pub kept: usize,
}

impl Kept {
    /// In percent.
    pub fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { 100.0 * self.kept as f64 / self.of as f64 }
    }

    fn add(&mut self, other: Kept) {
        self.of += other.of;
        self.kept += other.kept;
    }
}

/// How many of the worst are kept.
const WORST: usize = 20;

impl Outcome {
    fn add(&mut self, other: Outcome) {
        self.damages += other.damages;
        self.file.add(other.file);
        self.package.add(other.package);
        self.panics.extend(other.panics);
        self.worst.extend(other.worst);
        self.worst.sort_by(|a, b| b.cmp(a));
        self.worst.truncate(WORST);
        self.slowest = self.slowest.max(other.slowest);
    }

    /// For readers.
    pub fn report(&self) -> String {
        let mut lines = vec![
            format!("{} damages, {} panics, slowest check {:.0?}", self.damages, self.panics.len(), self.slowest),
            format!("in the file:    {:.2} % of {} expressions keep their type", self.file.percent(), self.file.of),
            format!(
                "in the package: {:.2} % of {} expressions keep their type",
                self.package.percent(),
                self.package.of
            ),
        ];
        lines.extend(self.panics.iter().map(|at| format!("panic: {at}")));
        lines.extend(self.worst.iter().map(|(lost, what)| format!("{lost:>8} lost: {what}")));
        lines.join("\n") + "\n"
    }
}

/// Damages files of the packages `count` times, the same ones for the same `seed`.
pub fn run(packages: &[Whole], count: usize, seed: u64, modules: &[Module]) -> Result<Outcome, String> {
    let files: Vec<(usize, usize)> = packages
        .iter()
        .enumerate()
        .flat_map(|(at, whole)| (0..whole.texts.len()).map(move |file| (at, file)))
        .collect();
    let mut plan: BTreeMap<usize, Vec<(usize, Random)>> = BTreeMap::new();
    for number in 0..count as u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9).wrapping_add(number));
        let Some(&(package, file)) = files.get(random.below(files.len())) else { break };
        plan.entry(package).or_default().push((file, random));
    }
    let plan: Vec<(usize, Vec<(usize, Random)>)> = plan.into_iter().collect();
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Outcome::default());
    super::on_all_cores(&|| {
        while let Some((package, damages)) = plan.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(whole) = packages.get(*package) {
                let outcome = one_package(whole, damages, modules);
                total.lock().map_err(|_| "a thread has panicked")?.add(outcome);
            }
        }
        Ok(())
    })?;
    total.into_inner().map_err(|_| "a thread has panicked".to_owned())
}

fn one_package(whole: &Whole, damages: &[(usize, Random)], modules: &[Module]) -> Outcome {
    let mut outcome = Outcome::default();
    let intact = catch_unwind(AssertUnwindSafe(|| Package::check(&whole.path, whole.texts.clone(), modules)));
    let Ok(intact) = intact else {
        outcome.panics.push(format!("{} as it is", whole.path));
        return outcome;
    };
    let canon = plain(&intact);
    for &(file, mut random) in damages {
        let Some(text) = whole.texts.get(file) else { continue };
        let span = damage(&text.text, &mut random);
        let what = format!("{} without {:?}", intact.files[file].place(span.start), short(span.of(&text.text)));
        let mut text = text.text.clone();
        text.replace_range(span.start as usize..span.end as usize, "");
        let start = Instant::now();
        let work = || {
            let damaged = intact.check_with(file, text, modules);
            (start.elapsed(), kept(&intact, &canon, &damaged, file, span))
        };
        outcome.damages += 1;
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok((took, (of_file, of_package))) => outcome.add(Outcome {
                file: of_file,
                package: of_package,
                worst: vec![(of_file.of - of_file.kept, what)],
                slowest: took,
                ..Outcome::default()
            }),
            Err(_) => outcome.panics.push(what),
        }
    }
    outcome
}

/// Local types by name only: their places have moved.
fn plain(package: &Package) -> Canon<'_> {
    Canon::new(&package.checked.store, Default::default())
}

fn short(text: &str) -> String {
    text.trim().chars().take(60).collect()
}

/// How many of the expressions outside the pieces that `gone` touches have the type that they had: in the file, in all.
fn kept(intact: &Package, before: &Canon<'_>, damaged: &Package, file: usize, gone: Span) -> (Kept, Kept) {
    let after = plain(damaged);
    let (mut of_file, mut of_package) = (Kept::default(), Kept::default());
    for (at, old) in intact.files.iter().enumerate() {
        let Some(new) = damaged.files.get(at) else { continue };
        // Elsewhere the trees are the same.
        let moved = if at == file { new.expressions() } else { HashMap::new() };
        let mut kept = Kept::default();
        for (number, piece) in old.pieces.iter().enumerate() {
            let span = Span::new(0, piece.tree.text().len() as u32).offset(piece.start);
            let hit = at == file && gone.start < span.end && span.start < gone.end;
            let Some(facts) = intact.facts(at, number).filter(|_| !hit) else { continue };
            let shift = if at == file && span.start >= gone.end { gone.len() } else { 0 };
            for (id, expr) in piece.tree.all_exprs() {
                let known = before.ty(facts.type_of(id));
                if known.contains(UNKNOWN) || matches!(expr, Expr::Bad) {
                    continue;
                }
                kept.of += 1;
                let place = if at == file {
                    let span = piece.tree.span(id).offset(piece.start);
                    moved.get(&(span.start - shift, span.end - shift, expr.kind() as u8)).copied()
                } else {
                    Some((number, id))
                };
                let now = place.and_then(|(piece, id)| Some(damaged.facts(at, piece)?.type_of(id)));
                kept.kept += usize::from(now.is_some_and(|now| after.ty(now) == known));
            }
        }
        of_package.add(kept);
        if at == file {
            of_file = kept;
        }
    }
    (of_file, of_package)
}

/// A token or a line of the text that is not blank and no comment, as far as one is found.
fn damage(text: &str, random: &mut Random) -> Span {
    let comments: Vec<Span> = gopeer_comments(text);
    let code = |at: usize| !comments.iter().any(|span| (span.start..span.end).contains(&(at as u32)));
    let bytes = text.as_bytes();
    let line = random.below(2) == 0;
    for _ in 0..100 {
        let at = random.below(bytes.len());
        let Some(byte) = bytes.get(at) else { break };
        if byte.is_ascii_whitespace() || !code(at) {
            continue;
        }
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
        let inside = |byte: &u8| if line { *byte != b'\n' } else { word(byte) };
        if !line && !word(byte) {
            return Span::new(at as u32, at as u32 + 1);
        }
        let start = bytes[..at].iter().rposition(|byte| !inside(byte)).map_or(0, |before| before + 1);
        let end = bytes[at..].iter().position(|byte| !inside(byte)).map_or(bytes.len(), |len| at + len);
        return Span::new(start as u32, end as u32);
    }
    Span::default()
}

fn gopeer_comments(text: &str) -> Vec<Span> {
    let mut parser = gopeer_syntax::Parser::new();
    let of = |span: Span| {
        let tree = parser.parse(span.of(text));
        tree.comments().iter().map(|comment| comment.span.offset(span.start)).collect::<Vec<_>>()
    };
    cut(text).iter().map(|piece| piece.span).flat_map(of).collect()
}

/// SplitMix64: what comes out depends on nothing but the seed.
#[derive(Clone, Copy, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { (self.next() % limit as u64) as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "package p\n\n// Lead.\nfunc f() int { return x }\n\nvar x = 1\n";

    fn whole() -> Vec<Whole> {
        let text = Text { name: "p.go".to_owned(), text: TEXT.to_owned() };
        vec![Whole { path: "p".to_owned(), texts: vec![text] }]
    }

    #[test]
    fn takes_out_code_and_neither_blanks_nor_comments() {
        for seed in 0..500 {
            let gone = damage(TEXT, &mut Random(seed));
            let text = gone.of(TEXT);
            assert!(!text.trim().is_empty() && !text.contains('\n'), "{text:?}");
            assert!(!text.contains("Lead"), "{text:?}");
        }
    }

    #[test]
    fn the_same_seed_does_the_same() {
        let [first, second] = [1, 1].map(|seed| run(&whole(), 30, seed, &[]).expect("an outcome"));
        assert_eq!((first.damages, first.panics.len()), (30, 0));
        assert_eq!((first.file, first.worst), (second.file, second.worst));
    }

    #[test]
    fn what_depends_on_the_damage_loses_its_type() {
        let [whole] = &whole()[..] else { panic!("one package") };
        let intact = Package::check("p", whole.texts.clone(), &[]);
        let at = TEXT.find("var x").expect("a variable");
        let gone = Span::new(at as u32, at as u32 + 9);
        let text = TEXT.replace("var x = 1", "");
        let damaged = Package::check("p", vec![Text { name: "p.go".to_owned(), text }], &[]);
        let (file, package) = kept(&intact, &plain(&intact), &damaged, 0, gone);
        assert_eq!(file, package);
        assert_eq!(file.of - file.kept, 1, "the x of `return x`: {file:?}");
    }
}
