//! Reviewers of one's own: files among the others.

use gopeer_engine::protocol::{FileText, PersonaCard};

use super::*;

const TEAM: &str = "+++\nid = \"shop\"\nname = \"Shop\"\ntagline = \"t\"\n+++\n";

fn bring(page: &mut Page, text: &str) {
    let file = FileText { name: "team.md".to_owned(), text: text.to_owned() };
    page.act(Action::Files(FilesAction::Bring { file, edit: false }));
}

/// What the worker says when it has read the file.
fn brought(page: &mut Page, id: Option<&str>) {
    let card = id.map(|id| PersonaCard { id: id.to_owned(), name: id.to_owned(), ..PersonaCard::default() });
    page.act(Action::Engine(EngineAction::Brought { file: "team.md".to_owned(), card }));
    page.settle();
}

/// A page on which the reviewer `shop` reviews.
fn shop() -> Page {
    let mut page = Page::with_code("", LEAKY);
    bring(&mut page, TEAM);
    brought(&mut page, Some("shop"));
    page
}

fn close(page: &mut Page) {
    let file = page.state.work.named("team.md").expect("it is open").id;
    page.act(Action::Files(FilesAction::Close { file }));
    page.settle();
}

#[test]
fn nobody_reviews_in_place_of_a_reviewer_that_is_being_read() {
    let mut page = Page::with_code("", LEAKY);
    bring(&mut page, TEAM);
    page.settle();
    assert_eq!(page.review().persona.id, "senior", "the review from before");
    assert!(!page.state.has_reviewer() && page.text() == LEAKY, "the code stays in sight");
    brought(&mut page, Some("shop"));
    assert_eq!((page.state.persona.as_str(), page.review().persona.name.as_str()), ("shop", "Shop"));
}

#[test]
fn it_is_followed_when_its_id_changes_and_stays_when_the_file_has_faults() {
    let mut page = shop();
    brought(&mut page, None);
    assert_eq!(page.state.persona, "shop");
    brought(&mut page, Some("store"));
    assert_eq!(page.state.persona, "store");
    page.act(Action::Panel(PanelAction::Persona("data".to_owned())));
    brought(&mut page, Some("shop"));
    assert_eq!(page.state.persona, "data", "the visitor chose another one meanwhile");
    page.act(Action::Page(PageAction::Key("6".to_owned())));
    assert_eq!(page.state.persona, "shop");
    page.act(Action::Panel(PanelAction::Persona("nobody".to_owned())));
    assert_eq!(page.state.persona, "shop");
}

#[test]
fn without_its_file_senior_reviews() {
    let mut page = shop();
    close(&mut page);
    assert_eq!((page.state.persona.as_str(), &page.state.own), ("senior", &None));
    assert_eq!(page.review().persona.id, "senior");
    bring(&mut page, "+++\nid = 3\n+++\n");
    brought(&mut page, None);
    assert_eq!(page.state.persona, "senior", "it cannot be read");
    assert!(page.review().notes.iter().any(|note| note.message.starts_with("team.md is not used")));
}

#[test]
fn a_new_one_takes_the_place_of_the_old_one() {
    let mut page = shop();
    let id = page.state.work.named("team.md").map(|file| file.id);
    bring(&mut page, &TEAM.replace("shop", "store"));
    brought(&mut page, Some("store"));
    assert_eq!(page.state.work.files.len(), 2);
    assert_eq!(page.state.work.named("team.md").map(|file| file.id), id, "and its undo history");
    assert_eq!(page.state.persona, "store");
}

#[test]
fn the_same_one_once_more_reviews_without_being_read_again() {
    let mut page = shop();
    page.act(Action::Panel(PanelAction::Persona("data".to_owned())));
    bring(&mut page, TEAM);
    page.settle();
    assert_eq!((page.state.persona.as_str(), page.review().persona.id.as_str()), ("shop", "shop"));
}

#[test]
fn it_reviews_again_when_its_file_comes_back() {
    let mut page = shop();
    close(&mut page);
    page.act(Action::Files(FilesAction::Undo));
    brought(&mut page, Some("shop"));
    assert_eq!((page.state.persona.as_str(), page.review().persona.id.as_str()), ("shop", "shop"));
}

#[test]
fn alone_it_is_no_code() {
    let mut page = Page::ready("");
    bring(&mut page, TEAM);
    brought(&mut page, Some("shop"));
    assert!(page.state.work.is_blank() && page.state.drawn.is_none());
}

#[test]
fn a_project_names_its_file() {
    let configured = |page: &mut Page| {
        let persona = Some("team.md".to_owned());
        page.act(Action::Engine(EngineAction::Configured { file: ".gopeer.toml".to_owned(), persona }));
    };
    let project = format!("-- a.go --\npackage a\n-- .gopeer.toml --\npersona = \"team.md\"\n-- team.md --\n{TEAM}");
    for is_read_first in [true, false] {
        let mut page = Page::ready("");
        paste_over(&mut page, &project);
        page.settle();
        if is_read_first {
            brought(&mut page, Some("shop"));
            assert_eq!(page.state.persona, "senior", "nobody asked for it yet");
        }
        configured(&mut page);
        brought(&mut page, Some("shop"));
        assert_eq!(page.state.persona, "shop");
    }
    for is_read_first in [true, false] {
        let mut page = Page::ready("");
        paste_over(&mut page, &project);
        if is_read_first {
            brought(&mut page, None);
        }
        configured(&mut page);
        if !is_read_first {
            brought(&mut page, None);
        }
        page.settle();
        assert_eq!(page.review().persona.id, "senior", "it has faults");
    }
    let mut page = Page::with_code("", LEAKY);
    configured(&mut page);
    page.settle();
    assert_eq!(page.state.persona, "senior", "there is no such file");
}

#[test]
fn links_and_drafts_bring_it_back() {
    let sender = shop();
    let link = link_of(&sender, None);
    let mut reader = Page::ready(link.split_once('#').expect("a link").1);
    reader.settle();
    assert_eq!(reader.state.persona, "shop", "whom the link names, once it has been read");
    brought(&mut reader, Some("shop"));
    assert_eq!(reader.review().persona.id, "shop");
    reader.act(Action::Link(LinkAction::EditCopy));
    reader.settle();
    assert_eq!(reader.review().persona.id, "shop", "the worker does not read the same file again");
    let other = Page::with_code("#persona=data", LEAKY);
    assert_eq!(other.state.persona, "data");
    let mut reader = Page::ready(link_of(&other, None).split_once('#').expect("a link").1);
    reader.settle();
    brought(&mut reader, Some("shop"));
    assert_eq!(reader.state.persona, "data", "a file that nobody asked to review does not");
}
