//! Every rule's examples run: a bad one gives exactly its marked findings, its mended text and the good ones give none.
//!
//! `cargo dev test --rule category/name` runs one rule.

mod guides;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gopeer_api::{Index, Module, ObjectKind, Type, TypeRef};
use gopeer_engine::guide::{guides, option_of};
use gopeer_engine::protocol::{self, FileText, Finding, Fix, Review};
use gopeer_engine::{Session, report};
use gopeer_lint::doc::{self, Doc, Example, ExampleKind, Marker};
use gopeer_lint::{FixKind, Hook, Rule, Severity};

fn rules() -> impl Iterator<Item = (&'static Rule, Doc)> {
    let wanted = std::env::var("GOPEER_RULE").ok();
    gopeer_rules::sources()
        .filter(move |(rule, _)| wanted.as_deref().is_none_or(|wanted| wanted == rule.id))
        .map(|(rule, source)| (rule, doc::parse(source)))
}

/// Collects what is wrong with each rule, so that one run shows all.
fn check_all(check: impl Fn(&'static Rule, &Doc) -> Vec<String>) {
    let mut checked = 0;
    let mut faults = Vec::new();
    for (rule, doc) in rules() {
        checked += 1;
        faults.extend(check(rule, &doc).into_iter().map(|fault| format!("{}: {fault}", rule.id)));
    }
    assert!(checked > 0, "no rule was checked: is there a rule of this name?");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn review(example: &Example, text: &str) -> Review {
    let mut session = Session::new();
    let go_mod = example.go.as_ref().map(|go| ("go.mod", format!("module example.com/example\n\ngo {go}\n")));
    let files = go_mod.into_iter().chain([(&*example.file, text.to_owned())]);
    session.open(files.map(|(name, text)| FileText { name: name.to_owned(), text }).collect());
    session.review("senior").expect("senior is built in")
}

fn findings(rule: &Rule, example: &Example, text: &str) -> Vec<Finding> {
    let review = review(example, text);
    let unparsed = &review.unparsed;
    assert!(unparsed.is_empty(), "{}: the example does not parse: {unparsed:?}\n{text}", rule.id);
    let mut found: Vec<Finding> = review.findings.into_iter().filter(|finding| finding.rule == rule.id).collect();
    found.sort_by_key(|finding| finding.place.range.start);
    found
}

fn show(finding: &Finding) -> String {
    let range = finding.place.range;
    let severity = finding.severity;
    format!("{}:{}-{}:{} {severity:?}: {}", range.line, range.column, range.end_line, range.end_column, finding.message)
}

fn meets(rule: &Rule, marker: &Marker, finding: &Finding) -> bool {
    let range = finding.place.range;
    // A question is never critical.
    let severity = match finding.confidence {
        protocol::Confidence::Low => rule.severity.min(Severity::High),
        _ => rule.severity,
    };
    // A finding over several lines is marked on its first line, to that line's end or with a single caret.
    let width = if range.end_line == range.line { range.end_column - range.column } else { marker.width };
    (range.line, range.column, width) == (marker.line, marker.column, marker.width)
        && finding.severity == shown(marker.severity.unwrap_or(severity))
        && finding.message.contains(&marker.message)
}

/// A severity as a review shows it.
fn shown(severity: Severity) -> protocol::Severity {
    match severity {
        Severity::Low => protocol::Severity::Low,
        Severity::Medium => protocol::Severity::Medium,
        Severity::High => protocol::Severity::High,
        Severity::Critical => protocol::Severity::Critical,
    }
}

fn check_bad(rule: &Rule, example: &Example, fixed: Option<&Example>) -> Vec<String> {
    let (text, mut markers) = doc::markers(&example.text);
    markers.sort_by_key(|marker| (marker.line, marker.column));
    let found = findings(rule, example, &text);
    let mut faults = Vec::new();
    if markers.is_empty() {
        faults.push("a bad example has no marker".to_owned());
    }
    if found.len() != markers.len() || !markers.iter().zip(&found).all(|(marker, finding)| meets(rule, marker, finding))
    {
        let shown: Vec<_> = found.iter().map(show).collect();
        faults.push(format!("wants {markers:#?}\nfound {shown:#?}\nin\n{text}"));
    }
    if let Some(fixed) = fixed {
        faults.extend(check_fixed(rule, example, &text, &found, fixed));
    }
    faults
}

fn check_fixed(rule: &Rule, example: &Example, text: &str, found: &[Finding], fixed: &Example) -> Vec<String> {
    let mut faults = Vec::new();
    let mended = report::apply(text, &example.file, found.iter().filter_map(|finding| finding.fixes.first()));
    let changed = diff(text, &mended);
    if changed.trim_end() != fixed.text.trim_end() {
        faults.push(format!("mending changes\n{changed}\nbut the example says\n{}", fixed.text));
    }
    let left: Vec<_> = findings(rule, example, &mended).iter().map(show).collect();
    if !left.is_empty() {
        faults.push(format!("after mending there is still {left:#?} in\n{mended}"));
    }
    faults
}

/// Each fix of each finding, applied alone: the text still parses, the finding is gone, and no rule finds more than before.
/// That no compile error is new is part of it.
fn check_fixes(rule: &Rule, example: &Example) -> Vec<String> {
    let (text, _) = doc::markers(&example.text);
    let before = review(example, &text);
    let of_rule = before.findings.iter().filter(|finding| finding.rule == rule.id);
    let fixes = of_rule.flat_map(|finding| finding.fixes.iter().map(move |fix| (finding, fix)));
    let fault = |(finding, fix): (&Finding, &Fix)| {
        let fixed = report::apply(&text, &example.file, [fix]);
        let after = review(example, &fixed);
        let (had, has) = (counts(&before), counts(&after));
        let more = has.iter().find(|(id, count)| **count > had.get(*id).copied().unwrap_or(0));
        let fault = if !after.unparsed.is_empty() {
            format!("does not parse: {:?}", after.unparsed)
        } else if has.get(rule.id) >= had.get(rule.id) {
            "does not clear its finding".to_owned()
        } else {
            let (id, _) = more?;
            let of_more = after.findings.iter().filter(|finding| finding.rule == *id).map(show);
            format!("leads to {id}: {:?}", of_more.collect::<Vec<_>>())
        };
        Some(format!("the fix {:?} of {} {fault}\n{}", fix.title, show(finding), diff(&text, &fixed)))
    };
    fixes.filter_map(fault).collect()
}

/// How many places the findings of each rule name: one finding may stand for many.
fn counts(review: &Review) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for finding in &review.findings {
        let others = finding.related.iter().filter(|related| related.place.is_some()).count() + finding.also.len();
        *counts.entry(finding.rule.as_str()).or_default() += 1 + others;
    }
    counts
}

/// The removed and added lines, each with its sign, as they stand in the text.
fn diff(before: &str, after: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    let changed = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changed.map(|change| format!("{}{}", change.tag(), change.value())).collect()
}

fn check_examples(rule: &Rule, doc: &Doc) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, example) in doc.examples.iter().enumerate() {
        let silent = |why: &str| {
            let found = findings(rule, example, &example.text);
            found.iter().map(|finding| format!("{why}: {}\n{}", show(finding), example.text)).collect()
        };
        let more: Vec<String> = match example.kind {
            ExampleKind::Bad => {
                let fixed = doc.examples.get(at + 1).filter(|next| next.kind == ExampleKind::Fixed);
                check_bad(rule, example, fixed)
            }
            ExampleKind::Good => silent("a good example is flagged"),
            ExampleKind::Missed => silent("this is found now, and so no limit any more"),
            ExampleKind::Fixed | ExampleKind::Faulty | ExampleKind::Repaired | ExampleKind::Proof => Vec::new(),
        };
        faults.extend(more);
    }
    faults
}

