//! What a reader says of questions: answers change the review, ticks and notes do not; all of it is kept and travels.

use gopeer_engine::protocol::Severity;

use super::*;

const WRITER: &str = "package p\n\nimport \"github.com/segmentio/kafka-go\"\n\nvar writer = &kafka.Writer{Addr: kafka.TCP(\"b:9092\"), Topic: \"orders\", RequiredAcks: kafka.RequireNone}\n";

fn say(page: &mut Page, question: &str, said: &str) {
    page.act(Action::Panel(PanelAction::Say { question: question.to_owned(), said: said.to_owned() }));
    page.settle();
}

fn acks(page: &Page) -> Severity {
    let mut findings = page.review().findings.iter();
    findings.find(|finding| finding.rule == "kafka/weak-acks").expect("it is found").severity
}

#[test]
fn an_answer_changes_the_review_until_it_is_taken_back() {
    let mut page = Page::with_code("", WRITER);
    assert_eq!(acks(&page), Severity::High);
    say(&mut page, "delivery", "at-least-once");
    assert_eq!(acks(&page), Severity::Critical);
    assert!(page.took(|effect| matches!(effect, Effect::Save)), "it is kept with the draft");
    say(&mut page, "delivery", "at-most-once");
    assert_eq!((acks(&page), page.state.said.len()), (Severity::Medium, 1));
    say(&mut page, "delivery", "");
    assert_eq!((acks(&page), page.state.said.len()), (Severity::High, 0));
}

#[test]
fn a_tick_needs_no_new_review() {
    let mut page = Page::with_code("", WRITER);
    page.act(Action::Panel(PanelAction::Say {
        question: "senior: Who is paged?".to_owned(),
        said: "[x] Ann".to_owned(),
    }));
    assert!(page.waiting.is_empty());
    assert_eq!(page.state.said.len(), 1);
}

#[test]
fn drafts_keep_what_was_said_and_those_of_before_their_ticks() {
    let files = vec![("a.go".to_owned(), WRITER.to_owned())];
    let said = vec![("delivery".to_owned(), "at-least-once".to_owned())];
    let old = Draft { files: files.clone(), before: vec![1, 200], versions: String::new(), ..Draft::default() };
    let new = Draft { versions: "\u{1}\u{c8}".to_owned(), before: Vec::new(), ..old.clone() };
    for draft in [old, new] {
        let state = State::new(Start { draft: Some(draft), ..Start::default() });
        assert_eq!(*state.work.before, [1, 200]);
    }
    let draft = Draft { files, ticks: vec!["senior: Why?".to_owned()], said, ..Draft::default() };
    let state = State::new(Start { draft: Some(draft), ..Start::default() });
    let [(ticked, mark), (question, answer)] = &state.said[..] else { panic!("{:?}", state.said) };
    assert_eq!((&**ticked, &**mark, &**question, &**answer), ("senior: Why?", "[x]", "delivery", "at-least-once"));
}

#[test]
fn links_carry_what_was_said_of_this_code_and_leave_ones_own_alone() {
    let mut sender = Page::with_code("", WRITER);
    say(&mut sender, "delivery", "at-least-once");
    say(&mut sender, "senior: Who is paged?", "[x] Ann");
    let hash = link_of(&sender, None).split_once('#').expect("a fragment").1.to_owned();
    let mut reader = Page::with_code("", WRITER);
    say(&mut reader, "load", "once");
    reader.act(Action::Link(LinkAction::Hash(hash)));
    reader.settle();
    assert_eq!((acks(&reader), &reader.state.said), (Severity::Critical, &sender.state.said));
    reader.act(Action::Link(LinkAction::EditCopy));
    reader.settle();
    assert_eq!((acks(&reader), reader.state.said.len()), (Severity::Critical, 2), "the copy is of all of it");
    reader.act(Action::Files(FilesAction::Clear));
    assert!(reader.state.said.is_empty(), "it was said of other code");
    reader.act(Action::Files(FilesAction::Undo));
    reader.settle();
    assert_eq!((acks(&reader), reader.state.said.len()), (Severity::Critical, 2));
}

#[test]
fn leaving_a_link_brings_ones_own_answers_back() {
    let mut sender = Page::with_code("", WRITER);
    say(&mut sender, "delivery", "at-least-once");
    let hash = link_of(&sender, None).split_once('#').expect("a fragment").1.to_owned();
    let mut reader = Page::with_code("", WRITER);
    say(&mut reader, "delivery", "at-most-once");
    reader.act(Action::Link(LinkAction::Hash(hash)));
    reader.settle();
    assert_eq!(acks(&reader), Severity::Critical);
    reader.act(Action::Link(LinkAction::Leave));
    reader.settle();
    assert_eq!(acks(&reader), Severity::Medium);
}
