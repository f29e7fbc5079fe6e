//! The rules that a persona brings for its team: calls by qualified name, with conditions on their arguments.

use std::collections::BTreeMap;
use std::rc::Rc;

#[cfg(feature = "embedded")]
use gopeer_api::{Index, ObjectKind};
use gopeer_lint::{Call, Cx, Errors, Finding, Object, PieceResult, Rule, ask};
use gopeer_sema::value::Value;
use gopeer_syntax::ast::Expr;

use crate::document::{Document, Kind};
use crate::module::{PackageKey, package_key};
use crate::persona::{Condition, Files, TeamRule, Test};
#[cfg(feature = "embedded")]
use crate::protocol::Note;
use crate::protocol::Severity;
use crate::run::{FileResults, PackageState, view};

/// The rules of teams that a session has met, each id once. Findings refer to a rule for as long as the program runs.
#[derive(Default)]
pub(crate) struct Team(Vec<&'static Rule>);

impl Team {
    /// The rules that stand for these.
    pub(crate) fn rules(&mut self, of: &[TeamRule]) -> Vec<&'static Rule> {
        of.iter().map(|rule| self.rule(&rule.id)).collect()
    }

    fn rule(&mut self, id: &str) -> &'static Rule {
        if let Some(known) = self.0.iter().find(|known| known.id == id) {
            return known;
        }
        let rule: &'static Rule = Box::leak(Box::new(Rule {
            id: Box::leak(id.into()),
            severity: gopeer_lint::Severity::Medium,
            examines: "calls",
            ..Rule::NONE
        }));
        self.0.push(rule);
        rule
    }
}

/// What these rules say of each document. They count as the rules from index `first` on, and findings name `named`.
pub(crate) fn examine(
    documents: &[Document],
    packages: &BTreeMap<PackageKey, PackageState>,
    (rules, named): (&[TeamRule], &[&'static Rule]),
    first: usize,
) -> FileResults {
    let of_document = |document: &Document| {
        let mut result = PieceResult::default();
        let package = packages.get(&package_key(document)).filter(|_| document.kind == Kind::Go && !document.left_out);
        let Some(package) = package.filter(|_| !rules.is_empty()) else { return result };
        let is_test = document.info.is_test();
        let mut examined = vec![0; rules.len()];
        for piece in &document.pieces {
            let Some(of_piece) = view(piece) else { continue };
            ask(&of_piece, &document.info, package.view(), |cx| {
                let errors = Errors::of(cx.tree);
                for (id, expr) in cx.tree.all_exprs() {
                    let Some(call) = matches!(expr, Expr::Call { .. }).then(|| cx.call(id)).flatten() else { continue };
                    for ((rule, &named), examined) in rules.iter().zip(named).zip(&mut examined) {
                        if looks_at(rule, is_test)
                            && is_of(&call.callee, &rule.calls)
                            && !errors.any_inside(cx.span(call.expr))
                        {
                            *examined += 1;
                            if rule.when.iter().all(|when| answer(cx, &call, when) == Some(when.holds)) {
                                result.found.push((piece.start, finding(cx, &call, rule, named)));
                            }
                        }
                    }
                }
            });
        }
        let counted = examined.into_iter().enumerate().filter(|(_, examined)| *examined > 0);
        result.examined = counted.map(|(at, examined)| ((first + at) as u16, examined)).collect();
        result
    };
    documents.iter().map(of_document).map(Rc::new).collect()
}

fn looks_at(rule: &TeamRule, is_test: bool) -> bool {
    match rule.files {
        Files::Production => !is_test,
        Files::Tests => is_test,
        Files::All => true,
    }
}

fn is_of(object: &Object, names: &[String]) -> bool {
    names.iter().any(|name| object.is(&[name]))
}

fn finding(cx: &Cx, call: &Call, rule: &TeamRule, named: &'static Rule) -> Finding {
    let note = Some(&rule.note).filter(|note| !note.is_empty());
    Finding {
        rule: named,
        severity: severity(rule.severity),
        confidence: named.confidence,
        span: cx.span(call.fun),
        message: rule.message.replace("{call}", called(cx, call)),
        notes: note.map(|note| (None, note.clone())).into_iter().collect(),
        steps: Vec::new(),
        fixes: Vec::new(),
        one_of: Some("calls in this file do the same"),
        asks: None,
        cause: None,
        excuse: None,
    }
}

/// What is called, as the code writes it; of what is long or takes several lines, the name alone.
fn called<'c>(cx: &'c Cx, call: &Call) -> &'c str {
    const LONGEST: usize = 80;
    let written = cx.source(call.fun);
    let is_short = written.len() <= LONGEST && !written.contains(char::is_control);
    if is_short { written } else { cx.source(call.name) }
}

