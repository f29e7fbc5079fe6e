//! `cargo dev bench changes`: reviews of the changes between adjacent versions of modules. Each finding must be on a line that the
//! change adds, or on one that it makes wrong; none on an added line may be missing; and the review of a change may cost 1.3 times one
//! review of the new version where only bodies of functions differ, and else 2.2 times, in user CPU.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use gopeer_diff::{FileDiff, LineKind};
use gopeer_engine::outline;
use gopeer_engine::protocol::{Finding, Review, Touched};
use gopeer_syntax::cut;
use nix::sys::resource::{UsageWho, getrusage};

/// A module, an older version and the next newer one of its releases, in each line.
const PAIRS: &str = include_str!("pairs.txt");
/// Each review is made this often; the quickest counts.
const ROUNDS: usize = 3;
const BODIES_ONLY: f64 = 1.3;
const OTHERWISE: f64 = 2.2;

/// Reviews the pairs whose modules have one of these words in their paths; all, if there are none.
pub fn run(words: &[String]) -> Result<(), String> {
    let gopeer = built()?;
    let mut faults = 0;
    let mut sums: BTreeMap<bool, Sum> = BTreeMap::new();
    for line in PAIRS.lines() {
        let [module, old, new] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("pairs.txt: {line}"));
        };
        if !words.is_empty() && !words.iter().any(|word| module.contains(word.as_str())) {
            continue;
        }
        let pair = Pair::of(&gopeer, download(module, old)?, download(module, new)?)?;
        println!("{module} {old} {new}: {}", pair.described());
        pair.faults.iter().for_each(|fault| println!("    {fault}"));
        faults += pair.faults.len();
        let sum = sums.entry(pair.bodies_only).or_default();
        sum.pairs += 1;
        sum.whole += pair.whole.as_secs_f64();
        sum.change += pair.change.as_secs_f64();
        sum.worst = sum.worst.max(pair.ratio());
    }
    for (bodies_only, Sum { pairs, whole, change, worst }) in sums {
        let (what, limit) = if bodies_only { ("only bodies differ", BODIES_ONLY) } else { ("others", OTHERWISE) };
        println!("{what}: {pairs} pairs, {:.2} times one review in all, at most {worst:.2} of {limit}", change / whole);
    }
    if faults == 0 { Ok(()) } else { Err(format!("{faults} faults")) }
}

/// What the reviews of some pairs took together.
#[derive(Default)]
struct Sum {
    pairs: usize,
    /// Seconds for one review of the newer version.
    whole: f64,
    /// Seconds for the review of the change.
    change: f64,
    /// The worst ratio of the two.
    worst: f64,
}

/// The command, built now.
fn built() -> Result<PathBuf, String> {
    if let Some(built) = std::env::var_os("GOPEER") {
        return Ok(built.into());
    }
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cargo = Command::new("cargo").current_dir(&top).args(["build", "--release", "-p", "gopeer-cli"]).status();
    match cargo {
        Ok(status) if status.success() => Ok(top.join("target/release/gopeer")),
        _ => Err("the command could not be built".to_owned()),
    }
}

/// The folder of a module in the module cache.
fn download(module: &str, version: &str) -> Result<PathBuf, String> {
    let wanted = format!("{module}@{version}");
    let output = Command::new("go").env("GO111MODULE", "on").args(["mod", "download", "-json", &wanted]).output();
    let output = output.map_err(|error| format!("go does not run: {error}"))?;
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    found["Dir"].as_str().map(PathBuf::from).ok_or_else(|| format!("{wanted} cannot be downloaded: {}", found["Error"]))
}

/// Two versions of a module and what was said of the change.
struct Pair {
    bodies_only: bool,
    /// The time of a review of the new version.
    whole: Duration,
    /// The time of the review of the change.
    change: Duration,
    added: usize,
    on_added: usize,
    affected: usize,
    fixed: usize,
    unchanged: usize,
    faults: Vec<String>,
}

impl Pair {
    fn of(gopeer: &Path, old: PathBuf, new: PathBuf) -> Result<Pair, String> {
        let diff = diff(&old, &new)?;
        let diffs = gopeer_diff::parse(&diff);
        let added = added(&diffs);
        let (whole, of_new) = best(|| review(gopeer, &new, &[], ""))?;
        let (_, of_old) = review(gopeer, &old, &[], "")?;
        let (change, of_change) = best(|| review(gopeer, &new, &["--diff", "-"], &diff))?;
        let about = of_change.change.clone().unwrap_or_default();
        let mut pair = Pair {
            bodies_only: diffs.iter().all(|diff| is_of_bodies(diff, &old, &new)),
            whole,
            change,
            added: added.values().map(BTreeSet::len).sum(),
            on_added: 0,
            affected: 0,
            fixed: about.fixed.len(),
            unchanged: about.unchanged.len(),
            faults: Vec::new(),
        };
        for finding in &of_change.findings {
            pair.judge(finding, &added, &of_old);
        }
        pair.missing(&of_new, &of_change, &added);
        let (ratio, limit) = (pair.ratio(), if pair.bodies_only { BODIES_ONLY } else { OTHERWISE });
        if ratio > limit {
            pair.faults.push(format!("too slow: {ratio:.2} times one review, and {limit} are allowed"));
        }
        Ok(pair)
    }

    /// A finding is on an added line, or it was not there before in what is declared there.
    fn judge(&mut self, finding: &Finding, added: &Added, of_old: &Review) {
        if is_added(finding, added) {
            self.on_added += 1;
            return;
        }
        self.affected += 1;
        let here = |known: &&Finding| {
            let (a, b) = (&known.place.file, &finding.place.file);
            (&known.rule, a, &known.within, &known.message) == (&finding.rule, b, &finding.within, &finding.message)
        };
        let before = of_old.findings.iter().filter(here).count();
        if finding.touched != Touched::Affected || before > 0 {
            self.faults.push(format!("neither on an added line nor made wrong ({before} before): {}", shown(finding)));
        }
    }

