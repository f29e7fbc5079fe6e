//! What a link opens, and what it leaves alone.

use super::*;

#[test]
fn a_link_opens_the_same_view_elsewhere_and_leaves_the_draft_alone() {
    let sender = Page::with_code("#persona=data", LEAKY);
    let wanted = sender.review().findings[0].id.clone();
    let link = link_of(&sender, Some(wanted.clone()));
    let (base, hash) = link.split_once('#').expect("a fragment");
    assert_eq!(base, "http://x/");

    let mut reader = Page::with_code("", "package mine\n");
    let draft = reader.state.work.files.clone();
    reader.effects.clear();
    reader.act(Action::Link(LinkAction::Hash(hash.to_owned())));
    reader.settle();
    assert_eq!((reader.text(), reader.state.persona.as_str()), (LEAKY, "data"));
    assert_eq!(reader.review(), &Review { stats: reader.review().stats, ..sender.review().clone() });
    assert_eq!(reader.state.selected.as_ref(), Some(&wanted));
    assert!(queries::linked_differs(&reader.state).is_none());
    assert!(!reader.took(|effect| matches!(effect, Effect::Save | Effect::NewDraft)), "the draft is not written");

    reader.act(Action::Files(FilesAction::Clear));
    assert_eq!(reader.text(), LEAKY, "read only");
    reader.act(Action::Link(LinkAction::Leave));
    assert_eq!(reader.state.work.files, draft);
    assert_eq!(reader.state.persona, "senior");
}

/// As if what the index says were on its way: without it nobody knows what a call gives.
fn before_the_index(review: &mut Review) {
    review.partial = true;
    review.digest = 0;
    review.findings.retain(|finding| finding.rule != "errors/unchecked");
}

/// Somebody who opened a link to what only the index finds, before it came; and the id of that finding.
fn opened_before_the_index() -> (Page, String) {
    let sender = Page::with_code("", LEAKY);
    let findings = &sender.review().findings;
    let wanted = findings.iter().find(|finding| finding.rule == "errors/unchecked").expect("it is found").id.clone();
    let link = link_of(&sender, Some(wanted.clone()));

    let mut reader = Page::ready("");
    reader.act(Action::Link(LinkAction::Hash(link.split_once('#').expect("a fragment").1.to_owned())));
    reader.unpack();
    reader.answer_with(before_the_index);
    (reader, wanted)
}

fn bring_the_index(page: &mut Page) {
    page.act(Action::Engine(EngineAction::Learned));
    page.settle();
}

#[test]
fn a_link_to_what_the_index_finds_waits_for_it() {
    let (mut reader, wanted) = opened_before_the_index();
    assert!(reader.review().partial && queries::summary(&reader.state).contains("so far"));
    assert_eq!((&reader.state.selected, &reader.state.toast), (&None, &None), "it may still be found");
    assert!(queries::linked_differs(&reader.state).is_none());

    bring_the_index(&mut reader);
    assert_eq!(reader.state.selected.as_ref(), Some(&wanted));
    assert!(!reader.review().partial && queries::linked_differs(&reader.state).is_none());
}

#[test]
fn a_link_does_not_select_another_finding_of_its_rule_before_the_index_is_there() {
    const TWICE: &str = "package main\n\nimport \"net/http\"\n\nfunc serve() {\n\thttp.ListenAndServe(\":1\", nil)\n}\n\n\
        func other() {\n\thttp.ListenAndServe(\":2\", nil)\n}\n";
    let sender = Page::with_code("", TWICE);
    let last = sender.review().findings.iter().max_by_key(|finding| finding.place.range.line).expect("findings");
    let (rule, wanted) = (last.rule.clone(), last.id.clone());
    let link = link_of(&sender, Some(wanted.clone()));

    let mut reader = Page::ready("");
    reader.act(Action::Link(LinkAction::Hash(link.split_once('#').expect("a fragment").1.to_owned())));
    reader.unpack();
    // As if the one that the link points at needed the index, and the other one did not.
    let gone = |review: &mut Review| {
        review.partial = true;
        review.findings.retain(|finding| finding.id != wanted);
    };
    reader.answer_with(gone);
    assert!(reader.review().findings.iter().any(|finding| finding.rule == rule), "another one of the rule is there");
    assert_eq!(reader.state.selected, None, "the other one is not meant");
    bring_the_index(&mut reader);
    assert_eq!(reader.state.selected.as_ref(), Some(&wanted));
}

