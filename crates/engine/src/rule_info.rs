//! The catalogue as data: for `gopeer rules`, `gopeer explain` and the page's rule pages.

use gopeer_lint::doc::{self, ExampleKind};
use gopeer_lint::{FixKind as LintFix, Rule};

use crate::known::TEAM;
use crate::persona::{TeamRule, builtin};
use crate::protocol::{Answer, Ask, Confidence, FileText, FixKind, RuleInfo};
use crate::review::{confidence_of, severity};
use crate::{Persona, Session, report};

/// All rules with their documentation, by id. [`add_fixed`] adds what takes a review.
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
        fixed: String::new(),
        good: texts(ExampleKind::Good),
        title: doc.title,
        why: doc.why,
    }
}

/// Reviews the first bad example of each of these rules, and gives it as it is after their fixes.
pub fn add_fixed(rules: &mut [RuleInfo]) {
    let mut session = Session::new();
    for (rule, source) in gopeer_rules::sources() {
        let Some(info) = rules.iter_mut().find(|info| info.id == rule.id) else { continue };
        let examples = doc::parse(source).examples;
        if let Some(bad) = examples.iter().find(|example| example.kind == ExampleKind::Bad) {
            info.fixed = fixed(&mut session, rule, &bad.file, &doc::markers(&bad.text).0);
        }
    }
}

/// The text after the first fix of each of the rule's findings; empty where there is none.
fn fixed(session: &mut Session, rule: &Rule, file: &str, text: &str) -> String {
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