    /// What a review of the new version finds on added lines must be among the findings of the change.
    fn missing(&mut self, of_new: &Review, of_change: &Review, added: &Added) {
        let related = |finding: &Finding| finding.related.iter().filter_map(|related| related.place.clone()).collect();
        let mut found = BTreeSet::new();
        for finding in &of_change.findings {
            let more: Vec<_> = related(finding);
            let places = [&finding.place].into_iter().chain(&finding.also).chain(&more);
            found.extend(places.map(|place| (finding.rule.clone(), place.file.clone(), place.range.line)));
        }
        for finding in of_new.findings.iter().filter(|finding| is_added(finding, added)) {
            let place = (finding.rule.clone(), finding.place.file.clone(), finding.place.range.line);
            if !found.contains(&place) {
                self.faults.push(format!("missing: {}", shown(finding)));
            }
        }
    }

    fn ratio(&self) -> f64 {
        self.change.as_secs_f64() / self.whole.as_secs_f64().max(1e-3)
    }

    fn described(&self) -> String {
        let Pair { added, on_added, affected, fixed, unchanged, .. } = self;
        let kind = if self.bodies_only { ", bodies only" } else { "" };
        let (whole, change) = (self.whole.as_millis(), self.change.as_millis());
        let ratio = change as f64 / whole.max(1) as f64;
        format!(
            "{added} lines added{kind}; {on_added} findings on them, {affected} on others, {fixed} fixed, {unchanged} unchanged; \
             {whole} and {change} ms, {ratio:.2}"
        )
    }
}

fn shown(finding: &Finding) -> String {
    format!("{}:{} {}: {}", finding.place.file, finding.place.range.line, finding.rule, finding.message)
}

/// The lines that a diff adds, by file.
type Added = BTreeMap<String, BTreeSet<u32>>;

fn added(diffs: &[FileDiff]) -> Added {
    let mut added = Added::new();
    for diff in diffs {
        let Some(name) = &diff.after else { continue };
        let lines = added.entry(name.clone()).or_default();
        for hunk in &diff.hunks {
            let kinds = hunk.lines.iter().map(|line| line.kind).filter(|kind| *kind != LineKind::Gone);
            let numbered = (hunk.after + 1..).zip(kinds);
            lines.extend(numbered.filter(|(_, kind)| *kind == LineKind::New).map(|(number, _)| number));
        }
    }
    added
}

fn is_added(finding: &Finding, added: &Added) -> bool {
    added.get(&finding.place.file).is_some_and(|lines| lines.contains(&finding.place.range.line))
}

/// Whether a file is there in both versions, and nothing but bodies of functions and comments on functions differs.
fn is_of_bodies(diff: &FileDiff, old: &Path, new: &Path) -> bool {
    let name = diff.after.as_ref().or(diff.before.as_ref());
    let Some(name) = name.filter(|name| name.ends_with(".go")) else { return true };
    let declared = |root: &Path| {
        let text = std::fs::read_to_string(root.join(name)).ok()?;
        let pieces = cut(&text).into_iter().map(|piece| declared(piece.span.of(&text)));
        Some(pieces.collect::<Vec<String>>())
    };
    declared(old).is_some_and(|old| Some(old) == declared(new))
}

/// Of a function its head, of other pieces all.
fn declared(piece: &str) -> String {
    let code = piece.lines().find(|line| !line.is_empty() && !line.starts_with("//")).unwrap_or_default();
    if !code.starts_with("func") {
        return piece.to_owned();
    }
    // In front of it, so that it is no package clause, of which everything is kept.
    let outline = outline(&format!("package p\n\n{piece}"));
    outline.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The difference between two folders, with names below them.
fn diff(old: &Path, new: &Path) -> Result<String, String> {
    let form = ["diff", "--no-index", "--no-renames", "--no-color", "--src-prefix=a/", "--dst-prefix=b/"];
    let output = Command::new("git").args(form).arg(old).arg(new).output();
    let output = output.map_err(|error| format!("git does not run: {error}"))?;
    let mut diff = String::from_utf8_lossy(&output.stdout).into_owned();
    for root in [old, new] {
        diff = diff.replace(&format!("{}/", root.display()), "/");
    }
    Ok(diff)
}

/// A review of all packages of a folder, and the user CPU that it takes.
fn review(gopeer: &Path, folder: &Path, how: &[&str], input: &str) -> Result<(Duration, Review), String> {
    let before = user();
    let mut command = Command::new(gopeer);
    command.current_dir(folder).args(["review", "--format", "json"]).args(how).arg("./...");
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = child.map_err(|error| format!("{}: {error}", gopeer.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may end without having read all.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let review = serde_json::from_slice(&output.stdout).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok((user().saturating_sub(before), review))
}

fn best(review: impl Fn() -> Result<(Duration, Review), String>) -> Result<(Duration, Review), String> {
    let all = (0..ROUNDS).map(|_| review()).collect::<Result<Vec<_>, _>>()?;
    all.into_iter().min_by_key(|(time, _)| *time).ok_or_else(|| "no round".to_owned())
}

/// The user CPU of the commands that have ended.
fn user() -> Duration {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(Duration::ZERO, |usage| {
        let time = usage.user_time();
        Duration::new(time.tv_sec().max(0) as u64, time.tv_usec().max(0) as u32 * 1000)
    })
}
