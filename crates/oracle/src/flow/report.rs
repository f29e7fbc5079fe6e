//! What the comparison has shown, as text.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::compare::{Cause, Compared, Difference, What};
use crate::types::ours::File;

/// The head of the table.
pub const HEAD: &str = concat!(
    "                                                               nodes             reached        dominator",
    "       calls that end  functions that never return\n",
    "source                                  packages functions       all    quiet    agree  differ    agree  differ",
    "    agree  differ    agree  differ  unexplained  skipped"
);

/// How many differences of a cause are shown where all causes are.
const SHOWN: usize = 3;

/// What comparing some packages has shown.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Packages compared.
    pub packages: usize,
    /// Their files.
    pub files: usize,
    /// Their functions and literals with a body.
    pub functions: usize,
    /// The nodes of go/cfg in them.
    pub nodes: usize,
    /// Nodes that go/cfg reaches and of which lowering makes nothing: they are not compared.
    pub quiet: usize,
    /// Nodes that both sides reach, and of which the dominator was compared.
    pub reached: usize,
    /// Calls that never return on one side at least.
    pub calls: usize,
    /// Functions that never return on both sides.
    pub never: usize,
    /// Packages that were left out, and why.
    pub skipped: Vec<String>,
    /// Packages at which we panicked.
    pub panics: Vec<String>,
    /// Functions of theirs of which we have no program.
    pub missing: Vec<String>,
    /// The differences by cause: a line for each.
    pub causes: BTreeMap<(What, Cause), Vec<String>>,
}

impl Tally {
    pub(super) fn note(&mut self, file: &File, start: u32, compared: Option<Compared>) {
        self.functions += 1;
        let Some(compared) = compared else {
            return self.missing.push(file.place(start));
        };
        self.nodes += compared.nodes;
        self.quiet += compared.quiet;
        self.reached += compared.reached;
        self.calls += compared.calls;
        self.never += usize::from(compared.never);
        for Difference { what, cause, at, says } in compared.differences {
            let text = at.of(&file.text).lines().next().unwrap_or_default();
            let line = format!("{}: `{text}`: {says}", file.place(at.start));
            self.causes.entry((what, cause)).or_default().push(line);
        }
    }

    pub(super) fn add(&mut self, other: Tally) {
        self.packages += other.packages;
        self.files += other.files;
        self.functions += other.functions;
        self.nodes += other.nodes;
        self.quiet += other.quiet;
        self.reached += other.reached;
        self.calls += other.calls;
        self.never += other.never;
        self.skipped.extend(other.skipped);
        self.panics.extend(other.panics);
        self.missing.extend(other.missing);
        for (key, lines) in other.causes {
            self.causes.entry(key).or_default().extend(lines);
        }
    }

    /// How many differences there are in something.
    pub fn differ(&self, what: What) -> usize {
        self.causes.iter().filter(|((of, _), _)| *of == what).map(|(_, lines)| lines.len()).sum()
    }

    /// How many differences have no cause that is known.
    pub fn unexplained(&self) -> usize {
        self.causes.iter().filter(|((_, cause), _)| *cause == Cause::Unexplained).map(|(_, lines)| lines.len()).sum()
    }

    /// A row of the table.
    pub fn row(&self, name: &str) -> String {
        let name: String = name.chars().take(40).collect();
        let [call, reach, dominator, function] =
            [What::Call, What::Reached, What::Dominator, What::Function].map(|what| self.differ(what));
        let pairs = [
            (self.nodes - self.quiet - reach, reach),
            (self.reached - dominator, dominator),
            (self.calls - call, call),
            (self.never, function),
        ];
        let pairs: String = pairs.iter().map(|(agree, differ)| format!("{agree:>9}{differ:>8}")).collect();
        let panics = if self.panics.is_empty() { String::new() } else { format!("  {} PANICS", self.panics.len()) };
        let (packages, functions, skipped) = (self.packages, self.functions, self.skipped.len());
        let (nodes, quiet, unexplained) = (self.nodes, self.quiet, self.unexplained() + self.missing.len());
        format!(
            "{name:<40}{packages:>8}{functions:>10}{nodes:>10}{quiet:>9}{pairs}{unexplained:>13}{skipped:>9}{panics}"
        )
    }

    /// The causes of differences: a few lines of each, or all lines of those whose name contains `wanted`.
    pub fn causes(&self, wanted: Option<&str>, top: usize) -> String {
        let mut out = String::new();
        for line in &self.skipped {
            let _ = writeln!(out, "skipped {line}");
        }
        for place in &self.missing {
            let _ = writeln!(out, "no program of {place}");
        }
        let named = self.causes.iter().map(|((what, cause), lines)| (what.text(), cause.text(), lines));
        let chosen =
            named.filter(|(what, cause, _)| wanted.is_none_or(|wanted| format!("{what}: {cause}").contains(wanted)));
        for (what, cause, lines) in chosen.take(top) {
            let _ = writeln!(out, "\n{:>8}  {what}: {cause}", lines.len());
            for line in lines.iter().take(if wanted.is_some() { usize::MAX } else { SHOWN }) {
                let _ = writeln!(out, "      {line}");
            }
        }
        out
    }

    /// What must not be: empty where all is well.
    pub fn faults(&self) -> String {
        let mut faults = Vec::new();
        if !self.panics.is_empty() {
            faults.push(format!("we panicked at {}", self.panics.join(", ")));
        }
        match self.unexplained() + self.missing.len() {
            0 => {}
            count => faults.push(format!("{count} differences are not explained")),
        }
        faults.join("; ")
    }
}

impl What {
    fn text(self) -> &'static str {
        match self {
            What::Call => "call that never returns",
            What::Reached => "reached",
            What::Dominator => "dominator",
            What::Function => "function that never returns",
        }
    }
}

impl Cause {
    fn text(self) -> &'static str {
        match self {
            Cause::OwnBody => "ctrlflow finds it of a function of the package, and we do not",
            Cause::OtherBody => "ctrlflow finds it of a function of another package",
            Cause::OurBody => "we find it of a function of the package, and ctrlflow does not",
            Cause::Facts => "our facts know a function whose body does not show it to ctrlflow",
            Cause::InsideExpression => "the call is inside an expression, where go/cfg does not look",
            Cause::SeveralCalls => "several calls that only one side knows",
            Cause::RangeVariable => "go/cfg sets range variables once, before the loop",
            Cause::ForTrue => "to go/cfg a loop `for true` may end",
            Cause::Defer => "to go/cfg any deferred call may recover, though nothing unwinds",
            Cause::Unexplained => "unexplained",
        }
    }
}
