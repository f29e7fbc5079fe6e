//! What a reader says of findings: kept, found again, in links.

use gopeer_engine::protocol::{Decision, SilencedBy};

use super::*;

fn remark(page: &mut Page, finding: &str, decision: u8, text: &str) {
    let (finding, text) = (finding.to_owned(), text.to_owned());
    page.act(Action::Panel(PanelAction::Remark { finding, decision, text }));
    page.settle();
}

fn sleeps(page: &Page) -> Vec<String> {
    queries::visible_ids(&page.state).into_iter().filter(|id| id.contains("duration-without-unit")).collect()
}

/// A page with two findings, of which the second was dismissed and the first has a note.
fn with_remarks() -> Page {
    let mut page = Page::with_code("", THREE);
    let [first, second] = &sleeps(&page)[..] else { panic!("{:?}", page.review().findings) };
    remark(&mut page, first, 0, "Ask Ann.");
    remark(&mut page, second, 2, "ticks of the test clock");
    page
}

fn noted(page: &Page) -> Vec<&str> {
    page.review().findings.iter().filter_map(|finding| Some(finding.remark.as_ref()?.text.as_str())).collect()
}

fn dismissed(page: &Page) -> Vec<&str> {
    let silenced = page.review().suppressed.iter().filter(|silenced| silenced.by == SilencedBy::Dismissed);
    silenced.map(|silenced| silenced.reason.as_str()).collect()
}

#[test]
fn a_dismissed_finding_is_gone_and_comes_back() {
    let mut page = with_remarks();
    assert_eq!(
        (sleeps(&page).len(), noted(&page), dismissed(&page)),
        (1, vec!["Ask Ann."], vec!["ticks of the test clock"])
    );
    assert!(page.took(|effect| matches!(effect, Effect::Save)), "it is kept with the draft");
    let id = page.review().suppressed[0].finding.clone();
    page.act(Action::Panel(PanelAction::Unremark(id)));
    page.settle();
    assert_eq!((sleeps(&page).len(), dismissed(&page)), (2, vec![]));
}

#[test]
fn what_was_said_can_be_changed_and_taken_back() {
    let mut page = with_remarks();
    let id = sleeps(&page)[0].clone();
    remark(&mut page, &id, 1, "Ann agrees.");
    assert_eq!(noted(&page), ["Ann agrees."]);
    assert_eq!(page.state.remarks.len(), 2, "instead of the note");
    assert!(page.state.remarks.iter().any(|remark| remark.decision == Decision::Accepted));
    remark(&mut page, &id, 0, "");
    assert_eq!((noted(&page), page.state.remarks.len()), (vec![], 1));
}

#[test]
fn remarks_survive_edits_elsewhere_and_a_reload() {
    let mut page = with_remarks();
    page.type_text(0, 0, "// A comment above it all.\n");
    page.settle();
    assert_eq!((noted(&page), dismissed(&page)), (vec!["Ask Ann."], vec!["ticks of the test clock"]));
    let files = page.state.work.files.iter().map(|file| (file.name.clone(), file.text.to_string())).collect();
    let draft = Draft { files, remarks: page.state.remarks.to_vec(), ..Draft::default() };
    let state = State::new(Start { draft: Some(draft), ..Start::default() });
    assert_eq!(state.remarks, page.state.remarks);
}

#[test]
fn who_takes_back_a_new_start_has_the_remarks_again() {
    let mut page = with_remarks();
    page.act(Action::Files(FilesAction::Clear));
    page.settle();
    assert!(page.state.remarks.is_empty(), "they belong to the earlier draft");
    page.act(Action::Files(FilesAction::Undo));
    page.settle();
    assert_eq!((noted(&page), dismissed(&page)), (vec!["Ask Ann."], vec!["ticks of the test clock"]));
}

