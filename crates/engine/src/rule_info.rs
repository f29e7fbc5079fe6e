//! The catalogue as data: for `gopeer rules`, `gopeer explain` and the page's rule pages.

use gopeer_lint::doc::{self, ExampleKind};
use gopeer_lint::{FixKind as LintFix, Rule};

use crate::known::TEAM;
use crate::persona::{TeamRule, builtin};
use crate::protocol::{Answer, Ask, Confidence, FileText, FixKind, RuleInfo};
use crate::review::{confidence_of, severity};
use crate::{Persona, Session, report};

/// All rules with their documentation, by id.
pub fn rule_infos() -> Vec<RuleInfo> {
    let personas = builtin();
    let mut all: Vec<RuleInfo> = gopeer_rules::sources().map(|(rule, source)| info(rule, source, &personas)).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

impl From<&TeamRule> for RuleInfo {
    fn from(rule: &TeamRule) -> RuleInfo {
        RuleInfo {
            id: rule.id.clone(),
            title: rule.message.replace("{call}", &rule.calls.join(", ")),
            why: rule.note.clone(),
            category: TEAM.to_owned(),
            severity: rule.severity,
            confidence: Confidence::High,
            fix: FixKind::None,
            equivalents: Vec::new(),
            former_ids: Vec::new(),
            personas: Vec::new(),
            bad: Vec::new(),
            fixed: String::new(),
            good: Vec::new(),
        }
    }
}

fn info(rule: &'static Rule, source: &str, personas: &[Persona]) -> RuleInfo {
    let doc = doc::parse(source);
    let texts = |kind| {
        let chosen = doc.examples.iter().filter(move |example| example.kind == kind);
        chosen.map(|example| doc::markers(&example.text).0).collect::<Vec<_>>()
    };
    let equivalents = rule.equivalents.iter().filter(|name| !name.starts_with("gopeer:"));
    let first_bad = doc.examples.iter().find(|example| example.kind == ExampleKind::Bad);
    RuleInfo {
        id: rule.id.to_owned(),
        category: rule.category().to_owned(),
        severity: severity(rule),
        confidence: confidence_of(rule.confidence),
        fix: match rule.fix {
            LintFix::None => FixKind::None,
            LintFix::Suggested => FixKind::Suggested,
            LintFix::Safe => FixKind::Safe,
        },
        equivalents: equivalents.map(|&name| name.to_owned()).collect(),
        former_ids: rule.former_ids().map(str::to_owned).collect(),
        personas: personas.iter().map(|persona| (persona.id.clone(), persona.rank(rule))).collect(),
        bad: texts(ExampleKind::Bad),
        fixed: first_bad.map_or(String::new(), |bad| fixed(rule, &bad.file, &doc::markers(&bad.text).0)),
        good: texts(ExampleKind::Good),
        title: doc.title,
        why: doc.why,
    }
}

/// The text after the first fix of each of the rule's findings; empty where there is none.
fn fixed(rule: &Rule, file: &str, text: &str) -> String {
    let mut session = Session::new();
    let files = vec![FileText { name: file.to_owned(), text: text.to_owned() }];
    session.answer(Ask::Open { files, before: Vec::new() });
    let Answer::Review { review, .. } = session.answer(Ask::Review {
        persona: "senior".to_owned(),
        remarks: Vec::new(),
        answers: Vec::new(),
        beside: String::new(),
    }) else {
        return String::new();
    };
    let fixes =
        review.findings.iter().filter(|finding| finding.rule == rule.id).filter_map(|finding| finding.fixes.first());
    let fixed = report::apply(text, file, fixes);
    if fixed == text { String::new() } else { fixed }
}
