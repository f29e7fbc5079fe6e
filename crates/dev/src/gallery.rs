//! What the page of all rules needs besides their documentation: who reviews, and a link that opens each rule's example.

use gopeer_engine::Session;
use gopeer_engine::persona::builtin;
use gopeer_engine::protocol::{Answer, Ask, FileText, RuleInfo};
use gopeer_link::{Focus, Shared, SharedFile, encode};
use serde_json::{Value, json};

/// Names that an example may be written for; the rule decides which fits.
const NAMES: [&str; 4] = ["main.go", "main_test.go", "Dockerfile", "go.mod"];

/// For rules about what a later Go does otherwise.
const OLDER: &str = "module example.com/older\n\ngo 1.20\n";

/// `{personas: {id: name}, links: {rule: fragment}}`. A rule of whose examples the page would find nothing has no link.
pub fn gallery(rules: &[RuleInfo]) -> Value {
    let personas: serde_json::Map<String, Value> =
        builtin().into_iter().map(|persona| (persona.id, persona.name.into())).collect();
    let links: serde_json::Map<String, Value> =
        rules.iter().filter_map(|rule| Some((rule.id.clone(), link(rule)?.into()))).collect();
    json!({ "personas": personas, "links": links })
}

/// The first example that the reviewer who cares most finds as the page shows it: alone, or in a module of an older Go.
fn link(rule: &RuleInfo) -> Option<String> {
    let (persona, _) = rule.personas.iter().rev().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    let alone = rule.bad.iter().flat_map(|text| NAMES.iter().map(move |name| vec![file(name, text)]));
    let older = rule.bad.iter().map(|text| vec![file("main.go", text), file("go.mod", OLDER)]);
    let shared = alone.chain(older).filter_map(|files| shown(rule, files, persona)).next()?;
    encode(&shared).ok()
}

fn file(name: &str, text: &str) -> FileText {
    FileText { name: name.to_owned(), text: text.to_owned() }
}

fn shown(rule: &RuleInfo, files: Vec<FileText>, persona: &str) -> Option<Shared> {
    let mut session = Session::new();
    session.answer(Ask::Open { files: files.clone(), before: Vec::new() });
    let Answer::Review { review, .. } = session.answer(Ask::Review {
        persona: persona.to_owned(),
        remarks: Vec::new(),
        answers: Vec::new(),
        beside: String::new(),
    }) else {
        return None;
    };
    let finding = review.findings.iter().find(|finding| finding.rule == rule.id)?;
    Some(Shared {
        files: files.into_iter().map(|FileText { name, text }| SharedFile { name, text }).collect(),
        persona: persona.to_owned(),
        focus: Some(Focus {
            rule: rule.id.clone(),
            file: finding.place.file.clone(),
            line: finding.place.range.line,
            snippet: finding.snippet,
        }),
        engine: gopeer_engine::VERSION.to_owned(),
        ..Shared::default()
    })
}
