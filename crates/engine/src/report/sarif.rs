//! A review as SARIF 2.1.0 (OASIS Standard, "Static Analysis Results Interchange Format").

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::remarked;
use crate::persona::highest_score;
use crate::protocol::{
    Confidence, Edit, Finding, Fix, Guide, Place, Range, Reference, Related, Review, RuleInfo, Severity, SilencedBy,
    Step, Suppressed,
};

/// The reviews as one SARIF log with one run each. `rules` describes the rules that results refer to.
pub fn sarif<'r>(reviews: impl IntoIterator<Item = &'r Review>, rules: &[RuleInfo]) -> Value {
    let runs: Vec<Value> = reviews.into_iter().map(|review| run(review, rules)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": runs,
    })
}

fn run(review: &Review, rules: &[RuleInfo]) -> Value {
    let index = |id: &str| rules.iter().position(|rule| rule.id == id);
    let found = |findings: &[Finding]| -> Vec<Value> {
        findings.iter().map(|finding| result(finding, index(&finding.rule))).collect()
    };
    let mut results = found(&review.findings);
    results.extend(review.suppressed.iter().map(|silenced| suppressed(silenced, index(&silenced.rule))));
    if let Some(change) = &review.change {
        // The state of a result, compared with the code before the change (section 3.27.24).
        let states = [(results, "new"), (found(&change.unchanged), "unchanged"), (found(&change.fixed), "absent")];
        let with_state = |(results, state): (Vec<Value>, &'static str)| {
            results.into_iter().map(move |mut result| {
                result["baselineState"] = json!(state);
                result
            })
        };
        results = states.into_iter().flat_map(with_state).collect();
    }
    json!({
        "tool": { "driver": {
            "name": "gopeer",
            "version": review.engine,
            "semanticVersion": review.engine,
            "rules": rules.iter().map(descriptor).collect::<Vec<_>>(),
        }},
        "automationDetails": { "id": format!("gopeer/{}", review.persona.id) },
        "columnKind": "unicodeCodePoints",
        "results": results,
    })
}

/// Adds to each described rule what its guide has: the first reference as `helpUri`, the impact and all references as `help` (section
/// 3.49.13).
pub fn add_help(log: &mut Value, guides: &BTreeMap<String, Guide>) {
    let runs = log["runs"].as_array_mut().into_iter().flatten();
    for rule in runs.filter_map(|run| run["tool"]["driver"]["rules"].as_array_mut()).flatten() {
        let Some(guide) = rule["id"].as_str().and_then(|id| guides.get(id)) else { continue };
        if let Some(first) = guide.references.first() {
            rule["helpUri"] = json!(first.url);
        }
        let help = |reference: fn(&Reference) -> String| {
            let impact = Some(&guide.impact).filter(|text| !text.is_empty()).cloned();
            impact.into_iter().chain(guide.references.iter().map(reference)).collect::<Vec<_>>().join("\n\n")
        };
        let text = help(|to| format!("{}: {}", to.title, to.url));
        if !text.is_empty() {
            rule["help"] = json!({ "text": text, "markdown": help(|to| format!("[{}]({})", to.title, to.url)) });
        }
    }
}

/// Adds to each run what people wrote on lines: file, line and text. No rule says it and nothing is known to be wrong, so it is for people
/// to review (sections 3.27.9 and 3.27.10).
pub fn add_notes<'n>(log: &mut Value, notes: impl IntoIterator<Item = (&'n str, u32, &'n str)>) {
    let note = |(file, line, text): (&str, u32, &str)| {
        let place = json!({ "artifactLocation": artifact(file), "region": { "startLine": line } });
        json!({
            "kind": "review",
            "level": "none",
            "message": { "text": text },
            "locations": [{ "physicalLocation": place }],
        })
    };
    let notes: Vec<Value> = notes.into_iter().map(note).collect();
    let runs = log["runs"].as_array_mut().into_iter().flatten();
    for results in runs.filter_map(|run| run["results"].as_array_mut()) {
        results.extend_from_slice(&notes);
    }
}

fn descriptor(rule: &RuleInfo) -> Value {
    json!({
        "id": rule.id,
        "deprecatedIds": rule.former_ids,
        "name": rule.id.rsplit('/').next().unwrap_or(&rule.id),
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": if rule.why.is_empty() { &rule.title } else { &rule.why } },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "category": rule.category,
            "precision": precision(rule.confidence),
            "problem.severity": level(rule.severity),
            "tags": [rule.category],
            "equivalents": rule.equivalents,
        },
    })
}

