//! Notes on lines: they move with their lines, are kept, and are in links.

use super::*;

fn note(page: &mut Page, line: u32, text: &str) {
    let file = page.state.work.active_file().name.clone();
    page.act(Action::Panel(PanelAction::Note { file, line, text: text.to_owned() }));
}

fn noted(page: &Page) -> Vec<(&str, u32, &str)> {
    page.state.work.notes.iter().map(|note| (note.file.as_str(), note.line, note.text.as_str())).collect()
}

#[test]
fn a_note_goes_where_its_line_goes() {
    let mut page = Page::with_code("", LEAKY);
    note(&mut page, 6, "Why not TLS?");
    assert!(page.took(|effect| matches!(effect, Effect::Save)), "it is kept with the draft");
    page.type_text(0, 0, "// Server.\n");
    assert_eq!(noted(&page), [("main.go", 7, "Why not TLS?")]);
    let file = page.state.work.active;
    page.act(Action::Files(FilesAction::Rename { file, name: "serve.go".to_owned() }));
    assert_eq!(noted(&page), [("serve.go", 7, "Why not TLS?")]);
    page.settle();
    assert!(queries::notes(&page.state.work).starts_with("serve.go\x007\0"));
    note(&mut page, 7, "Behind a proxy?");
    assert_eq!(noted(&page), [("serve.go", 7, "Behind a proxy?")]);
    note(&mut page, 7, "");
    assert_eq!(noted(&page), []);
}

#[test]
fn notes_go_with_their_file_and_come_back_with_it() {
    let mut page = Page::with_code("", LEAKY);
    note(&mut page, 6, "Why not TLS?");
    let file = page.state.work.active;
    page.act(Action::Files(FilesAction::Close { file }));
    assert_eq!(noted(&page), [], "another file has its name now");
    note(&mut page, 1, "Of the empty file.");
    page.act(Action::Files(FilesAction::Undo));
    assert_eq!(noted(&page), [("main.go", 6, "Why not TLS?")]);
    page.act(Action::Files(FilesAction::Clear));
    note(&mut page, 1, "Of the empty file.");
    page.act(Action::Files(FilesAction::Undo));
    assert_eq!(noted(&page), [("main.go", 6, "Why not TLS?")]);
}

#[test]
fn a_link_has_the_notes_and_a_reader_only_reads_them() {
    let mut page = Page::with_code("", LEAKY);
    note(&mut page, 1, "Second.");
    note(&mut page, 6, "First.");
    let link = gopeer_link::encode(&linkable(&page.state, "")).expect("it fits");
    let mut reader = Page::with_code("", "package own\n");
    note(&mut reader, 1, "Mine.");
    reader.act(Action::Link(LinkAction::Hash(format!("#{link}"))));
    reader.settle();
    assert_eq!(noted(&reader), [("main.go", 1, "Second."), ("main.go", 6, "First.")]);
    note(&mut reader, 1, "Changed.");
    assert_eq!(noted(&reader).len(), 2);
    assert_eq!(noted(&reader)[0].2, "Second.");
    reader.act(Action::Link(LinkAction::Leave));
    assert_eq!(noted(&reader), [("main.go", 1, "Mine.")]);
    reader.act(Action::Link(LinkAction::Hash(format!("#{link}"))));
    reader.settle();
    reader.act(Action::Link(LinkAction::EditCopy));
    note(&mut reader, 1, "Changed.");
    assert_eq!(noted(&reader)[0].2, "Changed.");
}

#[test]
fn strictness_hides_what_is_less_severe_or_folds_nothing_and_is_in_the_link() {
    let set = |page: &mut Page, value: &str| {
        page.act(Action::Panel(PanelAction::View { name: "strictness".to_owned(), value: value.to_owned() }));
    };
    let mut page = Page::with_code("", THREE);
    let all = page.review().findings.len();
    let severe = page.review().counts.critical + page.review().counts.high;
    set(&mut page, "quiet");
    assert_eq!(queries::visible_ids(&page.state).len(), severe as usize);
    assert!(!page.state.filter.is_open());
    let shared = linkable(&page.state, "");
    set(&mut page, "strict");
    assert_eq!(queries::visible_ids(&page.state).len(), all);
    assert_eq!(queries::folded(&page.state, page.review()), 0);
    let link = gopeer_link::encode(&shared).expect("it fits");
    let mut reader = Page::ready(&format!("#{link}"));
    reader.settle();
    assert_eq!(reader.state.filter.strictness, "quiet");
    reader.act(Action::Panel(PanelAction::Unfilter));
    assert_eq!(reader.state.filter.strictness, "");
}