#[test]
fn examples() {
    check_all(check_examples);
}

/// Variants beyond the examples of the pages: `tests/variants/category/name.md`, in the same form.
fn variants_of(rule: &Rule) -> Option<Doc> {
    let text = std::fs::read_to_string(variants_folder().join(rule.id).with_extension("md"));
    Some(doc::parse_markdown(&text.ok()?))
}

fn variants_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("variants")
}

#[test]
fn fixes_compile_and_add_nothing() {
    check_all(|rule, doc| {
        let variants = variants_of(rule);
        let all = doc.examples.iter().chain(variants.iter().flat_map(|doc| &doc.examples));
        all.filter(|example| example.kind == ExampleKind::Bad).flat_map(|example| check_fixes(rule, example)).collect()
    });
}

/// Where there is a choice between fixes, the header says what each of them gains and costs, and who chooses it: the options that they
/// are, by their titles.
#[test]
fn fixes_to_choose_from_are_options() {
    let guides = guides();
    let with_choice = RefCell::new(BTreeSet::new());
    check_all(|rule, doc| {
        let variants = variants_of(rule);
        let all = doc.examples.iter().chain(variants.iter().flat_map(|doc| &doc.examples));
        let bad = all.filter(|example| example.kind == ExampleKind::Bad);
        let found = bad.flat_map(|example| findings(rule, example, &doc::markers(&example.text).0));
        let guide = guides.get(rule.id);
        let option = |fix: &Fix| Some(option_of(guide?, &fix.title)?.title.as_str());
        let fault = |finding: Finding| {
            let named: Vec<_> = finding.fixes.iter().map(option).collect();
            with_choice.borrow_mut().insert(rule.id);
            let distinct: BTreeSet<_> = named.iter().flatten().collect();
            let titles = || finding.fixes.iter().map(|fix| &fix.title).collect::<Vec<_>>();
            (distinct.len() < named.len()).then(|| format!("{:?} are not options of their own: {named:?}", titles()))
        };
        found.filter(|finding| finding.fixes.len() > 1).filter_map(fault).collect()
    });
    let with_choice = with_choice.into_inner();
    assert!(with_choice.len() >= 10 || std::env::var("GOPEER_RULE").is_ok(), "only {with_choice:?}");
}