#[test]
fn a_link_carries_remarks_and_filters_and_nothing_of_other_code() {
    let mut sender = with_remarks();
    sender.act(Action::Panel(PanelAction::View { name: "group".to_owned(), value: "rule".to_owned() }));
    sender.act(Action::Panel(PanelAction::View { name: "text".to_owned(), value: "sleep".to_owned() }));
    let link = link_of(&sender, None);
    let hash = link.split_once('#').expect("a fragment").1.to_owned();
    let mut reader = Page::with_code("", LEAKY);
    let own = reader.review().findings[0].id.clone();
    remark(&mut reader, &own, 0, "mine");
    reader.act(Action::Link(LinkAction::Hash(hash)));
    reader.settle();
    assert_eq!((noted(&reader), dismissed(&reader)), (vec!["Ask Ann."], vec!["ticks of the test clock"]));
    assert_eq!(reader.state.filter, sender.state.filter);
    let id = sleeps(&reader)[0].clone();
    remark(&mut reader, &id, 2, "no");
    assert_eq!(noted(&reader), ["Ask Ann."], "read-only");
    reader.act(Action::Link(LinkAction::EditCopy));
    reader.settle();
    let id = sleeps(&reader)[0].clone();
    remark(&mut reader, &id, 1, "agreed");
    assert_eq!(noted(&reader), ["agreed"]);

    // The code is replaced: what was said of the old code stays here.
    let text = reader.text().to_owned();
    reader.type_text(0, text.len() as u32, LEAKY);
    reader.settle();
    assert!(!reader.state.remarks.is_empty());
    assert!(linkable(&reader.state, "").remarks.is_empty());
}

#[test]
fn leaving_a_link_brings_ones_own_remarks_back() {
    let sender = with_remarks();
    let hash = link_of(&sender, None).split_once('#').expect("a fragment").1.to_owned();
    let mut reader = Page::with_code("", LEAKY);
    let own = reader.review().findings[0].id.clone();
    remark(&mut reader, &own, 0, "mine");
    reader.act(Action::Link(LinkAction::Hash(hash)));
    reader.settle();
    reader.act(Action::Link(LinkAction::Leave));
    reader.settle();
    assert_eq!(noted(&reader), ["mine"]);
}

#[test]
fn decisions_of_the_first_format_are_found_by_their_ids() {
    let page = Page::with_code("", THREE);
    let id = sleeps(&page)[0].clone();
    let files = vec![gopeer_link::SharedFile { name: "main.go".to_owned(), text: THREE.to_owned() }];
    let mark = gopeer_link::Mark { finding: id, accepted: false, reason: "old".to_owned() };
    let shared =
        gopeer_link::Shared { files, verdicts: vec![mark], persona: "senior".to_owned(), ..Default::default() };
    let mut reader = Page::with_code("", LEAKY);
    reader.act(Action::Link(LinkAction::Hash(gopeer_link::encode(&shared).expect("a link"))));
    reader.settle();
    assert_eq!(dismissed(&reader), ["old"]);
    let again = linkable(&reader.state, "");
    assert_eq!((again.remarks.len(), again.verdicts.len()), (1, 0));
}

#[test]
fn a_review_of_any_length_can_be_shared() {
    let mut page = Page::with_code("", THREE);
    let drawn = page.state.drawn.as_mut().expect("a review");
    let review = Rc::make_mut(&mut drawn.review);
    review.findings = vec![review.findings[0].clone(); gopeer_link::MAX_ITEMS + 1];
    let shared = linkable(&page.state, "");
    assert_eq!((shared.files.len(), shared.found.len()), (1, 0));
    assert!(shared.to_bytes().is_ok());
}

#[test]
fn a_reader_learns_how_many_findings_came_and_went() {
    let sender = Page::with_code("", THREE);
    let mut shared = linkable(&sender.state, "");
    shared.digest ^= 1;
    shared.found.pop();
    shared.found.extend([1, 2]);
    let mut reader = Page::with_code("", LEAKY);
    reader.act(Action::Link(LinkAction::Hash(gopeer_link::encode(&shared).expect("a link"))));
    reader.settle();
    let said = queries::linked_differs(&reader.state).expect("it differs");
    assert!(said.ends_with(": 1 new, 2 gone."), "{said}");
}
