//! What the comparison has shown, as text.

use std::fmt::Write;

use super::compare::{Cause, Count, Tally};

/// The head of the table.
pub const HEAD: &str = "\
                                                          expressions                                     identifiers                constants
source                                  packages  files    agree  unk.dep  unknown   differ        %    agree  unk.dep  unknown   differ        %    agree  unk.dep  unknown   differ        %  errors  skipped";

/// A row of the table.
pub fn row(name: &str, tally: &Tally) -> String {
    let name: String = name.chars().take(40).collect();
    let counts = [tally.types, tally.objects, tally.values].map(|count| {
        let Count { agree, unknown_dependency, unknown, differ } = count;
        format!("{agree:>9}{unknown_dependency:>9}{unknown:>9}{differ:>9}{:>9.3}", count.percent())
    });
    let [types, objects, values] = counts;
    let (errors, skipped) = (tally.error_count(), tally.skipped.len());
    let panics = if tally.panics.is_empty() { String::new() } else { format!("  {} PANICS", tally.panics.len()) };
    format!("{name:<40}{:>8}{:>7}{types}{objects}{values}{errors:>8}{skipped:>9}{panics}", tally.packages, tally.files)
}

/// The biggest causes of disagreements, a sample for each, and all errors we report.
pub fn causes(tally: &Tally, top: usize) -> String {
    let mut out = String::new();
    for error in &tally.skipped {
        let _ = writeln!(out, "skipped {error}");
    }
    for (title, causes) in [("errors that we report", &tally.errors), ("causes of disagreements", &tally.causes)] {
        let mut sorted: Vec<(&String, &Cause)> = causes.iter().collect();
        sorted.sort_by_key(|(_, cause)| std::cmp::Reverse(cause.count));
        if !sorted.is_empty() {
            let _ = writeln!(out, "\n{title}");
        }
        for (name, cause) in sorted.into_iter().take(top) {
            let _ = writeln!(out, "{:>8}  {name}", cause.count);
            for sample in cause.samples.iter().take(2) {
                let _ = writeln!(out, "      {sample}");
            }
        }
    }
    out
}

/// All samples of the causes whose name contains `wanted`.
pub fn samples(tally: &Tally, wanted: &str) -> String {
    let mut out = String::new();
    for (name, cause) in tally.errors.iter().chain(&tally.causes).filter(|(name, _)| name.contains(wanted)) {
        let _ = writeln!(out, "\n{:>8}  {name}", cause.count);
        for sample in &cause.samples {
            let _ = writeln!(out, "      {sample}");
        }
    }
    out
}