fn severity(severity: Severity) -> gopeer_lint::Severity {
    match severity {
        Severity::Low => gopeer_lint::Severity::Low,
        Severity::Medium => gopeer_lint::Severity::Medium,
        Severity::High => gopeer_lint::Severity::High,
        Severity::Critical => gopeer_lint::Severity::Critical,
    }
}

/// What can be said of the argument of a call; nothing where too little is known of it.
fn answer(cx: &Cx, call: &Call, condition: &Condition) -> Option<bool> {
    let argument = *call.args.get(condition.argument as usize)?;
    Some(match condition.test {
        Test::Constant if cx.constant_value(argument).is_some() => true,
        Test::Constant if cx.ty(argument).is_unknown() => return None,
        Test::Constant => false,
        Test::Text => cx.string_value(argument)? == condition.texts.first()?.as_str(),
        Test::Begins => cx.string_value(argument)?.starts_with(condition.texts.first()?),
        Test::Number => cx.int_value(argument)? == condition.number,
        Test::Less => cx.int_value(argument)? < condition.number,
        Test::More => cx.int_value(argument)? > condition.number,
        Test::Truth => {
            matches!(cx.constant_value(argument)?, Value::Bool(value) if i64::from(*value) == condition.number)
        }
        Test::Is => is_of(&cx.object(argument).or_else(|| cx.callee(argument))?, &condition.texts),
        Test::Type => condition.texts.iter().any(|name| cx.has_type(argument, &[name])),
    })
}

/// What rules name that packages of the index do not have: such a rule finds nothing, unless the code has another version of a package.
#[cfg(feature = "embedded")]
pub(crate) fn missing(rules: &[TeamRule], index: &Index) -> Vec<Note> {
    let of_rule = |rule: &TeamRule| {
        let named = rule.when.iter().filter(|when| matches!(when.test, Test::Is | Test::Type));
        let named = named.flat_map(|when| &when.texts);
        let missing: Vec<&String> = rule.calls.iter().chain(named).filter(|name| is_missing(name, index)).collect();
        missing
            .into_iter()
            .map(|name| Note {
                message: format!("{} may find nothing with {name}: the index of packages has no such name.", rule.id),
                place: None,
            })
            .collect::<Vec<_>>()
    };
    rules.iter().flat_map(of_rule).collect()
}

/// Whether the index has the package of `path.Name` or `path.Type.Method`, and not that.
#[cfg(feature = "embedded")]
fn is_missing(full: &str, index: &Index) -> bool {
    let Some((rest, name)) = full.rsplit_once('.') else { return false };
    if let Some(package) = index.package(rest) {
        return package.complete() && package.lookup(name).is_none();
    }
    let Some((path, recv)) = rest.rsplit_once('.') else { return false };
    let Some(package) = index.package(path).filter(|package| package.complete()) else { return false };
    match package.lookup(recv).map(|object| object.kind()) {
        Some(ObjectKind::Type(decl)) => !decl.alias && decl.method(name).is_none(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_made_once() {
        let mut team = Team::default();
        let rule = |id: &str, severity| TeamRule {
            id: id.to_owned(),
            calls: Vec::new(),
            severity,
            files: Files::All,
            message: String::new(),
            note: String::new(),
            when: Vec::new(),
        };
        let first = team.rules(&[rule("team/a", Severity::Low), rule("team/b", Severity::Low)]);
        let second = team.rules(&[rule("team/b", Severity::High), rule("team/a", Severity::Low)]);
        assert!(std::ptr::eq(first[0], second[1]) && std::ptr::eq(first[1], second[0]));
        assert_eq!((first[0].category(), first[0].name()), ("team", "a"));
    }
}
