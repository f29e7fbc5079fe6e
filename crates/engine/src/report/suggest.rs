//! The fixes of a review as suggestion blocks: a comment with one can be applied on the host by a click.

use super::markdown::{as_said, fence, quoted};
use super::{Patch, Texts, all_patches, labelled, remarked};
use crate::protocol::{Finding, Fix, Review};

/// Whose suggestion blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// GitHub: the block replaces the lines that the comment is on.
    GitHub,
    /// GitLab: the block says how many lines it replaces, counted from the one that the comment is on.
    GitLab,
}

/// The fixes, best finding first, each under the lines that its comment belongs to.
pub fn suggestions(review: &Review, texts: &Texts, host: Host) -> String {
    let mut out = String::new();
    for finding in &review.findings {
        out.push_str(&suggestion(finding, texts, host));
    }
    if out.is_empty() {
        out.push_str("No finding has a fix that could be suggested.\n");
    }
    out
}

/// The first fix of one finding under headings that say where it belongs, or nothing where it has none.
fn suggestion(finding: &Finding, texts: &Texts, host: Host) -> String {
    let comments = finding.fixes.first().map(|fix| comments(finding, fix, texts, host)).unwrap_or_default();
    comments.into_iter().map(|(lines, comment)| format!("### {lines}\n\n{comment}\n")).collect()
}

/// A fix of a finding as comments, each with the lines that it belongs on: one for each stretch of lines that the fix changes.
pub fn comments(finding: &Finding, fix: &Fix, texts: &Texts, host: Host) -> Vec<(String, String)> {
    let found = all_patches(fix, texts);
    let several =
        if found.len() > 1 { format!(" ({} suggestions, which belong together)", found.len()) } else { String::new() };
    let comment = |(at, patch): (usize, &Patch)| {
        let lines = match (patch.first, patch.last()) {
            (first, last) if first == last => format!("line {first}"),
            (first, last) => format!("lines {first} to {last}"),
        };
        let said = if at > 0 {
            format!("{}, continued.\n\n", fix.title)
        } else {
            let note = remarked(finding).map(|(label, said)| labelled(label, &as_said(said)) + "\n\n");
            format!("{} {}{several}.\n\n{}", finding.say, fix.title, note.unwrap_or_default())
        };
        (format!("{}, {lines}", quoted(&patch.file)), said + &block(patch, host))
    };
    found.iter().enumerate().map(comment).collect()
}

fn block(patch: &Patch, host: Host) -> String {
    let fence = fence(&patch.new.join("\n"));
    let above_and_below = match host {
        Host::GitHub => String::new(),
        Host::GitLab => format!(":-0+{}", patch.last() - patch.first),
    };
    let lines: String = patch.new.iter().map(|line| format!("{line}\n")).collect();
    format!("{fence}suggestion{above_and_below}\n{lines}{fence}\n")
}