#[test]
fn variants() {
    let folder = variants_folder();
    let mut known = 0;
    check_all(|rule, _| variants_of(rule).map(|doc| check_examples(rule, &doc)).unwrap_or_default());
    for category in std::fs::read_dir(&folder).expect("there are variants") {
        let category = category.expect("it can be read").path();
        for file in std::fs::read_dir(&category).expect("it is a folder") {
            let file = file.expect("it can be read").path();
            let name = file.with_extension("");
            let id = name.strip_prefix(&folder).expect("it is in the folder").to_string_lossy().replace('\\', "/");
            assert!(gopeer_rules::all().any(|rule| rule.id == id), "{id} is no rule");
            known += 1;
        }
    }
    assert!(known > 0);
}

#[test]
fn what_does_not_parse_may_read_anything() {
    let found = |line: &str| {
        let text = format!(
            "func save(a, b string) error {{\n\terr := check(a)\n\t{line}\n\terr = check(b)\n\treturn err\n}}\n"
        );
        let files = vec![FileText { name: "example.go".to_owned(), text: text + "\nfunc check(text string) error\n" }];
        let mut session = Session::new();
        session.open(files);
        let review = session.review("senior").expect("senior is built in");
        review.findings.iter().filter(|finding| finding.rule == "correctness/ineffectual-assignment").count()
    };
    assert_eq!((found("b += a"), found("if err {")), (1, 0));
}

#[test]
fn rules_are_named_after_their_files() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/rules/src");
    for rule in gopeer_rules::all() {
        let file = folder.join(rule.id.replace('-', "_")).with_extension("rs");
        let source = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(source.contains(&format!("id: \"{}\",", rule.id)), "{} is not in {}", rule.id, file.display());
    }
}

#[test]
fn documentation_is_whole() {
    check_all(|rule, doc| {
        let has = |kind| doc.examples.iter().any(|example| example.kind == kind);
        let fixes = rule.fix != FixKind::None;
        [
            (doc.title.len() < 20 || !doc.title.ends_with('.'), "the title is a sentence"),
            (rule.examines.len() < 4 || rule.examines.contains("TODO"), "the rule says what it examines"),
            (doc.why.len() < 80, "the documentation says why it hurts and how to mend it"),
            (!has(ExampleKind::Bad), "there is a bad example"),
            (!has(ExampleKind::Good), "there is a good example"),
            (fixes && !has(ExampleKind::Fixed), "a rule with a fix shows it"),
            (!fixes && has(ExampleKind::Fixed), "a rule without a fix shows none"),
            (
                rule.concerns.is_empty() || rule.concerns.iter().any(|(_, s)| !(1..=3).contains(s)),
                "one to three concerns of strength 1 to 3",
            ),
        ]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, wish)| format!("broken: {wish}"))
        .collect()
    });
}