#[test]
fn the_finding_of_a_link_stays_in_view_when_the_review_is_complete() {
    let sender = Page::with_code("", LEAKY);
    let wanted = sender.review().findings.last().expect("findings").id.clone();
    let link = link_of(&sender, Some(wanted.clone()));
    let mut reader = Page::ready("");
    reader.act(Action::Link(LinkAction::Hash(link.split_once('#').expect("a fragment").1.to_owned())));
    reader.unpack();
    reader.answer_with(|review| review.partial = true);
    assert_eq!(reader.state.selected.as_ref(), Some(&wanted), "it is there before the index is");
    reader.effects.clear();
    bring_the_index(&mut reader);
    assert!(reader.took(|effect| matches!(effect, Effect::ScrollTo { id } if *id == wanted)));
}

#[test]
fn where_the_index_could_not_be_loaded_nobody_is_told_that_the_findings_differ() {
    let sender = Page::with_code("", LEAKY);
    let link = link_of(&sender, None);
    let hash = link.split_once('#').expect("a fragment").1.to_owned();
    let without = |review: &mut Review| {
        before_the_index(review);
        review.partial = false;
    };

    let mut reader = Page::ready("");
    reader.act(Action::Link(LinkAction::Hash(hash)));
    reader.unpack();
    reader.answer_with(without);
    assert!(reader.review().findings.len() < sender.review().findings.len());
    assert!(queries::linked_differs(&reader.state).is_none());

    reader.act(Action::Link(LinkAction::EditCopy));
    reader.answer_with(without);
    let again = link_of(&reader, None);
    let fragment = again.split_once('#').expect("a fragment").1;
    assert_eq!(gopeer_link::decode(fragment).expect("our own link").digest, 0, "nor tells others so");
}

#[test]
fn a_link_does_not_take_the_reader_from_what_was_chosen_meanwhile() {
    let (mut reader, _) = opened_before_the_index();
    let chosen = reader.review().findings.first().expect("names alone find one").id.clone();
    reader.act(Action::Panel(PanelAction::Select(chosen.clone())));
    bring_the_index(&mut reader);
    assert_eq!(reader.state.selected.as_ref(), Some(&chosen));
}

#[test]
fn a_copy_of_a_link_can_be_edited_and_becomes_another_draft() {
    let sender = Page::with_code("", LEAKY);
    let link = link_of(&sender, None);
    let mut reader = Page::ready(link.split_once('#').unwrap().1);
    assert!(reader.state.read_only());
    let shown = reader.state.work.active;
    reader.effects.clear();
    reader.act(Action::Link(LinkAction::EditCopy));
    assert!(!reader.state.read_only());
    assert_ne!(reader.state.work.active, shown, "the editor keeps the shown file read-only");
    assert!(reader.took(|effect| matches!(effect, Effect::NewDraft)));
    reader.type_text(0, 0, "// mine\n");
    assert!(reader.text().starts_with("// mine\npackage main"));
}

#[test]
fn broken_links_leave_everything_as_it_is() {
    let sender = Page::with_code("", LEAKY);
    let link = link_of(&sender, None);
    let hash = link.split_once('#').unwrap().1;
    let cut = &hash[..hash.len() / 2];
    for broken in [cut, "v1.!!!", "v9.abc", "nonsense", "v1."] {
        let mut page = Page::with_code("", "package mine\n");
        page.act(Action::Link(LinkAction::Hash(broken.to_owned())));
        page.settle();
        assert!(page.state.broken_link.is_some(), "{broken}");
        assert!(!page.state.read_only());
        assert_eq!(page.text(), "package mine\n");
    }
}

#[test]
fn until_a_link_is_open_nothing_else_is_asked_of_worker_and_editor() {
    let sender = Page::with_code("", LEAKY);
    let link = link_of(&sender, None);
    let mut page = Page::new(link.split_once('#').unwrap().1);
    page.act(Action::Page(PageAction::Started));
    page.act(Action::Page(PageAction::Editor(true)));
    page.act(Action::Engine(EngineAction::Ready { version: "0".to_owned() }));
    assert!(page.waiting.is_empty() && !page.took(|effect| matches!(effect, Effect::Show)));
    page.settle();
    assert!(page.took(|effect| matches!(effect, Effect::Show)));
    assert_eq!((page.text(), page.review().findings.is_empty()), (LEAKY, false));
}

#[test]
fn only_the_newest_link_is_opened() {
    let links: Vec<String> = ["package a\n", "package b\n"]
        .into_iter()
        .map(|code| link_of(&Page::with_code("", code), None).split_once('#').unwrap().1.to_owned())
        .collect();
    let mut page = Page::with_code("", "package mine\n");
    for link in &links {
        page.act(Action::Link(LinkAction::Hash(link.clone())));
    }
    page.links.reverse();
    page.settle();
    assert_eq!(page.text(), "package b\n");

    page.act(Action::Link(LinkAction::Leave));
    page.act(Action::Link(LinkAction::Hash(links[0].clone())));
    page.act(Action::Link(LinkAction::Hash("persona=data".to_owned())));
    page.settle();
    assert_eq!(page.text(), "package mine\n", "the address went on before the link was open");
}