fn result(finding: &Finding, rule: Option<usize>) -> Value {
    let remarks: Vec<String> = finding
        .related
        .iter()
        .filter(|related| related.place.is_none())
        .map(|related| format!("\n{}", related.message))
        .collect();
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": format!("{}{}", finding.message, remarks.concat()) },
        "locations": [found_at(finding)],
        "relatedLocations": finding.related.iter().filter_map(related).chain(finding.also.iter().map(location)).collect::<Vec<_>>(),
        "partialFingerprints": { "gopeerSnippet/v1": finding.id },
        "rank": rank(finding),
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = json!(rule);
    }
    if let Some((decision, note)) = remarked(finding) {
        result["properties"] = json!({ "decision": decision, "note": note });
    }
    if !finding.steps.is_empty() {
        result["codeFlows"] = json!([{ "threadFlows": thread_flows(&finding.steps) }]);
    }
    if !finding.fixes.is_empty() {
        result["fixes"] = finding.fixes.iter().map(fix).collect();
    }
    result
}

fn suppressed(silenced: &Suppressed, rule: Option<usize>) -> Value {
    let kind = if silenced.by == SilencedBy::Comment { "inSource" } else { "external" };
    let mut suppression = json!({ "kind": kind });
    if !silenced.reason.is_empty() {
        suppression["justification"] = json!(silenced.reason);
    }
    let mut result = json!({
        "ruleId": silenced.rule,
        "message": { "text": silenced.message },
        "locations": [location(&silenced.place)],
        "suppressions": [suppression],
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = json!(rule);
    }
    result
}

/// The steps of each goroutine, in the order in which goroutines first take one; `executionOrder` has them all in their order (SARIF
/// 2.1.0, sections 3.37 and 3.38.11).
fn thread_flows(steps: &[Step]) -> Vec<Value> {
    let mut goroutines: Vec<&Option<String>> = Vec::new();
    for step in steps {
        if !goroutines.contains(&&step.goroutine) {
            goroutines.push(&step.goroutine);
        }
    }
    let flow = |goroutine: &Option<String>| {
        let own = steps.iter().enumerate().filter(|(_, step)| step.goroutine == *goroutine);
        let locations: Vec<Value> = own.map(|(at, taken)| step(at, taken)).collect();
        let mut flow = json!({ "locations": locations });
        if let Some(goroutine) = goroutine {
            flow["message"] = json!({ "text": goroutine });
        }
        flow
    };
    goroutines.into_iter().map(flow).collect()
}

fn step(at: usize, step: &Step) -> Value {
    let mut place = location(&step.place);
    place["message"] = json!({ "text": step.message });
    json!({ "location": place, "executionOrder": at + 1 })
}

fn related(related: &Related) -> Option<Value> {
    let mut value = location(related.place.as_ref()?);
    value["message"] = json!({ "text": related.message });
    Some(value)
}

fn location(place: &Place) -> Value {
    json!({ "physicalLocation": { "artifactLocation": artifact(&place.file), "region": region(&place.range) } })
}

fn found_at(finding: &Finding) -> Value {
    let mut value = location(&finding.place);
    if !finding.within.is_empty() {
        value["logicalLocations"] = json!([{ "fullyQualifiedName": finding.within }]);
    }
    value
}

fn artifact(file: &str) -> Value {
    json!({ "uri": uri(file) })
}

/// A relative reference (RFC 3986): characters outside the unreserved set and `/` are percent-encoded.
fn uri(file: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    file.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn region(range: &Range) -> Value {
    json!({
        "startLine": range.line,
        "startColumn": range.column,
        "endLine": range.end_line,
        "endColumn": range.end_column,
        "byteOffset": range.start,
        "byteLength": range.end - range.start,
    })
}

fn fix(fix: &Fix) -> Value {
    let change = |file: &str| {
        let edits = fix.edits.iter().filter(|edit| edit.place.file == file);
        json!({ "artifactLocation": artifact(file), "replacements": edits.map(replacement).collect::<Vec<_>>() })
    };
    json!({
        "description": { "text": fix.title },
        "artifactChanges": fix.files().into_iter().map(change).collect::<Vec<_>>(),
    })
}

fn replacement(edit: &Edit) -> Value {
    json!({ "deletedRegion": region(&edit.place.range), "insertedContent": { "text": edit.insert } })
}

/// SARIF has three levels; `rank` keeps the difference between high and critical.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// 0 to 100 (section 3.27.25): the score over the highest that there is.
fn rank(finding: &Finding) -> f32 {
    (finding.score / highest_score() * 100.0).clamp(0.0, 100.0)
}