#[test]
fn messages_keep_their_style() {
    const TABOO: [&str; 3] = ["just ", "simply", "please"];
    check_all(|rule, doc| {
        let bad = doc.examples.iter().filter(|example| example.kind == ExampleKind::Bad);
        let all = bad.flat_map(|example| findings(rule, example, &doc::markers(&example.text).0));
        let mut faults = Vec::new();
        for finding in all {
            let titles = finding.fixes.iter().map(|fix| &fix.title);
            for text in [&finding.message]
                .into_iter()
                .chain(finding.related.iter().map(|related| &related.message))
                .chain(titles)
            {
                let lower = format!("{} ", text.to_lowercase());
                if text.ends_with('.') || text.trim() != text || text.is_empty() {
                    faults.push(format!("a message is one sentence without a full stop: {text:?}"));
                }
                if let Some(word) =
                    TABOO.iter().find(|word| lower.split(|c: char| !c.is_alphabetic()).any(|have| have == word.trim()))
                {
                    faults.push(format!("{:?} is not said: {text:?}", word.trim()));
                }
            }
            if finding.message.chars().count() > 160 {
                faults.push(format!("longer than 160 characters: {:?}", finding.message));
            }
            let kinds = finding.fixes.is_empty() == (rule.fix == FixKind::None);
            if !kinds && rule.fix == FixKind::None {
                faults.push("a rule that declares no fix gives one".to_owned());
            }
        }
        faults
    });
}

#[test]
fn ids_are_unique() {
    let mut ids: Vec<_> = gopeer_rules::all().map(|rule| rule.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

/// A name that no library has would never be met: a typing error, or a rule for an API that was never there.
#[test]
fn hooks_name_what_the_index_has() {
    let mut index = Index::default();
    index.read_embedded();
    let mut faults = Vec::new();
    for rule in gopeer_rules::all() {
        for hook in rule.hooks {
            let (Hook::Call(names, _) | Hook::Config(names, _) | Hook::Set(names, _)) = hook else { continue };
            let unknown = names.iter().filter(|name| !has(&index, name));
            faults.extend(unknown.map(|name| format!("{}: {name}", rule.id)));
        }
    }
    assert!(faults.is_empty(), "the index does not have\n{}", faults.join("\n"));
}

/// Whether the index has what a hook names, or does not know the package.
fn has(index: &Index, full: &str) -> bool {
    let slash = full.rfind('/').map_or(0, |at| at + 1);
    let dots = full.match_indices('.').map(|(at, _)| at).filter(|at| *at > slash);
    // `gopkg.in/yaml.v3.Unmarshal`: the last element of a path may have a dot.
    let known = dots.filter_map(|at| Some((index.package(&full[..at])?, &full[at + 1..]))).next_back();
    let Some((package, names)) = known else { return true };
    let (name, rest) = names.split_once('.').map_or((names, None), |(name, rest)| (name, Some(rest)));
    let Some(object) = package.lookup(name) else { return false };
    let (Some(rest), ObjectKind::Type(decl)) = (rest, object.kind()) else { return rest.is_none() };
    decl.method(rest).is_some()
        || match object.module().ty(decl.ty) {
            Type::Interface(interface) => interface.methods().any(|method| method.name == rest),
            Type::Struct(_) => has_field(object.module(), decl.ty, rest),
            // A map of settings has any.
            ty => matches!(ty, Type::Map { .. }),
        }
}

fn has_field(module: &Module, ty: TypeRef, path: &str) -> bool {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Type::Struct(fields) = module.ty(ty) else { return true };
    let mut named = fields.fields().filter(|field| field.name == first);
    named.next().is_some_and(|field| rest.is_none_or(|rest| has_field(module, field.ty, rest)))
}
