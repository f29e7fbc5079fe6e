//! Findings as GitLab's code quality report: its subset of the Code Climate format
//! (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).

use std::collections::HashSet;

use serde_json::{Value, json};

use super::sentence;
use crate::protocol::{Finding, Review, Severity};

/// The findings of the reviews as one report; what several reviewers found is listed once.
pub fn code_quality<'r>(reviews: impl IntoIterator<Item = &'r Review>) -> Value {
    let mut listed = HashSet::new();
    let findings = reviews.into_iter().flat_map(|review| &review.findings);
    findings.filter(|finding| listed.insert(fingerprint(finding))).map(issue).collect()
}

fn issue(finding: &Finding) -> Value {
    let range = &finding.place.range;
    json!({
        "description": sentence(&finding.message),
        "check_name": finding.rule,
        "fingerprint": fingerprint(finding),
        "severity": severity(finding.severity),
        "location": { "path": finding.place.file, "lines": { "begin": range.line, "end": range.end_line } },
    })
}

/// GitLab compares the fingerprints of two branches, and lists only the first issue of those that share one.
fn fingerprint(finding: &Finding) -> String {
    format!("{}:{}", finding.place.file, finding.id)
}

/// GitLab also has `blocker`, which says that nothing may be merged: --fail-on decides that.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "info",
        Severity::Medium => "minor",
        Severity::High => "major",
        Severity::Critical => "critical",
    }
}
