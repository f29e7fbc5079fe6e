//! Walking along the path of a finding.

use super::*;

/// The page with that path, whose second step is in the other file; and the id of its finding.
fn with_a_path() -> (Page, String) {
    let mut page = Page::ready("");
    page.act(Action::Files(FilesAction::Pasted { text: PATH.to_owned(), over_all: true }));
    page.answer();
    page.answer_with(|review| {
        let lost = review.findings.iter_mut().find(|finding| !finding.steps.is_empty()).expect("it has a path");
        lost.steps[1].place.file = "wait.go".to_owned();
    });
    page.settle();
    let lost = page.review().findings.iter().find(|finding| !finding.steps.is_empty()).expect("it has a path");
    assert_eq!((lost.rule.as_str(), lost.steps.len()), ("context/lost-cancel", 3));
    let id = lost.id.clone();
    (page, id)
}

fn walk(page: &mut Page, by: i32) -> Option<usize> {
    page.effects.clear();
    page.act(Action::Panel(PanelAction::Walk { finding: None, by }));
    page.state.step
}

#[test]
fn a_path_is_walked_in_a_ring_and_across_files() {
    let (mut page, id) = with_a_path();
    assert!(queries::step_marks(&page.state).is_empty(), "nothing is selected");
    assert_eq!(walk(&mut page, 1), Some(0), "the first finding with a path is taken");
    assert_eq!(page.state.selected.as_ref(), Some(&id));
    let announced = &page.state.announced;
    assert!(
        announced.starts_with("Step 1 of 3, load.go line 9: cancel is ") && !announced.contains('`'),
        "{announced}"
    );
    assert_eq!(queries::step_marks(&page.state).len(), 2, "the other one is in the other file");
    let focus = |effect: &Effect| matches!(effect, Effect::Reveal { focus: true, .. });
    assert!(!page.took(focus), "the focus stays where the key was pressed");

    assert_eq!(walk(&mut page, 1), Some(1));
    assert_eq!(page.state.work.active_file().name, "wait.go");
    assert!(page.took(|effect| matches!(effect, Effect::Show)) && page.took(|effect| matches!(effect, Effect::Mark)));
    assert_eq!(queries::step_marks(&page.state).len(), 1);
    assert_eq!(walk(&mut page, 1), Some(2));
    assert_eq!(page.state.work.active_file().name, "load.go");
    assert_eq!(walk(&mut page, 1), Some(0), "after the last comes the first");
    assert_eq!(walk(&mut page, -1), Some(2));
}

#[test]
fn a_step_is_shown_until_another_finding_is_selected_or_the_text_changes() {
    let (mut page, id) = with_a_path();
    let other = page.review().findings.iter().find(|finding| finding.id != id).map(|finding| finding.id.clone());
    let show =
        |page: &mut Page, step| page.act(Action::Panel(PanelAction::ShowStep { finding: Some(id.clone()), step }));
    show(&mut page, 2);
    let shown = queries::shown_step(&page.state).map(|(finding, at)| (finding.id.clone(), at));
    assert_eq!(shown, Some((id.clone(), 2)));
    show(&mut page, 3);
    assert_eq!(page.state.step, Some(2), "there is no fourth");

    page.act(Action::Panel(PanelAction::Select(id.clone())));
    assert_eq!(page.state.step, None, "the finding as a whole");
    assert_eq!(queries::step_marks(&page.state).len(), 2);
    if let Some(other) = other {
        show(&mut page, 1);
        page.act(Action::Panel(PanelAction::Pick(other)));
        assert_eq!(page.state.step, None);
    }
    show(&mut page, 2);
    page.act(Action::Panel(PanelAction::Persona("data".to_owned())));
    page.settle();
    assert_eq!(page.state.step, Some(2), "another reviewer follows the same path");
    page.type_text(0, 0, "// later\n");
    assert_eq!(page.state.step, None);
    page.settle();
    assert_eq!(queries::shown_step(&page.state), None);
}

#[test]
fn on_a_phone_a_step_shows_the_code_and_the_way_back_its_card() {
    let (mut page, id) = with_a_path();
    page.act(Action::Page(PageAction::Pane(Pane::Findings)));
    page.act(Action::Panel(PanelAction::ShowStep { finding: Some(id.clone()), step: 1 }));
    assert_eq!(page.state.pane, Pane::Code);
    page.effects.clear();
    page.act(Action::Panel(PanelAction::Back));
    assert_eq!((page.state.pane, page.state.step), (Pane::Findings, Some(1)));
    assert!(page.took(|effect| matches!(effect, Effect::ScrollTo { id: card } if *card == id)));
}

#[test]
fn a_finding_without_steps_says_so() {
    let mut page = Page::with_code("", LEAKY);
    assert_eq!((walk(&mut page, 1), page.state.announced.as_str()), (None, ""), "nothing has a path");
    page.act(Action::Panel(PanelAction::Step(1)));
    assert_eq!(walk(&mut page, 1), None);
    assert_eq!(page.state.announced, "This finding has no steps.");
}
